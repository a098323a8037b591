/* XEP-0227 to records. */
#include "pie_elements.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "peppy/array.h"
#include "peppy/codec.h"
#include "peppy/memory.h"

#define NS_XINCLUDE "http://www.w3.org/2001/XInclude"
#define LEVELS_MAX 16
#define PASSED_OVER_MAX 1000
#define FILES_MAX 4 /* that include each other: hosts, users */
#define READ_BYTES ((size_t)256 * 1024)

static const struct xml_limits limits = {
	.stanza_bytes = (size_t)64 * 1024 * 1024, .depth = 512, .attributes = 1000};

/* What the elements at hand are children of. */
enum level {
	AT_TOP,
	AT_SERVER,
	AT_HOST,
	AT_SERVICE, /* a user, or a component */
	AT_OWNER,
	AT_AFFILIATIONS,
	AT_SUBSCRIPTIONS,
	AT_PUBSUB,
	AT_ITEMS
};

struct file { /* that is read, and the one that includes it */
	struct file *outer;
	const char *path;
	struct xml_reader *xml;
};

struct pie_reader {
	const struct pie_ops *ops;
	void *ctx;
	struct pie_state state;
	enum level levels[LEVELS_MAX];
	size_t level_n;
	struct file *file;
	unsigned files;
	char *path, *why; /* where it ended */
	size_t line;
};

/* The first reason counts. */
static bool fail(struct pie_reader *reader, const char *why)
{
	if (reader->path != NULL)
		return false;
	reader->path = memory_strdup(reader->file->path);
	reader->line = xml_reader_line(reader->file->xml);
	reader->why = memory_strdup(why);
	return false;
}

/* ---- which element means what ---- */

static const struct row {
	enum level at;
	const char *ns, *name;
	enum level below;   /* of one that is entered */
	pie_enter_fn enter; /* may be NULL */
	pie_take_fn take;   /* else it is entered */
} rows[] = {
	/* clang-format off */
	{AT_TOP,           PIE_NS,          "server-data",   AT_SERVER,        NULL, NULL},
	{AT_SERVER,        PIE_NS,          "host",          AT_HOST,          pie_enter_host, NULL},
	{AT_SERVER,        PIE_NS_OWN,      "service",       AT_SERVICE,       pie_enter_service, NULL},
	{AT_HOST,          PIE_NS,          "user",          AT_SERVICE,       pie_enter_user, NULL},
	{AT_SERVICE,       NS_PUBSUB_OWNER, "pubsub",        AT_OWNER,         NULL, NULL},
	{AT_SERVICE,       NS_PUBSUB,       "pubsub",        AT_PUBSUB,        NULL, NULL},
	{AT_OWNER,         NS_PUBSUB_OWNER, "configure",     AT_TOP,           NULL, pie_take_configure},
	{AT_OWNER,         NS_PUBSUB_OWNER, "affiliations",  AT_AFFILIATIONS,  pie_enter_group, NULL},
	{AT_OWNER,         NS_PUBSUB_OWNER, "subscriptions", AT_SUBSCRIPTIONS, pie_enter_group, NULL},
	{AT_OWNER,         PIE_NS_OWN,      "child",         AT_TOP,           NULL, pie_take_child},
	{AT_AFFILIATIONS,  NS_PUBSUB_OWNER, "affiliation",   AT_TOP,           NULL, pie_take_affiliation},
	{AT_SUBSCRIPTIONS, NS_PUBSUB_OWNER, "subscription",  AT_TOP,           NULL, pie_take_subscription},
	{AT_PUBSUB,        NS_PUBSUB,       "items",         AT_ITEMS,         pie_enter_group, NULL},
	{AT_ITEMS,         PIE_NS_OWN,      "times",         AT_TOP,           NULL, pie_take_times},
	{AT_ITEMS,         NS_PUBSUB,       "item",          AT_TOP,           NULL, pie_take_item},
	/* clang-format on */
};

static enum level level_of(const struct pie_reader *reader)
{
	return reader->levels[reader->level_n - 1];
}

static const struct row *find_row(const struct pie_reader *reader, const struct xml_element *el)
{
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		if (rows[i].at == level_of(reader) && xml_is(el, rows[i].ns, rows[i].name))
			return &rows[i];
	return NULL;
}

static void push_level(struct pie_reader *reader, enum level level)
{
	reader->levels[reader->level_n++] = level; /* the table is not deeper than LEVELS_MAX */
}

static bool on_end(void *ctx)
{
	struct pie_reader *reader = ctx;

	reader->level_n--;
	return true;
}

static bool on_whole(void *ctx, const struct xml_stanza *stanza)
{
	struct pie_reader *reader = ctx;

	arena_reset(reader->state.arena);
	reader->state.why = NULL;
	return find_row(reader, stanza->root)->take(&reader->state, stanza) ||
	       fail(reader, reader->state.why);
}

/* ---- files ---- */

