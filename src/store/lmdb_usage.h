/* lmdb_usage.h - how LMDB's file is filled, and who reads in it.
 * Private to src/store. */
#ifndef STORE_LMDB_USAGE_H
#define STORE_LMDB_USAGE_H

#include <lmdb.h>

#include "store/engine.h"

/* txn reads: LMDB shows its free pages to no writer. Returns LMDB's code. */
int lmdb_usage(MDB_txn *txn, const MDB_dbi trees[TREE_COUNT], struct engine_usage *out);

/* The free pages of the file alone; no transaction of this process is open. 0 if they cannot be
 * read. */
uint64_t lmdb_free_pages(MDB_env *env);

/* How many transactions have been committed since the oldest reader's snapshot; 0: nobody reads. */
uint64_t lmdb_reader_lag(MDB_env *env);

#endif
