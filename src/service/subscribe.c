/* subscribe.c - subscribing and unsubscribing: XEP-0060 6.1, 6.2. */
#include "service/access.h"
#include "service/collection.h"
#include "service/limit.h"
#include "service/node.h"
#include "service/options.h"
#include "service/subscription.h"

/* ---- subscribe ---- */

/* Who subscribes whom: oneself, or as an owner or admin somebody else, but then only entities of
 * the service's own domains unless the operator allows others, so that nobody is made a flood
 * of. */
static enum pubsub_error check_jid(struct service *service, const struct pubsub_node *node,
	const struct pubsub_request *request)
{
	enum pubsub_error err = PUBSUB_OK;

	if (!request->has_jid)
		return PUBSUB_ERR_JID_REQUIRED;
	if (jid_equal_bare(request->jid, request->from) ||
		access_is_admin(service, request->from.bare))
		return PUBSUB_OK;
	err = access_own(service, node, request->from, ACCESS_CONFIGURE);
	if (err != PUBSUB_OK && err != PUBSUB_ERR_OWNER_FORBIDDEN)
		return err;
	return err == PUBSUB_OK && access_subscribes(service, request->jid)
		       ? PUBSUB_OK
		       : PUBSUB_ERR_SUBSCRIBE_JID;
}

/* Leases that have run out make room for the new one. */
static enum pubsub_error drop_dead(
	struct service *service, struct pubsub_node *node, struct jid jid)
{
	struct subscriptions rows = {0};
	enum pubsub_error err =
		store_subscriptions_get(service->txn, node, jid, service->arena, &rows.v, &rows.n);

	for (size_t i = 0; err == PUBSUB_OK && i < rows.n; i++) {
		if (!subscription_is_live(service, &rows.v[i]))
			err = store_subscription_del(service->txn, node, &rows.v[i]);
	}
	return err;
}

/* Whoever is subscribed for as long as he is online has to be. */
static enum pubsub_error check_presence(const struct service *service,
	const struct pubsub_node *node, const struct pubsub_request *request)
{
	const struct contacts *contacts = service->contacts;

	return !node->config.tempsub || contacts->available(contacts->ctx, request->jid)
		       ? PUBSUB_OK
		       : PUBSUB_ERR_SUBSCRIBE_PRESENCE;
}

/* What a subscribe comes to: a new row, or the present one with changes. */
struct subscribing {
	struct pubsub_node *node;
	struct pubsub_subscription *row;
	bool fresh;
	bool changed;
};

/* XEP-0248 6.1.3: to a collection once for each type. */
static bool is_subscribed_so(const struct subscriptions *list, const struct pubsub_node *node,
	const struct pubsub_request *request)
{
	struct pubsub_subscribe_options options = pubsub_subscribe_options_default;

	pubsub_fields_merge(
		&pubsub_subscribe_options_type, request->options_set, &request->options, &options);
	for (size_t i = 0; i < list->n && collection_is(node); i++)
		if (list->v[i].options.subscription_type == options.subscription_type)
			return true;
	return false;
}

/* One JID is subscribed once, unless several times are offered; he who is pending stays so as long
 * as the access model wants it. */
static enum pubsub_error plan(struct service *service, const struct pubsub_request *request,
	bool pending, struct pubsub_answer *answer, struct subscribing *out)
{
	struct subscriptions list = {0};
	enum pubsub_error err = subscription_list(service, out->node, request->jid, &list);

	if (err != PUBSUB_OK)
		return err;
	for (size_t i = 0; i < list.n; i++) {
		if (list.v[i].state == PUBSUB_SUBSCRIPTION_PENDING && pending)
			return PUBSUB_ERR_SUBSCRIBE_PENDING;
	}
	if (list.n > 0 && !service->profile->multi_subscribe) {
		out->row = &list.v[0];
		out->fresh = out->row->state == PUBSUB_SUBSCRIPTION_PENDING;
		out->changed = request->options_set != 0;
		return PUBSUB_OK;
	}
	if (!out->node->config.subscribe)
		return PUBSUB_ERR_SUBSCRIBE_CLOSED;
	if (is_subscribed_so(&list, out->node, request))
		return PUBSUB_ERR_SUBSCRIBE_TYPE;
	out->row = subscription_new(service, request->jid);
	out->fresh = true;
	return limit_subscriber(service, out->node, request, answer);
}

