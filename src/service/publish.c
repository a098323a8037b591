/* publish.c - publishing: XEP-0060 7.1, with options (7.1.5) and automatic creation (7.1.4). */
#include "peppy/id.h"
#include "peppy/service.h"
#include "service/access.h"
#include "service/association.h"
#include "service/departure.h"
#include "service/event.h"
#include "service/item.h"
#include "service/limit.h"
#include "service/node.h"
#include "service/page.h"
#include "service/recipients.h"

/* A publication between check and write. */
struct publication {
	struct service *service;
	const struct pubsub_request *request;
	struct pubsub_answer *answer;
	struct pubsub_node *node; /* not in the store yet if it is to be created */
	struct recipients recipients;
	bool named;                       /* subscribers are told who published */
	struct associations associations; /* of a node that is to be created */
};

/* ---- preconditions (7.1.5) ---- */

/* Values are compared for what they come to: "max" is the service's limit. */
static struct pubsub_node_config effective(
	const struct service *service, struct pubsub_node_config config)
{
	config.max_items = node_max_items(service, &config);
	config.max_payload_size = node_max_payload(service, &config);
	return config;
}

static enum pubsub_error check_options(const struct publication *p)
{
	const struct pubsub_form_type *type = &pubsub_node_config_type;
	struct pubsub_node_config have = effective(p->service, p->node->config);
	struct pubsub_node_config want = effective(p->service, p->request->publish_options);
	enum pubsub_error err = PUBSUB_OK;

	if (p->request->publish_options_set != 0)
		err = collection_tell(p->service, p->node, &have);
	if (err != PUBSUB_OK)
		return err;
	for (size_t i = 0; i < type->n; i++) {
		const struct pubsub_field *field = &type->v[i];

		if ((p->request->publish_options_set & pubsub_field_bit(type, field)) == 0)
			continue;
		if (!pubsub_field_equal(field, &have, &want)) {
			p->answer->detail = field->var;
			return PUBSUB_ERR_PRECONDITION;
		}
	}
	return PUBSUB_OK;
}

/* ---- the node ---- */

static enum pubsub_error plan_node(struct publication *p)
{
	const struct pubsub_request *request = p->request;
	enum pubsub_error err = PUBSUB_OK;

	if (!p->service->profile->auto_create || access_create(p->service, request) != PUBSUB_OK)
		return PUBSUB_ERR_NODE_NOT_FOUND;
	err = limit_node_id(p->service, request, p->answer);
	if (err == PUBSUB_OK)
		err = limit_nodes(p->service, request, p->answer);
	if (err != PUBSUB_OK)
		return err;
	p->node = node_plan(
		p->service, request, &request->publish_options, request->publish_options_set);
	err = node_check(p->service, p->node);
	p->associations = (struct associations){.service = p->service,
		.request = request,
		.answer = p->answer,
		.node = p->node,
		.set = request->publish_options_set};
	return err == PUBSUB_OK ? associations_check(&p->associations) : err;
}

static enum pubsub_error find_node(struct publication *p)
{
	enum pubsub_error err = node_find(p->service, p->request, p->answer, &p->node);

	if (err != PUBSUB_OK && err != PUBSUB_ERR_NODE_NOT_FOUND)
		return err;
	if (err == PUBSUB_OK)
		err = access_publish(p->service, p->node, p->request->from);
	else
		err = plan_node(p);
	if (err != PUBSUB_OK)
		return err;
	if (collection_is(p->node)) { /* 7.1.3.2 */
		p->answer->detail = "publish";
		return PUBSUB_ERR_UNSUPPORTED;
	}
	if (p->request->publish_options_unknown != NULL) {
		p->answer->detail = p->request->publish_options_unknown;
		return PUBSUB_ERR_PRECONDITION;
	}
	return node_is_stored(p->node) ? check_options(p) : PUBSUB_OK;
}

/* ---- the items ---- */

enum presence { FORBIDDEN, OPTIONAL, REQUIRED };

/* clang-format off */
static const struct {
	enum presence item, payload;
} event_types[2][2] = { /* 4.3, persistent or not x with payloads or not */
	[true] [true]  = {REQUIRED,  REQUIRED},
	[true] [false] = {REQUIRED,  OPTIONAL},
	[false][true]  = {REQUIRED,  REQUIRED},
	[false][false] = {FORBIDDEN, FORBIDDEN},
};
/* clang-format on */

static enum pubsub_error check_event_type(const struct publication *p)
{
	const struct pubsub_node_config *config = &p->node->config;
	const enum presence item =
		event_types[config->persist_items][config->deliver_payloads].item;
	const enum presence payload =
		event_types[config->persist_items][config->deliver_payloads].payload;

