/* tree.c - elements are made in document order; the way from the innermost open one to the root
 * leads over their parents. */
#include "xml/tree.h"

#include <assert.h>
#include <string.h>

#define NAMESPACE_BYTES ((size_t)64 * 1024) /* of names, beside the limit of a stanza */

struct tree_node { /* an element and what is needed while it is open */
	struct xml_element el;
	struct xml_element **children_end;
	size_t text_from; /* where its text begins in tree->text */
	struct xml_attr attrs[];
};

void tree_begin(struct tree *tree, struct arena *arena)
{
	tree->arena = arena;
	tree->root = NULL;
	tree->innermost = NULL;
	tree->depth = 0;
	tree->elements = 0;
	tree->copied = 0;
	tree->oversized = false;
	tree->declared = NULL;
	tree->declared_end = &tree->declared;
	tree->declared_count = 0;
	buf_truncate(&tree->text, 0);
	memset(tree->recent, 0, sizeof tree->recent);
}

void tree_finish(struct tree *tree)
{
	buf_finish(&tree->text);
}

static bool is_above(size_t value, size_t limit)
{
	return limit != 0 && value > limit;
}

/* A stanza uses few namespaces, so one copy serves many elements. NULL: there is none. */
static const char *find_recent(const struct tree *tree, const char *uri, size_t len)
{
	for (size_t i = 0; i < TREE_RECENT; i++) {
		const struct tree_uri *recent = &tree->recent[i];

		if (recent->len == len && memcmp(recent->uri, uri, len) == 0)
			return recent->uri;
	}
	return NULL;
}

static const char *keep_uri(struct tree *tree, const char *uri, size_t len)
{
	struct tree_uri *recent = &tree->recent[tree->recent_at++ % TREE_RECENT];

	recent->uri = arena_memdup(tree->arena, uri, len);
	recent->len = len;
	return recent->uri;
}

/* Short names may stand for long namespaces, many of them in turn: what their copies come to has a
 * limit as the stanza's bytes have. */
static const char *namespace_of_name(struct tree *tree, const char *uri, size_t len)
{
	const char *kept = find_recent(tree, uri, len);

	if (kept != NULL)
		return kept;
	tree->copied += len;
	if (tree->limits->stanza_bytes != 0 &&
		tree->copied > tree->limits->stanza_bytes + NAMESPACE_BYTES) {
		tree->oversized = true;
		return "";
	}
	return keep_uri(tree, uri, len);
}

/* The namespace of a name "uri<separator>local", "" if it has none; *name moves to local. */
static const char *split_name(struct tree *tree, const char **name)
{
	const char *uri = *name;
	const char *separator = strchr(uri, XML_SEPARATOR);

	if (separator == NULL)
		return "";
	*name = separator + 1;
	return namespace_of_name(tree, uri, (size_t)(separator - uri));
}

/* The copy of a string at *room, which moves behind it. */
static const char *put_string(char **room, const char *string)
{
	char *copy = *room;

	*room = stpcpy(copy, string) + 1;
	return copy;
}

/* Each stands in the stanza's bytes. */
static const char *declared_uri(struct tree *tree, const char *uri)
{
	size_t len = strlen(uri);
	const char *kept = find_recent(tree, uri, len);

	return kept != NULL ? kept : keep_uri(tree, uri, len);
}

void tree_declare(struct tree *tree, const char *prefix, const char *uri)
{
	struct xml_ns *ns;

	if (tree->oversized)
		return;
	ns = arena_alloc(tree->arena, sizeof *ns);
	ns->prefix = prefix != NULL ? arena_strdup(tree->arena, prefix) : "";
	ns->uri = uri != NULL ? declared_uri(tree, uri) : "";
	*tree->declared_end = ns;
	tree->declared_end = &ns->next;
	tree->declared_count++;
}

