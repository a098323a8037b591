/* event.c - events: what they hold. Who is notified of them is in recipients.c. */
#include "service/event.h"

#include "service/affiliation.h"
#include "service/node.h"
#include "service/subscription.h"

static void append(struct service *service, struct pubsub_event *event)
{
	*service->events_end = event;
	service->events_end = &event->next;
}

bool event_is_heard(const struct recipients *recipients)
{
	return recipients->n > 0 || recipients->digest_n > 0 || recipients->deferred;
}

struct pubsub_event *event_of_node(struct service *service, const struct pubsub_node *node,
	enum pubsub_event_kind kind, const struct recipients *recipients)
{
	struct pubsub_event *event = arena_alloc(service->arena, sizeof *event);

	*event = (struct pubsub_event){
		.kind = kind,
		.service = node->service,
		.node_id = node->node_id,
		.type = node->config.notification_type,
		.recipients = recipients->v,
		.recipient_count = recipients->n,
		.digests = recipients->digests,
		.digest_count = recipients->digest_n,
		.deferred = recipients->deferred,
		.sid = node->sid,
		.no = node->no,
		.seq = node->last_seq,
		.above = recipients->above,
		.above_count = recipients->above_n,
		.gone = kind == PUBSUB_EVENT_DELETE ? node : NULL,
	};
	if (event_is_heard(recipients))
		append(service, event);
	return event;
}

void event_of_relation(struct service *service, const struct pubsub_node *collection,
	const struct pubsub_node *child, enum pubsub_event_kind kind,
	const struct recipients *recipients)
{
	struct pubsub_event *event = event_of_node(service, collection, kind, recipients);

	event->child = child->node_id;
	event->no = child->no; /* who may see that one is told */
}

static struct pubsub_item *delivered(struct service *service, const struct pubsub_node *node,
	enum pubsub_event_kind kind, const struct pubsub_item *item)
{
	struct pubsub_item *copy = arena_alloc(service->arena, sizeof *copy);

	*copy = *item;
	if (kind == PUBSUB_EVENT_RETRACT) {
		*copy = (struct pubsub_item){.id = item->id};
	} else if (!node->config.deliver_payloads) {
		copy->payload = NULL;
		copy->payload_len = 0;
	}
	return copy;
}

struct pubsub_event *event_of_item(struct service *service, const struct pubsub_node *node,
	enum pubsub_event_kind kind, const struct pubsub_item *item,
	const struct recipients *recipients)
{
	struct pubsub_event *event = event_of_node(service, node, kind, recipients);
	const size_t told = recipients->n + recipients->digest_n;

	if (item == NULL || !event_is_heard(recipients))
		return event;
	event->items = delivered(service, node, kind, item);
	event->item_count = 1;
	service->told_bytes += told * (event->items->payload_len + RECIPIENT_BYTES);
	if (told > 1 && node_is_stored(node) &&
		service->told_bytes > service->profile->fanout_bytes) {
		event->deferred = true;
		event->recipient_count = event->digest_count = 0;
	}
	return event;
}

void event_subscription(struct service *service, const struct pubsub_node *node,
	const struct pubsub_subscription *row)
{
	const struct pubsub_subscription *shown = subscription_shown(service, node, row);
	struct recipients recipients = recipients_one(service, shown->subscriber.full);

	event_of_node(service, node, PUBSUB_EVENT_SUBSCRIPTION, &recipients)->subscription = shown;
}

enum pubsub_error event_to_owners(struct service *service, const struct pubsub_node *node,
	enum pubsub_event_kind kind, const struct pubsub_subscription *row)
{
	struct recipients recipients = {0};
	struct pubsub_event *event = NULL;
	struct pubsub_texts owners = {0};
	enum pubsub_error err = PUBSUB_OK;

	if (service->told_bytes > service->profile->fanout_bytes)
		return PUBSUB_OK; /* many at once, to many owners: they can read the list */
	err = affiliation_owners(service, node, &owners);
	if (err != PUBSUB_OK)
		return err;
	service->told_bytes += owners.n * RECIPIENT_BYTES;
	recipients = recipients_of(service, owners);
	event = event_of_node(service, node, kind, &recipients);
	event->subscription = subscription_shown(service, node, row);
	if (kind == PUBSUB_EVENT_AUTHORIZE)
		event->type =
			PUBSUB_NOTIFICATION_NORMAL; /* it may wait for an owner who is offline */
	return PUBSUB_OK;
}

void event_affiliation(struct service *service, const struct pubsub_node *node,
	const struct pubsub_affiliate *affiliate)
{
	struct recipients recipients = recipients_one(service, affiliate->jid);

	event_of_node(service, node, PUBSUB_EVENT_AFFILIATION, &recipients)->affiliate = affiliate;
}

enum pubsub_error event_names_publisher(
	struct service *service, const struct pubsub_node *node, bool *out)
{
	*out = node->config.itemreply == PUBSUB_ITEMREPLY_PUBLISHER;
	if (node->config.itemreply != PUBSUB_ITEMREPLY_OWNER)
		return PUBSUB_OK;
	return affiliation_has_publishers(service, node, out);
}
