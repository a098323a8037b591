/* caps.c - what capabilities want with +notify: M c by key, M o in the order of writing. Everybody
 * can invent capabilities, so that there is a bound: the one written longest ago goes. */
#include "peppy/store_contacts.h"

#include "store/txn.h"

#define CAPS_MAX 20000

static void caps_key(struct key *key, const char *name)
{
	key_init(key);
	key_add_u8(key, META_CAPS);
	key_add_part(key, name);
}

static void order_key(struct key *key, uint64_t order)
{
	key_init(key);
	key_add_u8(key, META_CAPS_ORDER);
	key_add_u64(key, order);
}

/* The first or the last row of the order; row_out->key.data NULL: there is none. */
static enum pubsub_error order_end(
	struct store_txn *txn, bool last, struct row *row_out, uint64_t *order_out)
{
	struct key prefix;
	struct walk walk;
	struct bytes rest;
	enum pubsub_error err;

	*order_out = 0;
	key_init(&prefix);
	key_add_u8(&prefix, META_CAPS_ORDER);
	walk_start(&walk, txn, TREE_META, &prefix);
	walk.backward = last;
	err = walk_next(&walk, row_out);
	if (err != PUBSUB_OK || row_out->key.data == NULL)
		return err;
	rest = row_rest(row_out, prefix.len);
	return key_take_u64(&rest, order_out) ? PUBSUB_OK
					      : txn_corrupt(txn, TREE_META, row_out->key);
}

static enum pubsub_error evict(struct store_txn *txn)
{
	struct key caps, place;
	struct record record;
	struct bytes name;
	struct row row;
	uint64_t order;
	enum pubsub_error err = order_end(txn, false, &row, &order);

	if (err != PUBSUB_OK || row.key.data == NULL)
		return err;
	record = record_read_start(row.value);
	name = record_read_rest(&record);
	if (!key_is_parts(name, 1))
		return txn_corrupt(txn, TREE_META, row.key);
	key_init(&caps);
	key_add_u8(&caps, META_CAPS);
	key_add_bytes(&caps, name);
	order_key(&place, order);
	err = txn_del(txn, TREE_META, &caps);
	return err == PUBSUB_OK ? txn_del(txn, TREE_META, &place) : err;
}

/* The place that the capabilities had; a new entry is counted and may push another one out. */
static enum pubsub_error leave_place(struct store_txn *txn, const struct key *caps)
{
	struct bytes value;
	struct record record;
	struct key place;
	uint64_t count;
	enum pubsub_error err = txn_get(txn, TREE_META, caps, &value);

	if (err != PUBSUB_OK)
		return err;
	if (value.data != NULL) {
		record = record_read_start(value);
		order_key(&place, record_read_u64(&record));
		return txn_del(txn, TREE_META, &place);
	}
	err = txn_number_get(txn, META_CAPS_COUNT, &count);
	if (err != PUBSUB_OK)
		return err;
	return count < CAPS_MAX ? txn_number_put(txn, META_CAPS_COUNT, count + 1) : evict(txn);
}

enum pubsub_error store_caps_put(
	struct store_txn *txn, const char *name, struct pubsub_texts notify)
{
	struct key caps, place;
	struct row row;
	struct buf *record;
	uint64_t last;
	enum pubsub_error err;

	caps_key(&caps, name);
	err = leave_place(txn, &caps);
	if (err == PUBSUB_OK)
		err = order_end(txn, true, &row, &last);
	if (err != PUBSUB_OK)
		return err;
	order_key(&place, last + 1);
	txn_record(txn);
	err = txn_put_with(txn, TREE_META, &place, key_rest(&caps, 1));
	if (err != PUBSUB_OK)
		return err;
	record = txn_record(txn);
	record_write_u64(record, last + 1);
	record_write_texts(record, notify);
	return txn_put_record(txn, TREE_META, &caps);
}

enum pubsub_error store_caps_get(struct store_txn *txn, const char *name, struct arena *arena,
	struct pubsub_texts *notify_out, bool *found_out)
{
	struct key caps;
	struct bytes value;
	struct record record;
	enum pubsub_error err;

	*found_out = false;
	caps_key(&caps, name);
	err = txn_get(txn, TREE_META, &caps, &value);
	if (err != PUBSUB_OK || value.data == NULL)
		return err;
	record = record_read_start(value);
	record_read_u64(&record);
	*notify_out = record_read_texts(&record, arena);
	if (record.bad)
		return txn_corrupt(txn, TREE_META, key_bytes(&caps));
	*found_out = true;
	return PUBSUB_OK;
}
