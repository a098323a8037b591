/* fanout.h - finding the recipients of one event: recipients.c does, at once or for deferred.c. */
#ifndef SERVICE_FANOUT_H
#define SERVICE_FANOUT_H

#include "peppy/buf.h"
#include "service/recipients.h"
#include "service/texts.h"
#include "service/ways.h"

struct interest;

struct fanout {
	struct service *service;
	const struct pubsub_node
		*node; /* that the event is about: whoever hears of it may see it */
	enum pubsub_event_kind kind;
	uint64_t published_seq; /* of a deferred item: who wants it since later has got it as last item */
	struct affiliation_roll roll; /* of that node */
	struct ways ways;
	struct interest *interests; /* sorted by bare JID, then resource */
	size_t interest_count;
	struct buf found; /* of struct pubsub_recipient */
	struct texts last_sub_ids, last_collections;
	struct buf digests; /* of struct pubsub_subscription */
};

/* Do those who are subscribed to the node itself hear of such an event? If not, it is told to
 * subscribers of collections alone. */
bool fanout_tells_own(enum pubsub_event_kind kind);

MUST_CHECK enum pubsub_error fanout_load_interests(struct fanout *f);
MUST_CHECK enum pubsub_error fanout_load_rolls(struct fanout *f);

/* A row that counts, and whoever it leads to may hear of it: he does. */
MUST_CHECK enum pubsub_error fanout_add(
	struct fanout *f, const struct way *way, const struct pubsub_subscription *row);

/* Interested clients that no row will bring. */
MUST_CHECK enum pubsub_error fanout_add_interests(struct fanout *f);

struct recipients fanout_take(struct fanout *f);

#endif
