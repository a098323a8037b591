/* last.c - last items. */
#include "world.h"

static enum pubsub_error arrive_as(struct world *w, struct service_arrival arrival)
{
	w->service.events = NULL;
	w->service.events_end = &w->service.events;
	arrival.service = w->jid;
	return service_last_items(&w->service, &arrival);
}

static void arrive(struct world *w, const char *jid, const char *wanted)
{
	const struct pubsub_texts notify = {&wanted, 1};
	const struct service_arrival arrival = {
		.jid = world_jid(w, jid), .notify = wanted != NULL ? &notify : NULL};

	assert_int_equal(arrive_as(w, arrival), PUBSUB_OK);
}

static void on_presence(struct world *w, const char *node_id)
{
	w->defaults.send_last_published_item = PUBSUB_SEND_LAST_ON_SUB_AND_PRESENCE;
	world_create(w, node_id, NULL, NULL);
	world_publish(w, node_id, "i1 i2");
}

static void test_never_means_never(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", "pubsub#send_last_published_item", "never");
	world_publish(w, "blog", "i");
	world_subscribe(w, "blog", ROMEO);
	assert_events(w, "");
	arrive(w, ROMEO "/a", NULL);
	assert_events(w, "");
}

/* A stanza may set free no more than a link lets wait. */
static void test_what_one_stanza_sets_free_has_an_end(void **state)
{
	struct world *w = *state;

	on_presence(w, "blog");
	world_subscribe(w, "blog", ROMEO);
	w->service.told_bytes = 16 * 1024 * 1024;
	arrive(w, ROMEO "/a", NULL);
	assert_events(w, "");
	w->service.told_bytes = 0;
	arrive(w, ROMEO "/a", NULL);
	assert_events(w, "publish blog i2=<entry/> last > " ROMEO "/a\n");
}

static void test_on_sub_is_not_on_presence(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	world_publish(w, "blog", "i");
	world_subscribe(w, "blog", ROMEO);
	assert_events(w, "publish blog i=<entry/> last > " ROMEO "\n");
	arrive(w, ROMEO "/a", NULL);
	assert_events(w, "");
}

static void test_whoever_comes_online_gets_it_at_that_client(void **state)
{
	struct world *w = *state;

	on_presence(w, "blog");
	world_subscribe(w, "blog", ROMEO);
	world_subscribe(w, "blog", ROMEO "/a"); /* once is enough */
	arrive(w, ROMEO "/a", NULL);
	assert_events(w, "publish blog i2=<entry/> last > " ROMEO "/a\n");
	arrive(w, OPHELIA "/a", NULL);
	assert_events(w, "");
}

static void test_a_subscription_of_another_client_is_not_meant(void **state)
{
	struct world *w = *state;

	on_presence(w, "blog");
	world_subscribe(w, "blog", ROMEO "/b");
	arrive(w, ROMEO "/a", NULL);
	assert_events(w, "");
}

static void test_announced_interests_narrow_it_down(void **state)
{
	struct world *w = *state;

	on_presence(w, "blog");
	on_presence(w, "news");
	world_subscribe(w, "blog", ROMEO);
	world_subscribe(w, "news", ROMEO);
	arrive(w, ROMEO "/a", "news");
	assert_events(w, "publish news i2=<entry/> last > " ROMEO "/a\n");
}

static void test_no_delivery_no_last_item(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request_jid(w, ROMEO, "blog", ROMEO);

	on_presence(w, "blog");
	world_option(w, &r, "pubsub#deliver", "0");
	assert_int_equal(world_run(w, service_subscribe, &r), PUBSUB_OK);
	assert_events(w, "");
	arrive(w, ROMEO "/a", NULL);
	assert_events(w, "");
}

static void test_whoever_lost_access_gets_nothing(void **state)
{
	struct world *w = *state;

	on_presence(w, "blog");
	world_subscribe(w, "blog", ROMEO);
	assert_int_equal(store_affiliation_put(w->service.txn, world_node(w, "blog"), ROMEO,
				 PUBSUB_AFFILIATION_OUTCAST),
		PUBSUB_OK);
	arrive(w, ROMEO "/a", NULL);
	assert_events(w, "");
}

