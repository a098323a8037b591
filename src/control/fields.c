/* Fields to JSON and back, by the rows of model/config.c and model/options.c. */
#include "fields.h"

#include <string.h>

#include "peppy/clock.h"
#include "peppy/xml.h"

#define PREFIX "pubsub#"

json_t *stamp_to_json(uint64_t wall_us)
{
	char stamp[CLOCK_STAMP_SIZE];

	if (wall_us == 0)
		return json_null();
	clock_stamp_render(wall_us, stamp);
	return json_string(stamp);
}

static json_t *list_json(struct pubsub_texts values)
{
	json_t *list = json_array();

	for (size_t i = 0; i < values.n; i++)
		json_array_append_new(list, json_string(values.v[i]));
	return list;
}

static json_t *member_json(
	const struct pubsub_field *field, const void *record, struct arena *arena)
{
	struct pubsub_texts values = pubsub_field_values(field, record, arena);

	switch (field->type) {
	case PUBSUB_FIELD_BOOL:
		return json_boolean(strcmp(values.v[0], "1") == 0);
	case PUBSUB_FIELD_TEXTS:
	case PUBSUB_FIELD_JIDS:
		return list_json(values);
	default:
		return values.n == 0 ? json_null() : json_string(values.v[0]);
	}
}

static const char *name_of(const struct pubsub_field *field)
{
	return field->var + strlen(PREFIX);
}

json_t *fields_to_json(const struct pubsub_form_type *type, const void *record, struct arena *arena)
{
	json_t *object = json_object();

	for (size_t i = 0; i < type->n; i++)
		json_object_set_new(
			object, name_of(&type->v[i]), member_json(&type->v[i], record, arena));
	return object;
}

/* A value of a field; NULL: it is none. */
static const char *value_text(const json_t *value, struct arena *arena)
{
	const char *text = json_string_value(value);

	if (json_is_boolean(value))
		return json_is_true(value) ? "1" : "0";
	if (json_is_integer(value))
		return arena_printf(arena, "%lld", (long long)json_integer_value(value));
	return text != NULL && xml_text_is_valid(text) ? arena_strdup(arena, text) : NULL;
}

static bool read_values(const json_t *value, struct arena *arena, struct pubsub_texts *out)
{
	size_t n = json_is_array(value) ? json_array_size(value) : !json_is_null(value);
	const char **v = arena_alloc(arena, n * sizeof *v);

	for (size_t i = 0; i < n; i++) {
		v[i] = value_text(json_is_array(value) ? json_array_get(value, i) : value, arena);
		if (v[i] == NULL)
			return false;
	}
	*out = (struct pubsub_texts){v, n};
	return true;
}

const char *fields_from_json(const struct pubsub_form_type *type, const json_t *object,
	struct arena *arena, void *record, uint64_t *set_out)
{
	const char *name;
	json_t *value;

	*set_out = 0;
	json_object_foreach((json_t *)object, name, value)
	{
		const char *var = arena_printf(arena, PREFIX "%s", name);
		const struct pubsub_field *field = pubsub_field_find(type, var);
		struct pubsub_texts values;

		if (field == NULL || !read_values(value, arena, &values) ||
			!pubsub_field_set(field, values, arena, record))
			return name;
		*set_out |= pubsub_field_bit(type, field);
	}
	return NULL;
}
