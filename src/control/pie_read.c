/* XEP-0227 to records. */
#include "pie.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "peppy/array.h"
#include "peppy/clock.h"
#include "peppy/codec.h"
#include "peppy/memory.h"
#include "peppy/pep.h"
#include "peppy/xml.h"

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
	struct map *passed_over; /* what to its count */
	enum level levels[LEVELS_MAX];
	size_t level_n;
	struct file *file;
	unsigned files;
	char *host, *service, *node;
	bool foreign;                      /* another server has written the node */
	uint64_t published_us, created_us; /* of the item to come */
	struct arena *arena;               /* of the element at hand */
	char *path, *why;                  /* where it ended */
	size_t line;
};

/* ---- ends ---- */

static void replace_text(char **text, const char *by)
{
	free(*text);
	*text = memory_strdup(by);
}

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

static bool take(struct pie_reader *reader, struct exchange_record *record)
{
	record->service = reader->service;
	if (record->node_id == NULL)
		record->node_id = reader->node;
	return reader->ops->take(reader->ctx, record) || fail(reader, NULL);
}

static void pass_over(struct pie_reader *reader, const char *what)
{
	size_t *n = map_find(reader->passed_over, what);

	if (n == NULL) {
		n = memory_alloc(sizeof *n);
		map_put(reader->passed_over, what, n);
	}
	++*n;
}

/* ---- what elements hold ---- */

static bool stamp_of(const struct xml_element *el, const char *name, uint64_t *out)
{
	const char *text = el != NULL ? xml_attr(el, name) : NULL;

	*out = 0;
	return text == NULL || clock_stamp_parse(text, out);
}

static struct pubsub_texts values_of(struct pie_reader *reader, const struct xml_element *field)
{
	const struct xml_element *value = xml_child(field, NS_DATA, "value");
	const char **v;
	size_t n = 0;

	for (; value != NULL; value = xml_next(value, NS_DATA, "value"))
		n++;
	v = arena_alloc(reader->arena, n * sizeof *v);
	value = xml_child(field, NS_DATA, "value");
	for (n = 0; value != NULL; value = xml_next(value, NS_DATA, "value"))
		v[n++] = value->text;
	return (struct pubsub_texts){v, n};
}

/* Servers write fields without a value for what they do not know. */
static bool set_field(struct pie_reader *reader, const struct pubsub_form_type *type,
	const struct xml_element *el, void *record)
{
	const char *var = xml_attr(el, "var");
	const struct pubsub_texts values = values_of(reader, el);
	const struct pubsub_field *field = var != NULL ? pubsub_field_find(type, var) : NULL;

	if (var == NULL || strcmp(var, "FORM_TYPE") == 0)
		return true;
	if (field == NULL) {
		pass_over(reader, arena_printf(reader->arena, "field %s", var));
		return true;
	}
	if (pubsub_field_set(field, values, reader->arena, record) || values.n == 0)
		return true;
	return fail(reader, arena_printf(reader->arena, "%s cannot be '%s'", var, values.v[0]));
}

static bool read_form(struct pie_reader *reader, const struct xml_element *parent,
	const struct pubsub_form_type *type, void *record)
{
	const struct xml_element *x = parent != NULL ? xml_child(parent, NS_DATA, "x") : NULL;
	const struct xml_element *field = x != NULL ? xml_child(x, NS_DATA, "field") : NULL;

	for (; field != NULL; field = xml_next(field, NS_DATA, "field"))
		if (!set_field(reader, type, field, record))
			return false;
	return true;
}

/* What an account's node is without more being said: not open to everybody. */
static void set_defaults(struct pie_reader *reader, struct pubsub_node_config *config)
{
	const struct pubsub_node_config account = pep_config_default();

	*config = pubsub_node_config_default;
	if (strchr(reader->service, '@') != NULL)
		pep_node_defaults(&account, reader->node, config);
}

static bool take_configure(struct pie_reader *reader, const struct xml_stanza *stanza)
{
	const struct xml_element *el = stanza->root, *made = xml_child(el, PIE_NS_OWN, "made");
	struct exchange_record record = {.kind = EXCHANGE_NODE};
	const char *node_id = xml_attr(el, "node");

	if (node_id == NULL)
		return fail(reader, "a node needs a name");
	replace_text(&reader->node, node_id);
	set_defaults(reader, &record.node.config);
	if (!read_form(reader, el, &pubsub_node_config_type, &record.node.config))
		return false;
	if (!stamp_of(made, "at", &record.node.created_us))
		return fail(reader, "the node was made at no time");
	record.node.creator = made != NULL ? xml_attr(made, "by") : NULL;
	reader->foreign = made == NULL;
	if (reader->foreign && strchr(reader->service, '@') != NULL)
		record.node.creator = reader->service;
	return take(reader, &record);
}

