/* subscription.c - subscriptions and their options: XEP-0060 6.1 to 6.4. */
#include "tests/unit/codec/support.h"

static enum pubsub_error parse_subscribe(struct bench *bench, const char *document)
{
	return bench_parse(bench, codec_subscribe_parse, "subscribe", document);
}

static enum pubsub_error parse_options_set(struct bench *bench, const char *document)
{
	return bench_parse(bench, codec_options_set_parse, "options", document);
}

static void test_the_example_of_6_1_1_is_read(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(parse_subscribe(bench, PUBSUB("<subscribe node='princely_musings' "
						       "jid='Francisco@Denmark.lit'/>")),
		PUBSUB_OK);
	assert_string_equal(bench->request.node_id, "princely_musings");
	assert_true(bench->request.has_jid);
	assert_string_equal(bench->request.jid.full, "francisco@denmark.lit");
	assert_int_equal(bench->request.options_state, PUBSUB_FORM_NONE);
}

static void test_a_full_jid_keeps_its_resource(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(parse_subscribe(bench, PUBSUB("<subscribe node='n' jid='a@b.lit/Res'/>")),
		PUBSUB_OK);
	assert_string_equal(bench->request.jid.full, "a@b.lit/Res");
	assert_string_equal(bench->request.jid.bare, "a@b.lit");
}

static void test_subscribe_and_configure_is_read(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(parse_subscribe(bench,
				 PUBSUB("<subscribe node='n' jid='a@b.lit'/><options>" SUBMIT(
					 "subscribe_options",
					 FIELD("deliver", "1") FIELD("digest",
						 "0") "<field "
						      "var='pubsub#show-values'><value>chat</"
						      "value><value>online</value>"
						      "<value>away</value></field>") "</options>")),
		PUBSUB_OK);
	assert_int_equal(bench->request.options_state, PUBSUB_FORM_SUBMIT);
	assert_true(bench->request.options.deliver);
	assert_int_equal(bench->request.options.show_values.n, 3);
}

static void test_options_beside_subscribe_have_no_address_of_their_own(void **state)
{
	assert_int_equal(parse_subscribe(*state,
				 PUBSUB("<subscribe node='n' jid='a@b.lit'/><options node='n'/>")),
		PUBSUB_ERR_BAD_REQUEST);
	assert_int_equal(
		parse_subscribe(*state,
			PUBSUB("<subscribe node='n' jid='a@b.lit'/><options jid='a@b.lit'/>")),
		PUBSUB_ERR_BAD_REQUEST);
}

static void test_unknown_options_are_refused(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(
		parse_subscribe(bench,
			PUBSUB("<subscribe node='n' jid='a@b.lit'/><options>" SUBMIT(
				"subscribe_options", FIELD("keywords", "xmpp")) "</options>")),
		PUBSUB_ERR_OPTIONS_INVALID);
	assert_string_equal(bench->detail, "pubsub#keywords");
}

static void test_a_jid_is_required_and_without_a_node_it_is_the_root(void **state)
{
	assert_int_equal(parse_subscribe(*state, PUBSUB("<subscribe jid='a@b.lit'/>")), PUBSUB_OK);
	assert_int_equal(
		parse_subscribe(*state, PUBSUB("<subscribe node='n'/>")), PUBSUB_ERR_JID_REQUIRED);
	assert_int_equal(parse_subscribe(*state, PUBSUB("<subscribe node='n' jid='@'/>")),
		PUBSUB_ERR_JID_MALFORMED);
	assert_int_equal(bench_parse(*state, codec_unsubscribe_parse, "unsubscribe",
				 PUBSUB("<unsubscribe node='n'/>")),
		PUBSUB_ERR_JID_REQUIRED);
	assert_int_equal(bench_parse(*state, codec_options_get_parse, "options",
				 PUBSUB("<options node='n'/>")),
		PUBSUB_ERR_JID_REQUIRED);
}

static void test_subscribe_answers_state_and_subid(void **state)
{
	struct bench *bench = *state;
	struct pubsub_subscription subscription = {
		.node_id = "n",
		.subscriber = bench_jid(bench, "a@b.lit"),
		.sub_id = "ba49",
		.state = PUBSUB_SUBSCRIPTION_SUBSCRIBED,
	};

	bench->answer.subscriptions = &subscription;
	bench->answer.subscription_count = 1;
	assert_string_equal(bench_render(bench, codec_subscribe_render),
		PUBSUB("<subscription node='n' jid='a@b.lit' subid='ba49' "
		       "subscription='subscribed'/>"));
	subscription.state = PUBSUB_SUBSCRIPTION_UNCONFIGURED;
	assert_string_equal(bench_render(bench, codec_subscribe_render),
		PUBSUB("<subscription node='n' jid='a@b.lit' subid='ba49' "
		       "subscription='unconfigured'/>"));
}

