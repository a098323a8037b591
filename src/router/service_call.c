/* Surroundings of a request, and what becomes of its events and errors. */
#include "service_call.h"

#include <string.h>

#include "backlog.h"
#include "jobs.h"
#include "limits.h"
#include "observe.h"
#include "park.h"
#include "profile.h"

bool service_call_open(struct turn *turn, size_t component, bool account, bool expired,
	enum store_mode mode, struct service *out)
{
	struct component *c = &turn->router->components[component];
	struct contacts *contacts = arena_alloc(turn->arena, sizeof *contacts);

	*contacts = pep_contacts(turn->router->pep, &turn->pep);
	*out = (struct service){
		.txn = turn_txn(turn, mode),
		.profile = account ? &c->account_profile : &c->profile,
		.contacts = contacts,
		.arena = turn->arena,
		.now_us = turn->now_us,
		.expired = expired,
		.busy = jobs_busy,
		.busy_ctx = turn,
		.invite = limits_invite,
		.apply = limits_apply,
		.invite_ctx = turn,
	};
	out->events_end = &out->events;
	return out->txn != NULL;
}

bool service_call_find(const struct router *router, const char *service, size_t *component_out)
{
	const char *at = strchr(service, '@');

	if (at == NULL)
		return profile_component(router, service, component_out);
	for (size_t i = 0; i < router->opt.component_count; i++) {
		*component_out = i;
		if (pubsub_texts_have(router->opt.components[i].domains, at + 1))
			return true;
	}
	return false;
}

bool service_call_sender(struct router *router, const char *service, size_t *component_out,
	struct outbox_sender *out)
{
	if (profile_component(router, service, component_out))
		*out = (struct outbox_sender){.component = service};
	else if (!pep_sender(router->pep, service, component_out, out))
		return false;
	out->max_bytes = router->opt.max_outgoing_bytes;
	return true;
}

static const struct pubsub_recipient *find_account(const struct pubsub_event *event)
{
	for (size_t i = 0; i < event->recipient_count; i++)
		if (strcmp(event->recipients[i].jid, event->service) == 0)
			return &event->recipients[i];
	return NULL;
}

void service_call_address(struct turn *turn, struct pubsub_event *event)
{
	const struct pubsub_recipient *account = find_account(event);
	struct pubsub_texts online = {0};
	struct pubsub_recipient *v;
	size_t n = 0;

	if (account != NULL && event->type == PUBSUB_NOTIFICATION_HEADLINE)
		online = pep_resources(turn->router->pep, event->service, turn->arena);
	if (online.n == 0)
		return;
	v = arena_alloc(turn->arena, (event->recipient_count - 1 + online.n) * sizeof *v);
	for (size_t i = 0; i < event->recipient_count; i++)
		if (&event->recipients[i] != account)
			v[n++] = event->recipients[i];
	for (size_t i = 0; i < online.n; i++) {
		v[n] = *account;
		v[n++].jid = online.v[i];
	}
	event->recipients = v;
	event->recipient_count = n;
}

static void count(void *component, const char *jid, size_t bytes)
{
	backlog_add(component, jid, bytes);
}

static void notify(struct turn *turn, struct pubsub_event *event)
{
	struct outbox_sender sender;
	struct component *component;
	size_t i, start;

	if (!service_call_sender(turn->router, event->service, &i, &sender))
		return;
	component = &turn->router->components[i];
	start = component->out.len;
	sender.count = count;
	sender.count_ctx = component;
	service_call_address(turn, event);
	outbox_notify(&component->out, &sender, event);
	turn->router->tally->notifications += event->recipient_count;
	turn_notified(component, start);
}

bool service_call_collect(struct turn *turn, const struct service *service,
	const struct pubsub_event *event, const char *body, size_t len)
{
	struct service writing = *service;
	enum pubsub_error err;

	writing.txn = turn_txn(turn, STORE_WRITE);
	if (writing.txn == NULL)
		return false;
	err = service_digest_collect(&writing, event, body, len);
	if (turn_is_store_error(err))
		turn->err = err;
	return turn->err == PUBSUB_OK;
}

static bool collect(
	struct turn *turn, const struct service *service, const struct pubsub_event *event)
{
	struct buf body = {0};
	bool done;

	if (event->digest_count == 0)
		return true;
	outbox_body_render(&body, event);
	done = service_call_collect(turn, service, event, body.data, body.len);
	buf_finish(&body);
	return done;
}

/* What is written comes last: what the other events hold may lie in the store. */
void service_call_notify(struct turn *turn, const struct service *service)
{
	struct pubsub_event *event;

	for (event = service->events; event != NULL; event = event->next)
		if (!event->deferred)
			notify(turn, event);
	for (event = service->events; event != NULL; event = event->next)
		if (event->deferred ? !jobs_add(turn, event) : !collect(turn, service, event))
			return;
}

void service_call_close(struct turn *turn, const struct service *service, enum pubsub_error err)
{
	if (turn_is_store_error(err))
		turn->err = err;
	else
		service_call_notify(turn, service);
}

static void wait_for_roster(struct turn *turn, const struct inquiry *inquiry)
{
	const char *account = pep_roster_fetch(turn->router->pep, &turn->pep);

	if (account == NULL || park_is_expired(inquiry->task))
		stanza_error(turn, inquiry, PUBSUB_ERR_REMOTE_TIMEOUT, NULL);
	else if (!park_put(turn, inquiry->task, inquiry->from.full, account))
		stanza_error(turn, inquiry, PUBSUB_ERR_RATE_LIMIT, NULL);
}

void service_call_failed(
	struct turn *turn, const struct inquiry *inquiry, enum pubsub_error err, const char *detail)
{
	if (turn_is_store_error(err))
		turn->err = err;
	else if (err == PUBSUB_ERR_NEED_ROSTER)
		wait_for_roster(turn, inquiry);
	else
		stanza_error(turn, inquiry, err, detail);
}
