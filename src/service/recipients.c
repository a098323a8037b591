/* recipients.c - who is to hear of an event (XEP-0060 7.1.2, 9; XEP-0163 4.3; XEP-0248 5.3). */
#include "service/recipients.h"

#include <string.h>

#include "service/access.h"
#include "service/collection.h"
#include "service/fanout.h"
#include "service/node.h"

#define FEW 8    /* are looked up one by one */
#define PAGE 512 /* rows at a time */

bool fanout_has_sub_ids(const struct fanout *f)
{
	return f->service->profile->multi_subscribe &&
	       (f->kind == PUBSUB_EVENT_PUBLISH || f->kind == PUBSUB_EVENT_RETRACT);
}

bool fanout_is_collected(const struct fanout *f, const struct pubsub_subscription *row)
{
	return row->options.digest && f->kind != PUBSUB_EVENT_DELETE;
}

void fanout_append(struct fanout *f, struct pubsub_recipient recipient)
{
	buf_append(&f->found, &recipient, sizeof recipient);
}

/* ---- explicit subscribers ---- */

/* What happens to nodes, not to their items: what a subscription to a collection is about by its
 * type (XEP-0248 6.1). */
static bool is_of_nodes(enum pubsub_event_kind kind)
{
	switch (kind) {
	case PUBSUB_EVENT_PUBLISH:
	case PUBSUB_EVENT_RETRACT:
	case PUBSUB_EVENT_PURGE:
		return false;
	default:
		return true;
	}
}

static bool reaches_down(const struct fanout *f, const struct way *way,
	const struct pubsub_subscribe_options *options)
{
	const enum pubsub_subscription_type type = is_of_nodes(f->kind)
							   ? PUBSUB_SUBSCRIPTION_TYPE_NODES
							   : PUBSUB_SUBSCRIPTION_TYPE_ITEMS;

	return options->subscription_depth >= way->depth &&
	       (options->subscription_type == type ||
		       options->subscription_type == PUBSUB_SUBSCRIPTION_TYPE_ALL);
}

static bool counts(
	const struct fanout *f, const struct way *way, const struct pubsub_subscription *row)
{
	if (!subscription_is_live(f->service, row))
		return false;
	if (way->depth > 0 && !reaches_down(f, way, &row->options))
		return false;
	if (row->state == PUBSUB_SUBSCRIPTION_PENDING)
		return f->kind == PUBSUB_EVENT_DELETE && way->depth == 0; /* 8.4.2 */
	return row->options.deliver && subscription_is_present(f->service, f->node, row);
}

static bool sees_presence(const struct fanout *f, const char *bare)
{
	const struct contacts *contacts = f->service->contacts;

	return f->service->profile->account && f->kind == PUBSUB_EVENT_PUBLISH &&
	       contacts->subscribed(contacts->ctx, f->node->service, bare) == CONTACTS_YES;
}

static struct pubsub_recipient *last_found(struct fanout *f)
{
	if (f->found.len == 0)
		return NULL;
	return (struct pubsub_recipient *)(void *)(f->found.data + f->found.len) - 1;
}

/* The collection of a relation stands in the event. */
static bool has_collection(const struct fanout *f, const struct way *way)
{
	return way->depth > 1 || (way->depth == 1 && f->kind != PUBSUB_EVENT_ASSOCIATE &&
					 f->kind != PUBSUB_EVENT_DISSOCIATE);
}

static void append_collection(struct fanout *f, const char *node_id)
{
	const struct texts *had = &f->last_collections;

	if (had->n == 0 || strcmp(had->v[had->n - 1], node_id) != 0)
		texts_add(&f->last_collections, node_id);
}

/* Rows of one JID come one after the other: they make one recipient. */
static void append_subscriber(
	struct fanout *f, const struct way *way, const struct pubsub_subscription *row)
{
	struct pubsub_recipient *last = last_found(f);

	if (last == NULL || strcmp(last->jid, row->subscriber.full) != 0) {
		fanout_append(
			f, (struct pubsub_recipient){
				   .jid = arena_strdup(f->service->arena, row->subscriber.full),
				   .may_see_publisher = sees_presence(f, row->subscriber.bare),
			   });
		last = last_found(f);
		f->last_sub_ids = (struct texts){.arena = f->service->arena};
		f->last_collections = (struct texts){.arena = f->service->arena};
	}
	last->wants_body |= row->options.include_body;
	if (fanout_has_sub_ids(f) && row->sub_id != NULL) {
		texts_add(&f->last_sub_ids, arena_strdup(f->service->arena, row->sub_id));
		last->sub_ids = texts_list(&f->last_sub_ids);
	}
	if (has_collection(f, way)) {
		append_collection(f, way->node->node_id);
		last->collections = texts_list(&f->last_collections);
	}
}

static void add_entitled(
	struct fanout *f, const struct way *way, const struct pubsub_subscription *row)
{
	bool merged = fanout_merge_interest(f, row);

