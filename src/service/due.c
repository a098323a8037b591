/* due.c - subscriptions that want something at a time: XEP-0060 12.19, leases; 16.4.2, digests. */
#include <string.h>

#include "service/access.h"
#include "service/event.h"
#include "service/subscription.h"

/* ---- digests ---- */

#define DIGEST_BYTES (64 * 1024)          /* of one subscription */
#define ROSTER_US (5 * UINT64_C(1000000)) /* then one that was missing is looked for again */

/* He was admitted when the events were collected, which may be long ago. */
static enum pubsub_error may_be_sent(struct service *service, const struct pubsub_node *node,
	const struct pubsub_subscription *row, bool *out)
{
	*out = row->options.deliver && node->config.deliver_notifications &&
	       subscription_is_present(service, node, row);
	return *out ? access_entitles(service, node, row->subscriber.bare, out) : PUBSUB_OK;
}

/* As many messages as it takes: each has to fit into a stanza. */
static enum pubsub_error tell(struct service *service, const struct pubsub_node *node,
	const struct pubsub_subscription *row)
{
	const struct recipients recipients =
		recipients_of_row(service, node, row, row->subscriber.full);
	struct store_digest_range range = {.bytes = service->profile->answer_bytes};
	struct store_digest digest = {0};

	for (;;) {
		enum pubsub_error err =
			store_digest_page(service->txn, node, row, &range, service->arena, &digest);

		if (err != PUBSUB_OK || digest.bodies.n == 0)
			return err;
		event_of_node(service, node, PUBSUB_EVENT_DIGEST, &recipients)->bodies =
			digest.bodies;
		range.after = digest.last;
	}
}

static enum pubsub_error send_digest(
	struct service *service, struct pubsub_node *node, struct pubsub_subscription *row)
{
	bool send = false;
	enum pubsub_error err = may_be_sent(service, node, row, &send);

	if (err == PUBSUB_OK && send)
		err = tell(service, node, row);
	if (err != PUBSUB_OK)
		return err;
	row->digest = (struct pubsub_digest){0};
	return store_digest_del(service->txn, node, row, UINT64_MAX);
}

/* When there is enough it waits no longer: nobody is to fill the store with it, subscribed as often
 * as one may be. */
static enum pubsub_error collect(struct service *service, struct pubsub_node *node,
	struct pubsub_subscription *row, const char *body, size_t len)
{
	const uint32_t frequency_ms = row->options.digest_frequency_ms;
	struct pubsub_digest *digest = &row->digest;
	enum pubsub_error err = store_digest_put(service->txn, node, row, body, len);

	if (err != PUBSUB_OK)
		return err;
	digest->bytes += (uint32_t)len;
	if (digest->due_us == 0)
		digest->due_us = service->now_us + frequency_ms * UINT64_C(1000);
	if (digest->bytes >= service->profile->answer_bytes || digest->bytes >= DIGEST_BYTES)
		digest->due_us = service->now_us;
	return subscription_put(service, node, row);
}

static bool has_sub_id(const struct pubsub_subscription *row, const char *sub_id)
{
	if (row->sub_id == NULL || sub_id == NULL)
		return row->sub_id == sub_id;
	return strcmp(row->sub_id, sub_id) == 0;
}

/* The row as it is now: an event before this one may have changed it. */
static enum pubsub_error find_row(struct service *service, const struct pubsub_node *node,
	const struct pubsub_subscription *as, struct pubsub_subscription **out)
{
	struct subscriptions list = {0};
	enum pubsub_error err = subscription_list(service, node, as->subscriber, &list);

	*out = NULL;
	for (size_t i = 0; err == PUBSUB_OK && i < list.n; i++) {
		if (has_sub_id(&list.v[i], as->sub_id))
			*out = &list.v[i];
	}
	return err;
}

/* Subscriptions of a node come one after the other, but for those that the event reaches through
 * collections: each names its node. */
static enum pubsub_error find_node(struct service *service, const struct pubsub_event *event,
	const char *node_id, struct pubsub_node **node)
{
	if (*node != NULL && strcmp((*node)->node_id, node_id) == 0)
		return PUBSUB_OK;
	return store_node_get(service->txn, event->service, node_id, service->arena, node);
}

enum pubsub_error service_digest_collect(
	struct service *service, const struct pubsub_event *event, const char *body, size_t len)
{
	struct pubsub_node *node = NULL;
	enum pubsub_error err = PUBSUB_OK;

	for (size_t i = 0; err == PUBSUB_OK && i < event->digest_count; i++) {
		struct pubsub_subscription *row = NULL;

		err = find_node(service, event, event->digests[i].node_id, &node);
		if (err == PUBSUB_OK)
			err = find_row(service, node, &event->digests[i], &row);
		if (err == PUBSUB_OK && row != NULL)
			err = collect(service, node, row, body, len);
	}
	return err;
}

/* ---- what is due ---- */

/* A row waits for its notice until that has been sent: later it waits for something later. */
static bool is_notice_due(const struct service *service, const struct pubsub_subscription *row)
{
	uint64_t end_us = row->options.expire_us;

	return subscription_is_leased(row) && end_us - SUBSCRIPTION_NOTICE_US <= service->now_us &&
	       row->due_us <= end_us - SUBSCRIPTION_NOTICE_US;
}

static enum pubsub_error attend(
	struct service *service, struct pubsub_node *node, struct pubsub_subscription *row)
{
	enum pubsub_error err = PUBSUB_OK;
	bool waits = false;

	if (row->digest.due_us != 0 && row->digest.due_us <= service->now_us)
		err = send_digest(service, node, row);
	waits = err == PUBSUB_ERR_NEED_ROSTER;
	if (err != PUBSUB_OK && !waits)
		return err;
	if (!subscription_is_live(service, row))
		return subscription_end(service, node, row, false);
	if (is_notice_due(service, row))
		event_subscription(service, node, row);
	if (waits)
		row->digest.due_us = service->now_us + ROSTER_US;
	err = subscription_put(service, node, row);
	return err == PUBSUB_OK && waits ? PUBSUB_ERR_NEED_ROSTER : err;
}

enum pubsub_error service_subscriptions_due(struct service *service,
	const struct service_profiles *profiles, size_t limit, bool *more_out)
{
	const struct service_profile *profile = service->profile;
	struct store_entity_subscription *rows = NULL;
	size_t n = 0, i = 0, bytes = 0;
	enum pubsub_error err = store_subscriptions_due(
		service->txn, service->now_us, limit, service->arena, &rows, &n);

	for (; err == PUBSUB_OK && i < n && bytes <= profile->fanout_bytes &&
		service->told_bytes <= profile->fanout_bytes;
		i++) {
		struct pubsub_node *node = NULL;

		bytes += rows[i].subscription.digest.bytes;
		err = store_node_get(service->txn, rows[i].service, rows[i].subscription.node_id,
			service->arena, &node);
		service->profile = profiles->of(profiles->ctx, rows[i].service);
		if (err == PUBSUB_OK)
			err = attend(service, node, &rows[i].subscription);
	}
	*more_out = i < n || n == limit;
	service->profile = profile;
	return err;
}
