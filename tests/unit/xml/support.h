/* support.h - what the tests of src/xml share. */
#ifndef XML_SUPPORT_H
#define XML_SUPPORT_H

#include "peppy/xml.h"

#define HEADER                                                                                     \
	"<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' "                     \
	"xmlns:stream='http://etherx.jabber.org/streams' xml:lang='en' id='3BF96D32'>"

extern const struct xml_limits unlimited;

/* How a stream comes in: in one piece of first bytes, then in pieces of then bytes. */
struct reading {
	size_t first;
	size_t then;
	bool gathered; /* everything is read before the first stanza is asked for */
};

/* The element whose start tag follows, NULL behind the last one. */
const struct xml_element *next_in_document(const struct xml_element *el);

/* Appends a stanza, its bytes and its tree, in a form to compare. */
void dump_stanza(struct buf *out, const struct xml_stanza *stanza);

/* Appends a tree as it is wherever it stands: without places, with the language in force. */
void dump_meaning(struct buf *out, const struct xml_element *el);

/* That xml_standalone's copy of el means the same in surroundings that declare other things. */
void check_copy(const struct xml_stanza *stanza, const struct xml_element *el);

/* Feeds a whole stream, dumps each stanza, and releases after every read. The last event. */
enum xml_event read_stream(const struct xml_limits *limits, const char *stream, size_t len,
	struct reading reading, struct buf *dump);

/* A parser that has been fed the text behind HEADER. */
struct xml_parser *parser_fed(const struct xml_limits *limits, const char *text);
void feed(struct xml_parser *parser, const char *text, size_t len);

/* Bytes on the heap. AddressSanitizer's malloc does not count them: there this is 0. */
size_t heap_bytes(void);

#endif
