/* access.c - the judge against the tables of XEP-0060: rights, access models, errors. */
#include "service/access.h"

#include "peppy/array.h"
#include "world.h"

/* XEP-0060 4.1, table 1. "*": items of one's own; purging is for owners alone, being one of their
 * use cases. */
static const struct {
	enum pubsub_affiliation affiliation;
	const char *subscribe, *retrieve, *publish, *retract, *purge, *configure, *delete;
} table_1[] = {
	{PUBSUB_AFFILIATION_OWNER, "yes", "yes", "yes", "yes", "yes", "yes", "yes"},
	{PUBSUB_AFFILIATION_PUBLISHER, "yes", "yes", "yes", "*", "no", "no", "no"},
	{PUBSUB_AFFILIATION_PUBLISH_ONLY, "no", "no", "yes", "*", "no", "no", "no"},
	{PUBSUB_AFFILIATION_MEMBER, "yes", "yes", "no", "no", "no", "no", "no"},
	{PUBSUB_AFFILIATION_NONE, "yes", "no", "no", "no", "no", "no", "no"},
	{PUBSUB_AFFILIATION_OUTCAST, "no", "no", "no", "no", "no", "no", "no"},
};

static void test_rights_are_those_of_table_1(void **state)
{
	(void)state;
	assert_int_equal(sizeof table_1 / sizeof *table_1, PUBSUB_AFFILIATION_COUNT);
	for (size_t i = 0; i < PUBSUB_AFFILIATION_COUNT; i++) {
		const struct {
			const char *cell;
			enum access_right right;
		} cells[] = {
			{table_1[i].subscribe, ACCESS_SUBSCRIBE},
			{table_1[i].retrieve, ACCESS_RETRIEVE},
			{table_1[i].publish, ACCESS_PUBLISH},
			{table_1[i].purge, ACCESS_PURGE},
			{table_1[i].configure, ACCESS_CONFIGURE},
			{table_1[i].delete, ACCESS_DELETE},
		};

		for (size_t k = 0; k < ARRAY_COUNT(cells); k++)
			assert_int_equal(access_may(table_1[i].affiliation, cells[k].right),
				strcmp(cells[k].cell, "yes") == 0);
		assert_int_equal(access_may(table_1[i].affiliation, ACCESS_RETRACT),
			strcmp(table_1[i].retract, "no") != 0);
		assert_int_equal(access_may(table_1[i].affiliation, ACCESS_RETRACT_ANY),
			strcmp(table_1[i].retract, "yes") == 0);
	}
}

/* Who meets which model: with this affiliation, or none and what contacts say. */
enum visitor { OWNER, PUBLISHER, PUBLISH_ONLY, MEMBER, OUTCAST, FRIEND, SEEN, STRANGER, VISITORS };

static const struct {
	const char *jid;
	enum pubsub_affiliation affiliation;
} visitors[VISITORS] = {
	[OWNER] = {HAMLET, PUBSUB_AFFILIATION_OWNER},
	[PUBLISHER] = {"publisher@verona.lit", PUBSUB_AFFILIATION_PUBLISHER},
	[PUBLISH_ONLY] = {"publish-only@verona.lit", PUBSUB_AFFILIATION_PUBLISH_ONLY},
	[MEMBER] = {"member@verona.lit", PUBSUB_AFFILIATION_MEMBER},
	[OUTCAST] = {"outcast@verona.lit", PUBSUB_AFFILIATION_OUTCAST},
	[FRIEND] = {"friend@verona.lit", PUBSUB_AFFILIATION_NONE}, /* in the group */
	[SEEN] = {"seen@verona.lit", PUBSUB_AFFILIATION_NONE},     /* in no group */
	[STRANGER] = {"stranger@verona.lit", PUBSUB_AFFILIATION_NONE},
};

#define S(error) PUBSUB_ERR_SUBSCRIBE_##error
#define R(error) PUBSUB_ERR_RETRIEVE_##error
#define OK PUBSUB_OK

/* clang-format off */
static const struct {
	const char *model;
	enum pubsub_error subscribe[VISITORS], retrieve[VISITORS];
} models[] = {
	/*             owner publisher publish-only member outcast friend seen stranger */
	{"open",      {OK, OK, S(OUTCAST), OK, S(OUTCAST), OK, OK, OK},
	              {OK, OK, R(OUTCAST), OK, R(OUTCAST), OK, OK, OK}},
	{"presence",  {OK, OK, S(OUTCAST), OK, S(OUTCAST), OK, OK, S(PRESENCE)},
	              {OK, OK, R(OUTCAST), OK, R(OUTCAST), OK, OK, R(PRESENCE)}},
	{"roster",    {OK, OK, S(OUTCAST), OK, S(OUTCAST), OK, S(ROSTER), S(ROSTER)},
	              {OK, OK, R(OUTCAST), OK, R(OUTCAST), OK, R(ROSTER), R(ROSTER)}},
	{"authorize", {OK, OK, S(OUTCAST), OK, S(OUTCAST), OK, OK, OK},
	              {OK, OK, R(OUTCAST), OK, R(OUTCAST), R(NOT_SUBSCRIBED), R(NOT_SUBSCRIBED),
	               R(NOT_SUBSCRIBED)}},
	{"whitelist", {OK, OK, S(OUTCAST), OK, S(OUTCAST), S(WHITELIST), S(WHITELIST), S(WHITELIST)},
	              {OK, OK, R(OUTCAST), OK, R(OUTCAST), R(WHITELIST), R(WHITELIST), R(WHITELIST)}},
};
/* clang-format on */

