/* departure.c - what ends when somebody goes offline: temporary subscriptions (XEP-0060 12.5), and
 * items of nodes with purge_offline. And what ends when he goes for good. */
#include "service/departure.h"

#include <string.h>

#include "peppy/map.h"
#include "service/item.h"
#include "service/subscription.h"
#include "service/texts.h"

#define PAGE 512 /* items at a time */

/* ---- items and their publishers ---- */

enum pubsub_error departure_tie(
	struct service *service, const struct pubsub_node *node, const char *publisher)
{
	if (!node->config.purge_offline || !node->config.persist_items)
		return PUBSUB_OK;
	return store_publisher_put(service->txn, node, publisher);
}

typedef void (*item_fn)(void *ctx, const struct pubsub_item *item);

static enum pubsub_error for_each_item(
	struct service *service, const struct pubsub_node *node, item_fn fn, void *ctx)
{
	struct store_item_range range = {.limit = PAGE};
	struct arena *page = arena_create();
	struct pubsub_item *items = NULL;
	size_t n = 0;
	enum pubsub_error err = PUBSUB_OK;

	do {
		arena_reset(page);
		err = store_items_page(service->txn, node, &range, page, &items, &n);
		for (size_t i = 0; err == PUBSUB_OK && i < n; i++)
			fn(ctx, &items[i]);
		if (n > 0)
			range.after_seq = items[n - 1].seq;
	} while (err == PUBSUB_OK && n == PAGE);
	arena_destroy(page);
	return err;
}

static void collect_publisher(void *ctx, const struct pubsub_item *item)
{
	if (item->publisher != NULL && map_find(ctx, item->publisher) == NULL)
		map_put(ctx, item->publisher, ctx);
}

enum pubsub_error departure_tie_all(struct service *service, const struct pubsub_node *node)
{
	struct map *publishers = map_create(0, NULL);
	void *cursor = NULL, *value = NULL;
	const char *publisher = NULL;
	enum pubsub_error err = for_each_item(service, node, collect_publisher, publishers);

	while (err == PUBSUB_OK && map_next(publishers, &cursor, &publisher, &value))
		err = departure_tie(service, node, publisher);
	map_destroy(publishers);
	return err;
}

struct owned { /* the items of one publisher */
	const char *publisher;
	struct texts ids;
};

static void collect_owned(void *ctx, const struct pubsub_item *item)
{
	struct owned *owned = ctx;

	if (item->publisher != NULL && strcmp(item->publisher, owned->publisher) == 0)
		texts_add(&owned->ids, arena_strdup(owned->ids.arena, item->id));
}

static enum pubsub_error purge_items(
	struct service *service, const struct pubsub_node *tied, const char *publisher)
{
	struct owned owned = {publisher, {.arena = service->arena}};
	struct pubsub_node *node = NULL;
	enum pubsub_error err =
		store_node_get(service->txn, tied->service, tied->node_id, service->arena, &node);

	if (err == PUBSUB_OK && node->config.purge_offline)
		err = for_each_item(service, node, collect_owned, &owned);
	if (err != PUBSUB_OK || owned.ids.n == 0)
		return err;
	return item_remove(service, node, texts_list(&owned.ids));
}

/* ---- what somebody leaves behind ---- */

/* A subscription that ends. */
struct tie {
	struct pubsub_node *node;
	struct pubsub_subscription *row;
};

struct ties {
	struct tie *v;
	size_t n;
	struct pubsub_node *nodes; /* of which items go; deleted ones among them */
	size_t node_count;
};

static bool is_gone(const struct pubsub_subscription *row, struct jid jid)
{
	return jid.resource == NULL || jid_equal(row->subscriber, jid);
}

/* Hardly any is temporary: only the nodes of these are kept. */
static enum pubsub_error add_temporary(struct service *service, const char *service_jid,
	struct pubsub_subscription *row, struct arena *scratch, struct ties *out)
{
	struct pubsub_node *node = NULL;
	enum pubsub_error err;

