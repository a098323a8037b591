/* store.c - opening, and one transaction at a time. */
#include "peppy/store.h"

#include <assert.h>
#include <stdlib.h>

#include "peppy/log.h"
#include "peppy/memory.h"
#include "store/upgrade.h"

static struct store *create(struct engine *engine)
{
	struct store *store = memory_alloc(sizeof *store);

	store->engine = engine;
	store->txn.store = store;
	return store;
}

/* Of a store that was just made, or lacks a minor version's additions. A new major one takes
 * steps. */
static enum pubsub_error write_version(struct store *store, struct store_txn *txn)
{
	const struct store_version ours = {STORE_VERSION_MAJOR, STORE_VERSION_MINOR};
	const struct store_version its = store->version;

	if (txn->mode == STORE_READ || (its.major != 0 && its.major != ours.major) ||
		(its.major == ours.major && its.minor >= ours.minor))
		return PUBSUB_OK;
	store->version = ours;
	if (its.major == 0)
		log_info("store", "there was no store: a new one was made");
	return version_put(txn);
}

static enum pubsub_error check_version(struct store *store, enum store_mode mode)
{
	struct store_txn *txn;
	enum pubsub_error err = store_begin(store, mode, &txn);

	if (err != PUBSUB_OK)
		return err;
	err = version_get(txn, &store->version);
	if (err == PUBSUB_OK)
		err = write_version(store, txn);
	if (err == PUBSUB_OK)
		return store_commit(txn);
	store_abort(txn);
	return err;
}

/* Takes the engine. */
static enum pubsub_error open_on(struct engine *engine, enum store_mode mode, struct store **out)
{
	struct store *store = create(engine);
	enum pubsub_error err = check_version(store, mode);

	if (err == PUBSUB_OK)
		*out = store;
	else
		store_close(store);
	return err;
}

enum pubsub_error store_open(const struct store_options *opt, struct store **out)
{
	struct engine *engine;
	enum pubsub_error err = lmdb_engine_open(opt, &engine);

	if (err == PUBSUB_OK)
		err = open_on(engine, STORE_WRITE, out);
	if (err != PUBSUB_OK || !store_is_older(*out))
		return err;
	err = upgrade_run(*out, opt);
	if (err != PUBSUB_OK)
		store_close(*out);
	return err;
}

enum pubsub_error store_open_any(const char *path, struct store **out)
{
	struct engine *engine;
	enum pubsub_error err = lmdb_engine_open_read(path, &engine);

	return err == PUBSUB_OK ? open_on(engine, STORE_READ, out) : err;
}

enum pubsub_error store_open_read(const char *path, struct store **out)
{
	enum pubsub_error err = store_open_any(path, out);

	if (err != PUBSUB_OK || !store_is_older(*out))
		return err;
	log_error("store", "%s has the older format %llu.%llu: peppyd upgrades it when it starts",
		path, (unsigned long long)(*out)->version.major,
		(unsigned long long)(*out)->version.minor);
	store_close(*out);
	return PUBSUB_ERR_STORE_VERSION;
}

enum pubsub_error store_open_mem(struct store **out)
{
	return open_on(mem_engine_create(), STORE_WRITE, out);
}

struct store_version store_version(const struct store *store)
{
	return store->version;
}

bool store_is_older(const struct store *store)
{
	return store->version.major < STORE_VERSION_MAJOR;
}

struct store *store_open_fail(struct store *inner)
{
	struct store *store = create(fail_engine_create(inner->engine));

	store->version = inner->version;
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

enum pubsub_error usage_read(struct store *store, struct store_usage *out)
{
	struct store_txn *txn;
	enum pubsub_error err = store_begin(store, STORE_READ, &txn);

	if (err != PUBSUB_OK)
		return err;
	err = store_usage(txn, out);
	store_abort(txn);
	return err;
}
