/* form.h - data forms (XEP-0004, XEP-0068) of the types that peppy knows. Private to src/codec. */
#ifndef CODEC_FORM_H
#define CODEC_FORM_H

#include "peppy/codec.h"

/* XEP-0060 8.6: the form that asks an owner, and his answer */
#define FORM_AUTHORIZE "http://jabber.org/protocol/pubsub#subscribe_authorization"

/* One use of a set of fields. */
struct form {
	const char *form_type;       /* NULL: none; never read then */
	const char *other_form_type; /* that is taken for it; NULL: none */
	const struct pubsub_form_type *fields;
	enum pubsub_error bad_value; /* for a value that the field does not take */
	const char *title;           /* of the form sent to be filled in; NULL: never sent */
	const char *instructions;
	uint64_t hidden; /* fields that are not offered */
	struct pubsub_withheld withheld;
};
extern const struct form form_node_config;
extern const struct form form_publish_options;
extern const struct form form_subscribe_options;

struct form_filled {
	enum pubsub_form_state state; /* NONE: there was no form */
	uint64_t set;                 /* fields given */
	const char *unknown;          /* the first var that no row has; NULL: none */
};

/* Reads the <x/> inside parent (NULL: nothing to read) into record. Fields not given keep their
 * value. PUBSUB_ERR_FORM_INVALID: not a form to submit, another FORM_TYPE, a field given twice;
 * form->bad_value. *detail_out then names the field. */
MUST_CHECK enum pubsub_error form_parse(const struct form *form, const struct xml_element *parent,
	struct arena *arena, void *record, struct form_filled *out, const char **detail_out);

/* The same of a form that answers one of ours, where nothing but form->bad_value can be wrong:
 * required fields may not be missing. x may be NULL. */
MUST_CHECK enum pubsub_error form_fill(const struct form *form, const struct xml_element *x,
	struct arena *arena, void *record, struct form_filled *out, const char **detail_out);

/* <x type='form'/>: every field with its type, label, options and present value. */
void form_render(struct xml_writer *w, const struct form *form, const void *record);

/* Every field that has a value, with type and label, as those of a result. */
void form_facts(struct xml_writer *w, const struct pubsub_form_type *fields, const void *record);

/* <x type='result'/>: vars and values alone. */
void form_render_result(struct xml_writer *w, const struct form *form, const void *record);

/* Forms that are no struct's: <x>, its FORM_TYPE, and one field; the caller ends the <x>. */
void form_open(struct xml_writer *w, const char *type, const char *form_type);
void form_field(struct xml_writer *w, const char *var, const char *type, const char *label,
	struct pubsub_texts values);

/* The values of a field in a form of which FORM_TYPE need not be known; n is 0 if it is absent. */
struct pubsub_texts form_values(const struct xml_element *x, const char *var, struct arena *arena);

#endif
