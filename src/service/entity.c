/* entity.c - what an entity is at a service: XEP-0060 5.6, 5.7. Its lists are sorted by the numbers
 * of nodes, which stay what they are, so that pages go on from where they stood. A page reads its
 * own rows; how many there are, and stand before it, is counted by their keys alone. */
#include <inttypes.h>
#include <string.h>

#include "peppy/number.h"
#include "service/access.h"
#include "service/affiliation.h"
#include "service/collection.h"
#include "service/page.h"
#include "service/subscription.h"

#define NOWHERE UINT32_MAX /* no node has this number */

/* ---- places ---- */

static const char *text_or_empty(const char *text)
{
	return text != NULL ? text : "";
}

/* The number of the node; of subscriptions also how long the SubID is, the SubID, the resource. */
static const char *place_uid(struct service *service, const struct store_entity_place *place)
{
	const char *sub_id = text_or_empty(place->sub_id);
	const char *resource = text_or_empty(place->resource);

	if (*sub_id == '\0' && *resource == '\0')
		return page_number(service, place->no);
	return arena_printf(service->arena, "%" PRIu32 ",%zu,%s%s", place->no, strlen(sub_id),
		sub_id, resource);
}

static bool take_place(struct service *service, const char *uid, struct store_entity_place *out)
{
	uint64_t no = 0, len = 0;

	if (!number_take(&uid, UINT32_MAX, &no))
		return false;
	*out = (struct store_entity_place){.no = (uint32_t)no};
	if (*uid == '\0')
		return true;
	if (*uid++ != ',' || !number_take(&uid, UINT32_MAX, &len) || *uid++ != ',' ||
		strlen(uid) < len)
		return false;
	out->sub_id = arena_printf(service->arena, "%.*s", (int)len, uid);
	out->resource = uid + len;
	return true;
}

/* ---- the two kinds of rows ---- */

struct listing {
	struct service *service;
	const struct pubsub_request *request;
	struct pubsub_rsm rsm; /* empty if the request has none */
	const struct kind *kind;
	struct store_entity_range range;
	struct store_entity_place place; /* where the range goes on */
	bool ended;                      /* there is nothing behind what has been read */
	void *rows;                      /* of which these belong to the list */
	size_t n;
};

struct kind {
	enum store_entity_rows rows;
	size_t row_size;
	enum pubsub_error (*read)(struct listing *l, size_t *n_out);
	bool (*is_listed)(const struct listing *l, size_t i);
	struct store_entity_place (*place)(const void *rows, size_t i);
	const char *(*uid)(struct service *service, const void *rows, size_t i);
	size_t (*bytes)(const void *rows, size_t i);
};

static const struct store_entity_subscription *subscription_at(const void *rows, size_t i)
{
	return (const struct store_entity_subscription *)rows + i;
}

static enum pubsub_error read_subscriptions(struct listing *l, size_t *n_out)
{
	struct store_entity_subscription *rows = NULL;
	enum pubsub_error err = store_entity_subscriptions_page(
		l->service->txn, &l->range, l->service->arena, &rows, n_out);

	l->rows = rows;
	return err;
}

static bool is_live(const struct listing *l, size_t i)
{
	return subscription_is_live(l->service, &subscription_at(l->rows, i)->subscription);
}

static struct store_entity_place subscription_place(const void *rows, size_t i)
{
	const struct store_entity_subscription *row = subscription_at(rows, i);

	return (struct store_entity_place){
		row->no, row->subscription.subscriber.resource, row->subscription.sub_id};
}

static const char *subscription_uid(struct service *service, const void *rows, size_t i)
{
	const struct store_entity_place place = subscription_place(rows, i);

	return place_uid(service, &place);
}

static size_t subscription_bytes(const void *rows, size_t i)
{
	const struct pubsub_subscription *row = &subscription_at(rows, i)->subscription;

	return page_text_bytes(row->node_id) + page_text_bytes(row->subscriber.full) +
	       page_text_bytes(row->sub_id);
}

static const struct pubsub_affiliate *affiliation_at(const void *rows, size_t i)
{
	return (const struct pubsub_affiliate *)rows + i;
}

static enum pubsub_error read_affiliations(struct listing *l, size_t *n_out)
{
	struct pubsub_affiliate *rows = NULL;
	enum pubsub_error err = affiliation_of_entity(l->service, &l->range, &rows, n_out);

	l->rows = rows;
	return err;
}

static bool is_any(const struct listing *l, size_t i)
{
	(void)l, (void)i;
	return true;
}

