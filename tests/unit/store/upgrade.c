/* upgrade.c - stores that an older peppy wrote. `upgrade --dump` prints one of the present format,
 * for the tests of the next; `upgrade --make VERSION DIR` makes an older one for other tests. */
#include "past.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "peppy/log.h"
#include "store/upgrade.h"

/* ---- the disk's room, as the test wants it ---- */

static uint64_t room = UINT64_MAX;

int __real_fstatvfs(int fd, struct statvfs *out);
int __wrap_fstatvfs(int fd, struct statvfs *out);

int __wrap_fstatvfs(int fd, struct statvfs *out)
{
	int rc = __real_fstatvfs(fd, out);

	if (room != UINT64_MAX) {
		out->f_frsize = 1;
		out->f_bavail = room;
	}
	return rc;
}

/* ---- stores ---- */

struct past {
	struct fixture f;
	struct store_options opt;
	const char *before; /* its dump */
};

static void close_store(struct fixture *f)
{
	aborting(f);
	store_close(f->store);
	f->store = NULL;
}

/* A store on disk that this version wrote. */
static void open_past_of(struct past *past, const char *version)
{
	log_level_set(LOG_LEVEL_ERROR);
	room = UINT64_MAX;
	fixture_open_lmdb(&past->f);
	writing(&past->f);
	past_load(&past->f, version);
	writing(&past->f);
	past->before = dump(&past->f);
	close_store(&past->f);
	past->opt = (struct store_options){.path = past->f.folder, .max_bytes = MAP_BYTES};
}

static void open_past(struct past *past)
{
	open_past_of(past, "1.0");
}

/* Folders of copies; the last one's path in the arena. */
static unsigned find_copies(struct past *past, const char **path_out)
{
	DIR *folder = opendir(past->f.folder);
	struct dirent *entry;
	unsigned n = 0;

	assert_non_null(folder);
	while ((entry = readdir(folder)) != NULL)
		if (strncmp(entry->d_name, "before-upgrade-", 15) == 0) {
			*path_out =
				arena_printf(past->f.arena, "%s/%s", past->f.folder, entry->d_name);
			n++;
		}
	closedir(folder);
	return n;
}

static void close_past(struct past *past)
{
	const char *copy;

	while (find_copies(past, &copy) > 0) {
		folder_remove(copy);
		assert_int_not_equal(access(copy, F_OK), 0);
	}
	fixture_close(&past->f);
}

/* What the present peppy makes of the same. */
static const char *expected(struct past *past)
{
	struct fixture f;
	const char *text;

	fixture_open_mem(&f);
	writing(&f);
	past_fill(&f);
	text = arena_strdup(past->f.arena, dump(&f));
	fixture_close(&f);
	return text;
}

static const char *dump_of(struct past *past, const char *path)
{
	struct store *store;
	struct store_txn *txn;
	char *text;

	ok(store_open_any(path, &store));
	ok(store_begin(store, STORE_READ, &txn));
	ok(store_dump(txn, past->f.arena, &text));
	store_abort(txn);
	store_close(store);
	return text;
}

/* Its collections, which meant nothing in 1.0, a configuration loses when it is written again. */
static void configure_all(struct fixture *f)
{
	const struct store_range range = {.limit = 10};
	struct pubsub_node *nodes;
	size_t n;

	writing(f);
	ok(store_nodes_page(f->txn, ACCOUNT, &range, f->arena, &nodes, &n));
	for (size_t i = 0; i < n; i++)
		ok(store_node_configure(f->txn, &nodes[i], &nodes[i].config));
	writing(f);
}

/* What the steps make of it. */
static const char *upgraded(struct past *past)
{
	const struct store_progress nobody = {0};
	struct fixture f;
	const char *text;

	fixture_open_mem(&f);
	writing(&f);
	past_load(&f, "1.0");
	writing(&f);
	aborting(&f);
	f.store->version = (struct store_version){1, 0};
	ok(upgrade_steps(f.store, &nobody));
	text = arena_strdup(past->f.arena, dump(&f));
	fixture_close(&f);
	return text;
}

/* ---- tests ---- */

static void test_a_store_of_1_0_becomes_what_this_peppy_writes(void **state)
{
	struct past past;

	(void)state;
	open_past(&past);
	ok(store_open(&past.opt, &past.f.store));
	assert_int_equal(store_version(past.f.store).major, STORE_VERSION_MAJOR);
	configure_all(&past.f);
	assert_string_equal(dump(&past.f), expected(&past));
	assert_whole(&past.f);
	close_past(&past);
}

static void test_so_does_one_of_2_0(void **state)
{
	struct past past;

	(void)state;
	open_past_of(&past, "2.0");
	ok(store_open(&past.opt, &past.f.store));
	assert_string_equal(dump(&past.f), expected(&past));
	assert_whole(&past.f);
	close_past(&past);
}

static void test_what_it_was_is_kept_beside_it_for_its_owner_alone(void **state)
{
	struct past past;
	const char *copy;

	(void)state;
	open_past(&past);
	ok(store_open(&past.opt, &past.f.store));
	assert_int_equal(find_copies(&past, &copy), 1);
	assert_string_equal(dump_of(&past, copy), past.before);
	close_store(&past.f);
	ok(store_open(&past.opt, &past.f.store)); /* nothing is left to be done */
	assert_int_equal(find_copies(&past, &copy), 1);
	close_past(&past);
}

