/* A request of XEP-0060: its row, then parse, run, render. */
#include "routes.h"
#include "service_call.h"

#include "peppy/clock.h"

#include "bookmarks.h"
#include "limits.h"
#include "observe.h"
#include "park.h"

/* 8.8.2.4, 8.9.2.4: entries that were refused come back beside the error, the others are
 * applied. */
static bool names_entries(enum pubsub_error err)
{
	return err == PUBSUB_ERR_ENTRIES_FAILED || err == PUBSUB_ERR_LAST_OWNER;
}

/* false: it has been answered with an error, or parked, or the store failed. */
static bool run(struct turn *turn, const struct inquiry *inquiry, const struct route *route,
	const struct pubsub_request *request)
{
	struct pubsub_answer answer = {0};
	struct service service;
	enum pubsub_error err;
	struct xml_writer w;

	if (!service_call_open(turn, inquiry->task->component, inquiry->account,
		    park_is_expired(inquiry->task), route->mode, &service))
		return false;
	err = route->run(&service, request, &answer);
	observe_request(turn, route, request, &service, err);
	err = service_conceal(&service, request, err);
	if (err != PUBSUB_OK && !names_entries(err)) {
		service_call_failed(turn, inquiry, err, answer.detail);
		return false;
	}
	if (!inquiry->route.message) {
		w = stanza_reply(turn, inquiry, err == PUBSUB_OK ? "result" : "error");
		route->render(&w, request, &answer);
		if (err != PUBSUB_OK)
			codec_error_render(&w, err, answer.detail);
		if (err == PUBSUB_OK && route->mode == STORE_WRITE)
			stanza_reply_end_written(turn, inquiry, &w);
		else
			stanza_reply_end(turn, inquiry, &w);
	}
	service_call_notify(turn, &service);
	return err == PUBSUB_OK;
}

/* A change of what an account keeps in another form as well. */
static void run_and_unify(struct turn *turn, const struct inquiry *inquiry,
	const struct route *route, const struct pubsub_request *request)
{
	struct codec_bookmarks before;
	struct own own;

	if (!own_open(turn, inquiry, STORE_WRITE, &own))
		return;
	turn->err = bookmarks_before(&own, request->node_id, &before);
	if (turn->err == PUBSUB_OK && run(turn, inquiry, route, request))
		bookmarks_after(&own, request->node_id, &before);
}

static bool tells_of_items(const struct route *route)
{
	return route->run == service_item_publish || route->run == service_item_retract;
}

static void answer(struct turn *turn, const struct inquiry *inquiry, const struct route *route,
	const struct xml_element *verb)
{
	struct pubsub_request request = {.service = inquiry->to.full, .from = inquiry->from};
	const char *detail = NULL;
	uint64_t start_us = clock_monotonic_us();
	enum pubsub_error err = route->parse(&inquiry->task->stanza, verb, &request, &detail);

	if (err == PUBSUB_OK && tells_of_items(route) &&
		!limits_take(turn, LIMIT_PUBLISHES, request.from, request.item_count, &detail))
		err = PUBSUB_ERR_RATE_LIMIT;
	if (err != PUBSUB_OK)
		stanza_error(turn, inquiry, err, detail);
	else if (inquiry->account && bookmarks_concern(route->run, request.node_id))
		run_and_unify(turn, inquiry, route, &request);
	else
		(void)run(turn, inquiry, route, &request);
	observe_time(turn, request.service, request.node_id, request.from.bare, start_us);
}

void authorize_run(struct turn *turn, const struct inquiry *inquiry)
{
	answer(turn, inquiry, route_of("message", inquiry->child), inquiry->child);
}

void request_run(struct turn *turn, const struct inquiry *inquiry)
{
	const struct xml_element *verb = NULL;
	const struct route *route = NULL;
	enum pubsub_error err =
		route_find(xml_attr(inquiry->iq, "type"), inquiry->child, &route, &verb);

	if (err == PUBSUB_OK)
		answer(turn, inquiry, route, verb);
	else
		stanza_error(turn, inquiry, err, NULL);
}
