/* order.c - Order-By (XEP-0413). By modification is the order in which items are kept; there is no
 * index by creation, so that for that the items of the node are sorted for each page. */
#include "service/order.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "service/page.h"
#include "service/retrieve.h"

#define SORTED_MAX 10000 /* items of a node */

/* Where an item stands: no two of a node are at the same place. */
struct place {
	uint64_t date_us;
	uint64_t seq;
	bool descending;
};

struct sorted {
	struct place place;
	struct pubsub_item item;
};

static struct place place_of(const struct pubsub_request *request, const struct pubsub_item *item)
{
	return (struct place){
		.date_us = item->created_us,
		.seq = item->seq,
		.descending = request->descending,
	};
}

static int compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int compare_places(const struct place *a, const struct place *b)
{
	int order = compare_numbers(a->date_us, b->date_us);

	if (order == 0)
		order = compare_numbers(a->seq, b->seq);
	return a->descending ? -order : order;
}

static int compare(const void *a, const void *b)
{
	return compare_places(
		&((const struct sorted *)a)->place, &((const struct sorted *)b)->place);
}

static const char *uid(struct service *service, const void *list, size_t i)
{
	const struct place *place = &((const struct sorted *)list)[i].place;

	return arena_printf(
		service->arena, "%016" PRIx64 ".%016" PRIx64, place->date_us, place->seq);
}

static bool compare_uid(const void *list, size_t i, const char *text, int *out)
{
	const struct place *place = &((const struct sorted *)list)[i].place;
	struct place other = {.descending = place->descending};

	if (sscanf(text, "%16" SCNx64 ".%16" SCNx64, &other.date_us, &other.seq) != 2)
		return false;
	*out = compare_places(place, &other);
	return true;
}

static size_t bytes(const void *list, size_t i)
{
	return retrieve_item_bytes(&((const struct sorted *)list)[i].item);
}

static enum pubsub_error load(struct service *service, const struct pubsub_node *node,
	const struct pubsub_request *request, struct page_list *out)
{
	const struct store_item_range range = {.limit = SORTED_MAX, .bytes = SIZE_MAX};
	struct pubsub_item *items = NULL;
	struct sorted *sorted = NULL;
	size_t n = 0;
	enum pubsub_error err = PUBSUB_OK;

	if (node->items > SORTED_MAX)
		return PUBSUB_ERR_ORDER;
	err = store_items_page(service->txn, node, &range, service->arena, &items, &n);
	if (err != PUBSUB_OK)
		return err;
	sorted = arena_alloc(service->arena, n * sizeof *sorted);
	for (size_t i = 0; i < n; i++) {
		if (!retrieve_is_expired(service, &items[i]))
			sorted[out->n++] = (struct sorted){place_of(request, &items[i]), items[i]};
	}
	if (out->n > 1)
		qsort(sorted, out->n, sizeof *sorted, compare);
	out->list = sorted;
	return PUBSUB_OK;
}

/* max_items are the first ones in that order. */
static struct pubsub_rsm limited(const struct pubsub_request *request)
{
	struct pubsub_rsm rsm = request->rsm;

	if (request->max_items == 0 || page_limit(&rsm) <= request->max_items)
		return rsm;
	rsm.present = rsm.has_max = true;
	rsm.max = request->max_items;
	return rsm;
}

static enum pubsub_error page_by_creation(struct service *service, const struct pubsub_node *node,
	const struct pubsub_request *request, struct pubsub_answer *answer)
{
	struct page_list list = {
		.service = service, .uid = uid, .compare = compare_uid, .bytes = bytes};
	struct page_part part = {0};
	enum pubsub_error err = load(service, node, request, &list);

	if (err == PUBSUB_OK)
		err = page_of_list(&list, &request->rsm, &part, &answer->page);
	if (err != PUBSUB_OK)
		return err;
	answer->page.present = true;
	answer->items = arena_alloc(service->arena, part.n * sizeof *answer->items);
	answer->item_count = part.n;
	for (size_t i = 0; i < part.n; i++)
		answer->items[i] = ((const struct sorted *)list.list)[part.first + i].item;
	return PUBSUB_OK;
}

/* ---- by modification ---- */

/* The place behind which, seen from the end, that many items stand. */
static enum pubsub_error place_from_end(struct service *service, const struct pubsub_node *node,
	uint32_t index, struct pubsub_rsm *rsm)
{
	uint64_t skip = node->items > index ? node->items - index : 0, seq = 0;
	enum pubsub_error err = PUBSUB_OK;

	rsm->has_index = false;
	rsm->before = "";
	if (index == 0)
		return PUBSUB_OK;
	if (skip > SORTED_MAX)
		return PUBSUB_ERR_RSM_INDEX;
	err = store_items_seek(service->txn, node, skip, &seq);
	rsm->before = retrieve_uid(service, seq, skip);
	return err;
}

/* What has to be asked of the list as it is kept for a page of the list from its end. */
static enum pubsub_error mirror(
	struct service *service, const struct pubsub_node *node, struct pubsub_rsm *rsm)
{
	const char *after = rsm->present ? rsm->after : NULL;
	const char *before = rsm->present ? rsm->before : NULL;

	if (rsm->present && rsm->has_index)
		return place_from_end(service, node, rsm->index, rsm);
	rsm->present = true;
	rsm->after = before != NULL && *before != '\0' ? before : NULL;
	rsm->before = after != NULL ? after : before == NULL ? "" : NULL;
	return PUBSUB_OK;
}

static void reverse(struct pubsub_answer *answer)
{
	struct pubsub_page *page = &answer->page;
	const char *first = page->first;
	size_t n = answer->item_count;

	for (size_t i = 0; i < n / 2; i++) {
		struct pubsub_item swap = answer->items[i];

		answer->items[i] = answer->items[n - 1 - i];
		answer->items[n - 1 - i] = swap;
	}
	page->first = page->last;
	page->last = first;
	page->index = page->count - page->index - n;
}

static enum pubsub_error page_by_modification(struct service *service,
	const struct pubsub_node *node, const struct pubsub_request *request,
	struct pubsub_answer *answer)
{
	struct pubsub_request kept = *request;
	enum pubsub_error err = PUBSUB_OK;

	kept.max_items = 0;
	if (request->descending)
		err = mirror(service, node, &kept.rsm);
	if (err == PUBSUB_OK)
		err = retrieve_page(service, node, &kept, false, answer);
	if (err == PUBSUB_OK && request->descending)
		reverse(answer);
	return err;
}

enum pubsub_error order_page(struct service *service, const struct pubsub_node *node,
	const struct pubsub_request *request, struct pubsub_answer *answer)
{
	struct pubsub_request bounded = *request;

	bounded.rsm = limited(request);
	return request->order == PUBSUB_ORDER_CREATION
		       ? page_by_creation(service, node, &bounded, answer)
		       : page_by_modification(service, node, &bounded, answer);
}
