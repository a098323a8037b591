/* Nodes, items and who has to do with them, as an operator handles them. */
#include "rig.h"

#include <string.h>

#include "peppy/array.h"

static void create(struct rig *rig, const char *node_id)
{
	assert_answer(rig,
		arena_printf(rig->arena, "{'command':'nodes create','node':'%s'}", node_id),
		arena_printf(rig->arena, "{'result':{'node':'%s'}}", node_id));
}

static void subscribe(struct rig *rig, const char *node_id, const char *jid)
{
	assert_answer(rig,
		arena_printf(rig->arena,
			"{'command':'subscriptions set','node':'%s','jid':'%s',"
			"'state':'subscribed'}",
			node_id, jid),
		"{'result':{}}");
}

static void publish(struct rig *rig, const char *node_id, const char *item_id)
{
	assert_answer(rig,
		arena_printf(rig->arena,
			"{'command':'items publish','node':'%s','item':'%s','payload':'<e/>'}",
			node_id, item_id),
		arena_printf(rig->arena, "{'result':{'item':'%s'}}", item_id));
}

static bool has(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

/* ---- nodes ---- */

static void test_a_node_is_created_with_its_configuration(void **state)
{
	const char *node;

	assert_answer(*state,
		"{'command':'nodes create','node':'a','config':{'title':'A','max_items':7,"
		"'persist_items':true,'contact':['hamlet@denmark.lit']}}",
		"{'result':{'node':'a'}}");
	node = rig_ask(*state, "{'command':'nodes show','node':'a'}");
	assert_true(has(node, "'creator':'" RIG_HOST "'"));
	assert_true(has(node, "'title':'A'"));
	assert_true(has(node, "'max_items':'7'"));
	assert_true(has(node, "'contact':['hamlet@denmark.lit']"));
	assert_true(has(node, "'created':'2023-11-14T22:13:20Z'"));
}

static void test_a_node_is_shown_with_its_parents_and_children(void **state)
{
	struct rig *rig = *state;

	create(rig, "a");
	assert_answer(rig,
		"{'command':'nodes create','node':'blogs','config':{'node_type':'collection',"
		"'children':['a']}}",
		"{'result':{'node':'blogs'}}");
	assert_true(
		has(rig_ask(rig, "{'command':'nodes show','node':'blogs'}"), "'children':['a']"));
	assert_true(
		has(rig_ask(rig, "{'command':'nodes show','node':'a'}"), "'collection':['blogs']"));
}

static void test_a_node_is_created_for_somebody(void **state)
{
	rig_ask(*state, "{'command':'nodes create','node':'a','as':'hamlet@denmark.lit/x'}");
	assert_true(has(rig_ask(*state, "{'command':'nodes show','node':'a'}"),
		"'creator':'hamlet@denmark.lit'"));
	assert_answer(*state, "{'command':'affiliations list','node':'a'}",
		"{'result':{'affiliations':[{'node':'a','jid':'hamlet@denmark.lit',"
		"'affiliation':'owner'}]}}");
}

static void test_a_wrong_field_creates_nothing(void **state)
{
	const char *error =
		"'%s' is not a field of the node configuration, or cannot have this value";
	struct rig *rig = *state;

	assert_answer(rig, "{'command':'nodes create','node':'a','config':{'titel':'A'}}",
		arena_printf(rig->arena, "{'error':'%s','code':'usage'}",
			arena_printf(rig->arena, error, "titel")));
	assert_answer(rig,
		"{'command':'nodes create','node':'a','config':{'title':'A','max_items':'x'}}",
		arena_printf(rig->arena, "{'error':'%s','code':'usage'}",
			arena_printf(rig->arena, error, "max_items")));
	assert_answer(rig, "{'command':'nodes list'}", "{'result':{'nodes':[]}}");
}

static void test_a_node_that_exists_is_not_created_again(void **state)
{
	create(*state, "a");
	assert_answer(*state, "{'command':'nodes create','node':'a'}",
		"{'error':'node exists','code':'refused'}");
}

static void test_a_field_that_is_null_is_cleared(void **state)
{
	rig_ask(*state, "{'command':'nodes create','node':'a','config':{'title':'A'}}");
	rig_ask(*state, "{'command':'nodes configure','node':'a','config':{'title':null}}");
	assert_true(has(rig_ask(*state, "{'command':'nodes show','node':'a'}"), "'title':null"));
}

static void test_the_list_of_nodes_comes_in_pages(void **state)
{
	const char *page;

	create(*state, "a");
	create(*state, "b");
	create(*state, "c");
	page = rig_ask(*state, "{'command':'nodes list','limit':2}");
	assert_true(has(page, "'node':'a'") && has(page, "'node':'b'"));
	assert_true(has(page, "'next':'b'"));
	page = rig_ask(*state, "{'command':'nodes list','limit':2,'after':'b'}");
	assert_true(has(page, "'node':'c'"));
	assert_false(has(page, "'node':'b'") || has(page, "'next'"));
}

static void test_a_pattern_chooses_nodes(void **state)
{
	const char *page;

	create(*state, "news/denmark");
	create(*state, "news/verona");
	create(*state, "tune");
	page = rig_ask(*state, "{'command':'nodes list','pattern':'news/*'}");
	assert_true(has(page, "news/denmark") && has(page, "news/verona"));
	assert_false(has(page, "tune"));
	page = rig_ask(*state, "{'command':'nodes list','pattern':'news/*','limit':1}");
	assert_true(has(page, "'next':'news/denmark'"));
	assert_false(has(page, "verona"));
}

static void test_a_node_is_purged_and_deleted_and_subscribers_are_notified(void **state)
{
	create(*state, "a");
	subscribe(*state, "a", "hamlet@denmark.lit");
	publish(*state, "a", "1");
	rig_events(*state);
	assert_answer(*state, "{'command':'nodes purge','node':'a'}", "{'result':{'node':'a'}}");
	assert_answer(*state, "{'command':'items list','node':'a'}", "{'result':{'items':[]}}");
	assert_answer(*state, "{'command':'nodes delete','node':'a'}", "{'result':{'node':'a'}}");
	assert_answer(*state, "{'command':'nodes delete','node':'a'}",
		"{'error':'node not found','code':'refused'}");
	assert_string_equal(rig_events(*state), "purge a > hamlet@denmark.lit\n"
						"delete a > hamlet@denmark.lit\n");
}

/* ---- items ---- */

static void test_what_the_shell_publishes_reaches_subscribers(void **state)
{
	create(*state, "a");
	subscribe(*state, "a", "hamlet@denmark.lit");
	rig_events(*state);
	publish(*state, "a", "1");
	assert_string_equal(rig_events(*state), "publish a > hamlet@denmark.lit\n");
	assert_answer(*state, "{'command':'items show','node':'a','item':'1'}",
		"{'result':{'item':'1','publisher':'" RIG_HOST
		"','published':'2023-11-14T22:13:20Z','expires':null,'bytes':13,"
		"'created':'2023-11-14T22:13:20Z','payload':'<e xmlns=''/>'}}");
}

static void test_a_payload_must_be_one_element(void **state)
{
	static const char *const payloads[] = {"<e>", "text", "<a/><b/>", "<!DOCTYPE e><e/>"};
	struct rig *rig = *state;

	create(rig, "a");
	for (size_t i = 0; i < ARRAY_COUNT(payloads); i++)
		assert_answer(rig,
			arena_printf(rig->arena,
				"{'command':'items publish','node':'a','payload':'%s'}",
				payloads[i]),
			"{'error':'the payload is not one XML element','code':'usage'}");
	assert_answer(rig, "{'command':'items list','node':'a'}", "{'result':{'items':[]}}");
}

static void test_options_of_a_publish_are_preconditions(void **state)
{
	create(*state, "a");
	assert_answer(*state,
		"{'command':'items publish','node':'a','payload':'<e/>',"
		"'options':{'access_model':'whitelist'}}",
		"{'error':'precondition not met: pubsub#access_model','code':'refused'}");
	assert_string_equal(rig_events(*state), "");
}

static void test_items_are_listed_newest_first_in_pages(void **state)
{
	struct rig *rig = *state;
	const char *page, *next;

	create(rig, "a");
	publish(rig, "a", "1");
	publish(rig, "a", "2");
	publish(rig, "a", "3");
	page = rig_ask(rig, "{'command':'items list','node':'a','limit':2}");
	assert_true(has(page, "'item':'2'"));
	assert_true(strstr(page, "'item':'3'") < strstr(page, "'item':'2'"));
	next = strstr(page, "'next':'") + strlen("'next':'");
	page = rig_ask(
		rig, arena_printf(rig->arena, "{'command':'items list','node':'a','after':'%.*s'}",
			     (int)strcspn(next, "'"), next));
	assert_true(has(page, "'item':'1'"));
	assert_false(has(page, "'item':'2'"));
}

static void test_an_item_is_retracted_once(void **state)
{
	create(*state, "a");
	publish(*state, "a", "1");
	assert_answer(*state, "{'command':'items retract','node':'a','item':'1'}", "{'result':{}}");
	assert_answer(*state, "{'command':'items retract','node':'a','item':'1'}",
		"{'error':'item not found','code':'refused'}");
	assert_answer(*state, "{'command':'items show','node':'a','item':'1'}",
		"{'error':'item not found','code':'refused'}");
}

/* ---- subscriptions, affiliations ---- */

static void test_subscriptions_are_listed_by_node_in_pages_and_by_jid(void **state)
{
	struct rig *rig = *state;
	const char *page, *next;

	create(rig, "a");
	create(rig, "b");
	subscribe(rig, "a", "hamlet@denmark.lit");
	subscribe(rig, "a", "ophelia@denmark.lit/lake");
	subscribe(rig, "b", "ophelia@denmark.lit");
	page = rig_ask(rig, "{'command':'subscriptions list','node':'a','limit':1}");
	assert_true(has(page, "'jid':'hamlet@denmark.lit','state':'subscribed'"));
	next = strstr(page, "'next':'") + strlen("'next':'");
	page = rig_ask(rig, arena_printf(rig->arena,
				    "{'command':'subscriptions list','node':'a',"
				    "'after':'%.*s'}",
				    (int)strcspn(next, "'"), next));
	assert_true(has(page, "ophelia@denmark.lit/lake"));
	assert_false(has(page, "hamlet"));
	page = rig_ask(rig, "{'command':'subscriptions list','jid':'ophelia@denmark.lit'}");
	assert_true(has(page, "'node':'a'") && has(page, "'node':'b'"));
	assert_true(has(page, "'service':'" RIG_HOST "'"));
}

static void test_a_list_is_of_a_node_or_of_somebody(void **state)
{
	assert_answer(*state, "{'command':'subscriptions list'}",
		"{'error':'subscriptions list needs one of 'node' and 'jid'','code':'usage'}");
	assert_answer(*state, "{'command':'affiliations list','node':'a','jid':'h@denmark.lit'}",
		"{'error':'affiliations list needs one of 'node' and 'jid'','code':'usage'}");
	create(*state, "a");
	assert_answer(*state, "{'command':'subscriptions list','node':'a','after':'x'}",
		"{'error':''after' is not a 'next' of this command','code':'usage'}");
}

static void test_a_subscription_is_ended_and_its_subscriber_notified(void **state)
{
	create(*state, "a");
	subscribe(*state, "a", "hamlet@denmark.lit");
	rig_events(*state);
	assert_answer(*state,
		"{'command':'subscriptions set','node':'a','jid':'hamlet@denmark.lit',"
		"'state':'none'}",
		"{'result':{}}");
	assert_answer(*state, "{'command':'subscriptions list','node':'a'}",
		"{'result':{'subscriptions':[]}}");
	assert_string_equal(rig_events(*state), "subscription a > hamlet@denmark.lit\n");
}

static void test_unknown_words_change_nothing(void **state)
{
	create(*state, "a");
	assert_answer(*state,
		"{'command':'subscriptions set','node':'a','jid':'h@denmark.lit',"
		"'state':'pending'}",
		"{'error':''state' must be none or subscribed','code':'usage'}");
	assert_answer(*state,
		"{'command':'affiliations set','node':'a','jid':'h@denmark.lit',"
		"'affiliation':'king'}",
		"{'error':''affiliation' must be owner, publisher, publish-only, member, none or "
		"outcast','code':'usage'}");
	assert_string_equal(rig_events(*state), "");
}

static void test_affiliations_are_set_and_listed_but_the_last_owner_stays(void **state)
{
	create(*state, "a");
	assert_answer(*state,
		"{'command':'affiliations set','node':'a','jid':'hamlet@denmark.lit/x',"
		"'affiliation':'outcast'}",
		"{'result':{}}");
	assert_answer(*state, "{'command':'affiliations list','jid':'hamlet@denmark.lit'}",
		"{'result':{'affiliations':[{'node':'a','jid':'hamlet@denmark.lit',"
		"'affiliation':'outcast'}]}}");
	assert_answer(*state,
		"{'command':'affiliations set','node':'a','jid':'" RIG_HOST
		"','affiliation':'none'}",
		"{'error':'the last owner has to stay','code':'refused'}");
}

static void test_an_account_is_a_service_too(void **state)
{
	assert_answer(*state,
		"{'command':'items publish','service':'hamlet@denmark.lit','node':'urn:mood',"
		"'item':'current','payload':'<sad/>'}",
		"{'result':{'item':'current'}}");
	assert_true(has(rig_ask(*state, "{'command':'nodes list','service':'hamlet@denmark.lit'}"),
		"urn:mood"));
	assert_answer(*state, "{'command':'nodes list'}", "{'result':{'nodes':[]}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(test_a_node_is_created_with_its_configuration),
		RIG_TEST(test_a_node_is_shown_with_its_parents_and_children),
		RIG_TEST(test_a_node_is_created_for_somebody),
		RIG_TEST(test_a_wrong_field_creates_nothing),
		RIG_TEST(test_a_node_that_exists_is_not_created_again),
		RIG_TEST(test_a_field_that_is_null_is_cleared),
		RIG_TEST(test_the_list_of_nodes_comes_in_pages),
		RIG_TEST(test_a_pattern_chooses_nodes),
		RIG_TEST(test_a_node_is_purged_and_deleted_and_subscribers_are_notified),
		RIG_TEST(test_what_the_shell_publishes_reaches_subscribers),
		RIG_TEST(test_a_payload_must_be_one_element),
		RIG_TEST(test_options_of_a_publish_are_preconditions),
		RIG_TEST(test_items_are_listed_newest_first_in_pages),
		RIG_TEST(test_an_item_is_retracted_once),
		RIG_TEST(test_subscriptions_are_listed_by_node_in_pages_and_by_jid),
		RIG_TEST(test_a_list_is_of_a_node_or_of_somebody),
		RIG_TEST(test_a_subscription_is_ended_and_its_subscriber_notified),
		RIG_TEST(test_unknown_words_change_nothing),
		RIG_TEST(test_affiliations_are_set_and_listed_but_the_last_owner_stays),
		RIG_TEST(test_an_account_is_a_service_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
