/* deferred.c - the recipients of events that are too large for a turn, page by page. */
#include <string.h>

#include "service/fanout.h"

/* Behind all SubIDs of a JID: no text that XML can carry is above it. */
#define LAST_SUB_ID "\xf4\x8f\xbf\xbf"

/* Of a deleted node the rows are left, but no configuration: who was subscribed is told, and on the
 * way through collections those whom its access model let in as members. */
static struct pubsub_node *gone(struct service *service, const struct pubsub_event *event)
{
	struct pubsub_node *node = arena_alloc(service->arena, sizeof *node);

	*node = (struct pubsub_node){
		.service = event->service,
		.node_id = event->node_id,
		.config = pubsub_node_config_default,
		.sid = event->sid,
		.no = event->no,
	};
	return node;
}

/* *out NULL: it has gone meanwhile. */
static enum pubsub_error find_node(
	struct service *service, const struct pubsub_event *event, struct pubsub_node **out)
{
	if (event->kind != PUBSUB_EVENT_DELETE)
		return store_node_by_number(
			service->txn, event->service, event->sid, event->no, service->arena, out);
	*out = gone(service, event);
	(*out)->config.access_model = event->access_model;
	return PUBSUB_OK;
}

static struct way own_way(
	struct service *service, const struct pubsub_event *event, const struct pubsub_node *node)
{
	return (struct way){
		.node = event->kind == PUBSUB_EVENT_DELETE ? gone(service, event) : node,
		.seq = event->seq,
	};
}

/* A collection that has gone meanwhile has no subscribers. */
static enum pubsub_error find_ways(struct fanout *f, const struct pubsub_event *event)
{
	struct service *service = f->service;
	struct ways *ways = &f->ways;
	enum pubsub_error err = PUBSUB_OK;

	ways->v = arena_alloc(service->arena, (event->above_count + 1) * sizeof *ways->v);
	if (fanout_tells_own(event->kind))
		ways->v[ways->n++] = own_way(service, event, f->node);
	for (size_t i = 0; err == PUBSUB_OK && i < event->above_count; i++) {
		const struct pubsub_ancestor *above = &event->above[i];
		struct pubsub_node *node = NULL;

		err = store_node_by_number(
			service->txn, event->service, event->sid, above->no, service->arena, &node);
		if (err == PUBSUB_OK && node != NULL)
			ways->v[ways->n++] = (struct way){
				.node = node, .depth = above->depth, .seq = above->seq};
	}
	return err;
}

/* Behind a JID, or, as older stores have it, behind one of its rows. */
static struct pubsub_subscription row_at(struct service *service, const char *place)
{
	const char *end = strchr(place, '\n');
	struct pubsub_subscription row = {.sub_id = end != NULL ? end + 1 : LAST_SUB_ID};
	size_t len = end != NULL ? (size_t)(end - place) : strlen(place);

	jid_take(arena_memdup(service->arena, place, len), service->arena, &row.subscriber);
	return row;
}

/* Rows of one JID stay together, so that it is told once. */
static enum pubsub_error add_page(
	struct fanout *f, const struct service_fanout *fanout, const char **after_out)
{
	struct pubsub_subscription start = row_at(f->service, fanout->after);
	const struct pubsub_subscription *last = NULL, *row = NULL;
	struct way *way = NULL;
	enum pubsub_error err = PUBSUB_OK;
	size_t seen = 0;

	ways_start(&f->ways, f->service, fanout->after[0] != '\0' ? &start : NULL,
		fanout->limit + 1); /* the last one shows that there are more */
	while (err == PUBSUB_OK && (row = ways_next(&f->ways, &way)) != NULL) {
		if (seen++ >= fanout->limit && !jid_equal(row->subscriber, last->subscriber)) {
			*after_out = arena_strdup(f->service->arena, last->subscriber.full);
			break;
		}
		last = row;
		if (row->since_seq <= way->seq)
			err = fanout_add(f, way, row);
	}
	return ways_finish(&f->ways, err);
}

enum pubsub_error service_fanout_page(struct service *service, const struct service_fanout *fanout,
	struct pubsub_event *event, const char **after_out)
{
	struct fanout f = {.service = service, .kind = fanout->event->kind};
	struct recipients found = {0};
	struct pubsub_node *node = NULL;
	enum pubsub_error err = find_node(service, fanout->event, &node);

	*after_out = NULL;
	event->recipient_count = event->digest_count = 0;
	if (err != PUBSUB_OK || node == NULL)
		return err;
	f.node = node;
	if (fanout->event->kind == PUBSUB_EVENT_PUBLISH)
		f.published_seq = fanout->event->seq;
	if (fanout->event->kind != PUBSUB_EVENT_DELETE)
		err = fanout_load_interests(&f);
	if (err == PUBSUB_OK)
		err = find_ways(&f, fanout->event);
	if (err == PUBSUB_OK)
		err = fanout_load_rolls(&f);
	if (err == PUBSUB_OK && fanout->after[0] == '\0')
		err = fanout_add_interests(&f);
	if (err == PUBSUB_OK)
		err = add_page(&f, fanout, after_out);
	found = fanout_take(&f);
	event->recipients = found.v;
	event->recipient_count = found.n;
	event->digests = found.digests;
	event->digest_count = found.digest_n;
	return err;
}
