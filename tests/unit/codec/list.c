/* list.c - subscriptions and affiliations: XEP-0060 5.6, 5.7, 8.8, 8.9. */
#include "tests/unit/codec/support.h"

#include "peppy/array.h"

static enum pubsub_error set_affiliations(struct bench *bench, const char *document)
{
	return bench_parse(bench, codec_owner_affiliations_set_parse, "affiliations", document);
}

static enum pubsub_error set_subscriptions(struct bench *bench, const char *document)
{
	return bench_parse(bench, codec_owner_subscriptions_set_parse, "subscriptions", document);
}

static void test_an_entity_asks_for_all_nodes_or_one(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(bench_parse(bench, codec_subscriptions_parse, "subscriptions",
				 PUBSUB("<subscriptions/>")),
		PUBSUB_OK);
	assert_null(bench->request.node_id);
	assert_int_equal(bench_parse(bench, codec_affiliations_parse, "affiliations",
				 PUBSUB("<affiliations node='node6'/>" SET("<max>5</max>"))),
		PUBSUB_OK);
	assert_string_equal(bench->request.node_id, "node6");
	assert_int_equal(bench->request.rsm.max, 5);
}

static void test_owners_have_to_name_a_node(void **state)
{
	assert_int_equal(bench_parse(*state, codec_owner_subscriptions_get_parse, "subscriptions",
				 OWNER("<subscriptions/>")),
		PUBSUB_ERR_NODEID_REQUIRED);
	assert_int_equal(bench_parse(*state, codec_owner_affiliations_get_parse, "affiliations",
				 OWNER("<affiliations/>")),
		PUBSUB_ERR_NODEID_REQUIRED);
	assert_int_equal(
		set_affiliations(*state, OWNER("<affiliations/>")), PUBSUB_ERR_NODEID_REQUIRED);
	assert_int_equal(
		set_subscriptions(*state, OWNER("<subscriptions/>")), PUBSUB_ERR_NODEID_REQUIRED);
}

static void test_the_example_of_5_6_is_written(void **state)
{
	struct bench *bench = *state;
	struct pubsub_subscription list[] = {
		{.node_id = "node5",
			.subscriber = bench_jid(bench, "francisco@denmark.lit"),
			.state = PUBSUB_SUBSCRIPTION_UNCONFIGURED},
		{.node_id = "node6",
			.subscriber = bench_jid(bench, "francisco@denmark.lit/x"),
			.sub_id = "123-abc",
			.state = PUBSUB_SUBSCRIPTION_SUBSCRIBED},
	};

	assert_string_equal(
		bench_render(bench, codec_subscriptions_render), PUBSUB("<subscriptions/>"));
	bench->answer.subscriptions = list;
	bench->answer.subscription_count = 2;
	assert_string_equal(bench_render(bench, codec_subscriptions_render),
		PUBSUB("<subscriptions><subscription node='node5' jid='francisco@denmark.lit' "
		       "subscription='unconfigured'/><subscription node='node6' "
		       "jid='francisco@denmark.lit/x' subid='123-abc' subscription='subscribed'/>"
		       "</subscriptions>"));
	bench->request.node_id = "n";
	assert_string_equal(bench_render(bench, codec_owner_subscriptions_render),
		OWNER("<subscriptions node='n'><subscription jid='francisco@denmark.lit' "
		      "subscription='unconfigured'/><subscription jid='francisco@denmark.lit/x' "
		      "subid='123-abc' subscription='subscribed'/></subscriptions>"));
}

static void test_the_examples_of_5_7_and_8_9_1_are_written(void **state)
{
	struct bench *bench = *state;
	struct pubsub_affiliate list[] = {
		{"node1", "hamlet@denmark.lit", PUBSUB_AFFILIATION_OWNER, 0},
		{"node2", "polonius@denmark.lit", PUBSUB_AFFILIATION_PUBLISH_ONLY, 0},
	};

	assert_string_equal(
		bench_render(bench, codec_affiliations_render), PUBSUB("<affiliations/>"));
	bench->answer.affiliates = list;
	bench->answer.affiliate_count = 2;
	assert_string_equal(bench_render(bench, codec_affiliations_render),
		PUBSUB("<affiliations><affiliation node='node1' affiliation='owner'/>"
		       "<affiliation node='node2' affiliation='publish-only'/></affiliations>"));
	bench->request.node_id = "n";
	bench->answer.page = (struct pubsub_page){.present = true, .has_count = true, .count = 2};
	assert_string_equal(bench_render(bench, codec_owner_affiliations_render),
		OWNER("<affiliations node='n'><affiliation jid='hamlet@denmark.lit' "
		      "affiliation='owner'/><affiliation jid='polonius@denmark.lit' "
		      "affiliation='publish-only'/></affiliations>" SET("<count>2</count>")));
}

