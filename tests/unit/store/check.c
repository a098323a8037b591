/* check.c - store_check finds nothing in what the operations have written, and something in nearly
 * everything else: any row that is missing, any index that leads astray, any counter that is
 * wrong. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peppy/array.h"
#include "store/rows.h"
#include "store/tags.h"

/* ---- a store with every kind of row ---- */

static void fill_digest(struct fixture *f, struct pubsub_node *node)
{
	struct pubsub_subscription subscription = {
		.subscriber = jid_of(f, "d@e"),
		.sub_id = "1",
		.state = PUBSUB_SUBSCRIPTION_SUBSCRIBED,
		.options = pubsub_subscribe_options_default,
		.due_us = 7,
		.digest.due_us = 9,
	};

	ok(store_subscription_put(f->txn, node, &subscription));
	ok(store_digest_put(f->txn, node, &subscription, "<e/>", 4));
}

static void fill_node(struct fixture *f, const char *node_id)
{
	struct pubsub_node *node = make_node(f, SERVICE, node_id);

	expire_after(f, node, 1);
	publish(f, node, "old", 1);
	publish(f, node, "again", 2);
	ok(store_node_purge(f->txn, node));
	publish(f, node, "again", 3);
	publish(f, node, text_of(f, "long", 'x', 300), 4);
	subscribe(f, node, "a@b", "1", PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	subscribe(f, node, "a@b/c", "2", PUBSUB_SUBSCRIPTION_PENDING);
	subscribe(f, node, text_of(f, "a@", 'b', 400), text_of(f, "", 's', 200),
		PUBSUB_SUBSCRIPTION_UNCONFIGURED);
	fill_digest(f, node);
	ok(store_publisher_put(f->txn, node, "a@b"));
	ok(store_affiliation_put(f->txn, node, "a@b", PUBSUB_AFFILIATION_OWNER));
	ok(store_affiliation_put(
		f->txn, node, text_of(f, "z@", 'z', 400), PUBSUB_AFFILIATION_OUTCAST));
}

/* A child of one that lives and of one that is gone. */
static void fill_relations(struct fixture *f)
{
	struct pubsub_node *collection = make_node(f, SERVICE, "collection");
	struct pubsub_node *former = make_node(f, SERVICE, "former");

	ok(store_child_put(f->txn, collection, get_node(f, SERVICE, "news")));
	ok(store_child_put(
		f->txn, collection, make_node(f, SERVICE, text_of(f, "child", 'c', 300))));
	ok(store_child_put(f->txn, former, get_node(f, SERVICE, "news")));
	ok(store_node_del(f->txn, former, NULL));
	make_node(f, SERVICE, ""); /* the root */
}

static void fill_others(struct fixture *f)
{
	const struct store_contact contacts[] = {
		{"c@d", STORE_ROSTER_BOTH, {NULL, 0}}, {"e@f", STORE_ROSTER_TO, {NULL, 0}}};
	const struct store_presence presence = {jid_of(f, "a@b/c"), "p", "sha-1 x", 1};
	struct store_job job = {.kind = 1,
		.service = SERVICE,
		.node_id = "n",
		.cursor = "",
		.data = "d",
		.data_len = 1};

	ok(store_roster_put(f->txn, ACCOUNT, contacts, 2, 7));
	ok(store_presence_put(f->txn, &presence));
	ok(store_silence_put(f->txn, &(struct store_silence){"a.lit", 1, 2}));
	ok(store_caps_put(f->txn, "sha-1 x", (struct pubsub_texts){NULL, 0}));
	ok(store_caps_put(f->txn, "sha-1 y", (struct pubsub_texts){NULL, 0}));
	ok(store_job_put(f->txn, &job));
}

static void fill(struct fixture *f)
{
	writing(f);
	fill_node(f, "news");
	fill_node(f, text_of(f, "node", 'n', 300));
	fill_node(f, "gone");
	ok(store_node_del(f->txn, get_node(f, SERVICE, "gone"), "xmpp:elsewhere"));
	make_node(f, ACCOUNT, "urn:x");
	fill_relations(f);
	fill_others(f);
}

/* ---- checking it ---- */

static char first_problem[2048];

static void on_problem(void *ctx, const char *text)
{
	(void)ctx;
	if (first_problem[0] == '\0')
		strncpy(first_problem, text, sizeof first_problem - 1);
}

static struct store_checked check(struct fixture *f)
{
	const struct store_check report = {.problem = on_problem};
	struct store_checked found;

	first_problem[0] = '\0';
	reading(f);
	ok(store_check(f->txn, &report, &found));
	return found;
}

/* What is written meanwhile is seen by no one else. */
static struct store_checked check_unwritten(struct fixture *f)
{
	const struct store_check report = {.problem = on_problem};
	enum store_mode mode = f->txn->mode;
	struct store_checked found;

	first_problem[0] = '\0';
	f->txn->mode = STORE_READ; /* memory has no pages that a writer might not see */
	ok(store_check(f->txn, &report, &found));
	f->txn->mode = mode;
	return found;
}

#define assert_found(text)                                                                         \
	do {                                                                                       \
		assert_int_not_equal(check_unwritten(f).problems, 0);                              \
		if (strstr(first_problem, text) == NULL)                                           \
			fail_msg("found was: %s", first_problem);                                  \
	} while (0)

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	fixture_open_mem(f);
	fill(f);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	fixture_close(*state);
	free(*state);
	return 0;
}

