/* Who gets last items, of what, and when (XEP-0163 4.3.4). */
#include "rig.h"

#include <string.h>

#define TUNE "http://jabber.org/protocol/tune"
#define TUNE_C                                                                                     \
	"<c xmlns='http://jabber.org/protocol/caps' node='urn:n' hash='sha-1' "                    \
	"ver='rOm2o/HX3RFkgE/uCndVC0kPoPU='/>"
#define BOTH_C                                                                                     \
	"<c xmlns='http://jabber.org/protocol/caps' node='urn:n' hash='sha-1' "                    \
	"ver='86jzQ+htucbu11N+mIY2Q90vuXI='/>"
#define PRESENCE(from, c) "<presence to='pubsub.localhost' from='" from "'>" c "</presence>"
#define GONE(from) "<presence from='" from "' type='unavailable'/>"
#define DISCO(features)                                                                            \
	"<iq type='result'><query xmlns='http://jabber.org/protocol/disco#info'>"                  \
	"<identity category='client' type='bot'/>" features "</query></iq>"
#define TUNE_DISCO                                                                                 \
	DISCO("<feature var='http://jabber.org/protocol/tune+notify'/>"                            \
	      "<feature var='http://jabber.org/protocol/disco#info'/>"                             \
	      "<feature var='jabber:x:data'/><feature var='http://jabber.org/protocol/caps'/>")
#define BOTH_DISCO                                                                                 \
	DISCO("<feature var='urn:mood+notify'/>"                                                   \
	      "<feature var='http://jabber.org/protocol/tune+notify'/>")

#define JULIET "juliet@localhost"
#define ROMEO "romeo@b.example"

/* Juliet's roster was fetched when she published; romeo may see her. Nobody is online. */
static void settle(struct rig *rig)
{
	rig_grant(rig);
	(void)rig_subscribed(rig, JULIET, ROMEO);
	(void)rig_fetch(rig);
	rig_answer_roster(rig, JULIET, ROMEO, "both", "Friends", NULL);
}

static void test_a_first_presence_waits_for_its_capabilities(void **state)
{
	struct rig *rig = *state;

	settle(rig);
	rig_feed(rig, 0, PRESENCE(ROMEO "/orchard", TUNE_C));
	assert_string_equal(rig_arrivals(rig), "");
	rig_answer(rig, ROMEO "/orchard", TUNE_DISCO);
	assert_string_equal(rig_arrivals(rig), ROMEO "/orchard first: " TUNE "; " JULIET "\n");
	assert_string_equal(rig_arrivals(rig), "");
}

static void test_whoever_is_put_off_arrives_at_a_later_tick_if_he_is_there(void **state)
{
	struct rig *rig = *state;

	settle(rig);
	rig->busy = ROMEO;
	rig_feed(rig, 0, PRESENCE(ROMEO "/orchard", ""));
	rig_feed(rig, 0, PRESENCE(ROMEO "/street", ""));
	rig_feed(rig, 0, PRESENCE(JULIET "/balcony", ""));
	assert_string_equal(rig_arrivals(rig), JULIET "/balcony first:; " JULIET "\n");
	rig_feed(rig, 0, GONE(ROMEO "/street"));
	rig_tick(rig);
	assert_string_equal(rig_arrivals(rig), "");
	rig->busy = NULL;
	assert_string_equal(rig_arrivals(rig), "");
	rig_tick(rig);
	assert_string_equal(rig_arrivals(rig), ROMEO "/orchard first:; " JULIET "\n");
	rig_tick(rig);
	assert_string_equal(rig_arrivals(rig), "");
}

static void test_a_presence_without_capabilities_arrives_at_once_and_wants_nothing(void **state)
{
	struct rig *rig = *state;

	settle(rig);
	rig_feed(rig, 0, PRESENCE(ROMEO "/orchard", ""));
	assert_string_equal(rig_arrivals(rig), ROMEO "/orchard first:; " JULIET "\n");
	rig_feed(rig, 0, PRESENCE(ROMEO "/orchard", "<show>away</show>"));
	assert_string_equal(rig_arrivals(rig), "");
}

