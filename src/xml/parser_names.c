/* parser_names.c - see parser_names.h. It checks what expat checks when it processes namespaces
 * itself, and says it in expat's words. */
#include "xml/parser_names.h"

#include <expat.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peppy/map.h"

static const char xml_ns[] = XML_NS;
static const char xmlns_ns[] = "http://www.w3.org/2000/xmlns/";

void names_finish(struct names *names)
{
	map_destroy(names->prefixes);
	map_destroy(names->uris);
	if (names->judge != NULL)
		XML_ParserFree(names->judge);
	*names = (struct names){0};
}

static void renew_map(struct map **map)
{
	struct map *renewed = map_create(0, NULL);
	void *cursor = NULL, *value;
	const char *key;

	while (map_next(*map, &cursor, &key, &value))
		map_put(renewed, key, value);
	map_destroy(*map);
	*map = renewed;
}

void names_renew(struct names *names)
{
	if (names->prefixes == NULL)
		return;
	renew_map(&names->prefixes);
	renew_map(&names->uris);
}

/* ---- names without a colon ---- */

/* Expat's tables, which are those of XML 1.0 up to its fourth edition, say with which characters
 * names begin. Of processing instructions it keeps nothing, however many it is given. */
static bool may_begin_name(struct names *names, const char *character)
{
	char instruction[16];
	int len = (unsigned char)character[0] < 0xe0 ? 2 : 3; /* those of four are in no name */

	if (names->judge == NULL)
		names->judge = XML_ParserCreate("UTF-8");
	if (names->judge == NULL)
		abort(); /* out of memory */
	len = snprintf(instruction, sizeof instruction, "<?%.*s?>", len, character);
	return XML_Parse(names->judge, instruction, len, XML_FALSE) == XML_STATUS_OK;
}

