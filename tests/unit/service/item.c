/* item.c - taking items away. */
#include "world.h"

static enum pubsub_error retract(
	struct world *w, const char *from, const char *node_id, const char *ids)
{
	struct pubsub_request r = world_items(w, from, node_id, ids, NULL);

	return world_run(w, service_item_retract, &r);
}

static void test_a_retract_is_notified(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	world_subscribe(w, "blog", OPHELIA);
	world_publish(w, "blog", "a b c");
	assert_int_equal(retract(w, HAMLET, "blog", "b a"), PUBSUB_OK);
	assert_events(w, "retract blog b > " OPHELIA "\nretract blog a > " OPHELIA "\n");
	assert_int_equal(world_node(w, "blog")->items, 1);
}

static void test_request_or_node_say_whether_it_is_notified(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_items(w, HAMLET, "blog", "b", NULL);

	world_create(w, "blog", "pubsub#notify_retract", "0");
	world_subscribe(w, "blog", OPHELIA);
	world_publish(w, "blog", "a b");
	assert_int_equal(retract(w, HAMLET, "blog", "a"), PUBSUB_OK);
	assert_events(w, "");
	r.notify = true;
	assert_int_equal(world_run(w, service_item_retract, &r), PUBSUB_OK);
	assert_events(w, "retract blog b > " OPHELIA "\n");
}

static void test_publishers_retract_their_own_items(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_items(w, HORATIO, "blog", "his", "<a/>");

	world_create(w, "blog", NULL, NULL);
	world_affiliate(w, "blog", HORATIO, PUBSUB_AFFILIATION_PUBLISHER);
	world_affiliate(w, "blog", OPHELIA, PUBSUB_AFFILIATION_PUBLISH_ONLY);
	world_publish(w, "blog", "mine");
	assert_int_equal(world_run(w, service_item_publish, &r), PUBSUB_OK);
	assert_int_equal(retract(w, HORATIO, "blog", "mine"), PUBSUB_ERR_RETRACT_FORBIDDEN);
	assert_int_equal(retract(w, OPHELIA, "blog", "his"), PUBSUB_ERR_RETRACT_FORBIDDEN);
	assert_int_equal(retract(w, HORATIO, "blog", "his mine"), PUBSUB_ERR_RETRACT_FORBIDDEN);
	assert_int_equal(world_node(w, "blog")->items, 2); /* all or nothing */
	assert_int_equal(retract(w, HORATIO, "blog", "his"), PUBSUB_OK);
	assert_int_equal(retract(w, ADMIN, "blog", "mine"), PUBSUB_OK);
}

static void test_on_an_open_node_everybody_retracts_his_own(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_items(w, ROMEO, "comments", "c", "<a/>");

	world_create(w, "comments", "pubsub#publish_model", "open");
	assert_int_equal(world_run(w, service_item_publish, &r), PUBSUB_OK);
	assert_int_equal(retract(w, OPHELIA, "comments", "c"), PUBSUB_ERR_RETRACT_FORBIDDEN);
	assert_int_equal(retract(w, ROMEO, "comments", "c"), PUBSUB_OK);
}

static void test_what_a_retract_needs(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	world_create(w, "news", "pubsub#persist_items", "0");
	world_publish(w, "blog", "a");
	assert_int_equal(retract(w, HAMLET, NULL, "a"), PUBSUB_ERR_NODEID_REQUIRED);
	assert_int_equal(retract(w, HAMLET, "none", "a"), PUBSUB_ERR_NODE_NOT_FOUND);
	assert_int_equal(retract(w, HAMLET, "blog", ""), PUBSUB_ERR_ITEMID_REQUIRED);
	assert_int_equal(retract(w, HAMLET, "blog", "a -"), PUBSUB_ERR_ITEMID_REQUIRED);
	assert_int_equal(retract(w, HAMLET, "blog", "a b"), PUBSUB_ERR_ITEM_NOT_FOUND);
	assert_int_equal(retract(w, HAMLET, "news", "a"), PUBSUB_ERR_PERSISTENCE_OFF);
	assert_int_equal(retract(w, ROMEO, "blog", "none"), PUBSUB_ERR_RETRACT_FORBIDDEN);
	assert_int_equal(world_node(w, "blog")->items, 1);
}

static void test_an_item_named_twice_goes_once(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	world_subscribe(w, "blog", OPHELIA);
	world_publish(w, "blog", "a");
	assert_int_equal(retract(w, HAMLET, "blog", "a a"), PUBSUB_OK);
	assert_events(w, "retract blog a > " OPHELIA "\n");
}

/* ---- expiry ---- */

static const struct service_profile *profile_of(void *ctx, const char *service_jid)
{
	struct world *w = ctx;

	assert_string_equal(service_jid, w->jid);
	return &w->profile;
}

static bool sweep(struct world *w, size_t limit)
{
	const struct service_profiles profiles = {profile_of, w};
	bool more = false;

	w->service.events = NULL;
	w->service.events_end = &w->service.events;
	assert_int_equal(service_items_expire(&w->service, &profiles, limit, &more), PUBSUB_OK);
	return more;
}

static void test_items_go_when_their_time_is_up(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", "pubsub#item_expire", "60");
	world_subscribe(w, "blog", OPHELIA);
	world_publish(w, "blog", "a b");
	assert_false(sweep(w, 10));
	assert_events(w, "");
	w->service.now_us += UINT64_C(60000000);
	assert_true(sweep(w, 1));
	assert_events(w, "retract blog a > " OPHELIA "\n");
	assert_false(sweep(w, 10));
	assert_events(w, "retract blog b > " OPHELIA "\n");
	assert_int_equal(world_node(w, "blog")->items, 0);
}

static void test_expiry_is_silent_if_the_node_says_so(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", "pubsub#item_expire", "60");
	world_configure(w, "blog", "pubsub#notify_retract", "0");
	world_subscribe(w, "blog", OPHELIA);
	world_publish(w, "blog", "a");
	w->service.now_us += UINT64_C(60000000);
	assert_false(sweep(w, 10));
	assert_events(w, "");
	assert_int_equal(world_node(w, "blog")->items, 0);
}

static void test_a_republished_item_lives_on(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", "pubsub#item_expire", "60");
	world_publish(w, "blog", "a");
	w->service.now_us += UINT64_C(30000000);
	world_publish(w, "blog", "a");
	w->service.now_us += UINT64_C(31000000);
	assert_false(sweep(w, 10));
	assert_int_equal(world_node(w, "blog")->items, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_a_retract_is_notified),
		WORLD_TEST(test_request_or_node_say_whether_it_is_notified),
		WORLD_TEST(test_publishers_retract_their_own_items),
		WORLD_TEST(test_on_an_open_node_everybody_retracts_his_own),
		WORLD_TEST(test_what_a_retract_needs),
		WORLD_TEST(test_an_item_named_twice_goes_once),
		WORLD_TEST(test_items_go_when_their_time_is_up),
		WORLD_TEST(test_expiry_is_silent_if_the_node_says_so),
		WORLD_TEST(test_a_republished_item_lives_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
