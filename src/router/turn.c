/* A turn: one transaction, and nothing leaves before it has reached the disk. */
#include "turn.h"

#include "peppy/clock.h"
#include "peppy/log.h"

#include "announce.h"
#include "ask.h"
#include "backlog.h"
#include "bounce.h"
#include "command_session.h"
#include "jobs.h"
#include "observe.h"
#include "park.h"

#define LEAD_US 1000000
#define QUEUED_BYTES (4 * 1024 * 1024) /* on a link */
#define HELD_BYTES (32 * 1024 * 1024)  /* a few bytes may ask for much */

static struct store_txn *pep_txn(void *ctx, enum store_mode mode)
{
	return turn_txn(ctx, mode);
}

/* The clock may be behind what the turns before have counted, unless it was set back. */
static uint64_t time_of(const struct router *router)
{
	const uint64_t now_us = clock_wall_us();

	return router->now_us > now_us && router->now_us - now_us < LEAD_US ? router->now_us
									    : now_us;
}

void turn_begin(struct turn *turn, struct router *router)
{
	*turn = (struct turn){
		.router = router,
		.arena = router->arena,
		.now_us = time_of(router),
		.started_us = clock_monotonic_us(),
	};
	turn->began_us = turn->now_us;
	turn->tasks_end = &turn->tasks;
	turn->new_jobs_end = &turn->new_jobs;
	turn->bounces_end = &turn->bounces;
	turn->sessions_end = &turn->sessions;
	turn->activities_end = &turn->activities;
	turn->pep = (struct pep_turn){
		.ctx = turn,
		.txn = pep_txn,
		.arena = turn->arena,
		.now_us = turn->now_us,
	};
	backlogs_begin(router);
}

bool turn_is_store_error(enum pubsub_error err)
{
	return err == PUBSUB_ERR_STORE_FULL || err == PUBSUB_ERR_STORE_IO ||
	       err == PUBSUB_ERR_STORE_FAILED;
}

/* One that has only read is committed too: a read that failed where nobody could say so (contacts
 * have no errors) has made wrong answers, and the commit tells. */
static enum pubsub_error end_txn(struct turn *turn)
{
	const bool writes = turn->mode == STORE_WRITE;
	const uint64_t start_us = writes ? clock_monotonic_us() : 0;
	struct store_txn *txn = turn->txn;

	turn->txn = NULL;
	turn->mode = STORE_NONE;
	if (txn != NULL)
		turn->err = store_commit(txn);
	if (writes)
		metric_time(&turn->router->observed->commits, clock_monotonic_us() - start_us);
	return turn->err;
}

struct store_txn *turn_txn(struct turn *turn, enum store_mode mode)
{
	if (turn->err != PUBSUB_OK)
		return NULL;
	if (turn->mode >= mode)
		return turn->txn;
	if (end_txn(turn) != PUBSUB_OK)
		return NULL;
	turn->err = store_begin(turn->router->store, mode, &turn->txn);
	if (turn->err != PUBSUB_OK)
		return NULL;
	turn->mode = mode;
	return turn->txn;
}

size_t turn_output(const struct turn *turn)
{
	size_t bytes = 0;

	for (size_t i = 0; i < turn->router->opt.component_count; i++)
		bytes += turn->router->components[i].out.len;
	return bytes;
}

bool turn_has_room(const struct turn *turn)
{
	return turn_output(turn) < TURN_OUTPUT_BYTES && arena_bytes(turn->arena) < HELD_BYTES;
}

bool turn_congested(const struct router *router, size_t component)
{
	return router->opt.sent(router->opt.ctx, component) -
		       router->opt.taken(router->opt.ctx, component) >
	       QUEUED_BYTES;
}

/* Times tell which task of a turn came before which. */
static void pass(struct turn *turn)
{
	turn->pep.now_us = turn->router->now_us = ++turn->now_us;
}

void turn_do(struct turn *turn, const struct task *task)
{
	struct task *copy = arena_alloc(turn->arena, sizeof *copy);

	*copy = *task;
	if (turn->tasks != NULL)
		pass(turn);
	*turn->tasks_end = copy;
	turn->tasks_end = &copy->next;
	turn->task = copy;
	copy->run(turn, copy);
}

/* What waits to be written goes along with a transaction that writes anyway. */
static enum pubsub_error commit(struct turn *turn)
{
	struct pep *pep = turn->router->pep;
	bool flushed = turn->mode == STORE_WRITE && pep_is_dirty(pep);

	if (turn->err == PUBSUB_OK && flushed)
		turn->err = pep_flush(pep, &turn->pep);
	if (turn->err == PUBSUB_OK && end_txn(turn) == PUBSUB_OK && flushed)
		pep_flushed(pep);
	return turn->err;
}

