/* From records to the store. Read once it is all checked, read twice it is written: what is wrong
 * in the last record has changed nothing. */
#include "exchange.h"

#include <stdlib.h>
#include <string.h>

#include "peppy/memory.h"
#include "peppy/xml.h"

#define ANCESTORS_MAX 1000 /* of a collection */

/* What is known of a node from the records before. */
static char is_new, is_kept; /* their addresses are the values of load->nodes */

static enum pubsub_error refuse(struct exchange_load *load, const char *why)
{
	load->why = why;
	return PUBSUB_ERR_BAD_REQUEST;
}

static const char *key_of(struct exchange_load *load, const struct exchange_record *record)
{
	return arena_printf(load->arena, "%s\n%s", record->service, record->node_id);
}

static bool is_text(const char *text)
{
	return text != NULL && *text != '\0' && xml_text_is_valid(text);
}

/* ---- nodes ---- */

/* One that exists is left alone, if that is wanted. */
static enum pubsub_error meet(struct exchange_load *load, const struct exchange_record *record)
{
	if (!load->keeps)
		return refuse(load, arena_printf(load->arena, "the node '%s' of %s exists already",
					    record->node_id, record->service));
	map_put(load->nodes, key_of(load, record), &is_kept);
	load->kept++;
	return PUBSUB_OK;
}

static enum pubsub_error check_absent(
	struct exchange_load *load, const struct exchange_record *record)
{
	const char *key = key_of(load, record);
	struct pubsub_node *former;
	enum pubsub_error err;

	if (map_find(load->nodes, key) != NULL)
		return refuse(load, "the node has already come");
	map_put(load->nodes, key, &is_new);
	err = store_node_get(load->txn, record->service, record->node_id, load->arena, &former);
	if (err == PUBSUB_OK)
		return meet(load, record);
	return err == PUBSUB_ERR_NODE_NOT_FOUND || err == PUBSUB_ERR_NODE_GONE ? PUBSUB_OK : err;
}

static enum pubsub_error load_node(struct exchange_load *load, const struct exchange_record *record)
{
	struct pubsub_node node = record->node;

	if (!load->writes)
		return check_absent(load, record);
	node.service = record->service;
	node.node_id = record->node_id;
	if (node.created_us == 0)
		node.created_us = load->now_us;
	return store_node_create(load->txn, &node);
}

/* The node that a record belongs to. */
static enum pubsub_error get_node(
	struct exchange_load *load, const struct exchange_record *record, struct pubsub_node **out)
{
	return store_node_get(load->txn, record->service, record->node_id, load->arena, out);
}

/* ---- what belongs to nodes ---- */

static enum pubsub_error load_affiliation(
	struct exchange_load *load, const struct exchange_record *record)
{
	struct pubsub_node *node;
	enum pubsub_error err;

	if (!load->writes)
		return PUBSUB_OK;
	err = get_node(load, record, &node);
	if (err != PUBSUB_OK)
		return err;
	return store_affiliation_put(
		load->txn, node, record->affiliate.jid, record->affiliate.affiliation);
}

/* What waits for a digest is sent soon, and a lease looked at: both set their next time then. */
static enum pubsub_error put_subscription(
	struct exchange_load *load, const struct exchange_record *record, struct pubsub_node *node)
{
	struct pubsub_subscription row = record->subscription.row;
	const struct pubsub_texts waiting = record->subscription.waiting;
	enum pubsub_error err;

	for (size_t i = 0; i < waiting.n; i++)
		row.digest.bytes += (uint32_t)strlen(waiting.v[i]);
	row.digest.due_us = waiting.n > 0;
	row.due_us = waiting.n > 0 || row.options.expire_us != 0;
	err = store_subscription_put(load->txn, node, &row);
	for (size_t i = 0; err == PUBSUB_OK && i < waiting.n; i++)
		err = store_digest_put(load->txn, node, &row, waiting.v[i], strlen(waiting.v[i]));
	return err;
}

static enum pubsub_error load_subscription(
	struct exchange_load *load, const struct exchange_record *record)
{
	struct pubsub_node *node;
	enum pubsub_error err;

	if (record->subscription.row.state == PUBSUB_SUBSCRIPTION_NONE)
		return refuse(load, "a subscription needs jid and state");
	if (!load->writes)
		return PUBSUB_OK;
	err = get_node(load, record, &node);
	return err == PUBSUB_OK ? put_subscription(load, record, node) : err;
}

/* ---- collections ---- */

struct parent { /* of a node, one of several */
	struct parent *next;
	char key[];
};

static void free_parents(void *value)
{
	struct parent *parent = value, *next;

	for (; parent != NULL; parent = next) {
		next = parent->next;
		free(parent);
	}
}

