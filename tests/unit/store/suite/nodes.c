/* nodes.c - creating, finding, configuring, listing and deleting nodes. */
#include "../support.h"

#include <stdio.h>
#include <string.h>

#include "peppy/array.h"
#include "peppy/hash.h"

static const char *page(struct fixture *f, struct store_range range)
{
	struct pubsub_node *nodes;
	const char *text = "";
	size_t i, n;

	ok(store_nodes_page(f->txn, SERVICE, &range, f->arena, &nodes, &n));
	for (i = 0; i < n; i++)
		text = arena_printf(f->arena, "%s%s%s", text, i > 0 ? " " : "", nodes[i].node_id);
	return text;
}

static void assert_page(struct fixture *f, struct store_range range, const char *expected)
{
	assert_string_equal(page(f, range), expected);
}

static void assert_absent(struct fixture *f, const char *node_id)
{
	struct pubsub_node *node;

	assert_int_equal(store_node_get(f->txn, SERVICE, node_id, f->arena, &node),
		PUBSUB_ERR_NODE_NOT_FOUND);
}

static uint64_t node_count(struct fixture *f, const char *service)
{
	uint64_t count;

	ok(store_nodes_count(f->txn, service, &count));
	return count;
}

static void assert_equal_config(
	const struct pubsub_node_config *a, const struct pubsub_node_config *b)
{
	size_t i;

	for (i = 0; i < pubsub_node_config_type.n; i++)
		if (!pubsub_field_equal(&pubsub_node_config_type.v[i], a, b))
			fail_msg("%s differs", pubsub_node_config_type.v[i].var);
}

/* Relations are kept elsewhere. */
static void fill_config(struct fixture *f, struct pubsub_node_config *config)
{
	fill_fields(f, &pubsub_node_config_type, config);
	config->collection = (struct pubsub_texts){0};
	config->children = (struct pubsub_texts){0};
}

static void test_a_node_is_found_with_all_that_it_was_given(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node node = {
		.service = SERVICE,
		.node_id = "princely_musings",
		.creator = "hamlet@denmark.lit",
		.created_us = 1700000000123456,
		.config = pubsub_node_config_default,
	};
	struct pubsub_node *found;

	fill_config(f, &node.config);
	ok(store_node_create(f->txn, &node));
	reading(f);
	found = get_node(f, SERVICE, "princely_musings");
	assert_string_equal(found->service, SERVICE);
	assert_string_equal(found->node_id, "princely_musings");
	assert_string_equal(found->creator, "hamlet@denmark.lit");
	assert_int_equal(found->created_us, 1700000000123456);
	assert_equal_config(&found->config, &node.config);
	assert_null(found->payload_ns);
	assert_int_equal(found->items + found->subscribers + found->pending + found->last_seq, 0);
	assert_int_equal(found->sid, node.sid);
	assert_int_equal(found->no, node.no);
}

static void test_unset_texts_of_a_configuration_stay_unset(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *found;

	make_node(f, SERVICE, "plain");
	found = get_node(f, SERVICE, "plain");
	assert_null(found->config.title);
	assert_int_equal(found->config.contact.n, 0);
	assert_equal_config(&found->config, &pubsub_node_config_default);
}

static void test_a_name_can_be_taken_once(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node again = {.service = SERVICE, .node_id = "news"};
	const char *before;

	make_node(f, SERVICE, "news");
	before = dump(f);
	again.config = pubsub_node_config_default;
	assert_int_equal(store_node_create(f->txn, &again), PUBSUB_ERR_NODE_EXISTS);
	assert_string_equal(dump(f), before);
}

static void test_the_same_name_at_two_services_is_two_nodes(void **state)
{
	struct fixture *f = *state;

	publish(f, make_node(f, SERVICE, "news"), "a", 1);
	make_node(f, ACCOUNT, "news");
	assert_int_equal(get_node(f, SERVICE, "news")->items, 1);
	assert_int_equal(get_node(f, ACCOUNT, "news")->items, 0);
	assert_int_equal(node_count(f, SERVICE), 1);
	assert_int_equal(node_count(f, ACCOUNT), 1);
	assert_int_equal(node_count(f, "nobody@denmark.lit"), 0);
}

