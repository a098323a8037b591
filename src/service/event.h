/* event.h - changes of which entities are to be notified, appended to the service's list. An event
 * that nobody is to hear of is not appended. */
#ifndef SERVICE_EVENT_H
#define SERVICE_EVENT_H

#include "peppy/service.h"
#include "service/recipients.h"

/* Never NULL, so that what only this kind has can be set. */
struct pubsub_event *event_of_node(struct service *service, const struct pubsub_node *node,
	enum pubsub_event_kind kind, const struct recipients *recipients);

/* ASSOCIATE or DISSOCIATE. */
void event_of_relation(struct service *service, const struct pubsub_node *collection,
	const struct pubsub_node *child, enum pubsub_event_kind kind,
	const struct recipients *recipients);

/* One item, as subscribers may see it: PUBLISH with what the node delivers, RETRACT its id. NULL:
 * a transient event without any. item has to live as long as the events. */
struct pubsub_event *event_of_item(struct service *service, const struct pubsub_node *node,
	enum pubsub_event_kind kind, const struct pubsub_item *item,
	const struct recipients *recipients);

/* To the subscriber, at the JID it subscribed. */
void event_subscription(struct service *service, const struct pubsub_node *node,
	const struct pubsub_subscription *row);

/* SUBSCRIPTION or AUTHORIZE, to the owners. */
MUST_CHECK enum pubsub_error event_to_owners(struct service *service,
	const struct pubsub_node *node, enum pubsub_event_kind kind,
	const struct pubsub_subscription *row);

/* To the entity whose affiliation was changed. */
void event_affiliation(struct service *service, const struct pubsub_node *node,
	const struct pubsub_affiliate *affiliate);

/* Whether there is anybody to hear of an event. */
bool event_is_heard(const struct recipients *recipients);

/* Whether items of the node tell who published them, in events and in answers. */
MUST_CHECK enum pubsub_error event_names_publisher(
	struct service *service, const struct pubsub_node *node, bool *out);

#endif
