/* owner_subscriptions.c - subscriptions as owners see and set them. */
#include "world.h"

#define SUBSCRIBED PUBSUB_SUBSCRIPTION_SUBSCRIBED
#define PENDING PUBSUB_SUBSCRIPTION_PENDING
#define NONE PUBSUB_SUBSCRIPTION_NONE

static enum pubsub_error list(struct world *w, const struct pubsub_rsm *rsm)
{
	struct pubsub_request r = world_request(w, HAMLET, "blog");

	if (rsm != NULL)
		r.rsm = *rsm;
	return world_run(w, service_owner_subscriptions, &r);
}

struct entry {
	const char *jid;
	enum pubsub_subscription_state state;
	const char *sub_id;
};

static enum pubsub_error set(
	struct world *w, const char *from, const struct entry *entries, size_t n)
{
	struct pubsub_request r = world_request(w, from, "blog");
	struct pubsub_subscription *v = arena_alloc(w->arena, n * sizeof *v);

	for (size_t i = 0; i < n; i++)
		v[i] = (struct pubsub_subscription){
			.subscriber = world_jid(w, entries[i].jid),
			.state = entries[i].state,
			.sub_id = entries[i].sub_id,
		};
	r.subscriptions = v;
	r.subscription_count = n;
	return world_run(w, service_owner_subscriptions_set, &r);
}

static enum pubsub_error set_one(
	struct world *w, const char *jid, enum pubsub_subscription_state state)
{
	const struct entry entry = {jid, state, NULL};

	return set(w, HAMLET, &entry, 1);
}

static void test_the_list_holds_those_who_are_subscribed(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	world_subscribe(w, "blog", ROMEO "/orchard");
	world_configure(w, "blog", "pubsub#access_model", "authorize");
	world_subscribe(w, "blog", OPHELIA);
	assert_int_equal(list(w, NULL), PUBSUB_OK);
	assert_string_equal(world_subscriptions(w), ROMEO "/orchard:subscribed");
	assert_null(w->answer.subscriptions[0].sub_id);
	assert_false(w->answer.page.present);
}

static void test_the_list_is_paged(void **state)
{
	struct world *w = *state;
	struct pubsub_rsm rsm = {.present = true, .has_max = true, .max = 2};

	world_create(w, "blog", NULL, NULL);
	for (char jid[] = "a@verona.lit"; jid[0] <= 'e'; jid[0]++)
		world_subscribe(w, "blog", jid);
	assert_int_equal(list(w, &rsm), PUBSUB_OK);
	assert_string_equal(
		world_subscriptions(w), "a@verona.lit:subscribed b@verona.lit:subscribed");
	assert_int_equal(w->answer.page.count, 5);
	assert_int_equal(set_one(w, "b@verona.lit", NONE), PUBSUB_OK); /* its place remains */
	assert_int_equal(list(w, &rsm), PUBSUB_OK);
	rsm.after = w->answer.page.last;
	assert_int_equal(list(w, &rsm), PUBSUB_OK);
	assert_string_equal(
		world_subscriptions(w), "d@verona.lit:subscribed e@verona.lit:subscribed");
	rsm.after = w->answer.page.last;
	assert_int_equal(list(w, &rsm), PUBSUB_OK);
	assert_null(w->answer.page.last);
	rsm.after = "nonsense";
	assert_int_equal(list(w, &rsm), PUBSUB_ERR_RSM_NOT_FOUND);
	rsm.after = NULL;
	rsm.before = "";
	assert_int_equal(list(w, &rsm), PUBSUB_OK);
	assert_string_equal(
		world_subscriptions(w), "d@verona.lit:subscribed e@verona.lit:subscribed");
	rsm.before = w->answer.page.first;
	assert_int_equal(list(w, &rsm), PUBSUB_OK);
	assert_string_equal(
		world_subscriptions(w), "a@verona.lit:subscribed c@verona.lit:subscribed");
	rsm = (struct pubsub_rsm){.present = true, .has_index = true};
	assert_int_equal(list(w, &rsm), PUBSUB_ERR_RSM_INDEX);
}

static void test_a_long_list_ends_where_the_stanza_does(void **state)
{
	enum { MANY = 300 };
	struct world *w = *state;
	struct pubsub_rsm rsm = {.present = true};
	size_t seen = 0;

	world_create(w, "blog", NULL, NULL);
	for (size_t i = 0; i < MANY; i++)
		world_subscribe(w, "blog", arena_printf(w->arena, "u%03zu@verona.lit", i));
	do {
		assert_int_equal(list(w, &rsm), PUBSUB_OK);
		for (size_t i = 0; i < w->answer.subscription_count; i++)
			assert_string_equal(w->answer.subscriptions[i].subscriber.full,
				arena_printf(w->arena, "u%03zu@verona.lit", seen + i));
		seen += w->answer.subscription_count;
		rsm.after = w->answer.page.last;
	} while (rsm.after != NULL);
	assert_int_equal(seen, MANY);
}

static void test_a_request_is_approved_or_denied(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", "pubsub#access_model", "authorize");
	world_publish(w, "blog", "i");
	world_subscribe(w, "blog", ROMEO);
	world_subscribe(w, "blog", OPHELIA);
	assert_int_equal(set_one(w, ROMEO, SUBSCRIBED), PUBSUB_OK);
	assert_events(w, "subscription blog " ROMEO ":subscribed > " ROMEO "\n"
			 "publish blog i=<entry/> last > " ROMEO "\n");
	assert_int_equal(set_one(w, OPHELIA, NONE), PUBSUB_OK);
	assert_events(w, "subscription blog " OPHELIA ":none > " OPHELIA "\n");
	assert_int_equal(world_node(w, "blog")->subscribers, 1);
	assert_int_equal(world_node(w, "blog")->pending, 0);
}

