/* A request that waited for a contact list, and the store that fails when it is run again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "peppy/buf.h"
#include "peppy/codec.h"
#include "peppy/router.h"

#define FAIL_AT_MAX 60
#define HEADER                                                                                     \
	"<stream:stream xmlns='" NS_COMPONENT "' "                                                 \
	"xmlns:stream='http://etherx.jabber.org/streams' id='waiting'>"

struct rig {
	struct store *store;
	struct router *router;
	struct xml_parser *in, *out;
	char question[64]; /* the id of the last one */
	size_t answers;    /* to the request that waited */
};

static const struct xml_limits limits = {0};

static void on_send(void *ctx, size_t component, const char *bytes, size_t len, bool keep)
{
	struct rig *rig = ctx;
	struct xml_stanza stanza;

	(void)component;
	(void)keep;
	memcpy(xml_parser_space(rig->out, len), bytes, len);
	xml_parser_filled(rig->out, len);
	while (xml_parser_next(rig->out, &stanza) == XML_STANZA) {
		const char *id = xml_attr(stanza.root, "id");

		if (id == NULL)
			continue;
		if (strcmp(xml_attr(stanza.root, "type"), "get") == 0)
			snprintf(rig->question, sizeof rig->question, "%s", id);
		rig->answers += strcmp(id, "items") == 0;
	}
	xml_parser_release(rig->out);
}

static uint64_t no_bytes(void *ctx, size_t component)
{
	(void)ctx;
	(void)component;
	return 0;
}

static bool next_stanza(void *ctx, struct xml_stanza *out)
{
	return xml_parser_next(((struct rig *)ctx)->in, out) == XML_STANZA;
}

static void feed(struct rig *rig, const char *xml)
{
	const struct router_source source = {.ctx = rig, .next = next_stanza};

	memcpy(xml_parser_space(rig->in, strlen(xml)), xml, strlen(xml));
	xml_parser_filled(rig->in, strlen(xml));
	router_turn(rig->router, 0, &source);
	xml_parser_release(rig->in);
}

static void open_rig(struct rig *rig)
{
	static const char *const domain = "denmark.lit";
	static const struct router_component component = {
		.jid = "pubsub.denmark.lit", .domains = {&domain, 1}};
	const struct router_options opt = {
		.components = &component,
		.component_count = 1,
		.max_outgoing_bytes = 480 * 1024,
		.max_items = 1000,
		.max_payload_bytes = 1024 * 1024,
		.node_defaults = pubsub_node_config_default,
		.pep_defaults = pubsub_node_config_default,
		.ctx = rig,
		.send = on_send,
		.sent = no_bytes,
		.taken = no_bytes,
	};
	struct store *inner = NULL;

	*rig = (struct rig){0};
	assert_int_equal(store_open_mem(&inner), PUBSUB_OK);
	rig->store = store_open_fail(inner);
	rig->in = xml_parser_create(&limits, HEADER, strlen(HEADER));
	rig->out = xml_parser_create(&limits, HEADER, strlen(HEADER));
	rig->router = router_create(rig->store, &opt);
	assert_non_null(rig->router);
	router_link_up(rig->router, 0);
}

static void close_rig(struct rig *rig)
{
	router_destroy(rig->router);
	store_close(rig->store);
	xml_parser_destroy(rig->in);
	xml_parser_destroy(rig->out);
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
		store_fail_arm(rig.store, at, true);
		answer(&rig);
		router_tick(rig.router);
		assert_in_range(rig.answers, 0, 1);
		store_fail_arm(rig.store, 0, false);
		router_tick(rig.router);
		assert_in_range(rig.answers, 0, 1);
		answered += rig.answers;
		close_rig(&rig);
	}
	assert_in_range(answered, 1, FAIL_AT_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_is_refused_once_wherever_the_store_gives_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
