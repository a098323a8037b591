/* fields.h - a node's configuration as JSON: members without "pubsub#"; true and false, texts,
 * lists of texts; null is an empty value. */
#ifndef CONTROL_FIELDS_H
#define CONTROL_FIELDS_H

#include <jansson.h>

#include "peppy/pubsub.h"

/* The members of record by the fields of their type. */
json_t *fields_to_json(
	const struct pubsub_form_type *type, const void *record, struct arena *arena);

/* Sets the members that object names; *set_out: which. NULL, or the name of the first that is
 * unknown or has no such value: record is undefined then. */
MUST_CHECK const char *fields_from_json(const struct pubsub_form_type *type, const json_t *object,
	struct arena *arena, void *record, uint64_t *set_out);

/* A wall clock time as text; 0: null. */
json_t *stamp_to_json(uint64_t wall_us);

#endif
