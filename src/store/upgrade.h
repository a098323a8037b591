/* upgrade.h - the format that a store has, and the way from an older one to ours.
 * Private to src/store. */
#ifndef STORE_UPGRADE_H
#define STORE_UPGRADE_H

#include "store/txn.h"

/* 0.0: nobody has written one, the store was just made. */
enum pubsub_error version_get(struct store_txn *txn, struct store_version *out);
enum pubsub_error version_put(struct store_txn *txn);

/* From an older format to ours: a copy first, then all steps in one transaction; none is open.
 * Whatever the error, the store is as it was. */
enum pubsub_error upgrade_run(struct store *store, const struct store_options *opt);

/* The steps alone. */
enum pubsub_error upgrade_steps(struct store *store, const struct store_progress *progress);

#endif
