/* configure.c - changing what a node is. */
#include "world.h"

static void test_partial_forms_keep_the_rest(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", "pubsub#title", "Musings");
	world_configure(w, "blog", "pubsub#notify_sub", "1");
	assert_string_equal(world_node(w, "blog")->config.title, "Musings");
	assert_true(world_node(w, "blog")->config.notify_sub);
}

static void test_cancel_changes_nothing_and_a_form_is_needed(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, HAMLET, "blog");

	world_create(w, "blog", NULL, NULL);
	assert_int_equal(world_run(w, service_node_configure, &r), PUBSUB_ERR_FORM_INVALID);
	world_config(w, &r, "pubsub#title", "x");
	r.config_state = PUBSUB_FORM_CANCEL;
	assert_int_equal(world_run(w, service_node_configure, &r), PUBSUB_OK);
	assert_null(world_node(w, "blog")->config.title);
}

static void test_subscribers_are_notified_of_changes_if_the_node_says_so(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	world_subscribe(w, "blog", OPHELIA);
	world_configure(w, "blog", "pubsub#title", "x");
	assert_events(w, "");
	world_configure(w, "blog", "pubsub#notify_config", "1");
	assert_events(w, "configure blog config > " OPHELIA "\n");
	world_configure(w, "blog", "pubsub#deliver_payloads", "0");
	assert_events(w, "configure blog > " OPHELIA "\n");
}

static void test_a_lower_max_items_trims(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	world_subscribe(w, "blog", OPHELIA);
	world_publish(w, "blog", "a b c d");
	world_configure(w, "blog", "pubsub#publish_node_full", "discard-oldest");
	world_configure(w, "blog", "pubsub#max_items", "3");
	assert_events(w, ""); /* discard-oldest is silent */
	assert_int_equal(world_node(w, "blog")->items, 3);
	world_configure(w, "blog", "pubsub#publish_node_full", "retract-oldest");
	world_configure(w, "blog", "pubsub#max_items", "1");
	assert_events(w, "retract blog b > " OPHELIA "\nretract blog c > " OPHELIA "\n");
	assert_int_equal(world_node(w, "blog")->items, 1);
}

static void test_subscriptions_that_are_no_longer_allowed_end_with_a_notice(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", "pubsub#notify_config", "1");
	world_affiliate(w, "blog", OPHELIA, PUBSUB_AFFILIATION_MEMBER);
	world_subscribe(w, "blog", OPHELIA);
	world_subscribe(w, "blog", ROMEO);
	world_configure(w, "blog", "pubsub#access_model", "whitelist");
	assert_events(w, "subscription blog " ROMEO ":none > " ROMEO "\n"
			 "configure blog config > " OPHELIA "\n");
	assert_int_equal(world_node(w, "blog")->subscribers, 1);
}

static void test_presence_access_ends_those_who_are_no_contacts(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, HAMLET, "mood");

	w->roster[0] = (struct world_contact){OPHELIA, "friends", true};
	w->roster[1] = (struct world_contact){HORATIO, NULL, true};
	w->roster_n = 2;
	world_create(w, "mood", "pubsub#access_model", "open");
	world_subscribe(w, "mood", OPHELIA);
	world_subscribe(w, "mood", HORATIO);
	world_subscribe(w, "mood", ROMEO);
	world_configure(w, "mood", "pubsub#access_model", "presence");
	assert_events(w, "subscription mood " ROMEO ":none > " ROMEO "\n");
	world_config(w, &r, "pubsub#access_model", "roster");
	world_config(w, &r, "pubsub#roster_groups_allowed", "friends");
	assert_int_equal(world_run(w, service_node_configure, &r), PUBSUB_OK);
	assert_events(w, "subscription mood " HORATIO ":none > " HORATIO "\n");
	world_configure(w, "mood", "pubsub#roster_groups_allowed", "enemies");
	assert_events(w, "subscription mood " OPHELIA ":none > " OPHELIA "\n");
}

static void test_authorize_keeps_those_who_are_subscribed(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	world_subscribe(w, "blog", ROMEO);
	world_configure(w, "blog", "pubsub#access_model", "authorize");
	assert_events(w, "");
	world_publish(w, "blog", "i");
	assert_events(w, "publish blog i=<entry/> > " ROMEO "\n");
}

static void test_a_missing_roster_is_waited_for_with_nothing_changed(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, HAMLET, "mood");

	world_create(w, "mood", "pubsub#access_model", "open");
	world_subscribe(w, "mood", ROMEO);
	w->roster_unknown = true;
	world_config(w, &r, "pubsub#access_model", "presence");
	assert_int_equal(world_run(w, service_node_configure, &r), PUBSUB_ERR_NEED_ROSTER);
	assert_int_equal(world_node(w, "mood")->config.access_model, PUBSUB_ACCESS_OPEN);
}

static void test_whoever_gains_access_gets_the_last_item(void **state)
{
	struct world *w = *state;

	w->roster[0] = (struct world_contact){OPHELIA, "friends", true};
	w->roster_n = 1;
	w->defaults.send_last_published_item = PUBSUB_SEND_LAST_ON_SUB_AND_PRESENCE;
	world_create(w, "mood", "pubsub#access_model", "whitelist");
	w->interested[0] = HAMLET "/a";
	w->interested[1] = OPHELIA "/a";
	w->interested_n = 2;
	world_publish(w, "mood", "i");
	world_configure(w, "mood", "pubsub#access_model", "presence");
	assert_events(w, "publish mood i=<entry/> last > " OPHELIA "/a*\n");
	world_configure(w, "mood", "pubsub#access_model", "open");
	assert_events(w, "");
}

static void test_a_long_list_made_short_floods_nobody(void **state)
{
	struct world *w = *state;

	w->profile.max_items = 3000;
	world_create(w, "blog", "pubsub#publish_node_full", "retract-oldest");
	for (size_t i = 0; i < 1100; i++)
		world_publish(w, "blog", arena_printf(w->arena, "i%zu", i));
	world_subscribe(w, "blog", OPHELIA);
	world_configure(w, "blog", "pubsub#max_items", "10");
	assert_events(w, "");
	assert_int_equal(world_node(w, "blog")->items, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_partial_forms_keep_the_rest),
		WORLD_TEST(test_cancel_changes_nothing_and_a_form_is_needed),
		WORLD_TEST(test_subscribers_are_notified_of_changes_if_the_node_says_so),
		WORLD_TEST(test_a_lower_max_items_trims),
		WORLD_TEST(test_a_long_list_made_short_floods_nobody),
		WORLD_TEST(test_subscriptions_that_are_no_longer_allowed_end_with_a_notice),
		ACCOUNT_TEST(test_presence_access_ends_those_who_are_no_contacts),
		WORLD_TEST(test_authorize_keeps_those_who_are_subscribed),
		ACCOUNT_TEST(test_a_missing_roster_is_waited_for_with_nothing_changed),
		ACCOUNT_TEST(test_whoever_gains_access_gets_the_last_item),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
