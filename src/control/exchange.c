/* From the store to records. */
#include "exchange.h"

#include <stdlib.h>
#include <string.h>

#include "peppy/array.h"

#define PAGE 500
#define PAGE_BYTES (4 * 1024 * 1024)
#define WAITING_BYTES (4 * 1024 * 1024) /* of a digest; more than it may hold */

/* Somebody who takes records, and what has come of it. */
struct sink {
	struct store_txn *txn;
	exchange_emit_fn emit;
	void *ctx;
	bool closed; /* wants no more */
};

static void put(struct sink *sink, const struct exchange_record *record)
{
	if (!sink->closed)
		sink->closed = !sink->emit(sink->ctx, record);
}

/* ---- what belongs to a node ---- */

static void put_affiliation(
	struct sink *sink, const char *service, const struct pubsub_affiliate *row)
{
	put(sink, &(struct exchange_record){
			  EXCHANGE_AFFILIATION, service, row->node_id, .affiliate = *row});
}

static enum pubsub_error put_affiliations(struct sink *sink, const struct pubsub_node *node)
{
	struct store_range range = {.limit = PAGE};
	struct arena *arenas[2] = {arena_create(), arena_create()};
	struct pubsub_affiliate *rows;
	size_t n = PAGE;
	enum pubsub_error err = PUBSUB_OK;

	for (unsigned page = 0; err == PUBSUB_OK && n == PAGE && !sink->closed; page++) {
		struct arena *arena = arenas[page % 2]; /* the other one holds range.after */

		arena_reset(arena);
		err = store_affiliations_page(sink->txn, node, &range, arena, &rows, &n);
		for (size_t i = 0; err == PUBSUB_OK && i < n; i++)
			put_affiliation(sink, node->service, &rows[i]);
		if (err == PUBSUB_OK && n > 0)
			range.after = rows[n - 1].jid;
	}
	arena_destroy(arenas[0]);
	arena_destroy(arenas[1]);
	return err;
}

static enum pubsub_error put_subscription(struct sink *sink, const struct pubsub_node *node,
	const struct pubsub_subscription *row, struct arena *arena)
{
	const struct store_digest_range range = {.bytes = WAITING_BYTES};
	struct store_digest digest = {0};
	enum pubsub_error err = PUBSUB_OK;

	if (row->digest.due_us != 0)
		err = store_digest_page(sink->txn, node, row, &range, arena, &digest);
	if (err == PUBSUB_OK)
		put(sink, &(struct exchange_record){EXCHANGE_SUBSCRIPTION, node->service,
				  node->node_id, .subscription = {*row, digest.bodies}});
	return err;
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
			err = put_subscription(sink, node, &rows[i], arena);
		range.after = err == PUBSUB_OK && n > 0 ? &rows[n - 1] : NULL;
	}
	arena_destroy(arenas[0]);
	arena_destroy(arenas[1]);
	return err;
}

static enum pubsub_error put_node(struct sink *sink, const struct pubsub_node *node)
{
	enum pubsub_error err;

	put(sink, &(struct exchange_record){
			  EXCHANGE_NODE, node->service, node->node_id, .node = *node});
	err = put_affiliations(sink, node);
	return err == PUBSUB_OK ? put_subscriptions(sink, node) : err;
}

static enum pubsub_error put_parents(struct sink *sink, const struct pubsub_node *node)
{
	struct arena *arena = arena_create();
	struct pubsub_node *parents;
	size_t n = 0;
	enum pubsub_error err = PUBSUB_OK;

	if (node->parents > 0)
		err = store_parents_get(sink->txn, node, arena, &parents, &n);
	for (size_t i = 0; err == PUBSUB_OK && i < n; i++)
		put(sink, &(struct exchange_record){EXCHANGE_CHILD, node->service, node->node_id,
				  .collection = parents[i].node_id});
	arena_destroy(arena);
	return err;
}

