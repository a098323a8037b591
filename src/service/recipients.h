/* recipients.h - who is to hear of an event: explicit subscribers, and on accounts those whose
 * clients announced interest. Judged as things stand now, before anything is written. */
#ifndef SERVICE_RECIPIENTS_H
#define SERVICE_RECIPIENTS_H

#include "service/collection.h"

#define RECIPIENT_BYTES 512 /* that one is told, beside a payload; about */

struct recipients {
	const struct pubsub_recipient *v;
	size_t n;
	const struct pubsub_subscription *digests; /* that collect it instead */
	size_t digest_n;
	bool deferred; /* too many to be named: service_fanout_page() finds them later, */
	const struct pubsub_ancestor *above; /* with these collections, if the node is in any */
	size_t above_n;
};

/* PUBSUB_ERR_NEED_ROSTER: cannot be said yet. node need not be in the store. */
MUST_CHECK enum pubsub_error recipients_find(struct service *service,
	const struct pubsub_node *node, enum pubsub_event_kind kind, struct recipients *out);

/* The same where it is not the collections above the node as it is that count. */
struct recipients_reach {
	const struct pubsub_node *node; /* that it is about */
	enum pubsub_event_kind kind;
	const char *node_id; /* among whose events it has its place */
	struct above above;
};
MUST_CHECK enum pubsub_error recipients_through(
	struct service *service, const struct recipients_reach *reach, struct recipients *out);

/* Interested clients that may read the node as it will be, but not as it is. */
MUST_CHECK enum pubsub_error recipients_gained(struct service *service,
	const struct pubsub_node *before, const struct pubsub_node *after, struct recipients *out);

struct recipients recipients_of(struct service *service, struct pubsub_texts jids);
struct recipients recipients_one(struct service *service, const char *jid);

/* The one that a subscription makes, at jid. */
struct recipients recipients_of_row(struct service *service, const struct pubsub_node *node,
	const struct pubsub_subscription *row, const char *jid);

#endif
