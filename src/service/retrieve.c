/* retrieve.c - items of a node: XEP-0060 6.5 with XEP-0059. */
#include "service/retrieve.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "peppy/number.h"
#include "service/access.h"
#include "service/collection.h"
#include "service/event.h"
#include "service/node.h"
#include "service/order.h"
#include "service/page.h"
#include "service/subscription.h"

#define INDEX_MAX 10000 /* the store skips no more */
#define SEQ_DIGITS 16

/* Where a page begins or, backward, ends; where that is in the whole list is told by UIDs. */
struct window {
	struct store_item_range range;
	bool has_position;
	uint64_t position; /* of the first item; backward: one behind the last */
};

/* ---- UIDs: seq as hex digits, '.', position or '-' ---- */

static const char *uid(struct service *service, const struct pubsub_item *item, bool has_position,
	uint64_t position)
{
	if (!has_position)
		return arena_printf(service->arena, "%016" PRIx64 ".-", item->seq);
	return arena_printf(service->arena, "%016" PRIx64 ".%" PRIu64, item->seq, position);
}

const char *retrieve_uid(struct service *service, uint64_t seq, uint64_t position)
{
	return uid(service, &(struct pubsub_item){.seq = seq}, true, position);
}

static bool parse_uid(const char *text, uint64_t *seq, struct window *window)
{
	if (strspn(text, "0123456789abcdef") != SEQ_DIGITS || text[SEQ_DIGITS] != '.')
		return false;
	if (sscanf(text, "%16" SCNx64, seq) != 1)
		return false;
	text += SEQ_DIGITS + 1;
	if (strcmp(text, "-") == 0)
		return true;
	if (!number_take(&text, PUBSUB_MAX, &window->position) || *text != '\0')
		return false;
	window->has_position = true;
	return true;
}

/* A UID names a position even if its item is gone; anything else has to be an item's id. */
static enum pubsub_error find_seq(struct service *service, const struct pubsub_node *node,
	const char *text, uint64_t *seq, struct window *window)
{
	struct pubsub_item item = {0};
	enum pubsub_error err = PUBSUB_OK;

	if (parse_uid(text, seq, window))
		return PUBSUB_OK;
	err = store_item_get(service->txn, node, text, &item);
	*seq = item.seq;
	return err == PUBSUB_ERR_ITEM_NOT_FOUND ? PUBSUB_ERR_RSM_NOT_FOUND : err;
}

/* ---- which window ---- */

static enum pubsub_error window_by_index(
	struct service *service, const struct pubsub_node *node, uint32_t index, struct window *out)
{
	uint64_t seq = 0;
	enum pubsub_error err = PUBSUB_OK;

	if (index > INDEX_MAX)
		return PUBSUB_ERR_RSM_INDEX;
	err = store_items_seek(service->txn, node, index, &seq);
	if (err == PUBSUB_ERR_ITEM_NOT_FOUND) {
		out->range.limit = 0; /* behind the end: an empty page */
		return PUBSUB_OK;
	}
	*out = (struct window){
		.range = {.after_seq = seq - 1, .limit = out->range.limit},
		.has_position = true,
		.position = index,
	};
	return err;
}

static void window_at_end(const struct pubsub_node *node, struct window *out)
{
	out->range.backward = true;
	out->has_position = true;
	out->position = node->items;
}

static enum pubsub_error window_find(struct service *service, const struct pubsub_node *node,
	const struct pubsub_request *request, struct window *out)
{
	const struct pubsub_rsm *rsm = &request->rsm;
	enum pubsub_error err = PUBSUB_OK;

	*out = (struct window){.range = {.limit = page_limit(rsm)}};
	if (request->max_items > 0 && request->max_items < out->range.limit)
		out->range.limit = request->max_items;
	if (rsm->present && rsm->has_index)
		return window_by_index(service, node, rsm->index, out);
	if (rsm->present && rsm->after != NULL) {
		err = find_seq(service, node, rsm->after, &out->range.after_seq, out);
		out->position++;
	} else if (rsm->present && rsm->before != NULL && *rsm->before != '\0') {
		out->range.backward = true;
		err = find_seq(service, node, rsm->before, &out->range.before_seq, out);
	} else if (rsm->present ? rsm->before != NULL : request->max_items > 0) {
		window_at_end(node, out); /* the newest */
	} else {
		out->has_position = true; /* the oldest */
	}
	return err;
}

