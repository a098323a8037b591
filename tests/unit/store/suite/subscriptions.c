/* subscriptions.c - subscriptions of nodes and of entities. */
#include "../support.h"

#include <string.h>

#include "peppy/array.h"

static const char *names(
	struct fixture *f, const struct pubsub_subscription *subscriptions, size_t n)
{
	const char *text = "";
	size_t i;

	for (i = 0; i < n; i++)
		text = arena_printf(f->arena, "%s%s%s#%s", text, i > 0 ? " " : "",
			subscriptions[i].subscriber.full, subscriptions[i].sub_id);
	return text;
}

static const char *page_of(struct fixture *f, const struct pubsub_node *node,
	const struct store_subscription_range *range)
{
	struct pubsub_subscription *subscriptions;
	size_t n;

	ok(store_subscriptions_page(f->txn, node, range, f->arena, &subscriptions, &n));
	return names(f, subscriptions, n);
}

static const char *page(struct fixture *f, const struct pubsub_node *node,
	const struct pubsub_subscription *after, bool pending, size_t limit)
{
	const struct store_subscription_range range = {
		.after = after, .pending = pending, .limit = limit};

	return page_of(f, node, &range);
}

static const char *of_jid(struct fixture *f, const struct pubsub_node *node, const char *jid)
{
	struct pubsub_subscription *subscriptions;
	size_t n;

	ok(store_subscriptions_get(f->txn, node, jid_of(f, jid), f->arena, &subscriptions, &n));
	return names(f, subscriptions, n);
}

static const char *of_entity(struct fixture *f, const char *service, const char *bare)
{
	struct store_entity_subscription *found;
	const char *text = "";
	size_t i, n;

	ok(store_entity_subscriptions(f->txn, service, bare, f->arena, &found, &n));
	for (i = 0; i < n; i++)
		text = arena_printf(f->arena, "%s%s%s:%s:%s", text, i > 0 ? " " : "",
			found[i].service, found[i].subscription.node_id,
			found[i].subscription.subscriber.full);
	return text;
}

static void unsubscribe(
	struct fixture *f, struct pubsub_node *node, const char *jid, const char *sub_id)
{
	const struct pubsub_subscription subscription = {
		.subscriber = jid_of(f, jid), .sub_id = sub_id};

	ok(store_subscription_del(f->txn, node, &subscription));
}

static void assert_counts(const struct pubsub_node *node, uint64_t subscribers, uint64_t pending)
{
	assert_int_equal(node->subscribers, subscribers);
	assert_int_equal(node->pending, pending);
}

static void test_a_subscription_keeps_everything_it_was_given(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "news");
	struct pubsub_subscription given = {
		.subscriber = jid_of(f, "francisco@denmark.lit/barracks"),
		.sub_id = "ba49252aaa4f5d320c24d3766f0bdcade78c78d3",
		.state = PUBSUB_SUBSCRIPTION_UNCONFIGURED,
		.options = pubsub_subscribe_options_default,
	};
	struct pubsub_subscription *found;
	size_t i, n;

	fill_fields(f, &pubsub_subscribe_options_type, &given.options);
	ok(store_subscription_put(f->txn, node, &given));
	reading(f);
	ok(store_subscriptions_get(f->txn, node, given.subscriber, f->arena, &found, &n));
	assert_int_equal(n, 1);
	assert_string_equal(found->node_id, "news");
	assert_true(jid_equal(found->subscriber, given.subscriber));
	assert_string_equal(found->subscriber.resource, "barracks");
	assert_string_equal(found->subscriber.local, "francisco");
	assert_string_equal(found->subscriber.domain, "denmark.lit");
	assert_string_equal(found->sub_id, given.sub_id);
	assert_int_equal(found->state, PUBSUB_SUBSCRIPTION_UNCONFIGURED);
	for (i = 0; i < pubsub_subscribe_options_type.n; i++)
		assert_true(pubsub_field_equal(
			&pubsub_subscribe_options_type.v[i], &found->options, &given.options));
}

