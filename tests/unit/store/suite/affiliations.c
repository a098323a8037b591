/* affiliations.c - affiliations of nodes and of entities. */
#include "../support.h"

#include "peppy/array.h"

static enum pubsub_affiliation of(
	struct fixture *f, const struct pubsub_node *node, const char *bare)
{
	enum pubsub_affiliation affiliation;

	ok(store_affiliation_get(f->txn, node, bare, &affiliation));
	return affiliation;
}

static const char *page(struct fixture *f, const struct pubsub_node *node, struct store_range range)
{
	struct pubsub_affiliate *affiliates;
	const char *text = "";
	size_t i, n;

	ok(store_affiliations_page(f->txn, node, &range, f->arena, &affiliates, &n));
	for (i = 0; i < n; i++) {
		assert_string_equal(affiliates[i].node_id, node->node_id);
		text = arena_printf(f->arena, "%s%s%s=%d", text, i > 0 ? " " : "",
			affiliates[i].jid, (int)affiliates[i].affiliation);
	}
	return text;
}

static const char *of_entity(struct fixture *f, const char *service, const char *bare)
{
	struct pubsub_affiliate *affiliates;
	const char *text = "";
	size_t i, n;

	ok(store_entity_affiliations(f->txn, service, bare, f->arena, &affiliates, &n));
	for (i = 0; i < n; i++) {
		assert_string_equal(affiliates[i].jid, bare);
		text = arena_printf(f->arena, "%s%s%s=%d", text, i > 0 ? " " : "",
			affiliates[i].node_id, (int)affiliates[i].affiliation);
	}
	return text;
}

static void test_an_affiliation_is_kept_changed_and_taken_away(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "news");
	const char *before = dump(f);
	int affiliation;

	assert_int_equal(of(f, node, "a@b"), PUBSUB_AFFILIATION_NONE);
	for (affiliation = 1; affiliation < PUBSUB_AFFILIATION_COUNT; affiliation++) {
		ok(store_affiliation_put(
			f->txn, node, "a@b", (enum pubsub_affiliation)affiliation));
		assert_int_equal(of(f, node, "a@b"), affiliation);
	}
	assert_int_equal(of(f, node, "a@bc"), PUBSUB_AFFILIATION_NONE);
	ok(store_affiliation_put(f->txn, node, "a@b", PUBSUB_AFFILIATION_NONE));
	ok(store_affiliation_put(f->txn, node, "nobody@b", PUBSUB_AFFILIATION_NONE));
	assert_string_equal(dump(f), before);
}

static void test_pages_of_affiliations_are_in_the_order_of_jids(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "news");

	ok(store_affiliation_put(f->txn, node, "c@x", PUBSUB_AFFILIATION_MEMBER));
	ok(store_affiliation_put(f->txn, node, "a@x", PUBSUB_AFFILIATION_OWNER));
	ok(store_affiliation_put(f->txn, node, "b@x", PUBSUB_AFFILIATION_OUTCAST));
	ok(store_affiliation_put(
		f->txn, make_node(f, SERVICE, "other"), "d@x", PUBSUB_AFFILIATION_OWNER));
	assert_string_equal(page(f, node, (struct store_range){.limit = 9}), "a@x=5 b@x=1 c@x=2");
	assert_string_equal(
		page(f, node, (struct store_range){.limit = 1, .after = "a@x"}), "b@x=1");
	assert_string_equal(
		page(f, node, (struct store_range){.limit = 9, .after = "aa@x"}), "b@x=1 c@x=2");
	assert_string_equal(
		page(f, node, (struct store_range){.limit = 2, .backward = true}), "b@x=1 c@x=2");
	assert_string_equal(
		page(f, node, (struct store_range){.limit = 1, .before = "b@x", .backward = true}),
		"a@x=5");
}

