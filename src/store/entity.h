/* entity.h - tree E: what an entity has at nodes, by its bare JID.
 * Private to src/store. */
#ifndef STORE_ENTITY_H
#define STORE_ENTITY_H

#include "store/tags.h"
#include "store/txn.h"

/* The key of an entity at a node; what comes behind is added by the caller. */
void entity_key(struct key *key, enum entity_tag tag, struct bytes bare_part,
	const struct pubsub_node *node);

/* All rows of a bare JID, at all services. */
void entity_walk(struct walk *walk, struct store_txn *txn, enum entity_tag tag, const char *bare);

/* Those of a range, from where it begins; *found_out false: there are none. */
enum pubsub_error entity_walk_range(struct walk *walk, struct store_txn *txn, enum entity_tag tag,
	const struct store_entity_range *range, bool *found_out);

struct entity_row {
	struct key_part bare;
	struct pubsub_node node; /* sid, no, node_id; node_id NULL: it has been deleted */
	struct bytes rest;       /* of the key */
};

/* The next row of the walk with its node; *found_out false: the end. */
enum pubsub_error entity_walk_next(
	struct walk *walk, struct arena *arena, struct entity_row *out, bool *found_out);

#endif
