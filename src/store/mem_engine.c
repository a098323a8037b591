/* mem_engine.c - the engine for tests: a treap for each tree, and a log that undoes. Values that it
 * has handed out move at the next write and at the end of the transaction, as pages of LMDB may:
 * whoever uses them longer than engine.h allows is seen by AddressSanitizer. */
#include "store/engine.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "peppy/memory.h"

struct entry {
	struct entry *left, *right;
	uint32_t priority; /* of an entry above those of its children */
	unsigned char *value;
	size_t value_len;
	size_t key_len;
	unsigned char key[];
};

enum undo_kind { UNDO_INSERT, UNDO_REPLACE, UNDO_DELETE };

struct undo {
	enum undo_kind kind;
	enum tree tree;
	struct entry *entry;
	unsigned char *value; /* of REPLACE: the former one */
	size_t value_len;
};

struct mem_engine {
	struct engine base;
	struct entry *roots[TREE_COUNT];
	struct entry *cursors[TREE_COUNT];
	uint32_t random;
	bool writes;
	struct undo *undo;
	size_t undo_n, undo_cap;
	struct entry **lent; /* whose values were handed out since the last write */
	size_t lent_n, lent_cap;
};

/* ---- the treap ---- */

static struct bytes key_of(const struct entry *entry)
{
	return (struct bytes){entry->key, entry->key_len};
}

static int compare(const struct entry *entry, struct bytes key)
{
	return bytes_compare(key_of(entry), key);
}

/* Entries below key to the one side, the others to the other side. */
static void split(
	struct entry *root, struct bytes key, struct entry **below_out, struct entry **above_out)
{
	while (root != NULL) {
		if (compare(root, key) < 0) {
			*below_out = root;
			below_out = &root->right;
			root = root->right;
		} else {
			*above_out = root;
			above_out = &root->left;
			root = root->left;
		}
	}
	*below_out = NULL;
	*above_out = NULL;
}

static struct entry *merge(struct entry *below, struct entry *above)
{
	struct entry *root, **at = &root;

	while (below != NULL && above != NULL) {
		if (below->priority > above->priority) {
			*at = below;
			at = &below->right;
			below = below->right;
		} else {
			*at = above;
			at = &above->left;
			above = above->left;
		}
	}
	*at = below != NULL ? below : above;
	return root;
}

static void insert(struct entry **root, struct entry *entry)
{
	while (*root != NULL && (*root)->priority >= entry->priority)
		root = compare(*root, key_of(entry)) < 0 ? &(*root)->right : &(*root)->left;
	split(*root, key_of(entry), &entry->left, &entry->right);
	*root = entry;
}

static struct entry **find(struct entry **root, struct bytes key)
{
	int order;

	while (*root != NULL) {
		order = compare(*root, key);
		if (order == 0)
			break;
		root = order < 0 ? &(*root)->right : &(*root)->left;
	}
	return root;
}

static void take_out(struct entry **root, struct entry *entry)
{
	struct entry **at = find(root, key_of(entry));

	assert(*at == entry);
	*at = merge(entry->left, entry->right);
}

static struct entry *first_from(struct entry *root, struct bytes key, bool inclusive)
{
	struct entry *best = NULL;
	int order;

	while (root != NULL) {
		order = compare(root, key);
		if (order > 0 || (order == 0 && inclusive)) {
			best = root;
			root = root->left;
		} else {
			root = root->right;
		}
	}
	return best;
}

static struct entry *last_below(struct entry *root, struct bytes key)
{
	struct entry *best = NULL;

	while (root != NULL) {
		if (compare(root, key) < 0) {
			best = root;
			root = root->right;
		} else {
			root = root->left;
		}
	}
	return best;
}

static void entry_free(struct entry *entry)
{
	free(entry->value);
	free(entry);
}

static void free_all(struct entry *root)
{
	if (root == NULL)
		return;
	free_all(root->left);
	free_all(root->right);
	entry_free(root);
}

/* ---- what is handed out ---- */

static struct bytes lend(struct mem_engine *mem, struct entry *entry)
{
	if (mem->lent_n == mem->lent_cap) {
		mem->lent_cap = mem->lent_cap > 0 ? 2 * mem->lent_cap : 64;
		mem->lent = memory_resize(mem->lent, mem->lent_cap * sizeof(struct entry *));
	}
	mem->lent[mem->lent_n++] = entry;
	return (struct bytes){entry->value, entry->value_len};
}

static void take_back(struct mem_engine *mem)
{
	unsigned char *moved;
	struct entry *entry;

	while (mem->lent_n > 0) {
		entry = mem->lent[--mem->lent_n];
		moved = memory_alloc(entry->value_len);
		memcpy(moved, entry->value, entry->value_len);
		free(entry->value);
		entry->value = moved;
	}
}

/* ---- the transaction ---- */

static struct mem_engine *self(struct engine *engine)
{
	return (struct mem_engine *)engine; /* base is the first member */
}

static enum pubsub_error begin(struct engine *engine, bool write)
{
	struct mem_engine *mem = self(engine);

	memset(mem->cursors, 0, sizeof mem->cursors);
	mem->writes = write;
	return PUBSUB_OK;
}

static enum pubsub_error commit(struct engine *engine)
{
	struct mem_engine *mem = self(engine);
	struct undo *undo;

