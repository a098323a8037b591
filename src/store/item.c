/* item.c - items: N 20 in the order of publication, N 30 from ItemID to seq. */
#include "store/item.h"

#include "store/node.h"
#include "store/rows.h"

/* ---- keys and records ---- */

void item_key(struct key *key, const struct pubsub_node *node, uint64_t seq)
{
	key_init_node(key, node->sid, node->no, NODE_ITEM);
	key_add_u64(key, seq);
}

void item_id_key(struct key *key, const struct pubsub_node *node, const char *item_id)
{
	key_init_node(key, node->sid, node->no, NODE_ITEM_ID);
	key_add_part(key, item_id);
}

/* Texts that are absent and a payload that is absent are told from empty ones. */
enum item_flags { ITEM_PAYLOAD = 1 };

static void write_item(struct buf *record, const struct pubsub_item *item)
{
	buf_append_byte(record, item->payload != NULL ? ITEM_PAYLOAD : 0);
	record_write_delta(record, item->published_us, item->seq);
	record_write_delta(record, item->created_us, item->published_us);
	record_write_text(record, item->id);
	record_write_text(record, item->publisher);
	record_write_text(record, item->payload_ns);
	record_write_text(record, item->payload_name);
}

bool item_read(uint64_t seq, struct bytes value, struct pubsub_item *out)
{
	struct record record = record_read_start(value);
	unsigned flags = record_read_byte(&record);
	struct bytes payload;

	*out = (struct pubsub_item){.seq = seq};
	out->published_us = record_read_delta(&record, seq);
	out->created_us = record_read_delta(&record, out->published_us);
	out->id = record_read_text(&record);
	out->publisher = record_read_text(&record);
	out->payload_ns = record_read_text(&record);
	out->payload_name = record_read_text(&record);
	payload = record_read_rest(&record);
	if ((flags & ITEM_PAYLOAD) != 0) {
		out->payload = (const char *)payload.data;
		out->payload_len = payload.len;
	}
	return !record.bad && out->id != NULL;
}

/* It is not kept with the item, so that a changed configuration is true of all of them at once. */
uint64_t item_expiry(const struct pubsub_node *node, const struct pubsub_item *item)
{
	uint32_t expire_s = node->config.item_expire_s;

	return expire_s != PUBSUB_MAX && expire_s != 0
		       ? item->published_us + expire_s * UINT64_C(1000000)
		       : 0;
}

/* ---- one item ---- */

struct item_found {
	bool found;
	size_t bytes; /* of its record */
	struct pubsub_item item;
};

static enum pubsub_error seq_find(struct store_txn *txn, const struct pubsub_node *node,
	const char *item_id, uint64_t *out) /* 0: there is none */
{
	struct key key;
	struct bytes value;
	struct record record;
	enum pubsub_error err;

	*out = 0;
	item_id_key(&key, node, item_id);
	err = txn_get(txn, TREE_NODES, &key, &value);
	if (err != PUBSUB_OK || value.data == NULL)
		return err;
	record = record_read_start(value);
	*out = record_read_u64(&record);
	return record.bad ? txn_corrupt(txn, TREE_NODES, key_bytes(&key)) : PUBSUB_OK;
}

static enum pubsub_error seq_put(
	struct store_txn *txn, const struct pubsub_node *node, const struct pubsub_item *item)
{
	struct key key;

	item_id_key(&key, node, item->id);
	record_write_u64(txn_record(txn), item->seq);
	return txn_put_record(txn, TREE_NODES, &key);
}

/* An item that a purge has left to store_erase is not found. */
static enum pubsub_error find(struct store_txn *txn, const struct pubsub_node *node,
	const struct node_stat *stat, const char *item_id, struct item_found *out)
{
	struct key key;
	struct bytes value;
	uint64_t seq;
	enum pubsub_error err = seq_find(txn, node, item_id, &seq);

	out->found = false;
	if (err != PUBSUB_OK || seq <= stat->floor)
		return err;
	item_key(&key, node, seq);
	err = txn_get(txn, TREE_NODES, &key, &value);
	if (err != PUBSUB_OK)
		return err;
	if (value.data == NULL || !item_read(seq, value, &out->item))
		return txn_corrupt(txn, TREE_NODES, key_bytes(&key));
	out->item.expires_us = item_expiry(node, &out->item);
	out->found = true;
	out->bytes = value.len;
	return PUBSUB_OK;
}

/* All but the row of its id, which is about to lead to another item. */
static enum pubsub_error record_del(
	struct store_txn *txn, const struct pubsub_node *node, const struct pubsub_item *item)
{
	struct key key;

