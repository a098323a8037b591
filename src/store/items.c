/* items.c - many items of a node: pages, positions, trimming. */
#include "store/item.h"
#include "store/node.h"

#include <string.h>

#define TRIM_AT_ONCE 1000 /* more than these are left to store_erase */

/* All items there are, in the order of publication. */
static void walk_items(struct walk *walk, struct store_txn *txn, const struct pubsub_node *node,
	const struct node_stat *stat)
{
	struct key key;

	key_init_node(&key, node->sid, node->no, NODE_ITEM);
	walk_start(walk, txn, TREE_NODES, &key);
	item_key(&key, node, stat->floor);
	walk_after(walk, &key);
}

/* out->id NULL: the end. */
static enum pubsub_error next_item(struct walk *walk, struct pubsub_item *out, size_t *bytes_out)
{
	struct row row;
	struct bytes seq_bytes;
	uint64_t seq;
	enum pubsub_error err = walk_next(walk, &row);

	out->id = NULL;
	if (err != PUBSUB_OK || row.key.data == NULL)
		return err;
	seq_bytes = row_rest(&row, NODE_PREFIX);
	if (!key_take_u64(&seq_bytes, &seq) || !item_read(seq, row.value, out))
		return txn_corrupt(walk->txn, TREE_NODES, row.key);
	*bytes_out = row.value.len;
	return PUBSUB_OK;
}

enum pubsub_error item_oldest(struct store_txn *txn, const struct pubsub_node *node,
	const struct node_stat *stat, struct pubsub_item *out)
{
	struct walk walk;
	size_t bytes;

	walk_items(&walk, txn, node, stat);
	return next_item(&walk, out, &bytes);
}

static size_t bytes_of(const struct pubsub_item *item)
{
	return strlen(item->id) + item->payload_len;
}

static void limit_walk(struct walk *walk, const struct pubsub_node *node,
	const struct node_stat *stat, const struct store_item_range *range)
{
	struct key key;

	if (range->after_seq > stat->floor) {
		item_key(&key, node, range->after_seq);
		walk_after(walk, &key);
	}
	if (range->before_seq != 0) {
		item_key(&key, node, range->before_seq);
		walk_before(walk, &key);
	}
	walk->backward = range->backward;
}

enum pubsub_error store_items_page(struct store_txn *txn, const struct pubsub_node *node,
	const struct store_item_range *range, struct arena *arena, struct pubsub_item **items_out,
	size_t *n_out)
{
	struct node_stat stat;
	struct list list = {0};
	struct walk walk;
	struct pubsub_item item;
	size_t bytes, sum = 0;
	enum pubsub_error err = node_stat_get(txn, node, &stat);

	if (err != PUBSUB_OK)
		return err;
	walk_items(&walk, txn, node, &stat);
	limit_walk(&walk, node, &stat, range);
	while (list.n < range->limit) {
		err = next_item(&walk, &item, &bytes);
		if (err != PUBSUB_OK)
			return err;
		if (item.id == NULL)
			break;
		sum += bytes_of(&item);
		if (range->bytes != 0 && sum > range->bytes && list.n > 0)
			break;
		item.expires_us = item_expiry(node, &item);
		*(struct pubsub_item *)list_add(&list, sizeof item, arena) = item;
	}
	if (range->backward)
		list_reverse(&list, sizeof item);
	*items_out = list.v;
	*n_out = list.n;
	return PUBSUB_OK;
}

enum pubsub_error store_items_seek(
	struct store_txn *txn, const struct pubsub_node *node, uint64_t skip, uint64_t *seq_out)
{
	struct node_stat stat;
	struct walk walk;
	struct pubsub_item item;
	size_t bytes;
	enum pubsub_error err = node_stat_get(txn, node, &stat);

	if (err != PUBSUB_OK)
		return err;
	if (skip >= stat.items)
		return PUBSUB_ERR_ITEM_NOT_FOUND;
	walk_items(&walk, txn, node, &stat);
	do {
		err = next_item(&walk, &item, &bytes);
		if (err != PUBSUB_OK)
			return err;
	} while (item.id != NULL && skip-- > 0);
	*seq_out = item.id != NULL ? item.seq : 0;
	return item.id != NULL ? PUBSUB_OK : PUBSUB_ERR_ITEM_NOT_FOUND;
}

/* ---- trimming ---- */

/* The n oldest items, their ids in the arena; their records' bytes are added up. */
static enum pubsub_error take_oldest(
	struct walk *walk, uint64_t n, struct arena *arena, struct list *list, uint64_t *bytes_out)
{
	struct pubsub_item item;
	size_t bytes;
	enum pubsub_error err;

	*bytes_out = 0;
	while (list->n < n) {
		err = next_item(walk, &item, &bytes);
		if (err != PUBSUB_OK)
			return err;
		if (item.id == NULL)
			break;
		item.id = arena_strdup(arena, item.id);
		*(struct pubsub_item *)list_add(list, sizeof item, arena) = item;
		*bytes_out += bytes;
	}
	return PUBSUB_OK;
}

static enum pubsub_error del_all(
	struct store_txn *txn, const struct pubsub_node *node, const struct list *list)
{
	const struct pubsub_item *items = list->v;
	enum pubsub_error err = PUBSUB_OK;
	size_t i;

	for (i = 0; i < list->n && err == PUBSUB_OK; i++)
		err = item_rows_del(txn, node, &items[i]);
	return err;
}

static struct pubsub_texts ids_of(const struct list *list, struct arena *arena)
{
	const struct pubsub_item *items = list->v;
	const char **ids = arena_alloc(arena, list->n * sizeof *ids);
	size_t i;

	for (i = 0; i < list->n; i++)
		ids[i] = items[i].id;
	return (struct pubsub_texts){ids, list->n};
}

enum pubsub_error store_items_trim(struct store_txn *txn, struct pubsub_node *node, uint64_t keep,
	struct arena *arena, struct pubsub_texts *ids_out)
{
	struct node_stat stat;
	struct list list = {0};
	struct walk walk;
	uint64_t bytes;
	enum pubsub_error err = node_stat_get(txn, node, &stat);

	*ids_out = (struct pubsub_texts){0};
	if (err != PUBSUB_OK || stat.items <= keep)
		return err;
	walk_items(&walk, txn, node, &stat);
	err = take_oldest(&walk, stat.items - keep, arena, &list, &bytes);
	if (err != PUBSUB_OK || list.n == 0)
		return err;
	stat.items -= list.n;
	stat.bytes -= bytes;
	if (list.n > TRIM_AT_ONCE) {
		stat.floor = ((struct pubsub_item *)list.v)[list.n - 1].seq;
		err = erase_later(txn, node);
	} else {
		err = del_all(txn, node, &list);
	}
	if (err != PUBSUB_OK)
		return err;
	*ids_out = ids_of(&list, arena);
	return node_stat_put(txn, node, &stat);
}
