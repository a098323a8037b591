/* node.h - what the operations share about nodes.
 * Private to src/store. */
#ifndef STORE_NODE_H
#define STORE_NODE_H

#include "store/txn.h"

struct node_stat {
	uint64_t last_seq;
	uint64_t floor; /* items up to this seq do not exist; they wait for store_erase */
	uint64_t items;
	uint64_t subscribers;
	uint64_t pending;
	uint64_t bytes;         /* of the items' records */
	uint64_t due_us;        /* of the node's row in tree T, 0: it has none */
	const char *payload_ns; /* good until the next stat is read */
	uint32_t parents;       /* rows of collections above it, also of those being erased */
	uint64_t children;
};

/* PUBSUB_ERR_NODE_NOT_FOUND: it has been deleted. */
enum pubsub_error node_stat_get(
	struct store_txn *txn, const struct pubsub_node *node, struct node_stat *out);

/* Tells the caller's node as well. */
enum pubsub_error node_stat_put(
	struct store_txn *txn, struct pubsub_node *node, const struct node_stat *stat);

/* Has the node not been deleted? */
enum pubsub_error node_is_there(struct store_txn *txn, uint32_t sid, uint32_t no, bool *out);

/* The NodeID of a number, in the arena; NULL: it has been deleted. */
enum pubsub_error node_name_find(
	struct store_txn *txn, uint32_t sid, uint32_t no, struct arena *arena, const char **out);

/* A node with sid and no, read as a whole. PUBSUB_ERR_NODE_NOT_FOUND: it has been deleted. */
enum pubsub_error node_load(struct store_txn *txn, struct arena *arena, struct pubsub_node *node);

/* The service itself as the collection of all nodes: kept like a node, but not one of them. */
bool node_is_root(const struct pubsub_node *node);

/* A deleted node is no child any more; a row of a deleted collection goes. */
enum pubsub_error node_leave_parents(struct store_txn *txn, const struct pubsub_node *node);
enum pubsub_error node_child_row_del(
	struct store_txn *txn, const struct pubsub_node *collection, const struct row *row);

/* Moves the node's row in tree T; stat is the caller's to write. 0: there is to be none. */
enum pubsub_error node_due_move(struct store_txn *txn, const struct pubsub_node *node,
	struct node_stat *stat, uint64_t due_us);

/* The same, but no row is moved to a later time. 0: it stays. */
enum pubsub_error node_due_by(struct store_txn *txn, const struct pubsub_node *node,
	struct node_stat *stat, uint64_t due_us);

/* A job for store_erase. */
enum pubsub_error erase_later(struct store_txn *txn, const struct pubsub_node *node);

/* Does any node of the service have one? If none does, all rows are those of nodes that are there. */
enum pubsub_error erase_is_due(struct store_txn *txn, uint32_t sid, bool *out);

#endif
