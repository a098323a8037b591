/* xml.h - bytes of an XML stream to trees of stanzas, and back.
 * Floor 1. Knows no element's meaning. The parser is expat; whoever opened the stream has read its
 * header and hands it in. */
#ifndef PEPPY_XML_H
#define PEPPY_XML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "peppy/arena.h"
#include "peppy/attributes.h"
#include "peppy/buf.h"

/* ---- trees: everything in them is read-only and lives in the stanza's arena ---- */

struct xml_attr {
	struct xml_attr *next;
	const char *ns; /* "" for none */
	const char *name;
	const char *value;
};

struct xml_ns { /* a namespace declaration */
	struct xml_ns *next;
	const char *prefix; /* "" for the default namespace */
	const char *uri;    /* "" undeclares */
};

struct xml_element {
	struct xml_element *parent; /* NULL for the stanza itself */
	struct xml_element *next;   /* sibling */
	struct xml_element *first;  /* child */
	const char *ns;             /* "" for none */
	const char *name;
	struct xml_attr *attrs;
	struct xml_ns *declared; /* on this very tag */
	const char *text;        /* all character data directly inside, "" if none */
	size_t offset;           /* its bytes: stanza->bytes + offset, len */
	size_t len;
	size_t tag_len; /* of these, the start tag */
};

struct xml_stanza {
	struct xml_element *root;
	const char *bytes; /* len bytes as received; good until xml_parser_release */
	size_t len;
	struct arena *arena;        /* good as long */
	const struct xml_ns *scope; /* of the stream header: in force for all stanzas */
	bool oversized;             /* above a limit: root has its attributes, and the children seen
	                               before the limit was reached; there are no bytes, and an
	                               element that was cut has no text. Beyond it names are not
	                               looked at: their prefixes may be unbound */
};

/* NULL: there is none. ns and name are compared exactly. */
const char *xml_attr(const struct xml_element *el, const char *name); /* in no namespace */
const char *xml_attr_ns(const struct xml_element *el, const char *ns, const char *name);
const struct xml_element *xml_child(
	const struct xml_element *el, const char *ns, const char *name); /* the first such */
const struct xml_element *xml_next(
	const struct xml_element *el, const char *ns, const char *name); /* the next such sibling */
bool xml_is(const struct xml_element *el, const char *ns, const char *name);

/* Whether it has that attribute, in no namespace, with that value. */
bool xml_attr_is(const struct xml_element *el, const char *name, const char *value);

/* The xml:lang in force at el, NULL if none or "". That of the stream header does not count: it is
 * the server's own, not that of the entities whose stanzas it forwards. */
const char *xml_lang(const struct xml_element *el);

/* A copy of el's bytes that means the same wherever it is put: declarations in force that el does
 * not make itself are added to its start tag (the default namespace always, as xmlns='' if there
 * is none; others only where their prefix occurs in the bytes), and an inherited xml:lang. In the
 * stanza's arena, with a NUL behind it that *len_out does not count. What is added may be long, and
 * a stanza may have many elements: whoever copies many must add up their lengths and stop in time.
 * Not for elements of an oversized stanza. */
char *xml_standalone(
	const struct xml_stanza *stanza, const struct xml_element *el, size_t *len_out);

/* ---- the parser ---- */

struct xml_limits { /* of one stanza; 0 is no limit */
	size_t stanza_bytes;
	size_t depth; /* of elements, the stanza being 1 */
	size_t elements;
	size_t attributes; /* of one element, its namespace declarations included */
};

enum xml_event {
	XML_MORE,   /* all that was fed is used up; an unfinished stanza may be under way */
	XML_STANZA, /* *out is set */
	XML_CLOSED, /* </stream:stream> */
	XML_BROKEN  /* not well-formed, DTD, processing instruction, comment, a single token above
	                the limit: the stream is lost; xml_parser_reason says why */
};

struct xml_parser;

/* header is the server's stream header, from '<' to '>', possibly with an XML declaration before
 * it. header and limits are copied. NULL: the header does not parse. */
struct xml_parser *xml_parser_create(
	const struct xml_limits *limits, const char *header, size_t header_len);
