/* retrieve.c - items of a node, and pages of them. */
#include "service/retrieve.h"

#include "world.h"

static enum pubsub_error retrieve(struct world *w, const struct pubsub_request *r)
{
	return world_run(w, service_items_retrieve, r);
}

/* The node "blog" with items i0, i1, ... */
static struct pubsub_request blog(struct world *w, size_t items)
{
	world_create(w, "blog", NULL, NULL);
	for (size_t i = 0; i < items; i++)
		world_publish(w, "blog", arena_printf(w->arena, "i%zu", i));
	return world_request(w, ROMEO, "blog");
}

static struct pubsub_rsm page_of(uint32_t max)
{
	return (struct pubsub_rsm){.present = true, .has_max = true, .max = max};
}

static void test_all_items_come_oldest_first(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = blog(w, 3);

	assert_int_equal(retrieve(w, &r), PUBSUB_OK);
	assert_string_equal(world_ids(w), "i0 i1 i2");
	assert_memory_equal(w->answer.items[0].payload, "<entry/>", 8);
	assert_true(w->answer.page.present && w->answer.page.has_count);
	assert_int_equal(w->answer.page.count, 3);
	assert_true(w->answer.page.has_index);
	assert_int_equal(w->answer.page.index, 0);
}

static void test_max_items_are_the_newest(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = blog(w, 5);

	r.max_items = 2;
	assert_int_equal(retrieve(w, &r), PUBSUB_OK);
	assert_string_equal(world_ids(w), "i3 i4");
	assert_int_equal(w->answer.page.index, 3);
	assert_int_equal(w->answer.page.count, 5);
	r.max_items = 1000;
	assert_int_equal(retrieve(w, &r), PUBSUB_OK);
	assert_string_equal(world_ids(w), "i0 i1 i2 i3 i4");
}

static void test_an_empty_node_has_a_count_and_nothing_else(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = blog(w, 0);

	assert_int_equal(retrieve(w, &r), PUBSUB_OK);
	assert_true(w->answer.page.present && w->answer.page.has_count);
	assert_int_equal(w->answer.page.count, 0);
	assert_null(w->answer.page.first);
	assert_null(w->answer.page.last);
}

static void test_paging_forwards_meets_every_item_once(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = blog(w, 5);

	r.rsm = page_of(2);
	assert_int_equal(retrieve(w, &r), PUBSUB_OK);
	assert_string_equal(world_ids(w), "i0 i1");
	r.rsm.after = w->answer.page.last;
	assert_int_equal(retrieve(w, &r), PUBSUB_OK);
	assert_string_equal(world_ids(w), "i2 i3");
	assert_int_equal(w->answer.page.index, 2);
	r.rsm.after = w->answer.page.last;
	assert_int_equal(retrieve(w, &r), PUBSUB_OK);
	assert_string_equal(world_ids(w), "i4");
	assert_int_equal(w->answer.page.index, 4);
	r.rsm.after = w->answer.page.last;
	assert_int_equal(retrieve(w, &r), PUBSUB_OK);
	assert_string_equal(world_ids(w), "");
	assert_null(w->answer.page.first);
	assert_int_equal(w->answer.page.count, 5);
}

static void test_paging_backwards_keeps_the_order(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = blog(w, 5);

	r.rsm = page_of(2);
	r.rsm.before = "";
	assert_int_equal(retrieve(w, &r), PUBSUB_OK);
	assert_string_equal(world_ids(w), "i3 i4");
	assert_int_equal(w->answer.page.index, 3);
	r.rsm.before = w->answer.page.first;
	assert_int_equal(retrieve(w, &r), PUBSUB_OK);
	assert_string_equal(world_ids(w), "i1 i2");
	assert_int_equal(w->answer.page.index, 1);
	r.rsm.before = w->answer.page.first;
	assert_int_equal(retrieve(w, &r), PUBSUB_OK);
	assert_string_equal(world_ids(w), "i0");
	assert_int_equal(w->answer.page.index, 0);
}

static void test_a_page_goes_on_where_a_deleted_item_stood(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = blog(w, 4);
	struct pubsub_request retract = world_items(w, HAMLET, "blog", "i1", NULL);
	const char *last = NULL;

	r.rsm = page_of(2);
	assert_int_equal(retrieve(w, &r), PUBSUB_OK);
	last = w->answer.page.last;
	assert_int_equal(world_run(w, service_item_retract, &retract), PUBSUB_OK);
	r.rsm.after = last;
	assert_int_equal(retrieve(w, &r), PUBSUB_OK);
	assert_string_equal(world_ids(w), "i2 i3");
	assert_int_equal(w->answer.page.index, 1); /* of what is there now */
}

