/* A job holds the rendered event, not a reference: the item may be gone when its slice runs. Its
 * cursor in the store is the last recipient whose stanza has reached the server's host whole. */
#include "job.h"

#include <stdlib.h>
#include <string.h>

#include "peppy/clock.h"
#include "peppy/log.h"
#include "peppy/memory.h"

#include "observe.h"
#include "service_call.h"

#define SLICE_US 2000
#define SLICE_BYTES (256 * 1024)
#define PAGE_RECIPIENTS 500 /* at most, where they are looked up together */
#define STAMP_BYTES 300     /* of a notification beside its body, about */
#define SAVE_US 100000      /* a cursor is saved at least that often */
#define ROSTER_US (10 * UINT64_C(1000000))
#define STARTS_MAX 3 /* without progress */

/* How far the link's output had got when a slice was handed to it. */
struct mark {
	struct mark *next;
	uint64_t position;
	char *after; /* NULL: the job's end */
};

struct job *job_create(uint64_t id)
{
	struct job *job = memory_alloc(sizeof *job);

	job->id = id;
	return job;
}

static void marks_drop(struct job *job)
{
	struct mark *next;

	for (struct mark *mark = job->marks; mark != NULL; mark = next) {
		next = mark->next;
		free(mark->after);
		free(mark);
	}
	job->marks = NULL;
}

void job_destroy(struct job *job)
{
	marks_drop(job);
	arena_destroy(job->arena);
	free(job->after);
	free(job->saved);
	free(job->reached);
	free(job);
}

/* ---- opening a job ---- */

static enum pubsub_error job_save(struct turn *turn, struct job *job, const char *cursor)
{
	struct store_txn *txn = turn_txn(turn, STORE_WRITE);

	if (txn == NULL)
		return turn->err;
	job->stored.cursor = cursor;
	free(job->saved);
	job->saved = memory_strdup(cursor);
	return store_job_put(txn, &job->stored);
}

/* It stays in the store until an operator drops it, but nobody reads the subscriptions of a deleted
 * node any more. */
static enum pubsub_error set_aside(struct store_txn *txn, const struct job *job, bool whole)
{
	struct store_job stored = job->stored;
	enum pubsub_error err = PUBSUB_OK;

	log_error("router", "job %llu of %s is set aside: it makes no progress",
		(unsigned long long)stored.id, stored.service);
	if (stored.starts == STORE_JOB_ASIDE)
		return PUBSUB_OK; /* by a former process */
	stored.starts = STORE_JOB_ASIDE;
	err = store_job_put(txn, &stored);
	if (err == PUBSUB_OK && whole && job->event.kind == PUBSUB_EVENT_DELETE)
		err = store_erase_hold(txn, job->event.sid, job->event.no, false);
	return err;
}

/* What the store hands out is good as long as the transaction. */
static void keep(struct job *job, const struct store_job *found)
{
	arena_destroy(job->arena);
	job->arena = arena_create();
	job->stored = *found;
	job->stored.service = arena_strdup(job->arena, found->service);
	job->stored.node_id = arena_strdup(job->arena, found->node_id);
	job->stored.data = arena_memdup(job->arena, found->data, found->data_len);
	free(job->after);
	job->after = memory_strdup(found->cursor);
	job->stored.cursor = job->after;
	job->starts = found->starts;
}

static void open_run(struct turn *turn, struct task *task)
{
	struct job *job = task->job;
	struct store_txn *txn = turn_txn(turn, STORE_READ);
	struct store_job *found = NULL;
	bool whole;
	size_t n = 0;

	if (txn == NULL)
		return;
	turn->err = store_jobs_page(txn, job->id - 1, 1, turn->arena, &found, &n);
	if (turn->err != PUBSUB_OK)
		return;
	job->aside = n == 0 || found->id != job->id;
	if (job->aside)
		return;
	keep(job, found);
	whole = job_data_parse(job);
	job->aside = !whole || job->stored.starts >= STARTS_MAX;
	if (job->aside && (txn = turn_txn(turn, STORE_WRITE)) != NULL)
		turn->err = set_aside(txn, job, whole);
}

/* Counted before its first slice: one that ends the process every time is to be set aside, not one
 * that waits for its link. */
static void start_run(struct turn *turn, struct task *task)
{
	struct job *job = task->job;

	job->stored.starts = job->starts + 1; /* however often the turn is run */
	turn->err = job_save(turn, job, job->after);
}

/* ---- slices ---- */

/* As many as fill a slice: what is large does not heap up before anybody looks. */
static struct service_fanout fanout_of(const struct job *job, const char *after)
{
	size_t limit = SLICE_BYTES / (job->body_len + STAMP_BYTES) + 1;

	return (struct service_fanout){
		.event = &job->event,
		.after = after,
		.limit = limit < PAGE_RECIPIENTS ? limit : PAGE_RECIPIENTS,
	};
}

static bool is_late(const struct job *job)
{
	return job->deadline_us != 0 && job->deadline_us <= clock_monotonic_us();
}

