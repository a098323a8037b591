#include "goods.h"

#include <string.h>

#include "peppy/store.h"

static void ask(struct rig *rig, const char *request)
{
	const char *answer = rig_ask(rig, request);

	if (strstr(answer, "'result'") == NULL)
		fail_msg("%s", answer);
}

static void ok(enum pubsub_error err)
{
	assert_int_equal(err, PUBSUB_OK);
}

static struct pubsub_node *make_collection(
	struct rig *rig, struct store_txn *txn, const char *node_id)
{
	struct pubsub_node *node = arena_alloc(rig->arena, sizeof *node);

	node->service = RIG_HOST;
	node->node_id = node_id;
	node->created_us = RIG_NOW_US;
	node->config = pubsub_node_config_default;
	node->config.node_type = PUBSUB_NODE_COLLECTION;
	ok(store_node_create(txn, node));
	return node;
}

/* In two collections, one of which is in the root. */
static void fill_collections(struct rig *rig, struct store_txn *txn, struct pubsub_node *leaf)
{
	struct pubsub_node *root = make_collection(rig, txn, "");
	struct pubsub_node *above = make_collection(rig, txn, "above");
	struct pubsub_node *beside = make_collection(rig, txn, "zz beside");

	ok(store_child_put(txn, root, above));
	ok(store_child_put(txn, above, leaf));
	ok(store_child_put(txn, beside, leaf));
}

/* A lease, and a digest for which an event waits. */
static void fill_subscriptions(struct rig *rig, struct store_txn *txn, struct pubsub_node *node)
{
	struct pubsub_subscription row = {
		.sub_id = "1",
		.state = PUBSUB_SUBSCRIPTION_SUBSCRIBED,
		.options = pubsub_subscribe_options_default,
		.due_us = 1,
	};

	assert_true(jid_parse("lease@denmark.lit", rig->arena, &row.subscriber));
	row.options.expire_us = RIG_NOW_US + UINT64_C(3600000000);
	ok(store_subscription_put(txn, node, &row));
	assert_true(jid_parse("digest@denmark.lit/a", rig->arena, &row.subscriber));
	row.options = pubsub_subscribe_options_default;
	row.options.digest = true;
	row.digest = (struct pubsub_digest){.due_us = 1, .bytes = 11};
	ok(store_subscription_put(txn, node, &row));
	ok(store_digest_put(txn, node, &row, "<e>&amp;</e>", 12));
}

void goods_fill(struct rig *rig)
{
	struct pubsub_node *node;
	struct store_txn *txn;

	ask(rig, "{'command':'nodes create','node':'a\\n<&>','as':'hamlet@denmark.lit',"
		 "'config':{'title':'T','access_model':'authorize','item_expire':'3600',"
		 "'contact':['a@b','c@d'],'children_max':'7','language':'da'}}");
	ask(rig, "{'command':'items publish','node':'a\\n<&>','item':'1','payload':'<e/>'}");
	ask(rig, "{'command':'items publish','node':'a\\n<&>','item':'2',"
		 "'payload':'<e xmlns=\\u0022u\\u0022>&lt; xi:y</e>'}");
	rig->later_us += 1000000;
	ask(rig, "{'command':'items publish','node':'a\\n<&>','item':'1','payload':'<f/>'}");
	ask(rig, "{'command':'affiliations set','node':'a\\n<&>','jid':'x@denmark.lit',"
		 "'affiliation':'outcast'}");
	ask(rig, "{'command':'subscriptions set','node':'a\\n<&>','jid':'y@denmark.lit/z',"
		 "'state':'subscribed'}");
	ask(rig, "{'command':'nodes create','service':'hamlet@denmark.lit','node':'urn:mood',"
		 "'config':{'persist_items':false}}");
	ask(rig, "{'command':'nodes create','node':'empty'}");
	ok(store_begin(rig->store, STORE_WRITE, &txn));
	ok(store_node_get(txn, RIG_HOST, "a\n<&>", rig->arena, &node));
	fill_collections(rig, txn, node);
	fill_subscriptions(rig, txn, node);
	ok(store_commit(txn));
}
