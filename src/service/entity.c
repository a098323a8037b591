/* entity.c - what an entity is at a service: XEP-0060 5.6, 5.7. Its lists are sorted by the numbers
 * of nodes, which stay what they are, so that pages go on from where they stood. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "service/access.h"
#include "service/affiliation.h"
#include "service/collection.h"
#include "service/page.h"
#include "service/subscription.h"

static bool is_asked_for(const struct pubsub_request *request, const char *node_id)
{
	return request->node_id == NULL || strcmp(request->node_id, node_id) == 0;
}

static int compare_numbers(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

/* ---- subscriptions ---- */

static const char *text_or_empty(const char *text)
{
	return text != NULL ? text : "";
}

/* The number of the node, how long the SubID is, the SubID, the resource. */
static const char *subscription_uid(struct service *service, const void *list, size_t i)
{
	const struct store_entity_subscription *row =
		(const struct store_entity_subscription *)list + i;
	const char *sub_id = text_or_empty(row->subscription.sub_id);

	return arena_printf(service->arena, "%" PRIu32 ",%zu,%s%s", row->no, strlen(sub_id), sub_id,
		text_or_empty(row->subscription.subscriber.resource));
}

static int compare_sub_ids(const char *sub_id, const char *text, size_t len)
{
	int order = strncmp(sub_id, text, len);

	return order != 0 ? order : (int)(strlen(sub_id) > len);
}

static bool compare_subscription(const void *list, size_t i, const char *uid, int *out)
{
	const struct store_entity_subscription *row =
		(const struct store_entity_subscription *)list + i;
	uint32_t no = 0;
	size_t len = 0;
	int end = 0;

	if (sscanf(uid, "%10" SCNu32 ",%10zu,%n", &no, &len, &end) != 2 || end == 0 ||
		strlen(uid + end) < len)
		return false;
	*out = compare_numbers(row->no, no);
	if (*out == 0)
		*out = strcmp(
			text_or_empty(row->subscription.subscriber.resource), uid + end + len);
	if (*out == 0)
		*out = compare_sub_ids(text_or_empty(row->subscription.sub_id), uid + end, len);
	return true;
}

static size_t subscription_bytes(const void *list, size_t i)
{
	const struct pubsub_subscription *row =
		&((const struct store_entity_subscription *)list)[i].subscription;

	return page_text_bytes(row->node_id) + page_text_bytes(row->subscriber.full) +
	       page_text_bytes(row->sub_id);
}

enum pubsub_error service_subscriptions(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	struct store_entity_subscription *rows = NULL;
	struct page_list list = {.service = service,
		.uid = subscription_uid,
		.compare = compare_subscription,
		.bytes = subscription_bytes};
	size_t n = 0, first = 0;
	enum pubsub_error err = store_entity_subscriptions(
		service->txn, request->service, request->from.bare, service->arena, &rows, &n);

	if (err != PUBSUB_OK)
		return err;
	for (size_t i = 0; i < n; i++) {
		const struct pubsub_subscription *row = &rows[i].subscription;

		if (is_asked_for(request, row->node_id) && subscription_is_live(service, row))
			rows[list.n++] = rows[i];
	}
	list.list = rows;
	err = page_of_list(&list, &request->rsm, &first, &n, &answer->page);
	if (err != PUBSUB_OK)
		return err;
	answer->subscriptions = arena_alloc(service->arena, n * sizeof *answer->subscriptions);
	answer->subscription_count = n;
	for (size_t i = 0; i < n; i++) {
		answer->subscriptions[i] = rows[first + i].subscription;
		if (!service->profile->multi_subscribe)
			answer->subscriptions[i].sub_id = NULL;
	}
	return PUBSUB_OK;
}

/* ---- affiliations ---- */

static const char *affiliation_uid(struct service *service, const void *list, size_t i)
{
	return arena_printf(
		service->arena, "%" PRIu32, ((const struct pubsub_affiliate *)list)[i].no);
}

static bool compare_affiliation(const void *list, size_t i, const char *uid, int *out)
{
	uint32_t no = 0;

	if (sscanf(uid, "%10" SCNu32, &no) != 1)
		return false;
	*out = compare_numbers(((const struct pubsub_affiliate *)list)[i].no, no);
	return true;
}

static size_t affiliation_bytes(const void *list, size_t i)
{
	return page_text_bytes(((const struct pubsub_affiliate *)list)[i].node_id);
}

static struct page_list affiliations_listed(
	struct service *service, const struct pubsub_affiliate *rows, size_t n)
{
	return (struct page_list){.service = service,
		.list = rows,
		.n = n,
		.uid = affiliation_uid,
		.compare = compare_affiliation,
		.bytes = affiliation_bytes};
}

enum pubsub_error service_affiliations(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	struct pubsub_affiliate *rows = NULL;
	struct page_list list;
	size_t n = 0, first = 0, kept = 0;
	enum pubsub_error err = affiliation_of_entity(service, request, &rows, &n);

	if (err != PUBSUB_OK)
		return err;
	for (size_t i = 0; i < n; i++) {
		if (is_asked_for(request, rows[i].node_id))
			rows[kept++] = rows[i];
	}
	list = affiliations_listed(service, rows, kept);
	err = page_of_list(&list, &request->rsm, &first, &answer->affiliate_count, &answer->page);
	answer->affiliates = rows != NULL ? rows + first : NULL;
	return err;
}

/* ---- nodes of one's own ---- */

static enum pubsub_error get_nodes(struct service *service, const struct pubsub_request *request,
	const struct pubsub_affiliate *rows, size_t first, size_t end, struct pubsub_answer *answer)
{
	enum pubsub_error err = PUBSUB_OK;

	answer->nodes = arena_alloc(service->arena, (end - first) * sizeof *answer->nodes);
	for (size_t i = first; err == PUBSUB_OK && i < end; i++) {
		struct pubsub_node *node = NULL;

		err = store_node_get(
			service->txn, request->service, rows[i].node_id, service->arena, &node);
		if (err == PUBSUB_OK)
			err = collection_tell(service, node, &node->config);
		if (err == PUBSUB_OK)
			answer->nodes[answer->node_count++] = *node;
	}
	return err;
}

enum pubsub_error service_own_nodes(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	struct pubsub_affiliate *rows = NULL;
	struct page_list list;
	size_t n = 0, owned = 0, first = 0, shown = 0;
	enum pubsub_error err = affiliation_of_entity(service, request, &rows, &n);

	if (err != PUBSUB_OK)
		return err;
	for (size_t i = 0; i < n; i++) {
		if (access_may(rows[i].affiliation, ACCESS_CONFIGURE))
			rows[owned++] = rows[i];
	}
	list = affiliations_listed(service, rows, owned);
	err = page_of_list(&list, &request->rsm, &first, &shown, &answer->page);
	return err == PUBSUB_OK ? get_nodes(service, request, rows, first, first + shown, answer)
				: err;
}
