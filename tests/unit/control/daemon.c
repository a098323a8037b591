/* What an operator is told of the daemon, and changes while it runs. */
#include "rig.h"

#include <string.h>

#include "peppy/clock.h"
#include "peppy/log.h"
#include "peppy/top.h"

static const char hand_out[] =
	"<message from='denmark.lit' to='" RIG_HOST
	"'><delegation xmlns='urn:xmpp:delegation:2'><delegated "
	"namespace='http://jabber.org/protocol/pubsub'/></delegation></message>";
static const char grant[] =
	"<message from='denmark.lit' to='" RIG_HOST
	"'><privilege xmlns='urn:xmpp:privilege:2'><perm access='message' type='outgoing'/>"
	"<perm access='presence' type='roster'/></privilege></message>";

static void hear(struct rig *rig, const char *text)
{
	const struct xml_limits none = {0};
	struct pep_turn turn = {.arena = rig->arena};
	struct xml_stanza stanza;

	assert_true(xml_document_parse(&none, text, strlen(text), rig->arena, &stanza));
	assert_true(pep_message(rig->pep, &turn, 0, stanza.root));
}

static void test_status_shows_every_component(void **state)
{
	struct rig *rig = *state;
	const char *status;

	rig->two_components = true;
	rig_ask(rig, "{'command':'nodes create','service':'" RIG_HOST "','node':'a'}");
	status = rig_ask(rig, "{'command':'status','service':'" RIG_HOST "'}");
	assert_string_equal(status, "{'error':'status does not take 'service'','code':'usage'}");
	rig->two_components = false;
	status = rig_ask(rig, "{'command':'status'}");
	assert_non_null(strstr(status,
		"'component':'" RIG_HOST "','server':'127.0.0.1','port':5347,'up':true,'nodes':1"));
}

static void test_check_shows_what_the_server_has_granted(void **state)
{
	const char *head = "{'result':{'components':[{'component':'" RIG_HOST
			   "','server':'127.0.0.1','port':5347,'up':true,'domains':[{'domain':"
			   "'denmark.lit','delegation':%s,'accounts':%s,'privileges':%s,"
			   "'message':%s,'roster':false,'presence':%s}]}]}}";
	struct rig *rig = *state;

	assert_answer(rig, "{'command':'check'}",
		arena_printf(rig->arena, head, "null", "false", "null", "false", "false"));
	hear(rig, hand_out);
	hear(rig, grant);
	assert_answer(rig, "{'command':'check'}",
		arena_printf(rig->arena, head, "'urn:xmpp:delegation:2'", "true",
			"'urn:xmpp:privilege:2'", "true", "true"));
}

static void test_top_names_the_busiest(void **state)
{
	struct rig *rig = *state;
	const uint64_t now_us = clock_monotonic_us();
	const char *told;

	top_add(rig->nodes, now_us, RIG_HOST "\nb", 70);
	top_add(rig->nodes, now_us, "hamlet@denmark.lit\nurn:x\ny", 50);
	top_add(rig->nodes, now_us, RIG_HOST "\nb", 20);
	top_add(rig->senders, now_us, "hamlet@denmark.lit", 1);
	told = rig_ask(rig, "{'command':'top'}");
	assert_non_null(strstr(told,
		"'nodes':[{'service':'" RIG_HOST "','node':'b','times':2,'spent_us':90,"
		"'longest_us':70},{'service':'hamlet@denmark.lit','node':'urn:x\\ny',"
		"'times':1,'spent_us':50,'longest_us':50}],"
		"'senders':[{'jid':'hamlet@denmark.lit','requests':1}]}}"));
	told = rig_ask(rig, "{'command':'top','limit':1}");
	assert_null(strstr(told, "urn:x"));
}

