/* retrieve.h - items of a node, page by page. */
#ifndef SERVICE_RETRIEVE_H
#define SERVICE_RETRIEVE_H

#include "peppy/service.h"

/* The page of items that the request asks for; without payloads, for lists of ids, whose room is
 * not taken by them either. Access is the caller's business. */
MUST_CHECK enum pubsub_error retrieve_page(struct service *service, const struct pubsub_node *node,
	const struct pubsub_request *request, bool ids_only, struct pubsub_answer *answer);

/* The UID of the item with this seq, which stands that many places behind the oldest one. */
const char *retrieve_uid(struct service *service, uint64_t seq, uint64_t position);

/* What its texts take in an answer (page_take). */
size_t retrieve_item_bytes(const struct pubsub_item *item);

/* It is due, and does not exist any more, though it has not been swept away yet. */
bool retrieve_is_expired(const struct service *service, const struct pubsub_item *item);

/* The newest item that has not expired; NULL if there is none. */
MUST_CHECK enum pubsub_error retrieve_newest(
	struct service *service, const struct pubsub_node *node, struct pubsub_item **out);

#endif
