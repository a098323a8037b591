/* A request that waited for a contact list, and the store that fails when it is run again; a list
 * that an operator has asked for anew. */
#include <stdio.h>
#include <string.h>

#include "peppy/codec.h"
#include "peppy/router.h"
#include "streams.h"

#define FAIL_AT_MAX 60

struct rig {
	struct streams streams;
	char question[64]; /* the id of the last one */
	size_t answers;    /* to the request that waited */
};

static void take(void *ctx, const struct xml_stanza *stanza)
{
	struct rig *rig = ctx;
	const char *id = xml_attr(stanza->root, "id");

	if (id == NULL)
		return;
	if (strcmp(xml_attr(stanza->root, "type"), "get") == 0)
		snprintf(rig->question, sizeof rig->question, "%s", id);
	rig->answers += strcmp(id, "items") == 0;
}

static void feed(struct rig *rig, const char *xml)
{
	streams_feed(&rig->streams, xml, strlen(xml));
}

static void open_rig(struct rig *rig)
{
	static const char *const domain = "denmark.lit";
	static const struct router_component component = {
		.jid = "pubsub.denmark.lit", .domains = {&domain, 1}};
	const struct router_options opt = streams_options(&component);

	*rig = (struct rig){0};
	streams_open(&rig->streams, &opt, take, rig);
}

/* bernardo asks for items that hamlet's contacts may read. */
static void ask(struct rig *rig)
{
	feed(rig,
		"<message from='denmark.lit' to='pubsub.denmark.lit'>"
		"<privilege xmlns='urn:xmpp:privilege:2'><perm access='roster' type='get'/>"
		"</privilege></message>"
		"<iq type='set' from='hamlet@denmark.lit/elsinore' to='pubsub.denmark.lit' id='c'>"
		"<pubsub xmlns='" NS_PUBSUB "'><create node='n'/><configure>"
		"<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'>"
		"<value>http://jabber.org/protocol/pubsub#node_config</value></field>"
		"<field var='pubsub#access_model'><value>presence</value></field></x>"
		"</configure></pubsub></iq>"
		"<iq type='get' from='bernardo@denmark.lit/castle' to='pubsub.denmark.lit' "
		"id='items'><pubsub xmlns='" NS_PUBSUB "'><items node='n'/></pubsub></iq>");
	assert_string_not_equal(rig->question, "");
	assert_int_equal(rig->answers, 0);
}

static void answer(struct rig *rig)
{
	char xml[512];

	snprintf(xml, sizeof xml,
		"<iq type='result' id='%s' from='hamlet@denmark.lit' to='pubsub.denmark.lit'>"
		"<query xmlns='" NS_ROSTER "'><item jid='bernardo@denmark.lit' "
		"subscription='from'/></query></iq>",
		rig->question);
	feed(rig, xml);
}

static void test_it_is_refused_once_wherever_the_store_gives_up(void **state)
{
	size_t answered = 0;

	(void)state;
	for (uint64_t at = 1; at <= FAIL_AT_MAX; at++) {
		struct rig rig;

		open_rig(&rig);
		ask(&rig);
		store_fail_arm(rig.streams.store, at, true);
		answer(&rig);
		router_tick(rig.streams.router);
		assert_in_range(rig.answers, 0, 1);
		store_fail_arm(rig.streams.store, 0, false);
		router_tick(rig.streams.router);
		assert_in_range(rig.answers, 0, 1);
		answered += rig.answers;
		streams_close(&rig.streams);
	}
	assert_in_range(answered, 1, FAIL_AT_MAX);
}

static void test_a_contact_list_is_asked_for_where_the_server_gives_it(void **state)
{
	struct rig rig;

	(void)state;
	open_rig(&rig);
	assert_false(router_contacts_renew(rig.streams.router, "hamlet@denmark.lit"));
	assert_string_equal(rig.question, "");
	ask(&rig);
	answer(&rig);
	assert_int_equal(rig.answers, 1);
	rig.question[0] = '\0';
	assert_true(router_contacts_renew(rig.streams.router, "hamlet@denmark.lit"));
	assert_string_not_equal(rig.question, "");
	assert_false(router_contacts_renew(rig.streams.router, "romeo@verona.lit"));
	streams_close(&rig.streams);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_is_refused_once_wherever_the_store_gives_up),
		cmocka_unit_test(test_a_contact_list_is_asked_for_where_the_server_gives_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
