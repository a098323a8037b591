/* engine.h - what lies beneath the typed operations: an ordered key-value store with transactions.
 * Private to src/store. Three engines: LMDB, memory, and one that fails on demand. */
#ifndef STORE_ENGINE_H
#define STORE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "peppy/attributes.h"
#include "peppy/error.h"
#include "peppy/store.h"
#include "store/bytes.h"

enum tree { /* schemas/store.md says what is in which */
	TREE_NODES,
	TREE_ENTITIES,
	TREE_TIMES,
	TREE_PRESENCES,
	TREE_META,
	TREE_COUNT
};
extern const char tree_letters[TREE_COUNT + 1];

#define ENGINE_KEY_MAX 511 /* bytes: MDB_MAXKEYSIZE */

struct row { /* key.data NULL: there is none */
	struct bytes key;
	struct bytes value;
};

enum engine_move {
	ENGINE_AT_OR_AFTER, /* the first row whose key is not below the one given */
	ENGINE_BEFORE,      /* the last row whose key is below it */
	ENGINE_NEXT,        /* of the row moved to last; the key given is not looked at */
	ENGINE_PREVIOUS
};

struct engine_usage { /* all 0 in memory */
	uint64_t rows;
	uint64_t page_bytes;
	uint64_t pages, free_pages, max_pages; /* of the file; of these; that it may have */
	int64_t lost_pages;                    /* neither in use nor free; below 0: both */
	uint64_t reader_lag;                   /* transactions since the oldest snapshot in use */
};

struct engine {
	const struct engine_ops *ops;
	bool low; /* there is room for deleting only */
};

/* One transaction at a time. Bytes handed out are good until the next put or del, or the end of
 * the transaction. After an error the transaction can only be aborted. Each tree has one cursor;
 * a put or del in the tree ends its walk, a get does not. */
struct engine_ops {
	enum pubsub_error (*begin)(struct engine *engine, bool write);
	enum pubsub_error (*commit)(struct engine *engine); /* over in any case */
	void (*abort)(struct engine *engine);
	enum pubsub_error (*get)(
		struct engine *engine, enum tree tree, struct bytes key, struct bytes *value_out);

	/* Makes room for a value of len bytes, which the caller fills before its next call. */
	enum pubsub_error (*put)(struct engine *engine, enum tree tree, struct bytes key,
		size_t len, unsigned char **value_out);
	enum pubsub_error (*del)(struct engine *engine, enum tree tree, struct bytes key);
	enum pubsub_error (*move)(struct engine *engine, enum tree tree, enum engine_move move,
		struct bytes key, struct row *out);
	enum pubsub_error (*usage)(struct engine *engine, struct engine_usage *out); /* reading */
	void (*close)(struct engine *engine);

	/* Writes what a file of the engine would hold as of the last commit; NULL: it has no
	 * file. */
	enum pubsub_error (*copy)(struct engine *engine, int fd);
};

MUST_CHECK enum pubsub_error lmdb_engine_open(const struct store_options *opt, struct engine **out);
MUST_CHECK enum pubsub_error lmdb_engine_open_read(const char *path, struct engine **out);
struct engine *mem_engine_create(void);
struct engine *fail_engine_create(struct engine *inner); /* owns inner */
void fail_engine_arm(struct engine *engine, uint64_t fail_at, bool onwards);
uint64_t fail_engine_calls(const struct engine *engine);

#endif
