/* failing.c - every single call of the engine fails once, and once from then on: whatever was
 * under way, afterwards the store is as it was before it or as it should be after it. */
#include "support.h"

#define TRY(call)                                                                                  \
	do {                                                                                       \
		enum pubsub_error try_err = (call);                                                \
		if (try_err != PUBSUB_OK)                                                          \
			return try_err;                                                            \
	} while (0)

static struct pubsub_subscription subscription_of(struct fixture *f, const char *jid)
{
	return (struct pubsub_subscription){.subscriber = jid_of(f, jid),
		.sub_id = "1",
		.state = PUBSUB_SUBSCRIPTION_SUBSCRIBED,
		.options = pubsub_subscribe_options_default};
}

static enum pubsub_error change_items(
	struct fixture *f, struct store_txn *txn, struct pubsub_node *node)
{
	struct pubsub_item again = {.id = "a", .published_us = 50};
	struct pubsub_item new = {.id = "new", .payload = "<x/>", .payload_len = 4};
	struct pubsub_node_config config = node->config;
	struct pubsub_texts trimmed;
	bool replaced;

	TRY(store_item_put(txn, node, &again, &replaced));
	TRY(store_item_put(txn, node, &new, &replaced));
	TRY(store_item_del(txn, node, "b"));
	TRY(store_items_trim(txn, node, 2, f->arena, &trimmed));
	TRY(store_publisher_put(txn, node, "x@y"));
	TRY(store_publisher_del(txn, node, "a@b"));
	config.item_expire_s = 2;
	TRY(store_node_configure(txn, node, &config));
	TRY(store_item_del(txn, node, "a"));
	return store_node_due_renew(txn, node);
}

static enum pubsub_error change_entities(
	struct fixture *f, struct store_txn *txn, struct pubsub_node *node)
{
	struct pubsub_subscription pending = subscription_of(f, "a@b");
	struct pubsub_subscription approved = subscription_of(f, "c@d/e");

	pending.state = PUBSUB_SUBSCRIPTION_PENDING;
	TRY(store_subscription_put(txn, node, &pending));
	approved.due_us = 50;
	approved.digest.due_us = 60;
	TRY(store_subscription_put(txn, node, &approved));
	TRY(store_digest_put(txn, node, &approved, "<e/>", 4));
	TRY(store_digest_put(txn, node, &approved, "<e/>", 4));
	TRY(store_digest_del(txn, node, &approved, 1));
	approved.due_us = 60;
	TRY(store_subscription_put(txn, node, &approved));
	TRY(store_subscription_del(txn, node, &approved));
	TRY(store_subscription_del(txn, node, &pending));
	TRY(store_affiliation_put(txn, node, "a@b", PUBSUB_AFFILIATION_NONE));
	return store_affiliation_put(txn, node, "c@d", PUBSUB_AFFILIATION_OWNER);
}

static enum pubsub_error change_nodes(struct fixture *f, struct store_txn *txn)
{
	struct pubsub_node fresh = {.service = "new.lit", .node_id = "x", .creator = "a@b"};
	struct pubsub_node *node;
	bool more;

	fresh.config = pubsub_node_config_default;
	TRY(store_node_create(txn, &fresh));
	TRY(store_node_get(txn, SERVICE, "old", f->arena, &node));
	TRY(store_node_del(txn, node, "xmpp:new"));
	TRY(store_node_get(txn, SERVICE, "news", f->arena, &node));
	TRY(store_node_purge(txn, node));
	return store_erase(txn, 4, &more);
}

static enum pubsub_error change_relations(struct fixture *f, struct store_txn *txn)
{
	const struct store_number_range range = {.limit = 9};
	struct pubsub_node *blogs, *news, *found;
	size_t n;
	bool more;

	TRY(store_node_get(txn, SERVICE, "blogs", f->arena, &blogs));
	TRY(store_node_get(txn, SERVICE, "news", f->arena, &news));
	TRY(store_child_put(txn, blogs, news));
	TRY(store_parents_get(txn, news, f->arena, &found, &n));
	TRY(store_children_page(txn, blogs, &range, f->arena, &found, &n));
	TRY(store_node_by_number(txn, SERVICE, news->sid, news->no, f->arena, &found));
	TRY(store_child_del(txn, blogs, news));
	TRY(store_child_put(txn, blogs, news));
	TRY(store_node_del(txn, blogs, NULL));
	return store_erase(txn, 100, &more);
}

