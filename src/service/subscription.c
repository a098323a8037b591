/* subscription.c - subscriptions of a node: found, approved, ended, walked. */
#include "service/subscription.h"

#include <string.h>

#include "peppy/id.h"
#include "service/event.h"
#include "service/last.h"

#define PAGE 512      /* rows at a time */
#define SHOW_VALUES 5 /* chat, online, away, xa, dnd: all of them are no restriction */

bool subscription_is_leased(const struct pubsub_subscription *row)
{
	return row->options.expire_us != 0 && row->options.expire_us != PUBSUB_EXPIRE_PRESENCE;
}

bool subscription_is_live(const struct service *service, const struct pubsub_subscription *row)
{
	return row->options.expire_us == 0 || row->options.expire_us > service->now_us;
}

bool subscription_is_temporary(
	const struct pubsub_node *node, const struct pubsub_subscribe_options *options)
{
	return node->config.tempsub || options->expire_us == PUBSUB_EXPIRE_PRESENCE;
}

bool subscription_is_active(const struct service *service, const struct pubsub_subscription *row)
{
	return (row->state == PUBSUB_SUBSCRIPTION_SUBSCRIBED ||
		       row->state == PUBSUB_SUBSCRIPTION_UNCONFIGURED) &&
	       subscription_is_live(service, row);
}

const struct pubsub_texts *subscription_states(const struct pubsub_subscribe_options *options)
{
	size_t n = options->show_values.n;

	return n == 0 || n == SHOW_VALUES ? NULL : &options->show_values;
}

bool subscription_is_present(const struct service *service, const struct pubsub_node *node,
	const struct pubsub_subscription *row)
{
	const struct pubsub_texts *states = subscription_states(&row->options);
	const struct contacts *contacts = service->contacts;

	if (states != NULL)
		return contacts->shows(contacts->ctx, row->subscriber, *states);
	return !node->config.presence_based_delivery ||
	       contacts->available(contacts->ctx, row->subscriber);
}

enum pubsub_error subscription_list(struct service *service, const struct pubsub_node *node,
	struct jid jid, struct subscriptions *out)
{
	size_t live = 0;
	enum pubsub_error err =
		store_subscriptions_get(service->txn, node, jid, service->arena, &out->v, &out->n);

	if (err != PUBSUB_OK)
		return err;
	for (size_t i = 0; i < out->n; i++) {
		if (subscription_is_live(service, &out->v[i]))
			out->v[live++] = out->v[i];
	}
	out->n = live;
	return PUBSUB_OK;
}

static enum pubsub_error is_held_by(
	struct service *service, const struct pubsub_node *node, struct jid jid, bool *out)
{
	struct subscriptions list = {0};
	enum pubsub_error err = subscription_list(service, node, jid, &list);

	for (size_t i = 0; err == PUBSUB_OK && i < list.n; i++) {
		if (subscription_is_active(service, &list.v[i]))
			*out = true;
	}
	return err;
}

enum pubsub_error subscription_is_held(
	struct service *service, const struct pubsub_node *node, struct jid from, bool *out)
{
	enum pubsub_error err = PUBSUB_OK;

	*out = false;
	err = is_held_by(service, node, jid_bare(from), out);
	if (err == PUBSUB_OK && !*out && from.resource != NULL)
		err = is_held_by(service, node, from, out);
	return err;
}

enum pubsub_error subscription_pick(const struct service *service, const struct subscriptions *list,
	const char *sub_id, struct pubsub_subscription **out)
{
	*out = &list->v[0];
	if (!service->profile->multi_subscribe)
		return PUBSUB_OK;
	if (sub_id == NULL)
		return list->n > 1 ? PUBSUB_ERR_SUBID_REQUIRED : PUBSUB_OK;
	for (size_t i = 0; i < list->n; i++) {
		if (list->v[i].sub_id != NULL && strcmp(list->v[i].sub_id, sub_id) == 0) {
			*out = &list->v[i];
			return PUBSUB_OK;
		}
	}
	return PUBSUB_ERR_SUBID_INVALID;
}

struct pubsub_subscription *subscription_new(struct service *service, struct jid jid)
{
	struct pubsub_subscription *row = arena_alloc(service->arena, sizeof *row);
	char id[ID_RANDOM_SIZE];

	id_random(id);
	*row = (struct pubsub_subscription){
		.subscriber = jid,
		.sub_id = arena_strdup(service->arena, id),
		.state = PUBSUB_SUBSCRIPTION_SUBSCRIBED,
		.options = pubsub_subscribe_options_default,
	};
	return row;
}

struct pubsub_subscription *subscription_copy(
	struct service *service, const struct pubsub_subscription *row)
{
	struct pubsub_subscription *copy = arena_alloc(service->arena, sizeof *copy);

