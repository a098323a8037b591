/* Collections (XEP-0248): random changes of who is whose child against a model of two arrays, and
 * who hears of what is published below. */
#include "world.h"

#include "peppy/array.h"

#define COLLECTIONS 5
#define NODES 7 /* the last two are leaves */
#define STEPS 400
#define TYPES 3

static const char *const node_ids[NODES] = {"a", "b", "c", "d", "e", "leaf", "other"};
static const char *const depths[] = {"1", "2", "all"};
static const char *const types[TYPES] = {"items", "nodes", "all"};

struct model {
	struct world *w;
	bool child[NODES][NODES]; /* of the first */
	uint64_t random;
};

static unsigned pick(struct model *m, unsigned n)
{
	m->random = m->random * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (unsigned)(m->random >> 33) % n;
}

/* The fewest steps down from one to the other; 0: there is no way. */
static unsigned distance(const struct model *m, int from, int to)
{
	unsigned best = 0;

	for (int i = 0; i < NODES; i++) {
		unsigned more = 0;

		if (!m->child[from][i])
			continue;
		if (i == to)
			return 1;
		more = distance(m, i, to);
		if (more > 0 && (best == 0 || more + 1 < best))
			best = more + 1;
	}
	return best;
}

static bool is_above(const struct model *m, int above, int node)
{
	return above == node || distance(m, above, node) > 0;
}

static enum pubsub_error run(struct model *m, service_fn fn, struct pubsub_request *r)
{
	return world_run(m->w, fn, r);
}

/* ---- changes, and what is to come of them ---- */

static void do_associate(struct model *m)
{
	const int parent = (int)pick(m, NODES), child = (int)pick(m, NODES);
	struct pubsub_request r = world_request(m->w, HAMLET, node_ids[parent]);
	enum pubsub_error expected = PUBSUB_OK;

	r.child = node_ids[child];
	if (m->child[parent][child])
		expected = PUBSUB_OK;
	else if (parent >= COLLECTIONS || is_above(m, child, parent))
		expected = PUBSUB_ERR_COLLECTION_INVALID;
	assert_int_equal(run(m, service_associate, &r), expected);
	m->child[parent][child] = m->child[parent][child] || expected == PUBSUB_OK;
}

static void do_dissociate(struct model *m)
{
	const int parent = (int)pick(m, COLLECTIONS), child = (int)pick(m, NODES);
	struct pubsub_request r = world_request(m->w, HAMLET, node_ids[parent]);

	r.child = node_ids[child];
	r.dissociate = true;
	assert_int_equal(run(m, service_associate, &r),
		m->child[parent][child] ? PUBSUB_OK : PUBSUB_ERR_NOT_ASSOCIATED);
	m->child[parent][child] = false;
}

static void set_names(struct pubsub_request *r, const char *var, struct model *m, const bool *set)
{
	const struct pubsub_form_type *type = &pubsub_node_config_type;
	const struct pubsub_field *field = pubsub_field_find(type, var);
	const char **v = arena_alloc(m->w->arena, NODES * sizeof *v);
	size_t n = 0;

	for (int i = 0; i < NODES; i++)
		if (set[i])
			v[n++] = node_ids[i];
	assert_true(pubsub_field_set(field, (struct pubsub_texts){v, n}, m->w->arena, &r->config));
	r->config_state = PUBSUB_FORM_SUBMIT;
	r->config_set |= pubsub_field_bit(type, field);
}

static void do_configure_parents(struct model *m)
{
	const int node = (int)pick(m, NODES);
	struct pubsub_request r = world_request(m->w, HAMLET, node_ids[node]);
	bool parents[NODES] = {false};
	enum pubsub_error expected = PUBSUB_OK;

	for (int i = 0; i < NODES; i++) {
		parents[i] = pick(m, 4) == 0;
		if (parents[i] && !m->child[i][node] && (i >= COLLECTIONS || is_above(m, node, i)))
			expected = PUBSUB_ERR_COLLECTION_INVALID;
	}
	set_names(&r, "pubsub#collection", m, parents);
	assert_int_equal(run(m, service_node_configure, &r), expected);
	for (int i = 0; i < NODES && expected == PUBSUB_OK; i++)
		m->child[i][node] = parents[i];
}

