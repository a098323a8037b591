/* A thundering herd: the server was restarted, and ten thousand come online at once. */
#include <stdlib.h>
#include <string.h>

#include <malloc.h>

#include "peppy/array.h"
#include "peppy/buf.h"
#include "peppy/codec.h"
#include "peppy/map.h"
#include "peppy/memory.h"
#include "peppy/router.h"
#include "streams.h"

#define HERD 10000
#define ROSTERS_AT_ONCE 50
#define CLIENTS_AT_ONCE 500
#define LAST_ITEMS_AT_ONCE 1600 /* 8 rounds of 200 arrivals */
#define BYTES_EACH 2048
#define TUNE "http://jabber.org/protocol/tune"
/* Three clients that differ by the name of their identity. */
static const char *const clients[][2] = {
	{"A", "kNR93d9dEcHitggAbXeNH0DWsFA="},
	{"B", "SWYk7Mll8/qCPKFgsM51szZyaGA="},
	{"C", "8Zf8T1b6eESwwWbO/3qWb2OndAs="},
};
#define CLIENTS ARRAY_COUNT(clients)

struct question {
	char *id, *to;
	size_t client; /* of whose capabilities; CLIENTS: a roster */
};

struct crowd {
	struct streams streams;
	struct buf waiting; /* to be fed */
	struct question *questions;
	size_t question_count, asked_clients, asked_rosters;
	struct map *told; /* full JIDs with last items */
	size_t told_twice;
	size_t results; /* of requests */
};

/* ---- what goes out ---- */

static size_t client_of(const struct xml_element *query)
{
	const char *node = xml_attr(query, "node");
	size_t client = 0;

	assert_non_null(node);
	while (client < CLIENTS && strstr(node, clients[client][1]) == NULL)
		client++;
	assert_true(client < CLIENTS);
	return client;
}

static void take_question(struct crowd *crowd, const struct xml_element *iq)
{
	const struct xml_element *roster = xml_child(iq, NS_ROSTER, "query");
	struct question *question;

	crowd->questions = memory_resize(
		crowd->questions, (crowd->question_count + 1) * sizeof *crowd->questions);
	question = &crowd->questions[crowd->question_count++];
	question->id = memory_strdup(xml_attr(iq, "id"));
	question->to = memory_strdup(xml_attr(iq, "to"));
	question->client = roster != NULL ? CLIENTS : client_of(iq->first);
	crowd->asked_rosters += roster != NULL;
	crowd->asked_clients += roster == NULL;
}

static void take_message(struct crowd *crowd, const struct xml_element *message)
{
	const struct xml_element *inner = message->first->first->first;
	const char *to = xml_attr(inner, "to");

	assert_non_null(xml_child(inner, NS_DELAY, "delay"));
	crowd->told_twice += map_find(crowd->told, to) != NULL;
	map_put(crowd->told, to, crowd);
}

static void take(void *ctx, const struct xml_stanza *stanza)
{
	struct crowd *crowd = ctx;

	if (strcmp(stanza->root->name, "message") == 0)
		take_message(crowd, stanza->root);
	else if (strcmp(xml_attr(stanza->root, "type"), "get") == 0)
		take_question(crowd, stanza->root);
	else
		crowd->results++;
}

/* ---- what comes in ---- */

/* All that waits, in one turn. */
static void feed(struct crowd *crowd)
{
	streams_feed(&crowd->streams, crowd->waiting.data, crowd->waiting.len);
	crowd->waiting.len = 0;
}

static void add_presence(struct crowd *crowd, size_t i, const char *type)
{
	buf_printf(&crowd->waiting,
		"<presence from='u%zu@localhost/r' to='pubsub.localhost'%s>"
		"<c xmlns='" NS_CAPS "' hash='sha-1' node='urn:c' ver='%s'/></presence>",
		i, type, clients[i % CLIENTS][1]);
}

/* With a hash that is none of theirs: each has to be asked. */
static void all_come_unverifiable(struct crowd *crowd)
{
	for (size_t i = 0; i < HERD; i++)
		buf_printf(&crowd->waiting,
			"<presence from='u%zu@localhost/r' to='pubsub.localhost'><c xmlns='" NS_CAPS
			"' hash='md5' node='urn:c' ver='%s'/></presence>",
			i, clients[0][1]);
	feed(crowd);
}

static void all_come(struct crowd *crowd)
{
	for (size_t i = 0; i < HERD; i++)
		add_presence(crowd, i, "");
	feed(crowd);
}

