/* node.c - creating, showing, deleting and purging nodes: XEP-0060 8.1, 8.2.1, 8.3 to 8.5. */
#include "service/node.h"

#include "peppy/id.h"
#include "service/access.h"
#include "service/association.h"
#include "service/event.h"
#include "service/limit.h"
#include "service/page.h"
#include "service/recipients.h"

bool node_is_stored(const struct pubsub_node *node)
{
	return node->no != 0;
}

static bool is_named(const struct pubsub_request *request)
{
	return request->node_id != NULL && *request->node_id != '\0';
}

enum pubsub_error node_find(struct service *service, const struct pubsub_request *request,
	struct pubsub_answer *answer, struct pubsub_node **out)
{
	enum pubsub_error err = PUBSUB_ERR_NODEID_REQUIRED;

	if (!is_named(request))
		return err;
	err = store_node_get(service->txn, request->service, request->node_id, service->arena, out);
	if (err == PUBSUB_ERR_NODE_GONE)
		answer->detail = (*out)->config.description;
	answer->node_id = request->node_id;
	return err;
}

enum pubsub_error node_find_or_root(struct service *service, const struct pubsub_request *request,
	struct pubsub_answer *answer, struct pubsub_node **out)
{
	enum pubsub_error err;

	if (is_named(request))
		return node_find(service, request, answer, out);
	err = collection_root(service, request->service, out);
	return err == PUBSUB_OK && !service->profile->root && !node_is_stored(*out)
		       ? PUBSUB_ERR_NODEID_REQUIRED
		       : err;
}

enum pubsub_error node_find_visible(struct service *service, const struct pubsub_request *request,
	struct pubsub_answer *answer, struct pubsub_node **out)
{
	bool visible = false;
	enum pubsub_error err = node_find(service, request, answer, out);

	if (err != PUBSUB_OK)
		return err;
	err = access_visible(service, *out, request->from, &visible);
	if (err != PUBSUB_OK)
		return err;
	return visible ? PUBSUB_OK : PUBSUB_ERR_NODE_NOT_FOUND;
}

enum pubsub_error node_find_own(struct service *service, const struct pubsub_request *request,
	struct pubsub_answer *answer, enum access_right right, struct pubsub_node **out)
{
	enum pubsub_error err = node_find(service, request, answer, out);

	if (err != PUBSUB_OK)
		return err;
	return access_own(service, *out, request->from, right);
}