/* Of the part of a name, which expat has found to be one as a whole. */
static bool is_without_colon(struct names *names, const char *part)
{
	char first = part[0];

	if (strchr(part, ':') != NULL)
		return false;
	if ((first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z') || first == '_')
		return true;
	return (unsigned char)first >= 0x80 && may_begin_name(names, part);
}

/* ---- declarations ---- */

bool names_is_declaration(const char *attr_name)
{
	return attr_name[0] == 'x' && strncmp(attr_name, "xmlns", 5) == 0 &&
	       (attr_name[5] == '\0' || attr_name[5] == ':');
}

static void bind_default(struct names *names, struct names_declaration *declaration)
{
	declaration->outer = names->by_default;
	names->by_default = declaration;
}

static void bind_prefix(struct names *names, struct names_declaration *declaration)
{
	struct xml_ns *ns = &declaration->ns;
	const struct names_declaration *first;

	if (names->prefixes == NULL) {
		names->prefixes = map_create(0, NULL);
		names->uris = map_create(0, NULL);
	}
	declaration->outer = map_find(names->prefixes, ns->prefix);
	map_put(names->prefixes, ns->prefix, declaration);
	first = map_find(names->uris, ns->uri);
	declaration->is_first = first == NULL;
	if (first == NULL)
		map_put(names->uris, ns->uri, declaration);
	else
		ns->uri = first->ns.uri;
}

static void unbind_prefix(struct names *names, const struct names_declaration *declaration)
{
	const struct xml_ns *ns = &declaration->ns;

	if (declaration->outer != NULL)
		map_put(names->prefixes, ns->prefix, declaration->outer);
	else
		map_del(names->prefixes, ns->prefix);
	if (declaration->is_first)
		map_del(names->uris, ns->uri);
}

/* Section 3: xml stands for its namespace, and nothing else does; xmlns for none that has a name. */
static enum XML_Error check(struct names *names, const char *attr_name, const struct xml_ns *ns)
{
	bool is_xml = strcmp(ns->prefix, "xml") == 0;
	bool means_xml = strcmp(ns->uri, xml_ns) == 0;

	if (attr_name[5] == ':' && !is_without_colon(names, ns->prefix))
		return XML_ERROR_INVALID_TOKEN;
	if (attr_name[5] == ':' && ns->uri[0] == '\0')
		return XML_ERROR_UNDECLARING_PREFIX;
	if (strcmp(ns->prefix, "xmlns") == 0)
		return XML_ERROR_RESERVED_PREFIX_XMLNS;
	if (is_xml && !means_xml)
		return XML_ERROR_RESERVED_PREFIX_XML;
	if (means_xml != is_xml || strcmp(ns->uri, xmlns_ns) == 0)
		return XML_ERROR_RESERVED_NAMESPACE_URI;
	return XML_ERROR_NONE;
}

const char *names_declare(
	struct names *names, const char *attr_name, struct names_declaration *declaration)
{
	enum XML_Error error;

	declaration->ns.prefix = attr_name[5] == ':' ? attr_name + 6 : "";
	error = check(names, attr_name, &declaration->ns);
	if (error != XML_ERROR_NONE)
		return XML_ErrorString(error);
	if (attr_name[5] == ':')
		bind_prefix(names, declaration);
	else
		bind_default(names, declaration);
	return NULL;
}

void names_end(struct names *names, const struct xml_ns *declared)
{
	const struct names_declaration *declaration;

	for (; declared != NULL; declared = declared->next) {
		declaration = (const struct names_declaration *)declared; /* its first member */
		if (declared->prefix[0] == '\0')
			names->by_default = declaration->outer;
		else
			unbind_prefix(names, declaration);
	}
}

static const struct xml_ns **add_copy(
	const struct xml_ns **end, const struct xml_ns *ns, struct arena *arena)
{
	struct xml_ns *copy = arena_alloc(arena, sizeof *copy);

	copy->prefix = ns->prefix;
	copy->uri = ns->uri;
	*end = copy;
	return (const struct xml_ns **)&copy->next;
}

const struct xml_ns *names_in_force(const struct names *names, struct arena *arena)
{
	const struct xml_ns *list = NULL, **end = &list;
	void *cursor = NULL, *innermost;
	const char *prefix;

	if (names->by_default != NULL)
		end = add_copy(end, &names->by_default->ns, arena);
	while (names->prefixes != NULL && map_next(names->prefixes, &cursor, &prefix, &innermost))
		end = add_copy(end, &((const struct names_declaration *)innermost)->ns, arena);
	return list;
}

/* ---- names ---- */

const char *names_default(const struct names *names)
{
	return names->by_default != NULL ? names->by_default->ns.uri : "";
}

const char *names_resolve(struct names *names, char *name, const char **ns, const char **local_out)
{
	char *colon = strchr(name, ':');
	const struct names_declaration *declaration;

	*local_out = name;
	if (colon == NULL)
		return NULL;
	if (colon == name || !is_without_colon(names, colon + 1))
		return XML_ErrorString(XML_ERROR_INVALID_TOKEN);
	*colon = '\0';
	*local_out = colon + 1;
	*ns = xml_ns;
	if (strcmp(name, "xml") == 0)
		return NULL;
	declaration = names->prefixes != NULL ? map_find(names->prefixes, name) : NULL;
	if (declaration == NULL)
		return XML_ErrorString(XML_ERROR_UNBOUND_PREFIX);
	*ns = declaration->ns.uri;
	return NULL;
}

static int compare_names(const void *left, const void *right)
{
	const struct xml_attr *a = *(const struct xml_attr *const *)left;
	const struct xml_attr *b = *(const struct xml_attr *const *)right;

	if (a->ns != b->ns)
		return (uintptr_t)a->ns < (uintptr_t)b->ns ? -1 : 1;
	return strcmp(a->name, b->name);
}

static size_t count_prefixed(const struct xml_attr *attrs)
{
	size_t count = 0;

	for (; attrs != NULL; attrs = attrs->next)
		count += attrs->ns[0] != '\0';
	return count;
}

const char *names_compare(const struct xml_attr *attrs, struct arena *arena)
{
	size_t count = count_prefixed(attrs), filled = 0;
	const struct xml_attr **sorted;

	if (count < 2)
		return NULL;
	sorted = arena_alloc(arena, count * sizeof(const struct xml_attr *));
	for (; attrs != NULL; attrs = attrs->next)
		if (attrs->ns[0] != '\0')
			sorted[filled++] = attrs;
	qsort(sorted, count, sizeof *sorted, compare_names);
	for (size_t i = 1; i < count; i++)
		if (compare_names(&sorted[i - 1], &sorted[i]) == 0)
			return XML_ErrorString(XML_ERROR_DUPLICATE_ATTRIBUTE);
	return NULL;
}
