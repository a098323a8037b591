/* Jobs stand in queues, one for each node: its events leave in their order. A job is read from the
 * store when its turn comes, so that memory holds one body a node, not one an event. */
#include "jobs.h"

#include <stdlib.h>
#include <string.h>

#include "peppy/clock.h"
#include "peppy/log.h"
#include "peppy/memory.h"

#include "erasure.h"
#include "job.h"

#define WORK_US 2000 /* of all queues, before links are looked at again */

struct job_queue { /* in a ring, so that each node has its turn */
	struct job_queue *next;
	char *key; /* in router->jobs */
	struct job *first, **end;
};

/* ---- queues ---- */

static const char *queue_key(struct arena *arena, const char *service, const char *node_id)
{
	return arena_printf(arena, "%s\n%s", service, node_id);
}

static void queue_destroy(struct job_queue *queue)
{
	struct job *next;

	for (struct job *job = queue->first; job != NULL; job = next) {
		next = job->next;
		job_destroy(job);
	}
	free(queue->key);
	free(queue);
}

static void queue_append(struct router *router, struct job_queue *queue)
{
	queue->next = NULL;
	if (router->job_queues == NULL)
		router->job_queues = queue;
	else
		router->job_queues_last->next = queue;
	router->job_queues_last = queue;
}

static struct job_queue *queue_create(struct router *router, const char *key)
{
	struct job_queue *queue = memory_alloc(sizeof *queue);

	queue->key = memory_strdup(key);
	queue->end = &queue->first;
	map_put(router->jobs, key, queue);
	queue_append(router, queue);
	return queue;
}

static void enqueue(struct turn *turn, const char *service, const char *node_id, uint64_t id)
{
	const char *key = queue_key(turn->arena, service, node_id);
	struct job_queue *queue = map_find(turn->router->jobs, key);
	struct job *job = job_create(id);

	if (queue == NULL)
		queue = queue_create(turn->router, key);
	*queue->end = job;
	queue->end = &job->next;
}

void jobs_destroy(struct router *router)
{
	struct job_queue *next;

	for (struct job_queue *queue = router->job_queues; queue != NULL; queue = next) {
		next = queue->next;
		queue_destroy(queue);
	}
	map_destroy(router->jobs);
}

bool jobs_add(struct turn *turn, const struct pubsub_event *event)
{
	struct store_txn *txn = turn_txn(turn, STORE_WRITE);
	struct buf data = {0};
	struct new_job *job = arena_alloc(turn->arena, sizeof *job);
	struct store_job stored = {
		.kind = JOB_FANOUT,
		.service = event->service,
		.node_id = event->node_id,
		.cursor = "",
		.seq = event->seq,
	};

	if (txn == NULL)
		return false;
	job_data_render(&data, event);
	stored.data = data.data;
	stored.data_len = data.len;
	turn->err = store_job_put(txn, &stored);
	buf_finish(&data);
	job->id = stored.id;
	job->service = arena_strdup(turn->arena, event->service);
	job->node_id = arena_strdup(turn->arena, event->node_id);
	*turn->new_jobs_end = job;
	turn->new_jobs_end = &job->next;
	return turn->err == PUBSUB_OK;
}

bool jobs_busy(void *ctx, const char *service, const char *node_id)
{
	struct turn *turn = ctx;

	for (const struct new_job *job = turn->new_jobs; job != NULL; job = job->next)
		if (strcmp(job->service, service) == 0 && strcmp(job->node_id, node_id) == 0)
			return true;
	return map_count(turn->router->jobs) > 0 &&
	       map_find(turn->router->jobs, queue_key(turn->arena, service, node_id)) != NULL;
}

void jobs_keep(struct turn *turn)
{
	for (const struct new_job *job = turn->new_jobs; job != NULL; job = job->next)
		enqueue(turn, job->service, job->node_id, job->id);
	jobs_drop(turn);
}

void jobs_drop(struct turn *turn)
{
	turn->new_jobs = NULL;
	turn->new_jobs_end = &turn->new_jobs;
}

enum pubsub_error jobs_load(struct turn *turn)
{
	struct store_txn *txn = turn_txn(turn, STORE_READ);
	struct store_job *jobs = NULL;
	uint64_t after = 0;
	size_t n;
	enum pubsub_error err = txn == NULL ? turn->err : PUBSUB_OK;

	do {
		n = 0;
		if (err == PUBSUB_OK)
			err = store_jobs_page(txn, after, 100, turn->arena, &jobs, &n);
		for (size_t i = 0; i < n; i++) {
			if (jobs[i].kind == JOB_ERASURE)
				erasures_add(turn->router, jobs[i].service, jobs[i].id);
			else
				enqueue(turn, jobs[i].service, jobs[i].node_id, jobs[i].id);
			after = jobs[i].id;
		}
	} while (err == PUBSUB_OK && n == 100);
	if (map_count(turn->router->jobs) > 0)
		log_info("router", "events of %zu node(s) still have to go out",
			map_count(turn->router->jobs));
	return err;
}

/* One that is set aside stays in the store and holds up nobody. */
static bool is_done_with(struct router *router, struct job *job)
{
	return job->aside || job_settle(router, job);
}

static enum router_work queue_work(struct router *router, struct job_queue *queue)
{
	struct job *job;

	while (queue->first != NULL && is_done_with(router, queue->first)) {
		job = queue->first;
		queue->first = job->next;
		if (queue->first == NULL)
			queue->end = &queue->first;
		job_destroy(job);
	}
	for (job = queue->first; job != NULL && (job->sent || job->aside); job = job->next)
		;
	if (job != NULL)
		return job_slice(router, job);
	return queue->first != NULL ? ROUTER_WAIT : ROUTER_IDLE;
}

enum router_work jobs_work(struct router *router)
{
	uint64_t end_us = router->job_queues == NULL ? 0 : clock_monotonic_us() + WORK_US;
	enum router_work work = ROUTER_IDLE;

	for (size_t n = map_count(router->jobs); n > 0; n--) {
		struct job_queue *queue = router->job_queues;
		enum router_work more = queue_work(router, queue);

		work = more > work ? more : work;
		router->job_queues = queue->next;
		if (queue->first != NULL) {
			queue_append(router, queue);
		} else {
			map_take(router->jobs, queue->key);
			queue_destroy(queue);
		}
		if (clock_monotonic_us() >= end_us)
			return n > 1 ? ROUTER_BUSY : work;
	}
	return work;
}

void jobs_link_lost(struct router *router, size_t component)
{
	for (struct job_queue *queue = router->job_queues; queue != NULL; queue = queue->next)
		for (struct job *job = queue->first; job != NULL; job = job->next)
			if (job->component == component)
				job_link_lost(router, job);
}
