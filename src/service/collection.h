/* collection.h - collections (XEP-0248): what is above a node, and how its configuration tells of
 * it. */
#ifndef SERVICE_COLLECTION_H
#define SERVICE_COLLECTION_H

#include "peppy/service.h"

/* The collections above a node, the nearest first. */
struct above {
	struct above_node {
		struct pubsub_node *node;
		uint32_t depth; /* from 1 on: the shortest way counts */
	} * v;
	size_t n;
	bool cut; /* there are more, which are told nothing */
};

/* Of a node in no collection it is known without asking the store. */
MUST_CHECK enum pubsub_error collection_above(
	struct service *service, const struct pubsub_node *node, struct above *out);

/* As they would be above a node with these parents. */
MUST_CHECK enum pubsub_error collection_above_parents(struct service *service,
	const struct pubsub_node *node, struct pubsub_node *const *parents, size_t n,
	struct above *out);

/* The service as a collection; not stored, if nobody has subscribed to it yet. */
MUST_CHECK enum pubsub_error collection_root(
	struct service *service, const char *service_jid, struct pubsub_node **out);

bool collection_is(const struct pubsub_node *node);

/* The children of a collection, all of them; PUBSUB_ERR_CONFIG_INVALID with detail: too many to be
 * named in a form. */
MUST_CHECK enum pubsub_error collection_children(struct service *service,
	const struct pubsub_node *node, struct pubsub_answer *answer, struct pubsub_node **out,
	size_t *n_out);

/* Sets parents and children of a configuration as the node has them. */
MUST_CHECK enum pubsub_error collection_tell(
	struct service *service, const struct pubsub_node *node, struct pubsub_node_config *config);

/* The same for everybody: those that are open. */
MUST_CHECK enum pubsub_error collection_tell_all(
	struct service *service, const struct pubsub_node *node, struct pubsub_node_config *config);

/* The fields of its form that say nothing about such a node, or cannot say it all. */
uint64_t collection_hidden(const struct service *service, const struct pubsub_node *node);

#endif
