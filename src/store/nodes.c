/* nodes.c - the nodes of a service in the order of their numbers. What one that was deleted has
 * left behind, and gaps, are stepped over by a seek each. */
#include "peppy/store.h"

#include "store/node.h"
#include "store/service.h"

/* From the node of that number on or, backward, up to it, exclusive. */
static void walk_numbers(struct walk *walk, struct store_txn *txn, uint32_t sid,
	const struct store_number_range *range)
{
	struct key prefix, position;

	key_init(&prefix);
	key_add_u32(&prefix, sid);
	walk_start(walk, txn, TREE_NODES, &prefix);
	key_init_node(&position, sid, range->after + 1, 0);
	walk_from(walk, &position);
	key_init_node(&position, sid, range->before, 0);
	if (range->before != 0)
		walk_before(walk, &position);
	walk->backward = range->backward;
}

/* The next number that anything is kept of; 0: there is none. */
static enum pubsub_error number_next(
	struct store_txn *txn, uint32_t sid, const struct store_number_range *range, uint32_t *out)
{
	struct walk walk;
	struct row row;
	struct bytes rest;
	enum pubsub_error err;

	*out = 0;
	if (range->after == UINT32_MAX)
		return PUBSUB_OK;
	walk_numbers(&walk, txn, sid, range);
	err = walk_next(&walk, &row);
	if (err != PUBSUB_OK || row.key.data == NULL)
		return err;
	rest = row.key;
	return key_take_u32(&rest, &sid) && key_take_u32(&rest, out)
		       ? PUBSUB_OK
		       : txn_corrupt(txn, TREE_NODES, row.key);
}

static enum pubsub_error add_node(struct store_txn *txn, const struct pubsub_node *like,
	struct arena *arena, struct list *list)
{
	struct pubsub_node node = *like;
	enum pubsub_error err = node_load(txn, arena, &node);

	if (err == PUBSUB_ERR_NODE_NOT_FOUND)
		return PUBSUB_OK; /* it waits for store_erase */
	if (err == PUBSUB_OK && !node_is_root(&node))
		*(struct pubsub_node *)list_add(list, sizeof node, arena) = node;
	return err;
}

enum pubsub_error store_nodes_by_number(struct store_txn *txn, const char *service,
	const struct store_number_range *range, struct arena *arena, struct pubsub_node **nodes_out,
	size_t *n_out)
{
	struct pubsub_node node = {.service = arena_strdup(arena, service)};
	struct store_number_range left = *range;
	struct list list = {0};
	enum pubsub_error err = service_find(txn, service, &node.sid);
	bool more = node.sid != 0;

	*n_out = 0;
	*nodes_out = NULL;
	while (err == PUBSUB_OK && more && list.n < range->limit) {
		err = number_next(txn, node.sid, &left, &node.no);
		more = err == PUBSUB_OK && node.no != 0;
		*(range->backward ? &left.before : &left.after) = node.no;
		if (more)
			err = add_node(txn, &node, arena, &list);
	}
	if (err != PUBSUB_OK)
		return err;
	if (range->backward)
		list_reverse(&list, sizeof node);
	*nodes_out = list.v;
	*n_out = list.n;
	return PUBSUB_OK;
}
