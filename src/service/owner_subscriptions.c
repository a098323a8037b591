/* owner_subscriptions.c - the subscriptions of a node, as its owners see and set them: XEP-0060
 * 8.8. */
#include <string.h>

#include "peppy/map.h"
#include "service/access.h"
#include "service/limit.h"
#include "service/node.h"
#include "service/page.h"
#include "service/subscription.h"

/* ---- the list (8.8.1) ---- */

static const char *uid(struct service *service, const struct pubsub_subscription *row)
{
	return arena_printf(service->arena, "%s,%s", row->sub_id != NULL ? row->sub_id : "",
		row->subscriber.full);
}

/* The place that a UID names; its row may be gone. */
static struct pubsub_subscription *parse_uid(struct service *service, const char *text)
{
	struct pubsub_subscription *row = arena_alloc(service->arena, sizeof *row);
	const char *comma = strchr(text, ',');

	if (comma == NULL || comma[1] == '\0')
		return NULL;
	jid_take(comma + 1, service->arena, &row->subscriber);
	row->sub_id =
		comma > text ? arena_memdup(service->arena, text, (size_t)(comma - text)) : NULL;
	return row;
}

static size_t row_bytes(const struct pubsub_subscription *row)
{
	return page_text_bytes(row->subscriber.full) + page_text_bytes(row->sub_id);
}

/* Pending ones are not in the list: they are asked for by AUTHORIZE. Backward, rows come in the
 * wrong order. */
static enum pubsub_error fill(struct service *service, struct subscription_walk *walk, size_t limit,
	struct pubsub_answer *answer)
{
	struct page_room room = page_room(service);
	const struct pubsub_subscription *row = NULL;
	size_t cap = page_most(&room);

	if (limit > walk->node->subscribers)
		limit = walk->node->subscribers;
	answer->subscriptions = arena_alloc(
		service->arena, (limit < cap ? limit : cap) * sizeof *answer->subscriptions);
	while (answer->subscription_count < limit && (row = subscription_walk_next(walk)) != NULL) {
		if (!subscription_is_active(service, row))
			continue;
		if (!page_take(&room, row_bytes(row)))
			break;
		answer->subscriptions[answer->subscription_count++] =
			*subscription_copy(service, row);
	}
	return subscription_walk_finish(walk, PUBSUB_OK);
}

static void reverse(struct pubsub_answer *answer)
{
	struct pubsub_subscription *v = answer->subscriptions;
	size_t n = answer->subscription_count;

	for (size_t i = 0; i < n / 2; i++) {
		struct pubsub_subscription swap = v[i];

		v[i] = v[n - 1 - i];
		v[n - 1 - i] = swap;
	}
}

static void describe(struct service *service, const struct pubsub_node *node,
	const struct pubsub_rsm *rsm, struct pubsub_answer *answer)
{
	size_t n = answer->subscription_count;

	answer->page = (struct pubsub_page){
		.present = rsm->present || node->subscribers > n,
		.has_count = true,
		.count = node->subscribers,
		.has_index =
			n != 0 && (!rsm->present || (rsm->after == NULL && rsm->before == NULL)),
	};
	if (n > 0) {
		answer->page.first = uid(service, &answer->subscriptions[0]);
		answer->page.last = uid(service, &answer->subscriptions[n - 1]);
	}
	for (size_t i = 0; i < n && !service->profile->multi_subscribe; i++)
		answer->subscriptions[i].sub_id = NULL;
}

/* Rows are not counted up to a place: there is no finding them by index. */
static enum pubsub_error find_range(
	struct service *service, const struct pubsub_rsm *rsm, struct store_subscription_range *out)
{
	const char *place = rsm->after != NULL ? rsm->after : rsm->before;
	struct pubsub_subscription *row = NULL;

	if (!rsm->present)
		return PUBSUB_OK;
	if (rsm->has_index)
		return PUBSUB_ERR_RSM_INDEX;
	out->backward = rsm->before != NULL;
	if (place == NULL || *place == '\0')
		return PUBSUB_OK;
	row = parse_uid(service, place);
	*(out->backward ? &out->before : &out->after) = row;
	return row != NULL ? PUBSUB_OK : PUBSUB_ERR_RSM_NOT_FOUND;
}

