/* Counters and their names; the requests of a turn, kept until it is committed. */
#include "observe.h"

#include <stdlib.h>
#include <string.h>

#include "peppy/clock.h"
#include "peppy/memory.h"
#include "peppy/top.h"

#include "park.h"

struct observed *observed_create(void)
{
	struct observed *observed = memory_alloc(sizeof *observed);

	observed->nodes = top_create();
	observed->senders = top_create();
	return observed;
}

void observed_destroy(struct observed *observed)
{
	if (observed == NULL)
		return;
	top_destroy(observed->nodes);
	top_destroy(observed->senders);
	free(observed);
}

/* ---- requests ---- */

struct activity {
	struct activity *next;
	struct pubsub_activity told;
};

static void note_events(struct pubsub_activity *told, const struct pubsub_event *event)
{
	if (told->item_id == NULL && event != NULL && event->item_count > 0)
		told->item_id = event->items[0].id; /* the service has chosen it */
	for (; event != NULL; event = event->next) {
		told->recipients += event->recipient_count;
		told->deferred = told->deferred || event->deferred;
	}
}

static void note(struct turn *turn, const struct route *route, const struct pubsub_request *request,
	const struct service *service, enum pubsub_error err)
{
	struct activity *activity = arena_alloc(turn->arena, sizeof *activity);
	struct pubsub_activity *told = &activity->told;

	*told = (struct pubsub_activity){
		.verb = route->element,
		.service = request->service,
		.from = request->from.full,
		.node_id = request->node_id,
		.item_id = request->item_count > 0 ? request->items[0].id : NULL,
		.err = err,
	};
	note_events(told, service->events);
	told->item_id = arena_strdup(turn->arena, told->item_id);
	*turn->activities_end = activity;
	turn->activities_end = &activity->next;
}

void observe_request(struct turn *turn, const struct route *route,
	const struct pubsub_request *request, const struct service *service, enum pubsub_error err)
{
	struct tally *tally = turn->router->tally;

	if (err == PUBSUB_ERR_NEED_ROSTER || turn_is_store_error(err))
		return; /* it is not over */
	tally->requests[route_index(route)]++;
	tally->refused[route_index(route)] += err != PUBSUB_OK;
	for (const struct pubsub_event *event = service->events; event != NULL; event = event->next)
		tally->events[event->kind]++;
	if (turn->router->opt.on_activity != NULL &&
		(route->mode == STORE_WRITE || err != PUBSUB_OK))
		note(turn, route, request, service, err);
}

static const char *key_of(struct turn *turn, const char *service, const char *node_id)
{
	const size_t len = strlen(service), node_len = strlen(node_id);
	char *key = arena_alloc(turn->arena, len + node_len + 2);

	memcpy(key, service, len);
	key[len] = '\n';
	memcpy(key + len + 1, node_id, node_len + 1);
	return key;
}

void observe_time(struct turn *turn, const char *service, const char *node_id, const char *from,
	uint64_t start_us)
{
	const uint64_t now_us = clock_monotonic_us();
	struct observed *observed = turn->router->observed;

	if (node_id != NULL)
		top_add(observed->nodes, now_us, key_of(turn, service, node_id), now_us - start_us);
	if (from != NULL)
		top_add(observed->senders, now_us, from, 1);
}

/* A tally holds numbers and nothing else. */
static void add(struct tally *sum, const struct tally *more)
{
	const uint64_t *from = (const uint64_t *)more;
	uint64_t *to = (uint64_t *)sum;

	for (size_t i = 0; i < sizeof *sum / sizeof *to; i++)
		to[i] += from[i];
}

void observe_keep(struct turn *turn)
{
	const struct router_options *opt = &turn->router->opt;

	for (const struct activity *a = turn->activities; a != NULL; a = a->next)
		opt->on_activity(opt->ctx, &a->told);
	turn->stanzas += turn->router->tally->stanzas;
	add(&turn->router->observed->facts, turn->router->tally);
	observe_drop(turn);
}

void observe_drop(struct turn *turn)
{
	*turn->router->tally = (struct tally){0};
	turn->activities = NULL;
	turn->activities_end = &turn->activities;
}