/* The oldest first. */
static enum pubsub_error put_items(struct sink *sink, const struct pubsub_node *node)
{
	struct store_item_range range = {.limit = PAGE, .bytes = PAGE_BYTES};
	struct arena *arena = arena_create();
	struct pubsub_item *items;
	size_t n = 1;
	enum pubsub_error err = PUBSUB_OK;

	put(sink, &(struct exchange_record){.kind = EXCHANGE_ITEMS,
			  .service = node->service,
			  .node_id = node->node_id});
	while (err == PUBSUB_OK && n > 0 && !sink->closed) {
		arena_reset(arena);
		err = store_items_page(sink->txn, node, &range, arena, &items, &n);
		for (size_t i = 0; err == PUBSUB_OK && i < n; i++)
			put(sink, &(struct exchange_record){EXCHANGE_ITEM, node->service,
					  node->node_id, .item = items[i]});
		if (err == PUBSUB_OK && n > 0)
			range.after_seq = items[n - 1].seq;
	}
	arena_destroy(arena);
	return err;
}

/* ---- services ---- */

typedef enum pubsub_error (*node_fn)(struct sink *sink, const struct pubsub_node *node);

/* In no list of nodes. */
static enum pubsub_error put_root(struct sink *sink, const char *service, node_fn fn)
{
	struct arena *arena = arena_create();
	struct pubsub_node *root;
	enum pubsub_error err = store_node_get(sink->txn, service, "", arena, &root);

	if (err == PUBSUB_OK)
		err = fn(sink, root);
	else if (err == PUBSUB_ERR_NODE_NOT_FOUND)
		err = PUBSUB_OK;
	arena_destroy(arena);
	return err;
}

static enum pubsub_error for_each_node(struct sink *sink, const char *service, node_fn fn)
{
	struct store_range range = {.limit = PAGE};
	struct arena *arenas[2] = {arena_create(), arena_create()};
	struct pubsub_node *nodes;
	size_t n = PAGE;
	enum pubsub_error err = put_root(sink, service, fn);

	for (unsigned page = 0; err == PUBSUB_OK && n == PAGE && !sink->closed; page++) {
		struct arena *arena = arenas[page % 2]; /* the other one holds range.after */

		arena_reset(arena);
		err = store_nodes_page(sink->txn, service, &range, arena, &nodes, &n);
		if (err == PUBSUB_OK && n > 0)
			range.after = nodes[n - 1].node_id;
		for (size_t i = 0; err == PUBSUB_OK && i < n; i++)
			err = fn(sink, &nodes[i]);
	}
	arena_destroy(arenas[0]);
	arena_destroy(arenas[1]);
	return err;
}

static enum pubsub_error put_service(struct sink *sink, const char *service)
{
	static const node_fn passes[] = {put_node, put_parents, put_items};
	enum pubsub_error err = PUBSUB_OK;

	for (size_t i = 0; err == PUBSUB_OK && i < ARRAY_COUNT(passes); i++)
		err = for_each_node(sink, service, passes[i]);
	return err;
}

typedef enum pubsub_error (*service_fn)(struct sink *sink, const char *service, void *ctx);

static enum pubsub_error for_each_service(struct sink *sink, service_fn fn, void *ctx)
{
	struct arena *arena = arena_create();
	const char *service = "";
	uint32_t sid = 0;
	enum pubsub_error err = PUBSUB_OK;

	while (err == PUBSUB_OK && service != NULL && !sink->closed) {
		arena_reset(arena);
		err = store_service_next(sink->txn, &sid, arena, &service);
		if (err == PUBSUB_OK && service != NULL)
			err = fn(sink, service, ctx);
	}
	arena_destroy(arena);
	return err;
}

/* ---- all of them ---- */

/* NULL: it is no account. */
static const char *domain_of_account(const char *service)
{
	const char *at = strchr(service, '@');

	return at != NULL ? at + 1 : NULL;
}

