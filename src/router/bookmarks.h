/* bookmarks.h - bookmarks of rooms in both of their forms: items of a node (XEP-0402), and a list
 * that is the only item of another (XEP-0048 by XEP-0223) or private XML (XEP-0049). What is
 * changed in one is changed in the other, as long as both nodes are the account's own affair. */
#ifndef ROUTER_BOOKMARKS_H
#define ROUTER_BOOKMARKS_H

#include "own.h"

/* Does a verb of this node change bookmarks? A list that is deleted takes no items with it. */
bool bookmarks_concern(service_fn verb, const char *node_id);

/* Before the request: the list as it is; and after it has succeeded. */
MUST_CHECK enum pubsub_error bookmarks_before(
	struct own *own, const char *node_id, struct codec_bookmarks *out);
void bookmarks_after(struct own *own, const char *node_id, const struct codec_bookmarks *before);

/* The list, for private XML; appended. */
MUST_CHECK enum pubsub_error bookmarks_list(struct own *own, struct buf *out);

#endif
