/* random.c - random operations against a model as simple as can be: arrays. The model is right;
 * memory and LMDB have to say the same, and to look the same. */
#include "support.h"

#include <stdio.h>
#include <string.h>

#include "peppy/array.h"

#define NODES 3
#define ITEM_IDS 6
#define JIDS 5
#define STEPS 3000

struct model_item {
	int id;
	uint64_t seq, created_us;
};

struct model_node {
	bool exists;
	int items_n;
	struct model_item items[ITEM_IDS]; /* the oldest first */
	uint64_t last_seq;
	enum pubsub_affiliation affiliations[JIDS];
	enum pubsub_subscription_state states[JIDS];
	uint64_t since[JIDS];
	bool parents[NODES];
};

struct model {
	struct model_node nodes[NODES];
};

struct run {
	struct fixture f;
	struct model committed, model;
	uint64_t random;
	uint64_t now_us;
};

/* Sorted, as pages are. */
static const char *const node_ids[NODES] = {"a", "a/b", "b"};
static const char *const jids[JIDS] = {"a@b", "a@b/c", "a@b-c", "b", "b/x"};
static const char *const bare_jids[JIDS] = {"a@b", "a@b-c", "a@bc", "b", "c"};

static unsigned pick(struct run *run, unsigned n)
{
	run->random = run->random * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (unsigned)(run->random >> 33) % n;
}

/* ---- the model ---- */

static int find_item(const struct model_node *node, int id)
{
	int i;

	for (i = 0; i < node->items_n; i++)
		if (node->items[i].id == id)
			return i;
	return -1;
}

static void drop_item(struct model_node *node, int at)
{
	node->items_n--;
	memmove(&node->items[at], &node->items[at + 1],
		(size_t)(node->items_n - at) * sizeof node->items[0]);
}

static void model_publish(struct model_node *node, int id, uint64_t now_us)
{
	int at = find_item(node, id);
	struct model_item item = {id, node->last_seq + 1, now_us};

	if (at >= 0) {
		item.created_us = node->items[at].created_us;
		drop_item(node, at);
	}
	if (now_us > item.seq)
		item.seq = now_us;
	node->items[node->items_n++] = item;
	node->last_seq = item.seq;
}

/* ---- operations on both ---- */

static void item_name(int id, char out[8])
{
	sprintf(out, "item%d", id);
}

static void do_publish(struct run *run, struct pubsub_node *node, struct model_node *model)
{
	int id = (int)pick(run, ITEM_IDS);
	char name[8];

	item_name(id, name);
	model_publish(model, id, run->now_us);
	publish(&run->f, node, name, run->now_us);
	assert_int_equal(node->last_seq, model->last_seq);
}

static void do_retract(struct run *run, struct pubsub_node *node, struct model_node *model)
{
	int id = (int)pick(run, ITEM_IDS), at = find_item(model, id);
	char name[8];

	item_name(id, name);
	assert_int_equal(store_item_del(run->f.txn, node, name),
		at >= 0 ? PUBSUB_OK : PUBSUB_ERR_ITEM_NOT_FOUND);
	if (at >= 0)
		drop_item(model, at);
}

static void do_trim(struct run *run, struct pubsub_node *node, struct model_node *model)
{
	int keep = (int)pick(run, ITEM_IDS);
	struct pubsub_texts trimmed;
	char name[8];
	size_t i;

	ok(store_items_trim(run->f.txn, node, (uint64_t)keep, run->f.arena, &trimmed));
	for (i = 0; i < trimmed.n; i++) {
		item_name(model->items[0].id, name);
		assert_string_equal(trimmed.v[i], name);
		drop_item(model, 0);
	}
	assert_true(model->items_n <= keep || trimmed.n == 0);
}

static void do_subscribe(struct run *run, struct pubsub_node *node, struct model_node *model)
{
	unsigned who = pick(run, JIDS);
	enum pubsub_subscription_state state =
		1 + (enum pubsub_subscription_state)pick(run, PUBSUB_SUBSCRIPTION_COUNT - 1);

	subscribe(&run->f, node, jids[who], "1", state);
	if (state != PUBSUB_SUBSCRIPTION_SUBSCRIBED)
		model->since[who] = 0;
	else if (model->states[who] != PUBSUB_SUBSCRIPTION_SUBSCRIBED)
		model->since[who] = ++model->last_seq;
	model->states[who] = state;
}

static void do_unsubscribe(struct run *run, struct pubsub_node *node, struct model_node *model)
{
	unsigned who = pick(run, JIDS);
	const struct pubsub_subscription subscription = {
		.subscriber = jid_of(&run->f, jids[who]), .sub_id = "1"};

	ok(store_subscription_del(run->f.txn, node, &subscription));
	model->states[who] = PUBSUB_SUBSCRIPTION_NONE;
}

