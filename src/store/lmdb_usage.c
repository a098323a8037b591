/* lmdb_usage.c - counting pages, and readers. */
#include "store/lmdb_usage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peppy/memory.h"

/* LMDB's own trees: that of the free pages, and that of the names of the others. */
#define FREE_PAGES 0
#define NAMES 1

#define META_PAGES 2

/* ---- pages ---- */

/* Each page that is free, once; in a record of the transaction that freed it. */
struct free_pages {
	unsigned char *seen; /* a bit each */
	uint64_t pages;      /* in the file */
	uint64_t count;
	uint64_t wrong; /* named twice, or not in the file */
};

static void take_page(struct free_pages *pages, uint64_t page)
{
	unsigned char bit = (unsigned char)(1u << page % 8);

	if (page >= pages->pages || (pages->seen[page / 8] & bit) != 0) {
		pages->wrong++;
		return;
	}
	pages->seen[page / 8] |= bit;
	pages->count++;
}

/* A record is a list of numbers of pages, how many in front. */
static void take_record(struct free_pages *pages, const MDB_val *value)
{
	size_t i, n = 0, page;

	if (value->mv_size >= sizeof n)
		memcpy(&n, value->mv_data, sizeof n);
	if (n >= value->mv_size / sizeof n) {
		pages->wrong++;
		return;
	}
	for (i = 1; i <= n; i++) {
		memcpy(&page, (const char *)value->mv_data + i * sizeof page, sizeof page);
		take_page(pages, page);
	}
}

static int count_free(MDB_txn *txn, struct free_pages *pages)
{
	MDB_cursor *cursor;
	MDB_val key, value;
	int rc = mdb_cursor_open(txn, FREE_PAGES, &cursor);

	if (rc != 0)
		return rc;
	while ((rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0)
		take_record(pages, &value);
	mdb_cursor_close(cursor);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

uint64_t lmdb_free_pages(MDB_env *env)
{
	struct free_pages pages = {0};
	MDB_envinfo info;
	MDB_txn *txn;

	mdb_env_info(env, &info);
	if (mdb_txn_begin(env, NULL, MDB_RDONLY, &txn) != 0)
		return 0;
	pages.pages = info.me_last_pgno + 1;
	pages.seen = memory_alloc(pages.pages / 8 + 1);
	(void)count_free(txn, &pages);
	free(pages.seen);
	mdb_txn_abort(txn);
	return pages.count;
}

static int add_tree(MDB_txn *txn, MDB_dbi tree, uint64_t *pages, uint64_t *rows)
{
	MDB_stat stat;
	int rc = mdb_stat(txn, tree, &stat);

	if (rc == 0) {
		*pages += stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages;
		*rows += stat.ms_entries;
	}
	return rc;
}

int lmdb_usage(MDB_txn *txn, const MDB_dbi trees[TREE_COUNT], struct engine_usage *out)
{
	MDB_env *env = mdb_txn_env(txn);
	struct free_pages pages = {0};
	uint64_t used = META_PAGES, ignored = 0;
	MDB_envinfo info;
	MDB_stat stat;
	int tree, rc;

	*out = (struct engine_usage){0};
	mdb_env_info(env, &info);
	mdb_env_stat(env, &stat);
	pages.pages = info.me_last_pgno + 1;
	pages.seen = memory_alloc(pages.pages / 8 + 1);
	rc = count_free(txn, &pages);
	free(pages.seen);
	if (rc == 0)
		rc = add_tree(txn, FREE_PAGES, &used, &ignored);
	if (rc == 0)
		rc = add_tree(txn, NAMES, &used, &ignored);
	for (tree = 0; tree < TREE_COUNT && rc == 0; tree++)
		rc = add_tree(txn, trees[tree], &used, &out->rows);
	out->page_bytes = stat.ms_psize;
	out->pages = pages.pages;
	out->free_pages = pages.count;
	out->lost_pages = (int64_t)(pages.pages - used - pages.count - pages.wrong);
	out->max_pages = info.me_mapsize / stat.ms_psize;
	out->reader_lag = lmdb_reader_lag(env);
	return rc;
}

/* ---- readers ---- */

struct oldest {
	unsigned long long txnid;
	bool found;
};

/* LMDB tells them as lines of text only: process, thread, transaction or "-". */
static int on_reader(const char *line, void *ctx)
{
	struct oldest *oldest = ctx;
	unsigned long long txnid;

	if (sscanf(line, " %*d %*x %llu", &txnid) != 1)
		return 0;
	if (!oldest->found || txnid < oldest->txnid)
		oldest->txnid = txnid;
	oldest->found = true;
	return 0;
}

uint64_t lmdb_reader_lag(MDB_env *env)
{
	struct oldest oldest = {0};
	MDB_envinfo info;

	mdb_env_info(env, &info);
	mdb_reader_list(env, on_reader, &oldest);
	return oldest.found && oldest.txnid < info.me_last_txnid ? info.me_last_txnid - oldest.txnid
								 : 0;
}
