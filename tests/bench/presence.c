/* presence.c - many come online at once, and each is sent the last items; very many are online. */
#include "clock.h"
#include "stanzas.h"
#include "workloads.h"

static void send_presences(struct bench *bench, unsigned users, bool available, const char *ver)
{
	for (unsigned i = 0; i < users; i++)
		stanza_presence(server_output(bench->server), i, available, ver);
	bench->heard_ns = clock_ns();
}

/* Users come online, count times each; between, they go. Every time each gets the last item of each
 * of the nodes: event e of a storm is node e % nodes. An operation is a presence. */
static void storms(struct bench *bench, unsigned nodes, unsigned users, const char *ver)
{
	uint64_t rounds = bench_count(bench, bench->parameters->count);
	struct histogram last = {0};

	bench_begin(bench);
	for (uint64_t i = 0; i < rounds; i++) {
		struct deliveries due = {
			.events = nodes,
			.recipients = users,
			.payload_bytes = bench->parameters->payload_bytes,
		};

		bench_expect(bench, &due);
		for (unsigned node = 0; node < nodes; node++)
			deliveries_publish(&due, node, 0, clock_ns());
		send_presences(bench, users, true, ver);
		bench_finish_deliveries(bench);
		histogram_add(&last, due.last.max_ns);
		deliveries_end(&due);
		send_presences(bench, users, false, NULL);
	}
	bench_end(bench, rounds * users);
	bench->result->figures[FIGURE_LAST] = (double)last.max_ns / 1e6;
}

/* ---- the component's own nodes: pubsub#send_last_published_item = on_sub_and_presence ---- */

static void write_subscription(void *ctx, struct buf *out, uint64_t n, const char *id)
{
	const struct bench *bench = ctx;
	unsigned nodes = bench_size(bench, bench->parameters->nodes);

	stanza_subscribe(out, id, (unsigned)n / nodes, (unsigned)n % nodes);
}

static void write_item(void *ctx, struct buf *out, uint64_t n, const char *id)
{
	const struct bench *bench = ctx;

	stanza_publish(out, id,
		&(struct publish){
			.publisher = (unsigned)n,
			.node = (unsigned)n,
			.item = n,
			.payload_bytes = bench->parameters->payload_bytes,
		});
}

/* Everybody is subscribed to all nodes; subscribed before there were items, so that no last item
 * comes with the subscription. */
void workload_presence(struct bench *bench)
{
	unsigned nodes = bench_size(bench, bench->parameters->nodes);
	unsigned users = bench_size(bench, bench->parameters->subscribers);
	struct load subscriptions = {
		.senders = 8,
		.outstanding = 64,
		.count = (uint64_t)nodes * users,
		.write = write_subscription,
		.ctx = bench,
	};
	struct load items = {
		.senders = 1, .outstanding = 1, .count = nodes, .write = write_item, .ctx = bench};
	struct deliveries due = {
		.events = nodes,
		.recipients = users,
		.payload_bytes = bench->parameters->payload_bytes,
	};

	scene_nodes(bench, nodes, 1, "on_sub_and_presence");
	bench_run(bench, &subscriptions);
	bench_expect(bench, &due);
	for (unsigned node = 0; node < nodes; node++)
		deliveries_publish(&due, node, 0, clock_ns());
	bench_run(bench, &items);
	bench_finish_deliveries(bench);
	deliveries_end(&due);
	storms(bench, nodes, users, NULL);
}

/* ---- accounts: the last items of contacts ---- */

static void write_account_item(void *ctx, struct buf *out, uint64_t n, const char *id)
{
	const struct bench *bench = ctx;
	unsigned accounts = bench_size(bench, bench->parameters->subscribers);

	stanza_publish_delegated(out, id,
		&(struct publish){
			.publisher = (unsigned)n % accounts,
			.node = (unsigned)n / accounts,
			.item = n,
			.payload_bytes = bench->parameters->payload_bytes,
		},
		bench->parameters->version);
}

/* Each user who comes online has all accounts as contacts, with an item on each of their nodes. */
void workload_contacts(struct bench *bench)
{
	const struct parameters *parameters = bench->parameters;
	unsigned accounts = bench_size(bench, parameters->subscribers);
	struct load items = {
		.senders = 8,
		.outstanding = 8,
		.count = (uint64_t)accounts * parameters->nodes,
		.write = write_account_item,
		.ctx = bench,
	};

	bench->accounts = (struct accounts){
		.contacts = bench_size(bench, parameters->senders), .nodes = parameters->nodes};
	scene_accounts(bench);
	bench_run(bench, &items);
	storms(bench, (unsigned)items.count, (unsigned)bench->accounts.contacts,
		bench->accounts.ver);
}

/* ---- everybody is online ---- */

#define AT_ONCE 1000                    /* come online, then something is answered */
#define WRITTEN_NS UINT64_C(2000000000) /* after which who is online is in the store */

static void write_inquiry(void *ctx, struct buf *out, uint64_t n, const char *id)
{
	(void)ctx, (void)n;
	stanza_items(out, id, 0, 1);
}

/* A server's users, with capabilities; and peppyd again, which finds them in its store. */
void workload_online(struct bench *bench)
{
	unsigned users = bench_size(bench, bench->parameters->subscribers);
	uint64_t done_ns;

	bench->accounts = (struct accounts){.nodes = bench->parameters->nodes};
	scene_accounts(bench);
	scene_nodes(bench, 1, 1, "never");
	bench_begin(bench);
	for (unsigned i = 0; i < users; i++) {
		struct load answered = {
			.senders = 1, .outstanding = 1, .count = 1, .write = write_inquiry};

		stanza_presence(server_output(bench->server), i, true, bench->accounts.ver);
		if (i % AT_ONCE == AT_ONCE - 1)
			bench_run(bench, &answered);
	}
	done_ns = clock_ns();
	while (clock_ns() < done_ns + WRITTEN_NS)
		bench_turn(bench);
	bench_end(bench, users);
	bench_restart(bench);
}