/* The element that follows gets what was declared; returns how much that was. */
static size_t take_declared(struct tree *tree, struct xml_element *el)
{
	size_t count = tree->declared_count;

	el->declared = tree->declared;
	tree->declared = NULL;
	tree->declared_end = &tree->declared;
	tree->declared_count = 0;
	return count;
}

static size_t count_attrs(const char **attrs)
{
	size_t count = 0;

	while (attrs[2 * count] != NULL)
		count++;
	return count;
}

static void put_attrs(struct tree *tree, struct tree_node *node, const char **attrs, char **room)
{
	struct xml_attr *attr, **end = &node->el.attrs;

	for (attr = node->attrs; attrs[0] != NULL; attr++, attrs += 2) {
		attr->ns = split_name(tree, &attrs[0]);
		attr->name = put_string(room, attrs[0]);
		attr->value = put_string(room, attrs[1]);
		*end = attr;
		end = &attr->next;
	}
}

static void append_node(struct tree *tree, struct tree_node *node)
{
	node->children_end = &node->el.first;
	node->text_from = tree->text.len;
	if (tree->innermost == NULL) {
		tree->root = &node->el;
	} else {
		node->el.parent = &tree->innermost->el;
		*tree->innermost->children_end = &node->el;
		tree->innermost->children_end = &node->el.next;
	}
	tree->innermost = node;
}

/* In one piece of memory. The strings need no more room than the tag's bytes: references are longer
 * than what they stand for, and quotes and brackets make up for the NULs. */
static void build_node(
	struct tree *tree, const char *name, const char **attrs, size_t attr_count, size_t tag_len)
{
	size_t fixed = sizeof(struct tree_node) + attr_count * sizeof(struct xml_attr);
	struct tree_node *node = arena_alloc(tree->arena, fixed + tag_len);
	char *room = (char *)node + fixed;

	append_node(tree, node);
	node->el.ns = split_name(tree, &name);
	node->el.name = put_string(&room, name);
	node->el.text = ""; /* until it ends */
	put_attrs(tree, node, attrs, &room);
	assert(room <= (char *)node + fixed + tag_len);
}

/* The element that breaks a limit by its attributes or its length is the last one to be built, and
 * built whole, so that a request can be answered whose very tag was too much. */
void tree_start(
	struct tree *tree, const char *name, const char **attrs, size_t offset, size_t tag_len)
{
	const struct xml_limits *limits = tree->limits;
	struct xml_element *el;
	size_t count;

	tree->depth++;
	tree->elements++;
	if (is_above(tree->depth, limits->depth) || is_above(tree->elements, limits->elements) ||
		is_above(offset, limits->stanza_bytes))
		tree->oversized = true;
	if (tree->oversized)
		return;
	count = count_attrs(attrs);
	build_node(tree, name, attrs, count, tag_len);
	el = &tree->innermost->el;
	el->offset = offset;
	el->tag_len = tag_len;
	count += take_declared(tree, el);
	if (is_above(count, limits->attributes))
		tree->oversized = true;
	tree_grew(tree, offset + tag_len);
}

void tree_text(struct tree *tree, const char *bytes, size_t len)
{
	if (!tree->oversized)
		buf_append(&tree->text, bytes, len);
}

static void close_innermost(struct tree *tree, size_t end)
{
	struct tree_node *node = tree->innermost;
	size_t text_len = tree->text.len - node->text_from;

	if (text_len > 0)
		node->el.text =
			arena_memdup(tree->arena, tree->text.data + node->text_from, text_len);
	buf_truncate(&tree->text, node->text_from);
	node->el.len = end - node->el.offset;
	tree->innermost = (struct tree_node *)node->el.parent; /* el is its first member */
}

bool tree_end(struct tree *tree, size_t end)
{
	tree_grew(tree, end);
	if (!tree->oversized)
		close_innermost(tree, end);
	return --tree->depth == 0;
}

void tree_grew(struct tree *tree, size_t len)
{
	if (is_above(len, tree->limits->stanza_bytes))
		tree->oversized = true;
}
