/* publishers.c - publishers with whom items go. */
#include "../support.h"

#include "peppy/array.h"

static const char *some_nodes_of(struct fixture *f, const char *bare, size_t most)
{
	struct pubsub_node *nodes;
	const char *text = "";
	size_t n;

	ok(store_publisher_nodes(f->txn, bare, most, f->arena, &nodes, &n));
	for (size_t i = 0; i < n; i++)
		text = arena_printf(f->arena, "%s%s%s/%s", text, i > 0 ? " " : "", nodes[i].service,
			nodes[i].node_id != NULL ? nodes[i].node_id : "?");
	return text;
}

static const char *nodes_of(struct fixture *f, const char *bare)
{
	return some_nodes_of(f, bare, SIZE_MAX);
}

static void test_a_publisher_has_nodes_of_all_services(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *a = make_node(f, SERVICE, "a"), *b = make_node(f, ACCOUNT, "b");

	ok(store_publisher_put(f->txn, a, "x@y"));
	ok(store_publisher_put(f->txn, b, "x@y"));
	ok(store_publisher_put(f->txn, a, "x@y"));
	ok(store_publisher_put(f->txn, a, "z@y"));
	reading(f);
	assert_string_equal(nodes_of(f, "x@y"), SERVICE "/a " ACCOUNT "/b");
	assert_string_equal(nodes_of(f, "x@"), "");
	assert_string_equal(some_nodes_of(f, "x@y", 1), SERVICE "/a");
	assert_string_equal(some_nodes_of(f, "x@y", 2), SERVICE "/a " ACCOUNT "/b");
	writing(f);
	ok(store_publisher_del(f->txn, a, "x@y"));
	assert_string_equal(nodes_of(f, "x@y"), ACCOUNT "/b");
	assert_string_equal(nodes_of(f, "z@y"), SERVICE "/a");
}

static void test_a_deleted_node_is_named_no_more_but_can_be_forgotten(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *a = make_node(f, SERVICE, "a");

	ok(store_publisher_put(f->txn, a, "x@y"));
	ok(store_node_del(f->txn, a, NULL));
	erase_all(f);
	assert_string_equal(nodes_of(f, "x@y"), "/?");
	ok(store_publisher_del(f->txn, a, "x@y"));
	assert_string_equal(nodes_of(f, "x@y"), "");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_a_publisher_has_nodes_of_all_services),
	cmocka_unit_test(test_a_deleted_node_is_named_no_more_but_can_be_forgotten),
};
const struct suite suite_publishers = {tests, ARRAY_COUNT(tests)};
