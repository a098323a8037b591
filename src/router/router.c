/* The router: what it is made of, and what happens between turns. */
#include "turn.h"

#include <stdlib.h>

#include "peppy/array.h"
#include "peppy/clock.h"
#include "peppy/log.h"
#include "peppy/memory.h"

#include "announce.h"
#include "ask.h"
#include "backlog.h"
#include "bounce.h"
#include "command_session.h"
#include "erasure.h"
#include "jobs.h"
#include "limits.h"
#include "observe.h"
#include "park.h"
#include "presences.h"
#include "profile.h"
#include "service_call.h"
#include "stanza.h"

#define EXPIRIES_PER_TURN 1000
#define ERASED_PER_TURN 1000
#define ROUNDS_MAX 8

static struct pep *open_pep(struct router *router)
{
	size_t n = router->opt.component_count;
	struct pep_component *components = arena_alloc(router->arena, n * sizeof *components);
	const struct pep_port port = {
		.ctx = router, .ask = ask_send, .may_look_up = limits_may_look_up};

	for (size_t i = 0; i < n; i++)
		components[i] = (struct pep_component){
			.jid = router->opt.components[i].jid,
			.domains = router->opt.components[i].domains,
		};
	return pep_create(components, n, &port);
}

void router_configure(struct router *router, const struct router_options *opt)
{
	router->opt = *opt;
	for (size_t i = 0; i < opt->component_count; i++)
		router->components[i].opt = &opt->components[i];
	profiles_make(router);
}

struct router *router_create(struct store *store, const struct router_options *opt)
{
	struct router *router = memory_alloc(sizeof *router);
	struct turn turn;

	router->store = store;
	router->started_us = clock_monotonic_us();
	router->arena = arena_create();
	router->questions = map_create(0, ask_free);
	router->jobs = map_create(0, NULL);
	bounces_open(router);
	limits_open(router);
	sessions_open(router);
	router->observed = observed_create();
	router->tally = memory_alloc(sizeof *router->tally);
	router->components = memory_alloc(opt->component_count * sizeof *router->components);
	router_configure(router, opt);
	backlogs_open(router);
	router->pep = open_pep(router);
	turn_begin(&turn, router);
	if (pep_load(router->pep, &turn.pep) != PUBSUB_OK || jobs_load(&turn) != PUBSUB_OK ||
		bounces_load(&turn) != PUBSUB_OK) {
		log_error("router", "cannot read what an earlier run left in the store");
		store_abort(turn.txn);
		router_destroy(router);
		return NULL;
	}
	(void)turn_end(&turn);
	return router;
}

void router_destroy(struct router *router)
{
	if (router == NULL)
		return;
	park_destroy(router);
	pep_destroy(router->pep);
	jobs_destroy(router);
	erasures_destroy(router);
	bounces_close(router);
	limits_close(router);
	backlogs_close(router);
	sessions_close(router);
	announce_end(router);
	observed_destroy(router->observed);
	free(router->tally);
	map_destroy(router->questions);
	for (size_t i = 0; i < router->opt.component_count; i++) {
		buf_finish(&router->components[i].out);
		buf_finish(&router->components[i].notified);
		buf_finish(&router->components[i].asks);
	}
	free(router->components);
	profiles_destroy(router);
	arena_destroy(router->arena);
	free(router);
}

const struct pep *router_pep(const struct router *router)
{
	return router->pep;
}

/* ---- requests that waited ---- */

static bool run_parked(struct router *router)
{
	struct pubsub_texts settled = pep_rosters_settled(router->pep, router->arena);
	struct turn turn;

	for (size_t i = 0; i < settled.n; i++)
		park_settled(router, settled.v[i]);
	if (!park_is_ready(router))
		return false;
	turn_begin(&turn, router);
	park_run(&turn, stanza_run, stanza_refuse);
	turn_end(&turn);
	return true;
}

/* What the last turn has set free. Rounds are bounded: the rest goes on at the next turn or
 * tick. */