	item_key(&key, node, item->seq);
	return txn_del(txn, TREE_NODES, &key);
}

enum pubsub_error item_rows_del(
	struct store_txn *txn, const struct pubsub_node *node, const struct pubsub_item *item)
{
	struct key key;
	enum pubsub_error err;

	/* before the first write: the id may stand in the record */
	item_id_key(&key, node, item->id);
	err = record_del(txn, node, item);
	return err == PUBSUB_OK ? txn_del(txn, TREE_NODES, &key) : err;
}

enum pubsub_error item_leftover_del(
	struct store_txn *txn, const struct pubsub_node *node, const struct pubsub_item *item)
{
	uint64_t seq;
	enum pubsub_error err = seq_find(txn, node, item->id, &seq);

	if (err != PUBSUB_OK)
		return err;
	return seq == item->seq ? item_rows_del(txn, node, item) : record_del(txn, node, item);
}

/* ---- publishing ---- */

static enum pubsub_error rows_put(struct store_txn *txn, const struct pubsub_node *node,
	const struct pubsub_item *item, uint64_t *bytes_out)
{
	struct buf *record = txn_record(txn);
	const struct bytes payload = {(const unsigned char *)item->payload,
		item->payload != NULL ? item->payload_len : 0};
	struct key key;
	enum pubsub_error err;

	write_item(record, item);
	*bytes_out = record->len + payload.len;
	item_key(&key, node, item->seq);
	err = txn_put_with(txn, TREE_NODES, &key, payload);
	return err == PUBSUB_OK ? seq_put(txn, node, item) : err;
}

/* Takes the item that is replaced off the books. */
static enum pubsub_error replace(struct store_txn *txn, const struct pubsub_node *node,
	const struct item_found *old, struct node_stat *stat, struct pubsub_item *item)
{
	item->created_us = old->item.created_us;
	stat->items--;
	stat->bytes -= old->bytes;
	return record_del(txn, node, &old->item);
}

enum pubsub_error store_item_put(struct store_txn *txn, struct pubsub_node *node,
	struct pubsub_item *item, bool *replaced_out)
{
	struct node_stat stat;
	struct item_found old;
	uint64_t bytes;
	enum pubsub_error err = txn_expect_room(txn);

	if (err == PUBSUB_OK)
		err = node_stat_get(txn, node, &stat);
	if (err == PUBSUB_OK)
		err = find(txn, node, &stat, item->id, &old);
	if (err != PUBSUB_OK)
		return err;
	*replaced_out = old.found;
	if (item->created_us == 0)
		item->created_us = item->published_us;
	if (old.found)
		err = replace(txn, node, &old, &stat, item);
	if (err != PUBSUB_OK)
		return err;
	/* The clock may have gone back: the order of publication does not. */
	item->seq = item->published_us > stat.last_seq ? item->published_us : stat.last_seq + 1;
	item->expires_us = item_expiry(node, item);
	err = rows_put(txn, node, item, &bytes);
	if (err == PUBSUB_OK)
		err = node_due_by(txn, node, &stat, item->expires_us);
	if (err != PUBSUB_OK)
		return err;
	stat.last_seq = item->seq;
	stat.items++;
	stat.bytes += bytes;
	if (item->payload_ns != NULL)
		stat.payload_ns = item->payload_ns;
	return node_stat_put(txn, node, &stat);
}

static enum pubsub_error get(struct store_txn *txn, const struct pubsub_node *node,
	const char *item_id, struct node_stat *stat_out, struct item_found *item_out)
{
	enum pubsub_error err = node_stat_get(txn, node, stat_out);

	if (err == PUBSUB_OK)
		err = find(txn, node, stat_out, item_id, item_out);
	if (err == PUBSUB_OK && !item_out->found)
		err = PUBSUB_ERR_ITEM_NOT_FOUND;
	return err;
}

enum pubsub_error store_item_get(struct store_txn *txn, const struct pubsub_node *node,
	const char *item_id, struct pubsub_item *out)
{
	struct node_stat stat;
	struct item_found found;
	enum pubsub_error err = get(txn, node, item_id, &stat, &found);

	if (err == PUBSUB_OK)
		*out = found.item;
	return err;
}

enum pubsub_error store_item_del(
	struct store_txn *txn, struct pubsub_node *node, const char *item_id)
{
	struct node_stat stat;
	struct item_found old;
	enum pubsub_error err = get(txn, node, item_id, &stat, &old);

	if (err != PUBSUB_OK)
		return err;
	stat.items--;
	stat.bytes -= old.bytes;
	err = item_rows_del(txn, node, &old.item);
	return err == PUBSUB_OK ? node_stat_put(txn, node, &stat) : err;
}