static void answer_clients_since(struct crowd *crowd, size_t from)
{
	for (size_t i = from; i < crowd->question_count; i++) {
		const struct question *question = &crowd->questions[i];

		if (question->client < CLIENTS)
			buf_printf(&crowd->waiting,
				"<iq type='result' id='%s' from='%s' to='pubsub.localhost'>"
				"<query xmlns='" NS_DISCO_INFO "'><identity category='client' "
				"type='bot' name='%s'/><feature var='" TUNE
				"+notify'/></query></iq>",
				question->id, question->to, clients[question->client][0]);
	}
	feed(crowd);
}

static void answer_clients(struct crowd *crowd)
{
	answer_clients_since(crowd, 0);
}

/* Those asked since; each answer lets the next be asked. */
static void answer_rosters(struct crowd *crowd, size_t from)
{
	for (size_t i = from; i < crowd->question_count; i++) {
		const struct question *question = &crowd->questions[i];

		if (question->client == CLIENTS)
			buf_printf(&crowd->waiting,
				"<iq type='result' id='%s' from='%s' to='pubsub.localhost'>"
				"<query xmlns='" NS_ROSTER "'><item jid='star@localhost' "
				"subscription='both'/></query></iq>",
				question->id, question->to);
	}
	feed(crowd);
}

/* ---- star@localhost, whose contacts they all are, and his tune ---- */

static void delegate(struct crowd *crowd)
{
	buf_append_text(&crowd->waiting,
		"<message from='localhost' to='pubsub.localhost'><delegation "
		"xmlns='urn:xmpp:delegation:1'><delegated namespace='" NS_PUBSUB
		"'/></delegation></message><message from='localhost' to='pubsub.localhost'>"
		"<privilege xmlns='urn:xmpp:privilege:1'><perm access='message' type='outgoing'/>"
		"<perm access='roster' type='get'/><perm access='presence' type='roster'/>"
		"</privilege></message>");
	feed(crowd);
}

static void publish(struct crowd *crowd)
{
	const struct question *roster;

	buf_append_text(&crowd->waiting,
		"<iq from='localhost' to='pubsub.localhost' type='set' id='o'><delegation "
		"xmlns='urn:xmpp:delegation:1'><forwarded xmlns='" NS_FORWARD
		"'><iq xmlns='" NS_CLIENT
		"' type='set' id='p' from='star@localhost/r' to='star@localhost'><pubsub "
		"xmlns='" NS_PUBSUB "'><publish node='" TUNE
		"'><item id='current'><tune xmlns='" TUNE
		"'/></item></publish></pubsub></iq></forwarded></delegation></iq>");
	feed(crowd);
	assert_int_equal(crowd->asked_rosters, 1);
	roster = &crowd->questions[0];
	buf_printf(&crowd->waiting,
		"<iq type='result' id='%s' from='star@localhost' to='pubsub.localhost'><query "
		"xmlns='" NS_ROSTER "'>",
		roster->id);
	for (size_t i = 0; i < HERD; i++)
		buf_printf(&crowd->waiting, "<item jid='u%zu@localhost' subscription='both'/>", i);
	buf_append_text(&crowd->waiting, "</query></iq>");
	feed(crowd);
	crowd->asked_rosters = 0;
}

static int setup(void **state)
{
	static const char *const domain = "localhost";
	static const struct router_component component = {
		.jid = "pubsub.localhost", .domains = {&domain, 1}};
	struct crowd *crowd = memory_alloc(sizeof *crowd);
	struct router_options opt = streams_options(&component);

	opt.pep_defaults.access_model = PUBSUB_ACCESS_PRESENCE;
	opt.pep_defaults.send_last_published_item = PUBSUB_SEND_LAST_ON_SUB_AND_PRESENCE;
	crowd->told = map_create(0, NULL);
	streams_open(&crowd->streams, &opt, take, crowd);
	delegate(crowd);
	publish(crowd);
	*state = crowd;
	return 0;
}

static int teardown(void **state)
{
	struct crowd *crowd = *state;

	streams_close(&crowd->streams);
	map_destroy(crowd->told);
	for (size_t i = 0; i < crowd->question_count; i++) {
		free(crowd->questions[i].id);
		free(crowd->questions[i].to);
	}
	free(crowd->questions);
	buf_finish(&crowd->waiting);
	free(crowd);
	return 0;
}

/* Until nobody is left who waits. */
static void tick_until_told(struct crowd *crowd, size_t expected)
{
	for (size_t before = HERD + 1; before != map_count(crowd->told);) {
		before = map_count(crowd->told);
		router_tick(crowd->streams.router);
		assert_in_range(map_count(crowd->told) - before, 0, LAST_ITEMS_AT_ONCE);
	}
	assert_int_equal(map_count(crowd->told), expected);
	assert_int_equal(crowd->told_twice, 0);
}

/* ---- tests ---- */