static void add_parent(struct exchange_load *load, const char *child, const char *key)
{
	const size_t size = strlen(key) + 1;
	struct parent *parent = memory_alloc(sizeof *parent + size);

	memcpy(parent->key, key, size);
	parent->next = map_take(load->parents, child);
	map_put(load->parents, child, parent);
}

/* Up from a node, one way after the other; too many of them count as a circle. */
static bool is_above(
	const struct exchange_load *load, const char *above, const char *key, unsigned *left)
{
	const struct parent *parent;

	if (strcmp(above, key) == 0 || *left == 0)
		return true;
	--*left;
	for (parent = map_find(load->parents, key); parent != NULL; parent = parent->next)
		if (is_above(load, above, parent->key, left))
			return true;
	return false;
}

static enum pubsub_error check_child(struct exchange_load *load, const char *child, const char *key)
{
	unsigned left = ANCESTORS_MAX;

	if (map_find(load->nodes, key) == NULL)
		return refuse(load, "its collection has not come before");
	if (is_above(load, child, key, &left))
		return refuse(load, "the collections make a circle");
	add_parent(load, child, key);
	return PUBSUB_OK;
}

static enum pubsub_error load_child(
	struct exchange_load *load, const struct exchange_record *record)
{
	const struct exchange_record parent = {
		.service = record->service, .node_id = record->collection};
	struct pubsub_node *child, *collection;
	enum pubsub_error err;

	if (!load->writes)
		return check_child(load, key_of(load, record), key_of(load, &parent));
	err = get_node(load, record, &child);
	if (err == PUBSUB_OK)
		err = get_node(load, &parent, &collection);
	return err == PUBSUB_OK ? store_child_put(load->txn, collection, child) : err;
}

/* ---- items ---- */

static enum pubsub_error put_item(
	struct exchange_load *load, const struct exchange_record *record, struct pubsub_node *node)
{
	struct pubsub_item item = record->item;
	bool replaced;
	enum pubsub_error err;

	if (item.published_us == 0)
		item.published_us = load->now_us;
	err = store_item_put(load->txn, node, &item, &replaced);
	if (err == PUBSUB_OK && node->config.purge_offline && item.publisher != NULL)
		err = store_publisher_put(load->txn, node, item.publisher);
	return err;
}

static enum pubsub_error load_item(struct exchange_load *load, const struct exchange_record *record)
{
	struct pubsub_node *node;
	enum pubsub_error err;

	if (!is_text(record->item.id))
		return refuse(load, "an item needs an id");
	if (!load->writes)
		return PUBSUB_OK;
	err = get_node(load, record, &node);
	return err == PUBSUB_OK ? put_item(load, record, node) : err;
}

/* ---- all of them ---- */

typedef enum pubsub_error (*load_fn)(
	struct exchange_load *load, const struct exchange_record *record);

static const load_fn kinds[EXCHANGE_COUNT] = {
	[EXCHANGE_NODE] = load_node,
	[EXCHANGE_AFFILIATION] = load_affiliation,
	[EXCHANGE_SUBSCRIPTION] = load_subscription,
	[EXCHANGE_CHILD] = load_child,
	[EXCHANGE_ITEMS] = NULL,
	[EXCHANGE_ITEM] = load_item,
	[EXCHANGE_CONTACT] = NULL, /* the server has it */
};

/* An account's JID, or a component's: prepared, without resource. */
static bool is_service(struct exchange_load *load, const char *service)
{
	struct jid jid;

	return is_text(service) && jid_parse(service, load->arena, &jid) && jid.resource == NULL &&
	       strcmp(jid.bare, service) == 0;
}

static enum pubsub_error take_of_node(
	struct exchange_load *load, const struct exchange_record *record)
{
	const void *mark;

	if (record->node_id == NULL || !xml_text_is_valid(record->node_id) ||
		!is_service(load, record->service))
		return refuse(load, "service and node are missing, or malformed");
	mark = map_find(load->nodes, key_of(load, record));
	if (record->kind != EXCHANGE_NODE && mark == NULL)
		return refuse(load, "its node has not come before");
	if (mark == &is_kept && (record->kind != EXCHANGE_NODE || load->writes))
		return PUBSUB_OK;
	return kinds[record->kind](load, record);
}

enum pubsub_error exchange_take(struct exchange_load *load, const struct exchange_record *record)
{
	load->records++;
	arena_reset(load->arena);
	load->why = NULL;
	if (kinds[record->kind] == NULL)
		return PUBSUB_OK;
	return take_of_node(load, record);
}

void exchange_load_init(struct exchange_load *load, uint64_t now_us)
{
	*load = (struct exchange_load){
		.now_us = now_us,
		.arena = arena_create(),
		.nodes = map_create(0, NULL),
		.parents = map_create(0, free_parents),
	};
}

void exchange_load_finish(struct exchange_load *load)
{
	map_destroy(load->nodes);
	map_destroy(load->parents);
	arena_destroy(load->arena);
}
