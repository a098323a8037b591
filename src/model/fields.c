/* fields.c - a field's value as texts and as a member of its struct; one row a type. */
#include "peppy/pubsub.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "peppy/clock.h"
#include "peppy/memory.h"
#include "peppy/number.h"

#define VALUE_OVERHEAD 16 /* what <value></value> adds to a value */

/* What can be done with a member of one type. */
struct kind {
	size_t size;
	bool many; /* of several values */
	bool (*set)(const struct pubsub_field *field, struct pubsub_texts values,
		struct arena *arena, void *member);
	struct pubsub_texts (*values)(
		const struct pubsub_field *field, const void *member, struct arena *arena);
	bool (*equal)(const void *a, const void *b);
	void (*own)(void *member, struct arena *arena); /* NULL: it holds no text */
};

static struct pubsub_texts one(const char *const *text)
{
	return (struct pubsub_texts){text, 1};
}

static struct pubsub_texts one_copy(struct arena *arena, const char *text)
{
	const char **v = arena_alloc(arena, sizeof *v);

	*v = arena_strdup(arena, text);
	return one(v);
}

/* ---- BOOL ---- */

static const char *const bool_values[] = {"0", "1", "false", "true"};

static bool set_bool(const struct pubsub_field *field, struct pubsub_texts values,
	struct arena *arena, void *member)
{
	static const struct pubsub_words words = {bool_values, bool_values, 4};
	int found = values.n == 1 ? pubsub_word_find(&words, values.v[0]) : -1;

	(void)field, (void)arena;
	if (found < 0)
		return false;
	*(bool *)member = found % 2 == 1;
	return true;
}

static struct pubsub_texts values_bool(
	const struct pubsub_field *field, const void *member, struct arena *arena)
{
	(void)field, (void)arena;
	return one(&bool_values[*(const bool *)member]);
}

static bool equal_bool(const void *a, const void *b)
{
	return *(const bool *)a == *(const bool *)b;
}

/* ---- UINT ---- */

static bool is_max_word(const struct pubsub_field *field, const char *text)
{
	if (field->max_word == NULL)
		return false;
	if (strcmp(text, field->max_word) == 0)
		return true;
	return strcmp(field->max_word, "max") == 0 && strcmp(text, "-1") == 0;
}

static bool set_uint(const struct pubsub_field *field, struct pubsub_texts values,
	struct arena *arena, void *member)
{
	uint32_t n;

	(void)arena;
	if (values.n != 1)
		return false;
	if (is_max_word(field, values.v[0]))
		n = PUBSUB_MAX;
	else if (!number_parse(values.v[0], field->max, &n) || n < field->min)
		return false;
	*(uint32_t *)member = n;
	return true;
}

static struct pubsub_texts values_uint(
	const struct pubsub_field *field, const void *member, struct arena *arena)
{
	uint32_t n = *(const uint32_t *)member;

	if (n == PUBSUB_MAX && field->max_word != NULL)
		return one(&field->max_word);
	return one_copy(arena, arena_printf(arena, "%u", (unsigned)n));
}

static bool equal_uint(const void *a, const void *b)
{
	return *(const uint32_t *)a == *(const uint32_t *)b;
}

/* ---- LIST ---- */

static_assert(sizeof(enum pubsub_access_model) == sizeof(unsigned), "enums are as wide as ints");

static unsigned get_enum(const void *member)
{
	unsigned n;

	memcpy(&n, member, sizeof n);
	return n;
}

static bool set_list(const struct pubsub_field *field, struct pubsub_texts values,
	struct arena *arena, void *member)
{
	int found = values.n == 1 ? pubsub_word_find(field->words, values.v[0]) : -1;
	unsigned n = (unsigned)found;

	(void)arena;
	if (found < 0)
		return false;
	memcpy(member, &n, sizeof n);
	return true;
}

static struct pubsub_texts values_list(
	const struct pubsub_field *field, const void *member, struct arena *arena)
{
	unsigned n = get_enum(member);

	(void)arena;
	assert(n < field->words->n);
	return one(&field->words->v[n]);
}

static bool equal_list(const void *a, const void *b)
{
	return get_enum(a) == get_enum(b);
}

/* ---- TEXT ---- */

static bool set_text(const struct pubsub_field *field, struct pubsub_texts values,
	struct arena *arena, void *member)
{
	const char *text = values.n == 1 && *values.v[0] != '\0' ? values.v[0] : NULL;

