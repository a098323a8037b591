/* Every request, and a store that fails at each of its calls in turn: once, and it is answered as if
 * nothing had been; from then on, and it is refused. In both the store holds what was answered, and
 * of a turn that was lost nobody hears. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "peppy/array.h"
#include "peppy/buf.h"
#include "peppy/clock.h"
#include "peppy/codec.h"
#include "peppy/id.h"
#include "peppy/log.h"
#include "peppy/router.h"
#include "router/routes.h"

#define HEADER                                                                                     \
	"<stream:stream xmlns='" NS_COMPONENT "' "                                                 \
	"xmlns:stream='http://etherx.jabber.org/streams' id='failing'>"

/* ---- what is asked ---- */

#define HAMLET "hamlet@denmark.lit/elsinore"
#define IQ(type, from, xml)                                                                        \
	"<iq type='" type "' id='asked' from='" from "' to='pubsub.denmark.lit'>" xml "</iq>"
#define PUBSUB(type, from, xml) IQ(type, from, "<pubsub xmlns='" NS_PUBSUB "'>" xml "</pubsub>")
#define OWNER(type, xml) IQ(type, HAMLET, "<pubsub xmlns='" NS_PUBSUB_OWNER "'>" xml "</pubsub>")
#define FORM(form_type, fields)                                                                    \
	"<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>" NS_PUBSUB          \
	"#" form_type "</value></field>" fields "</x>"
#define FIELD(var, value) "<field var='pubsub#" var "'><value>" value "</value></field>"
#define ITEM(id) "<item id='" id "'><a xmlns='urn:a'/></item>"
#define COMMAND(node)                                                                              \
	IQ("set", HAMLET, "<command xmlns='" NS_COMMANDS "' node='" node "' action='execute'/>")

/* Nodes: news, which tells of everything and has three items and two subscribers; shut, where owners
 * approve and romeo waits. */
static const char *const furniture[] = {
	PUBSUB("set", HAMLET,
		"<create node='news'/><configure>" FORM("node_config",
			FIELD("notify_sub", "1") FIELD("notify_config", "1") FIELD(
				"notify_retract", "1") FIELD("max_items", "3")) "</configure>"),
	PUBSUB("set", HAMLET, "<publish node='news'>" ITEM("1") ITEM("2") ITEM("3") "</publish>"),
	PUBSUB("set", "ophelia@denmark.lit/a",
		"<subscribe node='news' jid='ophelia@denmark.lit'/>"),
	PUBSUB("set", "yorick@denmark.lit/a", "<subscribe node='news' jid='yorick@denmark.lit'/>"),
	OWNER("set",
		"<affiliations node='news'>"
		"<affiliation jid='yorick@denmark.lit' affiliation='publisher'/></affiliations>"),
	PUBSUB("set", HAMLET,
		"<create node='shut'/><configure>" FORM(
			"node_config", FIELD("access_model", "authorize")) "</configure>"),
	PUBSUB("set", HAMLET, "<publish node='shut'>" ITEM("1") "</publish>"),
	PUBSUB("set", "romeo@verona.lit/a", "<subscribe node='shut' jid='romeo@verona.lit'/>"),
};

#define APPROVAL                                                                                   \
	"<message id='asked' from='" HAMLET                                                        \
	"' to='pubsub.denmark.lit'>" FORM("subscribe_authorization",                               \
		FIELD("node", "shut") FIELD("subscriber_jid", "romeo@verona.lit")                  \
			FIELD("allow", "1")) "</message>"

