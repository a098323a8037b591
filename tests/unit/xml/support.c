/* support.c - see support.h. */
#include "support.h"

#include <assert.h>
#include <string.h>

const struct xml_limits unlimited = {0};

static void dump_attrs(struct buf *out, const struct xml_element *el)
{
	for (const struct xml_ns *ns = el->declared; ns != NULL; ns = ns->next)
		buf_printf(out, " xmlns:%s=[%s]", ns->prefix, ns->uri);
	for (const struct xml_attr *attr = el->attrs; attr != NULL; attr = attr->next)
		buf_printf(out, " {%s}%s=[%s]", attr->ns, attr->name, attr->value);
}

void dump_element(struct buf *out, const struct xml_element *el, bool with_places)
{
	const struct xml_element *top = el;
	unsigned depth = 0;

	for (;;) { /* not by recursion: trees may be deep */
		buf_printf(out, "%u {%s}%s", depth, el->ns, el->name);
		dump_attrs(out, el);
		if (with_places)
			buf_printf(out, " @%zu+%zu,%zu", el->offset, el->len, el->tag_len);
		buf_printf(out, " \"%s\"\n", el->text);
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
	dump_element(out, stanza->root, true);
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
