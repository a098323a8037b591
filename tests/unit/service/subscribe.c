/* subscribe.c - subscribing and unsubscribing. */
#include "world.h"

static enum pubsub_error subscribe(
	struct world *w, const char *from, const char *node_id, const char *jid)
{
	struct pubsub_request r = world_request_jid(w, from, node_id, jid);

	return world_run(w, service_subscribe, &r);
}

static enum pubsub_error unsubscribe(
	struct world *w, const char *from, const char *node_id, const char *jid, const char *sub_id)
{
	struct pubsub_request r = world_request_jid(w, from, node_id, jid);

	r.sub_id = sub_id;
	return world_run(w, service_unsubscribe, &r);
}

static void test_the_answer_tells_node_jid_state_and_options(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request_jid(w, ROMEO, "blog", ROMEO "/orchard");

	world_create(w, "blog", NULL, NULL);
	world_option(w, &r, "pubsub#deliver", "0");
	assert_int_equal(world_run(w, service_subscribe, &r), PUBSUB_OK);
	assert_string_equal(world_subscriptions(w), ROMEO "/orchard:subscribed");
	assert_string_equal(w->answer.subscriptions[0].node_id, "blog");
	assert_null(w->answer.subscriptions[0].sub_id);
	assert_false(w->answer.options.deliver);
	assert_events(w, "");
}

static void test_a_jid_is_subscribed_once(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	assert_int_equal(subscribe(w, ROMEO, "blog", ROMEO), PUBSUB_OK);
	assert_int_equal(subscribe(w, ROMEO, "blog", ROMEO), PUBSUB_OK);
	assert_string_equal(world_subscriptions(w), ROMEO ":subscribed");
	assert_int_equal(world_node(w, "blog")->subscribers, 1);
	assert_int_equal(subscribe(w, ROMEO, "blog", ROMEO "/orchard"), PUBSUB_OK);
	assert_int_equal(world_node(w, "blog")->subscribers, 2);
}

static void test_subscribing_again_takes_new_options(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request_jid(w, ROMEO, "blog", ROMEO);

	world_create(w, "blog", NULL, NULL);
	world_subscribe(w, "blog", ROMEO);
	world_option(w, &r, "pubsub#deliver", "0");
	assert_int_equal(world_run(w, service_subscribe, &r), PUBSUB_OK);
	world_publish(w, "blog", "i");
	assert_events(w, "");
}

static void test_a_refused_option_subscribes_nobody(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request_jid(w, ROMEO, "blog", ROMEO);

	world_create(w, "blog", NULL, NULL);
	world_option(w, &r, "pubsub#include_body", "1");
	assert_int_equal(world_run(w, service_subscribe, &r), PUBSUB_ERR_OPTIONS_INVALID);
	assert_int_equal(world_node(w, "blog")->subscribers, 0);
}

static void test_nobody_subscribes_others_but_owners_and_admins(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	assert_int_equal(subscribe(w, ROMEO, "blog", OPHELIA), PUBSUB_ERR_SUBSCRIBE_JID);
	assert_int_equal(subscribe(w, HAMLET, "blog", ROMEO), PUBSUB_ERR_SUBSCRIBE_JID);
	assert_int_equal(subscribe(w, HAMLET, "blog", OPHELIA), PUBSUB_OK);
	assert_events(w, "subscription blog " OPHELIA ":subscribed > " OPHELIA "\n");
	assert_int_equal(subscribe(w, ADMIN, "blog", ROMEO), PUBSUB_OK);
	assert_events(w, "subscription blog " ROMEO ":subscribed > " ROMEO "\n");
}

static void test_a_jid_and_a_node_are_needed(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, ROMEO, "blog");

	world_create(w, "blog", NULL, NULL);
	assert_int_equal(world_run(w, service_subscribe, &r), PUBSUB_ERR_JID_REQUIRED);
	assert_int_equal(world_run(w, service_unsubscribe, &r), PUBSUB_ERR_JID_REQUIRED);
	assert_int_equal(subscribe(w, ROMEO, NULL, ROMEO), PUBSUB_ERR_NODEID_REQUIRED);
	assert_int_equal(subscribe(w, ROMEO, "none", ROMEO), PUBSUB_ERR_NODE_NOT_FOUND);
}

