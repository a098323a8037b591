/* Who has gone. */
#include "rig.h"

#include <string.h>

#define A "p148705a@localhost"
#define HERE(from) "<presence to='pubsub.localhost' from='" from "'/>"
#define GONE(from) "<presence to='pubsub.localhost' from='" from "' type='unavailable'/>"

/* Those who have gone, each once, by blanks. */
static const char *departures(struct rig *rig)
{
	const char *text = "";
	size_t component;
	struct jid jid;

	while (pep_departure_next(rig->pep, rig->arena, &component, &jid))
		text = arena_printf(rig->arena, "%s%s%s", text, *text != '\0' ? " " : "", jid.full);
	return text;
}

static void test_a_resource_goes_and_with_the_last_one_its_owner(void **state)
{
	struct rig *rig = *state;

	rig_feed(rig, 0, HERE(A "/one"));
	rig_feed(rig, 0, HERE(A "/two"));
	assert_string_equal(departures(rig), "");
	rig_feed(rig, 0, GONE(A "/one"));
	assert_string_equal(departures(rig), A "/one");
	rig_feed(rig, 0, GONE(A "/two"));
	assert_string_equal(departures(rig), A);
}

static void test_all_resources_go_at_once(void **state)
{
	struct rig *rig = *state;

	rig_feed(rig, 0, HERE(A "/one"));
	rig_feed(rig, 0, HERE(A "/two"));
	rig_feed(rig, 0, GONE(A));
	assert_string_equal(departures(rig), A);
}

static void test_whoever_is_online_elsewhere_has_not_gone(void **state)
{
	struct rig *rig = *state;

	rig_feed(rig, 0, HERE(A "/one"));
	rig_feed(rig, 1, HERE(A "/one"));
	rig_feed(rig, 0, GONE(A "/one"));
	assert_string_equal(departures(rig), "");
	rig_feed(rig, 1, GONE(A "/one"));
	assert_string_equal(departures(rig), A);
}

static void test_a_stranger_goes_as_well_known_or_not(void **state)
{
	struct rig *rig = *state;

	rig_feed(rig, 0, HERE("romeo@verona.lit/orchard"));
	rig_feed(rig, 0, GONE("romeo@verona.lit/orchard"));
	assert_string_equal(departures(rig), "romeo@verona.lit");
	rig_feed(rig, 0, GONE("tybalt@verona.lit/street"));
	assert_string_equal(departures(rig), "tybalt@verona.lit");
}

static void test_whoever_comes_and_goes_again_and_again_has_gone_once(void **state)
{
	struct rig *rig = *state;

	for (int i = 0; i < 10; i++) {
		rig_feed(rig, 0, HERE(A "/one"));
		rig_feed(rig, 0, GONE(A "/one"));
		rig_feed(rig, 0, GONE("tybalt@verona.lit/street"));
	}
	assert_int_equal(strlen(departures(rig)), strlen(A " tybalt@verona.lit"));
}

static void test_whoever_does_not_answer_after_a_restart_has_gone(void **state)
{
	struct rig *rig = *state;

	rig_feed(rig, 0, HERE(A "/one"));
	rig_feed(rig, 0, HERE(A "/two"));
	rig_flush(rig);
	rig_restart(rig);
	rig_up(rig, 0);
	rig_tick(rig);
	assert_string_equal(departures(rig), "");
	rig_answer(rig, A "/one", NULL);
	assert_string_equal(departures(rig), A "/one");
	rig_answer(rig, A "/two", NULL);
	assert_string_equal(departures(rig), A);
}

static void test_what_is_put_off_is_seen_to_at_a_later_tick(void **state)
{
	struct rig *rig = *state;

	rig->busy = A;
	rig_feed(rig, 0, HERE(A "/one"));
	rig_feed(rig, 0, GONE(A "/one"));
	rig_feed(rig, 0, GONE("tybalt@verona.lit/street"));
	assert_string_equal(departures(rig), "tybalt@verona.lit");
	rig_tick(rig);
	assert_string_equal(departures(rig), "");
	rig->busy = NULL;
	assert_string_equal(departures(rig), "");
	rig_tick(rig);
	assert_string_equal(departures(rig), A);
	rig_tick(rig);
	assert_string_equal(departures(rig), "");
}

static void test_whoever_is_back_before_he_is_seen_to_has_not_gone(void **state)
{
	struct rig *rig = *state;

	rig->busy = A;
	rig_feed(rig, 0, HERE(A "/one"));
	rig_feed(rig, 0, GONE(A "/one"));
	assert_string_equal(departures(rig), "");
	rig_feed(rig, 0, HERE(A "/one"));
	rig->busy = NULL;
	rig_tick(rig);
	assert_string_equal(departures(rig), "");
	rig_feed(rig, 0, GONE(A "/one"));
	assert_string_equal(departures(rig), A);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		RIG_TEST(test_a_resource_goes_and_with_the_last_one_its_owner),
		RIG_TEST(test_all_resources_go_at_once),
		RIG_TEST(test_whoever_is_online_elsewhere_has_not_gone),
		RIG_TEST(test_a_stranger_goes_as_well_known_or_not),
		RIG_TEST(test_whoever_comes_and_goes_again_and_again_has_gone_once),
		RIG_TEST(test_whoever_does_not_answer_after_a_restart_has_gone),
		RIG_TEST(test_what_is_put_off_is_seen_to_at_a_later_tick),
		RIG_TEST(test_whoever_is_back_before_he_is_seen_to_has_not_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