static enum pubsub_error change_others(struct fixture *f, struct store_txn *txn)
{
	const struct store_contact contact = {"c@d", STORE_ROSTER_BOTH, {NULL, 0}};
	const struct store_silence silence = {"a.lit", 1, 2};
	const struct store_presence presence = {jid_of(f, "a@b/c"), "p", "x", 1};
	struct store_job job = {.kind = 1, .cursor = "", .data = "d", .data_len = 1};
	bool more;

	TRY(store_roster_put(txn, ACCOUNT, &contact, 1, 3));
	TRY(store_silence_put(txn, &silence));
	TRY(store_silence_del(txn, "z.lit"));
	TRY(store_presence_put(txn, &presence));
	TRY(store_presence_del(txn, jid_of(f, "z@z/z"), "p"));
	TRY(store_caps_put(txn, "k", (struct pubsub_texts){NULL, 0}));
	TRY(store_job_put(txn, &job));
	TRY(store_roster_doubt(txn, ACCOUNT));
	TRY(store_roster_erase(txn, ACCOUNT, 9, &more));
	TRY(store_service_forget(txn, ACCOUNT, &more));
	return store_job_del(txn, 1);
}

static enum pubsub_error read_all(
	struct fixture *f, struct store_txn *txn, const struct pubsub_node *node)
{
	const struct store_range range = {.limit = 9};
	const struct store_number_range numbers = {.limit = 9};
	const struct store_entity_range of_entity = {
		.service = SERVICE, .bare = "a@b", .skip = 1, .limit = 9};
	const struct store_subscription_range pending = {.pending = true, .limit = 9};
	const struct store_item_range item_range = {.limit = 9, .backward = true};
	struct store_entity_subscription *mine;
	struct pubsub_subscription *subscriptions;
	struct pubsub_affiliate *affiliates;
	struct store_contact *contacts;
	struct store_presence *presences;
	struct store_silence *silences;
	struct store_job *jobs;
	struct pubsub_texts texts;
	struct pubsub_node *nodes;
	struct pubsub_item *items;
	size_t n;
	uint64_t number;
	uint32_t sid = 0;
	const char *text;
	bool found;

	TRY(store_nodes_page(txn, SERVICE, &range, f->arena, &nodes, &n));
	TRY(store_nodes_by_number(txn, SERVICE, &numbers, f->arena, &nodes, &n));
	TRY(store_nodes_count(txn, SERVICE, &number));
	TRY(store_items_page(txn, node, &item_range, f->arena, &items, &n));
	TRY(store_items_seek(txn, node, 0, &number));
	TRY(store_nodes_due(txn, UINT64_MAX, 9, f->arena, &nodes, &n));
	TRY(store_publisher_nodes(txn, "a@b", SIZE_MAX, f->arena, &nodes, &n));
	TRY(store_subscriptions_page(txn, node, &pending, f->arena, &subscriptions, &n));
	TRY(store_entity_subscriptions(txn, NULL, "a@b", f->arena, &mine, &n));
	TRY(store_affiliations_page(txn, node, &range, f->arena, &affiliates, &n));
	TRY(store_entity_service_next(txn, "a@b", &sid, f->arena, &text));
	TRY(store_entity_count(txn, &of_entity, STORE_ENTITY_SUBSCRIPTIONS, &number));
	TRY(store_entity_affiliations(txn, SERVICE, "a@b", f->arena, &affiliates, &n));
	TRY(store_roster_fetched(txn, ACCOUNT, &number));
	TRY(store_contacts_get(txn, ACCOUNT, f->arena, &contacts, &n));
	TRY(store_contact_accounts(txn, "horatio@denmark.lit", f->arena, &texts));
	TRY(store_presences_page(txn, NULL, 9, f->arena, &presences, &n));
	TRY(store_silences_page(txn, NULL, 9, f->arena, &silences, &n));
	TRY(store_caps_get(txn, "k", f->arena, &texts, &found));
	return store_jobs_page(txn, 0, 9, f->arena, &jobs, &n);
}

static enum pubsub_error change_everything(struct fixture *f, struct store_txn *txn)
{
	struct pubsub_node *node;

	TRY(store_node_get(txn, SERVICE, "news", f->arena, &node));
	TRY(read_all(f, txn, node));
	TRY(change_items(f, txn, node));
	TRY(change_entities(f, txn, node));
	TRY(change_others(f, txn));
	TRY(change_relations(f, txn));
	return change_nodes(f, txn);
}

