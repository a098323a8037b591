/* limit.h - the operator's limits of what nodes hold and requests bring. They do not bind admins; 0
 * is no limit. On an error the answer's detail says what the limit is. */
#ifndef SERVICE_LIMIT_H
#define SERVICE_LIMIT_H

#include "peppy/service.h"

/* PUBSUB_ERR_ID_LIMIT: the NodeID of a node that is to be created is too long;
 * PUBSUB_ERR_NODE_RESERVED: it is not the requester's to take. */
MUST_CHECK enum pubsub_error limit_node_id(struct service *service,
	const struct pubsub_request *request, struct pubsub_answer *answer);

/* Items of one publish, and their ids: PUBSUB_ERR_MAX_ITEMS_EXCEEDED, PUBSUB_ERR_ID_LIMIT. */
MUST_CHECK enum pubsub_error limit_items(struct service *service,
	const struct pubsub_request *request, struct pubsub_answer *answer);

/* What the items of a node may come to, for this requester; 0: no limit. */
uint64_t limit_node_bytes(const struct service *service, const struct pubsub_request *request);

/* PUBSUB_ERR_AFFILIATION_LIMIT: the node has no room for so many more. */
MUST_CHECK enum pubsub_error limit_affiliations(struct service *service,
	const struct pubsub_node *node, const struct pubsub_request *request, size_t more,
	struct pubsub_answer *answer);

/* PUBSUB_ERR_SUBSCRIBE_LIMIT: the node has no room for so many more subscriptions. */
MUST_CHECK enum pubsub_error limit_subscriptions(struct service *service,
	const struct pubsub_node *node, const struct pubsub_request *request, size_t more,
	struct pubsub_answer *answer);

/* The same, or who is to be subscribed is so often enough. */
MUST_CHECK enum pubsub_error limit_subscriber(struct service *service,
	const struct pubsub_node *node, const struct pubsub_request *request,
	struct pubsub_answer *answer);

/* PUBSUB_ERR_NODE_LIMIT: the requester has nodes enough. */
MUST_CHECK enum pubsub_error limit_nodes(struct service *service,
	const struct pubsub_request *request, struct pubsub_answer *answer);

/* So many entities are told that somebody else has subscribed them, or has given them an
 * affiliation.
 * PUBSUB_ERR_RATE_LIMIT: that were too many for now. */
MUST_CHECK enum pubsub_error limit_invitations(struct service *service,
	const struct pubsub_request *request, size_t n, struct pubsub_answer *answer);

/* Owners are asked to approve a subscription. PUBSUB_ERR_RATE_LIMIT: they were, too often. */
MUST_CHECK enum pubsub_error limit_application(struct service *service,
	const struct pubsub_request *request, struct pubsub_answer *answer);

#endif
