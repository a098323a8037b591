/* Requests of an account to itself. */
#include "own.h"

#include "park.h"
#include "service_call.h"

bool own_open(
	struct turn *turn, const struct inquiry *inquiry, enum store_mode mode, struct own *out)
{
	*out = (struct own){.turn = turn, .account = jid_bare(inquiry->to)};
	return service_call_open(turn, inquiry->task->component, true,
		park_is_expired(inquiry->task), mode, &out->service);
}

static bool is_absent(enum pubsub_error err)
{
	return err != PUBSUB_OK && err != PUBSUB_ERR_NEED_ROSTER && !turn_is_store_error(err);
}

struct xml_stanza own_parse(struct own *own, const char *bytes, size_t len)
{
	static const struct xml_limits none = {0}; /* it was judged when it was published */
	struct xml_stanza doc = {0};

	if (!xml_document_parse(&none, bytes, len, own->turn->arena, &doc))
		doc.root = NULL;
	return doc;
}

enum pubsub_error own_item(struct own *own, struct jid from, const char *node_id,
	const char *item_id, struct xml_stanza *out, const char **id_out)
{
	const struct pubsub_item wanted = {.id = item_id};
	const struct pubsub_request request = {
		.service = own->account.bare,
		.from = from,
		.node_id = node_id,
		.items = &wanted,
		.item_count = item_id != NULL,
		.max_items = item_id == NULL,
	};
	struct pubsub_answer answer = {0};
	enum pubsub_error err = service_items_retrieve(&own->service, &request, &answer);
	const struct pubsub_item *item = answer.items;

	*out = (struct xml_stanza){0};
	*id_out = NULL;
	if (is_absent(err))
		return PUBSUB_OK;
	if (err != PUBSUB_OK || answer.item_count == 0 || item->payload == NULL)
		return err;
	*id_out = arena_strdup(own->turn->arena, item->id);
	*out = own_parse(own, arena_memdup(own->turn->arena, item->payload, item->payload_len),
		item->payload_len);
	return PUBSUB_OK;
}

static enum pubsub_error find_node(struct own *own, const char *node_id, struct pubsub_node **out)
{
	enum pubsub_error err =
		store_node_get(own->service.txn, own->account.bare, node_id, own->turn->arena, out);

	if (err == PUBSUB_OK || turn_is_store_error(err))
		return err;
	*out = NULL;
	return PUBSUB_OK;
}

enum pubsub_error own_items(
	struct own *own, const char *node_id, size_t limit, struct pubsub_item **out, size_t *n_out)
{
	const struct store_item_range range = {.limit = limit};
	struct pubsub_node *node;
	enum pubsub_error err = find_node(own, node_id, &node);

	*n_out = 0;
	if (err != PUBSUB_OK || node == NULL)
		return err;
	if (node->items > limit || node->bytes > OWN_BYTES)
		return PUBSUB_ERR_MAX_ITEMS_EXCEEDED;
	return store_items_page(own->service.txn, node, &range, own->turn->arena, out, n_out);
}

enum pubsub_error own_is_private(struct own *own, const char *node_id, bool *out)
{
	const struct store_range one = {.limit = 1};
	struct pubsub_affiliate *affiliates;
	struct pubsub_node *node;
	size_t n = 0;
	enum pubsub_error err = find_node(own, node_id, &node);

	if (err == PUBSUB_OK && node != NULL)
		err = store_affiliations_page(
			own->service.txn, node, &one, own->turn->arena, &affiliates, &n);
	*out = err == PUBSUB_OK &&
	       (node == NULL || (n == 0 && node->config.access_model == PUBSUB_ACCESS_WHITELIST &&
					node->config.publish_model == PUBSUB_PUBLISH_PUBLISHERS));
	return err;
}

static enum pubsub_error call(
	struct own *own, service_fn fn, const char *node_id, const struct pubsub_item *item)
{
	const struct pubsub_request request = {
		.service = own->account.bare,
		.from = own->account,
		.node_id = node_id,
		.items = item,
		.item_count = 1,
		.notify = true,
	};
	struct pubsub_answer answer = {0};
	enum pubsub_error err = fn(&own->service, &request, &answer);

	if (err == PUBSUB_OK)
		own->service.expired = true;
	return err;
}

enum pubsub_error own_publish(
	struct own *own, const char *node_id, const char *item_id, struct buf *payload)
{
	struct pubsub_item item = {.id = item_id, .payload_len = payload->len};
	struct xml_stanza doc;

	item.payload = arena_memdup(own->turn->arena, payload->data, payload->len);
	buf_truncate(payload, 0);
	doc = own_parse(own, item.payload, item.payload_len);
	if (doc.root == NULL)
		return PUBSUB_ERR_PAYLOAD_INVALID;
	item.payload_ns = doc.root->ns;
	item.payload_name = doc.root->name;
	return call(own, service_item_publish, node_id, &item);
}

enum pubsub_error own_retract(struct own *own, const char *node_id, const char *item_id)
{
	const struct pubsub_item item = {.id = item_id};

	return call(own, service_item_retract, node_id, &item);
}

void own_notify(struct own *own)
{
	service_call_notify(own->turn, &own->service);
	own->service.events = NULL;
	own->service.events_end = &own->service.events;
}

bool own_is_self(const struct inquiry *inquiry)
{
	return jid_equal_bare(inquiry->from, inquiry->to);
}

void own_set_run(struct turn *turn, const struct inquiry *inquiry, own_set_fn set)
{
	enum pubsub_error err = PUBSUB_ERR_OWNER_FORBIDDEN;
	const char *detail = NULL;
	struct xml_writer w;
	struct own own;

	if (own_is_self(inquiry)) {
		if (!own_open(turn, inquiry, STORE_WRITE, &own))
			return;
		err = set(&own, inquiry, &detail);
	}
	if (err != PUBSUB_OK) {
		service_call_failed(turn, inquiry, err, detail);
		return;
	}
	w = stanza_reply(turn, inquiry, "result");
	stanza_reply_end(turn, inquiry, &w);
	own_notify(&own);
}