static void test_long_names_that_start_alike_are_different_nodes(void **state)
{
	struct fixture *f = *state;
	const char *a = text_of(f, "a", 'x', 1023), *b = text_of(f, "a", 'x', 1024);
	const char *c = text_of(f, "a", 'x', 150), *d = text_of(f, "a", 'x', 151);
	struct store_range all = {.limit = 10};
	struct pubsub_node *nodes;
	size_t n;

	make_node(f, SERVICE, a);
	make_node(f, SERVICE, b);
	make_node(f, SERVICE, c);
	assert_absent(f, d);
	make_node(f, SERVICE, d);
	assert_string_equal(get_node(f, SERVICE, a)->node_id, a);
	assert_string_equal(get_node(f, SERVICE, b)->node_id, b);
	assert_string_equal(get_node(f, SERVICE, d)->node_id, d);
	ok(store_nodes_page(f->txn, SERVICE, &all, f->arena, &nodes, &n));
	assert_int_equal(n, 4);
	all.after = nodes[1].node_id;
	ok(store_nodes_page(f->txn, SERVICE, &all, f->arena, &nodes, &n));
	assert_int_equal(n, 2);
}

/* What the key of a long name looks like is a name of 150 bytes itself, if its hash ends in 00. */
static void test_no_short_name_can_be_made_to_collide_with_a_long_one(void **state)
{
	struct fixture *f = *state;
	char *name = text_of(f, "", 'x', 200), *forged = text_of(f, "", 'x', 150);
	unsigned char hash[HASH_SHA256_SIZE] = {0};
	unsigned i;

	for (i = 0; i == 0 || hash[31] != 0 || memchr(hash, 0, 31) != NULL; i++) {
		sprintf(name + 190, "%010u", i);
		hash_sha256(name, 200, hash);
	}
	forged[118] = 1;
	memcpy(forged + 119, hash, 31);
	make_node(f, SERVICE, name);
	assert_absent(f, forged);
	make_node(f, SERVICE, forged);
	assert_int_equal(get_node(f, SERVICE, name)->no + 1, get_node(f, SERVICE, forged)->no);
}

static void test_pages_are_in_the_order_of_names_whichever_way_they_are_found(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = {"d", "b", "e", "a", "c", "bb"};
	size_t i;

	for (i = 0; i < ARRAY_COUNT(names); i++)
		make_node(f, SERVICE, names[i]);
	reading(f);
	assert_page(f, (struct store_range){.limit = 10}, "a b bb c d e");
	assert_page(f, (struct store_range){.limit = 2}, "a b");
	assert_page(f, (struct store_range){.limit = 2, .after = "b"}, "bb c");
	assert_page(f, (struct store_range){.limit = 2, .after = "bzz"}, "c d");
	assert_page(f, (struct store_range){.limit = 9, .after = "e"}, "");
	assert_page(f, (struct store_range){.limit = 9, .before = "c"}, "a b bb");
	assert_page(f, (struct store_range){.limit = 2, .before = "d", .backward = true}, "bb c");
	assert_page(f, (struct store_range){.limit = 2, .before = "cc", .backward = true}, "bb c");
	assert_page(f, (struct store_range){.limit = 2, .backward = true}, "d e");
	assert_page(f, (struct store_range){.limit = 9, .backward = true}, "a b bb c d e");
	assert_page(f, (struct store_range){.limit = 2, .before = "a", .backward = true}, "");
	assert_page(f, (struct store_range){.limit = 0}, "");
}

static void test_a_page_of_a_service_ends_before_the_next_service(void **state)
{
	struct fixture *f = *state;

	make_node(f, ACCOUNT, "z");
	make_node(f, SERVICE, "a");
	make_node(f, "other.denmark.lit", "b");
	assert_page(f, (struct store_range){.limit = 10}, "a");
	assert_page(f, (struct store_range){.limit = 10, .backward = true}, "a");
}

static void assert_numbers(struct fixture *f, struct store_number_range range, const char *expected)
{
	struct pubsub_node *nodes;
	const char *text = "";
	size_t i, n;

	ok(store_nodes_by_number(f->txn, SERVICE, &range, f->arena, &nodes, &n));
	for (i = 0; i < n; i++)
		text = arena_printf(f->arena, "%s%s%s", text, i > 0 ? " " : "", nodes[i].node_id);
	assert_string_equal(text, expected);
}

