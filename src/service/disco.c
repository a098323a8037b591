/* disco.c - service discovery of nodes and items: XEP-0060 5.2 to 5.5. Nodes that one may neither
 * subscribe to nor read are not there. */
#include "peppy/buf.h"
#include "service/access.h"
#include "service/affiliation.h"
#include "service/collection.h"
#include "service/node.h"
#include "service/page.h"
#include "service/retrieve.h"

#include <string.h>

#define PAGE 128        /* nodes read at a time */
#define LOOKED_AT 10000 /* hidden ones included: what one answer may cost */

enum pubsub_error service_disco_info(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	enum pubsub_error err = node_find_visible(service, request, answer, &answer->node);

	if (err == PUBSUB_OK)
		err = collection_tell(service, answer->node, &answer->node->config);
	if (err != PUBSUB_OK)
		return err;
	return affiliation_staff(
		service, answer->node, &answer->affiliates, &answer->affiliate_count);
}

/* ---- the nodes of a service or of a collection, in the order of their creation ---- */

struct listing {
	struct service *service;
	const struct pubsub_request *request;
	const struct pubsub_node *collection; /* NULL: the service */
	struct store_number_range range;
	struct page_room room;
	size_t limit;     /* of nodes in the answer */
	size_t looked;    /* at so many */
	struct buf found; /* of struct pubsub_node, in the order in which they were found */
	bool full;
	bool nested;    /* some are not listed, for they are in collections */
	uint32_t place; /* where it ended though there may be more; 0: it did not */
};

static size_t found_count(const struct listing *l)
{
	return l->found.len / sizeof(struct pubsub_node);
}

/* XEP-0462, by the type that meta-data tell of. */
static bool is_wanted(const struct pubsub_request *request, const struct pubsub_node *node)
{
	const char *type = pubsub_node_type_of(node);
	bool listed = pubsub_texts_have(request->types, type != NULL ? type : "");

	return request->type_filter == PUBSUB_TYPES_ALL ||
	       listed == (request->type_filter == PUBSUB_TYPES_INCLUDED);
}

/* XEP-0248 5.2: a service lists its first level. */
static enum pubsub_error is_listed(struct listing *l, const struct pubsub_node *node, bool *out)
{
	struct pubsub_node *parents = NULL;
	size_t n = 0;
	enum pubsub_error err = PUBSUB_OK;

	if (l->collection == NULL && node->parents > 0)
		err = store_parents_get(l->service->txn, node, l->service->arena, &parents, &n);
	l->nested = l->nested || n > 0;
	*out = n == 0 && is_wanted(l->request, node);
	return err;
}

static enum pubsub_error look_at(struct listing *l, const struct pubsub_node *node)
{
	bool visible = false;
	enum pubsub_error err = is_listed(l, node, &visible);

	l->looked++;
	if (err == PUBSUB_OK && visible)
		err = access_visible(l->service, node, l->request->from, &visible);
	if (err != PUBSUB_OK || !visible)
		return err;
	l->full = found_count(l) == l->limit ||
		  !page_take(&l->room, page_text_bytes(node->node_id) +
					       page_text_bytes(node->config.title) +
					       page_text_bytes(node->service));
	if (!l->full)
		buf_append(&l->found, node, sizeof *node);
	return PUBSUB_OK;
}

static enum pubsub_error load_page(struct listing *l, struct pubsub_node **out, size_t *n_out)
{
	struct service *service = l->service;

	return l->collection != NULL ? store_children_page(service->txn, l->collection, &l->range,
					       service->arena, out, n_out)
				     : store_nodes_by_number(service->txn, l->request->service,
					       &l->range, service->arena, out, n_out);
}

static enum pubsub_error look_at_page(struct listing *l, bool *more_out)
{
	struct pubsub_node *nodes = NULL;
	uint32_t last = 0;
	size_t n = 0;
	enum pubsub_error err = load_page(l, &nodes, &n);