	if (fanout_is_collected(f, row)) {
		struct pubsub_subscription *copy = subscription_copy(f->service, row);

		copy->node_id = way->node->node_id;
		buf_append(&f->digests, copy, sizeof *copy);
	} else if (!merged) {
		append_subscriber(f, way, row);
	}
}

/* Whoever is subscribed to a collection may hear of what he may see himself, and only as a member
 * of it where its owners approve: they have not approved him. */
static enum pubsub_error may_see(struct fanout *f, const char *bare, bool *out)
{
	enum access_admission admission = ACCESS_BLOCKED;
	enum pubsub_affiliation affiliation = PUBSUB_AFFILIATION_NONE;
	enum pubsub_error err = PUBSUB_OK;

	if (node_is_stored(f->node))
		err = affiliation_roll_find(f->service, f->node, &f->roll, bare, &affiliation);
	else
		err = access_affiliation(f->service, f->node, bare, &affiliation);
	if (err == PUBSUB_OK)
		err = access_settle(f->service,
			access_admission(f->service, f->node, affiliation, bare, &admission));
	*out = admission == ACCESS_ADMITTED;
	return err;
}

enum pubsub_error fanout_judge(
	struct fanout *f, const struct way *way, const struct pubsub_subscription *row, bool *out)
{
	enum pubsub_affiliation affiliation = PUBSUB_AFFILIATION_NONE;
	enum pubsub_error err = PUBSUB_OK;

	*out = false;
	if (!counts(f, way, row))
		return PUBSUB_OK;
	err = affiliation_roll_find(f->service, way->node, way->depth == 0 ? &f->roll : &way->roll,
		row->subscriber.bare, &affiliation);
	if (err == PUBSUB_OK)
		err = access_settle(f->service, access_delivers(f->service, way->node, affiliation,
							row->subscriber.bare, out));
	return err == PUBSUB_OK && *out && way->depth > 0 ? may_see(f, row->subscriber.bare, out)
							  : err;
}

enum pubsub_error fanout_add(
	struct fanout *f, const struct way *way, const struct pubsub_subscription *row)
{
	bool hears = false;
	enum pubsub_error err = fanout_judge(f, way, row, &hears);

	if (err == PUBSUB_OK && hears)
		add_entitled(f, way, row);
	return err;
}

static enum pubsub_error add_subscribers(struct fanout *f)
{
	const struct pubsub_subscription *row = NULL;
	struct way *way = NULL;
	enum pubsub_error err = PUBSUB_OK;

	ways_start(&f->ways, f->service, NULL, PAGE);
	while (err == PUBSUB_OK && (row = ways_next(&f->ways, &way)) != NULL)
		err = fanout_add(f, way, row);
	return ways_finish(&f->ways, err);
}

/* ---- all of them ---- */

enum pubsub_error fanout_load_rolls(struct fanout *f)
{
	enum pubsub_error err = PUBSUB_OK;

	if (node_is_stored(f->node))
		err = affiliation_roll_load(f->service, f->node, f->service->arena, &f->roll);
	for (size_t i = 0; err == PUBSUB_OK && i < f->ways.n; i++) {
		struct way *way = &f->ways.v[i];

		if (way->depth > 0)
			err = affiliation_roll_load(
				f->service, way->node, f->service->arena, &way->roll);
	}
	return err;
}

static uint64_t row_count(const struct ways *ways)
{
	uint64_t rows = 0;

	for (size_t i = 0; i < ways->n; i++)
		rows += ways->v[i].node->subscribers + ways->v[i].node->pending;
	return rows;
}

static enum pubsub_error find_all(struct fanout *f)
{
	const uint64_t rows = row_count(&f->ways);
	enum pubsub_error err = fanout_load_interests(f);

	if (err == PUBSUB_OK && rows + f->interest_count > FEW)
		err = fanout_load_rolls(f);
	if (err == PUBSUB_OK && rows > 0)
		err = add_subscribers(f);
	for (size_t i = 0; err == PUBSUB_OK && i < f->interest_count; i++)
		err = fanout_append_interest(f, &f->interests[i]);
	return err;
}

/* What has been gathered, in the arena. */
static void *take(const struct fanout *f, struct buf *found)
{
	void *v = arena_alloc(f->service->arena, found->len);

	if (found->len > 0)
		memcpy(v, found->data, found->len);
	buf_finish(found);
	return v;
}

struct recipients fanout_take(struct fanout *f)
{
	struct recipients out = {
		.n = f->found.len / sizeof *out.v,
		.digest_n = f->digests.len / sizeof *out.digests,
	};

	out.v = take(f, &f->found);
	out.digests = take(f, &f->digests);
	return out;
}

bool fanout_tells_own(enum pubsub_event_kind kind)
{
	return kind != PUBSUB_EVENT_CREATE && kind != PUBSUB_EVENT_ASSOCIATE &&
	       kind != PUBSUB_EVENT_DISSOCIATE;
}

