/* tree.c - elements are made in document order; the way from the innermost open one to the root
 * leads over their parents. */
#include "xml/tree.h"

#include <assert.h>
#include <string.h>

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
	tree->oversized = false;
	buf_truncate(&tree->text, 0);
}

void tree_finish(struct tree *tree)
{
	names_finish(&tree->names);
	buf_finish(&tree->text);
}

static bool is_above(size_t value, size_t limit)
{
	return limit != 0 && value > limit;
}

struct tag {                /* one that is built, and where its parts go */
	const char **attrs; /* as in expat: name, value, name, value ... NULL */
	struct tree_node *node;
	struct names_declaration *declarations;
	char *room; /* for its texts */
};

/* The copy of a text at *room, which moves behind it. */
static char *put_text(char **room, const char *text)
{
	char *copy = *room;

	*room = stpcpy(copy, text) + 1;
	return copy;
}

static const char *put_declarations(struct tree *tree, struct tag *tag)
{
	struct names_declaration *declaration = tag->declarations;
	struct xml_ns **end = &tag->node->el.declared;
	const char *reason = NULL;

	for (const char **attr = tag->attrs; attr[0] != NULL && reason == NULL; attr += 2) {
		if (!names_is_declaration(attr[0]))
			continue;
		declaration->ns.uri = put_text(&tag->room, attr[1]);
		reason = names_declare(&tree->names, put_text(&tag->room, attr[0]), declaration);
		*end = &declaration->ns;
		end = &declaration->ns.next;
		declaration++;
	}
	return reason;
}

static const char *put_attrs(struct tree *tree, struct tag *tag)
{
	struct xml_attr *attr = tag->node->attrs, **end = &tag->node->el.attrs;
	const char *reason = NULL;

	for (const char **from = tag->attrs; from[0] != NULL && reason == NULL; from += 2) {
		if (names_is_declaration(from[0]))
			continue;
		attr->ns = "";
		reason = names_resolve(
			&tree->names, put_text(&tag->room, from[0]), &attr->ns, &attr->name);
		attr->value = put_text(&tag->room, from[1]);
		*end = attr;
		end = &attr->next;
		attr++;
	}
	return reason != NULL ? reason : names_compare(tag->node->el.attrs, tree->arena);
}

static const char *put_name(struct tree *tree, struct tag *tag, const char *name)
{
	struct xml_element *el = &tag->node->el;

	el->ns = names_default(&tree->names);
	return names_resolve(&tree->names, put_text(&tag->room, name), &el->ns, &el->name);
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

/* In one piece of memory. The texts need no more room than the tag's bytes: references are longer
 * than what they stand for, and quotes and brackets make up for the NULs. */
static struct tag build_node(
	struct tree *tree, const char **attrs, size_t declared, size_t attr_count, size_t tag_len)
{
	struct tag tag = {.attrs = attrs};
	size_t fixed = sizeof(struct tree_node) + attr_count * sizeof(struct xml_attr) +
		       declared * sizeof(struct names_declaration);

	tag.node = arena_alloc(tree->arena, fixed + tag_len);
	tag.declarations = (struct names_declaration *)(tag.node->attrs + attr_count);
	tag.room = (char *)(tag.declarations + declared);
	tag.node->el.text = ""; /* until it ends */
	tag.node->el.tag_len = tag_len;
	append_node(tree, tag.node);
	return tag;
}

static const char *build(
	struct tree *tree, const char *name, const char **attrs, size_t offset, size_t tag_len)
{
	size_t count = 0, declared = 0;
	const char *reason;
	struct tag tag;

	for (; attrs[2 * count] != NULL; count++)
		declared += names_is_declaration(attrs[2 * count]);
	tag = build_node(tree, attrs, declared, count - declared, tag_len);
	tag.node->el.offset = offset;
	reason = put_declarations(tree, &tag);
	if (reason == NULL)
		reason = put_name(tree, &tag, name);
	if (reason == NULL)
		reason = put_attrs(tree, &tag);
	assert(tag.room <= (char *)(tag.declarations + declared) + tag_len);
	if (is_above(count, tree->limits->attributes))
		tree->oversized = true;
	return reason;
}

/* The element that breaks a limit by its attributes or its length is the last one to be built, and
 * built whole, so that a request can be answered whose very tag was too much. */
const char *tree_start(
	struct tree *tree, const char *name, const char **attrs, size_t offset, size_t tag_len)
{
	const struct xml_limits *limits = tree->limits;
	const char *reason;

	tree->depth++;
	tree->elements++;
	if (is_above(tree->depth, limits->depth) || is_above(tree->elements, limits->elements) ||
		is_above(offset, limits->stanza_bytes))
		tree->oversized = true;
	if (tree->oversized)
		return NULL;
	reason = build(tree, name, attrs, offset, tag_len);
	tree_grew(tree, offset + tag_len);
	return reason;
}

void tree_text(struct tree *tree, const char *bytes, size_t len)
{
	if (!tree->oversized)
		buf_append(&tree->text, bytes, len);
}

static void leave_innermost(struct tree *tree)
{
	names_end(&tree->names, tree->innermost->el.declared);
	tree->innermost =
		(struct tree_node *)tree->innermost->el.parent; /* el is its first member */
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
	leave_innermost(tree);
}

bool tree_end(struct tree *tree, size_t end)
{
	tree_grew(tree, end);
	if (!tree->oversized)
		close_innermost(tree, end);
	if (--tree->depth > 0)
		return false;
	tree_abandon(tree);
	return true;
}

void tree_abandon(struct tree *tree)
{
	while (tree->innermost != NULL)
		leave_innermost(tree);
}

void tree_grew(struct tree *tree, size_t len)
{
	if (is_above(len, tree->limits->stanza_bytes))
		tree->oversized = true;
}