static void follow_up(struct router *router)
{
	int rounds = 0;
	bool more;

	do {
		more = bounces_run(router);
		more |= presences_went(router);
		more |= presences_came(router); /* with what there is before the next publish */
		more |= run_parked(router);
	} while (more && ++rounds < ROUNDS_MAX);
}

/* ---- turns ---- */

void router_turn(struct router *router, size_t component, const struct router_source *source)
{
	struct task task = {.run = stanza_run, .refuse = stanza_refuse, .component = component};
	struct turn turn;

	turn_begin(&turn, router);
	while (turn.err == PUBSUB_OK && turn_has_room(&turn) &&
		source->next(source->ctx, &task.stanza))
		turn_do(&turn, &task);
	turn_end(&turn);
	follow_up(router);
}

void router_link_up(struct router *router, size_t component)
{
	struct turn turn;

	router->components[component].up = true;
	turn_begin(&turn, router);
	pep_link_up(router->pep, &turn.pep, component);
	turn_end(&turn);
}

void router_link_down(struct router *router, size_t component)
{
	router->components[component].up = false;
	pep_link_down(router->pep, component);
	park_link_lost(router, component);
	ask_link_lost(router, component);
	backlog_link_lost(&router->components[component]);
	jobs_link_lost(router, component);
	announce_link_lost(router, component);
}

static void tick_run(struct turn *turn, struct task *task)
{
	(void)task;
	ask_expire(turn);
	pep_tick(turn->router->pep, &turn->pep);
	presences_keep(turn);
}

static bool any_congested(const struct router *router)
{
	for (size_t i = 0; i < router->opt.component_count; i++)
		if (turn_congested(router, i))
			return true;
	return false;
}

/* What is due, with its notifications: no link that is behind gets more of them. */
static enum pubsub_error sweep_due(struct turn *turn, struct service *service, bool *more_out)
{
	struct router *router = turn->router;
	const struct service_profiles profiles = {profile_find, router};
	bool items = false, subscriptions = false;
	enum pubsub_error err = PUBSUB_OK;

	if (!any_congested(router)) {
		err = service_items_expire(service, &profiles, EXPIRIES_PER_TURN, &items);
		if (err == PUBSUB_OK)
			err = service_subscriptions_due(
				service, &profiles, EXPIRIES_PER_TURN, &subscriptions);
	}
	if (err == PUBSUB_ERR_NEED_ROSTER) {
		(void)pep_roster_fetch(router->pep, &turn->pep);
		err = PUBSUB_OK;
	}
	*more_out = items || subscriptions;
	return err;
}

/* Erased is what deletes and purges have left behind. */
static void sweep_run(struct turn *turn, struct task *task)
{
	struct service service;
	bool due = false, doomed = false;
	enum pubsub_error err;

	if (!service_call_open(turn, task->component, false, true, STORE_WRITE, &service))
		return;
	err = sweep_due(turn, &service, &due);
	if (err == PUBSUB_OK)
		err = store_erase(service.txn, ERASED_PER_TURN, &doomed);
	turn->router->sweeps = due || doomed;
	service_call_close(turn, &service, err);
}

static enum pubsub_error run_task(
	struct router *router, void (*run)(struct turn *turn, struct task *task))
{
	const struct task task = {.run = run};

	return turn_run(router, &task);
}

enum router_work router_work(struct router *router)
{
	static enum router_work (*const slices[])(struct router * router) = {
		jobs_work, announce_work, erasures_work, presences_work};
	enum router_work work = ROUTER_IDLE;

	for (size_t i = 0; i < ARRAY_COUNT(slices); i++) {
		enum router_work more = slices[i](router);

		work = more > work ? more : work;
	}
	if (router->sweeps)
		run_task(router, sweep_run);
	return router->sweeps ? ROUTER_BUSY : work;
}

void router_tick(struct router *router)
{
	park_expire(router);
	run_parked(router); /* ahead of their questions: too late is another answer than refused */
	run_task(router, tick_run);
	run_task(router, sweep_run);
	bounces_tick(router);
	follow_up(router);
}