static void test_items_published_between_pages_come_at_the_end(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = blog(w, 2);

	r.rsm = page_of(2);
	assert_int_equal(retrieve(w, &r), PUBSUB_OK);
	r.rsm.after = w->answer.page.last;
	world_publish(w, "blog", "new");
	assert_int_equal(retrieve(w, &r), PUBSUB_OK);
	assert_string_equal(world_ids(w), "new");
}

static void test_an_item_id_is_a_place_too(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = blog(w, 3);

	r.rsm = page_of(10);
	r.rsm.after = "i0";
	assert_int_equal(retrieve(w, &r), PUBSUB_OK);
	assert_string_equal(world_ids(w), "i1 i2");
	assert_false(w->answer.page.has_index); /* it would have to be counted */
	r.rsm.after = w->answer.page.first;
	assert_int_equal(retrieve(w, &r), PUBSUB_OK);
	assert_string_equal(world_ids(w), "i2");
	r.rsm.after = "never";
	assert_int_equal(retrieve(w, &r), PUBSUB_ERR_RSM_NOT_FOUND);
	r.rsm.after = "0123456789abcdef.x";
	assert_int_equal(retrieve(w, &r), PUBSUB_ERR_RSM_NOT_FOUND);
}

static void test_no_items_at_all_may_be_asked_for(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = blog(w, 3);

	r.rsm = page_of(0);
	assert_int_equal(retrieve(w, &r), PUBSUB_OK);
	assert_string_equal(world_ids(w), "");
	assert_int_equal(w->answer.page.count, 3);
	assert_null(w->answer.page.first);
}

static void test_pages_are_found_by_index(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = blog(w, 4);

	r.rsm = page_of(2);
	r.rsm.has_index = true;
	r.rsm.index = 1;
	assert_int_equal(retrieve(w, &r), PUBSUB_OK);
	assert_string_equal(world_ids(w), "i1 i2");
	assert_int_equal(w->answer.page.index, 1);
	r.rsm.index = 4;
	assert_int_equal(retrieve(w, &r), PUBSUB_OK);
	assert_string_equal(world_ids(w), "");
	r.rsm.index = 10001;
	assert_int_equal(retrieve(w, &r), PUBSUB_ERR_RSM_INDEX);
}

/* Three payloads of 7 000 bytes do not fit into 20 000. */
static void fill(struct world *w)
{
	char *payload = arena_alloc(w->arena, 7001);

	memset(payload, 'x', 7000);
	for (size_t i = 0; i < 3; i++) {
		struct pubsub_request r = world_items(
			w, HAMLET, "blog", arena_printf(w->arena, "big%zu", i), payload);

		assert_int_equal(world_run(w, service_item_publish, &r), PUBSUB_OK);
	}
}

static void test_a_page_ends_with_the_last_item_that_fits(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = blog(w, 0);

	fill(w);
	assert_int_equal(retrieve(w, &r), PUBSUB_OK);
	assert_string_equal(world_ids(w), "big0 big1");
	assert_int_equal(w->answer.page.count, 3);
	r.rsm = (struct pubsub_rsm){.present = true, .after = w->answer.page.last};
	assert_int_equal(retrieve(w, &r), PUBSUB_OK);
	assert_string_equal(world_ids(w), "big2");
	r.rsm = (struct pubsub_rsm){0};
	r.max_items = 3;
	assert_int_equal(retrieve(w, &r), PUBSUB_OK);
	assert_string_equal(world_ids(w), "big1 big2");
	assert_int_equal(w->answer.page.index, 1);
}

static void test_items_by_id_come_as_far_as_they_exist_and_fit(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = {0};

	blog(w, 2);
	r = world_items(w, ROMEO, "blog", "i1 none i0", NULL);
	assert_int_equal(retrieve(w, &r), PUBSUB_OK);
	assert_string_equal(world_ids(w), "i1 i0");
	assert_false(w->answer.page.present); /* that is all */
	fill(w);
	r = world_items(w, ROMEO, "blog", "big0 big1 big2", NULL);
	assert_int_equal(retrieve(w, &r), PUBSUB_OK);
	assert_string_equal(world_ids(w), "big0 big1");
	assert_true(w->answer.page.present);
	assert_int_equal(w->answer.page.count, 3);
	r.rsm = (struct pubsub_rsm){.present = true, .after = w->answer.page.last};
	assert_int_equal(retrieve(w, &r), PUBSUB_OK);
	assert_string_equal(world_ids(w), "big2");
	r.rsm = (struct pubsub_rsm){0};
	w->profile.answer_bytes = 100; /* at least one, whatever it takes */
	assert_int_equal(retrieve(w, &r), PUBSUB_OK);
	assert_string_equal(world_ids(w), "big0");
}

