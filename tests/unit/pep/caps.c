/* What is asked about capabilities, of whom, and what the answers count for. */
#include "rig.h"

#include "pep/caps.h"
#include "pep/presence.h"

#define TUNE "http://jabber.org/protocol/tune"
#define VER "rOm2o/HX3RFkgE/uCndVC0kPoPU="
#define C(hash, ver)                                                                               \
	"<c xmlns='http://jabber.org/protocol/caps' node='urn:n' hash='" hash "' ver='" ver "'/>"
#define OLD_C "<c xmlns='http://jabber.org/protocol/caps' node='urn:old' ver='0.9'/>"
#define PRESENCE(from, c) "<presence to='pubsub.localhost' from='" from "'>" c "</presence>"
#define GONE(from) "<presence from='" from "' type='unavailable'/>"
#define DISCO(features)                                                                            \
	"<iq xml:lang='en' type='result'><query "                                                  \
	"xmlns='http://jabber.org/protocol/disco#info'><identity category='client' "               \
	"type='bot'/>" features "</query></iq>"
#define HONEST                                                                                     \
	DISCO("<feature var='http://jabber.org/protocol/tune+notify'/>"                            \
	      "<feature var='http://jabber.org/protocol/disco#info'/>"                             \
	      "<feature var='jabber:x:data'/><feature var='http://jabber.org/protocol/caps'/>")
#define LIE DISCO("<feature var='urn:mine+notify'/>")

#define ONE "juliet@localhost/one"
#define TWO "juliet@localhost/two"
#define THREE "juliet@localhost/three"

static const char *interested(struct rig *rig, const char *node_id)
{
	return rig_interested_now(rig, "juliet@localhost", node_id);
}

static void test_a_hash_is_asked_once_however_many_announce_it(void **state)
{
	struct rig *rig = *state;

	rig_feed(rig, 0, PRESENCE(ONE, C("sha-1", VER)));
	rig_feed(rig, 0, PRESENCE(TWO, C("sha-1", VER)));
	assert_int_equal(rig->question_count, 1);
	assert_string_equal(rig->questions[0].to, ONE);
	assert_string_equal(rig->questions[0].payload,
		"<query xmlns='http://jabber.org/protocol/disco#info' node='urn:n#" VER "'/>");
	assert_string_equal(interested(rig, TUNE), "");
	rig_answer(rig, ONE, HONEST);
	assert_string_equal(interested(rig, TUNE), ONE " " TWO);
	rig_feed(rig, 0, PRESENCE(THREE, C("sha-1", VER)));
	assert_int_equal(rig->question_count, 1);
	assert_string_equal(interested(rig, TUNE), ONE " " THREE " " TWO);
}

static void test_what_was_verified_outlives_a_restart(void **state)
{
	struct rig *rig = *state;

	rig_feed(rig, 0, PRESENCE(ONE, C("sha-1", VER)));
	rig_answer(rig, ONE, HONEST);
	rig_flush(rig);
	rig_restart(rig);
	rig_feed(rig, 0, PRESENCE(TWO, C("sha-1", VER)));
	assert_int_equal(rig->question_count, 0);
	assert_string_equal(interested(rig, TUNE), ONE " " TWO);
}

static void test_if_one_fails_the_next_announcer_is_asked(void **state)
{
	struct rig *rig = *state;

	rig_feed(rig, 0, PRESENCE(ONE, C("sha-1", VER)));
	rig_feed(rig, 0, PRESENCE(TWO, C("sha-1", VER)));
	rig_answer(rig, ONE, NULL);
	rig_tick(rig);
	rig_tick(rig);
	assert_int_equal(rig->question_count, 2);
	rig_answer(rig, TWO, HONEST);
	assert_string_equal(interested(rig, TUNE), ONE " " TWO); /* it had announced the same */
}

static void test_an_answer_without_a_query_is_a_failure(void **state)
{
	struct rig *rig = *state;

	rig_feed(rig, 0, PRESENCE(ONE, C("sha-1", VER)));
	rig_feed(rig, 0, PRESENCE(TWO, C("sha-1", VER)));
	rig_answer(rig, ONE, "<iq type='result'/>");
	rig_tick(rig);
	assert_int_equal(rig_open(rig, TWO), 1);
}

