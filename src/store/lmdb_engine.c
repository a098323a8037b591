/* lmdb_engine.c - the engine that keeps: LMDB. Why its flags are what they are, and which of its
 * functions are not used, is said in schemas/store.md. */
#include "store/engine.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <lmdb.h>

#include "peppy/clock.h"
#include "peppy/log.h"
#include "peppy/memory.h"
#include "store/folder.h"
#include "store/lmdb_room.h"
#include "store/lmdb_usage.h"

#define MAP_LEAST ((uint64_t)1 << 30)
#define READERS_MAX 126
#define TREES_MAX 16
#define CHECK_READERS_US UINT64_C(60000000) /* a killed backup must not pin old pages */
#define LOOK_FOR_ROOM_US UINT64_C(1000000)  /* when there was none */
#define LAG_MAX 1000 /* transactions behind which a reader may stay without a warning */

struct lmdb_engine {
	struct engine base;
	int lock;
	MDB_env *env;
	MDB_dbi trees[TREE_COUNT];
	MDB_txn *txn;                    /* the one under way */
	MDB_txn *reader;                 /* reset and renewed, so that reading needs no malloc */
	MDB_cursor *cursors[TREE_COUNT]; /* of txn; NULL: not opened yet */
	MDB_cursor *reader_cursors[TREE_COUNT]; /* kept for reader */
	uint64_t checked_us;                    /* monotonic: when readers were looked at */
	bool lags;                              /* one does, told in the log */
	struct lmdb_room room;
	bool full; /* the transaction has found no room */
};

/* ---- errors ---- */

/* The one place where LMDB's codes become ours. */
static enum pubsub_error lmdb_error(int rc, const char *doing)
{
	if (rc == 0)
		return PUBSUB_OK;
	log_error("store", "%s: %s", doing, mdb_strerror(rc == EFAULT ? MDB_CORRUPTED : rc));
	switch (rc) {
	case MDB_MAP_FULL:
	case MDB_TXN_FULL:
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return PUBSUB_ERR_STORE_FULL;
	case EIO:
	case EROFS:
	case MDB_PANIC:
	case EFAULT: /* a page that the file lacks, met by the kernel */
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_INVALID:
		return PUBSUB_ERR_STORE_IO;
	default:
		return PUBSUB_ERR_STORE_FAILED;
	}
}

/* ---- transactions ---- */

static struct lmdb_engine *self(struct engine *engine)
{
	return (struct lmdb_engine *)engine; /* base is the first member */
}

static void check_readers(struct lmdb_engine *lmdb)
{
	int dead = 0;
	uint64_t lag;

	if (mdb_reader_check(lmdb->env, &dead) == 0 && dead > 0)
		log_info("store", "removed %d dead readers from the store", dead);
	lag = lmdb_reader_lag(lmdb->env);
	if (lag > LAG_MAX && !lmdb->lags)
		log_warning("store", "a reader is %llu transactions behind: the file grows",
			(unsigned long long)lag);
	lmdb->lags = lag > LAG_MAX;
	lmdb->checked_us = clock_monotonic_us();
}

/* A transaction in a file that has no name any more is lost with the process. */
static void look_for_name(struct lmdb_engine *lmdb)
{
	mdb_filehandle_t fd;
	struct stat st;

	mdb_env_get_fd(lmdb->env, &fd);
	if (fstat(fd, &st) == 0 && st.st_nlink == 0)
		log_error("store",
			"the store's file was deleted or replaced: what is stored is lost when "
			"this process ends; it still is in /proc/%d/fd/%d",
			(int)getpid(), fd);
}

static void look_for_room(struct lmdb_engine *lmdb, bool failed)
{
	lmdb_room_look(&lmdb->room, failed);
	lmdb->base.low = lmdb->room.low;
}

/* Before a transaction that writes. */
static void look_around(struct lmdb_engine *lmdb)
{
	uint64_t now_us = clock_monotonic_us();

	if (now_us - lmdb->checked_us >= CHECK_READERS_US) {
		check_readers(lmdb);
		look_for_name(lmdb);
	}
	if (lmdb->room.low && now_us - lmdb->room.looked_us >= LOOK_FOR_ROOM_US)
		look_for_room(lmdb, false);
}

