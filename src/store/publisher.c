/* publisher.c - publishers whose items go when they go offline: E 05. */
#include "peppy/store.h"

#include "store/entity.h"
#include "store/service.h"

static void items_key(struct key *key, const struct pubsub_node *node, const char *bare)
{
	struct key part;

	key_init(&part);
	key_add_part(&part, bare);
	entity_key(key, ENTITY_ITEMS, key_bytes(&part), node);
}

/* Mostly it is there: to read is cheaper than to write. */
enum pubsub_error store_publisher_put(
	struct store_txn *txn, const struct pubsub_node *node, const char *bare)
{
	struct bytes value;
	struct key key;
	enum pubsub_error err;

	items_key(&key, node, bare);
	err = txn_get(txn, TREE_ENTITIES, &key, &value);
	if (err != PUBSUB_OK || value.data != NULL)
		return err;
	return txn_put_empty(txn, TREE_ENTITIES, &key);
}

enum pubsub_error store_publisher_del(
	struct store_txn *txn, const struct pubsub_node *node, const char *bare)
{
	struct key key;

	items_key(&key, node, bare);
	return txn_del(txn, TREE_ENTITIES, &key);
}

enum pubsub_error store_publisher_nodes(struct store_txn *txn, const char *bare, size_t most,
	struct arena *arena, struct pubsub_node **out, size_t *n_out)
{
	struct list list = {0};
	struct entity_row row;
	struct walk walk;
	bool more;
	enum pubsub_error err = PUBSUB_OK;

	*out = NULL;
	*n_out = 0;
	entity_walk(&walk, txn, ENTITY_ITEMS, bare);
	while (list.n < most && (err = entity_walk_next(&walk, arena, &row, &more)) == PUBSUB_OK &&
		more) {
		row.node.service = "";
		if (row.node.node_id != NULL)
			err = service_jid(txn, row.node.sid, arena, &row.node.service);
		if (err != PUBSUB_OK)
			return err;
		*(struct pubsub_node *)list_add(&list, sizeof row.node, arena) = row.node;
	}
	*out = list.v;
	*n_out = list.n;
	return err;
}
