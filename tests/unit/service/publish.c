/* publish.c - publishing: event types, preconditions, automatic creation, limits. */
#include "world.h"

#include "peppy/array.h"

static enum pubsub_error publish(struct world *w, const char *from, const char *node_id,
	const char *ids, const char *payload)
{
	struct pubsub_request r = world_items(w, from, node_id, ids, payload);

	return world_run(w, service_item_publish, &r);
}

static const char *stored(struct world *w, const char *node_id)
{
	struct pubsub_request r = world_request(w, HAMLET, node_id);

	assert_int_equal(world_run(w, service_items_retrieve, &r), PUBSUB_OK);
	return world_ids(w);
}

static void test_an_item_is_stored_notified_and_answered(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	world_subscribe(w, "blog", OPHELIA);
	world_subscribe(w, "blog", ROMEO "/orchard");
	assert_int_equal(publish(w, HAMLET, "blog", "i1", "<a/>"), PUBSUB_OK);
	assert_events(w, "publish blog i1=<a/> > " OPHELIA " " ROMEO "/orchard\n");
	assert_string_equal(world_ids(w), "i1");
	assert_null(w->answer.items[0].payload);
	assert_string_equal(stored(w, "blog"), "i1");
}

static void test_an_item_without_id_gets_one(void **state)
{
	struct world *w = *state;
	const char *id = NULL;

	world_create(w, "blog", NULL, NULL);
	assert_int_equal(publish(w, HAMLET, "blog", "-", "<a/>"), PUBSUB_OK);
	id = world_ids(w);
	assert_int_equal(strlen(id), 26);
	assert_string_equal(stored(w, "blog"), id);
}

static void test_a_batch_makes_one_event_an_item_in_order(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	world_subscribe(w, "blog", OPHELIA);
	assert_int_equal(publish(w, HAMLET, "blog", "b a c", "<a/>"), PUBSUB_OK);
	assert_events(w, "publish blog b=<a/> > " OPHELIA "\n"
			 "publish blog a=<a/> > " OPHELIA "\n"
			 "publish blog c=<a/> > " OPHELIA "\n");
	assert_string_equal(stored(w, "blog"), "b a c");
}

static void test_a_republished_item_becomes_the_newest(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", "pubsub#max_items", "2");
	assert_int_equal(publish(w, HAMLET, "blog", "i1", "<a/>"), PUBSUB_OK);
	assert_int_equal(publish(w, HAMLET, "blog", "i2", "<a/>"), PUBSUB_OK);
	assert_int_equal(publish(w, HAMLET, "blog", "i1", "<b/>"), PUBSUB_OK);
	assert_string_equal(stored(w, "blog"), "i2 i1");
	assert_int_equal(publish(w, HAMLET, "blog", "i3", "<a/>"), PUBSUB_OK);
	assert_string_equal(stored(w, "blog"), "i1 i3");
}