static void test_authorize_asks_every_owner(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", "pubsub#access_model", "authorize");
	world_affiliate(w, "blog", OPHELIA, PUBSUB_AFFILIATION_OWNER);
	assert_int_equal(subscribe(w, ROMEO, "blog", ROMEO), PUBSUB_OK);
	assert_events(w, "authorize blog " ROMEO ":pending > " HAMLET " " OPHELIA "\n");
	assert_int_equal(w->service.events->type, PUBSUB_NOTIFICATION_NORMAL);
	assert_int_equal(subscribe(w, ROMEO, "blog", ROMEO), PUBSUB_ERR_SUBSCRIBE_PENDING);
	world_publish(w, "blog", "i");
	assert_events(w, "");
}

static void test_whoever_is_pending_is_subscribed_when_he_asks_an_open_node_again(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", "pubsub#access_model", "authorize");
	assert_int_equal(subscribe(w, ROMEO, "blog", ROMEO), PUBSUB_OK);
	world_configure(w, "blog", "pubsub#access_model", "open");
	assert_int_equal(subscribe(w, ROMEO, "blog", ROMEO), PUBSUB_OK);
	assert_string_equal(world_subscriptions(w), ROMEO ":subscribed");
	assert_int_equal(world_node(w, "blog")->pending, 0);
}

static void test_a_new_subscriber_gets_the_last_item(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	world_publish(w, "blog", "i1 i2");
	assert_int_equal(subscribe(w, ROMEO, "blog", ROMEO "/orchard"), PUBSUB_OK);
	assert_events(w, "publish blog i2=<entry/> last > " ROMEO "/orchard\n");
	assert_int_equal(subscribe(w, ROMEO, "blog", ROMEO "/orchard"), PUBSUB_OK);
	assert_events(w, ""); /* not when nothing is new */
}

static void test_owners_are_notified_of_subscribers_if_they_want(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", "pubsub#notify_sub", "1");
	assert_int_equal(subscribe(w, ROMEO, "blog", ROMEO), PUBSUB_OK);
	assert_events(w, "subscription blog " ROMEO ":subscribed > " HAMLET "\n");
	assert_int_equal(unsubscribe(w, ROMEO, "blog", ROMEO, NULL), PUBSUB_OK);
	assert_events(w, "subscription blog " ROMEO ":none > " HAMLET "\n");
}

static void test_a_closed_node_keeps_its_subscribers(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	world_subscribe(w, "blog", OPHELIA);
	world_configure(w, "blog", "pubsub#subscribe", "0");
	assert_int_equal(subscribe(w, ROMEO, "blog", ROMEO), PUBSUB_ERR_SUBSCRIBE_CLOSED);
	assert_int_equal(subscribe(w, OPHELIA, "blog", OPHELIA), PUBSUB_OK);
}

static void test_a_lease_that_ran_out_is_not_a_subscription(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request_jid(w, ROMEO, "blog", ROMEO);

	world_create(w, "blog", NULL, NULL);
	world_option(w, &r, "pubsub#expire", "2033-05-18T03:33:20Z");
	assert_int_equal(world_run(w, service_subscribe, &r), PUBSUB_OK);
	world_publish(w, "blog", "i");
	assert_events(w, "publish blog i=<entry/> > " ROMEO "\n");
	w->service.now_us = UINT64_C(2000000000000000);
	world_publish(w, "blog", "i");
	assert_events(w, "");
	assert_int_equal(unsubscribe(w, ROMEO, "blog", ROMEO, NULL), PUBSUB_ERR_UNSUBSCRIBE_NONE);
	assert_int_equal(subscribe(w, ROMEO, "blog", ROMEO), PUBSUB_OK);
	assert_int_equal(world_node(w, "blog")->subscribers, 1);
}

