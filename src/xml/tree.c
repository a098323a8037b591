/* tree.c - elements are made in document order; the way from the innermost open one to the root
 * leads over their parents. */
#include "xml/tree.h"

#include <string.h>

struct tree_node { /* an element and what is needed while it is open */
	struct xml_element el;
	struct xml_element **children_end;
	size_t text_from; /* where its text begins in tree->text */
};

void tree_begin(struct tree *tree, struct arena *arena)
{
	if (tree->arena != arena)
		tree_forget(tree, tree->arena);
	tree->arena = arena;
	tree->root = NULL;
	tree->innermost = NULL;
	tree->depth = 0;
	tree->elements = 0;
	tree->oversized = false;
	tree->declared = NULL;
	tree->declared_end = &tree->declared;
	tree->declared_count = 0;
	buf_truncate(&tree->text, 0);
}

void tree_finish(struct tree *tree)
{
	buf_finish(&tree->text);
}

void tree_forget(struct tree *tree, const struct arena *arena)
{
	if (tree->arena == arena)
		memset(tree->recent, 0, sizeof tree->recent);
}

/* The namespace of a name "uri<separator>local", "" if it has none, and its local part. Stanzas of
 * one turn use few namespaces, so one copy serves many elements. */
static const char *split_name(struct tree *tree, const char *name, const char **local_out)
{
	const char *separator = strchr(name, XML_SEPARATOR);
	struct tree_uri *recent;
	size_t len, i;

	*local_out = name;
	if (separator == NULL)
		return "";
	*local_out = separator + 1;
	len = (size_t)(separator - name);
	for (i = 0; i < TREE_RECENT; i++) {
		recent = &tree->recent[i];
		if (recent->len == len && memcmp(recent->uri, name, len) == 0)
			return recent->uri;
	}
	recent = &tree->recent[tree->recent_at++ % TREE_RECENT];
	recent->uri = arena_memdup(tree->arena, name, len);
	recent->len = len;
	return recent->uri;
}

static bool is_above(size_t value, size_t limit)
{
	return limit != 0 && value > limit;
}

void tree_declare(struct tree *tree, const char *prefix, const char *uri)
{
	struct xml_ns *ns;

	if (tree->oversized)
		return;
	ns = arena_alloc(tree->arena, sizeof *ns);
	ns->prefix = prefix != NULL ? arena_strdup(tree->arena, prefix) : "";
	ns->uri = uri != NULL ? arena_strdup(tree->arena, uri) : "";
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

static size_t copy_attrs(struct tree *tree, struct xml_element *el, const char **attrs)
{
	struct xml_attr *copies;
	const char *local;
	size_t count = 0, i;

	while (attrs[2 * count] != NULL)
		count++;
	if (count == 0)
		return 0;
	copies = arena_alloc(tree->arena, count * sizeof *copies);
	for (i = 0; i < count; i++) {
		copies[i].ns = split_name(tree, attrs[2 * i], &local);
		copies[i].name = arena_strdup(tree->arena, local);
		copies[i].value = arena_strdup(tree->arena, attrs[2 * i + 1]);
		copies[i].next = i + 1 < count ? &copies[i + 1] : NULL;
	}
	el->attrs = copies;
	return count;
}

static struct tree_node *append_node(struct tree *tree)
{
	struct tree_node *node = arena_alloc(tree->arena, sizeof *node);

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
	return node;
}

/* The element that breaks a limit by its attributes or its length is the last one to be built, and
 * built whole, so that a request can be answered whose very tag was too much. */
void tree_start(
	struct tree *tree, const char *name, const char **attrs, size_t offset, size_t tag_len)
{
	const struct xml_limits *limits = tree->limits;
	struct xml_element *el;
	const char *local;
	size_t count;

	tree->depth++;
	tree->elements++;
	if (is_above(tree->depth, limits->depth) || is_above(tree->elements, limits->elements) ||
		is_above(offset, limits->stanza_bytes))
		tree->oversized = true;
	if (tree->oversized)
		return;
	el = &append_node(tree)->el;
	el->ns = split_name(tree, name, &local);
	el->name = arena_strdup(tree->arena, local);
	el->text = ""; /* until it ends */
	el->offset = offset;
	el->tag_len = tag_len;
	count = copy_attrs(tree, el, attrs) + take_declared(tree, el);
	tree->oversized = is_above(count, limits->attributes);
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
