/* roster.c - contact lists of accounts: N no=0 03 a contact each, N no=0 04 when they were fetched,
 * E 04 back from a contact to the accounts that let it see their events. */
#include "peppy/store_contacts.h"

#include <string.h>

#include "peppy/map.h"
#include "store/rows.h"
#include "store/service.h"

static void contact_key(struct key *key, uint32_t sid, const char *jid)
{
	key_init_node(key, sid, 0, SERVICE_CONTACT);
	key_add_part(key, jid);
}

void contact_back_key(struct key *key, uint32_t sid, struct bytes jid_part)
{
	key_init(key);
	key_add_u8(key, ENTITY_CONTACT);
	key_add_bytes(key, jid_part);
	key_add_u32(key, sid);
}

bool store_contact_may_see(const struct store_contact *contact)
{
	return contact->subscription == STORE_ROSTER_FROM ||
	       contact->subscription == STORE_ROSTER_BOTH;
}

bool contact_read(const struct row *row, struct arena *arena, struct store_contact *out)
{
	struct record record = record_read_start(row->value);
	struct bytes rest = row_rest(row, NODE_PREFIX);
	unsigned subscription = record_read_byte(&record);
	struct key_part part;

	if (subscription > STORE_ROSTER_BOTH || !key_take_part(&rest, &part))
		return false;
	out->subscription = (enum store_roster_subscription)subscription;
	out->groups = record_read_texts(&record, arena);
	out->jid = record_read_part(&record, &part, arena);
	return !record.bad;
}

/* ---- replacing a list ---- */

/* The row back to the account follows; the list as it is mostly stays what it was. */
static enum pubsub_error contact_put(
	struct store_txn *txn, uint32_t sid, const struct store_contact *contact)
{
	struct buf *record = txn_record(txn);
	struct key key, back;
	struct bytes old;
	enum pubsub_error err;

	buf_append_byte(record, (char)contact->subscription);
	record_write_texts(record, contact->groups);
	record_write_part(record, contact->jid);
	contact_key(&key, sid, contact->jid);
	err = txn_get(txn, TREE_NODES, &key, &old);
	if (err != PUBSUB_OK)
		return err;
	if (old.data != NULL && old.len == record->len &&
		memcmp(old.data, record->data, old.len) == 0)
		return PUBSUB_OK;
	err = txn_put_record(txn, TREE_NODES, &key);
	if (err != PUBSUB_OK)
		return err;
	contact_back_key(&back, sid, key_rest(&key, NODE_PREFIX));
	return store_contact_may_see(contact) ? txn_put_empty(txn, TREE_ENTITIES, &back)
					      : txn_del(txn, TREE_ENTITIES, &back);
}

/* With what stands at the contact's; *key_out is a copy of row_key, which does not outlive this. */
static enum pubsub_error contact_del(
	struct store_txn *txn, uint32_t sid, struct bytes row_key, struct key *key_out)
{
	struct key back;
	enum pubsub_error err;

	key_init(key_out);
	key_add_bytes(key_out, row_key);
	contact_back_key(&back, sid, key_rest(key_out, NODE_PREFIX));
	err = txn_del(txn, TREE_NODES, key_out);
	return err == PUBSUB_OK ? txn_del(txn, TREE_ENTITIES, &back) : err;
}

/* Deletes the contacts that are not in keep. */
static enum pubsub_error del_others(
	struct store_txn *txn, uint32_t sid, struct map *keep, struct arena *arena)
{
	struct store_contact contact;
	struct walk walk;
	struct row row;
	struct key key;
	enum pubsub_error err = PUBSUB_OK;

	key_init_node(&key, sid, 0, SERVICE_CONTACT);
	walk_start(&walk, txn, TREE_NODES, &key);
	while (walk_more(&walk, &row, &err)) {
		if (!contact_read(&row, arena, &contact))
			return txn_corrupt(txn, TREE_NODES, row.key);
		if (map_find(keep, contact.jid) != NULL)
			continue;
		err = contact_del(txn, sid, row.key, &key);
		walk_after(&walk, &key);
	}
	return err;
}

static enum pubsub_error replace(
	struct store_txn *txn, uint32_t sid, const struct store_contact *contacts, size_t n)
{
	struct arena *arena = arena_create();
	struct map *keep = map_create(0, NULL);
	enum pubsub_error err;
	size_t i;

	for (i = 0; i < n; i++)
		map_put(keep, contacts[i].jid, keep);
	err = del_others(txn, sid, keep, arena);
	for (i = 0; i < n && err == PUBSUB_OK; i++)
		err = contact_put(txn, sid, &contacts[i]);
	map_destroy(keep);
	arena_destroy(arena);
	return err;
}

static enum pubsub_error put_fetched(struct store_txn *txn, uint32_t sid, uint64_t fetched_us)
{
	struct key key;

	key_init_node(&key, sid, 0, SERVICE_ROSTER);
	record_write_varint(txn_record(txn), fetched_us);
	return txn_put_record(txn, TREE_NODES, &key);
}

enum pubsub_error store_roster_put(struct store_txn *txn, const char *account,
	const struct store_contact *contacts, size_t n, uint64_t fetched_us)
{
	uint32_t sid;
	enum pubsub_error err = service_make(txn, account, &sid);

	if (err == PUBSUB_OK)
		err = replace(txn, sid, contacts, n);
	return err == PUBSUB_OK ? put_fetched(txn, sid, fetched_us) : err;
}