static void test_only_a_job_that_was_set_aside_is_dropped(void **state)
{
	struct rig *rig = *state;
	struct store_job job = {.kind = 1,
		.service = RIG_HOST,
		.node_id = "a",
		.data = "event",
		.data_len = 5,
		.cursor = "",
		.starts = 3};
	struct store_txn *txn;

	assert_int_equal(store_begin(rig->store, STORE_WRITE, &txn), PUBSUB_OK);
	assert_int_equal(store_job_put(txn, &job), PUBSUB_OK);
	job.id = 0;
	job.starts = STORE_JOB_ASIDE;
	assert_int_equal(store_job_put(txn, &job), PUBSUB_OK);
	assert_int_equal(store_commit(txn), PUBSUB_OK);
	assert_answer(rig, "{'command':'jobs drop','job':'1'}",
		"{'error':'the job is not set aside: it is being done','code':'refused'}");
	assert_answer(rig, "{'command':'jobs drop','job':'3'}",
		"{'error':'no such job','code':'refused'}");
	assert_answer(rig, "{'command':'jobs drop','job':'two'}",
		"{'error':''job' must be the id of a job','code':'usage'}");
	assert_answer(rig, "{'command':'jobs drop','job':'2'}", "{'result':{}}");
	assert_null(strstr(rig_ask(rig, "{'command':'jobs'}"), "'id':2"));
}

static void test_jobs_come_in_pages(void **state)
{
	struct rig *rig = *state;
	struct store_job job = {.kind = 1,
		.service = RIG_HOST,
		.node_id = "a",
		.data = "event",
		.data_len = 5,
		.cursor = ""};
	struct store_txn *txn;

	assert_answer(rig, "{'command':'jobs'}", "{'result':{'jobs':[]}}");
	assert_int_equal(store_begin(rig->store, STORE_WRITE, &txn), PUBSUB_OK);
	assert_int_equal(store_job_put(txn, &job), PUBSUB_OK);
	job.id = 0;
	assert_int_equal(store_job_put(txn, &job), PUBSUB_OK);
	assert_int_equal(store_commit(txn), PUBSUB_OK);
	assert_answer(rig, "{'command':'jobs','limit':1}",
		"{'result':{'jobs':[{'id':1,'kind':1,'service':'" RIG_HOST
		"','node':'a','cursor':'','starts':0,'aside':false,'bytes':5}],'next':1}}");
	assert_non_null(strstr(rig_ask(rig, "{'command':'jobs','after':1}"), "'id':2"));
}

static void test_log_levels_are_shown_and_changed(void **state)
{
	const char *answer = rig_ask(*state, "{'command':'log','level':'warning'}");

	assert_non_null(strstr(answer, "{'area':'store','level':'warning'}"));
	assert_non_null(strstr(answer, "{'area':'wire','level':'warning'}"));
	answer = rig_ask(*state, "{'command':'log','level':'debug','area':'wire'}");
	assert_non_null(strstr(answer, "{'area':'store','level':'warning'}"));
	assert_non_null(strstr(answer, "{'area':'wire','level':'debug'}"));
	assert_int_equal(log_area_level("wire"), LOG_LEVEL_DEBUG);
}

static void test_an_unknown_level_or_area_changes_nothing(void **state)
{
	assert_answer(*state, "{'command':'log','level':'loud'}",
		"{'error':''level' must be error, warning, info or debug','code':'usage'}");
	assert_answer(*state, "{'command':'log','level':'debug','area':'moon'}",
		"{'error':'there is no area 'moon'','code':'usage'}");
	assert_answer(*state, "{'command':'log','area':'wire'}",
		"{'error':'log needs 'level' with 'area'','code':'usage'}");
	assert_int_equal(log_area_level("wire"), LOG_LEVEL_ERROR);
}

static void test_a_wrong_file_is_not_reloaded(void **state)
{
	struct rig *rig = *state;

	rig->reload_fails = true;
	assert_answer(rig, "{'command':'reload'}",
		"{'error':'the configuration file is wrong: the old values stay in force, and the "
		"log says why','code':'refused'}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(test_status_shows_every_component),
		RIG_TEST(test_check_shows_what_the_server_has_granted),
		RIG_TEST(test_top_names_the_busiest),
		RIG_TEST(test_only_a_job_that_was_set_aside_is_dropped),
		RIG_TEST(test_jobs_come_in_pages),
		RIG_TEST(test_log_levels_are_shown_and_changed),
		RIG_TEST(test_an_unknown_level_or_area_changes_nothing),
		RIG_TEST(test_a_wrong_file_is_not_reloaded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