static void do_configure_children(struct model *m)
{
	const int node = (int)pick(m, NODES);
	struct pubsub_request r = world_request(m->w, HAMLET, node_ids[node]);
	bool children[NODES] = {false};
	enum pubsub_error expected = PUBSUB_OK;

	for (int i = 0; i < NODES; i++) {
		children[i] = pick(m, 4) == 0;
		if (children[i] && (node >= COLLECTIONS || is_above(m, i, node)))
			expected = PUBSUB_ERR_COLLECTION_INVALID;
	}
	set_names(&r, "pubsub#children", m, children);
	assert_int_equal(run(m, service_node_configure, &r), expected);
	for (int i = 0; i < NODES && expected == PUBSUB_OK; i++)
		m->child[node][i] = children[i];
}

/* ---- what shows ---- */

static bool names(struct pubsub_texts texts, const char *text)
{
	for (size_t i = 0; i < texts.n; i++)
		if (strcmp(texts.v[i], text) == 0)
			return true;
	return false;
}

static void assert_shown(struct model *m)
{
	for (int node = 0; node < NODES; node++) {
		struct pubsub_request r = world_request(m->w, HAMLET, node_ids[node]);
		size_t parents = 0, children = 0;

		assert_int_equal(run(m, service_node_configuration, &r), PUBSUB_OK);
		for (int i = 0; i < NODES; i++) {
			const struct pubsub_node_config *config = &m->w->answer.config;

			parents += m->child[i][node];
			children += m->child[node][i];
			assert_int_equal(names(config->collection, node_ids[i]), m->child[i][node]);
			assert_int_equal(names(config->children, node_ids[i]), m->child[node][i]);
		}
		assert_int_equal(m->w->answer.config.collection.n, parents);
		assert_int_equal(m->w->answer.config.children.n, children);
		assert_int_equal(m->w->answer.node->children, children);
	}
}

/* ---- who hears ---- */

static const char *subscriber(struct model *m, int collection, size_t type, size_t depth)
{
	return arena_printf(m->w->arena, "%s-%s-%s@denmark.lit", node_ids[collection], types[type],
		depths[depth]);
}

static void subscribe_all(struct model *m)
{
	for (int i = 0; i < COLLECTIONS; i++)
		for (size_t type = 0; type < TYPES; type++)
			for (size_t depth = 0; depth < ARRAY_COUNT(depths); depth++) {
				const char *jid = subscriber(m, i, type, depth);
				struct pubsub_request r =
					world_request_jid(m->w, jid, node_ids[i], jid);

				world_option(m->w, &r, "pubsub#subscription_type", types[type]);
				world_option(m->w, &r, "pubsub#subscription_depth", depths[depth]);
				assert_int_equal(run(m, service_subscribe, &r), PUBSUB_OK);
			}
}

static const struct pubsub_recipient *find(
	const struct pubsub_recipient *v, size_t n, const char *jid)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(v[i].jid, jid) == 0)
			return &v[i];
	return NULL;
}

/* One whose subscription reaches so far down, by that collection, and nobody else. */
static void assert_heard(struct model *m, const struct pubsub_recipient *v, size_t n, int leaf)
{
	size_t expected = 0;

	for (int i = 0; i < COLLECTIONS; i++) {
		const unsigned steps = distance(m, i, leaf);

		for (size_t type = 0; type < TYPES; type++)
			for (size_t depth = 0; depth < ARRAY_COUNT(depths); depth++) {
				const bool hears = steps > 0 && type != 1 &&
						   (depth == 2 || steps <= depth + 1);
				const struct pubsub_recipient *found =
					find(v, n, subscriber(m, i, type, depth));

				expected += hears;
				assert_int_equal(found != NULL, hears);
				if (found == NULL)
					continue;
				assert_int_equal(found->collections.n, 1);
				assert_string_equal(found->collections.v[0], node_ids[i]);
			}
	}
	assert_int_equal(n, expected);
}

static void do_publish(struct model *m)
{
	const int leaf = COLLECTIONS + (int)pick(m, NODES - COLLECTIONS);
	const struct pubsub_event *event = NULL;

	world_publish(m->w, node_ids[leaf], "1");
	event = m->w->service.events;
	assert_heard(m, event != NULL ? event->recipients : NULL,
		event != NULL ? event->recipient_count : 0, leaf);
}

/* Page by page, of any length, it is the same. */
static void do_publish_deferred(struct model *m)
{
	const int leaf = COLLECTIONS + (int)pick(m, NODES - COLLECTIONS);
	struct pubsub_recipient v[COLLECTIONS * TYPES * ARRAY_COUNT(depths)];
	struct service_fanout fanout = {.limit = 1 + pick(m, 5)};
	const char *after = "";
	struct pubsub_event page;
	size_t n = 0;

	m->w->profile.fanout_max = 0;
	world_publish(m->w, node_ids[leaf], "1");
	m->w->profile.fanout_max = 1000;
	fanout.event = m->w->service.events;
	while (fanout.event != NULL && after != NULL) {
		fanout.after = after;
		page = *fanout.event;
		assert_true(page.deferred);
		assert_int_equal(
			service_fanout_page(&m->w->service, &fanout, &page, &after), PUBSUB_OK);
		for (size_t i = 0; i < page.recipient_count; i++)
			v[n++] = page.recipients[i];
	}
	assert_heard(m, v, n, leaf);
}