void xml_parser_destroy(struct xml_parser *parser); /* takes NULL */

/* Room for n bytes of input, contiguous with what is kept of an unfinished stanza. It may move what
 * was fed: never between a stanza and xml_parser_release. */
char *xml_parser_space(struct xml_parser *parser, size_t n);
void xml_parser_filled(struct xml_parser *parser, size_t n); /* n bytes were written there */

/* The next complete stanza of what was fed. */
enum xml_event xml_parser_next(struct xml_parser *parser, struct xml_stanza *out);

/* Why XML_BROKEN: a stream error condition of RFC 6120 4.9.3, a colon, and what it was about. */
const char *xml_parser_reason(const struct xml_parser *parser);

/* The turn is over: bytes and trees of all stanzas returned so far go; an unfinished stanza, and
 * input not yet parsed, stay. */
void xml_parser_release(struct xml_parser *parser);

/* A document of its own, such as the payload in a file: its root as a stanza, in the arena. false:
 * it is not well-formed, or above the limits. bytes must outlive the tree. */
bool xml_document_parse(const struct xml_limits *limits, const char *bytes, size_t len,
	struct arena *arena, struct xml_stanza *out);

/* ---- documents too large for memory: what is wanted of them comes element by element ---- */

enum xml_wish {    /* for an element whose start tag has been read */
	XML_SKIP,  /* nothing of it; names in it may have unbound prefixes */
	XML_ENTER, /* its children are asked about, and its end is reported */
	XML_WHOLE, /* it comes as a stanza when it has been read */
	XML_STOP   /* nothing more of the document */
};

struct xml_reader_ops {
	enum xml_wish (*start)(void *ctx, const struct xml_element *tag); /* without children */
	/* The stanza is good for the call; false: stop. */
	bool (*whole)(void *ctx, const struct xml_stanza *stanza);
	bool (*end)(void *ctx); /* of the innermost that was entered; false: stop */
};

struct xml_reader;

/* limits are those of one whole element, and copied; depth is that of the document. */
struct xml_reader *xml_reader_create(
	const struct xml_limits *limits, const struct xml_reader_ops *ops, void *ctx);
void xml_reader_destroy(struct xml_reader *reader); /* takes NULL */

/* The next bytes; last: there are no more. false: it was stopped, is not well-formed, has a DTD, or
 * something in it is above the limits; xml_reader_reason tells, NULL if it was stopped. */
MUST_CHECK bool xml_reader_feed(
	struct xml_reader *reader, const char *bytes, size_t len, bool last);
const char *xml_reader_reason(const struct xml_reader *reader);
size_t xml_reader_line(const struct xml_reader *reader); /* from 1: of what was told last */

/* ---- the writer: appends to a buffer, escapes, and knows which elements are open ---- */

#define XML_WRITER_DEPTH 16

struct xml_writer {
	struct buf *buf;
	unsigned depth;
	bool in_tag; /* the start tag is still open for attributes */
	const char *open[XML_WRITER_DEPTH];
};

struct xml_writer xml_writer(struct buf *buf);
void xml_start(struct xml_writer *w, const char *name); /* not copied: must live until xml_end */
void xml_start_ns(struct xml_writer *w, const char *name, const char *ns);    /* with xmlns='ns' */
void xml_put_attr(struct xml_writer *w, const char *name, const char *value); /* NULL: none */
void xml_put_attr_u64(struct xml_writer *w, const char *name, uint64_t value);
void xml_put_text(struct xml_writer *w, const char *text);             /* NULL: nothing */
void xml_put_raw(struct xml_writer *w, const char *bytes, size_t len); /* well-formed already */
void xml_end(struct xml_writer *w); /* the innermost; <x/> if it stayed empty */
void xml_leaf(struct xml_writer *w, const char *name, const char *text); /* start, text, end */

/* Escapes & < > ' " and CR; in attributes also LF and TAB. */
void xml_escape_text(struct buf *buf, const char *text);
void xml_escape_attr(struct buf *buf, const char *text);

/* Whether text is UTF-8 and consists of characters that XML 1.0 can carry. */
bool xml_text_is_valid(const char *text);

#endif
