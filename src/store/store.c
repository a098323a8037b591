/* store.c - opening, and one transaction at a time. */
#include "peppy/store.h"

#include <assert.h>
#include <stdlib.h>

#include "peppy/log.h"
#include "peppy/memory.h"
#include "store/txn.h"

static struct store *create(struct engine *engine)
{
	struct store *store = memory_alloc(sizeof *store);

	store->engine = engine;
	store->txn.store = store;
	return store;
}

static enum pubsub_error write_version(struct store_txn *txn, const struct key *key)
{
	struct buf *record = txn_record(txn);

	record_write_varint(record, STORE_VERSION_MAJOR);
	record_write_varint(record, STORE_VERSION_MINOR);
	return txn_put_record(txn, TREE_META, key, (struct bytes){0});
}

static enum pubsub_error check_version(struct store_txn *txn)
{
	struct key key;
	struct bytes value;
	struct record record;
	uint64_t major;
	enum pubsub_error err;

	key_init(&key);
	key_add_u8(&key, META_VERSION);
	err = txn_get(txn, TREE_META, &key, &value);
	if (err != PUBSUB_OK)
		return err;
	if (value.data == NULL && txn->mode == STORE_WRITE)
		return write_version(txn, &key);
	record = record_read_start(value);
	major = record_read_varint(&record);
	if (record.bad)
		return txn_corrupt(txn, TREE_META, key_bytes(&key));
	if (major > STORE_VERSION_MAJOR) {
		log_error("store", "the store has format %llu, this peppy knows up to %d",
			(unsigned long long)major, STORE_VERSION_MAJOR);
		return PUBSUB_ERR_STORE_VERSION;
	}
	return PUBSUB_OK;
}

static enum pubsub_error open_on(struct engine *engine, enum store_mode mode, struct store **out)
{
	struct store *store = create(engine);
	struct store_txn *txn;
	enum pubsub_error err;

	err = store_begin(store, mode, &txn);
	if (err != PUBSUB_OK)
		goto fail;
	err = check_version(txn);
	if (err != PUBSUB_OK) {
		store_abort(txn);
		goto fail;
	}
	err = store_commit(txn);
	if (err != PUBSUB_OK)
		goto fail;
	*out = store;
	return PUBSUB_OK;
fail:
	store_close(store);
	return err;
}

enum pubsub_error store_open(const struct store_options *opt, struct store **out)
{
	struct engine *engine;
	enum pubsub_error err = lmdb_engine_open(opt, &engine);

	return err == PUBSUB_OK ? open_on(engine, STORE_WRITE, out) : err;
}

enum pubsub_error store_open_read(const char *path, struct store **out)
{
	struct engine *engine;
	enum pubsub_error err = lmdb_engine_open_read(path, &engine);

	return err == PUBSUB_OK ? open_on(engine, STORE_READ, out) : err;
}

enum pubsub_error store_open_mem(struct store **out)
{
	return open_on(mem_engine_create(), STORE_WRITE, out);
}

struct store *store_open_fail(struct store *inner)
{
	struct store *store = create(fail_engine_create(inner->engine));

	inner->engine = NULL;
	store_close(inner);
	return store;
}

void store_fail_arm(struct store *store, uint64_t fail_at, bool onwards)
{
	fail_engine_arm(store->engine, fail_at, onwards);
}

uint64_t store_fail_calls(const struct store *store)
{
	return fail_engine_calls(store->engine);
}

void store_close(struct store *store)
{
	if (store == NULL)
		return;
	assert(store->txn.mode == STORE_NONE);
	if (store->engine != NULL)
		store->engine->ops->close(store->engine);
	buf_finish(&store->record);
	buf_finish(&store->payload_ns);
	free(store);
}

enum pubsub_error store_begin(struct store *store, enum store_mode mode, struct store_txn **out)
{
	struct store_txn *txn = &store->txn;
	enum pubsub_error err;

	assert(txn->mode == STORE_NONE && mode != STORE_NONE);
	err = store->engine->ops->begin(store->engine, mode == STORE_WRITE);
	if (err != PUBSUB_OK)
		return err;
	txn->mode = mode;
	txn->err = PUBSUB_OK;
	*out = txn;
	return PUBSUB_OK;
}

enum pubsub_error store_commit(struct store_txn *txn)
{
	struct engine *engine = txn->store->engine;
	enum pubsub_error err = txn->err;

	if (err != PUBSUB_OK) {
		store_abort(txn);
		return err;
	}
	txn->mode = STORE_NONE;
	return engine->ops->commit(engine);
}

void store_abort(struct store_txn *txn)
{
	struct engine *engine;

	if (txn == NULL)
		return;
	engine = txn->store->engine;
	txn->mode = STORE_NONE;
	engine->ops->abort(engine);
}

enum pubsub_error store_usage(struct store_txn *txn, struct store_usage *out)
{
	struct engine *engine = txn->store->engine;
	struct engine_usage usage;
	enum pubsub_error err;

	assert(txn->mode == STORE_READ);
	err = engine->ops->usage(engine, &usage);
	if (err != PUBSUB_OK)
		return txn->err = err;
	*out = (struct store_usage){
		.rows = usage.rows,
		.file_bytes = usage.pages * usage.page_bytes,
		.free_bytes = usage.free_pages * usage.page_bytes,
		.max_bytes = usage.max_pages * usage.page_bytes,
		.lost_bytes = usage.lost_pages * (int64_t)usage.page_bytes,
		.reader_lag = usage.reader_lag,
	};
	return PUBSUB_OK;
}
