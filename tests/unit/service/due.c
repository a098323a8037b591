/* due.c - leases that end, digests that are sent. */
#include "world.h"

#define SECOND UINT64_C(1000000)
#define DAY (24 * 3600 * SECOND)

static const struct service_profile *profile_of(void *ctx, const char *service_jid)
{
	struct world *w = ctx;

	assert_string_equal(service_jid, w->jid);
	return &w->profile;
}

/* Time passes, and what is due is done; is there more? */
static bool sweep_some(struct world *w, uint64_t us, size_t limit)
{
	const struct service_profiles profiles = {profile_of, w};
	bool more = true;

	w->service.now_us += us;
	w->service.events = NULL;
	w->service.events_end = &w->service.events;
	assert_int_equal(
		service_subscriptions_due(&w->service, &profiles, limit, &more), PUBSUB_OK);
	return more;
}

static void sweep(struct world *w, uint64_t us)
{
	assert_false(sweep_some(w, us, 100));
}

static void set_options(struct world *w, const char *jid,
	const struct pubsub_subscribe_options *options, bool fresh)
{
	struct pubsub_request r = world_request_jid(w, jid, "blog", jid);

	r.options_state = PUBSUB_FORM_SUBMIT;
	r.options = *options;
	r.options_set = UINT64_MAX;
	assert_int_equal(
		world_run(w, fresh ? service_subscribe : service_options_set, &r), PUBSUB_OK);
}

/* ---- leases ---- */

static void lease(struct world *w, const char *jid, uint64_t us, bool fresh)
{
	struct pubsub_subscribe_options options = pubsub_subscribe_options_default;

	options.expire_us = us != 0 ? w->service.now_us + us : 0;
	set_options(w, jid, &options, fresh);
}

static void test_a_lease_ends_and_its_holder_is_notified(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", "pubsub#notify_sub", "1");
	lease(w, ROMEO, 60 * SECOND, true);
	sweep(w, 59 * SECOND);
	assert_events(w, "");
	sweep(w, SECOND);
	assert_events(w, "subscription blog " ROMEO ":none > " ROMEO "\n"
			 "subscription blog " ROMEO ":none > " HAMLET "\n");
	assert_int_equal(world_node(w, "blog")->subscribers, 0);
	sweep(w, DAY);
	assert_events(w, "");
}

static void test_a_day_before_the_end_its_holder_is_notified_once(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	lease(w, ROMEO, 3 * DAY, true);
	sweep(w, 2 * DAY - 1);
	assert_events(w, "");
	sweep(w, 1);
	assert_events(w, "subscription blog " ROMEO ":subscribed > " ROMEO "\n");
	assert_int_equal(
		w->service.events->subscription->options.expire_us, w->service.now_us + DAY);
	sweep(w, DAY - 1);
	assert_events(w, "");
	sweep(w, 1);
	assert_events(w, "subscription blog " ROMEO ":none > " ROMEO "\n");
}

static void test_a_renewed_lease_goes_on(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	lease(w, ROMEO, 60 * SECOND, true);
	lease(w, ROMEO, 120 * SECOND, false);
	sweep(w, 119 * SECOND);
	assert_events(w, "");
	lease(w, ROMEO, 0, false);
	sweep(w, 2 * DAY);
	assert_events(w, "");
	assert_int_equal(world_node(w, "blog")->subscribers, 1);
}

static void test_a_lease_made_shorter_ends_earlier(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	lease(w, ROMEO, 9 * DAY, true);
	lease(w, ROMEO, 60 * SECOND, false);
	sweep(w, 60 * SECOND);
	assert_events(w, "subscription blog " ROMEO ":none > " ROMEO "\n");
}

static void test_whoever_is_pending_waits_no_longer_than_his_lease(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", "pubsub#access_model", "authorize");
	lease(w, ROMEO, 60 * SECOND, true);
	sweep(w, 60 * SECOND);
	assert_events(w, "subscription blog " ROMEO ":none > " ROMEO "\n");
	assert_int_equal(world_node(w, "blog")->pending, 0);
}