	(void)arena;
	if (text != NULL && strlen(text) > field->max)
		return false;
	*(const char **)member = text;
	return true;
}

static struct pubsub_texts values_text(
	const struct pubsub_field *field, const void *member, struct arena *arena)
{
	const char *const *text = member;

	(void)field, (void)arena;
	return *text != NULL ? one(text) : (struct pubsub_texts){NULL, 0};
}

static bool equal_text(const void *a, const void *b)
{
	const char *left = *(const char *const *)a;
	const char *right = *(const char *const *)b;

	if (left == NULL || right == NULL)
		return left == right;
	return strcmp(left, right) == 0;
}

static void own_text(void *member, struct arena *arena)
{
	const char **text = member;

	*text = arena_strdup(arena, *text);
}

/* ---- TEXTS, JIDS, JID ---- */

/* The text that stands for value in the record; NULL: value is not allowed. */
typedef const char *(*accept_fn)(
	const struct pubsub_field *field, const char *value, struct arena *arena);

static const char *accept_text(
	const struct pubsub_field *field, const char *value, struct arena *arena)
{
	(void)arena;
	if (field->words != NULL && pubsub_word_find(field->words, value) < 0)
		return NULL;
	return value;
}

static const char *accept_jid(
	const struct pubsub_field *field, const char *value, struct arena *arena)
{
	struct jid jid;

	(void)field;
	return jid_parse(value, arena, &jid) ? jid.full : NULL;
}

static bool set_many(const struct pubsub_field *field, struct pubsub_texts values,
	struct arena *arena, accept_fn accept, void *member)
{
	const char **v = arena_alloc(arena, values.n * sizeof *v);
	size_t n = 0;
	size_t bytes = 0;

	for (size_t i = 0; i < values.n; i++) {
		if (*values.v[i] == '\0')
			continue;
		v[n] = accept(field, values.v[i], arena);
		if (v[n] == NULL)
			return false;
		bytes += strlen(v[n++]) + VALUE_OVERHEAD;
		if (bytes > field->max)
			return false;
	}
	*(struct pubsub_texts *)member = (struct pubsub_texts){n > 0 ? v : NULL, n};
	return true;
}

static bool set_texts(const struct pubsub_field *field, struct pubsub_texts values,
	struct arena *arena, void *member)
{
	return set_many(field, values, arena, accept_text, member);
}

static bool set_jids(const struct pubsub_field *field, struct pubsub_texts values,
	struct arena *arena, void *member)
{
	return set_many(field, values, arena, accept_jid, member);
}

static bool set_jid(const struct pubsub_field *field, struct pubsub_texts values,
	struct arena *arena, void *member)
{
	const char *text = values.n == 1 && *values.v[0] != '\0' ? values.v[0] : NULL;

	if (text != NULL && (text = accept_jid(field, text, arena)) == NULL)
		return false;
	*(const char **)member = text;
	return true;
}