/* ---- what is in it ---- */

bool retrieve_is_expired(const struct service *service, const struct pubsub_item *item)
{
	return item->expires_us != 0 && item->expires_us <= service->now_us;
}

static size_t drop_expired(const struct service *service, struct pubsub_item *items, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (!retrieve_is_expired(service, &items[i]))
			items[kept++] = items[i];
	}
	return kept;
}

/* What is due but not yet swept does not exist: a page of nothing else is skipped. */
static enum pubsub_error load(struct service *service, const struct pubsub_node *node,
	struct window *window, struct pubsub_item **items_out, size_t *n_out)
{
	struct store_item_range *range = &window->range;
	size_t found = 0;

	do {
		enum pubsub_error err = store_items_page(
			service->txn, node, range, service->arena, items_out, &found);

		*n_out = 0;
		if (err != PUBSUB_OK || found == 0)
			return err;
		if (range->backward)
			range->before_seq = (*items_out)[0].seq;
		else
			range->after_seq = (*items_out)[found - 1].seq;
		*n_out = drop_expired(service, *items_out, found);
	} while (*n_out == 0);
	return PUBSUB_OK;
}

size_t retrieve_item_bytes(const struct pubsub_item *item)
{
	return page_text_bytes(item->id) + page_text_bytes(item->publisher) + item->payload_len;
}

static size_t item_bytes(
	const struct pubsub_node *node, const struct pubsub_item *item, bool ids_only)
{
	if (ids_only)
		return page_text_bytes(item->id) + page_text_bytes(node->service);
	return retrieve_item_bytes(item);
}

/* Keeps what fits, from the side where the page was found. */
static void cut(struct service *service, const struct pubsub_node *node,
	const struct window *window, bool ids_only, struct pubsub_answer *answer)
{
	struct page_room room = page_room(service);
	size_t n = answer->item_count, kept = 0;

	while (kept < n) {
		size_t next = window->range.backward ? n - 1 - kept : kept;

		if (!page_take(&room, item_bytes(node, &answer->items[next], ids_only)))
			break;
		kept++;
	}
	if (window->range.backward && kept < n)
		answer->items += n - kept;
	answer->item_count = kept;
}

static void describe(struct service *service, const struct pubsub_node *node,
	const struct window *window, struct pubsub_answer *answer)
{
	uint64_t n = answer->item_count, first = window->position;

	answer->page =
		(struct pubsub_page){.present = true, .has_count = true, .count = node->items};
	if (n == 0)
		return;
	if (window->range.backward) /* things may have changed since the UID was made */
		first = first > n ? first - n : 0;
	if (first > node->items - n)
		first = node->items - n;
	answer->page.has_index = window->has_position;
	answer->page.index = first;
	answer->page.first = uid(service, &answer->items[0], window->has_position, first);
	answer->page.last =
		uid(service, &answer->items[n - 1], window->has_position, first + n - 1);
}

enum pubsub_error retrieve_page(struct service *service, const struct pubsub_node *node,
	const struct pubsub_request *request, bool ids_only, struct pubsub_answer *answer)
{
	struct page_room room = page_room(service);
	struct window window = {0}, next = {0};
	enum pubsub_error err = window_find(service, node, request, &window);

	if (err != PUBSUB_OK)
		return err;
	next = window;
	next.range.bytes = ids_only ? SIZE_MAX : room.left;
	if (next.range.limit > page_most(&room))
		next.range.limit = page_most(&room);
	if (next.range.limit > 0)
		err = load(service, node, &next, &answer->items, &answer->item_count);
	if (err != PUBSUB_OK)
		return err;
	cut(service, node, &window, ids_only, answer);
	describe(service, node, &window, answer);
	return PUBSUB_OK;
}

enum pubsub_error retrieve_newest(
	struct service *service, const struct pubsub_node *node, struct pubsub_item **out)
{
	struct window window = {.range = {.backward = true, .limit = 1, .bytes = SIZE_MAX}};
	size_t n = 0;
	enum pubsub_error err = load(service, node, &window, out, &n);

	if (n == 0)
		*out = NULL;
	return err;
}

/* ---- by id: UIDs are places in the request ---- */

struct asked {
	uint32_t place; /* from 1 */
	struct pubsub_item item;
};

static const char *asked_uid(struct service *service, const void *list, size_t i)
{
	return page_number(service, ((const struct asked *)list)[i].place);
}

