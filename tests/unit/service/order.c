/* order.c - items by creation and by modification. */
#include "service/order.h"

#include "peppy/array.h"
#include "world.h"

/* Created a, b, c, d in this order; c was overwritten, then a. */
static struct pubsub_node *balcony(struct world *w)
{
	static const char *const ids[] = {"a", "b", "c", "d", "c", "a"};

	world_create(w, "balcony", NULL, NULL);
	for (size_t i = 0; i < ARRAY_COUNT(ids); i++) {
		world_publish(w, "balcony", ids[i]);
		w->service.now_us++;
	}
	return world_node(w, "balcony");
}

static const char *page(struct world *w, enum pubsub_order order, bool descending,
	struct pubsub_rsm rsm, uint32_t max_items)
{
	struct pubsub_request r = world_request(w, ROMEO, "balcony");

	r.order = order;
	r.descending = descending;
	r.rsm = rsm;
	r.max_items = max_items;
	assert_int_equal(world_run(w, service_items_retrieve, &r), PUBSUB_OK);
	return world_ids(w);
}

static void test_items_come_in_either_order_both_ways(void **state)
{
	struct world *w = *state;
	const struct pubsub_rsm all = {0};

	balcony(w);
	assert_string_equal(page(w, PUBSUB_ORDER_CREATION, false, all, 0), "a b c d");
	assert_string_equal(page(w, PUBSUB_ORDER_CREATION, true, all, 0), "d c b a");
	assert_string_equal(page(w, PUBSUB_ORDER_MODIFICATION, false, all, 0), "b d c a");
	assert_string_equal(page(w, PUBSUB_ORDER_MODIFICATION, true, all, 0), "a c d b");
	assert_string_equal(page(w, PUBSUB_ORDER_CREATION, true, all, 3), "d c b");
}

static void test_pages_go_on_in_the_order(void **state)
{
	struct world *w = *state;
	struct pubsub_rsm rsm = {.present = true, .has_max = true, .max = 2};

	balcony(w);
	assert_string_equal(page(w, PUBSUB_ORDER_CREATION, true, rsm, 0), "d c");
	assert_int_equal(w->answer.page.index, 0);
	assert_int_equal(w->answer.page.count, 4);
	rsm.after = w->answer.page.last;
	assert_string_equal(page(w, PUBSUB_ORDER_CREATION, true, rsm, 0), "b a");
	assert_int_equal(w->answer.page.index, 2);
	rsm.before = w->answer.page.first;
	rsm.after = NULL;
	assert_string_equal(page(w, PUBSUB_ORDER_CREATION, true, rsm, 0), "d c");
	rsm = (struct pubsub_rsm){.present = true, .has_index = true, .index = 3};
	assert_string_equal(page(w, PUBSUB_ORDER_CREATION, true, rsm, 0), "a");
}

static void test_pages_of_what_was_modified_last_go_both_ways(void **state)
{
	struct world *w = *state;
	struct pubsub_rsm rsm = {.present = true, .has_max = true, .max = 3};

	balcony(w);
	assert_string_equal(page(w, PUBSUB_ORDER_MODIFICATION, true, rsm, 0), "a c d");
	assert_int_equal(w->answer.page.index, 0);
	assert_int_equal(w->answer.page.count, 4);
	rsm.after = w->answer.page.last;
	assert_string_equal(page(w, PUBSUB_ORDER_MODIFICATION, true, rsm, 0), "b");
	assert_int_equal(w->answer.page.index, 3);
	rsm.before = w->answer.page.first;
	rsm.after = NULL;
	rsm.max = 2;
	assert_string_equal(page(w, PUBSUB_ORDER_MODIFICATION, true, rsm, 0), "c d");
	assert_int_equal(w->answer.page.index, 1);
	rsm.before = "";
	assert_string_equal(page(w, PUBSUB_ORDER_MODIFICATION, true, rsm, 0), "d b");
	assert_int_equal(w->answer.page.index, 2);
	assert_string_equal(page(w, PUBSUB_ORDER_MODIFICATION, false, rsm, 0), "c a");
	rsm.before = NULL;
	assert_string_equal(page(w, PUBSUB_ORDER_MODIFICATION, false, rsm, 1), "b");
	assert_string_equal(page(w, PUBSUB_ORDER_MODIFICATION, true, rsm, 1), "a");
}

static void test_pages_of_what_was_modified_last_are_found_by_index(void **state)
{
	static const char *const pages[] = {"a c", "c d", "d b", "b", "", ""};
	struct world *w = *state;
	struct pubsub_rsm rsm = {.present = true, .has_max = true, .max = 2, .has_index = true};

	balcony(w);
	for (rsm.index = 0; rsm.index < ARRAY_COUNT(pages); rsm.index++) {
		assert_string_equal(
			page(w, PUBSUB_ORDER_MODIFICATION, true, rsm, 0), pages[rsm.index]);
		if (*pages[rsm.index] != '\0')
			assert_int_equal(w->answer.page.index, rsm.index);
	}
}

static void test_an_item_overwritten_between_pages_of_creation_stays_where_it_was(void **state)
{
	struct world *w = *state;
	struct pubsub_rsm rsm = {.present = true, .has_max = true, .max = 2};

	balcony(w);
	assert_string_equal(page(w, PUBSUB_ORDER_CREATION, false, rsm, 0), "a b");
	rsm.after = w->answer.page.last;
	world_publish(w, "balcony", "a");
	assert_string_equal(page(w, PUBSUB_ORDER_CREATION, false, rsm, 0), "c d");
}

static void test_what_is_due_is_not_there(void **state)
{
	struct world *w = *state;
	const struct pubsub_rsm all = {0};

	balcony(w);
	world_configure(w, "balcony", "pubsub#item_expire", "60");
	w->service.now_us += UINT64_C(59999997);
	assert_string_equal(page(w, PUBSUB_ORDER_CREATION, false, all, 0), "a c");
	assert_int_equal(w->answer.page.count, 2);
}

static void test_a_place_has_to_be_one(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, ROMEO, "balcony");

	balcony(w);
	r.order = PUBSUB_ORDER_CREATION;
	r.rsm = (struct pubsub_rsm){.present = true, .after = "a"};
	assert_int_equal(world_run(w, service_items_retrieve, &r), PUBSUB_ERR_RSM_NOT_FOUND);
}

static void test_too_many_items_are_not_sorted(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, ROMEO, "balcony");
	struct pubsub_node *node = balcony(w);

	node->items = 10001;
	r.order = PUBSUB_ORDER_CREATION;
	assert_int_equal(order_page(&w->service, node, &r, &w->answer), PUBSUB_ERR_ORDER);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(test_items_come_in_either_order_both_ways),
		WORLD_TEST(test_pages_go_on_in_the_order),
		WORLD_TEST(test_pages_of_what_was_modified_last_go_both_ways),
		WORLD_TEST(test_pages_of_what_was_modified_last_are_found_by_index),
		WORLD_TEST(test_an_item_overwritten_between_pages_of_creation_stays_where_it_was),
		WORLD_TEST(test_what_is_due_is_not_there),
		WORLD_TEST(test_a_place_has_to_be_one),
		WORLD_TEST(test_too_many_items_are_not_sorted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
