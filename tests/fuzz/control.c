/* The laws of the control socket: every line gets one answer, which is a result or an error with
 * its code; what was refused has changed nothing; whatever was done, the store is whole.
 *
 * Input: lines of requests, run one after the other on a store in memory. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/call.h"
#include "control/state.h"
#include "peppy/log.h"
#include "peppy/store_upkeep.h"
#include "peppy/top.h"

#define HOST "pubsub.denmark.lit"
#define NOW_US UINT64_C(1700000000000000)
#define LINES_MAX 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(enum pubsub_error err)
{
	assert(err == PUBSUB_OK);
}

/* ---- what control stands on ---- */

static void defaults(const void *ctx, const char *node_id, struct pubsub_node_config *out)
{
	(void)ctx, (void)node_id;
	*out = pubsub_node_config_default;
}

static bool has_list(void *ctx, const char *account)
{
	(void)ctx, (void)account;
	return true;
}

static enum contacts_answer subscribed(void *ctx, const char *account, const char *contact)
{
	(void)ctx;
	return strcmp(account, contact) == 0 ? CONTACTS_YES : CONTACTS_UNKNOWN;
}

static enum contacts_answer in_groups(
	void *ctx, const char *account, const char *contact, struct pubsub_texts groups)
{
	(void)ctx, (void)account, (void)contact, (void)groups;
	return CONTACTS_UNKNOWN;
}

static enum contacts_answer interested(void *ctx, const char *service, const char *node_id,
	struct arena *arena, struct contacts_interest **out, size_t *n_out)
{
	(void)ctx, (void)service, (void)node_id, (void)arena;
	*out = NULL;
	*n_out = 0;
	return CONTACTS_UNKNOWN;
}

static bool available(void *ctx, struct jid jid)
{
	(void)ctx, (void)jid;
	return false;
}

static bool shows(void *ctx, struct jid jid, struct pubsub_texts states)
{
	(void)ctx, (void)jid, (void)states;
	return false;
}

static enum pubsub_error run_turn(void *ctx, const struct control_turn *turn)
{
	const struct contacts contacts = {
		NULL, has_list, subscribed, in_groups, interested, available, shows};
	const struct service_profile profile = {
		.defaults = defaults,
		.admins = {&turn->as, 1},
		.account = strchr(turn->service, '@') != NULL,
		.auto_create = true,
		.max_items = 10,
		.max_payload_bytes = 10000,
		.answer_bytes = 20000,
		.fanout_max = 1000,
		.fanout_bytes = 100000,
	};
	struct service service = {.profile = &profile,
		.contacts = &contacts,
		.now_us = NOW_US,
		.expired = true,
		.arena = arena_create()};
	enum pubsub_error err = PUBSUB_ERR_SERVICE_UNAVAILABLE;

	service.events_end = &service.events;
	if (strcmp(turn->service, HOST) == 0 || strstr(turn->service, "@denmark.lit") != NULL) {
		must(store_begin(ctx, turn->mode, &service.txn));
		err = turn->run(turn->ctx, &service);
		must(store_commit(service.txn));
	}
	arena_destroy(service.arena);
	return err;
}

static bool describe_link(void *ctx, size_t nth, struct control_link *out)
{
	(void)ctx;
	*out = (struct control_link){.component = HOST, .server = "localhost", .port = 5347};
	return nth == 0;
}

static void ask_nothing(void *ctx, const struct pep_question *question)
{
	(void)ctx, (void)question;
}

static const struct pep *find_pep(void *ctx)
{
	static const char *const domains[] = {"denmark.lit"};
	static const struct pep_component component = {HOST, {domains, 1}};
	static const struct pep_port port = {.ask = ask_nothing};
	static struct pep *pep;

	(void)ctx;
	if (pep == NULL)
		pep = pep_create(&component, 1, &port);
	return pep;
}

static bool reload(void *ctx)
{
	(void)ctx;
	return true;
}

static enum pubsub_error erase(void *ctx, const char *bare)
{
	(void)ctx, (void)bare;
	return PUBSUB_OK;
}

static bool renew_contacts(void *ctx, const char *account)
{
	(void)ctx;
	return account[0] != 'a';
}

static struct service_erased erased(void *ctx, const char *bare)
{
	(void)ctx, (void)bare;
	return (struct service_erased){0};
}
static struct top *nobody; /* is busy; kept until the end */

static void put_metrics(void *ctx, struct buf *out)
{
	(void)ctx, (void)out;
}

static void tell_tops(void *ctx, const struct top **nodes_out, const struct top **senders_out)
{
	(void)ctx;
	if (nobody == NULL)
		nobody = top_create();
	*nodes_out = *senders_out = nobody;
}

/* ---- the laws ---- */

static void no_problem(void *ctx, const char *text)
{
	(void)ctx;
	fprintf(stderr, "%s\n", text);
	abort();
}

static char *dump(struct store *store, struct arena *arena)
{
	const struct store_check report = {.problem = no_problem};
	struct store_checked checked;
	struct store_txn *txn;
	char *text;

	must(store_begin(store, STORE_READ, &txn));
	must(store_check(txn, &report, &checked));
	must(store_dump(txn, arena, &text));
	store_abort(txn);
	return text;
}

/* Was it done? */
static bool judge_answer(const json_t *answer)
{
	const char *code = json_string_value(json_object_get(answer, "code"));

	if (json_object_get(answer, "result") != NULL) {
		assert(json_object_size(answer) == 1);
		return true;
	}
	assert(json_object_size(answer) == 2 && code != NULL);
	assert(json_is_string(json_object_get(answer, "error")));
	assert(strcmp(code, "usage") == 0 || strcmp(code, "refused") == 0);
	return false;
}

static void run_line(struct control *control, struct store *store, struct arena *arena,
	const char *line, size_t len)
{
	const char *before = dump(store, arena);
	json_t *answer = call_run(control, line, len);

	if (!judge_answer(answer))
		assert(strcmp(before, dump(store, arena)) == 0);
	json_decref(answer);
}

static void run_lines(struct control *control, struct store *store, const char *text, size_t size)
{
	struct arena *arena = arena_create();

	for (int lines = 0; size > 0 && lines < LINES_MAX; lines++) {
		const char *end = memchr(text, '\n', size);
		size_t len = end == NULL ? size : (size_t)(end - text);

		run_line(control, store, arena, text, len);
		text += end == NULL ? len : len + 1;
		size -= end == NULL ? len : len + 1;
		arena_reset(arena);
	}
	dump(store, arena);
	arena_destroy(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct store *store;
	struct control control = {
		.port = {NULL, run_turn, describe_link, find_pep, reload, put_metrics, tell_tops,
			erase, erased, renew_contacts},
		.store_path = (char[]){"store"},
		.ring = ring_create(),
	};

	log_level_set(LOG_LEVEL_ERROR);
	must(store_open_mem(&store));
	control.port.ctx = store;
	run_lines(&control, store, (const char *)data, size);
	store_close(store);
	ring_destroy(control.ring);
	log_level_set(LOG_LEVEL_ERROR);
	return 0;
}