static void test_if_the_one_asked_goes_the_next_announcer_is_asked(void **state)
{
	struct rig *rig = *state;

	rig_feed(rig, 0, PRESENCE(ONE, C("sha-1", VER)));
	rig_feed(rig, 0, PRESENCE(TWO, C("sha-1", VER)));
	rig_feed(rig, 0, GONE(ONE));
	rig_tick(rig);
	assert_int_equal(rig_open(rig, TWO), 1);
	rig_answer(rig, ONE, HONEST); /* too late: it is not asked any more */
	assert_string_equal(interested(rig, TUNE), "");
	rig_answer(rig, TWO, HONEST);
	assert_string_equal(interested(rig, TUNE), TWO);
}

static void test_a_question_that_the_link_took_along_is_asked_again_over_the_next(void **state)
{
	struct rig *rig = *state;

	rig_feed(rig, 0, PRESENCE(ONE, C("sha-1", VER)));
	pep_link_down(rig->pep, 0);
	rig_answer(rig, ONE, NULL);
	rig_tick(rig);
	assert_int_equal(rig->question_count, 1);
	rig_up(rig, 0);
	rig_tick(rig); /* and whether it is online still */
	assert_int_equal(rig_open(rig, ONE), 2);
	rig_answer(rig, ONE, HONEST); /* the latter */
	assert_string_equal(interested(rig, TUNE), "");
	rig_answer(rig, ONE, HONEST);
	assert_string_equal(interested(rig, TUNE), ONE);
}

static void test_an_announcer_that_failed_is_asked_again_when_it_announces_again(void **state)
{
	struct rig *rig = *state;

	rig_feed(rig, 0, PRESENCE(ONE, C("sha-1", VER)));
	rig_answer(rig, ONE, NULL);
	rig_tick(rig);
	assert_int_equal(rig->question_count, 1);
	rig_feed(rig, 0, PRESENCE(ONE, C("sha-1", VER)));
	rig_answer(rig, ONE, HONEST);
	assert_string_equal(interested(rig, TUNE), ONE);
}

static void test_whoever_lies_lies_for_himself_alone(void **state)
{
	struct rig *rig = *state;

	rig_feed(rig, 0, PRESENCE(ONE, C("sha-1", VER)));
	rig_feed(rig, 0, PRESENCE(TWO, C("sha-1", VER)));
	rig_answer(rig, ONE, LIE);
	assert_string_equal(interested(rig, "urn:mine"), ONE);
	assert_string_equal(interested(rig, TUNE), "");
	rig_answer(rig, TWO, HONEST); /* asked at once */
	assert_string_equal(interested(rig, TUNE), TWO);
	rig_feed(rig, 0, PRESENCE(THREE, C("sha-1", VER)));
	assert_string_equal(interested(rig, TUNE), THREE " " TWO);
	assert_string_equal(interested(rig, "urn:mine"), ONE);
}

static void test_a_lie_is_not_kept_in_the_store(void **state)
{
	struct rig *rig = *state;

	rig_feed(rig, 0, PRESENCE(ONE, C("sha-1", VER)));
	rig_answer(rig, ONE, LIE);
	rig_flush(rig);
	assert_string_equal(rig_stored(rig), ONE " at pubsub.localhost, no capabilities\n");
	rig_restart(rig);
	rig_up(rig, 0);
	rig_feed(rig, 0, PRESENCE(TWO, C("sha-1", VER)));
	assert_int_equal(rig_open(rig, TWO), 1);
}

static void test_unknown_hashes_are_asked_of_everybody(void **state)
{
	struct rig *rig = *state;

	rig_feed(rig, 0, PRESENCE(ONE, C("md5", "x")));
	rig_feed(rig, 0, PRESENCE(TWO, C("md5", "x")));
	rig_answer(rig, ONE, HONEST);
	assert_string_equal(interested(rig, TUNE), ONE);
	rig_answer(rig, TWO, LIE);
	assert_string_equal(interested(rig, TUNE), ONE);
	assert_string_equal(interested(rig, "urn:mine"), TWO);
}

