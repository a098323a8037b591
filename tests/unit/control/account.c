/* What is kept about somebody, shown and erased. */
#include "rig.h"

#include <stdio.h>
#include <string.h>

#define HAMLET "hamlet@denmark.lit"

static void ask(struct rig *rig, const char *request)
{
	const char *answer = rig_ask(rig, request);

	if (strstr(answer, "'result'") == NULL)
		fail_msg("%s", answer);
}

/* Something of hamlet's at both components and at his account. */
static void fill(struct rig *rig)
{
	static const char *const services[] = {RIG_HOST, "rooms.denmark.lit"};

	rig->two_components = true;
	for (size_t i = 0; i < 2; i++) {
		ask(rig, arena_printf(rig->arena,
				 "{'command':'nodes create','service':'%s','node':'a'}",
				 services[i]));
		ask(rig, arena_printf(rig->arena,
				 "{'command':'affiliations set','service':'%s','node':'a',"
				 "'jid':'" HAMLET "','affiliation':'publisher'}",
				 services[i]));
		ask(rig, arena_printf(rig->arena,
				 "{'command':'subscriptions set','service':'%s','node':'a',"
				 "'jid':'" HAMLET "/x','state':'subscribed'}",
				 services[i]));
	}
	for (int i = 0; i < 25; i++)
		ask(rig, arena_printf(rig->arena,
				 "{'command':'nodes create','service':'" HAMLET "','node':'n%d'}",
				 i));
	ask(rig, "{'command':'subscriptions set','service':'" HAMLET "','node':'n0',"
		 "'jid':'ophelia@denmark.lit','state':'subscribed'}");
	rig_events(rig);
}

static void test_how_much_is_kept_is_told(void **state)
{
	fill(*state);
	assert_answer(*state, "{'command':'account show','jid':'" HAMLET "/any'}",
		"{'result':{'jid':'" HAMLET "','nodes':25,'contacts':0,'roster_fetched':null,"
		"'subscriptions':2,'affiliations':2}}");
}

static void test_nothing_is_left_and_others_are_told(void **state)
{
	struct rig *rig = *state;
	const char *answer;
	int rounds = 0;

	fill(rig);
	do
		answer = rig_ask(rig, "{'command':'account erase','jid':'" HAMLET "'}");
	while (strstr(answer, "'more':true") != NULL && ++rounds < 20);
	assert_non_null(strstr(answer, "'result'"));
	assert_answer(rig, "{'command':'account show','jid':'" HAMLET "'}",
		"{'result':{'jid':'" HAMLET "','nodes':0,'contacts':0,'roster_fetched':null,"
		"'subscriptions':0,'affiliations':0}}");
	assert_string_equal(rig_events(rig), "delete n0 > ophelia@denmark.lit\n");
	assert_non_null(strstr(
		rig_ask(rig, "{'command':'nodes list','service':'" RIG_HOST "'}"), "'node':'a'"));
}

static void test_a_turn_erases_so_much_only(void **state)
{
	fill(*state);
	assert_answer(*state, "{'command':'account erase','jid':'" HAMLET "'}",
		"{'result':{'nodes':20,'more':true}}");
}

static void test_somebody_of_elsewhere_has_no_account_but_subscriptions(void **state)
{
	struct rig *rig = *state;

	ask(rig, "{'command':'nodes create','node':'a'}");
	ask(rig, "{'command':'subscriptions set','node':'a','jid':'romeo@verona.lit',"
		 "'state':'subscribed'}");
	assert_answer(rig, "{'command':'account erase','jid':'romeo@verona.lit'}",
		"{'result':{'subscriptions':1,'more':true}}");
	assert_answer(rig, "{'command':'account erase','jid':'romeo@verona.lit'}",
		"{'result':{'affiliations':0,'more':false}}");
	assert_answer(rig, "{'command':'subscriptions list','node':'a'}",
		"{'result':{'subscriptions':[]}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(test_how_much_is_kept_is_told),
		RIG_TEST(test_nothing_is_left_and_others_are_told),
		RIG_TEST(test_a_turn_erases_so_much_only),
		RIG_TEST(test_somebody_of_elsewhere_has_no_account_but_subscriptions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