static void test_no_more_is_done_at_once_than_allowed(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	lease(w, ROMEO, SECOND, true);
	lease(w, OPHELIA, 2 * SECOND, true);
	lease(w, HORATIO, 3 * SECOND, true);
	assert_true(sweep_some(w, 3 * SECOND, 2));
	assert_events(w, "subscription blog " ROMEO ":none > " ROMEO "\n"
			 "subscription blog " OPHELIA ":none > " OPHELIA "\n");
	assert_false(sweep_some(w, 0, 2));
	assert_events(w, "subscription blog " HORATIO ":none > " HORATIO "\n");
}

/* ---- digests ---- */

static void digest(struct world *w, const char *jid, uint32_t seconds, bool fresh)
{
	struct pubsub_subscribe_options options = pubsub_subscribe_options_default;

	options.digest = true;
	options.digest_frequency_ms = seconds * 1000;
	set_options(w, jid, &options, fresh);
}

/* What the router does: it renders an event and has it kept. */
static void collect(struct world *w, const char *body)
{
	size_t n = 0;

	for (const struct pubsub_event *event = w->service.events; event != NULL;
		event = event->next) {
		if (event->digest_count == 0)
			continue;
		n++;
		assert_int_equal(
			service_digest_collect(&w->service, event, body, strlen(body)), PUBSUB_OK);
	}
	assert_int_equal(n, 1);
}

static void publish(struct world *w, const char *id)
{
	world_publish(w, "blog", id);
	collect(w, id);
}

static void test_events_are_sent_together_when_the_time_is_up(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	world_subscribe(w, "blog", OPHELIA);
	digest(w, ROMEO, 60, true);
	world_publish(w, "blog", "a");
	assert_events(w, "publish blog a=<entry/> (1 collect it) > " OPHELIA "\n");
	collect(w, "a");
	sweep(w, 59 * SECOND);
	assert_events(w, "");
	publish(w, "b");
	sweep(w, SECOND);
	assert_events(w, "digest blog a b > " ROMEO "\n");
	sweep(w, 600 * SECOND);
	assert_events(w, "");
	publish(w, "c");
	sweep(w, 60 * SECOND);
	assert_events(w, "digest blog c > " ROMEO "\n");
}

static void test_each_collects_for_himself(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	digest(w, ROMEO, 60, true);
	publish(w, "a");
	digest(w, OPHELIA, 10, true);
	publish(w, "b");
	sweep(w, 10 * SECOND);
	assert_events(w, "digest blog b > " OPHELIA "\n");
	sweep(w, 50 * SECOND);
	assert_events(w, "digest blog a b > " ROMEO "\n");
}

static void test_what_does_not_fit_comes_in_a_further_message(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	w->profile.answer_bytes = 10000;
	digest(w, ROMEO, 60, true);
	publish(w, "a");
	publish(w, "b");
	publish(w, "c");
	w->profile.answer_bytes = 2;
	sweep(w, 60 * SECOND);
	assert_events(w, "digest blog a b > " ROMEO "\ndigest blog c > " ROMEO "\n");
}

static void test_what_fills_a_stanza_waits_no_longer(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	digest(w, ROMEO, 86400, true);
	publish(w, "a");
	sweep(w, SECOND);
	assert_events(w, "");
	world_publish(w, "blog", "b");
	w->profile.answer_bytes = 2;
	collect(w, "b");
	sweep(w, 0);
	assert_events(w, "digest blog a b > " ROMEO "\n");
}

static void test_whoever_wants_no_digest_any_more_gets_what_waits(void **state)
{
	struct world *w = *state;
	struct pubsub_subscribe_options options = pubsub_subscribe_options_default;

	world_create(w, "blog", NULL, NULL);
	digest(w, ROMEO, 86400, true);
	publish(w, "a");
	set_options(w, ROMEO, &options, false);
	sweep(w, 0);
	assert_events(w, "digest blog a > " ROMEO "\n");
	world_publish(w, "blog", "b");
	assert_events(w, "publish blog b=<entry/> > " ROMEO "\n");
}

