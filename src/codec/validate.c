/* validate.c - payloads against XML Schemas, with libxml2: one file, one namespace.
 *
 * A schema stands alone and is bounded: what makes libxml2 fetch another document, and what takes
 * it more than linear time (patterns, identity constraints), is refused when the schema is read. A
 * payload has been through expat without a document type, so it brings no entities;
 * xsi:schemaLocation is not followed where there is a schema. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/xmlschemas.h>

#include "peppy/array.h"
#include "peppy/codec.h"
#include "peppy/map.h"
#include "peppy/memory.h"

#define NS_SCHEMA "http://www.w3.org/2001/XMLSchema"
#define FILE_MAX (1024 * 1024) /* bytes of a schema */
#define PARSE_OPTIONS (XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING)

struct codec_schemas {
	struct map *by_ns; /* namespace -> xmlSchemaPtr */
};

/* One file that is read. */
struct source {
	const char *path;
	struct buf *errors;
	struct buf bytes;
};

/* ---- what libxml2 finds wrong ---- */

/* Keeps the first: others mostly follow from it. */
static void on_error(void *ctx, const xmlError *error)
{
	char **why = ctx;

	if (*why != NULL || error->message == NULL)
		return;
	*why = memory_strdup(error->message);
	(*why)[strcspn(*why, "\n")] = '\0';
}

static bool complain(struct source *source, const char *what, const char *which)
{
	buf_printf(source->errors, "%s: %s%s\n", source->path, what, which);
	return false;
}

/* ---- reading schemas ---- */

static bool read_file(struct source *source)
{
	char block[4096];
	FILE *file = fopen(source->path, "r");
	size_t n;

	if (file == NULL)
		return complain(source, "", strerror(errno));
	while (source->bytes.len <= FILE_MAX && (n = fread(block, 1, sizeof block, file)) > 0)
		buf_append(&source->bytes, block, n);
	fclose(file);
	return source->bytes.len <= FILE_MAX || complain(source, "too large for a schema", "");
}

static const char *refused_word(const xmlNode *node)
{
	static const char *const refused[] = {
		"import", "include", "redefine", "pattern", "key", "keyref", "unique"};

	if (node->ns == NULL || strcmp((const char *)node->ns->href, NS_SCHEMA) != 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_COUNT(refused); i++)
		if (strcmp((const char *)node->name, refused[i]) == 0)
			return refused[i];
	return NULL;
}

/* The first element below root that is refused; NULL: there is none. */
static const char *find_refused(const xmlNode *root)
{
	const xmlNode *node = root;
	const char *word = NULL;

	while (node != NULL && word == NULL) {
		if (node->type == XML_ELEMENT_NODE)
			word = refused_word(node);
		if (node->children != NULL && node->type == XML_ELEMENT_NODE) {
			node = node->children;
			continue;
		}
		while (node != root && node->next == NULL)
			node = node->parent;
		node = node == root ? NULL : node->next;
	}
	return word;
}

/* Is it bounded? Its namespace is the caller's to free. */
static bool look_at(struct source *source, const xmlDoc *doc, char **ns_out)
{
	xmlNode *root = doc != NULL ? xmlDocGetRootElement(doc) : NULL;
	const char *word;

	if (root == NULL || root->ns == NULL ||
		strcmp((const char *)root->ns->href, NS_SCHEMA) != 0)
		return complain(source, "not an XML Schema", "");
	if (doc->intSubset != NULL)
		return complain(source, "a schema has no document type", "");
	word = find_refused(root);
	if (word != NULL)
		return complain(source, "not allowed in a schema for payloads: ", word);
	*ns_out = (char *)xmlGetNoNsProp(root, (const xmlChar *)"targetNamespace");
	return *ns_out != NULL || complain(source, "no targetNamespace", "");
}

static xmlSchemaPtr compile(struct source *source)
{
	xmlSchemaParserCtxtPtr parser =
		xmlSchemaNewMemParserCtxt(source->bytes.data, (int)source->bytes.len);
	char *why = NULL;
	xmlSchemaPtr schema;

	xmlSchemaSetParserStructuredErrors(parser, (xmlStructuredErrorFunc)on_error, &why);
	schema = xmlSchemaParse(parser);
	xmlSchemaFreeParserCtxt(parser);
	if (schema == NULL)
		complain(source, why != NULL ? why : "not an XML Schema", "");
	free(why);
	return schema;
}

