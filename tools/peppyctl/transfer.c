/* transfer.c - what a store holds as lines of JSON, and back. */
#include "peppyctl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "control/exchange.h"
#include "peppy/jid.h"

#define OBJECTS_PER_TRANSACTION 1000

/* ---- out ---- */

static bool print_object_line(void *ctx, json_t *object)
{
	uint64_t *lines = ctx;

	print_json(object);
	json_decref(object);
	progress_show("exporting", ++*lines, 0);
	return !ferror(stdout);
}

/* person NULL: everything. */
static int export(const char *path, const char *person)
{
	struct store *store = open_store(path);
	struct store_txn *txn;
	uint64_t lines = 0;
	enum pubsub_error err;

	if (store == NULL)
		return EX_NOINPUT;
	err = store_begin(store, STORE_READ, &txn);
	if (err == PUBSUB_OK) {
		print_object_line(&lines, exchange_head());
		err = person == NULL ? exchange_all(txn, print_object_line, &lines)
				     : exchange_person(txn, person, print_object_line, &lines);
		store_abort(txn);
	}
	store_close(store);
	progress_end();
	if (err != PUBSUB_OK)
		return complain(EX_IOERR, "the export is incomplete: %s", error_text(err));
	if (fflush(stdout) != 0)
		return complain(EX_IOERR, "the export is incomplete: %s", strerror(errno));
	return 0;
}

int run_export(struct tool *tool)
{
	const char *path = json_string_value(json_object_get(tool->args, "dir"));
	int status = path != NULL ? 0 : ask_find_store(tool);

	return status != 0 ? status : export(path != NULL ? path : tool->store_path, NULL);
}

int run_account_export(struct tool *tool)
{
	const char *text = json_string_value(json_object_get(tool->args, "jid"));
	int status = ask_find_store(tool);
	struct jid jid;

	if (status != 0)
		return status;
	if (!jid_parse(text, tool->arena, &jid))
		return complain(EX_USAGE, "'%s' is not a JID", text);
	return export(tool->store_path, jid.bare);
}

/* ---- in ---- */

struct loading {
	struct exchange_load load;
	struct store *store;
	FILE *file;
	uint64_t line;
	uint64_t lines; /* of the file, once they are known */
};

/* A transaction may be done with: what was written in it is committed. */
static enum pubsub_error step(struct loading *loading)
{
	enum pubsub_error err;

	if (!loading->load.writes || loading->line % OBJECTS_PER_TRANSACTION != 0)
		return PUBSUB_OK;
	err = store_commit(loading->load.txn);
	loading->load.txn = NULL;
	return err == PUBSUB_OK ? store_begin(loading->store, STORE_WRITE, &loading->load.txn)
				: err;
}

static enum pubsub_error take_line(struct loading *loading, const char *line, size_t len)
{
	json_error_t reason;
	json_t *object = json_loadb(line, len, JSON_REJECT_DUPLICATES, &reason);
	enum pubsub_error err = PUBSUB_ERR_BAD_REQUEST;

	arena_reset(loading->load.arena);
	loading->load.why = NULL;
	if (object == NULL)
		loading->load.why = arena_strdup(loading->load.arena, reason.text);
	else
		err = exchange_take(&loading->load, object);
	json_decref(object);
	return err == PUBSUB_OK ? step(loading) : err;
}

static enum pubsub_error take_lines(struct loading *loading)
{
	const char *doing = loading->load.writes ? "loading" : "checking";
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	enum pubsub_error err = PUBSUB_OK;

	rewind(loading->file);
	loading->line = 0;
	while (err == PUBSUB_OK && (len = getline(&line, &size, loading->file)) > 0) {
		loading->line++;
		err = take_line(loading, line, (size_t)len);
		progress_show(doing, loading->line, loading->lines);
	}
	free(line);
	progress_end();
	return err;
}

/* All lines, in transactions of this mode. */
static enum pubsub_error pass(struct loading *loading, enum store_mode mode)
{
	enum pubsub_error err = store_begin(loading->store, mode, &loading->load.txn);

	loading->load.writes = mode == STORE_WRITE;
	loading->load.begun = false;
	if (err == PUBSUB_OK)
		err = take_lines(loading);
	if (err == PUBSUB_OK && mode == STORE_WRITE)
		return store_commit(loading->load.txn);
	store_abort(loading->load.txn);
	return err;
}

static int report(const struct loading *loading, enum pubsub_error err)
{
	const char *why = loading->load.why;

	if (err != PUBSUB_OK)
		return complain(err == PUBSUB_ERR_BAD_REQUEST ? EX_DATAERR : EX_IOERR,
			"line %llu: %s%s", (unsigned long long)loading->line,
			why != NULL ? why : error_text(err),
			loading->load.writes ? "" : ": nothing was loaded");
	printf("%llu lines\n", (unsigned long long)loading->line);
	return 0;
}

static int load(struct loading *loading)
{
	enum pubsub_error err;
	int status;

	loading->load.arena = arena_create();
	loading->load.nodes = map_create(0, NULL);
	err = pass(loading, STORE_READ);
	loading->lines = loading->line;
	if (err == PUBSUB_OK)
		err = pass(loading, STORE_WRITE);
	status = report(loading, err);
	map_destroy(loading->load.nodes);
	arena_destroy(loading->load.arena);
	return status;
}

int run_load(struct tool *tool)
{
	const char *path = json_string_value(json_object_get(tool->args, "file"));
	struct loading loading = {.file = fopen(path, "re")};
	int status = EX_CANTCREAT;

	if (loading.file == NULL)
		return complain(EX_NOINPUT, "%s: %s", path, strerror(errno));
	status = ask_find_store(tool);
	if (status == 0 && !become_owner(tool->store_path))
		status = EX_NOPERM;
	if (status == 0) {
		const struct store_options opt = {
			.path = tool->store_path, .max_bytes = tool->store_bytes};

		status = store_open(&opt, &loading.store) == PUBSUB_OK ? load(&loading) : EX_IOERR;
	}
	store_close(loading.store);
	fclose(loading.file);
	return status;
}
