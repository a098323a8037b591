/* entity.c - what an entity is at a service. */
#include "world.h"

static const char *mine(struct world *w, service_fn fn, const struct pubsub_request *r)
{
	const char *text = "";

	assert_int_equal(world_run(w, fn, r), PUBSUB_OK);
	for (size_t i = 0; i < w->answer.subscription_count; i++)
		text = arena_printf(w->arena, "%s%s ", text, w->answer.subscriptions[i].node_id);
	for (size_t i = 0; i < w->answer.affiliate_count; i++)
		text = arena_printf(w->arena, "%s%s:%s ", text, w->answer.affiliates[i].node_id,
			pubsub_affiliation_words.v[w->answer.affiliates[i].affiliation]);
	return text;
}

static void test_all_jids_of_an_entity_are_listed(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, ROMEO, NULL);

	world_create(w, "a", NULL, NULL);
	world_create(w, "b", "pubsub#access_model", "authorize");
	world_subscribe(w, "a", ROMEO);
	world_subscribe(w, "a", ROMEO "/orchard");
	world_subscribe(w, "b", ROMEO);
	world_subscribe(w, "b", OPHELIA);
	assert_string_equal(mine(w, service_subscriptions, &r), "a a b ");
	assert_string_equal(world_subscriptions(w),
		ROMEO ":subscribed " ROMEO "/orchard:subscribed " ROMEO ":pending");
	assert_null(w->answer.subscriptions[0].sub_id);
	assert_false(w->answer.page.present);
}

static void test_a_node_filters_the_list(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, ROMEO, "b");

	world_create(w, "a", NULL, NULL);
	world_create(w, "b", NULL, NULL);
	world_subscribe(w, "a", ROMEO);
	world_affiliate(w, "a", ROMEO, PUBSUB_AFFILIATION_MEMBER);
	world_affiliate(w, "b", ROMEO, PUBSUB_AFFILIATION_OUTCAST);
	assert_string_equal(mine(w, service_subscriptions, &r), "");
	assert_string_equal(mine(w, service_affiliations, &r), "b:outcast ");
	r.node_id = NULL;
	assert_string_equal(mine(w, service_affiliations, &r), "a:member b:outcast ");
}

static void test_sub_ids_are_shown_where_there_are_several(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, ROMEO, NULL);

	w->profile.multi_subscribe = true;
	world_create(w, "a", NULL, NULL);
	world_subscribe(w, "a", ROMEO);
	assert_string_equal(mine(w, service_subscriptions, &r), "a ");
	assert_int_equal(strlen(w->answer.subscriptions[0].sub_id), 26);
}

static void test_leases_that_ran_out_are_not_listed(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request_jid(w, ROMEO, "a", ROMEO);

	world_create(w, "a", NULL, NULL);
	world_option(w, &r, "pubsub#expire", "2033-05-18T03:33:20Z");
	assert_int_equal(world_run(w, service_subscribe, &r), PUBSUB_OK);
	w->service.now_us = UINT64_C(2000000000000000);
	assert_string_equal(mine(w, service_subscriptions, &r), "");
}

static void test_lists_are_paged(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, ROMEO, NULL);

	for (char name[] = "a"; name[0] <= 'd'; name[0]++) {
		const char *node_id = arena_strdup(w->arena, name);

		world_create(w, node_id, NULL, NULL);
		world_subscribe(w, node_id, ROMEO);
	}
	r.rsm = (struct pubsub_rsm){.present = true, .has_max = true, .max = 2};
	assert_string_equal(mine(w, service_subscriptions, &r), "a b ");
	assert_int_equal(w->answer.page.count, 4);
	r.rsm.after = w->answer.page.last;
	assert_string_equal(mine(w, service_subscriptions, &r), "c d ");
	assert_int_equal(w->answer.page.index, 2);
	r.rsm.before = w->answer.page.first;
	r.rsm.after = NULL;
	assert_string_equal(mine(w, service_subscriptions, &r), "a b ");
	assert_int_equal(w->answer.page.index, 0);
	r.rsm = (struct pubsub_rsm){
		.present = true, .has_max = true, .max = 2, .has_index = true, .index = 1};
	assert_string_equal(mine(w, service_subscriptions, &r), "b c ");
	assert_int_equal(w->answer.page.index, 1);
	assert_int_equal(w->answer.page.count, 4);
	assert_true(w->answer.page.more);
	r.rsm.index = 9;
	assert_string_equal(mine(w, service_subscriptions, &r), "");
	assert_int_equal(w->answer.page.count, 4);
	r.rsm = (struct pubsub_rsm){.present = true, .has_max = true, .max = 3, .before = ""};
	assert_string_equal(mine(w, service_subscriptions, &r), "b c d ");
	assert_true(w->answer.page.more);
	assert_int_equal(w->answer.page.index, 1);
	r.rsm.before = "gone";
	assert_int_equal(world_run(w, service_subscriptions, &r), PUBSUB_ERR_RSM_NOT_FOUND);
}

