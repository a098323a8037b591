/* subscription.c - subscriptions: N 40 of a node, N 48 those that are pending, E 03 of an entity,
 * T of those that are due at some time.
 * Options that are as pubsub_subscribe_options_default are left out: a node may have a million. */
#include "peppy/store.h"

#include <assert.h>

#include "store/entity.h"
#include "store/node.h"
#include "store/rows.h"
#include "store/service.h"

/* ---- keys ---- */

static void node_key(struct key *key, const struct pubsub_node *node, enum node_tag tag,
	const struct pubsub_subscription *subscription)
{
	key_init_node(key, node->sid, node->no, tag);
	key_add_jid(key, subscription->subscriber);
	key_add_part(key, subscription->sub_id);
}

static void mirror_key(struct key *key, const struct pubsub_node *node,
	const struct pubsub_subscription *subscription)
{
	struct key bare;

	key_init(&bare);
	key_add_part(&bare, subscription->subscriber.bare);
	entity_key(key, ENTITY_SUBSCRIPTION, key_bytes(&bare), node);
	key_add_part(key, subscription->subscriber.resource);
	key_add_part(key, subscription->sub_id);
}

void subscription_due_key(
	struct key *key, uint64_t due_us, const struct pubsub_node *node, struct bytes rest)
{
	key_init(key);
	key_add_u8(key, TIME_SUBSCRIPTION);
	key_add_u64(key, due_us);
	key_add_u32(key, node->sid);
	key_add_u32(key, node->no);
	key_add_bytes(key, rest);
}

/* ---- records ---- */

static void write_subscription(struct buf *record, const struct pubsub_subscription *subscription)
{
	record_write_varint(record, subscription->state);
	record_write_varint(record, subscription->since_seq);
	record_write_varint(record, subscription->due_us);
	record_write_varint(record, subscription->digest.due_us);
	record_write_varint(record, subscription->digest.bytes);
	record_write_part(record, subscription->subscriber.bare);
	record_write_part(record, subscription->subscriber.resource);
	record_write_part(record, subscription->sub_id);
	fields_write(record, &pubsub_subscribe_options_type, &subscription->options,
		&pubsub_subscribe_options_default);
}

static bool read_state(struct record *record, struct pubsub_subscription *out)
{
	uint64_t state = record_read_varint(record);

	if (state >= PUBSUB_SUBSCRIPTION_COUNT)
		record->bad = true;
	out->state = (enum pubsub_subscription_state)state;
	out->since_seq = record_read_varint(record);
	out->due_us = record_read_varint(record);
	out->digest.due_us = record_read_varint(record);
	out->digest.bytes = (uint32_t)record_read_varint(record);
	return !record->bad;
}

bool subscription_due_read(struct bytes value, uint64_t *out)
{
	struct record record = record_read_start(value);
	struct pubsub_subscription subscription;
	bool good = read_state(&record, &subscription);

	*out = subscription.due_us;
	return good;
}

bool subscription_read(
	struct bytes rest, struct bytes value, struct arena *arena, struct pubsub_subscription *out)
{
	struct record record = record_read_start(value);
	struct key_part bare, resource, sub_id;
	char *id;

	if (!read_state(&record, out) || !key_take_part(&rest, &bare) ||
		!key_take_part(&rest, &resource) || !key_take_part(&rest, &sub_id))
		return false;
	out->subscriber = record_read_jid(&record, &bare, &resource, arena);
	id = record_read_part(&record, &sub_id, arena);
	out->sub_id = id[0] != '\0' ? id : NULL;
	out->options = pubsub_subscribe_options_default;
	fields_read(&record, &pubsub_subscribe_options_type, arena, &out->options);
	return !record.bad;
}

/* ---- one subscription ---- */

/* How it counts: PUBSUB_SUBSCRIPTION_NONE is not there. */
static void count(struct node_stat *stat, enum pubsub_subscription_state state, uint64_t by)
{
	switch (state) {
	case PUBSUB_SUBSCRIPTION_PENDING:
		stat->pending += by;
		break;
	case PUBSUB_SUBSCRIPTION_UNCONFIGURED:
	case PUBSUB_SUBSCRIPTION_SUBSCRIBED:
		stat->subscribers += by;
		break;
	default:
		break;
	}
}

