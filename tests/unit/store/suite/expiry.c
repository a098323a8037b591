/* expiry.c - nodes with items that are due. */
#include "../support.h"

#include <string.h>

#include "peppy/array.h"

#define SECOND UINT64_C(1000000)

/* The nodes that are due, each with its oldest item. */
static const char *due(struct fixture *f, uint64_t now_us, size_t limit)
{
	const struct store_item_range oldest = {.limit = 1};
	struct pubsub_node *nodes;
	const char *text = "";
	size_t i, n;

	ok(store_nodes_due(f->txn, now_us, limit, f->arena, &nodes, &n));
	for (i = 0; i < n; i++) {
		assert_string_equal(nodes[i].service, SERVICE);
		text = arena_printf(f->arena, "%s%s%s/%s", text, i > 0 ? " " : "", nodes[i].node_id,
			ids(f, &nodes[i], oldest));
	}
	return text;
}

static struct pubsub_node *make_expiring(struct fixture *f, const char *node_id, uint32_t seconds)
{
	struct pubsub_node *node = make_node(f, SERVICE, node_id);

	expire_after(f, node, seconds);
	return node;
}

static void test_nodes_are_due_with_their_oldest_item_the_earliest_first(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *slow = make_expiring(f, "slow", 3), *fast = make_expiring(f, "fast", 1);

	publish(f, slow, "a", 1);
	publish(f, fast, "b", 2);
	publish(f, slow, "c", 3);
	publish(f, make_node(f, SERVICE, "never"), "d", 4);
	reading(f);
	assert_string_equal(due(f, SECOND + 1, 9), "");
	assert_string_equal(due(f, SECOND + 2, 9), "fast/b");
	assert_string_equal(due(f, UINT64_MAX, 9), "fast/b slow/a");
	assert_string_equal(due(f, UINT64_MAX, 1), "fast/b");
}

static void test_a_node_is_due_later_when_its_oldest_items_have_gone(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_expiring(f, "a", 1);

	publish(f, node, "x", 10);
	publish(f, node, "y", 20);
	ok(store_item_del(f->txn, node, "x"));
	assert_string_equal(due(f, SECOND + 10, 9), "a/y");
	ok(store_node_due_renew(f->txn, node));
	assert_string_equal(due(f, SECOND + 19, 9), "");
	assert_string_equal(due(f, SECOND + 20, 9), "a/y");
	ok(store_item_del(f->txn, node, "y"));
	ok(store_node_due_renew(f->txn, node));
	assert_null(strstr(dump(f), "\nT "));
}

static void test_a_changed_configuration_counts_for_what_is_there(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "a");
	struct pubsub_item item;

	publish(f, node, "x", 5);
	expire_after(f, node, 9);
	assert_string_equal(due(f, 9 * SECOND + 4, 9), "");
	assert_string_equal(due(f, 9 * SECOND + 5, 9), "a/x");
	expire_after(f, node, 2);
	assert_string_equal(due(f, 2 * SECOND + 5, 9), "a/x");
	ok(store_item_get(f->txn, node, "x", &item));
	assert_int_equal(item.expires_us, 2 * SECOND + 5);
	expire_after(f, node, 20);
	assert_string_equal(due(f, 9 * SECOND + 5, 9), "");
	expire_after(f, node, PUBSUB_MAX);
	assert_string_equal(due(f, UINT64_MAX, 9), "");
	ok(store_item_get(f->txn, node, "x", &item));
	assert_int_equal(item.expires_us, 0);
}

static void test_a_clock_that_goes_back_makes_nothing_due_too_late(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_expiring(f, "a", 1);

	publish(f, node, "x", 100);
	publish(f, node, "y", 50);
	assert_string_equal(due(f, SECOND + 49, 9), "");
	assert_string_equal(due(f, SECOND + 50, 9), "a/x");
}

static void test_purged_and_deleted_nodes_are_not_due(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *purged = make_expiring(f, "purged", 1);
	struct pubsub_node *deleted = make_expiring(f, "deleted", 1);

	publish(f, purged, "x", 1);
	publish(f, deleted, "y", 2);
	ok(store_node_purge(f->txn, purged));
	ok(store_node_del(f->txn, deleted, NULL));
	assert_string_equal(due(f, UINT64_MAX, 9), "");
	assert_null(strstr(dump(f), "\nT "));
	publish(f, purged, "z", 3);
	assert_string_equal(due(f, UINT64_MAX, 9), "purged/z");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_nodes_are_due_with_their_oldest_item_the_earliest_first),
	cmocka_unit_test(test_a_node_is_due_later_when_its_oldest_items_have_gone),
	cmocka_unit_test(test_a_changed_configuration_counts_for_what_is_there),
	cmocka_unit_test(test_a_clock_that_goes_back_makes_nothing_due_too_late),
	cmocka_unit_test(test_purged_and_deleted_nodes_are_not_due),
};
const struct suite suite_expiry = {tests, ARRAY_COUNT(tests)};
