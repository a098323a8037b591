/* value.c - one value between its text in the file and its member in the struct. */
#include <arpa/inet.h>
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "conf/keys.h"
#include "conf/vec.h"
#include "peppy/array.h"
#include "peppy/jid.h"
#include "peppy/number.h"

static const char suffixes[] = "KMGT"; /* powers of 1024 */

struct place { /* where a value goes and how it gets there */
	const struct conf_key *key;
	struct arena *arena;
	void *member;
};

static bool parse_suffix(const char **text, uint64_t *n)
{
	const char *suffix = strchr(suffixes, **text & ~0x20); /* in capitals */
	unsigned shift;

	if (suffix == NULL || *suffix == '\0')
		return true;
	shift = 10 * (unsigned)(suffix - suffixes + 1);
	if (*n > UINT64_MAX >> shift)
		return false;
	*n <<= shift;
	++*text;
	return true;
}

static void store_number(const struct place *place, uint64_t n)
{
	switch (place->key->member_bytes) {
	case sizeof(uint16_t):
		*(uint16_t *)place->member = (uint16_t)n;
		break;
	case sizeof(uint32_t):
		*(uint32_t *)place->member = (uint32_t)n;
		break;
	default:
		assert(place->key->member_bytes == sizeof(uint64_t));
		*(uint64_t *)place->member = n;
	}
}

static uint64_t load_number(const struct conf_key *key, const void *member)
{
	switch (key->member_bytes) {
	case sizeof(uint16_t):
		return *(const uint16_t *)member;
	case sizeof(uint32_t):
		return *(const uint32_t *)member;
	default:
		assert(key->member_bytes == sizeof(uint64_t));
		return *(const uint64_t *)member;
	}
}

/* ---- from text; each returns what the value must be, NULL if it is ---- */

static const char *parse_number(const struct place *place, const char *text)
{
	uint64_t n;

	if (!number_take(&text, UINT64_MAX, &n) || *text != '\0' || n < place->key->min ||
		n > place->key->max)
		return arena_printf(place->arena, "must be between %" PRIu64 " and %" PRIu64,
			place->key->min, place->key->max);
	store_number(place, n);
	return NULL;
}

static const char *must_be_size(const struct place *place)
{
	struct buf why = {0};
	const char *copy;

	buf_append_text(&why, "must be a size, such as 100000, 480K or 2M, between ");
	value_render_bytes(place->key->min, &why);
	buf_append_text(&why, " and ");
	value_render_bytes(place->key->max, &why);
	copy = arena_memdup(place->arena, why.data, why.len);
	buf_finish(&why);
	return copy;
}

static const char *parse_bytes(const struct place *place, const char *text)
{
	uint64_t n;

	if (!number_take(&text, UINT64_MAX, &n) || !parse_suffix(&text, &n) || *text != '\0' ||
		n < place->key->min || n > place->key->max)
		return must_be_size(place);
	store_number(place, n);
	return NULL;
}

static const char *parse_word(const struct place *place, const char *text)
{
	const char *const *word;
	const char *why = "must be";

	for (word = place->key->words; *word != NULL; word++) {
		if (strcmp(*word, text) == 0) {
			store_number(place, (uint64_t)(word - place->key->words));
			return NULL;
		}
	}
	for (word = place->key->words; *word != NULL; word++)
		why = arena_printf(place->arena, "%s%s %s", why,
			word == place->key->words ? "" : (word[1] == NULL ? " or" : ","), *word);
	return why;
}

static const char *parse_switch(const struct place *place, const char *text)
{
	static const char *const words[] = {"off", "on", "false", "true", "no", "yes"};
	size_t i;

	for (i = 0; i < ARRAY_COUNT(words); i++) {
		if (strcmp(words[i], text) == 0) {
			*(bool *)place->member = i % 2 == 1;
			return NULL;
		}
	}
	return "must be on or off";
}

static const char *parse_text(const struct place *place, const char *text)
{
	if (text[0] == '\0')
		return "must not be empty";
	*(const char **)place->member = arena_strdup(place->arena, text);
	return NULL;
}

static const char *parse_host(const struct place *place, const char *text)
{
	struct in6_addr address;

	if (text[0] == '\0' || strpbrk(text, " \t\r\n/@[]") != NULL)
		return "must be the name or the address of a host";
	if (strchr(text, ':') != NULL && inet_pton(AF_INET6, text, &address) != 1)
		return "must be the name or the address of a host, without a port";
	return parse_text(place, text);
}