static void test_whoever_cannot_tell_what_it_wants_arrives_all_the_same(void **state)
{
	struct rig *rig = *state;

	settle(rig);
	rig_feed(rig, 0, PRESENCE(ROMEO "/orchard", TUNE_C));
	rig_answer(rig, ROMEO "/orchard", NULL);
	assert_string_equal(rig_arrivals(rig), ROMEO "/orchard first:; " JULIET "\n");
}

static void test_later_presences_of_a_session_get_only_what_is_newly_wanted(void **state)
{
	struct rig *rig = *state;

	settle(rig);
	rig_feed(rig, 0, PRESENCE(ROMEO "/orchard", TUNE_C));
	rig_answer(rig, ROMEO "/orchard", TUNE_DISCO);
	(void)rig_arrivals(rig);
	rig_feed(rig, 0, PRESENCE(ROMEO "/orchard", TUNE_C "<show>away</show>"));
	assert_string_equal(rig_arrivals(rig), "");
	rig_feed(rig, 0, PRESENCE(ROMEO "/orchard", BOTH_C));
	rig_answer(rig, ROMEO "/orchard", BOTH_DISCO);
	assert_string_equal(rig_arrivals(rig), ROMEO "/orchard: urn:mood; " JULIET "\n");
	rig_feed(rig, 0, PRESENCE(ROMEO "/orchard", TUNE_C));
	assert_string_equal(rig_arrivals(rig), "");
	rig_feed(rig, 0, PRESENCE(ROMEO "/orchard", BOTH_C)); /* announced anew */
	assert_string_equal(rig_arrivals(rig), ROMEO "/orchard: urn:mood; " JULIET "\n");
}

static void test_a_new_session_gets_all_again(void **state)
{
	struct rig *rig = *state;

	settle(rig);
	rig_feed(rig, 0, PRESENCE(ROMEO "/orchard", TUNE_C));
	rig_answer(rig, ROMEO "/orchard", TUNE_DISCO);
	(void)rig_arrivals(rig);
	rig_feed(rig, 0, GONE(ROMEO "/orchard"));
	rig_feed(rig, 0, PRESENCE(ROMEO "/orchard", TUNE_C));
	assert_string_equal(rig_arrivals(rig), ROMEO "/orchard first: " TUNE "; " JULIET "\n");
}

static void test_whoever_has_gone_does_not_arrive(void **state)
{
	struct rig *rig = *state;

	settle(rig);
	rig_feed(rig, 0, PRESENCE(ROMEO "/orchard", ""));
	rig_feed(rig, 0, PRESENCE(ROMEO "/garden", TUNE_C));
	rig_feed(rig, 0, GONE(ROMEO "/orchard"));
	rig_feed(rig, 0, GONE(ROMEO "/garden"));
	rig_answer(rig, ROMEO "/garden", TUNE_DISCO);
	assert_string_equal(rig_arrivals(rig), "");
}

static void test_an_account_gets_its_own_events_if_it_is_delegated(void **state)
{
	struct rig *rig = *state;

	rig_feed(rig, 0, PRESENCE(JULIET "/balcony", ""));
	assert_string_equal(rig_arrivals(rig), JULIET "/balcony first:;\n");
	rig_grant(rig);
	rig_feed(rig, 0, PRESENCE(JULIET "/chamber", ""));
	assert_string_equal(rig_arrivals(rig), JULIET "/chamber first:; " JULIET "\n");
}

static void test_at_two_components_it_is_greeted_twice_but_accounts_are_due_once(void **state)
{
	struct rig *rig = *state;

	settle(rig);
	rig_feed(rig, 0, PRESENCE(ROMEO "/orchard", TUNE_C));
	rig_feed(rig, 1, PRESENCE(ROMEO "/orchard", TUNE_C));
	rig_answer(rig, ROMEO "/orchard", TUNE_DISCO);
	assert_string_equal(rig_arrivals(rig),
		ROMEO "/orchard first: " TUNE "; " JULIET "\n" ROMEO "/orchard first: " TUNE ";\n");
	rig_feed(rig, 1, PRESENCE(ROMEO "/orchard", BOTH_C));
	rig_feed(rig, 0, PRESENCE(ROMEO "/orchard", BOTH_C));
	rig_answer(rig, ROMEO "/orchard", BOTH_DISCO);
	assert_string_equal(rig_arrivals(rig),
		ROMEO "/orchard: urn:mood;\n" ROMEO "/orchard: urn:mood; " JULIET "\n");
}

/* ---- rosters that are too old ---- */

