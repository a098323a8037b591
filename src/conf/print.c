/* print.c - the values in force, as a file that would set them. */
#include "conf/keys.h"

static void print_keys(enum conf_section_id section, const void *base, struct buf *out)
{
	const struct conf_key *key;
	size_t start, before;

	for (key = conf_keys; key->name != NULL; key++) {
		if (key->section != section)
			continue;
		start = out->len;
		buf_printf(out, "\t%s = ", key->name);
		before = out->len;
		value_render(key, base, out);
		if (out->len == before)
			buf_truncate(out, start);
		else
			buf_append_byte(out, '\n');
	}
}

static void print_components(const struct conf *conf, struct buf *out)
{
	size_t i;

	for (i = 0; i < conf->component_count; i++) {
		struct conf_component component = conf->components[i];

		if (component.secret_file != NULL || component.secret_credential != NULL)
			component.secret = NULL; /* it came from there */
		buf_append_text(out, "component ");
		value_render_text(component.jid, out);
		buf_append_text(out, " {\n");
		print_keys(SECTION_COMPONENT, &component, out);
		buf_append_text(out, "}\n");
	}
}

static void print_pairs(const struct conf_pairs *pairs, struct buf *out)
{
	size_t i;

	for (i = 0; i < pairs->n; i++) {
		buf_printf(out, "\t%s = ", pairs->v[i].key);
		value_render_text(pairs->v[i].value, out);
		buf_append_byte(out, '\n');
	}
}

void conf_print(const struct conf *conf, struct buf *out)
{
	int i;

	for (i = 0; i < SECTION_COUNT; i++) {
		if (conf_sections[i].kind == SECTION_TITLED) {
			print_components(conf, out);
			continue;
		}
		buf_printf(out, "%s {\n", conf_sections[i].name);
		if (conf_sections[i].kind == SECTION_FREE)
			print_pairs(
				(const void *)((const char *)conf + conf_sections[i].pairs), out);
		else
			print_keys(i, conf, out);
		buf_append_text(out, "}\n");
	}
}
