/* bookmark.c - bookmarks of rooms: one an item (XEP-0402), or all of them in a list (XEP-0048). */
#include <string.h>

#include "codec/request.h"

static struct codec_bookmark conference_parse(const struct xml_element *el, const char *ns)
{
	const char *autojoin = xml_attr(el, "autojoin");
	struct codec_bookmark bookmark = {
		.jid = xml_attr(el, "jid"),
		.name = xml_attr(el, "name"),
		.nick = request_text(el, ns, "nick"),
		.password = request_text(el, ns, "password"),
	};

	if (autojoin == NULL || !request_bool(autojoin, &bookmark.autojoin))
		bookmark.autojoin = false;
	return bookmark;
}

static bool is_same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

bool codec_bookmark_equal(const struct codec_bookmark *a, const struct codec_bookmark *b)
{
	return is_same(a->name, b->name) && is_same(a->nick, b->nick) &&
	       is_same(a->password, b->password) && a->autojoin == b->autojoin;
}

bool codec_bookmark_parse(const struct xml_stanza *doc, struct codec_bookmark *out)
{
	const struct xml_element *extensions;

	if (!xml_is(doc->root, NS_BOOKMARKS, "conference"))
		return false;
	*out = conference_parse(doc->root, NS_BOOKMARKS);
	extensions = xml_child(doc->root, NS_BOOKMARKS, "extensions");
	if (extensions != NULL)
		out->extensions = xml_standalone(doc, extensions, &out->extensions_len);
	return true;
}

static void leaf_render(struct xml_writer *w, const char *name, const char *text)
{
	if (text != NULL)
		xml_leaf(w, name, text);
}

static void contents_render(struct xml_writer *w, const struct codec_bookmark *bookmark)
{
	xml_put_attr(w, "name", bookmark->name);
	xml_put_attr(w, "autojoin", bookmark->autojoin ? "true" : NULL);
	leaf_render(w, "nick", bookmark->nick);
	leaf_render(w, "password", bookmark->password);
}

void codec_bookmark_render(struct xml_writer *w, const struct codec_bookmark *bookmark)
{
	xml_start_ns(w, "conference", NS_BOOKMARKS);
	contents_render(w, bookmark);
	if (bookmark->extensions != NULL)
		xml_put_raw(w, bookmark->extensions, bookmark->extensions_len);
	xml_end(w);
}

/* ---- lists ---- */

static size_t count_children(const struct xml_element *el)
{
	size_t n = 0;

	for (const struct xml_element *child = el->first; child != NULL; child = child->next)
		n++;
	return n;
}

/* The id of an item is the JID as it is prepared: in lists it stands as clients wrote it. */
static bool entry_parse(
	const struct xml_element *el, struct arena *arena, struct codec_bookmark *out)
{
	struct jid jid;

	*out = conference_parse(el, NS_STORAGE);
	if (out->jid == NULL || !jid_parse(out->jid, arena, &jid))
		return false;
	out->jid = jid.bare;
	return true;
}

bool codec_bookmarks_parse(const struct xml_stanza *doc, struct codec_bookmarks *out)
{
	const struct xml_element *el = doc->root;
	struct buf rest = {0};

	*out = (struct codec_bookmarks){0};
	if (!xml_is(el, NS_STORAGE, "storage"))
		return false;
	out->v = arena_alloc(doc->arena, count_children(el) * sizeof *out->v);
	for (el = el->first; el != NULL; el = el->next) {
		if (xml_is(el, NS_STORAGE, "conference"))
			out->n += entry_parse(el, doc->arena, &out->v[out->n]);
		else
			request_copy(&rest, doc, el);
	}
	out->rest_len = rest.len;
	out->rest = arena_memdup(doc->arena, rest.data, rest.len);
	buf_finish(&rest);
	return true;
}

void codec_bookmarks_render(struct xml_writer *w, const struct codec_bookmarks *bookmarks)
{
	xml_start_ns(w, "storage", NS_STORAGE);
	for (size_t i = 0; i < bookmarks->n; i++) {
		xml_start(w, "conference");
		xml_put_attr(w, "jid", bookmarks->v[i].jid);
		contents_render(w, &bookmarks->v[i]);
		xml_end(w);
	}
	xml_put_raw(w, bookmarks->rest, bookmarks->rest_len);
	xml_end(w);
}