static bool add_schema(struct codec_schemas *schemas, struct source *source, const char *ns)
{
	xmlSchemaPtr schema;

	if (map_find(schemas->by_ns, ns) != NULL)
		return complain(source, "there is already a schema for ", ns);
	schema = compile(source);
	if (schema != NULL)
		map_put(schemas->by_ns, ns, schema);
	return schema != NULL;
}

static bool add_file(struct codec_schemas *schemas, struct source *source)
{
	xmlDoc *doc = NULL;
	char *ns = NULL;
	bool added = read_file(source);

	if (added)
		doc = xmlReadMemory(
			source->bytes.data, (int)source->bytes.len, "schema", NULL, PARSE_OPTIONS);
	added = added && look_at(source, doc, &ns) && add_schema(schemas, source, ns);
	xmlFree(ns);
	xmlFreeDoc(doc);
	buf_finish(&source->bytes);
	return added;
}

static int is_schema(const struct dirent *entry)
{
	static const char suffix[] = ".xsd";
	size_t len = strlen(entry->d_name);

	return len > strlen(suffix) && strcmp(entry->d_name + len - strlen(suffix), suffix) == 0;
}

static bool add_folder(struct codec_schemas *schemas, const char *folder, struct buf *errors)
{
	struct source source = {.path = folder, .errors = errors};
	struct arena *arena = arena_create();
	struct dirent **entries = NULL;
	int n = scandir(folder, &entries, is_schema, alphasort);
	bool added = n > 0;

	if (n < 0)
		complain(&source, "", strerror(errno));
	else if (n == 0)
		complain(&source, "no *.xsd there", "");
	for (int i = 0; i < n; i++) {
		source = (struct source){
			.path = arena_printf(arena, "%s/%s", folder, entries[i]->d_name),
			.errors = errors};
		if (!add_file(schemas, &source))
			added = false; /* and the others are looked at all the same */
		free(entries[i]);
	}
	free(entries);
	arena_destroy(arena);
	return added;
}

static void free_schema(void *schema)
{
	xmlSchemaFree(schema);
}

struct codec_schemas *codec_schemas_open(const char *folder, struct buf *errors)
{
	struct codec_schemas *schemas = memory_alloc(sizeof *schemas);

	schemas->by_ns = map_create(0, free_schema);
	if (add_folder(schemas, folder, errors))
		return schemas;
	codec_schemas_close(schemas);
	return NULL;
}

void codec_schemas_close(struct codec_schemas *schemas)
{
	if (schemas == NULL)
		return;
	map_destroy(schemas->by_ns);
	free(schemas);
}

/* ---- payloads ---- */

static bool is_valid(xmlSchemaPtr schema, xmlDoc *doc, char **why_out)
{
	xmlSchemaValidCtxtPtr validator = xmlSchemaNewValidCtxt(schema);
	int result;

	xmlSchemaSetValidStructuredErrors(validator, (xmlStructuredErrorFunc)on_error, why_out);
	result = xmlSchemaValidateDoc(validator, doc);
	xmlSchemaFreeValidCtxt(validator);
	return result == 0;
}

/* libxml2's own limits of depth and text are lifted: those of stanzas hold. */
bool codec_payload_is_valid(const struct codec_schemas *schemas, const struct pubsub_item *item,
	struct arena *arena, const char **why_out)
{
	xmlSchemaPtr schema = map_find(schemas->by_ns, item->payload_ns);
	char *why = NULL;
	bool valid = true;
	xmlDoc *doc;

	if (schema == NULL)
		return true;
	doc = xmlReadMemory(item->payload, (int)item->payload_len, "payload", "UTF-8",
		PARSE_OPTIONS | XML_PARSE_HUGE);
	valid = doc != NULL && is_valid(schema, doc, &why);
	*why_out = arena_strdup(arena, why);
	free(why);
	xmlFreeDoc(doc);
	return valid;
}