static enum pubsub_error begin(struct engine *engine, bool write)
{
	struct lmdb_engine *lmdb = self(engine);
	int rc;

	if (write) {
		look_around(lmdb);
		rc = mdb_txn_begin(lmdb->env, NULL, 0, &lmdb->txn);
	} else {
		rc = lmdb->reader != NULL
			     ? mdb_txn_renew(lmdb->reader)
			     : mdb_txn_begin(lmdb->env, NULL, MDB_RDONLY, &lmdb->reader);
		lmdb->txn = lmdb->reader;
	}
	if (rc != 0)
		lmdb->txn = NULL;
	lmdb->full = false;
	return lmdb_error(rc, "cannot begin a transaction");
}

/* Cursors of a write transaction go with it, those of the reader are kept for the next one. */
static void forget_cursors(struct lmdb_engine *lmdb)
{
	int tree;

	for (tree = 0; tree < TREE_COUNT; tree++)
		lmdb->cursors[tree] = NULL;
}

static void end_reading(struct lmdb_engine *lmdb)
{
	mdb_txn_reset(lmdb->reader);
	lmdb->txn = NULL;
}

static enum pubsub_error commit(struct engine *engine)
{
	struct lmdb_engine *lmdb = self(engine);
	MDB_txn *txn = lmdb->txn;
	enum pubsub_error err;

	forget_cursors(lmdb);
	if (txn == lmdb->reader) {
		end_reading(lmdb);
		return PUBSUB_OK;
	}
	lmdb->txn = NULL;
	err = lmdb_error(mdb_txn_commit(txn), "cannot commit");
	if (err == PUBSUB_OK || err == PUBSUB_ERR_STORE_FULL)
		look_for_room(lmdb, err != PUBSUB_OK);
	return err;
}

static void abort_txn(struct engine *engine)
{
	struct lmdb_engine *lmdb = self(engine);

	forget_cursors(lmdb);
	if (lmdb->txn == lmdb->reader) {
		end_reading(lmdb);
		return;
	}
	mdb_txn_abort(lmdb->txn);
	lmdb->txn = NULL;
	if (lmdb->full)
		look_for_room(lmdb, true);
}

/* ---- rows ---- */

static MDB_val val_of(struct bytes bytes)
{
	return (MDB_val){bytes.len, (void *)bytes.data}; /* LMDB does not write to keys */
}

static struct bytes bytes_of(const MDB_val *val)
{
	return (struct bytes){val->mv_data, val->mv_size};
}

static enum pubsub_error get(
	struct engine *engine, enum tree tree, struct bytes key, struct bytes *value_out)
{
	struct lmdb_engine *lmdb = self(engine);
	MDB_val k = val_of(key), value;
	int rc = mdb_get(lmdb->txn, lmdb->trees[tree], &k, &value);

	*value_out = rc == 0 ? bytes_of(&value) : (struct bytes){0};
	return lmdb_error(rc == MDB_NOTFOUND ? 0 : rc, "cannot read");
}

static enum pubsub_error written(struct lmdb_engine *lmdb, int rc, const char *doing)
{
	enum pubsub_error err = lmdb_error(rc, doing);

	lmdb->full = lmdb->full || err == PUBSUB_ERR_STORE_FULL;
	return err;
}

static enum pubsub_error put(struct engine *engine, enum tree tree, struct bytes key, size_t len,
	unsigned char **value_out)
{
	struct lmdb_engine *lmdb = self(engine);
	MDB_val k = val_of(key), value = {len, NULL};
	int rc = mdb_put(lmdb->txn, lmdb->trees[tree], &k, &value, MDB_RESERVE);

	*value_out = value.mv_data;
	return written(lmdb, rc, "cannot write");
}

static enum pubsub_error del(struct engine *engine, enum tree tree, struct bytes key)
{
	struct lmdb_engine *lmdb = self(engine);
	MDB_val k = val_of(key);
	int rc = mdb_del(lmdb->txn, lmdb->trees[tree], &k, NULL);