static void test_pages_stand_where_a_subscription_of_a_resource_stood(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, ROMEO, NULL);

	w->profile.multi_subscribe = true;
	for (char name[] = "a"; name[0] <= 'b'; name[0]++) {
		world_create(w, arena_strdup(w->arena, name), NULL, NULL);
		world_subscribe(w, name, ROMEO "/1,2");
		world_subscribe(w, name, ROMEO "/1,2");
		world_subscribe(w, name, ROMEO "/3");
	}
	r.rsm = (struct pubsub_rsm){.present = true, .has_max = true, .max = 1};
	for (size_t i = 0; i < 6; i++) {
		assert_string_equal(mine(w, service_subscriptions, &r), i < 3 ? "a " : "b ");
		assert_int_equal(w->answer.page.index, i);
		assert_int_equal(w->answer.page.count, 6);
		assert_int_equal(w->answer.page.more, i < 5);
		r.rsm.after = arena_strdup(w->arena, w->answer.page.last);
	}
	assert_string_equal(mine(w, service_subscriptions, &r), "");
	r.rsm.after = "1,999,x"; /* a SubID longer than what there is */
	assert_int_equal(world_run(w, service_subscriptions, &r), PUBSUB_ERR_RSM_NOT_FOUND);
}

static void test_pages_at_a_node_hold_what_one_is_there(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, ROMEO, "b");
	const char *elsewhere;

	for (char name[] = "a"; name[0] <= 'c'; name[0]++) {
		world_create(w, arena_strdup(w->arena, name), NULL, NULL);
		world_subscribe(w, name, ROMEO "/1");
		world_subscribe(w, name, ROMEO "/2");
	}
	r.rsm = (struct pubsub_rsm){.present = true, .has_max = true, .max = 1};
	assert_string_equal(mine(w, service_subscriptions, &r), "b ");
	assert_int_equal(w->answer.page.count, 2);
	r.rsm.after = arena_strdup(w->arena, w->answer.page.last);
	assert_string_equal(mine(w, service_subscriptions, &r), "b ");
	assert_int_equal(w->answer.page.index, 1);
	assert_false(w->answer.page.more);
	elsewhere = arena_strdup(w->arena, w->answer.page.last);
	r.node_id = "c";
	r.rsm.after = elsewhere;
	assert_int_equal(world_run(w, service_subscriptions, &r), PUBSUB_ERR_RSM_NOT_FOUND);
	r.node_id = "none";
	r.rsm.after = NULL;
	assert_string_equal(mine(w, service_subscriptions, &r), "");
	assert_int_equal(w->answer.page.count, 0);
}

static void test_a_page_goes_on_behind_leases_that_ran_out(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, ROMEO, NULL);

	for (char name[] = "a"; name[0] <= 'e'; name[0]++) {
		struct pubsub_request s;

		world_create(w, arena_strdup(w->arena, name), NULL, NULL);
		s = world_request_jid(w, ROMEO, arena_strdup(w->arena, name), ROMEO);
		if (name[0] < 'e')
			world_option(w, &s, "pubsub#expire", "2033-05-18T03:33:20Z");
		assert_int_equal(world_run(w, service_subscribe, &s), PUBSUB_OK);
	}
	w->service.now_us = UINT64_C(2000000000000000);
	r.rsm = (struct pubsub_rsm){.present = true, .has_max = true, .max = 1};
	assert_string_equal(mine(w, service_subscriptions, &r), "e ");
}

static void test_the_account_owns_every_node(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, HAMLET, NULL);

	world_create(w, "mood", NULL, NULL);
	world_create(w, "tune", NULL, NULL);
	world_affiliate(w, "mood", OPHELIA, PUBSUB_AFFILIATION_MEMBER);
	assert_string_equal(mine(w, service_affiliations, &r), "mood:owner tune:owner ");
	r.rsm = (struct pubsub_rsm){.present = true, .has_max = true, .max = 1};
	assert_string_equal(mine(w, service_affiliations, &r), "mood:owner ");
	assert_int_equal(w->answer.page.count, 2);
	assert_true(w->answer.page.has_index);
	r.rsm.after = w->answer.page.last;
	assert_string_equal(mine(w, service_affiliations, &r), "tune:owner ");
	assert_false(w->answer.page.has_index);
	r.rsm = (struct pubsub_rsm){.present = true, .has_index = true, .index = 1};
	assert_string_equal(mine(w, service_affiliations, &r), "tune:owner ");
	assert_int_equal(w->answer.page.index, 1);
	r = world_request(w, HAMLET, "tune");
	assert_string_equal(mine(w, service_affiliations, &r), "tune:owner ");
	r = world_request(w, OPHELIA, NULL);
	assert_string_equal(mine(w, service_affiliations, &r), "mood:member ");
}