static bool is_owned(const struct listing *l, size_t i)
{
	return access_may(affiliation_at(l->rows, i)->affiliation, ACCESS_CONFIGURE);
}

static struct store_entity_place affiliation_place(const void *rows, size_t i)
{
	return (struct store_entity_place){.no = affiliation_at(rows, i)->no};
}

static const char *affiliation_uid(struct service *service, const void *rows, size_t i)
{
	return page_number(service, affiliation_at(rows, i)->no);
}

static size_t affiliation_bytes(const void *rows, size_t i)
{
	return page_text_bytes(affiliation_at(rows, i)->node_id);
}

static const struct kind subscriptions = {STORE_ENTITY_SUBSCRIPTIONS,
	sizeof(struct store_entity_subscription), read_subscriptions, is_live, subscription_place,
	subscription_uid, subscription_bytes};
static const struct kind affiliations = {STORE_ENTITY_AFFILIATIONS, sizeof(struct pubsub_affiliate),
	read_affiliations, is_any, affiliation_place, affiliation_uid, affiliation_bytes};
static const struct kind nodes_owned = {STORE_ENTITY_AFFILIATIONS, sizeof(struct pubsub_affiliate),
	read_affiliations, is_owned, affiliation_place, affiliation_uid, affiliation_bytes};

/* ---- reading ---- */

/* One entry more than can belong to the page tells whether there is more. */
static enum pubsub_error open_listing(struct listing *l)
{
	const struct page_room room = page_room(l->service);
	const size_t most = page_most(&room), wanted = page_limit(&l->rsm);
	const char *before = l->rsm.before != NULL && *l->rsm.before != '\0' ? l->rsm.before : NULL;
	const char *uid = before != NULL ? before : l->rsm.after;

	l->range = (struct store_entity_range){
		.service = l->request->service,
		.bare = l->request->from.bare,
		.backward = l->rsm.before != NULL,
		.skip = l->rsm.has_index ? l->rsm.index : 0,
		.limit = (wanted < most ? wanted : most) + 1,
	};
	if (uid == NULL)
		return PUBSUB_OK;
	*(before != NULL ? &l->range.before : &l->range.after) = &l->place;
	return take_place(l->service, uid, &l->place) ? PUBSUB_OK : PUBSUB_ERR_RSM_NOT_FOUND;
}

/* Only what it is at one node, be that there or not. */
static enum pubsub_error narrow(struct listing *l)
{
	const bool placed = l->range.after != NULL || l->range.before != NULL;
	struct pubsub_node *node = NULL;
	enum pubsub_error err;

	if (l->request->node_id == NULL)
		return PUBSUB_OK;
	err = store_node_get(l->service->txn, l->request->service, l->request->node_id,
		l->service->arena, &node);
	if (err != PUBSUB_OK && err != PUBSUB_ERR_NODE_NOT_FOUND && err != PUBSUB_ERR_NODE_GONE)
		return err;
	l->range.no = err == PUBSUB_OK ? node->no : NOWHERE;
	return placed && l->place.no != l->range.no ? PUBSUB_ERR_RSM_NOT_FOUND : PUBSUB_OK;
}

/* Reads on until there is something that belongs to the list. */
static enum pubsub_error read_listing(struct listing *l)
{
	const size_t size = l->kind->row_size;
	size_t n = 0;
	enum pubsub_error err;

	do {
		err = l->kind->read(l, &n);
		l->ended = n < l->range.limit;
		if (err != PUBSUB_OK || n == 0)
			return err;
		l->place = l->kind->place(l->rows, l->range.backward ? 0 : n - 1);
		l->range.skip = 0;
		*(l->range.backward ? &l->range.before : &l->range.after) = &l->place;
		for (size_t i = 0; i < n; i++)
			if (l->kind->is_listed(l, i))
				memmove((char *)l->rows + l->n++ * size, (char *)l->rows + i * size,
					size);
	} while (l->n == 0 && !l->ended);
	return err;
}

/* An account's nodes have no rows to count. */
static enum pubsub_error count_nodes(const struct listing *l, struct pubsub_page *page)
{
	page->has_index = l->n > 0 && l->rsm.after == NULL && l->rsm.before == NULL;
	page->index = l->rsm.index;
	page->count = l->n;
	return l->range.no != 0
		       ? PUBSUB_OK
		       : store_nodes_count(l->service->txn, l->request->service, &page->count);
}

