/* form.c - data forms to structs and back, by the rows of the model. */
#include "codec/form.h"

#include <string.h>

#include "peppy/log.h"

#define NS_VALIDATE "http://jabber.org/protocol/xdata-validate"
#define FORM_TYPE "FORM_TYPE"

#define NODE_CONFIG "http://jabber.org/protocol/pubsub#node_config"

const struct form form_node_config = {
	.form_type = NODE_CONFIG,
	.fields = &pubsub_node_config_type,
	.bad_value = PUBSUB_ERR_CONFIG_INVALID,
	.title = "Node configuration",
	.instructions = "Change what you like; fields that you leave out stay as they are.",
};

const struct form form_publish_options = {
	.form_type = "http://jabber.org/protocol/pubsub#publish-options",
	.other_form_type = NODE_CONFIG, /* so Siskin and Beagle send their bookmarks */
	.fields = &pubsub_node_config_type,
	.bad_value = PUBSUB_ERR_OPTIONS_INVALID,
};

const struct form form_subscribe_options = {
	.form_type = "http://jabber.org/protocol/pubsub#subscribe_options",
	.fields = &pubsub_subscribe_options_type,
	.bad_value = PUBSUB_ERR_OPTIONS_INVALID,
	.title = "Subscription options",
	.instructions = "Change what you like; fields that you leave out stay as they are.",
};

/* ---- reading ---- */

static struct pubsub_texts field_values(const struct xml_element *field, struct arena *arena)
{
	const struct xml_element *value = xml_child(field, NS_DATA, "value");
	const char **v;
	size_t n = 0;

	for (; value != NULL; value = xml_next(value, NS_DATA, "value"))
		n++;
	v = arena_alloc(arena, n * sizeof *v);
	n = 0;
	value = xml_child(field, NS_DATA, "value");
	for (; value != NULL; value = xml_next(value, NS_DATA, "value"))
		v[n++] = value->text;
	return (struct pubsub_texts){v, n};
}

/* The field of that var; the one after last if last is not NULL. */
static const struct xml_element *find_field(
	const struct xml_element *x, const struct xml_element *last, const char *var)
{
	const struct xml_element *field =
		last == NULL ? xml_child(x, NS_DATA, "field") : xml_next(last, NS_DATA, "field");

	while (field != NULL && !xml_attr_is(field, "var", var))
		field = xml_next(field, NS_DATA, "field");
	return field;
}

struct pubsub_texts form_values(const struct xml_element *x, const char *var, struct arena *arena)
{
	const struct xml_element *field = find_field(x, NULL, var);

	return field != NULL ? field_values(field, arena) : (struct pubsub_texts){NULL, 0};
}

/* Where it stands says what a form is about, so that FORM_TYPE may be missing: it is with several
 * clients. */
static bool is_of_type(const struct form *form, const struct xml_element *x, struct arena *arena)
{
	const struct xml_element *field = find_field(x, NULL, FORM_TYPE);
	struct pubsub_texts values;

	if (form->form_type == NULL || field == NULL)
		return true;
	if (find_field(x, field, FORM_TYPE) != NULL)
		return false;
	values = field_values(field, arena);
	return values.n == 1 && (strcmp(values.v[0], form->form_type) == 0 ||
					(form->other_form_type != NULL &&
						strcmp(values.v[0], form->other_form_type) == 0));
}

static bool is_submitted(const struct form *form, const struct xml_element *x, struct arena *arena)
{
	return xml_attr_is(x, "type", "submit") && is_of_type(form, x, arena);
}

static enum pubsub_error parse_field(const struct form *form, const struct xml_element *el,
	struct arena *arena, void *record, struct form_filled *out)
{
	const char *var = xml_attr(el, "var");
	const struct pubsub_field *field;
	uint64_t bit;

