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

static void test_whoever_has_an_account_erased_is_told_how_far_it_is(void **state)
{
	struct rig *rig = *state;

	rig->erased = (struct service_erased){20, 0, 0, true};
	assert_answer(rig, "{'command':'account erase','jid':'" HAMLET "/any'}",
		"{'result':{'nodes':20,'subscriptions':0,'affiliations':0,'more':true}}");
	assert_string_equal(rig->erased_jid, HAMLET);
	rig->erased = (struct service_erased){25, 2, 1, false};
	rig->store_error = PUBSUB_ERR_STORE_FULL; /* were it begun once more */
	assert_answer(rig, "{'command':'account erase','jid':'" HAMLET "','begun':true}",
		"{'result':{'nodes':25,'subscriptions':2,'affiliations':1,'more':false}}");
}

static void test_what_cannot_be_promised_is_not_begun(void **state)
{
	struct rig *rig = *state;

	rig->store_error = PUBSUB_ERR_STORE_FULL;
	assert_non_null(
		strstr(rig_ask(rig, "{'command':'account erase','jid':'" HAMLET "'}"), "'failed'"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(test_how_much_is_kept_is_told),
		RIG_TEST(test_whoever_has_an_account_erased_is_told_how_far_it_is),
		RIG_TEST(test_what_cannot_be_promised_is_not_begun),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