	arena_reset(scratch);
	err = store_node_get(service->txn, service_jid, row->node_id, scratch, &node);
	if (err != PUBSUB_OK || !subscription_is_temporary(node, &row->options))
		return err;
	err = store_node_get(service->txn, service_jid, row->node_id, service->arena, &node);
	out->v[out->n++] = (struct tie){node, row};
	return err;
}

static enum pubsub_error find(struct service *service, struct jid jid, struct ties *out)
{
	struct store_entity_subscription *rows = NULL;
	struct arena *scratch = arena_create();
	size_t n = 0;
	enum pubsub_error err =
		store_entity_subscriptions(service->txn, NULL, jid.bare, service->arena, &rows, &n);

	service->looked_up += n;
	*out = (struct ties){.v = arena_alloc(service->arena, n * sizeof *out->v)};
	for (size_t i = 0; err == PUBSUB_OK && i < n; i++) {
		if (is_gone(&rows[i].subscription, jid))
			err = add_temporary(
				service, rows[i].service, &rows[i].subscription, scratch, out);
	}
	arena_destroy(scratch);
	if (err != PUBSUB_OK || jid.resource != NULL)
		return err;
	err = store_publisher_nodes(
		service->txn, jid.bare, SIZE_MAX, service->arena, &out->nodes, &out->node_count);
	service->looked_up += out->node_count;
	return err;
}

enum pubsub_error service_has_ties(struct service *service, struct jid jid, bool *out)
{
	struct ties ties = {0};
	enum pubsub_error err = find(service, jid, &ties);

	*out = ties.n + ties.node_count > 0;
	return err;
}

/* He is not told: there is nobody to hear of it. */
static enum pubsub_error end_subscriptions(
	struct service *service, const struct service_profiles *profiles, const struct ties *ties)
{
	enum pubsub_error err = PUBSUB_OK;

	for (size_t i = 0; err == PUBSUB_OK && i < ties->n; i++) {
		service->profile = profiles->of(profiles->ctx, ties->v[i].node->service);
		err = subscription_end(service, ties->v[i].node, ties->v[i].row, true);
	}
	return err;
}

static enum pubsub_error end_items(struct service *service, const struct service_profiles *profiles,
	const struct ties *ties, const char *publisher)
{
	enum pubsub_error err = PUBSUB_OK;

	for (size_t i = 0; err == PUBSUB_OK && i < ties->node_count; i++) {
		const struct pubsub_node *tied = &ties->nodes[i];

		service->profile = profiles->of(profiles->ctx, tied->service);
		if (tied->node_id != NULL)
			err = purge_items(service, tied, publisher);
		if (err == PUBSUB_OK)
			err = store_publisher_del(service->txn, tied, publisher);
	}
	return err;
}

enum pubsub_error service_departed(
	struct service *service, const struct service_profiles *profiles, struct jid jid)
{
	const struct service_profile *profile = service->profile;
	struct ties ties = {0};
	enum pubsub_error err = find(service, jid, &ties);

	if (err == PUBSUB_OK)
		err = end_subscriptions(service, profiles, &ties);
	if (err == PUBSUB_OK)
		err = end_items(service, profiles, &ties, jid.bare);
	service->profile = profile;
	return err;
}

/* ---- for good ---- */

enum pubsub_error service_bounced(struct service *service, const char *service_jid, struct jid jid)
{
	struct store_entity_subscription *rows = NULL;
	struct pubsub_node *node = NULL;
	size_t n = 0;
	enum pubsub_error err = store_entity_subscriptions(
		service->txn, service_jid, jid.bare, service->arena, &rows, &n);

	for (size_t i = 0; err == PUBSUB_OK && i < n; i++) {
		struct pubsub_subscription *row = &rows[i].subscription;

		if (!is_gone(row, jid))
			continue;
		err = store_node_get(
			service->txn, service_jid, row->node_id, service->arena, &node);
		if (err == PUBSUB_OK)
			err = subscription_end(service, node, row, true);
	}
	return err;
}
