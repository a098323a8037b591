/* digests.c - events that wait for a digest, subscriptions that are due. */
#include "../support.h"

#include <string.h>

#include "peppy/array.h"

static struct pubsub_subscription subscription_of(
	struct fixture *f, struct pubsub_node *node, const char *jid, uint64_t due_us)
{
	struct pubsub_subscription subscription = {
		.subscriber = jid_of(f, jid),
		.sub_id = "1",
		.state = PUBSUB_SUBSCRIPTION_SUBSCRIBED,
		.options = pubsub_subscribe_options_default,
		.due_us = due_us,
		.digest.due_us = due_us,
	};

	ok(store_subscription_put(f->txn, node, &subscription));
	return subscription;
}

static void put(struct fixture *f, struct pubsub_node *node,
	const struct pubsub_subscription *subscription, const char *body)
{
	ok(store_digest_put(f->txn, node, subscription, body, strlen(body)));
}

/* What waits, page by page, each in brackets. */
static const char *pages(struct fixture *f, const struct pubsub_node *node,
	const struct pubsub_subscription *subscription, size_t bytes)
{
	struct store_digest_range range = {.bytes = bytes};
	struct store_digest digest;
	const char *text = "";

	for (;;) {
		ok(store_digest_page(f->txn, node, subscription, &range, f->arena, &digest));
		if (digest.bodies.n == 0)
			return text;
		text = arena_printf(f->arena, "%s[", text);
		for (size_t i = 0; i < digest.bodies.n; i++)
			text = arena_printf(f->arena, "%s%s", text, digest.bodies.v[i]);
		text = arena_printf(f->arena, "%s]", text);
		range.after = digest.last;
	}
}

/* Subscribers that are due. */
static const char *due(struct fixture *f, uint64_t now_us, size_t limit)
{
	struct store_entity_subscription *rows;
	const char *text = "";
	size_t n;

	ok(store_subscriptions_due(f->txn, now_us, limit, f->arena, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		assert_string_equal(rows[i].service, SERVICE);
		text = arena_printf(f->arena, "%s%s%s:%s", text, i > 0 ? " " : "",
			rows[i].subscription.node_id, rows[i].subscription.subscriber.full);
	}
	return text;
}

static void test_events_wait_in_their_order_each_for_its_subscription(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "n");
	struct pubsub_subscription a = subscription_of(f, node, "a@b", 9);
	struct pubsub_subscription c = subscription_of(f, node, "a@b/c", 9);

	put(f, node, &a, "<1/>");
	put(f, node, &c, "<x/>");
	put(f, node, &a, "<22/>");
	put(f, node, &a, "<3/>");
	reading(f);
	assert_string_equal(pages(f, node, &a, 100), "[<1/><22/><3/>]");
	assert_string_equal(pages(f, node, &a, 9), "[<1/><22/>][<3/>]");
	assert_string_equal(pages(f, node, &a, 1), "[<1/>][<22/>][<3/>]");
	assert_string_equal(pages(f, node, &c, 100), "[<x/>]");
}

static void test_what_comes_behind_what_was_sent_waits_on(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "n");
	struct pubsub_subscription a = subscription_of(f, node, "a@b", 9);

	put(f, node, &a, "<1/>");
	put(f, node, &a, "<2/>");
	put(f, node, &a, "<3/>");
	ok(store_digest_del(f->txn, node, &a, 2));
	put(f, node, &a, "<4/>");
	assert_string_equal(pages(f, node, &a, 100), "[<3/><4/>]");
	ok(store_digest_del(f->txn, node, &a, UINT64_MAX));
	assert_string_equal(pages(f, node, &a, 100), "");
	a.digest.due_us = 0;
	ok(store_subscription_put(f->txn, node, &a));
}

static void test_a_digest_goes_with_its_subscription(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "n");
	struct pubsub_subscription a = subscription_of(f, node, "a@b", 9);

	put(f, node, &a, "<1/>");
	ok(store_subscription_del(f->txn, node, &a));
	a = subscription_of(f, node, "a@b", 0);
	assert_string_equal(pages(f, node, &a, 100), "");
	assert_string_equal(due(f, UINT64_MAX, 9), "");
}

static void test_subscriptions_are_due_at_their_time_the_earliest_first(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *n = make_node(f, SERVICE, "n"), *m = make_node(f, SERVICE, "m");
	struct pubsub_subscription a = subscription_of(f, n, "a@b", 300);

	subscription_of(f, m, "c@d/e", 100);
	subscription_of(f, n, text_of(f, "l@", 'x', 400), 200);
	subscription_of(f, n, "never@d", 0);
	assert_string_equal(due(f, 99, 9), "");
	assert_string_equal(due(f, 100, 9), "m:c@d/e");
	a.due_us = 50;
	ok(store_subscription_put(f->txn, n, &a));
	assert_string_equal(due(f, 100, 9), "n:a@b m:c@d/e");
	assert_string_equal(due(f, UINT64_MAX, 2), "n:a@b m:c@d/e");
	a.due_us = a.digest.due_us = 0;
	ok(store_subscription_put(f->txn, n, &a));
	assert_string_equal(due(f, 199, 9), "m:c@d/e");
}

static void test_of_a_deleted_node_nothing_is_due_nor_left(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "n");
	struct pubsub_subscription a = subscription_of(f, node, "a@b", 100);

	put(f, node, &a, "<1/>");
	subscription_of(f, make_node(f, SERVICE, "m"), "c@d", 200);
	ok(store_node_del(f->txn, node, NULL));
	assert_string_equal(due(f, UINT64_MAX, 9), "m:c@d");
	erase_all(f);
	assert_string_equal(due(f, UINT64_MAX, 9), "m:c@d");
	assert_null(strstr(dump(f), "a@b"));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_events_wait_in_their_order_each_for_its_subscription),
	cmocka_unit_test(test_what_comes_behind_what_was_sent_waits_on),
	cmocka_unit_test(test_a_digest_goes_with_its_subscription),
	cmocka_unit_test(test_subscriptions_are_due_at_their_time_the_earliest_first),
	cmocka_unit_test(test_of_a_deleted_node_nothing_is_due_nor_left),
};
const struct suite suite_digests = {tests, ARRAY_COUNT(tests)};
