/* silence.c - domains that cannot be reached, M u by domain, so that a restart does not make them
 * reachable. */
#include "peppy/store_contacts.h"

#include "store/rows.h"
#include "store/txn.h"

static void silence_key(struct key *key, const char *domain)
{
	key_init(key);
	key_add_u8(key, META_SILENCE);
	key_add_part(key, domain);
}

bool silence_read(const struct row *row, struct arena *arena, struct store_silence *out)
{
	struct record record = record_read_start(row->value);
	struct bytes rest = row_rest(row, 1);
	struct key_part domain;

	if (!key_take_part(&rest, &domain) || rest.len > 0)
		return false;
	out->since_us = record_read_varint(&record);
	out->last_us = record_read_varint(&record);
	out->domain = record_read_part(&record, &domain, arena);
	return !record.bad;
}

enum pubsub_error store_silence_put(struct store_txn *txn, const struct store_silence *silence)
{
	struct buf *record = txn_record(txn);
	struct key key;

	record_write_varint(record, silence->since_us);
	record_write_varint(record, silence->last_us);
	record_write_part(record, silence->domain);
	silence_key(&key, silence->domain);
	return txn_put_record(txn, TREE_META, &key);
}

enum pubsub_error store_silence_del(struct store_txn *txn, const char *domain)
{
	struct key key;

	silence_key(&key, domain);
	return txn_del(txn, TREE_META, &key);
}

enum pubsub_error store_silences_page(struct store_txn *txn, const char *after, size_t limit,
	struct arena *arena, struct store_silence **out, size_t *n_out)
{
	struct list list = {0};
	struct key prefix, key;
	struct walk walk;
	struct row row;
	enum pubsub_error err = PUBSUB_OK;

	key_init(&prefix);
	key_add_u8(&prefix, META_SILENCE);
	walk_start(&walk, txn, TREE_META, &prefix);
	if (after != NULL) {
		silence_key(&key, after);
		walk_after(&walk, &key);
	}
	while (list.n < limit && walk_more(&walk, &row, &err)) {
		if (!silence_read(
			    &row, arena, list_add(&list, sizeof(struct store_silence), arena)))
			return txn_corrupt(txn, TREE_META, row.key);
	}
	*out = list.v;
	*n_out = list.n;
	return err;
}