static void test_what_is_due_is_not_there(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, ROMEO, "blog");
	struct pubsub_request by_id = world_items(w, ROMEO, "blog", "old", NULL);

	world_create(w, "blog", "pubsub#item_expire", "60");
	world_publish(w, "blog", "old");
	w->service.now_us += UINT64_C(61000000);
	assert_int_equal(retrieve(w, &r), PUBSUB_OK);
	assert_string_equal(world_ids(w), "");
	assert_int_equal(retrieve(w, &by_id), PUBSUB_OK);
	assert_string_equal(world_ids(w), "");
	world_publish(w, "blog", "new");
	r.max_items = 1;
	assert_int_equal(retrieve(w, &r), PUBSUB_OK);
	assert_string_equal(world_ids(w), "new");
}

static void test_the_newest_skips_what_is_due(void **state)
{
	struct world *w = *state;
	struct pubsub_item *item = NULL;

	world_create(w, "blog", "pubsub#item_expire", "60");
	world_publish(w, "blog", "kept");
	w->service.now_us -= UINT64_C(100000000); /* the clock goes back */
	world_publish(w, "blog", "due");
	assert_int_equal(retrieve_newest(&w->service, world_node(w, "blog"), &item), PUBSUB_OK);
	assert_string_equal(item->id, "due");
	w->service.now_us += UINT64_C(61000000);
	assert_int_equal(retrieve_newest(&w->service, world_node(w, "blog"), &item), PUBSUB_OK);
	assert_string_equal(item->id, "kept");
}

static void test_publishers_are_shown_as_in_events(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = blog(w, 1);

	assert_int_equal(retrieve(w, &r), PUBSUB_OK);
	assert_null(w->answer.items[0].publisher);
	world_configure(w, "blog", "pubsub#itemreply", "publisher");
	assert_int_equal(retrieve(w, &r), PUBSUB_OK);
	assert_string_equal(w->answer.items[0].publisher, HAMLET);
}

static void test_a_transient_node_has_no_items(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, ROMEO, "n");

	world_create(w, "n", "pubsub#persist_items", "0");
	assert_int_equal(retrieve(w, &r), PUBSUB_ERR_PERSISTENCE_OFF);
}

static void test_only_approved_subscribers_read_an_authorize_node(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, OPHELIA, "n");

	world_create(w, "n", "pubsub#access_model", "authorize");
	world_subscribe(w, "n", OPHELIA);
	assert_int_equal(retrieve(w, &r), PUBSUB_ERR_RETRIEVE_NOT_SUBSCRIBED);
	world_affiliate(w, "n", OPHELIA, PUBSUB_AFFILIATION_MEMBER);
	world_affiliate(w, "n", OPHELIA, PUBSUB_AFFILIATION_NONE);
	assert_int_equal(retrieve(w, &r), PUBSUB_OK); /* still subscribed */
}

static void test_several_subscriptions_have_to_be_told_apart(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = blog(w, 1);

	w->profile.multi_subscribe = true;
	world_subscribe(w, "blog", ROMEO);
	assert_int_equal(retrieve(w, &r), PUBSUB_OK);
	world_subscribe(w, "blog", ROMEO);
	r.sub_id = w->answer.subscriptions[0].sub_id;
	assert_int_equal(retrieve(w, &r), PUBSUB_OK);
	r.sub_id = "x";
	assert_int_equal(retrieve(w, &r), PUBSUB_ERR_SUBID_INVALID);
	r.sub_id = NULL;
	assert_int_equal(retrieve(w, &r), PUBSUB_ERR_SUBID_REQUIRED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_all_items_come_oldest_first),
		WORLD_TEST(test_max_items_are_the_newest),
		WORLD_TEST(test_an_empty_node_has_a_count_and_nothing_else),
		WORLD_TEST(test_paging_forwards_meets_every_item_once),
		WORLD_TEST(test_paging_backwards_keeps_the_order),
		WORLD_TEST(test_a_page_goes_on_where_a_deleted_item_stood),
		WORLD_TEST(test_items_published_between_pages_come_at_the_end),
		WORLD_TEST(test_an_item_id_is_a_place_too),
		WORLD_TEST(test_no_items_at_all_may_be_asked_for),
		WORLD_TEST(test_pages_are_found_by_index),
		WORLD_TEST(test_a_page_ends_with_the_last_item_that_fits),
		WORLD_TEST(test_items_by_id_come_as_far_as_they_exist_and_fit),
		WORLD_TEST(test_what_is_due_is_not_there),
		WORLD_TEST(test_the_newest_skips_what_is_due),
		WORLD_TEST(test_publishers_are_shown_as_in_events),
		WORLD_TEST(test_a_transient_node_has_no_items),
		WORLD_TEST(test_only_approved_subscribers_read_an_authorize_node),
		WORLD_TEST(test_several_subscriptions_have_to_be_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
