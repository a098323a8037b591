/* jid.h - Jabber IDs (RFC 6122), prepared with libidn: nodeprep, nameprep, resourceprep.
 * Floor 0. */
#ifndef PEPPY_JID_H
#define PEPPY_JID_H

#include <stdbool.h>
#include <stddef.h>

#include "peppy/arena.h"
#include "peppy/attributes.h"

#define JID_PART_MAX 1023 /* bytes of a part after preparing */
#define JID_MAX 3071      /* bytes of a whole JID: local@domain/resource */

/* A prepared JID. A plain value; its texts live in the arena it was parsed into.
 * All zero means no JID. Prepared JIDs are equal if their texts are. */
struct jid {
	const char *full;  /* local@domain/resource, as far as the parts exist */
	const char *bare;  /* local@domain or domain */
	const char *local; /* NULL: none */
	const char *domain;
	const char *resource; /* NULL: none; full equals bare then */
};

/* Prepares text. false: it is not a JID; *out is untouched.
 * Unassigned code points are allowed (resources hold emoji); a final dot of the domain is cut. */
MUST_CHECK bool jid_parse(const char *text, struct arena *arena, struct jid *out);

/* Splits a text, which must not be empty, as it is: one that was prepared before. */
void jid_take(const char *text, struct arena *arena, struct jid *out);

/* An address of a stanza, which must not be empty: prepared, or as it came if our preparation
 * refuses what the server has let through. */
struct jid jid_received(const char *text, struct arena *arena);

/* The domain of a bare JID, within its text. */
const char *jid_domain(const char *bare);

/* Puts a JID together of texts that were prepared already; resource.len 0: none. */
struct jid_part {
	const char *text;
	size_t len; /* without a NUL, which need not be there */
};
struct jid jid_join(struct jid_part bare, struct jid_part resource, struct arena *arena);

/* The bare JID of jid, sharing its texts. */
struct jid jid_bare(struct jid jid);

struct jid jid_copy(struct jid jid, struct arena *arena);
bool jid_equal(struct jid a, struct jid b); /* full JIDs */
bool jid_equal_bare(struct jid a, struct jid b);

#endif