static void test_expired_items_are_skipped(void **state)
{
	struct world *w = *state;

	on_presence(w, "blog");
	world_subscribe(w, "blog", ROMEO);
	world_configure(w, "blog", "pubsub#item_expire", "60");
	w->service.now_us -= UINT64_C(100000000); /* the clock goes back, and so i3 is due first */
	world_publish(w, "blog", "i3");
	w->service.now_us += UINT64_C(61000000);
	arrive(w, ROMEO "/a", NULL);
	assert_events(w, "publish blog i2=<entry/> last > " ROMEO "/a\n");
	w->service.now_us += UINT64_C(100000000);
	arrive(w, ROMEO "/b", NULL);
	assert_events(w, "");
}

static void test_presence_based_delivery_waits_for_presence(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", "pubsub#presence_based_delivery", "1");
	world_publish(w, "blog", "i");
	world_subscribe(w, "blog", ROMEO);
	assert_events(w, "");
	w->available[w->available_n++] = OPHELIA;
	world_subscribe(w, "blog", OPHELIA);
	assert_events(w, "publish blog i=<entry/> last > " OPHELIA "\n");
}

static void test_at_an_account_it_goes_to_whoever_wants_and_may(void **state)
{
	struct world *w = *state;

	on_presence(w, "mood");
	world_configure(w, "mood", "pubsub#access_model", "presence");
	w->roster[0] = (struct world_contact){OPHELIA, NULL, true};
	w->roster_n = 1;
	arrive(w, OPHELIA "/a", "mood");
	assert_events(w, "publish mood i2=<entry/> last > " OPHELIA "/a\n");
	arrive(w, HAMLET "/a", "mood");
	assert_events(w, "publish mood i2=<entry/> last > " HAMLET "/a\n");
	arrive(w, ROMEO "/a", "mood");
	assert_events(w, "");
	arrive(w, OPHELIA "/a", "tune"); /* no such node */
	assert_events(w, "");
	arrive(w, OPHELIA "/a", NULL);
	assert_events(w, "");
	world_configure(w, "mood", "pubsub#deliver_payloads", "0");
	arrive(w, OPHELIA "/a", "mood");
	assert_events(w, "");
}

/* A deferred event would reach those as well who have got it long ago. */
static void test_who_gains_access_gets_it_alone_however_large_it_is(void **state)
{
	struct world *w = *state;

	on_presence(w, "mood");
	world_configure(w, "mood", "pubsub#access_model", "whitelist");
	world_affiliate(w, "mood", HORATIO, PUBSUB_AFFILIATION_MEMBER);
	w->roster[0] = (struct world_contact){OPHELIA, NULL, true};
	w->roster_n = 1;
	w->interested[w->interested_n++] = HORATIO "/a";
	w->interested[w->interested_n++] = OPHELIA "/a";
	w->interested[w->interested_n++] = OPHELIA "/b";
	w->profile.fanout_bytes = 1;
	world_configure(w, "mood", "pubsub#access_model", "presence");
	assert_events(w, "publish mood i2=<entry/> last > " OPHELIA "/a*\n"
			 "publish mood i2=<entry/> last > " OPHELIA "/b*\n");
}

static void test_an_unknown_roster_is_waited_for(void **state)
{
	struct world *w = *state;
	const char *wanted = "mood";
	const struct pubsub_texts notify = {&wanted, 1};

	on_presence(w, "mood");
	world_configure(w, "mood", "pubsub#access_model", "presence");
	w->roster_unknown = true;
	assert_int_equal(arrive_as(w, (struct service_arrival){.jid = world_jid(w, OPHELIA "/a"),
					      .notify = &notify}),
		PUBSUB_ERR_NEED_ROSTER);
}

