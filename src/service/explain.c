/* explain.c - why somebody hears of what is published at a node, or does not: what recipients.c
 * asks of everybody, asked of one. */
#include <string.h>

#include "service/access.h"
#include "service/collection.h"
#include "service/subscription.h"

struct explaining {
	struct service *service;
	const struct pubsub_node *node;
	struct jid jid;
	const struct pubsub_item *item; /* NULL: any that would be published now */
	struct service_explanation *out;
	struct above above;
};

static void find(struct explaining *e, enum service_finding finding)
{
	e->out->findings |= 1u << finding;
}

/* ---- may he? ---- */

static const enum service_finding admissions[ACCESS_ADMISSION_COUNT] = {
	[ACCESS_ADMITTED] = SERVICE_ADMITTED,
	[ACCESS_BLOCKED] = SERVICE_BLOCKED,
	[ACCESS_NO_PRESENCE] = SERVICE_NO_PRESENCE,
	[ACCESS_NOT_IN_GROUP] = SERVICE_NOT_IN_GROUP,
	[ACCESS_UNAPPROVED] = SERVICE_UNAPPROVED,
	[ACCESS_UNLISTED] = SERVICE_UNLISTED,
};

static enum pubsub_error judge(struct explaining *e, enum access_admission *out)
{
	struct service_explanation *found = e->out;
	enum pubsub_error err =
		access_affiliation(e->service, e->node, e->jid.bare, &found->affiliation);

	*out = ACCESS_BLOCKED;
	if (err == PUBSUB_OK)
		err = access_admission(e->service, e->node, found->affiliation, e->jid.bare, out);
	if (err == PUBSUB_ERR_NEED_ROSTER) {
		find(e, SERVICE_ROSTER_UNKNOWN);
		return PUBSUB_OK;
	}
	if (err == PUBSUB_OK)
		find(e, admissions[*out]);
	return err;
}

/* ---- is he subscribed? ---- */

/* A subscription of the bare JID is for all of its resources. */
static bool is_his(const struct explaining *e, const struct pubsub_subscription *row)
{
	return e->jid.resource == NULL || row->subscriber.resource == NULL ||
	       jid_equal(row->subscriber, e->jid);
}

static const struct above_node *find_above(const struct explaining *e, const char *node_id)
{
	for (size_t i = 0; i < e->above.n; i++)
		if (strcmp(e->above.v[i].node->node_id, node_id) == 0)
			return &e->above.v[i];
	return NULL;
}

/* What speaks against it, whatever is subscribed to. */
static bool is_silent(struct explaining *e, const struct pubsub_subscription *row, bool too_late)
{
	if (!subscription_is_live(e->service, row))
		find(e, SERVICE_LEASE_OVER);
	else if (row->state == PUBSUB_SUBSCRIPTION_PENDING)
		find(e, SERVICE_PENDING);
	else if (!row->options.deliver)
		find(e, SERVICE_DELIVER_OFF);
	else if (too_late)
		find(e, SERVICE_TOO_LATE);
	else if (!subscription_is_present(e->service, e->node, row))
		find(e, SERVICE_OFFLINE);
	else
		return false;
	return true;
}

static void explain_own(struct explaining *e, const struct pubsub_subscription *row,
	enum access_admission admission)
{
	const bool too_late = e->item != NULL && row->since_seq > e->item->seq;

	if (!is_silent(e, row, too_late) &&
		(admission == ACCESS_ADMITTED || admission == ACCESS_UNAPPROVED))
		find(e, SERVICE_SUBSCRIBED);
}