static void do_affiliate(struct run *run, struct pubsub_node *node, struct model_node *model)
{
	unsigned who = pick(run, JIDS);
	enum pubsub_affiliation affiliation =
		(enum pubsub_affiliation)pick(run, PUBSUB_AFFILIATION_COUNT);

	ok(store_affiliation_put(run->f.txn, node, bare_jids[who], affiliation));
	model->affiliations[who] = affiliation;
}

static void do_purge(struct run *run, struct pubsub_node *node, struct model_node *model)
{
	ok(store_node_purge(run->f.txn, node));
	model->items_n = 0;
}

/* Whoever else there is becomes its parent, or is it no more. */
static void do_associate(struct run *run, struct pubsub_node *node, struct model_node *model)
{
	unsigned other = pick(run, NODES);
	bool more = pick(run, 3) > 0;
	struct pubsub_node *parent;

	if (&run->model.nodes[other] == model || !run->model.nodes[other].exists)
		return;
	parent = get_node(&run->f, SERVICE, node_ids[other]);
	ok((more ? store_child_put : store_child_del)(run->f.txn, parent, node));
	model->parents[other] = more;
}

static void do_delete(struct run *run, struct pubsub_node *node, struct model_node *model)
{
	ok(store_node_del(run->f.txn, node, pick(run, 2) == 0 ? "xmpp:else" : NULL));
	for (size_t i = 0; i < NODES; i++)
		run->model.nodes[i].parents[model - run->model.nodes] = false;
	*model = (struct model_node){0};
}

typedef void (*operation)(struct run *run, struct pubsub_node *node, struct model_node *model);

static const operation operations[] = {
	do_publish,
	do_publish,
	do_publish,
	do_publish,
	do_retract,
	do_trim,
	do_subscribe,
	do_subscribe,
	do_unsubscribe,
	do_affiliate,
	do_affiliate,
	do_purge,
	do_associate,
	do_associate,
	do_delete,
};

static void operate(struct run *run)
{
	unsigned which = pick(run, NODES);
	unsigned what = pick(run, ARRAY_COUNT(operations));
	struct model_node *model = &run->model.nodes[which];
	bool more;

	run->now_us += pick(run, 4);
	if (!model->exists) {
		make_node(&run->f, SERVICE, node_ids[which]);
		model->exists = true;
	}
	operations[what](run, get_node(&run->f, SERVICE, node_ids[which]), model);
	if (pick(run, 3) == 0)
		ok(store_erase(run->f.txn, pick(run, 5), &more));
}

/* ---- comparing ---- */

static void compare_items(
	struct run *run, const struct pubsub_node *node, const struct model_node *model)
{
	const struct store_item_range all = {.limit = 99, .backward = pick(run, 2) == 0};
	struct pubsub_item *items, one;
	char name[8];
	size_t n;
	int i;

	assert_int_equal(node->items, model->items_n);
	ok(store_items_page(run->f.txn, node, &all, run->f.arena, &items, &n));
	assert_int_equal(n, model->items_n);
	for (i = 0; i < model->items_n; i++) {
		item_name(model->items[i].id, name);
		assert_string_equal(items[i].id, name);
		assert_int_equal(items[i].seq, model->items[i].seq);
		assert_int_equal(items[i].created_us, model->items[i].created_us);
	}
	for (i = 0; i < ITEM_IDS; i++) {
		item_name(i, name);
		assert_int_equal(store_item_get(run->f.txn, node, name, &one) == PUBSUB_OK,
			find_item(model, i) >= 0);
	}
}

static void compare_subscriptions(
	struct run *run, const struct pubsub_node *node, const struct model_node *model)
{
	const struct store_subscription_range those = {.pending = true, .limit = 99};
	struct pubsub_subscription *found;
	uint64_t subscribers = 0, pending = 0;
	size_t n, i;

	for (i = 0; i < JIDS; i++) {
		ok(store_subscriptions_get(
			run->f.txn, node, jid_of(&run->f, jids[i]), run->f.arena, &found, &n));
		assert_int_equal(n, model->states[i] != PUBSUB_SUBSCRIPTION_NONE);
		if (n == 0)
			continue;
		assert_int_equal(found->state, model->states[i]);
		assert_int_equal(found->since_seq, model->since[i]);
		if (found->state == PUBSUB_SUBSCRIPTION_PENDING)
			pending++;
		else
			subscribers++;
	}
	assert_int_equal(node->subscribers, subscribers);
	assert_int_equal(node->pending, pending);
	ok(store_subscriptions_page(run->f.txn, node, &those, run->f.arena, &found, &n));
	assert_int_equal(n, pending);
}

static void compare_affiliations(
	struct run *run, const struct pubsub_node *node, const struct model_node *model)
{
	const struct store_range all = {.limit = 99};
	struct pubsub_affiliate *found;
	size_t n, i, k = 0;

