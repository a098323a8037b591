/* entity.c - walking over what an entity has at nodes. */
#include "store/entity.h"

#include "store/node.h"
#include "store/service.h"

void entity_key(struct key *key, enum entity_tag tag, struct bytes bare_part,
	const struct pubsub_node *node)
{
	key_init(key);
	key_add_u8(key, tag);
	key_add_bytes(key, bare_part);
	key_add_u32(key, node->sid);
	key_add_u32(key, node->no);
}

void entity_walk(struct walk *walk, struct store_txn *txn, enum entity_tag tag, const char *bare,
	uint32_t sid)
{
	struct key prefix;

	key_init(&prefix);
	key_add_u8(&prefix, tag);
	key_add_part(&prefix, bare);
	if (sid != 0)
		key_add_u32(&prefix, sid);
	walk_start(walk, txn, TREE_ENTITIES, &prefix);
}

enum pubsub_error entity_walk_next(
	struct walk *walk, struct arena *arena, struct entity_row *out, bool *found_out)
{
	struct row row;
	unsigned tag;
	enum pubsub_error err = walk_next(walk, &row);

	*found_out = false;
	if (err != PUBSUB_OK || row.key.data == NULL)
		return err;
	*found_out = true;
	*out = (struct entity_row){.rest = row.key};
	if (!key_take_u8(&out->rest, &tag) || !key_take_part(&out->rest, &out->bare) ||
		!key_take_u32(&out->rest, &out->node.sid) ||
		!key_take_u32(&out->rest, &out->node.no))
		return txn_corrupt(walk->txn, TREE_ENTITIES, row.key);
	return node_name_find(walk->txn, out->node.sid, out->node.no, arena, &out->node.node_id);
}

enum pubsub_error store_entity_count(struct store_txn *txn, const char *service, const char *bare,
	enum store_entity_rows what, uint64_t limit, uint64_t *out)
{
	static const enum entity_tag tags[] = {
		[STORE_ENTITY_AFFILIATIONS] = ENTITY_AFFILIATION,
		[STORE_ENTITY_SUBSCRIPTIONS] = ENTITY_SUBSCRIPTION,
	};
	struct walk walk;
	struct row row;
	uint32_t sid;
	enum pubsub_error err = service_find(txn, service, &sid);

	*out = 0;
	if (err != PUBSUB_OK || sid == 0)
		return err;
	entity_walk(&walk, txn, tags[what], bare, sid);
	while (*out <= limit && (err = walk_next(&walk, &row)) == PUBSUB_OK && row.key.data != NULL)
		++*out;
	return err;
}