static void test_the_example_of_8_9_2_is_read(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(
		set_affiliations(bench,
			OWNER("<affiliations node='princely_musings'>"
			      "<affiliation jid='Hamlet@denmark.lit' affiliation='none'/>"
			      "<affiliation jid='bard@shakespeare.lit' affiliation='publisher'/>"
			      "</affiliations>")),
		PUBSUB_OK);
	assert_int_equal(bench->request.affiliate_count, 2);
	assert_string_equal(bench->request.affiliates[0].jid, "hamlet@denmark.lit");
	assert_int_equal(bench->request.affiliates[0].affiliation, PUBSUB_AFFILIATION_NONE);
	assert_int_equal(bench->request.affiliates[1].affiliation, PUBSUB_AFFILIATION_PUBLISHER);
}

static void test_the_example_of_8_8_2_is_read(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(
		set_subscriptions(bench,
			OWNER("<subscriptions node='n'>"
			      "<subscription jid='polonius@denmark.lit' subscription='none'/>"
			      "<subscription jid='bard@shakespeare.lit/x' subid='7' "
			      "subscription='subscribed'/></subscriptions>")),
		PUBSUB_OK);
	assert_int_equal(bench->request.subscription_count, 2);
	assert_int_equal(bench->request.subscriptions[0].state, PUBSUB_SUBSCRIPTION_NONE);
	assert_null(bench->request.subscriptions[0].sub_id);
	assert_string_equal(
		bench->request.subscriptions[1].subscriber.full, "bard@shakespeare.lit/x");
	assert_string_equal(bench->request.subscriptions[1].sub_id, "7");
}

static void test_an_entry_without_a_value_changes_nothing(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(
		set_affiliations(bench, OWNER("<affiliations node='n'>"
					      "<affiliation jid='a@b.lit'/></affiliations>")),
		PUBSUB_OK);
	assert_int_equal(bench->request.affiliate_count, 0);
	assert_int_equal(
		set_subscriptions(bench, OWNER("<subscriptions node='n'>"
					       "<subscription jid='a@b.lit'/></subscriptions>")),
		PUBSUB_OK);
	assert_int_equal(bench->request.subscription_count, 0);
}

static void test_the_same_entry_twice_is_refused(void **state)
{
	assert_int_equal(
		set_affiliations(*state, OWNER("<affiliations node='n'>"
					       "<affiliation jid='a@b.lit' affiliation='owner'/>"
					       "<affiliation jid='A@b.lit' affiliation='none'/>"
					       "</affiliations>")),
		PUBSUB_ERR_BAD_REQUEST);
	assert_int_equal(
		set_subscriptions(*state,
			OWNER("<subscriptions node='n'>"
			      "<subscription jid='a@b.lit' subid='1' subscription='none'/>"
			      "<subscription jid='a@b.lit' subid='1' subscription='subscribed'/>"
			      "</subscriptions>")),
		PUBSUB_ERR_BAD_REQUEST);
	assert_int_equal(set_subscriptions(*state,
				 OWNER("<subscriptions node='n'>"
				       "<subscription jid='a@b.lit' subid='1' subscription='none'/>"
				       "<subscription jid='a@b.lit' subid='2' subscription='none'/>"
				       "</subscriptions>")),
		PUBSUB_OK);
}

static void test_bad_entries_are_refused(void **state)
{
	static const struct {
		const char *entry;
		enum pubsub_error err;
	} bad[] = {
		{"<affiliation affiliation='owner'/>", PUBSUB_ERR_JID_REQUIRED},
		{"<affiliation jid='@' affiliation='owner'/>", PUBSUB_ERR_JID_MALFORMED},
		{"<affiliation jid='a@b.lit/c' affiliation='owner'/>", PUBSUB_ERR_BAD_REQUEST},
		{"<affiliation jid='a@b.lit' affiliation='king'/>", PUBSUB_ERR_BAD_REQUEST},
		{"<affiliation jid='a@b.lit' affiliation=''/>", PUBSUB_ERR_BAD_REQUEST},
	};
	struct bench *bench = *state;

	for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
		assert_int_equal(set_affiliations(bench,
					 arena_printf(bench->arena,
						 OWNER("<affiliations node='n'>%s</affiliations>"),
						 bad[i].entry)),
			bad[i].err);
	assert_int_equal(
		set_subscriptions(bench, OWNER("<subscriptions node='n'>"
					       "<subscription jid='a@b.lit' subscription='maybe'/>"
					       "</subscriptions>")),
		PUBSUB_ERR_BAD_REQUEST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(test_an_entity_asks_for_all_nodes_or_one),
		bench_test(test_owners_have_to_name_a_node),
		bench_test(test_the_example_of_5_6_is_written),
		bench_test(test_the_examples_of_5_7_and_8_9_1_are_written),
		bench_test(test_the_example_of_8_9_2_is_read),
		bench_test(test_the_example_of_8_8_2_is_read),
		bench_test(test_an_entry_without_a_value_changes_nothing),
		bench_test(test_the_same_entry_twice_is_refused),
		bench_test(test_bad_entries_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
