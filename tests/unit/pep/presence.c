/* Who is online, from stanzas as servers send them. */
#include "rig.h"

#include "pep/presence.h"
#include "peppy/array.h"

#define TUNE "http://jabber.org/protocol/tune"
#define TUNE_VER "rOm2o/HX3RFkgE/uCndVC0kPoPU="
#define C                                                                                          \
	"<c xmlns='http://jabber.org/protocol/caps' node='urn:n' hash='sha-1' ver='" TUNE_VER "'/" \
	">"
#define PRESENCE(from) "<presence to='pubsub.localhost' from='" from "'>" C "</presence>"
#define GONE(from) "<presence to='pubsub.localhost' from='" from "' type='unavailable'/>"
#define DISCO                                                                                      \
	"<iq type='result'><query xmlns='http://jabber.org/protocol/disco#info'>"                  \
	"<identity category='client' type='bot'/>"                                                 \
	"<feature var='http://jabber.org/protocol/tune+notify'/>"                                  \
	"<feature var='http://jabber.org/protocol/disco#info'/><feature var='jabber:x:data'/>"     \
	"<feature var='http://jabber.org/protocol/caps'/></query></iq>"

#define A "p148705a@localhost"
#define B "p148705b@localhost"

/* A's roster holds B and rita@remote.localhost; all capabilities are known. */
static void settle(struct rig *rig)
{
	rig_grant(rig);
	rig_feed(rig, 0, PRESENCE(A "/one"));
	rig_answer(rig, A "/one", DISCO);
	rig_tick(rig);
	rig_answer_roster(
		rig, A, B, "both", "Friends", "rita@remote.localhost", "from", "Friends", NULL);
}

static void test_resources_of_the_account_and_of_its_contacts_are_interested(void **state)
{
	struct rig *rig = *state;

	settle(rig);
	rig_feed(rig, 0, PRESENCE(B "/one"));
	rig_feed(rig, 0, PRESENCE("rita@remote.localhost/r1"));
	rig_feed(rig, 0, PRESENCE("stranger@localhost/x"));
	assert_string_equal(
		rig_interested(rig, A, TUNE), A "/one " B "/one rita@remote.localhost/r1");
	assert_string_equal(rig_interested(rig, A, "urn:other"), "");
}

static void test_contacts_that_only_the_account_watches_are_not_interested(void **state)
{
	struct rig *rig = *state;

	rig_grant(rig);
	rig_feed(rig, 0, PRESENCE(B "/one"));
	rig_answer(rig, B "/one", DISCO);
	assert_string_equal(rig_interested(rig, A, TUNE), "?");
	assert_string_equal(rig_fetch(rig), A);
	rig_answer_roster(rig, A, B, "to", "Friends", NULL);
	assert_string_equal(rig_interested(rig, A, TUNE), "");
}

static void test_without_the_roster_the_own_resources_are_known(void **state)
{
	struct rig *rig = *state;

	settle(rig);
	rig_feed(rig, 0, PRESENCE(B "/one"));
	rig->turn.now_us += 10 * MINUTE;
	assert_string_equal(rig_interested(rig, A, TUNE), A "/one?");
	assert_string_equal(rig_interested_now(rig, A, TUNE), A "/one");
	assert_string_equal(rig_fetch(rig), A);
	rig_answer(rig, A, NULL);
	assert_string_equal(rig_interested(rig, A, TUNE), A "/one");
}

/* ejabberd sends one for each local resource that gets it, and again at each login of a watcher */
static void test_copies_of_a_presence_change_nothing(void **state)
{
	struct rig *rig = *state;

	settle(rig);
	(void)rig_arrivals(rig);
	rig_feed(rig, 0, PRESENCE(A "/one"));
	rig_feed(rig, 0,
		"<presence xml:lang='en' to='pubsub.localhost' from='p148705a@localhost/one' "
		"id='9762016253a941b589b2bfd74a8c1430'>" C
		"<delay from='p148705a@localhost/one' stamp='2026-11-20T04:25:06.881402Z' "
		"xmlns='urn:xmpp:delay'/></presence>");
	assert_string_equal(rig_arrivals(rig), "");
	assert_string_equal(rig_interested(rig, A, TUNE), A "/one");
}