static enum pubsub_error explain_above(struct explaining *e, const struct above_node *above,
	const struct pubsub_subscription *row, enum access_admission admission)
{
	bool entitled = false;
	enum pubsub_error err = PUBSUB_OK;

	if (is_silent(e, row, false))
		return PUBSUB_OK;
	if (row->options.subscription_type == PUBSUB_SUBSCRIPTION_TYPE_NODES ||
		row->options.subscription_depth < above->depth) {
		find(e, SERVICE_ABOVE_OTHERWISE);
		return PUBSUB_OK;
	}
	err = access_entitles(e->service, above->node, row->subscriber.bare, &entitled);
	if (err == PUBSUB_ERR_NEED_ROSTER)
		find(e, SERVICE_ROSTER_UNKNOWN);
	else if (err == PUBSUB_OK && !entitled)
		find(e, SERVICE_ABOVE_BLOCKED);
	else if (err == PUBSUB_OK && admission == ACCESS_ADMITTED)
		find(e, SERVICE_SUBSCRIBED_ABOVE);
	return err == PUBSUB_ERR_NEED_ROSTER ? PUBSUB_OK : err;
}

static enum pubsub_error explain_row(struct explaining *e, const struct pubsub_subscription *row,
	enum access_admission admission, bool *any)
{
	const struct above_node *above = find_above(e, row->node_id);

	if (!is_his(e, row))
		return PUBSUB_OK;
	if (strcmp(row->node_id, e->node->node_id) == 0) {
		*any = true;
		explain_own(e, row, admission);
	} else if (above != NULL) {
		*any = true;
		return explain_above(e, above, row, admission);
	}
	return PUBSUB_OK;
}

static enum pubsub_error explain_subscriptions(
	struct explaining *e, enum access_admission admission)
{
	struct store_entity_subscription *rows;
	bool any = false;
	size_t n;
	enum pubsub_error err = store_entity_subscriptions(
		e->service->txn, e->node->service, e->jid.bare, e->service->arena, &rows, &n);

	if (err == PUBSUB_OK)
		err = collection_above(e->service, e->node, &e->above);
	for (size_t i = 0; err == PUBSUB_OK && i < n; i++)
		err = explain_row(e, &rows[i].subscription, admission, &any);
	if (!any)
		find(e, SERVICE_NO_SUBSCRIPTION);
	return err;
}

/* ---- has his client announced interest? ---- */

static void explain_interest(struct explaining *e, enum access_admission admission)
{
	const struct contacts *contacts = e->service->contacts;
	enum contacts_answer answer;
	struct contacts_interest *clients = NULL;
	bool interested = false;
	size_t n = 0;

	if (!e->service->profile->implicit)
		return;
	if (!e->node->config.deliver_payloads) {
		find(e, SERVICE_NO_PAYLOADS);
		return;
	}
	answer = contacts->interested(
		contacts->ctx, e->node->service, e->node->node_id, e->service->arena, &clients, &n);
	if (answer == CONTACTS_UNKNOWN)
		find(e, SERVICE_ROSTER_UNKNOWN);
	for (size_t i = 0; i < n && !interested; i++)
		interested = e->jid.resource == NULL ? jid_equal_bare(clients[i].jid, e->jid)
						     : jid_equal(clients[i].jid, e->jid);
	if (!interested)
		find(e, SERVICE_NOT_INTERESTED);
	else if (admission == ACCESS_ADMITTED)
		find(e, SERVICE_INTERESTED);
}

enum pubsub_error service_explain(struct service *service, const struct pubsub_node *node,
	struct jid jid, const struct pubsub_item *item, struct service_explanation *out)
{
	struct explaining e = {service, node, jid, item, out, {0}};
	const unsigned reasons = 1u << SERVICE_SUBSCRIBED | 1u << SERVICE_SUBSCRIBED_ABOVE |
				 1u << SERVICE_INTERESTED;
	enum access_admission admission = ACCESS_BLOCKED;
	enum pubsub_error err;

	*out = (struct service_explanation){0};
	err = judge(&e, &admission);
	if (!node->config.deliver_notifications)
		find(&e, SERVICE_SILENT);
	if (err == PUBSUB_OK)
		err = explain_subscriptions(&e, admission);
	explain_interest(&e, admission);
	out->hears = node->config.deliver_notifications && (out->findings & reasons) != 0;
	return err;
}
