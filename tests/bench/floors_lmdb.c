#include "floors_lmdb.h"

#include <lmdb.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "fault.h"
#include "histogram.h"
#include "peppy/memory.h"

#define MAP_BYTES (UINT64_C(8) << 30)
#define FEW 8      /* nodes */
#define KEPT 100   /* items of a node */
#define RECORD 40  /* bytes of an item besides its payload */
#define HOT 40     /* bytes of a node's record that each publish writes */
#define ITEMS 1000 /* of the node that is read */
#define LAST 10

enum tag { TAG_ITEM = 0x20, TAG_HOT = 0x28, TAG_ITEM_ID = 0x30, TAG_SUBSCRIPTION = 0x40 };

struct alone {
	char path[400];
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;
	char *value; /* of any length up to a payload's */
};

static void must(int rc)
{
	if (rc != 0)
		fault("LMDB alone: %s", mdb_strerror(rc));
}

static void open_alone(struct alone *alone, const char *folder)
{
	snprintf(alone->path, sizeof alone->path, "%s/peppy-bench-lmdb-%d", folder, (int)getpid());
	alone->value = memory_alloc(65536);
	must(mdb_env_create(&alone->env));
	must(mdb_env_set_mapsize(alone->env, MAP_BYTES));
	must(mdb_env_open(alone->env, alone->path, MDB_NOSUBDIR | MDB_NORDAHEAD | MDB_NOTLS, 0600));
	must(mdb_txn_begin(alone->env, NULL, 0, &alone->txn));
	must(mdb_dbi_open(alone->txn, NULL, 0, &alone->dbi));
	must(mdb_txn_commit(alone->txn));
	alone->txn = NULL;
}

static void close_alone(struct alone *alone)
{
	char lock[420];

	mdb_env_close(alone->env);
	snprintf(lock, sizeof lock, "%s-lock", alone->path);
	unlink(alone->path);
	unlink(lock);
	free(alone->value);
}

/* ---- keys as long and in such an order as peppy's ---- */

static size_t key_of(char key[64], unsigned node, enum tag tag, uint64_t number)
{
	size_t len = 9;

	memset(key, 0, 9);
	for (int i = 0; i < 4; i++)
		key[4 + i] = (char)(node >> (24 - 8 * i));
	key[8] = (char)tag;
	if (tag == TAG_ITEM) {
		for (int i = 0; i < 8; i++)
			key[9 + i] = (char)(number >> (56 - 8 * i));
		len += 8;
	} else if (tag == TAG_ITEM_ID) {
		len += (size_t)snprintf(key + 9, 24, "i%llu", (unsigned long long)number) + 1;
	} else if (tag == TAG_SUBSCRIPTION) {
		len += (size_t)snprintf(
			key + 9, 50, "u%llu@example.org%c%c0001", (unsigned long long)number, 0, 0);
	}
	return len;
}

static void put(struct alone *alone, unsigned node, enum tag tag, uint64_t number, size_t bytes)
{
	char key[64];
	MDB_val k = {key_of(key, node, tag, number), key}, v = {bytes, alone->value};

	must(mdb_put(alone->txn, alone->dbi, &k, &v, 0));
}

static void del(struct alone *alone, unsigned node, enum tag tag, uint64_t number)
{
	char key[64];
	MDB_val k = {key_of(key, node, tag, number), key};

	must(mdb_del(alone->txn, alone->dbi, &k, NULL));
}

/* or_else: what it may also be. */
static void get(struct alone *alone, unsigned node, enum tag tag, uint64_t number, int or_else)
{
	char key[64];
	MDB_val k = {key_of(key, node, tag, number), key}, v;
	int rc = mdb_get(alone->txn, alone->dbi, &k, &v);

	if (rc != or_else)
		must(rc);
}

/* ---- publishing ---- */

static void publish(struct alone *alone, const struct lmdb_publish *how, uint64_t n)
{
	bool few = how->nodes <= FEW;
	unsigned node = (unsigned)((few ? n : n * UINT64_C(0x9E3779B97F4A7C15) >> 20) % how->nodes);
	uint64_t number = few ? n / how->nodes : n;

	get(alone, node, TAG_HOT, 0, MDB_NOTFOUND); /* for the first item; then it is there */
	get(alone, node, TAG_ITEM_ID, number, MDB_NOTFOUND);
	put(alone, node, TAG_ITEM, number, RECORD + how->payload_bytes);
	put(alone, node, TAG_ITEM_ID, number, 8);
	put(alone, node, TAG_HOT, 0, HOT);
	if (!few || number < KEPT)
		return;
	del(alone, node, TAG_ITEM, number - KEPT);
	del(alone, node, TAG_ITEM_ID, number - KEPT);
}