	if (item == REQUIRED && p->request->item_count == 0)
		return PUBSUB_ERR_ITEM_REQUIRED;
	if (item == FORBIDDEN && p->request->item_count > 0)
		return PUBSUB_ERR_ITEM_FORBIDDEN;
	for (size_t i = 0; i < p->request->item_count; i++) {
		if (payload == REQUIRED && p->request->items[i].payload == NULL)
			return PUBSUB_ERR_PAYLOAD_REQUIRED;
	}
	return PUBSUB_OK;
}

/* Whatever the limits, an item has to fit into one stanza: it could neither be told nor fetched. */
static enum pubsub_error check_sizes(const struct publication *p)
{
	uint32_t max = node_max_payload(p->service, &p->node->config);

	if (access_is_admin(p->service, p->request->from.bare))
		max = PUBSUB_MAX;
	for (size_t i = 0; i < p->request->item_count; i++) {
		const struct pubsub_item *item = &p->request->items[i];
		struct page_room room = page_room(p->service);

		if (item->payload_len > max ||
			!page_has_room(&room, item->payload_len + page_text_bytes(item->id) +
						      page_text_bytes(p->node->node_id)))
			return PUBSUB_ERR_PAYLOAD_TOO_BIG;
	}
	return PUBSUB_OK;
}

/* Where the operator has payloads looked at (7.1.3.6). */
static enum pubsub_error check_payload(const struct publication *p, const struct pubsub_item *item)
{
	const struct service_profile *profile = p->service->profile;
	const char *type = p->node->config.type;

	if (!pubsub_type_takes(type, item->payload_ns)) {
		p->answer->detail =
			arena_printf(p->service->arena, "items of this node are %s", type);
		return PUBSUB_ERR_PAYLOAD_INVALID;
	}
	return profile->accepts(profile->accepts_ctx, item, p->service->arena, &p->answer->detail)
		       ? PUBSUB_OK
		       : PUBSUB_ERR_PAYLOAD_INVALID;
}

static enum pubsub_error check_payloads(const struct publication *p)
{
	enum pubsub_error err = PUBSUB_OK;

	if (p->service->profile->accepts == NULL)
		return PUBSUB_OK;
	for (size_t i = 0; err == PUBSUB_OK && i < p->request->item_count; i++)
		if (p->request->items[i].payload != NULL)
			err = check_payload(p, &p->request->items[i]);
	return err;
}

static bool is_new(
	const struct publication *p, const struct pubsub_item *item, enum pubsub_error *err)
{
	struct pubsub_item former = {0};

	if (!node_is_stored(p->node) || !item_has_id(item))
		return true;
	*err = store_item_get(p->service->txn, p->node, item->id, &former);
	if (*err != PUBSUB_ERR_ITEM_NOT_FOUND)
		return false;
	*err = PUBSUB_OK;
	return true;
}

static enum pubsub_error check_room(const struct publication *p)
{
	uint64_t max = node_max_items(p->service, &p->node->config);
	uint64_t items = p->node->items;
	enum pubsub_error err = PUBSUB_OK;

	if (!p->node->config.persist_items)
		return PUBSUB_OK;
	if (p->request->item_count > max)
		return PUBSUB_ERR_MAX_ITEMS_EXCEEDED;
	if (p->node->config.publish_node_full != PUBSUB_NODE_FULL_REJECT ||
		items + p->request->item_count <= max)
		return PUBSUB_OK;
	for (size_t i = 0; err == PUBSUB_OK && i < p->request->item_count; i++)
		items += is_new(p, &p->request->items[i], &err);
	if (err != PUBSUB_OK)
		return err;
	return items > max ? PUBSUB_ERR_NODE_FULL : PUBSUB_OK;
}

/* What items that are replaced give back. */
static enum pubsub_error count_replaced(const struct publication *p, uint64_t *out)
{
	enum pubsub_error err = PUBSUB_OK;

	for (size_t i = 0; err == PUBSUB_OK && i < p->request->item_count; i++) {
		struct pubsub_item former = {0};

		if (!item_has_id(&p->request->items[i]))
			continue;
		err = store_item_get(p->service->txn, p->node, p->request->items[i].id, &former);
		if (err == PUBSUB_ERR_ITEM_NOT_FOUND)
			err = PUBSUB_OK;
		*out += former.payload_len;
	}
	return err;
}

/* Where nothing is to go for it, what comes has to fit in. */
static enum pubsub_error check_bytes(const struct publication *p)
{
	uint64_t max = limit_node_bytes(p->service, p->request), more = 0, less = 0;
	enum pubsub_error err = PUBSUB_OK;

