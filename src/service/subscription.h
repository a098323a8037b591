/* subscription.h - subscriptions of a node as the verbs find, approve and end them. */
#ifndef SERVICE_SUBSCRIPTION_H
#define SERVICE_SUBSCRIPTION_H

#include "peppy/service.h"

/* Before the end of a lease its subscriber is notified (12.19). */
#define SUBSCRIPTION_NOTICE_US (24 * 3600 * UINT64_C(1000000))

/* A lease: it ends at a time. */
bool subscription_is_leased(const struct pubsub_subscription *row);

/* false: its lease has run out (XEP-0060 12.18); it counts no more. */
bool subscription_is_live(const struct service *service, const struct pubsub_subscription *row);

/* It ends with the presence of its subscriber (XEP-0060 12.5). */
bool subscription_is_temporary(
	const struct pubsub_node *node, const struct pubsub_subscribe_options *options);

/* Subscribed, not merely pending. */
bool subscription_is_active(const struct service *service, const struct pubsub_subscription *row);

/* Whether its subscriber's presence lets him hear of what happens at the node. */
bool subscription_is_present(const struct service *service, const struct pubsub_node *node,
	const struct pubsub_subscription *row);

/* The states in which a subscriber wants to hear of it; NULL: in all of them, offline too. */
const struct pubsub_texts *subscription_states(const struct pubsub_subscribe_options *options);

/* Whether an entity, at this full JID or its bare one, has an active subscription. */
MUST_CHECK enum pubsub_error subscription_is_held(
	struct service *service, const struct pubsub_node *node, struct jid from, bool *out);

/* The live subscriptions of exactly this JID. */
struct subscriptions {
	struct pubsub_subscription *v;
	size_t n;
};
MUST_CHECK enum pubsub_error subscription_list(struct service *service,
	const struct pubsub_node *node, struct jid jid, struct subscriptions *out);

/* Which of them is meant. PUBSUB_ERR_SUBID_REQUIRED, _SUBID_INVALID; list is not empty. Without
 * multi-subscribe SubIDs are ignored. */
MUST_CHECK enum pubsub_error subscription_pick(const struct service *service,
	const struct subscriptions *list, const char *sub_id, struct pubsub_subscription **out);

/* A new one, subscribed, with a SubID of its own. */
struct pubsub_subscription *subscription_new(struct service *service, struct jid jid);

/* A copy in the service's arena. */
struct pubsub_subscription *subscription_copy(
	struct service *service, const struct pubsub_subscription *row);

/* A copy as it may be shown: without its SubID unless there can be several. */
struct pubsub_subscription *subscription_shown(struct service *service,
	const struct pubsub_node *node, const struct pubsub_subscription *row);

/* Writes a row, which will be looked at when its lease or its digest is due. */
MUST_CHECK enum pubsub_error subscription_put(
	struct service *service, struct pubsub_node *node, struct pubsub_subscription *row);

/* Changes. Subscribers are told unless it is their own doing, owners if the node says so. */
MUST_CHECK enum pubsub_error subscription_add(struct service *service, struct pubsub_node *node,
	struct pubsub_subscription *row, bool own);
MUST_CHECK enum pubsub_error subscription_approve(
	struct service *service, struct pubsub_node *node, struct pubsub_subscription *row);
MUST_CHECK enum pubsub_error subscription_end(struct service *service, struct pubsub_node *node,
	struct pubsub_subscription *row, bool own);

/* All subscriptions of a node, one after the other, or as range says; backward from the last one to
 * the first. A row is good until the next call but one. */
struct subscription_walk {
	struct service *service;
	const struct pubsub_node *node;
	struct store_subscription_range range; /* limit is the walk's own */
	struct arena *pages[2];                /* of the present page and of the one before it */
	struct pubsub_subscription *rows;
	size_t n, at;
	bool more;
	enum pubsub_error err;
};
struct subscription_walk subscription_walk_start(
	struct service *service, const struct pubsub_node *node);
const struct pubsub_subscription *subscription_walk_next(struct subscription_walk *walk);

/* The first error of the two, the store's or the caller's. */
MUST_CHECK enum pubsub_error subscription_walk_finish(
	struct subscription_walk *walk, enum pubsub_error err);

#endif