	ok(store_affiliations_page(run->f.txn, node, &all, run->f.arena, &found, &n));
	for (i = 0; i < JIDS; i++) {
		if (model->affiliations[i] == PUBSUB_AFFILIATION_NONE)
			continue;
		assert_true(k < n);
		assert_string_equal(found[k].jid, bare_jids[i]);
		assert_int_equal(found[k++].affiliation, model->affiliations[i]);
	}
	assert_int_equal(k, n);
}

static void compare_entities(struct run *run)
{
	struct store_entity_subscription *mine;
	struct pubsub_affiliate *affiliates;
	size_t n, i, subscribed = 0, affiliated = 0;

	for (i = 0; i < NODES; i++) {
		subscribed += run->model.nodes[i].states[0] != PUBSUB_SUBSCRIPTION_NONE;
		subscribed += run->model.nodes[i].states[1] != PUBSUB_SUBSCRIPTION_NONE;
		affiliated += run->model.nodes[i].affiliations[0] != PUBSUB_AFFILIATION_NONE;
	}
	ok(store_entity_subscriptions(run->f.txn, SERVICE, "a@b", run->f.arena, &mine, &n));
	assert_int_equal(n, subscribed);
	ok(store_entity_affiliations(run->f.txn, SERVICE, "a@b", run->f.arena, &affiliates, &n));
	assert_int_equal(n, affiliated);
}

static bool holds(const struct pubsub_node *nodes, size_t n, const char *node_id)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(nodes[i].node_id, node_id) == 0)
			return true;
	return false;
}

/* What a node says of its parents, and each of them of its children. */
static void compare_relations(struct run *run, const struct pubsub_node *node, size_t which)
{
	const struct store_number_range all = {.limit = 99};
	struct pubsub_node *parents, *children;
	size_t i, n, children_n, above = 0, below = 0;

	ok(store_parents_get(run->f.txn, node, run->f.arena, &parents, &n));
	ok(store_children_page(run->f.txn, node, &all, run->f.arena, &children, &children_n));
	for (i = 0; i < NODES; i++) {
		above += run->model.nodes[which].parents[i];
		below += run->model.nodes[i].parents[which];
		assert_int_equal(
			holds(parents, n, node_ids[i]), run->model.nodes[which].parents[i]);
		assert_int_equal(holds(children, children_n, node_ids[i]),
			run->model.nodes[i].parents[which]);
	}
	assert_int_equal(n, above);
	assert_true(node->parents >= above); /* deleted ones count until they are erased */
	assert_int_equal(children_n, below);
	assert_int_equal(node->children, below);
}

static void compare_all(struct run *run)
{
	const struct store_range all = {.limit = 99};
	struct pubsub_node *nodes;
	size_t n, i, k = 0;

	ok(store_nodes_page(run->f.txn, SERVICE, &all, run->f.arena, &nodes, &n));
	for (i = 0; i < NODES; i++) {
		if (!run->model.nodes[i].exists)
			continue;
		assert_true(k < n);
		assert_string_equal(nodes[k].node_id, node_ids[i]);
		compare_items(run, &nodes[k], &run->model.nodes[i]);
		compare_subscriptions(run, &nodes[k], &run->model.nodes[i]);
		compare_relations(run, &nodes[k], i);
		compare_affiliations(run, &nodes[k++], &run->model.nodes[i]);
	}
	assert_int_equal(k, n);
	compare_entities(run);
}

/* ---- runs ---- */

static void end_transaction(struct run *run)
{
	if (pick(run, 3) == 0) {
		aborting(&run->f);
		run->model = run->committed;
	}
	assert_whole(&run->f);
	writing(&run->f);
	run->committed = run->model;
	compare_all(run);
	arena_reset(run->f.arena);
}

static void run_random(struct run *run, uint64_t seed)
{
	int step;

	run->random = seed;
	run->now_us = 1000;
	memset(&run->committed, 0, sizeof run->committed);
	memset(&run->model, 0, sizeof run->model);
	writing(&run->f);
	for (step = 0; step < STEPS; step++) {
		operate(run);
		if (pick(run, 10) == 0)
			end_transaction(run);
	}
	compare_all(run);
}

static void test_random_operations_do_what_the_model_does_in_every_engine(void **state)
{
	struct run mem, lmdb;
	uint64_t seed;

	(void)state;
	for (seed = 1; seed <= 3; seed++) {
		fixture_open_mem(&mem.f);
		fixture_open_lmdb(&lmdb.f);
		run_random(&mem, seed);
		run_random(&lmdb, seed);
		assert_string_equal(dump(&mem.f), dump(&lmdb.f));
		fixture_close(&mem.f);
		fixture_close(&lmdb.f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_operations_do_what_the_model_does_in_every_engine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