static uint32_t lower(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

uint32_t node_max_items(const struct service *service, const struct pubsub_node_config *config)
{
	return lower(config->max_items, service->profile->max_items);
}

uint32_t node_max_payload(const struct service *service, const struct pubsub_node_config *config)
{
	return lower(config->max_payload_size, service->profile->max_payload_bytes);
}

void node_config_fit(const struct service *service, struct pubsub_node_config *config)
{
	if (config->node_type == PUBSUB_NODE_COLLECTION)
		config->persist_items = false;
	if (config->max_items != PUBSUB_MAX)
		config->max_items = node_max_items(service, config);
	if (config->max_payload_size != PUBSUB_MAX)
		config->max_payload_size = node_max_payload(service, config);
}

static struct pubsub_node_config defaults(const struct service *service, const char *node_id)
{
	struct pubsub_node_config config = pubsub_node_config_default;

	service->profile->defaults(service->profile->ctx, node_id, &config);
	return config;
}

struct pubsub_node *node_plan(struct service *service, const struct pubsub_request *request,
	const struct pubsub_node_config *config, uint64_t set)
{
	struct pubsub_node *node = arena_alloc(service->arena, sizeof *node);

	*node = (struct pubsub_node){
		.service = request->service,
		.node_id = request->node_id,
		.config = defaults(service, request->node_id),
		.creator = service->profile->account ? request->service : request->from.bare,
		.created_us = service->now_us,
	};
	pubsub_fields_merge(&pubsub_node_config_type, set, config, &node->config);
	return node;
}

/* Of what is called so that no stanza holds it nobody could ever hear. */
enum pubsub_error node_check(struct service *service, struct pubsub_node *node)
{
	struct page_room room = page_room(service);

	if (!page_has_room(&room, page_text_bytes(node->node_id)))
		return PUBSUB_ERR_STANZA_TOO_BIG;
	if (!access_is_kept(service, node))
		return PUBSUB_ERR_ACCESS_UNSUPPORTED;
	node_config_fit(service, &node->config);
	return PUBSUB_OK;
}

enum pubsub_error node_write(struct service *service, struct pubsub_node *node)
{
	enum pubsub_error err = store_node_create(service->txn, node);

	if (err != PUBSUB_OK || service->profile->account)
		return err;
	return store_affiliation_put(service->txn, node, node->creator, PUBSUB_AFFILIATION_OWNER);
}

/* ---- create ---- */

static enum pubsub_error check_absent(struct service *service, const struct pubsub_request *request)
{
	struct pubsub_node *node = NULL;
	enum pubsub_error err = store_node_get(
		service->txn, request->service, request->node_id, service->arena, &node);

	if (err == PUBSUB_OK)
		return PUBSUB_ERR_NODE_EXISTS;
	if (err == PUBSUB_ERR_NODE_NOT_FOUND || err == PUBSUB_ERR_NODE_GONE)
		return PUBSUB_OK;
	return err;
}

static const char *instant_name(struct service *service)
{
	char id[ID_RANDOM_SIZE];

	id_random(id);
	return arena_strdup(service->arena, id);
}

enum pubsub_error service_node_create(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	struct pubsub_request named = *request;
	struct associations as = {.service = service,
		.request = request,
		.answer = answer,
		.set = request->config_set};
	enum pubsub_error err = access_create(service, request);

	if (err != PUBSUB_OK)
		return err;
	if (request->config_state == PUBSUB_FORM_CANCEL)
		return PUBSUB_ERR_FORM_INVALID;
	answer->instant = !is_named(request);
	if (answer->instant)
		named.node_id = instant_name(service);
	err = check_absent(service, &named);
	if (err == PUBSUB_OK)
		err = limit_node_id(service, &named, answer);
	if (err == PUBSUB_OK)
		err = limit_nodes(service, request, answer);
	if (err != PUBSUB_OK)
		return err;
	as.node = node_plan(service, &named, &request->config, request->config_set);
	err = node_check(service, as.node);
	if (err == PUBSUB_OK)
		err = associations_check(&as);
	if (err != PUBSUB_OK)
		return err;
	answer->node_id = named.node_id;
	err = node_write(service, as.node);
	return err == PUBSUB_OK ? associations_write(&as) : err;
}

/* ---- what owners see and delete ---- */

enum pubsub_error service_node_configuration(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	enum pubsub_error err =
		node_find_own(service, request, answer, ACCESS_CONFIGURE, &answer->node);

	if (err != PUBSUB_OK)
		return err;
	answer->config = answer->node->config;
	answer->withheld = access_withheld(service, answer->node);
	answer->config_hidden = collection_hidden(service, answer->node);
	return collection_tell(service, answer->node, &answer->config);
}

enum pubsub_error service_node_default(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	struct pubsub_request named = *request;
	struct pubsub_node *node = NULL;

	if (named.node_id == NULL)
		named.node_id = "";
	node = node_plan(service, &named, &request->config, request->config_set);
	answer->withheld = access_withheld(service, node);
	node_config_fit(service, &node->config);
	answer->config = node->config;
	answer->config_hidden = collection_hidden(service, node);
	if (service->profile->collections || !collection_is(node))
		return PUBSUB_OK;
	answer->detail = "collections";
	return PUBSUB_ERR_UNSUPPORTED;
}

enum pubsub_error service_node_delete(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	struct recipients recipients = {0};
	struct pubsub_node *node = NULL;
	enum pubsub_error err = PUBSUB_OK;

	if (!is_named(request) && service->profile->collections)
		return PUBSUB_ERR_NOT_ALLOWED; /* XEP-0248 7.4.3.1: the root */
	err = node_find_own(service, request, answer, ACCESS_DELETE, &node);
	if (err != PUBSUB_OK)
		return err;
	if (node->config.notify_delete)
		err = recipients_find(service, node, PUBSUB_EVENT_DELETE, &recipients);
	if (err != PUBSUB_OK)
		return err;
	err = store_node_del(service->txn, node, request->redirect);
	if (err == PUBSUB_OK && recipients.deferred) /* its subscribers are to be found yet */
		err = store_erase_hold(service->txn, node->sid, node->no, true);
	if (err != PUBSUB_OK)
		return err;
	event_of_node(service, node, PUBSUB_EVENT_DELETE, &recipients)->redirect =
		request->redirect;
	return PUBSUB_OK;
}

enum pubsub_error service_node_purge(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	struct recipients recipients = {0};
	struct pubsub_node *node = NULL;
	enum pubsub_error err = node_find_own(service, request, answer, ACCESS_PURGE, &node);

	if (err != PUBSUB_OK)
		return err;
	if (!node->config.persist_items)
		return PUBSUB_ERR_PERSISTENCE_OFF;
	if (node->config.notify_retract)
		err = recipients_find(service, node, PUBSUB_EVENT_PURGE, &recipients);
	if (err != PUBSUB_OK)
		return err;
	err = store_node_purge(service->txn, node);
	if (err == PUBSUB_OK)
		event_of_node(service, node, PUBSUB_EVENT_PURGE, &recipients);
	return err;
}
