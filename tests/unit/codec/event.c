/* event.c - what notifications hold. */
#include "tests/unit/codec/support.h"

static const char *render(struct bench *bench, const struct pubsub_event *event)
{
	struct xml_writer w = xml_writer(&bench->out);

	buf_truncate(&bench->out, 0);
	codec_event_render(&w, event);
	assert_int_equal(w.depth, 0);
	return bench_written(bench);
}

static const char *render_for(struct bench *bench, const struct pubsub_event *event,
	const struct pubsub_recipient *recipient)
{
	struct xml_writer w = xml_writer(&bench->out);

	buf_truncate(&bench->out, 0);
	codec_recipient_render(&w, event, recipient);
	return bench_written(bench);
}

static void test_publish_with_and_without_payload(void **state)
{
	struct pubsub_item item = {.id = "ae89", .payload = "<e xmlns='a'/>", .payload_len = 14};
	struct pubsub_event event = {
		.kind = PUBSUB_EVENT_PUBLISH, .node_id = "n", .items = &item, .item_count = 1};

	assert_string_equal(render(*state, &event),
		EVENT("<items node='n'><item id='ae89'><e xmlns='a'/></item></items>"));
	item.payload = NULL;
	item.publisher = "hamlet@denmark.lit";
	assert_string_equal(render(*state, &event),
		EVENT("<items node='n'><item id='ae89' publisher='hamlet@denmark.lit'/></items>"));
	event.item_count = 0;
	assert_string_equal(render(*state, &event), EVENT("<items node='n'/>"));
}

static void test_last_items_say_when_they_were_published(void **state)
{
	struct pubsub_item item = {.id = "i", .published_us = UINT64_C(1071359917000000)};
	struct pubsub_event event = {.kind = PUBSUB_EVENT_PUBLISH,
		.service = "pubsub.shakespeare.lit",
		.node_id = "n",
		.items = &item,
		.item_count = 1,
		.last = true};

	assert_string_equal(render(*state, &event),
		EVENT("<items node='n'><item id='i'/></items>") "<delay xmlns='urn:xmpp:delay' "
								"from='pubsub.shakespeare.lit' "
								"stamp='2003-12-13T23:58:37Z'/>");
}

static void test_retract_names_ids_alone(void **state)
{
	struct pubsub_item items[] = {
		{.id = "a", .payload = "<x/>", .payload_len = 4}, {.id = "b"}};
	struct pubsub_event event = {
		.kind = PUBSUB_EVENT_RETRACT, .node_id = "n", .items = items, .item_count = 2};

	assert_string_equal(render(*state, &event),
		EVENT("<items node='n'><retract id='a'/><retract id='b'/></items>"));
}

static void test_purge_and_delete(void **state)
{
	struct pubsub_event event = {.kind = PUBSUB_EVENT_PURGE, .node_id = "n"};

	assert_string_equal(render(*state, &event), EVENT("<purge node='n'/>"));
	event.kind = PUBSUB_EVENT_DELETE;
	assert_string_equal(render(*state, &event), EVENT("<delete node='n'/>"));
	event.redirect = "xmpp:hamlet@denmark.lit?;node=blog";
	assert_string_equal(render(*state, &event),
		EVENT("<delete node='n'><redirect uri='xmpp:hamlet@denmark.lit?;node=blog'/>"
		      "</delete>"));
}

static void test_configuration_with_and_without_form(void **state)
{
	struct pubsub_event event = {.kind = PUBSUB_EVENT_CONFIGURE, .node_id = "n"};
	const char *text;

	assert_string_equal(render(*state, &event), EVENT("<configuration node='n'/>"));
	event.config = &pubsub_node_config_default;
	text = render(*state, &event);
	assert_non_null(
		strstr(text, "<configuration node='n'><x xmlns='jabber:x:data' type='result'>"));
	assert_non_null(
		strstr(text, "<field var='pubsub#access_model'><value>open</value></field>"));
}

