/* txn.c - the steps of every typed operation. An error of the engine sticks to the transaction, so
 * that nothing half written can be committed. */
#include "store/txn.h"

#include <assert.h>
#include <string.h>

#include "peppy/hash.h"
#include "peppy/log.h"

const char tree_letters[TREE_COUNT + 1] = {
	[TREE_NODES] = 'N',
	[TREE_ENTITIES] = 'E',
	[TREE_TIMES] = 'T',
	[TREE_PRESENCES] = 'P',
	[TREE_META] = 'M',
};

/* No key starts with a larger one: they start with numbers of services, times, tags or UTF-8. */
#define LAST_FIRST_BYTE 0xfe

static enum pubsub_error stick(struct store_txn *txn, enum pubsub_error err)
{
	if (err != PUBSUB_OK && txn->err == PUBSUB_OK)
		txn->err = err;
	return err;
}

enum pubsub_error txn_get(
	struct store_txn *txn, enum tree tree, const struct key *key, struct bytes *value_out)
{
	struct engine *engine = txn->store->engine;

	return stick(txn, engine->ops->get(engine, tree, key_bytes(key), value_out));
}

enum pubsub_error txn_put_with(
	struct store_txn *txn, enum tree tree, const struct key *key, struct bytes tail)
{
	struct engine *engine = txn->store->engine;
	const struct buf *head = &txn->store->record;
	unsigned char *value;
	enum pubsub_error err;

	assert(txn->mode == STORE_WRITE);
	err = engine->ops->put(engine, tree, key_bytes(key), head->len + tail.len, &value);
	if (err != PUBSUB_OK)
		return stick(txn, err);
	memcpy(value, head->data, head->len);
	if (tail.len > 0)
		memcpy(value + head->len, tail.data, tail.len);
	return PUBSUB_OK;
}

enum pubsub_error txn_put_record(struct store_txn *txn, enum tree tree, const struct key *key)
{
	return txn_put_with(txn, tree, key, (struct bytes){0});
}

enum pubsub_error txn_put_empty(struct store_txn *txn, enum tree tree, const struct key *key)
{
	struct engine *engine = txn->store->engine;
	unsigned char *value;

	assert(txn->mode == STORE_WRITE);
	return stick(txn, engine->ops->put(engine, tree, key_bytes(key), 0, &value));
}

enum pubsub_error txn_del(struct store_txn *txn, enum tree tree, const struct key *key)
{
	struct engine *engine = txn->store->engine;

	assert(txn->mode == STORE_WRITE);
	return stick(txn, engine->ops->del(engine, tree, key_bytes(key)));
}

enum pubsub_error txn_expect_room(struct store_txn *txn)
{
	return stick(txn, txn->store->engine->low ? PUBSUB_ERR_STORE_FULL : PUBSUB_OK);
}

enum pubsub_error txn_number_get(struct store_txn *txn, enum meta_tag tag, uint64_t *out)
{
	struct key key;
	struct bytes value;
	struct record record;
	enum pubsub_error err;

	key_init(&key);
	key_add_u8(&key, tag);
	*out = 0;
	err = txn_get(txn, TREE_META, &key, &value);
	if (err != PUBSUB_OK || value.data == NULL)
		return err;
	record = record_read_start(value);
	*out = record_read_u64(&record);
	return record.bad ? txn_corrupt(txn, TREE_META, key_bytes(&key)) : PUBSUB_OK;
}

enum pubsub_error txn_number_put(struct store_txn *txn, enum meta_tag tag, uint64_t value)
{
	struct key key;

	key_init(&key);
	key_add_u8(&key, tag);
	record_write_u64(txn_record(txn), value);
	return txn_put_record(txn, TREE_META, &key);
}

enum pubsub_error txn_corrupt(struct store_txn *txn, enum tree tree, struct bytes key)
{
	char hex[2 * ENGINE_KEY_MAX + 1];

	hash_hex(key.data, key.len, hex);
	log_error("store", "not a record of peppy: tree %c, key %s", tree_letters[tree], hex);
	return stick(txn, PUBSUB_ERR_STORE_FAILED);
}

struct buf *txn_record(struct store_txn *txn)
{
	record_write_start(&txn->store->record);
	return &txn->store->record;
}

/* ---- walks ---- */

