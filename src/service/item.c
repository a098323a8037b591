/* item.c - taking items away: XEP-0060 7.2, 7.1.2.6, item_expire. */
#include "service/item.h"

#include <string.h>

#include "service/access.h"
#include "service/event.h"
#include "service/node.h"
#include "service/texts.h"

/* One by one only so many are told: he who makes a long list short does not mean to flood anybody
 * (8.5.2 thinks alike of purging). */
#define TOLD_MAX 1000
#define PAGE 64 /* items looked at together */

static void tell_retracted(struct service *service, const struct pubsub_node *node,
	const char *item_id, const struct recipients *recipients)
{
	const struct pubsub_item item = {.id = item_id};

	event_of_item(service, node, PUBSUB_EVENT_RETRACT, &item, recipients);
}

bool item_has_id(const struct pubsub_item *item)
{
	return item->id != NULL && *item->id != '\0';
}

/* ---- to make room ---- */

bool item_eviction_is_told(const struct pubsub_node *node)
{
	return node->config.publish_node_full == PUBSUB_NODE_FULL_RETRACT_OLDEST &&
	       node->config.notify_retract;
}

static enum pubsub_error trim(
	struct service *service, struct pubsub_node *node, uint64_t keep, struct texts *gone)
{
	struct pubsub_texts ids = {0};
	enum pubsub_error err = store_items_trim(service->txn, node, keep, service->arena, &ids);

	for (size_t i = 0; i < ids.n && gone->n <= TOLD_MAX; i++)
		texts_add(gone, ids.v[i]);
	return err;
}

/* So many at a time as it would take if all were of the same size. */
static uint64_t keep_within(const struct pubsub_node *node, uint64_t max_bytes)
{
	double share = (double)max_bytes / (double)node->bytes;
	uint64_t keep = (uint64_t)((double)node->items * share);

	if (keep >= node->items)
		return node->items - 1;
	return keep > 0 ? keep : 1;
}

static enum pubsub_error trim_bytes(
	struct service *service, struct pubsub_node *node, uint64_t max, struct texts *gone)
{
	enum pubsub_error err = PUBSUB_OK;

	while (err == PUBSUB_OK && node->bytes > max && node->items > 1)
		err = trim(service, node, keep_within(node, max), gone);
	return err;
}

enum pubsub_error item_evict(struct service *service, struct pubsub_node *node, uint64_t max_bytes,
	const struct recipients *recipients)
{
	uint32_t max = node_max_items(service, &node->config);
	struct texts gone = {.arena = service->arena};
	enum pubsub_error err = PUBSUB_OK;

	if (node->items > max)
		err = trim(service, node, max, &gone);
	if (err == PUBSUB_OK && max_bytes > 0)
		err = trim_bytes(service, node, max_bytes, &gone);
	if (err != PUBSUB_OK || !item_eviction_is_told(node) || gone.n > TOLD_MAX)
		return err;
	for (size_t i = 0; i < gone.n; i++)
		tell_retracted(service, node, gone.v[i], recipients);
	return PUBSUB_OK;
}

/* ---- because somebody asked for it ---- */

static enum pubsub_error check_ids(const struct pubsub_request *request)
{
	if (request->item_count == 0)
		return PUBSUB_ERR_ITEMID_REQUIRED;
	for (size_t i = 0; i < request->item_count; i++) {
		if (!item_has_id(&request->items[i]))
			return PUBSUB_ERR_ITEMID_REQUIRED;
	}
	return PUBSUB_OK;
}

/* What is not the requester's to take away: who may not read does not learn whether it is there. */
static enum pubsub_error refuse_retract(struct service *service, const struct pubsub_node *node,
	struct jid from, enum pubsub_error found)
{
	bool readable = false;
	enum pubsub_error err = access_readable(service, node, from, &readable);

	if (err != PUBSUB_OK)
		return err;
	return readable && found != PUBSUB_OK ? found : PUBSUB_ERR_RETRACT_FORBIDDEN;
}

/* All of them are there, and the requester's to take away. */
static enum pubsub_error check_items(struct service *service, const struct pubsub_node *node,
	const struct pubsub_request *request, bool any)
{
	for (size_t i = 0; i < request->item_count; i++) {
		struct pubsub_item item = {0};
		enum pubsub_error err =
			store_item_get(service->txn, node, request->items[i].id, &item);

		if (err != PUBSUB_OK && err != PUBSUB_ERR_ITEM_NOT_FOUND)
			return err;
		if (any && err == PUBSUB_OK)
			continue;
		if (any || item.publisher == NULL ||
			strcmp(item.publisher, request->from.bare) != 0)
			return refuse_retract(service, node, request->from, err);
	}
	return PUBSUB_OK;
}

static enum pubsub_error check_retract(struct service *service,
	const struct pubsub_request *request, struct pubsub_answer *answer,
	struct pubsub_node **node_out)
{
	bool any = false;
	enum pubsub_error err = node_find(service, request, answer, node_out);

