/* affiliation.c - the affiliations of a node, row by row. */
#include "service/affiliation.h"

#include "world.h"

#define MANY 300 /* more than a page */

/* Members that come before everybody else in the list. */
static void add_members(struct world *w, const char *node_id, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_int_equal(store_affiliation_put(w->service.txn, world_node(w, node_id),
					 arena_printf(w->arena, "a%03zu@verona.lit", i),
					 PUBSUB_AFFILIATION_MEMBER),
			PUBSUB_OK);
}

static bool has_publishers(struct world *w)
{
	bool others = false;

	assert_int_equal(
		affiliation_has_publishers(&w->service, world_node(w, "blog"), &others), PUBSUB_OK);
	return others;
}

static void test_a_short_list_is_searched_for_publishers(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	world_affiliate(w, "blog", OPHELIA, PUBSUB_AFFILIATION_OWNER);
	world_affiliate(w, "blog", HORATIO, PUBSUB_AFFILIATION_MEMBER);
	assert_false(has_publishers(w));
	world_affiliate(w, "blog", YORICK, PUBSUB_AFFILIATION_PUBLISH_ONLY);
	assert_true(has_publishers(w));
	world_affiliate(w, "blog", YORICK, PUBSUB_AFFILIATION_NONE);
	assert_false(has_publishers(w));
	add_members(w, "blog", MANY);
	assert_true(has_publishers(w)); /* there may be */
}

static void test_owners_are_found_on_any_page(void **state)
{
	struct world *w = *state;
	struct pubsub_texts owners = {0};
	struct pubsub_affiliate *staff = NULL;
	size_t n = 0;

	world_create(w, "blog", NULL, NULL);
	add_members(w, "blog", MANY);
	assert_int_equal(
		affiliation_owners(&w->service, world_node(w, "blog"), &owners), PUBSUB_OK);
	assert_int_equal(owners.n, 1);
	assert_string_equal(owners.v[0], HAMLET);
	assert_int_equal(
		affiliation_staff(&w->service, world_node(w, "blog"), &staff, &n), PUBSUB_OK);
	assert_int_equal(n, 1);
	assert_string_equal(staff[0].jid, HAMLET);
}

static void test_the_staff_shown_is_limited(void **state)
{
	struct world *w = *state;
	struct pubsub_affiliate *staff = NULL;
	size_t n = 0;

	world_create(w, "blog", NULL, NULL);
	for (size_t i = 0; i < 120; i++)
		assert_int_equal(store_affiliation_put(w->service.txn, world_node(w, "blog"),
					 arena_printf(w->arena, "p%03zu@verona.lit", i),
					 PUBSUB_AFFILIATION_PUBLISHER),
			PUBSUB_OK);
	assert_int_equal(
		affiliation_staff(&w->service, world_node(w, "blog"), &staff, &n), PUBSUB_OK);
	assert_int_equal(n, 100);
}

static void test_the_accounts_own_affiliation_is_fixed(void **state)
{
	struct world *w = *state;
	enum pubsub_affiliation affiliation = PUBSUB_AFFILIATION_NONE;
	bool fixed = false;

	world_create(w, "mood", NULL, NULL);
	assert_int_equal(affiliation_stored(
				 &w->service, world_node(w, "mood"), HAMLET, &affiliation, &fixed),
		PUBSUB_OK);
	assert_int_equal(affiliation, PUBSUB_AFFILIATION_OWNER);
	assert_true(fixed);
	assert_int_equal(
		affiliation_stored(&w->service, world_node(w, "mood"), ADMIN, &affiliation, &fixed),
		PUBSUB_OK);
	assert_int_equal(affiliation, PUBSUB_AFFILIATION_NONE); /* what rows say */
	assert_false(fixed);
}

static void test_a_roll_knows_what_the_store_knows(void **state)
{
	static const size_t sizes[] = {3, 300}; /* the long one is asked singly */
	struct world *w = *state;

	for (size_t s = 0; s < 2; s++) {
		const char *name = arena_printf(w->arena, "n%zu", sizes[s]);
		struct affiliation_roll roll = {0};
		struct pubsub_node *node = NULL;

		world_create(w, name, NULL, NULL);
		node = world_node(w, name);
		for (size_t i = 0; i < sizes[s]; i++)
			assert_int_equal(store_affiliation_put(w->service.txn, node,
						 arena_printf(w->arena, "u%zu@verona.lit", i),
						 PUBSUB_AFFILIATION_MEMBER),
				PUBSUB_OK);
		assert_int_equal(
			affiliation_roll_load(&w->service, node, w->arena, &roll), PUBSUB_OK);
		assert_int_equal(roll.whole, sizes[s] == 3);
		for (size_t i = 0; i <= sizes[s]; i++) {
			enum pubsub_affiliation affiliation = PUBSUB_AFFILIATION_OWNER;

			assert_int_equal(
				affiliation_roll_find(&w->service, node, &roll,
					arena_printf(w->arena, "u%zu@verona.lit", i), &affiliation),
				PUBSUB_OK);
			assert_int_equal(affiliation,
				i < sizes[s] ? PUBSUB_AFFILIATION_MEMBER : PUBSUB_AFFILIATION_NONE);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_a_short_list_is_searched_for_publishers),
		WORLD_TEST(test_owners_are_found_on_any_page),
		WORLD_TEST(test_the_staff_shown_is_limited),
		ACCOUNT_TEST(test_the_accounts_own_affiliation_is_fixed),
		WORLD_TEST(test_a_roll_knows_what_the_store_knows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