static const struct ask {
	service_fn run; /* the route that it is for; NULL: none */
	const char *xml;
	bool silent; /* nothing is answered when all is well */
} asks[] = {
	{service_node_create, PUBSUB("set", HAMLET, "<create node='new'/>"), false},
	{service_node_create, PUBSUB("set", HAMLET, "<create/>"), false},
	{service_item_publish,
		PUBSUB("set", HAMLET, "<publish node='news'>" ITEM("2") ITEM("4") "</publish>"),
		false},
	{service_item_publish,
		PUBSUB("set", HAMLET,
			"<publish node='newer'>" ITEM(
				"1") "</publish>"
				     "<publish-options>" FORM("publish-options",
					     FIELD("max_items", "1")) "</publish-options>"),
		false},
	{service_item_retract,
		PUBSUB("set", HAMLET,
			"<retract node='news' notify='1'>"
			"<item id='1'/></retract>"),
		false},
	{service_items_retrieve, PUBSUB("get", "romeo@verona.lit/a", "<items node='news'/>"),
		false},
	{service_subscribe,
		PUBSUB("set", "romeo@verona.lit/a",
			"<subscribe node='news' jid='romeo@verona.lit'/>"),
		false},
	{service_subscribe,
		PUBSUB("set", "horatio@denmark.lit/a",
			"<subscribe node='shut' jid='horatio@denmark.lit'/>"),
		false},
	{service_unsubscribe,
		PUBSUB("set", "yorick@denmark.lit/a",
			"<unsubscribe node='news' jid='yorick@denmark.lit'/>"),
		false},
	{service_options,
		PUBSUB("get", "yorick@denmark.lit/a",
			"<options node='news' jid='yorick@denmark.lit'/>"),
		false},
	{service_options_set,
		PUBSUB("set", "yorick@denmark.lit/a",
			"<options node='news' jid='yorick@denmark.lit'>" FORM(
				"subscribe_options", FIELD("deliver", "0")) "</options>"),
		false},
	{service_options_default, PUBSUB("get", HAMLET, "<default node='news'/>"), false},
	{service_subscriptions, PUBSUB("get", "yorick@denmark.lit/a", "<subscriptions/>"), false},
	{service_affiliations, PUBSUB("get", HAMLET, "<affiliations/>"), false},
	{service_node_configuration, OWNER("get", "<configure node='news'/>"), false},
	{service_node_configure,
		OWNER("set", "<configure node='news'>" FORM("node_config",
				     FIELD("access_model", "whitelist")
					     FIELD("max_items", "1")) "</configure>"),
		false},
	{service_node_default, OWNER("get", "<default/>"), false},
	{service_node_delete, OWNER("set", "<delete node='news'/>"), false},
	{service_node_purge, OWNER("set", "<purge node='news'/>"), false},
	{service_owner_subscriptions, OWNER("get", "<subscriptions node='news'/>"), false},
	{service_owner_subscriptions_set,
		OWNER("set", "<subscriptions node='shut'><subscription jid='romeo@verona.lit' "
			     "subscription='subscribed'/></subscriptions>"),
		false},
	{service_owner_affiliations, OWNER("get", "<affiliations node='news'/>"), false},
	{service_owner_affiliations_set,
		OWNER("set", "<affiliations node='news'><affiliation jid='yorick@denmark.lit' "
			     "affiliation='outcast'/></affiliations>"),
		false},
	{service_authorize, APPROVAL, true},
	{NULL, IQ("get", HAMLET, "<query xmlns='" NS_DISCO_ITEMS "'/>"), false},
	{NULL, IQ("get", HAMLET, "<query xmlns='" NS_DISCO_ITEMS "' node='news'/>"), false},
	{NULL, IQ("get", HAMLET, "<query xmlns='" NS_DISCO_INFO "' node='news'/>"), false},
	{NULL, COMMAND(NS_PUBSUB "#get-pending"), false},
	{NULL, COMMAND("peppy#own-nodes"), false},
};

#define ASKS ARRAY_COUNT(asks)

/* ---- a router on a store that fails ---- */

struct rig {
	struct store *store;
	struct router *router;
	struct xml_parser *in, *out;
	struct arena *arena;
	struct buf sent; /* what went out */
	size_t answers, refusals, events;
};

uint64_t __wrap_clock_wall_us(void);
uint64_t __wrap_clock_monotonic_us(void);
void __wrap_id_random(char out[ID_RANDOM_SIZE]);
void __wrap_id_signed(const char *recipient, char out[ID_SIGNED_SIZE]);

uint64_t __wrap_clock_wall_us(void)
{
	return UINT64_C(1071340202000000);
}

uint64_t __wrap_clock_monotonic_us(void)
{
	return 1;
}

void __wrap_id_random(char out[ID_RANDOM_SIZE])
{
	strcpy(out, "random");
}

void __wrap_id_signed(const char *recipient, char out[ID_SIGNED_SIZE])
{
	(void)recipient;
	strcpy(out, "signed");
}

static bool is_type(const struct xml_element *root, const char *type)
{
	const char *found = xml_attr(root, "type");

	return found != NULL && strcmp(found, type) == 0;
}

/* A store that fails is another word for resource-constraint or internal-server-error. */
static bool is_refusal(const struct xml_element *root)
{
	const struct xml_element *error = xml_child(root, NS_COMPONENT, "error");

	return is_type(root, "error") && error != NULL &&
	       (xml_child(error, NS_STANZAS, "resource-constraint") != NULL ||
		       xml_child(error, NS_STANZAS, "internal-server-error") != NULL);
}

static void note(struct rig *rig, const struct xml_stanza *stanza)
{
	const struct xml_element *root = stanza->root;
	const char *id = xml_attr(root, "id");
	size_t len;
	const char *xml = xml_standalone(stanza, root, &len);
	bool answers = id != NULL && strcmp(id, "asked") == 0;

	rig->answers += answers;
	rig->events += !answers;
	rig->refusals += answers && is_refusal(root);
	buf_append(&rig->sent, xml, len);
}

