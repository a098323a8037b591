/* due.c - items that have expired, by tree T. */
#include "peppy/store.h"

#include "store/item.h"
#include "store/node.h"
#include "store/service.h"

#define SPARE_ROWS 1000 /* leftovers of deleted and purged nodes that one call may look at */

static void walk_due(struct walk *walk, struct store_txn *txn, uint64_t now_us)
{
	struct key key;

	key_init(&key);
	key_add_u64(&key, now_us);
	key_add_u8(&key, TIME_ITEM);
	walk_start(walk, txn, TREE_TIMES, &key); /* up to and with now_us */
	key_init(&key);
	key_add_u64(&key, 0);
	walk_from(walk, &key);
}

struct due_row {
	struct pubsub_node node; /* sid, no */
	uint64_t seq;
};

static bool read_row(struct bytes rest, struct due_row *out)
{
	uint64_t due_us;
	unsigned kind;

	*out = (struct due_row){0};
	return key_take_u64(&rest, &due_us) && key_take_u8(&rest, &kind) && kind == TIME_ITEM &&
	       key_take_u32(&rest, &out->node.sid) && key_take_u32(&rest, &out->node.no) &&
	       key_take_u64(&rest, &out->seq);
}

static enum pubsub_error name_item(struct store_txn *txn, const struct due_row *due,
	struct arena *arena, struct store_due_item *out)
{
	struct service_record service;
	struct pubsub_item item;
	struct bytes value;
	struct key key;
	enum pubsub_error err;

	item_key(&key, &due->node, due->seq);
	err = txn_get(txn, TREE_NODES, &key, &value);
	if (err != PUBSUB_OK)
		return err;
	if (value.data == NULL || !item_read(due->seq, value, &item))
		return txn_corrupt(txn, TREE_NODES, key_bytes(&key));
	out->item_id = arena_strdup(arena, item.id);
	err = node_name_find(txn, due->node.sid, due->node.no, arena, &out->node_id);
	if (err != PUBSUB_OK)
		return err;
	return service_get(txn, due->node.sid, arena, &service, &out->service);
}

/* Nothing is added if the item waits for store_erase, alone or with its node. */
static enum pubsub_error add_due(
	struct store_txn *txn, const struct due_row *due, struct arena *arena, struct list *list)
{
	struct node_stat stat;
	enum pubsub_error err = node_stat_get(txn, &due->node, &stat);

	if (err == PUBSUB_ERR_NODE_NOT_FOUND || (err == PUBSUB_OK && due->seq <= stat.floor))
		return PUBSUB_OK;
	if (err != PUBSUB_OK)
		return err;
	return name_item(txn, due, arena, list_add(list, sizeof(struct store_due_item), arena));
}

enum pubsub_error store_items_due(struct store_txn *txn, uint64_t now_us, size_t limit,
	struct arena *arena, struct store_due_item **out, size_t *n_out)
{
	struct list list = {0};
	struct due_row due;
	struct walk walk;
	struct row row;
	size_t looked_at;
	enum pubsub_error err = PUBSUB_OK;

	walk_due(&walk, txn, now_us);
	for (looked_at = 0; list.n < limit && looked_at < list.n + SPARE_ROWS; looked_at++) {
		err = walk_next(&walk, &row);
		if (err != PUBSUB_OK || row.key.data == NULL)
			break;
		if (!read_row(row.key, &due))
			return txn_corrupt(txn, TREE_TIMES, row.key);
		err = add_due(txn, &due, arena, &list);
		if (err != PUBSUB_OK)
			break;
	}
	*out = list.v;
	*n_out = list.n;
	return err;
}