static void test_pages_by_number_are_in_the_order_of_creation(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = {"d", "b", "gone", "a", "c"};
	struct pubsub_node *gone;
	size_t i;

	make_node(f, ACCOUNT, "z");
	for (i = 0; i < ARRAY_COUNT(names); i++)
		make_node(f, SERVICE, names[i]);
	make_node(f, "other.denmark.lit", "y");
	gone = get_node(f, SERVICE, "gone");
	publish(f, gone, "left behind", 1);
	ok(store_node_del(f->txn, gone, NULL));
	reading(f);
	assert_numbers(f, (struct store_number_range){.limit = 10}, "d b a c");
	assert_numbers(f, (struct store_number_range){.limit = 2}, "d b");
	assert_numbers(f, (struct store_number_range){.limit = 2, .after = 2}, "a c");
	assert_numbers(f, (struct store_number_range){.limit = 2, .after = 3}, "a c");
	assert_numbers(f, (struct store_number_range){.limit = 2, .after = 5}, "");
	assert_numbers(f, (struct store_number_range){.limit = 2, .after = UINT32_MAX}, "");
	assert_numbers(f, (struct store_number_range){.limit = 2, .backward = true}, "a c");
	assert_numbers(
		f, (struct store_number_range){.limit = 2, .before = 4, .backward = true}, "d b");
	assert_numbers(
		f, (struct store_number_range){.limit = 2, .before = 1, .backward = true}, "");
	assert_numbers(f, (struct store_number_range){.limit = 0}, "");
}

static void test_configuring_changes_nothing_but_the_configuration(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "news");
	struct pubsub_node_config config = node->config;

	publish(f, node, "a", 7);
	fill_config(f, &config);
	ok(store_node_configure(f->txn, node, &config));
	assert_equal_config(&node->config, &config);
	node = get_node(f, SERVICE, "news");
	assert_equal_config(&node->config, &config);
	assert_int_equal(node->items, 1);
	assert_int_equal(node->created_us, 1000);
	assert_string_equal(node->creator, "hamlet@denmark.lit");
}

static void test_a_deleted_node_is_gone_at_once_for_everybody(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "news");
	struct pubsub_affiliate *affiliates;
	struct store_entity_subscription *subscriptions;
	size_t n;

	make_node(f, SERVICE, "other");
	publish(f, node, "a", 7);
	ok(store_affiliation_put(f->txn, node, "a@b", PUBSUB_AFFILIATION_OWNER));
	subscribe(f, node, "a@b/c", "1", PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	ok(store_node_del(f->txn, node, NULL));
	assert_absent(f, "news");
	assert_page(f, (struct store_range){.limit = 10}, "other");
	assert_int_equal(node_count(f, SERVICE), 1);
	ok(store_entity_affiliations(f->txn, SERVICE, "a@b", f->arena, &affiliates, &n));
	assert_int_equal(n, 0);
	ok(store_entity_subscriptions(f->txn, NULL, "a@b", f->arena, &subscriptions, &n));
	assert_int_equal(n, 0);
}

static void test_whoever_still_holds_a_deleted_node_can_write_nothing_to_it(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "news");
	struct pubsub_subscription subscription = {
		.subscriber = jid_of(f, "a@b"), .state = PUBSUB_SUBSCRIPTION_PENDING};
	struct pubsub_item item = {.id = "a", .published_us = 1};
	struct pubsub_item *items;
	const struct store_item_range all = {.limit = 9};
	struct pubsub_texts trimmed;
	const char *before;
	bool replaced;
	size_t n;

	ok(store_node_del(f->txn, node, NULL));
	before = dump(f);
#define GONE(call) assert_int_equal((call), PUBSUB_ERR_NODE_NOT_FOUND)
	GONE(store_item_put(f->txn, node, &item, &replaced));
	GONE(store_item_del(f->txn, node, "a"));
	GONE(store_items_trim(f->txn, node, 0, f->arena, &trimmed));
	GONE(store_node_purge(f->txn, node));
	GONE(store_node_del(f->txn, node, NULL));
	GONE(store_node_configure(f->txn, node, &node->config));
	GONE(store_subscription_put(f->txn, node, &subscription));
	GONE(store_affiliation_put(f->txn, node, "a@b", PUBSUB_AFFILIATION_OWNER));
	GONE(store_items_page(f->txn, node, &all, f->arena, &items, &n));
	assert_string_equal(dump(f), before);
}

static void test_a_node_that_is_created_again_has_no_old_state(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *old = make_node(f, SERVICE, "news"), *node;
	struct pubsub_subscription *subscriptions;
	enum pubsub_affiliation affiliation;
	struct pubsub_affiliate *affiliates;
	size_t n;

	publish(f, old, "a", 7);
	ok(store_affiliation_put(f->txn, old, "a@b", PUBSUB_AFFILIATION_OUTCAST));
	subscribe(f, old, "a@b", "1", PUBSUB_SUBSCRIPTION_PENDING);
	ok(store_node_del(f->txn, old, NULL));
	make_node(f, SERVICE, "news");
	node = get_node(f, SERVICE, "news");
	assert_int_not_equal(node->no, old->no);
	assert_int_equal(node->items + node->subscribers + node->pending + node->last_seq, 0);
	assert_null(node->payload_ns);
	assert_string_equal(all_ids(f, node), "");
	ok(store_affiliation_get(f->txn, node, "a@b", &affiliation));
	assert_int_equal(affiliation, PUBSUB_AFFILIATION_NONE);
	ok(store_subscriptions_get(f->txn, node, jid_of(f, "a@b"), f->arena, &subscriptions, &n));
	assert_int_equal(n, 0);
	ok(store_entity_affiliations(f->txn, SERVICE, "a@b", f->arena, &affiliates, &n));
	assert_int_equal(n, 0);
}