static enum pubsub_error put_account(struct sink *sink, const char *service, void *ctx)
{
	const char *domain = domain_of_account(service);

	return domain != NULL && strcmp(domain, ctx) == 0 ? put_service(sink, service) : PUBSUB_OK;
}

static enum pubsub_error put_other(struct sink *sink, const char *service, void *ctx)
{
	(void)ctx;
	return domain_of_account(service) == NULL ? put_service(sink, service) : PUBSUB_OK;
}

static enum pubsub_error find_domain(struct sink *sink, const char *service, void *ctx)
{
	const char *domain = domain_of_account(service);
	struct map *domains = ctx;

	(void)sink;
	if (domain != NULL && map_find(domains, domain) == NULL)
		map_put(domains, domain, domains);
	return PUBSUB_OK;
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted, so that what is loaded is exported in the same order again. */
static struct pubsub_texts sort_domains(struct map *domains, struct arena *arena)
{
	const char **v = arena_alloc(arena, map_count(domains) * sizeof *v);
	void *cursor = NULL, *value;
	size_t n = 0;

	while (map_next(domains, &cursor, &v[n], &value))
		n++;
	if (n > 1)
		qsort(v, n, sizeof *v, compare_texts);
	return (struct pubsub_texts){v, n};
}

/* The domains of accounts are few; accounts may be many, and are not kept in memory. */
static enum pubsub_error put_domains(struct sink *sink, struct map *domains, struct arena *arena)
{
	enum pubsub_error err = for_each_service(sink, find_domain, domains);
	const struct pubsub_texts list = sort_domains(domains, arena);

	for (size_t i = 0; err == PUBSUB_OK && i < list.n; i++)
		err = for_each_service(sink, put_account, (void *)list.v[i]);
	return err == PUBSUB_OK ? for_each_service(sink, put_other, NULL) : err;
}

enum pubsub_error exchange_all(struct store_txn *txn, exchange_emit_fn emit, void *ctx)
{
	struct sink sink = {txn, emit, ctx, false};
	struct map *domains = map_create(0, NULL);
	struct arena *arena = arena_create();
	enum pubsub_error err = put_domains(&sink, domains, arena);

	arena_destroy(arena);
	map_destroy(domains);
	return err;
}

/* ---- somebody ---- */

static enum pubsub_error put_contacts(struct sink *sink, const char *bare, struct arena *arena)
{
	struct store_contact *contacts;
	size_t n;
	enum pubsub_error err = store_contacts_get(sink->txn, bare, arena, &contacts, &n);

	for (size_t i = 0; err == PUBSUB_OK && i < n; i++)
		put(sink, &(struct exchange_record){
				  EXCHANGE_CONTACT, bare, NULL, .contact = contacts[i]});
	return err;
}

static enum pubsub_error put_affiliations_of(struct sink *sink, const char *service, void *ctx)
{
	struct arena *arena = arena_create();
	struct pubsub_affiliate *rows;
	size_t n;
	enum pubsub_error err =
		store_entity_affiliations(sink->txn, service, ctx, arena, &rows, &n);

	for (size_t i = 0; err == PUBSUB_OK && i < n; i++)
		put_affiliation(sink, service, &rows[i]);
	arena_destroy(arena);
	return err;
}

static enum pubsub_error put_relations(struct sink *sink, const char *bare, struct arena *arena)
{
	struct store_entity_subscription *rows;
	size_t n;
	enum pubsub_error err = store_entity_subscriptions(sink->txn, NULL, bare, arena, &rows, &n);

	for (size_t i = 0; err == PUBSUB_OK && i < n; i++) {
		struct pubsub_node *node;

		err = store_node_get(
			sink->txn, rows[i].service, rows[i].subscription.node_id, arena, &node);
		if (err == PUBSUB_OK)
			err = put_subscription(sink, node, &rows[i].subscription, arena);
	}
	return err == PUBSUB_OK ? for_each_service(sink, put_affiliations_of, (void *)bare) : err;
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
