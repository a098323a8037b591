/* tree.h - builds the tree of one stanza from what expat reports, within limits. */
#ifndef XML_TREE_H
#define XML_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "peppy/arena.h"
#include "peppy/buf.h"
#include "peppy/xml.h"

#define XML_NS "http://www.w3.org/XML/1998/namespace" /* of the prefix xml */
#define XML_SEPARATOR '\x01' /* between namespace and name: no character of XML 1.0 */

#define TREE_RECENT 8

struct tree_uri {
	const char *uri;
	size_t len;
};

struct tree_node;

/* All zero but limits before the first tree_begin. */
struct tree {
	const struct xml_limits *limits;
	struct arena *arena; /* of the stanza under way, or of the last one */
	struct xml_element *root;
	struct tree_node *innermost; /* of the open elements that were built */
	size_t depth;                /* of open elements, built or not */
	size_t elements;
	size_t copied;  /* bytes of namespaces, for the names of the stanza */
	bool oversized; /* a limit struck: nothing is built any more */

	struct xml_ns *declared, **declared_end; /* wait for the element that follows */
	size_t declared_count;

	struct buf text; /* of the open elements, the innermost one's last */

	struct tree_uri recent[TREE_RECENT]; /* namespaces of the stanza that were copied */
	unsigned recent_at;
};

void tree_begin(struct tree *tree, struct arena *arena);
void tree_finish(struct tree *tree); /* nothing of a built stanza goes */

/* What expat reports. Positions are counted in bytes from the stanza's first one. */
void tree_declare(struct tree *tree, const char *prefix, const char *uri); /* NULL as in expat */
void tree_start(
	struct tree *tree, const char *name, const char **attrs, size_t offset, size_t tag_len);
void tree_text(struct tree *tree, const char *bytes, size_t len);
bool tree_end(struct tree *tree, size_t end); /* whether the stanza is whole */

/* The stanza is at least that long. */
void tree_grew(struct tree *tree, size_t len);

#endif