static void test_who_may_not_hear_of_it_any_more_gets_nothing(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	digest(w, ROMEO, 60, true);
	publish(w, "a");
	assert_int_equal(store_affiliation_put(w->service.txn, world_node(w, "blog"), ROMEO,
				 PUBSUB_AFFILIATION_OUTCAST),
		PUBSUB_OK);
	sweep(w, 60 * SECOND);
	assert_events(w, "");
	assert_int_equal(store_affiliation_put(w->service.txn, world_node(w, "blog"), ROMEO,
				 PUBSUB_AFFILIATION_NONE),
		PUBSUB_OK);
	sweep(w, 60 * SECOND);
	assert_events(w, "");
}

static void test_a_lease_that_ends_brings_its_digest_first(void **state)
{
	struct world *w = *state;
	struct pubsub_subscribe_options options = pubsub_subscribe_options_default;

	world_create(w, "blog", NULL, NULL);
	options.digest = true;
	options.digest_frequency_ms = 60000;
	options.expire_us = w->service.now_us + 60 * SECOND;
	set_options(w, ROMEO, &options, true);
	publish(w, "a");
	sweep(w, 60 * SECOND);
	assert_events(
		w, "digest blog a > " ROMEO "\nsubscription blog " ROMEO ":none > " ROMEO "\n");
}

static void test_a_deletion_is_notified_at_once(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, HAMLET, "blog");

	world_create(w, "blog", NULL, NULL);
	digest(w, ROMEO, 60, true);
	publish(w, "a");
	assert_int_equal(world_run(w, service_node_delete, &r), PUBSUB_OK);
	assert_events(w, "delete blog > " ROMEO "\n");
	sweep(w, 60 * SECOND);
	assert_events(w, "");
}

static void test_whoever_left_gets_no_digest(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request_jid(w, ROMEO, "blog", ROMEO);

	world_create(w, "blog", NULL, NULL);
	digest(w, ROMEO, 60, true);
	publish(w, "a");
	assert_int_equal(world_run(w, service_unsubscribe, &r), PUBSUB_OK);
	digest(w, ROMEO, 60, true);
	sweep(w, 600 * SECOND);
	assert_events(w, "");
}

static void test_a_digest_says_by_which_subscription_it_comes(void **state)
{
	struct world *w = *state;

	w->profile.multi_subscribe = true;
	world_create(w, "blog", NULL, NULL);
	digest(w, ROMEO, 60, true);
	world_subscribe(w, "blog", ROMEO);
	world_publish(w, "blog", "a");
	assert_events(w, "publish blog a=<entry/> (1 collect it) > " ROMEO "#\n");
	collect(w, "a");
	sweep(w, 60 * SECOND);
	assert_events(w, "digest blog a > " ROMEO "#\n");
}

static void test_interested_clients_of_a_collector_wait_with_him(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	w->interested[w->interested_n++] = ROMEO "/orchard";
	w->roster[w->roster_n++] = (struct world_contact){.jid = ROMEO, .subscribed = true};
	digest(w, ROMEO, 60, true);
	world_publish(w, "blog", "a");
	assert_events(w, "publish blog a=<entry/> replyto " HAMLET "/elsinore (1 collect it) >\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(test_a_lease_ends_and_its_holder_is_notified),
		WORLD_TEST(test_a_day_before_the_end_its_holder_is_notified_once),
		WORLD_TEST(test_a_renewed_lease_goes_on),
		WORLD_TEST(test_a_lease_made_shorter_ends_earlier),
		WORLD_TEST(test_whoever_is_pending_waits_no_longer_than_his_lease),
		WORLD_TEST(test_no_more_is_done_at_once_than_allowed),
		WORLD_TEST(test_events_are_sent_together_when_the_time_is_up),
		WORLD_TEST(test_each_collects_for_himself),
		WORLD_TEST(test_what_does_not_fit_comes_in_a_further_message),
		WORLD_TEST(test_what_fills_a_stanza_waits_no_longer),
		WORLD_TEST(test_whoever_wants_no_digest_any_more_gets_what_waits),
		WORLD_TEST(test_who_may_not_hear_of_it_any_more_gets_nothing),
		WORLD_TEST(test_a_lease_that_ends_brings_its_digest_first),
		WORLD_TEST(test_a_deletion_is_notified_at_once),
		WORLD_TEST(test_whoever_left_gets_no_digest),
		WORLD_TEST(test_a_digest_says_by_which_subscription_it_comes),
		ACCOUNT_TEST(test_interested_clients_of_a_collector_wait_with_him),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