static void test_subscribe_and_configure_answers_the_options(void **state)
{
	struct bench *bench = *state;
	struct pubsub_subscription subscription = {
		.node_id = "n",
		.subscriber = bench_jid(bench, "a@b.lit"),
		.state = PUBSUB_SUBSCRIPTION_PENDING,
		.options = pubsub_subscribe_options_default,
	};
	const char *text;

	bench->answer.subscriptions = &subscription;
	bench->answer.subscription_count = 1;
	bench->request.options_state = PUBSUB_FORM_SUBMIT;
	text = bench_render(bench, codec_subscribe_render);
	assert_non_null(strstr(text, "subscription='pending'/><options>"
				     "<x xmlns='jabber:x:data' type='result'>"));
	assert_non_null(strstr(text, "<field var='pubsub#deliver'><value>1</value></field>"));
}

static void test_unsubscribe_is_read_and_answered(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(bench_parse(bench, codec_unsubscribe_parse, "unsubscribe",
				 PUBSUB("<unsubscribe node='n' jid='a@b.lit' subid='7'/>")),
		PUBSUB_OK);
	assert_string_equal(bench->request.sub_id, "7");
	assert_string_equal(bench_render(bench, codec_unsubscribe_render),
		PUBSUB("<subscription node='n' jid='a@b.lit' subid='7' subscription='none'/>"));
}

static void test_options_are_asked_for_and_answered(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(bench_parse(bench, codec_options_get_parse, "options",
				 PUBSUB("<options node='n' jid='a@b.lit' subid='7'/>")),
		PUBSUB_OK);
	bench->answer.options = pubsub_subscribe_options_default;
	assert_non_null(strstr(bench_render(bench, codec_options_get_render),
		"<options node='n' jid='a@b.lit' subid='7'><x xmlns='jabber:x:data' type='form'>"));
}

static void test_options_are_set_cancelled_or_refused(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(parse_options_set(bench, PUBSUB("<options node='n' jid='a@b.lit'>" SUBMIT(
							  "subscribe_options",
							  FIELD("deliver", "false")) "</options>")),
		PUBSUB_OK);
	assert_int_equal(bench->request.options_state, PUBSUB_FORM_SUBMIT);
	assert_false(bench->request.options.deliver);
	assert_int_equal(parse_options_set(bench,
				 PUBSUB("<options node='n' jid='a@b.lit'>"
					"<x xmlns='jabber:x:data' type='cancel'/></options>")),
		PUBSUB_OK);
	assert_int_equal(bench->request.options_state, PUBSUB_FORM_CANCEL);
	assert_int_equal(parse_options_set(bench, PUBSUB("<options node='n' jid='a@b.lit'/>")),
		PUBSUB_ERR_FORM_INVALID);
}

static void test_default_options_are_of_a_node_or_of_the_service(void **state)
{
	struct bench *bench = *state;

	bench->answer.options = pubsub_subscribe_options_default;
	assert_int_equal(bench_parse(bench, codec_options_default_parse, "default",
				 PUBSUB("<default node='n'/>")),
		PUBSUB_OK);
	assert_non_null(
		strstr(bench_render(bench, codec_options_default_render), "<default node='n'><x "));
	assert_int_equal(
		bench_parse(bench, codec_options_default_parse, "default", PUBSUB("<default/>")),
		PUBSUB_OK);
	assert_non_null(strstr(bench_render(bench, codec_options_default_render), "<default><x "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(test_the_example_of_6_1_1_is_read),
		bench_test(test_a_full_jid_keeps_its_resource),
		bench_test(test_subscribe_and_configure_is_read),
		bench_test(test_options_beside_subscribe_have_no_address_of_their_own),
		bench_test(test_unknown_options_are_refused),
		bench_test(test_a_jid_is_required_and_without_a_node_it_is_the_root),
		bench_test(test_subscribe_answers_state_and_subid),
		bench_test(test_subscribe_and_configure_answers_the_options),
		bench_test(test_unsubscribe_is_read_and_answered),
		bench_test(test_options_are_asked_for_and_answered),
		bench_test(test_options_are_set_cancelled_or_refused),
		bench_test(test_default_options_are_of_a_node_or_of_the_service),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