static struct pubsub_texts values_texts(
	const struct pubsub_field *field, const void *member, struct arena *arena)
{
	(void)field, (void)arena;
	return *(const struct pubsub_texts *)member;
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char **sorted(const struct pubsub_texts *texts)
{
	const char **v = memory_alloc(texts->n * sizeof *v);

	memcpy(v, texts->v, texts->n * sizeof *v);
	qsort(v, texts->n, sizeof *v, compare_texts);
	return v;
}

static bool equal_texts(const void *a, const void *b)
{
	const struct pubsub_texts *left = a;
	const struct pubsub_texts *right = b;
	const char **x, **y;
	size_t i = 0;

	if (left->n != right->n || left->n == 0)
		return left->n == right->n;
	x = sorted(left);
	y = sorted(right);
	while (i < left->n && strcmp(x[i], y[i]) == 0)
		i++;
	free(x);
	free(y);
	return i == left->n;
}

static void own_texts(void *member, struct arena *arena)
{
	struct pubsub_texts *texts = member;
	const char **v = arena_alloc(arena, texts->n * sizeof *v);

	for (size_t i = 0; i < texts->n; i++)
		v[i] = arena_strdup(arena, texts->v[i]);
	texts->v = texts->n > 0 ? v : NULL;
}

/* ---- STAMP ---- */

static bool set_stamp(const struct pubsub_field *field, struct pubsub_texts values,
	struct arena *arena, void *member)
{
	uint64_t stamp = 0;

	(void)arena;
	if (values.n == 1 && is_max_word(field, values.v[0]))
		stamp = UINT64_MAX;
	else if (values.n == 1 && *values.v[0] != '\0')
		if (!clock_stamp_parse(values.v[0], &stamp) || stamp == 0)
			return false;
	*(uint64_t *)member = stamp;
	return true;
}

static struct pubsub_texts values_stamp(
	const struct pubsub_field *field, const void *member, struct arena *arena)
{
	uint64_t stamp = *(const uint64_t *)member;
	char text[CLOCK_STAMP_SIZE];

	if (stamp == 0)
		return (struct pubsub_texts){NULL, 0};
	if (stamp == UINT64_MAX && field->max_word != NULL)
		return one(&field->max_word);
	clock_stamp_render(stamp, text);
	return one_copy(arena, text);
}

static bool equal_stamp(const void *a, const void *b)
{
	return *(const uint64_t *)a == *(const uint64_t *)b;
}

/* ---- all types ---- */

/* clang-format off */
static const struct kind kinds[PUBSUB_FIELD_TYPE_COUNT] = {
	[PUBSUB_FIELD_BOOL]  = {sizeof(bool), false, set_bool, values_bool, equal_bool, NULL},
	[PUBSUB_FIELD_UINT]  = {sizeof(uint32_t), false, set_uint, values_uint, equal_uint, NULL},
	[PUBSUB_FIELD_LIST]  = {sizeof(unsigned), false, set_list, values_list, equal_list, NULL},
	[PUBSUB_FIELD_TEXT]  = {sizeof(char *), false, set_text, values_text, equal_text, own_text},
	[PUBSUB_FIELD_TEXTS] = {sizeof(struct pubsub_texts), true,
		set_texts, values_texts, equal_texts, own_texts},
	[PUBSUB_FIELD_JIDS]  = {sizeof(struct pubsub_texts), true,
		set_jids, values_texts, equal_texts, own_texts},
	[PUBSUB_FIELD_JID]   = {sizeof(char *), false, set_jid, values_text, equal_text, own_text},
	[PUBSUB_FIELD_STAMP] = {sizeof(uint64_t), false,
		set_stamp, values_stamp, equal_stamp, NULL},
};
/* clang-format on */

static void *member_of(const struct pubsub_field *field, void *record)
{
	return (char *)record + field->offset;
}

static const void *const_member_of(const struct pubsub_field *field, const void *record)
{
	return (const char *)record + field->offset;
}

const struct pubsub_field *pubsub_field_find(const struct pubsub_form_type *type, const char *var)
{
	for (size_t i = 0; i < type->n; i++)
		if (strcmp(type->v[i].var, var) == 0)
			return &type->v[i];
	return NULL;
}

uint64_t pubsub_field_bit(const struct pubsub_form_type *type, const struct pubsub_field *field)
{
	return UINT64_C(1) << (field - type->v);
}

bool pubsub_field_set(const struct pubsub_field *field, struct pubsub_texts values,
	struct arena *arena, void *record)
{
	const struct kind *kind = &kinds[field->type];

	if (values.n > 1 && !kind->many)
		return false;
	return kind->set(field, values, arena, member_of(field, record));
}

struct pubsub_texts pubsub_field_values(
	const struct pubsub_field *field, const void *record, struct arena *arena)
{
	return kinds[field->type].values(field, const_member_of(field, record), arena);
}

bool pubsub_field_equal(const struct pubsub_field *field, const void *a, const void *b)
{
	return kinds[field->type].equal(const_member_of(field, a), const_member_of(field, b));
}

void pubsub_fields_merge(
	const struct pubsub_form_type *type, uint64_t set, const void *from, void *to)
{
	for (size_t i = 0; i < type->n; i++) {
		const struct pubsub_field *field = &type->v[i];

		if (set & (UINT64_C(1) << i))
			memcpy(member_of(field, to), const_member_of(field, from),
				kinds[field->type].size);
	}
}

void pubsub_fields_own(const struct pubsub_form_type *type, void *record, struct arena *arena)
{
	for (size_t i = 0; i < type->n; i++) {
		const struct kind *kind = &kinds[type->v[i].type];

		if (kind->own != NULL)
			kind->own(member_of(&type->v[i], record), arena);
	}
}