void turn_notified(struct component *component, size_t start)
{
	const struct span span = {start, component->out.len};
	struct buf *spans = &component->notified;
	size_t n = spans->len / sizeof span;
	struct span *last = n > 0 ? (struct span *)spans->data + n - 1 : NULL;

	if (last != NULL && last->end == start)
		last->end = span.end;
	else if (span.end > start)
		buf_append(spans, &span, sizeof span);
}

static void empty(struct component *component)
{
	component->out.len = 0;
	component->notified.len = 0;
	backlog_drop(component);
}

static void drop(struct turn *turn)
{
	store_abort(turn->txn);
	turn->txn = NULL;
	turn->mode = STORE_NONE;
	turn->err = PUBSUB_OK;
	for (size_t i = 0; i < turn->router->opt.component_count; i++)
		empty(&turn->router->components[i]);
	park_drop(turn);
	ask_drop(turn);
	jobs_drop(turn);
	bounces_drop(turn);
	sessions_drop(turn);
	announce_drop(turn);
	observe_drop(turn);
}

static void send_bytes(struct router *router, size_t component, struct span span, bool keep)
{
	const char *bytes = router->components[component].out.data;

	if (span.end > span.start)
		router->opt.send(router->opt.ctx, component, bytes + span.start,
			span.end - span.start, keep);
}

/* In the order in which it was written: answers and notifications apart. */
static void send_out(struct router *router, size_t i)
{
	const struct component *component = &router->components[i];
	const struct span *notified = (const struct span *)component->notified.data;
	size_t n = component->notified.len / sizeof *notified, at = 0;

	for (; n > 0; n--, notified++) {
		send_bytes(router, i, (struct span){at, notified->start}, false);
		send_bytes(router, i, *notified, true);
		at = notified->end;
	}
	send_bytes(router, i, (struct span){at, component->out.len}, false);
}

static void send(struct turn *turn)
{
	struct router *router = turn->router;

	for (size_t i = 0; i < router->opt.component_count; i++) {
		struct component *component = &router->components[i];

		if (component->asks.len > 0)
			router->opt.send(router->opt.ctx, i, component->asks.data,
				component->asks.len, false);
		component->asks.len = 0;
		backlog_keep(router, i);
		send_out(router, i);
		empty(component);
	}
	park_keep(turn);
	ask_keep(turn);
	jobs_keep(turn);
	bounces_keep(turn);
	sessions_keep(turn);
	announce_keep(turn);
	observe_keep(turn);
}

static enum pubsub_error run_singly(struct turn *turn, struct task *task)
{
	enum pubsub_error err;

	turn->task = task;
	if (task != turn->tasks)
		pass(turn);
	task->run(turn, task);
	err = commit(turn);
	if (err != PUBSUB_OK) {
		drop(turn);
		log_error("router", "a request was refused: %s", error_text(err));
		if (task->refuse != NULL)
			task->refuse(turn, task, err);
	}
	if (err == PUBSUB_ERR_STORE_IO)
		turn->router->opt.fatal(turn->router->opt.ctx);
	send(turn);
	return err;
}

/* Each task by itself; the error of the last one that could not be done. */
static enum pubsub_error run_again(struct turn *turn, enum pubsub_error why)
{
	enum pubsub_error err, last = PUBSUB_OK;

	turn->router->observed->turns_lost++;
	log_warning("router", "running a turn again, one stanza at a time: %s", error_text(why));
	drop(turn);
	turn->pep.now_us = turn->now_us = turn->began_us;
	for (struct task *task = turn->tasks; task != NULL; task = task->next) {
		err = run_singly(turn, task);
		last = err != PUBSUB_OK ? err : last;
	}
	return last;
}

/* After a flush that failed the cache may call clean what never reached the disk: another attempt
 * would seem to succeed. */
static enum pubsub_error give_up(struct turn *turn)
{
	drop(turn);
	turn->router->opt.fatal(turn->router->opt.ctx);
	return PUBSUB_ERR_STORE_IO;
}

enum pubsub_error turn_end(struct turn *turn)
{
	enum pubsub_error err = commit(turn);

	turn->router->observed->turns++;
	if (err == PUBSUB_OK)
		send(turn);
	else
		err = err == PUBSUB_ERR_STORE_IO ? give_up(turn) : run_again(turn, err);
	observe_end(turn);
	arena_reset(turn->arena);
	return err;
}

enum pubsub_error turn_run(struct router *router, const struct task *task)
{
	struct turn turn;

	turn_begin(&turn, router);
	turn_do(&turn, task);
	return turn_end(&turn);
}

bool turn_run_each(struct router *router, struct task *task,
	bool (*take)(struct turn *turn, struct task *task), size_t most)
{
	struct turn turn;
	size_t n;

	turn_begin(&turn, router);
	for (n = 0; n < most && turn_has_room(&turn) && take(&turn, task); n++)
		turn_do(&turn, task);
	turn_end(&turn);
	return n > 0;
}
