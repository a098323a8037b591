/* record.c - values: numbers and texts, written and read. */
#include "store/record.h"

#include <string.h>

void record_write_start(struct buf *buf)
{
	buf_truncate(buf, 0);
	buf_append_byte(buf, RECORD_VERSION);
}

void record_write_varint(struct buf *buf, uint64_t value)
{
	unsigned char *at = (unsigned char *)buf_reserve(buf, 10);

	for (; value > 0x7f; value >>= 7, buf->len++)
		*at++ = (unsigned char)(value | 0x80);
	*at = (unsigned char)value;
	buf->len++;
}

/* The sign goes to the lowest bit, so that small steps both ways are short. */
void record_write_delta(struct buf *buf, uint64_t value, uint64_t base)
{
	uint64_t delta = value - base;

	record_write_varint(buf, delta << 1 ^ (delta >> 63 != 0 ? UINT64_MAX : 0));
}

void record_write_u64(struct buf *buf, uint64_t value)
{
	unsigned char *at = (unsigned char *)buf_reserve(buf, 8);
	int shift;

	for (shift = 56; shift >= 0; shift -= 8)
		*at++ = (unsigned char)(value >> shift);
	buf->len += 8;
}

/* The NUL goes along, so that readers may use the text where it stands. */
void record_write_text(struct buf *buf, const char *text)
{
	size_t size = text != NULL ? strlen(text) + 1 : 0;

	record_write_varint(buf, size);
	buf_append(buf, text, size);
}

void record_write_texts(struct buf *buf, struct pubsub_texts texts)
{
	size_t i;

	record_write_varint(buf, texts.n);
	for (i = 0; i < texts.n; i++)
		record_write_text(buf, texts.v[i]);
}

void record_write_part(struct buf *buf, const char *text)
{
	if (text != NULL && key_part_is_cut(text, strlen(text)))
		record_write_text(buf, text);
}

struct record record_read_start(struct bytes value)
{
	struct record record = {NULL, NULL, true};

	if (value.data == NULL)
		return record; /* a row that must be there is not */
	record = (struct record){value.data, value.data + value.len, false};
	if (record_read_byte(&record) != RECORD_VERSION)
		record.bad = true;
	return record;
}

static size_t left(const struct record *record)
{
	return record->bad ? 0 : (size_t)(record->end - record->at);
}

unsigned record_read_byte(struct record *record)
{
	if (left(record) == 0) {
		record->bad = true;
		return 0;
	}
	return *record->at++;
}

uint64_t record_read_varint(struct record *record)
{
	uint64_t value = 0;
	unsigned shift, byte;

	for (shift = 0; shift < 64; shift += 7) {
		byte = record_read_byte(record);
		value |= (uint64_t)(byte & 0x7f) << shift;
		if ((byte & 0x80) == 0)
			return record->bad ? 0 : value;
	}
	record->bad = true;
	return 0;
}

uint64_t record_read_delta(struct record *record, uint64_t base)
{
	uint64_t value = record_read_varint(record);

	return base + (value >> 1 ^ ((value & 1) != 0 ? UINT64_MAX : 0));
}

uint64_t record_read_u64(struct record *record)
{
	uint64_t value = 0;
	unsigned i;

	if (left(record) < 8) {
		record->bad = true;
		return 0;
	}
	for (i = 0; i < 8; i++)
		value = value << 8 | *record->at++;
	return value;
}

const char *record_read_text(struct record *record)
{
	uint64_t size = record_read_varint(record);
	const char *text = (const char *)record->at;

	if (size == 0)
		return NULL;
	if (size > left(record) || memchr(text, '\0', size) != text + size - 1) {
		record->bad = true;
		return NULL;
	}
	record->at += size;
	return text;
}

struct pubsub_texts record_read_texts(struct record *record, struct arena *arena)
{
	uint64_t i, n = record_read_varint(record);
	const char **texts, *text;

	if (n > left(record)) { /* each takes a byte at least */
		record->bad = true;
		n = 0;
	}
	texts = arena_alloc(arena, n * sizeof *texts);
	for (i = 0; i < n; i++) {
		text = record_read_text(record);
		texts[i] = arena_strdup(arena, text);
		if (text == NULL)
			record->bad = true; /* a list has no holes */
	}
	return (struct pubsub_texts){texts, record->bad ? 0 : n};
}

struct bytes record_read_rest(struct record *record)
{
	struct bytes rest = {record->at, left(record)};

	record->at = record->end;
	return rest;
}

static struct bytes part_text(struct record *record, const struct key_part *part)
{
	const char *text;

	if (part->text.data != NULL)
		return part->text;
	text = record_read_text(record);
	if (text == NULL)
		record->bad = true;
	return (struct bytes){(const unsigned char *)text, text != NULL ? strlen(text) : 0};
}

char *record_read_part(struct record *record, const struct key_part *part, struct arena *arena)
{
	struct bytes text = part_text(record, part);

	return arena_memdup(arena, text.data, text.len);
}

void record_skip_part(struct record *record, const char *text)
{
	if (text != NULL && key_part_is_cut(text, strlen(text)))
		record_read_text(record);
}

struct jid record_read_jid(struct record *record, const struct key_part *bare,
	const struct key_part *resource, struct arena *arena)
{
	struct bytes head = part_text(record, bare);
	struct bytes tail = part_text(record, resource);

	if (record->bad || head.len == 0) {
		record->bad = true;
		return (struct jid){0};
	}
	return jid_join((struct jid_part){(const char *)head.data, head.len},
		(struct jid_part){(const char *)tail.data, tail.len}, arena);
}
