/* Everything that is kept about somebody: the nodes of the account, of whose end subscribers are
 * told, the list of its contacts, what it has at other nodes. What is gone is not looked for again,
 * so a slice needs to know nothing of those before it. */
#include "erasure.h"

#include <stdlib.h>
#include <string.h>

#include "peppy/clock.h"
#include "peppy/log.h"
#include "peppy/memory.h"

#include "job.h"
#include "service_call.h"

#define SLICE_US 2000
#define SLICE_BYTES (256 * 1024)
#define RELATIONS_AT_ONCE 10 /* between looks at the clock; nodes are deleted singly */
#define ROWS_AT_ONCE 100
#define HELD_US UINT64_C(1000000) /* until it is tried again */

enum stage { OWN_NODES, RELATIONS, MARKS, ROWS, STAGE_COUNT };

struct erasure {
	struct erasure *next;
	uint64_t id; /* of the job */
	char *account;
	uint64_t start_us; /* monotonic; 0: at once */
	struct service_erased erased;
};

/* How far one slice has got. */
struct progress {
	struct turn *turn;
	struct erasure *erasure;
	enum stage stage;
	uint32_t sid; /* of RELATIONS: the service before the next one */
	bool held;    /* something of the account is still needed by a fan-out */
	bool worked;  /* something is gone that was there */
	struct service_erased erased;
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

static void erasure_destroy(struct erasure *erasure)
{
	if (erasure == NULL)
		return;
	free(erasure->account);
	free(erasure);
}

/* The one that ended last is kept for whoever asks what became of it. */
static void end_first(struct router *router)
{
	struct erasure *first = router->erasures;

	router->erasures = first->next;
	erasure_destroy(router->erased);
	router->erased = first;
}

void erasures_destroy(struct router *router)
{
	while (router->erasures != NULL)
		end_first(router);
	erasure_destroy(router->erased);
}

/* ---- a promise ---- */

static void promise_run(struct turn *turn, struct task *task)
{
	struct store_txn *txn = turn_txn(turn, STORE_WRITE);

	task->promise->id = 0; /* a new one, each time the turn is run */
	if (txn != NULL)
		turn->err = store_job_put(txn, task->promise);
}

static enum pubsub_error promise(struct router *router, const char *bare)
{
	struct store_job job = {
		.kind = JOB_ERASURE, .service = bare, .node_id = "", .data = "", .cursor = ""};
	const struct task task = {.run = promise_run, .promise = &job};
	enum pubsub_error err = turn_run(router, &task);

	if (err == PUBSUB_OK) {
		erasures_add(router, bare, job.id);
		log_info("router", "%s will be erased", bare);
	}
	return err;
}

enum pubsub_error router_account_erase(struct router *router, const char *bare)
{
	if (strchr(bare, '@') == NULL)
		return PUBSUB_ERR_SERVICE_UNAVAILABLE;
	return find(router, bare) != NULL ? PUBSUB_OK : promise(router, bare);
}

struct service_erased router_account_erased(const struct router *router, const char *bare)
{
	const struct erasure *erasure = find(router, bare), *last = router->erased;
	struct service_erased erased = {0};

	if (erasure != NULL)
		erased = erasure->erased;
	else if (last != NULL && strcmp(last->account, bare) == 0)
		erased = last->erased;
	erased.more = erasure != NULL;
	return erased;
}

/* ---- who may have gone ---- */

static void renew_run(struct turn *turn, struct task *task)
{
	*task->more = pep_roster_renew(turn->router->pep, &turn->pep, task->account_jid);
}

bool router_contacts_renew(struct router *router, const char *account)
{
	bool asked = false;
	const struct task task = {.run = renew_run, .account_jid = account, .more = &asked};

	return turn_run(router, &task) == PUBSUB_OK && asked;
}

/* ---- keeping it ---- */

/* What it has at one service; *more_out: there is more of it there. */
static enum pubsub_error erase_at(
	struct progress *progress, const char *service_jid, size_t at_once, bool *more_out)
{
	const bool account = strchr(service_jid, '@') != NULL;
	const struct service_erasure what = {
		.service = service_jid, .bare = progress->erasure->account, .at_once = at_once};
	struct service_erased erased = {0};
	struct service service;
	enum pubsub_error err;
	size_t component;

