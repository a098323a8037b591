/* transactions.c - what is committed is there, what is aborted is not. */
#include "../support.h"

#include "peppy/array.h"

/* A bit of everything, on what is there already. */
static void do_everything(struct fixture *f)
{
	struct pubsub_node *news = get_node(f, SERVICE, "news");
	struct store_contact contact = {"horatio@denmark.lit", STORE_ROSTER_BOTH, {NULL, 0}};
	const struct store_presence presence = {jid_of(f, "a@b/c"), "p", "x", 1};
	struct store_job job = {.kind = 1, .cursor = "", .data = "d", .data_len = 1};
	struct pubsub_texts trimmed;
	bool more;

	publish(f, news, "a", 100);
	publish(f, news, "new", 100);
	ok(store_item_del(f->txn, news, "b"));
	ok(store_items_trim(f->txn, news, 1, f->arena, &trimmed));
	subscribe(f, news, "a@b", "1", PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	ok(store_affiliation_put(f->txn, news, "a@b", PUBSUB_AFFILIATION_NONE));
	ok(store_node_purge(f->txn, news));
	ok(store_node_del(f->txn, get_node(f, SERVICE, "old"), "xmpp:new"));
	make_node(f, "other.denmark.lit", "x");
	ok(store_roster_put(f->txn, ACCOUNT, &contact, 1, 3));
	ok(store_presence_put(f->txn, &presence));
	ok(store_caps_put(f->txn, "k", (struct pubsub_texts){NULL, 0}));
	ok(store_job_put(f->txn, &job));
	ok(store_erase(f->txn, 2, &more));
}

static void prepare(struct fixture *f)
{
	struct pubsub_node *news = make_node(f, SERVICE, "news");

	expire_after(f, news, 1);
	publish(f, news, "a", 1);
	publish(f, news, "b", 2);
	publish(f, news, "c", 3);
	subscribe(f, news, "a@b", "1", PUBSUB_SUBSCRIPTION_PENDING);
	ok(store_affiliation_put(f->txn, news, "a@b", PUBSUB_AFFILIATION_OWNER));
	publish(f, make_node(f, SERVICE, "old"), "o", 1);
}

static void test_an_abort_undoes_everything(void **state)
{
	struct fixture *f = *state;
	const char *before;

	prepare(f);
	writing(f);
	before = dump(f);
	do_everything(f);
	assert_string_not_equal(dump(f), before);
	aborting(f);
	assert_string_equal(dump(f), before);
}

static void test_after_an_abort_the_same_can_be_done_again(void **state)
{
	struct fixture *f = *state;
	const char *first;

	prepare(f);
	writing(f);
	do_everything(f);
	first = dump(f);
	aborting(f);
	writing(f);
	do_everything(f);
	assert_string_equal(dump(f), first);
	reading(f);
	assert_string_equal(dump(f), first);
}

static void test_a_write_transaction_sees_what_it_has_written(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "news");
	struct pubsub_item item;

	publish(f, node, "a", 1);
	ok(store_item_get(f->txn, node, "a", &item));
	assert_string_equal(all_ids(f, get_node(f, SERVICE, "news")), "a");
	aborting(f);
	reading(f);
	assert_int_equal(store_node_get(f->txn, SERVICE, "news", f->arena, &node),
		PUBSUB_ERR_NODE_NOT_FOUND);
}

static void test_reading_again_sees_each_commit(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "news");
	char id[2] = "a";

	for (; id[0] <= 'e'; id[0]++) {
		publish(f, node, id, 1);
		reading(f);
		assert_int_equal(get_node(f, SERVICE, "news")->items, id[0] - 'a' + 1);
		assert_string_equal(
			ids(f, node, (struct store_item_range){.limit = 1, .backward = true}), id);
		writing(f);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_an_abort_undoes_everything),
	cmocka_unit_test(test_after_an_abort_the_same_can_be_done_again),
	cmocka_unit_test(test_a_write_transaction_sees_what_it_has_written),
	cmocka_unit_test(test_reading_again_sees_each_commit),
};
const struct suite suite_transactions = {tests, ARRAY_COUNT(tests)};
