/* Which node is a child of which: XEP-0248. */
#include "../support.h"

#include "peppy/array.h"

#define ALL (&(struct store_number_range){.limit = SIZE_MAX})

static const char *children(struct fixture *f, const struct pubsub_node *collection,
	const struct store_number_range *range)
{
	struct pubsub_node *v;
	const char *text = "";
	size_t n;

	ok(store_children_page(f->txn, collection, range, f->arena, &v, &n));
	for (size_t i = 0; i < n; i++)
		text = arena_printf(f->arena, "%s%s%s", text, i > 0 ? " " : "", v[i].node_id);
	return text;
}

static const char *parents(struct fixture *f, const struct pubsub_node *node)
{
	struct pubsub_node *v;
	const char *text = "";
	size_t n;

	ok(store_parents_get(f->txn, node, f->arena, &v, &n));
	for (size_t i = 0; i < n; i++)
		text = arena_printf(f->arena, "%s%s%s", text, i > 0 ? " " : "", v[i].node_id);
	return text;
}

static void test_children_are_listed_as_they_were_made_and_in_pages(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *blogs = make_node(f, SERVICE, "blogs");
	struct pubsub_node *c = make_node(f, SERVICE, "c"), *a = make_node(f, SERVICE, "a");
	const struct store_number_range after = {.after = c->no, .limit = 2};
	const struct store_number_range before = {.before = a->no, .backward = true, .limit = 9};
	const struct store_number_range last = {.backward = true, .limit = 1};

	ok(store_child_put(f->txn, blogs, make_node(f, SERVICE, "b")));
	ok(store_child_put(f->txn, blogs, a));
	ok(store_child_put(f->txn, blogs, c));
	ok(store_child_put(f->txn, blogs, get_node(f, SERVICE, "b")));
	assert_string_equal(children(f, blogs, ALL), "c a b");
	assert_string_equal(children(f, blogs, &after), "a b");
	assert_string_equal(children(f, blogs, &before), "c");
	assert_string_equal(children(f, blogs, &last), "b");
	assert_int_equal(get_node(f, SERVICE, "blogs")->children, 3);
	assert_int_equal(get_node(f, SERVICE, "b")->parents, 1);
	assert_whole(f);
}

static void test_a_node_is_in_several_collections_and_leaves_them_one_by_one(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *one = make_node(f, SERVICE, "one"), *two = make_node(f, SERVICE, "two");
	struct pubsub_node *leaf = make_node(f, SERVICE, "leaf");

	ok(store_child_put(f->txn, one, leaf));
	ok(store_child_put(f->txn, two, leaf));
	assert_string_equal(parents(f, leaf), "one two");
	ok(store_child_del(f->txn, one, leaf));
	ok(store_child_del(f->txn, one, leaf));
	assert_string_equal(parents(f, leaf), "two");
	assert_int_equal(leaf->parents, 1);
	assert_string_equal(children(f, one, ALL), "");
	assert_whole(f);
}

static void test_a_deleted_node_is_nobodys_child(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *blogs = make_node(f, SERVICE, "blogs");

	ok(store_child_put(f->txn, blogs, make_node(f, SERVICE, "leaf")));
	ok(store_node_del(f->txn, get_node(f, SERVICE, "leaf"), NULL));
	assert_string_equal(children(f, blogs, ALL), "");
	assert_int_equal(get_node(f, SERVICE, "blogs")->children, 0);
	assert_string_equal(parents(f, make_node(f, SERVICE, "leaf")), "");
	erase_all(f);
	assert_whole(f);
}

static void test_children_of_a_deleted_collection_are_free_at_once(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *blogs = make_node(f, SERVICE, "blogs");

	ok(store_child_put(f->txn, blogs, make_node(f, SERVICE, "kept")));
	ok(store_child_put(f->txn, blogs, make_node(f, SERVICE, "deleted")));
	ok(store_node_del(f->txn, blogs, NULL));
	assert_string_equal(parents(f, get_node(f, SERVICE, "kept")), "");
	assert_string_equal(children(f, make_node(f, SERVICE, "blogs"), ALL), "");
	ok(store_node_del(f->txn, get_node(f, SERVICE, "deleted"), NULL));
	assert_whole(f);
	writing(f);
	erase_all(f);
	assert_int_equal(get_node(f, SERVICE, "kept")->parents, 0);
	assert_whole(f);
}

static void test_configurations_are_kept_without_relations(void **state)
{
	static const char *const blogs = "blogs";
	struct fixture *f = *state;
	struct pubsub_node *leaf = make_node(f, SERVICE, "leaf");
	struct pubsub_node_config config = leaf->config;

	config.collection = (struct pubsub_texts){&blogs, 1};
	config.children = (struct pubsub_texts){&blogs, 1};
	ok(store_node_configure(f->txn, leaf, &config));
	assert_int_equal(get_node(f, SERVICE, "leaf")->config.collection.n, 0);
	assert_int_equal(get_node(f, SERVICE, "leaf")->config.children.n, 0);
	assert_int_equal(get_node(f, SERVICE, "leaf")->parents, 0);
}

static void test_the_root_is_no_node_of_any_list(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *nodes;
	uint64_t count;
	size_t n;

	make_node(f, SERVICE, "");
	make_node(f, SERVICE, "blogs");
	ok(store_nodes_page(
		f->txn, SERVICE, &(struct store_range){.limit = 9}, f->arena, &nodes, &n));
	assert_int_equal(n, 1);
	ok(store_nodes_by_number(f->txn, SERVICE, ALL, f->arena, &nodes, &n));
	assert_int_equal(n, 1);
	ok(store_nodes_count(f->txn, SERVICE, &count));
	assert_int_equal(count, 1);
	assert_whole(f);
	writing(f);
	ok(store_node_del(f->txn, get_node(f, SERVICE, ""), NULL));
	erase_all(f);
	assert_whole(f);
}

static void test_a_node_is_found_by_its_numbers_until_it_is_deleted(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "blogs"), *found;

	ok(store_node_by_number(f->txn, SERVICE, node->sid, node->no, f->arena, &found));
	assert_string_equal(found->node_id, "blogs");
	assert_string_equal(found->service, SERVICE);
	ok(store_node_del(f->txn, node, NULL));
	ok(store_node_by_number(f->txn, SERVICE, node->sid, node->no, f->arena, &found));
	assert_null(found);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_children_are_listed_as_they_were_made_and_in_pages),
	cmocka_unit_test(test_a_node_is_in_several_collections_and_leaves_them_one_by_one),
	cmocka_unit_test(test_a_deleted_node_is_nobodys_child),
	cmocka_unit_test(test_children_of_a_deleted_collection_are_free_at_once),
	cmocka_unit_test(test_configurations_are_kept_without_relations),
	cmocka_unit_test(test_the_root_is_no_node_of_any_list),
	cmocka_unit_test(test_a_node_is_found_by_its_numbers_until_it_is_deleted),
};

const struct suite suite_collections = {tests, ARRAY_COUNT(tests)};