enum pubsub_error store_roster_doubt(struct store_txn *txn, const char *account)
{
	uint64_t fetched_us;
	uint32_t sid;
	enum pubsub_error err = store_roster_fetched(txn, account, &fetched_us);

	if (err == PUBSUB_OK && fetched_us != 0)
		err = service_find(txn, account, &sid);
	return err == PUBSUB_OK && fetched_us != 0 ? put_fetched(txn, sid, STORE_ROSTER_DOUBTED)
						   : err;
}

static enum pubsub_error del_contacts(
	struct store_txn *txn, uint32_t sid, size_t limit, bool *more_out)
{
	struct walk walk;
	struct row row;
	struct key key;
	enum pubsub_error err = PUBSUB_OK;

	key_init_node(&key, sid, 0, SERVICE_CONTACT);
	walk_start(&walk, txn, TREE_NODES, &key);
	*more_out = true;
	for (; err == PUBSUB_OK && limit > 0; limit--) {
		walk_again(&walk); /* the last row is gone, and the cursor's place with it */
		err = walk_next(&walk, &row);
		*more_out = err == PUBSUB_OK && row.key.data != NULL;
		if (!*more_out)
			break;
		err = contact_del(txn, sid, row.key, &key);
	}
	return err;
}

enum pubsub_error store_roster_erase(
	struct store_txn *txn, const char *account, size_t limit, bool *more_out)
{
	struct key key;
	uint32_t sid;
	enum pubsub_error err = service_find(txn, account, &sid);

	*more_out = false;
	if (err != PUBSUB_OK || sid == 0)
		return err;
	err = del_contacts(txn, sid, limit, more_out);
	if (err != PUBSUB_OK || *more_out)
		return err;
	key_init_node(&key, sid, 0, SERVICE_ROSTER);
	return txn_del(txn, TREE_NODES, &key);
}

/* ---- reading ---- */

enum pubsub_error store_roster_fetched(
	struct store_txn *txn, const char *account, uint64_t *fetched_us_out)
{
	struct key key;
	struct bytes value;
	struct record record;
	uint32_t sid;
	enum pubsub_error err = service_find(txn, account, &sid);

	*fetched_us_out = 0;
	if (err != PUBSUB_OK || sid == 0)
		return err;
	key_init_node(&key, sid, 0, SERVICE_ROSTER);
	err = txn_get(txn, TREE_NODES, &key, &value);
	if (err != PUBSUB_OK || value.data == NULL)
		return err;
	record = record_read_start(value);
	*fetched_us_out = record_read_varint(&record);
	return record.bad ? txn_corrupt(txn, TREE_NODES, key_bytes(&key)) : PUBSUB_OK;
}

enum pubsub_error store_contact_get(struct store_txn *txn, const char *account, const char *contact,
	struct arena *arena, struct store_contact *out, bool *found_out)
{
	struct key key;
	struct row row;
	uint32_t sid;
	enum pubsub_error err = service_find(txn, account, &sid);

	*found_out = false;
	if (err != PUBSUB_OK || sid == 0)
		return err;
	contact_key(&key, sid, contact);
	row.key = key_bytes(&key);
	err = txn_get(txn, TREE_NODES, &key, &row.value);
	if (err != PUBSUB_OK || row.value.data == NULL)
		return err;
	if (!contact_read(&row, arena, out))
		return txn_corrupt(txn, TREE_NODES, row.key);
	*found_out = true;
	return PUBSUB_OK;
}

enum pubsub_error store_contacts_get(struct store_txn *txn, const char *account,
	struct arena *arena, struct store_contact **out, size_t *n_out)
{
	struct list list = {0};
	struct walk walk;
	struct row row;
	struct key key;
	uint32_t sid;
	enum pubsub_error err = service_find(txn, account, &sid);

	*out = NULL;
	*n_out = 0;
	if (err != PUBSUB_OK || sid == 0)
		return err;
	key_init_node(&key, sid, 0, SERVICE_CONTACT);
	walk_start(&walk, txn, TREE_NODES, &key);
	while (walk_more(&walk, &row, &err)) {
		if (!contact_read(
			    &row, arena, list_add(&list, sizeof(struct store_contact), arena)))
			return txn_corrupt(txn, TREE_NODES, row.key);
	}
	*out = list.v;
	*n_out = list.n;
	return err;
}

enum pubsub_error store_contact_accounts(
	struct store_txn *txn, const char *contact, struct arena *arena, struct pubsub_texts *out)
{
	struct list list = {0};
	struct walk walk;
	struct row row;
	struct key prefix;
	struct bytes rest;
	uint32_t sid;
	enum pubsub_error err = PUBSUB_OK;

	key_init(&prefix);
	key_add_u8(&prefix, ENTITY_CONTACT);
	key_add_part(&prefix, contact);
	walk_start(&walk, txn, TREE_ENTITIES, &prefix);
	while (walk_more(&walk, &row, &err)) {
		rest = row_rest(&row, prefix.len);
		if (!key_take_u32(&rest, &sid))
			return txn_corrupt(txn, TREE_ENTITIES, row.key);
		err = service_jid(txn, sid, arena, list_add(&list, sizeof(char *), arena));
	}
	*out = (struct pubsub_texts){list.v, list.n};
	return err;
}