static void test_whoever_goes_is_not_interested_any_more(void **state)
{
	struct rig *rig = *state;

	settle(rig);
	rig_feed(rig, 0, PRESENCE(A "/two"));
	rig_feed(rig, 0, GONE(A "/one"));
	assert_string_equal(rig_interested(rig, A, TUNE), A "/two");
	rig_feed(rig, 0, "<presence from='" A "/two' type='error'/>");
	assert_string_equal(rig_interested(rig, A, TUNE), "");
}

static void test_unavailable_from_a_bare_jid_is_of_all_resources(void **state)
{
	struct rig *rig = *state;

	settle(rig);
	rig_feed(rig, 0, PRESENCE(A "/two"));
	rig_feed(rig, 0, GONE(A));
	assert_false(rig_available(rig, A));
	assert_string_equal(rig_interested(rig, A, TUNE), "");
}

static void test_a_presence_without_capabilities_keeps_those_before(void **state)
{
	struct rig *rig = *state;

	settle(rig);
	rig_feed(rig, 0,
		"<presence xml:lang='en' to='pubsub.localhost' from='p148705a@localhost/one'>"
		"<show>away</show></presence>");
	assert_string_equal(rig_interested(rig, A, TUNE), A "/one");
}

static void test_presence_subscriptions_are_not_presences(void **state)
{
	static const char *const types[] = {
		"subscribe", "subscribed", "unsubscribe", "unsubscribed", "probe"};
	struct rig *rig = *state;

	for (size_t i = 0; i < ARRAY_COUNT(types); i++)
		rig_feed(rig, 0,
			arena_printf(rig->arena, "<presence from='" B "/x' type='%s'/>", types[i]));
	rig_feed(rig, 0, "<presence from='" B "'/>"); /* no resource */
	rig_feed(rig, 0, "<presence/>");
	assert_false(rig_available(rig, B));
}

static void test_available_asks_for_a_resource_or_for_any(void **state)
{
	struct rig *rig = *state;

	settle(rig);
	assert_true(rig_available(rig, A));
	assert_true(rig_available(rig, A "/one"));
	assert_false(rig_available(rig, A "/two"));
	assert_false(rig_available(rig, B));
	rig_feed(rig, 0, PRESENCE("nobody@elsewhere.example/x"));
	assert_true(rig_available(rig, "nobody@elsewhere.example"));
}

static void test_resources_at_two_components_are_interested_once(void **state)
{
	struct rig *rig = *state;

	settle(rig);
	rig_feed(rig, 1, PRESENCE(A "/one"));
	assert_string_equal(rig_interested(rig, A, TUNE), A "/one");
	rig_feed(rig, 0, GONE(A "/one"));
	assert_string_equal(rig_interested(rig, A, TUNE), A "/one");
	rig_feed(rig, 1, GONE(A "/one"));
	assert_string_equal(rig_interested(rig, A, TUNE), "");
}

static void test_the_resource_silent_for_longest_goes_when_there_are_too_many(void **state)
{
	struct rig *rig = *state;

	settle(rig);
	for (int i = 0; i < RESOURCES_MAX; i++) {
		rig_feed(rig, 0,
			arena_printf(rig->arena, "<presence from='" A "/r%d'>" C "</presence>", i));
		if (i == 5)
			rig_feed(rig, 0, PRESENCE(A "/one"));
	}
	assert_true(rig_available(rig, A "/one"));
	assert_false(rig_available(rig, A "/r0"));
	assert_true(rig_available(rig, A "/r1"));
}

static void test_resources_above_the_limit_are_not_counted(void **state)
{
	struct rig *rig = *state;

	rig_grant(rig);
	rig->pep->presence_max = 2;
	rig_feed(rig, 0, PRESENCE(A "/one"));
	rig_feed(rig, 0, PRESENCE(A "/two"));
	rig_feed(rig, 0, PRESENCE(B "/one"));
	assert_false(rig_available(rig, B));
	rig_feed(rig, 0, GONE(A "/one"));
	rig_feed(rig, 0, PRESENCE(B "/one"));
	assert_true(rig_available(rig, B));
}