	return written(lmdb, rc == MDB_NOTFOUND ? 0 : rc, "cannot delete");
}

static int open_cursor(struct lmdb_engine *lmdb, enum tree tree)
{
	MDB_cursor **kept = &lmdb->reader_cursors[tree];
	int rc;

	if (lmdb->txn != lmdb->reader)
		return mdb_cursor_open(lmdb->txn, lmdb->trees[tree], &lmdb->cursors[tree]);
	if (*kept != NULL)
		rc = mdb_cursor_renew(lmdb->txn, *kept);
	else
		rc = mdb_cursor_open(lmdb->txn, lmdb->trees[tree], kept);
	lmdb->cursors[tree] = rc == 0 ? *kept : NULL;
	return rc;
}

static int move_before(MDB_cursor *cursor, MDB_val *key, MDB_val *value)
{
	int rc = mdb_cursor_get(cursor, key, value, MDB_SET_RANGE);

	if (rc == 0)
		return mdb_cursor_get(cursor, key, value, MDB_PREV);
	if (rc == MDB_NOTFOUND)
		return mdb_cursor_get(cursor, key, value, MDB_LAST);
	return rc;
}

static enum pubsub_error move_cursor(struct engine *engine, enum tree tree, enum engine_move move,
	struct bytes key, struct row *out)
{
	struct lmdb_engine *lmdb = self(engine);
	MDB_val k = val_of(key), value;
	int rc = lmdb->cursors[tree] != NULL ? 0 : open_cursor(lmdb, tree);

	if (rc != 0)
		return lmdb_error(rc, "cannot open a cursor");
	switch (move) {
	case ENGINE_AT_OR_AFTER:
		rc = mdb_cursor_get(lmdb->cursors[tree], &k, &value, MDB_SET_RANGE);
		break;
	case ENGINE_BEFORE:
		rc = move_before(lmdb->cursors[tree], &k, &value);
		break;
	case ENGINE_NEXT:
		rc = mdb_cursor_get(lmdb->cursors[tree], &k, &value, MDB_NEXT);
		break;
	case ENGINE_PREVIOUS:
		rc = mdb_cursor_get(lmdb->cursors[tree], &k, &value, MDB_PREV);
		break;
	}
	*out = rc == 0 ? (struct row){bytes_of(&k), bytes_of(&value)} : (struct row){0};
	return lmdb_error(rc == MDB_NOTFOUND ? 0 : rc, "cannot read on");
}

static enum pubsub_error usage(struct engine *engine, struct engine_usage *out)
{
	struct lmdb_engine *lmdb = self(engine);

	assert(lmdb->txn == lmdb->reader);
	return lmdb_error(lmdb_usage(lmdb->txn, lmdb->trees, out), "cannot count pages");
}

/* ---- opening ---- */

static void close_engine(struct engine *engine)
{
	struct lmdb_engine *lmdb = self(engine);
	int tree;

	for (tree = 0; tree < TREE_COUNT; tree++)
		if (lmdb->reader_cursors[tree] != NULL)
			mdb_cursor_close(lmdb->reader_cursors[tree]);
	if (lmdb->reader != NULL)
		mdb_txn_abort(lmdb->reader);
	if (lmdb->env != NULL)
		mdb_env_close(lmdb->env);
	folder_unlock(lmdb->lock);
	free(lmdb);
}

/* map_bytes 0: as large as the file says. */
static int open_env(struct lmdb_engine *lmdb, const char *path, unsigned flags, uint64_t map_bytes)
{
	int rc = mdb_env_create(&lmdb->env);

	if (rc == 0)
		rc = mdb_env_set_maxreaders(lmdb->env, READERS_MAX);
	if (rc == 0)
		rc = mdb_env_set_maxdbs(lmdb->env, TREES_MAX);
	if (rc == 0 && map_bytes > 0)
		rc = mdb_env_set_mapsize(lmdb->env, map_bytes);
	if (rc == 0)
		rc = mdb_env_open(lmdb->env, path, flags | MDB_NOTLS | MDB_NORDAHEAD, 0600);
	if (rc != 0 && lmdb->env != NULL) {
		mdb_env_close(lmdb->env); /* after a failed open nothing else is allowed */
		lmdb->env = NULL;
	}
	return rc;
}

