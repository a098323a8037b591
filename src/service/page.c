/* page.c - the room of a stanza and the ranges of sorted lists. */
#include "service/page.h"

#include <inttypes.h>
#include <string.h>

#include "peppy/number.h"

#define ENVELOPE 4096 /* <iq/>, <pubsub/>, <set/>, the wrapper of a delegation */
#define ENTRY 96      /* the tags and attribute names of an entry */
#define ESCAPED 6     /* &quot; */

struct page_room page_room(const struct service *service)
{
	size_t bytes = service->profile->answer_bytes;

	return (struct page_room){.left = bytes > ENVELOPE ? bytes - ENVELOPE : 0};
}

bool page_has_room(const struct page_room *room, size_t text_bytes)
{
	return room->left >= ENTRY && room->left - ENTRY >= text_bytes;
}

bool page_take(struct page_room *room, size_t text_bytes)
{
	size_t bytes = ENTRY + text_bytes;

	if (room->entries > 0 && !page_has_room(room, text_bytes))
		return false;
	room->left -= bytes < room->left ? bytes : room->left;
	room->entries++;
	return true;
}

size_t page_most(const struct page_room *room)
{
	return room->left / ENTRY + 1;
}

size_t page_text_bytes(const char *text)
{
	size_t bytes = 0;

	if (text == NULL)
		return 0;
	for (; *text != '\0'; text++)
		bytes += strchr("&<>'\"\t\n\r", *text) != NULL ? ESCAPED : 1;
	return bytes;
}

size_t page_limit(const struct pubsub_rsm *rsm)
{
	return rsm->present && rsm->has_max ? rsm->max : SIZE_MAX;
}

/* The first entry at the place or behind it. */
static enum pubsub_error find_place(
	const struct page_list *list, const char *uid, size_t *out, bool *there_out)
{
	int order = 0;

	*there_out = false;
	for (*out = 0; *out < list->n; (*out)++) {
		if (!list->compare(list->list, *out, uid, &order))
			return PUBSUB_ERR_RSM_NOT_FOUND;
		*there_out = order == 0;
		if (order >= 0)
			break;
	}
	return PUBSUB_OK;
}

/* The part of the list that the page is taken from: its head, or its tail if backward. */
static enum pubsub_error find_span(
	const struct page_list *list, const struct pubsub_rsm *rsm, struct page_part *out)
{
	size_t start = 0, end = list->n;
	enum pubsub_error err = PUBSUB_OK;
	bool there = false;

	if (rsm->present && rsm->has_index) {
		start = rsm->index < list->n ? rsm->index : list->n;
	} else if (rsm->present && rsm->after != NULL) {
		err = find_place(list, rsm->after, &start, &there);
		start += there;
	} else if (rsm->present && rsm->before != NULL && *rsm->before != '\0') {
		err = find_place(list, rsm->before, &end, &there);
	}
	*out = (struct page_part){start, end - start};
	return err;
}

static void cut(const struct page_list *list, const struct pubsub_rsm *rsm, struct page_part *part,
	struct pubsub_page *page_out)
{
	struct page_room room = page_room(list->service);
	const bool backward = rsm->present && rsm->before != NULL;
	const size_t start = part->first, end = start + part->n;
	size_t n = 0;

	while (n < end - start && n < page_limit(rsm) &&
		page_take(&room, list->bytes(list->list, backward ? end - 1 - n : start + n)))
		n++;
	*part = (struct page_part){backward ? end - n : start, n};
	*page_out = (struct pubsub_page){
		.present = rsm->present || n < list->n, .more = n < end - start};
	if (n == 0)
		return;
	page_out->first = list->uid(list->service, list->list, part->first);
	page_out->last = list->uid(list->service, list->list, part->first + n - 1);
}

void page_of_part(const struct page_list *list, const struct pubsub_rsm *rsm,
	struct page_part *part_out, struct pubsub_page *page_out)
{
	*part_out = (struct page_part){0, list->n};
	cut(list, rsm, part_out, page_out);
}

enum pubsub_error page_of_list(const struct page_list *list, const struct pubsub_rsm *rsm,
	struct page_part *part_out, struct pubsub_page *page_out)
{
	enum pubsub_error err = find_span(list, rsm, part_out);

	if (err != PUBSUB_OK)
		return err;
	cut(list, rsm, part_out, page_out);
	page_out->has_count = true;
	page_out->count = list->n;
	page_out->has_index = part_out->n > 0;
	page_out->index = part_out->first;
	return PUBSUB_OK;
}

enum pubsub_error page_range(const struct pubsub_rsm *rsm, struct store_range *out)
{
	*out = (struct store_range){0};
	if (!rsm->present)
		return PUBSUB_OK;
	if (rsm->has_index)
		return PUBSUB_ERR_RSM_INDEX;
	if (rsm->after != NULL) {
		out->after = rsm->after;
		return PUBSUB_OK;
	}
	out->backward = rsm->before != NULL;
	if (rsm->before != NULL && *rsm->before != '\0')
		out->before = rsm->before;
	return PUBSUB_OK;
}

static bool take_place(const char *text, uint32_t *out)
{
	return number_parse(text, UINT32_MAX, out) && *out != 0;
}

enum pubsub_error page_number_range(const struct pubsub_rsm *rsm, struct store_number_range *out)
{
	struct store_range range = {0};
	enum pubsub_error err = page_range(rsm, &range);

	*out = (struct store_number_range){.backward = range.backward};
	if (err != PUBSUB_OK)
		return err;
	if (range.after != NULL && !take_place(range.after, &out->after))
		return PUBSUB_ERR_RSM_NOT_FOUND;
	if (range.before != NULL && !take_place(range.before, &out->before))
		return PUBSUB_ERR_RSM_NOT_FOUND;
	return PUBSUB_OK;
}

const char *page_number(struct service *service, uint32_t number)
{
	return arena_printf(service->arena, "%" PRIu32, number);
}
