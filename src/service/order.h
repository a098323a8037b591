/* order.h - items of a node in another order than that of publication: XEP-0413. */
#ifndef SERVICE_ORDER_H
#define SERVICE_ORDER_H

#include "peppy/service.h"

/* The page of items that the request asks for in its order. PUBSUB_ERR_ORDER: they are too many. */
MUST_CHECK enum pubsub_error order_page(struct service *service, const struct pubsub_node *node,
	const struct pubsub_request *request, struct pubsub_answer *answer);

#endif