/* XEP-0060 4.3 and 7.1.3.6: persistent or not, with payloads or not. */
static void test_event_types_say_what_a_publication_holds(void **state)
{
	static const struct {
		const char *persist, *deliver;
		enum pubsub_error nothing, item, payload;
		const char *told; /* of what is allowed, with most in it */
	} rows[] = {
		{"1", "1", PUBSUB_ERR_ITEM_REQUIRED, PUBSUB_ERR_PAYLOAD_REQUIRED, PUBSUB_OK,
			"publish n i=<a/> > " OPHELIA "\n"},
		{"1", "0", PUBSUB_ERR_ITEM_REQUIRED, PUBSUB_OK, PUBSUB_OK,
			"publish n i > " OPHELIA "\n"},
		{"0", "1", PUBSUB_ERR_ITEM_REQUIRED, PUBSUB_ERR_PAYLOAD_REQUIRED, PUBSUB_OK,
			"publish n i=<a/> > " OPHELIA "\n"},
		{"0", "0", PUBSUB_OK, PUBSUB_ERR_ITEM_FORBIDDEN, PUBSUB_ERR_ITEM_FORBIDDEN,
			"publish n > " OPHELIA "\n"},
	};
	struct world *w = *state;

	world_create(w, "n", NULL, NULL);
	world_subscribe(w, "n", OPHELIA);
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		world_configure(w, "n", "pubsub#persist_items", rows[i].persist);
		world_configure(w, "n", "pubsub#deliver_payloads", rows[i].deliver);
		assert_int_equal(publish(w, HAMLET, "n", "i", NULL), rows[i].item);
		if (rows[i].payload == PUBSUB_OK)
			assert_int_equal(publish(w, HAMLET, "n", "", NULL), rows[i].nothing);
		assert_int_equal(publish(w, HAMLET, "n", "i", "<a/>"), rows[i].payload);
		if (rows[i].payload != PUBSUB_OK)
			assert_int_equal(publish(w, HAMLET, "n", "", NULL), rows[i].nothing);
		assert_events(w, rows[i].told);
	}
}

static void test_a_transient_item_is_told_with_an_id_and_not_kept(void **state)
{
	struct world *w = *state;

	world_create(w, "n", "pubsub#persist_items", "0");
	world_subscribe(w, "n", OPHELIA);
	assert_int_equal(publish(w, HAMLET, "n", "-", "<a/>"), PUBSUB_OK);
	assert_int_equal(w->service.events->item_count, 1);
	assert_int_equal(strlen(w->service.events->items[0].id), 26);
	assert_int_equal(world_node(w, "n")->items, 0);
}

static void test_payloads_have_a_size(void **state)
{
	struct world *w = *state;
	char *payload = arena_alloc(w->arena, 20001);

	memset(payload, 'x', 10001);
	world_create(w, "blog", NULL, NULL);
	assert_int_equal(publish(w, HAMLET, "blog", "i", payload), PUBSUB_ERR_PAYLOAD_TOO_BIG);
	assert_int_equal(publish(w, ADMIN, "blog", "i", payload), PUBSUB_OK);
	memset(payload, 'x', 20000); /* more than a stanza: not even an admin's */
	assert_int_equal(publish(w, ADMIN, "blog", "i", payload), PUBSUB_ERR_PAYLOAD_TOO_BIG);
	world_configure(w, "blog", "pubsub#max_payload_size", "3");
	assert_int_equal(publish(w, HAMLET, "blog", "i", "<a/>"), PUBSUB_ERR_PAYLOAD_TOO_BIG);
}

static void test_a_batch_is_not_larger_than_the_node(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", "pubsub#max_items", "2");
	assert_int_equal(
		publish(w, HAMLET, "blog", "a b c", "<a/>"), PUBSUB_ERR_MAX_ITEMS_EXCEEDED);
	assert_string_equal(stored(w, "blog"), "");
}

static void test_a_full_node_discards_retracts_or_rejects(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", "pubsub#max_items", "2");
	world_configure(w, "blog", "pubsub#publish_node_full", "discard-oldest");
	world_subscribe(w, "blog", OPHELIA);
	world_publish(w, "blog", "a b");
	assert_int_equal(publish(w, HAMLET, "blog", "c", "<a/>"), PUBSUB_OK);
	assert_events(w, "publish blog c=<a/> > " OPHELIA "\n");
	world_configure(w, "blog", "pubsub#publish_node_full", "retract-oldest");
	assert_int_equal(publish(w, HAMLET, "blog", "d", "<a/>"), PUBSUB_OK);
	assert_events(w, "publish blog d=<a/> > " OPHELIA "\n"
			 "retract blog b > " OPHELIA "\n");
	world_configure(w, "blog", "pubsub#publish_node_full", "reject");
	assert_int_equal(publish(w, HAMLET, "blog", "e", "<a/>"), PUBSUB_ERR_NODE_FULL);
	assert_int_equal(publish(w, HAMLET, "blog", "-", "<a/>"), PUBSUB_ERR_NODE_FULL);
	assert_int_equal(publish(w, HAMLET, "blog", "c", "<b/>"), PUBSUB_OK);
	assert_string_equal(stored(w, "blog"), "d c");
}

