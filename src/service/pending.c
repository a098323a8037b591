/* pending.c - requests that wait for an owner's word: XEP-0060 8.6, 8.7. */
#include "service/access.h"
#include "service/affiliation.h"
#include "service/event.h"
#include "service/node.h"
#include "service/page.h"
#include "service/subscription.h"

/* So many forms are sent at once; who has settled them asks for the next. */
#define FORMS 500

/* ---- an owner's answer to the form (8.6) ---- */

static struct pubsub_subscription *find_pending(
	const struct service *service, const struct subscriptions *list, const char *sub_id)
{
	struct pubsub_subscription *picked = NULL;

	if (list->n == 0 || subscription_pick(service, list, sub_id, &picked) != PUBSUB_OK)
		return NULL;
	return picked->state == PUBSUB_SUBSCRIPTION_PENDING ? picked : NULL;
}

/* Only for requests that there are: this is no way to subscribe somebody who never asked. */
static enum pubsub_error settle(
	struct service *service, struct pubsub_node *node, const struct pubsub_subscription *word)
{
	struct pubsub_subscription *row = NULL;
	struct subscriptions list = {0};
	enum pubsub_error err = subscription_list(service, node, word->subscriber, &list);

	if (err != PUBSUB_OK)
		return err;
	row = find_pending(service, &list, word->sub_id);
	if (row == NULL)
		return PUBSUB_ERR_UNSUBSCRIBE_NONE;
	if (word->state == PUBSUB_SUBSCRIPTION_SUBSCRIBED)
		return subscription_approve(service, node, row);
	return subscription_end(service, node, row, false);
}

enum pubsub_error service_authorize(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	struct pubsub_node *node = NULL;
	enum pubsub_error err = PUBSUB_OK;

	if (request->subscription_count == 0)
		return PUBSUB_OK; /* cancelled: the request stays */
	err = node_find_own(service, request, answer, ACCESS_CONFIGURE, &node);
	for (size_t i = 0; err == PUBSUB_OK && i < request->subscription_count; i++)
		err = settle(service, node, &request->subscriptions[i]);
	return err;
}

/* ---- get-pending (8.7) ---- */

static enum pubsub_error list_nodes(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	struct page_room room = page_room(service);
	const struct store_entity_range all = {
		.service = request->service, .bare = request->from.bare, .limit = SIZE_MAX};
	struct pubsub_affiliate *rows = NULL;
	bool owner = access_is_admin(service, request->from.bare);
	size_t n = 0;
	enum pubsub_error err = affiliation_of_entity(service, &all, &rows, &n);

	answer->nodes = arena_alloc(service->arena, n * sizeof *answer->nodes);
	for (size_t i = 0; err == PUBSUB_OK && i < n; i++) {
		struct pubsub_node *node = NULL;

		if (!access_may(rows[i].affiliation, ACCESS_CONFIGURE))
			continue;
		owner = true;
		err = store_node_get(
			service->txn, request->service, rows[i].node_id, service->arena, &node);
		if (err != PUBSUB_OK || node->pending == 0)
			continue;
		if (!page_take(&room, page_text_bytes(node->node_id)))
			break;
		answer->nodes[answer->node_count++] = *node;
	}
	return err == PUBSUB_OK && !owner ? PUBSUB_ERR_OWNER_FORBIDDEN : err;
}

static void ask(struct service *service, const struct pubsub_request *request,
	const struct pubsub_node *node, const struct pubsub_subscription *row)
{
	const struct recipients recipients = recipients_one(service, request->from.full);
	struct pubsub_event *event =
		event_of_node(service, node, PUBSUB_EVENT_AUTHORIZE, &recipients);

	event->type = PUBSUB_NOTIFICATION_NORMAL;
	event->subscription = subscription_shown(service, node, row);
}

static enum pubsub_error ask_all(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	const struct pubsub_subscription *row = NULL;
	struct subscription_walk walk = {0};
	struct pubsub_node *node = NULL;
	enum pubsub_error err = node_find_own(service, request, answer, ACCESS_CONFIGURE, &node);

	if (err != PUBSUB_OK)
		return err;
	walk = subscription_walk_start(service, node);
	walk.range.pending = true;
	for (size_t i = 0; i < FORMS && (row = subscription_walk_next(&walk)) != NULL; i++)
		ask(service, request, node, row);
	return subscription_walk_finish(&walk, PUBSUB_OK);
}

enum pubsub_error service_pending(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	switch (request->options_state) {
	case PUBSUB_FORM_NONE:
		return list_nodes(service, request, answer);
	case PUBSUB_FORM_SUBMIT:
		return ask_all(service, request, answer);
	case PUBSUB_FORM_CANCEL:
		break;
	}
	return PUBSUB_OK;
}
