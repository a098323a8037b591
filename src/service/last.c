/* last.c - last items (XEP-0060 6.1.7, 12.2.3; XEP-0163 4.3.4). */
#include "service/last.h"

#include <string.h>

#include "service/access.h"
#include "service/event.h"
#include "service/recipients.h"
#include "service/retrieve.h"
#include "service/subscription.h"

#define MISSED_MAX 100                /* items of a node, for somebody who was away */
#define MISSED_BYTES (256 * 1024)     /* likewise */
#define TOLD_BYTES (16 * 1024 * 1024) /* by one stanza: what is more is there to be asked for */

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

/* Oldest first. */
static enum pubsub_error send_items(struct service *service, const struct pubsub_node *node,
	const struct pubsub_item *items, size_t n, const struct recipients *recipients)
{
	bool named = false;
	enum pubsub_error err = event_names_publisher(service, node, &named);

	for (size_t i = 0; err == PUBSUB_OK && i < n; i++) {
		struct pubsub_item *item = copy_item(service, &items[i]);

		if (!named)
			item->publisher = NULL;
		event_of_item(service, node, PUBSUB_EVENT_PUBLISH, item, recipients)->last = true;
	}
	return err;
}

static bool tells_items(const struct service *service, const struct pubsub_node *node)
{
	return node->config.persist_items && node->config.deliver_notifications &&
	       service->told_bytes < TOLD_BYTES;
}

static enum pubsub_error send_last(struct service *service, const struct pubsub_node *node,
	const struct recipients *recipients)
{
	struct pubsub_item *item = NULL;
	enum pubsub_error err = PUBSUB_OK;

	if (!tells_items(service, node))
		return PUBSUB_OK;
	err = retrieve_newest(service, node, &item);
	return err == PUBSUB_OK && item != NULL ? send_items(service, node, item, 1, recipients)
						: err;
}

enum pubsub_error last_on_subscribe(struct service *service, const struct pubsub_node *node,
	const struct pubsub_subscription *row)
{
	struct recipients recipients = {0};

	if (node->config.send_last_published_item == PUBSUB_SEND_LAST_NEVER ||
		!row->options.deliver)
		return PUBSUB_OK;
	if (!subscription_is_present(service, node, row))
		return PUBSUB_OK;
	recipients = recipients_of_row(service, node, row, row->subscriber.full);
	return send_last(service, node, &recipients);
}

/* One by one, as long as there is room: an event that is deferred would reach everybody. */
enum pubsub_error last_on_access(struct service *service, const struct pubsub_node *node,
	const struct recipients *recipients)
{
	enum pubsub_error err = PUBSUB_OK;

	for (size_t i = 0; err == PUBSUB_OK && i < recipients->n; i++) {
		const struct recipients one = {.v = &recipients->v[i], .n = 1};

		err = send_last(service, node, &one);
	}
	return err;
}

/* ---- for somebody who came online ---- */

static bool is_due_to(const struct pubsub_node *node, const struct service_arrival *arrival)
{
	return last_goes_out_unasked(node) ||
	       (arrival->since_us != 0 && node->config.presence_based_delivery);
}

/* Of the future: the clock was set back since. */
static bool has_heard(const struct service *service, const struct service_arrival *arrival,
	const struct pubsub_item *item)
{
	return arrival->hears_us != 0 && item->published_us > arrival->hears_us &&
	       item->published_us <= service->now_us;
}

static enum pubsub_error send_newest(struct service *service, const struct pubsub_node *node,
	const struct service_arrival *arrival, const struct recipients *recipients)
{
	struct pubsub_item *item = NULL;
	enum pubsub_error err = retrieve_newest(service, node, &item);

	if (err != PUBSUB_OK || item == NULL || has_heard(service, arrival, item))
		return err;
	return send_items(service, node, item, 1, recipients);
}

/* What somebody has missed (XEP-0312), of a long list the newest. */
static enum pubsub_error send_missed(struct service *service, const struct pubsub_node *node,
	const struct service_arrival *arrival, const struct recipients *recipients)
{
	const struct store_item_range range = {.after_seq = arrival->since_us - 1,
		.backward = true,
		.limit = MISSED_MAX,
		.bytes = MISSED_BYTES};
	struct pubsub_item *items = NULL;
	size_t n = 0, missed = 0;
	enum pubsub_error err =
		store_items_page(service->txn, node, &range, service->arena, &items, &n);

	service->looked_up += n;
	for (size_t i = 0; i < n; i++) {
		if (items[i].published_us >= arrival->since_us &&
			!retrieve_is_expired(service, &items[i]) &&
			!has_heard(service, arrival, &items[i]))
			items[missed++] = items[i];
	}
	return err == PUBSUB_OK ? send_items(service, node, items, missed, recipients) : err;
}

