/* ways.h - the ways on which an event may reach somebody: by a subscription to its node, or to a
 * collection above it. All of them together, JID by JID. */
#ifndef SERVICE_WAYS_H
#define SERVICE_WAYS_H

#include "service/affiliation.h"
#include "service/subscription.h"

struct way {
	const struct pubsub_node *node; /* that is subscribed to */
	uint32_t depth;                 /* so many steps above the event's; 0: it is that one */
	uint64_t seq;                   /* later subscriptions do not count */
	struct affiliation_roll roll;
	struct subscription_walk walk;
	const struct pubsub_subscription *row; /* not taken yet; NULL: none is at hand */
};
struct ways {
	struct way *v;
	size_t n;
};

/* after: the place behind which they begin; NULL: from the start. page: about so many rows are read
 * at a time. */
void ways_start(struct ways *ways, struct service *service, const struct pubsub_subscription *after,
	size_t page);

/* Rows of one JID come one after the other; NULL: there are no more. A row is good until the next
 * call but one. */
const struct pubsub_subscription *ways_next(struct ways *ways, struct way **way_out);

/* The first error of the two, the store's or the caller's. */
MUST_CHECK enum pubsub_error ways_finish(struct ways *ways, enum pubsub_error err);

#endif
