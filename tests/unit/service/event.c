/* event.c - what events hold. */
#include "service/event.h"
#include "peppy/array.h"
#include "service/subscription.h"

#include "world.h"

static const struct pubsub_item item = {
	.id = "i", .publisher = HAMLET, .payload = "<a/>", .payload_len = 4};

static void begin(struct world *w)
{
	w->service.events = NULL;
	w->service.events_end = &w->service.events;
	w->service.told_bytes = 0;
}

static void test_an_event_without_recipients_is_dropped(void **state)
{
	struct world *w = *state;
	struct recipients nobody = {0};

	world_create(w, "blog", NULL, NULL);
	begin(w);
	event_of_item(&w->service, world_node(w, "blog"), PUBSUB_EVENT_PUBLISH, &item, &nobody);
	assert_null(w->service.events);
}

static void test_events_stand_in_the_order_in_which_they_came(void **state)
{
	struct world *w = *state;
	struct recipients romeo = recipients_one(&w->service, ROMEO);

	world_create(w, "blog", NULL, NULL);
	begin(w);
	event_of_item(&w->service, world_node(w, "blog"), PUBSUB_EVENT_PUBLISH, &item, &romeo);
	event_of_item(&w->service, world_node(w, "blog"), PUBSUB_EVENT_RETRACT, &item, &romeo);
	event_of_node(&w->service, world_node(w, "blog"), PUBSUB_EVENT_PURGE, &romeo);
	assert_events(w, "publish blog i=<a/>@" HAMLET " > " ROMEO "\n"
			 "retract blog i > " ROMEO "\n"
			 "purge blog > " ROMEO "\n");
}

static void test_payloads_are_told_where_they_are_delivered(void **state)
{
	struct world *w = *state;
	struct recipients romeo = recipients_one(&w->service, ROMEO);

	world_create(w, "blog", "pubsub#deliver_payloads", "0");
	begin(w);
	event_of_item(&w->service, world_node(w, "blog"), PUBSUB_EVENT_PUBLISH, &item, &romeo);
	assert_events(w, "publish blog i@" HAMLET " > " ROMEO "\n");
}

static void test_the_node_says_of_which_type_messages_are(void **state)
{
	struct world *w = *state;
	struct recipients romeo = recipients_one(&w->service, ROMEO);

	world_create(w, "blog", "pubsub#notification_type", "normal");
	world_create(w, "news", NULL, NULL);
	begin(w);
	assert_int_equal(
		event_of_node(&w->service, world_node(w, "blog"), PUBSUB_EVENT_PURGE, &romeo)->type,
		PUBSUB_NOTIFICATION_NORMAL);
	assert_int_equal(
		event_of_node(&w->service, world_node(w, "news"), PUBSUB_EVENT_PURGE, &romeo)->type,
		PUBSUB_NOTIFICATION_HEADLINE);
}

/* A batch may be of thousands of items, to a thousand recipients each. */
static void test_what_is_too_much_for_a_turn_is_deferred_in_its_order(void **state)
{
	struct pubsub_recipient v[1000] = {{.jid = ROMEO}};
	struct world *w = *state;
	const struct recipients many = {.v = v, .n = ARRAY_COUNT(v)};
	size_t deferred = 0;

	world_create(w, "blog", NULL, NULL);
	begin(w);
	for (size_t i = 0; i < 10; i++)
		event_of_item(
			&w->service, world_node(w, "blog"), PUBSUB_EVENT_RETRACT, &item, &many);
	for (const struct pubsub_event *e = w->service.events; e != NULL; e = e->next) {
		assert_true(e->deferred || deferred == 0);
		assert_int_equal(e->recipient_count, e->deferred ? 0 : many.n);
		deferred += e->deferred;
	}
	assert_in_range(deferred, 1, 9);
}

/* They are written once for each of those who collect them. */
static void test_digests_that_are_too_much_for_a_turn_are_deferred(void **state)
{
	struct pubsub_subscription v[1000] = {{.sub_id = "s"}};
	const struct recipients many = {.digests = v, .digest_n = ARRAY_COUNT(v)};
	struct pubsub_item large = item;
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	begin(w);
	large.payload_len = w->profile.fanout_bytes / ARRAY_COUNT(v);
	event_of_item(&w->service, world_node(w, "blog"), PUBSUB_EVENT_PUBLISH, &item, &many);
	event_of_item(&w->service, world_node(w, "blog"), PUBSUB_EVENT_PUBLISH, &large, &many);
	assert_false(w->service.events->deferred);
	assert_true(w->service.events->next->deferred);
	assert_int_equal(w->service.events->next->digest_count, 0);
}

static void test_notifications_to_owners_are_bounded(void **state)
{
	struct world *w = *state;
	struct pubsub_subscription *row = subscription_new(&w->service, world_jid(w, ROMEO));
	size_t told = 0;

	world_create(w, "blog", NULL, NULL);
	begin(w);
	for (size_t i = 0; i < 5000; i++)
		assert_int_equal(event_to_owners(&w->service, world_node(w, "blog"),
					 PUBSUB_EVENT_SUBSCRIPTION, row),
			PUBSUB_OK);
	for (const struct pubsub_event *e = w->service.events; e != NULL; e = e->next)
		told++;
	assert_in_range(told, 1000, 4000);
}

static void test_itemreply_and_publishers_decide_who_is_named(void **state)
{
	static const struct {
		const char *itemreply, *publish_model;
		bool named;
	} rows[] = {
		{"owner", "publishers", false},
		{"owner", "open", true},
		{"owner", "subscribers", true},
		{"publisher", "publishers", true},
		{"none", "open", false},
	};
	struct world *w = *state;
	bool named = false;

	world_create(w, "blog", NULL, NULL);
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		world_configure(w, "blog", "pubsub#itemreply", rows[i].itemreply);
		world_configure(w, "blog", "pubsub#publish_model", rows[i].publish_model);
		assert_int_equal(event_names_publisher(&w->service, world_node(w, "blog"), &named),
			PUBSUB_OK);
		assert_int_equal(named, rows[i].named);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_an_event_without_recipients_is_dropped),
		WORLD_TEST(test_events_stand_in_the_order_in_which_they_came),
		WORLD_TEST(test_payloads_are_told_where_they_are_delivered),
		WORLD_TEST(test_the_node_says_of_which_type_messages_are),
		WORLD_TEST(test_what_is_too_much_for_a_turn_is_deferred_in_its_order),
		WORLD_TEST(test_digests_that_are_too_much_for_a_turn_are_deferred),
		WORLD_TEST(test_notifications_to_owners_are_bounded),
		WORLD_TEST(test_itemreply_and_publishers_decide_who_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
