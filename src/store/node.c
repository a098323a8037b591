/* node.c - nodes: name row, stat, configuration. */
#include "store/node.h"

#include <string.h>

#include "store/rows.h"
#include "store/service.h"

enum name_flags {
	NAME_REDIRECT = 1 /* deleted; instead of a number there is a URI */
};

/* ---- stat ---- */

bool node_stat_read(struct bytes value, struct node_stat *out)
{
	struct record record = record_read_start(value);

	out->last_seq = record_read_u64(&record);
	out->floor = record_read_u64(&record);
	out->items = record_read_u64(&record);
	out->subscribers = record_read_u64(&record);
	out->pending = record_read_u64(&record);
	out->bytes = record_read_u64(&record);
	out->due_us = record_read_u64(&record);
	out->payload_ns = record_read_text(&record);
	out->parents = 0;
	out->children = 0;
	if (record.bad || record.at == record.end)
		return !record.bad;
	out->parents = (uint32_t)record_read_varint(&record);
	out->children = record_read_varint(&record);
	return !record.bad;
}

enum pubsub_error node_stat_get(
	struct store_txn *txn, const struct pubsub_node *node, struct node_stat *out)
{
	struct buf *ns = &txn->store->payload_ns;
	struct key key;
	struct bytes value;
	enum pubsub_error err;

	key_init_node(&key, node->sid, node->no, NODE_STAT);
	err = txn_get(txn, TREE_NODES, &key, &value);
	if (err != PUBSUB_OK)
		return err;
	if (value.data == NULL)
		return PUBSUB_ERR_NODE_NOT_FOUND;
	if (!node_stat_read(value, out))
		return txn_corrupt(txn, TREE_NODES, key_bytes(&key));
	buf_truncate(ns, 0);
	if (out->payload_ns != NULL) {
		buf_append(ns, out->payload_ns, strlen(out->payload_ns) + 1);
		out->payload_ns = ns->data;
	}
	return PUBSUB_OK;
}

static void tell(struct pubsub_node *node, const struct node_stat *stat)
{
	node->last_seq = stat->last_seq;
	node->items = stat->items;
	node->bytes = stat->bytes;
	node->subscribers = stat->subscribers;
	node->pending = stat->pending;
	node->parents = stat->parents;
	node->children = stat->children;
}

enum pubsub_error node_stat_put(
	struct store_txn *txn, struct pubsub_node *node, const struct node_stat *stat)
{
	struct buf *record = txn_record(txn);
	struct key key;

	key_init_node(&key, node->sid, node->no, NODE_STAT);
	record_write_u64(record, stat->last_seq);
	record_write_u64(record, stat->floor);
	record_write_u64(record, stat->items);
	record_write_u64(record, stat->subscribers);
	record_write_u64(record, stat->pending);
	record_write_u64(record, stat->bytes);
	record_write_u64(record, stat->due_us);
	record_write_text(record, stat->payload_ns);
	if (stat->parents > 0 || stat->children > 0) { /* few nodes have any */
		record_write_varint(record, stat->parents);
		record_write_varint(record, stat->children);
	}
	tell(node, stat);
	return txn_put_record(txn, TREE_NODES, &key);
}

/* ---- configuration ---- */

static enum pubsub_error config_find(
	struct store_txn *txn, const struct pubsub_node *node, struct bytes *out)
{
	struct key key;

	key_init_node(&key, node->sid, node->no, NODE_CONFIG);
	return txn_get(txn, TREE_NODES, &key, out);
}

/* Who is whose child has rows of its own (collection.c), which are true whatever stands here. */
static void drop_relations(struct pubsub_node_config *config)
{
	config->collection = (struct pubsub_texts){0};
	config->children = (struct pubsub_texts){0};
}

