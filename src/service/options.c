/* options.c - subscription options: XEP-0060 6.3, 6.4. */
#include "service/options.h"

#include "service/access.h"
#include "service/node.h"
#include "service/subscription.h"

/* What is to end with a presence needs one (12.5). */
static bool may_expire(const struct service *service, struct jid subscriber, uint64_t expire_us)
{
	const struct contacts *contacts = service->contacts;

	if (expire_us == PUBSUB_EXPIRE_PRESENCE)
		return contacts->available(contacts->ctx, subscriber);
	return expire_us == 0 || expire_us > service->now_us;
}

/* Only where one knows how to make a body may it be offered (12.8). */
static uint64_t hidden(const struct pubsub_node *node)
{
	const struct pubsub_form_type *type = &pubsub_subscribe_options_type;

	return pubsub_type_has_body(pubsub_node_type_of(node))
		       ? 0
		       : pubsub_field_bit(type, pubsub_field_find(type, "pubsub#include_body"));
}

/* Who is never seen would never hear: states are for those whose presence is known. */
static const char *refused(const struct service *service, struct jid subscriber,
	const struct pubsub_subscribe_options *options)
{
	const struct contacts *contacts = service->contacts;

	if (subscription_states(options) != NULL && !contacts->available(contacts->ctx, subscriber))
		return "pubsub#show-values";
	if (!may_expire(service, subscriber, options->expire_us))
		return "pubsub#expire";
	return NULL;
}

enum pubsub_error options_check(const struct service *service, const struct pubsub_node *node,
	const struct pubsub_request *request, struct pubsub_answer *answer)
{
	struct pubsub_subscribe_options options = pubsub_subscribe_options_default;
	const char *field = NULL;

	pubsub_fields_merge(
		&pubsub_subscribe_options_type, request->options_set, &request->options, &options);
	field = options.include_body && hidden(node) != 0
			? "pubsub#include_body"
			: refused(service, request->jid, &options);
	if (field == NULL)
		return PUBSUB_OK;
	answer->detail = field;
	return PUBSUB_ERR_OPTIONS_INVALID;
}

/* The subscription that the request is about: one's own, or an admin's choice (6.3.4.1). */
static enum pubsub_error find(struct service *service, const struct pubsub_request *request,
	struct pubsub_answer *answer, struct pubsub_node **node_out,
	struct pubsub_subscription **out)
{
	struct subscriptions list = {0};
	enum pubsub_error err = node_find_or_root(service, request, answer, node_out);

	if (err != PUBSUB_OK)
		return err;
	if (!request->has_jid)
		return PUBSUB_ERR_JID_REQUIRED;
	if (!jid_equal_bare(request->jid, request->from) &&
		!access_is_admin(service, request->from.bare))
		return PUBSUB_ERR_OPTIONS_FORBIDDEN;
	err = subscription_list(service, *node_out, request->jid, &list);
	if (err != PUBSUB_OK)
		return err;
	if (list.n == 0)
		return PUBSUB_ERR_OPTIONS_NOT_SUBSCRIBED;
	return subscription_pick(service, &list, request->sub_id, out);
}

enum pubsub_error service_options(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	struct pubsub_subscription *row = NULL;
	struct pubsub_node *node = NULL;
	enum pubsub_error err = find(service, request, answer, &node, &row);

	if (err != PUBSUB_OK)
		return err;
	answer->options = row->options;
	answer->options_hidden = hidden(node);
	answer->subscriptions = subscription_shown(service, node, row);
	answer->subscription_count = 1;
	return PUBSUB_OK;
}

enum pubsub_error service_options_set(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	struct pubsub_subscription *row = NULL;
	struct pubsub_node *node = NULL;
	enum pubsub_error err = find(service, request, answer, &node, &row);

	if (err != PUBSUB_OK || request->options_state == PUBSUB_FORM_CANCEL)
		return err;
	if (request->options_state == PUBSUB_FORM_NONE)
		return PUBSUB_ERR_FORM_INVALID;
	err = options_check(service, node, request, answer);
	if (err != PUBSUB_OK)
		return err;
	pubsub_fields_merge(&pubsub_subscribe_options_type, request->options_set, &request->options,
		&row->options);
	return subscription_put(service, node, row);
}

enum pubsub_error service_options_default(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	struct pubsub_node *node = NULL;
	enum pubsub_error err = PUBSUB_OK;

	answer->options = pubsub_subscribe_options_default;
	if (request->node_id == NULL)
		return PUBSUB_OK;
	err = node_find_visible(service, request, answer, &node);
	if (err == PUBSUB_OK)
		answer->options_hidden = hidden(node);
	return err;
}
