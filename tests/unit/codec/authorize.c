/* authorize.c - owners' answers to pending subscriptions: XEP-0060 8.6. */
#include "tests/unit/codec/support.h"

static enum pubsub_error parse(struct bench *bench, codec_parse_fn parse_fn, const char *document)
{
	const struct xml_element *root = bench_read(bench, document);

	memset(&bench->request, 0, sizeof bench->request);
	return parse_fn(&bench->stanza, root, &bench->request, &bench->detail);
}

static void test_an_approval_is_read(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(parse(bench, codec_authorize_parse,
				 SUBMIT("subscribe_authorization",
					 FIELD("subid", "123-abc") FIELD("node", "princely_musings")
						 FIELD("subscriber_jid", "horatio@denmark.lit")
							 FIELD("allow", "true"))),
		PUBSUB_OK);
	assert_string_equal(bench->request.node_id, "princely_musings");
	assert_int_equal(bench->request.subscription_count, 1);
	assert_string_equal(bench->request.subscriptions[0].sub_id, "123-abc");
	assert_string_equal(bench->request.subscriptions[0].subscriber.full, "horatio@denmark.lit");
	assert_int_equal(bench->request.subscriptions[0].state, PUBSUB_SUBSCRIPTION_SUBSCRIBED);
}

static void test_a_denial_is_read(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(
		parse(bench, codec_authorize_parse,
			SUBMIT("subscribe_authorization", FIELD("node", "n") FIELD("subscriber_jid",
								  "a@b.lit") FIELD("allow", "0"))),
		PUBSUB_OK);
	assert_int_equal(bench->request.subscriptions[0].state, PUBSUB_SUBSCRIPTION_NONE);
	assert_null(bench->request.subscriptions[0].sub_id);
}

static void test_cancel_decides_nothing(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(
		parse(bench, codec_authorize_parse,
			"<x xmlns='jabber:x:data' type='cancel'><field var='FORM_TYPE'><value>"
			"http://jabber.org/protocol/pubsub#subscribe_authorization</value></field>"
			"</x>"),
		PUBSUB_OK);
	assert_int_equal(bench->request.subscription_count, 0);
}

static void test_incomplete_answers_are_refused(void **state)
{
	assert_int_equal(parse(*state, codec_authorize_parse,
				 SUBMIT("node_config", FIELD("node", "n") FIELD("subscriber_jid",
							       "a@b.lit") FIELD("allow", "1"))),
		PUBSUB_ERR_FORM_INVALID);
	assert_int_equal(parse(*state, codec_authorize_parse,
				 SUBMIT("subscribe_authorization",
					 FIELD("node", "n") FIELD("subscriber_jid", "a@b.lit"))),
		PUBSUB_ERR_FORM_INVALID);
	assert_int_equal(parse(*state, codec_authorize_parse,
				 SUBMIT("subscribe_authorization",
					 FIELD("subscriber_jid", "a@b.lit") FIELD("allow", "1"))),
		PUBSUB_ERR_NODEID_REQUIRED);
	assert_int_equal(
		parse(*state, codec_authorize_parse,
			SUBMIT("subscribe_authorization", FIELD("node", "n") FIELD("allow", "1"))),
		PUBSUB_ERR_JID_REQUIRED);
	assert_int_equal(
		parse(*state, codec_authorize_parse,
			SUBMIT("subscribe_authorization", FIELD("node", "n") FIELD("subscriber_jid",
								  "@") FIELD("allow", "1"))),
		PUBSUB_ERR_JID_MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(test_an_approval_is_read),
		bench_test(test_a_denial_is_read),
		bench_test(test_cancel_decides_nothing),
		bench_test(test_incomplete_answers_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
