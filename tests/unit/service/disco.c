/* disco.c - discovery of nodes and items. */
#include "world.h"

#include "peppy/array.h"

static enum pubsub_error items(struct world *w, const struct pubsub_request *r)
{
	return world_run(w, service_disco_items, r);
}

static const char *names(struct world *w)
{
	const char *text = "";

	for (size_t i = 0; i < w->answer.node_count; i++)
		text = arena_printf(
			w->arena, "%s%s%s", text, i > 0 ? " " : "", w->answer.nodes[i].node_id);
	return text;
}

/* a and d are open, b is ophelia's to read, c nobody's. */
static void nodes(struct world *w)
{
	world_create(w, "a", "pubsub#title", "The first");
	world_create(w, "b", "pubsub#access_model", "whitelist");
	world_affiliate(w, "b", OPHELIA, PUBSUB_AFFILIATION_MEMBER);
	world_create(w, "c", "pubsub#access_model", "whitelist");
	world_create(w, "d", NULL, NULL);
}

static void test_everybody_sees_what_he_may_see(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, ROMEO, NULL);

	nodes(w);
	assert_int_equal(items(w, &r), PUBSUB_OK);
	assert_string_equal(names(w), "a d");
	assert_string_equal(w->answer.nodes[0].config.title, "The first");
	assert_false(w->answer.page.present);
	r = world_request(w, OPHELIA, NULL);
	assert_int_equal(items(w, &r), PUBSUB_OK);
	assert_string_equal(names(w), "a b d");
	r = world_request(w, HAMLET, NULL);
	assert_int_equal(items(w, &r), PUBSUB_OK);
	assert_string_equal(names(w), "a b c d");
}

static void test_a_closed_authorize_node_is_seen_by_its_subscribers(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, ROMEO, NULL);

	world_create(w, "n", "pubsub#access_model", "authorize");
	assert_int_equal(items(w, &r), PUBSUB_OK);
	assert_string_equal(names(w), "n"); /* he may ask */
	world_affiliate(w, "n", ROMEO, PUBSUB_AFFILIATION_MEMBER);
	world_subscribe(w, "n", ROMEO);
	world_affiliate(w, "n", ROMEO, PUBSUB_AFFILIATION_NONE);
	world_configure(w, "n", "pubsub#subscribe", "0");
	assert_int_equal(items(w, &r), PUBSUB_OK);
	assert_string_equal(names(w), "n");
	r = world_request(w, OPHELIA, NULL);
	assert_int_equal(items(w, &r), PUBSUB_OK);
	assert_string_equal(names(w), "");
}

static void test_pages_of_nodes_skip_what_is_hidden(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, ROMEO, NULL);

	nodes(w);
	r.rsm = (struct pubsub_rsm){.present = true, .has_max = true, .max = 1};
	assert_int_equal(items(w, &r), PUBSUB_OK);
	assert_string_equal(names(w), "a");
	assert_true(w->answer.page.present);
	assert_false(w->answer.page.has_count); /* it would tell of hidden ones */
	r.rsm.after = w->answer.page.last;
	assert_int_equal(items(w, &r), PUBSUB_OK);
	assert_string_equal(names(w), "d");
	r.rsm.after = w->answer.page.last;
	assert_int_equal(items(w, &r), PUBSUB_OK);
	assert_string_equal(names(w), "");
	assert_null(w->answer.page.last);
	r.rsm.after = NULL;
	r.rsm.before = "";
	assert_int_equal(items(w, &r), PUBSUB_OK);
	assert_string_equal(names(w), "d");
	r.rsm.before = w->answer.page.first;
	assert_int_equal(items(w, &r), PUBSUB_OK);
	assert_string_equal(names(w), "a");
	r.rsm.max = 10;
	r.rsm.before = "";
	assert_int_equal(items(w, &r), PUBSUB_OK);
	assert_string_equal(names(w), "a d");
	r.rsm = (struct pubsub_rsm){.present = true, .has_index = true, .index = 1};
	assert_int_equal(items(w, &r), PUBSUB_ERR_RSM_INDEX);
}

