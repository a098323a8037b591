/* From JSON to the store. Read once it is all checked, read twice it is written: what is wrong in
 * the last line has changed nothing. */
#include "exchange.h"

#include <string.h>

#include "peppy/array.h"
#include "peppy/clock.h"
#include "peppy/xml.h"

#include "fields.h"

static const struct xml_limits payload_limits = {.depth = 512};

static enum pubsub_error refuse(struct exchange_load *load, const char *why)
{
	load->why = why;
	return PUBSUB_ERR_BAD_REQUEST;
}

/* ---- members ---- */

/* NULL: it is not there, or is no text that XML can carry. */
static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL && *text != '\0' && xml_text_is_valid(text) ? text : NULL;
}

static bool jid_of(struct exchange_load *load, const json_t *object, struct jid *out)
{
	const char *text = text_of(object, "jid");

	return text != NULL && jid_parse(text, load->arena, out);
}

/* Absent, it is 0. */
static bool stamp_of(const json_t *object, const char *name, uint64_t *out)
{
	const char *text = json_string_value(json_object_get(object, name));

	*out = 0;
	return json_object_get(object, name) == NULL ||
	       (text != NULL && clock_stamp_parse(text, out));
}

static bool fields_of(struct exchange_load *load, const json_t *object, const char *name,
	const struct pubsub_form_type *type, void *record)
{
	const json_t *fields = json_object_get(object, name);
	uint64_t set;

	return fields == NULL ||
	       (json_is_object(fields) &&
		       fields_from_json(type, fields, load->arena, record, &set) == NULL);
}

static int word_of(const json_t *object, const char *name, const struct pubsub_words *words)
{
	const char *text = text_of(object, name);

	return text == NULL ? -1 : pubsub_word_find(words, text);
}

/* ---- nodes ---- */

static const char *key_of(struct exchange_load *load, const char *service, const char *node_id)
{
	return arena_printf(load->arena, "%s\n%s", service, node_id);
}

static bool read_names(struct exchange_load *load, const json_t *object, struct pubsub_node *out)
{
	struct jid service;
	const char *creator = text_of(object, "creator");

	*out = (struct pubsub_node){
		.node_id = text_of(object, "node"),
		.config = pubsub_node_config_default,
		.creator = creator,
	};
	if (out->node_id == NULL || text_of(object, "service") == NULL ||
		!jid_parse(text_of(object, "service"), load->arena, &service) ||
		service.resource != NULL)
		return false;
	out->service = service.bare;
	return true;
}

/* Nodes are made, never changed. */
static enum pubsub_error check_absent(struct exchange_load *load, const struct pubsub_node *node)
{
	const char *key = key_of(load, node->service, node->node_id);
	struct pubsub_node *former;
	enum pubsub_error err;

	if (map_find(load->nodes, key) != NULL)
		return refuse(load, "the node was in the lines before");
	map_put(load->nodes, key, load->nodes);
	err = store_node_get(load->txn, node->service, node->node_id, load->arena, &former);
	if (err == PUBSUB_OK)
		return refuse(load, arena_printf(load->arena, "the node '%s' of %s exists already",
					    node->node_id, node->service));
	return err == PUBSUB_ERR_NODE_NOT_FOUND || err == PUBSUB_ERR_NODE_GONE ? PUBSUB_OK : err;
}

static enum pubsub_error load_node(struct exchange_load *load, const json_t *object)
{
	struct pubsub_node node;

	if (!read_names(load, object, &node) || !stamp_of(object, "created", &node.created_us))
		return refuse(load, "a node needs service, node and created");
	if (!fields_of(load, object, "config", &pubsub_node_config_type, &node.config))
		return refuse(load, "the configuration is wrong");
	return load->writes ? store_node_create(load->txn, &node) : check_absent(load, &node);
}

/* The node that an object belongs to; while checking its names only. */
static enum pubsub_error find_node(
	struct exchange_load *load, const json_t *object, struct pubsub_node **out)
{
	struct pubsub_node *node = arena_alloc(load->arena, sizeof *node);

	*out = node;
	if (!read_names(load, object, node))
		return refuse(load, "service and node are missing, or malformed");
	if (load->writes)
		return store_node_get(load->txn, node->service, node->node_id, load->arena, out);
	if (map_find(load->nodes, key_of(load, node->service, node->node_id)) == NULL)
		return refuse(load, "its node was not in the lines before");
	return PUBSUB_OK;
}

/* ---- what belongs to nodes ---- */

