/* Who has what to do with a node, or with what somebody has to do: subscriptions, affiliations. */
#include "commands.h"

#include <string.h>

#include "fields.h"

/* A list is of a node or of somebody. */
static enum pubsub_error check_subject(struct call *call)
{
	const bool node = call_text(call, "node") != NULL, jid = call_text(call, "jid") != NULL;

	return node != jid ? PUBSUB_OK
			   : call_refuse(call, PUBSUB_ERR_BAD_REQUEST,
				     "%s needs one of 'node' and 'jid'", call->command->name);
}

static void answer_list(struct call *call, const char *name, json_t *list, const char *next)
{
	call_answer(call, json_pack("{s:o, s:s*}", name, list, "next", next));
}

/* ---- subscriptions ---- */

static json_t *subscription_json(
	const struct pubsub_subscription *row, const char *service, struct arena *arena)
{
	return json_pack("{s:s*, s:s, s:s, s:s, s:s?, s:o}", "service", service, "node",
		row->node_id, "jid", row->subscriber.full, "state",
		pubsub_subscription_state_words.v[row->state], "subid", row->sub_id, "options",
		fields_to_json(&pubsub_subscribe_options_type, &row->options, arena));
}

/* "SUBID,JID", as in the result sets of clients. NULL: it is none. */
static const struct pubsub_subscription *parse_place(struct call *call, const char *text)
{
	struct pubsub_subscription *place = arena_alloc(call->arena, sizeof *place);
	const char *comma = strchr(text, ',');

	if (comma == NULL || comma[1] == '\0')
		return NULL;
	place->sub_id = arena_memdup(call->arena, text, (size_t)(comma - text));
	jid_take(comma + 1, call->arena, &place->subscriber);
	return place;
}

static enum pubsub_error subscriptions_of_node(struct call *call, struct service *service)
{
	const char *after = call_text(call, "after"), *next = NULL;
	const size_t limit = call_limit(call);
	struct store_subscription_range range = {.limit = limit};
	struct pubsub_subscription *rows = NULL;
	json_t *list;
	struct pubsub_node *node;
	size_t n = 0;
	enum pubsub_error err;

	if (after != NULL && (range.after = parse_place(call, after)) == NULL)
		return call_refuse(
			call, PUBSUB_ERR_BAD_REQUEST, "'after' is not a 'next' of this command");
	err = call_node(call, service, &node);
	if (err == PUBSUB_OK)
		err = store_subscriptions_page(
			service->txn, node, &range, service->arena, &rows, &n);
	if (err != PUBSUB_OK)
		return err;
	list = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, subscription_json(&rows[i], NULL, service->arena));
	if (n > 0 && n == limit)
		next = arena_printf(call->arena, "%s,%s",
			rows[n - 1].sub_id == NULL ? "" : rows[n - 1].sub_id,
			rows[n - 1].subscriber.full);
	answer_list(call, "subscriptions", list, next);
	return PUBSUB_OK;
}

static enum pubsub_error subscriptions_of_jid(struct call *call, struct service *service)
{
	struct store_entity_subscription *rows;
	const char *only = call_text(call, "service");
	json_t *list;
	size_t n;
	enum pubsub_error err = store_entity_subscriptions(
		service->txn, only, call_jid(call, "jid").bare, service->arena, &rows, &n);

	if (err != PUBSUB_OK)
		return err;
	list = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list,
			subscription_json(&rows[i].subscription, rows[i].service, service->arena));
	answer_list(call, "subscriptions", list, NULL);
	return PUBSUB_OK;
}

COMMAND(subscriptions_list)
{
	enum pubsub_error err = check_subject(call);

	if (err != PUBSUB_OK)
		return err;
	return call_text(call, "node") != NULL ? subscriptions_of_node(call, service)
					       : subscriptions_of_jid(call, service);
}

COMMAND(subscriptions_set)
{
	struct pubsub_request request = call_request(call);
	const int state =
		pubsub_word_find(&pubsub_subscription_state_words, call_text(call, "state"));
	struct pubsub_subscription wanted = {
		.subscriber = call_jid(call, "jid"), .sub_id = call_text(call, "subid")};
	struct pubsub_answer answer = {0};

	if (state != PUBSUB_SUBSCRIPTION_NONE && state != PUBSUB_SUBSCRIPTION_SUBSCRIBED)
		return call_refuse(
			call, PUBSUB_ERR_BAD_REQUEST, "'state' must be none or subscribed");
	wanted.state = (enum pubsub_subscription_state)state;
	request.subscriptions = &wanted;
	request.subscription_count = 1;
	return call_rules(call, service, service_owner_subscriptions_set, &request, &answer);
}

/* ---- affiliations ---- */

static json_t *affiliate_json(const struct pubsub_affiliate *row, const char *jid)
{
	return json_pack("{s:s, s:s, s:s}", "node", row->node_id, "jid", jid, "affiliation",
		pubsub_affiliation_words.v[row->affiliation]);
}

static enum pubsub_error affiliations_of_node(struct call *call, struct service *service)
{
	const struct store_range range = {
		.after = call_text(call, "after"), .limit = call_limit(call)};
	struct pubsub_affiliate *rows = NULL;
	json_t *list;
	struct pubsub_node *node;
	size_t n = 0;
	enum pubsub_error err = call_node(call, service, &node);

	if (err == PUBSUB_OK)
		err = store_affiliations_page(
			service->txn, node, &range, service->arena, &rows, &n);
	if (err != PUBSUB_OK)
		return err;
	list = json_array();
	for (size_t i = 0; i < n; i++) {
		rows[i].node_id = node->node_id;
		json_array_append_new(list, affiliate_json(&rows[i], rows[i].jid));
	}
	answer_list(call, "affiliations", list, n > 0 && n == range.limit ? rows[n - 1].jid : NULL);
	return PUBSUB_OK;
}

static enum pubsub_error affiliations_of_jid(struct call *call, struct service *service)
{
	const char *bare = call_jid(call, "jid").bare;
	struct pubsub_affiliate *rows;
	json_t *list;
	size_t n;
	enum pubsub_error err = store_entity_affiliations(
		service->txn, call->service, bare, service->arena, &rows, &n);

	if (err != PUBSUB_OK)
		return err;
	list = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, affiliate_json(&rows[i], bare));
	answer_list(call, "affiliations", list, NULL);
	return PUBSUB_OK;
}

COMMAND(affiliations_list)
{
	enum pubsub_error err = check_subject(call);

	if (err != PUBSUB_OK)
		return err;
	return call_text(call, "node") != NULL ? affiliations_of_node(call, service)
					       : affiliations_of_jid(call, service);
}

COMMAND(affiliations_set)
{
	struct pubsub_request request = call_request(call);
	const int affiliation =
		pubsub_word_find(&pubsub_affiliation_words, call_text(call, "affiliation"));
	struct pubsub_affiliate wanted = {.jid = call_jid(call, "jid").bare};
	struct pubsub_answer answer = {0};

	if (affiliation < 0)
		return call_refuse(call, PUBSUB_ERR_BAD_REQUEST,
			"'affiliation' must be owner, publisher, publish-only, member, none or "
			"outcast");
	wanted.affiliation = (enum pubsub_affiliation)affiliation;
	request.affiliates = &wanted;
	request.affiliate_count = 1;
	return call_rules(call, service, service_owner_affiliations_set, &request, &answer);
}
