/* record.h - values: a version byte, then varints and texts; options as tag, length, value.
 * Private to src/store. Reading takes any bytes: what is not there or makes no sense sets bad, and
 * from then on everything read is 0, NULL or empty. */
#ifndef STORE_RECORD_H
#define STORE_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "peppy/arena.h"
#include "peppy/buf.h"
#include "peppy/pubsub.h"
#include "store/engine.h"
#include "store/key.h"

#define RECORD_VERSION 1

/* Empties the buffer and starts a record in it. */
void record_write_start(struct buf *buf);
void record_write_varint(struct buf *buf, uint64_t value);
void record_write_delta(struct buf *buf, uint64_t value, uint64_t base); /* short if near */
void record_write_u64(struct buf *buf, uint64_t value);                  /* always eight bytes */
void record_write_text(struct buf *buf, const char *text);               /* NULL is kept */
void record_write_texts(struct buf *buf, struct pubsub_texts texts);

/* The text only if the key has cut it. */
void record_write_part(struct buf *buf, const char *text);

struct record {
	const unsigned char *at;
	const unsigned char *end;
	bool bad;
};

struct record record_read_start(struct bytes value);
unsigned record_read_byte(struct record *record);
uint64_t record_read_varint(struct record *record);
uint64_t record_read_delta(struct record *record, uint64_t base);
uint64_t record_read_u64(struct record *record);
const char *record_read_text(struct record *record);                               /* not copied */
struct pubsub_texts record_read_texts(struct record *record, struct arena *arena); /* copied */
struct bytes record_read_rest(struct record *record);

/* The text of a part, from the key or, if that has cut it, from the record; in the arena. */
char *record_read_part(struct record *record, const struct key_part *part, struct arena *arena);
void record_skip_part(struct record *record, const char *text); /* that was written for text */
struct jid record_read_jid(struct record *record, const struct key_part *bare,
	const struct key_part *resource, struct arena *arena);

/* ---- fields: the members of a struct by their tags, to the end of the record ---- */

/* All of them, but for those equal to unless (NULL: really all). */
void fields_write(struct buf *buf, const struct pubsub_form_type *type, const void *members,
	const void *unless);

/* Appends those of an older record that this peppy does not know. */
void fields_write_unknown(struct buf *buf, const struct pubsub_form_type *type, struct bytes older);

/* Members without a field keep what they are. Texts in the arena. */
void fields_read(struct record *record, const struct pubsub_form_type *type, struct arena *arena,
	void *members);

#endif