static void test_options_that_are_left_out_are_the_defaults(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "news");
	struct pubsub_subscription *found;
	size_t i, n;

	subscribe(f, node, "a@b", "1", PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	ok(store_subscriptions_get(f->txn, node, jid_of(f, "a@b"), f->arena, &found, &n));
	for (i = 0; i < pubsub_subscribe_options_type.n; i++)
		assert_true(pubsub_field_equal(&pubsub_subscribe_options_type.v[i], &found->options,
			&pubsub_subscribe_options_default));
}

static void test_bare_full_and_several_subscriptions_of_one_jid_are_different(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "news");

	subscribe(f, node, "a@b", "1", PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	subscribe(f, node, "a@b", "2", PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	subscribe(f, node, "a@b/x", "3", PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	subscribe(f, node, "a@b/xx", "4", PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	assert_string_equal(of_jid(f, node, "a@b"), "a@b#1 a@b#2");
	assert_string_equal(of_jid(f, node, "a@b/x"), "a@b/x#3");
	assert_string_equal(of_jid(f, node, "a@b/y"), "");
	assert_string_equal(of_jid(f, node, "a@bb"), "");
}

static void test_a_subscription_without_sub_id_has_none_when_read(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "news");
	struct pubsub_subscription *found;
	size_t n;

	subscribe(f, node, "b", NULL, PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	ok(store_subscriptions_get(f->txn, node, jid_of(f, "b"), f->arena, &found, &n));
	assert_int_equal(n, 1);
	assert_null(found->sub_id);
	unsubscribe(f, node, "b", "");
	assert_counts(node, 0, 0);
}

/* '-' and '.' stand before '/' in ASCII. */
static void test_those_of_one_bare_jid_stay_together(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "news");

	subscribe(f, node, "a@b/x", "1", PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	subscribe(f, node, "a@b-c", "1", PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	subscribe(f, node, "a@b.c/y", "1", PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	subscribe(f, node, "a@b", "1", PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	assert_string_equal(page(f, node, NULL, false, 9), "a@b#1 a@b/x#1 a@b-c#1 a@b.c/y#1");
	assert_string_equal(
		of_entity(f, SERVICE, "a@b"), SERVICE ":news:a@b " SERVICE ":news:a@b/x");
}

static void test_jids_of_3071_bytes_are_kept_whole(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "news");
	const char *part = text_of(f, "", 'p', 1023);
	const char *jid = arena_printf(f->arena, "%s@%s/%s", part, part, part);
	const char *other = arena_printf(f->arena, "%s@%s/%sq", part, part, part + 1);
	const char *bare = arena_printf(f->arena, "%s@%s", part, part);
	const char *sub_id = text_of(f, "", 's', 400);

	assert_int_equal(strlen(jid), JID_MAX);
	subscribe(f, node, jid, sub_id, PUBSUB_SUBSCRIPTION_PENDING);
	subscribe(f, node, other, "1", PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	assert_counts(node, 1, 1);
	assert_string_equal(of_jid(f, node, jid), arena_printf(f->arena, "%s#%s", jid, sub_id));
	assert_string_equal(
		page(f, node, NULL, true, 9), arena_printf(f->arena, "%s#%s", jid, sub_id));
	assert_non_null(strstr(of_entity(f, SERVICE, bare), other));
	unsubscribe(f, node, jid, sub_id);
	assert_string_equal(of_jid(f, node, jid), "");
}

static void test_pages_go_on_behind_a_subscription_that_is_gone(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "news");
	const struct pubsub_subscription after = {.subscriber = jid_of(f, "b@x/r"), .sub_id = "1"};
	static const char *const jids[] = {"a@x", "b@x", "b@x/r", "c@x", "d@x"};
	size_t i;

	for (i = 0; i < ARRAY_COUNT(jids); i++)
		subscribe(f, node, jids[i], "1",
			i % 2 == 0 ? PUBSUB_SUBSCRIPTION_PENDING : PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	assert_string_equal(page(f, node, NULL, false, 2), "a@x#1 b@x#1");
	assert_string_equal(page(f, node, &after, false, 9), "c@x#1 d@x#1");
	unsubscribe(f, node, "b@x/r", "1");
	assert_string_equal(page(f, node, &after, false, 1), "c@x#1");
	assert_string_equal(page(f, node, NULL, true, 9), "a@x#1 d@x#1");
	assert_string_equal(page(f, node, &after, true, 9), "d@x#1");
	assert_string_equal(page(f, node, NULL, true, 0), "");
}

static void test_pages_go_backward_as_well(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "news");
	struct pubsub_subscription place = {.sub_id = "1"};
	struct store_subscription_range range = {.backward = true, .limit = 2};

	subscribe(f, node, "a@x", "1", PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	subscribe(f, node, "b@x", "1", PUBSUB_SUBSCRIPTION_PENDING);
	subscribe(f, node, "c@x", "1", PUBSUB_SUBSCRIPTION_PENDING);
	subscribe(f, node, "d@x", "1", PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	assert_string_equal(page_of(f, node, &range), "c@x#1 d@x#1");
	place.subscriber = jid_of(f, "c@x");
	range.before = &place;
	assert_string_equal(page_of(f, node, &range), "a@x#1 b@x#1");
	range.pending = true;
	assert_string_equal(page_of(f, node, &range), "b@x#1");
	place.subscriber = jid_of(f, "a@x");
	assert_string_equal(page_of(f, node, &range), "");
}

static void test_what_an_entity_has_is_counted_up_to_a_limit(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "news");
	struct store_entity_range range = {.service = SERVICE, .bare = "a@b", .limit = 9};
	uint64_t n;

	subscribe(f, node, "a@b", "1", PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	subscribe(f, node, "a@b/c", "1", PUBSUB_SUBSCRIPTION_PENDING);
	subscribe(f, make_node(f, SERVICE, "old"), "a@b", "1", PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	subscribe(f, make_node(f, ACCOUNT, "mood"), "a@b", "1", PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	ok(store_affiliation_put(f->txn, node, "a@b", PUBSUB_AFFILIATION_OWNER));
	ok(store_entity_count(f->txn, &range, STORE_ENTITY_SUBSCRIPTIONS, &n));
	assert_int_equal(n, 3);
	ok(store_entity_count(f->txn, &range, STORE_ENTITY_AFFILIATIONS, &n));
	assert_int_equal(n, 1);
	range.limit = 1;
	ok(store_entity_count(f->txn, &range, STORE_ENTITY_SUBSCRIPTIONS, &n));
	assert_int_equal(n, 2);
	range.service = "nowhere";
	ok(store_entity_count(f->txn, &range, STORE_ENTITY_AFFILIATIONS, &n));
	assert_int_equal(n, 0);
}

static void test_what_an_entity_has_at_deleted_nodes_does_not_count(void **state)
{
	struct fixture *f = *state;
	const struct store_entity_range range = {.service = SERVICE, .bare = "a@b", .limit = 9};
	struct pubsub_node *node = make_node(f, SERVICE, "news");
	uint64_t n;

	subscribe(f, node, "a@b", "", PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	subscribe(f, make_node(f, SERVICE, "old"), "a@b", "", PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	ok(store_node_del(f->txn, node, NULL));
	ok(store_entity_count(f->txn, &range, STORE_ENTITY_SUBSCRIPTIONS, &n));
	assert_int_equal(n, 1);
	erase_all(f);
	ok(store_entity_count(f->txn, &range, STORE_ENTITY_SUBSCRIPTIONS, &n));
	assert_int_equal(n, 1);
}

static void test_counts_follow_every_change_of_state(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "news");

	subscribe(f, node, "a@b", "1", PUBSUB_SUBSCRIPTION_PENDING);
	assert_counts(node, 0, 1);
	subscribe(f, node, "a@b", "1", PUBSUB_SUBSCRIPTION_PENDING);
	assert_counts(node, 0, 1);
	subscribe(f, node, "a@b", "1", PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	assert_counts(node, 1, 0);
	assert_string_equal(page(f, node, NULL, true, 9), "");
	subscribe(f, node, "a@b", "1", PUBSUB_SUBSCRIPTION_UNCONFIGURED);
	assert_counts(node, 1, 0);
	subscribe(f, node, "c@d", "1", PUBSUB_SUBSCRIPTION_PENDING);
	assert_counts(node, 1, 1);
	assert_counts(get_node(f, SERVICE, "news"), 1, 1);
	unsubscribe(f, node, "a@b", "1");
	assert_counts(node, 0, 1);
	unsubscribe(f, node, "a@b", "1");
	unsubscribe(f, node, "nobody@b", "1");
	assert_counts(node, 0, 1);
	unsubscribe(f, node, "c@d", "1");
	assert_counts(get_node(f, SERVICE, "news"), 0, 0);
	assert_string_equal(page(f, node, NULL, true, 9), "");
}

static uint64_t since(struct fixture *f, const struct pubsub_node *node)
{
	struct pubsub_subscription *found;
	size_t n;

	ok(store_subscriptions_get(f->txn, node, jid_of(f, "a@b"), f->arena, &found, &n));
	assert_int_equal(n, 1);
	return found->since_seq;
}

static void test_since_is_a_place_of_its_own_behind_what_was_published(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "news");

	publish(f, node, "x", 100);
	subscribe(f, node, "a@b", "1", PUBSUB_SUBSCRIPTION_PENDING);
	assert_int_equal(since(f, node), 0);
	publish(f, node, "y", 200);
	subscribe(f, node, "a@b", "1", PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	assert_int_equal(since(f, node), 201);
	publish(f, node, "z", 300);
	subscribe(f, node, "a@b", "1", PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	assert_int_equal(since(f, node), 201);
	unsubscribe(f, node, "a@b", "1");
	subscribe(f, node, "a@b", "1", PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	assert_int_equal(since(f, node), 301);
}

static void test_subscriptions_of_an_entity_at_one_service_and_at_all(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *news = make_node(f, SERVICE, "news");
	struct pubsub_node *mood = make_node(f, ACCOUNT, "mood");
	struct pubsub_node *old = make_node(f, ACCOUNT, "old");

	subscribe(f, news, "a@b/x", "1", PUBSUB_SUBSCRIPTION_PENDING);
	subscribe(f, mood, "a@b", "1", PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	subscribe(f, old, "a@b", "1", PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	subscribe(f, mood, "a@bc", "1", PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	ok(store_node_del(f->txn, old, NULL));
	assert_string_equal(of_entity(f, SERVICE, "a@b"), SERVICE ":news:a@b/x");
	assert_string_equal(of_entity(f, ACCOUNT, "a@b"), ACCOUNT ":mood:a@b");
	assert_string_equal(of_entity(f, NULL, "a@b"), SERVICE ":news:a@b/x " ACCOUNT ":mood:a@b");
	assert_string_equal(of_entity(f, "nowhere", "a@b"), "");
	erase_all(f);
	assert_string_equal(of_entity(f, NULL, "a@b"), SERVICE ":news:a@b/x " ACCOUNT ":mood:a@b");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_a_subscription_keeps_everything_it_was_given),
	cmocka_unit_test(test_options_that_are_left_out_are_the_defaults),
	cmocka_unit_test(test_bare_full_and_several_subscriptions_of_one_jid_are_different),
	cmocka_unit_test(test_a_subscription_without_sub_id_has_none_when_read),
	cmocka_unit_test(test_those_of_one_bare_jid_stay_together),
	cmocka_unit_test(test_jids_of_3071_bytes_are_kept_whole),
	cmocka_unit_test(test_pages_go_on_behind_a_subscription_that_is_gone),
	cmocka_unit_test(test_pages_go_backward_as_well),
	cmocka_unit_test(test_what_an_entity_has_is_counted_up_to_a_limit),
	cmocka_unit_test(test_what_an_entity_has_at_deleted_nodes_does_not_count),
	cmocka_unit_test(test_counts_follow_every_change_of_state),
	cmocka_unit_test(test_since_is_a_place_of_its_own_behind_what_was_published),
	cmocka_unit_test(test_subscriptions_of_an_entity_at_one_service_and_at_all),
};
const struct suite suite_subscriptions = {tests, ARRAY_COUNT(tests)};