static void test_what_the_operations_write_is_whole(void **state)
{
	struct fixture *f = *state;
	struct store_checked found;

	assert_whole(f);
	found = check(f);
	assert_int_equal(found.services, 2);
	assert_int_equal(found.nodes, 6);
	assert_int_equal(found.items, 4);
	assert_int_equal(found.subscriptions, 12);
	assert_int_equal(found.affiliations, 6);
	assert_int_equal(found.jobs, 1);
}

static void test_it_is_whole_at_every_step_of_erasing(void **state)
{
	struct fixture *f = *state;
	bool more = true;

	while (more) {
		writing(f);
		ok(store_erase(f->txn, 1, &more));
		assert_whole(f);
	}
	assert_int_equal(check(f).subscriptions, 8);
}

static void test_lmdb_has_no_page_too_many_or_too_few(void **state)
{
	struct store_usage usage;
	struct fixture f;
	bool more;
	unsigned i;

	(void)state;
	fixture_open_lmdb(&f);
	fill(&f);
	for (i = 0; i < 300; i++) {
		struct pubsub_node *node;

		writing(&f);
		node = get_node(&f, SERVICE, "news");
		publish(&f, node, text_of(&f, "i", (char)('a' + i % 20), 1 + i * 40), i);
		if (i % 50 == 49)
			ok(store_node_purge(f.txn, node));
		ok(store_erase(f.txn, 3, &more));
	}
	assert_whole(&f);
	reading(&f);
	ok(store_usage(f.txn, &usage));
	assert_int_equal(usage.lost_bytes, 0);
	assert_in_range(usage.free_bytes, 1, usage.file_bytes - 1);
	assert_int_equal(usage.rows, check(&f).rows);
	assert_int_equal(usage.max_bytes, MAP_BYTES);
	fixture_close(&f);
}

/* ---- damage ---- */

static void del_key(struct fixture *f, enum tree tree, struct bytes bytes)
{
	struct key key;

	key_init(&key);
	key_add_bytes(&key, bytes);
	ok(txn_del(f->txn, tree, &key));
}

static bool tag_is(struct bytes key, unsigned tag, bool of_service)
{
	bool no_is_0 = memcmp(key.data + 4, "\0\0\0", 4) == 0;

	return key.data[8] == tag && no_is_0 == of_service;
}

/* Rows that nothing else speaks of; the ids of items that wait to be erased, and the one of these
 * items whose id leads to a newer one. */
static bool may_be_missing(enum tree tree, const struct row *row)
{
	struct name_row name;

	if (tree == TREE_PRESENCES)
		return true;
	if (tree == TREE_ENTITIES)
		return row->key.data[0] == ENTITY_ITEMS;
	if (tree == TREE_META)
		return row->key.data[0] == META_SILENCE;
	if (tree != TREE_NODES)
		return false;
	if (tag_is(row->key, SERVICE_ROSTER, true))
		return true;
	if (tag_is(row->key, SERVICE_CONTACT, true))
		return row->key.data[NODE_PREFIX] == 'e'; /* it sees no events */
	if (tag_is(row->key, SERVICE_NODE, true))
		return node_name_read(row->value, &name) && name.redirects;
	if (tag_is(row->key, NODE_DIGEST, false))
		return true;
	if (tag_is(row->key, NODE_ITEM, false))
		return row->key.data[row->key.len - 1] == 2;
	return tag_is(row->key, NODE_ITEM_ID, false) &&
	       (memcmp(row->key.data + NODE_PREFIX, "old", 3) == 0 || row->key.data[7] == 3);
}