/* As many as are looked at for an answer: the page is empty, and yet not the last one. */
static void test_pages_go_on_behind_any_number_of_hidden_nodes(void **state)
{
	enum { HIDDEN = 10300 };
	struct world *w = *state;
	struct pubsub_request r = world_request(w, ROMEO, NULL);

	world_create(w, "first", NULL, NULL);
	w->defaults.access_model = PUBSUB_ACCESS_WHITELIST;
	for (size_t i = 0; i < HIDDEN; i++) {
		struct pubsub_request create =
			world_request(w, HAMLET, arena_printf(w->arena, "h%zu", i));

		assert_int_equal(world_run(w, service_node_create, &create), PUBSUB_OK);
	}
	world_create(w, "last", "pubsub#access_model", "open");
	assert_int_equal(items(w, &r), PUBSUB_OK);
	assert_string_equal(names(w), "first");
	r.rsm = (struct pubsub_rsm){.present = true, .after = w->answer.page.last};
	assert_int_equal(items(w, &r), PUBSUB_OK);
	assert_string_equal(names(w), "last");
	r.rsm = (struct pubsub_rsm){
		.present = true, .has_max = true, .max = 5, .before = w->answer.page.first};
	assert_int_equal(items(w, &r), PUBSUB_OK);
	assert_string_equal(names(w), "");
	assert_string_equal(w->answer.page.first, w->answer.page.last);
	r.rsm.before = w->answer.page.first;
	assert_int_equal(items(w, &r), PUBSUB_OK);
	assert_string_equal(names(w), "first");
}

static void test_a_place_is_a_number(void **state)
{
	static const char *const bad[] = {"d", "0", "-1", "1x", " 1", "4294967296"};
	struct world *w = *state;
	struct pubsub_request r = world_request(w, ROMEO, NULL);

	nodes(w);
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
		r.rsm = (struct pubsub_rsm){.present = true, .after = bad[i]};
		assert_int_equal(items(w, &r), PUBSUB_ERR_RSM_NOT_FOUND);
	}
	r.rsm.after = "4294967295"; /* behind all of them */
	assert_int_equal(items(w, &r), PUBSUB_OK);
	assert_string_equal(names(w), "");
}

static void test_an_admin_is_told_how_many_nodes_there_are(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, ADMIN, NULL);

	nodes(w);
	r.rsm = (struct pubsub_rsm){.present = true, .has_max = true, .max = 0};
	assert_int_equal(items(w, &r), PUBSUB_OK);
	assert_string_equal(names(w), "");
	assert_true(w->answer.page.has_count);
	assert_int_equal(w->answer.page.count, 4);
}

static void test_a_long_list_of_nodes_ends_where_the_stanza_does(void **state)
{
	enum { MANY = 300 };
	struct world *w = *state;
	struct pubsub_request r = world_request(w, ROMEO, NULL);
	size_t seen = 0;

	for (size_t i = 0; i < MANY; i++)
		world_create(w, arena_printf(w->arena, "n%03zu", i), NULL, NULL);
	do {
		assert_int_equal(items(w, &r), PUBSUB_OK);
		assert_true(w->answer.page.present);
		for (size_t i = 0; i < w->answer.node_count; i++)
			assert_string_equal(w->answer.nodes[i].node_id,
				arena_printf(w->arena, "n%03zu", seen + i));
		seen += w->answer.node_count;
		r.rsm = (struct pubsub_rsm){.present = true, .after = w->answer.page.last};
	} while (w->answer.page.last != NULL);
	assert_int_equal(seen, MANY);
}

static void test_hidden_nodes_answer_as_unknown_ones_do(void **state)
{
	static const service_fn verbs[] = {service_disco_info, service_disco_items};
	struct world *w = *state;

	nodes(w);
	for (size_t i = 0; i < 2; i++) {
		struct pubsub_request hidden = world_request(w, ROMEO, "c");
		struct pubsub_request unknown = world_request(w, ROMEO, "none");

		assert_int_equal(world_run(w, verbs[i], &hidden), PUBSUB_ERR_NODE_NOT_FOUND);
		assert_int_equal(world_run(w, verbs[i], &unknown), PUBSUB_ERR_NODE_NOT_FOUND);
	}
}

