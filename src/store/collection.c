/* collection.c - which node is a child of which (XEP-0248): N 50 of the collection, N 51 of the child.
 * A node in no collection has no rows of it, and its stat says so: publishing looks no further. */
#include "peppy/store.h"

#include "store/node.h"
#include "store/rows.h"

/* ---- keys and records ---- */

void child_key(struct key *key, const struct pubsub_node *collection, const char *child_id)
{
	key_init_node(key, collection->sid, collection->no, NODE_CHILD);
	key_add_part(key, child_id);
}

void parent_key(struct key *key, uint32_t sid, uint32_t child_no, uint32_t parent_no)
{
	key_init_node(key, sid, child_no, NODE_PARENT);
	key_add_u32(key, parent_no);
}

bool child_read(struct bytes value, uint32_t *no_out)
{
	struct record record = record_read_start(value);

	*no_out = (uint32_t)record_read_varint(&record);
	return !record.bad;
}

bool parent_read(const struct row *row, uint32_t *no_out)
{
	struct bytes rest = row_rest(row, NODE_PREFIX);

	return key_take_u32(&rest, no_out) && rest.len == 0;
}

/* ---- counters ---- */

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

/* ---- one relation ---- */

static enum pubsub_error is_child(struct store_txn *txn, const struct pubsub_node *collection,
	const struct pubsub_node *child, bool *out)
{
	struct bytes value;
	struct key key;
	enum pubsub_error err;

	child_key(&key, collection, child->node_id);
	err = txn_get(txn, TREE_NODES, &key, &value);
	*out = err == PUBSUB_OK && value.data != NULL;
	return err;
}

static enum pubsub_error put_rows(struct store_txn *txn, const struct pubsub_node *collection,
	const struct pubsub_node *child)
{
	struct buf *record = txn_record(txn);
	struct key key;
	enum pubsub_error err;

	child_key(&key, collection, child->node_id);
	record_write_varint(record, child->no);
	record_write_part(record, child->node_id);
	err = txn_put_record(txn, TREE_NODES, &key, (struct bytes){0});
	if (err != PUBSUB_OK)
		return err;
	parent_key(&key, child->sid, child->no, collection->no);
	return txn_put_empty(txn, TREE_NODES, &key);
}

static enum pubsub_error del_rows(struct store_txn *txn, const struct pubsub_node *collection,
	const struct pubsub_node *child)
{
	struct key key;
	enum pubsub_error err;

	child_key(&key, collection, child->node_id);
	err = txn_del(txn, TREE_NODES, &key);
	if (err != PUBSUB_OK)
		return err;
	parent_key(&key, child->sid, child->no, collection->no);
	return txn_del(txn, TREE_NODES, &key);
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
		err = put_rows(txn, collection, child);
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
	err = del_rows(txn, collection, child);
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
		if (!parent_read(&row, &parent.no))
			return txn_corrupt(txn, TREE_NODES, row.key);
		err = del_rows(txn, &parent, node);
		if (err == PUBSUB_OK)
			err = count(txn, &parent, 0, -1);
		if (err != PUBSUB_OK)
			return err;
		walk.started = false; /* the row is gone, and the cursor's place with it */
	}
}

enum pubsub_error node_child_row_del(
	struct store_txn *txn, const struct pubsub_node *collection, const struct row *row)
{
	struct pubsub_node child = {.sid = collection->sid};
	struct key key;
	enum pubsub_error err;

	if (!child_read(row->value, &child.no))
		return txn_corrupt(txn, TREE_NODES, row->key);
	key_init(&key);
	key_add_bytes(&key, row->key);
	err = txn_del(txn, TREE_NODES, &key);
	if (err != PUBSUB_OK)
		return err;
	parent_key(&key, child.sid, child.no, collection->no);
	err = txn_del(txn, TREE_NODES, &key);
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

enum pubsub_error store_parents_get(struct store_txn *txn, const struct pubsub_node *node,
	struct arena *arena, struct pubsub_node **out, size_t *n_out)
{
	struct list list = {0};
	struct key prefix;
	struct walk walk;
	struct row row;
	enum pubsub_error err = PUBSUB_OK;

	key_init_node(&prefix, node->sid, node->no, NODE_PARENT);
	walk_start(&walk, txn, TREE_NODES, &prefix);
	while (err == PUBSUB_OK) {
		struct pubsub_node parent = {.service = node->service, .sid = node->sid};

		err = walk_next(&walk, &row);
		if (err != PUBSUB_OK || row.key.data == NULL)
			break;
		if (!parent_read(&row, &parent.no))
			return txn_corrupt(txn, TREE_NODES, row.key);
		err = node_load(txn, arena, &parent);
		if (err == PUBSUB_OK)
			*(struct pubsub_node *)list_add(&list, sizeof parent, arena) = parent;
		else if (err == PUBSUB_ERR_NODE_NOT_FOUND)
			err = PUBSUB_OK; /* its rows are being erased */
	}
	*out = list.v;
	*n_out = list.n;
	return err;
}

enum pubsub_error store_children_page(struct store_txn *txn, const struct pubsub_node *collection,
	const struct store_range *range, struct arena *arena, struct pubsub_node **out,
	size_t *n_out)
{
	struct list list = {0};
	struct key prefix;
	struct walk walk;
	struct row row;
	enum pubsub_error err = PUBSUB_OK;

	key_init_node(&prefix, collection->sid, collection->no, NODE_CHILD);
	walk_start(&walk, txn, TREE_NODES, &prefix);
	walk_range(&walk, &prefix, range);
	while (err == PUBSUB_OK && list.n < range->limit) {
		struct pubsub_node child = {.service = collection->service, .sid = collection->sid};

		err = walk_next(&walk, &row);
		if (err != PUBSUB_OK || row.key.data == NULL)
			break;
		if (!child_read(row.value, &child.no))
			return txn_corrupt(txn, TREE_NODES, row.key);
		err = node_load(txn, arena, &child);
		if (err == PUBSUB_OK)
			*(struct pubsub_node *)list_add(&list, sizeof child, arena) = child;
	}
	if (range->backward)
		list_reverse(&list, sizeof(struct pubsub_node));
	*out = list.v;
	*n_out = list.n;
	return err;
}
