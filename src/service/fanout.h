/* fanout.h - finding the recipients of one event: recipients.c does, with interest.c, at once or for
 * deferred.c. */
#ifndef SERVICE_FANOUT_H
#define SERVICE_FANOUT_H

#include "peppy/buf.h"
#include "service/recipients.h"
#include "service/texts.h"
#include "service/ways.h"

/* A client that announced interest, and what an explicit subscription of the same entity adds. */
struct interest {
	struct jid jid;
	bool subscribed; /* explicitly: judged already */
	bool digested;   /* likewise, and the subscription collects */
	bool wants_body;
	struct texts sub_ids;
};

struct fanout {
	struct service *service;
	const struct pubsub_node *node; /* that it is about: whoever hears of it may see it */
	enum pubsub_event_kind kind;
	uint64_t published_seq;       /* of a deferred item: who wants it since later has had it */
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

MUST_CHECK enum pubsub_error fanout_load_rolls(struct fanout *f);

/* Does a row count, and may whoever it leads to hear of it? */
MUST_CHECK enum pubsub_error fanout_judge(
	struct fanout *f, const struct way *way, const struct pubsub_subscription *row, bool *out);

/* If so, he does. */
MUST_CHECK enum pubsub_error fanout_add(
	struct fanout *f, const struct way *way, const struct pubsub_subscription *row);

/* Are SubIDs told (XEP-0060 12.16)? The rest is the same for all subscriptions of a JID. */
bool fanout_has_sub_ids(const struct fanout *f);

/* Does the subscription collect the event? Of a node that is deleted no digest will be sent. */
bool fanout_is_collected(const struct fanout *f, const struct pubsub_subscription *row);
void fanout_append(struct fanout *f, struct pubsub_recipient recipient);

struct recipients fanout_take(struct fanout *f);

/* ---- interest.c ---- */

MUST_CHECK enum pubsub_error fanout_load_interests(struct fanout *f);

/* An explicit subscription of interested clients: they are told at their full JIDs, and once
 * (XEP-0163 4.3.2). false: none of them is interested. */
bool fanout_merge_interest(struct fanout *f, const struct pubsub_subscription *row);

/* One that may hear of it; append_client does not ask. */
MUST_CHECK enum pubsub_error fanout_append_interest(
	struct fanout *f, const struct interest *interest);
void fanout_append_client(struct fanout *f, const struct interest *interest);

/* Those behind a full JID (NULL: from the start), with what their subscriptions say, up to limit,
 * which is not 0; *last_out: the last one of them, if there are more. */
MUST_CHECK enum pubsub_error fanout_add_interests(
	struct fanout *f, const char *after, size_t limit, const char **last_out);

#endif
