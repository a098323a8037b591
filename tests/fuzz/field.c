/* The law of form fields: what a field accepts survives a round trip, and what it refuses leaves
 * the record as it was. The first byte chooses the field; its values are divided by NULs. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "peppy/pubsub.h"

#define VALUES_MAX 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

union record {
	struct pubsub_node_config config;
	struct pubsub_subscribe_options options;
};

static void set_defaults(const struct pubsub_form_type *type, union record *out)
{
	memset(out, 0, sizeof *out);
	if (type == &pubsub_node_config_type)
		out->config = pubsub_node_config_default;
	else
		out->options = pubsub_subscribe_options_default;
}

static void assert_same(struct pubsub_texts a, struct pubsub_texts b)
{
	assert(a.n == b.n);
	for (size_t i = 0; i < a.n; i++)
		assert(strcmp(a.v[i], b.v[i]) == 0);
}

static void check(const struct pubsub_form_type *type, const struct pubsub_field *field,
	struct pubsub_texts values, struct arena *arena)
{
	union record x, y;
	struct pubsub_texts once;
	bool again;

	set_defaults(type, &x);
	set_defaults(type, &y);
	if (!pubsub_field_set(field, values, arena, &x)) {
		assert(memcmp(&x, &y, sizeof x) == 0);
		return;
	}
	once = pubsub_field_values(field, &x, arena);
	again = pubsub_field_set(field, once, arena, &y);
	assert(again);
	assert(pubsub_field_equal(field, &x, &y));
	assert_same(once, pubsub_field_values(field, &y, arena));
	set_defaults(type, &y);
	pubsub_fields_merge(type, pubsub_field_bit(type, field), &x, &y);
	pubsub_fields_own(type, &y, arena);
	for (size_t i = 0; i < type->n; i++)
		assert(pubsub_field_equal(&type->v[i], &x, &y));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct pubsub_form_type *type = &pubsub_node_config_type;
	struct arena *arena;
	const char *text, *end, *v[VALUES_MAX];
	size_t row, n = 0;

	if (size == 0)
		return 0;
	row = data[0] % (pubsub_node_config_type.n + pubsub_subscribe_options_type.n);
	if (row >= type->n) {
		row -= type->n;
		type = &pubsub_subscribe_options_type;
	}
	arena = arena_create();
	text = arena_memdup(arena, data + 1, size - 1);
	end = text + size - 1;
	for (; text < end && n < VALUES_MAX; text += strlen(text) + 1)
		v[n++] = text;
	check(type, &type->v[row], (struct pubsub_texts){v, n}, arena);
	arena_destroy(arena);
	return 0;
}
