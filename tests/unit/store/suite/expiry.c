/* expiry.c - items that are due. */
#include "../support.h"

#include <string.h>

static const char *due(struct fixture *f, uint64_t now_us, size_t limit)
{
	struct store_due_item *items;
	const char *text = "";
	size_t i, n;

	ok(store_items_due(f->txn, now_us, limit, f->arena, &items, &n));
	for (i = 0; i < n; i++) {
		assert_string_equal(items[i].service, SERVICE);
		text = arena_printf(f->arena, "%s%s%s/%s", text, i > 0 ? " " : "", items[i].node_id,
			items[i].item_id);
	}
	return text;
}

static void test_items_are_due_at_their_time_the_earliest_first(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *a = make_node(f, SERVICE, "a"), *b = make_node(f, SERVICE, "b");

	publish_expiring(f, a, "late", 1, 3000);
	publish_expiring(f, b, "early", 2, 1000);
	publish_expiring(f, a, "middle", 3, 2000);
	publish(f, a, "never", 4);
	reading(f);
	assert_string_equal(due(f, 999, 9), "");
	assert_string_equal(due(f, 1000, 9), "b/early");
	assert_string_equal(due(f, UINT64_MAX, 9), "b/early a/middle a/late");
	assert_string_equal(due(f, UINT64_MAX, 2), "b/early a/middle");
}

static void test_a_deleted_item_is_due_no_more(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "a");
	struct pubsub_texts trimmed;

	publish_expiring(f, node, "x", 1, 1000);
	publish_expiring(f, node, "y", 2, 1000);
	publish_expiring(f, node, "z", 3, 1000);
	ok(store_item_del(f->txn, node, "y"));
	assert_string_equal(due(f, 5000, 9), "a/x a/z");
	ok(store_items_trim(f->txn, node, 1, f->arena, &trimmed));
	assert_string_equal(due(f, 5000, 9), "a/z");
}

static void test_a_replaced_item_is_due_when_the_new_one_says(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "a");

	publish_expiring(f, node, "x", 1, 1000);
	publish_expiring(f, node, "x", 2, 2000);
	assert_string_equal(due(f, 1999, 9), "");
	assert_string_equal(due(f, 2000, 9), "a/x");
	publish(f, node, "x", 3);
	assert_string_equal(due(f, UINT64_MAX, 9), "");
}

static void test_purged_items_and_those_of_deleted_nodes_are_not_due(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *purged = make_node(f, SERVICE, "purged");
	struct pubsub_node *deleted = make_node(f, SERVICE, "deleted");

	publish_expiring(f, purged, "x", 1, 1000);
	publish_expiring(f, deleted, "y", 2, 1000);
	ok(store_node_purge(f->txn, purged));
	ok(store_node_del(f->txn, deleted, NULL));
	publish_expiring(f, purged, "z", 3, 1000);
	assert_string_equal(due(f, 5000, 9), "purged/z");
	erase_all(f);
	assert_string_equal(due(f, 5000, 9), "purged/z");
	ok(store_item_del(f->txn, purged, "z"));
	assert_null(strstr(dump(f), "\nT "));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_items_are_due_at_their_time_the_earliest_first),
	cmocka_unit_test(test_a_deleted_item_is_due_no_more),
	cmocka_unit_test(test_a_replaced_item_is_due_when_the_new_one_says),
	cmocka_unit_test(test_purged_items_and_those_of_deleted_nodes_are_not_due),
};
const struct suite suite_expiry = {tests, sizeof tests / sizeof tests[0]};
