/* open.c - opening, refusing to open, filling up: what only LMDB does. */
#include "support.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "peppy/array.h"
#include "store/txn.h"

static struct store_options options_of(const struct fixture *f)
{
	return (struct store_options){.path = f->folder, .max_bytes = MAP_BYTES};
}

static void close_store(struct fixture *f)
{
	if (f->txn != NULL)
		ok(store_commit(f->txn));
	f->txn = NULL;
	store_close(f->store);
	f->store = NULL;
}

static void test_what_was_committed_is_there_after_opening_again(void **state)
{
	struct fixture f;
	struct pubsub_node *node;
	const char *before;

	(void)state;
	fixture_open_lmdb(&f);
	writing(&f);
	node = make_node(&f, SERVICE, "news");
	publish(&f, node, "a", 1);
	subscribe(&f, node, "a@b/c", "1", PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	before = dump(&f);
	writing(&f);
	publish(&f, node, "b", 2);
	aborting(&f);
	fixture_reopen(&f);
	assert_string_equal(dump(&f), before);
	fixture_close(&f);
}

static void test_the_files_are_for_their_owner_alone(void **state)
{
	static const char *const files[] = {"data.mdb", "lock.mdb", "peppy.lock"};
	struct fixture f;
	struct stat st;
	size_t i;

	(void)state;
	fixture_open_lmdb(&f);
	for (i = 0; i < ARRAY_COUNT(files); i++) {
		ok(stat(arena_printf(f.arena, "%s/%s", f.folder, files[i]), &st));
		assert_int_equal(st.st_mode & 0777, 0600);
	}
	fixture_close(&f);
}

static void test_the_folder_is_made(void **state)
{
	struct fixture f;
	struct stat st;
	struct store_options opt;

	(void)state;
	fixture_open_lmdb(&f);
	close_store(&f);
	folder_remove(f.folder);
	opt = options_of(&f);
	ok(store_open(&opt, &f.store));
	ok(stat(f.folder, &st));
	assert_int_equal(st.st_mode & 0777, 0700);
	fixture_close(&f);
}

static void test_a_store_in_use_is_refused(void **state)
{
	struct fixture f;
	struct store_options opt;
	struct store *second;

	(void)state;
	fixture_open_lmdb(&f);
	opt = options_of(&f);
	assert_int_equal(store_open(&opt, &second), PUBSUB_ERR_STORE_FAILED);
	close_store(&f);
	ok(store_open(&opt, &f.store)); /* the lock goes with its owner */
	fixture_close(&f);
}

static void test_what_is_not_a_folder_is_refused(void **state)
{
	struct store_options opt = {.path = "/dev/null", .max_bytes = MAP_BYTES};
	struct store *store;

	(void)state;
	assert_int_equal(store_open(&opt, &store), PUBSUB_ERR_STORE_FAILED);
	opt.path = "/nowhere/at/all";
	assert_int_equal(store_open(&opt, &store), PUBSUB_ERR_STORE_FAILED);
}

static void test_a_file_that_is_not_a_store_is_refused(void **state)
{
	struct fixture f;
	struct store_options opt;
	struct store *store;
	char junk[8192];
	int fd;

	(void)state;
	fixture_open_lmdb(&f);
	close_store(&f);
	memset(junk, 'x', sizeof junk);
	fd = open(arena_printf(f.arena, "%s/data.mdb", f.folder), O_WRONLY | O_TRUNC);
	assert_int_equal(write(fd, junk, sizeof junk), sizeof junk);
	close(fd);
	opt = options_of(&f);
	assert_int_not_equal(store_open(&opt, &store), PUBSUB_OK);
	fixture_close(&f);
}

static void put_version(struct fixture *f, uint64_t major, uint64_t minor)
{
	struct key key;
	struct buf *record;

	writing(f);
	key_init(&key);
	key_add_u8(&key, META_VERSION);
	record = txn_record(f->txn);
	record_write_varint(record, major);
	record_write_varint(record, minor);
	ok(txn_put_record(f->txn, TREE_META, &key));
	close_store(f);
}

static void test_a_newer_major_format_is_refused_and_a_newer_minor_one_is_not(void **state)
{
	struct fixture f;
	struct store_options opt;

	(void)state;
	fixture_open_lmdb(&f);
	opt = options_of(&f);
	put_version(&f, STORE_VERSION_MAJOR, 99);
	ok(store_open(&opt, &f.store));
	put_version(&f, STORE_VERSION_MAJOR + 1, 0);
	assert_int_equal(store_open(&opt, &f.store), PUBSUB_ERR_STORE_VERSION);
	f.store = NULL;
	fixture_close(&f);
}

static void test_a_map_that_cannot_be_had_is_halved_until_it_can(void **state)
{
	struct fixture f;
	struct store_options opt;

	(void)state;
	fixture_open_lmdb(&f);
	close_store(&f);
	opt = options_of(&f);
	opt.max_bytes = UINT64_C(1) << 60;
	ok(store_open(&opt, &f.store));
	writing(&f);
	make_node(&f, SERVICE, "news");
	fixture_close(&f);
}

static void test_relaxed_keeps_what_was_committed_too(void **state)
{
	struct fixture f;
	struct store_options opt;

	(void)state;
	fixture_open_lmdb(&f);
	close_store(&f);
	opt = options_of(&f);
	opt.relaxed = true;
	ok(store_open(&opt, &f.store));
	writing(&f);
	make_node(&f, SERVICE, "news");
	fixture_reopen(&f);
	reading(&f);
	assert_int_equal(get_node(&f, SERVICE, "news")->no, 1);
	fixture_close(&f);
}

static enum pubsub_error publish_large(struct fixture *f, struct pubsub_node *node, const char *id)
{
	struct pubsub_item item = {
		.id = id, .payload = text_of(f, "", 'x', 100000), .payload_len = 100000};
	bool replaced;
	enum pubsub_error err;

	ok(store_begin(f->store, STORE_WRITE, &f->txn));
	err = store_item_put(f->txn, node, &item, &replaced);
	if (err == PUBSUB_OK)
		err = store_commit(f->txn);
	else
		store_abort(f->txn);
	f->txn = NULL;
	arena_reset(f->arena);
	return err;
}

static void test_a_full_store_says_so_keeps_its_data_and_can_be_emptied(void **state)
{
	struct pubsub_node node = {.service = SERVICE, .node_id = "news"};
	struct fixture f;
	struct store_options opt;
	enum pubsub_error err = PUBSUB_OK;
	char id[16];
	uint64_t n;
	int i;

	(void)state;
	fixture_open_lmdb(&f);
	close_store(&f);
	opt = options_of(&f);
	opt.max_bytes = 1024 * 1024;
	ok(store_open(&opt, &f.store));
	node.config = pubsub_node_config_default;
	writing(&f);
	ok(store_node_create(f.txn, &node));
	ok(store_commit(f.txn));
	f.txn = NULL;
	for (i = 0; err == PUBSUB_OK; i++) {
		sprintf(id, "%d", i);
		err = publish_large(&f, &node, id);
	}
	assert_int_equal(err, PUBSUB_ERR_STORE_FULL);
	n = (uint64_t)i - 1;
	assert_in_range(n, 3, 10);
	assert_int_equal(publish_large(&f, &node, "more"), PUBSUB_ERR_STORE_FULL);
	writing(&f);
	node = *get_node(&f, SERVICE, "news");
	assert_int_equal(node.items, n);
	ok(store_item_del(f.txn, &node, "0"));
	ok(store_item_del(f.txn, &node, "1"));
	writing(&f);
	publish(&f, &node, "small", 1);
	writing(&f);
	assert_int_equal(get_node(&f, SERVICE, "news")->items, n - 1);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_committed_is_there_after_opening_again),
		cmocka_unit_test(test_the_files_are_for_their_owner_alone),
		cmocka_unit_test(test_the_folder_is_made),
		cmocka_unit_test(test_a_store_in_use_is_refused),
		cmocka_unit_test(test_what_is_not_a_folder_is_refused),
		cmocka_unit_test(test_a_file_that_is_not_a_store_is_refused),
		cmocka_unit_test(test_a_newer_major_format_is_refused_and_a_newer_minor_one_is_not),
		cmocka_unit_test(test_a_map_that_cannot_be_had_is_halved_until_it_can),
		cmocka_unit_test(test_relaxed_keeps_what_was_committed_too),
		cmocka_unit_test(test_a_full_store_says_so_keeps_its_data_and_can_be_emptied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