static void test_items_expire_as_the_node_says(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, HAMLET, "blog");

	world_create(w, "blog", "pubsub#item_expire", "60");
	world_publish(w, "blog", "i");
	assert_int_equal(world_run(w, service_items_retrieve, &r), PUBSUB_OK);
	assert_int_equal(w->answer.items[0].expires_us, w->service.now_us + UINT64_C(60000000));
}

static void test_publish_models_say_who_else_may_publish(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	world_affiliate(w, "blog", YORICK, PUBSUB_AFFILIATION_OUTCAST);
	world_affiliate(w, "blog", HORATIO, PUBSUB_AFFILIATION_PUBLISH_ONLY);
	assert_int_equal(publish(w, HORATIO, "blog", "i", "<a/>"), PUBSUB_OK);
	assert_int_equal(publish(w, OPHELIA, "blog", "i", "<a/>"), PUBSUB_ERR_PUBLISH_FORBIDDEN);
	world_configure(w, "blog", "pubsub#publish_model", "subscribers");
	assert_int_equal(publish(w, OPHELIA, "blog", "i", "<a/>"), PUBSUB_ERR_PUBLISH_FORBIDDEN);
	world_subscribe(w, "blog", OPHELIA);
	assert_int_equal(publish(w, OPHELIA, "blog", "i", "<a/>"), PUBSUB_OK);
	world_configure(w, "blog", "pubsub#publish_model", "open");
	assert_int_equal(publish(w, ROMEO, "blog", "i", "<a/>"), PUBSUB_OK);
	assert_int_equal(publish(w, YORICK, "blog", "i", "<a/>"), PUBSUB_ERR_PUBLISH_FORBIDDEN);
}

static void test_publishers_are_named_where_not_only_owners_publish(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	world_subscribe(w, "blog", OPHELIA);
	world_affiliate(w, "blog", HORATIO, PUBSUB_AFFILIATION_PUBLISHER);
	assert_int_equal(publish(w, HAMLET, "blog", "i", "<a/>"), PUBSUB_OK);
	assert_events(w, "publish blog i=<a/>@" HAMLET " > " OPHELIA "\n");
	world_configure(w, "blog", "pubsub#itemreply", "none");
	assert_int_equal(publish(w, HORATIO, "blog", "i", "<a/>"), PUBSUB_OK);
	assert_events(w, "publish blog i=<a/> > " OPHELIA "\n");
	world_affiliate(w, "blog", HORATIO, PUBSUB_AFFILIATION_NONE);
	world_configure(w, "blog", "pubsub#itemreply", "publisher");
	assert_int_equal(publish(w, HAMLET, "blog", "i", "<a/>"), PUBSUB_OK);
	assert_events(w, "publish blog i=<a/>@" HAMLET " > " OPHELIA "\n");
}

static void test_a_node_is_needed_or_made(void **state)
{
	struct world *w = *state;

	assert_int_equal(publish(w, HAMLET, NULL, "i", "<a/>"), PUBSUB_ERR_NODEID_REQUIRED);
	assert_int_equal(publish(w, ROMEO, "new", "i", "<a/>"), PUBSUB_ERR_NODE_NOT_FOUND);
	assert_int_equal(publish(w, HAMLET, "new", "i", "<a/>"), PUBSUB_OK);
	assert_string_equal(stored(w, "new"), "i");
	w->profile.auto_create = false;
	assert_int_equal(publish(w, HAMLET, "newer", "i", "<a/>"), PUBSUB_ERR_NODE_NOT_FOUND);
}