/* The row at a place of the tree; false: there are not that many. */
static bool row_at(struct fixture *f, enum tree tree, unsigned place, struct row *out)
{
	struct walk walk;
	unsigned i;

	walk_tree(&walk, f->txn, tree);
	for (i = 0; i <= place; i++) {
		ok(walk_next(&walk, out));
		if (out->key.data == NULL)
			return false;
	}
	return true;
}

static void test_any_row_that_is_missing_is_missed(void **state)
{
	struct fixture *f = *state;
	unsigned place, missed = 0;
	struct row row;
	int tree;

	for (tree = 0; tree < TREE_COUNT; tree++) {
		for (place = 0;; place++) {
			bool expected;

			writing(f);
			if (!row_at(f, (enum tree)tree, place, &row))
				break;
			expected = !may_be_missing((enum tree)tree, &row);
			del_key(f, (enum tree)tree, row.key);
			if ((check_unwritten(f).problems > 0) != expected)
				fail_msg("tree %d, row %u", tree, place);
			missed += expected;
			aborting(f);
		}
	}
	assert_in_range(missed, 70, 200);
}

static void test_a_row_of_no_known_kind_is_found_in_every_tree(void **state)
{
	static const unsigned char odd[] = "\1\1\1\1\1\1\1\1\7odd";
	struct fixture *f = *state;
	struct key key;
	int tree;

	for (tree = 0; tree < TREE_COUNT; tree++) {
		writing(f);
		key_init(&key);
		key_add_bytes(&key, (struct bytes){odd, sizeof odd - 1});
		ok(txn_put_empty(f->txn, (enum tree)tree, &key));
		assert_int_not_equal(check_unwritten(f).problems, 0);
		aborting(f);
	}
}

static void test_a_record_that_cannot_be_read_is_found(void **state)
{
	struct fixture *f = *state;
	struct row row;
	struct key key;
	unsigned place;
	int tree;

	for (tree = 0; tree < TREE_COUNT; tree++) {
		for (place = 0;; place++) {
			writing(f);
			if (!row_at(f, (enum tree)tree, place, &row))
				break;
			if (row.value.len > 0) {
				key_init(&key);
				key_add_bytes(&key, row.key);
				buf_truncate(txn_record(f->txn), 0);
				buf_append_byte(&f->store->record, '\x7f');
				ok(txn_put_record(f->txn, (enum tree)tree, &key));
				assert_int_not_equal(check_unwritten(f).problems, 0);
			}
			aborting(f);
		}
	}
}

static void test_every_counter_of_a_node_is_compared(void **state)
{
	static const size_t counters[] = {offsetof(struct node_stat, items),
		offsetof(struct node_stat, bytes), offsetof(struct node_stat, subscribers),
		offsetof(struct node_stat, pending)};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < ARRAY_COUNT(counters); i++) {
		struct pubsub_node *node;
		struct node_stat stat;

		writing(f);
		node = get_node(f, SERVICE, "news");
		ok(node_stat_get(f->txn, node, &stat));
		++*(uint64_t *)((char *)&stat + counters[i]);
		ok(node_stat_put(f->txn, node, &stat));
		assert_found("are counted");
		assert_int_equal(check_unwritten(f).problems, 1);
		aborting(f);
	}
}

static void test_items_above_the_last_seq_are_found(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node;
	struct node_stat stat;

	writing(f);
	node = get_node(f, SERVICE, "news");
	ok(node_stat_get(f->txn, node, &stat));
	stat.last_seq = stat.floor;
	ok(node_stat_put(f->txn, node, &stat));
	assert_found("an item above the last one");
}

