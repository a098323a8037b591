/* form.c - data forms (XEP-0004): those we submit, and those we are shown. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"

static void field_write(
	struct xml_writer *w, const char *key, const struct field *field, size_t count)
{
	size_t i;

	xml_start(w, "field");
	xml_put_attr(w, "var", key);
	for (i = 0; i < count; i++) /* a key that is given again is one more value of it */
		if (strcmp(field[i].key, field->key) == 0)
			xml_leaf(w, "value", field[i].value);
	xml_end(w);
}

static bool is_first(const struct options *opt, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (strcmp(opt->fields[k].key, opt->fields[i].key) == 0)
			return false;
	return true;
}

void form_write(struct xml_writer *w, const char *form_type, const struct options *opt)
{
	struct buf key = {0};
	size_t i;

	xml_start_ns(w, "x", NS_DATA_FORM);
	xml_put_attr(w, "type", "submit");
	xml_start(w, "field");
	xml_put_attr(w, "var", "FORM_TYPE");
	xml_put_attr(w, "type", "hidden");
	xml_leaf(w, "value", form_type);
	xml_end(w);
	for (i = 0; i < opt->field_count; i++) {
		if (!is_first(opt, i))
			continue;
		buf_truncate(&key, 0);
		buf_append_text(&key, strchr(opt->fields[i].key, '#') == NULL ? "pubsub#" : "");
		buf_append_text(&key, opt->fields[i].key);
		buf_append_byte(&key, '\0');
		field_write(w, key.data, &opt->fields[i], opt->field_count - i);
	}
	xml_end(w);
	buf_finish(&key);
}

static void print_values(xmpp_stanza_t *field)
{
	xmpp_stanza_t *child;
	const char *comma = "";
	char *text;

	for (child = xmpp_stanza_get_children(field); child != NULL;
		child = xmpp_stanza_get_next(child)) {
		if (!stanza_is(child, "value"))
			continue;
		text = stanza_text(child);
		fputs(comma, stdout);
		print_text(text);
		free(text);
		comma = ", ";
	}
}

static void print_choices(xmpp_stanza_t *field)
{
	xmpp_stanza_t *child;
	const char *before = "  [";
	char *text;

	for (child = xmpp_stanza_get_children(field); child != NULL;
		child = xmpp_stanza_get_next(child)) {
		if (!stanza_is(child, "option"))
			continue;
		text = stanza_text(xmpp_stanza_get_child_by_name(child, "value"));
		fputs(before, stdout);
		print_text(text);
		free(text);
		before = "|";
	}
	if (before[0] == '|')
		putchar(']');
}

void form_print(xmpp_stanza_t *form)
{
	xmpp_stanza_t *field;

	for (field = xmpp_stanza_get_children(form); field != NULL;
		field = xmpp_stanza_get_next(field)) {
		if (!stanza_is(field, "field"))
			continue;
		print_text(stanza_attr(field, "var"));
		fputs(" = ", stdout);
		print_values(field);
		print_choices(field);
		putchar('\n');
	}
}
