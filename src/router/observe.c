/* Counters and their names; the requests of a turn, kept until it is committed. */
#include "observe.h"

#include <string.h>

#include "park.h"

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
	struct router *router = turn->router;

	if (err == PUBSUB_ERR_NEED_ROSTER || turn_is_store_error(err))
		return; /* it is not over */
	router->observed->requests[route_index(route)]++;
	for (const struct pubsub_event *event = service->events; event != NULL; event = event->next)
		router->observed->events[event->kind]++;
	if (router->opt.on_activity != NULL && (route->mode == STORE_WRITE || err != PUBSUB_OK))
		note(turn, route, request, service, err);
}

void observe_keep(struct turn *turn)
{
	const struct router_options *opt = &turn->router->opt;

	for (const struct activity *a = turn->activities; a != NULL; a = a->next)
		opt->on_activity(opt->ctx, &a->told);
	observe_drop(turn);
}

void observe_drop(struct turn *turn)
{
	turn->activities = NULL;
	turn->activities_end = &turn->activities;
}

/* ---- numbers ---- */

enum {
	STANZAS,
	TURNS,
	TURNS_LOST,
	NOTIFICATIONS,
	REQUESTS,
	ERRORS,
	EVENTS,
	COMMITS,
	PARKED,
	FANOUTS,
	ONLINE
};

static const struct metric metrics[] = {
	/* clang-format off */
	[STANZAS] = {"peppy_stanzas", METRIC_COUNTER, "Stanzas received"},
	[TURNS] = {"peppy_turns", METRIC_COUNTER, "Turns: each is a transaction at most"},
	[TURNS_LOST] = {"peppy_turns_lost", METRIC_COUNTER,
		"Turns whose transaction failed, and which were run again request by request"},
	[NOTIFICATIONS] = {"peppy_notifications", METRIC_COUNTER, "Notifications sent"},
	[REQUESTS] = {"peppy_requests", METRIC_COUNTER, "Requests that the rules have answered"},
	[ERRORS] = {"peppy_errors", METRIC_COUNTER, "Errors answered"},
	[EVENTS] = {"peppy_events", METRIC_COUNTER, "Events that somebody was to hear of"},
	[COMMITS] = {"peppy_commit_seconds", METRIC_HISTOGRAM,
		"How long it took until a transaction had reached the disk"},
	[PARKED] = {"peppy_waiting_requests", METRIC_GAUGE, "Requests that wait for a roster"},
	[FANOUTS] = {"peppy_open_fanouts", METRIC_GAUGE,
		"Nodes whose events still go out to many subscribers"},
	[ONLINE] = {"peppy_online_resources", METRIC_GAUGE, "Resources that are known to be online"},
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
};

/* As in "pubsub#owner set configure". */
static void put_request(struct buf *out, const struct route *route, uint64_t value)
{
	const char *slash = strrchr(route->ns, '/');
	struct buf name = {0};

	buf_printf(&name, "%s %s %s", slash == NULL ? route->ns : slash + 1, route->type,
		route->element);
	buf_append_byte(&name, '\0');
	metric_put(out, &metrics[REQUESTS], "request", name.data, value);
	buf_finish(&name);
}

/* Errors that never happened are left out. */
static void put_labelled(struct buf *out, const struct observed *observed)
{
	const struct route *route;

	metric_open(out, &metrics[REQUESTS]);
	for (size_t i = 0; (route = route_at(i)) != NULL; i++)
		put_request(out, route, observed->requests[i]);
	metric_open(out, &metrics[ERRORS]);
	for (int err = 0; err < PUBSUB_ERR_COUNT; err++)
		if (observed->errors[err] > 0)
			metric_put(out, &metrics[ERRORS], "error",
				error_text((enum pubsub_error)err), observed->errors[err]);
	metric_open(out, &metrics[EVENTS]);
	for (int kind = 0; kind < PUBSUB_EVENT_COUNT; kind++)
		metric_put(
			out, &metrics[EVENTS], "kind", event_words[kind], observed->events[kind]);
}

void router_metrics(const struct router *router, struct buf *out)
{
	const struct observed *observed = router->observed;

	metric_put_one(out, &metrics[STANZAS], observed->stanzas);
	metric_put_one(out, &metrics[TURNS], observed->turns);
	metric_put_one(out, &metrics[TURNS_LOST], observed->turns_lost);
	metric_put_one(out, &metrics[NOTIFICATIONS], observed->notifications);
	put_labelled(out, observed);
	metric_put_times(out, &metrics[COMMITS], &observed->commits);
	metric_put_one(out, &metrics[PARKED], park_count(router));
	metric_put_one(out, &metrics[FANOUTS], map_count(router->jobs));
	metric_put_one(out, &metrics[ONLINE], pep_online(router->pep));
}
