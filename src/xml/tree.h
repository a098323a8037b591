/* tree.h - builds the tree of one stanza from what expat reports, within limits. */
#ifndef XML_TREE_H
#define XML_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "peppy/arena.h"
#include "peppy/buf.h"
#include "peppy/xml.h"
#include "xml/parser_names.h"

struct tree_node;

/* All zero but limits before the first tree_begin. */
struct tree {
	const struct xml_limits *limits;
	struct arena *arena; /* of the stanza under way, or of the last one */
	struct xml_element *root;
	struct tree_node *innermost; /* of the open elements that were built */
	size_t depth;                /* of open elements, built or not */
	size_t elements;
	bool oversized; /* a limit struck: nothing is built any more */

	struct names names; /* declared by the open elements that were built, and around them */
	struct buf text;    /* of these elements, the innermost one's last */
};

/* What is in force stays in force. */
void tree_begin(struct tree *tree, struct arena *arena);
void tree_finish(struct tree *tree); /* nothing of a built stanza goes */

/* What expat reports. Positions are counted in bytes from the stanza's first one. Of a tag that is
 * built, names are checked too: why it is not well-formed, NULL if it is. */
MUST_CHECK const char *tree_start(
	struct tree *tree, const char *name, const char **attrs, size_t offset, size_t tag_len);
void tree_text(struct tree *tree, const char *bytes, size_t len);
bool tree_end(struct tree *tree, size_t end); /* whether the stanza is whole */

/* Instead of the end: what its elements declare is no more in force. */
void tree_abandon(struct tree *tree);

/* The stanza is at least that long. */
void tree_grew(struct tree *tree, size_t len);

#endif