	if (max == 0 || !p->node->config.persist_items)
		return PUBSUB_OK;
	for (size_t i = 0; i < p->request->item_count; i++)
		more += p->request->items[i].payload_len;
	if (more > max)
		return PUBSUB_ERR_PAYLOAD_TOO_BIG;
	if (p->node->config.publish_node_full != PUBSUB_NODE_FULL_REJECT ||
		p->node->bytes + more <= max)
		return PUBSUB_OK;
	err = count_replaced(p, &less);
	if (err != PUBSUB_OK)
		return err;
	return p->node->bytes + more > max + less ? PUBSUB_ERR_NODE_FULL : PUBSUB_OK;
}

/* Above a node that is about to be created there are the collections it will be in. */
static enum pubsub_error find_recipients(struct publication *p)
{
	const struct recipients_reach reach = {
		.node = p->node,
		.kind = PUBSUB_EVENT_PUBLISH,
		.node_id = p->node->node_id,
		.above = p->associations.above,
	};

	return node_is_stored(p->node)
		       ? recipients_find(p->service, p->node, reach.kind, &p->recipients)
		       : recipients_through(p->service, &reach, &p->recipients);
}

static enum pubsub_error check(struct publication *p)
{
	enum pubsub_error err = find_node(p);

	if (err == PUBSUB_OK)
		err = check_event_type(p);
	if (err == PUBSUB_OK)
		err = limit_items(p->service, p->request, p->answer);
	if (err == PUBSUB_OK)
		err = check_sizes(p);
	if (err == PUBSUB_OK)
		err = check_payloads(p);
	if (err == PUBSUB_OK)
		err = check_room(p);
	if (err == PUBSUB_OK)
		err = check_bytes(p);
	if (err == PUBSUB_OK)
		err = find_recipients(p);
	if (err == PUBSUB_OK && event_is_heard(&p->recipients))
		err = event_names_publisher(p->service, p->node, &p->named);
	return err;
}

/* ---- writing ---- */

static const char *item_id(const struct publication *p, const struct pubsub_item *item)
{
	char id[ID_RANDOM_SIZE];

	if (item_has_id(item))
		return item->id;
	id_random(id);
	return arena_strdup(p->service->arena, id);
}

static void tell(const struct publication *p, const struct pubsub_item *item)
{
	struct pubsub_event *event =
		event_of_item(p->service, p->node, PUBSUB_EVENT_PUBLISH, item, &p->recipients);

	/* XEP-0163 4.3.1: those who hear of it see the account's presence, and no others' */
	if (access_is_account(p->service, p->node->service, p->request->from.bare))
		event->replyto = p->request->from.full;
}

static enum pubsub_error publish_one(const struct publication *p, size_t i)
{
	struct pubsub_item item = p->request->items[i];
	bool replaced = false;
	enum pubsub_error err = PUBSUB_OK;

	item.id = item_id(p, &item);
	item.publisher = p->request->from.bare;
	item.published_us = item.created_us = p->service->now_us;
	p->answer->items[i] = (struct pubsub_item){.id = item.id};
	if (p->node->config.persist_items)
		err = store_item_put(p->service->txn, p->node, &item, &replaced);
	if (!p->named)
		item.publisher = NULL;
	if (err == PUBSUB_OK)
		tell(p, &item);
	return err;
}

static enum pubsub_error publish_all(const struct publication *p)
{
	size_t n = p->request->item_count;
	enum pubsub_error err = PUBSUB_OK;

	p->answer->items = arena_alloc(p->service->arena, n * sizeof *p->answer->items);
	p->answer->item_count = n;
	if (n == 0)
		tell(p, NULL); /* transient, without payload: that something happened is all */
	for (size_t i = 0; err == PUBSUB_OK && i < n; i++)
		err = publish_one(p, i);
	return err;
}

static enum pubsub_error create(struct publication *p)
{
	enum pubsub_error err = node_write(p->service, p->node);

	return err == PUBSUB_OK ? associations_write(&p->associations) : err;
}

enum pubsub_error service_item_publish(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	struct publication p = {.service = service, .request = request, .answer = answer};
	enum pubsub_error err = check(&p);

	if (err == PUBSUB_OK && !node_is_stored(p.node))
		err = create(&p);
	if (err == PUBSUB_OK)
		err = publish_all(&p);
	if (err == PUBSUB_OK)
		err = departure_tie(service, p.node, request->from.bare);
	if (err == PUBSUB_OK && p.node->config.persist_items)
		err = item_evict(
			service, p.node, limit_node_bytes(service, request), &p.recipients);
	return err;
}