static void test_users_of_other_servers_leave_half_of_the_room_to_our_own(void **state)
{
	struct rig *rig = *state;

	rig_grant(rig);
	rig_feed(rig, 0, PRESENCE(A "/one"));
	rig_answer_roster(
		rig, A, "rita@remote.localhost", "both", "g", "bob@far.example", "both", "g", NULL);
	rig->pep->presence_max = 4;
	rig_feed(rig, 0, PRESENCE("rita@remote.localhost/r1"));
	rig_feed(rig, 0, PRESENCE("rita@remote.localhost/r2"));
	rig_feed(rig, 0, PRESENCE("bob@far.example/x"));
	assert_false(rig_available(rig, "bob@far.example"));
	rig_feed(rig, 0, PRESENCE(B "/one"));
	assert_true(rig_available(rig, B));
	rig_feed(rig, 0, GONE("rita@remote.localhost/r1"));
	rig_feed(rig, 0, PRESENCE("bob@far.example/x"));
	assert_true(rig_available(rig, "bob@far.example"));
}

/* ---- strangers ---- */

static void test_nothing_is_asked_or_kept_of_strangers(void **state)
{
	struct rig *rig = *state;

	rig_grant(rig);
	rig_feed(rig, 0, PRESENCE("rita@remote.localhost/r1"));
	rig_flush(rig);
	assert_int_equal(rig_open(rig, "rita@remote.localhost/r1"), 0);
	assert_string_equal(rig_stored(rig), "");
	assert_string_equal(rig_arrivals(rig), "");
}

static void test_a_stranger_becomes_a_contact_when_the_roster_comes(void **state)
{
	struct rig *rig = *state;

	rig_grant(rig);
	rig_feed(rig, 0, PRESENCE("rita@remote.localhost/r1"));
	assert_string_equal(rig_interested(rig, A, TUNE), "?");
	(void)rig_fetch(rig);
	rig_answer_roster(rig, A, "rita@remote.localhost", "both", "g", NULL);
	rig_answer(rig, "rita@remote.localhost/r1", DISCO);
	assert_string_equal(rig_interested(rig, A, TUNE), "rita@remote.localhost/r1");
	assert_string_equal(rig_arrivals(rig), "rita@remote.localhost/r1 first: " TUNE "; " A "\n");
}

static void test_a_subscriber_of_the_component_is_not_a_stranger(void **state)
{
	struct rig *rig = *state;
	struct pubsub_node node = {.service = "pubsub.localhost",
		.node_id = "n",
		.config = pubsub_node_config_default,
		.creator = "a@localhost"};
	struct pubsub_subscription subscription = {
		.sub_id = "s", .state = PUBSUB_SUBSCRIPTION_SUBSCRIBED};
	struct store_txn *txn;

	assert_true(jid_parse("sub@far.example", rig->arena, &subscription.subscriber));
	assert_int_equal(store_begin(rig->store, STORE_WRITE, &txn), PUBSUB_OK);
	assert_int_equal(store_node_create(txn, &node), PUBSUB_OK);
	assert_int_equal(store_subscription_put(txn, &node, &subscription), PUBSUB_OK);
	assert_int_equal(store_commit(txn), PUBSUB_OK);
	rig_feed(rig, 0, "<presence from='sub@far.example/x'/>");
	assert_string_equal(rig_arrivals(rig), "sub@far.example/x first:;\n");
	rig_feed(rig, 1, "<presence from='other@far.example/x'/>");
	assert_string_equal(rig_arrivals(rig), "");
}

/* ---- the own roster ---- */

static void test_an_account_coming_online_has_its_roster_fetched_if_it_is_old(void **state)
{
	struct rig *rig = *state;

	settle(rig);
	rig_feed(rig, 0, PRESENCE(A "/two"));
	rig_tick(rig);
	assert_int_equal(rig_open(rig, A), 0);
	rig->turn.now_us += MINUTE;
	rig_feed(rig, 0, PRESENCE(A "/two")); /* it is online already */
	rig_tick(rig);
	assert_int_equal(rig_open(rig, A), 0);
	rig_feed(rig, 0, PRESENCE(A "/three"));
	rig_tick(rig);
	assert_int_equal(rig_open(rig, A), 1);
}