static void test_the_copy_goes_back_by_restore(void **state)
{
	struct past past;
	struct store *store;
	const char *copy;

	(void)state;
	open_past(&past);
	ok(store_open(&past.opt, &past.f.store));
	find_copies(&past, &copy);
	close_store(&past.f);
	ok(store_open_any(copy, &store));
	assert_true(store_is_older(store));
	ok(store_restore(store, past.f.folder));
	store_close(store);
	unlink(arena_printf(past.f.arena, "%s/data.mdb.old", past.f.folder));
	assert_string_equal(dump_of(&past, past.f.folder), past.before);
	close_past(&past);
}

static void test_whoever_only_reads_is_refused(void **state)
{
	struct past past;
	struct store *store;

	(void)state;
	open_past(&past);
	log_level_set(LOG_LEVEL_ERROR);
	assert_int_equal(store_open_read(past.f.folder, &store), PUBSUB_ERR_STORE_VERSION);
	close_past(&past);
}

static void test_without_room_for_the_copy_nothing_is_done(void **state)
{
	struct past past;
	const char *copy;

	(void)state;
	open_past(&past);
	room = 10000;
	assert_int_equal(store_open(&past.opt, &past.f.store), PUBSUB_ERR_STORE_FULL);
	past.f.store = NULL;
	assert_int_equal(find_copies(&past, &copy), 0);
	assert_string_equal(dump_of(&past, past.f.folder), past.before);
	close_past(&past);
}

static void test_a_step_that_fails_at_any_point_leaves_the_store_as_it_was(void **state)
{
	const struct store_progress nobody = {0};
	enum pubsub_error err = PUBSUB_ERR_STORE_FAILED;
	struct fixture f;
	const char *before;
	uint64_t at;

	(void)state;
	fixture_open_fail(&f);
	writing(&f);
	past_load(&f, "1.0");
	writing(&f);
	before = dump(&f);
	aborting(&f);
	for (at = 1; err != PUBSUB_OK; at++) {
		f.store->version = (struct store_version){1, 0};
		store_fail_arm(f.store, at, false);
		err = upgrade_steps(f.store, &nobody);
		store_fail_arm(f.store, 0, false);
		if (err != PUBSUB_OK)
			assert_string_equal(dump(&f), before);
	}
	assert_true(at > 40); /* there are as many rows */
	assert_whole(&f);
	fixture_close(&f);
}

/* ---- killed ---- */

static void kill_at(void *ctx, const char *doing, uint64_t done, uint64_t of)
{
	(void)doing, (void)done, (void)of;
	if (--*(int *)ctx == 0)
		raise(SIGKILL);
}

/* Whether it came to the end. */
static bool upgrade_until(const struct past *past, int nth)
{
	struct store_options opt = past->opt;
	struct store *store;
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		opt.progress = (struct store_progress){kill_at, &nth};
		_exit(store_open(&opt, &store) == PUBSUB_OK ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status))
		return false;
	assert_int_equal(WEXITSTATUS(status), 0);
	return true;
}

static void test_killed_anywhere_it_is_the_old_store_or_the_new_and_there_is_one_copy(void **state)
{
	struct past past;
	const char *now, *new, *copy;
	int nth = 1;

	(void)state;
	open_past(&past);
	new = upgraded(&past);
	while (!upgrade_until(&past, nth)) {
		now = dump_of(&past, past.f.folder);
		assert_true(strcmp(now, past.before) == 0 || strcmp(now, new) == 0);
		nth++;
	}
	assert_true(nth > 2);
	assert_string_equal(dump_of(&past, past.f.folder), new);
	assert_int_equal(find_copies(&past, &copy), 1);
	close_past(&past);
}

static void test_another_store_upgraded_on_the_same_day_has_a_copy_of_its_own(void **state)
{
	struct past past;
	const char *copy;

	(void)state;
	open_past(&past);
	ok(store_open(&past.opt, &past.f.store));
	writing(&past.f);
	past_load(&past.f, "1.0");
	make_node(&past.f, SERVICE, "one more");
	ok(store_commit(past.f.txn));
	past.f.txn = NULL;
	close_store(&past.f);
	ok(store_open(&past.opt, &past.f.store));
	assert_int_equal(find_copies(&past, &copy), 2);
	close_past(&past);
}

static int print_dump(void)
{
	struct fixture f;

	fixture_open_mem(&f);
	writing(&f);
	past_fill(&f);
	fputs(dump(&f), stdout);
	fixture_close(&f);
	return 0;
}

static int make_store(const char *version, const char *folder)
{
	const struct store_options opt = {.path = folder, .max_bytes = MAP_BYTES};
	struct fixture f = {.arena = arena_create()};

	ok(store_open(&opt, &f.store));
	writing(&f);
	past_load(&f, version);
	writing(&f);
	fixture_close(&f);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_store_of_1_0_becomes_what_this_peppy_writes),
		cmocka_unit_test(test_so_does_one_of_2_0),
		cmocka_unit_test(test_what_it_was_is_kept_beside_it_for_its_owner_alone),
		cmocka_unit_test(test_the_copy_goes_back_by_restore),
		cmocka_unit_test(test_whoever_only_reads_is_refused),
		cmocka_unit_test(test_without_room_for_the_copy_nothing_is_done),
		cmocka_unit_test(test_a_step_that_fails_at_any_point_leaves_the_store_as_it_was),
		cmocka_unit_test(
			test_killed_anywhere_it_is_the_old_store_or_the_new_and_there_is_one_copy),
		cmocka_unit_test(test_another_store_upgraded_on_the_same_day_has_a_copy_of_its_own),
	};

	if (argc > 1 && strcmp(argv[1], "--dump") == 0)
		return print_dump();
	if (argc == 4 && strcmp(argv[1], "--make") == 0)
		return make_store(argv[2], argv[3]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
