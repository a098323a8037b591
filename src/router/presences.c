/* Those who came and went, task by task, after the turn in which they did. */
#include "presences.h"

#include "peppy/clock.h"

#include "limits.h"
#include "profile.h"
#include "service_call.h"

#define ARRIVALS_PER_TURN 200
#define DEPARTURES_PER_TURN 1000
#define FLUSH_PAUSE_US 20000   /* between transactions with nothing but presences */
#define FLUSH_AGAIN_US 1000000 /* likewise, after one that failed */

/* What has failed is done once more, and counts then. */
static void spend(struct turn *turn, struct jid jid, size_t looked_up)
{
	if (turn->err == PUBSUB_OK)
		limits_spend(turn, LIMIT_LOOKUPS, jid, looked_up);
}

/* ---- last items for those who came ---- */

/* How many were looked up. */
static size_t send_last_items(
	struct turn *turn, const struct task *task, const char *service_jid, bool account)
{
	const struct pep_arrival *from = &task->arrival;
	const struct service_arrival arrival = {
		.service = service_jid,
		.jid = from->jid,
		.notify = from->announced ? &from->notify : NULL,
		.since_us = from->since_us,
		.hears_us = account ? from->wants_us : from->came_us,
	};
	struct service service;

	if (!service_call_open(turn, task->component, account, true, STORE_READ, &service))
		return 0;
	service_call_close(turn, &service, service_last_items(&service, &arrival));
	return service.looked_up;
}

static void arrival_run(struct turn *turn, struct task *task)
{
	const struct pep_arrival *arrival = &task->arrival;
	struct pubsub_texts accounts = {0};
	enum pubsub_error err = PUBSUB_OK;

	size_t n = 0;

	if (arrival->first)
		n += send_last_items(
			turn, task, turn->router->opt.components[task->component].jid, false);
	if (arrival->announced)
		err = pep_arrival_accounts(turn->router->pep, &turn->pep, arrival, &accounts);
	if (turn_is_store_error(err))
		turn->err = err;
	for (size_t i = 0; i < accounts.n && turn->err == PUBSUB_OK; i++)
		n += send_last_items(turn, task, accounts.v[i], true);
	spend(turn, arrival->jid, n);
}

static bool take_arrival(struct turn *turn, struct task *task)
{
	if (!pep_arrival_next(turn->router->pep, turn->arena, &task->arrival))
		return false;
	task->component = task->arrival.component;
	return true;
}

bool presences_came(struct router *router)
{
	struct task task = {.run = arrival_run};

	return turn_run_each(router, &task, take_arrival, ARRIVALS_PER_TURN);
}

/* ---- what ends with those who went ---- */

static enum pubsub_error depart(struct turn *turn, struct jid jid, struct service *service)
{
	const struct service_profiles profiles = {profile_find, turn->router};
	bool tied = false;
	enum pubsub_error err;

	if (!service_call_open(turn, 0, false, true, STORE_READ, service))
		return turn->err;
	err = service_has_ties(service, jid, &tied);
	if (err != PUBSUB_OK || !tied)
		return err;
	if (!service_call_open(turn, 0, false, true, STORE_WRITE, service))
		return turn->err;
	return service_departed(service, &profiles, jid);
}

static void departure_run(struct turn *turn, struct task *task)
{
	struct service service;
	enum pubsub_error err = depart(turn, task->departed, &service);

	service_call_close(turn, &service, err);
	spend(turn, task->departed, service.looked_up);
}

static bool take_departure(struct turn *turn, struct task *task)
{
	return pep_departure_next(
		turn->router->pep, turn->arena, &task->component, &task->departed);
}

bool presences_went(struct router *router)
{
	struct task task = {.run = departure_run};

	return turn_run_each(router, &task, take_departure, DEPARTURES_PER_TURN);
}

/* ---- who is online, in the store ---- */

void presences_keep(struct turn *turn)
{
	if (pep_is_dirty(turn->router->pep))
		(void)turn_txn(turn, STORE_WRITE);
}

static void flush_run(struct turn *turn, struct task *task)
{
	(void)task;
	presences_keep(turn);
}

static enum pubsub_error flush(struct router *router)
{
	const struct task task = {.run = flush_run};

	return turn_run(router, &task);
}

enum router_work presences_work(struct router *router)
{
	const uint64_t now_us = clock_monotonic_us();
	bool failed;

	if (!pep_is_dirty(router->pep))
		return ROUTER_IDLE;
	if (now_us < router->flush_us)
		return ROUTER_WAIT;
	failed = flush(router) != PUBSUB_OK;
	router->flush_us = now_us + (failed ? FLUSH_AGAIN_US : FLUSH_PAUSE_US);
	return failed || !pep_is_dirty(router->pep) ? ROUTER_IDLE : ROUTER_WAIT;
}

void router_flush(struct router *router)
{
	enum pubsub_error err = PUBSUB_OK;

	while (err == PUBSUB_OK && pep_is_dirty(router->pep)) /* a commit takes a part of it */
		err = flush(router);
}
