/* flat.c - no operation scans: each makes the same calls of the engine in a store of a few nodes,
 * items and subscribers as in one of many. */
#include "support.h"

#include <stdio.h>

#include "peppy/array.h"

#define FEW 40
#define MANY 1500
#define PAGE 10

struct world {
	struct fixture f;
	struct pubsub_node *node; /* with all the items and subscribers */
};

static const char *nth(struct fixture *f, const char *format, unsigned n)
{
	char text[64];

	snprintf(text, sizeof text, format, n);
	return arena_strdup(f->arena, text);
}

static void fill(struct world *w, unsigned n)
{
	struct fixture *f = &w->f;

	fixture_open_fail(f);
	writing(f);
	w->node = make_node(f, SERVICE, "large");
	for (unsigned i = 0; i < n; i++) {
		make_node(f, SERVICE, nth(f, "node%04u", i));
		publish(f, w->node, nth(f, "i%04u", i), 1000 + i);
		subscribe(f, w->node, nth(f, "u%04u@verona.lit", i), NULL,
			PUBSUB_SUBSCRIPTION_SUBSCRIBED);
		ok(store_affiliation_put(
			f->txn, w->node, nth(f, "m%04u@verona.lit", i), PUBSUB_AFFILIATION_MEMBER));
	}
	writing(f);
}

/* ---- operations ---- */

static void find_node(struct world *w)
{
	get_node(&w->f, SERVICE, "node0020");
}

static void list_nodes(struct world *w)
{
	const struct store_range range = {.after = "node0020", .limit = PAGE};
	struct pubsub_node *nodes;
	size_t n;

	ok(store_nodes_page(w->f.txn, SERVICE, &range, w->f.arena, &nodes, &n));
	assert_int_equal(n, PAGE);
}

static void list_nodes_by_number(struct world *w)
{
	const struct store_number_range range = {.after = 20, .limit = PAGE};
	struct pubsub_node *nodes;
	size_t n;

	ok(store_nodes_by_number(w->f.txn, SERVICE, &range, w->f.arena, &nodes, &n));
	assert_int_equal(n, PAGE);
}

static void count_nodes(struct world *w)
{
	uint64_t n;

	ok(store_nodes_count(w->f.txn, SERVICE, &n));
	assert_true(n > FEW);
}

static void list_newest_items(struct world *w)
{
	const struct store_item_range range = {.backward = true, .limit = PAGE};
	struct pubsub_item *items;
	size_t n;

	ok(store_items_page(w->f.txn, w->node, &range, w->f.arena, &items, &n));
	assert_int_equal(n, PAGE);
}

static void list_items(struct world *w)
{
	const struct store_item_range range = {.after_seq = 1020, .limit = PAGE};
	struct pubsub_item *items;
	size_t n;

	ok(store_items_page(w->f.txn, w->node, &range, w->f.arena, &items, &n));
	assert_int_equal(n, PAGE);
}

static void find_item(struct world *w)
{
	struct pubsub_item item;

	ok(store_item_get(w->f.txn, w->node, "i0020", &item));
}

static void publish_and_trim(struct world *w)
{
	struct pubsub_texts gone;

	publish(&w->f, w->node, "new", 1000000);
	ok(store_items_trim(w->f.txn, w->node, w->node->items - 1, w->f.arena, &gone));
	assert_int_equal(gone.n, 1);
}

static void retract(struct world *w)
{
	ok(store_item_del(w->f.txn, w->node, "i0020"));
}

static void list_subscriptions(struct world *w)
{
	const struct pubsub_subscription after = {.subscriber = jid_of(&w->f, "u0020@verona.lit")};
	const struct store_subscription_range range = {.after = &after, .limit = PAGE};
	struct pubsub_subscription *rows;
	size_t n;

	ok(store_subscriptions_page(w->f.txn, w->node, &range, w->f.arena, &rows, &n));
	assert_int_equal(n, PAGE);
}

static void find_subscription(struct world *w)
{
	struct pubsub_subscription *rows;
	size_t n;

	ok(store_subscriptions_get(
		w->f.txn, w->node, jid_of(&w->f, "u0020@verona.lit"), w->f.arena, &rows, &n));
	assert_int_equal(n, 1);
}

