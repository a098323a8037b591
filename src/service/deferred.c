/* deferred.c - the recipients of events that are too large for a turn, page by page. */
#include <string.h>

#include "service/fanout.h"

/* Behind all SubIDs of a JID: no text that XML can carry is above it. */
#define LAST_SUB_ID "\xf4\x8f\xbf\xbf"

/* *out NULL: it has gone meanwhile. Of one that was deleted the rows are left as long as its end is
 * being told. */
static enum pubsub_error find_node(
	struct service *service, const struct pubsub_event *event, const struct pubsub_node **out)
{
	struct pubsub_node *node = NULL;
	enum pubsub_error err;

	*out = event->gone;
	if (event->kind == PUBSUB_EVENT_DELETE)
		return PUBSUB_OK;
	err = store_node_by_number(
		service->txn, event->service, event->sid, event->no, service->arena, &node);
	*out = node;
	return err;
}

/* A collection that has gone meanwhile has no subscribers. */
static enum pubsub_error find_ways(struct fanout *f, const struct pubsub_event *event)
{
	struct service *service = f->service;
	struct ways *ways = &f->ways;
	enum pubsub_error err = PUBSUB_OK;

	ways->v = arena_alloc(service->arena, (event->above_count + 1) * sizeof *ways->v);
	if (fanout_tells_own(event->kind))
		ways->v[ways->n++] = (struct way){.node = f->node, .seq = event->seq};
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

/* Interested clients come first: their places are their JIDs behind a slash, with which no JID
 * begins; "" is the start. */
static bool is_of_interests(const char *place)
{
	return *place == '\0' || *place == '/';
}

static enum pubsub_error add_interests(
	struct fanout *f, const struct service_fanout *fanout, const char **after_out)
{
	const char *after = *fanout->after == '/' ? fanout->after + 1 : NULL, *last = NULL;
	enum pubsub_error err = fanout_add_interests(f, after, fanout->limit, &last);

	if (last != NULL)
		*after_out = arena_printf(f->service->arena, "/%s", last);
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
static enum pubsub_error add_rows(
	struct fanout *f, const struct service_fanout *fanout, const char **after_out)
{
	const bool from_start = is_of_interests(fanout->after);
	struct pubsub_subscription start = row_at(f->service, fanout->after);
	const struct pubsub_subscription *last = NULL, *row = NULL;
	struct way *way = NULL;
	enum pubsub_error err = PUBSUB_OK;
	size_t seen = 0;

	ways_start(&f->ways, f->service, from_start ? NULL : &start,
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

static enum pubsub_error add_page(
	struct fanout *f, const struct service_fanout *fanout, const char **after_out)
{
	enum pubsub_error err = PUBSUB_OK;

	if (is_of_interests(fanout->after))
		err = add_interests(f, fanout, after_out);
	return err == PUBSUB_OK && *after_out == NULL ? add_rows(f, fanout, after_out) : err;
}

enum pubsub_error service_fanout_page(struct service *service, const struct service_fanout *fanout,
	struct pubsub_event *event, const char **after_out)
{
	struct fanout f = {.service = service, .kind = fanout->event->kind};
	struct recipients found = {0};
	enum pubsub_error err = find_node(service, fanout->event, &f.node);

	*after_out = NULL;
	event->recipient_count = event->digest_count = 0;
	if (err != PUBSUB_OK || f.node == NULL)
		return err;
	if (fanout->event->kind == PUBSUB_EVENT_PUBLISH)
		f.published_seq = fanout->event->seq;
	err = fanout_load_interests(&f);
	if (err == PUBSUB_OK)
		err = find_ways(&f, fanout->event);
	if (err == PUBSUB_OK)
		err = fanout_load_rolls(&f);
	if (err == PUBSUB_OK)
		err = add_page(&f, fanout, after_out);
	found = fanout_take(&f);
	event->recipients = found.v;
	event->recipient_count = found.n;
	event->digests = found.digests;
	event->digest_count = found.digest_n;
	return err;
}