static void test_an_id_that_leads_to_another_item_is_found(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node;
	struct pubsub_item item;
	struct key key;

	writing(f);
	node = get_node(f, SERVICE, "news");
	ok(store_item_get(f->txn, node, "again", &item));
	item_id_key(&key, node, text_of(f, "long", 'x', 300));
	record_write_u64(txn_record(f->txn), item.seq);
	ok(txn_put_record(f->txn, TREE_NODES, &key));
	assert_found("its ItemID does not lead to it");
}

static void test_a_text_that_is_not_that_of_its_key_is_found(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node;
	struct buf *record;
	struct key key;

	writing(f);
	node = get_node(f, SERVICE, "news");
	key_init_node(&key, node->sid, node->no, NODE_AFFILIATION);
	key_add_part(&key, text_of(f, "z@", 'z', 400));
	record = txn_record(f->txn);
	buf_append_byte(record, PUBSUB_AFFILIATION_OUTCAST);
	record_write_part(record, text_of(f, "z@", 'y', 400));
	ok(txn_put_record(f->txn, TREE_NODES, &key));
	assert_found("no affiliation");
}

static void test_a_wrong_number_of_nodes_or_capabilities_is_found(void **state)
{
	struct fixture *f = *state;
	struct service_record record;
	uint32_t sid;

	writing(f);
	ok(service_find(f->txn, SERVICE, &sid));
	ok(service_get(f->txn, sid, &record));
	record.nodes++;
	ok(service_put(f->txn, SERVICE, &record));
	assert_found("another number of nodes");
	aborting(f);
	writing(f);
	ok(txn_number_put(f->txn, META_CAPS_COUNT, 3));
	assert_found("another number of capabilities");
}

static void test_what_a_newer_minor_version_added_is_passed_over(void **state)
{
	static const unsigned char odd[] = "Zodd";
	struct fixture *f = *state;
	struct key key;

	writing(f);
	key_init(&key);
	key_add_bytes(&key, (struct bytes){odd, sizeof odd - 1});
	ok(txn_put_empty(f->txn, TREE_META, &key));
	assert_found("no row of a known kind");
	key_init(&key);
	key_add_u8(&key, META_VERSION);
	record_write_varint(txn_record(f->txn), STORE_VERSION_MAJOR);
	record_write_varint(&f->store->record, STORE_VERSION_MINOR + 1);
	ok(txn_put_record(f->txn, TREE_META, &key));
	assert_int_equal(check_unwritten(f).problems, 0);
}

static void on_progress(void *ctx, uint64_t rows, uint64_t of_rows)
{
	uint64_t *last = ctx;

	assert_true(rows > *last);
	assert_true(rows <= of_rows);
	*last = rows;
}

static void test_progress_is_reported_on_the_way(void **state)
{
	uint64_t last = 0;
	struct store_check report = {.ctx = &last, .problem = on_problem, .progress = on_progress};
	struct store_checked found;
	struct pubsub_node *node;
	struct fixture f;
	char id[16];
	int i;

	(void)state;
	fixture_open_lmdb(&f);
	writing(&f);
	node = make_node(&f, SERVICE, "news");
	for (i = 0; i < 5000; i++) {
		snprintf(id, sizeof id, "%d", i);
		publish(&f, node, id, 1);
	}
	reading(&f);
	ok(store_check(f.txn, &report, &found));
	assert_int_equal(last, 8192);
	assert_int_equal(found.items, 5000);
	fixture_close(&f);
}

#define check_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		check_test(test_what_the_operations_write_is_whole),
		check_test(test_it_is_whole_at_every_step_of_erasing),
		cmocka_unit_test(test_lmdb_has_no_page_too_many_or_too_few),
		check_test(test_any_row_that_is_missing_is_missed),
		check_test(test_a_row_of_no_known_kind_is_found_in_every_tree),
		check_test(test_a_record_that_cannot_be_read_is_found),
		check_test(test_every_counter_of_a_node_is_compared),
		check_test(test_items_above_the_last_seq_are_found),
		check_test(test_an_id_that_leads_to_another_item_is_found),
		check_test(test_a_text_that_is_not_that_of_its_key_is_found),
		check_test(test_a_wrong_number_of_nodes_or_capabilities_is_found),
		check_test(test_what_a_newer_minor_version_added_is_passed_over),
		cmocka_unit_test(test_progress_is_reported_on_the_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
