/* last.h - the last item of a node, to one entity. */
#ifndef SERVICE_LAST_H
#define SERVICE_LAST_H

#include "peppy/service.h"
#include "service/recipients.h"

/* Whether it goes to whoever comes online, or gains access. */
bool last_goes_out_unasked(const struct pubsub_node *node);

/* To a new subscriber, if the node says so (XEP-0060 6.1.7). */
MUST_CHECK enum pubsub_error last_on_subscribe(struct service *service,
	const struct pubsub_node *node, const struct pubsub_subscription *row);

/* To those who have gained access to a node that is in the store as it is now. */
MUST_CHECK enum pubsub_error last_on_access(struct service *service, const struct pubsub_node *node,
	const struct recipients *recipients);

#endif