	*copy = *row;
	copy->subscriber = jid_copy(row->subscriber, service->arena);
	copy->sub_id = arena_strdup(service->arena, row->sub_id);
	pubsub_fields_own(&pubsub_subscribe_options_type, &copy->options, service->arena);
	return copy;
}

struct pubsub_subscription *subscription_shown(struct service *service,
	const struct pubsub_node *node, const struct pubsub_subscription *row)
{
	struct pubsub_subscription *shown = subscription_copy(service, row);

	shown->node_id = node->node_id;
	if (!service->profile->multi_subscribe)
		shown->sub_id = NULL;
	return shown;
}

/* ---- changes ---- */

static uint64_t earlier(uint64_t a_us, uint64_t b_us) /* 0: never */
{
	return a_us == 0 || (b_us != 0 && b_us < a_us) ? b_us : a_us;
}

/* When the notice is due, if it is still to come; else the end. */
static uint64_t lease_due_us(const struct service *service, const struct pubsub_subscription *row)
{
	uint64_t end_us = row->options.expire_us;

	if (!subscription_is_leased(row))
		return 0;
	return end_us > service->now_us + SUBSCRIPTION_NOTICE_US ? end_us - SUBSCRIPTION_NOTICE_US
								 : end_us;
}

enum pubsub_error subscription_put(
	struct service *service, struct pubsub_node *node, struct pubsub_subscription *row)
{
	if (row->digest.due_us != 0 && !row->options.digest)
		row->digest.due_us = service->now_us; /* what waits need wait no more */
	row->due_us = earlier(lease_due_us(service, row), row->digest.due_us);
	return store_subscription_put(service->txn, node, row);
}

static enum pubsub_error tell(struct service *service, const struct pubsub_node *node,
	const struct pubsub_subscription *row, bool own)
{
	if (!own)
		event_subscription(service, node, row);
	return node->config.notify_sub
		       ? event_to_owners(service, node, PUBSUB_EVENT_SUBSCRIPTION, row)
		       : PUBSUB_OK;
}

enum pubsub_error subscription_add(struct service *service, struct pubsub_node *node,
	struct pubsub_subscription *row, bool own)
{
	enum pubsub_error err = subscription_put(service, node, row);

	if (err != PUBSUB_OK)
		return err;
	if (row->state == PUBSUB_SUBSCRIPTION_PENDING)
		return event_to_owners(service, node, PUBSUB_EVENT_AUTHORIZE, row);
	err = tell(service, node, row, own);
	return err == PUBSUB_OK ? last_on_subscribe(service, node, row) : err;
}

enum pubsub_error subscription_approve(
	struct service *service, struct pubsub_node *node, struct pubsub_subscription *row)
{
	row->state = PUBSUB_SUBSCRIPTION_SUBSCRIBED;
	return subscription_add(service, node, row, false);
}

enum pubsub_error subscription_end(struct service *service, struct pubsub_node *node,
	struct pubsub_subscription *row, bool own)
{
	struct pubsub_subscription ended = *row;
	enum pubsub_error err = store_subscription_del(service->txn, node, row);

	if (err != PUBSUB_OK)
		return err;
	ended.state = PUBSUB_SUBSCRIPTION_NONE;
	return tell(service, node, &ended, own);
}

/* ---- all of a node ---- */

struct subscription_walk subscription_walk_start(
	struct service *service, const struct pubsub_node *node)
{
	return (struct subscription_walk){
		.service = service,
		.node = node,
		.range = {.limit = PAGE},
		.pages = {arena_create(), arena_create()},
		.more = true,
	};
}

/* The row that is taken next, and last, of the page at hand. */
static struct pubsub_subscription *row_at(const struct subscription_walk *walk, size_t at)
{
	return &walk->rows[walk->range.backward ? walk->n - 1 - at : at];
}

static void load_page(struct subscription_walk *walk)
{
	struct store_subscription_range *range = &walk->range;
	struct arena *page = walk->pages[1];

	if (walk->n > 0 && range->backward)
		range->before = row_at(walk, walk->n - 1);
	else if (walk->n > 0)
		range->after = row_at(walk, walk->n - 1);
	walk->pages[1] = walk->pages[0];
	walk->pages[0] = page;
	arena_reset(page);
	walk->at = 0;
	walk->err = store_subscriptions_page(
		walk->service->txn, walk->node, range, page, &walk->rows, &walk->n);
	if (walk->err != PUBSUB_OK)
		walk->n = 0;
	walk->more = walk->n == range->limit;
}

const struct pubsub_subscription *subscription_walk_next(struct subscription_walk *walk)
{
	if (walk->at == walk->n && walk->more)
		load_page(walk);
	return walk->at < walk->n ? row_at(walk, walk->at++) : NULL;
}

enum pubsub_error subscription_walk_finish(struct subscription_walk *walk, enum pubsub_error err)
{
	arena_destroy(walk->pages[0]);
	arena_destroy(walk->pages[1]);
	return err != PUBSUB_OK ? err : walk->err;
}
