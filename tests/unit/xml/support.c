/* support.c - see support.h. */
#include "support.h"

#include <assert.h>
#include <malloc.h>
#include <string.h>

const struct xml_limits unlimited = {0};

const struct xml_element *next_in_document(const struct xml_element *el)
{
	if (el->first != NULL)
		return el->first;
	while (el != NULL && el->next == NULL)
		el = el->parent;
	return el != NULL ? el->next : NULL;
}

static void dump_place(struct buf *out, const struct xml_element *el)
{
	for (const struct xml_ns *ns = el->declared; ns != NULL; ns = ns->next)
		buf_printf(out, " xmlns:%s=[%s]", ns->prefix, ns->uri);
	buf_printf(out, " @%zu+%zu,%zu", el->offset, el->len, el->tag_len);
}

static void dump_language(struct buf *out, const struct xml_element *el)
{
	const char *lang = xml_lang(el);

	buf_printf(out, " in %s", lang != NULL ? lang : "no language");
}

static void dump_one(struct buf *out, const struct xml_element *el, bool with_place)
{
	buf_printf(out, "{%s}%s", el->ns, el->name);
	for (const struct xml_attr *attr = el->attrs; attr != NULL; attr = attr->next)
		if (with_place || strcmp(attr->name, "lang") != 0)
			buf_printf(out, " {%s}%s=[%s]", attr->ns, attr->name, attr->value);
	if (with_place)
		dump_place(out, el);
	else
		dump_language(out, el);
	buf_printf(out, " \"%s\"\n", el->text);
}

/* Not by recursion: trees may be deep. */
static void dump_tree(struct buf *out, const struct xml_element *top, bool with_places)
{
	const struct xml_element *el = top;
	unsigned depth = 0;

	for (;;) {
		buf_printf(out, "%u ", depth);
		dump_one(out, el, with_places);
		if (el->first != NULL) {
			assert(el->first->parent == el);
			el = el->first;
			depth++;
			continue;
		}
		while (el != top && el->next == NULL) {
			el = el->parent;
			depth--;
		}
		if (el == top)
			return;
		el = el->next;
	}
}

void dump_stanza(struct buf *out, const struct xml_stanza *stanza)
{
	buf_printf(out, "%s %zu ", stanza->oversized ? "oversized" : "stanza", stanza->len);
	buf_append(out, stanza->bytes, stanza->len);
	buf_append_byte(out, '\n');
	dump_tree(out, stanza->root, true);
}

void dump_meaning(struct buf *out, const struct xml_element *el)
{
	dump_tree(out, el, false);
}

void check_copy(const struct xml_stanza *stanza, const struct xml_element *el)
{
	struct buf document = {0}, original = {0}, copied = {0};
	struct arena *arena = arena_create();
	struct xml_stanza other;
	size_t len;
	char *copy = xml_standalone(stanza, el, &len);
	bool ok;

	assert(copy[len] == '\0');
	buf_append_text(&document, "<o:o xmlns='urn:o' xmlns:o='urn:o' xmlns:p='urn:o' "
				   "xmlns:stream='urn:o'>");
	buf_append(&document, copy, len);
	buf_append_text(&document, "</o:o>");
	ok = xml_document_parse(&unlimited, document.data, document.len, arena, &other);
	assert(ok && other.root->first != NULL && other.root->first->next == NULL);
	dump_meaning(&original, el);
	dump_meaning(&copied, other.root->first);
	assert(original.len == copied.len);
	assert(memcmp(original.data, copied.data, copied.len) == 0);
	arena_destroy(arena);
	buf_finish(&document);
	buf_finish(&original);
	buf_finish(&copied);
}

void feed(struct xml_parser *parser, const char *text, size_t len)
{
	if (len == 0)
		return;
	memcpy(xml_parser_space(parser, len), text, len);
	xml_parser_filled(parser, len);
}

struct xml_parser *parser_fed(const struct xml_limits *limits, const char *text)
{
	struct xml_parser *parser = xml_parser_create(limits, HEADER, strlen(HEADER));

	assert(parser != NULL);
	feed(parser, text, strlen(text));
	return parser;
}

static enum xml_event drain(struct xml_parser *parser, struct buf *dump)
{
	struct xml_stanza stanza;
	enum xml_event event;

	while ((event = xml_parser_next(parser, &stanza)) == XML_STANZA)
		dump_stanza(dump, &stanza);
	xml_parser_release(parser);
	return event;
}

enum xml_event read_stream(const struct xml_limits *limits, const char *stream, size_t len,
	struct reading reading, struct buf *dump)
{
	struct xml_parser *parser = parser_fed(limits, "");
	enum xml_event event = XML_MORE;
	size_t at, size = reading.first;

	for (at = 0; at < len && event == XML_MORE; at += size, size = reading.then) {
		if (size > len - at)
			size = len - at;
		feed(parser, stream + at, size);
		if (!reading.gathered)
			event = drain(parser, dump);
	}
	if (reading.gathered)
		event = drain(parser, dump);
	xml_parser_destroy(parser);
	return event;
}

size_t heap_bytes(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}
