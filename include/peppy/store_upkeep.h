/* store_upkeep.h - a store as a whole: its version, copies of it, how full it is, if it is sound.
 * Floor 2. What store.h says of errors holds here. */
#ifndef PEPPY_STORE_UPKEEP_H
#define PEPPY_STORE_UPKEEP_H

#include "peppy/store.h"

struct store_version { /* of the format: schemas/store.md */
	uint64_t major, minor;
};

/* As it was when the store was opened, or as it is since it was upgraded. */
struct store_version store_version(const struct store *store);
bool store_is_older(const struct store *store); /* than what this peppy works on */

/* ---- copies ---- */

/* A copy of the last commit, without free pages, as the store in another folder, which is made if
 * it is not there: written under another name, flushed, moved to its place. There must be none yet.
 * Whatever the error, that folder is as it was. */
MUST_CHECK enum pubsub_error store_copy(struct store *store, const char *path);

/* The same over a store that nobody has open, which is kept as data.mdb.old. */
MUST_CHECK enum pubsub_error store_restore(struct store *store, const char *path);

/* Removes a store that nobody has open, and its folder if nothing else is in there. */
void store_discard(const char *path);

/* Whether two stores hold the same, row by row, as of their last commits. */
MUST_CHECK enum pubsub_error store_compare(struct store *store, struct store *other,
	const struct store_progress *progress, bool *same_out);

/* ---- what is in it ---- */

/* Everything in the store as text, one record a line, for tests that compare. In the arena. */
MUST_CHECK enum pubsub_error store_dump(struct store_txn *txn, struct arena *arena, char **out);

struct store_usage { /* all 0 in memory */
	uint64_t rows;
	uint64_t file_bytes;
	uint64_t free_bytes; /* of the file: what will be used again before it grows */
	uint64_t max_bytes;  /* the map */
	int64_t lost_bytes;  /* neither in use nor free: 0 unless the file is damaged */
	uint64_t reader_lag; /* transactions since the oldest snapshot that somebody reads */
};

/* txn is in STORE_READ mode. Looks at the list of free pages, not at the data. */
MUST_CHECK enum pubsub_error store_usage(struct store_txn *txn, struct store_usage *out);

/* Everything there is: each record, each index against what it leads to, each counter against what
 * it counts. What is damaged is reported and passed over. */
struct store_check {
	void *ctx;
	void (*problem)(void *ctx, const char *text); /* a line, good for the call */
	/* Now and then; may be NULL. */
	void (*progress)(void *ctx, uint64_t rows, uint64_t of_rows);
};
struct store_checked {
	uint64_t rows, services, nodes, items, subscriptions, affiliations, jobs;
	uint64_t problems;
};

/* txn is in STORE_READ mode. Memory does not grow with the data. PUBSUB_OK: all has been looked at,
 * out->problems says with what result. */
MUST_CHECK enum pubsub_error store_check(
	struct store_txn *txn, const struct store_check *report, struct store_checked *out);

#endif
