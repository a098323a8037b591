/* due.c - what has its time, by tree T. A node with something to expire has one row, at the time
 * when its oldest item is due or before, and in its stat that time; a subscription one at its
 * due_us. */
#include "store/item.h"
#include "store/rows.h"

void node_due_key(struct key *key, const struct pubsub_node *node, uint64_t due_us)
{
	key_init(key);
	key_add_u8(key, TIME_NODE);
	key_add_u64(key, due_us);
	key_add_u32(key, node->sid);
	key_add_u32(key, node->no);
}

enum pubsub_error node_due_move(struct store_txn *txn, const struct pubsub_node *node,
	struct node_stat *stat, uint64_t due_us)
{
	struct key key;
	enum pubsub_error err = PUBSUB_OK;

	if (stat->due_us == due_us)
		return PUBSUB_OK;
	node_due_key(&key, node, stat->due_us);
	if (stat->due_us != 0)
		err = txn_del(txn, TREE_TIMES, &key);
	stat->due_us = due_us;
	if (err != PUBSUB_OK || due_us == 0)
		return err;
	node_due_key(&key, node, due_us);
	return txn_put_empty(txn, TREE_TIMES, &key);
}

enum pubsub_error node_due_by(struct store_txn *txn, const struct pubsub_node *node,
	struct node_stat *stat, uint64_t due_us)
{
	if (due_us == 0 || (stat->due_us != 0 && stat->due_us <= due_us))
		return PUBSUB_OK;
	return node_due_move(txn, node, stat, due_us);
}

enum pubsub_error store_node_due_renew(struct store_txn *txn, struct pubsub_node *node)
{
	struct pubsub_item oldest;
	struct node_stat stat;
	uint64_t due_us;
	enum pubsub_error err = node_stat_get(txn, node, &stat);

	if (err == PUBSUB_OK)
		err = item_oldest(txn, node, &stat, &oldest);
	if (err != PUBSUB_OK)
		return err;
	due_us = oldest.id != NULL ? item_expiry(node, &oldest) : 0;
	if (due_us == stat.due_us)
		return PUBSUB_OK;
	err = node_due_move(txn, node, &stat, due_us);
	return err == PUBSUB_OK ? node_stat_put(txn, node, &stat) : err;
}

#define SPARE_ROWS 1000 /* of deleted nodes, that one call may look at */

static void walk_due(struct walk *walk, struct store_txn *txn, enum time_kind kind, uint64_t now_us)
{
	struct key key;

	key_init(&key);
	key_add_u8(&key, kind);
	walk_start(walk, txn, TREE_TIMES, &key);
	key_add_u64(&key, now_us);
	key_step_over_prefix(&key);
	walk_before(walk, &key); /* up to and with now_us */
}

/* The node of a row of tree T; *rest_out: the key behind it. */
static bool take_node(const struct row *row, struct pubsub_node *node, struct bytes *rest_out)
{
	uint64_t due_us;

	*rest_out = row_rest(row, 1);
	return key_take_u64(rest_out, &due_us) && key_take_u32(rest_out, &node->sid) &&
	       key_take_u32(rest_out, &node->no);
}

static enum pubsub_error read_node(
	struct store_txn *txn, const struct row *row, struct arena *arena, struct pubsub_node *out)
{
	struct bytes rest;
	enum pubsub_error err;

	if (!take_node(row, out, &rest))
		return txn_corrupt(txn, TREE_TIMES, row->key);
	err = service_jid(txn, out->sid, arena, &out->service);
	if (err == PUBSUB_OK)
		err = node_load(txn, arena, out);
	return err == PUBSUB_ERR_NODE_NOT_FOUND ? txn_corrupt(txn, TREE_TIMES, row->key) : err;
}

enum pubsub_error store_nodes_due(struct store_txn *txn, uint64_t now_us, size_t limit,
	struct arena *arena, struct pubsub_node **out, size_t *n_out)
{
	struct list list = {0};
	struct walk walk;
	struct row row;
	enum pubsub_error err = PUBSUB_OK;

	walk_due(&walk, txn, TIME_NODE, now_us);
	while (list.n < limit && walk_more(&walk, &row, &err))
		err = read_node(
			txn, &row, arena, list_add(&list, sizeof(struct pubsub_node), arena));
	*out = list.v;
	*n_out = list.n;
	return err;
}

/* Nothing is added if the subscription waits for store_erase with its node. */
static enum pubsub_error add_subscription(
	struct store_txn *txn, const struct row *row, struct arena *arena, struct list *list)
{
	struct store_entity_subscription *found;
	struct pubsub_node node = {0};
	struct bytes rest;
	enum pubsub_error err;

	if (!take_node(row, &node, &rest))
		return txn_corrupt(txn, TREE_TIMES, row->key);
	err = node_name_find(txn, node.sid, node.no, arena, &node.node_id);
	if (err != PUBSUB_OK || node.node_id == NULL)
		return err;
	found = list_add(list, sizeof *found, arena);
	found->subscription.node_id = node.node_id;
	err = service_jid(txn, node.sid, arena, &found->service);
	if (err == PUBSUB_OK)
		err = subscription_get(txn, &node, rest, arena, &found->subscription);
	return err;
}

enum pubsub_error store_subscriptions_due(struct store_txn *txn, uint64_t now_us, size_t limit,
	struct arena *arena, struct store_entity_subscription **out, size_t *n_out)
{
	struct list list = {0};
	struct walk walk;
	struct row row;
	size_t looked_at = 0;
	enum pubsub_error err = PUBSUB_OK;

	walk_due(&walk, txn, TIME_SUBSCRIPTION, now_us);
	while (list.n < limit && looked_at++ < list.n + SPARE_ROWS && walk_more(&walk, &row, &err))
		err = add_subscription(txn, &row, arena, &list);
	*out = list.v;
	*n_out = list.n;
	return err;
}