static void test_subscription_and_affiliation_notices(void **state)
{
	struct pubsub_subscription subscription = {
		.subscriber = bench_jid(*state, "horatio@denmark.lit"),
		.state = PUBSUB_SUBSCRIPTION_SUBSCRIBED};
	struct pubsub_affiliate affiliate = {
		"n", "polonius@denmark.lit", PUBSUB_AFFILIATION_NONE, 0};
	struct pubsub_event event = {.kind = PUBSUB_EVENT_SUBSCRIPTION,
		.node_id = "n",
		.subscription = &subscription,
		.affiliate = &affiliate};

	assert_string_equal(
		render(*state, &event), EVENT("<subscription node='n' jid='horatio@denmark.lit' "
					      "subscription='subscribed'/>"));
	subscription.options.expire_us = UINT64_C(1141171199000000);
	assert_string_equal(
		render(*state, &event), EVENT("<subscription node='n' jid='horatio@denmark.lit' "
					      "subscription='subscribed' "
					      "expiry='2006-02-28T23:59:59Z'/>"));
	subscription.state = PUBSUB_SUBSCRIPTION_NONE;
	assert_string_equal(render(*state, &event),
		EVENT("<subscription node='n' jid='horatio@denmark.lit' subscription='none'/>"));
	subscription.state = PUBSUB_SUBSCRIPTION_SUBSCRIBED;
	subscription.options.expire_us = PUBSUB_EXPIRE_PRESENCE;
	assert_string_equal(
		render(*state, &event), EVENT("<subscription node='n' jid='horatio@denmark.lit' "
					      "subscription='subscribed'/>"));
	event.kind = PUBSUB_EVENT_AFFILIATION;
	assert_string_equal(render(*state, &event),
		PUBSUB("<affiliations node='n'><affiliation jid='polonius@denmark.lit' "
		       "affiliation='none'/></affiliations>"));
}

static void test_a_digest_is_what_was_rendered_before(void **state)
{
	static const char *const bodies[] = {"<event xmlns='a'/>", "<event xmlns='b'/>"};
	const struct pubsub_event event = {
		.kind = PUBSUB_EVENT_DIGEST, .node_id = "n", .bodies = {bodies, 2}};

	assert_string_equal(render(*state, &event), "<event xmlns='a'/><event xmlns='b'/>");
}

static void test_owners_are_asked_with_a_form(void **state)
{
	struct pubsub_subscription subscription = {
		.subscriber = bench_jid(*state, "horatio@denmark.lit"),
		.sub_id = "123-abc",
		.state = PUBSUB_SUBSCRIPTION_PENDING};
	struct pubsub_event event = {
		.kind = PUBSUB_EVENT_AUTHORIZE, .node_id = "n", .subscription = &subscription};
	const char *text = render(*state, &event);

	assert_true(strncmp(text, "<x xmlns='jabber:x:data' type='form'>", 37) == 0);
	assert_non_null(strstr(text,
		"<field var='FORM_TYPE' type='hidden'><value>"
		"http://jabber.org/protocol/pubsub#subscribe_authorization</value></field>"));
	assert_non_null(strstr(
		text, "<field var='pubsub#subid' type='hidden'><value>123-abc</value></field>"));
	assert_non_null(strstr(text, "label='NodeID'><value>n</value></field>"));
	assert_non_null(strstr(text, "<value>horatio@denmark.lit</value></field>"));
	assert_non_null(strstr(text, "<field var='pubsub#allow' type='boolean'"));
}

static void test_sub_ids_come_last_and_only_with_items(void **state)
{
	const char *sub_ids[] = {"123-abc", "004-yyy"};
	struct pubsub_recipient recipient = {
		.jid = "a@b.lit", .sub_ids = {sub_ids, 2}, .may_see_publisher = true};
	struct pubsub_event event = {.kind = PUBSUB_EVENT_RETRACT,
		.node_id = "n",
		.replyto = "hamlet@denmark.lit/elsinore"};
	static const char address[] = "<addresses xmlns='http://jabber.org/protocol/address'>"
				      "<address type='replyto' jid='hamlet@denmark.lit/elsinore'/>"
				      "</addresses>";
	static const char headers[] = "<headers xmlns='http://jabber.org/protocol/shim'>"
				      "<header name='SubID'>123-abc</header>"
				      "<header name='SubID'>004-yyy</header></headers>";
	const char *text = render_for(*state, &event, &recipient);

	assert_true(strncmp(text, address, sizeof address - 1) == 0);
	assert_string_equal(text + sizeof address - 1, headers);
	event.kind = PUBSUB_EVENT_DELETE;
	assert_string_equal(render_for(*state, &event, &recipient), address);
	event.kind = PUBSUB_EVENT_PURGE;
	recipient.may_see_publisher = false;
	assert_string_equal(render_for(*state, &event, &recipient), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(test_publish_with_and_without_payload),
		bench_test(test_last_items_say_when_they_were_published),
		bench_test(test_retract_names_ids_alone),
		bench_test(test_purge_and_delete),
		bench_test(test_configuration_with_and_without_form),
		bench_test(test_subscription_and_affiliation_notices),
		bench_test(test_a_digest_is_what_was_rendered_before),
		bench_test(test_owners_are_asked_with_a_form),
		bench_test(test_sub_ids_come_last_and_only_with_items),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