/* The file may name others in its folder, and below; nowhere else. */
static bool is_inside(const char *href)
{
	const char *at = href;

	if (*href == '\0' || *href == '/' || strstr(href, "//") != NULL ||
		strchr(href, ':') != NULL)
		return false;
	for (; at != NULL; at = strchr(at, '/')) {
		at += *at == '/';
		if (strncmp(at, "..", 2) == 0 && (at[2] == '/' || at[2] == '\0'))
			return false;
	}
	return true;
}

static bool read_included(struct pie_reader *reader, const char *path)
{
	int fd = reader->ops->open(reader->ctx, path);
	bool good;

	if (fd < 0)
		return fail(
			reader, arena_printf(reader->state.arena, "%s: %s", path, strerror(errno)));
	good = pie_read(reader, fd, path);
	close(fd);
	return good;
}

static bool include(struct pie_reader *reader, const struct xml_element *el)
{
	const char *href = xml_attr(el, "href"), *path = reader->file->path;
	const char *slash = strrchr(path, '/');
	char *name;
	bool good;

	if (href == NULL || xml_attr(el, "parse") != NULL || xml_attr(el, "xpointer") != NULL ||
		!is_inside(href))
		return fail(reader, "only files in the same folder can be included");
	if (reader->files == FILES_MAX)
		return fail(reader, "files include each other without end");
	if (asprintf(&name, "%.*s%s", slash != NULL ? (int)(slash + 1 - path) : 0, path, href) < 0)
		abort(); /* out of memory */
	good = read_included(reader, name);
	free(name);
	return good;
}

static enum xml_wish skip(struct pie_reader *reader, const struct xml_element *el)
{
	if (level_of(reader) == AT_TOP) {
		fail(reader, "this is not a file of XEP-0227");
		return XML_STOP;
	}
	pie_pass_over(&reader->state,
		arena_printf(reader->state.arena, "<%s xmlns='%s'>", el->name, el->ns));
	return XML_SKIP;
}

static enum xml_wish on_start(void *ctx, const struct xml_element *el)
{
	struct pie_reader *reader = ctx;
	const struct row *row = find_row(reader, el);

	arena_reset(reader->state.arena);
	if (row == NULL && level_of(reader) <= AT_SERVICE && xml_is(el, NS_XINCLUDE, "include"))
		return include(reader, el) ? XML_SKIP : XML_STOP;
	if (row == NULL)
		return skip(reader, el);
	if (row->take != NULL)
		return XML_WHOLE;
	if (row->enter != NULL && !row->enter(&reader->state, el)) {
		fail(reader, reader->state.why);
		return XML_STOP;
	}
	push_level(reader, row->below);
	return XML_ENTER;
}

static bool read_all(struct pie_reader *reader, struct xml_reader *xml, int fd)
{
	char *bytes = memory_alloc(READ_BYTES);
	ssize_t n;
	bool good;

	do {
		n = read(fd, bytes, READ_BYTES);
		if (n < 0)
			good = fail(reader, strerror(errno));
		else
			good = xml_reader_feed(xml, bytes, (size_t)n, n == 0) ||
			       fail(reader, xml_reader_reason(xml));
	} while (good && n > 0);
	free(bytes);
	return good;
}

bool pie_read(struct pie_reader *reader, int fd, const char *path)
{
	static const struct xml_reader_ops ops = {on_start, on_whole, on_end};
	struct file file = {reader->file, path, xml_reader_create(&limits, &ops, reader)};
	bool good;

	reader->file = &file;
	reader->files++;
	good = read_all(reader, file.xml, fd);
	reader->files--;
	reader->file = file.outer;
	xml_reader_destroy(file.xml);
	return good;
}

/* ---- the reader ---- */

struct pie_reader *pie_reader_create(const struct pie_ops *ops, void *ctx)
{
	struct pie_reader *reader = memory_alloc(sizeof *reader);

	reader->ops = ops;
	reader->ctx = ctx;
	reader->state = (struct pie_state){
		.take = ops->take,
		.ctx = ctx,
		.arena = arena_create(),
		.passed_over = map_create(PASSED_OVER_MAX, free),
	};
	push_level(reader, AT_TOP);
	return reader;
}

void pie_reader_destroy(struct pie_reader *reader)
{
	if (reader == NULL)
		return;
	map_destroy(reader->state.passed_over);
	arena_destroy(reader->state.arena);
	free(reader->state.host);
	free(reader->state.service);
	free(reader->state.node);
	free(reader->path);
	free(reader->why);
	free(reader);
}

const char *pie_path(const struct pie_reader *reader)
{
	return reader->path;
}

size_t pie_line(const struct pie_reader *reader)
{
	return reader->line;
}

const char *pie_reason(const struct pie_reader *reader)
{
	return reader->why;
}

bool pie_passed_over(struct pie_reader *reader, void **cursor, const char **what_out, size_t *n_out)
{
	void *n;

	if (!map_next(reader->state.passed_over, cursor, what_out, &n))
		return false;
	*n_out = *(size_t *)n;
	return true;
}
