/* erase.c - what somebody has at a service comes to its end. */
#include "world.h"

#include "peppy/store_contacts.h"

static struct service_erased erase(struct world *w, const char *bare, bool nodes)
{
	const struct service_erasure what = {w->jid, bare, nodes, 0};
	struct service_erased erased;

	w->service.events = NULL;
	w->service.events_end = &w->service.events;
	assert_int_equal(service_erase(&w->service, &what, &erased), PUBSUB_OK);
	return erased;
}

static void assert_erased(
	struct service_erased erased, uint64_t nodes, uint64_t subscriptions, uint64_t affiliations)
{
	assert_int_equal(erased.nodes, nodes);
	assert_int_equal(erased.subscriptions, subscriptions);
	assert_int_equal(erased.affiliations, affiliations);
}

static bool is_there(struct world *w, const char *node_id)
{
	struct pubsub_request r = world_request(w, ADMIN, node_id);

	return world_run(w, service_node_configuration, &r) == PUBSUB_OK;
}

static const char *affiliations(struct world *w, const char *node_id)
{
	struct pubsub_request r = world_request(w, ADMIN, node_id);

	assert_int_equal(world_run(w, service_owner_affiliations, &r), PUBSUB_OK);
	return world_affiliations(w);
}

static void test_nodes_that_nobody_else_owns_are_deleted(void **state)
{
	struct world *w = *state;

	world_create(w, "a", NULL, NULL);
	world_create(w, "b", NULL, NULL);
	world_affiliate(w, "b", OPHELIA, PUBSUB_AFFILIATION_OWNER);
	world_subscribe(w, "a", ROMEO);
	assert_erased(erase(w, HAMLET, true), 1, 0, 1);
	assert_events(w, "delete a > " ROMEO "\n");
	assert_false(is_there(w, "a"));
	assert_string_equal(affiliations(w, "b"), OPHELIA ":owner");
}

static void test_nodes_may_stay_without_an_owner(void **state)
{
	struct world *w = *state;

	world_create(w, "a", NULL, NULL);
	assert_erased(erase(w, HAMLET, false), 0, 0, 1);
	assert_string_equal(affiliations(w, "a"), "");
}

static void test_subscriptions_of_all_resources_end_and_owners_are_told(void **state)
{
	struct world *w = *state;

	world_create(w, "a", "pubsub#notify_sub", "1");
	world_create(w, "b", "pubsub#access_model", "authorize");
	world_subscribe(w, "a", ROMEO);
	world_subscribe(w, "a", ROMEO "/orchard");
	world_subscribe(w, "b", ROMEO);
	world_subscribe(w, "b", OPHELIA);
	assert_erased(erase(w, ROMEO, true), 0, 3, 0);
	assert_events(w, "subscription a " ROMEO ":none > " HAMLET "\nsubscription a " ROMEO
			 "/orchard:none > " HAMLET "\n");
	assert_erased(erase(w, ROMEO, true), 0, 0, 0);
	assert_int_equal(world_node(w, "b")->pending, 1);
}

static void test_leases_that_ran_out_go_as_well(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request_jid(w, ROMEO, "a", ROMEO);

	world_create(w, "a", NULL, NULL);
	world_option(w, &r, "pubsub#expire", "2033-05-18T03:33:20Z");
	assert_int_equal(world_run(w, service_subscribe, &r), PUBSUB_OK);
	w->service.now_us = UINT64_C(2000000000000000);
	assert_erased(erase(w, ROMEO, true), 0, 1, 0);
	assert_erased(erase(w, ROMEO, true), 0, 0, 0);
}

static void test_outcasts_are_not_pardoned(void **state)
{
	struct world *w = *state;

	world_create(w, "a", NULL, NULL);
	world_create(w, "b", NULL, NULL);
	world_affiliate(w, "a", ROMEO, PUBSUB_AFFILIATION_OUTCAST);
	world_affiliate(w, "b", ROMEO, PUBSUB_AFFILIATION_PUBLISH_ONLY);
	assert_erased(erase(w, ROMEO, true), 0, 0, 1);
	assert_string_equal(affiliations(w, "a"), HAMLET ":owner " ROMEO ":outcast");
	assert_string_equal(affiliations(w, "b"), HAMLET ":owner");
}

static void test_what_is_too_much_for_a_turn_goes_on(void **state)
{
	struct world *w = *state;
	struct service_erased erased;

	for (int i = 0; i < 45; i++)
		world_create(w, arena_printf(w->arena, "n%02d", i), NULL, NULL);
	for (int i = 0; i < 2; i++) {
		erased = erase(w, HAMLET, true);
		assert_erased(erased, 20, 0, 0);
		assert_true(erased.more);
	}
	erased = erase(w, HAMLET, true);
	assert_erased(erased, 5, 0, 0);
	assert_false(erased.more);
}

static void test_many_subscriptions_and_affiliations_go_on_too(void **state)
{
	struct world *w = *state;
	struct service_erased erased;

	for (int i = 0; i < 201; i++) {
		const char *node_id = arena_printf(w->arena, "n%03d", i);

		world_create(w, node_id, NULL, NULL);
		world_subscribe(w, node_id, ROMEO);
		world_affiliate(w, node_id, ROMEO, PUBSUB_AFFILIATION_MEMBER);
	}
	erased = erase(w, ROMEO, false);
	assert_erased(erased, 0, 200, 0);
	assert_true(erased.more);
	erased = erase(w, ROMEO, false);
	assert_erased(erased, 0, 1, 200);
	assert_true(erased.more);
	erased = erase(w, ROMEO, false);
	assert_erased(erased, 0, 0, 1);
	assert_false(erased.more);
}

static void test_of_an_account_every_node_goes_and_its_contacts_are_forgotten(void **state)
{
	const struct store_contact contact = {OPHELIA, STORE_ROSTER_BOTH, {NULL, 0}};
	struct world *w = *state;
	uint64_t fetched_us = 0;

	world_create(w, "mood", NULL, NULL);
	world_create(w, "tune", NULL, NULL);
	assert_int_equal(store_roster_put(w->service.txn, HAMLET, &contact, 1, 7), PUBSUB_OK);
	assert_erased(erase(w, HAMLET, false), 2, 0, 0);
	assert_false(is_there(w, "mood"));
	assert_int_equal(store_roster_fetched(w->service.txn, HAMLET, &fetched_us), PUBSUB_OK);
	assert_int_equal(fetched_us, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_nodes_that_nobody_else_owns_are_deleted),
		WORLD_TEST(test_nodes_may_stay_without_an_owner),
		WORLD_TEST(test_subscriptions_of_all_resources_end_and_owners_are_told),
		WORLD_TEST(test_leases_that_ran_out_go_as_well),
		WORLD_TEST(test_outcasts_are_not_pardoned),
		WORLD_TEST(test_what_is_too_much_for_a_turn_goes_on),
		WORLD_TEST(test_many_subscriptions_and_affiliations_go_on_too),
		ACCOUNT_TEST(test_of_an_account_every_node_goes_and_its_contacts_are_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
