/* last.c - last items (XEP-0060 6.1.7, 12.2.3; XEP-0163 4.3.4). */
#include "service/last.h"

#include <string.h>

#include "service/access.h"
#include "service/event.h"
#include "service/recipients.h"
#include "service/retrieve.h"
#include "service/subscription.h"

bool last_goes_out_unasked(const struct pubsub_node *node)
{
	return node->config.send_last_published_item == PUBSUB_SEND_LAST_ON_SUB_AND_PRESENCE;
}

/* What the store hands out is good until the next write only. */
static struct pubsub_item *copy_item(struct service *service, const struct pubsub_item *item)
{
	struct pubsub_item *copy = arena_alloc(service->arena, sizeof *copy);

	*copy = *item;
	copy->id = arena_strdup(service->arena, item->id);
	copy->publisher = arena_strdup(service->arena, item->publisher);
	if (item->payload != NULL)
		copy->payload = arena_memdup(service->arena, item->payload, item->payload_len);
	return copy;
}

static enum pubsub_error send_last(struct service *service, const struct pubsub_node *node,
	const struct recipients *recipients)
{
	struct pubsub_item *item = NULL;
	bool named = false;
	enum pubsub_error err = PUBSUB_OK;

	if (!node->config.persist_items || !node->config.deliver_notifications)
		return PUBSUB_OK;
	err = retrieve_newest(service, node, &item);
	if (err != PUBSUB_OK || item == NULL)
		return err;
	err = event_names_publisher(service, node, &named);
	if (err != PUBSUB_OK)
		return err;
	item = copy_item(service, item);
	if (!named)
		item->publisher = NULL;
	event_of_item(service, node, PUBSUB_EVENT_PUBLISH, item, recipients)->last = true;
	return PUBSUB_OK;
}

enum pubsub_error last_on_subscribe(struct service *service, const struct pubsub_node *node,
	const struct pubsub_subscription *row)
{
	const struct contacts *contacts = service->contacts;
	struct recipients recipients = {0};

	if (node->config.send_last_published_item == PUBSUB_SEND_LAST_NEVER ||
		!row->options.deliver)
		return PUBSUB_OK;
	if (node->config.presence_based_delivery &&
		!contacts->available(contacts->ctx, row->subscriber))
		return PUBSUB_OK;
	recipients = recipients_of_row(service, node, row, row->subscriber.full);
	return send_last(service, node, &recipients);
}

enum pubsub_error last_on_access(struct service *service, const struct pubsub_node *node,
	const struct recipients *recipients)
{
	return recipients->n > 0 ? send_last(service, node, recipients) : PUBSUB_OK;
}

/* ---- for somebody who came online ---- */

static bool wants(const struct pubsub_texts *notify, const char *node_id)
{
	for (size_t i = 0; i < notify->n; i++) {
		if (strcmp(notify->v[i], node_id) == 0)
			return true;
	}
	return false;
}

static bool is_due(const struct service *service, const struct pubsub_subscription *row,
	struct jid jid, const struct pubsub_texts *notify)
{
	if (!subscription_is_active(service, row) || !row->options.deliver)
		return false;
	if (row->subscriber.resource != NULL && !jid_equal(row->subscriber, jid))
		return false;
	return notify == NULL || wants(notify, row->node_id);
}

/* At a component: the last item of the node, if the subscription still entitles to it. */
static enum pubsub_error send_for_row(struct service *service, const char *service_jid,
	const struct pubsub_subscription *row, struct jid jid)
{
	struct recipients recipients = {0};
	struct pubsub_node *node = NULL;
	bool entitled = false;
	enum pubsub_error err =
		store_node_get(service->txn, service_jid, row->node_id, service->arena, &node);

	if (err != PUBSUB_OK || !last_goes_out_unasked(node))
		return err;
	err = access_settle(service, access_entitles(service, node, jid.bare, &entitled));
	if (err != PUBSUB_OK || !entitled)
		return err;
	recipients = recipients_of_row(service, node, row, jid.full);
	return send_last(service, node, &recipients);
}

static enum pubsub_error send_subscribed(struct service *service, const char *service_jid,
	struct jid jid, const struct pubsub_texts *notify)
{
	struct store_entity_subscription *rows = NULL;
	const char *former = "";
	size_t n = 0;
	enum pubsub_error err = store_entity_subscriptions(
		service->txn, service_jid, jid.bare, service->arena, &rows, &n);

	for (size_t i = 0; err == PUBSUB_OK && i < n; i++) {
		const struct pubsub_subscription *row = &rows[i].subscription;

		if (!is_due(service, row, jid, notify) || strcmp(former, row->node_id) == 0)
			continue; /* rows of a node stand together: once is enough */
		former = row->node_id;
		err = send_for_row(service, service_jid, row, jid);
	}
	return err;
}

/* At an account: what it asked for and may read, with a payload. */
static enum pubsub_error send_wanted(
	struct service *service, const char *service_jid, struct jid jid, const char *node_id)
{
	struct recipients recipients = recipients_one(service, jid.full);
	struct pubsub_node *node = NULL;
	bool readable = false;
	enum pubsub_error err =
		store_node_get(service->txn, service_jid, node_id, service->arena, &node);

	if (err == PUBSUB_ERR_NODE_NOT_FOUND || err == PUBSUB_ERR_NODE_GONE)
		return PUBSUB_OK;
	if (err != PUBSUB_OK || !last_goes_out_unasked(node) || !node->config.deliver_payloads)
		return err;
	err = access_settle(service, access_readable(service, node, jid, &readable));
	return err == PUBSUB_OK && readable ? send_last(service, node, &recipients) : err;
}

enum pubsub_error service_last_items(struct service *service, const char *service_jid,
	struct jid jid, const struct pubsub_texts *notify)
{
	enum pubsub_error err = PUBSUB_OK;

	jid = jid_copy(jid, service->arena);
	if (!service->profile->account)
		return send_subscribed(service, service_jid, jid, notify);
	for (size_t i = 0; err == PUBSUB_OK && notify != NULL && i < notify->n; i++)
		err = send_wanted(service, service_jid, jid, notify->v[i]);
	return err;
}
