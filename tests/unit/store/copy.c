/* copy.c - copies of a store on disk, and back. */
#include "support.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "peppy/log.h"

struct pair {
	struct fixture f;
	char copy[64]; /* a folder that is not there yet */
};

static void open_pair(struct pair *pair)
{
	log_level_set(LOG_LEVEL_ERROR);
	fixture_open_lmdb(&pair->f);
	folder_make(pair->copy);
	assert_int_equal(rmdir(pair->copy), 0);
	writing(&pair->f);
	publish(&pair->f, make_node(&pair->f, SERVICE, "news"), "a", 1);
	writing(&pair->f);
}

static void close_pair(struct pair *pair)
{
	folder_remove(pair->copy);
	fixture_close(&pair->f);
}

/* What the copy holds. */
static const char *dump_of(struct pair *pair, const char *path)
{
	struct store *store;
	struct store_txn *txn;
	char *text;

	ok(store_open_read(path, &store));
	ok(store_begin(store, STORE_READ, &txn));
	ok(store_dump(txn, pair->f.arena, &text));
	store_abort(txn);
	store_close(store);
	return text;
}

static void test_a_copy_holds_the_last_commit_though_writing_goes_on(void **state)
{
	struct pair pair;
	const char *before;

	(void)state;
	open_pair(&pair);
	reading(&pair.f);
	before = dump(&pair.f);
	writing(&pair.f);
	publish(&pair.f, get_node(&pair.f, SERVICE, "news"), "b", 2);
	ok(store_copy(pair.f.store, pair.copy));
	assert_string_equal(dump_of(&pair, pair.copy), before);
	close_pair(&pair);
}

static void test_the_copy_is_for_its_owner_alone_and_nothing_else_is_left(void **state)
{
	struct pair pair;
	struct stat st;

	(void)state;
	open_pair(&pair);
	ok(store_copy(pair.f.store, pair.copy));
	ok(stat(pair.copy, &st));
	assert_int_equal(st.st_mode & 0777, 0700);
	ok(stat(arena_printf(pair.f.arena, "%s/data.mdb", pair.copy), &st));
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_not_equal(
		access(arena_printf(pair.f.arena, "%s/data.mdb~", pair.copy), F_OK), 0);
	close_pair(&pair);
}

static void test_a_store_is_not_copied_over(void **state)
{
	struct pair pair;
	const char *before;

	(void)state;
	open_pair(&pair);
	ok(store_copy(pair.f.store, pair.copy));
	before = dump_of(&pair, pair.copy);
	publish(&pair.f, get_node(&pair.f, SERVICE, "news"), "b", 2);
	writing(&pair.f);
	assert_int_equal(store_copy(pair.f.store, pair.copy), PUBSUB_ERR_STORE_FAILED);
	assert_string_equal(dump_of(&pair, pair.copy), before);
	close_pair(&pair);
}

static void test_a_copy_is_restored_and_what_was_there_is_kept(void **state)
{
	struct pair pair;
	const char *before, *old;
	struct store *copy;

	(void)state;
	open_pair(&pair);
	ok(store_copy(pair.f.store, pair.copy));
	before = dump_of(&pair, pair.copy);
	publish(&pair.f, get_node(&pair.f, SERVICE, "news"), "b", 2);
	aborting(&pair.f);
	store_close(pair.f.store);
	ok(store_open_read(pair.copy, &copy));
	ok(store_restore(copy, pair.f.folder));
	store_close(copy);
	assert_string_equal(dump_of(&pair, pair.f.folder), before);
	old = arena_printf(pair.f.arena, "%s/data.mdb.old", pair.f.folder);
	assert_int_equal(access(old, F_OK), 0);
	ok(unlink(old));
	pair.f.store = NULL;
	ok(store_open(&(struct store_options){.path = pair.f.folder, .max_bytes = MAP_BYTES},
		&pair.f.store));
	close_pair(&pair);
}

static void restore_from(const struct pair *pair)
{
	struct store *copy;

	ok(store_open_read(pair->copy, &copy));
	ok(store_restore(copy, pair->f.folder));
	store_close(copy);
}

static void publish_often(struct fixture *f, const char *id)
{
	for (int i = 0; i < 5; i++) {
		writing(f);
		publish(f, get_node(f, SERVICE, "news"), id, 2);
	}
	writing(f);
	aborting(f);
}

