/* key.h - keys: parts and big-endian numbers, so that memcmp gives the order.
 * Private to src/store. */
#ifndef STORE_KEY_H
#define STORE_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "peppy/jid.h"
#include "store/engine.h"

struct key {
	size_t len;
	unsigned char data[ENGINE_KEY_MAX + 1]; /* one more for a position right behind a key */
};

void key_init(struct key *key);
void key_add_u8(struct key *key, unsigned value);
void key_add_u32(struct key *key, uint32_t value);
void key_add_u64(struct key *key, uint64_t value);
void key_add_bytes(struct key *key, struct bytes bytes);

/* A text so that no part is the beginning of another: short ones whole, with a 00 behind; long
 * ones cut, with 01 and their SHA-256 behind. The row's value then holds the whole text. */
void key_add_part(struct key *key, const char *text); /* NULL is "" */
void key_add_jid(struct key *key, struct jid jid);    /* bare and resource, a part each */
bool key_part_is_cut(const char *text, size_t len);

/* Tree N: the rows of a node; no 0 is the service itself. */
#define NODE_PREFIX 9 /* bytes: sid, no, tag */
void key_init_node(struct key *key, uint32_t sid, uint32_t no, unsigned tag);

struct bytes key_bytes(const struct key *key);
struct bytes key_rest(const struct key *key, size_t len); /* behind the first len bytes */

/* Turns a prefix into the first key behind all keys that start with it. */
void key_step_over_prefix(struct key *key);

/* Reading: each takes something off the front of *rest; false: it is not there. */
bool key_take_u8(struct bytes *rest, unsigned *out);
bool key_take_u32(struct bytes *rest, uint32_t *out);
bool key_take_u64(struct bytes *rest, uint64_t *out);

struct key_part {
	struct bytes raw;  /* as it stands in the key */
	struct bytes text; /* without what ends it; data NULL: cut, the value holds it */
};
bool key_take_part(struct bytes *rest, struct key_part *out);
bool key_is_parts(struct bytes bytes, unsigned n); /* n of them, and nothing else */

#endif