static void publish_batch(
	struct alone *alone, const struct lmdb_publish *how, uint64_t first, unsigned batch)
{
	must(mdb_txn_begin(alone->env, NULL, 0, &alone->txn));
	for (unsigned i = 0; i < batch; i++)
		publish(alone, how, first + i);
	must(mdb_txn_commit(alone->txn));
}

struct lmdb_cost lmdb_publish(const char *folder, const struct lmdb_publish *how)
{
	uint64_t before = how->nodes <= FEW ? FEW * KEPT : 10 * how->nodes, done, cpu, wall;
	struct histogram times = {0};
	struct alone alone;

	open_alone(&alone, folder);
	for (done = 0; done < before; done += 100)
		publish_batch(&alone, how, done, 100);
	cpu = clock_read_ns(CLOCK_PROCESS_CPUTIME_ID);
	wall = clock_ns();
	for (unsigned i = 0; i < how->count; i += how->batch, done += how->batch) {
		uint64_t begun = clock_ns();

		publish_batch(&alone, how, done, how->batch);
		histogram_add(&times, clock_ns() - begun);
	}
	cpu = clock_read_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	wall = clock_ns() - wall;
	close_alone(&alone);
	return (struct lmdb_cost){(double)wall / 1e3 / how->count, (double)cpu / 1e3 / how->count,
		histogram_ms(&times, 0.5)};
}

/* ---- reading ---- */

static uint64_t read_last(struct alone *alone, MDB_cursor *cursor)
{
	char key[64];
	MDB_val k = {key_of(key, 1, TAG_ITEM, UINT64_MAX), key}, v;
	uint64_t bytes = 0;

	must(mdb_cursor_get(cursor, &k, &v, MDB_SET_RANGE)); /* node 1 has another record behind */
	for (int i = 0; i < LAST; i++) {
		must(mdb_cursor_get(cursor, &k, &v, MDB_PREV));
		memcpy(alone->value, v.mv_data, v.mv_size);
		bytes += v.mv_size;
	}
	return bytes;
}

double lmdb_read_us(const char *folder, unsigned count)
{
	struct alone alone;
	MDB_cursor *cursor;
	uint64_t cpu;

	open_alone(&alone, folder);
	must(mdb_txn_begin(alone.env, NULL, 0, &alone.txn));
	for (unsigned i = 0; i < ITEMS; i++)
		put(&alone, 1, TAG_ITEM, i, RECORD + 300);
	put(&alone, 1, TAG_ITEM_ID, 0, 8);
	must(mdb_txn_commit(alone.txn));
	cpu = clock_read_ns(CLOCK_PROCESS_CPUTIME_ID);
	for (unsigned i = 0; i < count; i++) {
		must(mdb_txn_begin(alone.env, NULL, MDB_RDONLY, &alone.txn));
		must(mdb_cursor_open(alone.txn, alone.dbi, &cursor));
		if (read_last(&alone, cursor) != LAST * (RECORD + 300))
			fault("LMDB alone reads something else");
		mdb_cursor_close(cursor);
		mdb_txn_abort(alone.txn);
	}
	cpu = clock_read_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	close_alone(&alone);
	return (double)cpu / 1e3 / count;
}

/* ---- subscribing ---- */

/* A subscription has a row with the node, one with the subscriber, and is counted in the node's. */
static void subscribe(struct alone *alone, uint64_t n)
{
	for (unsigned side = 0; side < 2; side++)
		put(alone, side, TAG_SUBSCRIPTION, n, 16);
	put(alone, 0, TAG_HOT, 0, HOT);
}

static void unsubscribe(struct alone *alone, uint64_t n)
{
	for (unsigned side = 0; side < 2; side++)
		del(alone, side, TAG_SUBSCRIPTION, n);
	put(alone, 0, TAG_HOT, 0, HOT);
}

double lmdb_subscribe_us(const char *folder, unsigned count)
{
	struct alone alone;
	uint64_t cpu;

	open_alone(&alone, folder);
	cpu = clock_read_ns(CLOCK_PROCESS_CPUTIME_ID);
	for (unsigned done = 0; done < count; done += 100) {
		must(mdb_txn_begin(alone.env, NULL, 0, &alone.txn));
		for (unsigned i = 0; i < 50; i++)
			subscribe(&alone, done + i);
		for (unsigned i = 0; i < 50; i++)
			unsubscribe(&alone, done + i);
		must(mdb_txn_commit(alone.txn));
	}
	cpu = clock_read_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	close_alone(&alone);
	return (double)cpu / 1e3 / count;
}