void observe_end(struct turn *turn)
{
	struct observed *observed = turn->router->observed;

	if (turn->stanzas == 0)
		return;
	metric_size(&observed->turn_sizes, turn->stanzas);
	metric_time(&observed->turn_times, clock_monotonic_us() - turn->started_us);
}

/* ---- numbers ---- */

enum {
	STANZAS,
	TURNS,
	TURNS_LOST,
	NOTIFICATIONS,
	REQUESTS,
	REFUSED,
	ERRORS,
	LIMITS,
	EVENTS,
	COMMITS,
	TURN_TIMES,
	TURN_SIZES,
	PARKED,
	FANOUTS,
	ONLINE,
	CACHED,
	MISSED
};

static const struct metric metrics[] = {
	/* clang-format off */
	[STANZAS] = {"peppy_stanzas", METRIC_COUNTER, "Stanzas received"},
	[TURNS] = {"peppy_turns", METRIC_COUNTER, "Turns; a turn is one transaction at most"},
	[TURNS_LOST] = {"peppy_turns_lost", METRIC_COUNTER,
		"Turns whose transaction failed; their requests were run again one by one"},
	[NOTIFICATIONS] = {"peppy_notifications", METRIC_COUNTER, "Notifications sent"},
	[REQUESTS] = {"peppy_requests", METRIC_COUNTER, "Requests handled, by kind"},
	[REFUSED] = {"peppy_requests_refused", METRIC_COUNTER,
		"Those of them that were answered with an error"},
	[ERRORS] = {"peppy_errors", METRIC_COUNTER, "Error answers, by error"},
	[LIMITS] = {"peppy_limits_exceeded", METRIC_COUNTER,
		"Requests refused by a limit; SECURITY.md lists the limits"},
	[EVENTS] = {"peppy_events", METRIC_COUNTER, "Events, by kind"},
	[COMMITS] = {"peppy_commit_seconds", METRIC_HISTOGRAM,
		"Time until a transaction was on disk"},
	[TURN_TIMES] = {"peppy_turn_seconds", METRIC_HISTOGRAM,
		"Duration of turns that had stanzas, commit included"},
	[TURN_SIZES] = {"peppy_turn_stanzas", METRIC_HISTOGRAM, "Stanzas in a turn"},
	[PARKED] = {"peppy_waiting_requests", METRIC_GAUGE, "Requests waiting for a roster"},
	[FANOUTS] = {"peppy_open_fanouts", METRIC_GAUGE,
		"Nodes with a large fan-out under way"},
	[ONLINE] = {"peppy_online_resources", METRIC_GAUGE, "Resources known to be online"},
	[CACHED] = {"peppy_cache_hits", METRIC_COUNTER, "Lookups answered without asking the server or a client"},
	[MISSED] = {"peppy_cache_misses", METRIC_COUNTER, "Lookups that had to ask"},
	/* clang-format on */
};

static const char *const event_words[PUBSUB_EVENT_COUNT] = {
	[PUBSUB_EVENT_PUBLISH] = "publish",
	[PUBSUB_EVENT_RETRACT] = "retract",
	[PUBSUB_EVENT_PURGE] = "purge",
	[PUBSUB_EVENT_DELETE] = "delete",
	[PUBSUB_EVENT_CONFIGURE] = "configure",
	[PUBSUB_EVENT_SUBSCRIPTION] = "subscription",
	[PUBSUB_EVENT_AFFILIATION] = "affiliation",
	[PUBSUB_EVENT_AUTHORIZE] = "authorize",
	[PUBSUB_EVENT_DIGEST] = "digest",
	[PUBSUB_EVENT_CREATE] = "create",
	[PUBSUB_EVENT_ASSOCIATE] = "associate",
	[PUBSUB_EVENT_DISSOCIATE] = "dissociate",
};

/* Errors that only a limit gives, as SECURITY.md calls them. */
static const char *const limit_words[PUBSUB_ERR_COUNT] = {
	[PUBSUB_ERR_STANZA_TOO_BIG] = "stanza",
	[PUBSUB_ERR_RATE_LIMIT] = "rate",
	[PUBSUB_ERR_OUTPUT_LIMIT] = "output",
	[PUBSUB_ERR_ID_LIMIT] = "id",
	[PUBSUB_ERR_FORM_LIMIT] = "form",
	[PUBSUB_ERR_NODE_LIMIT] = "nodes",
	[PUBSUB_ERR_SUBSCRIBE_LIMIT] = "subscriptions",
	[PUBSUB_ERR_AFFILIATION_LIMIT] = "affiliations",
	[PUBSUB_ERR_PAYLOAD_TOO_BIG] = "payload",
	[PUBSUB_ERR_MAX_ITEMS_EXCEEDED] = "items",
	[PUBSUB_ERR_NODE_FULL] = "node-full",
};

