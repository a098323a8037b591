/* association.h - changes of who is whose child (XEP-0248 7.2, 7.5, 7.6), between check and
 * write. */
#ifndef SERVICE_ASSOCIATION_H
#define SERVICE_ASSOCIATION_H

#include "service/recipients.h"

struct association; /* one that begins or ends */

/* What a configuration comes to. */
struct associations {
	struct service *service;
	const struct pubsub_request *request;
	struct pubsub_answer *answer;
	const struct pubsub_node *before; /* NULL: it is about to be created */
	struct pubsub_node *node;         /* as it will be: the fields below are those in set */
	uint64_t set;

	/* found by the check; zero at the start */
	struct association *first;
	struct above above;        /* the node, as it will be */
	struct recipients created; /* who hear that it is there */
};

/* PUBSUB_ERR_UNSUPPORTED, _COLLECTION_INVALID, _COLLECTION_FULL, _ASSOCIATE_FORBIDDEN,
 * _NODE_NOT_FOUND, _CONFIG_INVALID: it may not be. */
MUST_CHECK enum pubsub_error associations_check(struct associations *as);

/* The node has been written. */
MUST_CHECK enum pubsub_error associations_write(struct associations *as);

#endif