static void test_a_subscriber_is_removed_and_notified(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	world_subscribe(w, "blog", ROMEO);
	assert_int_equal(set_one(w, ROMEO, NONE), PUBSUB_OK);
	assert_events(w, "subscription blog " ROMEO ":none > " ROMEO "\n");
	assert_int_equal(set_one(w, ROMEO, NONE), PUBSUB_OK); /* as it is already */
	assert_events(w, "");
}

static void test_those_who_never_asked_are_of_ones_own_domains(void **state)
{
	const struct entry romeo = {ROMEO, SUBSCRIBED, NULL};
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	assert_int_equal(set_one(w, OPHELIA, SUBSCRIBED), PUBSUB_OK);
	assert_events(w, "subscription blog " OPHELIA ":subscribed > " OPHELIA "\n");
	assert_int_equal(set_one(w, ROMEO, SUBSCRIBED), PUBSUB_ERR_ENTRIES_FAILED);
	assert_string_equal(world_subscriptions(w), ROMEO ":none");
	assert_events(w, "");
	assert_int_equal(set(w, ADMIN, &romeo, 1), PUBSUB_OK);
	world_affiliate(w, "blog", YORICK, PUBSUB_AFFILIATION_OUTCAST);
	assert_int_equal(set_one(w, YORICK, SUBSCRIBED), PUBSUB_ERR_ENTRIES_FAILED);
}

static void test_entries_that_fail_come_back_and_the_others_are_applied(void **state)
{
	const struct entry entries[] = {
		{ROMEO, PENDING, NULL}, /* nobody is set back */
		{OPHELIA, NONE, NULL},
		{"stranger@verona.lit", SUBSCRIBED, NULL},
		{HORATIO, SUBSCRIBED, NULL},
	};
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	world_subscribe(w, "blog", ROMEO);
	world_subscribe(w, "blog", OPHELIA);
	assert_int_equal(set(w, HAMLET, entries, 4), PUBSUB_ERR_ENTRIES_FAILED);
	assert_string_equal(world_subscriptions(w), ROMEO ":subscribed stranger@verona.lit:none");
	assert_events(w, "subscription blog " OPHELIA ":none > " OPHELIA "\n"
			 "subscription blog " HORATIO ":subscribed > " HORATIO "\n");
}

static void test_an_entry_stands_once(void **state)
{
	const struct entry entries[] = {{OPHELIA, SUBSCRIBED, NULL}, {OPHELIA, NONE, "x"}};
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	assert_int_equal(set(w, HAMLET, entries, 2), PUBSUB_ERR_BAD_REQUEST);
	assert_int_equal(world_node(w, "blog")->subscribers, 0);
}

static void test_sub_ids_say_which_subscription_is_meant(void **state)
{
	struct world *w = *state;
	struct entry entry = {ROMEO, NONE, NULL};

	w->profile.multi_subscribe = true;
	world_create(w, "blog", NULL, NULL);
	world_subscribe(w, "blog", ROMEO);
	world_subscribe(w, "blog", ROMEO);
	entry.sub_id = w->answer.subscriptions[0].sub_id;
	assert_int_equal(set_one(w, ROMEO, NONE), PUBSUB_ERR_ENTRIES_FAILED);
	assert_int_equal(set(w, HAMLET, &entry, 1), PUBSUB_OK);
	assert_int_equal(world_node(w, "blog")->subscribers, 1);
	assert_int_equal(list(w, NULL), PUBSUB_OK);
	assert_string_not_equal(w->answer.subscriptions[0].sub_id, entry.sub_id);
}

static void test_a_missing_roster_is_waited_for_with_nothing_changed(void **state)
{
	const struct entry entries[] = {{OPHELIA, NONE, NULL}, {HORATIO, SUBSCRIBED, NULL}};
	struct world *w = *state;

	world_create(w, "blog", "pubsub#access_model", "open");
	world_subscribe(w, "blog", OPHELIA);
	world_configure(w, "blog", "pubsub#access_model", "authorize");
	world_affiliate(w, "blog", OPHELIA, PUBSUB_AFFILIATION_MEMBER);
	world_configure(w, "blog", "pubsub#access_model", "presence");
	w->roster_unknown = true;
	assert_int_equal(set(w, HAMLET, entries, 2), PUBSUB_ERR_NEED_ROSTER);
	assert_int_equal(world_node(w, "blog")->subscribers, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_the_list_holds_those_who_are_subscribed),
		WORLD_TEST(test_the_list_is_paged),
		WORLD_TEST(test_a_long_list_ends_where_the_stanza_does),
		WORLD_TEST(test_a_request_is_approved_or_denied),
		WORLD_TEST(test_a_subscriber_is_removed_and_notified),
		WORLD_TEST(test_those_who_never_asked_are_of_ones_own_domains),
		WORLD_TEST(test_entries_that_fail_come_back_and_the_others_are_applied),
		WORLD_TEST(test_an_entry_stands_once),
		WORLD_TEST(test_sub_ids_say_which_subscription_is_meant),
		ACCOUNT_TEST(test_a_missing_roster_is_waited_for_with_nothing_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