	take_back(mem);
	for (undo = mem->undo; undo < mem->undo + mem->undo_n; undo++) {
		if (undo->kind == UNDO_REPLACE)
			free(undo->value);
		else if (undo->kind == UNDO_DELETE)
			entry_free(undo->entry);
	}
	mem->undo_n = 0;
	return PUBSUB_OK;
}

static void undo_one(struct mem_engine *mem, struct undo *undo)
{
	switch (undo->kind) {
	case UNDO_INSERT:
		take_out(&mem->roots[undo->tree], undo->entry);
		entry_free(undo->entry);
		break;
	case UNDO_REPLACE:
		free(undo->entry->value);
		undo->entry->value = undo->value;
		undo->entry->value_len = undo->value_len;
		break;
	case UNDO_DELETE:
		insert(&mem->roots[undo->tree], undo->entry);
		break;
	}
}

static void abort_txn(struct engine *engine)
{
	struct mem_engine *mem = self(engine);

	take_back(mem);
	while (mem->undo_n > 0)
		undo_one(mem, &mem->undo[--mem->undo_n]);
}

static void remember(struct mem_engine *mem, struct undo undo)
{
	if (mem->undo_n == mem->undo_cap) {
		mem->undo_cap = mem->undo_cap > 0 ? 2 * mem->undo_cap : 64;
		mem->undo = memory_resize(mem->undo, mem->undo_cap * sizeof *mem->undo);
	}
	mem->undo[mem->undo_n++] = undo;
}

/* ---- rows ---- */

static enum pubsub_error get(
	struct engine *engine, enum tree tree, struct bytes key, struct bytes *value_out)
{
	struct mem_engine *mem = self(engine);
	struct entry *entry = *find(&mem->roots[tree], key);

	*value_out = entry != NULL ? lend(mem, entry) : (struct bytes){0};
	return PUBSUB_OK;
}

static uint32_t next_random(struct mem_engine *mem) /* xorshift32: the same tree every time */
{
	mem->random ^= mem->random << 13;
	mem->random ^= mem->random >> 17;
	mem->random ^= mem->random << 5;
	return mem->random;
}

static struct entry *add(struct mem_engine *mem, enum tree tree, struct bytes key)
{
	struct entry *entry = memory_alloc(sizeof *entry + key.len);

	entry->priority = next_random(mem);
	entry->key_len = key.len;
	memcpy(entry->key, key.data, key.len);
	insert(&mem->roots[tree], entry);
	remember(mem, (struct undo){UNDO_INSERT, tree, entry, NULL, 0});
	return entry;
}

static enum pubsub_error put(struct engine *engine, enum tree tree, struct bytes key, size_t len,
	unsigned char **value_out)
{
	struct mem_engine *mem = self(engine);
	struct entry *entry = *find(&mem->roots[tree], key);

	assert(mem->writes && key.len > 0 && key.len <= ENGINE_KEY_MAX);
	take_back(mem);
	if (entry != NULL)
		remember(mem,
			(struct undo){UNDO_REPLACE, tree, entry, entry->value, entry->value_len});
	else
		entry = add(mem, tree, key);
	entry->value = memory_alloc(len);
	entry->value_len = len;
	*value_out = entry->value;
	return PUBSUB_OK;
}

static enum pubsub_error del(struct engine *engine, enum tree tree, struct bytes key)
{
	struct mem_engine *mem = self(engine);
	struct entry *entry = *find(&mem->roots[tree], key);

	assert(mem->writes);
	take_back(mem);
	if (entry == NULL)
		return PUBSUB_OK;
	take_out(&mem->roots[tree], entry);
	remember(mem, (struct undo){UNDO_DELETE, tree, entry, NULL, 0});
	return PUBSUB_OK;
}

static struct entry *move_to(
	struct mem_engine *mem, enum tree tree, enum engine_move move, struct bytes key)
{
	struct entry *root = mem->roots[tree], *at = mem->cursors[tree];

	switch (move) {
	case ENGINE_AT_OR_AFTER:
		return first_from(root, key, true);
	case ENGINE_BEFORE:
		return last_below(root, key);
	case ENGINE_NEXT:
		return at != NULL ? first_from(root, key_of(at), false) : NULL;
	case ENGINE_PREVIOUS:
		return at != NULL ? last_below(root, key_of(at)) : NULL;
	}
	return NULL;
}

static enum pubsub_error move_cursor(struct engine *engine, enum tree tree, enum engine_move move,
	struct bytes key, struct row *out)
{
	struct mem_engine *mem = self(engine);
	struct entry *entry = move_to(mem, tree, move, key);

	mem->cursors[tree] = entry;
	*out = entry != NULL ? (struct row){key_of(entry), lend(mem, entry)} : (struct row){0};
	return PUBSUB_OK;
}

static enum pubsub_error usage(struct engine *engine, struct engine_usage *out)
{
	(void)engine;
	*out = (struct engine_usage){0};
	return PUBSUB_OK;
}

static void close_engine(struct engine *engine)
{
	struct mem_engine *mem = self(engine);
	int tree;

	for (tree = 0; tree < TREE_COUNT; tree++)
		free_all(mem->roots[tree]);
	free(mem->undo);
	free(mem->lent);
	free(mem);
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
	NULL,
};

struct engine *mem_engine_create(void)
{
	struct mem_engine *mem = memory_alloc(sizeof *mem);

	mem->base.ops = &ops;
	mem->random = 2463534242u;
	return &mem->base;
}