static void test_capabilities_are_asked_once_a_hash_however_many_announce_it(void **state)
{
	struct crowd *crowd = *state;

	all_come(crowd);
	all_come(crowd); /* ejabberd sends each presence several times */
	assert_int_equal(crowd->asked_clients, CLIENTS);
	answer_clients(crowd);
	all_come(crowd);
	assert_int_equal(crowd->asked_clients, CLIENTS);
}

static void test_whoever_cannot_be_verified_is_asked_among_others_at_a_time(void **state)
{
	struct crowd *crowd = *state;
	size_t asked = 0, from = crowd->question_count;

	all_come_unverifiable(crowd);
	while (crowd->asked_clients > asked) {
		size_t open = crowd->question_count;

		assert_in_range(crowd->asked_clients - asked, 1, CLIENTS_AT_ONCE);
		asked = crowd->asked_clients;
		answer_clients_since(crowd, from);
		from = open;
		router_tick(crowd->streams.router);
	}
	assert_int_equal(asked, HERD);
}

static void test_rosters_are_asked_some_at_a_time(void **state)
{
	struct crowd *crowd = *state;
	size_t from = crowd->question_count, asked = 0;

	all_come(crowd);
	for (size_t turns = 0; turns < 2 * HERD / ROSTERS_AT_ONCE; turns++) {
		size_t open = crowd->question_count;

		assert_in_range(crowd->asked_rosters - asked, 0, ROSTERS_AT_ONCE);
		asked = crowd->asked_rosters;
		answer_rosters(crowd, from);
		from = open;
	}
	assert_int_equal(crowd->asked_rosters, HERD);
}

static void test_everybody_gets_the_last_item_once_and_in_portions(void **state)
{
	struct crowd *crowd = *state;

	all_come(crowd);
	assert_int_equal(map_count(crowd->told), 0);
	answer_clients(crowd);
	assert_in_range(map_count(crowd->told), 1, LAST_ITEMS_AT_ONCE);
	tick_until_told(crowd, HERD);
	all_come(crowd);
	tick_until_told(crowd, HERD);
}

static void test_whoever_has_left_before_his_turn_gets_nothing(void **state)
{
	struct crowd *crowd = *state;

	all_come(crowd);
	answer_clients(crowd);
	for (size_t i = HERD - 1000; i < HERD; i++)
		add_presence(crowd, i, " type='unavailable'");
	feed(crowd);
	tick_until_told(crowd, HERD - 1000);
}

static void test_memory_is_bounded(void **state)
{
	struct crowd *crowd = *state;
	size_t before = mallinfo2().uordblks, most = 0;

	all_come(crowd);
	for (size_t i = 0; i < 20; i++) {
		size_t now = mallinfo2().uordblks;

		most = now > most ? now : most;
		if (i == 0)
			answer_clients(crowd);
		router_tick(crowd->streams.router);
	}
	assert_in_range(most - before, 0, (size_t)HERD * BYTES_EACH);
}

#define CROWD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* Each of these requests looks at all that somebody is subscribed to. */
static void test_a_turn_ends_early_when_it_holds_much(void **state)
{
	enum { NODES = 2000, QUESTIONS = 200 };
	static const char head[] =
		"<iq type='%s' id='i' from='u@localhost/r' to='pubsub.localhost'>"
		"<pubsub xmlns='" NS_PUBSUB "'>";
	struct crowd *crowd = *state;
	size_t before;

	for (size_t i = 0; i < NODES; i++) {
		buf_printf(&crowd->waiting, head, "set");
		buf_printf(&crowd->waiting, "<create node='n%zu'/></pubsub></iq>", i);
		buf_printf(&crowd->waiting, head, "set");
		buf_printf(&crowd->waiting,
			"<subscribe node='n%zu' jid='u@localhost'/></pubsub></iq>", i);
	}
	while (crowd->results < 2 * NODES)
		feed(crowd);
	for (size_t i = 0; i < QUESTIONS; i++) {
		buf_printf(&crowd->waiting, head, "get");
		buf_append_text(&crowd->waiting, "<subscriptions/></pubsub></iq>");
	}
	crowd->results = 0;
	feed(crowd);
	assert_in_range(crowd->results, 1, QUESTIONS - 1);
	do {
		before = crowd->results;
		feed(crowd);
	} while (crowd->results > before);
	assert_int_equal(crowd->results, QUESTIONS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CROWD_TEST(test_capabilities_are_asked_once_a_hash_however_many_announce_it),
		CROWD_TEST(test_whoever_cannot_be_verified_is_asked_among_others_at_a_time),
		CROWD_TEST(test_rosters_are_asked_some_at_a_time),
		CROWD_TEST(test_everybody_gets_the_last_item_once_and_in_portions),
		CROWD_TEST(test_whoever_has_left_before_his_turn_gets_nothing),
		CROWD_TEST(test_memory_is_bounded),
		CROWD_TEST(test_a_turn_ends_early_when_it_holds_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