static void test_info_holds_the_node_and_its_staff(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, ROMEO, "a");

	nodes(w);
	world_affiliate(w, "a", OPHELIA, PUBSUB_AFFILIATION_PUBLISHER);
	world_affiliate(w, "a", HORATIO, PUBSUB_AFFILIATION_MEMBER);
	world_affiliate(w, "a", YORICK, PUBSUB_AFFILIATION_OUTCAST);
	world_publish(w, "a", "i");
	assert_int_equal(world_run(w, service_disco_info, &r), PUBSUB_OK);
	assert_string_equal(w->answer.node->config.title, "The first");
	assert_string_equal(w->answer.node->payload_ns, "urn:test");
	assert_int_equal(w->answer.node->items, 1);
	assert_string_equal(world_affiliations(w), HAMLET ":owner " OPHELIA ":publisher");
}

static void test_the_account_is_the_owner_in_info(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, ROMEO, "mood");

	world_create(w, "mood", "pubsub#access_model", "open");
	assert_int_equal(world_run(w, service_disco_info, &r), PUBSUB_OK);
	assert_string_equal(world_affiliations(w), HAMLET ":owner");
}

static void test_items_of_a_node_are_its_ids(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, ROMEO, "a");

	nodes(w);
	world_publish(w, "a", "i1 i2 i3");
	assert_int_equal(items(w, &r), PUBSUB_OK);
	assert_string_equal(world_ids(w), "i1 i2 i3");
	assert_false(w->answer.page.present);
	r.rsm = (struct pubsub_rsm){.present = true, .has_max = true, .max = 2, .before = ""};
	assert_int_equal(items(w, &r), PUBSUB_OK);
	assert_string_equal(world_ids(w), "i2 i3");
	assert_int_equal(w->answer.page.count, 3);
}

static void test_ids_are_for_those_who_may_read(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, ROMEO, "n");

	world_create(w, "n", "pubsub#access_model", "authorize");
	assert_int_equal(items(w, &r), PUBSUB_ERR_RETRIEVE_NOT_SUBSCRIBED);
}

static void test_many_nodes_are_paged_backwards_too(void **state)
{
	enum { MANY = 300 }; /* more than the store is asked for at a time */
	struct world *w = *state;
	struct pubsub_request r = world_request(w, ROMEO, NULL);
	size_t left = MANY;

	w->profile.answer_bytes = 100000;
	for (size_t i = 0; i < MANY; i++)
		world_create(w, arena_printf(w->arena, "n%03zu", i), NULL, NULL);
	r.rsm = (struct pubsub_rsm){.present = true, .has_max = true, .max = 200, .before = ""};
	do {
		assert_int_equal(items(w, &r), PUBSUB_OK);
		left -= w->answer.node_count;
		for (size_t i = 0; i < w->answer.node_count; i++)
			assert_string_equal(w->answer.nodes[i].node_id,
				arena_printf(w->arena, "n%03zu", left + i));
		r.rsm.before = w->answer.page.first;
	} while (r.rsm.before != NULL);
	assert_int_equal(left, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_everybody_sees_what_he_may_see),
		WORLD_TEST(test_a_closed_authorize_node_is_seen_by_its_subscribers),
		WORLD_TEST(test_pages_of_nodes_skip_what_is_hidden),
		WORLD_TEST(test_pages_go_on_behind_any_number_of_hidden_nodes),
		WORLD_TEST(test_a_place_is_a_number),
		WORLD_TEST(test_an_admin_is_told_how_many_nodes_there_are),
		WORLD_TEST(test_a_long_list_of_nodes_ends_where_the_stanza_does),
		WORLD_TEST(test_many_nodes_are_paged_backwards_too),
		WORLD_TEST(test_hidden_nodes_answer_as_unknown_ones_do),
		WORLD_TEST(test_info_holds_the_node_and_its_staff),
		ACCOUNT_TEST(test_the_account_is_the_owner_in_info),
		WORLD_TEST(test_items_of_a_node_are_its_ids),
		WORLD_TEST(test_ids_are_for_those_who_may_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