enum pubsub_error service_owner_subscriptions(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	struct store_subscription_range range = {0};
	struct pubsub_node *node = NULL;
	struct subscription_walk walk = {0};
	enum pubsub_error err = node_find_own(service, request, answer, ACCESS_CONFIGURE, &node);

	if (err == PUBSUB_OK)
		err = find_range(service, &request->rsm, &range);
	if (err != PUBSUB_OK)
		return err;
	walk = subscription_walk_start(service, node);
	range.limit = walk.range.limit;
	walk.range = range;
	err = fill(service, &walk, page_limit(&request->rsm), answer);
	if (err != PUBSUB_OK)
		return err;
	if (range.backward)
		reverse(answer);
	describe(service, node, &request->rsm, answer);
	return PUBSUB_OK;
}

/* ---- changes (8.8.2) ---- */

enum action { KEEP, ADD, APPROVE, END, FAIL };

/* What one entry of the request comes to. */
struct change {
	enum action action;
	const struct pubsub_subscription *wanted;
	struct subscriptions rows; /* that it is about; for FAIL as they are now */
};

/* Each entry once (8.8.2.4); without multi-subscribe a SubID makes no difference. */
static enum pubsub_error check_unique(struct service *service, const struct pubsub_request *request)
{
	struct map *seen = map_create(0, NULL);
	enum pubsub_error err = PUBSUB_OK;

	for (size_t i = 0; err == PUBSUB_OK && i < request->subscription_count; i++) {
		const struct pubsub_subscription *entry = &request->subscriptions[i];
		const char *sub_id = service->profile->multi_subscribe ? entry->sub_id : NULL;
		const char *key = arena_printf(service->arena, "%s,%s",
			sub_id != NULL ? sub_id : "", entry->subscriber.full);

		if (map_find(seen, key) != NULL)
			err = PUBSUB_ERR_BAD_REQUEST;
		map_put(seen, key, seen);
	}
	map_destroy(seen);
	return err;
}

/* Those who never asked: only whom owners may subscribe, and whom the node would let hear
 * anything. */
static enum pubsub_error plan_add(struct service *service, const struct pubsub_node *node,
	const struct pubsub_request *request, struct change *c)
{
	const struct contacts *contacts = service->contacts;
	struct jid jid = c->wanted->subscriber;
	bool online = !node->config.tempsub || contacts->available(contacts->ctx, jid);
	bool entitled = false;
	enum pubsub_error err = access_entitles(service, node, jid.bare, &entitled);
	bool asks = jid_equal_bare(jid, request->from) || access_subscribes(service, jid) ||
		    access_is_admin(service, request->from.bare);

	c->action = entitled && asks && online ? ADD : FAIL;
	return err;
}

static enum action action_of(
	const struct pubsub_subscription *row, enum pubsub_subscription_state to)
{
	if (row->state == to)
		return KEEP;
	if (to == PUBSUB_SUBSCRIPTION_NONE)
		return END;
	if (to == PUBSUB_SUBSCRIPTION_SUBSCRIBED)
		return row->state == PUBSUB_SUBSCRIPTION_PENDING ? APPROVE : KEEP;
	return FAIL; /* nobody is set back to pending or unconfigured */
}

static enum pubsub_error plan(struct service *service, const struct pubsub_node *node,
	const struct pubsub_request *request, struct change *c)
{
	struct pubsub_subscription *picked = NULL;
	enum pubsub_error err = subscription_list(service, node, c->wanted->subscriber, &c->rows);

	if (err != PUBSUB_OK)
		return err;
	if (c->rows.n == 0 && c->wanted->state == PUBSUB_SUBSCRIPTION_SUBSCRIBED)
		return plan_add(service, node, request, c);
	if (c->rows.n == 0) {
		c->action = c->wanted->state == PUBSUB_SUBSCRIPTION_NONE ? KEEP : FAIL;
		return PUBSUB_OK;
	}
	c->action = FAIL;
	if (subscription_pick(service, &c->rows, c->wanted->sub_id, &picked) != PUBSUB_OK)
		return PUBSUB_OK;
	c->action = action_of(picked, c->wanted->state);
	if (service->profile->multi_subscribe)
		c->rows = (struct subscriptions){picked, 1};
	return PUBSUB_OK;
}