static void test_a_roster_that_does_not_come_hides_what_depends_on_it_alone(void **state)
{
	static const char *const wanted[] = {"mood", "news"};
	const struct pubsub_texts notify = {wanted, 2};
	struct world *w = *state;

	on_presence(w, "mood");
	world_configure(w, "mood", "pubsub#access_model", "presence");
	on_presence(w, "news");
	w->roster_unknown = w->service.expired = true;
	assert_int_equal(arrive_as(w, (struct service_arrival){.jid = world_jid(w, ROMEO "/a"),
					      .notify = &notify}),
		PUBSUB_OK);
	assert_events(w, "publish news i2=<entry/> last > " ROMEO "/a\n");
}

static void test_sub_ids_come_along(void **state)
{
	struct world *w = *state;

	w->profile.multi_subscribe = true;
	on_presence(w, "blog");
	world_subscribe(w, "blog", ROMEO);
	assert_events(w, "publish blog i2=<entry/> last > " ROMEO "#\n");
	arrive(w, ROMEO "/a", NULL);
	assert_events(w, "publish blog i2=<entry/> last > " ROMEO "/a#\n");
}

static void test_a_node_that_is_transient_now_has_no_last_item(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	world_publish(w, "blog", "i");
	world_configure(w, "blog", "pubsub#persist_items", "0");
	world_subscribe(w, "blog", ROMEO);
	assert_events(w, "");
}

/* ---- for whoever was away (XEP-0312) ---- */

#define SECOND UINT64_C(1000000)

static void come_back(struct world *w, const char *jid, uint64_t away_us)
{
	assert_int_equal(arrive_as(w, (struct service_arrival){.jid = world_jid(w, jid),
					      .since_us = w->service.now_us - away_us}),
		PUBSUB_OK);
}

static void test_whoever_was_away_gets_what_he_has_missed(void **state)
{
	struct world *w = *state;

	on_presence(w, "blog");
	world_subscribe(w, "blog", ROMEO);
	w->service.now_us += 60 * SECOND;
	world_publish(w, "blog", "i3");
	world_publish(w, "blog", "i4");
	world_publish(w, "blog", "i1");
	w->service.now_us += 60 * SECOND;
	come_back(w, ROMEO "/a", 90 * SECOND);
	assert_events(w, "publish blog i3=<entry/> last > " ROMEO "/a\n"
			 "publish blog i4=<entry/> last > " ROMEO "/a\n"
			 "publish blog i1=<entry/> last > " ROMEO "/a\n");
	come_back(w, ROMEO "/a", 30 * SECOND);
	assert_events(w, "");
}

static void test_what_was_missed_for_absence_comes_without_last_items_too(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", "pubsub#presence_based_delivery", "1");
	world_create(w, "other", NULL, NULL);
	world_subscribe(w, "blog", ROMEO);
	world_subscribe(w, "other", ROMEO);
	world_publish(w, "blog", "i");
	world_publish(w, "other", "j");
	come_back(w, ROMEO "/a", SECOND);
	assert_events(w, "publish blog i=<entry/> last > " ROMEO "/a\n");
	arrive(w, ROMEO "/a", NULL);
	assert_events(w, "");
}

static void test_of_much_that_was_missed_the_newest_comes(void **state)
{
	struct world *w = *state;
	const struct pubsub_event *event = NULL;
	size_t n = 0;

	on_presence(w, "blog");
	w->profile.max_items = 1000;
	world_configure(w, "blog", "pubsub#max_items", "max");
	world_subscribe(w, "blog", ROMEO);
	for (int i = 0; i < 150; i++)
		world_publish(w, "blog", arena_printf(w->arena, "n%d", i));
	come_back(w, ROMEO "/a", SECOND);
	for (event = w->service.events; event != NULL; event = event->next)
		assert_string_equal(event->items->id, arena_printf(w->arena, "n%zu", 50 + n++));
	assert_int_equal(n, 100);
}

/* ---- what has come as an event already ---- */