static void test_last_items_of_an_account_wait_for_its_roster(void **state)
{
	struct rig *rig = *state;

	settle(rig);
	rig->turn.now_us += 60 * MINUTE;
	rig_feed(rig, 0, PRESENCE(ROMEO "/orchard", TUNE_C));
	rig_answer(rig, ROMEO "/orchard", TUNE_DISCO);
	assert_string_equal(rig_arrivals(rig), ROMEO "/orchard first: " TUNE ";\n");
	rig_tick(rig);
	assert_string_equal(rig_arrivals(rig), "");
	rig_answer_roster(rig, JULIET, ROMEO, "both", "Friends", NULL);
	assert_string_equal(
		rig_arrivals(rig), ROMEO "/orchard to " JULIET ": " TUNE "; " JULIET "\n");
	assert_string_equal(rig_arrivals(rig), "");
}

static void test_whoever_goes_before_the_roster_comes_gets_nothing(void **state)
{
	struct rig *rig = *state;

	settle(rig);
	rig->turn.now_us += 60 * MINUTE;
	rig_feed(rig, 0, PRESENCE(ROMEO "/orchard", TUNE_C));
	rig_answer(rig, ROMEO "/orchard", TUNE_DISCO);
	(void)rig_arrivals(rig);
	rig_tick(rig);
	rig_feed(rig, 0, GONE(ROMEO "/orchard"));
	rig_answer_roster(rig, JULIET, ROMEO, "both", "Friends", NULL);
	assert_string_equal(rig_arrivals(rig), "");
}

static void test_a_lost_link_makes_last_items_wait_for_the_next(void **state)
{
	struct rig *rig = *state;

	settle(rig);
	rig->turn.now_us += 60 * MINUTE;
	rig_feed(rig, 1, PRESENCE(ROMEO "/orchard", TUNE_C));
	rig_answer(rig, ROMEO "/orchard", TUNE_DISCO);
	(void)rig_arrivals(rig);
	pep_link_down(rig->pep, 0);
	rig_answer(rig, JULIET, NULL);
	rig_up(rig, 0);
	rig_grant(rig);
	rig_tick(rig);
	rig_answer_roster(rig, JULIET, ROMEO, "both", "Friends", NULL);
	assert_string_equal(
		rig_arrivals(rig), ROMEO "/orchard to " JULIET ": " TUNE "; " JULIET "\n");
}

static void test_no_last_items_without_the_roster(void **state)
{
	struct rig *rig = *state;

	settle(rig);
	rig->turn.now_us += 60 * MINUTE;
	rig_feed(rig, 0, PRESENCE(ROMEO "/orchard", TUNE_C));
	rig_answer(rig, ROMEO "/orchard", TUNE_DISCO);
	(void)rig_arrivals(rig);
	rig_tick(rig);
	rig_answer(rig, JULIET, NULL);
	assert_string_equal(rig_arrivals(rig), "");
}

static void test_what_is_newly_wanted_meanwhile_comes_along(void **state)
{
	struct rig *rig = *state;

	settle(rig);
	rig->turn.now_us += 60 * MINUTE;
	rig_feed(rig, 0, PRESENCE(ROMEO "/orchard", TUNE_C));
	rig_answer(rig, ROMEO "/orchard", TUNE_DISCO);
	(void)rig_arrivals(rig);
	rig_feed(rig, 0, PRESENCE(ROMEO "/orchard", BOTH_C));
	rig_answer(rig, ROMEO "/orchard", BOTH_DISCO);
	assert_string_equal(rig_arrivals(rig), ROMEO "/orchard: urn:mood;\n");
	rig_tick(rig);
	rig_answer_roster(rig, JULIET, ROMEO, "both", "Friends", NULL);
	assert_string_equal(
		rig_arrivals(rig), ROMEO "/orchard to " JULIET ": " TUNE " urn:mood; " JULIET "\n");
}

/* ---- access that is gained ---- */

