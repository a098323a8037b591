/* Somebody: the nodes of the account, and what it has to do with the components' nodes. */
#include "commands.h"

#include <string.h>

#include "fields.h"
#include "state.h"

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

/* ---- erase ---- */

/* It is done to the end, whatever becomes of the one who asks; "begun" asks how far it has got. */
COMMAND(account_erase)
{
	const struct control_port *port = &call->control->port;
	struct service_erased erased;
	enum pubsub_error err = PUBSUB_OK;

	(void)service;
	if (!call_bool(call, "begun", false))
		err = port->erase(port->ctx, bare_of(call));
	if (err != PUBSUB_OK)
		return err;
	erased = port->erased(port->ctx, bare_of(call));
	call_answer(call, json_pack("{s:I, s:I, s:I, s:b}", "nodes", (json_int_t)erased.nodes,
				  "subscriptions", (json_int_t)erased.subscriptions, "affiliations",
				  (json_int_t)erased.affiliations, "more", erased.more));
	return PUBSUB_OK;
}