/* state NONE: there is no row. */
static enum pubsub_error state_find(struct store_txn *txn, const struct key *key,
	struct pubsub_subscription *out, struct bytes *value_out)
{
	struct record record;
	enum pubsub_error err;

	*out = (struct pubsub_subscription){.state = PUBSUB_SUBSCRIPTION_NONE};
	err = txn_get(txn, TREE_NODES, key, value_out);
	if (err != PUBSUB_OK || value_out->data == NULL)
		return err;
	record = record_read_start(*value_out);
	return read_state(&record, out) ? PUBSUB_OK : txn_corrupt(txn, TREE_NODES, key_bytes(key));
}

/* The options of a record, for those in it that this peppy does not know. */
static struct bytes options_of(struct bytes value, const struct pubsub_subscription *subscription)
{
	struct pubsub_subscription ignored;
	struct record record = record_read_start(value);

	read_state(&record, &ignored);
	record_skip_part(&record, subscription->subscriber.bare);
	record_skip_part(&record, subscription->subscriber.resource);
	record_skip_part(&record, subscription->sub_id);
	return record_read_rest(&record);
}

static enum pubsub_error record_put(struct store_txn *txn, const struct key *key,
	const struct pubsub_subscription *subscription, struct bytes older)
{
	struct buf *record = txn_record(txn);

	write_subscription(record, subscription);
	if (older.data != NULL)
		fields_write_unknown(
			record, &pubsub_subscribe_options_type, options_of(older, subscription));
	return txn_put_record(txn, TREE_NODES, key);
}

/* The rows beside the record: E 03 is there for every subscription, N 48 for pending ones. */
static enum pubsub_error index_put(struct store_txn *txn, const struct pubsub_node *node,
	const struct pubsub_subscription *subscription, enum pubsub_subscription_state old)
{
	const bool is_pending = subscription->state == PUBSUB_SUBSCRIPTION_PENDING;
	const bool was_pending = old == PUBSUB_SUBSCRIPTION_PENDING;
	struct key key;
	enum pubsub_error err = PUBSUB_OK;

	mirror_key(&key, node, subscription);
	if (old == PUBSUB_SUBSCRIPTION_NONE)
		err = txn_put_empty(txn, TREE_ENTITIES, &key);
	if (err != PUBSUB_OK || is_pending == was_pending)
		return err;
	node_key(&key, node, NODE_PENDING, subscription);
	return is_pending ? txn_put_empty(txn, TREE_NODES, &key) : txn_del(txn, TREE_NODES, &key);
}

/* The row in tree T; rest: the key of N 40 behind the node's prefix. */
static enum pubsub_error due_move(struct store_txn *txn, const struct pubsub_node *node,
	struct bytes rest, uint64_t from_us, uint64_t to_us)
{
	struct key key;
	enum pubsub_error err = PUBSUB_OK;

	if (from_us == to_us)
		return PUBSUB_OK;
	subscription_due_key(&key, from_us, node, rest);
	if (from_us != 0)
		err = txn_del(txn, TREE_TIMES, &key);
	if (err != PUBSUB_OK || to_us == 0)
		return err;
	subscription_due_key(&key, to_us, node, rest);
	return txn_put_empty(txn, TREE_TIMES, &key);
}

static enum pubsub_error recount(struct store_txn *txn, struct pubsub_node *node,
	struct node_stat *stat, enum pubsub_subscription_state old,
	enum pubsub_subscription_state new)
{
	if (old == new)
		return PUBSUB_OK;
	count(stat, old, (uint64_t)-1);
	count(stat, new, 1);
	return node_stat_put(txn, node, stat);
}

enum pubsub_error store_subscription_put(
	struct store_txn *txn, struct pubsub_node *node, struct pubsub_subscription *subscription)
{
	struct node_stat stat;
	struct pubsub_subscription old;
	struct bytes older;
	struct key key;
	enum pubsub_error err = node_stat_get(txn, node, &stat);