/* Those before the page and those behind its first entry. */
static enum pubsub_error count_rows(
	const struct listing *l, const struct page_part *part, struct pubsub_page *page)
{
	struct store_entity_range range = {.service = l->range.service,
		.bare = l->range.bare,
		.no = l->range.no,
		.limit = SIZE_MAX};
	struct store_entity_place first;
	enum pubsub_error err;

	if (part->n == 0)
		return store_entity_count(l->service->txn, &range, l->kind->rows, &page->count);
	first = l->kind->place(l->rows, part->first);
	range.before = &first;
	err = store_entity_count(l->service->txn, &range, l->kind->rows, &page->index);
	range.before = NULL;
	range.after = &first;
	if (err == PUBSUB_OK)
		err = store_entity_count(l->service->txn, &range, l->kind->rows, &page->count);
	page->count += page->index + 1;
	page->has_index = true;
	if (l->rsm.has_index)
		page->index = l->rsm.index;
	return err;
}

static enum pubsub_error find_page(
	struct listing *l, struct page_part *part_out, struct pubsub_page *page_out)
{
	struct page_list list = {
		.service = l->service, .uid = l->kind->uid, .bytes = l->kind->bytes};
	enum pubsub_error err;

	if (l->request->rsm.present)
		l->rsm = l->request->rsm;
	err = open_listing(l);
	if (err == PUBSUB_OK)
		err = narrow(l);
	if (err == PUBSUB_OK)
		err = read_listing(l);
	if (err != PUBSUB_OK)
		return err;
	list.list = l->rows;
	list.n = l->n;
	page_of_part(&list, &l->rsm, part_out, page_out);
	page_out->more = page_out->more || !l->ended;
	page_out->has_count = page_out->present && l->kind != &nodes_owned;
	if (!page_out->has_count)
		return PUBSUB_OK;
	return l->kind == &affiliations &&
			       access_is_account(l->service, l->range.service, l->range.bare)
		       ? count_nodes(l, page_out)
		       : count_rows(l, part_out, page_out);
}

/* ---- the lists ---- */

enum pubsub_error service_subscriptions(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	struct listing l = {.service = service, .request = request, .kind = &subscriptions};
	struct page_part part = {0};
	enum pubsub_error err = find_page(&l, &part, &answer->page);

	if (err != PUBSUB_OK)
		return err;
	answer->subscriptions = arena_alloc(service->arena, part.n * sizeof *answer->subscriptions);
	answer->subscription_count = part.n;
	for (size_t i = 0; i < part.n; i++) {
		answer->subscriptions[i] = subscription_at(l.rows, part.first + i)->subscription;
		if (!service->profile->multi_subscribe)
			answer->subscriptions[i].sub_id = NULL;
	}
	return PUBSUB_OK;
}

enum pubsub_error service_affiliations(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	struct listing l = {.service = service, .request = request, .kind = &affiliations};
	struct page_part part = {0};
	enum pubsub_error err = find_page(&l, &part, &answer->page);

	if (err == PUBSUB_OK && part.n > 0)
		answer->affiliates = (struct pubsub_affiliate *)l.rows + part.first;
	answer->affiliate_count = part.n;
	return err;
}

static enum pubsub_error get_nodes(
	const struct listing *l, const struct page_part *part, struct pubsub_answer *answer)
{
	struct service *service = l->service;
	enum pubsub_error err = PUBSUB_OK;

	answer->nodes = arena_alloc(service->arena, part->n * sizeof *answer->nodes);
	for (size_t i = 0; err == PUBSUB_OK && i < part->n; i++) {
		struct pubsub_node *node = NULL;

		err = store_node_get(service->txn, l->range.service,
			affiliation_at(l->rows, part->first + i)->node_id, service->arena, &node);
		if (err == PUBSUB_OK)
			err = collection_tell(service, node, &node->config);
		if (err == PUBSUB_OK)
			answer->nodes[answer->node_count++] = *node;
	}
	return err;
}

/* To whom asks for none of them it is told how many there are: that takes all the rows. */
static enum pubsub_error count_owned(struct listing *l, struct pubsub_page *page)
{
	enum pubsub_error err = open_listing(l);

	l->range.limit = SIZE_MAX;
	if (err == PUBSUB_OK)
		err = read_listing(l);
	*page = (struct pubsub_page){.present = true, .has_count = true, .count = l->n};
	return err;
}

enum pubsub_error service_own_nodes(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	struct listing l = {.service = service, .request = request, .kind = &nodes_owned};
	struct page_part part = {0};
	enum pubsub_error err = PUBSUB_OK;

	if (page_limit(&request->rsm) == 0)
		return count_owned(&l, &answer->page);
	err = find_page(&l, &part, &answer->page);
	return err == PUBSUB_OK ? get_nodes(&l, &part, answer) : err;
}
