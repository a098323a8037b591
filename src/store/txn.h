/* txn.h - what the typed operations are made with: the transaction, walks over keys, lists.
 * Private to src/store. */
#ifndef STORE_TXN_H
#define STORE_TXN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "peppy/buf.h"
#include "peppy/store_upkeep.h"
#include "store/engine.h"
#include "store/key.h"
#include "store/record.h"
#include "store/tags.h"

struct store_txn {
	struct store *store;
	enum store_mode mode;  /* STORE_NONE: no transaction is open */
	enum pubsub_error err; /* the first one of the engine: only abort is left then */
};

struct store {
	struct engine *engine;
	struct store_txn txn;
	struct store_version version;
	struct buf record;     /* the one being put together */
	struct buf payload_ns; /* of the stat read last */
};

enum pubsub_error txn_get(
	struct store_txn *txn, enum tree tree, const struct key *key, struct bytes *value_out);

/* The value is the record that was put together last; or that, and the tail behind it. */
enum pubsub_error txn_put_record(struct store_txn *txn, enum tree tree, const struct key *key);
enum pubsub_error txn_put_with(
	struct store_txn *txn, enum tree tree, const struct key *key, struct bytes tail);
enum pubsub_error txn_put_empty(struct store_txn *txn, enum tree tree, const struct key *key);
enum pubsub_error txn_del(struct store_txn *txn, enum tree tree, const struct key *key);

/* PUBSUB_ERR_STORE_FULL if what there is left is for deleting; the transaction is lost then. For
 * what makes the store grow without bound. */
enum pubsub_error txn_expect_room(struct store_txn *txn);

/* Numbers of tree M; 0 if there is none yet. */
enum pubsub_error txn_number_get(struct store_txn *txn, enum meta_tag tag, uint64_t *out);
enum pubsub_error txn_number_put(struct store_txn *txn, enum meta_tag tag, uint64_t value);

/* A row that no peppy has written: logs it, and the transaction is lost. */
enum pubsub_error txn_corrupt(struct store_txn *txn, enum tree tree, struct bytes key);

/* Starts the record that txn_put_record writes. */
struct buf *txn_record(struct store_txn *txn);

/* As of the last commit; no transaction may be open. */
enum pubsub_error usage_read(struct store *store, struct store_usage *out);

/* ---- walks: the rows with from <= key < to, in one direction or the other ---- */

struct walk {
	struct store_txn *txn;
	enum tree tree;
	bool backward;
	bool started;
	struct key from, to;
};

void walk_start(struct walk *walk, struct store_txn *txn, enum tree tree, const struct key *prefix);
void walk_tree(struct walk *walk, struct store_txn *txn, enum tree tree); /* all of it */
void walk_from(struct walk *walk, const struct key *position);            /* inclusive */
void walk_after(struct walk *walk, const struct key *position);           /* exclusive */
void walk_before(struct walk *walk, const struct key *position);          /* exclusive */

/* A page of a list that is sorted by one part behind the prefix. */
void walk_range(struct walk *walk, const struct key *prefix, const struct store_range *range);

/* out->key.data NULL: the end. After a write to the tree: walk_after, or from the start of what is
 * left. */
enum pubsub_error walk_next(struct walk *walk, struct row *out);
void walk_again(struct walk *walk);

/* The same for a loop that ends at its first error: false: *err is one, from before or from here,
 * or there are no more rows. */
bool walk_more(struct walk *walk, struct row *out, enum pubsub_error *err);

/* How many rows there are; counting ends above limit. */
enum pubsub_error walk_count(struct walk *walk, uint64_t limit, uint64_t *out);

/* What the key holds behind the first len bytes. */
struct bytes row_rest(const struct row *row, size_t len);

/* ---- lists that grow in an arena ---- */

struct list {
	void *v;
	size_t n;
	size_t cap;
};

/* Room for n, where it is known how many there will be; an empty list. */
void list_reserve(struct list *list, size_t n, size_t size, struct arena *arena);
void *list_add(struct list *list, size_t size, struct arena *arena); /* zeroed */
void list_reverse(struct list *list, size_t size);

#endif
