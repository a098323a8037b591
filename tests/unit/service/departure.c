/* departure.c - what ends when somebody goes offline. */
#include "world.h"

static const struct service_profile *profile_of(void *ctx, const char *service_jid)
{
	struct world *w = ctx;

	assert_string_equal(service_jid, w->jid);
	return &w->profile;
}

/* Whether there was anything to end, and that it was ended. */
static bool depart(struct world *w, const char *jid)
{
	const struct service_profiles profiles = {profile_of, w};
	bool tied = false, still = false;

	w->service.events = NULL;
	w->service.events_end = &w->service.events;
	assert_int_equal(service_has_ties(&w->service, world_jid(w, jid), &tied), PUBSUB_OK);
	assert_int_equal(service_departed(&w->service, &profiles, world_jid(w, jid)), PUBSUB_OK);
	assert_int_equal(service_has_ties(&w->service, world_jid(w, jid), &still), PUBSUB_OK);
	assert_false(still);
	return tied;
}

static void come(struct world *w, const char *jid)
{
	w->available[w->available_n++] = jid;
}

static enum pubsub_error subscribe_temporarily(
	struct world *w, const char *node_id, const char *jid)
{
	struct pubsub_request r = world_request_jid(w, jid, node_id, jid);

	world_option(w, &r, "pubsub#expire", "presence");
	return world_run(w, service_subscribe, &r);
}

static void test_a_temporary_subscription_needs_a_presence(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	assert_int_equal(subscribe_temporarily(w, "blog", OPHELIA), PUBSUB_ERR_OPTIONS_INVALID);
	assert_string_equal(w->answer.detail, "pubsub#expire");
	come(w, OPHELIA);
	assert_int_equal(subscribe_temporarily(w, "blog", OPHELIA), PUBSUB_OK);
}

static void test_a_temporary_node_takes_nobody_who_is_offline(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request_jid(w, OPHELIA, "blog", OPHELIA);
	const struct pubsub_subscription entry = {
		.subscriber = world_jid(w, HORATIO), .state = PUBSUB_SUBSCRIPTION_SUBSCRIBED};
	struct pubsub_request set = world_request(w, HAMLET, "blog");

	world_create(w, "blog", "pubsub#tempsub", "1");
	assert_int_equal(world_run(w, service_subscribe, &r), PUBSUB_ERR_SUBSCRIBE_PRESENCE);
	set.subscriptions = &entry;
	set.subscription_count = 1;
	assert_int_equal(
		world_run(w, service_owner_subscriptions_set, &set), PUBSUB_ERR_ENTRIES_FAILED);
	come(w, HORATIO);
	assert_int_equal(world_run(w, service_owner_subscriptions_set, &set), PUBSUB_OK);
}

static void test_of_a_resource_nothing_but_its_own_subscription_ends(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	world_create(w, "kept", NULL, NULL);
	come(w, OPHELIA);
	come(w, OPHELIA "/brook");
	assert_int_equal(subscribe_temporarily(w, "blog", OPHELIA), PUBSUB_OK);
	assert_int_equal(subscribe_temporarily(w, "blog", OPHELIA "/brook"), PUBSUB_OK);
	world_subscribe(w, "kept", OPHELIA);
	assert_false(depart(w, OPHELIA "/closet"));
	assert_true(depart(w, OPHELIA "/brook"));
	assert_events(w, "");
	world_publish(w, "blog", "i");
	assert_events(w, "publish blog i=<entry/> > " OPHELIA "\n");
	assert_true(depart(w, OPHELIA));
	world_publish(w, "blog", "j");
	assert_events(w, "");
	world_publish(w, "kept", "k");
	assert_events(w, "publish kept k=<entry/> > " OPHELIA "\n");
}

static void test_owners_are_notified_that_a_temporary_subscription_has_ended(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", "pubsub#tempsub", "1");
	world_configure(w, "blog", "pubsub#notify_sub", "1");
	come(w, OPHELIA);
	world_subscribe(w, "blog", OPHELIA);
	assert_true(depart(w, OPHELIA));
	assert_events(w, "subscription blog " OPHELIA ":none > " HAMLET "\n");
}

static void publish_as(struct world *w, const char *from, const char *ids)
{
	struct pubsub_request r = world_items(w, from, "blog", ids, "<entry/>");

	assert_int_equal(world_run(w, service_item_publish, &r), PUBSUB_OK);
}

static void test_items_go_with_their_publisher(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", "pubsub#publish_model", "open");
	publish_as(w, OPHELIA, "a");
	world_configure(w, "blog", "pubsub#purge_offline", "1");
	world_subscribe(w, "blog", ROMEO);
	publish_as(w, HORATIO, "b");
	publish_as(w, OPHELIA, "c");
	assert_false(depart(w, OPHELIA "/brook"));
	assert_true(depart(w, OPHELIA));
	assert_events(w, "retract blog a > " ROMEO "\nretract blog c > " ROMEO "\n");
	assert_true(depart(w, HORATIO));
	assert_events(w, "purge blog > " ROMEO "\n");
	assert_int_equal(world_node(w, "blog")->items, 0);
}

static void test_no_more_is_notified_than_the_node_wants(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", "pubsub#purge_offline", "1");
	world_configure(w, "blog", "pubsub#notify_retract", "0");
	world_subscribe(w, "blog", ROMEO);
	world_publish(w, "blog", "a");
	assert_true(depart(w, HAMLET));
	assert_events(w, "");
	assert_int_equal(world_node(w, "blog")->items, 0);
}

static void test_transient_items_leave_no_tie(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", "pubsub#purge_offline", "1");
	world_configure(w, "blog", "pubsub#persist_items", "0");
	world_publish(w, "blog", "a");
	assert_false(depart(w, HAMLET));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(test_a_temporary_subscription_needs_a_presence),
		WORLD_TEST(test_a_temporary_node_takes_nobody_who_is_offline),
		WORLD_TEST(test_of_a_resource_nothing_but_its_own_subscription_ends),
		WORLD_TEST(test_owners_are_notified_that_a_temporary_subscription_has_ended),
		WORLD_TEST(test_items_go_with_their_publisher),
		WORLD_TEST(test_no_more_is_notified_than_the_node_wants),
		WORLD_TEST(test_transient_items_leave_no_tie),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
