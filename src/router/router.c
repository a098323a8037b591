/* The router: what it is made of, and what happens between turns. */
#include "turn.h"

#include <stdlib.h>
#include <string.h>

#include "peppy/array.h"
#include "peppy/clock.h"
#include "peppy/codec.h"
#include "peppy/log.h"
#include "peppy/memory.h"

#include "announce.h"
#include "ask.h"
#include "bounce.h"
#include "command_session.h"
#include "erasure.h"
#include "jobs.h"
#include "limits.h"
#include "observe.h"
#include "park.h"
#include "service_call.h"
#include "stanza.h"

#define ARRIVALS_PER_TURN 200
#define DEPARTURES_PER_TURN 1000
#define EXPIRIES_PER_TURN 1000
#define ERASED_PER_TURN 1000
#define ROUNDS_MAX 8
#define FLUSH_PAUSE_US 20000   /* between transactions with nothing but presences */
#define FLUSH_AGAIN_US 1000000 /* likewise, after one that failed */
#define FANOUT_MAX 1000        /* recipients that are told in the turn itself */
#define ENVELOPE_BYTES 8192 /* what an answer holds beside its items: addresses, wrapper, <set/> */

static void copy_defaults(const void *ctx, const char *node_id, struct pubsub_node_config *out)
{
	(void)node_id;
	*out = *(const struct pubsub_node_config *)ctx;
}

static bool accept_payload(
	const void *ctx, const struct pubsub_item *item, struct arena *arena, const char **why_out)
{
	return codec_payload_is_valid(ctx, item, arena, why_out);
}

static struct service_profile profile_of(const struct router *router, size_t i)
{
	const struct router_component *component = &router->opt.components[i];

	return (struct service_profile){
		.defaults = copy_defaults,
		.ctx = &router->opt.node_defaults,
		.create_nodes = component->create_nodes,
		.domains = component->domains,
		.admins = component->admins,
		.auto_create = true,
		.conceal = component->conceal_nodes,
		.blocked = {router->blocked, router->opt.blocked.n},
		.reserved = component->reserved,
		.subscribe_anyone = component->subscribe_anyone,
		.limits = router->opt.limits,
		.collections = true,
		.root = component->root_collection,
		.multi_subscribe = component->multi_subscribe,
		.max_items = router->opt.max_items,
		.max_payload_bytes = router->opt.max_payload_bytes,
		.accepts = router->opt.schemas != NULL ? accept_payload : NULL,
		.accepts_ctx = router->opt.schemas,
		.answer_bytes = router->opt.max_outgoing_bytes - ENVELOPE_BYTES,
		.fanout_max = router->opt.fanout_max > 0 ? router->opt.fanout_max : FANOUT_MAX,
		.fanout_bytes = TURN_OUTPUT_BYTES,
	};
}

static struct service_profile component_profile_of(const struct router *router, size_t i)
{
	struct service_profile profile = profile_of(router, i);

	if (profile.conceal == SERVICE_CONCEAL_STRANGERS)
		profile.conceal = SERVICE_CONCEAL_OFF; /* there are no contacts to tell them from */
	return profile;
}

static struct service_profile account_profile_of(const struct router *router, size_t i)
{
	struct service_profile profile = profile_of(router, i);

	profile.defaults = pep_node_defaults;
	profile.ctx = &router->opt.pep_defaults;
	profile.account = true;
	profile.collections = profile.root = false;
	profile.reserved = (struct pubsub_texts){0}; /* its owner alone creates nodes */
	profile.implicit = true;
	return profile;
}

static struct pep *open_pep(struct router *router)
{
	size_t n = router->opt.component_count;
	struct pep_component *components = arena_alloc(router->arena, n * sizeof *components);
	const struct pep_port port = {.ctx = router, .ask = ask_send};