static void on_send(void *ctx, size_t component, const char *bytes, size_t len, bool keep)
{
	struct rig *rig = ctx;
	struct xml_stanza stanza;

	(void)component, (void)keep;
	memcpy(xml_parser_space(rig->out, len), bytes, len);
	xml_parser_filled(rig->out, len);
	while (xml_parser_next(rig->out, &stanza) == XML_STANZA)
		note(rig, &stanza);
	xml_parser_release(rig->out);
}

static uint64_t no_bytes(void *ctx, size_t component)
{
	(void)ctx, (void)component;
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

static void forget_sent(struct rig *rig)
{
	rig->sent.len = 0;
	rig->answers = rig->refusals = rig->events = 0;
}

static void open_rig(struct rig *rig)
{
	static const char *const domain = "denmark.lit";
	static const struct xml_limits limits = {0};
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

	*rig = (struct rig){.arena = arena_create()};
	assert_int_equal(store_open_mem(&inner), PUBSUB_OK);
	rig->store = store_open_fail(inner);
	rig->in = xml_parser_create(&limits, HEADER, strlen(HEADER));
	rig->out = xml_parser_create(&limits, HEADER, strlen(HEADER));
	rig->router = router_create(rig->store, &opt);
	router_link_up(rig->router, 0);
	for (size_t i = 0; i < ARRAY_COUNT(furniture); i++)
		feed(rig, furniture[i]);
	assert_int_equal(rig->answers, ARRAY_COUNT(furniture));
	assert_int_equal(rig->refusals, 0);
	forget_sent(rig);
}

static void close_rig(struct rig *rig)
{
	router_destroy(rig->router);
	store_close(rig->store);
	xml_parser_destroy(rig->in);
	xml_parser_destroy(rig->out);
	buf_finish(&rig->sent);
	arena_destroy(rig->arena);
}

static const char *dump(struct rig *rig)
{
	struct store_txn *txn = NULL;
	char *text = NULL;

	assert_int_equal(store_begin(rig->store, STORE_READ, &txn), PUBSUB_OK);
	assert_int_equal(store_dump(txn, rig->arena, &text), PUBSUB_OK);
	store_abort(txn);
	return text;
}

static const char *sent(struct rig *rig)
{
	return arena_memdup(rig->arena, rig->sent.data, rig->sent.len);
}

/* ---- laws ---- */

/* What becomes of a request where nothing fails. */
struct outcome {
	struct rig rig;
	const char *before, *after, *sent;
	size_t calls;
};

static void play(const struct ask *ask, struct outcome *out)
{
	open_rig(&out->rig);
	out->before = dump(&out->rig);
	store_fail_arm(out->rig.store, 0, false);
	feed(&out->rig, ask->xml);
	out->calls = store_fail_calls(out->rig.store);
	out->sent = sent(&out->rig);
	out->after = dump(&out->rig);
	assert_int_equal(out->rig.answers, ask->silent ? 0 : 1);
	assert_int_equal(out->rig.refusals, 0);
}

static void play_failing(struct rig *rig, const struct ask *ask, size_t at, bool onwards)
{
	open_rig(rig);
	store_fail_arm(rig->store, at, onwards);
	feed(rig, ask->xml);
	store_fail_arm(rig->store, 0, false);
}

static void test_one_failure_is_noticed_by_nobody(void **state)
{
	(void)state;
	for (size_t i = 0; i < ASKS; i++) {
		struct outcome good;

		play(&asks[i], &good);
		for (size_t at = 1; at <= good.calls; at++) {
			struct rig rig;

			play_failing(&rig, &asks[i], at, false);
			assert_string_equal(sent(&rig), good.sent);
			assert_string_equal(dump(&rig), good.after);
			close_rig(&rig);
		}
		close_rig(&good.rig);
	}
}

static void test_a_store_that_stays_broken_refuses_and_tells_nobody(void **state)
{
	(void)state;
	for (size_t i = 0; i < ASKS; i++) {
		struct outcome good;

		play(&asks[i], &good);
		for (size_t at = 1; at <= good.calls; at++) {
			struct rig rig;

			play_failing(&rig, &asks[i], at, true);
			assert_int_equal(rig.answers, 1);
			assert_int_equal(rig.refusals, 1);
			assert_int_equal(rig.events, 0);
			assert_string_equal(dump(&rig), good.before);
			close_rig(&rig);
		}
		close_rig(&good.rig);
	}
}

static void test_every_route_is_among_them(void **state)
{
	const struct route *route;

	(void)state;
	for (size_t i = 0; (route = route_at(i)) != NULL; i++) {
		size_t n = 0;

		while (n < ASKS && asks[n].run != route->run)
			n++;
		if (n == ASKS)
			fail_msg("%s %s is not tried", route->type, route->element);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_failure_is_noticed_by_nobody),
		cmocka_unit_test(test_a_store_that_stays_broken_refuses_and_tells_nobody),
		cmocka_unit_test(test_every_route_is_among_them),
	};

	log_level_set(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