static void test_unsubscribing_ends_deliveries(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	world_subscribe(w, "blog", ROMEO);
	assert_int_equal(unsubscribe(w, ROMEO, "blog", ROMEO, NULL), PUBSUB_OK);
	assert_string_equal(world_subscriptions(w), ROMEO ":none");
	world_publish(w, "blog", "i");
	assert_events(w, "");
	assert_int_equal(unsubscribe(w, ROMEO, "blog", ROMEO, NULL), PUBSUB_ERR_UNSUBSCRIBE_NONE);
}

static void test_nobody_unsubscribes_others_but_owners(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	world_subscribe(w, "blog", ROMEO);
	assert_int_equal(
		unsubscribe(w, OPHELIA, "blog", ROMEO, NULL), PUBSUB_ERR_UNSUBSCRIBE_FORBIDDEN);
	assert_int_equal(unsubscribe(w, HAMLET, "blog", ROMEO, NULL), PUBSUB_OK);
	assert_events(w, "subscription blog " ROMEO ":none > " ROMEO "\n");
}

static void test_a_sub_id_is_ignored_where_there_are_none(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	world_subscribe(w, "blog", ROMEO);
	assert_int_equal(unsubscribe(w, ROMEO, "blog", ROMEO, "x"), PUBSUB_OK);
}

static void test_several_subscriptions_are_told_apart_by_their_sub_ids(void **state)
{
	struct world *w = *state;
	const char *first = NULL, *second = NULL;

	w->profile.multi_subscribe = true;
	world_create(w, "blog", NULL, NULL);
	world_subscribe(w, "blog", ROMEO);
	first = w->answer.subscriptions[0].sub_id;
	world_subscribe(w, "blog", ROMEO);
	second = w->answer.subscriptions[0].sub_id;
	assert_string_not_equal(first, second);
	world_publish(w, "blog", "i");
	assert_events(w, "publish blog i=<entry/> > " ROMEO "##\n");
	assert_int_equal(unsubscribe(w, ROMEO, "blog", ROMEO, NULL), PUBSUB_ERR_SUBID_REQUIRED);
	assert_int_equal(unsubscribe(w, ROMEO, "blog", ROMEO, "x"), PUBSUB_ERR_SUBID_INVALID);
	assert_int_equal(unsubscribe(w, ROMEO, "blog", ROMEO, second), PUBSUB_OK);
	assert_string_equal(w->answer.subscriptions[0].sub_id, second);
	assert_int_equal(unsubscribe(w, ROMEO, "blog", ROMEO, NULL), PUBSUB_OK);
	assert_int_equal(world_node(w, "blog")->subscribers, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_the_answer_tells_node_jid_state_and_options),
		WORLD_TEST(test_a_jid_is_subscribed_once),
		WORLD_TEST(test_subscribing_again_takes_new_options),
		WORLD_TEST(test_a_refused_option_subscribes_nobody),
		WORLD_TEST(test_nobody_subscribes_others_but_owners_and_admins),
		WORLD_TEST(test_a_jid_and_a_node_are_needed),
		WORLD_TEST(test_authorize_asks_every_owner),
		WORLD_TEST(test_whoever_is_pending_is_subscribed_when_he_asks_an_open_node_again),
		WORLD_TEST(test_a_new_subscriber_gets_the_last_item),
		WORLD_TEST(test_owners_are_notified_of_subscribers_if_they_want),
		WORLD_TEST(test_a_closed_node_keeps_its_subscribers),
		WORLD_TEST(test_a_lease_that_ran_out_is_not_a_subscription),
		WORLD_TEST(test_unsubscribing_ends_deliveries),
		WORLD_TEST(test_nobody_unsubscribes_others_but_owners),
		WORLD_TEST(test_a_sub_id_is_ignored_where_there_are_none),
		WORLD_TEST(test_several_subscriptions_are_told_apart_by_their_sub_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