/* older: the record that is replaced, data NULL if there is none. */
static enum pubsub_error config_put(struct store_txn *txn, const struct pubsub_node *node,
	const struct pubsub_node_config *config, struct bytes older)
{
	struct pubsub_node_config kept = *config;
	struct buf *record = txn_record(txn);
	struct record old;
	struct key key;

	drop_relations(&kept);
	record_write_text(record, node->node_id);
	record_write_text(record, node->creator);
	record_write_varint(record, node->created_us);
	fields_write(record, &pubsub_node_config_type, &kept, NULL);
	if (older.data != NULL) {
		old = record_read_start(older);
		record_read_text(&old);
		record_read_text(&old);
		record_read_varint(&old);
		fields_write_unknown(record, &pubsub_node_config_type, record_read_rest(&old));
	}
	key_init_node(&key, node->sid, node->no, NODE_CONFIG);
	return txn_put_record(txn, TREE_NODES, &key);
}

enum pubsub_error node_is_there(struct store_txn *txn, uint32_t sid, uint32_t no, bool *out)
{
	const struct pubsub_node node = {.sid = sid, .no = no};
	struct bytes value;
	enum pubsub_error err = config_find(txn, &node, &value);

	*out = err == PUBSUB_OK && value.data != NULL;
	return err;
}

enum pubsub_error node_name_find(
	struct store_txn *txn, uint32_t sid, uint32_t no, struct arena *arena, const char **out)
{
	struct pubsub_node node = {.sid = sid, .no = no};
	struct bytes value;
	struct record record;
	enum pubsub_error err = config_find(txn, &node, &value);

	*out = NULL;
	if (err != PUBSUB_OK || value.data == NULL)
		return err;
	record = record_read_start(value);
	*out = arena_strdup(arena, record_read_text(&record));
	return PUBSUB_OK;
}

/* ---- name row ---- */

void node_name_key(struct key *key, uint32_t sid, const char *node_id)
{
	key_init_node(key, sid, 0, SERVICE_NODE);
	key_add_part(key, node_id);
}

bool node_name_read(struct bytes value, struct name_row *out)
{
	struct record record = record_read_start(value);

	out->redirects = (record_read_byte(&record) & NAME_REDIRECT) != 0;
	out->no = (uint32_t)record_read_varint(&record);
	out->redirect = out->redirects ? record_read_text(&record) : NULL;
	return !record.bad;
}

static enum pubsub_error name_find(struct store_txn *txn, uint32_t sid, const char *node_id,
	struct name_row *out, bool *found_out)
{
	struct key key;
	struct bytes value;
	enum pubsub_error err;

	*found_out = false;
	node_name_key(&key, sid, node_id);
	err = txn_get(txn, TREE_NODES, &key, &value);
	if (err != PUBSUB_OK || value.data == NULL)
		return err;
	*found_out = true;
	return node_name_read(value, out) ? PUBSUB_OK
					  : txn_corrupt(txn, TREE_NODES, key_bytes(&key));
}

/* redirect NULL: a node that lives. */
static enum pubsub_error name_put(
	struct store_txn *txn, const struct pubsub_node *node, const char *redirect)
{
	struct buf *record = txn_record(txn);
	struct key key;

	node_name_key(&key, node->sid, node->node_id);
	buf_append_byte(record, redirect != NULL ? NAME_REDIRECT : 0);
	record_write_varint(record, redirect != NULL ? 0 : node->no);
	if (redirect != NULL)
		record_write_text(record, redirect);
	return txn_put_record(txn, TREE_NODES, &key);
}

/* ---- whole nodes ---- */

bool node_config_read(struct bytes value, struct arena *arena, struct pubsub_node *out)
{
	struct record record = record_read_start(value);

	out->node_id = arena_strdup(arena, record_read_text(&record));
	out->creator = arena_strdup(arena, record_read_text(&record));
	out->created_us = record_read_varint(&record);
	out->config = pubsub_node_config_default;
	fields_read(&record, &pubsub_node_config_type, arena, &out->config);
	drop_relations(&out->config);
	return !record.bad && out->node_id != NULL;
}