/* The way of a turn: what fails is aborted, what is committed has gone well. */
static enum pubsub_error turn(struct fixture *f)
{
	struct store_txn *txn;
	enum pubsub_error err = store_begin(f->store, STORE_WRITE, &txn);

	if (err != PUBSUB_OK)
		return err;
	err = change_everything(f, txn);
	if (err == PUBSUB_OK)
		return store_commit(txn);
	store_abort(txn);
	return err;
}

static void prepare(struct fixture *f)
{
	static const struct store_contact contact = {
		"horatio@denmark.lit", STORE_ROSTER_BOTH, {NULL, 0}};
	struct store_job job = {.kind = 1, .cursor = "", .data = "d", .data_len = 1};
	struct pubsub_node *node;

	writing(f);
	node = make_node(f, SERVICE, "news");
	expire_after(f, node, 1);
	ok(store_publisher_put(f->txn, node, "a@b"));
	publish(f, node, "a", 1);
	publish(f, node, "b", 2);
	publish(f, node, "c", 3);
	subscribe(f, node, "a@b", "1", PUBSUB_SUBSCRIPTION_SUBSCRIBED);
	subscribe(f, node, "b@b", "1", PUBSUB_SUBSCRIPTION_PENDING);
	ok(store_affiliation_put(f->txn, node, "a@b", PUBSUB_AFFILIATION_OWNER));
	publish(f, make_node(f, SERVICE, "old"), "o", 1);
	ok(store_child_put(f->txn, make_node(f, SERVICE, "blogs"), get_node(f, SERVICE, "old")));
	ok(store_roster_put(f->txn, ACCOUNT, &contact, 1, 1));
	ok(store_caps_put(f->txn, "k", (struct pubsub_texts){NULL, 0}));
	ok(store_job_put(f->txn, &job));
	ok(store_commit(f->txn));
	f->txn = NULL;
}

static void fail_at_every_call(struct fixture *f, bool onwards)
{
	const char *before, *after;
	uint64_t at, calls;

	prepare(f);
	f->store = store_open_fail(f->store);
	before = dump(f);
	store_fail_arm(f->store, UINT64_MAX, false);
	ok(store_begin(f->store, STORE_WRITE, &f->txn));
	ok(change_everything(f, f->txn));
	after = dump(f);
	calls = store_fail_calls(f->store);
	aborting(f);
	assert_string_equal(dump(f), before);
	assert_in_range(calls, 150, 1000);
	for (at = 1;; at++) {
		store_fail_arm(f->store, at, onwards);
		if (turn(f) == PUBSUB_OK)
			break;
		assert_true(store_fail_calls(f->store) >= at);
		store_fail_arm(f->store, 0, false);
		assert_string_equal(dump(f), before);
	}
	store_fail_arm(f->store, 0, false);
	assert_string_equal(dump(f), after);
	assert_in_range(at, 150, calls);
}

static void test_one_failing_call_leaves_all_or_nothing_in_memory(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open_mem(&f);
	fail_at_every_call(&f, false);
	fixture_close(&f);
}

static void test_failing_calls_leave_all_or_nothing_in_memory(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open_mem(&f);
	fail_at_every_call(&f, true);
	fixture_close(&f);
}

static void test_one_failing_call_leaves_all_or_nothing_in_lmdb(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open_lmdb(&f);
	fail_at_every_call(&f, false);
	fixture_close(&f);
}

static void test_after_a_failure_nothing_can_be_committed(void **state)
{
	struct pubsub_node *node;
	struct fixture f;
	const char *before;

	(void)state;
	fixture_open_fail(&f);
	writing(&f);
	node = make_node(&f, SERVICE, "news");
	writing(&f);
	before = dump(&f);
	publish(&f, node, "a", 1);
	store_fail_arm(f.store, 1, false);
	assert_int_equal(store_node_purge(f.txn, node), PUBSUB_ERR_STORE_FAILED);
	publish(&f, node, "b", 1);
	assert_int_equal(store_commit(f.txn), PUBSUB_ERR_STORE_FAILED);
	f.txn = NULL;
	assert_string_equal(dump(&f), before);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_failing_call_leaves_all_or_nothing_in_memory),
		cmocka_unit_test(test_failing_calls_leave_all_or_nothing_in_memory),
		cmocka_unit_test(test_one_failing_call_leaves_all_or_nothing_in_lmdb),
		cmocka_unit_test(test_after_a_failure_nothing_can_be_committed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
