/* Why somebody hears of a node, or does not, in words. */
#include "commands.h"

#include <string.h>

#include "fields.h"
#include "state.h"

static const char *const texts[SERVICE_FINDING_COUNT] = {
	[SERVICE_SUBSCRIBED] = "he is subscribed",
	[SERVICE_INTERESTED] = "his client is online and announced interest (+notify)",
	[SERVICE_SILENT] = "the node tells nobody anything: deliver_notifications is off",
	[SERVICE_ADMITTED] = "the access model and his affiliation admit him",
	[SERVICE_BLOCKED] = "his affiliation excludes him",
	[SERVICE_NO_PRESENCE] =
		"access model presence: he has no subscription to the owner's presence",
	[SERVICE_NOT_IN_GROUP] = "access model roster: he is in no allowed group of the owner's "
				 "contact list",
	[SERVICE_UNAPPROVED] = "access model authorize: only whom an owner has approved",
	[SERVICE_UNLISTED] = "access model whitelist: he is no member",
	[SERVICE_ROSTER_UNKNOWN] =
		"the owner's contact list is not known: it is asked for when it is needed",
	[SERVICE_NO_SUBSCRIPTION] = "he is not subscribed",
	[SERVICE_PENDING] = "his subscription waits for an owner's approval",
	[SERVICE_LEASE_OVER] = "his subscription has expired",
	[SERVICE_DELIVER_OFF] = "his subscription's option deliver is off",
	[SERVICE_TOO_LATE] = "he subscribed after the item was published",
	[SERVICE_OFFLINE] = "presence_based_delivery is on, and he is not known to be online",
	[SERVICE_NO_PAYLOADS] = "the node delivers no payloads: interest alone (+notify) does not "
				"count",
	[SERVICE_NOT_INTERESTED] = "no client of his is online and announced interest (+notify)",
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
	add(reasons, "the server has not delegated the account, or not granted messages: see "
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
