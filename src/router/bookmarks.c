/* A list replaces the one before: a room that stood in that one, and does not in this, is taken out
 * of the items. What a client that knows lists alone has never seen is not taken out. */
#include "bookmarks.h"

#include <string.h>

#include "peppy/log.h"

#define LIST_ITEM "current" /* XEP-0223 2.1 */
#define ROOMS_MAX 1000      /* each change looks at all of them: above that the forms go apart */

bool bookmarks_concern(service_fn verb, const char *node_id)
{
	if (node_id == NULL)
		return false;
	if (strcmp(node_id, NS_STORAGE) == 0)
		return verb == service_item_publish;
	return strcmp(node_id, NS_BOOKMARKS) == 0 &&
	       (verb == service_item_publish || verb == service_item_retract ||
		       verb == service_node_purge || verb == service_node_delete);
}

/* ---- reading ---- */

static enum pubsub_error read_list(struct own *own, struct codec_bookmarks *out)
{
	struct xml_stanza doc;
	const char *id;
	enum pubsub_error err = own_item(own, own->account, NS_STORAGE, NULL, &doc, &id);

	*out = (struct codec_bookmarks){0};
	if (err == PUBSUB_OK && doc.root != NULL)
		(void)codec_bookmarks_parse(&doc, out);
	return err;
}

enum pubsub_error bookmarks_before(
	struct own *own, const char *node_id, struct codec_bookmarks *out)
{
	*out = (struct codec_bookmarks){0};
	return strcmp(node_id, NS_STORAGE) == 0 ? read_list(own, out) : PUBSUB_OK;
}

static enum pubsub_error read_items(struct own *own, struct codec_bookmarks *out)
{
	struct arena *arena = own->turn->arena;
	struct pubsub_item *items = NULL;
	size_t n = 0;
	enum pubsub_error err = own_items(own, NS_BOOKMARKS, ROOMS_MAX, &items, &n);

	*out = (struct codec_bookmarks){.v = arena_alloc(arena, n * sizeof *out->v)};
	for (size_t i = 0; i < n; i++) {
		struct codec_bookmark *bookmark = &out->v[out->n];
		struct xml_stanza doc;

		if (items[i].payload == NULL)
			continue;
		doc = own_parse(own, arena_memdup(arena, items[i].payload, items[i].payload_len),
			items[i].payload_len);
		if (doc.root == NULL || !codec_bookmark_parse(&doc, bookmark))
			continue;
		bookmark->jid = arena_strdup(arena, items[i].id);
		out->n++;
	}
	return err;
}

static const struct codec_bookmark *find(const struct codec_bookmarks *list, const char *jid)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->v[i].jid, jid) == 0)
			return &list->v[i];
	return NULL;
}

static bool has(const struct codec_bookmarks *list, const struct codec_bookmark *bookmark)
{
	const struct codec_bookmark *other = find(list, bookmark->jid);

	return other != NULL && codec_bookmark_equal(other, bookmark);
}

static bool are_equal(const struct codec_bookmarks *a, const struct codec_bookmarks *b)
{
	for (size_t i = 0; i < a->n; i++)
		if (!has(b, &a->v[i]))
			return false;
	return a->n == b->n;
}

/* ---- from items to the list ---- */

static enum pubsub_error collate(struct own *own, const struct codec_bookmarks *list)
{
	struct codec_bookmarks items;
	struct buf payload = {0};
	struct xml_writer w = xml_writer(&payload);
	enum pubsub_error err = read_items(own, &items);

	if (err != PUBSUB_OK || are_equal(&items, list))
		return err;
	items.rest = list->rest;
	items.rest_len = list->rest_len;
	codec_bookmarks_render(&w, &items);
	err = own_publish(own, NS_STORAGE, LIST_ITEM, &payload);
	buf_finish(&payload);
	return err;
}

/* ---- from the list to items ---- */

static enum pubsub_error put(
	struct own *own, const struct codec_bookmark *bookmark, const struct codec_bookmark *former)
{
	struct codec_bookmark merged = *bookmark;
	struct buf payload = {0};
	struct xml_writer w = xml_writer(&payload);
	enum pubsub_error err;

	if (former != NULL) {
		merged.extensions = former->extensions;
		merged.extensions_len = former->extensions_len;
	}
	codec_bookmark_render(&w, &merged);
	err = own_publish(own, NS_BOOKMARKS, bookmark->jid, &payload);
	buf_finish(&payload);
	return err;
}

static enum pubsub_error spread(
	struct own *own, const struct codec_bookmarks *before, const struct codec_bookmarks *list)
{
	struct codec_bookmarks items;
	enum pubsub_error err = read_items(own, &items);

	for (size_t i = 0; err == PUBSUB_OK && i < list->n; i++)
		if (!has(&items, &list->v[i]))
			err = put(own, &list->v[i], find(&items, list->v[i].jid));
	for (size_t i = 0; err == PUBSUB_OK && i < items.n; i++)
		if (find(before, items.v[i].jid) != NULL && find(list, items.v[i].jid) == NULL)
			err = own_retract(own, NS_BOOKMARKS, items.v[i].jid);
	return err;
}

/* ---- both ---- */

/* Neither must show what the other keeps for itself. */
static enum pubsub_error are_private(struct own *own, bool *out)
{
	enum pubsub_error err = own_is_private(own, NS_BOOKMARKS, out);

	return err == PUBSUB_OK && *out ? own_is_private(own, NS_STORAGE, out) : err;
}

static enum pubsub_error unify(
	struct own *own, const char *node_id, const struct codec_bookmarks *before)
{
	struct codec_bookmarks list;
	bool private = false;
	enum pubsub_error err = are_private(own, &private);

	if (err != PUBSUB_OK || !private)
		return err;
	err = read_list(own, &list);
	if (err != PUBSUB_OK || list.n > ROOMS_MAX)
		return err;
	if (strcmp(node_id, NS_STORAGE) == 0)
		err = spread(own, before, &list);
	return err == PUBSUB_OK ? collate(own, &list) : err;
}

void bookmarks_after(struct own *own, const char *node_id, const struct codec_bookmarks *before)
{
	enum pubsub_error err = unify(own, node_id, before);

	if (turn_is_store_error(err)) {
		own->turn->err = err;
		return;
	}
	if (err != PUBSUB_OK)
		log_info("router", "cannot keep both forms of %s's bookmarks the same: %s",
			own->account.bare, error_text(err));
	own_notify(own);
}

enum pubsub_error bookmarks_list(struct own *own, struct buf *out)
{
	struct codec_bookmarks list, items = {0};
	struct xml_writer w = xml_writer(out);
	bool private = false;
	enum pubsub_error err = read_list(own, &list);

	if (err == PUBSUB_OK)
		err = are_private(own, &private);
	if (err == PUBSUB_OK && private)
		err = read_items(own, &items);
	if (err == PUBSUB_ERR_MAX_ITEMS_EXCEEDED)
		err = PUBSUB_OK; /* the list as it was stored */
	if (err != PUBSUB_OK)
		return err;
	items.rest = list.rest;
	items.rest_len = list.rest_len;
	codec_bookmarks_render(&w, items.n > 0 ? &items : &list);
	return PUBSUB_OK;
}
