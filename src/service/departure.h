/* departure.h - what a node keeps only as long as somebody is online. */
#ifndef SERVICE_DEPARTURE_H
#define SERVICE_DEPARTURE_H

#include "peppy/service.h"

/* The publisher's items go when he goes offline: for a node with purge_offline. */
MUST_CHECK enum pubsub_error departure_tie(
	struct service *service, const struct pubsub_node *node, const char *publisher);

/* The same for whoever has published an item that is there. */
MUST_CHECK enum pubsub_error departure_tie_all(
	struct service *service, const struct pubsub_node *node);

#endif
