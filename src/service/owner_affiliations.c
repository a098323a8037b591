/* owner_affiliations.c - the affiliations of a node, as its owners see and set them: XEP-0060
 * 8.9. */
#include <string.h>

#include "peppy/map.h"
#include "service/access.h"
#include "service/affiliation.h"
#include "service/event.h"
#include "service/limit.h"
#include "service/node.h"
#include "service/page.h"
#include "service/subscription.h"

/* ---- the list (8.9.1) ---- */

static size_t row_bytes(const struct pubsub_affiliate *row)
{
	return page_text_bytes(row->jid);
}

/* Keeps what fits, from the side where the page was found. */
static void cut(struct service *service, bool backward, struct pubsub_answer *answer)
{
	struct page_room room = page_room(service);
	size_t n = answer->affiliate_count, kept = 0;

	while (kept < n &&
		page_take(&room, row_bytes(&answer->affiliates[backward ? n - 1 - kept : kept])))
		kept++;
	if (backward && kept < n)
		answer->affiliates += n - kept;
	answer->affiliate_count = kept;
}

enum pubsub_error service_owner_affiliations(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	struct page_room room = page_room(service);
	struct store_range range = {0};
	struct pubsub_node *node = NULL;
	size_t limit = page_limit(&request->rsm), found = 0;
	enum pubsub_error err = node_find_own(service, request, answer, ACCESS_CONFIGURE, &node);

	if (err == PUBSUB_OK)
		err = page_range(&request->rsm, &range);
	if (err != PUBSUB_OK)
		return err;
	range.limit = limit < page_most(&room) ? limit : page_most(&room);
	if (range.limit > 0)
		err = affiliation_list(service, node, &range, &answer->affiliates, &found);
	if (err != PUBSUB_OK)
		return err;
	answer->affiliate_count = found;
	cut(service, range.backward, answer);
	answer->page.present = request->rsm.present || answer->affiliate_count < found ||
			       found == page_most(&room);
	if (answer->affiliate_count > 0) {
		answer->page.first = answer->affiliates[0].jid;
		answer->page.last = answer->affiliates[answer->affiliate_count - 1].jid;
	}
	return PUBSUB_OK;
}

/* ---- changes (8.9.2) ---- */

/* What one entry of the request comes to. */
struct change {
	const struct pubsub_affiliate *wanted;
	enum pubsub_affiliation present;
	bool failed;
	struct row *rows; /* subscriptions that it approves or ends */
};

struct row {
	struct row *next;
	struct pubsub_subscription *subscription;
	bool approved;
};

static enum pubsub_error check_unique(const struct pubsub_request *request)
{
	struct map *seen = map_create(0, NULL);
	enum pubsub_error err = PUBSUB_OK;

	for (size_t i = 0; i < request->affiliate_count; i++) {
		const char *jid = request->affiliates[i].jid;

		if (strchr(jid, '/') != NULL || map_find(seen, jid) != NULL)
			err = PUBSUB_ERR_BAD_REQUEST;
		map_put(seen, jid, seen);
	}
	map_destroy(seen);
	return err;
}

/* What becomes of a subscription when its subscriber's affiliation is another. */
static void review(struct service *service, struct change *c,
	const struct pubsub_subscription *subscription, enum access_admission admission)
{
	const bool pending = subscription->state == PUBSUB_SUBSCRIPTION_PENDING;
	struct row *row = NULL;

	if (admission == ACCESS_UNAPPROVED || (admission == ACCESS_ADMITTED && !pending))
		return; /* it stays as it is */
	row = arena_alloc(service->arena, sizeof *row);
	*row = (struct row){
		c->rows, subscription_copy(service, subscription), admission == ACCESS_ADMITTED};
	c->rows = row;
}

static enum pubsub_error review_all(
	struct service *service, const struct pubsub_node *node, struct change *c)
{
	enum access_admission admission = ACCESS_BLOCKED;
	struct store_entity_subscription *rows = NULL;
	size_t n = 0;
	enum pubsub_error err = access_admission_as(
		service, node, c->wanted->jid, c->wanted->affiliation, &admission);

	if (err == PUBSUB_OK)
		err = store_entity_subscriptions(
			service->txn, node->service, c->wanted->jid, service->arena, &rows, &n);
	for (size_t i = 0; err == PUBSUB_OK && i < n; i++) {
		if (strcmp(rows[i].subscription.node_id, node->node_id) == 0)
			review(service, c, &rows[i].subscription, admission);
	}
	return err;
}

static bool changes(const struct change *c)
{
	return !c->failed && c->present != c->wanted->affiliation;
}

/* The last owner stays, also when two resign at once; who becomes one counts already. So at most
 * one entry fails, and on an account its own: they fit into an answer. */
