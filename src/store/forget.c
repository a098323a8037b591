/* forget.c - what somebody has at nodes, taken away piece by piece. */
#include "store/entity.h"
#include "store/record.h"
#include "store/service.h"

struct relation {
	const char *service;
	const char *node_id;
	struct pubsub_subscription subscription; /* of ENTITY_SUBSCRIPTION */
};

static enum pubsub_error read_relation(struct store_txn *txn, enum entity_tag tag,
	const struct entity_row *row, struct arena *arena, struct relation *out)
{
	struct service_record record;
	enum pubsub_error err = service_get(txn, row->node.sid, arena, &record, &out->service);

	out->node_id = row->node.node_id;
	if (err == PUBSUB_OK && tag == ENTITY_SUBSCRIPTION)
		err = entity_subscription(txn, row, arena, &out->subscription);
	return err;
}

/* Rows of deleted nodes go with those. */
static enum pubsub_error find(struct store_txn *txn, enum entity_tag tag, const char *bare,
	size_t limit, struct arena *arena, struct list *out)
{
	struct entity_row row;
	struct walk walk;
	bool found;
	enum pubsub_error err;

	*out = (struct list){0};
	entity_walk(&walk, txn, tag, bare, 0);
	while (out->n < limit) {
		err = entity_walk_next(&walk, arena, &row, &found);
		if (err != PUBSUB_OK || !found)
			return err;
		if (row.node.node_id == NULL)
			continue;
		err = read_relation(
			txn, tag, &row, arena, list_add(out, sizeof(struct relation), arena));
		if (err != PUBSUB_OK)
			return err;
	}
	return PUBSUB_OK;
}

static enum pubsub_error take_away(struct store_txn *txn, enum entity_tag tag, const char *bare,
	const struct relation *relation, struct arena *arena)
{
	struct pubsub_node *node;
	enum pubsub_error err =
		store_node_get(txn, relation->service, relation->node_id, arena, &node);

	if (err != PUBSUB_OK)
		return err;
	if (tag == ENTITY_SUBSCRIPTION)
		return store_subscription_del(txn, node, &relation->subscription);
	return store_affiliation_put(txn, node, bare, PUBSUB_AFFILIATION_NONE);
}

enum pubsub_error store_entity_erase(
	struct store_txn *txn, const char *bare, size_t limit, struct arena *arena, bool *more_out)
{
	static const enum entity_tag tags[] = {ENTITY_SUBSCRIPTION, ENTITY_AFFILIATION};
	enum pubsub_error err = PUBSUB_OK;

	*more_out = false;
	for (size_t t = 0; err == PUBSUB_OK && !*more_out && t < 2; t++) {
		struct list found;

		err = find(txn, tags[t], bare, limit, arena, &found);
		*more_out = err == PUBSUB_OK && found.n > 0;
		for (size_t i = 0; err == PUBSUB_OK && i < found.n; i++)
			err = take_away(txn, tags[t], bare, (struct relation *)found.v + i, arena);
	}
	return err;
}