static void test_a_contact_that_is_let_in_gets_last_items_of_that_account(void **state)
{
	struct rig *rig = *state;

	settle(rig);
	rig_feed(rig, 0, PRESENCE("nurse@localhost/ward", TUNE_C));
	rig_answer(rig, "nurse@localhost/ward", TUNE_DISCO);
	assert_string_equal(
		rig_arrivals(rig), "nurse@localhost/ward first: " TUNE "; nurse@localhost\n");
	rig->turn.now_us += MINUTE;
	(void)rig_subscribed(rig, JULIET, "nurse@localhost");
	(void)rig_fetch(rig);
	rig_answer_roster(
		rig, JULIET, ROMEO, "both", "Friends", "nurse@localhost", "from", "Servants", NULL);
	assert_string_equal(
		rig_arrivals(rig), "nurse@localhost/ward to " JULIET ": " TUNE "; " JULIET "\n");
}

static void test_a_first_roster_lets_nobody_in_anew(void **state)
{
	struct rig *rig = *state;

	rig_grant(rig);
	rig_feed(rig, 0, PRESENCE("nurse@localhost/ward", TUNE_C));
	rig_answer(rig, "nurse@localhost/ward", TUNE_DISCO);
	(void)rig_arrivals(rig);
	(void)rig_subscribed(rig, JULIET, "nurse@localhost");
	(void)rig_fetch(rig);
	rig_answer_roster(rig, JULIET, "nurse@localhost", "from", "Servants", NULL);
	assert_string_equal(rig_arrivals(rig), "");
}

/* Since when romeo's client wants events of juliet's node; UINT64_MAX: it does not. */
static uint64_t wants_since(struct rig *rig, const char *node_id)
{
	const struct contacts contacts = pep_contacts(rig->pep, &rig->turn);
	struct contacts_interest *clients;
	uint64_t since_us = UINT64_MAX;
	size_t n;

	(void)contacts.interested(contacts.ctx, JULIET, node_id, rig->arena, &clients, &n);
	for (size_t i = 0; i < n; i++)
		if (strcmp(clients[i].jid.full, ROMEO "/orchard") == 0)
			since_us = clients[i].since_us;
	(void)rig_interested_now(rig, JULIET, node_id); /* which ends the turn */
	return since_us;
}

static void test_an_interest_has_a_beginning_that_other_interests_do_not_move(void **state)
{
	struct rig *rig = *state;
	uint64_t first_us, second_us;

	settle(rig);
	rig_feed(rig, 0, PRESENCE(ROMEO "/orchard", TUNE_C));
	first_us = rig->turn.now_us;
	rig_answer(rig, ROMEO "/orchard", TUNE_DISCO);
	assert_int_equal(wants_since(rig, TUNE), first_us);
	assert_int_equal(wants_since(rig, "urn:mood"), UINT64_MAX);
	rig->turn.now_us = second_us = first_us + SECOND;
	rig_feed(rig, 0, PRESENCE(ROMEO "/orchard", BOTH_C));
	rig_answer(rig, ROMEO "/orchard", BOTH_DISCO);
	assert_int_equal(wants_since(rig, TUNE), 0);
	assert_int_equal(wants_since(rig, "urn:mood"), second_us);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(test_an_interest_has_a_beginning_that_other_interests_do_not_move),
		RIG_TEST(test_a_first_presence_waits_for_its_capabilities),
		RIG_TEST(test_whoever_is_put_off_arrives_at_a_later_tick_if_he_is_there),
		RIG_TEST(test_a_presence_without_capabilities_arrives_at_once_and_wants_nothing),
		RIG_TEST(test_whoever_cannot_tell_what_it_wants_arrives_all_the_same),
		RIG_TEST(test_later_presences_of_a_session_get_only_what_is_newly_wanted),
		RIG_TEST(test_a_new_session_gets_all_again),
		RIG_TEST(test_whoever_has_gone_does_not_arrive),
		RIG_TEST(test_an_account_gets_its_own_events_if_it_is_delegated),
		RIG_TEST(test_at_two_components_it_is_greeted_twice_but_accounts_are_due_once),
		RIG_TEST(test_last_items_of_an_account_wait_for_its_roster),
		RIG_TEST(test_whoever_goes_before_the_roster_comes_gets_nothing),
		RIG_TEST(test_a_lost_link_makes_last_items_wait_for_the_next),
		RIG_TEST(test_no_last_items_without_the_roster),
		RIG_TEST(test_what_is_newly_wanted_meanwhile_comes_along),
		RIG_TEST(test_a_contact_that_is_let_in_gets_last_items_of_that_account),
		RIG_TEST(test_a_first_roster_lets_nobody_in_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
