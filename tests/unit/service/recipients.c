/* recipients.c - who hears of events. */
#include "service/recipients.h"

#include "peppy/array.h"
#include "world.h"

/* The account's "mood" with presence access; ophelia is a contact, horatio one without
 * subscription. */
static void mood(struct world *w)
{
	w->roster[0] = (struct world_contact){OPHELIA, "friends", true};
	w->roster[1] = (struct world_contact){HORATIO, NULL, false};
	w->roster_n = 2;
	world_create(w, "mood", "pubsub#access_model", "presence");
}

static void interest(struct world *w, const char *jid)
{
	w->interested[w->interested_n++] = jid;
}

static void test_interested_clients_are_notified_at_their_full_jids(void **state)
{
	struct world *w = *state;

	mood(w);
	interest(w, OPHELIA "/b");
	interest(w, HAMLET "/elsinore");
	interest(w, OPHELIA "/a");
	world_publish(w, "mood", "i");
	assert_events(w, "publish mood i=<entry/> replyto " HAMLET "/elsinore > " HAMLET
			 "/elsinore* " OPHELIA "/a* " OPHELIA "/b*\n");
}

static void test_interest_alone_opens_nothing(void **state)
{
	struct world *w = *state;

	mood(w);
	interest(w, HORATIO "/a");
	world_publish(w, "mood", "i"); /* he is told of: he sees its presence */
	assert_events(w, "publish mood i=<entry/> replyto " HAMLET "/elsinore > " HORATIO "/a*\n");
	world_configure(w, "mood", "pubsub#access_model", "whitelist");
	world_publish(w, "mood", "i");
	assert_events(w, "");
	world_configure(w, "mood", "pubsub#access_model", "open");
	world_publish(w, "mood", "i");
	assert_events(w, "publish mood i=<entry/> replyto " HAMLET "/elsinore > " HORATIO "/a*\n");
	world_affiliate(w, "mood", HORATIO, PUBSUB_AFFILIATION_OUTCAST);
	world_publish(w, "mood", "i");
	assert_events(w, "");
}

static void test_private_nodes_are_for_the_accounts_own_clients(void **state)
{
	static const char *const models[] = {"whitelist", "authorize", "roster"};
	struct world *w = *state;

	mood(w);
	interest(w, OPHELIA "/a");
	interest(w, HAMLET "/a");
	for (size_t i = 0; i < 3; i++) {
		world_configure(w, "mood", "pubsub#access_model", models[i]);
		world_publish(w, "mood", "i");
		assert_events(
			w, "publish mood i=<entry/> replyto " HAMLET "/elsinore > " HAMLET "/a*\n");
	}
}

static void test_an_entity_subscribed_in_both_ways_is_notified_once(void **state)
{
	struct world *w = *state;

	mood(w);
	world_subscribe(w, "mood", OPHELIA);
	interest(w, OPHELIA "/a");
	interest(w, OPHELIA "/b");
	world_publish(w, "mood", "i");
	assert_events(w, "publish mood i=<entry/> replyto " HAMLET "/elsinore > " OPHELIA
			 "/a* " OPHELIA "/b*\n");
}

static void test_a_subscribed_client_does_not_speak_for_another(void **state)
{
	struct world *w = *state;

	mood(w);
	world_subscribe(w, "mood", OPHELIA "/a");
	world_subscribe(w, "mood", OPHELIA "/c");
	interest(w, OPHELIA "/a");
	interest(w, OPHELIA "/b");
	world_publish(w, "mood", "i");
	assert_events(w, "publish mood i=<entry/> replyto " HAMLET "/elsinore > " OPHELIA
			 "/c* " OPHELIA "/a* " OPHELIA "/b*\n");
}

static void test_events_without_payload_go_to_explicit_subscribers(void **state)
{
	struct world *w = *state;

	mood(w);
	world_configure(w, "mood", "pubsub#deliver_payloads", "0");
	world_subscribe(w, "mood", OPHELIA);
	interest(w, OPHELIA "/a");
	interest(w, HAMLET "/a");
	world_publish(w, "mood", "i");
	assert_events(w, "publish mood i replyto " HAMLET "/elsinore > " OPHELIA "*\n");
}

