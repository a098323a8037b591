/* fields.c - node configuration and subscription options on disk: tag, length, value of each
 * member, as the tables of the model say. */
#include "store/record.h"

#include <string.h>

static const void *member_of(const struct pubsub_field *field, const void *members)
{
	return (const char *)members + field->offset;
}

/* ---- writing ---- */

static void write_bool(struct buf *buf, const void *member)
{
	record_write_varint(buf, *(const bool *)member);
}

static void write_uint(struct buf *buf, const void *member)
{
	record_write_varint(buf, *(const uint32_t *)member);
}

static void write_list(struct buf *buf, const void *member)
{
	unsigned value; /* enums are as wide: the model asserts it */

	memcpy(&value, member, sizeof value);
	record_write_varint(buf, value);
}

static void write_text(struct buf *buf, const void *member)
{
	record_write_text(buf, *(const char *const *)member);
}

static void write_texts(struct buf *buf, const void *member)
{
	record_write_texts(buf, *(const struct pubsub_texts *)member);
}

static void write_stamp(struct buf *buf, const void *member)
{
	record_write_varint(buf, *(const uint64_t *)member);
}

/* ---- reading ---- */

static void read_bool(
	const struct pubsub_field *field, struct record *value, struct arena *arena, void *member)
{
	(void)field, (void)arena;
	*(bool *)member = record_read_varint(value) != 0;
}

static void read_uint(
	const struct pubsub_field *field, struct record *value, struct arena *arena, void *member)
{
	uint64_t number = record_read_varint(value);

	(void)field, (void)arena;
	*(uint32_t *)member = number > UINT32_MAX ? UINT32_MAX : (uint32_t)number;
}

/* A word that a newer peppy has written leaves the member as it is. */
static void read_list(
	const struct pubsub_field *field, struct record *value, struct arena *arena, void *member)
{
	uint64_t number = record_read_varint(value);
	unsigned word = (unsigned)number;

	(void)arena;
	if (number < field->words->n)
		memcpy(member, &word, sizeof word);
}

static void read_text(
	const struct pubsub_field *field, struct record *value, struct arena *arena, void *member)
{
	(void)field;
	*(const char **)member = arena_strdup(arena, record_read_text(value));
}

static void read_texts(
	const struct pubsub_field *field, struct record *value, struct arena *arena, void *member)
{
	(void)field;
	*(struct pubsub_texts *)member = record_read_texts(value, arena);
}

static void read_stamp(
	const struct pubsub_field *field, struct record *value, struct arena *arena, void *member)
{
	(void)field, (void)arena;
	*(uint64_t *)member = record_read_varint(value);
}

/* ---- all types ---- */

struct kind {
	void (*write)(struct buf *buf, const void *member);
	void (*read)(const struct pubsub_field *field, struct record *value, struct arena *arena,
		void *member);
};

/* clang-format off */
static const struct kind kinds[PUBSUB_FIELD_TYPE_COUNT] = {
	[PUBSUB_FIELD_BOOL]  = {write_bool,  read_bool},
	[PUBSUB_FIELD_UINT]  = {write_uint,  read_uint},
	[PUBSUB_FIELD_LIST]  = {write_list,  read_list},
	[PUBSUB_FIELD_TEXT]  = {write_text,  read_text},
	[PUBSUB_FIELD_TEXTS] = {write_texts, read_texts},
	[PUBSUB_FIELD_JIDS]  = {write_texts, read_texts},
	[PUBSUB_FIELD_STAMP] = {write_stamp, read_stamp},
};
/* clang-format on */

/* The value is written behind a length of one byte, which is nearly always enough. */
static void write_field(struct buf *buf, const struct pubsub_field *field, const void *members)
{
	size_t at, len, room;
	unsigned char length[10];
	struct buf varint = {(char *)length, 0, sizeof length};

	record_write_varint(buf, field->tag);
	at = buf->len;
	buf_append_byte(buf, 0);
	kinds[field->type].write(buf, member_of(field, members));
	len = buf->len - at - 1;
	record_write_varint(&varint, len);
	room = varint.len - 1;
	buf_reserve(buf, room);
	memmove(buf->data + at + varint.len, buf->data + at + 1, len);
	memcpy(buf->data + at, length, varint.len);
	buf->len += room;
}

void fields_write(struct buf *buf, const struct pubsub_form_type *type, const void *members,
	const void *unless)
{
	size_t i;

	for (i = 0; i < type->n; i++)
		if (unless == NULL || !pubsub_field_equal(&type->v[i], members, unless))
			write_field(buf, &type->v[i], members);
}

/* *at: where the next one stands, if they were written in the table's order, as they mostly
 * were. */
static const struct pubsub_field *find(
	const struct pubsub_form_type *type, uint64_t tag, size_t *at)
{
	size_t n = type->n;

	for (; n > 0 && type->v[*at].tag != tag; n--)
		*at = (*at + 1) % type->n;
	if (n == 0)
		return NULL;
	n = *at;
	*at = (n + 1) % type->n;
	return &type->v[n];
}

/* false: there is no further one. */
static bool next_field(struct record *record, uint64_t *tag_out, struct bytes *value_out)
{
	uint64_t len;

	if (record->bad || record->at == record->end)
		return false;
	*tag_out = record_read_varint(record);
	len = record_read_varint(record);
	if (record->bad || len > (size_t)(record->end - record->at)) {
		record->bad = true;
		return false;
	}
	*value_out = (struct bytes){record->at, len};
	record->at += len;
	return true;
}

void fields_write_unknown(struct buf *buf, const struct pubsub_form_type *type, struct bytes older)
{
	struct record record = {older.data, older.data + older.len, false};
	struct bytes value;
	size_t at = 0;
	uint64_t tag;

	while (next_field(&record, &tag, &value)) {
		if (find(type, tag, &at) != NULL)
			continue;
		record_write_varint(buf, tag);
		record_write_varint(buf, value.len);
		buf_append(buf, value.data, value.len);
	}
}

void fields_read(struct record *record, const struct pubsub_form_type *type, struct arena *arena,
	void *members)
{
	const struct pubsub_field *field;
	struct record inner;
	struct bytes value;
	size_t at = 0;
	uint64_t tag;

	while (next_field(record, &tag, &value)) {
		field = find(type, tag, &at);
		if (field == NULL)
			continue;
		inner = (struct record){value.data, value.data + value.len, false};
		kinds[field->type].read(field, &inner, arena, (char *)members + field->offset);
		record->bad = record->bad || inner.bad;
	}
}