static void test_capabilities_of_the_time_before_hashes_are_asked_of_everybody(void **state)
{
	struct rig *rig = *state;

	rig_feed(rig, 0, PRESENCE(ONE, OLD_C));
	rig_feed(rig, 0, PRESENCE(TWO, OLD_C));
	assert_string_equal(rig_question(rig, ONE)->payload,
		"<query xmlns='http://jabber.org/protocol/disco#info' node='urn:old#0.9'/>");
	rig_answer(rig, ONE, HONEST);
	assert_string_equal(interested(rig, TUNE), ONE);
	assert_int_equal(rig_open(rig, TWO), 1);
}

static void test_a_new_hash_replaces_the_interest(void **state)
{
	struct rig *rig = *state;

	rig_feed(rig, 0, PRESENCE(ONE, C("sha-1", VER)));
	rig_answer(rig, ONE, HONEST);
	rig_feed(rig, 0, PRESENCE(ONE, C("sha-1", "py142F4IP1Ha87qrvPX9MsbK/MM=")));
	assert_string_equal(interested(rig, TUNE), ONE); /* until it is known what it means */
	rig_answer(rig, ONE, DISCO("<feature var='urn:xmpp:ping'/>"));
	assert_string_equal(interested(rig, TUNE), "");
}

static void test_an_answer_about_an_old_hash_does_not_replace_the_new_interest(void **state)
{
	struct rig *rig = *state;

	rig_feed(rig, 0, PRESENCE(ONE, C("sha-1", VER)));
	rig_feed(rig, 0, PRESENCE(ONE, C("sha-1", "py142F4IP1Ha87qrvPX9MsbK/MM=")));
	assert_int_equal(rig_open(rig, ONE), 2);
	rig_answer(rig, ONE, DISCO("<feature var='urn:xmpp:ping'/>"));
	rig_answer(rig, ONE, HONEST);
	assert_string_equal(interested(rig, TUNE), "");
}

static void test_a_hash_of_xep_0390_is_asked_at_its_own_node(void **state)
{
	struct rig *rig = *state;

	rig_feed(rig, 0,
		PRESENCE(ONE,
			C("sha-1", VER) "<c xmlns='urn:xmpp:caps'>"
					"<hash xmlns='urn:xmpp:hashes:2' algo='rot13'>x</hash>"
					"<hash xmlns='urn:xmpp:hashes:2' "
					"algo='sha-256'>"
					"M8h0VYcGowwchnRwBkTKTcIz8KV25wUY4Oa57L0MEYs=</hash></c>"));
	assert_string_equal(rig_question(rig, ONE)->payload,
		"<query xmlns='http://jabber.org/protocol/disco#info' "
		"node='urn:xmpp:caps#sha-256.M8h0VYcGowwchnRwBkTKTcIz8KV25wUY4Oa57L0MEYs='/>");
	rig_answer(rig, ONE, HONEST);
	rig_flush(rig);
	assert_string_equal(interested(rig, TUNE), ONE);
	assert_string_equal(rig_stored(rig),
		ONE " at pubsub.localhost, "
		    "urn:xmpp:caps#sha-256.M8h0VYcGowwchnRwBkTKTcIz8KV25wUY4Oa57L0MEYs=\n");
}

static void test_malformed_announcements_do_not_count(void **state)
{
	struct rig *rig = *state;

	rig_feed(rig, 0, PRESENCE(ONE, "<c xmlns='http://jabber.org/protocol/caps' ver='x'/>"));
	rig_feed(rig, 0,
		PRESENCE(TWO, "<c xmlns='http://jabber.org/protocol/caps' node='' ver='x'/>"));
	rig_feed(rig, 0, PRESENCE(THREE, "<c xmlns='urn:xmpp:caps'/>"));
	rig_feed(rig, 0,
		arena_printf(rig->arena,
			"<presence from='juliet@localhost/four'><c node='%01200d' "
			"xmlns='http://jabber.org/protocol/caps' ver='x'/></presence>",
			0));
	assert_int_equal(rig->question_count, 0);
	assert_string_equal(rig_arrivals(rig), ONE " first:;\n" TWO " first:;\n" THREE
						   " first:;\njuliet@localhost/four first:;\n");
}

/* ---- sets ---- */