static enum pubsub_error send(struct service *service, const struct pubsub_node *node,
	const struct service_arrival *arrival, const struct recipients *recipients)
{
	if (!tells_items(service, node))
		return PUBSUB_OK;
	return arrival->since_us != 0 ? send_missed(service, node, arrival, recipients)
				      : send_newest(service, node, arrival, recipients);
}

static bool is_due(const struct service *service, const struct pubsub_subscription *row,
	const struct service_arrival *arrival)
{
	const struct pubsub_texts *states = subscription_states(&row->options);
	const struct contacts *contacts = service->contacts;

	if (!subscription_is_active(service, row) || !row->options.deliver)
		return false;
	if (states != NULL && !contacts->shows(contacts->ctx, arrival->jid, *states))
		return false;
	if (row->subscriber.resource != NULL && !jid_equal(row->subscriber, arrival->jid))
		return false;
	return arrival->notify == NULL || pubsub_texts_have(*arrival->notify, row->node_id);
}

/* At a component: of the node, if the subscription still entitles to it. */
static enum pubsub_error send_for_row(struct service *service,
	const struct service_arrival *arrival, const struct pubsub_subscription *row)
{
	struct recipients recipients = {0};
	struct pubsub_node *node = NULL;
	bool entitled = false;
	enum pubsub_error err =
		store_node_get(service->txn, arrival->service, row->node_id, service->arena, &node);

	if (err != PUBSUB_OK || !is_due_to(node, arrival))
		return err;
	err = access_settle(service, access_entitles(service, node, arrival->jid.bare, &entitled));
	if (err != PUBSUB_OK || !entitled)
		return err;
	recipients = recipients_of_row(service, node, row, arrival->jid.full);
	return send(service, node, arrival, &recipients);
}

static enum pubsub_error send_subscribed(
	struct service *service, const struct service_arrival *arrival)
{
	struct store_entity_subscription *rows = NULL;
	const char *former = "";
	size_t n = 0;
	enum pubsub_error err = store_entity_subscriptions(
		service->txn, arrival->service, arrival->jid.bare, service->arena, &rows, &n);

	service->looked_up += n;
	for (size_t i = 0; err == PUBSUB_OK && i < n; i++) {
		const struct pubsub_subscription *row = &rows[i].subscription;

		if (!is_due(service, row, arrival) || strcmp(former, row->node_id) == 0)
			continue; /* rows of a node stand together: once is enough */
		former = row->node_id;
		err = send_for_row(service, arrival, row);
	}
	return err;
}

/* At an account: what it asked for and may read, with a payload. */
static enum pubsub_error send_wanted(
	struct service *service, const struct service_arrival *arrival, const char *node_id)
{
	struct recipients recipients = recipients_one(service, arrival->jid.full);
	struct pubsub_node *node = NULL;
	bool readable = false;
	enum pubsub_error err =
		store_node_get(service->txn, arrival->service, node_id, service->arena, &node);

	if (err == PUBSUB_ERR_NODE_NOT_FOUND || err == PUBSUB_ERR_NODE_GONE)
		return PUBSUB_OK;
	if (err != PUBSUB_OK || !is_due_to(node, arrival) || !node->config.deliver_payloads)
		return err;
	err = access_settle(service, access_readable(service, node, arrival->jid, &readable));
	return err == PUBSUB_OK && readable ? send(service, node, arrival, &recipients) : err;
}

enum pubsub_error service_last_items(struct service *service, const struct service_arrival *arrival)
{
	const struct pubsub_texts *notify = arrival->notify;
	enum pubsub_error err = PUBSUB_OK;

	if (!service->profile->account)
		return send_subscribed(service, arrival);
	service->looked_up += notify != NULL ? notify->n : 0;
	for (size_t i = 0; err == PUBSUB_OK && notify != NULL && i < notify->n; i++)
		err = send_wanted(service, arrival, notify->v[i]);
	return err;
}
