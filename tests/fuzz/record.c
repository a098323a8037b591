/* The law of the store's rows: whatever bytes stand in one, in its value or in its key, no
 * operation does worse than to fail, and a configuration that can be read is the same after it was
 * written.
 *
 * Input: the number of a row; how much of its key is kept (0: all); then the value or the new end
 * of the key. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "peppy/store_contacts.h"
#include "store/txn.h"

#define SERVICE "s"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(enum pubsub_error err)
{
	assert(err == PUBSUB_OK);
}

/* An error is as good as a success here. */
static void may(enum pubsub_error err)
{
	(void)err;
}

/* ---- a store with rows of every kind ---- */

static char *long_text(struct arena *arena)
{
	return memset(arena_alloc(arena, 201), 'x', 200);
}

static void fill_node(struct store_txn *txn, struct pubsub_node *node, struct arena *arena)
{
	struct pubsub_item item = {.id = "i", .payload = "<x/>", .payload_len = 4};
	struct pubsub_subscription subscription = {
		.sub_id = "1", .state = PUBSUB_SUBSCRIPTION_PENDING};
	bool replaced;

	node->config = pubsub_node_config_default;
	node->config.item_expire_s = 1;
	must(store_node_create(txn, node));
	must(store_item_put(txn, node, &item, &replaced));
	item.id = long_text(arena);
	must(store_item_put(txn, node, &item, &replaced));
	jid_take("a@b/c", arena, &subscription.subscriber);
	subscription.due_us = subscription.digest.due_us = 1;
	must(store_subscription_put(txn, node, &subscription));
	must(store_digest_put(txn, node, &subscription, "<e/>", 4));
	jid_take(long_text(arena), arena, &subscription.subscriber);
	must(store_subscription_put(txn, node, &subscription));
	must(store_publisher_put(txn, node, "a@b"));
	must(store_affiliation_put(txn, node, "a@b", PUBSUB_AFFILIATION_OWNER));
	must(store_affiliation_put(txn, node, long_text(arena), PUBSUB_AFFILIATION_OWNER));
}

static void fill(struct store_txn *txn, struct arena *arena)
{
	static const char *const groups[] = {"g", ""};
	const struct store_contact contact = {"a@b", STORE_ROSTER_BOTH, {groups, 2}};
	struct store_presence presence = {.component = "p", .caps = "c"};
	struct pubsub_node live = {.service = SERVICE, .node_id = "n"};
	struct pubsub_node doomed = {.service = SERVICE, .node_id = "d"};
	struct pubsub_node collection = {.service = SERVICE, .node_id = "c"};
	struct store_job job = {.cursor = "", .data = "d", .data_len = 1};

	fill_node(txn, &live, arena);
	fill_node(txn, &doomed, arena);
	must(store_node_create(txn, &collection));
	must(store_child_put(txn, &collection, &live));
	must(store_child_put(txn, &doomed, &live));
	must(store_node_del(txn, &doomed, "xmpp:x"));
	must(store_roster_put(txn, SERVICE, &contact, 1, 1));
	jid_take("a@b/c", arena, &presence.jid);
	must(store_presence_put(txn, &presence));
	must(store_silence_put(txn, &(struct store_silence){"a.lit", 1, 2}));
	must(store_caps_put(txn, "c", (struct pubsub_texts){groups, 2}));
	must(store_job_put(txn, &job));
}

static struct store *filled_store(struct arena *arena)
{
	static struct store *store; /* every input aborts, so that it stays what it is */
	struct store_txn *txn;

	if (store == NULL) {
		must(store_open_mem(&store));
		must(store_begin(store, STORE_WRITE, &txn));
		fill(txn, arena);
		must(store_commit(txn));
	}
	return store;
}

/* ---- damage ---- */

static bool find_row(struct store_txn *txn, unsigned number, enum tree *tree_out, struct row *out)
{
	struct walk walk;
	int tree;

	for (tree = 0; tree < TREE_COUNT; tree++) {
		walk_tree(&walk, txn, (enum tree)tree);
		for (;;) {
			must(walk_next(&walk, out));
			if (out->key.data == NULL)
				break;
			*tree_out = (enum tree)tree;
			if (number-- == 0)
				return true;
		}
	}
	return false;
}

static void put_raw(
	struct store_txn *txn, enum tree tree, const struct key *key, struct bytes value)
{
	buf_truncate(&txn->store->record, 0);
	must(txn_put_with(txn, tree, key, value));
}

static void damage(struct store_txn *txn, const struct row *row, enum tree tree, size_t kept,
	struct bytes with)
{
	struct key key;

	key_init(&key);
	if (kept == 0) {
		key_add_bytes(&key, row->key);
		put_raw(txn, tree, &key, with);
		return;
	}
	if (kept > row->key.len)
		kept = row->key.len;
	if (with.len > ENGINE_KEY_MAX - kept)
		with.len = ENGINE_KEY_MAX - kept;
	key_add_bytes(&key, (struct bytes){row->key.data, kept});
	key_add_bytes(&key, with);
	put_raw(txn, tree, &key, row->value);
}

/* ---- operations ---- */

static void assert_configuration_survives(
	struct store_txn *txn, struct pubsub_node *node, struct arena *arena)
{
	struct pubsub_node *again;
	size_t i;

	must(store_node_configure(txn, node, &node->config));
	must(store_node_get(txn, SERVICE, "n", arena, &again));
	for (i = 0; i < pubsub_node_config_type.n; i++)
		assert(pubsub_field_equal(
			&pubsub_node_config_type.v[i], &again->config, &node->config));
}