static enum pubsub_error apply(struct service *service, struct pubsub_node *node, struct change *c)
{
	enum pubsub_error err = PUBSUB_OK;

	switch (c->action) {
	case ADD:
		return subscription_add(
			service, node, subscription_new(service, c->wanted->subscriber), false);
	case APPROVE:
		return subscription_approve(service, node, &c->rows.v[0]);
	case END:
		for (size_t i = 0; err == PUBSUB_OK && i < c->rows.n; i++)
			err = subscription_end(service, node, &c->rows.v[i], false);
		return err;
	case KEEP:
	case FAIL:
		break;
	}
	return PUBSUB_OK;
}

/* An entry that failed, as it is. */
static struct pubsub_subscription present(
	struct service *service, const struct pubsub_node *node, const struct change *c)
{
	const struct pubsub_subscription none = {
		.subscriber = c->wanted->subscriber, .sub_id = c->wanted->sub_id};

	return *subscription_shown(service, node, c->rows.n > 0 ? &c->rows.v[0] : &none);
}

/* What is refused comes back with the error: all of it, or nothing is done. */
static enum pubsub_error check_answer(struct service *service, const struct pubsub_node *node,
	const struct change *changes, size_t n)
{
	struct page_room room = page_room(service);

	for (size_t i = 0; i < n; i++) {
		struct pubsub_subscription row = {0};

		if (changes[i].action != FAIL)
			continue;
		row = present(service, node, &changes[i]);
		if (!page_take(&room, row_bytes(&row)))
			return PUBSUB_ERR_STANZA_TOO_BIG;
	}
	return PUBSUB_OK;
}

static enum pubsub_error write(struct service *service, struct pubsub_node *node,
	struct change *changes, size_t n, struct pubsub_answer *answer)
{
	answer->subscriptions = arena_alloc(service->arena, n * sizeof *answer->subscriptions);
	for (size_t i = 0; i < n; i++) {
		enum pubsub_error err = apply(service, node, &changes[i]);

		if (err != PUBSUB_OK)
			return err;
		if (changes[i].action == FAIL)
			answer->subscriptions[answer->subscription_count++] =
				present(service, node, &changes[i]);
	}
	return answer->subscription_count > 0 ? PUBSUB_ERR_ENTRIES_FAILED : PUBSUB_OK;
}

static size_t count_invited(
	const struct pubsub_request *request, const struct change *changes, size_t n)
{
	size_t invited = 0;

	for (size_t i = 0; i < n; i++)
		invited += changes[i].action == ADD &&
			   !jid_equal_bare(changes[i].wanted->subscriber, request->from);
	return invited;
}

static size_t count_added(const struct change *changes, size_t n)
{
	size_t added = 0;

	for (size_t i = 0; i < n; i++)
		added += changes[i].action == ADD;
	return added;
}

enum pubsub_error service_owner_subscriptions_set(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	size_t n = request->subscription_count;
	struct change *changes = arena_alloc(service->arena, n * sizeof *changes);
	struct pubsub_node *node = NULL;
	enum pubsub_error err = node_find_own(service, request, answer, ACCESS_CONFIGURE, &node);

	if (err == PUBSUB_OK)
		err = check_unique(service, request);
	for (size_t i = 0; err == PUBSUB_OK && i < n; i++) {
		changes[i].wanted = &request->subscriptions[i];
		err = plan(service, node, request, &changes[i]);
	}
	if (err == PUBSUB_OK)
		err = check_answer(service, node, changes, n);
	if (err == PUBSUB_OK)
		err = limit_subscriptions(service, node, request, count_added(changes, n), answer);
	if (err == PUBSUB_OK)
		err = limit_invitations(
			service, request, count_invited(request, changes, n), answer);
	return err == PUBSUB_OK ? write(service, node, changes, n, answer) : err;
}
