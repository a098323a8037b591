/* item.h - what erasing and expiry need of items.
 * Private to src/store. */
#ifndef STORE_ITEM_H
#define STORE_ITEM_H

#include "store/node.h"

void item_key(struct key *key, const struct pubsub_node *node, uint64_t seq);

/* Texts and payload are not copied. false: it is no item. */
bool item_read(uint64_t seq, struct bytes value, struct pubsub_item *out);

/* When it expires, as its node is configured; 0: never. */
uint64_t item_expiry(const struct pubsub_node *node, const struct pubsub_item *item);

/* The oldest item of a node; out->id NULL: there is none. */
enum pubsub_error item_oldest(struct store_txn *txn, const struct pubsub_node *node,
	const struct node_stat *stat, struct pubsub_item *out);

/* Deletes the rows of an item: its record and its id. */
enum pubsub_error item_rows_del(
	struct store_txn *txn, const struct pubsub_node *node, const struct pubsub_item *item);

/* The same for an item at or below the floor, whose id may be that of a newer item. */
enum pubsub_error item_leftover_del(
	struct store_txn *txn, const struct pubsub_node *node, const struct pubsub_item *item);

#endif