static const char *append_text(const struct place *place, const char *text)
{
	struct conf_texts *texts = place->member;

	texts->v = vec_room(place->arena, texts->v, texts->n, sizeof *texts->v);
	texts->v[texts->n++] = text;
	return NULL;
}

static const char *parse_texts(const struct place *place, const char *text)
{
	if (text[0] == '\0')
		return "must not be empty";
	return append_text(place, arena_strdup(place->arena, text));
}

static const char *parse_jids(const struct place *place, const char *text)
{
	struct jid jid;

	if (!jid_parse(text, place->arena, &jid) || jid.resource != NULL)
		return arena_printf(place->arena, "must be bare JIDs; '%s' is not one", text);
	return append_text(place, jid.full);
}

static const char *parse_hosts(const struct place *place, const char *text)
{
	struct jid jid;

	if (!jid_parse(text, place->arena, &jid) || jid.local != NULL || jid.resource != NULL)
		return arena_printf(place->arena, "must be domains; '%s' is not one", text);
	return append_text(place, jid.full);
}

/* ---- to text; each appends nothing if the member is unset ---- */

static void render_text(const struct conf_key *key, const void *member, struct buf *out)
{
	const char *text = *(const char *const *)member;

	if (text != NULL)
		value_render_text(key->secret ? "***" : text, out);
}

static void render_texts(const struct conf_key *key, const void *member, struct buf *out)
{
	const struct conf_texts *texts = member;
	size_t i;

	(void)key;
	if (texts->n == 0)
		return;
	for (i = 0; i < texts->n; i++) {
		buf_append_text(out, i == 0 ? "{" : ", ");
		value_render_text(texts->v[i], out);
	}
	buf_append_byte(out, '}');
}

static void render_number(const struct conf_key *key, const void *member, struct buf *out)
{
	buf_printf(out, "%" PRIu64, load_number(key, member));
}

static void render_bytes(const struct conf_key *key, const void *member, struct buf *out)
{
	buf_append_byte(out, '"');
	value_render_bytes(load_number(key, member), out);
	buf_append_byte(out, '"');
}

static void render_word(const struct conf_key *key, const void *member, struct buf *out)
{
	buf_append_text(out, key->words[load_number(key, member)]);
}

static void render_switch(const struct conf_key *key, const void *member, struct buf *out)
{
	(void)key;
	buf_append_text(out, *(const bool *)member ? "on" : "off");
}

static const struct type {
	const char *(*parse)(const struct place *place, const char *text);
	void (*render)(const struct conf_key *key, const void *member, struct buf *out);
} types[TYPE_COUNT] = {
	[TYPE_TEXT] = {parse_text, render_text},
	[TYPE_HOST] = {parse_host, render_text},
	[TYPE_TEXTS] = {parse_texts, render_texts},
	[TYPE_JIDS] = {parse_jids, render_texts},
	[TYPE_HOSTS] = {parse_hosts, render_texts},
	[TYPE_NUMBER] = {parse_number, render_number},
	[TYPE_BYTES] = {parse_bytes, render_bytes},
	[TYPE_WORD] = {parse_word, render_word},
	[TYPE_SWITCH] = {parse_switch, render_switch},
};

bool value_parse(const struct conf_key *key, const char *text, struct arena *arena, void *base,
	const char **why_out)
{
	const struct place place = {key, arena, (char *)base + key->member};
	const char *why = types[key->type].parse(&place, text);

	if (why == NULL)
		return true;
	*why_out = why;
	return false;
}

void value_render(const struct conf_key *key, const void *base, struct buf *out)
{
	types[key->type].render(key, (const char *)base + key->member, out);
}

void value_render_text(const char *text, struct buf *out)
{
	buf_append_byte(out, '"');
	for (; *text != '\0'; text++) {
		if (*text == '\n' || *text == '\t') {
			buf_append_text(out, *text == '\n' ? "\\n" : "\\t");
			continue;
		}
		if (*text == '"' || *text == '\\' || (*text == '$' && text[1] == '{'))
			buf_append_byte(out, '\\');
		buf_append_byte(out, *text);
	}
	buf_append_byte(out, '"');
}

void value_render_bytes(uint64_t bytes, struct buf *out)
{
	int i;

	for (i = 0; bytes != 0 && bytes % 1024 == 0 && suffixes[i] != '\0'; i++)
		bytes /= 1024;
	buf_printf(out, "%" PRIu64, bytes);
	if (i > 0)
		buf_append_byte(out, suffixes[i - 1]);
}