static void test_a_redirect_stays_until_the_node_is_created_again(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "news");

	ok(store_node_del(f->txn, node, "xmpp:hamlet@denmark.lit?;node=blog"));
	assert_int_equal(
		store_node_get(f->txn, SERVICE, "news", f->arena, &node), PUBSUB_ERR_NODE_GONE);
	assert_string_equal(node->config.description, "xmpp:hamlet@denmark.lit?;node=blog");
	assert_page(f, (struct store_range){.limit = 10}, "");
	assert_int_equal(node_count(f, SERVICE), 0);
	make_node(f, SERVICE, "news");
	assert_null(get_node(f, SERVICE, "news")->config.description);
	assert_int_equal(node_count(f, SERVICE), 1);
	ok(store_node_del(f->txn, get_node(f, SERVICE, "news"), NULL));
	assert_absent(f, "news");
}

static void fill_node(struct fixture *f, struct pubsub_node *node)
{
	char id[8];
	int i;

	expire_after(f, node, 1);
	for (i = 0; i < 5; i++) {
		sprintf(id, "%d@b/c", i);
		publish(f, node, id, 100 + (uint64_t)i);
		subscribe(f, node, id, "1", PUBSUB_SUBSCRIPTION_PENDING);
		subscribe(f, node, id, "2", PUBSUB_SUBSCRIPTION_SUBSCRIBED);
		ok(store_affiliation_put(f->txn, node, id, PUBSUB_AFFILIATION_MEMBER));
	}
	subscribe(f, node, text_of(f, "b@c/", 'r', 900), "1", PUBSUB_SUBSCRIPTION_PENDING);
}

static void test_erasing_in_slices_leaves_nothing_of_a_deleted_node(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, SERVICE, "news");
	const char *empty;
	bool more = true;
	int slices;

	ok(store_node_del(f->txn, node, NULL));
	erase_all(f);
	make_node(f, SERVICE, "neighbour");
	empty = dump(f);
	f->txn = (store_abort(f->txn), NULL);
	writing(f);
	node = make_node(f, SERVICE, "news");
	fill_node(f, node);
	make_node(f, SERVICE, "neighbour");
	ok(store_node_del(f->txn, node, NULL));
	for (slices = 0; more; slices++)
		ok(store_erase(f->txn, 3, &more));
	assert_in_range(slices, 10, 30); /* 5 items with ids, 11 subscriptions, 6 pending, 5 */
	assert_string_equal(dump(f), empty);
}

static void test_nothing_to_erase_is_not_an_error(void **state)
{
	struct fixture *f = *state;
	bool more = true;

	ok(store_erase(f->txn, 10, &more));
	assert_false(more);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_a_node_is_found_with_all_that_it_was_given),
	cmocka_unit_test(test_unset_texts_of_a_configuration_stay_unset),
	cmocka_unit_test(test_a_name_can_be_taken_once),
	cmocka_unit_test(test_the_same_name_at_two_services_is_two_nodes),
	cmocka_unit_test(test_long_names_that_start_alike_are_different_nodes),
	cmocka_unit_test(test_no_short_name_can_be_made_to_collide_with_a_long_one),
	cmocka_unit_test(test_pages_are_in_the_order_of_names_whichever_way_they_are_found),
	cmocka_unit_test(test_a_page_of_a_service_ends_before_the_next_service),
	cmocka_unit_test(test_pages_by_number_are_in_the_order_of_creation),
	cmocka_unit_test(test_configuring_changes_nothing_but_the_configuration),
	cmocka_unit_test(test_a_deleted_node_is_gone_at_once_for_everybody),
	cmocka_unit_test(test_whoever_still_holds_a_deleted_node_can_write_nothing_to_it),
	cmocka_unit_test(test_a_node_that_is_created_again_has_no_old_state),
	cmocka_unit_test(test_a_redirect_stays_until_the_node_is_created_again),
	cmocka_unit_test(test_erasing_in_slices_leaves_nothing_of_a_deleted_node),
	cmocka_unit_test(test_nothing_to_erase_is_not_an_error),
};
const struct suite suite_nodes = {tests, ARRAY_COUNT(tests)};
