/* Everything that is kept about somebody: the nodes of the account, of whose end subscribers are told,
 * what it has at other nodes, the list of its contacts. What is gone is not looked for again, so a
 * slice needs to know nothing of those before it. */
#include "erasure.h"

#include <stdlib.h>
#include <string.h>

#include "peppy/clock.h"
#include "peppy/log.h"
#include "peppy/memory.h"

#include "job.h"
#include "service_call.h"

#define NODES_PER_SLICE 20
#define RELATIONS_PER_SLICE 200
#define GRACE_US (3 * UINT64_C(1000000)) /* whoever has asked may do it faster */

struct erasure {
	struct erasure *next;
	uint64_t id; /* of the job */
	char *account;
	uint64_t start_us; /* monotonic */
};

static struct erasure *find(const struct router *router, const char *account)
{
	struct erasure *erasure = router->erasures;

	while (erasure != NULL && strcmp(erasure->account, account) != 0)
		erasure = erasure->next;
	return erasure;
}

void erasures_add(struct router *router, const char *account, uint64_t id)
{
	struct erasure *erasure = memory_alloc(sizeof *erasure), **end = &router->erasures;

	while (*end != NULL)
		end = &(*end)->next;
	erasure->id = id;
	erasure->account = memory_strdup(account);
	*end = erasure;
}

static void drop_first(struct router *router)
{
	struct erasure *first = router->erasures;

	router->erasures = first->next;
	free(first->account);
	free(first);
}

void erasures_destroy(struct router *router)
{
	while (router->erasures != NULL)
		drop_first(router);
}

/* ---- a promise ---- */

static void promise_run(struct turn *turn, struct task *task)
{
	struct store_txn *txn = turn_txn(turn, STORE_WRITE);

	task->promise->id = 0; /* a new one, each time the turn is run */
	if (txn != NULL)
		turn->err = store_job_put(txn, task->promise);
}

enum pubsub_error router_account_erase(struct router *router, const char *bare)
{
	struct store_job job = {
		.kind = JOB_ERASURE, .service = bare, .node_id = "", .data = "", .cursor = ""};
	const struct task task = {.run = promise_run, .promise = &job};
	enum pubsub_error err = PUBSUB_OK;
	struct turn turn;

	if (strchr(bare, '@') == NULL)
		return PUBSUB_ERR_SERVICE_UNAVAILABLE;
	if (find(router, bare) == NULL) {
		turn_begin(&turn, router);
		turn_do(&turn, &task);
		err = turn_end(&turn);
		if (err == PUBSUB_OK)
			erasures_add(router, bare, job.id);
	}
	if (err == PUBSUB_OK)
		find(router, bare)->start_us = clock_monotonic_us() + GRACE_US;
	return err;
}

/* ---- keeping it ---- */

static enum pubsub_error delete_nodes(struct service *service, const char *account, bool *more_out)
{
	const struct store_range range = {.limit = NODES_PER_SLICE};
	struct pubsub_node *nodes;
	size_t n;
	enum pubsub_error err =
		store_nodes_page(service->txn, account, &range, service->arena, &nodes, &n);

	*more_out = n > 0;
	for (size_t i = 0; err == PUBSUB_OK && i < n; i++) {
		struct pubsub_request request = {.service = account, .node_id = nodes[i].node_id};
		struct pubsub_answer answer = {0};

		jid_take(account, service->arena, &request.from);
		err = service_node_delete(service, &request, &answer);
	}
	return err;
}

static enum pubsub_error erase(
	struct service *service, const struct erasure *erasure, bool *more_out)
{
	enum pubsub_error err = delete_nodes(service, erasure->account, more_out);

	if (err == PUBSUB_OK && !*more_out)
		err = store_entity_erase(service->txn, erasure->account, RELATIONS_PER_SLICE,
			service->arena, more_out);
	if (err == PUBSUB_OK && !*more_out)
		err = store_roster_del(service->txn, erasure->account);
	if (err == PUBSUB_OK && !*more_out)
		err = store_job_del(service->txn, erasure->id);
	return err;
}

/* An erasure that is refused would be refused again: it is given up, and told. */
static void slice_run(struct turn *turn, struct task *task)
{
	struct erasure *erasure = turn->router->erasures;
	struct service service;
	enum pubsub_error err;

	if (!service_call_open(turn, task->component, true, true, STORE_WRITE, &service))
		return;
	err = erase(&service, erasure, task->more);
	if (err != PUBSUB_OK && !turn_is_store_error(err)) {
		log_error("router", "cannot erase %s: %s", erasure->account, error_text(err));
		*task->more = false;
		err = store_job_del(service.txn, erasure->id);
	}
	turn->err = err;
	if (err == PUBSUB_OK)
		service_call_notify(turn, &service);
}

enum router_work erasures_work(struct router *router)
{
	struct erasure *first = router->erasures;
	bool more = false;
	struct task task = {.run = slice_run, .more = &more};
	struct turn turn;

	if (first == NULL || clock_monotonic_us() < first->start_us)
		return ROUTER_IDLE;
	(void)service_call_find(router, first->account, &task.component);
	turn_begin(&turn, router);
	turn_do(&turn, &task);
	if (turn_end(&turn) != PUBSUB_OK)
		return ROUTER_IDLE;
	if (!more) {
		log_info("router", "%s is erased", first->account);
		drop_first(router);
	}
	return ROUTER_BUSY;
}
