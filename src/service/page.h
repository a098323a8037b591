/* page.h - answers in pages: what fits into one stanza, and Result Set Management (XEP-0059). */
#ifndef SERVICE_PAGE_H
#define SERVICE_PAGE_H

#include "peppy/service.h"

/* What is left of a stanza. Whatever it is, the first entry of a page fits. */
struct page_room {
	size_t left;
	size_t entries;
};
struct page_room page_room(const struct service *service);

bool page_has_room(const struct page_room *room, size_t text_bytes); /* not only as the first */

/* Takes the room of an entry whose texts come to so many bytes. false: there is none. */
bool page_take(struct page_room *room, size_t text_bytes);
size_t page_most(const struct page_room *room); /* no more entries than this will fit */

size_t page_text_bytes(const char *text); /* of an attribute's value, as escaped; NULL: 0 */

/* At most as many entries as the requester wants; SIZE_MAX if it does not say. */
size_t page_limit(const struct pubsub_rsm *rsm);

/* A list that is at hand as a whole, sorted; its UIDs are texts made of its entries. They name
 * places: what stood there may be gone. */
struct page_list {
	struct service *service;
	const void *list;
	size_t n;
	const char *(*uid)(struct service *service, const void *list, size_t i);

	/* Where an entry stands, seen from the place: < 0 before it, 0 there. false: no UID. */
	bool (*compare)(const void *list, size_t i, const char *uid, int *out);
	size_t (*bytes)(const void *list, size_t i); /* of an entry's texts */
};

/* The entries that belong to the page. PUBSUB_ERR_RSM_NOT_FOUND: that is no UID. */
struct page_part {
	size_t first, n;
};
MUST_CHECK enum pubsub_error page_of_list(const struct page_list *list,
	const struct pubsub_rsm *rsm, struct page_part *part_out, struct pubsub_page *page_out);

/* The same if only that part of it is at hand which begins where the page does or, backward, ends
 * there. Needs no compare; count and index are left to the caller. */
void page_of_part(const struct page_list *list, const struct pubsub_rsm *rsm,
	struct page_part *part_out, struct pubsub_page *page_out);

/* The range of a sorted list. PUBSUB_ERR_RSM_INDEX: such lists are not found by index. */
MUST_CHECK enum pubsub_error page_range(const struct pubsub_rsm *rsm, struct store_range *out);

/* The same where UIDs are numbers, from 1. PUBSUB_ERR_RSM_NOT_FOUND: that is none. */
MUST_CHECK enum pubsub_error page_number_range(
	const struct pubsub_rsm *rsm, struct store_number_range *out);
const char *page_number(struct service *service, uint32_t number);

#endif
