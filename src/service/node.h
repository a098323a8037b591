/* node.h - nodes as the verbs find, make and limit them. */
#ifndef SERVICE_NODE_H
#define SERVICE_NODE_H

#include "peppy/service.h"
#include "service/access.h"

/* false: it is about to be created; the store must not be asked about it. */
bool node_is_stored(const struct pubsub_node *node);

/* The node of a request. PUBSUB_ERR_NODEID_REQUIRED, _NODE_NOT_FOUND, _NODE_GONE with detail. */
MUST_CHECK enum pubsub_error node_find(struct service *service,
	const struct pubsub_request *request, struct pubsub_answer *answer,
	struct pubsub_node **out);

/* The same; without a NodeID it is the service's root collection, if it may be subscribed to or might
 * once. It is not stored before anybody has. */
MUST_CHECK enum pubsub_error node_find_or_root(struct service *service,
	const struct pubsub_request *request, struct pubsub_answer *answer,
	struct pubsub_node **out);

/* As node_find, if the requester may read it or subscribe to it: else it is not found. */
MUST_CHECK enum pubsub_error node_find_visible(struct service *service,
	const struct pubsub_request *request, struct pubsub_answer *answer,
	struct pubsub_node **out);

/* As a request of owners finds it: PUBSUB_ERR_OWNER_FORBIDDEN unless the requester has the
 * right. */
MUST_CHECK enum pubsub_error node_find_own(struct service *service,
	const struct pubsub_request *request, struct pubsub_answer *answer, enum access_right right,
	struct pubsub_node **out);

/* A node as it would be created, with defaults but for the fields in set: nothing is written, nor
 * is it checked. */
struct pubsub_node *node_plan(struct service *service, const struct pubsub_request *request,
	const struct pubsub_node_config *config, uint64_t set);

/* Whether what was planned may be. PUBSUB_ERR_STANZA_TOO_BIG: its NodeID fits into no answer;
 * PUBSUB_ERR_ACCESS_UNSUPPORTED: it could let nobody in. */
MUST_CHECK enum pubsub_error node_check(struct service *service, struct pubsub_node *node);

/* Writes what was planned, and its owner. */
MUST_CHECK enum pubsub_error node_write(struct service *service, struct pubsub_node *node);

/* A configuration as it may stand: its numbers are brought within the service's limits, and
 * collections keep no items. */
void node_config_fit(const struct service *service, struct pubsub_node_config *config);

/* What max_items and max_payload_size come to. */
uint32_t node_max_items(const struct service *service, const struct pubsub_node_config *config);
uint32_t node_max_payload(const struct service *service, const struct pubsub_node_config *config);

#endif