static void test_sets_are_sorted_and_hold_each_node_once(void **state)
{
	static const char *const v[] = {"b", "a", "b"};
	struct rig *rig = *state;
	struct caps *caps;

	rig_feed(rig, 0, PRESENCE(ONE, ""));
	caps = caps_create(
		rig->pep, presence_find(rig->pep, 0, ONE), "key", (struct pubsub_texts){v, 3});
	assert_int_equal(caps->n, 2);
	assert_true(caps_want(caps, "a"));
	assert_true(caps_want(caps, "b"));
	assert_false(caps_want(caps, "c"));
	assert_false(caps_want(NULL, "a"));
	caps_unref(caps);
}

static void test_those_for_whom_there_is_no_room_want_nothing(void **state)
{
	struct rig *rig = *state;

	rig->pep->caps_max = sizeof(struct caps) + sizeof(char *) + sizeof "urn:mine";
	rig_feed(rig, 0, PRESENCE(ONE, OLD_C));
	rig_answer(rig, ONE, LIE);
	assert_string_equal(interested(rig, "urn:mine"), ONE);
	rig_feed(rig, 0, PRESENCE(TWO, OLD_C));
	rig_answer(rig, TWO, LIE);
	assert_string_equal(interested(rig, "urn:mine"), ONE);
	rig_feed(rig, 0, PRESENCE(THREE, C("sha-1", VER)));
	rig_answer(rig, THREE, HONEST);
	assert_string_equal(interested(rig, TUNE), "");
	rig_arrivals(rig);
	rig_feed(rig, 0, GONE("juliet@localhost"));
	rig_flush(rig);
	assert_int_equal(rig->pep->caps_held[false], 0);
	rig->pep->caps_max = CAPS_BYTES_MAX;
	rig_feed(rig, 0, PRESENCE(TWO, C("sha-1", VER))); /* nobody was told something wrong */
	rig_answer(rig, TWO, HONEST);
	assert_string_equal(interested(rig, TUNE), TWO);
}

static void test_a_set_is_bounded(void **state)
{
	struct rig *rig = *state;
	struct buf xml = {0};
	const char *longest = arena_printf(rig->arena, "%0*d", 17000, 0);

	buf_append_text(&xml, "<iq type='result'><query "
			      "xmlns='http://jabber.org/protocol/disco#info'>");
	buf_printf(&xml, "<feature var='%s+notify'/>", longest);
	for (int i = 0; i < 300; i++)
		buf_printf(&xml, "<feature var='n%d+notify'/>", i);
	buf_append(&xml, "</query></iq>", sizeof "</query></iq>");
	rig_feed(rig, 0, PRESENCE(ONE, OLD_C));
	rig_answer(rig, ONE, xml.data);
	buf_finish(&xml);
	assert_string_equal(interested(rig, "n0"), ONE);
	assert_string_equal(interested(rig, "n255"), ONE);
	assert_string_equal(interested(rig, "n256"), "");
	assert_string_equal(interested(rig, longest), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(test_a_hash_is_asked_once_however_many_announce_it),
		RIG_TEST(test_what_was_verified_outlives_a_restart),
		RIG_TEST(test_if_one_fails_the_next_announcer_is_asked),
		RIG_TEST(test_an_answer_without_a_query_is_a_failure),
		RIG_TEST(test_if_the_one_asked_goes_the_next_announcer_is_asked),
		RIG_TEST(test_a_question_that_the_link_took_along_is_asked_again_over_the_next),
		RIG_TEST(test_an_announcer_that_failed_is_asked_again_when_it_announces_again),
		RIG_TEST(test_whoever_lies_lies_for_himself_alone),
		RIG_TEST(test_a_lie_is_not_kept_in_the_store),
		RIG_TEST(test_unknown_hashes_are_asked_of_everybody),
		RIG_TEST(test_capabilities_of_the_time_before_hashes_are_asked_of_everybody),
		RIG_TEST(test_a_new_hash_replaces_the_interest),
		RIG_TEST(test_an_answer_about_an_old_hash_does_not_replace_the_new_interest),
		RIG_TEST(test_a_hash_of_xep_0390_is_asked_at_its_own_node),
		RIG_TEST(test_malformed_announcements_do_not_count),
		RIG_TEST(test_sets_are_sorted_and_hold_each_node_once),
		RIG_TEST(test_those_for_whom_there_is_no_room_want_nothing),
		RIG_TEST(test_a_set_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
