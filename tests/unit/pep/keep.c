/* What outlives a restart and a lost link, and that stanzas may be handed in twice. */
#include "rig.h"

#include "peppy/error.h"
#include "peppy/store_upkeep.h"

#define TUNE "http://jabber.org/protocol/tune"
#define VER "rOm2o/HX3RFkgE/uCndVC0kPoPU="
#define C "<c xmlns='http://jabber.org/protocol/caps' node='urn:n' hash='sha-1' ver='" VER "'/>"
#define PRESENCE(from) "<presence to='pubsub.localhost' from='" from "'>" C "</presence>"
#define GONE(from) "<presence from='" from "' type='unavailable'/>"
#define DISCO                                                                                      \
	"<iq type='result'><query xmlns='http://jabber.org/protocol/disco#info'>"                  \
	"<identity category='client' type='bot'/>"                                                 \
	"<feature var='http://jabber.org/protocol/tune+notify'/>"                                  \
	"<feature var='http://jabber.org/protocol/disco#info'/><feature var='jabber:x:data'/>"     \
	"<feature var='http://jabber.org/protocol/caps'/></query></iq>"
#define ONE "juliet@localhost/one"
#define TWO "juliet@localhost/two"

static const char *interested(struct rig *rig)
{
	return rig_interested_now(rig, "juliet@localhost", TUNE);
}

/* Juliet is online with one resource, which the store knows. */
static void settle(struct rig *rig)
{
	rig_grant(rig);
	rig_feed(rig, 0, PRESENCE(ONE));
	rig_answer(rig, ONE, DISCO);
	(void)rig_arrivals(rig);
	rig_flush(rig);
}

static void test_presences_are_written_late_and_once(void **state)
{
	struct rig *rig = *state;

	assert_false(pep_is_dirty(rig->pep));
	rig_feed(rig, 0, PRESENCE(ONE));
	rig_answer(rig, ONE, DISCO);
	assert_true(pep_is_dirty(rig->pep));
	assert_string_equal(rig_stored(rig), "");
	rig_flush(rig);
	assert_false(pep_is_dirty(rig->pep));
	assert_string_equal(rig_stored(rig), ONE " at pubsub.localhost, sha-1 " VER "\n");
	rig_feed(rig, 0, PRESENCE(ONE));
	assert_false(pep_is_dirty(rig->pep));
}

static void test_whoever_goes_goes_from_the_store(void **state)
{
	struct rig *rig = *state;

	settle(rig);
	rig_feed(rig, 0, GONE(ONE));
	assert_true(pep_is_dirty(rig->pep));
	rig_feed(rig, 0, PRESENCE(TWO));
	rig_flush(rig);
	assert_string_equal(rig_stored(rig), TWO " at pubsub.localhost, sha-1 " VER "\n");
}

static void test_whoever_comes_and_goes_between_two_writes_is_not_written(void **state)
{
	struct rig *rig = *state;

	rig_feed(rig, 0, "<presence from='" ONE "'/>");
	rig_feed(rig, 0, GONE(ONE));
	assert_false(pep_is_dirty(rig->pep));
}

static void test_whoever_goes_and_comes_between_two_writes_stays(void **state)
{
	struct rig *rig = *state;

	settle(rig);
	rig_feed(rig, 0, GONE(ONE));
	rig_feed(rig, 0, PRESENCE(ONE));
	rig_flush(rig);
	assert_string_equal(rig_stored(rig), ONE " at pubsub.localhost, sha-1 " VER "\n");
	rig_feed(rig, 0, GONE(ONE));
	rig_flush(rig);
	assert_string_equal(rig_stored(rig), "");
}

static void test_a_write_that_fails_is_done_again(void **state)
{
	struct rig *rig = *state;

	rig_feed(rig, 0, PRESENCE(ONE));
	rig_answer(rig, ONE, DISCO);
	rig_flush_fails(rig);
	rig_feed(rig, 0, PRESENCE(TWO));
	rig_feed(rig, 0, GONE(ONE));
	rig_flush(rig);
	assert_string_equal(rig_stored(rig), TWO " at pubsub.localhost, sha-1 " VER "\n");
}

/* ---- restarts and lost links ---- */