static void test_only_contacts_learn_the_publishing_client(void **state)
{
	struct world *w = *state;

	mood(w);
	world_configure(w, "mood", "pubsub#access_model", "open");
	world_subscribe(w, "mood", OPHELIA);
	world_subscribe(w, "mood", ROMEO);
	world_publish(w, "mood", "i");
	assert_events(w,
		"publish mood i=<entry/> replyto " HAMLET "/elsinore > " OPHELIA "* " ROMEO "\n");
}

static void test_access_is_judged_at_every_event(void **state)
{
	struct world *w = *state;

	mood(w);
	world_subscribe(w, "mood", OPHELIA);
	w->roster[0].subscribed = false;
	world_publish(w, "mood", "i");
	assert_events(w, "");
	w->roster[0].subscribed = true;
	world_publish(w, "mood", "i");
	assert_events(w, "publish mood i=<entry/> replyto " HAMLET "/elsinore > " OPHELIA "*\n");
}

static void test_a_publication_waits_for_the_roster_with_nothing_written(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_items(w, HAMLET, "mood", "i", "<a/>");

	mood(w);
	interest(w, OPHELIA "/a");
	w->roster_unknown = true;
	assert_int_equal(world_run(w, service_item_publish, &r), PUBSUB_ERR_NEED_ROSTER);
	assert_int_equal(world_node(w, "mood")->items, 0);
	r.node_id = "new"; /* nor is the node made */
	assert_int_equal(world_run(w, service_item_publish, &r), PUBSUB_ERR_NEED_ROSTER);
	r = world_request(w, HAMLET, "new");
	assert_int_equal(world_run(w, service_node_delete, &r), PUBSUB_ERR_NODE_NOT_FOUND);
}

static void test_rosters_are_not_waited_for_for_ever(void **state)
{
	struct world *w = *state;

	mood(w);
	world_subscribe(w, "mood", OPHELIA);
	interest(w, HAMLET "/a");
	w->roster_unknown = w->service.expired = true;
	world_publish(w, "mood", "i");
	assert_events(w, "publish mood i=<entry/> replyto " HAMLET "/elsinore > " HAMLET "/a*\n");
	w->roster_unknown = false;
	world_publish(w, "mood", "i");
	assert_events(w, "publish mood i=<entry/> replyto " HAMLET "/elsinore > " OPHELIA
			 "* " HAMLET "/a*\n");
}

static void test_a_private_node_needs_no_roster(void **state)
{
	struct world *w = *state;

	mood(w);
	world_configure(w, "mood", "pubsub#access_model", "whitelist");
	interest(w, OPHELIA "/a");
	interest(w, HAMLET "/a");
	w->roster_unknown = true;
	world_publish(w, "mood", "i");
	assert_events(w, "publish mood i=<entry/> replyto " HAMLET "/elsinore > " HAMLET "/a*\n");
}

static void test_presence_based_delivery_is_for_those_who_are_there(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", "pubsub#presence_based_delivery", "1");
	world_subscribe(w, "blog", OPHELIA);
	world_subscribe(w, "blog", ROMEO "/orchard");
	w->available[w->available_n++] = ROMEO "/orchard";
	world_publish(w, "blog", "i");
	assert_events(w, "publish blog i=<entry/> > " ROMEO "/orchard\n");
}

static void test_no_notifications_means_none_of_any_kind(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, HAMLET, "blog");

	world_create(w, "blog", "pubsub#deliver_notifications", "0");
	world_subscribe(w, "blog", OPHELIA);
	world_publish(w, "blog", "i");
	assert_events(w, "");
	world_subscribe(w, "blog", ROMEO); /* no last item either */
	assert_events(w, "");
	assert_int_equal(world_run(w, service_node_purge, &r), PUBSUB_OK);
	assert_events(w, "");
	assert_int_equal(world_run(w, service_node_delete, &r), PUBSUB_OK);
	assert_events(w, "");
}

