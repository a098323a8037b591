/* rows.h - how config.c and options.c write the rows of their tables. Private to src/model.
 * RECORD is the struct whose members the rows describe. A row for a member of another type than
 * the row's does not compile: _Generic finds no branch for it. */
#ifndef MODEL_ROWS_H
#define MODEL_ROWS_H

#include "model/words.h"

#define MEMBER(member, ctype) _Generic(((RECORD *)NULL)->member, ctype : offsetof(RECORD, member))

/* clang-format off */
#define FIELD_BOOL(disk_tag, name, member, text)                                                   \
	{.var = (name), .label = (text), .type = PUBSUB_FIELD_BOOL, .tag = (disk_tag),             \
		.offset = MEMBER(member, bool)}
#define FIELD_UINT(disk_tag, name, member, least, most, word, text)                                \
	{.var = (name), .label = (text), .type = PUBSUB_FIELD_UINT, .tag = (disk_tag),             \
		.offset = MEMBER(member, uint32_t), .min = (least), .max = (most),                 \
		.max_word = (word)}
#define FIELD_LIST(disk_tag, name, member, noun, text)                                             \
	{.var = (name), .label = (text), .type = PUBSUB_FIELD_LIST, .tag = (disk_tag),             \
		.offset = MEMBER(member, enum pubsub_##noun), .words = &pubsub_##noun##_words}
#define FIELD_TEXT(disk_tag, name, member, bytes, text)                                            \
	{.var = (name), .label = (text), .type = PUBSUB_FIELD_TEXT, .tag = (disk_tag),             \
		.offset = MEMBER(member, const char *), .max = (bytes)}
#define FIELD_TEXTS(disk_tag, name, member, bytes, text)                                           \
	{.var = (name), .label = (text), .type = PUBSUB_FIELD_TEXTS, .tag = (disk_tag),            \
		.offset = MEMBER(member, struct pubsub_texts), .max = (bytes)}
#define FIELD_LISTS(disk_tag, name, member, noun, bytes, text)                                     \
	{.var = (name), .label = (text), .type = PUBSUB_FIELD_TEXTS, .tag = (disk_tag),            \
		.offset = MEMBER(member, struct pubsub_texts), .max = (bytes),                     \
		.words = &pubsub_##noun##_words}
#define FIELD_JIDS(disk_tag, name, member, bytes, text)                                            \
	{.var = (name), .label = (text), .type = PUBSUB_FIELD_JIDS, .tag = (disk_tag),             \
		.offset = MEMBER(member, struct pubsub_texts), .max = (bytes)}
#define FIELD_STAMP(disk_tag, name, member, word, text)                                            \
	{.var = (name), .label = (text), .type = PUBSUB_FIELD_STAMP, .tag = (disk_tag),            \
		.offset = MEMBER(member, uint64_t), .max_word = (word)}
/* clang-format on */

#endif