enum pubsub_error node_load(struct store_txn *txn, struct arena *arena, struct pubsub_node *node)
{
	struct node_stat stat;
	struct key key;
	struct bytes value;
	enum pubsub_error err = node_stat_get(txn, node, &stat);

	if (err != PUBSUB_OK)
		return err;
	err = config_find(txn, node, &value);
	if (err != PUBSUB_OK)
		return err;
	tell(node, &stat);
	node->payload_ns = arena_strdup(arena, stat.payload_ns);
	if (node_config_read(value, arena, node))
		return PUBSUB_OK;
	key_init_node(&key, node->sid, node->no, NODE_CONFIG);
	return txn_corrupt(txn, TREE_NODES, key_bytes(&key));
}

enum pubsub_error store_node_get(struct store_txn *txn, const char *service, const char *node_id,
	struct arena *arena, struct pubsub_node **out)
{
	struct pubsub_node *node;
	struct name_row name;
	uint32_t sid;
	bool found = false;
	enum pubsub_error err = service_find(txn, service, &sid);

	if (err == PUBSUB_OK && sid != 0)
		err = name_find(txn, sid, node_id, &name, &found);
	if (err != PUBSUB_OK)
		return err;
	if (!found)
		return PUBSUB_ERR_NODE_NOT_FOUND;
	node = arena_alloc(arena, sizeof *node);
	node->service = arena_strdup(arena, service);
	node->sid = sid;
	node->no = name.no;
	*out = node;
	if (!name.redirects)
		return node_load(txn, arena, node);
	node->node_id = arena_strdup(arena, node_id);
	node->config.description = arena_strdup(arena, name.redirect);
	return PUBSUB_ERR_NODE_GONE;
}

bool node_is_root(const struct pubsub_node *node)
{
	return *node->node_id == '\0';
}

/* Takes the next number of the service, or gives one node up. */
static enum pubsub_error count(struct store_txn *txn, struct pubsub_node *node, bool created)
{
	struct service_record service;
	enum pubsub_error err = service_get(txn, node->sid, &service);

	if (err != PUBSUB_OK)
		return err;
	if (created)
		node->no = ++service.last_no;
	if (!node_is_root(node))
		service.nodes += created ? 1 : (uint64_t)-1;
	return service_put(txn, node->service, &service);
}

enum pubsub_error store_node_create(struct store_txn *txn, struct pubsub_node *node)
{
	struct node_stat stat = {0};
	struct name_row name;
	bool found;
	enum pubsub_error err = txn_expect_room(txn);

	if (err == PUBSUB_OK)
		err = service_make(txn, node->service, &node->sid);
	if (err == PUBSUB_OK)
		err = name_find(txn, node->sid, node->node_id, &name, &found);
	if (err != PUBSUB_OK)
		return err;
	if (found && !name.redirects)
		return PUBSUB_ERR_NODE_EXISTS;
	node->payload_ns = NULL;
	err = count(txn, node, true);
	if (err == PUBSUB_OK)
		err = name_put(txn, node, NULL);
	if (err == PUBSUB_OK)
		err = node_stat_put(txn, node, &stat);
	if (err == PUBSUB_OK)
		err = config_put(txn, node, &node->config, (struct bytes){0});
	return err;
}

enum pubsub_error store_node_configure(
	struct store_txn *txn, struct pubsub_node *node, const struct pubsub_node_config *config)
{
	struct bytes older;
	bool expires;
	enum pubsub_error err = config_find(txn, node, &older);

	if (err != PUBSUB_OK)
		return err;
	if (older.data == NULL)
		return PUBSUB_ERR_NODE_NOT_FOUND;
	expires = node->config.item_expire_s != config->item_expire_s;
	err = config_put(txn, node, config, older);
	if (err != PUBSUB_OK)
		return err;
	node->config = *config;
	return expires ? store_node_due_renew(txn, node) : PUBSUB_OK;
}