	if (var == NULL || strcmp(var, FORM_TYPE) == 0)
		return PUBSUB_OK;
	field = pubsub_field_find(form->fields, var);
	if (field == NULL) {
		log_debug("codec", "field %s of a %s form is not known", var, form->form_type);
		if (out->unknown == NULL)
			out->unknown = var;
		return PUBSUB_OK;
	}
	bit = pubsub_field_bit(form->fields, field);
	if (out->set & bit)
		return PUBSUB_ERR_FORM_INVALID;
	out->set |= bit;
	return pubsub_field_set(field, field_values(el, arena), arena, record) ? PUBSUB_OK
									       : form->bad_value;
}

static enum pubsub_error parse_fields(const struct form *form, const struct xml_element *x,
	struct arena *arena, void *record, struct form_filled *out, const char **detail_out)
{
	const struct xml_element *field = xml_child(x, NS_DATA, "field");

	for (; field != NULL; field = xml_next(field, NS_DATA, "field")) {
		enum pubsub_error err = parse_field(form, field, arena, record, out);

		*detail_out = xml_attr(field, "var");
		if (err != PUBSUB_OK)
			return err;
	}
	*detail_out = NULL;
	return PUBSUB_OK;
}

enum pubsub_error form_parse(const struct form *form, const struct xml_element *parent,
	struct arena *arena, void *record, struct form_filled *out, const char **detail_out)
{
	const struct xml_element *x = parent != NULL ? xml_child(parent, NS_DATA, "x") : NULL;

	*out = (struct form_filled){.state = PUBSUB_FORM_NONE};
	if (x == NULL)
		return PUBSUB_OK;
	if (xml_attr_is(x, "type", "cancel")) {
		out->state = PUBSUB_FORM_CANCEL;
		return PUBSUB_OK;
	}
	*detail_out = FORM_TYPE;
	if (!is_submitted(form, x, arena))
		return PUBSUB_ERR_FORM_INVALID;
	out->state = PUBSUB_FORM_SUBMIT;
	return parse_fields(form, x, arena, record, out, detail_out);
}

/* The first field that has no value, but has to. */
static const struct pubsub_field *find_missing(
	const struct form *form, const void *record, struct arena *arena)
{
	for (size_t i = 0; i < form->fields->n; i++)
		if (form->fields->v[i].required &&
			pubsub_field_values(&form->fields->v[i], record, arena).n == 0)
			return &form->fields->v[i];
	return NULL;
}

enum pubsub_error form_fill(const struct form *form, const struct xml_element *x,
	struct arena *arena, void *record, struct form_filled *out, const char **detail_out)
{
	const struct pubsub_field *missing;

	*out = (struct form_filled){.state = PUBSUB_FORM_SUBMIT};
	*detail_out = NULL;
	if (x == NULL || !is_submitted(form, x, arena) ||
		parse_fields(form, x, arena, record, out, detail_out) != PUBSUB_OK)
		return form->bad_value;
	missing = find_missing(form, record, arena);
	if (missing == NULL)
		return PUBSUB_OK;
	*detail_out = missing->var;
	return form->bad_value;
}

/* ---- writing ---- */

static const char *const type_words[PUBSUB_FIELD_TYPE_COUNT] = {
	[PUBSUB_FIELD_BOOL] = "boolean",
	[PUBSUB_FIELD_UINT] = "text-single",
	[PUBSUB_FIELD_LIST] = "list-single",
	[PUBSUB_FIELD_TEXT] = "text-single",
	[PUBSUB_FIELD_TEXTS] = "text-multi",
	[PUBSUB_FIELD_JIDS] = "jid-multi",
	[PUBSUB_FIELD_JID] = "jid-single",
	[PUBSUB_FIELD_STAMP] = "text-single",
};

static const char *type_word(const struct pubsub_field *field)
{
	if (field->type == PUBSUB_FIELD_TEXTS && field->words != NULL)
		return "list-multi";
	if (field->type == PUBSUB_FIELD_TEXT && field->words != NULL)
		return "list-single";
	return type_words[field->type];
}

