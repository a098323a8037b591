/* full.c - a map that is full takes nothing more, and gives everything back: there is always room
 * to delete. (A disk that is full: tests/durability/full.c.) */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

#include "peppy/log.h"

#define MAP ((uint64_t)2 * 1024 * 1024)
#define PAYLOAD 3000

/* The linker puts it in the place of the system's (--wrap). */
static uint64_t now_us;
uint64_t __wrap_clock_monotonic_us(void);

uint64_t __wrap_clock_monotonic_us(void)
{
	return now_us;
}

static void a_second_passes(void)
{
	now_us += 1000001;
}

static void open_small(struct fixture *f)
{
	struct store_options opt = {.path = f->folder, .max_bytes = MAP};

	store_close(f->store);
	ok(store_open(&opt, &f->store));
}

static void commit(struct fixture *f)
{
	ok(store_commit(f->txn));
	f->txn = NULL;
}

/* A transaction of its own. */
static enum pubsub_error try_publish(struct fixture *f, const char *id, size_t payload_len)
{
	struct pubsub_item item = {
		.id = id, .payload = text_of(f, "", 'x', payload_len), .payload_len = payload_len};
	struct pubsub_node *node;
	enum pubsub_error err;
	bool replaced;

	ok(store_begin(f->store, STORE_WRITE, &f->txn));
	node = get_node(f, SERVICE, "news");
	err = store_item_put(f->txn, node, &item, &replaced);
	if (err == PUBSUB_OK)
		err = store_commit(f->txn);
	else
		store_abort(f->txn);
	f->txn = NULL;
	return err;
}

/* How many items there are when it is full. */
static unsigned fill(struct fixture *f)
{
	enum pubsub_error err = PUBSUB_OK;
	unsigned n;
	char id[16];

	for (n = 0; err == PUBSUB_OK; n++) {
		snprintf(id, sizeof id, "i%u", n);
		err = try_publish(f, id, PAYLOAD);
		arena_reset(f->arena);
	}
	assert_int_equal(err, PUBSUB_ERR_STORE_FULL);
	return n - 1;
}

static void empty_one_by_one(struct fixture *f, unsigned n)
{
	char id[16];

	while (n-- > 0) {
		snprintf(id, sizeof id, "i%u", n);
		writing(f);
		ok(store_item_del(f->txn, get_node(f, SERVICE, "news"), id));
		commit(f);
		arena_reset(f->arena);
	}
	assert_whole(f);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	log_level_set(LOG_LEVEL_ERROR);
	fixture_open_lmdb(f);
	open_small(f);
	writing(f);
	make_node(f, SERVICE, "news");
	commit(f);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	fixture_close(*state);
	free(*state);
	return 0;
}

static void test_it_can_be_filled_and_emptied_again_and_again(void **state)
{
	struct fixture *f = *state;
	unsigned first = fill(f), n = first, i;

	assert_in_range(first, 200, 500);
	for (i = 0; i < 5; i++) {
		empty_one_by_one(f, n);
		a_second_passes();
		n = fill(f);
		assert_in_range(n, first * 9 / 10, first);
		assert_whole(f);
	}
}

static void test_what_is_there_stays_and_can_be_read(void **state)
{
	struct fixture *f = *state;
	unsigned n = fill(f);
	struct pubsub_node *node;

	open_small(f);
	reading(f);
	node = get_node(f, SERVICE, "news");
	assert_int_equal(node->items, n);
	aborting(f);
	assert_int_equal(try_publish(f, "more", 1), PUBSUB_ERR_STORE_FULL);
	assert_whole(f);
	empty_one_by_one(f, n);
}

static void test_a_purge_makes_room_at_once_when_it_is_erased(void **state)
{
	struct fixture *f = *state;
	bool more = true;

	fill(f);
	writing(f);
	ok(store_node_purge(f->txn, get_node(f, SERVICE, "news")));
	while (more) {
		writing(f);
		ok(store_erase(f->txn, 1000, &more));
	}
	assert_whole(f);
	a_second_passes();
	ok(try_publish(f, "again", PAYLOAD));
}

static void test_a_node_with_many_subscribers_can_be_deleted(void **state)
{
	struct fixture *f = *state;
	bool more = true;
	char jid[32];
	int i;

	writing(f);
	for (i = 0; i < 2000; i++) {
		snprintf(jid, sizeof jid, "u%d@example.org", i * 7919 % 2000);
		subscribe(
			f, get_node(f, SERVICE, "news"), jid, "id", PUBSUB_SUBSCRIPTION_SUBSCRIBED);
		arena_reset(f->arena);
	}
	commit(f);
	fill(f);
	writing(f);
	ok(store_node_del(f->txn, get_node(f, SERVICE, "news"), NULL));
	while (more) {
		writing(f);
		ok(store_erase(f->txn, 1000, &more));
	}
	assert_whole(f);
}

static void test_only_what_adds_is_refused(void **state)
{
	struct pubsub_node fresh = {
		.service = SERVICE, .node_id = "fresh", .config = pubsub_node_config_default};
	struct fixture *f = *state;
	struct pubsub_subscription subscription = {.subscriber = jid_of(f, "new@x"),
		.state = PUBSUB_SUBSCRIPTION_SUBSCRIBED,
		.options = pubsub_subscribe_options_default};
	struct pubsub_node *node;

	writing(f);
	subscribe(f, get_node(f, SERVICE, "news"), "a@x", NULL, PUBSUB_SUBSCRIPTION_PENDING);
	commit(f);
	fill(f);
	ok(store_begin(f->store, STORE_WRITE, &f->txn));
	assert_int_equal(store_node_create(f->txn, &fresh), PUBSUB_ERR_STORE_FULL);
	aborting(f);
	ok(store_begin(f->store, STORE_WRITE, &f->txn));
	node = get_node(f, SERVICE, "news");
	subscription.subscriber = jid_of(f, "new@x");
	assert_int_equal(
		store_subscription_put(f->txn, node, &subscription), PUBSUB_ERR_STORE_FULL);
	aborting(f);
	writing(f);
	node = get_node(f, SERVICE, "news");
	subscribe(f, node, "a@x", NULL, PUBSUB_SUBSCRIPTION_SUBSCRIBED); /* approved */
	ok(store_affiliation_put(f->txn, node, "a@x", PUBSUB_AFFILIATION_OUTCAST));
	ok(store_node_configure(f->txn, node, &node->config));
	assert_whole(f);
}

static void test_one_that_does_not_fit_is_refused_and_smaller_ones_go_on(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(try_publish(f, "huge", 3 * MAP / 4), PUBSUB_OK);
	assert_int_equal(try_publish(f, "another", MAP / 2), PUBSUB_ERR_STORE_FULL);
	a_second_passes();
	ok(try_publish(f, "small", PAYLOAD));
	assert_whole(f);
}

#define full_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		full_test(test_it_can_be_filled_and_emptied_again_and_again),
		full_test(test_what_is_there_stays_and_can_be_read),
		full_test(test_a_purge_makes_room_at_once_when_it_is_erased),
		full_test(test_a_node_with_many_subscribers_can_be_deleted),
		full_test(test_only_what_adds_is_refused),
		full_test(test_one_that_does_not_fit_is_refused_and_smaller_ones_go_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
