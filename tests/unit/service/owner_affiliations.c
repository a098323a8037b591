/* owner_affiliations.c - affiliations as owners see and set them. */
#include "world.h"

#include "peppy/array.h"

#define OWNER PUBSUB_AFFILIATION_OWNER
#define MEMBER PUBSUB_AFFILIATION_MEMBER
#define OUTCAST PUBSUB_AFFILIATION_OUTCAST
#define NONE PUBSUB_AFFILIATION_NONE

static enum pubsub_error list(struct world *w, const struct pubsub_rsm *rsm)
{
	struct pubsub_request r = world_request(w, HAMLET, "blog");

	if (rsm != NULL)
		r.rsm = *rsm;
	return world_run(w, service_owner_affiliations, &r);
}

static enum pubsub_error set(struct world *w, const struct pubsub_affiliate *entries, size_t n)
{
	struct pubsub_request r = world_request(w, ADMIN, "blog");

	r.affiliates = entries;
	r.affiliate_count = n;
	return world_run(w, service_owner_affiliations_set, &r);
}

static const char *now(struct world *w)
{
	struct pubsub_request r = world_request(w, ADMIN, "blog");

	assert_int_equal(world_run(w, service_owner_affiliations, &r), PUBSUB_OK);
	return world_affiliations(w);
}

static void test_changes_are_deltas_and_notified(void **state)
{
	const struct pubsub_affiliate entries[] = {
		{.jid = OPHELIA, .affiliation = MEMBER}, {.jid = HORATIO, .affiliation = NONE}};
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	world_affiliate(w, "blog", HORATIO, MEMBER);
	assert_int_equal(set(w, entries, 2), PUBSUB_OK);
	assert_events(w, "affiliation blog " OPHELIA ":member > " OPHELIA "\n"
			 "affiliation blog " HORATIO ":none > " HORATIO "\n");
	assert_string_equal(now(w), HAMLET ":owner " OPHELIA ":member");
	assert_int_equal(set(w, entries, 2), PUBSUB_OK);
	assert_events(w, ""); /* nothing has changed */
}

static void test_entries_are_bare_jids_and_stand_once(void **state)
{
	const struct pubsub_affiliate twice[] = {
		{.jid = OPHELIA, .affiliation = MEMBER}, {.jid = OPHELIA, .affiliation = NONE}};
	const struct pubsub_affiliate full = {.jid = OPHELIA "/a", .affiliation = MEMBER};
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	assert_int_equal(set(w, twice, 2), PUBSUB_ERR_BAD_REQUEST);
	assert_int_equal(set(w, &full, 1), PUBSUB_ERR_BAD_REQUEST);
	assert_string_equal(now(w), HAMLET ":owner");
}

static void test_the_last_owner_stays(void **state)
{
	const struct pubsub_affiliate entry = {.jid = HAMLET, .affiliation = MEMBER};
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	assert_int_equal(set(w, &entry, 1), PUBSUB_ERR_LAST_OWNER);
	assert_string_equal(world_affiliations(w), HAMLET ":owner");
	assert_events(w, "");
	assert_string_equal(now(w), HAMLET ":owner");
}

static void test_of_two_who_resign_at_once_one_stays(void **state)
{
	const struct pubsub_affiliate entries[] = {
		{.jid = HAMLET, .affiliation = NONE},
		{.jid = HORATIO, .affiliation = MEMBER},
		{.jid = OPHELIA, .affiliation = NONE},
	};
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	world_affiliate(w, "blog", OPHELIA, OWNER);
	assert_int_equal(set(w, entries, 3), PUBSUB_ERR_ENTRIES_FAILED);
	assert_string_equal(world_affiliations(w), OPHELIA ":owner");
	assert_string_equal(now(w), HORATIO ":member " OPHELIA ":owner");
}

static void test_a_successor_lets_the_owner_go(void **state)
{
	const struct pubsub_affiliate entries[] = {
		{.jid = HAMLET, .affiliation = NONE}, {.jid = OPHELIA, .affiliation = OWNER}};
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	assert_int_equal(set(w, entries, 2), PUBSUB_OK);
	assert_string_equal(now(w), OPHELIA ":owner");
}

static void test_an_outcast_loses_his_subscriptions(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	world_subscribe(w, "blog", ROMEO);
	world_subscribe(w, "blog", ROMEO "/orchard");
	world_affiliate(w, "blog", ROMEO, OUTCAST);
	assert_int_equal(world_node(w, "blog")->subscribers, 0);
	assert_events(w, "affiliation blog " ROMEO ":outcast > " ROMEO "\n"
			 "subscription blog " ROMEO "/orchard:none > " ROMEO "/orchard\n"
			 "subscription blog " ROMEO ":none > " ROMEO "\n");
}

static void test_whoever_leaves_the_whitelist_is_subscribed_no_more(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", "pubsub#access_model", "whitelist");
	world_affiliate(w, "blog", ROMEO, MEMBER);
	world_subscribe(w, "blog", ROMEO);
	world_affiliate(w, "blog", ROMEO, NONE);
	assert_events(w, "affiliation blog " ROMEO ":none > " ROMEO "\n"
			 "subscription blog " ROMEO ":none > " ROMEO "\n");
}

