/* erase.c - what was deleted and purged goes in slices: M e has a row for each node with
 * something to erase, whose byte says whether it is held back. A node that still lives loses its
 * items up to the floor, another all. */
#include "peppy/store.h"

#include "store/entity.h"
#include "store/item.h"
#include "store/node.h"
#include "store/rows.h"

#define ROWS_WHEN_LOW 50 /* at once, when there is hardly room for deleting: each touches pages */

static void job_key(struct key *key, uint32_t sid, uint32_t no)
{
	key_init(key);
	key_add_u8(key, META_ERASE);
	key_add_u32(key, sid);
	key_add_u32(key, no);
}

enum pubsub_error store_erase_hold(struct store_txn *txn, uint32_t sid, uint32_t no, bool hold)
{
	struct key key;

	job_key(&key, sid, no);
	buf_append_byte(txn_record(txn), hold);
	return txn_put_record(txn, TREE_META, &key);
}

enum pubsub_error erase_later(struct store_txn *txn, const struct pubsub_node *node)
{
	return store_erase_hold(txn, node->sid, node->no, false);
}

enum pubsub_error erase_is_due(struct store_txn *txn, uint32_t sid, bool *out)
{
	struct key key;
	struct walk walk;
	struct row row;
	enum pubsub_error err = PUBSUB_OK;

	key_init(&key);
	key_add_u8(&key, META_ERASE);
	key_add_u32(&key, sid);
	walk_start(&walk, txn, TREE_META, &key);
	*out = walk_more(&walk, &row, &err);
	return err;
}

static bool is_held(const struct row *row)
{
	struct record record = record_read_start(row->value);

	return record_read_byte(&record) != 0;
}

/* node_out->sid 0: there is no job, or none that may be done yet. */
static enum pubsub_error next_job(struct store_txn *txn, struct pubsub_node *node_out)
{
	struct key key;
	struct walk walk;
	struct row row;
	struct bytes rest;
	enum pubsub_error err;

	*node_out = (struct pubsub_node){0};
	key_init(&key);
	key_add_u8(&key, META_ERASE);
	walk_start(&walk, txn, TREE_META, &key);
	do
		err = walk_next(&walk, &row);
	while (err == PUBSUB_OK && row.key.data != NULL && is_held(&row));
	if (err != PUBSUB_OK || row.key.data == NULL)
		return err;
	rest = row_rest(&row, 1);
	if (!key_take_u32(&rest, &node_out->sid) || !key_take_u32(&rest, &node_out->no) ||
		rest.len > 0)
		return txn_corrupt(txn, TREE_META, row.key);
	return PUBSUB_OK;
}

static enum pubsub_error del_row(struct store_txn *txn, struct bytes key_of_row)
{
	struct key key;

	key_init(&key);
	key_add_bytes(&key, key_of_row);
	return txn_del(txn, TREE_NODES, &key);
}

/* The row in tree E that goes with one of a node: its parts around the node's number. */
static enum pubsub_error del_mirrored(struct store_txn *txn, const struct pubsub_node *node,
	enum entity_tag tag, const struct row *row)
{
	struct bytes rest = row_rest(row, NODE_PREFIX);
	struct key_part bare;
	struct key key;
	enum pubsub_error err;

	if (!key_take_part(&rest, &bare))
		return txn_corrupt(txn, TREE_NODES, row->key);
	entity_key(&key, tag, bare.raw, node);
	key_add_bytes(&key, rest);
	err = del_row(txn, row->key);
	return err == PUBSUB_OK ? txn_del(txn, TREE_ENTITIES, &key) : err;
}

static enum pubsub_error del_subscription(
	struct store_txn *txn, const struct pubsub_node *node, const struct row *row)
{
	struct bytes rest = row_rest(row, NODE_PREFIX);
	struct key key;
	uint64_t due_us;
	enum pubsub_error err = PUBSUB_OK;

	if (!subscription_due_read(row->value, &due_us) || !key_is_parts(rest, SUBSCRIPTION_PARTS))
		return txn_corrupt(txn, TREE_NODES, row->key);
	subscription_due_key(&key, due_us, node, rest);
	err = del_mirrored(txn, node, ENTITY_SUBSCRIPTION, row);
	return err == PUBSUB_OK && due_us != 0 ? txn_del(txn, TREE_TIMES, &key) : err;
}

static enum pubsub_error del_item(
	struct store_txn *txn, const struct pubsub_node *node, const struct row *row)
{
	struct bytes rest = row_rest(row, NODE_PREFIX);
	struct pubsub_item item;
	uint64_t seq;

	if (!key_take_u64(&rest, &seq) || rest.len > 0 || !item_read(seq, row->value, &item))
		return txn_corrupt(txn, TREE_NODES, row->key);
	return item_leftover_del(txn, node, &item);
}

static enum pubsub_error erase_row(
	struct store_txn *txn, const struct pubsub_node *node, const struct row *row)
{
	struct bytes rest = row_rest(row, NODE_PREFIX - 1);
	unsigned tag;

	if (!key_take_u8(&rest, &tag))
		return txn_corrupt(txn, TREE_NODES, row->key);
	switch (tag) {
	case NODE_AFFILIATION:
		return del_mirrored(txn, node, ENTITY_AFFILIATION, row);
	case NODE_SUBSCRIPTION:
		return del_subscription(txn, node, row);
	case NODE_ITEM:
		return del_item(txn, node, row);
	case NODE_CHILD:
		return node_child_row_del(txn, node, row);
	default:
		return del_row(txn, row->key);
	}
}

/* All rows of the node that are to go. */
static enum pubsub_error walk_doomed(
	struct walk *walk, struct store_txn *txn, const struct pubsub_node *node)
{
	struct node_stat stat;
	struct key key;
	enum pubsub_error err = node_stat_get(txn, node, &stat);

	key_init(&key);
	key_add_u32(&key, node->sid);
	key_add_u32(&key, node->no);
	if (err == PUBSUB_OK)
		key_add_u8(&key, NODE_ITEM);
	walk_start(walk, txn, TREE_NODES, &key);
	if (err == PUBSUB_ERR_NODE_NOT_FOUND)
		return PUBSUB_OK;
	item_key(&key, node, stat.floor + 1);
	walk_before(walk, &key);
	return err;
}

/* Rows of the job, and the job itself when there is none any more; *rows: how many may go. */
static enum pubsub_error erase_node(
	struct store_txn *txn, const struct pubsub_node *node, size_t *rows)
{
	struct walk walk;
	struct row row;
	struct key key;
	enum pubsub_error err = walk_doomed(&walk, txn, node);

	for (; err == PUBSUB_OK && *rows > 0; --*rows) {
		walk_again(&walk); /* the last row is gone, and the cursor's place with it */
		err = walk_next(&walk, &row);
		if (err == PUBSUB_OK && row.key.data == NULL) {
			job_key(&key, node->sid, node->no);
			return txn_del(txn, TREE_META, &key);
		}
		if (err == PUBSUB_OK)
			err = erase_row(txn, node, &row);
	}
	return err;
}

enum pubsub_error store_erase(struct store_txn *txn, size_t rows, bool *more_out)
{
	struct pubsub_node node;
	enum pubsub_error err = next_job(txn, &node);

	if (txn->store->engine->low && rows > ROWS_WHEN_LOW)
		rows = ROWS_WHEN_LOW;
	while (err == PUBSUB_OK && node.sid != 0 && rows > 0) {
		err = erase_node(txn, &node, &rows);
		if (err == PUBSUB_OK)
			err = next_job(txn, &node);
	}
	*more_out = node.sid != 0;
	return err;
}
