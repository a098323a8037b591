/* collection.c - which node is a child of which (XEP-0248): N 50 of the collection, N 51 of the
 * child. A node in no collection has no rows of it, and its stat says so: publishing looks no
 * further. */
#include "peppy/store.h"

#include "store/node.h"
#include "store/rows.h"

void relation_key(
	struct key *key, const struct pubsub_node *node, enum node_tag tag, uint32_t other_no)
{
	key_init_node(key, node->sid, node->no, tag);
	key_add_u32(key, other_no);
}

static bool relation_read(const struct row *row, uint32_t *other_no_out)
{
	struct bytes rest = row_rest(row, NODE_PREFIX);

	return key_take_u32(&rest, other_no_out) && rest.len == 0;
}

/* ---- one relation ---- */

/* Of a node that is gone there is nothing to count. */
static enum pubsub_error count(
	struct store_txn *txn, struct pubsub_node *node, int parents, int children)
{
	struct node_stat stat;
	enum pubsub_error err = node_stat_get(txn, node, &stat);

	if (err == PUBSUB_ERR_NODE_NOT_FOUND)
		return PUBSUB_OK;
	if (err != PUBSUB_OK)
		return err;
	stat.parents += (uint32_t)parents;
	stat.children += (uint64_t)(int64_t)children;
	return node_stat_put(txn, node, &stat);
}

static enum pubsub_error is_child(struct store_txn *txn, const struct pubsub_node *collection,
	const struct pubsub_node *child, bool *out)
{
	struct bytes value;
	struct key key;
	enum pubsub_error err;

	relation_key(&key, collection, NODE_CHILD, child->no);
	err = txn_get(txn, TREE_NODES, &key, &value);
	*out = err == PUBSUB_OK && value.data != NULL;
	return err;
}

/* Both rows, put or deleted. */
static enum pubsub_error change(struct store_txn *txn, const struct pubsub_node *collection,
	const struct pubsub_node *child,
	enum pubsub_error (*fn)(struct store_txn *txn, enum tree tree, const struct key *key))
{
	struct key key;
	enum pubsub_error err;

	relation_key(&key, collection, NODE_CHILD, child->no);
	err = fn(txn, TREE_NODES, &key);
	if (err != PUBSUB_OK)
		return err;
	relation_key(&key, child, NODE_PARENT, collection->no);
	return fn(txn, TREE_NODES, &key);
}

enum pubsub_error store_child_put(
	struct store_txn *txn, struct pubsub_node *collection, struct pubsub_node *child)
{
	bool is = false;
	enum pubsub_error err = is_child(txn, collection, child, &is);

	if (err != PUBSUB_OK || is)
		return err;
	err = txn_expect_room(txn);
	if (err == PUBSUB_OK)
		err = change(txn, collection, child, txn_put_empty);
	if (err == PUBSUB_OK)
		err = count(txn, collection, 0, 1);
	return err == PUBSUB_OK ? count(txn, child, 1, 0) : err;
}

enum pubsub_error store_child_del(
	struct store_txn *txn, struct pubsub_node *collection, struct pubsub_node *child)
{
	bool is = false;
	enum pubsub_error err = is_child(txn, collection, child, &is);

	if (err != PUBSUB_OK || !is)
		return err;
	err = change(txn, collection, child, txn_del);
	if (err == PUBSUB_OK)
		err = count(txn, collection, 0, -1);
	return err == PUBSUB_OK ? count(txn, child, -1, 0) : err;
}

/* ---- nodes that are deleted ---- */

enum pubsub_error node_leave_parents(struct store_txn *txn, const struct pubsub_node *node)
{
	struct key prefix;
	struct walk walk;
	struct row row;

