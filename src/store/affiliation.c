/* affiliation.c - affiliations: N 10 of a node, E 02 of an entity. */
#include "peppy/store.h"

#include "store/entity.h"
#include "store/node.h"
#include "store/rows.h"

static void node_key(struct key *key, const struct pubsub_node *node, const char *bare)
{
	key_init_node(key, node->sid, node->no, NODE_AFFILIATION);
	key_add_part(key, bare);
}

/* of the same affiliation in tree E */
static void mirror_key(struct key *key, const struct pubsub_node *node, const struct key *node_row)
{
	entity_key(key, ENTITY_AFFILIATION, key_rest(node_row, NODE_PREFIX), node);
}

static bool read_row(struct record *record, enum pubsub_affiliation *out)
{
	unsigned affiliation = record_read_byte(record);

	if (affiliation >= PUBSUB_AFFILIATION_COUNT)
		record->bad = true;
	*out = (enum pubsub_affiliation)affiliation;
	return !record->bad;
}

enum pubsub_error store_affiliation_get(struct store_txn *txn, const struct pubsub_node *node,
	const char *bare, enum pubsub_affiliation *out)
{
	struct key key;
	struct bytes value;
	struct record record;
	enum pubsub_error err;

	*out = PUBSUB_AFFILIATION_NONE;
	node_key(&key, node, bare);
	err = txn_get(txn, TREE_NODES, &key, &value);
	if (err != PUBSUB_OK || value.data == NULL)
		return err;
	record = record_read_start(value);
	return read_row(&record, out) ? PUBSUB_OK : txn_corrupt(txn, TREE_NODES, key_bytes(&key));
}

static enum pubsub_error del_rows(
	struct store_txn *txn, const struct key *node_row, const struct key *entity_row)
{
	enum pubsub_error err = txn_del(txn, TREE_NODES, node_row);

	return err == PUBSUB_OK ? txn_del(txn, TREE_ENTITIES, entity_row) : err;
}

enum pubsub_error store_affiliation_put(struct store_txn *txn, const struct pubsub_node *node,
	const char *bare, enum pubsub_affiliation affiliation)
{
	struct node_stat stat;
	struct key node_row, entity_row;
	struct buf *record;
	enum pubsub_error err = node_stat_get(txn, node, &stat);

	if (err != PUBSUB_OK)
		return err;
	node_key(&node_row, node, bare);
	mirror_key(&entity_row, node, &node_row);
	if (affiliation == PUBSUB_AFFILIATION_NONE)
		return del_rows(txn, &node_row, &entity_row);
	record = txn_record(txn);
	buf_append_byte(record, (char)affiliation);
	record_write_part(record, bare);
	err = txn_put_record(txn, TREE_NODES, &node_row);
	if (err != PUBSUB_OK)
		return err;
	return txn_put_empty(txn, TREE_ENTITIES, &entity_row);
}

bool affiliation_read(const struct row *row, struct arena *arena, struct pubsub_affiliate *out)
{
	struct record record = record_read_start(row->value);
	struct bytes rest = row_rest(row, NODE_PREFIX);
	struct key_part part;

	if (!key_take_part(&rest, &part) || !read_row(&record, &out->affiliation))
		return false;
	out->jid = record_read_part(&record, &part, arena);
	return !record.bad;
}

enum pubsub_error store_affiliations_count(
	struct store_txn *txn, const struct pubsub_node *node, uint64_t limit, uint64_t *out)
{
	struct walk walk;
	struct key prefix;

	key_init_node(&prefix, node->sid, node->no, NODE_AFFILIATION);
	walk_start(&walk, txn, TREE_NODES, &prefix);
	return walk_count(&walk, limit, out);
}

enum pubsub_error store_affiliations_page(struct store_txn *txn, const struct pubsub_node *node,
	const struct store_range *range, struct arena *arena, struct pubsub_affiliate **out,
	size_t *n_out)
{
	const char *node_id = arena_strdup(arena, node->node_id);
	struct pubsub_affiliate *affiliate;
	struct list list = {0};
	struct walk walk;
	struct key prefix;
	struct row row;
	enum pubsub_error err = PUBSUB_OK;

	key_init_node(&prefix, node->sid, node->no, NODE_AFFILIATION);
	walk_start(&walk, txn, TREE_NODES, &prefix);
	walk_range(&walk, &prefix, range);
	while (list.n < range->limit && walk_more(&walk, &row, &err)) {
		affiliate = list_add(&list, sizeof *affiliate, arena);
		affiliate->node_id = node_id;
		if (!affiliation_read(&row, arena, affiliate))
			return txn_corrupt(txn, TREE_NODES, row.key);
	}
	if (range->backward)
		list_reverse(&list, sizeof *affiliate);
	*out = list.v;
	*n_out = list.n;
	return err;
}

enum pubsub_error store_entity_affiliations_page(struct store_txn *txn,
	const struct store_entity_range *range, struct arena *arena, struct pubsub_affiliate **out,
	size_t *n_out)
{
	const char *jid = arena_strdup(arena, range->bare);
	enum pubsub_affiliation affiliation;
	struct list list = {0};
	struct entity_row row;
	struct walk walk;
	bool found;
	enum pubsub_error err = entity_walk_range(&walk, txn, ENTITY_AFFILIATION, range, &found);

	while (err == PUBSUB_OK && found && list.n < range->limit) {
		err = entity_walk_next(&walk, arena, &row, &found);
		if (err != PUBSUB_OK || !found || row.node.node_id == NULL)
			continue;
		err = store_affiliation_get(txn, &row.node, range->bare, &affiliation);
		*(struct pubsub_affiliate *)list_add(
			&list, sizeof(struct pubsub_affiliate), arena) =
			(struct pubsub_affiliate){row.node.node_id, jid, affiliation, row.node.no};
	}
	if (range->backward)
		list_reverse(&list, sizeof(struct pubsub_affiliate));
	*out = list.v;
	*n_out = list.n;
	return err;
}

enum pubsub_error store_entity_affiliations(struct store_txn *txn, const char *service,
	const char *bare, struct arena *arena, struct pubsub_affiliate **out, size_t *n_out)
{
	const struct store_entity_range all = {.service = service, .bare = bare, .limit = SIZE_MAX};

	return store_entity_affiliations_page(txn, &all, arena, out, n_out);
}
