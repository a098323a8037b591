/* payload.c - from the words of the command line to what is published. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "peppy/array.h"

static const char *const tune_fields[] = {
	"artist", "length", "rating", "source", "title", "track", "uri", NULL};
static const char *const text_only[] = {"text", NULL};
static const char *const geoloc_fields[] = {"accuracy", "alt", "altaccuracy", "area", "bearing",
	"building", "country", "countrycode", "datum", "description", "error", "floor", "lat",
	"locality", "lon", "postalcode", "region", "room", "speed", "street", "text", "timestamp",
	"tzo", "uri", NULL};

enum leading { /* the word before KEY=VALUE */
	LEADING_NONE,
	LEADING_ELEMENT, /* happy; relaxing/reading */
	LEADING_TEXT     /* the element's own text */
};

/* clang-format off */
static const struct profile {
	const char *name; /* on the command line and of the payload's root */
	const char *const *fields;
	enum leading leading;
} profiles[] = {
	{"tune",     tune_fields,   LEADING_NONE},    /* XEP-0118 */
	{"mood",     text_only,     LEADING_ELEMENT}, /* XEP-0107 */
	{"activity", text_only,     LEADING_ELEMENT}, /* XEP-0108 */
	{"geoloc",   geoloc_fields, LEADING_NONE},    /* XEP-0080 */
	{"nick",     NULL,          LEADING_TEXT},    /* XEP-0172 */
};
/* clang-format on */

char *file_read(const char *path, struct arena *arena, size_t *len_out)
{
	FILE *file = fopen(path, "rb");
	struct buf bytes = {0};
	char *copy = NULL;
	size_t n;

	if (file == NULL) {
		perror(path);
		return NULL;
	}
	do {
		n = fread(buf_reserve(&bytes, 65536), 1, 65536, file);
		bytes.len += n;
	} while (n > 0);
	if (ferror(file)) {
		perror(path);
	} else {
		copy = arena_memdup(arena, bytes.data, bytes.len);
		*len_out = bytes.len;
	}
	fclose(file);
	buf_finish(&bytes);
	return copy;
}

static bool is_element_name(const char *text)
{
	return text[0] != '\0' && text[strspn(text, "abcdefghijklmnopqrstuvwxyz_")] == '\0';
}

/* relaxing/reading: the specific activity stands inside the general one */
static bool put_elements(struct xml_writer *w, char *path)
{
	char *name;
	unsigned depth = 0;

	while ((name = strsep(&path, "/")) != NULL && depth < 2 && is_element_name(name)) {
		xml_start(w, name);
		depth++;
	}
	for (; depth > 0; depth--)
		xml_end(w);
	return name == NULL;
}

static bool put_field(struct xml_writer *w, const struct profile *profile, char *word)
{
	char *value = word;
	const char *key = strsep(&value, "=");
	size_t i;

	if (profile->fields == NULL || value == NULL)
		return false;
	for (i = 0; profile->fields[i] != NULL; i++) {
		if (strcmp(profile->fields[i], key) != 0)
			continue;
		xml_leaf(w, profile->fields[i], value);
		return true;
	}
	return false;
}

static bool put_word(struct xml_writer *w, const struct profile *profile, size_t i, char *word)
{
	if (i > 0 || profile->leading == LEADING_NONE)
		return put_field(w, profile, word);
	if (profile->leading == LEADING_ELEMENT)
		return put_elements(w, word);
	xml_put_text(w, word);
	return true;
}

static enum exit_status profile_build(
	const struct profile *profile, const struct options *opt, struct payload *out)
{
	struct xml_writer w = xml_writer(&out->xml);
	size_t i;

	out->node = node_resolve(profile->name);
	out->item_id = "current"; /* XEP-0060, section 12.20: a node of one item */
	xml_start_ns(&w, profile->name, out->node);
	for (i = 1; i < opt->arg_count; i++)
		if (!put_word(&w, profile, i - 1, opt->args[i]))
			return misuse("not a word of this event: '%s'", opt->args[i]);
	xml_end(&w);
	return EXIT_DONE;
}

/* A file goes out byte by byte as it is, but for what stands around its root. */
static enum exit_status file_build(const char *path, struct arena *arena, struct payload *out)
{
	const struct xml_limits none = {0};
	struct xml_stanza document;
	char *bytes, *root;
	size_t len;

	bytes = file_read(path, arena, &len);
	if (bytes == NULL)
		return EXIT_MISUSE;
	if (!xml_document_parse(&none, bytes, len, arena, &document))
		return misuse(
			"%s is not well-formed, or has a comment, a processing instruction or a "
			"document type, which XMPP does not allow",
			path);
	root = xml_standalone(&document, document.root, &len);
	buf_append(&out->xml, root, len);
	return EXIT_DONE;
}

enum exit_status payload_build(const struct options *opt, struct arena *arena, struct payload *out)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(profiles); i++)
		if (strcmp(opt->args[0], profiles[i].name) == 0)
			return profile_build(&profiles[i], opt, out);
	if (opt->arg_count > 1)
		return misuse("a file takes no further words: '%s'", opt->args[1]);
	return file_build(opt->args[0], arena, out);
}
