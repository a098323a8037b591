/* options.h - subscription options as far as they are offered. */
#ifndef SERVICE_OPTIONS_H
#define SERVICE_OPTIONS_H

#include "peppy/service.h"

/* PUBSUB_ERR_OPTIONS_INVALID, with the field as detail: an option that is not offered is refused,
 * never ignored. */
MUST_CHECK enum pubsub_error options_check(const struct service *service,
	const struct pubsub_node *node, const struct pubsub_request *request,
	struct pubsub_answer *answer);

#endif
