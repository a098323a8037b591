/* Why somebody is notified of a node's items, or is not, in words. */
#include "commands.h"

#include <string.h>

#include "state.h"

static const char *const texts[SERVICE_FINDING_COUNT] = {
	[SERVICE_SUBSCRIBED] = "subscribed",
	[SERVICE_SUBSCRIBED_ABOVE] = "subscribed to a collection that the node is in",
	[SERVICE_INTERESTED] = "a client is online and has announced interest (+notify)",
	[SERVICE_SILENT] = "the node notifies nobody: deliver_notifications is off",
	[SERVICE_ADMITTED] = "admitted by access model and affiliation",
	[SERVICE_BLOCKED] = "excluded by affiliation",
	[SERVICE_NO_PRESENCE] = "access model presence: no subscription to the owner's presence",
	[SERVICE_NOT_IN_GROUP] = "access model roster: in no allowed group of the owner's "
				 "contact list",
	[SERVICE_UNAPPROVED] = "access model authorize: not approved by an owner",
	[SERVICE_UNLISTED] = "access model whitelist: not a member",
	[SERVICE_ROSTER_UNKNOWN] =
		"the owner's contact list is not known yet: it is fetched when it is needed",
	[SERVICE_NO_SUBSCRIPTION] = "not subscribed",
	[SERVICE_PENDING] = "the subscription is waiting for an owner's approval",
	[SERVICE_LEASE_OVER] = "the subscription has expired",
	[SERVICE_DELIVER_OFF] = "the subscription's option deliver is off",
	[SERVICE_TOO_LATE] = "subscribed only after the item was published",
	[SERVICE_OFFLINE] = "presence_based_delivery is on, and no client is known to be online",
	[SERVICE_NO_PAYLOADS] = "the node delivers no payloads: interest alone (+notify) does not "
				"count",
	[SERVICE_NOT_INTERESTED] = "no client that is online has announced interest (+notify)",
	[SERVICE_ABOVE_OTHERWISE] = "the subscription to a collection does not include items of "
				    "this node: see subscription_type, subscription_depth",
	[SERVICE_ABOVE_BLOCKED] =
		"the collection that is subscribed to does not admit the subscriber",
};

static void add(json_t *reasons, const char *text)
{
	json_array_append_new(reasons, json_string(text));
}

/* ---- the way out ---- */

static bool is_component(const struct control_port *port, const char *service, bool *is_up_out)
{
	struct control_link link;

	for (size_t i = 0; port->link(port->ctx, i, &link); i++)
		if (strcmp(link.component, service) == 0) {
			*is_up_out = link.is_up;
			return true;
		}
	return false;
}

/* Does a link have the delegation and the message privilege for the account's domain? */
static bool is_sent_for(const struct control_port *port, const char *account)
{
	const char *domain = strchr(account, '@');
	struct pep_rights rights;
	struct control_link link;

	for (size_t i = 0; domain != NULL && port->link(port->ctx, i, &link); i++)
		for (size_t d = 0; pep_rights_find(port->pep(port->ctx), i, d, &rights); d++)
			if (strcmp(rights.domain, domain + 1) == 0 && rights.accounts &&
				rights.message)
				return true;
	return false;
}

/* Nothing leaves if nobody takes it. */
static bool has_way_out(const struct call *call, json_t *reasons)
{
	const struct control_port *port = &call->control->port;
	bool is_up = true;

	if (is_component(port, call->service, &is_up)) {
		if (!is_up)
			add(reasons, "the link to the server is down");
		return is_up;
	}
	if (is_sent_for(port, call->service))
		return true;
	add(reasons, "the server has not delegated the account or has not granted messages: see "
		     "'peppyctl check'");
	return false;
}

/* ---- the command ---- */

/* *out NULL: none was named. */
static enum pubsub_error find_item(struct call *call, struct service *service,
	const struct pubsub_node *node, struct pubsub_item **out)
{
	const char *item_id = call_text(call, "item");

	*out = NULL;
	if (item_id == NULL)
		return PUBSUB_OK;
	*out = arena_alloc(service->arena, sizeof **out);
	return store_item_get(service->txn, node, item_id, *out);
}

COMMAND(explain_run)
{
	struct service_explanation found;
	struct pubsub_node *node;
	struct pubsub_item *item;
	json_t *reasons;
	bool leaves;
	enum pubsub_error err = call_node(call, service, &node);

	if (err == PUBSUB_OK)
		err = find_item(call, service, node, &item);
	if (err == PUBSUB_OK)
		err = service_explain(service, node, call_jid(call, "jid"), item, &found);
	if (err != PUBSUB_OK)
		return err;
	reasons = json_array();
	for (int finding = 0; finding < SERVICE_FINDING_COUNT; finding++)
		if ((found.findings & (1u << finding)) != 0)
			add(reasons, texts[finding]);
	leaves = has_way_out(call, reasons);
	call_answer(call, json_pack("{s:s, s:b, s:s, s:s, s:o}", "jid", call_text(call, "jid"),
				  "hears", found.hears && leaves, "affiliation",
				  pubsub_affiliation_words.v[found.affiliation], "access",
				  pubsub_access_model_words.v[node->config.access_model], "reasons",
				  reasons));
	return PUBSUB_OK;
}
