/* Commands of admins about the service as a whole. */
#include "command.h"

#include "peppy/buf.h"
#include "peppy/clock.h"

#include "announce.h"

#define COUNTED_MAX 10000 /* nodes looked at for a sum */
#define COUNTED_AT_ONCE 500

/* ---- statistics ---- */

struct sums {
	uint64_t nodes, items, subscriptions, pending;
};

/* Nodes up to COUNTED_MAX. */
static enum pubsub_error add_up(struct command_call *call, struct sums *out)
{
	struct store_range range = {.limit = COUNTED_AT_ONCE};
	struct arena *pages[2] = {arena_create(), arena_create()}; /* after is of the one before */
	enum pubsub_error err = PUBSUB_OK;
	struct pubsub_node *nodes;
	size_t n = COUNTED_AT_ONCE;

	*out = (struct sums){0};
	for (int page = 0; err == PUBSUB_OK && n == COUNTED_AT_ONCE && out->nodes < COUNTED_MAX;
		page = !page) {
		arena_reset(pages[page]);
		err = store_nodes_page(
			call->service.txn, call->session.service, &range, pages[page], &nodes, &n);
		for (size_t i = 0; err == PUBSUB_OK && i < n; i++) {
			out->nodes++;
			out->items += nodes[i].items;
			out->subscriptions += nodes[i].subscribers;
			out->pending += nodes[i].pending;
			range.after = nodes[i].node_id;
		}
	}
	arena_destroy(pages[0]);
	arena_destroy(pages[1]);
	return err;
}

static size_t users_online(const struct command_call *call)
{
	return pep_online_users(
		call->turn->router->pep, call->inquiry->task->component, call->turn->arena)
		.n;
}

COMMAND_RUN(statistics)
{
	const struct router *router = call->turn->router;
	struct sums sums;
	uint64_t nodes = 0;
	enum pubsub_error err = store_nodes_count(call->service.txn, call->session.service, &nodes);

	if (err == PUBSUB_OK)
		err = add_up(call, &sums);
	if (err != PUBSUB_OK)
		return err;
	codec_result_open(&call->w, NULL, "Statistics");
	command_number(call, "num_nodes", "Nodes", nodes);
	if (sums.nodes == nodes) {
		command_number(call, "num_items", "Items", sums.items);
		command_number(call, "num_subscriptions", "Subscriptions", sums.subscriptions);
		command_number(call, "num_pending", "Pending subscriptions", sums.pending);
	} else {
		call->note = "There are too many nodes to add up what they hold.";
	}
	command_number(call, "onlineusersnum", "Users online", users_online(call));
	command_number(call, "uptime", "Seconds since the start",
		(clock_monotonic_us() - router->started_us) / 1000000);
	return PUBSUB_OK;
}

COMMAND_RUN(online)
{
	codec_result_open(&call->w, COMMAND_NS_ADMIN, NULL);
	command_number(call, "onlineusersnum", "The number of online users", users_online(call));
	return PUBSUB_OK;
}

/* ---- announce (XEP-0133 4.23) ---- */

static const char *lines(const struct command_call *call, struct pubsub_texts texts)
{
	struct buf buf = {0};
	const char *text;

	for (size_t i = 0; i < texts.n; i++)
		buf_printf(&buf, "%s%s", i > 0 ? "\n" : "", texts.v[i]);
	text = arena_memdup(call->turn->arena, buf.data, buf.len);
	buf_finish(&buf);
	return text;
}

/* Online users are those whose presence the service has. */
COMMAND_RUN(announce)
{
	struct announcement *announcement = arena_alloc(call->turn->arena, sizeof *announcement);

	if (announce_is_busy(call->turn))
		return PUBSUB_ERR_RATE_LIMIT;
	*announcement = (struct announcement){
		.component = call->inquiry->task->component,
		.subject = call->session.args.subject,
		.body = lines(call, call->session.args.announcement),
	};
	announce_begin(call->turn, announcement);
	call->note = arena_printf(
		call->turn->arena, "It is sent to %zu user(s) online.", users_online(call));
	return PUBSUB_OK;
}