static void key_copy(struct key *to, const struct key *from)
{
	to->len = from->len;
	memcpy(to->data, from->data, from->len);
}

void walk_start(struct walk *walk, struct store_txn *txn, enum tree tree, const struct key *prefix)
{
	walk->txn = txn;
	walk->tree = tree;
	walk->backward = false;
	walk->started = false;
	key_copy(&walk->from, prefix);
	key_copy(&walk->to, prefix);
	key_step_over_prefix(&walk->to);
}

void walk_tree(struct walk *walk, struct store_txn *txn, enum tree tree)
{
	struct key end;

	key_init(&end);
	key_add_u8(&end, LAST_FIRST_BYTE);
	walk_start(walk, txn, tree, &end);
	walk->from.data[0] = 0;
}

void walk_again(struct walk *walk)
{
	walk->started = false;
}

void walk_from(struct walk *walk, const struct key *position)
{
	key_copy(&walk->from, position);
	walk_again(walk);
}

void walk_after(struct walk *walk, const struct key *position)
{
	walk_from(walk, position);
	key_add_u8(&walk->from, 0);
}

void walk_before(struct walk *walk, const struct key *position)
{
	key_copy(&walk->to, position);
}

void walk_range(struct walk *walk, const struct key *prefix, const struct store_range *range)
{
	struct key key;

	if (range->after != NULL) {
		key_copy(&key, prefix);
		key_add_part(&key, range->after);
		walk_after(walk, &key);
	}
	if (range->before != NULL) {
		key_copy(&key, prefix);
		key_add_part(&key, range->before);
		walk_before(walk, &key);
	}
	walk->backward = range->backward;
}

enum pubsub_error walk_next(struct walk *walk, struct row *out)
{
	struct engine *engine = walk->txn->store->engine;
	const struct key *start = walk->backward ? &walk->to : &walk->from;
	enum engine_move move;
	enum pubsub_error err;

	if (walk->started)
		move = walk->backward ? ENGINE_PREVIOUS : ENGINE_NEXT;
	else
		move = walk->backward ? ENGINE_BEFORE : ENGINE_AT_OR_AFTER;
	walk->started = true;
	err = engine->ops->move(engine, walk->tree, move, key_bytes(start), out);
	if (err != PUBSUB_OK)
		return stick(walk->txn, err);
	if (out->key.data != NULL && (bytes_compare(out->key, key_bytes(&walk->from)) < 0 ||
					     bytes_compare(out->key, key_bytes(&walk->to)) >= 0))
		*out = (struct row){0};
	return PUBSUB_OK;
}

bool walk_more(struct walk *walk, struct row *out, enum pubsub_error *err)
{
	if (*err == PUBSUB_OK)
		*err = walk_next(walk, out);
	return *err == PUBSUB_OK && out->key.data != NULL;
}

enum pubsub_error walk_count(struct walk *walk, uint64_t limit, uint64_t *out)
{
	struct row row;
	enum pubsub_error err = PUBSUB_OK;

	for (*out = 0; *out <= limit && walk_more(walk, &row, &err);)
		++*out;
	return err;
}

struct bytes row_rest(const struct row *row, size_t len)
{
	assert(len <= row->key.len);
	return (struct bytes){row->key.data + len, row->key.len - len};
}

/* ---- lists ---- */

void list_reserve(struct list *list, size_t n, size_t size, struct arena *arena)
{
	list->cap = n;
	list->v = arena_alloc(arena, n * size);
}

void *list_add(struct list *list, size_t size, struct arena *arena)
{
	void *larger;

	if (list->n == list->cap) {
		list->cap = list->cap > 0 ? 2 * list->cap : 8;
		larger = arena_alloc(arena, list->cap * size);
		if (list->n > 0)
			memcpy(larger, list->v, list->n * size);
		list->v = larger;
	}
	return (char *)list->v + list->n++ * size;
}

void list_reverse(struct list *list, size_t size)
{
	char *low = list->v, *high;
	char byte;
	size_t i;

	if (list->n < 2)
		return; /* v may be NULL then */
	for (high = low + (list->n - 1) * size; low < high; low += size, high -= size) {
		for (i = 0; i < size; i++) {
			byte = low[i];
			low[i] = high[i];
			high[i] = byte;
		}
	}
}