/* Until its time is over, its output is large, or the recipients have ended. */
static void slice_run(struct turn *turn, struct task *task)
{
	struct job *job = task->job;
	struct buf *out = &turn->router->components[task->component].out;
	const uint64_t start_us = clock_monotonic_us();
	const char *after = job->after;
	struct service service;
	enum pubsub_error err;

	do {
		struct service_fanout fanout = fanout_of(job, after);

		if (!service_call_open(turn, task->component, task->account, is_late(job),
			    STORE_READ, &service))
			return;
		err = service_fanout_page(&service, &fanout, &job->event, &after);
		if (err != PUBSUB_OK)
			break;
		service_call_address(turn, &job->event);
		outbox_notify_body(out, &task->sender, &job->event, job->body, job->body_len);
		turn->router->tally->notifications += job->event.recipient_count;
		if (job->event.digest_count > 0 && !service_call_collect(turn, &service,
							   &job->event, job->body, job->body_len))
			return;
	} while (after != NULL && out->len < SLICE_BYTES &&
		 clock_monotonic_us() < start_us + SLICE_US);
	observe_time(turn, job->event.service, job->event.node_id, NULL, start_us);
	if (err == PUBSUB_ERR_NEED_ROSTER) {
		pep_roster_fetch(turn->router->pep, &turn->pep);
		if (job->deadline_us == 0)
			job->deadline_us = clock_monotonic_us() + ROSTER_US;
	} else if (err != PUBSUB_OK) {
		turn->err = err;
		return;
	}
	free(job->reached);
	job->reached = memory_strdup(err == PUBSUB_OK ? after : job->after);
	job->sliced = err == PUBSUB_OK;
}

/* What was handed to the link, up to where. */
static void mark_add(struct router *router, struct job *job)
{
	struct mark *mark = memory_alloc(sizeof *mark), **end = &job->marks;

	mark->position = router->opt.sent(router->opt.ctx, job->component);
	mark->after = memory_strdup(job->reached);
	while (*end != NULL)
		end = &(*end)->next;
	*end = mark;
	job->sent = job->reached == NULL;
	free(job->after);
	job->after = job->reached;
	job->reached = NULL;
}

/* The newest mark that has arrived is what counts; older ones go. */
static void marks_take(const struct router *router, struct job *job)
{
	uint64_t taken = router->opt.taken(router->opt.ctx, job->component);

	while (job->marks != NULL && job->marks->next != NULL &&
		job->marks->next->position <= taken) {
		struct mark *mark = job->marks;

		job->marks = mark->next;
		free(mark->after);
		free(mark);
	}
}

static bool is_taken(const struct router *router, const struct job *job)
{
	return job->marks != NULL &&
	       job->marks->position <= router->opt.taken(router->opt.ctx, job->component);
}

/* Its account is served by another link now: positions of the former one, which first has to take
 * what it was handed, mean nothing there. */
static bool leave_link(struct router *router, struct job *job)
{
	if (job->marks == NULL)
		return true;
	marks_take(router, job);
	if (job->marks->next != NULL || !is_taken(router, job))
		return false;
	job_link_lost(router, job);
	return true;
}

enum router_work job_slice(struct router *router, struct job *job)
{
	struct task task = {.run = slice_run, .job = job};

	if (job->aside)
		return ROUTER_IDLE;
	if (!job->started)
		task.run = job->arena == NULL ? open_run : start_run;
	if (job->arena != NULL) {
		if (!service_call_sender(
			    router, job->event.service, &task.component, &task.sender) ||
			!router->components[task.component].up)
			return ROUTER_IDLE; /* tried again every second */
		if (turn_congested(router, task.component) ||
			(job->component != task.component && !leave_link(router, job)))
			return ROUTER_WAIT;
		job->component = task.component;
		task.account = task.sender.privilege_ns != NULL;
	}
	job->sliced = false;
	if (turn_run(router, &task) != PUBSUB_OK)
		return ROUTER_IDLE;
	job->started = task.run != open_run;
	if (job->sliced)
		mark_add(router, job);
	return job->sliced || task.run != slice_run ? ROUTER_BUSY : ROUTER_WAIT;
}

/* ---- what has arrived ---- */

static bool is_over(const struct router *router, const struct job *job)
{
	return is_taken(router, job) && job->marks->after == NULL;
}

static void settle_run(struct turn *turn, struct task *task)
{
	struct job *job = task->job;
	struct store_txn *txn = turn_txn(turn, STORE_WRITE);

	if (txn == NULL)
		return;
	job->stored.starts = 0;
	if (job->marks->after != NULL) {
		turn->err = job_save(turn, job, job->marks->after);
		return;
	}
	turn->err = store_job_del(txn, job->id);
	if (turn->err == PUBSUB_OK && job->event.kind == PUBSUB_EVENT_DELETE)
		turn->err = store_erase_hold(txn, job->event.sid, job->event.no, false);
}

bool job_settle(struct router *router, struct job *job)
{
	const struct task task = {.run = settle_run, .job = job};
	uint64_t now_us = clock_monotonic_us();

	marks_take(router, job);
	if (!is_taken(router, job) || (!is_over(router, job) && now_us - job->saved_us < SAVE_US))
		return false;
	job->saved_us = now_us;
	return turn_run(router, &task) == PUBSUB_OK && job->marks->after == NULL;
}

void job_link_lost(struct router *router, struct job *job)
{
	if (job->arena == NULL)
		return;
	marks_take(router, job);
	if (is_over(router, job))
		return; /* settled as usual */
	free(job->after);
	job->after = memory_strdup(is_taken(router, job) ? job->marks->after : job->saved);
	marks_drop(job);
	job->sent = false;
}
