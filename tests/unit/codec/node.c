/* node.c - creating, configuring, deleting, purging: XEP-0060 8.1 to 8.5. */
#include "tests/unit/codec/support.h"

static enum pubsub_error parse_create(struct bench *bench, const char *document)
{
	return bench_parse(bench, codec_create_parse, "create", document);
}

static enum pubsub_error parse_configure(struct bench *bench, const char *document)
{
	return bench_parse(bench, codec_configure_set_parse, "configure", document);
}

static void test_create_without_a_node_asks_for_an_instant_one(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(parse_create(bench, PUBSUB("<create/>")), PUBSUB_OK);
	assert_null(bench->request.node_id);
	assert_int_equal(parse_create(bench, PUBSUB("<create node=''/><configure/>")), PUBSUB_OK);
	assert_null(bench->request.node_id);
	assert_int_equal(bench->request.config_state, PUBSUB_FORM_NONE);
}

static void test_create_and_configure_is_read(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(
		parse_create(bench, PUBSUB("<create node='n'/><configure>" SUBMIT("node_config",
					    FIELD("access_model", "whitelist")
						    FIELD("nonesuch", "1")) "</configure>")),
		PUBSUB_OK);
	assert_string_equal(bench->request.node_id, "n");
	assert_int_equal(bench->request.config_state, PUBSUB_FORM_SUBMIT);
	assert_int_equal(bench->request.config.access_model, PUBSUB_ACCESS_WHITELIST);
	assert_true(bench->request.config_set ==
		    pubsub_field_bit(&pubsub_node_config_type,
			    pubsub_field_find(&pubsub_node_config_type, "pubsub#access_model")));
}

static void test_configure_beside_create_names_no_node(void **state)
{
	assert_int_equal(parse_create(*state, PUBSUB("<create node='n'/><configure node='n'/>")),
		PUBSUB_ERR_BAD_REQUEST);
}

static void test_create_with_a_bad_value_says_which(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(
		parse_create(bench, PUBSUB("<create node='n'/><configure>" SUBMIT("node_config",
					    FIELD("max_items", "0")) "</configure>")),
		PUBSUB_ERR_CONFIG_INVALID);
	assert_string_equal(bench->detail, "pubsub#max_items");
}

static void test_create_answers_the_node(void **state)
{
	struct bench *bench = *state;

	bench->answer.node_id = "25e3";
	assert_string_equal(
		bench_render(bench, codec_create_render), PUBSUB("<create node='25e3'/>"));
}

static void test_configuration_is_asked_for_and_answered(void **state)
{
	struct bench *bench = *state;

	bench->answer.config = pubsub_node_config_default;
	assert_int_equal(bench_parse(bench, codec_configure_get_parse, "configure",
				 OWNER("<configure node='n'/>")),
		PUBSUB_OK);
	assert_non_null(strstr(bench_render(bench, codec_configure_get_render),
		"pubsub#owner'><configure node='n'><x xmlns='jabber:x:data' type='form'>"));
	assert_int_equal(
		bench_parse(bench, codec_configure_get_parse, "configure", OWNER("<configure/>")),
		PUBSUB_ERR_NODEID_REQUIRED);
}

static void test_configuration_is_set_or_cancelled(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(parse_configure(bench, OWNER("<configure node='n'>" SUBMIT("node_config",
							FIELD("title", "x")) "</configure>")),
		PUBSUB_OK);
	assert_int_equal(bench->request.config_state, PUBSUB_FORM_SUBMIT);
	assert_string_equal(bench->request.config.title, "x");
	assert_int_equal(parse_configure(bench,
				 OWNER("<configure node='n'>"
				       "<x xmlns='jabber:x:data' type='cancel'/></configure>")),
		PUBSUB_OK);
	assert_int_equal(bench->request.config_state, PUBSUB_FORM_CANCEL);
	assert_int_equal(
		parse_configure(bench, OWNER("<configure node='n'/>")), PUBSUB_ERR_FORM_INVALID);
	assert_int_equal(parse_configure(bench,
				 OWNER("<configure>" SUBMIT("node_config", "") "</configure>")),
		PUBSUB_ERR_NODEID_REQUIRED);
}

