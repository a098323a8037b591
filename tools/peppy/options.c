/* options.c - the command line. */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "peppy/array.h"
#include "peppy/number.h"

enum option_kind {
	OPTION_FLAG,   /* bool */
	OPTION_TEXT,   /* const char * */
	OPTION_NODE,   /* const char *, short names resolved */
	OPTION_NUMBER, /* unsigned, from 1 */
	OPTION_FIELD,  /* KEY=VALUE, one more of them */
	OPTION_INSECURE,
	OPTION_PLAIN
};

struct option_row {
	const char *name;
	char letter; /* 0: none */
	enum option_kind kind;
	size_t offset; /* in struct options */
};

/* clang-format off */
static const struct option_row rows[] = {
	{"account",      'f', OPTION_TEXT,     offsetof(struct options, account_file)},
	{"field",        'o', OPTION_FIELD,    0},
	{"help",         'h', OPTION_FLAG,     offsetof(struct options, help)},
	{"service",      0,   OPTION_TEXT,     offsetof(struct options, service)},
	{"node",         0,   OPTION_NODE,     offsetof(struct options, node)},
	{"id",           0,   OPTION_TEXT,     offsetof(struct options, id)},
	{"max",          0,   OPTION_NUMBER,   offsetof(struct options, max)},
	{"after",        0,   OPTION_TEXT,     offsetof(struct options, after)},
	{"before",       0,   OPTION_TEXT,     offsetof(struct options, before)},
	{"all",          0,   OPTION_FLAG,     offsetof(struct options, all)},
	{"notify",       0,   OPTION_FLAG,     offsetof(struct options, notify)},
	{"no-pep",       0,   OPTION_FLAG,     offsetof(struct options, no_pep)},
	{"xml",          0,   OPTION_FLAG,     offsetof(struct options, xml)},
	{"count",        0,   OPTION_NUMBER,   offsetof(struct options, count)},
	{"timeout",      0,   OPTION_NUMBER,   offsetof(struct options, timeout_s)},
	{"host",         0,   OPTION_TEXT,     offsetof(struct options, host)},
	{"port",         0,   OPTION_NUMBER,   offsetof(struct options, port)},
	{"ca-file",      0,   OPTION_TEXT,     offsetof(struct options, ca_file)},
	{"insecure-tls", 0,   OPTION_INSECURE, 0},
	{"plain",        0,   OPTION_PLAIN,    0},
	{"debug",        0,   OPTION_FLAG,     offsetof(struct options, debug)},
	{"version",      0,   OPTION_FLAG,     offsetof(struct options, version)},
};

static const struct {
	const char *name;
	const char *node;
} well_known[] = {
	{"tune",     "http://jabber.org/protocol/tune"},
	{"mood",     "http://jabber.org/protocol/mood"},
	{"activity", "http://jabber.org/protocol/activity"},
	{"geoloc",   "http://jabber.org/protocol/geoloc"},
	{"nick",     "http://jabber.org/protocol/nick"},
	{"avatar",   "urn:xmpp:avatar:metadata"},
};
/* clang-format on */

#define LONG_BASE 256 /* getopt_long's value of rows[0]: above every letter */

const char *node_resolve(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(well_known); i++)
		if (strcmp(name, well_known[i].name) == 0)
			return well_known[i].node;
	return name;
}

const char *node_well_known(size_t i)
{
	return i < ARRAY_COUNT(well_known) ? well_known[i].node : NULL;
}

enum exit_status misuse(const char *format, ...)
{
	va_list args;

	fputs("peppy: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return EXIT_MISUSE;
}

static bool field_add(struct options *opt, char *text)
{
	char *equals = strchr(text, '=');

	if (equals == NULL || equals == text || opt->field_count == FIELDS_MAX)
		return false;
	*equals = '\0';
	opt->fields[opt->field_count].key = text;
	opt->fields[opt->field_count].value = equals + 1;
	opt->field_count++;
	return true;
}

static bool option_set(struct options *opt, const struct option_row *row, char *value)
{
	void *member = (char *)opt + row->offset;

	if (value != NULL && !xml_text_is_valid(value))
		return false; /* no XML can carry it */
	switch (row->kind) {
	case OPTION_FLAG:
		*(bool *)member = true;
		return true;
	case OPTION_TEXT:
		*(const char **)member = value;
		return true;
	case OPTION_NODE:
		*(const char **)member = node_resolve(value);
		return true;
	case OPTION_NUMBER:
		return number_parse(value, NUMBER_MAX, member) && *(unsigned *)member > 0;
	case OPTION_FIELD:
		return field_add(opt, value);
	case OPTION_INSECURE:
		opt->tls = TLS_INSECURE;
		return true;
	case OPTION_PLAIN:
		opt->tls = TLS_NONE;
		return true;
	}
	return false;
}

static bool takes_value(enum option_kind kind)
{
	return kind == OPTION_TEXT || kind == OPTION_NODE || kind == OPTION_NUMBER ||
	       kind == OPTION_FIELD;
}

static const struct option_row *row_find(int value)
{
	size_t i;

	if (value >= LONG_BASE)
		return &rows[value - LONG_BASE];
	for (i = 0; i < ARRAY_COUNT(rows); i++)
		if (rows[i].letter != 0 && rows[i].letter == value)
			return &rows[i];
	return NULL;
}

static bool words_are_valid(char **words, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (!xml_text_is_valid(words[i]))
			return false;
	return true;
}

enum exit_status options_parse(int argc, char **argv, struct options *out)
{
	struct option table[ARRAY_COUNT(rows) + 1] = {{0}};
	const struct option_row *row;
	size_t i;
	int value;

	*out = (struct options){0};
	for (i = 0; i < ARRAY_COUNT(rows); i++) {
		table[i].name = rows[i].name;
		table[i].has_arg = takes_value(rows[i].kind) ? required_argument : no_argument;
		table[i].val = LONG_BASE + (int)i;
	}
	while ((value = getopt_long(argc, argv, "f:o:h", table, NULL)) != -1) {
		row = row_find(value);
		if (row == NULL)
			return EXIT_MISUSE; /* getopt_long has said why */
		if (!option_set(out, row, optarg))
			return misuse("--%s cannot be '%s'", row->name, optarg);
	}
	out->args = argv + optind;
	out->arg_count = (size_t)(argc - optind);
	if (!words_are_valid(out->args, out->arg_count))
		return misuse("an argument has characters that XML cannot carry");
	return EXIT_DONE;
}
