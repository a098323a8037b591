/* All that is somebody's at a service, row by row: his nodes with their configurations, his
 * subscriptions, his affiliations, the items of his nodes. */
#include "command.h"

#include "peppy/array.h"

#define NODES_AT_ONCE 100 /* whose items are looked for */
#define ITEMS_AT_ONCE 100
#define ROWS_MAX 500 /* of a page, or a few more */

static const struct codec_column columns[] = {
	{"kind", "text-single", "Kind"},
	{"node", "text-single", "NodeID"},
	{"id", "text-single", "ItemID or JID"},
	{"date", "text-single", "Date"},
	{"data", "text-single", "Data"},
};
static const struct command_table table = {"What is mine", columns, ARRAY_COUNT(columns)};

struct row {
	const char *kind, *node_id, *id, *date, *data;
};

static bool put(struct command_call *call, struct row row)
{
	const char *const values[ARRAY_COUNT(columns)] = {
		row.kind, row.node_id, row.id, row.date, row.data};

	return command_row(call, &table, values);
}

/* ---- nodes, subscriptions, affiliations ---- */

/* A line for each value. */
static const char *config_text(
	const struct command_call *call, const struct pubsub_node_config *config)
{
	struct arena *arena = call->turn->arena;
	struct buf text = {0};
	const char *lines;

	for (size_t i = 0; i < pubsub_node_config_type.n; i++) {
		const struct pubsub_field *field = &pubsub_node_config_type.v[i];
		struct pubsub_texts values = pubsub_field_values(field, config, arena);

		for (size_t k = 0; k < values.n; k++)
			buf_printf(&text, "%s%s=%s", text.len > 0 ? "\n" : "", field->var,
				values.v[k]);
	}
	lines = arena_memdup(arena, text.data, text.len);
	buf_finish(&text);
	return lines;
}

static bool put_nodes(struct command_call *call, const struct pubsub_answer *answer)
{
	bool room = true;

	for (size_t i = 0; room && i < answer->node_count; i++) {
		const struct pubsub_node *node = &answer->nodes[i];

		room = put(call, (struct row){.kind = "node",
					 .node_id = node->node_id,
					 .date = command_stamp(call, node->created_us),
					 .data = config_text(call, &node->config)});
	}
	return room;
}

static bool put_subscriptions(struct command_call *call, const struct pubsub_answer *answer)
{
	bool room = true;

	for (size_t i = 0; room && i < answer->subscription_count; i++) {
		const struct pubsub_subscription *row = &answer->subscriptions[i];

		room = put(call, (struct row){.kind = "subscription",
					 .node_id = row->node_id,
					 .id = row->subscriber.full,
					 .data = pubsub_subscription_state_words.v[row->state]});
	}
	return room;
}

static bool put_affiliations(struct command_call *call, const struct pubsub_answer *answer)
{
	bool room = true;

	for (size_t i = 0; room && i < answer->affiliate_count; i++) {
		const struct pubsub_affiliate *row = &answer->affiliates[i];

		room = put(call, (struct row){.kind = "affiliation",
					 .node_id = row->node_id,
					 .id = row->jid,
					 .data = pubsub_affiliation_words.v[row->affiliation]});
	}
	return room;
}

/* ---- items ---- */

/* As text it may take more than the stanza that brought it. */
static const char *payload_text(struct command_call *call, const struct pubsub_item *item)
{
	const char *text = arena_memdup(call->turn->arena, item->payload, item->payload_len);
	struct buf escaped = {0};
	bool fits;

	xml_escape_text(&escaped, text);
	fits = escaped.len <= call->service.profile->answer_bytes / 2;
	buf_finish(&escaped);
	if (fits)
		return text;
	call->note = "A payload is too large to be shown here: retrieve its item.";
	call->warning = true;
	return NULL;
}

static bool put_item(
	struct command_call *call, const struct pubsub_node *node, const struct pubsub_item *item)
{
	return put(call, (struct row){.kind = "item",
				 .node_id = node->node_id,
				 .id = item->id,
				 .date = command_stamp(call, item->published_us),
				 .data = item->payload_len > 0 ? payload_text(call, item) : NULL});
}

/* What is due does not exist. */
static bool is_due(const struct command_call *call, const struct pubsub_item *item)
{
	return item->expires_us != 0 && item->expires_us <= call->service.now_us;
}

/* *ended_out: there are no more of them. */
static enum pubsub_error put_items_of(
	struct command_call *call, const struct pubsub_node *node, bool *ended_out)
{
	struct command_place *place = &call->session.place;
	struct service *service = &call->service;
	struct store_item_range range = {
		.limit = ITEMS_AT_ONCE, .bytes = service->profile->answer_bytes};
	struct pubsub_item *items = NULL;
	size_t n = 0, i = 0;
	enum pubsub_error err;

	if (place->no != node->no)
		place->seq = 0;
	place->no = node->no;
	do {
		range.after_seq = place->seq;
		err = store_items_page(service->txn, node, &range, service->arena, &items, &n);
		for (i = 0; err == PUBSUB_OK && i < n; place->seq = items[i++].seq)
			if (!is_due(call, &items[i]) && !put_item(call, node, &items[i]))
				break;
	} while (err == PUBSUB_OK && n > 0 && i == n && call->rows < ROWS_MAX);
	*ended_out = n == 0;
	return err;
}

static enum pubsub_error put_items(struct command_call *call, bool *more_out)
{
	struct command_place *place = &call->session.place;
	struct pubsub_request request = command_request(call);
	struct pubsub_answer answer = {0};
	bool ended = true;
	enum pubsub_error err;

	request.rsm = (struct pubsub_rsm){
		.present = true, .has_max = true, .max = NODES_AT_ONCE, .after = place->after};
	err = command_rules(call, service_own_nodes, &request, &answer);
	for (size_t i = 0; err == PUBSUB_OK && ended && i < answer.node_count; i++) {
		err = put_items_of(call, &answer.nodes[i], &ended);
		if (ended)
			place->after = command_digits(call, answer.nodes[i].no);
	}
	*more_out = !ended || answer.page.more;
	return err;
}

/* ---- all of it ---- */

static const struct {
	service_fn list;
	command_put_fn put;
} lists[] = {
	{service_own_nodes, put_nodes},
	{service_subscriptions, put_subscriptions},
	{service_affiliations, put_affiliations},
};

/* Of each part a page at most, as long as there is room. */
COMMAND_RUN(own_export)
{
	struct command_place *place = &call->session.place;
	enum pubsub_error err = PUBSUB_OK;

	command_table_open(call, &table);
	for (; err == PUBSUB_OK; *place = (struct command_place){.part = place->part + 1}) {
		if (place->part == ARRAY_COUNT(lists))
			return put_items(call, &call->more);
		err = command_page(
			call, lists[place->part].list, lists[place->part].put, &call->more);
		if (call->more)
			break;
	}
	return err;
}