/* The map is made once and never changed: to move it under a reader is to crash it. */
static enum pubsub_error open_map(struct lmdb_engine *lmdb, const struct store_options *opt)
{
	const unsigned flags = opt->relaxed ? MDB_NOMETASYNC : 0;
	uint64_t page = 4096, map_bytes = opt->max_bytes / page * page;
	int rc = open_env(lmdb, opt->path, flags, map_bytes);

	while ((rc == ENOMEM || rc == EINVAL) && map_bytes / 2 >= MAP_LEAST) {
		map_bytes = map_bytes / 2 / page * page;
		log_warning("store", "no room for a map that large, trying %llu MiB",
			(unsigned long long)(map_bytes >> 20));
		rc = open_env(lmdb, opt->path, flags, map_bytes);
	}
	if (rc == 0)
		return PUBSUB_OK;
	log_error("store", "cannot open %s", opt->path);
	return lmdb_error(rc, "cannot open the store");
}

static enum pubsub_error open_trees(struct lmdb_engine *lmdb, bool write)
{
	char name[2] = {0};
	int tree, rc;
	MDB_txn *txn;

	rc = mdb_txn_begin(lmdb->env, NULL, write ? 0 : MDB_RDONLY, &txn);
	if (rc != 0)
		return lmdb_error(rc, "cannot begin a transaction");
	for (tree = 0; tree < TREE_COUNT && rc == 0; tree++) {
		name[0] = tree_letters[tree];
		rc = mdb_dbi_open(txn, name, write ? MDB_CREATE : 0, &lmdb->trees[tree]);
	}
	if (rc == 0)
		return lmdb_error(mdb_txn_commit(txn), "cannot commit");
	mdb_txn_abort(txn);
	return lmdb_error(rc, "cannot open a tree of the store");
}

/* The reader that this takes holds on to old pages until it is done. */
static enum pubsub_error copy(struct engine *engine, int fd)
{
	return lmdb_error(
		mdb_env_copyfd2(self(engine)->env, fd, MDB_CP_COMPACT), "cannot copy the store");
}

static const struct engine_ops ops = {
	begin,
	commit,
	abort_txn,
	get,
	put,
	del,
	move_cursor,
	usage,
	close_engine,
	copy,
};

enum pubsub_error lmdb_engine_open(const struct store_options *opt, struct engine **out)
{
	struct lmdb_engine *lmdb = memory_alloc(sizeof *lmdb);
	enum pubsub_error err;

	lmdb->base.ops = &ops;
	lmdb->lock = -1;
	err = folder_lock(opt->path, &lmdb->lock);
	if (err == PUBSUB_OK)
		err = open_map(lmdb, opt);
	if (err == PUBSUB_OK)
		err = open_trees(lmdb, true);
	if (err != PUBSUB_OK) {
		close_engine(&lmdb->base);
		return err;
	}
	check_readers(lmdb);
	lmdb_room_open(&lmdb->room, lmdb->env);
	lmdb->base.low = lmdb->room.low;
	*out = &lmdb->base;
	return PUBSUB_OK;
}

enum pubsub_error lmdb_engine_open_read(const char *path, struct engine **out)
{
	struct lmdb_engine *lmdb = memory_alloc(sizeof *lmdb);
	enum pubsub_error err;

	lmdb->base.ops = &ops;
	lmdb->lock = -1;
	err = lmdb_error(open_env(lmdb, path, MDB_RDONLY, 0), path);
	if (err == PUBSUB_OK)
		err = open_trees(lmdb, false);
	if (err != PUBSUB_OK) {
		close_engine(&lmdb->base);
		return err;
	}
	*out = &lmdb->base;
	return PUBSUB_OK;
}
