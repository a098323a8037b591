/* keys.h - the table of all keys of peppy.conf. It drives reading, checking, conf_print, the sample
 * file and the table of peppy.conf(5). A new key is one row in keys.c and one struct member. */
#ifndef CONF_KEYS_H
#define CONF_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "peppy/arena.h"
#include "peppy/buf.h"
#include "peppy/conf.h"

enum conf_section_id {
	SECTION_COMPONENT,
	SECTION_STORE,
	SECTION_LIMITS,
	SECTION_CONTROL,
	SECTION_LOG,
	SECTION_NODE_DEFAULTS,
	SECTION_PEP_DEFAULTS,
	SECTION_COUNT
};

enum conf_section_kind {
	SECTION_SINGLE, /* at most once */
	SECTION_TITLED, /* any number, each with a title of its own */
	SECTION_FREE    /* at most once; its keys are another floor's business: conf_pairs */
};

struct conf_section {
	const char *name;
	enum conf_section_kind kind;
	size_t pairs;     /* SECTION_FREE: where in struct conf */
	const char *help; /* full sentences */
};

enum conf_type {     /* the member's C type */
	TYPE_TEXT,   /* const char * */
	TYPE_HOST,   /* const char *; a name or an address */
	TYPE_JIDS,   /* struct conf_texts; a list of bare JIDs */
	TYPE_TEXTS,  /* struct conf_texts; a list of any texts */
	TYPE_HOSTS,  /* struct conf_texts; a list of JIDs that are domains */
	TYPE_NUMBER, /* unsigned, size member_bytes, min to max */
	TYPE_BYTES,  /* the same, written as 2M */
	TYPE_WORD,   /* an enum: the index in words */
	TYPE_SWITCH, /* bool */
	TYPE_COUNT
};

struct conf_key {
	enum conf_section_id section;
	enum conf_type type;
	const char *name;
	const char *fallback; /* the default as it would stand in the file; NULL: unset */
	const char *example;  /* shown in the sample where there is no default */
	uint64_t min, max;
	const char *const *words; /* ends with NULL */
	size_t member;            /* offset in struct conf_component, else in struct conf */
	size_t member_bytes;
	bool required;
	bool suggested; /* in force in the sample, though not required */
	bool secret;
	const char *help; /* full sentences that name the default if it is no plain value */
};

extern const struct conf_section conf_sections[SECTION_COUNT];
extern const struct conf_key conf_keys[]; /* sorted by section; ends with a NULL name */

/* -1, NULL: none such. */
int section_find(const char *name);
const struct conf_key *key_find(enum conf_section_id section, const char *name);
bool key_is_list(const struct conf_key *key);

/* Turns the text of a value into the member in base, a list's into one more entry of it; texts are
 * copied into the arena. false: *why_out says what it must be ("must be between 1 and 9"), in the
 * arena. */
MUST_CHECK bool value_parse(const struct conf_key *key, const char *text, struct arena *arena,
	void *base, const char **why_out);

/* The member in the file's syntax, quoted where needed; nothing at all if it is unset. */
void value_render(const struct conf_key *key, const void *base, struct buf *out);

void value_render_text(const char *text, struct buf *out); /* in double quotes, escaped */
void value_render_bytes(uint64_t bytes, struct buf *out);  /* 2M, 480K, 1000 */

#endif