static enum pubsub_error check_owners(
	struct service *service, const struct pubsub_node *node, struct change *list, size_t n)
{
	struct pubsub_texts owners = {0};
	enum pubsub_error err = affiliation_owners(service, node, &owners);
	size_t left = owners.n;

	for (size_t i = 0; i < n; i++)
		left += changes(&list[i]) &&
			access_owner_change(list[i].present, list[i].wanted->affiliation) > 0;
	for (size_t i = 0; i < n; i++) {
		if (!changes(&list[i]) ||
			access_owner_change(list[i].present, list[i].wanted->affiliation) >= 0)
			continue;
		list[i].failed = left == 1;
		left -= !list[i].failed;
	}
	return err;
}

static enum pubsub_error plan(
	struct service *service, const struct pubsub_node *node, struct change *list, size_t n)
{
	enum pubsub_error err = PUBSUB_OK;

	for (size_t i = 0; err == PUBSUB_OK && i < n; i++)
		err = affiliation_stored(
			service, node, list[i].wanted->jid, &list[i].present, &list[i].failed);
	for (size_t i = 0; i < n; i++)
		list[i].failed &= list[i].present != list[i].wanted->affiliation;
	if (err == PUBSUB_OK)
		err = check_owners(service, node, list, n);
	for (size_t i = 0; err == PUBSUB_OK && i < n; i++) {
		if (changes(&list[i]))
			err = review_all(service, node, &list[i]);
	}
	return err;
}

static enum pubsub_error apply(
	struct service *service, struct pubsub_node *node, const struct change *c)
{
	struct pubsub_affiliate *affiliate = arena_alloc(service->arena, sizeof *affiliate);
	enum pubsub_error err =
		store_affiliation_put(service->txn, node, c->wanted->jid, c->wanted->affiliation);

	if (err != PUBSUB_OK)
		return err;
	*affiliate = *c->wanted;
	affiliate->node_id = node->node_id;
	event_affiliation(service, node, affiliate);
	for (struct row *row = c->rows; err == PUBSUB_OK && row != NULL; row = row->next)
		err = row->approved ? subscription_approve(service, node, row->subscription)
				    : subscription_end(service, node, row->subscription, false);
	return err;
}

static enum pubsub_error write(struct service *service, struct pubsub_node *node,
	const struct change *list, size_t n, struct pubsub_answer *answer)
{
	answer->affiliates = arena_alloc(service->arena, n * sizeof *answer->affiliates);
	for (size_t i = 0; i < n; i++) {
		enum pubsub_error err =
			changes(&list[i]) ? apply(service, node, &list[i]) : PUBSUB_OK;

		if (err != PUBSUB_OK)
			return err;
		if (list[i].failed)
			answer->affiliates[answer->affiliate_count++] = (struct pubsub_affiliate){
				.node_id = node->node_id,
				.jid = list[i].wanted->jid,
				.affiliation = list[i].present,
			};
	}
	if (answer->affiliate_count == 0)
		return PUBSUB_OK;
	return n == 1 ? PUBSUB_ERR_LAST_OWNER : PUBSUB_ERR_ENTRIES_FAILED;
}

/* New rows make the list longer, and whoever has a new affiliation is notified. */
static enum pubsub_error check_limits(struct service *service, const struct pubsub_node *node,
	const struct pubsub_request *request, const struct change *list,
	struct pubsub_answer *answer)
{
	size_t more = 0, told = 0;
	enum pubsub_error err = PUBSUB_OK;

	for (size_t i = 0; i < request->affiliate_count; i++) {
		more += changes(&list[i]) && list[i].present == PUBSUB_AFFILIATION_NONE;
		told += changes(&list[i]) && strcmp(list[i].wanted->jid, request->from.bare) != 0;
	}
	err = limit_affiliations(service, node, request, more, answer);
	return err == PUBSUB_OK ? limit_invitations(service, request, told, answer) : err;
}

enum pubsub_error service_owner_affiliations_set(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	size_t n = request->affiliate_count;
	struct change *list = arena_alloc(service->arena, n * sizeof *list);
	struct pubsub_node *node = NULL;
	enum pubsub_error err = node_find_own(service, request, answer, ACCESS_CONFIGURE, &node);

	if (err == PUBSUB_OK)
		err = check_unique(request);
	if (err != PUBSUB_OK)
		return err;
	for (size_t i = 0; i < n; i++)
		list[i].wanted = &request->affiliates[i];
	err = plan(service, node, list, n);
	if (err == PUBSUB_OK)
		err = check_limits(service, node, request, list, answer);
	return err == PUBSUB_OK ? write(service, node, list, n, answer) : err;
}