static bool jid_of(struct pie_reader *reader, const struct xml_element *el, struct jid *out)
{
	const char *text = xml_attr(el, "jid");

	return text != NULL && jid_parse(text, reader->arena, out);
}

static int word_of(const struct xml_element *el, const char *name, const struct pubsub_words *words)
{
	const char *word = xml_attr(el, name);

	return word != NULL ? pubsub_word_find(words, word) : -1;
}

static bool take_affiliation(struct pie_reader *reader, const struct xml_stanza *stanza)
{
	const int word = word_of(stanza->root, "affiliation", &pubsub_affiliation_words);
	struct exchange_record record = {.kind = EXCHANGE_AFFILIATION};
	struct jid jid;

	if (word < 0 || !jid_of(reader, stanza->root, &jid))
		return fail(reader, "an affiliation needs jid and affiliation");
	record.affiliate.jid = jid.bare;
	record.affiliate.affiliation = (enum pubsub_affiliation)word;
	if (reader->foreign && word == PUBSUB_AFFILIATION_OWNER &&
		strcmp(jid.bare, reader->service) == 0)
		return true; /* an account always owns its nodes */
	return take(reader, &record);
}

static struct pubsub_texts waiting_of(struct pie_reader *reader, const struct xml_element *el)
{
	const struct xml_element *waiting = xml_child(el, PIE_NS_OWN, "waiting");
	const char **v;
	size_t n = 0;

	for (; waiting != NULL; waiting = xml_next(waiting, PIE_NS_OWN, "waiting"))
		n++;
	v = arena_alloc(reader->arena, n * sizeof *v);
	waiting = xml_child(el, PIE_NS_OWN, "waiting");
	for (n = 0; waiting != NULL; waiting = xml_next(waiting, PIE_NS_OWN, "waiting"))
		v[n++] = waiting->text;
	return (struct pubsub_texts){v, n};
}

/* Prosody 0.12 writes subscribed='subscribed'. */
static bool take_subscription(struct pie_reader *reader, const struct xml_stanza *stanza)
{
	const struct xml_element *el = stanza->root;
	struct exchange_record record = {.kind = EXCHANGE_SUBSCRIPTION};
	struct pubsub_subscription *row = &record.subscription.row;
	int word = word_of(el, "subscription", &pubsub_subscription_state_words);

	if (word < 0)
		word = word_of(el, "subscribed", &pubsub_subscription_state_words);
	if (word < 0 || !jid_of(reader, el, &row->subscriber))
		return fail(reader, "a subscription needs jid and subscription");
	row->state = (enum pubsub_subscription_state)word;
	row->sub_id = xml_attr(el, "subid");
	row->options = pubsub_subscribe_options_default;
	record.subscription.waiting = waiting_of(reader, el);
	return read_form(reader, xml_child(el, NS_PUBSUB_OWNER, "options"),
		       &pubsub_subscribe_options_type, &row->options) &&
	       take(reader, &record);
}

static bool take_child(struct pie_reader *reader, const struct xml_stanza *stanza)
{
	struct exchange_record record = {
		.kind = EXCHANGE_CHILD,
		.node_id = xml_attr(stanza->root, "node"),
		.collection = xml_attr(stanza->root, "collection"),
	};

	if (record.node_id == NULL || record.collection == NULL)
		return fail(reader, "a child needs node and collection");
	return take(reader, &record);
}

static bool take_times(struct pie_reader *reader, const struct xml_stanza *stanza)
{
	return (stamp_of(stanza->root, "published", &reader->published_us) &&
		       stamp_of(stanza->root, "created", &reader->created_us)) ||
	       fail(reader, "the item was published at no time");
}

static bool take_item(struct pie_reader *reader, const struct xml_stanza *stanza)
{
	const struct xml_element *el = stanza->root, *payload = el->first;
	struct exchange_record record = {.kind = EXCHANGE_ITEM};
	struct pubsub_item *item = &record.item;
	const char *publisher = xml_attr(el, "publisher");
	struct jid jid;

	item->id = xml_attr(el, "id");
	item->published_us = reader->published_us;
	item->created_us = reader->created_us;
	reader->published_us = reader->created_us = 0;
	if (publisher != NULL && !jid_parse(publisher, reader->arena, &jid))
		return fail(reader, "the publisher is not a JID");
	item->publisher = publisher != NULL ? jid.bare : NULL;
	if (payload != NULL) {
		item->payload = xml_standalone(stanza, payload, &item->payload_len);
		item->payload_ns = payload->ns;
		item->payload_name = payload->name;
	}
	if (payload != NULL && payload->next != NULL)
		return fail(reader, "an item holds one element");
	return take(reader, &record);
}

/* ---- elements that are entered ---- */

static bool enter_host(struct pie_reader *reader, const struct xml_element *el)
{
	const char *jid = xml_attr(el, "jid");

	replace_text(&reader->host, jid);
	return jid != NULL || fail(reader, "a host needs a JID");
}