static void find_ways(struct fanout *f, const struct above *above)
{
	struct ways *ways = &f->ways;

	ways->v = arena_alloc(f->service->arena, (above->n + 1) * sizeof *ways->v);
	if (fanout_tells_own(f->kind))
		ways->v[ways->n++] = (struct way){.node = f->node};
	for (size_t i = 0; i < above->n; i++)
		ways->v[ways->n++] =
			(struct way){.node = above->v[i].node, .depth = above->v[i].depth};
}

/* Of those whose clients announced interest nobody knows how many they are. */
static bool is_deferred(const struct fanout *f, const char *node_id)
{
	const struct service *service = f->service;
	const uint64_t rows = row_count(&f->ways);

	if (rows > service->profile->fanout_max)
		return true;
	if ((rows > 0 || service->profile->implicit) &&
		service->told_bytes > service->profile->fanout_bytes)
		return true;
	return service->busy != NULL && service->busy(service->busy_ctx, f->node->service, node_id);
}

/* They are named, unless they are too many. */
static enum pubsub_error name(struct fanout *f, struct recipients *out)
{
	struct service *service = f->service;
	enum pubsub_error err = find_all(f);
	size_t n;

	*out = fanout_take(f);
	n = out->n + out->digest_n;
	if (n > service->profile->fanout_max)
		*out = (struct recipients){.deferred = true};
	else
		service->told_bytes += n * RECIPIENT_BYTES;
	return err;
}

/* What a deferred event has to know of the collections, whatever becomes of them. */
static struct pubsub_ancestor *ancestors(struct service *service, const struct above *above)
{
	struct pubsub_ancestor *v = arena_alloc(service->arena, above->n * sizeof *v);

	for (size_t i = 0; i < above->n; i++)
		v[i] = (struct pubsub_ancestor){
			above->v[i].node->no, above->v[i].depth, above->v[i].node->last_seq};
	return v;
}

enum pubsub_error recipients_through(
	struct service *service, const struct recipients_reach *reach, struct recipients *out)
{
	struct fanout f = {.service = service, .node = reach->node, .kind = reach->kind};
	enum pubsub_error err = PUBSUB_OK;

	*out = (struct recipients){0};
	if (!reach->node->config.deliver_notifications)
		return PUBSUB_OK;
	find_ways(&f, &reach->above);
	if (f.ways.n == 0)
		return PUBSUB_OK;
	out->deferred = is_deferred(&f, reach->node_id);
	if (!out->deferred)
		err = name(&f, out);
	out->above = ancestors(service, &reach->above);
	out->above_n = reach->above.n;
	return err;
}

enum pubsub_error recipients_find(struct service *service, const struct pubsub_node *node,
	enum pubsub_event_kind kind, struct recipients *out)
{
	struct recipients_reach reach = {.node = node, .kind = kind, .node_id = node->node_id};
	enum pubsub_error err = collection_above(service, node, &reach.above);

	return err == PUBSUB_OK ? recipients_through(service, &reach, out) : err;
}

enum pubsub_error recipients_gained(struct service *service, const struct pubsub_node *before,
	const struct pubsub_node *after, struct recipients *out)
{
	struct fanout f = {.service = service, .node = after, .kind = PUBSUB_EVENT_PUBLISH};
	enum pubsub_error err = fanout_load_interests(&f);

	*out = (struct recipients){0};
	for (size_t i = 0; err == PUBSUB_OK && i < f.interest_count; i++) {
		bool could = false, can = false;

		err = access_settle(
			service, access_readable(service, before, f.interests[i].jid, &could));
		if (err == PUBSUB_OK)
			err = access_settle(
				service, access_readable(service, after, f.interests[i].jid, &can));
		if (err == PUBSUB_OK && can && !could)
			fanout_append_client(&f, &f.interests[i]);
	}
	*out = fanout_take(&f);
	return err;
}

struct recipients recipients_of(struct service *service, struct pubsub_texts jids)
{
	struct pubsub_recipient *v = arena_alloc(service->arena, jids.n * sizeof *v);

	for (size_t i = 0; i < jids.n; i++)
		v[i].jid = jids.v[i];
	return (struct recipients){.v = v, .n = jids.n};
}

struct recipients recipients_one(struct service *service, const char *jid)
{
	return recipients_of(service, (struct pubsub_texts){&jid, 1});
}

struct recipients recipients_of_row(struct service *service, const struct pubsub_node *node,
	const struct pubsub_subscription *row, const char *jid)
{
	const struct pubsub_subscription *shown = subscription_shown(service, node, row);
	struct pubsub_recipient *recipient = arena_alloc(service->arena, sizeof *recipient);

	recipient->jid = arena_strdup(service->arena, jid);
	recipient->wants_body = row->options.include_body;
	if (collection_is(node))
		recipient->collections = (struct pubsub_texts){&node->node_id, 1};
	if (shown->sub_id != NULL)
		recipient->sub_ids = (struct pubsub_texts){&shown->sub_id, 1};
	return (struct recipients){.v = recipient, .n = 1};
}