static void test_only_some_rosters_are_asked_for_at_a_time(void **state)
{
	struct rig *rig = *state;
	size_t asked;

	rig_grant(rig);
	for (int i = 0; i < 60; i++)
		rig_feed(rig, 0, arena_printf(rig->arena, "<presence from='u%d@localhost/x'/>", i));
	rig_tick(rig);
	asked = rig->question_count;
	assert_int_equal(asked, 50);
	rig_answer_roster(rig, "u0@localhost", NULL);
	assert_int_equal(rig->question_count, 51);
	rig_answer(rig, "u1@localhost", NULL); /* no other one, in the midst of giving up */
	assert_int_equal(rig->question_count, 51);
	rig_tick(rig);
	assert_int_equal(rig->question_count, 52);
}

static void test_a_state_is_known_of_whoever_is_online(void **state)
{
	struct rig *rig = *state;

	rig_feed(rig, 0,
		"<presence to='pubsub.localhost' from='" A "/one'><show>away</show></presence>");
	rig_feed(rig, 0, "<presence to='pubsub.localhost' from='romeo@verona.lit/o'/>");
	assert_true(rig_shows(rig, A "/one", "away"));
	assert_true(rig_shows(rig, A, "away"));
	assert_false(rig_shows(rig, A, "online"));
	assert_false(rig_shows(rig, A "/two", "away"));
	assert_true(rig_shows(rig, "romeo@verona.lit", "online"));
	rig_feed(rig, 0,
		"<presence to='pubsub.localhost' from='" A "/one'><show>busy</show></presence>");
	assert_true(rig_shows(rig, A, "online"));
	rig_feed(rig, 0,
		"<presence to='pubsub.localhost' from='" A "/two'><show>dnd</show></presence>");
	assert_true(rig_shows(rig, A, "online"));
	assert_true(rig_shows(rig, A, "dnd"));
	rig_flush(rig);
	rig_restart(rig);
	assert_true(rig_shows(rig, A, "chat")); /* nothing is known of it yet */
}

static void test_users_online_are_told_once_by_component(void **state)
{
	struct rig *rig = *state;
	struct pubsub_texts users;

	rig_grant(rig);
	rig_feed(rig, 0, PRESENCE(A "/one"));
	rig_feed(rig, 0, PRESENCE(A "/two"));
	rig_feed(rig, 0, PRESENCE(B "/one"));
	rig_feed(rig, 0, GONE(B "/one"));
	rig_feed(rig, 0, PRESENCE("stranger@remote.localhost/x"));
	users = pep_online_users(rig->pep, 0, rig->arena);
	assert_int_equal(users.n, 1);
	assert_string_equal(users.v[0], A);
	assert_int_equal(pep_online_users(rig->pep, 1, rig->arena).n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(test_resources_of_the_account_and_of_its_contacts_are_interested),
		RIG_TEST(test_contacts_that_only_the_account_watches_are_not_interested),
		RIG_TEST(test_without_the_roster_the_own_resources_are_known),
		RIG_TEST(test_copies_of_a_presence_change_nothing),
		RIG_TEST(test_whoever_goes_is_not_interested_any_more),
		RIG_TEST(test_unavailable_from_a_bare_jid_is_of_all_resources),
		RIG_TEST(test_a_presence_without_capabilities_keeps_those_before),
		RIG_TEST(test_presence_subscriptions_are_not_presences),
		RIG_TEST(test_available_asks_for_a_resource_or_for_any),
		RIG_TEST(test_resources_at_two_components_are_interested_once),
		RIG_TEST(test_the_resource_silent_for_longest_goes_when_there_are_too_many),
		RIG_TEST(test_resources_above_the_limit_are_not_counted),
		RIG_TEST(test_a_state_is_known_of_whoever_is_online),
		RIG_TEST(test_users_of_other_servers_leave_half_of_the_room_to_our_own),
		RIG_TEST(test_nothing_is_asked_or_kept_of_strangers),
		RIG_TEST(test_a_stranger_becomes_a_contact_when_the_roster_comes),
		RIG_TEST(test_a_subscriber_of_the_component_is_not_a_stranger),
		RIG_TEST(test_an_account_coming_online_has_its_roster_fetched_if_it_is_old),
		RIG_TEST(test_only_some_rosters_are_asked_for_at_a_time),
		RIG_TEST(test_users_online_are_told_once_by_component),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
