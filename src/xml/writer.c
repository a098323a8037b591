/* writer.c - XML text, element by element. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "peppy/xml.h"

/* Quotes are escaped in texts too, so that a text may stand in an attribute. */
static const char *const text_escapes[256] = {
	['&'] = "&amp;",
	['<'] = "&lt;",
	['>'] = "&gt;",
	['\''] = "&apos;",
	['"'] = "&quot;",
	['\r'] = "&#13;", /* a parser makes a line feed of it */
};

static const char *const attr_escapes[256] = {
	['&'] = "&amp;",
	['<'] = "&lt;",
	['>'] = "&gt;",
	['\''] = "&apos;",
	['"'] = "&quot;",
	['\r'] = "&#13;",
	['\n'] = "&#10;", /* a parser makes spaces of these */
	['\t'] = "&#9;",
};

/* specials: what escapes has a row for. */
static void append_escaped(
	struct buf *buf, const char *text, const char *specials, const char *const escapes[256])
{
	size_t plain;

	for (; plain = strcspn(text, specials), text[plain] != '\0'; text += plain + 1) {
		buf_append(buf, text, plain);
		buf_append_text(buf, escapes[(unsigned char)text[plain]]);
	}
	buf_append(buf, text, plain);
}

void xml_escape_text(struct buf *buf, const char *text)
{
	append_escaped(buf, text, "&<>'\"\r", text_escapes);
}

void xml_escape_attr(struct buf *buf, const char *text)
{
	append_escaped(buf, text, "&<>'\"\r\n\t", attr_escapes);
}

struct xml_writer xml_writer(struct buf *buf)
{
	return (struct xml_writer){.buf = buf};
}

static void close_tag(struct xml_writer *w)
{
	if (w->in_tag)
		buf_append_byte(w->buf, '>');
	w->in_tag = false;
}

void xml_start(struct xml_writer *w, const char *name)
{
	assert(w->depth < XML_WRITER_DEPTH);
	close_tag(w);
	buf_append_byte(w->buf, '<');
	buf_append_text(w->buf, name);
	w->open[w->depth++] = name;
	w->in_tag = true;
}

void xml_start_ns(struct xml_writer *w, const char *name, const char *ns)
{
	xml_start(w, name);
	xml_put_attr(w, "xmlns", ns);
}

void xml_put_attr(struct xml_writer *w, const char *name, const char *value)
{
	assert(w->in_tag);
	if (value == NULL)
		return;
	buf_append_byte(w->buf, ' ');
	buf_append_text(w->buf, name);
	buf_append(w->buf, "='", 2);
	xml_escape_attr(w->buf, value);
	buf_append_byte(w->buf, '\'');
}

void xml_put_attr_u64(struct xml_writer *w, const char *name, uint64_t value)
{
	char digits[24];

	snprintf(digits, sizeof digits, "%" PRIu64, value);
	xml_put_attr(w, name, digits);
}

/* An empty text does not keep an element from being written as <x/>. */
void xml_put_text(struct xml_writer *w, const char *text)
{
	if (text == NULL || text[0] == '\0')
		return;
	close_tag(w);
	xml_escape_text(w->buf, text);
}

void xml_put_raw(struct xml_writer *w, const char *bytes, size_t len)
{
	if (len == 0)
		return;
	close_tag(w);
	buf_append(w->buf, bytes, len);
}

void xml_end(struct xml_writer *w)
{
	assert(w->depth > 0);
	w->depth--;
	if (w->in_tag) {
		buf_append(w->buf, "/>", 2);
		w->in_tag = false;
		return;
	}
	buf_append(w->buf, "</", 2);
	buf_append_text(w->buf, w->open[w->depth]);
	buf_append_byte(w->buf, '>');
}

void xml_leaf(struct xml_writer *w, const char *name, const char *text)
{
	xml_start(w, name);
	xml_put_text(w, text);
	xml_end(w);
}