static void test_after_a_restart_everybody_is_online_still_and_gets_nothing_again(void **state)
{
	struct rig *rig = *state;

	settle(rig);
	rig_restart(rig);
	assert_string_equal(interested(rig), ONE);
	assert_string_equal(rig_arrivals(rig), "");
	rig_up(rig, 0);
	rig_feed(rig, 0, PRESENCE(ONE)); /* Prosody tells at once */
	rig_tick(rig);
	assert_int_equal(rig->question_count, 0);
	assert_string_equal(rig_arrivals(rig), "");
}

static void test_whoever_is_not_heard_of_after_a_restart_is_asked_when_the_link_is_up(void **state)
{
	struct rig *rig = *state;

	settle(rig);
	rig_restart(rig);
	rig_tick(rig);
	assert_int_equal(rig->question_count, 0);
	rig_up(rig, 0);
	rig_tick(rig);
	rig_tick(rig);
	assert_int_equal(rig->question_count, 1);
	assert_string_equal(rig->questions[0].payload,
		"<query xmlns='http://jabber.org/protocol/disco#info'/>");
	rig_answer(rig, ONE, DISCO);
	assert_string_equal(interested(rig), ONE);
	assert_string_equal(rig_arrivals(rig), "");
	rig_tick(rig);
	assert_int_equal(rig->question_count, 1);
}

static void test_an_error_shows_that_it_has_gone(void **state)
{
	struct rig *rig = *state;

	settle(rig);
	rig_restart(rig);
	rig_up(rig, 0);
	rig_tick(rig);
	rig_answer(rig, ONE, NULL);
	assert_string_equal(interested(rig), "");
	rig_flush(rig);
	assert_string_equal(rig_stored(rig), "");
}

static void test_an_answer_renews_what_it_wants(void **state)
{
	struct rig *rig = *state;

	settle(rig);
	rig_restart(rig);
	rig_up(rig, 0);
	rig_grant(rig);
	rig_tick(rig);
	rig_answer(rig, ONE,
		"<iq type='result'><query xmlns='http://jabber.org/protocol/disco#info'>"
		"<feature var='urn:mood+notify'/></query></iq>");
	assert_string_equal(interested(rig), "");
	assert_string_equal(rig_arrivals(rig), ONE ": urn:mood; juliet@localhost\n");
}

static void test_a_presence_that_comes_before_the_answer_counts(void **state)
{
	struct rig *rig = *state;

	settle(rig);
	rig_restart(rig);
	rig_up(rig, 0);
	rig_tick(rig);
	rig_feed(rig, 0, PRESENCE(ONE));
	rig_answer(rig, ONE, NULL);
	assert_string_equal(interested(rig), ONE);
}

static void test_nobody_goes_because_the_link_was_lost_while_he_was_asked(void **state)
{
	struct rig *rig = *state;

	settle(rig);
	rig_restart(rig);
	rig_up(rig, 0);
	rig_tick(rig);
	pep_link_down(rig->pep, 0);
	rig_answer(rig, ONE, NULL); /* as the router does it */
	assert_string_equal(interested(rig), ONE);
	rig_up(rig, 0);
	rig_tick(rig);
	assert_int_equal(rig_open(rig, ONE), 1);
}

static void test_only_those_of_the_lost_link_are_asked(void **state)
{
	struct rig *rig = *state;

	settle(rig);
	rig_feed(rig, 1, "<presence from='romeo@b.example/x'/>");
	pep_link_down(rig->pep, 1);
	rig_up(rig, 1);
	rig_tick(rig);
	assert_int_equal(rig_open(rig, "romeo@b.example/x"), 1);
	assert_int_equal(rig_open(rig, ONE), 0);
}

static void test_some_are_asked_in_each_second(void **state)
{
	struct rig *rig = *state;

	for (int i = 0; i < 150; i++)
		rig_feed(rig, 1, arena_printf(rig->arena, "<presence from='u%d@b.example/x'/>", i));
	pep_link_down(rig->pep, 1);
	rig_up(rig, 1);
	rig_tick(rig);
	assert_int_equal(rig->question_count, 100);
	rig_tick(rig);
	assert_int_equal(rig->question_count, 150);
}