static void befriend(struct world *w)
{
	w->roster[0] = (struct world_contact){visitors[FRIEND].jid, "friends", true};
	w->roster[1] = (struct world_contact){visitors[SEEN].jid, NULL, true};
	w->roster_n = 2;
}

static void create(struct world *w, const char *model)
{
	struct pubsub_request r = world_request(w, HAMLET, model);

	world_config(w, &r, "pubsub#access_model", model);
	world_config(w, &r, "pubsub#roster_groups_allowed", "friends");
	assert_int_equal(world_run(w, service_node_create, &r), PUBSUB_OK);
	for (size_t i = 0; i < VISITORS; i++) {
		if (strcmp(visitors[i].jid, HAMLET) != 0)
			world_affiliate(w, model, visitors[i].jid, visitors[i].affiliation);
	}
}

static void test_every_access_model_answers_everybody_as_the_xep_says(void **state)
{
	struct world *w = *state;

	befriend(w);
	assert_int_equal(ARRAY_COUNT(models), PUBSUB_ACCESS_COUNT);
	for (size_t m = 0; m < PUBSUB_ACCESS_COUNT; m++) {
		create(w, models[m].model);
		for (size_t i = 0; i < VISITORS; i++) {
			const char *jid = visitors[i].jid;
			struct pubsub_request r = world_request_jid(w, jid, models[m].model, jid);

			assert_int_equal(
				world_run(w, service_items_retrieve, &r), models[m].retrieve[i]);
			assert_int_equal(
				world_run(w, service_subscribe, &r), models[m].subscribe[i]);
		}
	}
}

static void test_authorize_approves_members_and_lets_others_wait(void **state)
{
	struct world *w = *state;

	create(w, "authorize");
	world_subscribe(w, "authorize", visitors[MEMBER].jid);
	assert_string_equal(world_subscriptions(w), "member@verona.lit:subscribed");
	world_subscribe(w, "authorize", visitors[STRANGER].jid);
	assert_string_equal(world_subscriptions(w), "stranger@verona.lit:pending");
}

static void test_an_unknown_roster_is_waited_for_where_it_decides(void **state)
{
	static const char *const names[] = {"presence", "roster"};
	struct world *w = *state;

	w->roster_unknown = true;
	for (size_t i = 0; i < 2; i++) {
		struct pubsub_request r = world_request_jid(w, ROMEO, names[i], ROMEO);

		create(w, names[i]);
		assert_int_equal(world_run(w, service_items_retrieve, &r), PUBSUB_ERR_NEED_ROSTER);
		assert_int_equal(world_run(w, service_subscribe, &r), PUBSUB_ERR_NEED_ROSTER);
		assert_int_equal(world_run(w, service_disco_info, &r), PUBSUB_ERR_NEED_ROSTER);
		r = world_request(w, visitors[MEMBER].jid, names[i]);
		assert_int_equal(world_run(w, service_items_retrieve, &r), PUBSUB_OK);
	}
}

static void test_the_roster_of_a_creator_who_owns_no_more_decides_nothing(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, visitors[FRIEND].jid, "presence");
	struct pubsub_affiliate change = {.jid = HAMLET, .affiliation = PUBSUB_AFFILIATION_NONE};
	struct pubsub_request resign = world_request(w, HAMLET, "presence");

	befriend(w);
	create(w, "presence");
	assert_int_equal(world_run(w, service_items_retrieve, &r), PUBSUB_OK);
	world_affiliate(w, "presence", OPHELIA, PUBSUB_AFFILIATION_OWNER);
	resign.affiliates = &change;
	resign.affiliate_count = 1;
	assert_int_equal(world_run(w, service_owner_affiliations_set, &resign), PUBSUB_OK);
	assert_int_equal(world_run(w, service_items_retrieve, &r), PUBSUB_ERR_RETRIEVE_PRESENCE);
}

static void test_admins_may_do_everything(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request_jid(w, ADMIN, "whitelist", ADMIN);

	create(w, "whitelist");
	world_affiliate(w, "whitelist", ADMIN, PUBSUB_AFFILIATION_OUTCAST);
	assert_int_equal(world_run(w, service_items_retrieve, &r), PUBSUB_OK);
	assert_int_equal(world_run(w, service_subscribe, &r), PUBSUB_OK);
	assert_int_equal(world_run(w, service_node_configuration, &r), PUBSUB_OK);
	assert_int_equal(world_run(w, service_node_delete, &r), PUBSUB_OK);
}

static void test_the_account_owns_its_nodes_whatever_rows_say(void **state)
{
	struct world *w = *state;
	enum pubsub_affiliation affiliation = PUBSUB_AFFILIATION_NONE;

	world_create(w, "mood", NULL, NULL);
	assert_int_equal(
		access_affiliation(&w->service, world_node(w, "mood"), HAMLET, &affiliation),
		PUBSUB_OK);
	assert_int_equal(affiliation, PUBSUB_AFFILIATION_OWNER);
	assert_int_equal(
		access_affiliation(&w->service, world_node(w, "mood"), OPHELIA, &affiliation),
		PUBSUB_OK);
	assert_int_equal(affiliation, PUBSUB_AFFILIATION_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_rights_are_those_of_table_1),
		WORLD_TEST(test_every_access_model_answers_everybody_as_the_xep_says),
		WORLD_TEST(test_authorize_approves_members_and_lets_others_wait),
		WORLD_TEST(test_an_unknown_roster_is_waited_for_where_it_decides),
		WORLD_TEST(test_the_roster_of_a_creator_who_owns_no_more_decides_nothing),
		WORLD_TEST(test_admins_may_do_everything),
		ACCOUNT_TEST(test_the_account_owns_its_nodes_whatever_rows_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