/* He is online, and wants what there is, since so long. */
static void arrive_since(struct world *w, const char *jid, const char *wanted, uint64_t ago_us)
{
	const struct pubsub_texts notify = {&wanted, 1};

	assert_int_equal(arrive_as(w, (struct service_arrival){.jid = world_jid(w, jid),
					      .notify = &notify,
					      .hears_us = w->service.now_us - ago_us}),
		PUBSUB_OK);
}

static void test_what_was_published_since_he_hears_is_not_told_again(void **state)
{
	struct world *w = *state;

	on_presence(w, "mood");
	w->service.now_us += 60 * SECOND;
	arrive_since(w, OPHELIA "/a", "mood", 0);
	assert_events(w, "publish mood i2=<entry/> last > " OPHELIA "/a\n");
	world_publish(w, "mood", "i3");
	w->service.now_us += 60 * SECOND;
	arrive_since(w, OPHELIA "/a", "mood", 61 * SECOND);
	assert_events(w, "");
	/* At that very moment: he may not have it. */
	arrive_since(w, OPHELIA "/a", "mood", 60 * SECOND);
	assert_events(w, "publish mood i3=<entry/> last > " OPHELIA "/a\n");
}

static void test_items_of_the_future_are_told_whatever_the_clock_says(void **state)
{
	struct world *w = *state;

	on_presence(w, "mood");
	w->service.now_us -= 3600 * SECOND; /* it was set back */
	arrive_since(w, OPHELIA "/a", "mood", 60 * SECOND);
	assert_events(w, "publish mood i2=<entry/> last > " OPHELIA "/a\n");
}

static void test_of_what_was_missed_that_is_left_out_which_has_come(void **state)
{
	struct world *w = *state;

	on_presence(w, "blog");
	world_subscribe(w, "blog", ROMEO);
	w->service.now_us += 60 * SECOND;
	world_publish(w, "blog", "i3");
	w->service.now_us += 60 * SECOND;
	world_publish(w, "blog", "i4");
	w->service.now_us += SECOND;
	assert_int_equal(arrive_as(w, (struct service_arrival){.jid = world_jid(w, ROMEO "/a"),
					      .since_us = w->service.now_us - 90 * SECOND,
					      .hears_us = w->service.now_us - 30 * SECOND}),
		PUBSUB_OK);
	assert_events(w, "publish blog i3=<entry/> last > " ROMEO "/a\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_never_means_never),
		WORLD_TEST(test_what_one_stanza_sets_free_has_an_end),
		WORLD_TEST(test_on_sub_is_not_on_presence),
		WORLD_TEST(test_whoever_comes_online_gets_it_at_that_client),
		WORLD_TEST(test_a_subscription_of_another_client_is_not_meant),
		WORLD_TEST(test_announced_interests_narrow_it_down),
		WORLD_TEST(test_no_delivery_no_last_item),
		WORLD_TEST(test_whoever_lost_access_gets_nothing),
		WORLD_TEST(test_expired_items_are_skipped),
		WORLD_TEST(test_a_node_that_is_transient_now_has_no_last_item),
		WORLD_TEST(test_presence_based_delivery_waits_for_presence),
		ACCOUNT_TEST(test_at_an_account_it_goes_to_whoever_wants_and_may),
		ACCOUNT_TEST(test_who_gains_access_gets_it_alone_however_large_it_is),
		ACCOUNT_TEST(test_an_unknown_roster_is_waited_for),
		ACCOUNT_TEST(test_a_roster_that_does_not_come_hides_what_depends_on_it_alone),
		WORLD_TEST(test_sub_ids_come_along),
		WORLD_TEST(test_whoever_was_away_gets_what_he_has_missed),
		WORLD_TEST(test_what_was_missed_for_absence_comes_without_last_items_too),
		WORLD_TEST(test_of_much_that_was_missed_the_newest_comes),
		ACCOUNT_TEST(test_what_was_published_since_he_hears_is_not_told_again),
		ACCOUNT_TEST(test_items_of_the_future_are_told_whatever_the_clock_says),
		WORLD_TEST(test_of_what_was_missed_that_is_left_out_which_has_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