static void test_a_pending_request_is_settled_by_an_affiliation(void **state)
{
	static const struct {
		enum pubsub_affiliation affiliation;
		const char *state;
	} rows[] = {
		{PUBSUB_AFFILIATION_MEMBER, "subscribed"},
		{PUBSUB_AFFILIATION_PUBLISHER, "subscribed"},
		{PUBSUB_AFFILIATION_OWNER, "subscribed"},
		{PUBSUB_AFFILIATION_OUTCAST, "none"},
		{PUBSUB_AFFILIATION_PUBLISH_ONLY, "none"},
	};
	struct world *w = *state;

	world_create(w, "blog", "pubsub#access_model", "authorize");
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		const char *jid = arena_printf(w->arena, "u%zu@verona.lit", i);

		world_subscribe(w, "blog", jid);
		world_affiliate(w, "blog", jid, rows[i].affiliation);
		assert_events(
			w, arena_printf(w->arena,
				   "affiliation blog %s:%s > %s\nsubscription blog %s:%s > %s\n",
				   jid, pubsub_affiliation_words.v[rows[i].affiliation], jid, jid,
				   rows[i].state, jid));
		assert_int_equal(world_node(w, "blog")->pending, 0);
	}
}

static void test_a_subscriber_of_another_node_is_left_alone(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	world_create(w, "news", NULL, NULL);
	world_subscribe(w, "news", ROMEO);
	world_affiliate(w, "blog", ROMEO, OUTCAST);
	assert_int_equal(world_node(w, "news")->subscribers, 1);
}

static void test_the_account_stays_owner_of_its_nodes(void **state)
{
	const struct pubsub_affiliate entries[] = {
		{.jid = HAMLET, .affiliation = NONE}, {.jid = OPHELIA, .affiliation = OWNER}};
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	assert_int_equal(set(w, entries, 2), PUBSUB_ERR_ENTRIES_FAILED);
	assert_string_equal(world_affiliations(w), HAMLET ":owner");
	assert_string_equal(now(w), HAMLET ":owner " OPHELIA ":owner");
}

static void test_the_list_is_paged(void **state)
{
	struct world *w = *state;
	struct pubsub_rsm rsm = {.present = true, .has_max = true, .max = 2};

	world_create(w, "blog", NULL, NULL);
	world_affiliate(w, "blog", "a@verona.lit", MEMBER);
	world_affiliate(w, "blog", "z@verona.lit", MEMBER);
	assert_int_equal(list(w, &rsm), PUBSUB_OK);
	assert_string_equal(world_affiliations(w), "a@verona.lit:member " HAMLET ":owner");
	rsm.after = w->answer.page.last;
	assert_int_equal(list(w, &rsm), PUBSUB_OK);
	assert_string_equal(world_affiliations(w), "z@verona.lit:member");
	rsm.after = NULL;
	rsm.before = "";
	assert_int_equal(list(w, &rsm), PUBSUB_OK);
	assert_string_equal(world_affiliations(w), HAMLET ":owner z@verona.lit:member");
	rsm.max = 0;
	assert_int_equal(list(w, &rsm), PUBSUB_OK);
	assert_string_equal(world_affiliations(w), "");
}

static void test_the_account_heads_the_list_whatever_the_page(void **state)
{
	struct world *w = *state;
	struct pubsub_rsm rsm = {.present = true, .has_max = true, .max = 1};

	world_create(w, "blog", NULL, NULL);
	world_affiliate(w, "blog", "a@verona.lit", MEMBER);
	world_affiliate(w, "blog", "z@verona.lit", MEMBER);
	assert_int_equal(list(w, &rsm), PUBSUB_OK);
	assert_string_equal(world_affiliations(w), HAMLET ":owner");
	rsm.after = w->answer.page.last;
	assert_int_equal(list(w, &rsm), PUBSUB_OK);
	assert_string_equal(world_affiliations(w), "a@verona.lit:member");
	rsm.after = w->answer.page.last;
	assert_int_equal(list(w, &rsm), PUBSUB_OK);
	assert_string_equal(world_affiliations(w), "z@verona.lit:member");
	rsm = (struct pubsub_rsm){
		.present = true, .has_max = true, .max = 5, .before = "z@verona.lit"};
	assert_int_equal(list(w, &rsm), PUBSUB_OK);
	assert_string_equal(world_affiliations(w), HAMLET ":owner a@verona.lit:member");
	rsm.before = HAMLET;
	assert_int_equal(list(w, &rsm), PUBSUB_OK);
	assert_string_equal(world_affiliations(w), "");
}

static void test_a_missing_roster_is_waited_for_with_nothing_changed(void **state)
{
	const struct pubsub_affiliate entries[] = {
		{.jid = HORATIO, .affiliation = MEMBER}, {.jid = OPHELIA, .affiliation = NONE}};
	struct world *w = *state;

	world_create(w, "blog", "pubsub#access_model", "presence");
	world_affiliate(w, "blog", OPHELIA, MEMBER);
	world_subscribe(w, "blog", OPHELIA);
	w->roster_unknown = true;
	assert_int_equal(set(w, entries, 2), PUBSUB_ERR_NEED_ROSTER);
	assert_string_equal(now(w), HAMLET ":owner " OPHELIA ":member");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_changes_are_deltas_and_notified),
		WORLD_TEST(test_entries_are_bare_jids_and_stand_once),
		WORLD_TEST(test_the_last_owner_stays),
		WORLD_TEST(test_of_two_who_resign_at_once_one_stays),
		WORLD_TEST(test_a_successor_lets_the_owner_go),
		WORLD_TEST(test_an_outcast_loses_his_subscriptions),
		WORLD_TEST(test_whoever_leaves_the_whitelist_is_subscribed_no_more),
		WORLD_TEST(test_a_pending_request_is_settled_by_an_affiliation),
		WORLD_TEST(test_a_subscriber_of_another_node_is_left_alone),
		ACCOUNT_TEST(test_the_account_stays_owner_of_its_nodes),
		WORLD_TEST(test_the_list_is_paged),
		ACCOUNT_TEST(test_the_account_heads_the_list_whatever_the_page),
		ACCOUNT_TEST(test_a_missing_roster_is_waited_for_with_nothing_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
