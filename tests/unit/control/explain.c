/* Why somebody hears of a node, or does not. */
#include "rig.h"

#include <string.h>

static void ask(struct rig *rig, const char *request)
{
	const char *answer = rig_ask(rig, request);

	if (strstr(answer, "'result'") == NULL)
		fail_msg("%s", answer);
}

static const char *explain(struct rig *rig, const char *jid)
{
	return rig_ask(
		rig, arena_printf(rig->arena, "{'command':'explain','node':'a','jid':'%s'}", jid));
}

static void assert_told(const char *answer, bool hears, const char *reason)
{
	if (strstr(answer, hears ? "'hears':true" : "'hears':false") == NULL ||
		strstr(answer, reason) == NULL)
		fail_msg("%s", answer);
}

static void make(struct rig *rig, const char *config)
{
	ask(rig, arena_printf(rig->arena, "{'command':'nodes create','node':'a','config':{%s}}",
			 config));
}

static void subscribe(struct rig *rig, const char *jid)
{
	ask(rig, arena_printf(rig->arena,
			 "{'command':'subscriptions set','node':'a','jid':'%s',"
			 "'state':'subscribed'}",
			 jid));
}

static void test_a_subscriber_is_notified(void **state)
{
	make(*state, "");
	subscribe(*state, "hamlet@denmark.lit");
	assert_told(explain(*state, "hamlet@denmark.lit/elsinore"), true, "'subscribed'");
	assert_told(explain(*state, "ophelia@denmark.lit"), false, "not subscribed");
}

static void test_a_subscription_of_another_resource_does_not_count(void **state)
{
	make(*state, "");
	subscribe(*state, "hamlet@denmark.lit/elsinore");
	assert_told(explain(*state, "hamlet@denmark.lit/elsinore"), true, "'subscribed'");
	assert_told(explain(*state, "hamlet@denmark.lit/sea"), false, "not subscribed");
	assert_told(explain(*state, "hamlet@denmark.lit"), true, "'subscribed'");
}

static void test_a_former_member_is_not_notified(void **state)
{
	make(*state, "");
	subscribe(*state, "hamlet@denmark.lit");
	ask(*state, "{'command':'affiliations set','node':'a','jid':'hamlet@denmark.lit',"
		    "'affiliation':'publish-only'}");
	assert_told(explain(*state, "hamlet@denmark.lit"), false, "excluded by affiliation");
}

static void test_a_whitelist_is_given_as_the_reason(void **state)
{
	make(*state, "'access_model':'whitelist'");
	assert_told(explain(*state, "hamlet@denmark.lit"), false, "not a member");
}

static void test_a_node_may_be_silent(void **state)
{
	make(*state, "'deliver_notifications':false");
	subscribe(*state, "hamlet@denmark.lit");
	assert_told(explain(*state, "hamlet@denmark.lit"), false, "deliver_notifications is off");
}

static void test_whoever_is_offline_may_have_to_wait(void **state)
{
	make(*state, "'presence_based_delivery':true");
	subscribe(*state, "hamlet@denmark.lit");
	assert_told(
		explain(*state, "hamlet@denmark.lit"), false, "no client is known to be online");
}

static void test_a_subscription_to_a_collection_may_be_about_nodes_alone(void **state)
{
	make(*state, "");
	ask(*state, "{'command':'nodes create','node':'blogs','config':{'node_type':'collection',"
		    "'children':['a']}}");
	assert_told(explain(*state, "hamlet@denmark.lit"), false, "not subscribed");
	ask(*state, "{'command':'subscriptions set','node':'blogs','jid':'hamlet@denmark.lit',"
		    "'state':'subscribed'}");
	assert_told(explain(*state, "hamlet@denmark.lit"), false, "subscription_type");
}

static void test_a_later_subscriber_has_missed_the_item(void **state)
{
	make(*state, "");
	ask(*state, "{'command':'items publish','node':'a','item':'1','payload':'<e/>'}");
	ask(*state, "{'command':'items publish','node':'a','item':'2','payload':'<e/>'}");
	subscribe(*state, "hamlet@denmark.lit");
	assert_told(rig_ask(*state, "{'command':'explain','node':'a','item':'1',"
				    "'jid':'hamlet@denmark.lit'}"),
		false, "subscribed only after the item was published");
	assert_told(explain(*state, "hamlet@denmark.lit"), true, "'subscribed'");
	assert_answer(*state,
		"{'command':'explain','node':'a','item':'3','jid':'hamlet@denmark.lit'}",
		"{'error':'item not found','code':'refused'}");
}

static void test_an_account_needs_the_server_s_hand(void **state)
{
	ask(*state, "{'command':'nodes create','service':'hamlet@denmark.lit','node':'a'}");
	assert_told(rig_ask(*state, "{'command':'explain','service':'hamlet@denmark.lit',"
				    "'node':'a','jid':'ophelia@denmark.lit'}"),
		false, "the server has not delegated the account");
}

static void test_a_link_that_is_down_takes_nothing(void **state)
{
	struct rig *rig = *state;

	rig->two_components = true;
	ask(rig, "{'command':'nodes create','service':'rooms.denmark.lit','node':'a'}");
	assert_told(rig_ask(rig, "{'command':'explain','service':'rooms.denmark.lit',"
				 "'node':'a','jid':'ophelia@denmark.lit'}"),
		false, "the link to the server is down");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(test_a_subscriber_is_notified),
		RIG_TEST(test_a_subscription_of_another_resource_does_not_count),
		RIG_TEST(test_a_former_member_is_not_notified),
		RIG_TEST(test_a_whitelist_is_given_as_the_reason),
		RIG_TEST(test_a_node_may_be_silent),
		RIG_TEST(test_whoever_is_offline_may_have_to_wait),
		RIG_TEST(test_a_subscription_to_a_collection_may_be_about_nodes_alone),
		RIG_TEST(test_a_later_subscriber_has_missed_the_item),
		RIG_TEST(test_an_account_needs_the_server_s_hand),
		RIG_TEST(test_a_link_that_is_down_takes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
