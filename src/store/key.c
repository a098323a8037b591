/* key.c - putting keys together and taking them apart. */
#include "store/key.h"

#include <assert.h>
#include <string.h>

#include "peppy/hash.h"

#define PART_WHOLE_MAX 150 /* bytes of a text that stands whole in a key */
#define PART_CUT_MAX 118   /* what is left of a longer one: 118 + 01 + 32 = 150 + 00 */
#define PART_END '\0'
#define PART_CUT '\1'

void key_init(struct key *key)
{
	key->len = 0;
}

static unsigned char *add(struct key *key, size_t len)
{
	unsigned char *at = key->data + key->len;

	assert(len <= sizeof key->data - key->len);
	key->len += len;
	return at;
}

void key_add_u8(struct key *key, unsigned value)
{
	*add(key, 1) = (unsigned char)value;
}

static void add_number(struct key *key, uint64_t value, unsigned size)
{
	unsigned char *at = add(key, size);

	while (size-- > 0)
		*at++ = (unsigned char)(value >> (8 * size));
}

void key_add_u32(struct key *key, uint32_t value)
{
	add_number(key, value, 4);
}

void key_add_u64(struct key *key, uint64_t value)
{
	add_number(key, value, 8);
}

void key_add_bytes(struct key *key, struct bytes bytes)
{
	if (bytes.len > 0)
		memcpy(add(key, bytes.len), bytes.data, bytes.len);
}

/* A short text that holds the cutting mark is cut there: else a client could write a text whose
 * part is that of another one, hash and all. */
bool key_part_is_cut(const char *text, size_t len)
{
	return len > PART_WHOLE_MAX || memchr(text, PART_CUT, len) != NULL;
}

static void add_cut(struct key *key, const char *text, size_t len)
{
	const char *mark = memchr(text, PART_CUT, len);
	size_t left = mark != NULL ? (size_t)(mark - text) : len;

	if (left > PART_CUT_MAX)
		left = PART_CUT_MAX;
	memcpy(add(key, left), text, left);
	*add(key, 1) = PART_CUT;
	hash_sha256(text, len, add(key, HASH_SHA256_SIZE));
}

void key_add_part(struct key *key, const char *text)
{
	size_t len = text != NULL ? strlen(text) : 0;

	if (len > 0 && key_part_is_cut(text, len)) {
		add_cut(key, text, len);
		return;
	}
	if (len > 0)
		memcpy(add(key, len), text, len);
	*add(key, 1) = PART_END;
}

void key_add_jid(struct key *key, struct jid jid)
{
	key_add_part(key, jid.bare);
	key_add_part(key, jid.resource);
}

void key_init_node(struct key *key, uint32_t sid, uint32_t no, unsigned tag)
{
	key_init(key);
	key_add_u32(key, sid);
	key_add_u32(key, no);
	key_add_u8(key, tag);
}

struct bytes key_bytes(const struct key *key)
{
	return (struct bytes){key->data, key->len};
}

struct bytes key_rest(const struct key *key, size_t len)
{
	assert(len <= key->len);
	return (struct bytes){key->data + len, key->len - len};
}

void key_step_over_prefix(struct key *key)
{
	while (key->len > 0 && key->data[key->len - 1] == 0xff)
		key->len--;
	if (key->len > 0) {
		key->data[key->len - 1]++;
	} else { /* only a damaged row asks for it: nothing is behind the longest and largest key */
		memset(key->data, 0xff, ENGINE_KEY_MAX);
		key->len = ENGINE_KEY_MAX;
	}
}

static bool take_number(struct bytes *rest, unsigned size, uint64_t *out)
{
	if (rest->len < size)
		return false;
	*out = 0;
	rest->len -= size;
	while (size-- > 0)
		*out = *out << 8 | *rest->data++;
	return true;
}

bool key_take_u8(struct bytes *rest, unsigned *out)
{
	uint64_t value;

	if (!take_number(rest, 1, &value))
		return false;
	*out = (unsigned)value;
	return true;
}

bool key_take_u32(struct bytes *rest, uint32_t *out)
{
	uint64_t value;

	if (!take_number(rest, 4, &value))
		return false;
	*out = (uint32_t)value;
	return true;
}

bool key_take_u64(struct bytes *rest, uint64_t *out)
{
	return take_number(rest, 8, out);
}

bool key_take_part(struct bytes *rest, struct key_part *out)
{
	size_t len = 0, whole;

	while (len < rest->len && rest->data[len] > PART_CUT)
		len++;
	if (len == rest->len || len > PART_WHOLE_MAX) /* only a damaged row has such a part */
		return false;
	out->text = (struct bytes){rest->data, len};
	whole = len + 1;
	if (rest->data[len] == PART_CUT) {
		out->text = (struct bytes){NULL, 0};
		whole += HASH_SHA256_SIZE;
	}
	if (whole > rest->len)
		return false;
	out->raw = (struct bytes){rest->data, whole};
	rest->data += whole;
	rest->len -= whole;
	return true;
}

bool key_is_parts(struct bytes bytes, unsigned n)
{
	struct key_part part;

	while (n-- > 0)
		if (!key_take_part(&bytes, &part))
			return false;
	return bytes.len == 0;
}