static bool set_service(struct pie_reader *reader, const char *text)
{
	struct jid jid;

	if (text == NULL || !jid_parse(text, reader->arena, &jid) || jid.resource != NULL)
		return fail(reader, "this makes no JID");
	replace_text(&reader->service, jid.bare);
	return true;
}

static bool enter_user(struct pie_reader *reader, const struct xml_element *el)
{
	const char *name = xml_attr(el, "name");

	if (name == NULL || reader->host == NULL)
		return fail(reader, "a user needs a name");
	return set_service(reader, arena_printf(reader->arena, "%s@%s", name, reader->host));
}

static bool enter_service(struct pie_reader *reader, const struct xml_element *el)
{
	return set_service(reader, xml_attr(el, "jid"));
}

static bool enter_group(struct pie_reader *reader, const struct xml_element *el)
{
	const char *node_id = xml_attr(el, "node");

	replace_text(&reader->node, node_id);
	return node_id != NULL || fail(reader, "which node?");
}

/* ---- which element means what ---- */

static const struct row {
	enum level at;
	const char *ns, *name;
	enum level below;                                               /* of one that is entered */
	bool (*enter)(struct pie_reader *, const struct xml_element *); /* may be NULL */
	bool (*take)(struct pie_reader *, const struct xml_stanza *);   /* else it is entered */
} rows[] = {
	/* clang-format off */
	{AT_TOP,           PIE_NS,          "server-data",   AT_SERVER,        NULL, NULL},
	{AT_SERVER,        PIE_NS,          "host",          AT_HOST,          enter_host, NULL},
	{AT_SERVER,        PIE_NS_OWN,      "service",       AT_SERVICE,       enter_service, NULL},
	{AT_HOST,          PIE_NS,          "user",          AT_SERVICE,       enter_user, NULL},
	{AT_SERVICE,       NS_PUBSUB_OWNER, "pubsub",        AT_OWNER,         NULL, NULL},
	{AT_SERVICE,       NS_PUBSUB,       "pubsub",        AT_PUBSUB,        NULL, NULL},
	{AT_OWNER,         NS_PUBSUB_OWNER, "configure",     AT_TOP,           NULL, take_configure},
	{AT_OWNER,         NS_PUBSUB_OWNER, "affiliations",  AT_AFFILIATIONS,  enter_group, NULL},
	{AT_OWNER,         NS_PUBSUB_OWNER, "subscriptions", AT_SUBSCRIPTIONS, enter_group, NULL},
	{AT_OWNER,         PIE_NS_OWN,      "child",         AT_TOP,           NULL, take_child},
	{AT_AFFILIATIONS,  NS_PUBSUB_OWNER, "affiliation",   AT_TOP,           NULL, take_affiliation},
	{AT_SUBSCRIPTIONS, NS_PUBSUB_OWNER, "subscription",  AT_TOP,           NULL, take_subscription},
	{AT_PUBSUB,        NS_PUBSUB,       "items",         AT_ITEMS,         enter_group, NULL},
	{AT_ITEMS,         PIE_NS_OWN,      "times",         AT_TOP,           NULL, take_times},
	{AT_ITEMS,         NS_PUBSUB,       "item",          AT_TOP,           NULL, take_item},
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

	arena_reset(reader->arena);
	return find_row(reader, stanza->root)->take(reader, stanza);
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
		return fail(reader, arena_printf(reader->arena, "%s: %s", path, strerror(errno)));
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
	pass_over(reader, arena_printf(reader->arena, "<%s xmlns='%s'>", el->name, el->ns));
	return XML_SKIP;
}

static enum xml_wish on_start(void *ctx, const struct xml_element *el)
{
	struct pie_reader *reader = ctx;
	const struct row *row = find_row(reader, el);

	arena_reset(reader->arena);
	if (row == NULL && level_of(reader) <= AT_SERVICE && xml_is(el, NS_XINCLUDE, "include"))
		return include(reader, el) ? XML_SKIP : XML_STOP;
	if (row == NULL)
		return skip(reader, el);
	if (row->take != NULL)
		return XML_WHOLE;
	if (row->enter != NULL && !row->enter(reader, el))
		return XML_STOP;
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
	reader->passed_over = map_create(PASSED_OVER_MAX, free);
	reader->arena = arena_create();
	push_level(reader, AT_TOP);
	return reader;
}

void pie_reader_destroy(struct pie_reader *reader)
{
	if (reader == NULL)
		return;
	map_destroy(reader->passed_over);
	arena_destroy(reader->arena);
	free(reader->host);
	free(reader->service);
	free(reader->node);
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

	if (!map_next(reader->passed_over, cursor, what_out, &n))
		return false;
	*n_out = *(size_t *)n;
	return true;
}
