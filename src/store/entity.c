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

/* What all rows of a bare JID begin with; sid 0: those at all services. */
static void entity_prefix(struct key *key, enum entity_tag tag, const char *bare, uint32_t sid)
{
	key_init(key);
	key_add_u8(key, tag);
	key_add_part(key, bare);
	if (sid != 0)
		key_add_u32(key, sid);
}

void entity_walk(struct walk *walk, struct store_txn *txn, enum entity_tag tag, const char *bare)
{
	struct key prefix;

	entity_prefix(&prefix, tag, bare, 0);
	walk_start(walk, txn, TREE_ENTITIES, &prefix);
}

static struct key place_key(
	const struct key *prefix, enum entity_tag tag, const struct store_entity_place *place)
{
	struct key key = *prefix;

	key_add_u32(&key, place->no);
	if (tag == ENTITY_SUBSCRIPTION) {
		key_add_part(&key, place->resource);
		key_add_part(&key, place->sub_id);
	}
	return key;
}

static void walk_places(struct walk *walk, const struct key *prefix, enum entity_tag tag,
	const struct store_entity_range *range)
{
	struct key place;

	if (range->after != NULL) {
		place = place_key(prefix, tag, range->after);
		walk_after(walk, &place);
	}
	if (range->before != NULL) {
		place = place_key(prefix, tag, range->before);
		walk_before(walk, &place);
	}
	walk->backward = range->backward;
}

enum pubsub_error entity_walk_range(struct walk *walk, struct store_txn *txn, enum entity_tag tag,
	const struct store_entity_range *range, bool *found_out)
{
	struct key prefix, rows;
	struct row row;
	uint32_t sid = 0;
	enum pubsub_error err = PUBSUB_OK;

	if (range->service != NULL)
		err = service_find(txn, range->service, &sid);
	*found_out = err == PUBSUB_OK && (range->service == NULL || sid != 0);
	entity_prefix(&prefix, tag, range->bare, sid);
	rows = prefix;
	if (range->no != 0)
		key_add_u32(&rows, range->no);
	walk_start(walk, txn, TREE_ENTITIES, &rows);
	walk_places(walk, &prefix, tag, range);
	for (size_t i = 0; *found_out && i < range->skip; i++)
		*found_out = walk_more(walk, &row, &err);
	return err;
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

/* The lowest number above sid that a row of this kind has; UINT32_MAX: there is none. */
static enum pubsub_error next_sid(
	struct store_txn *txn, enum entity_tag tag, const char *bare, uint32_t sid, uint32_t *out)
{
	struct entity_row entity = {0};
	struct key position;
	struct walk walk;
	struct row row;
	unsigned row_tag;
	enum pubsub_error err;

	*out = UINT32_MAX;
	entity_walk(&walk, txn, tag, bare);
	position = walk.from;
	key_add_u32(&position, sid + 1);
	walk_from(&walk, &position);
	err = walk_next(&walk, &row);
	if (err != PUBSUB_OK || row.key.data == NULL)
		return err;
	entity.rest = row.key;
	if (!key_take_u8(&entity.rest, &row_tag) || !key_take_part(&entity.rest, &entity.bare) ||
		!key_take_u32(&entity.rest, out))
		return txn_corrupt(txn, TREE_ENTITIES, row.key);
	return PUBSUB_OK;
}

enum pubsub_error store_entity_service_next(struct store_txn *txn, const char *bare, uint32_t *sid,
	struct arena *arena, const char **jid_out)
{
	uint32_t affiliated, subscribed;
	enum pubsub_error err = next_sid(txn, ENTITY_AFFILIATION, bare, *sid, &affiliated);

	*jid_out = NULL;
	if (err == PUBSUB_OK)
		err = next_sid(txn, ENTITY_SUBSCRIPTION, bare, *sid, &subscribed);
	if (err != PUBSUB_OK)
		return err;
	*sid = affiliated < subscribed ? affiliated : subscribed;
	return *sid == UINT32_MAX ? PUBSUB_OK : service_jid(txn, *sid, arena, jid_out);
}

static enum pubsub_error is_of_node(struct store_txn *txn, const struct row *row, bool *out)
{
	struct bytes rest = row->key;
	struct key_part bare;
	uint32_t sid, no;
	unsigned tag;

	if (!key_take_u8(&rest, &tag) || !key_take_part(&rest, &bare) ||
		!key_take_u32(&rest, &sid) || !key_take_u32(&rest, &no))
		return txn_corrupt(txn, TREE_ENTITIES, row->key);
	return node_is_there(txn, sid, no, out);
}

enum pubsub_error store_entity_count(struct store_txn *txn, const struct store_entity_range *range,
	enum store_entity_rows what, uint64_t *out)
{
	static const enum entity_tag tags[] = {
		[STORE_ENTITY_AFFILIATIONS] = ENTITY_AFFILIATION,
		[STORE_ENTITY_SUBSCRIPTIONS] = ENTITY_SUBSCRIPTION,
	};
	struct walk walk;
	struct row row;
	uint32_t sid = 0;
	bool found = false, some_are_gone = false, counts = true;
	enum pubsub_error err = service_find(txn, range->service, &sid);

	*out = 0;
	if (err == PUBSUB_OK)
		err = erase_is_due(txn, sid, &some_are_gone);
	if (err == PUBSUB_OK)
		err = entity_walk_range(&walk, txn, tags[what], range, &found);
	while (found && *out <= range->limit && walk_more(&walk, &row, &err)) {
		if (some_are_gone)
			err = is_of_node(txn, &row, &counts);
		*out += counts;
	}
	return err;
}