	assert(subscription->state != PUBSUB_SUBSCRIPTION_NONE);
	node_key(&key, node, NODE_SUBSCRIPTION, subscription);
	if (err == PUBSUB_OK)
		err = state_find(txn, &key, &old, &older);
	if (err == PUBSUB_OK && old.state == PUBSUB_SUBSCRIPTION_NONE)
		err = txn_expect_room(txn);
	if (err != PUBSUB_OK)
		return err;
	if (subscription->state != PUBSUB_SUBSCRIPTION_SUBSCRIBED)
		subscription->since_seq = 0;
	else if (old.state == PUBSUB_SUBSCRIPTION_SUBSCRIBED)
		subscription->since_seq = old.since_seq;
	else
		subscription->since_seq = ++stat.last_seq;
	err = record_put(txn, &key, subscription, older);
	if (err == PUBSUB_OK)
		err = index_put(txn, node, subscription, old.state);
	if (err == PUBSUB_OK)
		err = due_move(
			txn, node, key_rest(&key, NODE_PREFIX), old.due_us, subscription->due_us);
	if (err == PUBSUB_OK)
		err = recount(txn, node, &stat, old.state, subscription->state);
	return err;
}

enum pubsub_error store_subscription_del(struct store_txn *txn, struct pubsub_node *node,
	const struct pubsub_subscription *subscription)
{
	struct node_stat stat;
	struct pubsub_subscription old;
	struct bytes value;
	struct key key, mirror;
	enum pubsub_error err = node_stat_get(txn, node, &stat);

	node_key(&key, node, NODE_SUBSCRIPTION, subscription);
	mirror_key(&mirror, node, subscription);
	if (err == PUBSUB_OK)
		err = state_find(txn, &key, &old, &value);
	if (err != PUBSUB_OK || old.state == PUBSUB_SUBSCRIPTION_NONE)
		return err;
	err = txn_del(txn, TREE_NODES, &key);
	if (err == PUBSUB_OK)
		err = txn_del(txn, TREE_ENTITIES, &mirror);
	if (err == PUBSUB_OK)
		err = due_move(txn, node, key_rest(&key, NODE_PREFIX), old.due_us, 0);
	if (err == PUBSUB_OK && old.digest.due_us != 0)
		err = store_digest_del(txn, node, subscription, UINT64_MAX);
	if (err == PUBSUB_OK && old.state == PUBSUB_SUBSCRIPTION_PENDING) {
		node_key(&key, node, NODE_PENDING, subscription);
		err = txn_del(txn, TREE_NODES, &key);
	}
	if (err == PUBSUB_OK)
		err = recount(txn, node, &stat, old.state, PUBSUB_SUBSCRIPTION_NONE);
	return err;
}

/* ---- many ---- */

int store_subscribers_compare(struct jid a, struct jid b)
{
	struct key x, y;

	key_init(&x);
	key_add_jid(&x, a);
	key_init(&y);
	key_add_jid(&y, b);
	return bytes_compare(key_bytes(&x), key_bytes(&y));
}

enum pubsub_error subscription_get(struct store_txn *txn, const struct pubsub_node *node,
	struct bytes rest, struct arena *arena, struct pubsub_subscription *out)
{
	struct key key;
	struct bytes value;
	enum pubsub_error err;

	key_init_node(&key, node->sid, node->no, NODE_SUBSCRIPTION);
	key_add_bytes(&key, rest);
	err = txn_get(txn, TREE_NODES, &key, &value);
	if (err != PUBSUB_OK)
		return err;
	if (value.data == NULL || !subscription_read(rest, value, arena, out))
		return txn_corrupt(txn, TREE_NODES, key_bytes(&key));
	return PUBSUB_OK;
}

/* The subscription of a row of N 40, or that which an empty one of N 48 stands for. */
static enum pubsub_error row_get(struct store_txn *txn, const struct pubsub_node *node,
	const struct row *row, struct arena *arena, struct pubsub_subscription *out)
{
	struct bytes rest = row_rest(row, NODE_PREFIX);

	if (row->value.len == 0)
		return subscription_get(txn, node, rest, arena, out);
	return subscription_read(rest, row->value, arena, out)
		       ? PUBSUB_OK
		       : txn_corrupt(txn, TREE_NODES, row->key);
}

/* The rows of the walk, until there are limit of them. */
static enum pubsub_error collect(struct walk *walk, const struct pubsub_node *node, size_t limit,
	struct arena *arena, struct list *list)
{
	const char *node_id = arena_strdup(arena, node->node_id);
	struct pubsub_subscription *subscription;
	struct row row;
	enum pubsub_error err = PUBSUB_OK;

