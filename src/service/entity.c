/* entity.c - what an entity is at a service: XEP-0060 5.6, 5.7. */
#include <string.h>

#include "service/affiliation.h"
#include "service/page.h"
#include "service/subscription.h"

static bool is_asked_for(const struct pubsub_request *request, const char *node_id)
{
	return request->node_id == NULL || strcmp(request->node_id, node_id) == 0;
}

/* ---- subscriptions ---- */

static const char *subscription_uid(struct service *service, const void *list, size_t i)
{
	const struct pubsub_subscription *row = (const struct pubsub_subscription *)list + i;

	return arena_printf(service->arena, "%s,%s,%s", row->sub_id != NULL ? row->sub_id : "",
		row->subscriber.full, row->node_id);
}

static size_t subscription_bytes(const void *list, size_t i)
{
	const struct pubsub_subscription *row = (const struct pubsub_subscription *)list + i;

	return page_text_bytes(row->node_id) + page_text_bytes(row->subscriber.full) +
	       page_text_bytes(row->sub_id);
}

static enum pubsub_error page_of_subscriptions(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	const struct page_list list = {service, answer->subscriptions, answer->subscription_count,
		subscription_uid, subscription_bytes};
	size_t first = 0;
	enum pubsub_error err = page_of_list(
		&list, &request->rsm, &first, &answer->subscription_count, &answer->page);

	if (err != PUBSUB_OK)
		return err;
	answer->subscriptions += first;
	for (size_t i = 0; i < answer->subscription_count; i++) {
		if (!service->profile->multi_subscribe)
			answer->subscriptions[i].sub_id = NULL;
	}
	return PUBSUB_OK;
}

enum pubsub_error service_subscriptions(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	struct store_entity_subscription *rows = NULL;
	size_t n = 0;
	enum pubsub_error err = store_entity_subscriptions(
		service->txn, request->service, request->from.bare, service->arena, &rows, &n);

	if (err != PUBSUB_OK)
		return err;
	answer->subscriptions = arena_alloc(service->arena, n * sizeof *answer->subscriptions);
	for (size_t i = 0; i < n; i++) {
		const struct pubsub_subscription *row = &rows[i].subscription;

		if (is_asked_for(request, row->node_id) && subscription_is_live(service, row))
			answer->subscriptions[answer->subscription_count++] = *row;
	}
	return page_of_subscriptions(service, request, answer);
}

/* ---- affiliations ---- */

static const char *affiliation_uid(struct service *service, const void *list, size_t i)
{
	(void)service;
	return ((const struct pubsub_affiliate *)list)[i].node_id;
}

static size_t affiliation_bytes(const void *list, size_t i)
{
	return page_text_bytes(((const struct pubsub_affiliate *)list)[i].node_id);
}

enum pubsub_error service_affiliations(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	struct pubsub_affiliate *rows = NULL;
	struct page_list list = {
		.service = service, .uid = affiliation_uid, .bytes = affiliation_bytes};
	size_t n = 0, first = 0, kept = 0;
	enum pubsub_error err = affiliation_of_entity(service, request, &rows, &n);

	if (err != PUBSUB_OK)
		return err;
	for (size_t i = 0; i < n; i++) {
		if (is_asked_for(request, rows[i].node_id))
			rows[kept++] = rows[i];
	}
	list.list = rows;
	list.n = kept;
	err = page_of_list(&list, &request->rsm, &first, &answer->affiliate_count, &answer->page);
	answer->affiliates = rows != NULL ? rows + first : NULL;
	return err;
}