/* As in "pubsub#owner set configure". */
static void put_request(
	struct buf *out, const struct metric *metric, const struct route *route, uint64_t value)
{
	const char *slash = strrchr(route->ns, '/');
	struct buf name = {0};

	buf_printf(&name, "%s %s %s", slash == NULL ? route->ns : slash + 1, route->type,
		route->element);
	buf_append_byte(&name, '\0');
	metric_put(out, metric, "request", name.data, value);
	buf_finish(&name);
}

static void put_limits(struct buf *out, const struct observed *observed)
{
	const struct tally *facts = &observed->facts;

	metric_open(out, &metrics[LIMITS]);
	metric_put(out, &metrics[LIMITS], "limit", "blocked", facts->blocked);
	metric_put(out, &metrics[LIMITS], "limit", "presence", observed->put_off);
	for (int err = 0; err < PUBSUB_ERR_COUNT; err++)
		if (limit_words[err] != NULL)
			metric_put(out, &metrics[LIMITS], "limit", limit_words[err],
				facts->errors[err]);
}

static void put_requests(struct buf *out, const struct metric *metric, const uint64_t *values)
{
	const struct route *route;

	metric_open(out, metric);
	for (size_t i = 0; (route = route_at(i)) != NULL; i++)
		put_request(out, metric, route, values[i]);
}

static void put_labelled(struct buf *out, const struct tally *facts)
{
	put_requests(out, &metrics[REQUESTS], facts->requests);
	put_requests(out, &metrics[REFUSED], facts->refused);
	metric_open(out, &metrics[ERRORS]);
	for (int err = PUBSUB_OK + 1; err < PUBSUB_ERR_COUNT; err++)
		metric_put(out, &metrics[ERRORS], "error", error_text((enum pubsub_error)err),
			facts->errors[err]);
	metric_open(out, &metrics[EVENTS]);
	for (int kind = 0; kind < PUBSUB_EVENT_COUNT; kind++)
		metric_put(out, &metrics[EVENTS], "kind", event_words[kind], facts->events[kind]);
}

static void put_lookups(struct buf *out, struct pep_lookups lookups)
{
	metric_open(out, &metrics[CACHED]);
	metric_put(out, &metrics[CACHED], "cache", "capabilities", lookups.caps_hits);
	metric_put(out, &metrics[CACHED], "cache", "rosters", lookups.roster_hits);
	metric_open(out, &metrics[MISSED]);
	metric_put(out, &metrics[MISSED], "cache", "capabilities", lookups.caps_misses);
	metric_put(out, &metrics[MISSED], "cache", "rosters", lookups.roster_misses);
}

struct router_tops router_tops(const struct router *router)
{
	return (struct router_tops){router->observed->nodes, router->observed->senders};
}

void router_metrics(const struct router *router, struct buf *out)
{
	const struct observed *observed = router->observed;

	metric_put_one(out, &metrics[STANZAS], observed->facts.stanzas);
	metric_put_one(out, &metrics[TURNS], observed->turns);
	metric_put_one(out, &metrics[TURNS_LOST], observed->turns_lost);
	metric_put_one(out, &metrics[NOTIFICATIONS], observed->facts.notifications);
	put_labelled(out, &observed->facts);
	put_limits(out, observed);
	metric_put_times(out, &metrics[COMMITS], &observed->commits);
	metric_put_times(out, &metrics[TURN_TIMES], &observed->turn_times);
	metric_put_sizes(out, &metrics[TURN_SIZES], &observed->turn_sizes);
	metric_put_one(out, &metrics[PARKED], park_count(router));
	metric_put_one(out, &metrics[FANOUTS], map_count(router->jobs));
	metric_put_one(out, &metrics[ONLINE], pep_online(router->pep));
	put_lookups(out, pep_lookups(router->pep));
}