static void test_affiliations_are_counted_up_to_a_limit(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "news");
	struct pubsub_node *other = make_node(f, SERVICE, "newsy");
	uint64_t n;

	ok(store_affiliations_count(f->txn, node, 10, &n));
	assert_int_equal(n, 0);
	for (int i = 0; i < 5; i++)
		ok(store_affiliation_put(f->txn, node, arena_printf(f->arena, "u%d@example.org", i),
			PUBSUB_AFFILIATION_MEMBER));
	ok(store_affiliation_put(f->txn, other, "u9@example.org", PUBSUB_AFFILIATION_OWNER));
	ok(store_affiliations_count(f->txn, node, 10, &n));
	assert_int_equal(n, 5);
	ok(store_affiliations_count(f->txn, node, 3, &n));
	assert_int_equal(n, 4); /* more than that: it is not looked at how many */
}

static void test_affiliations_of_an_entity_are_those_at_one_service(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *gone = make_node(f, SERVICE, "gone");

	ok(store_affiliation_put(f->txn, gone, "a@x", PUBSUB_AFFILIATION_OWNER));
	ok(store_affiliation_put(
		f->txn, make_node(f, SERVICE, "news"), "a@x", PUBSUB_AFFILIATION_MEMBER));
	ok(store_affiliation_put(
		f->txn, make_node(f, ACCOUNT, "mood"), "a@x", PUBSUB_AFFILIATION_OUTCAST));
	ok(store_node_del(f->txn, gone, NULL));
	assert_string_equal(of_entity(f, SERVICE, "a@x"), "news=2");
	assert_string_equal(of_entity(f, ACCOUNT, "a@x"), "mood=1");
	assert_string_equal(of_entity(f, "nowhere", "a@x"), "");
	assert_string_equal(of_entity(f, SERVICE, "a@xx"), "");
}

static void test_long_jids_have_affiliations_of_their_own(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "news");
	const char *a = text_of(f, "a@", 'd', 1025), *b = text_of(f, "a@", 'd', 1026);

	ok(store_affiliation_put(f->txn, node, a, PUBSUB_AFFILIATION_MEMBER));
	assert_int_equal(of(f, node, b), PUBSUB_AFFILIATION_NONE);
	assert_int_equal(of(f, node, a), PUBSUB_AFFILIATION_MEMBER);
	assert_string_equal(
		page(f, node, (struct store_range){.limit = 9}), arena_printf(f->arena, "%s=2", a));
	assert_string_equal(of_entity(f, SERVICE, a), "news=2");
}

/* "SERVICE..." at which a@x has something. */
static const char *services_of(struct fixture *f, const char *bare)
{
	const char *text = "", *jid;
	uint32_t sid = 0;

	ok(store_entity_service_next(f->txn, bare, &sid, f->arena, &jid));
	while (jid != NULL) {
		text = arena_printf(f->arena, "%s%s ", text, jid);
		ok(store_entity_service_next(f->txn, bare, &sid, f->arena, &jid));
	}
	return text;
}

static void test_services_at_which_an_entity_has_something_come_once_each(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "news");
	struct pubsub_node *other = make_node(f, ACCOUNT, "mood");

	assert_string_equal(services_of(f, "a@x"), "");
	subscribe(f, other, "a@x/r", "", PUBSUB_SUBSCRIPTION_PENDING);
	subscribe(f, other, "a@x", "1", PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	assert_string_equal(services_of(f, "a@x"), ACCOUNT " ");
	ok(store_affiliation_put(f->txn, node, "a@x", PUBSUB_AFFILIATION_OWNER));
	ok(store_affiliation_put(f->txn, other, "a@x", PUBSUB_AFFILIATION_OUTCAST));
	assert_string_equal(services_of(f, "a@x"), SERVICE " " ACCOUNT " ");
	assert_string_equal(services_of(f, "a@xx"), "");
	assert_string_equal(services_of(f, "a@"), "");
}

/* Nodes and JIDs of a page of subscriptions, separated by blanks. */
static const char *subscriptions_in(struct fixture *f, struct store_entity_range range)
{
	struct store_entity_subscription *rows;
	const char *text = "";
	size_t n;

	ok(store_entity_subscriptions_page(f->txn, &range, f->arena, &rows, &n));
	for (size_t i = 0; i < n; i++)
		text = arena_printf(f->arena, "%s%s:%s ", text, rows[i].subscription.node_id,
			rows[i].subscription.subscriber.full);
	return text;
}

