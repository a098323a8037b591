/* document.c - writes what there is to say about the keys: the sample file, or the table of
 * peppy.conf(5). A program for the build; peppyd does not contain it. */
#include <stdio.h>
#include <string.h>

#include "conf/keys.h"

#define SAMPLE_WIDTH 92

/* ---- the sample ---- */

static void sample_comment(const char *indent, const char *text, struct buf *out)
{
	const size_t width = SAMPLE_WIDTH - strlen(indent);
	size_t len;

	while (*text != '\0') {
		len = strlen(text);
		if (len > width) {
			for (len = width; text[len] != ' '; len--)
				;
		}
		buf_printf(out, "%s# %.*s\n", indent, (int)len, text);
		text += len + (text[len] == ' ');
	}
}

static void sample_value(const struct conf_key *key, struct buf *out)
{
	const char *text = key->fallback != NULL ? key->fallback : key->example;
	const bool is_plain =
		key->type == TYPE_NUMBER || key->type == TYPE_WORD || key->type == TYPE_SWITCH;

	if (is_plain) {
		buf_append_text(out, text);
		return;
	}
	buf_append_text(out, key_is_list(key) ? "{" : "");
	value_render_text(text, out);
	buf_append_text(out, key_is_list(key) ? "}" : "");
}

static void sample_section(enum conf_section_id section, struct buf *out)
{
	const struct conf_key *key;

	buf_append_byte(out, '\n');
	sample_comment("", conf_sections[section].help, out);
	buf_append_text(out, conf_sections[section].name);
	if (conf_sections[section].kind == SECTION_TITLED)
		buf_append_text(out, " \"pubsub.example.org\"");
	buf_append_text(out, " {\n");
	for (key = conf_keys; key->name != NULL; key++) {
		if (key->section != section)
			continue;
		sample_comment("\t", key->help, out);
		buf_printf(out, "\t%s%s = ", key->required || key->suggested ? "" : "#", key->name);
		sample_value(key, out);
		buf_append_byte(out, '\n');
	}
	buf_append_text(out, "}\n");
}

static void sample(struct buf *out)
{
	int section;

	sample_comment("",
		"peppy.conf - see peppy.conf(5). What is commented out is the default, or an "
		"example "
		"where the text above it names the default.",
		out);
	for (section = 0; section < SECTION_COUNT; section++)
		sample_section(section, out);
}

/* ---- the manual's table, in mdoc(7) ---- */

/* One sentence a line. */
static void manual_text(const char *text, struct buf *out)
{
	for (; *text != '\0'; text++) {
		if (*text == '\\')
			buf_append_text(out, "\\e");
		else
			buf_append_byte(out, text[0] == ' ' && text[-1] == '.' ? '\n' : *text);
	}
	buf_append_byte(out, '\n');
}

static void manual_words(const char *const *words, struct buf *out)
{
	const char *const *word;

	for (word = words; *word != NULL; word++) {
		if (word != words)
			buf_append_text(out, word[1] == NULL ? "or\n" : "");
		buf_printf(out, ".Cm %s%s\n", *word,
			word[1] == NULL ? " ." : (word[2] == NULL ? "" : " ,"));
	}
}

static void manual_range(const struct conf_key *key, struct buf *out)
{
	static const char *const switch_words[] = {"on", "off", NULL};

	if (key->type == TYPE_NUMBER) {
		buf_printf(out, "A number from %ju to %ju.\n", (uintmax_t)key->min,
			(uintmax_t)key->max);
	} else if (key->type == TYPE_BYTES) {
		buf_append_text(out, "A size from ");
		value_render_bytes(key->min, out);
		buf_append_text(out, " to ");
		value_render_bytes(key->max, out);
		buf_append_text(out, ".\n");
	} else if (key->type == TYPE_WORD || key->type == TYPE_SWITCH) {
		manual_words(key->type == TYPE_WORD ? key->words : switch_words, out);
	} else if (key_is_list(key)) {
		buf_append_text(out, "A list.\n");
	}
}

static void manual_section(enum conf_section_id section, struct buf *out)
{
	const struct conf_key *key;

	buf_printf(out, ".Ss %s%s\n", conf_sections[section].name,
		conf_sections[section].kind == SECTION_TITLED ? " \\(dqname\\(dq" : "");
	manual_text(conf_sections[section].help, out);
	if (conf_sections[section].kind == SECTION_FREE)
		return;
	buf_append_text(out, ".Bl -tag -width Ds\n");
	for (key = conf_keys; key->name != NULL; key++) {
		if (key->section != section)
			continue;
		buf_printf(out, ".It Ic %s\n", key->name);
		manual_text(key->help, out);
		manual_range(key, out);
		if (key->fallback != NULL)
			buf_printf(out, "Default:\n.Li %s .\n", key->fallback);
		else if (key->required)
			buf_append_text(out, "Must be set.\n");
	}
	buf_append_text(out, ".El\n");
}

static void manual(struct buf *out)
{
	int section;

	for (section = 0; section < SECTION_COUNT; section++)
		manual_section(section, out);
}

int main(int argc, char **argv)
{
	struct buf out = {0};
	int status = 0;

	if (argc == 2 && strcmp(argv[1], "sample") == 0)
		sample(&out);
	else if (argc == 2 && strcmp(argv[1], "manual") == 0)
		manual(&out);
	else
		return 64;
	if (fwrite(out.data, 1, out.len, stdout) != out.len || fflush(stdout) != 0)
		status = 1;
	buf_finish(&out);
	return status;
}