static void test_outcasts_get_nothing_even_if_rows_say_so(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	world_subscribe(w, "blog", OPHELIA);
	assert_int_equal(store_affiliation_put(w->service.txn, world_node(w, "blog"), OPHELIA,
				 PUBSUB_AFFILIATION_OUTCAST),
		PUBSUB_OK);
	world_publish(w, "blog", "i");
	assert_events(w, "");
}

static void test_sub_ids_come_with_items_only(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_items(w, HAMLET, "blog", "i", NULL);

	w->profile.multi_subscribe = true;
	world_create(w, "blog", "pubsub#notify_config", "1");
	world_subscribe(w, "blog", ROMEO);
	world_subscribe(w, "blog", ROMEO);
	world_publish(w, "blog", "i");
	assert_events(w, "publish blog i=<entry/> > " ROMEO "##\n");
	assert_int_equal(world_run(w, service_item_retract, &r), PUBSUB_OK);
	assert_events(w, "retract blog i > " ROMEO "##\n");
	world_configure(w, "blog", "pubsub#title", "x");
	assert_events(w, "configure blog config > " ROMEO "\n");
	assert_int_equal(world_run(w, service_node_purge, &r), PUBSUB_OK);
	assert_events(w, "purge blog > " ROMEO "\n");
	assert_int_equal(world_run(w, service_node_delete, &r), PUBSUB_OK);
	assert_events(w, "delete blog > " ROMEO "\n");
}

static void test_many_subscribers_come_each_once_over_all_pages(void **state)
{
	enum { MANY = 1300 };
	struct world *w = *state;
	struct recipients recipients = {0};

	w->profile.fanout_max = MANY;
	world_create(w, "blog", NULL, NULL);
	for (size_t i = 0; i < MANY; i++)
		world_subscribe(w, "blog", arena_printf(w->arena, "u%04zu@verona.lit", i));
	assert_int_equal(recipients_find(&w->service, world_node(w, "blog"), PUBSUB_EVENT_PUBLISH,
				 &recipients),
		PUBSUB_OK);
	assert_int_equal(recipients.n, MANY);
	for (size_t i = 0; i < MANY; i++)
		assert_string_equal(
			recipients.v[i].jid, arena_printf(w->arena, "u%04zu@verona.lit", i));
}

static void test_a_deferred_event_finds_each_subscriber_once_page_by_page(void **state)
{
	enum { MANY = 130, PAGE = 50 };
	struct world *w = *state;
	struct recipients recipients = {0};
	struct pubsub_event event = {
		.kind = PUBSUB_EVENT_PUBLISH, .service = HOST, .node_id = "blog"};
	struct service_fanout fanout = {.event = &event, .limit = PAGE};
	struct pubsub_event page = event;
	struct pubsub_node *node = NULL;
	size_t total = 0;

	w->profile.fanout_max = MANY - 1;
	world_create(w, "blog", NULL, NULL);
	for (size_t i = 0; i < MANY; i++)
		world_subscribe(w, "blog", arena_printf(w->arena, "u%04zu@verona.lit", i));
	node = world_node(w, "blog");
	assert_int_equal(
		recipients_find(&w->service, node, PUBSUB_EVENT_PUBLISH, &recipients), PUBSUB_OK);
	assert_true(recipients.deferred);
	assert_int_equal(recipients.n, 0);
	event.sid = node->sid;
	event.no = node->no;
	event.seq = node->last_seq;
	world_subscribe(w, "blog", "u0000-later@verona.lit"); /* not one of this event's */
	for (const char *after = ""; after != NULL;) {
		fanout.after = after;
		assert_int_equal(
			service_fanout_page(&w->service, &fanout, &page, &after), PUBSUB_OK);
		assert_true(page.recipient_count <= PAGE);
		for (size_t i = 0; i < page.recipient_count; i++)
			assert_string_equal(page.recipients[i].jid,
				arena_printf(w->arena, "u%04zu@verona.lit", total++));
	}
	assert_int_equal(total, MANY);
}

