/* Every request, and a store that fails at each of its calls in turn: once, and it is answered as
 * if nothing had been; from then on, and it is refused. In both the store holds what was answered,
 * and of a turn that was lost nobody hears. */
#include "rig.h"

#include "peppy/array.h"
#include "peppy/log.h"
#include "router/routes.h"

/* ---- what is asked ---- */

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
	{service_associate,
		OWNER("set", "<collection node='blogs'><associate node='shut'/></collection>"),
		false},
	{service_associate,
		OWNER("set", "<collection node='blogs'><dissociate node='news'/></collection>"),
		false},
	{service_node_create,
		PUBSUB("set", HAMLET,
			"<create node='new'/><configure>" FORM(
				"node_config", FIELD("collection", "blogs")) "</configure>"),
		false},
	{service_node_configure,
		OWNER("set", "<configure node='shut'>" FORM("node_config",
				     FIELD("node_type", "collection")
					     FIELD("children", "blogs")) "</configure>"),
		false},
	{service_node_delete, OWNER("set", "<delete node='blogs'/>"), false},
	{NULL, IQ("get", HAMLET, "<query xmlns='" NS_DISCO_ITEMS "' node='blogs'/>"), false},
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
	{NULL,
		ACCOUNT("set", "<publish node='urn:xmpp:bookmarks:1'><item id='b@rooms.lit'>" ROOM
			       "</item></publish>"),
		false},
	{NULL,
		ACCOUNT("set", "<retract node='urn:xmpp:bookmarks:1'><item id='a@rooms.lit'/>"
			       "</retract>"),
		false},
	{NULL, ACCOUNT("get", "<items node='urn:xmpp:bookmarks:1'/>"), false},
	{NULL, DELEGATED("get", STORAGE("")), false},
	{NULL,
		DELEGATED("set", STORAGE("<conference jid='b@rooms.lit' name='B'/>"
					 "<conference jid='c@rooms.lit' name='C'/>")),
		false},
	{NULL,
		DELEGATED("set", "<vCard xmlns='" NS_VCARD "'><FN>Hamlet</FN><PHOTO>"
				 "<TYPE>image/png</TYPE><BINVAL>AAAA</BINVAL></PHOTO></vCard>"),
		false},
	{NULL, COMMAND(NS_PUBSUB "#get-pending"), false},
	{NULL, COMMAND("peppy#own-nodes"), false},
};

#define ASKS ARRAY_COUNT(asks)

/* ---- laws ---- */

/* What becomes of a request where nothing fails. */
struct outcome {
	struct rig rig;
	const char *before, *after, *sent;
	size_t calls;
};

static void play(const struct ask *ask, struct outcome *out)
{
	rig_open(&out->rig);
	out->before = rig_dump(&out->rig);
	store_fail_arm(out->rig.streams.store, 0, false);
	rig_feed(&out->rig, ask->xml);
	out->calls = store_fail_calls(out->rig.streams.store);
	out->sent = rig_sent(&out->rig);
	out->after = rig_dump(&out->rig);
	assert_int_equal(out->rig.answers, ask->silent ? 0 : 1);
	if (out->rig.errors > 0)
		fail_msg("%s: %s", ask->xml, out->sent);
}

static void play_failing(struct rig *rig, const struct ask *ask, size_t at, bool onwards)
{
	rig_open(rig);
	store_fail_arm(rig->streams.store, at, onwards);
	rig_feed(rig, ask->xml);
	store_fail_arm(rig->streams.store, 0, false);
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
			assert_string_equal(rig_sent(&rig), good.sent);
			assert_string_equal(rig_dump(&rig), good.after);
			rig_close(&rig);
		}
		rig_close(&good.rig);
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
			assert_string_equal(rig_dump(&rig), good.before);
			rig_close(&rig);
		}
		rig_close(&good.rig);
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