static void (*const operations[])(struct model *m) = {
	do_associate,
	do_associate,
	do_dissociate,
	do_configure_parents,
	do_configure_children,
	do_publish,
	do_publish_deferred,
};

static void test_random_trees_have_no_circles_and_look_the_same_from_both_ends(void **state)
{
	struct model m = {.w = *state, .random = 1};

	m.w->profile.collections = true;
	for (int i = 0; i < NODES; i++)
		world_create(m.w, node_ids[i], "pubsub#node_type",
			i < COLLECTIONS ? "collection" : "leaf");
	subscribe_all(&m);
	for (int step = 0; step < STEPS; step++) {
		operations[pick(&m, ARRAY_COUNT(operations))](&m);
		assert_shown(&m);
		for (int i = 0; i < NODES; i++)
			assert_int_equal(distance(&m, i, i), 0);
	}
}

/* ---- borders ---- */

static void create_children(struct world *w, const char *collection, int n)
{
	for (int i = 0; i < n; i++)
		world_create(w, arena_printf(w->arena, "%s %d", collection, i), "pubsub#collection",
			collection);
}

static uint64_t bit(const char *var)
{
	const struct pubsub_form_type *type = &pubsub_node_config_type;

	return pubsub_field_bit(type, pubsub_field_find(type, var));
}

static void test_more_children_than_a_form_holds_are_not_named_nor_set(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, HAMLET, "c");

	w->profile.collections = true;
	world_create(w, "c", "pubsub#node_type", "collection");
	create_children(w, "c", 1000);
	assert_int_equal(world_run(w, service_node_configuration, &r), PUBSUB_OK);
	assert_int_equal(w->answer.config.children.n, 1000);
	assert_false(w->answer.config_hidden & bit("pubsub#children"));
	world_create(w, "one more", "pubsub#collection", "c");
	assert_int_equal(world_run(w, service_node_configuration, &r), PUBSUB_OK);
	assert_int_equal(w->answer.config.children.n, 0);
	assert_true(w->answer.config_hidden & bit("pubsub#children"));
	world_config(w, &r, "pubsub#children", "one more");
	assert_int_equal(world_run(w, service_node_configure, &r), PUBSUB_ERR_CONFIG_INVALID);
	assert_string_equal(w->answer.detail, "pubsub#children");
}

static void test_a_tree_has_a_height(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = {0};

	w->profile.collections = true;
	world_create(w, "0", "pubsub#node_type", "collection");
	for (int i = 1; i <= 128; i++) {
		r = world_request(w, HAMLET, arena_printf(w->arena, "%d", i));
		world_config(w, &r, "pubsub#node_type", "collection");
		world_config(w, &r, "pubsub#collection", arena_printf(w->arena, "%d", i - 1));
		assert_int_equal(world_run(w, service_node_create, &r), PUBSUB_OK);
	}
	r = world_request(w, HAMLET, "leaf");
	world_config(w, &r, "pubsub#collection", "128");
	assert_int_equal(world_run(w, service_node_create, &r), PUBSUB_ERR_COLLECTION_FULL);
}

static void test_accounts_have_none(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, HAMLET, "a");

	world_config(w, &r, "pubsub#node_type", "collection");
	assert_int_equal(world_run(w, service_node_create, &r), PUBSUB_ERR_UNSUPPORTED);
	assert_string_equal(w->answer.detail, "collections");
	world_create(w, "b", NULL, NULL);
	r = world_request(w, HAMLET, "b");
	world_config(w, &r, "pubsub#collection", "a");
	assert_int_equal(world_run(w, service_node_configure, &r), PUBSUB_ERR_UNSUPPORTED);
	r = world_request(w, HAMLET, "b");
	r.child = "b";
	assert_int_equal(world_run(w, service_associate, &r), PUBSUB_ERR_UNSUPPORTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_random_trees_have_no_circles_and_look_the_same_from_both_ends),
		WORLD_TEST(test_more_children_than_a_form_holds_are_not_named_nor_set),
		WORLD_TEST(test_a_tree_has_a_height),
		ACCOUNT_TEST(test_accounts_have_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