/* Who came after it was published has got it as last item. */
static void test_a_deferred_item_is_for_those_who_wanted_it_then(void **state)
{
	struct world *w = *state;
	struct pubsub_event event = {
		.kind = PUBSUB_EVENT_PUBLISH, .service = HAMLET, .node_id = "mood"};
	struct service_fanout fanout = {.event = &event, .after = "", .limit = 9};
	struct pubsub_event page = event;
	const struct pubsub_node *node;
	const char *after;

	mood(w);
	interest(w, OPHELIA "/a");
	world_publish(w, "mood", "i");
	node = world_node(w, "mood");
	event.sid = node->sid;
	event.no = node->no;
	event.seq = node->last_seq;
	w->interested_us = node->last_seq;
	assert_int_equal(service_fanout_page(&w->service, &fanout, &page, &after), PUBSUB_OK);
	assert_int_equal(page.recipient_count, 1);
	w->interested_us = node->last_seq + 1;
	assert_int_equal(service_fanout_page(&w->service, &fanout, &page, &after), PUBSUB_OK);
	assert_int_equal(page.recipient_count, 0);
	event.kind = PUBSUB_EVENT_RETRACT; /* of what he got as last item */
	assert_int_equal(service_fanout_page(&w->service, &fanout, &page, &after), PUBSUB_OK);
	assert_int_equal(page.recipient_count, 1);
}

/* Those of a page, each preceded by a blank. */
static const char *told(struct world *w, const struct pubsub_event *page)
{
	const char *text = "";

	for (size_t i = 0; i < page->recipient_count; i++)
		text = arena_printf(w->arena, "%s %s%s", text, page->recipients[i].jid,
			page->recipients[i].sub_ids.n > 0 ? "#" : "");
	return text;
}

/* Where subscriptions of the same entity are read later, or before it came. */
static void test_a_deferred_event_finds_each_interested_client_once_page_by_page(void **state)
{
	static const char *const pages[] = {" " HAMLET "/elsinore", " " HORATIO "/a#",
		" " HORATIO "/b#", " " OPHELIA "/a", " " ROMEO "#"};
	struct world *w = *state;
	struct pubsub_event event = {
		.kind = PUBSUB_EVENT_PUBLISH, .service = HAMLET, .node_id = "mood"};
	struct service_fanout fanout = {.event = &event, .limit = 1};
	struct pubsub_event page = event;
	const struct pubsub_node *node;
	const char *after = "";

	mood(w);
	w->profile.multi_subscribe = true;
	world_configure(w, "mood", "pubsub#access_model", "open");
	world_subscribe(w, "mood", HORATIO);
	world_subscribe(w, "mood", ROMEO);
	interest(w, OPHELIA "/a");
	interest(w, HORATIO "/b");
	interest(w, HORATIO "/a");
	interest(w, HAMLET "/elsinore");
	node = world_node(w, "mood");
	event.sid = node->sid;
	event.no = node->no;
	event.seq = node->last_seq;
	for (size_t i = 0; i < ARRAY_COUNT(pages); i++) {
		fanout.after = after;
		assert_non_null(after);
		assert_int_equal(
			service_fanout_page(&w->service, &fanout, &page, &after), PUBSUB_OK);
		assert_string_equal(told(w, &page), pages[i]);
	}
	assert_null(after);
}

static void test_more_interested_clients_than_a_turn_holds_make_an_event_deferred(void **state)
{
	struct world *w = *state;
	struct recipients recipients = {0};

	mood(w);
	interest(w, OPHELIA "/a");
	interest(w, OPHELIA "/b");
	w->profile.fanout_max = 2;
	assert_int_equal(recipients_find(&w->service, world_node(w, "mood"), PUBSUB_EVENT_DELETE,
				 &recipients),
		PUBSUB_OK);
	assert_false(recipients.deferred);
	assert_int_equal(recipients.n, 2);
	w->profile.fanout_max = 1;
	assert_int_equal(recipients_find(&w->service, world_node(w, "mood"), PUBSUB_EVENT_DELETE,
				 &recipients),
		PUBSUB_OK);
	assert_true(recipients.deferred);
	assert_int_equal(recipients.n, 0);
}

