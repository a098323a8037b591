/* scan.h - whole stanzas in a row of bytes, and what stands in their start tags. Ten times as fast
 * as a parser, so that the load generator takes little of the machine it measures. It relies on '>'
 * being escaped in attribute values and on nobody sending CDATA or comments: peppyd does not, and
 * neither do the payloads of this folder. The self-test has libxml read the same stream as well. */
#ifndef BENCH_SCAN_H
#define BENCH_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slice {
	const char *at; /* NULL: absent */
	size_t len;
};

struct stanza {
	struct slice bytes;
	struct slice tag; /* its start tag */
};

struct scanner {
	size_t next;  /* up to here the bytes have been looked at */
	size_t start; /* where the stanza under way begins */
	size_t tag_len;
	unsigned depth;
};

/* The next whole stanza of the len bytes at data, of which the ones before scanner->start are done
 * with. false: there is none yet, call again with more. The end of the stream is a stanza too. */
bool scan_next(struct scanner *scanner, const char *data, size_t len, struct stanza *out);

/* The start tag of the first element called name in bytes; absent if there is none. */
struct slice scan_tag(struct slice bytes, const char *name);

struct slice scan_attr(struct slice tag, const char *name);
bool scan_is(struct slice slice, const char *text);
bool scan_begins(struct slice slice, const char *text);

/* The decimal number behind a prefix ("i42" with "i": 42). */
bool scan_number(struct slice slice, const char *prefix, uint64_t *out);

#endif
