/* What is kept about somebody, shown and erased. */
#include "rig.h"

#include <string.h>

#include "peppy/store_contacts.h"

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

static void test_how_much_is_stored_is_shown(void **state)
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

static void test_what_cannot_be_promised_is_not_started(void **state)
{
	struct rig *rig = *state;

	rig->store_error = PUBSUB_ERR_STORE_FULL;
	assert_non_null(
		strstr(rig_ask(rig, "{'command':'account erase','jid':'" HAMLET "'}"), "'failed'"));
}

#define DAY UINT64_C(86400000000)

static void put_roster(
	struct rig *rig, const char *account, const struct store_contact *contacts, size_t n)
{
	struct store_txn *txn;

	assert_int_equal(store_begin(rig->store, STORE_WRITE, &txn), PUBSUB_OK);
	assert_int_equal(
		store_roster_put(txn, account, contacts, n, RIG_NOW_US - DAY / 2), PUBSUB_OK);
	assert_int_equal(store_commit(txn), PUBSUB_OK);
}

static void make_node(struct rig *rig, const char *account)
{
	ask(rig, arena_printf(rig->arena, "{'command':'nodes create','service':'%s','node':'a'}",
			 account));
}

static void test_accounts_are_listed_page_by_page(void **state)
{
	const struct store_contact contact = {"romeo@verona.lit", STORE_ROSTER_BOTH, {NULL, 0}};
	struct rig *rig = *state;

	ask(rig, "{'command':'nodes create','node':'a'}");
	make_node(rig, HAMLET);
	put_roster(rig, "ophelia@denmark.lit", &contact, 1);
	put_roster(rig, "yorick@denmark.lit", NULL, 0);
	assert_answer(rig, "{'command':'account list','limit':2}",
		"{'result':{'accounts':["
		"{'jid':'" HAMLET "','nodes':1,'published':'2023-11-14T22:13:20Z',"
		"'contacts':'unknown'},"
		"{'jid':'ophelia@denmark.lit','nodes':0,'published':null,'contacts':'some'}],"
		"'next':'3','asked':0}}");
	assert_answer(rig, "{'command':'account list','limit':2,'after':'3'}",
		"{'result':{'accounts':["
		"{'jid':'yorick@denmark.lit','nodes':0,'published':null,'contacts':'none'}],"
		"'asked':0}}");
}

static void test_gone_is_who_is_silent_and_has_no_contacts(void **state)
{
	const struct store_contact contact = {"romeo@verona.lit", STORE_ROSTER_BOTH, {NULL, 0}};
	struct rig *rig = *state;

	make_node(rig, HAMLET); /* today */
	put_roster(rig, HAMLET, NULL, 0);
	put_roster(rig, "ophelia@denmark.lit", &contact, 1);
	put_roster(rig, "yorick@denmark.lit", NULL, 0);
	assert_answer(rig, "{'command':'account list','gone':30}",
		"{'result':{'accounts':["
		"{'jid':'yorick@denmark.lit','nodes':0,'published':null,'contacts':'none'}],"
		"'asked':0}}");
	assert_int_equal(rig->renewed.len, 0);
}

static void test_who_may_have_gone_is_asked_about(void **state)
{
	struct rig *rig = *state;

	rig->later_us = 31 * DAY;
	rig->two_components = true;
	make_node(rig, HAMLET);
	rig->later_us = 62 * DAY;
	assert_answer(rig, "{'command':'account list','gone':30}",
		"{'result':{'accounts':[],'asked':1}}");
	buf_append_byte(&rig->renewed, '\0');
	assert_string_equal(rig->renewed.data, HAMLET "\n");
	rig->lists_are_hidden = true;
	assert_answer(rig, "{'command':'account list','gone':30}",
		"{'result':{'accounts':[{'jid':'" HAMLET "','nodes':1,"
		"'published':'2023-12-15T22:13:20Z','contacts':'unknown'}],'asked':0}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(test_how_much_is_stored_is_shown),
		RIG_TEST(test_whoever_has_an_account_erased_is_told_how_far_it_is),
		RIG_TEST(test_what_cannot_be_promised_is_not_started),
		RIG_TEST(test_accounts_are_listed_page_by_page),
		RIG_TEST(test_gone_is_who_is_silent_and_has_no_contacts),
		RIG_TEST(test_who_may_have_gone_is_asked_about),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