static void test_who_reads_the_former_store_does_not_disturb_the_restored_one(void **state)
{
	struct pair pair;
	pid_t reader;

	(void)state;
	open_pair(&pair);
	ok(store_copy(pair.f.store, pair.copy));
	publish_often(&pair.f, "b");
	store_close(pair.f.store);
	reader = start_reader(pair.f.folder);
	restore_from(&pair);
	ok(store_open(&(struct store_options){.path = pair.f.folder, .max_bytes = MAP_BYTES},
		&pair.f.store));
	publish_often(&pair.f, "c");
	assert_whole(&pair.f);
	reading(&pair.f);
	assert_int_equal(get_node(&pair.f, SERVICE, "news")->items, 2);
	aborting(&pair.f);
	kill_reader(reader);
	ok(unlink(arena_printf(pair.f.arena, "%s/data.mdb.old", pair.f.folder)));
	close_pair(&pair);
}

static void test_a_store_in_use_is_not_restored_over(void **state)
{
	struct pair pair;
	struct store *copy;

	(void)state;
	open_pair(&pair);
	ok(store_copy(pair.f.store, pair.copy));
	ok(store_open_read(pair.copy, &copy));
	assert_int_equal(store_restore(copy, pair.f.folder), PUBSUB_ERR_STORE_FAILED);
	store_close(copy);
	close_pair(&pair);
}

static void test_a_folder_without_a_store_is_not_read_and_stays_empty(void **state)
{
	struct pair pair;
	struct store *store;

	(void)state;
	open_pair(&pair);
	ok(mkdir(pair.copy, 0700));
	assert_int_not_equal(store_open_read(pair.copy, &store), PUBSUB_OK);
	ok(rmdir(pair.copy));
	close_pair(&pair);
}

static void test_a_store_that_is_read_is_not_written(void **state)
{
	struct pair pair;
	struct store *store;
	struct store_txn *txn;

	(void)state;
	open_pair(&pair);
	ok(store_copy(pair.f.store, pair.copy));
	ok(store_open_read(pair.copy, &store));
	assert_int_not_equal(store_begin(store, STORE_WRITE, &txn), PUBSUB_OK);
	store_close(store);
	close_pair(&pair);
}

static void test_a_store_in_memory_has_no_copy(void **state)
{
	struct store *store;

	(void)state;
	log_level_set(LOG_LEVEL_ERROR);
	ok(store_open_mem(&store));
	assert_int_equal(store_copy(store, "/nonexistent"), PUBSUB_ERR_STORE_FAILED);
	store_close(store);
}

static void test_a_store_is_discarded_and_what_else_is_in_its_folder_is_not(void **state)
{
	struct pair pair;
	struct store *store;
	const char *other;
	FILE *file;

	(void)state;
	open_pair(&pair);
	other = arena_printf(pair.f.arena, "%s/other", pair.copy);
	ok(store_copy(pair.f.store, pair.copy));
	file = fopen(other, "w");
	assert_non_null(file);
	fclose(file);
	store_discard(pair.copy);
	assert_int_not_equal(store_open_read(pair.copy, &store), PUBSUB_OK);
	ok(unlink(other));
	store_discard(pair.copy);
	assert_int_equal(access(pair.copy, F_OK), -1);
	store_discard(pair.copy);
	close_pair(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_copy_holds_the_last_commit_though_writing_goes_on),
		cmocka_unit_test(test_the_copy_is_for_its_owner_alone_and_nothing_else_is_left),
		cmocka_unit_test(test_a_store_is_not_copied_over),
		cmocka_unit_test(test_a_copy_is_restored_and_what_was_there_is_kept),
		cmocka_unit_test(test_who_reads_the_former_store_does_not_disturb_the_restored_one),
		cmocka_unit_test(test_a_store_in_use_is_not_restored_over),
		cmocka_unit_test(test_a_folder_without_a_store_is_not_read_and_stays_empty),
		cmocka_unit_test(test_a_store_that_is_read_is_not_written),
		cmocka_unit_test(test_a_store_in_memory_has_no_copy),
		cmocka_unit_test(test_a_store_is_discarded_and_what_else_is_in_its_folder_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