static enum pubsub_error check(struct service *service, const struct pubsub_request *request,
	struct pubsub_answer *answer, struct subscribing *out)
{
	bool pending = false;
	enum pubsub_error err = service->profile->root
					? node_find_or_root(service, request, answer, &out->node)
					: node_find(service, request, answer, &out->node);

	if (err == PUBSUB_OK)
		err = check_jid(service, out->node, request);
	if (err == PUBSUB_OK)
		err = access_subscribe(service, out->node, request->jid.bare, &pending);
	if (err == PUBSUB_OK)
		err = check_presence(service, out->node, request);
	if (err == PUBSUB_OK)
		err = options_check(service, out->node, request, answer);
	if (err == PUBSUB_OK)
		err = plan(service, request, pending, answer, out);
	if (err == PUBSUB_OK && out->fresh && !jid_equal_bare(request->jid, request->from))
		err = limit_invitations(service, request, 1, answer);
	if (err == PUBSUB_OK && out->fresh && pending)
		err = limit_application(service, request, answer);
	if (err != PUBSUB_OK)
		return err;
	if (out->fresh)
		out->row->state =
			pending ? PUBSUB_SUBSCRIPTION_PENDING : PUBSUB_SUBSCRIPTION_SUBSCRIBED;
	pubsub_fields_merge(&pubsub_subscribe_options_type, request->options_set, &request->options,
		&out->row->options);
	return PUBSUB_OK;
}

enum pubsub_error service_subscribe(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	struct subscribing s = {0};
	enum pubsub_error err = check(service, request, answer, &s);

	if (err == PUBSUB_OK && !node_is_stored(s.node))
		err = store_node_create(service->txn, s.node); /* the root */
	if (err == PUBSUB_OK && s.fresh) {
		err = drop_dead(service, s.node, request->jid);
		if (err == PUBSUB_OK)
			err = subscription_add(service, s.node, s.row,
				jid_equal_bare(request->jid, request->from));
	} else if (err == PUBSUB_OK && s.changed) {
		err = subscription_put(service, s.node, s.row);
	}
	if (err != PUBSUB_OK)
		return err;
	answer->subscriptions = subscription_shown(service, s.node, s.row);
	answer->subscription_count = 1;
	answer->options = s.row->options;
	return PUBSUB_OK;
}

/* ---- unsubscribe ---- */

static enum pubsub_error check_unsubscribe(struct service *service,
	const struct pubsub_request *request, struct pubsub_answer *answer,
	struct pubsub_node **node_out, struct subscriptions *out)
{
	struct pubsub_subscription *picked = NULL;
	enum pubsub_error err = node_find_or_root(service, request, answer, node_out);

	if (err != PUBSUB_OK)
		return err;
	if (!request->has_jid)
		return PUBSUB_ERR_JID_REQUIRED;
	if (!jid_equal_bare(request->jid, request->from)) {
		err = access_own(service, *node_out, request->from, ACCESS_CONFIGURE);
		if (err != PUBSUB_OK)
			return err == PUBSUB_ERR_OWNER_FORBIDDEN ? PUBSUB_ERR_UNSUBSCRIBE_FORBIDDEN
								 : err;
	}
	err = subscription_list(service, *node_out, request->jid, out);
	if (err != PUBSUB_OK)
		return err;
	if (out->n == 0)
		return PUBSUB_ERR_UNSUBSCRIBE_NONE;
	err = subscription_pick(service, out, request->sub_id, &picked);
	if (service->profile->multi_subscribe)
		*out = (struct subscriptions){picked, 1};
	return err;
}

enum pubsub_error service_unsubscribe(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	struct subscriptions list = {0};
	struct pubsub_node *node = NULL;
	enum pubsub_error err = check_unsubscribe(service, request, answer, &node, &list);

	for (size_t i = 0; err == PUBSUB_OK && i < list.n; i++)
		err = subscription_end(
			service, node, &list.v[i], jid_equal_bare(request->jid, request->from));
	if (err != PUBSUB_OK)
		return err;
	answer->subscriptions = subscription_shown(service, node, &list.v[0]);
	answer->subscriptions->state = PUBSUB_SUBSCRIPTION_NONE;
	answer->subscription_count = 1;
	return PUBSUB_OK;
}