	key_init_node(&prefix, node->sid, node->no, NODE_PARENT);
	walk_start(&walk, txn, TREE_NODES, &prefix);
	for (;;) {
		struct pubsub_node parent = {.sid = node->sid};
		enum pubsub_error err = walk_next(&walk, &row);

		if (err != PUBSUB_OK || row.key.data == NULL)
			return err;
		if (!relation_read(&row, &parent.no))
			return txn_corrupt(txn, TREE_NODES, row.key);
		err = change(txn, &parent, node, txn_del);
		if (err == PUBSUB_OK)
			err = count(txn, &parent, 0, -1);
		if (err != PUBSUB_OK)
			return err;
		walk_again(&walk); /* the row is gone, and the cursor's place with it */
	}
}

enum pubsub_error node_child_row_del(
	struct store_txn *txn, const struct pubsub_node *collection, const struct row *row)
{
	struct pubsub_node child = {.sid = collection->sid};
	enum pubsub_error err;

	if (!relation_read(row, &child.no))
		return txn_corrupt(txn, TREE_NODES, row->key);
	err = change(txn, collection, &child, txn_del);
	return err == PUBSUB_OK ? count(txn, &child, -1, 0) : err;
}

/* ---- lists ---- */

enum pubsub_error store_node_by_number(struct store_txn *txn, const char *service, uint32_t sid,
	uint32_t no, struct arena *arena, struct pubsub_node **out)
{
	struct pubsub_node *node = arena_alloc(arena, sizeof *node);
	enum pubsub_error err;

	node->service = service;
	node->sid = sid;
	node->no = no;
	err = node_load(txn, arena, node);
	*out = err == PUBSUB_OK ? node : NULL;
	return err == PUBSUB_ERR_NODE_NOT_FOUND ? PUBSUB_OK : err;
}

/* The nodes that the rows of a walk lead to. A collection that is gone is not one of them: its rows
 * are being erased. */
static enum pubsub_error collect(struct walk *walk, const struct pubsub_node *of, size_t limit,
	struct arena *arena, struct list *list)
{
	struct row row;
	enum pubsub_error err = PUBSUB_OK;

	while (err == PUBSUB_OK && list->n < limit) {
		struct pubsub_node node = {.service = of->service, .sid = of->sid};

		err = walk_next(walk, &row);
		if (err != PUBSUB_OK || row.key.data == NULL)
			return err;
		if (!relation_read(&row, &node.no))
			return txn_corrupt(walk->txn, TREE_NODES, row.key);
		err = node_load(walk->txn, arena, &node);
		if (err == PUBSUB_OK)
			*(struct pubsub_node *)list_add(list, sizeof node, arena) = node;
		else if (err == PUBSUB_ERR_NODE_NOT_FOUND)
			err = PUBSUB_OK;
	}
	return err;
}

enum pubsub_error store_parents_get(struct store_txn *txn, const struct pubsub_node *node,
	struct arena *arena, struct pubsub_node **out, size_t *n_out)
{
	struct list list = {0};
	struct key prefix;
	struct walk walk;
	enum pubsub_error err;

	key_init_node(&prefix, node->sid, node->no, NODE_PARENT);
	walk_start(&walk, txn, TREE_NODES, &prefix);
	err = collect(&walk, node, SIZE_MAX, arena, &list);
	*out = list.v;
	*n_out = list.n;
	return err;
}

enum pubsub_error store_children_page(struct store_txn *txn, const struct pubsub_node *collection,
	const struct store_number_range *range, struct arena *arena, struct pubsub_node **out,
	size_t *n_out)
{
	struct list list = {0};
	struct key key;
	struct walk walk;
	enum pubsub_error err;

	key_init_node(&key, collection->sid, collection->no, NODE_CHILD);
	walk_start(&walk, txn, TREE_NODES, &key);
	relation_key(&key, collection, NODE_CHILD, range->after);
	walk_after(&walk, &key);
	relation_key(&key, collection, NODE_CHILD, range->before);
	if (range->before != 0)
		walk_before(&walk, &key);
	walk.backward = range->backward;
	err = collect(&walk, collection, range->limit, arena, &list);
	if (range->backward)
		list_reverse(&list, sizeof(struct pubsub_node));
	*out = list.v;
	*n_out = list.n;
	return err;
}
