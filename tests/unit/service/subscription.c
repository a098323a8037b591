/* subscription.c - subscriptions found, picked, walked. */
#include "service/subscription.h"

#include "world.h"

static void test_bare_and_full_jid_hold_for_each_client(void **state)
{
	struct world *w = *state;
	struct pubsub_node *node = NULL;
	bool held = false;

	world_create(w, "blog", NULL, NULL);
	world_subscribe(w, "blog", ROMEO "/a");
	node = world_node(w, "blog");
	assert_int_equal(subscription_is_held(&w->service, node, world_jid(w, ROMEO "/a"), &held),
		PUBSUB_OK);
	assert_true(held);
	assert_int_equal(subscription_is_held(&w->service, node, world_jid(w, ROMEO "/b"), &held),
		PUBSUB_OK);
	assert_false(held);
	world_subscribe(w, "blog", ROMEO);
	assert_int_equal(subscription_is_held(&w->service, node, world_jid(w, ROMEO "/b"), &held),
		PUBSUB_OK);
	assert_true(held);
}

static void test_pending_and_ended_ones_are_not_active(void **state)
{
	struct world *w = *state;
	struct pubsub_subscription row = {.state = PUBSUB_SUBSCRIPTION_SUBSCRIBED};

	assert_true(subscription_is_active(&w->service, &row));
	row.options.expire_us = w->service.now_us + 1;
	assert_true(subscription_is_active(&w->service, &row));
	row.options.expire_us = w->service.now_us;
	assert_false(subscription_is_active(&w->service, &row));
	row = (struct pubsub_subscription){.state = PUBSUB_SUBSCRIPTION_PENDING};
	assert_true(subscription_is_live(&w->service, &row));
	assert_false(subscription_is_active(&w->service, &row));
	row.state = PUBSUB_SUBSCRIPTION_UNCONFIGURED;
	assert_true(subscription_is_active(&w->service, &row));
}

static void test_one_is_picked_by_its_sub_id(void **state)
{
	struct world *w = *state;
	struct pubsub_subscription rows[] = {{.sub_id = NULL}, {.sub_id = "b"}};
	const struct subscriptions both = {rows, 2}, one = {rows, 1};
	struct pubsub_subscription *picked = NULL;

	assert_int_equal(subscription_pick(&w->service, &both, "x", &picked), PUBSUB_OK);
	assert_ptr_equal(picked, &rows[0]); /* SubIDs are ignored */
	w->profile.multi_subscribe = true;
	assert_int_equal(subscription_pick(&w->service, &one, NULL, &picked), PUBSUB_OK);
	assert_int_equal(subscription_pick(&w->service, &both, "b", &picked), PUBSUB_OK);
	assert_ptr_equal(picked, &rows[1]);
	assert_int_equal(
		subscription_pick(&w->service, &both, NULL, &picked), PUBSUB_ERR_SUBID_REQUIRED);
	assert_int_equal(
		subscription_pick(&w->service, &one, "b", &picked), PUBSUB_ERR_SUBID_INVALID);
}

static void test_a_walk_meets_every_row_once(void **state)
{
	enum { MANY = 1030 }; /* more than two pages */
	struct world *w = *state;
	struct subscription_walk walk = {0};
	const struct pubsub_subscription *row = NULL;
	struct pubsub_node *node = NULL;
	size_t n = 0;

	world_create(w, "blog", NULL, NULL);
	for (size_t i = 0; i < MANY; i++)
		world_subscribe(w, "blog", arena_printf(w->arena, "u%04zu@verona.lit", i));
	node = world_node(w, "blog");
	walk = subscription_walk_start(&w->service, node);
	while ((row = subscription_walk_next(&walk)) != NULL)
		assert_string_equal(
			row->subscriber.full, arena_printf(w->arena, "u%04zu@verona.lit", n++));
	assert_int_equal(n, MANY);
	assert_int_equal(subscription_walk_finish(&walk, PUBSUB_OK), PUBSUB_OK);
}

static void test_a_walk_reports_the_first_error(void **state)
{
	struct world *w = *state;
	struct subscription_walk walk = {0};

	world_create(w, "blog", NULL, NULL);
	walk = subscription_walk_start(&w->service, world_node(w, "blog"));
	assert_null(subscription_walk_next(&walk));
	assert_int_equal(
		subscription_walk_finish(&walk, PUBSUB_ERR_NEED_ROSTER), PUBSUB_ERR_NEED_ROSTER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_bare_and_full_jid_hold_for_each_client),
		WORLD_TEST(test_pending_and_ended_ones_are_not_active),
		WORLD_TEST(test_one_is_picked_by_its_sub_id),
		WORLD_TEST(test_a_walk_meets_every_row_once),
		WORLD_TEST(test_a_walk_reports_the_first_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
