/* item.h - what publishing, configuring and expiring have in common. */
#ifndef SERVICE_ITEM_H
#define SERVICE_ITEM_H

#include "peppy/service.h"
#include "service/recipients.h"

bool item_has_id(const struct pubsub_item *item);

/* Whether subscribers hear of items that go to make room for newer ones. */
bool item_eviction_is_told(const struct pubsub_node *node);

/* Removes the oldest items above max_items, and, but for the newest one, those above max_bytes (0:
 * none are); tells recipients if they are to hear of it. */
MUST_CHECK enum pubsub_error item_evict(struct service *service, struct pubsub_node *node,
	uint64_t max_bytes, const struct recipients *recipients);

/* Removes these items, which are there, and tells: as a purge if they are all of them. */
MUST_CHECK enum pubsub_error item_remove(
	struct service *service, struct pubsub_node *node, struct pubsub_texts ids);

#endif