enum pubsub_error store_node_del(
	struct store_txn *txn, struct pubsub_node *node, const char *redirect)
{
	struct node_stat stat;
	struct key key;
	enum pubsub_error err = node_stat_get(txn, node, &stat);

	if (err == PUBSUB_OK)
		err = count(txn, node, false);
	if (err == PUBSUB_OK && stat.parents > 0)
		err = node_leave_parents(txn, node);
	if (err != PUBSUB_OK)
		return err;
	node_name_key(&key, node->sid, node->node_id);
	err = redirect != NULL ? name_put(txn, node, redirect) : txn_del(txn, TREE_NODES, &key);
	if (err != PUBSUB_OK)
		return err;
	err = node_due_move(txn, node, &stat, 0);
	if (err != PUBSUB_OK)
		return err;
	key_init_node(&key, node->sid, node->no, NODE_STAT);
	err = txn_del(txn, TREE_NODES, &key);
	if (err != PUBSUB_OK)
		return err;
	key_init_node(&key, node->sid, node->no, NODE_CONFIG);
	err = txn_del(txn, TREE_NODES, &key);
	return err == PUBSUB_OK ? erase_later(txn, node) : err;
}

enum pubsub_error store_node_purge(struct store_txn *txn, struct pubsub_node *node)
{
	struct node_stat stat;
	enum pubsub_error err = node_stat_get(txn, node, &stat);

	if (err != PUBSUB_OK || stat.items == 0)
		return err;
	stat.floor = stat.last_seq;
	stat.items = 0;
	stat.bytes = 0;
	err = node_due_move(txn, node, &stat, 0);
	if (err == PUBSUB_OK)
		err = node_stat_put(txn, node, &stat);
	return err == PUBSUB_OK ? erase_later(txn, node) : err;
}

/* ---- the nodes of a service ---- */

static enum pubsub_error add_row(struct store_txn *txn, const struct row *row,
	struct pubsub_node *node, struct arena *arena, bool *added_out)
{
	struct name_row name;
	enum pubsub_error err;

	*added_out = false;
	if (!node_name_read(row->value, &name))
		return txn_corrupt(txn, TREE_NODES, row->key);
	if (name.redirects)
		return PUBSUB_OK;
	node->no = name.no;
	err = node_load(txn, arena, node);
	*added_out = err == PUBSUB_OK && !node_is_root(node);
	return err;
}

enum pubsub_error store_nodes_page(struct store_txn *txn, const char *service,
	const struct store_range *range, struct arena *arena, struct pubsub_node **nodes_out,
	size_t *n_out)
{
	struct pubsub_node node = {.service = arena_strdup(arena, service)};
	struct list list = {0};
	struct walk walk;
	struct key prefix;
	struct row row;
	bool added;
	enum pubsub_error err = service_find(txn, service, &node.sid);

	*n_out = 0;
	*nodes_out = NULL;
	if (err != PUBSUB_OK || node.sid == 0)
		return err;
	key_init_node(&prefix, node.sid, 0, SERVICE_NODE);
	walk_start(&walk, txn, TREE_NODES, &prefix);
	walk_range(&walk, &prefix, range);
	while (list.n < range->limit && walk_more(&walk, &row, &err)) {
		err = add_row(txn, &row, &node, arena, &added);
		if (added)
			*(struct pubsub_node *)list_add(&list, sizeof node, arena) = node;
	}
	if (range->backward)
		list_reverse(&list, sizeof node);
	*nodes_out = list.v;
	*n_out = list.n;
	return err;
}

enum pubsub_error store_nodes_count(struct store_txn *txn, const char *service, uint64_t *out)
{
	struct service_record record = {0};
	uint32_t sid;
	enum pubsub_error err = service_find(txn, service, &sid);

	if (err == PUBSUB_OK && sid != 0)
		err = service_get(txn, sid, &record);
	*out = record.nodes;
	return err;
}