	for (size_t i = 0; err == PUBSUB_OK && !l->full && i < n; i++)
		err = look_at(l, &nodes[l->range.backward ? n - 1 - i : i]);
	if (err != PUBSUB_OK || n == 0) {
		*more_out = false;
		return err;
	}
	last = nodes[l->range.backward ? 0 : n - 1].no;
	*(l->range.backward ? &l->range.before : &l->range.after) = last;
	*more_out = n == PAGE && !l->full;
	if (*more_out && l->looked >= LOOKED_AT) {
		l->place = last;
		*more_out = false;
	}
	return PUBSUB_OK;
}

static void take_found(struct listing *l, struct pubsub_answer *answer)
{
	size_t n = found_count(l);

	answer->nodes = arena_alloc(l->service->arena, l->found.len);
	answer->node_count = n;
	if (n > 0)
		memcpy(answer->nodes, l->found.data, l->found.len);
	for (size_t i = 0; l->range.backward && i < n / 2; i++) {
		struct pubsub_node swap = answer->nodes[i];

		answer->nodes[i] = answer->nodes[n - 1 - i];
		answer->nodes[n - 1 - i] = swap;
	}
	buf_finish(&l->found);
}

/* A page that has ended among hidden nodes goes on from there, even if it is empty. */
static void put_places(const struct listing *l, struct pubsub_answer *answer)
{
	size_t n = answer->node_count;
	uint32_t first = n > 0 ? answer->nodes[0].no : l->place;
	uint32_t last = n > 0 ? answer->nodes[n - 1].no : l->place;

	if (l->place != 0)
		*(l->range.backward ? &first : &last) = l->place;
	if (first == 0)
		return;
	answer->page.first = page_number(l->service, first);
	answer->page.last = page_number(l->service, last);
}

/* How many nodes there are is disclosed only to those from whom none is hidden. */
static enum pubsub_error describe(const struct listing *l, struct pubsub_answer *answer)
{
	struct pubsub_page *page = &answer->page;

	page->present = l->request->rsm.present || l->full || l->place != 0;
	if (!page->present)
		return PUBSUB_OK;
	put_places(l, answer);
	page->has_count = l->request->type_filter == PUBSUB_TYPES_ALL && !l->nested &&
			  access_sees_all(l->service, l->request);
	if (l->collection != NULL)
		page->count = l->collection->children;
	return page->has_count && l->collection == NULL
		       ? store_nodes_count(l->service->txn, l->request->service, &page->count)
		       : PUBSUB_OK;
}

static enum pubsub_error list_nodes(struct service *service, const struct pubsub_request *request,
	const struct pubsub_node *collection, struct pubsub_answer *answer)
{
	struct listing l = {
		.service = service,
		.request = request,
		.collection = collection,
		.room = page_room(service),
		.limit = page_limit(&request->rsm),
	};
	enum pubsub_error err = page_number_range(&request->rsm, &l.range);
	bool more = l.limit > 0;

	l.range.limit = PAGE;
	while (err == PUBSUB_OK && more)
		err = look_at_page(&l, &more);
	take_found(&l, answer);
	return err == PUBSUB_OK ? describe(&l, answer) : err;
}

/* ---- the items of a leaf, the nodes of a collection ---- */

static enum pubsub_error list_inside(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	struct pubsub_node *node = NULL;
	enum pubsub_error err = node_find_visible(service, request, answer, &node);

	if (err == PUBSUB_OK && collection_is(node))
		return list_nodes(service, request, node, answer);
	if (err == PUBSUB_OK)
		err = access_retrieve(service, node, request->from);
	if (err != PUBSUB_OK || !node->config.persist_items)
		return err;
	err = retrieve_page(service, node, request, true, answer);
	if (answer->item_count == answer->page.count && !request->rsm.present)
		answer->page.present = false; /* all of them */
	return err;
}

enum pubsub_error service_disco_items(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	if (request->node_id == NULL || *request->node_id == '\0')
		return list_nodes(service, request, NULL, answer);
	return list_inside(service, request, answer);
}
