/* From the store to JSON. */
#include "exchange.h"

#include <assert.h>

#include "fields.h"

#define PAGE 500
#define PAGE_BYTES (4 * 1024 * 1024)

/* Somebody who takes objects, and what has come of it. */
struct sink {
	struct store_txn *txn;
	exchange_emit_fn emit;
	void *ctx;
	bool closed; /* he wants no more */
};

static void put(struct sink *sink, json_t *object)
{
	assert(object != NULL);
	if (sink->closed)
		json_decref(object);
	else
		sink->closed = !sink->emit(sink->ctx, object);
}

json_t *exchange_head(void)
{
	return json_pack("{s:s, s:i}", "type", EXCHANGE_FORMAT, "version", EXCHANGE_VERSION);
}

/* ---- what belongs to a node ---- */

static void put_affiliation(
	struct sink *sink, const char *service, const struct pubsub_affiliate *row)
{
	put(sink, json_pack("{s:s, s:s, s:s, s:s, s:s}", "type", "affiliation", "service", service,
			  "node", row->node_id, "jid", row->jid, "affiliation",
			  pubsub_affiliation_words.v[row->affiliation]));
}

static enum pubsub_error put_affiliations(struct sink *sink, const struct pubsub_node *node)
{
	struct store_range range = {.limit = PAGE};
	struct arena *arena = arena_create();
	struct pubsub_affiliate *rows;
	size_t n = PAGE;
	enum pubsub_error err = PUBSUB_OK;

	while (err == PUBSUB_OK && n == PAGE && !sink->closed) {
		err = store_affiliations_page(sink->txn, node, &range, arena, &rows, &n);
		for (size_t i = 0; err == PUBSUB_OK && i < n; i++)
			put_affiliation(sink, node->service, &rows[i]);
		if (err == PUBSUB_OK && n > 0)
			range.after = rows[n - 1].jid;
	}
	arena_destroy(arena);
	return err;
}

static void put_subscription(struct sink *sink, const char *service,
	const struct pubsub_subscription *row, struct arena *arena)
{
	put(sink, json_pack("{s:s, s:s, s:s, s:s, s:s*, s:s, s:o}", "type", "subscription",
			  "service", service, "node", row->node_id, "jid", row->subscriber.full,
			  "subid", row->sub_id, "state",
			  pubsub_subscription_state_words.v[row->state], "options",
			  fields_to_json(&pubsub_subscribe_options_type, &row->options, arena)));
}

static enum pubsub_error put_subscriptions(struct sink *sink, const struct pubsub_node *node)
{
	struct store_subscription_range range = {.limit = PAGE};
	struct arena *arenas[2] = {arena_create(), arena_create()};
	struct pubsub_subscription *rows;
	size_t n = PAGE;
	enum pubsub_error err = PUBSUB_OK;

	for (unsigned page = 0; err == PUBSUB_OK && n == PAGE && !sink->closed; page++) {
		struct arena *arena = arenas[page % 2]; /* the other one holds range.after */

		arena_reset(arena);
		err = store_subscriptions_page(sink->txn, node, &range, arena, &rows, &n);
		for (size_t i = 0; err == PUBSUB_OK && i < n; i++)
			put_subscription(sink, node->service, &rows[i], arena);
		range.after = err == PUBSUB_OK && n > 0 ? &rows[n - 1] : NULL;
	}
	arena_destroy(arenas[0]);
	arena_destroy(arenas[1]);
	return err;
}

static void put_item(
	struct sink *sink, const struct pubsub_node *node, const struct pubsub_item *item)
{
	json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:s*, s:o, s:o}", "type", "item",
		"service", node->service, "node", node->node_id, "item", item->id, "publisher",
		item->publisher, "published", stamp_to_json(item->published_us), "created",
		stamp_to_json(item->created_us));

	if (item->expires_us != 0)
		json_object_set_new(object, "expires", stamp_to_json(item->expires_us));
	if (item->payload != NULL)
		json_object_set_new(
			object, "payload", json_stringn(item->payload, item->payload_len));
	put(sink, object);
}

/* The oldest first. */
static enum pubsub_error put_items(struct sink *sink, const struct pubsub_node *node)
{
	struct store_item_range range = {.limit = PAGE, .bytes = PAGE_BYTES};
	struct arena *arena = arena_create();
	struct pubsub_item *items;
	size_t n = 1;
	enum pubsub_error err = PUBSUB_OK;

	while (err == PUBSUB_OK && n > 0 && !sink->closed) {
		arena_reset(arena);
		err = store_items_page(sink->txn, node, &range, arena, &items, &n);
		for (size_t i = 0; err == PUBSUB_OK && i < n; i++)
			put_item(sink, node, &items[i]);
		if (err == PUBSUB_OK && n > 0)
			range.after_seq = items[n - 1].seq;
	}
	arena_destroy(arena);
	return err;
}

/* ---- nodes ---- */