static void test_defaults_are_of_a_type_of_node(void **state)
{
	struct bench *bench = *state;

	bench->answer.config = pubsub_node_config_default;
	assert_int_equal(
		bench_parse(bench, codec_configure_default_parse, "default", OWNER("<default/>")),
		PUBSUB_OK);
	assert_true(bench->request.config_set == 0);
	assert_non_null(strstr(bench_render(bench, codec_configure_default_render),
		"pubsub#owner'><default><x xmlns='jabber:x:data' type='form'>"));
	assert_int_equal(bench_parse(bench, codec_configure_default_parse, "default",
				 OWNER("<default type='collection'/>")),
		PUBSUB_OK);
	assert_int_equal(bench->request.config.node_type, PUBSUB_NODE_COLLECTION);
	assert_true(bench->request.config_set != 0);
	assert_int_equal(bench_parse(bench, codec_configure_default_parse, "default",
				 OWNER("<default type='tree'/>")),
		PUBSUB_ERR_BAD_REQUEST);
}

static void test_delete_may_name_a_new_address(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(
		bench_parse(bench, codec_delete_parse, "delete", OWNER("<delete node='n'/>")),
		PUBSUB_OK);
	assert_null(bench->request.redirect);
	assert_int_equal(bench_parse(bench, codec_delete_parse, "delete",
				 OWNER("<delete node='n'>"
				       "<redirect uri='xmpp:hamlet@denmark.lit?;node=blog'/>"
				       "</delete>")),
		PUBSUB_OK);
	assert_string_equal(bench->request.redirect, "xmpp:hamlet@denmark.lit?;node=blog");
	assert_int_equal(bench_parse(bench, codec_delete_parse, "delete",
				 OWNER("<delete node='n'><redirect/></delete>")),
		PUBSUB_ERR_BAD_REQUEST);
	assert_int_equal(bench_parse(bench, codec_delete_parse, "delete", OWNER("<delete/>")),
		PUBSUB_OK); /* the root: the rules refuse that */
	assert_null(bench->request.node_id);
}

static enum pubsub_error parse_collection(struct bench *bench, const char *inner)
{
	return bench_parse(bench, codec_associate_parse, "collection",
		arena_printf(bench->arena, OWNER("<collection node='c'>%s</collection>"), inner));
}

static void test_a_node_is_associated_or_dissociated_by_either_name(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(parse_collection(bench, "<associate node='n'/>"), PUBSUB_OK);
	assert_string_equal(bench->request.node_id, "c");
	assert_string_equal(bench->request.child, "n");
	assert_false(bench->request.dissociate);
	assert_int_equal(parse_collection(bench, "<dissociate node='n'/>"), PUBSUB_OK);
	assert_true(bench->request.dissociate);
	assert_int_equal(parse_collection(bench, "<disassociate node='n'/>"), PUBSUB_OK);
	assert_true(bench->request.dissociate);
}

static void test_a_collection_gains_or_loses_one_node_at_a_time(void **state)
{
	assert_int_equal(parse_collection(*state, ""), PUBSUB_ERR_BAD_REQUEST);
	assert_int_equal(parse_collection(*state, "<associate/>"), PUBSUB_ERR_NODEID_REQUIRED);
	assert_int_equal(parse_collection(*state, "<associate node='a'/><dissociate node='b'/>"),
		PUBSUB_ERR_BAD_REQUEST);
	assert_int_equal(bench_parse(*state, codec_associate_parse, "collection",
				 OWNER("<collection><associate node='a'/></collection>")),
		PUBSUB_ERR_NODEID_REQUIRED);
}

static void test_purge_names_a_node_and_is_answered_by_nothing(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(bench_parse(bench, codec_purge_parse, "purge", OWNER("<purge node='n'/>")),
		PUBSUB_OK);
	assert_string_equal(bench->request.node_id, "n");
	assert_string_equal(bench_render(bench, codec_nothing_render), "");
	assert_int_equal(bench_parse(bench, codec_purge_parse, "purge", OWNER("<purge/>")),
		PUBSUB_ERR_NODEID_REQUIRED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(test_create_without_a_node_asks_for_an_instant_one),
		bench_test(test_create_and_configure_is_read),
		bench_test(test_configure_beside_create_names_no_node),
		bench_test(test_create_with_a_bad_value_says_which),
		bench_test(test_create_answers_the_node),
		bench_test(test_configuration_is_asked_for_and_answered),
		bench_test(test_configuration_is_set_or_cancelled),
		bench_test(test_defaults_are_of_a_type_of_node),
		bench_test(test_delete_may_name_a_new_address),
		bench_test(test_a_node_is_associated_or_dissociated_by_either_name),
		bench_test(test_a_collection_gains_or_loses_one_node_at_a_time),
		bench_test(test_purge_names_a_node_and_is_answered_by_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