	if (!service_call_find(progress->turn->router, service_jid, &component))
		component = 0; /* of a component that was configured once: nobody will hear of it */
	if (!service_call_open(progress->turn, component, account, true, STORE_WRITE, &service))
		return progress->turn->err;
	err = service_erase(&service, &what, &erased);
	*more_out = erased.more;
	progress->erased.nodes += erased.nodes;
	progress->erased.subscriptions += erased.subscriptions;
	progress->erased.affiliations += erased.affiliations;
	progress->worked |=
		erased.more || erased.nodes + erased.subscriptions > 0 || erased.affiliations > 0;
	if (err == PUBSUB_OK)
		service_call_notify(progress->turn, &service);
	return err == PUBSUB_OK ? progress->turn->err : err;
}

static enum pubsub_error erase_nodes(struct progress *progress, bool *more_out)
{
	return erase_at(progress, progress->erasure->account, 1, more_out);
}

static enum pubsub_error erase_relations(struct progress *progress, bool *more_out)
{
	struct turn *turn = progress->turn;
	const char *service_jid = NULL;
	uint32_t sid = progress->sid;
	bool more = false;
	enum pubsub_error err = store_entity_service_next(
		turn->txn, progress->erasure->account, &sid, turn->arena, &service_jid);

	*more_out = service_jid != NULL;
	if (err != PUBSUB_OK || service_jid == NULL)
		return err;
	err = erase_at(progress, service_jid, RELATIONS_AT_ONCE, &more);
	if (!more)
		progress->sid = sid;
	return err;
}

/* That items of others' nodes go with it. */
static enum pubsub_error erase_marks(struct progress *progress, bool *more_out)
{
	const char *account = progress->erasure->account;
	struct turn *turn = progress->turn;
	struct pubsub_node *nodes = NULL;
	size_t n = 0;
	enum pubsub_error err =
		store_publisher_nodes(turn->txn, account, ROWS_AT_ONCE, turn->arena, &nodes, &n);

	*more_out = n == ROWS_AT_ONCE;
	progress->worked |= n > 0;
	for (size_t i = 0; err == PUBSUB_OK && i < n; i++)
		err = store_publisher_del(turn->txn, &nodes[i], account);
	return err;
}

/* What the deleted nodes have left, and then that there was such an account. */
static enum pubsub_error erase_rows(struct progress *progress, bool *more_out)
{
	struct store_txn *txn = progress->turn->txn;
	enum pubsub_error err = store_erase(txn, ROWS_AT_ONCE, more_out);

	progress->worked |= *more_out;
	if (err != PUBSUB_OK || *more_out)
		return err;
	return store_service_forget(txn, progress->erasure->account, &progress->held);
}

static enum pubsub_error (*const stages[STAGE_COUNT])(struct progress *progress, bool *more_out) = {
	[OWN_NODES] = erase_nodes,
	[RELATIONS] = erase_relations,
	[MARKS] = erase_marks,
	[ROWS] = erase_rows,
};

/* However slow the store is: each slice finds less than the one before. */
static bool is_slice_over(const struct progress *progress, uint64_t end_us)
{
	return progress->worked &&
	       (turn_output(progress->turn) > SLICE_BYTES || clock_monotonic_us() >= end_us);
}

static enum pubsub_error erase_some(struct progress *progress)
{
	const uint64_t end_us = clock_monotonic_us() + SLICE_US;
	enum pubsub_error err = PUBSUB_OK;
	bool more = false;

	do {
		err = stages[progress->stage](progress, &more);
		if (err == PUBSUB_OK && !more)
			progress->stage++;
	} while (err == PUBSUB_OK && progress->stage < STAGE_COUNT &&
		 !is_slice_over(progress, end_us));
	if (err == PUBSUB_OK && progress->stage == STAGE_COUNT && !progress->held)
		err = store_job_del(progress->turn->txn, progress->erasure->id);
	return err;
}

/* An erasure that is refused would be refused again: it is given up, and told. */
static void slice_run(struct turn *turn, struct task *task)
{
	struct erasure *erasure = turn->router->erasures;
	struct progress progress = {.turn = turn, .erasure = erasure, .erased = erasure->erased};
	struct store_txn *txn = turn_txn(turn, STORE_WRITE);
	enum pubsub_error err = txn == NULL ? turn->err : erase_some(&progress);

	*task->more = progress.stage < STAGE_COUNT || progress.held;
	*task->erased = progress.erased;
	if (progress.held)
		erasure->start_us = clock_monotonic_us() + HELD_US;
	if (err != PUBSUB_OK && !turn_is_store_error(err)) {
		log_error("router", "cannot erase %s: %s", erasure->account, error_text(err));
		*task->more = false;
		err = store_job_del(txn, erasure->id);
	}
	turn->err = err;
}

enum router_work erasures_work(struct router *router)
{
	struct erasure *first = router->erasures;
	struct service_erased erased;
	bool more = false;
	struct task task = {.run = slice_run, .more = &more, .erased = &erased};

	if (first == NULL || clock_monotonic_us() < first->start_us)
		return ROUTER_IDLE;
	(void)service_call_find(router, first->account, &task.component);
	if (turn_congested(router, task.component))
		return ROUTER_WAIT;
	if (turn_run(router, &task) != PUBSUB_OK)
		return ROUTER_IDLE;
	first->erased = erased; /* only now: the turn may have been run twice */
	if (!more) {
		log_info("router", "%s is erased", first->account);
		end_first(router);
	}
	return ROUTER_BUSY;
}