static void test_presences_of_a_component_that_is_no_more_are_not_read(void **state)
{
	struct rig *rig = *state;
	struct store_presence row = {.component = "pubsub.former.example"};
	struct store_txn *txn;

	assert_true(jid_parse(ONE, rig->arena, &row.jid));
	assert_int_equal(store_begin(rig->store, STORE_WRITE, &txn), PUBSUB_OK);
	assert_int_equal(store_presence_put(txn, &row), PUBSUB_OK);
	assert_int_equal(store_commit(txn), PUBSUB_OK);
	rig_restart(rig);
	assert_false(rig_available(rig, ONE));
}

/* ---- twice is once ---- */

/* A day at a server: everything that changes something. */
static void live(struct rig *rig)
{
	rig_grant(rig);
	rig_feed(rig, 0, PRESENCE(ONE));
	rig_feed(rig, 0, PRESENCE(TWO));
	rig_feed(rig, 0, PRESENCE("rita@remote.localhost/r1"));
	rig_answer(rig, ONE,
		"<iq type='result'><query "
		"xmlns='http://jabber.org/protocol/disco#info'/></iq>");
	rig_answer(rig, TWO, DISCO);
	rig_tick(rig);
	rig_answer_roster(rig, "juliet@localhost", "rita@remote.localhost", "both", "g",
		"nurse@localhost", "to", "g", NULL);
	rig_feed(rig, 0, PRESENCE("nurse@localhost/ward"));
	rig_feed(rig, 0, GONE(ONE));
	rig_tick(rig);
	rig_answer(rig, "nurse@localhost", NULL);
	rig->turn.now_us += MINUTE;
	(void)rig_subscribed(rig, "juliet@localhost", "nurse@localhost");
	(void)rig_fetch(rig);
	rig_answer_roster(rig, "juliet@localhost", "rita@remote.localhost", "both", "g",
		"nurse@localhost", "from", "g", NULL);
	(void)rig_push(rig, 0,
		"<iq type='set' from='nurse@localhost'><query xmlns='jabber:iq:roster'/></iq>");
}

static const char *state_of(struct rig *rig)
{
	struct buf text = {0};
	const char *copy;
	char *dump;

	buf_printf(&text, "%s\n", rig_arrivals(rig));
	rig_flush(rig);
	assert_int_equal(store_begin(rig->store, STORE_READ, &rig->txn), PUBSUB_OK);
	assert_int_equal(store_dump(rig->txn, rig->arena, &dump), PUBSUB_OK);
	store_abort(rig->txn);
	rig->txn = NULL;
	buf_printf(&text, "%s\n%s\n", dump, rig_interested(rig, "juliet@localhost", TUNE));
	for (size_t i = 0; i < rig->question_count; i++)
		buf_printf(&text, "%s %s\n", rig->questions[i].to, rig->questions[i].payload);
	copy = arena_memdup(rig->arena, text.data, text.len);
	buf_finish(&text);
	return copy;
}

static void test_turns_that_are_run_again_leave_the_state_that_one_run_leaves(void **state)
{
	void *once, *twice;

	(void)state;
	rig_setup(&once);
	rig_setup_twice(&twice);
	live(once);
	live(twice);
	assert_string_equal(state_of(once), state_of(twice));
	rig_teardown(&once);
	rig_teardown(&twice);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(test_presences_are_written_late_and_once),
		RIG_TEST(test_whoever_goes_goes_from_the_store),
		RIG_TEST(test_whoever_comes_and_goes_between_two_writes_is_not_written),
		RIG_TEST(test_whoever_goes_and_comes_between_two_writes_stays),
		RIG_TEST(test_a_write_that_fails_is_done_again),
		RIG_TEST(test_after_a_restart_everybody_is_online_still_and_gets_nothing_again),
		RIG_TEST(test_whoever_is_not_heard_of_after_a_restart_is_asked_when_the_link_is_up),
		RIG_TEST(test_an_error_shows_that_it_has_gone),
		RIG_TEST(test_an_answer_renews_what_it_wants),
		RIG_TEST(test_a_presence_that_comes_before_the_answer_counts),
		RIG_TEST(test_nobody_goes_because_the_link_was_lost_while_he_was_asked),
		RIG_TEST(test_only_those_of_the_lost_link_are_asked),
		RIG_TEST(test_some_are_asked_in_each_second),
		RIG_TEST(test_presences_of_a_component_that_is_no_more_are_not_read),
		cmocka_unit_test(test_turns_that_are_run_again_leave_the_state_that_one_run_leaves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