static void read_node(struct store_txn *txn, struct pubsub_node *node, struct arena *arena)
{
	const struct store_range range = {.limit = 9};
	const struct store_item_range items = {.limit = 9, .backward = true};
	const struct store_subscription_range all = {.limit = 9};
	const struct store_subscription_range pending = {.pending = true, .limit = 9};
	struct pubsub_affiliate *affiliates;
	struct pubsub_subscription *subscriptions;
	const struct store_digest_range waiting = {.bytes = 9};
	struct pubsub_subscription subscription = {.sub_id = "1"};
	struct pubsub_item *found, item;
	struct store_digest digest;
	const struct store_number_range numbers = {.limit = 9};
	struct pubsub_node *nodes;
	size_t n;

	may(store_item_get(txn, node, "i", &item));
	may(store_items_page(txn, node, &items, arena, &found, &n));
	may(store_affiliations_page(txn, node, &range, arena, &affiliates, &n));
	may(store_subscriptions_page(txn, node, &all, arena, &subscriptions, &n));
	may(store_subscriptions_page(txn, node, &pending, arena, &subscriptions, &n));
	jid_take("a@b/c", arena, &subscription.subscriber);
	may(store_digest_page(txn, node, &subscription, &waiting, arena, &digest));
	if (store_parents_get(txn, node, arena, &nodes, &n) == PUBSUB_OK && n > 0)
		may(store_children_page(txn, &nodes[0], &numbers, arena, &nodes, &n));
}

static void read_others(struct store_txn *txn, struct arena *arena)
{
	const struct store_range range = {.limit = 9};
	struct store_entity_subscription *subscriptions;
	struct pubsub_affiliate *affiliates;
	struct store_presence *presences;
	struct store_silence *silences;
	struct store_contact *contacts;
	struct pubsub_node *nodes;
	struct pubsub_texts texts;
	struct store_job *jobs;
	uint64_t number;
	bool found;
	size_t n;

	may(store_nodes_page(txn, SERVICE, &range, arena, &nodes, &n));
	may(store_nodes_count(txn, SERVICE, &number));
	may(store_subscriptions_due(txn, UINT64_MAX, 9, arena, &subscriptions, &n));
	may(store_nodes_due(txn, UINT64_MAX, 9, arena, &nodes, &n));
	may(store_publisher_nodes(txn, "a@b", SIZE_MAX, arena, &nodes, &n));
	may(store_entity_subscriptions(txn, NULL, "a@b", arena, &subscriptions, &n));
	may(store_entity_affiliations(txn, SERVICE, "a@b", arena, &affiliates, &n));
	may(store_roster_fetched(txn, SERVICE, &number));
	may(store_contacts_get(txn, SERVICE, arena, &contacts, &n));
	may(store_contact_accounts(txn, "a@b", arena, &texts));
	may(store_presences_page(txn, NULL, 9, arena, &presences, &n));
	may(store_silences_page(txn, NULL, 9, arena, &silences, &n));
	may(store_caps_get(txn, "c", arena, &texts, &found));
	may(store_jobs_page(txn, 0, 9, arena, &jobs, &n));
}

static void on_problem(void *ctx, const char *text)
{
	(void)ctx;
	assert(*text != '\0');
}

static void check(struct store_txn *txn)
{
	const struct store_check report = {.problem = on_problem};
	struct store_checked checked;

	txn->mode = STORE_READ; /* what was damaged is not committed */
	may(store_check(txn, &report, &checked));
	txn->mode = STORE_WRITE;
}

static void write_all(struct store_txn *txn, struct pubsub_node *node, struct arena *arena)
{
	struct pubsub_subscription subscription = {
		.sub_id = "1", .state = PUBSUB_SUBSCRIPTION_SUBSCRIBED};
	struct pubsub_item item = {.id = "i", .published_us = 5};
	struct store_job job = {.cursor = ""};
	struct pubsub_node *collection;
	struct pubsub_texts texts;
	bool flag;

	jid_take("a@b/c", arena, &subscription.subscriber);
	if (store_node_get(txn, SERVICE, "c", arena, &collection) == PUBSUB_OK) {
		may(store_child_del(txn, collection, node));
		may(store_child_put(txn, collection, node));
	}
	may(store_subscription_put(txn, node, &subscription));
	may(store_subscription_del(txn, node, &subscription));
	may(store_item_put(txn, node, &item, &flag));
	may(store_items_trim(txn, node, 1, arena, &texts));
	may(store_item_del(txn, node, "i"));
	may(store_node_purge(txn, node));
	may(store_erase(txn, 50, &flag));
	may(store_node_del(txn, node, NULL));
	may(store_roster_put(txn, SERVICE, NULL, 0, 1));
	may(store_caps_put(txn, "c", (struct pubsub_texts){NULL, 0}));
	may(store_job_put(txn, &job));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena;
	struct store_txn *txn;
	struct pubsub_node *node;
	enum tree tree;
	struct row row;

	if (size < 2)
		return 0;
	arena = arena_create();
	must(store_begin(filled_store(arena), STORE_WRITE, &txn));
	if (find_row(txn, data[0], &tree, &row)) {
		row.value.data = (unsigned char *)arena_memdup(
			arena, row.value.data, row.value.len); /* it moves with the first write */
		damage(txn, &row, tree, data[1], (struct bytes){data + 2, size - 2});
		check(txn);
		read_others(txn, arena);
		if (store_node_get(txn, SERVICE, "n", arena, &node) == PUBSUB_OK) {
			assert_configuration_survives(txn, node, arena);
			read_node(txn, node, arena);
			write_all(txn, node, arena);
		}
	}
	store_abort(txn);
	arena_destroy(arena);
	return 0;
}