	while (list->n < limit && walk_more(walk, &row, &err)) {
		subscription = list_add(list, sizeof *subscription, arena);
		subscription->node_id = node_id;
		err = row_get(walk->txn, node, &row, arena, subscription);
	}
	return err;
}

enum pubsub_error store_subscriptions_get(struct store_txn *txn, const struct pubsub_node *node,
	struct jid subscriber, struct arena *arena, struct pubsub_subscription **out, size_t *n_out)
{
	struct list list = {0};
	struct key prefix;
	struct walk walk;
	enum pubsub_error err;

	key_init_node(&prefix, node->sid, node->no, NODE_SUBSCRIPTION);
	key_add_jid(&prefix, subscriber);
	walk_start(&walk, txn, TREE_NODES, &prefix);
	err = collect(&walk, node, SIZE_MAX, arena, &list);
	*out = list.v;
	*n_out = list.n;
	return err;
}

enum pubsub_error store_subscriptions_page(struct store_txn *txn, const struct pubsub_node *node,
	const struct store_subscription_range *range, struct arena *arena,
	struct pubsub_subscription **out, size_t *n_out)
{
	const enum node_tag tag = range->pending ? NODE_PENDING : NODE_SUBSCRIPTION;
	const uint64_t all = range->pending ? node->pending : node->subscribers + node->pending;
	struct list list = {0};
	struct key key;
	struct walk walk;
	enum pubsub_error err;

	list_reserve(&list, all < range->limit ? (size_t)all : range->limit,
		sizeof(struct pubsub_subscription), arena);
	key_init_node(&key, node->sid, node->no, tag);
	walk_start(&walk, txn, TREE_NODES, &key);
	walk.backward = range->backward;
	if (range->after != NULL) {
		node_key(&key, node, tag, range->after);
		walk_after(&walk, &key);
	}
	if (range->before != NULL) {
		node_key(&key, node, tag, range->before);
		walk_before(&walk, &key);
	}
	err = collect(&walk, node, range->limit, arena, &list);
	if (range->backward)
		list_reverse(&list, sizeof(struct pubsub_subscription));
	*out = list.v;
	*n_out = list.n;
	return err;
}

/* Its key as tree N has it: bare part, then what stands behind the node. */
static enum pubsub_error entity_subscription(struct store_txn *txn, const struct entity_row *row,
	struct arena *arena, struct pubsub_subscription *out)
{
	struct key rest;

	key_init(&rest);
	key_add_bytes(&rest, row->bare.raw);
	key_add_bytes(&rest, row->rest);
	out->node_id = row->node.node_id;
	return subscription_get(txn, &row->node, key_bytes(&rest), arena, out);
}

enum pubsub_error store_entity_subscriptions_page(struct store_txn *txn,
	const struct store_entity_range *range, struct arena *arena,
	struct store_entity_subscription **out, size_t *n_out)
{
	struct store_entity_subscription *found;
	struct list list = {0};
	struct entity_row row;
	struct walk walk;
	bool more;
	enum pubsub_error err = entity_walk_range(&walk, txn, ENTITY_SUBSCRIPTION, range, &more);

	while (err == PUBSUB_OK && more && list.n < range->limit) {
		err = entity_walk_next(&walk, arena, &row, &more);
		if (err != PUBSUB_OK || !more || row.node.node_id == NULL)
			continue;
		found = list_add(&list, sizeof *found, arena);
		found->no = row.node.no;
		err = service_jid(txn, row.node.sid, arena, &found->service);
		if (err == PUBSUB_OK)
			err = entity_subscription(txn, &row, arena, &found->subscription);
	}
	if (range->backward)
		list_reverse(&list, sizeof(struct store_entity_subscription));
	*out = list.v;
	*n_out = list.n;
	return err;
}

enum pubsub_error store_entity_subscriptions(struct store_txn *txn, const char *service,
	const char *bare, struct arena *arena, struct store_entity_subscription **out,
	size_t *n_out)
{
	const struct store_entity_range all = {.service = service, .bare = bare, .limit = SIZE_MAX};

	return store_entity_subscriptions_page(txn, &all, arena, out, n_out);
}
