/* service.c - services by their JID, numbered as they first appear: E 01 and N no=0 01. */
#include "store/service.h"

#include "peppy/log.h"
#include "store/rows.h"

void service_name_key(struct key *key, const char *service)
{
	key_init(key);
	key_add_u8(key, ENTITY_SERVICE);
	key_add_part(key, service);
}

enum pubsub_error service_find(struct store_txn *txn, const char *service, uint32_t *sid_out)
{
	struct key key;
	struct bytes value;
	struct record record;
	enum pubsub_error err;

	*sid_out = 0;
	service_name_key(&key, service);
	err = txn_get(txn, TREE_ENTITIES, &key, &value);
	if (err != PUBSUB_OK || value.data == NULL)
		return err;
	record = record_read_start(value);
	*sid_out = (uint32_t)record_read_varint(&record);
	return record.bad ? txn_corrupt(txn, TREE_ENTITIES, key_bytes(&key)) : PUBSUB_OK;
}

static enum pubsub_error take_sid(struct store_txn *txn, uint32_t *sid_out)
{
	uint64_t last;
	enum pubsub_error err = txn_number_get(txn, META_LAST_SID, &last);

	if (err != PUBSUB_OK)
		return err;
	if (last >= UINT32_MAX) {
		log_error("store", "there are no numbers left for another service");
		return PUBSUB_ERR_STORE_FULL;
	}
	*sid_out = (uint32_t)last + 1;
	return txn_number_put(txn, META_LAST_SID, last + 1);
}

enum pubsub_error service_make(struct store_txn *txn, const char *service, uint32_t *sid_out)
{
	struct service_record made = {0};
	struct key key;
	enum pubsub_error err = service_find(txn, service, sid_out);

	if (err != PUBSUB_OK || *sid_out != 0)
		return err;
	err = take_sid(txn, sid_out);
	if (err != PUBSUB_OK)
		return err;
	service_name_key(&key, service);
	record_write_varint(txn_record(txn), *sid_out);
	err = txn_put_record(txn, TREE_ENTITIES, &key);
	if (err != PUBSUB_OK)
		return err;
	made.sid = *sid_out;
	return service_put(txn, service, &made);
}

bool service_read(struct bytes value, struct service_record *out, const char **jid_out)
{
	struct record record = record_read_start(value);

	*jid_out = record_read_text(&record);
	out->last_no = (uint32_t)record_read_varint(&record);
	out->nodes = record_read_varint(&record);
	return !record.bad && *jid_out != NULL;
}

/* *jid_out is not copied. */
static enum pubsub_error get(
	struct store_txn *txn, uint32_t sid, struct service_record *out, const char **jid_out)
{
	struct key key;
	struct bytes value;
	enum pubsub_error err;

	key_init_node(&key, sid, 0, SERVICE_RECORD);
	err = txn_get(txn, TREE_NODES, &key, &value);
	if (err != PUBSUB_OK)
		return err;
	out->sid = sid;
	return service_read(value, out, jid_out) ? PUBSUB_OK
						 : txn_corrupt(txn, TREE_NODES, key_bytes(&key));
}

enum pubsub_error service_get(struct store_txn *txn, uint32_t sid, struct service_record *out)
{
	const char *jid;

	return get(txn, sid, out, &jid);
}

enum pubsub_error service_jid(
	struct store_txn *txn, uint32_t sid, struct arena *arena, const char **out)
{
	struct service_record record;
	enum pubsub_error err = get(txn, sid, &record, out);

	if (err == PUBSUB_OK)
		*out = arena_strdup(arena, *out);
	return err;
}

enum pubsub_error service_put(
	struct store_txn *txn, const char *service, const struct service_record *service_record)
{
	struct buf *record = txn_record(txn);
	struct key key;

	key_init_node(&key, service_record->sid, 0, SERVICE_RECORD);
	record_write_text(record, service);
	record_write_varint(record, service_record->last_no);
	record_write_varint(record, service_record->nodes);
	return txn_put_record(txn, TREE_NODES, &key);
}

enum pubsub_error store_service_next(
	struct store_txn *txn, uint32_t *sid, struct arena *arena, const char **jid_out)
{
	struct bytes rest;
	struct walk walk;
	struct row row;
	struct key key;
	enum pubsub_error err;

	*jid_out = NULL;
	if (*sid == UINT32_MAX)
		return PUBSUB_OK;
	key_init_node(&key, *sid + 1, 0, SERVICE_RECORD);
	walk_tree(&walk, txn, TREE_NODES);
	walk_from(&walk, &key);
	err = walk_next(&walk, &row);
	if (err != PUBSUB_OK || row.key.data == NULL)
		return err;
	rest = row.key;
	if (!key_take_u32(&rest, sid))
		return txn_corrupt(txn, TREE_NODES, row.key);
	return service_jid(txn, *sid, arena, jid_out);
}

static enum pubsub_error del_service(struct store_txn *txn, const char *service, uint32_t sid)
{
	struct key key;
	enum pubsub_error err;

	service_name_key(&key, service);
	err = txn_del(txn, TREE_ENTITIES, &key);
	key_init_node(&key, sid, 0, SERVICE_RECORD);
	return err == PUBSUB_OK ? txn_del(txn, TREE_NODES, &key) : err;
}

enum pubsub_error store_service_forget(struct store_txn *txn, const char *service, bool *left_out)
{
	struct service_record record;
	uint64_t rows = 0, doomed = 0;
	struct walk walk;
	struct key key;
	uint32_t sid;
	enum pubsub_error err = service_find(txn, service, &sid);

	*left_out = false;
	if (err != PUBSUB_OK || sid == 0)
		return err;
	err = service_get(txn, sid, &record);
	key_init(&key);
	key_add_u32(&key, sid);
	walk_start(&walk, txn, TREE_NODES, &key);
	if (err == PUBSUB_OK)
		err = walk_count(&walk, 1, &rows);
	key_init(&key);
	key_add_u8(&key, META_ERASE);
	key_add_u32(&key, sid);
	walk_start(&walk, txn, TREE_META, &key);
	if (err == PUBSUB_OK)
		err = walk_count(&walk, 0, &doomed);
	*left_out = doomed > 0;
	if (err != PUBSUB_OK || record.nodes > 0 || doomed > 0 || rows > 1)
		return err;
	return del_service(txn, service, sid);
}