static void put_form_type(struct xml_writer *w, const char *form_type)
{
	if (form_type != NULL)
		form_field(w, FORM_TYPE, "hidden", NULL, (struct pubsub_texts){&form_type, 1});
}

void form_open(struct xml_writer *w, const char *type, const char *form_type)
{
	xml_start_ns(w, "x", NS_DATA);
	xml_put_attr(w, "type", type);
	put_form_type(w, form_type);
}

static void start_field(struct xml_writer *w, const char *var, const char *type, const char *label)
{
	xml_start(w, "field");
	xml_put_attr(w, "var", var);
	xml_put_attr(w, "type", type);
	xml_put_attr(w, "label", label);
}

static void put_values(struct xml_writer *w, struct pubsub_texts values)
{
	for (size_t i = 0; i < values.n; i++)
		xml_leaf(w, "value", values.v[i]);
}

void form_field(struct xml_writer *w, const char *var, const char *type, const char *label,
	struct pubsub_texts values)
{
	start_field(w, var, type, label);
	put_values(w, values);
	xml_end(w);
}

/* XEP-0122, with the datatype of XEP-0060 12.23 where "max" is allowed. */
static void put_validation(struct xml_writer *w, const struct pubsub_field *field)
{
	const char *datatype = NULL;

	if (field->type == PUBSUB_FIELD_UINT && field->max_word == NULL)
		datatype = "xs:integer";
	else if (field->type == PUBSUB_FIELD_UINT && strcmp(field->max_word, "max") == 0)
		datatype = "pubsub:integer-or-max";
	if (datatype == NULL)
		return;
	xml_start_ns(w, "validate", NS_VALIDATE);
	xml_put_attr(w, "datatype", datatype);
	xml_end(w);
}

static void put_options(struct xml_writer *w, const struct pubsub_field *field,
	const struct pubsub_withheld *withheld)
{
	const struct pubsub_words *words = field->words;
	bool some = withheld->var != NULL && strcmp(withheld->var, field->var) == 0;

	for (size_t i = 0; words != NULL && i < words->n; i++) {
		if (some && (withheld->words & (1u << i)) != 0)
			continue;
		xml_start(w, "option");
		xml_put_attr(w, "label", words->labels[i]);
		xml_leaf(w, "value", words->v[i]);
		xml_end(w);
	}
}

void form_render(struct xml_writer *w, const struct form *form, const void *record)
{
	struct arena *arena = arena_create();

	xml_start_ns(w, "x", NS_DATA);
	xml_put_attr(w, "type", "form");
	xml_leaf(w, "title", form->title);
	xml_leaf(w, "instructions", form->instructions);
	put_form_type(w, form->form_type);
	for (size_t i = 0; i < form->fields->n; i++) {
		const struct pubsub_field *field = &form->fields->v[i];

		if (form->hidden & pubsub_field_bit(form->fields, field))
			continue;
		start_field(w, field->var, type_word(field), field->label);
		if (field->required)
			xml_leaf(w, "required", NULL);
		put_validation(w, field);
		put_options(w, field, &form->withheld);
		put_values(w, pubsub_field_values(field, record, arena));
		xml_end(w);
	}
	xml_end(w);
	arena_destroy(arena);
}

static void put_facts(struct xml_writer *w, const struct pubsub_form_type *fields,
	const void *record, bool described)
{
	struct arena *arena = arena_create();

	for (size_t i = 0; i < fields->n; i++) {
		const struct pubsub_field *field = &fields->v[i];
		struct pubsub_texts values = pubsub_field_values(field, record, arena);

		if (values.n > 0)
			form_field(w, field->var, described ? type_word(field) : NULL,
				described ? field->label : NULL, values);
	}
	arena_destroy(arena);
}

void form_facts(struct xml_writer *w, const struct pubsub_form_type *fields, const void *record)
{
	put_facts(w, fields, record, true);
}

void form_render_result(struct xml_writer *w, const struct form *form, const void *record)
{
	form_open(w, "result", form->form_type);
	put_facts(w, form->fields, record, false);
	xml_end(w);
}