	for (size_t i = 0; i < n; i++)
		components[i] = (struct pep_component){
			.jid = router->opt.components[i].jid,
			.domains = router->opt.components[i].domains,
		};
	return pep_create(components, n, &port);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void sort_blocked(struct router *router)
{
	size_t n = router->opt.blocked.n;

	free(router->blocked);
	router->blocked = memory_alloc((n + 1) * sizeof *router->blocked);
	for (size_t i = 0; i < n; i++)
		router->blocked[i] = router->opt.blocked.v[i];
	qsort(router->blocked, n, sizeof *router->blocked, compare);
}

void router_configure(struct router *router, const struct router_options *opt)
{
	router->opt = *opt;
	sort_blocked(router);
	for (size_t i = 0; i < opt->component_count; i++) {
		router->components[i].opt = &opt->components[i];
		router->components[i].profile = component_profile_of(router, i);
		router->components[i].account_profile = account_profile_of(router, i);
	}
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
	free(router->blocked);
	arena_destroy(router->arena);
	free(router);
}

/* ---- last items for those who came ---- */

static void send_last_items(
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

	if (service_call_open(turn, task->component, account, true, STORE_READ, &service))
		service_call_close(turn, &service, service_last_items(&service, &arrival));
}

static void arrival_run(struct turn *turn, struct task *task)
{
	const struct pep_arrival *arrival = &task->arrival;
	struct pubsub_texts accounts = {0};
	enum pubsub_error err;

	if (arrival->first)
		send_last_items(
			turn, task, turn->router->opt.components[task->component].jid, false);
	if (!arrival->announced)
		return;
	err = pep_arrival_accounts(turn->router->pep, &turn->pep, arrival, &accounts);
	if (turn_is_store_error(err))
		turn->err = err;
	for (size_t i = 0; i < accounts.n && turn->err == PUBSUB_OK; i++)
		send_last_items(turn, task, accounts.v[i], true);
}

static bool run_arrivals(struct router *router)
{
	struct task task = {.run = arrival_run};
	struct turn turn;
	size_t n = 0;

	turn_begin(&turn, router);
	while (n < ARRIVALS_PER_TURN && turn_has_room(&turn) &&
		pep_arrival_next(router->pep, turn.arena, &task.arrival)) {
		task.component = task.arrival.component;
		turn_do(&turn, &task);
		n++;
	}
	turn_end(&turn);
	return n > 0;
}

/* ---- what ends with those who went ---- */

static const struct service_profile *profile_find(void *ctx, const char *service_jid)
{
	struct router *router = ctx;
	struct outbox_sender sender;
	size_t component = 0;

	for (size_t i = 0; i < router->opt.component_count; i++) {
		if (strcmp(router->opt.components[i].jid, service_jid) == 0)
			return &router->components[i].profile;
	}
	if (!pep_sender(router->pep, service_jid, &component, &sender))
		component = 0; /* nobody will hear of it */
	return &router->components[component].account_profile;
}

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
}

static bool run_departures(struct router *router)
{
	struct task task = {.run = departure_run};
	struct turn turn;
	size_t n = 0;

	turn_begin(&turn, router);
	while (n < DEPARTURES_PER_TURN && turn_has_room(&turn) &&
		pep_departure_next(router->pep, turn.arena, &task.departed)) {
		turn_do(&turn, &task);
		n++;
	}
	turn_end(&turn);
	return n > 0;
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
	bool bounces, departures, parked, arrivals;
	int rounds = 0;

	do {
		bounces = bounces_run(router);
		departures = run_departures(router);
		arrivals = run_arrivals(router); /* with what there is before the next publish */
		parked = run_parked(router);
	} while ((bounces || departures || parked || arrivals) && ++rounds < ROUNDS_MAX);
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
	jobs_link_lost(router, component);
	announce_link_lost(router, component);
}

static void flush_run(struct turn *turn, struct task *task)
{
	(void)task;
	if (pep_is_dirty(turn->router->pep))
		(void)turn_txn(turn, STORE_WRITE); /* the commit takes it along */
}

static void tick_run(struct turn *turn, struct task *task)
{
	ask_expire(turn);
	pep_tick(turn->router->pep, &turn->pep);
	flush_run(turn, task);
}

static bool any_congested(const struct router *router)
{
	for (size_t i = 0; i < router->opt.component_count; i++)
		if (turn_congested(router, i))
			return true;
	return false;
}

/* What is due, with its notifications: no link that is behind gets more of them. */
static enum pubsub_error sweep_due(struct router *router, struct service *service, bool *more_out)
{
	const struct service_profiles profiles = {profile_find, router};
	bool items = false, subscriptions = false;
	enum pubsub_error err = PUBSUB_OK;

	if (!any_congested(router)) {
		err = service_items_expire(service, &profiles, EXPIRIES_PER_TURN, &items);
		if (err == PUBSUB_OK)
			err = service_subscriptions_due(
				service, &profiles, EXPIRIES_PER_TURN, &subscriptions);
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
	err = sweep_due(turn->router, &service, &due);
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

/* Who is online is written as soon as there is time: ejabberd will not tell it again. */
static enum router_work presences_work(struct router *router)
{
	const uint64_t now_us = clock_monotonic_us();
	bool failed;

	if (!pep_is_dirty(router->pep))
		return ROUTER_IDLE;
	if (now_us < router->flush_us)
		return ROUTER_WAIT;
	failed = run_task(router, flush_run) != PUBSUB_OK;
	router->flush_us = now_us + (failed ? FLUSH_AGAIN_US : FLUSH_PAUSE_US);
	return failed || !pep_is_dirty(router->pep) ? ROUTER_IDLE : ROUTER_WAIT;
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

void router_flush(struct router *router)
{
	enum pubsub_error err = PUBSUB_OK;

	while (err == PUBSUB_OK && pep_is_dirty(router->pep)) /* a commit takes a part of it */
		err = run_task(router, flush_run);
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
