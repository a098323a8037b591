/* Somebody: the nodes of the account, and what it has to do with the components' nodes. */
#include "commands.h"

#include <string.h>

#include "fields.h"
#include "state.h"

#define NODES_AT_ONCE 20      /* deleted in one turn: each is told to its subscribers */
#define RELATIONS_AT_ONCE 200 /* ended in one turn */

static const char *bare_of(const struct call *call)
{
	return call_jid(call, "jid").bare;
}

static void add_number(struct call *call, const char *name, json_int_t n)
{
	json_int_t before = json_integer_value(json_object_get(call->result, name));

	json_object_set_new(call->result, name, json_integer(before + n));
}

/* The nth component's JID; NULL: there are not so many. */
static const char *component_at(struct call *call, size_t nth)
{
	struct control_port *port = &call->control->port;
	struct control_link link;

	return port->link(port->ctx, nth, &link) ? arena_strdup(call->arena, link.component) : NULL;
}

/* ---- show ---- */

static enum pubsub_error count_kept(struct call *call, struct service *service)
{
	struct store_entity_subscription *subscriptions;
	const char *bare = bare_of(call);
	struct store_contact *contacts;
	uint64_t nodes, fetched_us;
	size_t contact_n, subscription_n;
	enum pubsub_error err = store_nodes_count(service->txn, bare, &nodes);

	if (err == PUBSUB_OK)
		err = store_roster_fetched(service->txn, bare, &fetched_us);
	if (err == PUBSUB_OK)
		err = store_contacts_get(service->txn, bare, service->arena, &contacts, &contact_n);
	if (err == PUBSUB_OK)
		err = store_entity_subscriptions(
			service->txn, NULL, bare, service->arena, &subscriptions, &subscription_n);
	if (err != PUBSUB_OK)
		return err;
	call_answer(call,
		json_pack("{s:s, s:I, s:I, s:o, s:I}", "jid", bare, "nodes", (json_int_t)nodes,
			"contacts", (json_int_t)contact_n, "roster_fetched",
			stamp_to_json(fetched_us), "subscriptions", (json_int_t)subscription_n));
	return PUBSUB_OK;
}

static enum pubsub_error count_affiliations(struct call *call, struct service *service)
{
	struct pubsub_affiliate *rows;
	size_t n;
	enum pubsub_error err = store_entity_affiliations(
		service->txn, call->service, bare_of(call), service->arena, &rows, &n);

	if (err == PUBSUB_OK)
		add_number(call, "affiliations", (json_int_t)n);
	return err;
}

COMMAND(account_show)
{
	const char *component = component_at(call, 0);
	enum pubsub_error err = call_turn(call, component, STORE_READ, count_kept);

	(void)service;
	for (size_t i = 0; err == PUBSUB_OK && component != NULL; i++) {
		err = call_turn(call, component, STORE_READ, count_affiliations);
		component = component_at(call, i + 1);
	}
	return err;
}

/* ---- erase: so much of each kind, and whether there is more ---- */

static enum pubsub_error delete_node(
	struct call *call, struct service *service, const char *node_id)
{
	struct pubsub_request request = call_request(call);
	struct pubsub_answer answer = {0};

	request.node_id = node_id;
	return call_rules(call, service, service_node_delete, &request, &answer);
}

static enum pubsub_error delete_nodes(struct call *call, struct service *service)
{
	const struct store_range range = {.limit = NODES_AT_ONCE};
	struct pubsub_node *nodes;
	size_t n;
	enum pubsub_error err =
		store_nodes_page(service->txn, call->service, &range, service->arena, &nodes, &n);

	call_answer(call, json_pack("{s:I, s:b}", "nodes", (json_int_t)n, "more", n > 0));
	for (size_t i = 0; err == PUBSUB_OK && i < n; i++)
		err = delete_node(call, service, nodes[i].node_id);
	return err == PUBSUB_OK && n == 0 ? store_roster_del(service->txn, call->service) : err;
}

/* As its own doing: it is not told, owners who want to know are. */
static enum pubsub_error end_subscription(
	struct call *call, struct service *service, const struct pubsub_subscription *subscription)
{
	struct pubsub_request request = call_request(call);
	struct pubsub_answer answer = {0};

	request.from = subscription->subscriber;
	request.node_id = subscription->node_id;
	request.has_jid = true;
	request.jid = subscription->subscriber;
	request.sub_id = subscription->sub_id;
	return call_rules(call, service, service_unsubscribe, &request, &answer);
}

static enum pubsub_error end_subscriptions(struct call *call, struct service *service)
{
	struct store_entity_subscription *rows;
	size_t n, most;
	enum pubsub_error err = store_entity_subscriptions(
		service->txn, call->service, bare_of(call), service->arena, &rows, &n);

	most = n < RELATIONS_AT_ONCE ? n : RELATIONS_AT_ONCE;
	call_answer(
		call, json_pack("{s:I, s:b}", "subscriptions", (json_int_t)most, "more", n > 0));
	for (size_t i = 0; err == PUBSUB_OK && i < most; i++)
		err = end_subscription(call, service, &rows[i].subscription);
	return err;
}

/* A node that loses its last owner stays: admins may do everything with it. */
static enum pubsub_error end_affiliations(struct call *call, struct service *service)
{
	struct pubsub_affiliate *rows;
	struct pubsub_node *node;
	const char *bare = bare_of(call);
	size_t n, most;
	enum pubsub_error err = store_entity_affiliations(
		service->txn, call->service, bare, service->arena, &rows, &n);

	most = n < RELATIONS_AT_ONCE ? n : RELATIONS_AT_ONCE;
	call_answer(call, json_pack("{s:I, s:b}", "affiliations", (json_int_t)most, "more", n > 0));
	for (size_t i = 0; err == PUBSUB_OK && i < most; i++) {
		err = store_node_get(
			service->txn, call->service, rows[i].node_id, service->arena, &node);
		if (err == PUBSUB_OK)
			err = store_affiliation_put(
				service->txn, node, bare, PUBSUB_AFFILIATION_NONE);
	}
	return err;
}

static bool is_done(const struct call *call, enum pubsub_error err)
{
	return err != PUBSUB_OK || json_is_true(json_object_get(call->result, "more"));
}

/* Somebody of elsewhere has no account here, but may have subscriptions. */
static enum pubsub_error erase_nodes(struct call *call)
{
	enum pubsub_error err = call_turn(call, bare_of(call), STORE_WRITE, delete_nodes);

	if (err != PUBSUB_ERR_SERVICE_UNAVAILABLE)
		return err;
	call_answer(call, json_object());
	return PUBSUB_OK;
}

/* So that it is done to the end, whatever becomes of the one who asks. */
static enum pubsub_error promise_erasure(struct call *call)
{
	const struct control_port *port = &call->control->port;

	return port->erase == NULL ? PUBSUB_OK : port->erase(port->ctx, bare_of(call));
}

/* One turn's worth; asked again as long as there is more. */
COMMAND(account_erase)
{
	enum pubsub_error err = promise_erasure(call);
	const char *component;

	(void)service;
	if (err == PUBSUB_OK)
		err = erase_nodes(call);
	for (size_t i = 0; !is_done(call, err) && (component = component_at(call, i)) != NULL;
		i++) {
		err = call_turn(call, component, STORE_WRITE, end_subscriptions);
		if (!is_done(call, err))
			err = call_turn(call, component, STORE_WRITE, end_affiliations);
	}
	return err;
}
