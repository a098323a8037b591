/* The laws of loading XEP-0227: what the check lets pass is written; the store is whole then, and
 * what it exports loads and exports the same.
 *
 * Input: a document, which includes itself if it includes any. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "control/pie.h"
#include "peppy/log.h"
#include "peppy/store_upkeep.h"

#define NOW_US UINT64_C(1700000000000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct document {
	const void *bytes;
	size_t size;
};

static int file_of(const struct document *document)
{
	int fd = memfd_create("pie", MFD_CLOEXEC);

	assert(fd >= 0 && write(fd, document->bytes, document->size) == (ssize_t)document->size);
	assert(lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

static struct store_txn *begin(struct store *store, enum store_mode mode)
{
	struct store_txn *txn;
	enum pubsub_error err = store_begin(store, mode, &txn);

	assert(err == PUBSUB_OK);
	return txn;
}

/* ---- in ---- */

struct loading {
	struct exchange_load load;
	const struct document *document;
};

static bool take(void *ctx, const struct exchange_record *record)
{
	return exchange_take(&((struct loading *)ctx)->load, record) == PUBSUB_OK;
}

static int open_again(void *ctx, const char *path)
{
	(void)path;
	return file_of(((struct loading *)ctx)->document);
}

static bool pass(struct loading *loading, struct store *store, bool writes)
{
	static const struct pie_ops ops = {take, open_again};
	struct pie_reader *reader = pie_reader_create(&ops, loading);
	const int fd = file_of(loading->document);
	bool good;

	loading->load.txn = begin(store, writes ? STORE_WRITE : STORE_READ);
	loading->load.writes = writes;
	loading->load.records = 0;
	good = pie_read(reader, fd, "file");
	assert(good || (pie_path(reader) != NULL && pie_line(reader) > 0));
	assert(good || pie_reason(reader) != NULL || loading->load.why != NULL);
	if (writes && good)
		good = store_commit(loading->load.txn) == PUBSUB_OK;
	else
		store_abort(loading->load.txn);
	pie_reader_destroy(reader);
	close(fd);
	return good;
}

/* Into an empty store; NULL: refused. */
static struct store *load(const struct document *document)
{
	struct loading loading = {.document = document};
	struct store *store;
	enum pubsub_error err = store_open_mem(&store);

	assert(err == PUBSUB_OK);
	exchange_load_init(&loading.load, NOW_US);
	if (!pass(&loading, store, false) || !pass(&loading, store, true)) {
		assert(!loading.load.writes);
		store_close(store);
		store = NULL;
	}
	exchange_load_finish(&loading.load);
	return store;
}

/* ---- out ---- */

struct writing {
	struct pie_writer *writer;
	struct arena *arena;
};

static bool put(void *ctx, const struct exchange_record *record)
{
	struct writing *writing = ctx;

	pie_write(writing->writer, record, writing->arena);
	arena_reset(writing->arena);
	return true;
}

static void export(struct store *store, struct buf *out)
{
	struct writing writing = {pie_writer_create(out), arena_create()};
	struct store_txn *txn = begin(store, STORE_READ);
	enum pubsub_error err = exchange_all(txn, put, &writing);

	assert(err == PUBSUB_OK);
	store_abort(txn);
	pie_writer_end(writing.writer);
	pie_writer_destroy(writing.writer);
	arena_destroy(writing.arena);
}

static void on_problem(void *ctx, const char *text)
{
	(void)ctx;
	log_error("store", "%s", text);
	abort();
}

static void check(struct store *store)
{
	const struct store_check report = {.problem = on_problem};
	struct store_txn *txn = begin(store, STORE_READ);
	struct store_checked checked;
	enum pubsub_error err = store_check(txn, &report, &checked);

	assert(err == PUBSUB_OK);
	store_abort(txn);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct document document = {data, size};
	struct store *store = load(&document), *again;
	struct buf first = {0}, second = {0};

	log_level_set(LOG_LEVEL_ERROR);
	if (store == NULL)
		return 0;
	check(store);
	export(store, &first);
	document = (struct document){first.data, first.len};
	again = load(&document);
	assert(again != NULL);
	export(again, &second);
	assert(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
	store_close(store);
	store_close(again);
	buf_finish(&first);
	buf_finish(&second);
	return 0;
}
