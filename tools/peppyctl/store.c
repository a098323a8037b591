/* store.c - the store as a whole: backups, their way back, the check. None of it needs peppyd, and
 * but for restore none of it minds that it runs. */
#include "peppyctl.h"

#include <errno.h>
#include <grp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "peppy/store_upkeep.h"

#define LOOK_NS 200000000

/* ---- as whom ---- */

bool become_owner(const char *path)
{
	struct stat st;

	if (geteuid() != 0 || (stat(path, &st) != 0 && errno == ENOENT))
		return true; /* whatever is made there is our own */
	if (stat(path, &st) != 0 || setgroups(0, NULL) != 0 || setegid(st.st_gid) != 0 ||
		seteuid(st.st_uid) != 0) {
		complain(0, "%s: %s", path, strerror(errno));
		return false;
	}
	return true;
}

void become_self(void)
{
	if (seteuid(getuid()) != 0 || setegid(getgid()) != 0)
		_exit(complain(EX_OSERR, "cannot return to my own user: %s", strerror(errno)));
}

static struct store *open_with(
	enum pubsub_error (*open)(const char *path, struct store **out), const char *path)
{
	struct store *store = NULL;
	enum pubsub_error err;

	if (!become_owner(path))
		return NULL;
	err = open(path, &store);
	become_self();
	if (err == PUBSUB_OK)
		return store;
	if (err != PUBSUB_ERR_STORE_VERSION) /* else the log has said all there is to say */
		complain(0, "%s: there is no store that can be read", path);
	return NULL;
}

struct store *open_store(const char *path)
{
	return open_with(store_open_read, path);
}

static const char *dir_of(const struct tool *tool)
{
	return json_string_value(json_object_get(tool->args, "dir"));
}

/* ---- the check ---- */

static void print_problem(void *ctx, const char *text)
{
	(void)ctx;
	progress_end();
	print_text(text);
	putchar('\n');
}

static void show_progress(void *ctx, uint64_t rows, uint64_t of_rows)
{
	(void)ctx;
	progress_show("checking", rows, of_rows);
}

static int check_in(struct store_txn *txn, struct store_checked *out)
{
	const struct store_check report = {.problem = print_problem, .progress = show_progress};
	enum pubsub_error err = store_check(txn, &report, out);

	progress_end();
	if (err != PUBSUB_OK)
		return complain(EX_IOERR, "cannot go on checking: %s", error_text(err));
	return out->problems == 0 ? 0 : EXIT_REFUSED;
}

static int check_store(struct store *store, struct store_checked *out)
{
	struct store_txn *txn;
	int status;

	if (store_begin(store, STORE_READ, &txn) != PUBSUB_OK)
		return EX_IOERR; /* the log has said why */
	status = check_in(txn, out);
	store_abort(txn);
	return status;
}

static void print_checked(const struct tool *tool, const struct store_checked *checked)
{
	json_t *object = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "rows",
		(json_int_t)checked->rows, "services", (json_int_t)checked->services, "nodes",
		(json_int_t)checked->nodes, "items", (json_int_t)checked->items, "subscriptions",
		(json_int_t)checked->subscriptions, "affiliations",
		(json_int_t)checked->affiliations, "jobs", (json_int_t)checked->jobs, "problems",
		(json_int_t)checked->problems);

	if (tool->json)
		print_json(object);
	else
		print_object(object);
	json_decref(object);
}

/* Of an older format: what its records mean only its upgrade knows. */
static void print_older(const struct tool *tool, const struct store *store)
{
	const struct store_version version = store_version(store);
	json_t *object = json_object();

	json_object_set_new(object, "format",
		json_string(arena_printf(tool->arena, "%llu.%llu",
			(unsigned long long)version.major, (unsigned long long)version.minor)));
	if (tool->json)
		print_json(object);
	else
		print_object(object);
	json_decref(object);
	complain(0, "the store has an older format: it is copied as it is, unchecked");
}

/* Opens, checks, closes. */
static int check_at(const char *path, struct store_checked *out)
{
	struct store *store = open_store(path);
	int status;

	if (store == NULL)
		return EX_NOINPUT;
	status = check_store(store, out);
	store_close(store);
	return status;
}

int run_fsck(struct tool *tool)
{
	struct store_checked checked;
	const char *path = dir_of(tool);
	int status = path != NULL ? 0 : ask_find_store(tool);

	if (status != 0)
		return status;
	status = check_at(path != NULL ? path : tool->store_path, &checked);
	if (status == 0 || status == EXIT_REFUSED)
		print_checked(tool, &checked);
	return status;
}

/* ---- there ---- */