static void subscribe_one_more(struct world *w)
{
	subscribe(&w->f, w->node, "new@verona.lit", NULL, PUBSUB_SUBSCRIPTION_SUBSCRIBED);
}

static void unsubscribe_one(struct world *w)
{
	const struct pubsub_subscription row = {.subscriber = jid_of(&w->f, "u0020@verona.lit")};

	ok(store_subscription_del(w->f.txn, w->node, &row));
}

static void find_affiliation(struct world *w)
{
	enum pubsub_affiliation affiliation;

	ok(store_affiliation_get(w->f.txn, w->node, "m0020@verona.lit", &affiliation));
	assert_int_equal(affiliation, PUBSUB_AFFILIATION_MEMBER);
}

static void list_affiliations(struct world *w)
{
	const struct store_range range = {.after = "m0020@verona.lit", .limit = PAGE};
	struct pubsub_affiliate *rows;
	size_t n;

	ok(store_affiliations_page(w->f.txn, w->node, &range, w->f.arena, &rows, &n));
	assert_int_equal(n, PAGE);
}

static void list_what_one_is_subscribed_to(struct world *w)
{
	struct store_entity_subscription *rows;
	size_t n;

	ok(store_entity_subscriptions(
		w->f.txn, SERVICE, "u0021@verona.lit", w->f.arena, &rows, &n));
	assert_int_equal(n, 1);
}

static void create_a_node(struct world *w)
{
	make_node(&w->f, SERVICE, "new");
}

static void configure(struct world *w)
{
	struct pubsub_node_config config = w->node->config;

	config.max_items = 7;
	ok(store_node_configure(w->f.txn, w->node, &config));
}

static void expire_items(struct world *w)
{
	expire_after(&w->f, w->node, 60);
}

static void purge(struct world *w)
{
	ok(store_node_purge(w->f.txn, w->node));
}

static void delete_node(struct world *w)
{
	ok(store_node_del(w->f.txn, w->node, NULL));
}

static void erase_a_slice(struct world *w)
{
	bool more;

	ok(store_erase(w->f.txn, PAGE, &more));
	assert_true(more);
}

/* In this order, each in a transaction of its own: the last ones leave nothing to the others. */
static const struct operation {
	const char *name;
	void (*run)(struct world *w);
} operations[] = {
	{"a node by its name", find_node},
	{"a page of nodes", list_nodes},
	{"a page of nodes by number", list_nodes_by_number},
	{"how many nodes", count_nodes},
	{"the newest items", list_newest_items},
	{"a page of items", list_items},
	{"an item", find_item},
	{"publish, and the oldest goes", publish_and_trim},
	{"retract", retract},
	{"a page of subscriptions", list_subscriptions},
	{"the subscription of an entity", find_subscription},
	{"subscribe", subscribe_one_more},
	{"unsubscribe", unsubscribe_one},
	{"an affiliation", find_affiliation},
	{"a page of affiliations", list_affiliations},
	{"what an entity is subscribed to", list_what_one_is_subscribed_to},
	{"create a node", create_a_node},
	{"configure", configure},
	{"a time after which items expire", expire_items},
	{"purge", purge},
	{"delete", delete_node},
	{"a slice of erasing", erase_a_slice},
};

static uint64_t calls_of(struct world *w, const struct operation *operation)
{
	uint64_t calls;

	store_fail_arm(w->f.store, 0, false);
	operation->run(w);
	calls = store_fail_calls(w->f.store);
	writing(&w->f);
	return calls;
}

static void test_what_an_operation_costs_does_not_depend_on_how_much_there_is(void **state)
{
	struct world few, many;

	(void)state;
	fill(&few, FEW);
	fill(&many, MANY);
	for (size_t i = 0; i < ARRAY_COUNT(operations); i++) {
		uint64_t calls = calls_of(&few, &operations[i]);

		if (calls_of(&many, &operations[i]) != calls)
			fail_msg("%s: not %llu calls", operations[i].name,
				(unsigned long long)calls);
		assert_in_range(calls, 1, 10 * PAGE);
	}
	fixture_close(&few.f);
	fixture_close(&many.f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_an_operation_costs_does_not_depend_on_how_much_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
