/* presence.c - presences in tree P, by full JID and the component whose server told them. */
#include "peppy/store_contacts.h"

#include "store/rows.h"
#include "store/txn.h"

static void presence_key(struct key *key, struct jid jid, const char *component)
{
	key_init(key);
	key_add_jid(key, jid);
	key_add_part(key, component);
}

bool presence_read(const struct row *row, struct arena *arena, struct store_presence *out)
{
	struct record record = record_read_start(row->value);
	struct bytes rest = row->key;
	struct key_part bare, resource, component;

	if (!key_take_part(&rest, &bare) || !key_take_part(&rest, &resource) ||
		!key_take_part(&rest, &component))
		return false;
	out->seen_us = record_read_varint(&record);
	out->caps = arena_strdup(arena, record_read_text(&record));
	out->jid = record_read_jid(&record, &bare, &resource, arena);
	out->component = record_read_part(&record, &component, arena);
	return !record.bad;
}

enum pubsub_error store_presence_put(struct store_txn *txn, const struct store_presence *presence)
{
	struct buf *record = txn_record(txn);
	struct key key;

	record_write_varint(record, presence->seen_us);
	record_write_text(record, presence->caps);
	record_write_part(record, presence->jid.bare);
	record_write_part(record, presence->jid.resource);
	record_write_part(record, presence->component);
	presence_key(&key, presence->jid, presence->component);
	return txn_put_record(txn, TREE_PRESENCES, &key);
}

enum pubsub_error store_presence_del(struct store_txn *txn, struct jid jid, const char *component)
{
	struct key key;

	presence_key(&key, jid, component);
	return txn_del(txn, TREE_PRESENCES, &key);
}

enum pubsub_error store_presences_page(struct store_txn *txn, const struct store_presence *after,
	size_t limit, struct arena *arena, struct store_presence **out, size_t *n_out)
{
	struct list list = {0};
	struct walk walk;
	struct row row;
	struct key key;
	enum pubsub_error err = PUBSUB_OK;

	walk_tree(&walk, txn, TREE_PRESENCES);
	if (after != NULL) {
		presence_key(&key, after->jid, after->component);
		walk_after(&walk, &key);
	}
	while (list.n < limit && walk_more(&walk, &row, &err)) {
		if (!presence_read(
			    &row, arena, list_add(&list, sizeof(struct store_presence), arena)))
			return txn_corrupt(txn, TREE_PRESENCES, row.key);
	}
	*out = list.v;
	*n_out = list.n;
	return err;
}