static const char *affiliations_in(struct fixture *f, struct store_entity_range range)
{
	struct pubsub_affiliate *rows;
	const char *text = "";
	size_t n;

	ok(store_entity_affiliations_page(f->txn, &range, f->arena, &rows, &n));
	for (size_t i = 0; i < n; i++)
		text = arena_printf(f->arena, "%s%s ", text, rows[i].node_id);
	return text;
}

static void test_what_an_entity_has_at_a_service_comes_in_pages(void **state)
{
	struct fixture *f = *state;
	struct store_entity_place place = {0};
	struct store_entity_range range = {.service = SERVICE, .bare = "a@x", .limit = 2};

	for (int i = 0; i < 3; i++) {
		struct pubsub_node *node = make_node(f, SERVICE, arena_printf(f->arena, "n%d", i));

		ok(store_affiliation_put(f->txn, node, "a@x", PUBSUB_AFFILIATION_MEMBER));
		subscribe(f, node, "a@x", "", PUBSUB_SUBSCRIPTION_SUBSCRIBED);
		subscribe(f, node, "a@x/r", "7", PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	}
	assert_string_equal(affiliations_in(f, range), "n0 n1 ");
	assert_string_equal(subscriptions_in(f, range), "n0:a@x n0:a@x/r ");
	range.after = &place;
	place.no = get_node(f, SERVICE, "n1")->no;
	assert_string_equal(affiliations_in(f, range), "n2 ");
	assert_string_equal(subscriptions_in(f, range), "n1:a@x/r n2:a@x ");
	place.resource = "r";
	place.sub_id = "7";
	assert_string_equal(subscriptions_in(f, range), "n2:a@x n2:a@x/r ");
	place = (struct store_entity_place){.no = UINT32_MAX};
	assert_string_equal(affiliations_in(f, range), "");
	range.service = "nowhere.lit";
	assert_string_equal(affiliations_in(f, range), "");
}

static void test_pages_of_what_an_entity_has_go_backward_and_from_an_index(void **state)
{
	struct fixture *f = *state;
	struct store_entity_place place = {.resource = "r"};
	struct store_entity_range range = {.service = SERVICE, .bare = "a@x", .limit = 2};
	uint64_t n;

	for (int i = 0; i < 3; i++) {
		struct pubsub_node *node = make_node(f, SERVICE, arena_printf(f->arena, "n%d", i));

		ok(store_affiliation_put(f->txn, node, "a@x", PUBSUB_AFFILIATION_MEMBER));
		subscribe(f, node, "a@x/r", "", PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	}
	range.skip = 2;
	assert_string_equal(affiliations_in(f, range), "n2 ");
	range.skip = 9;
	assert_string_equal(affiliations_in(f, range), "");
	range.skip = 0;
	range.backward = true;
	assert_string_equal(affiliations_in(f, range), "n1 n2 ");
	range.before = &place;
	place.no = get_node(f, SERVICE, "n2")->no;
	assert_string_equal(subscriptions_in(f, range), "n0:a@x/r n1:a@x/r ");
	ok(store_entity_count(f->txn, &range, STORE_ENTITY_SUBSCRIPTIONS, &n));
	assert_int_equal(n, 2);
	range.before = NULL;
	range.no = get_node(f, SERVICE, "n1")->no;
	assert_string_equal(subscriptions_in(f, range), "n1:a@x/r ");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_an_affiliation_is_kept_changed_and_taken_away),
	cmocka_unit_test(test_pages_of_affiliations_are_in_the_order_of_jids),
	cmocka_unit_test(test_affiliations_are_counted_up_to_a_limit),
	cmocka_unit_test(test_affiliations_of_an_entity_are_those_at_one_service),
	cmocka_unit_test(test_long_jids_have_affiliations_of_their_own),
	cmocka_unit_test(test_services_at_which_an_entity_has_something_come_once_each),
	cmocka_unit_test(test_what_an_entity_has_at_a_service_comes_in_pages),
	cmocka_unit_test(test_pages_of_what_an_entity_has_go_backward_and_from_an_index),
};
const struct suite suite_affiliations = {tests, ARRAY_COUNT(tests)};
