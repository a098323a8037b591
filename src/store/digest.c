/* digest.c - events that wait for the digest of a subscription: N 58, numbered in their order. */
#include "store/rows.h"

static void digest_prefix(struct key *key, const struct pubsub_node *node,
	const struct pubsub_subscription *subscription)
{
	key_init_node(key, node->sid, node->no, NODE_DIGEST);
	key_add_jid(key, subscription->subscriber);
	key_add_part(key, subscription->sub_id);
}

static bool take_place(const struct row *row, const struct key *prefix, uint64_t *out)
{
	struct bytes rest = row_rest(row, prefix->len);

	return key_take_u64(&rest, out) && rest.len == 0;
}

/* 0: nothing waits. */
static enum pubsub_error last_place(struct store_txn *txn, const struct key *prefix, uint64_t *out)
{
	struct walk walk;
	struct row row;
	enum pubsub_error err;

	*out = 0;
	walk_start(&walk, txn, TREE_NODES, prefix);
	walk.backward = true;
	err = walk_next(&walk, &row);
	if (err != PUBSUB_OK || row.key.data == NULL || take_place(&row, prefix, out))
		return err;
	return txn_corrupt(txn, TREE_NODES, row.key);
}

enum pubsub_error store_digest_put(struct store_txn *txn, struct pubsub_node *node,
	const struct pubsub_subscription *subscription, const char *body, size_t len)
{
	const struct bytes bytes = {(const unsigned char *)body, len};
	struct key key;
	uint64_t place;
	enum pubsub_error err;

	digest_prefix(&key, node, subscription);
	err = last_place(txn, &key, &place);
	if (err != PUBSUB_OK)
		return err;
	key_add_u64(&key, place + 1);
	txn_record(txn);
	return txn_put_with(txn, TREE_NODES, &key, bytes);
}

/* A walk over what stands behind a place. */
static void walk_behind(
	struct walk *walk, struct store_txn *txn, const struct key *prefix, uint64_t after)
{
	struct key key = *prefix;

	walk_start(walk, txn, TREE_NODES, prefix);
	key_add_u64(&key, after);
	walk_after(walk, &key);
}

enum pubsub_error store_digest_page(struct store_txn *txn, const struct pubsub_node *node,
	const struct pubsub_subscription *subscription, const struct store_digest_range *range,
	struct arena *arena, struct store_digest *out)
{
	struct list list = {0};
	struct walk walk;
	struct key prefix;
	struct row row;
	size_t bytes = 0;
	enum pubsub_error err = PUBSUB_OK;

	*out = (struct store_digest){.last = range->after};
	digest_prefix(&prefix, node, subscription);
	walk_behind(&walk, txn, &prefix, range->after);
	while (walk_more(&walk, &row, &err)) {
		struct record record = record_read_start(row.value);
		struct bytes body = record_read_rest(&record);
		uint64_t place;

		if (record.bad || !take_place(&row, &prefix, &place))
			return txn_corrupt(txn, TREE_NODES, row.key);
		bytes += body.len;
		if (list.n > 0 && bytes > range->bytes)
			break;
		*(const char **)list_add(&list, sizeof(char *), arena) =
			arena_memdup(arena, body.data, body.len);
		out->last = place;
	}
	out->bodies = (struct pubsub_texts){list.v, list.n};
	return err;
}

enum pubsub_error store_digest_del(struct store_txn *txn, const struct pubsub_node *node,
	const struct pubsub_subscription *subscription, uint64_t last)
{
	struct walk walk;
	struct key prefix, key;
	struct row row;
	uint64_t place = 0;
	enum pubsub_error err = PUBSUB_OK;

	digest_prefix(&prefix, node, subscription);
	walk_start(&walk, txn, TREE_NODES, &prefix);
	while (walk_more(&walk, &row, &err)) {
		if (!take_place(&row, &prefix, &place))
			return txn_corrupt(txn, TREE_NODES, row.key);
		if (place > last)
			break;
		key = prefix;
		key_add_u64(&key, place);
		err = txn_del(txn, TREE_NODES, &key);
		walk_again(&walk); /* the row is gone, and the cursor's place with it */
	}
	return err;
}