static bool compare_asked(const void *list, size_t i, const char *text, int *out)
{
	const uint32_t place = ((const struct asked *)list)[i].place;
	uint32_t other;

	if (!number_parse(text, UINT32_MAX, &other))
		return false;
	*out = (place > other) - (place < other);
	return true;
}

static size_t asked_bytes(const void *list, size_t i)
{
	return retrieve_item_bytes(&((const struct asked *)list)[i].item);
}

/* In the order asked for; no error if one is missing (6.5.9.12). */
static enum pubsub_error load_asked(struct service *service, const struct pubsub_node *node,
	const struct pubsub_request *request, struct asked *found, size_t *n_out)
{
	*n_out = 0;
	for (size_t i = 0; i < request->item_count; i++) {
		struct asked *asked = &found[*n_out];
		enum pubsub_error err =
			store_item_get(service->txn, node, request->items[i].id, &asked->item);

		asked->place = (uint32_t)i + 1;
		if (err == PUBSUB_OK && !retrieve_is_expired(service, &asked->item))
			++*n_out;
		else if (err != PUBSUB_OK && err != PUBSUB_ERR_ITEM_NOT_FOUND)
			return err;
	}
	return PUBSUB_OK;
}

static enum pubsub_error retrieve_by_id(struct service *service, const struct pubsub_node *node,
	const struct pubsub_request *request, struct pubsub_answer *answer)
{
	struct asked *found = arena_alloc(service->arena, request->item_count * sizeof *found);
	struct page_list list = {.service = service,
		.list = found,
		.uid = asked_uid,
		.compare = compare_asked,
		.bytes = asked_bytes};
	struct page_part part = {0};
	enum pubsub_error err = load_asked(service, node, request, found, &list.n);

	if (err == PUBSUB_OK)
		err = page_of_list(&list, &request->rsm, &part, &answer->page);
	if (err != PUBSUB_OK)
		return err;
	answer->items = arena_alloc(service->arena, part.n * sizeof *answer->items);
	answer->item_count = part.n;
	for (size_t i = 0; i < part.n; i++)
		answer->items[i] = found[part.first + i].item;
	return PUBSUB_OK;
}

/* ---- the verb ---- */

static enum pubsub_error hide_publishers(
	struct service *service, const struct pubsub_node *node, struct pubsub_answer *answer)
{
	bool named = false;
	enum pubsub_error err = event_names_publisher(service, node, &named);

	for (size_t i = 0; err == PUBSUB_OK && !named && i < answer->item_count; i++)
		answer->items[i].publisher = NULL;
	return err;
}

/* XEP-0060 6.5.9.1 and 6.5.9.2: which subscription is it that entitles? */
static enum pubsub_error check_sub_id(struct service *service, const struct pubsub_node *node,
	const struct pubsub_request *request)
{
	struct pubsub_subscription *picked = NULL;
	struct subscriptions list = {0};
	enum pubsub_error err = PUBSUB_OK;

	if (!service->profile->multi_subscribe)
		return PUBSUB_OK;
	err = subscription_list(service, node, jid_bare(request->from), &list);
	if (err == PUBSUB_OK && list.n == 0)
		err = subscription_list(service, node, request->from, &list);
	if (err != PUBSUB_OK || list.n == 0)
		return err;
	return subscription_pick(service, &list, request->sub_id, &picked);
}

enum pubsub_error service_items_retrieve(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	struct pubsub_node *node = NULL;
	enum pubsub_error err = node_find(service, request, answer, &node);

	if (err == PUBSUB_OK)
		err = access_retrieve(service, node, request->from);
	if (err == PUBSUB_OK)
		err = check_sub_id(service, node, request);
	if (err != PUBSUB_OK)
		return err;
	if (collection_is(node)) { /* 6.5.9.5, XEP-0248 6.2.3 */
		answer->detail = "retrieve-items";
		return PUBSUB_ERR_UNSUPPORTED;
	}
	if (!node->config.persist_items)
		return PUBSUB_ERR_PERSISTENCE_OFF;
	if (request->item_count > 0)
		err = retrieve_by_id(service, node, request, answer);
	else if (request->order != PUBSUB_ORDER_NONE)
		err = order_page(service, node, request, answer);
	else
		err = retrieve_page(service, node, request, false, answer);
	return err == PUBSUB_OK ? hide_publishers(service, node, answer) : err;
}