/* As where a thousand nodes move into a collection by one request. */
static void test_what_follows_many_events_of_a_request_is_deferred(void **state)
{
	struct world *w = *state;
	struct recipients recipients = {0};
	size_t named = 0;

	world_create(w, "blog", NULL, NULL);
	world_subscribe(w, "blog", OPHELIA);
	w->profile.fanout_bytes = 10 * RECIPIENT_BYTES;
	w->service.told_bytes = 0;
	for (; !recipients.deferred && named < 100; named++)
		assert_int_equal(recipients_find(&w->service, world_node(w, "blog"),
					 PUBSUB_EVENT_PURGE, &recipients),
			PUBSUB_OK);
	assert_int_equal(named, 12);
	world_create(w, "quiet", NULL, NULL);
	assert_int_equal(recipients_find(&w->service, world_node(w, "quiet"), PUBSUB_EVENT_PURGE,
				 &recipients),
		PUBSUB_OK);
	assert_false(recipients.deferred); /* nobody is to be found later */
}

static void test_an_approved_subscriber_is_notified_where_he_is_interested(void **state)
{
	struct world *w = *state;

	mood(w);
	world_configure(w, "mood", "pubsub#access_model", "authorize");
	world_affiliate(w, "mood", HORATIO, PUBSUB_AFFILIATION_MEMBER);
	world_subscribe(w, "mood", HORATIO);
	world_affiliate(w, "mood", HORATIO, PUBSUB_AFFILIATION_NONE);
	interest(w, HORATIO "/a");
	world_publish(w, "mood", "i");
	assert_events(w, "publish mood i=<entry/> replyto " HAMLET "/elsinore > " HORATIO "/a*\n");
}

static void test_a_component_does_not_ask_who_is_interested(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	interest(w, OPHELIA "/a");
	world_publish(w, "blog", "i");
	assert_events(w, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ACCOUNT_TEST(test_interested_clients_are_notified_at_their_full_jids),
		ACCOUNT_TEST(test_interest_alone_opens_nothing),
		ACCOUNT_TEST(test_private_nodes_are_for_the_accounts_own_clients),
		ACCOUNT_TEST(test_an_entity_subscribed_in_both_ways_is_notified_once),
		ACCOUNT_TEST(test_a_subscribed_client_does_not_speak_for_another),
		ACCOUNT_TEST(test_events_without_payload_go_to_explicit_subscribers),
		ACCOUNT_TEST(test_only_contacts_learn_the_publishing_client),
		ACCOUNT_TEST(test_access_is_judged_at_every_event),
		ACCOUNT_TEST(test_a_publication_waits_for_the_roster_with_nothing_written),
		ACCOUNT_TEST(test_rosters_are_not_waited_for_for_ever),
		ACCOUNT_TEST(test_a_private_node_needs_no_roster),
		ACCOUNT_TEST(test_a_deferred_item_is_for_those_who_wanted_it_then),
		ACCOUNT_TEST(test_a_deferred_event_finds_each_interested_client_once_page_by_page),
		ACCOUNT_TEST(test_more_interested_clients_than_a_turn_holds_make_an_event_deferred),
		WORLD_TEST(test_what_follows_many_events_of_a_request_is_deferred),
		ACCOUNT_TEST(test_an_approved_subscriber_is_notified_where_he_is_interested),
		WORLD_TEST(test_a_component_does_not_ask_who_is_interested),
		WORLD_TEST(test_presence_based_delivery_is_for_those_who_are_there),
		WORLD_TEST(test_no_notifications_means_none_of_any_kind),
		WORLD_TEST(test_outcasts_get_nothing_even_if_rows_say_so),
		WORLD_TEST(test_sub_ids_come_with_items_only),
		WORLD_TEST(test_many_subscribers_come_each_once_over_all_pages),
		WORLD_TEST(test_a_deferred_event_finds_each_subscriber_once_page_by_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