static void test_a_node_is_made_with_exactly_the_preconditions(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_items(w, HAMLET, "new", "i", "<a/>");

	w->defaults.notify_sub = true;
	world_precondition(w, &r, "pubsub#access_model", "whitelist");
	assert_int_equal(world_run(w, service_item_publish, &r), PUBSUB_OK);
	assert_int_equal(world_node(w, "new")->config.access_model, PUBSUB_ACCESS_WHITELIST);
	assert_true(world_node(w, "new")->config.notify_sub);
}

static void test_a_refused_publication_leaves_no_node_behind(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_items(w, HAMLET, "new", "a b", "<a/>");
	struct pubsub_node *node = NULL;

	world_precondition(w, &r, "pubsub#max_items", "1");
	assert_int_equal(world_run(w, service_item_publish, &r), PUBSUB_ERR_MAX_ITEMS_EXCEEDED);
	r.item_count = 0;
	assert_int_equal(world_run(w, service_item_publish, &r), PUBSUB_ERR_ITEM_REQUIRED);
	r.publish_options_unknown = "pubsub#colour";
	assert_int_equal(world_run(w, service_item_publish, &r), PUBSUB_ERR_PRECONDITION);
	assert_int_equal(store_node_get(w->service.txn, HOST, "new", w->arena, &node),
		PUBSUB_ERR_NODE_NOT_FOUND);
}

static void test_preconditions_are_compared_by_what_they_come_to(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_items(w, HAMLET, "blog", "i", "<a/>");

	world_create(w, "blog", "pubsub#max_items", "max");
	world_precondition(w, &r, "pubsub#persist_items", "true");
	world_precondition(w, &r, "pubsub#max_items", "100"); /* the limit of the service */
	assert_int_equal(world_run(w, service_item_publish, &r), PUBSUB_OK);
	world_precondition(w, &r, "pubsub#max_items", "99");
	assert_int_equal(world_run(w, service_item_publish, &r), PUBSUB_ERR_PRECONDITION);
	assert_string_equal(w->answer.detail, "pubsub#max_items");
	world_configure(w, "blog", "pubsub#max_items", "100");
	world_precondition(w, &r, "pubsub#max_items", "max");
	assert_int_equal(world_run(w, service_item_publish, &r), PUBSUB_OK);
}

static void test_an_unknown_precondition_is_named(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_items(w, HAMLET, "blog", "i", "<a/>");

	world_create(w, "blog", NULL, NULL);
	r.has_publish_options = true;
	r.publish_options_unknown = "pubsub#colour";
	assert_int_equal(world_run(w, service_item_publish, &r), PUBSUB_ERR_PRECONDITION);
	assert_string_equal(w->answer.detail, "pubsub#colour");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_an_item_is_stored_notified_and_answered),
		WORLD_TEST(test_an_item_without_id_gets_one),
		WORLD_TEST(test_a_batch_makes_one_event_an_item_in_order),
		WORLD_TEST(test_a_republished_item_becomes_the_newest),
		WORLD_TEST(test_event_types_say_what_a_publication_holds),
		WORLD_TEST(test_a_transient_item_is_told_with_an_id_and_not_kept),
		WORLD_TEST(test_payloads_have_a_size),
		WORLD_TEST(test_a_batch_is_not_larger_than_the_node),
		WORLD_TEST(test_a_full_node_discards_retracts_or_rejects),
		WORLD_TEST(test_items_expire_as_the_node_says),
		WORLD_TEST(test_publish_models_say_who_else_may_publish),
		WORLD_TEST(test_publishers_are_named_where_not_only_owners_publish),
		WORLD_TEST(test_a_node_is_needed_or_made),
		WORLD_TEST(test_a_node_is_made_with_exactly_the_preconditions),
		WORLD_TEST(test_a_refused_publication_leaves_no_node_behind),
		WORLD_TEST(test_preconditions_are_compared_by_what_they_come_to),
		WORLD_TEST(test_an_unknown_precondition_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
