/* A request of XEP-0060: its row, then parse, run, render. */
#include "routes.h"
#include "service_call.h"

#include "park.h"

static bool names_entries(enum pubsub_error err)
{
	return err == PUBSUB_ERR_ENTRIES_FAILED || err == PUBSUB_ERR_LAST_OWNER;
}

/* 8.8.2.4, 8.9.2.4: entries that were refused come back beside the error, the others are applied. */
static struct xml_writer open_refusal(struct turn *turn, const struct inquiry *inquiry,
	const struct route *route, const struct pubsub_request *request,
	const struct pubsub_answer *answer)
{
	struct xml_writer w = stanza_reply(turn, inquiry, "error");

	route->render(&w, request, answer);
	return w;
}

static void answer_request(struct turn *turn, const struct inquiry *inquiry,
	const struct route *route, const struct pubsub_request *request)
{
	struct pubsub_answer answer = {0};
	struct service service;
	enum pubsub_error err;
	struct xml_writer w;

	if (!service_call_open(turn, inquiry->task->component, inquiry->account,
		    park_is_expired(inquiry->task), route->mode, &service))
		return;
	err = route->run(&service, request, &answer);
	if (err == PUBSUB_OK) {
		w = stanza_reply(turn, inquiry, "result");
		route->render(&w, request, &answer);
		stanza_reply_end(turn, inquiry, &w);
	} else if (names_entries(err)) {
		w = open_refusal(turn, inquiry, route, request, &answer);
		codec_error_render(&w, err, answer.detail);
		stanza_reply_end(turn, inquiry, &w);
	} else {
		service_call_failed(turn, inquiry, err, answer.detail);
		return;
	}
	service_call_notify(turn, &service);
}

void request_run(struct turn *turn, const struct inquiry *inquiry)
{
	struct pubsub_request request = {.service = inquiry->to.full, .from = inquiry->from};
	const struct xml_element *verb = NULL;
	const struct route *route = NULL;
	const char *detail = NULL;
	enum pubsub_error err;

	err = route_find(xml_attr(inquiry->iq, "type"), inquiry->child, &route, &verb);
	if (err == PUBSUB_OK)
		err = route->parse(&inquiry->task->stanza, verb, &request, &detail);
	if (err == PUBSUB_OK)
		answer_request(turn, inquiry, route, &request);
	else
		stanza_error(turn, inquiry, err, detail);
}