static const char *own_nodes(struct world *w, const struct pubsub_request *r)
{
	const char *text = "";

	assert_int_equal(world_run(w, service_own_nodes, r), PUBSUB_OK);
	for (size_t i = 0; i < w->answer.node_count; i++)
		text = arena_printf(w->arena, "%s%s ", text, w->answer.nodes[i].node_id);
	return text;
}

static void test_nodes_of_ones_own_are_those_one_owns_by_name(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, HAMLET, NULL);

	world_create(w, "a", NULL, NULL);
	world_create(w, "b", NULL, NULL);
	world_affiliate(w, "a", OPHELIA, PUBSUB_AFFILIATION_OWNER);
	world_affiliate(w, "b", OPHELIA, PUBSUB_AFFILIATION_PUBLISHER);
	world_affiliate(w, "b", ADMIN, PUBSUB_AFFILIATION_MEMBER);
	world_publish(w, "a", "1 2");
	assert_string_equal(own_nodes(w, &r), "a b ");
	assert_int_equal(w->answer.nodes[0].items, 2);
	r = world_request(w, OPHELIA, NULL);
	assert_string_equal(own_nodes(w, &r), "a ");
	r = world_request(w, ADMIN, NULL);
	assert_string_equal(own_nodes(w, &r), "");
}

static void test_nodes_of_ones_own_are_paged_by_their_numbers(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, HAMLET, NULL);

	world_create(w, "b", NULL, NULL);
	world_create(w, "a", NULL, NULL);
	world_create(w, "c", NULL, NULL);
	r.rsm = (struct pubsub_rsm){.present = true, .has_max = true, .max = 1};
	assert_string_equal(own_nodes(w, &r), "b ");
	assert_true(w->answer.page.more);
	assert_string_equal(
		w->answer.page.last, arena_printf(w->arena, "%u", (unsigned)w->answer.nodes[0].no));
	r.rsm.after = arena_strdup(w->arena, w->answer.page.last);
	r.rsm.max = 2;
	assert_string_equal(own_nodes(w, &r), "a c ");
	assert_false(w->answer.page.more);
	assert_false(w->answer.page.has_count);
	r.rsm = (struct pubsub_rsm){.present = true, .has_max = true};
	assert_string_equal(own_nodes(w, &r), "");
	assert_int_equal(w->answer.page.count, 3);
}

static void test_nodes_of_ones_own_are_found_behind_many_of_others(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, ROMEO, NULL);

	for (char name[] = "a"; name[0] <= 'f'; name[0]++) {
		world_create(w, arena_strdup(w->arena, name), NULL, NULL);
		world_affiliate(w, name, ROMEO,
			name[0] == 'e' ? PUBSUB_AFFILIATION_OWNER : PUBSUB_AFFILIATION_MEMBER);
	}
	r.rsm = (struct pubsub_rsm){.present = true, .has_max = true, .max = 1};
	assert_string_equal(own_nodes(w, &r), "e ");
	r.rsm.after = arena_strdup(w->arena, w->answer.page.last);
	assert_string_equal(own_nodes(w, &r), "");
	assert_false(w->answer.page.more);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_all_jids_of_an_entity_are_listed),
		WORLD_TEST(test_a_node_filters_the_list),
		WORLD_TEST(test_sub_ids_are_shown_where_there_are_several),
		WORLD_TEST(test_leases_that_ran_out_are_not_listed),
		WORLD_TEST(test_lists_are_paged),
		WORLD_TEST(test_pages_stand_where_a_subscription_of_a_resource_stood),
		WORLD_TEST(test_pages_at_a_node_hold_what_one_is_there),
		WORLD_TEST(test_a_page_goes_on_behind_leases_that_ran_out),
		ACCOUNT_TEST(test_the_account_owns_every_node),
		WORLD_TEST(test_nodes_of_ones_own_are_those_one_owns_by_name),
		WORLD_TEST(test_nodes_of_ones_own_are_paged_by_their_numbers),
		WORLD_TEST(test_nodes_of_ones_own_are_found_behind_many_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
