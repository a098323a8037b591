/* configure.c - changing what a node is: XEP-0060 8.2. */
#include "peppy/array.h"
#include "service/access.h"
#include "service/association.h"
#include "service/departure.h"
#include "service/event.h"
#include "service/item.h"
#include "service/last.h"
#include "service/node.h"
#include "service/subscription.h"

/* A change between check and write. */
struct change {
	struct service *service;
	struct pubsub_node *node;
	struct pubsub_node after; /* the node as it will be */
	struct row *lost;         /* subscriptions that will entitle to nothing */
	struct recipients told, retracted, gained, purged;
	struct associations associations;
};

struct row {
	struct row *next;
	struct pubsub_subscription *subscription;
};

/* Open and authorize take nothing from anybody who is subscribed. */
static bool may_exclude(const struct change *c)
{
	switch (c->after.config.access_model) {
	case PUBSUB_ACCESS_PRESENCE:
	case PUBSUB_ACCESS_ROSTER:
	case PUBSUB_ACCESS_WHITELIST:
		return true;
	default:
		return false;
	}
}

static bool changes_access(const struct change *c)
{
	static const char *const vars[] = {"pubsub#access_model", "pubsub#roster_groups_allowed"};

	for (size_t i = 0; i < ARRAY_COUNT(vars); i++) {
		const struct pubsub_field *field =
			pubsub_field_find(&pubsub_node_config_type, vars[i]);

		if (!pubsub_field_equal(field, &c->node->config, &c->after.config))
			return true;
	}
	return false;
}

static enum pubsub_error judge(struct change *c, const struct pubsub_subscription *subscription)
{
	struct row *row = NULL;
	bool entitled = false;
	enum pubsub_error err =
		access_entitles(c->service, &c->after, subscription->subscriber.bare, &entitled);

	if (err != PUBSUB_OK || entitled)
		return err;
	row = arena_alloc(c->service->arena, sizeof *row);
	*row = (struct row){c->lost, subscription_copy(c->service, subscription)};
	c->lost = row;
	return PUBSUB_OK;
}

static enum pubsub_error find_lost(struct change *c)
{
	struct subscription_walk walk = subscription_walk_start(c->service, c->node);
	const struct pubsub_subscription *row = NULL;
	enum pubsub_error err = PUBSUB_OK;

	while (err == PUBSUB_OK && (row = subscription_walk_next(&walk)) != NULL)
		err = judge(c, row);
	return subscription_walk_finish(&walk, err);
}

static enum pubsub_error check_access(struct change *c)
{
	enum pubsub_error err = PUBSUB_OK;

	if (!changes_access(c))
		return PUBSUB_OK;
	if (!access_is_kept(c->service, &c->after))
		return PUBSUB_ERR_ACCESS_UNSUPPORTED;
	if (may_exclude(c))
		err = find_lost(c);
	if (err == PUBSUB_OK && last_goes_out_unasked(&c->after))
		err = recipients_gained(c->service, c->node, &c->after, &c->gained);
	return err;
}

/* A collection has no items: XEP-0248 7.2.4. */
static bool becomes_collection(const struct change *c)
{
	return collection_is(&c->after) && !collection_is(c->node);
}

/* Everybody is judged by the configuration as it will be. */
static enum pubsub_error check(struct change *c)
{
	struct service *service = c->service;
	enum pubsub_error err = check_access(c);

	if (err == PUBSUB_OK)
		err = associations_check(&c->associations);
	if (err == PUBSUB_OK && c->after.config.notify_config)
		err = recipients_find(service, &c->after, PUBSUB_EVENT_CONFIGURE, &c->told);
	if (err == PUBSUB_OK && becomes_collection(c) && c->after.config.notify_retract)
		err = recipients_find(service, &c->after, PUBSUB_EVENT_PURGE, &c->purged);
	if (err == PUBSUB_OK && item_eviction_is_told(&c->after) &&
		c->node->items > node_max_items(service, &c->after.config))
		err = recipients_find(service, &c->after, PUBSUB_EVENT_RETRACT, &c->retracted);
	return err;
}

/* Of the nodes that it is related to the subscribers learn what anybody may know. */
static enum pubsub_error tell(const struct change *c)
{
	struct pubsub_event *event =
		event_of_node(c->service, c->node, PUBSUB_EVENT_CONFIGURE, &c->told);
	struct pubsub_node_config *config = NULL;

	if (!c->node->config.deliver_payloads || !c->after.config.notify_config)
		return PUBSUB_OK;
	config = arena_alloc(c->service->arena, sizeof *config);
	*config = c->node->config;
	event->config = config;
	return collection_tell_all(c->service, &c->after, config);
}

static enum pubsub_error purge(struct change *c)
{
	enum pubsub_error err = store_node_purge(c->service->txn, c->node);

	if (err == PUBSUB_OK)
		event_of_node(c->service, c->node, PUBSUB_EVENT_PURGE, &c->purged);
	return err;
}

static enum pubsub_error write(struct change *c)
{
	struct pubsub_node_config config = c->after.config;
	bool tied = !c->node->config.purge_offline && config.purge_offline;
	bool collects = becomes_collection(c);
	enum pubsub_error err = store_node_configure(c->service->txn, c->node, &config);

	c->node->config = config;
	if (err == PUBSUB_OK && collects)
		err = purge(c);
	if (err == PUBSUB_OK && tied)
		err = departure_tie_all(c->service, c->node);
	for (struct row *row = c->lost; err == PUBSUB_OK && row != NULL; row = row->next)
		err = subscription_end(c->service, c->node, row->subscription, false);
	if (err == PUBSUB_OK)
		err = associations_write(&c->associations);
	if (err == PUBSUB_OK)
		err = tell(c);
	if (err == PUBSUB_OK)
		err = item_evict(c->service, c->node, 0, &c->retracted);
	return err == PUBSUB_OK ? last_on_access(c->service, c->node, &c->gained) : err;
}

enum pubsub_error service_node_configure(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	struct change c = {.service = service};
	enum pubsub_error err = node_find_own(service, request, answer, ACCESS_CONFIGURE, &c.node);

	if (err != PUBSUB_OK || request->config_state == PUBSUB_FORM_CANCEL)
		return err;
	if (request->config_state == PUBSUB_FORM_NONE)
		return PUBSUB_ERR_FORM_INVALID;
	c.after = *c.node;
	pubsub_fields_merge(
		&pubsub_node_config_type, request->config_set, &request->config, &c.after.config);
	node_config_fit(service, &c.after.config);
	c.associations = (struct associations){.service = service,
		.request = request,
		.answer = answer,
		.before = c.node,
		.node = &c.after,
		.set = request->config_set};
	err = check(&c);
	return err == PUBSUB_OK ? write(&c) : err;
}