static enum pubsub_error read_item(
	struct exchange_load *load, const json_t *object, struct pubsub_item *out)
{
	const char *payload = json_string_value(json_object_get(object, "payload"));
	struct xml_stanza document;

	*out = (struct pubsub_item){
		.id = text_of(object, "item"), .publisher = text_of(object, "publisher")};
	if (out->id == NULL || !stamp_of(object, "published", &out->published_us) ||
		out->published_us == 0 || !stamp_of(object, "expires", &out->expires_us))
		return refuse(load, "an item needs item and published");
	if (payload == NULL)
		return PUBSUB_OK;
	if (!xml_document_parse(&payload_limits, payload, strlen(payload), load->arena, &document))
		return refuse(load, "the payload is not one XML element");
	out->payload = payload;
	out->payload_len = strlen(payload);
	out->payload_ns = document.root->ns;
	out->payload_name = document.root->name;
	return PUBSUB_OK;
}

static enum pubsub_error read_subscription(
	struct exchange_load *load, const json_t *object, struct pubsub_subscription *out)
{
	int state = word_of(object, "state", &pubsub_subscription_state_words);

	*out = (struct pubsub_subscription){
		.sub_id = text_of(object, "subid"), .options = pubsub_subscribe_options_default};
	if (!jid_of(load, object, &out->subscriber) || state <= PUBSUB_SUBSCRIPTION_NONE)
		return refuse(load, "a subscription needs jid and state");
	out->state = (enum pubsub_subscription_state)state;
	if (!fields_of(load, object, "options", &pubsub_subscribe_options_type, &out->options))
		return refuse(load, "the options are wrong");
	if (out->options.expire_us != 0)
		out->due_us = 1; /* looked at at once, a lease is told when it ends */
	return PUBSUB_OK;
}

static enum pubsub_error load_item(struct exchange_load *load, const json_t *object)
{
	struct pubsub_node *node;
	struct pubsub_item item;
	bool replaced;
	enum pubsub_error err = find_node(load, object, &node);

	if (err == PUBSUB_OK)
		err = read_item(load, object, &item);
	if (err != PUBSUB_OK || !load->writes)
		return err;
	return store_item_put(load->txn, node, &item, &replaced);
}

static enum pubsub_error load_subscription(struct exchange_load *load, const json_t *object)
{
	struct pubsub_subscription subscription;
	struct pubsub_node *node;
	enum pubsub_error err = find_node(load, object, &node);

	if (err == PUBSUB_OK)
		err = read_subscription(load, object, &subscription);
	if (err != PUBSUB_OK || !load->writes)
		return err;
	return store_subscription_put(load->txn, node, &subscription);
}

static enum pubsub_error load_affiliation(struct exchange_load *load, const json_t *object)
{
	const int affiliation = word_of(object, "affiliation", &pubsub_affiliation_words);
	struct pubsub_node *node;
	struct jid jid;
	enum pubsub_error err = find_node(load, object, &node);

	if (err != PUBSUB_OK)
		return err;
	if (affiliation < 0 || !jid_of(load, object, &jid))
		return refuse(load, "an affiliation needs jid and affiliation");
	if (!load->writes)
		return PUBSUB_OK;
	return store_affiliation_put(
		load->txn, node, jid.bare, (enum pubsub_affiliation)affiliation);
}

/* ---- all of them ---- */

static enum pubsub_error load_head(struct exchange_load *load, const json_t *object)
{
	if (json_integer_value(json_object_get(object, "version")) != EXCHANGE_VERSION)
		return refuse(load, "it was written by another version of peppy");
	load->begun = true;
	return PUBSUB_OK;
}

/* Contact lists are the server's: told to whom they concern, but not loaded. */
static enum pubsub_error pass_over(struct exchange_load *load, const json_t *object)
{
	(void)load, (void)object;
	return PUBSUB_OK;
}

static const struct {
	const char *type;
	enum pubsub_error (*load)(struct exchange_load *load, const json_t *object);
} kinds[] = {
	{EXCHANGE_FORMAT, load_head},
	{"node", load_node},
	{"item", load_item},
	{"subscription", load_subscription},
	{"affiliation", load_affiliation},
	{"contact", pass_over},
};

enum pubsub_error exchange_take(struct exchange_load *load, const json_t *object)
{
	const char *type = json_string_value(json_object_get(object, "type"));

	for (size_t i = 0; type != NULL && i < ARRAY_COUNT(kinds); i++)
		if (strcmp(type, kinds[i].type) == 0)
			return load->begun || i == 0
				       ? kinds[i].load(load, object)
				       : refuse(load, "this is not an export from peppy");
	return refuse(load, "this is not an object of an export");
}