static enum pubsub_error put_node(
	struct sink *sink, const struct pubsub_node *node, struct arena *arena)
{
	enum pubsub_error err;

	put(sink, json_pack("{s:s, s:s, s:s, s:s*, s:o, s:o}", "type", "node", "service",
			  node->service, "node", node->node_id, "creator", node->creator, "created",
			  stamp_to_json(node->created_us), "config",
			  fields_to_json(&pubsub_node_config_type, &node->config, arena)));
	err = put_affiliations(sink, node);
	if (err == PUBSUB_OK)
		err = put_subscriptions(sink, node);
	return err == PUBSUB_OK ? put_items(sink, node) : err;
}

static enum pubsub_error put_service(struct sink *sink, const char *service)
{
	struct store_range range = {.limit = PAGE};
	struct arena *arenas[2] = {arena_create(), arena_create()};
	struct pubsub_node *nodes;
	size_t n = PAGE;
	enum pubsub_error err = PUBSUB_OK;

	for (unsigned page = 0; err == PUBSUB_OK && n == PAGE && !sink->closed; page++) {
		struct arena *arena = arenas[page % 2]; /* the other one holds range.after */

		arena_reset(arena);
		err = store_nodes_page(sink->txn, service, &range, arena, &nodes, &n);
		if (err == PUBSUB_OK && n > 0)
			range.after = nodes[n - 1].node_id;
		for (size_t i = 0; err == PUBSUB_OK && i < n; i++)
			err = put_node(sink, &nodes[i], arena);
	}
	arena_destroy(arenas[0]);
	arena_destroy(arenas[1]);
	return err;
}

enum pubsub_error exchange_service(
	struct store_txn *txn, const char *service, exchange_emit_fn emit, void *ctx)
{
	struct sink sink = {txn, emit, ctx, false};

	return put_service(&sink, service);
}

enum pubsub_error exchange_all(struct store_txn *txn, exchange_emit_fn emit, void *ctx)
{
	struct sink sink = {txn, emit, ctx, false};
	struct arena *arena = arena_create();
	const char *service = "";
	uint32_t sid = 0;
	enum pubsub_error err = PUBSUB_OK;

	while (err == PUBSUB_OK && service != NULL && !sink.closed) {
		arena_reset(arena);
		err = store_service_next(txn, &sid, arena, &service);
		if (err == PUBSUB_OK && service != NULL)
			err = put_service(&sink, service);
	}
	arena_destroy(arena);
	return err;
}

/* ---- somebody ---- */

static const char *const roster_words[] = {
	[STORE_ROSTER_NONE] = "none",
	[STORE_ROSTER_TO] = "to",
	[STORE_ROSTER_FROM] = "from",
	[STORE_ROSTER_BOTH] = "both",
};

static enum pubsub_error put_contacts(struct sink *sink, const char *bare, struct arena *arena)
{
	struct store_contact *contacts;
	size_t n;
	enum pubsub_error err = store_contacts_get(sink->txn, bare, arena, &contacts, &n);

	for (size_t i = 0; err == PUBSUB_OK && i < n; i++)
		put(sink, json_pack("{s:s, s:s, s:s, s:s}", "type", "contact", "account", bare,
				  "jid", contacts[i].jid, "subscription",
				  roster_words[contacts[i].subscription]));
	return err;
}

static enum pubsub_error put_affiliations_of(
	struct sink *sink, const char *service, const char *bare, struct arena *arena)
{
	struct pubsub_affiliate *rows;
	size_t n;
	enum pubsub_error err =
		store_entity_affiliations(sink->txn, service, bare, arena, &rows, &n);

	for (size_t i = 0; err == PUBSUB_OK && i < n; i++)
		put_affiliation(sink, service, &rows[i]);
	return err;
}

static enum pubsub_error put_relations(struct sink *sink, const char *bare, struct arena *arena)
{
	struct store_entity_subscription *rows;
	const char *service = "";
	uint32_t sid = 0;
	size_t n;
	enum pubsub_error err = store_entity_subscriptions(sink->txn, NULL, bare, arena, &rows, &n);

	for (size_t i = 0; err == PUBSUB_OK && i < n; i++)
		put_subscription(sink, rows[i].service, &rows[i].subscription, arena);
	while (err == PUBSUB_OK && service != NULL) {
		err = store_service_next(sink->txn, &sid, arena, &service);
		if (err == PUBSUB_OK && service != NULL)
			err = put_affiliations_of(sink, service, bare, arena);
	}
	return err;
}

enum pubsub_error exchange_person(
	struct store_txn *txn, const char *bare, exchange_emit_fn emit, void *ctx)
{
	struct sink sink = {txn, emit, ctx, false};
	struct arena *arena = arena_create();
	enum pubsub_error err = put_service(&sink, bare);

	if (err == PUBSUB_OK)
		err = put_relations(&sink, bare, arena);
	if (err == PUBSUB_OK)
		err = put_contacts(&sink, bare, arena);
	arena_destroy(arena);
	return err;
}