/* Somebody who looks how far the copy is while it is written. */
struct onlooker {
	pthread_t thread;
	char *path;
	uint64_t bytes; /* that there will be */
	atomic_bool done;
};

static void *look_on(void *ctx)
{
	const struct timespec pause = {0, LOOK_NS};
	struct onlooker *onlooker = ctx;
	struct stat st;

	while (!atomic_load(&onlooker->done)) {
		if (stat(onlooker->path, &st) == 0)
			progress_show("copying", (uint64_t)st.st_size, onlooker->bytes);
		nanosleep(&pause, NULL);
	}
	return NULL;
}

/* What the copy will hold, about; 0: that cannot be told. */
static uint64_t bytes_of(struct store *store)
{
	struct store_usage usage = {0};
	struct store_txn *txn;

	if (store_begin(store, STORE_READ, &txn) != PUBSUB_OK)
		return 0;
	if (store_usage(txn, &usage) != PUBSUB_OK)
		usage.file_bytes = usage.free_bytes = 0;
	store_abort(txn);
	return usage.file_bytes - usage.free_bytes;
}

enum pubsub_error copy_watched(struct tool *tool, struct store *store, const char *path,
	enum pubsub_error (*copy)(struct store *store, const char *path))
{
	struct onlooker onlooker = {
		.path = arena_printf(tool->arena, "%s/data.mdb~", path),
		.bytes = bytes_of(store),
	};
	const bool watched = pthread_create(&onlooker.thread, NULL, look_on, &onlooker) == 0;
	enum pubsub_error err = copy(store, path);

	atomic_store(&onlooker.done, true);
	if (watched)
		pthread_join(onlooker.thread, NULL);
	progress_end();
	return err;
}

/* The copy is held against itself before anybody relies on it. */
static int check_copy(struct tool *tool, struct store *store, const char *path)
{
	struct store_checked checked;
	int status = store_is_older(store) ? 0 : check_at(path, &checked);

	if (status == EXIT_REFUSED)
		return complain(status, "the store is damaged, and so is its copy in %s", path);
	if (status == 0 && store_is_older(store))
		print_older(tool, store);
	else if (status == 0)
		print_checked(tool, &checked);
	return status;
}

int run_backup(struct tool *tool)
{
	struct store *store;
	int status = ask_find_store(tool);
	enum pubsub_error err;

	if (status != 0)
		return status;
	store = open_with(store_open_any, tool->store_path);
	if (store == NULL)
		return EX_NOINPUT;
	err = copy_watched(tool, store, dir_of(tool), store_copy);
	if (err != PUBSUB_OK)
		status = complain(EX_IOERR, "no backup was made"); /* the log has said why */
	else
		status = check_copy(tool, store, dir_of(tool));
	store_close(store);
	return status;
}

/* ---- and back ---- */

static void show_comparing(void *ctx, const char *doing, uint64_t done, uint64_t of)
{
	(void)ctx;
	progress_show(doing, done, of);
}

static int compare_with(struct store *store, const char *path)
{
	const struct store_progress progress = {.tell = show_comparing};
	struct store *copy = open_with(store_open_any, path);
	bool same = false;
	enum pubsub_error err;

	if (copy == NULL)
		return EX_IOERR;
	err = store_compare(store, copy, &progress, &same);
	progress_end();
	store_close(copy);
	if (err != PUBSUB_OK)
		return complain(EX_IOERR, "%s: the copy cannot be read: %s", path, error_text(err));
	return same ? 0 : complain(EX_IOERR, "%s: the copy differs from the original", path);
}

static int restore_from(struct tool *tool, struct store *backup)
{
	const bool older = store_is_older(backup);
	struct store_checked checked;
	enum pubsub_error err;
	int status = older ? 0 : check_store(backup, &checked);

	if (status != 0)
		return complain(status, "the backup is damaged: nothing was restored");
	if (!become_owner(tool->store_path))
		return EX_NOPERM;
	err = copy_watched(tool, backup, tool->store_path, store_restore);
	become_self();
	if (err != PUBSUB_OK)
		return complain(EX_IOERR, "nothing was restored"); /* the log has said why */
	if (!older)
		print_checked(tool, &checked);
	else if ((status = compare_with(backup, tool->store_path)) == 0)
		print_older(tool, backup);
	return status;
}

int run_restore(struct tool *tool)
{
	struct store *backup;
	int status = ask_find_store(tool);

	if (status != 0)
		return status;
	backup = open_with(store_open_any, dir_of(tool));
	if (backup == NULL)
		return EX_NOINPUT;
	status = restore_from(tool, backup);
	store_close(backup);
	return status;
}