	if (err == PUBSUB_OK)
		err = check_ids(request);
	if (err == PUBSUB_OK)
		err = access_retract(service, *node_out, request->from, &any);
	if (err != PUBSUB_OK)
		return err;
	if (!(*node_out)->config.persist_items)
		return PUBSUB_ERR_PERSISTENCE_OFF;
	return check_items(service, *node_out, request, any);
}

enum pubsub_error service_item_retract(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	struct recipients recipients = {0};
	struct pubsub_node *node = NULL;
	enum pubsub_error err = check_retract(service, request, answer, &node);

	if (err != PUBSUB_OK)
		return err;
	if (request->notify || node->config.notify_retract)
		err = recipients_find(service, node, PUBSUB_EVENT_RETRACT, &recipients);
	for (size_t i = 0; err == PUBSUB_OK && i < request->item_count; i++) {
		err = store_item_del(service->txn, node, request->items[i].id);
		if (err == PUBSUB_ERR_ITEM_NOT_FOUND)
			err = PUBSUB_OK; /* named twice */
		else if (err == PUBSUB_OK)
			tell_retracted(service, node, request->items[i].id, &recipients);
	}
	return err;
}

/* ---- because their publisher has gone ---- */

static enum pubsub_error remove_each(struct service *service, struct pubsub_node *node,
	struct pubsub_texts ids, const struct recipients *recipients)
{
	enum pubsub_error err = PUBSUB_OK;

	for (size_t i = 0; err == PUBSUB_OK && i < ids.n; i++) {
		err = store_item_del(service->txn, node, ids.v[i]);
		if (err == PUBSUB_OK)
			tell_retracted(service, node, ids.v[i], recipients);
	}
	return err;
}

enum pubsub_error item_remove(
	struct service *service, struct pubsub_node *node, struct pubsub_texts ids)
{
	const bool all = ids.n == node->items;
	struct recipients recipients = {0};
	enum pubsub_error err = PUBSUB_OK;

	if (node->config.notify_retract && (all || ids.n <= TOLD_MAX))
		err = recipients_find(service, node,
			all ? PUBSUB_EVENT_PURGE : PUBSUB_EVENT_RETRACT, &recipients);
	if (err != PUBSUB_OK)
		return err;
	if (!all)
		return remove_each(service, node, ids, &recipients);
	err = store_node_purge(service->txn, node);
	if (err == PUBSUB_OK)
		event_of_node(service, node, PUBSUB_EVENT_PURGE, &recipients);
	return err;
}

/* ---- because their time is up ---- */

/* A wrong clock may have left some among the oldest that are not due yet; *left: how many may be
 * looked at. */
static enum pubsub_error find_due(
	struct service *service, const struct pubsub_node *node, size_t *left, struct texts *out)
{
	struct store_item_range range = {.bytes = SIZE_MAX};
	struct pubsub_item *items = NULL;
	size_t n = 0, due = 0;
	enum pubsub_error err = PUBSUB_OK;

	do {
		range.limit = *left < PAGE ? *left : PAGE;
		err = store_items_page(service->txn, node, &range, service->arena, &items, &n);
		due = 0;
		for (size_t i = 0; err == PUBSUB_OK && i < n; i++) {
			if (items[i].expires_us == 0 || items[i].expires_us > service->now_us)
				continue;
			texts_add(out, arena_strdup(service->arena, items[i].id));
			due++;
		}
		if (n > 0)
			range.after_seq = items[n - 1].seq;
		*left -= n;
	} while (err == PUBSUB_OK && n == range.limit && due > 0 && *left > 0);
	return err;
}

static enum pubsub_error expire_node(
	struct service *service, struct pubsub_node *node, size_t *left)
{
	struct texts due = {.arena = service->arena};
	struct recipients recipients = {0};
	enum pubsub_error err = find_due(service, node, left, &due);

	if (err == PUBSUB_OK && due.n > 0 && node->config.notify_retract)
		err = recipients_find(service, node, PUBSUB_EVENT_RETRACT, &recipients);
	if (err == PUBSUB_OK)
		err = remove_each(service, node, texts_list(&due), &recipients);
	return err == PUBSUB_OK ? store_node_due_renew(service->txn, node) : err;
}

enum pubsub_error service_items_expire(struct service *service,
	const struct service_profiles *profiles, size_t limit, bool *more_out)
{
	const struct service_profile *profile = service->profile;
	struct pubsub_node *nodes = NULL;
	size_t n = 0, i = 0, left = limit;
	enum pubsub_error err =
		store_nodes_due(service->txn, service->now_us, limit, service->arena, &nodes, &n);

	for (; err == PUBSUB_OK && i < n && left > 0 &&
		service->told_bytes <= profile->fanout_bytes;
		i++) {
		service->profile = profiles->of(profiles->ctx, nodes[i].service);
		err = expire_node(service, &nodes[i], &left);
	}
	*more_out = i < n || n == limit || left == 0;
	service->profile = profile;
	return err;
}
