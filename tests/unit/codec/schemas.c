/* schemas.c - everything that the codec writes is valid by schemas/, and the schemas tell good
 * stanzas from bad ones. */
#include <stdlib.h>

#include "peppy/array.h"
#include "tests/flow/validate.h"
#include "tests/unit/codec/support.h"

#define ENVELOPE "xmlns='jabber:component:accept' id='1' from='pubsub.b.lit' to='a@b.lit/c'"

static void check(bool expected, const char *xml)
{
	char *why;
	bool valid = validate_stanza(xml, strlen(xml), &why);

	if (valid != expected)
		print_error("%s: %s\n", valid ? "valid" : why, xml);
	free(why);
	assert_int_equal(valid, expected);
}

static void check_in(struct bench *bench, const char *name, const char *type, const char *content)
{
	check(true, arena_printf(bench->arena, "<%s type='%s' " ENVELOPE ">%s</%s>", name, type,
			    content, name));
}

static void test_good_stanzas_are_valid(void **state)
{
	(void)state;
	check(true, "<iq type='result' " ENVELOPE "/>");
	check(true, "<iq type='get' " ENVELOPE "><query xmlns='jabber:iq:roster'/></iq>");
	check(true, "<iq type='result' " ENVELOPE "><query xmlns='jabber:iq:version'>"
		    "<name>peppy</name><version>1</version></query></iq>");
	check(true,
		"<iq type='result' " ENVELOPE "><query xmlns='jabber:iq:last' seconds='1'/></iq>");
	check(true, "<presence type='probe' from='pubsub.b.lit' to='a@b.lit' "
		    "xmlns='jabber:component:accept'/>");
	check(true, "<iq type='result' " ENVELOPE "><delegation xmlns='urn:xmpp:delegation:2'>"
		    "<forwarded xmlns='urn:xmpp:forward:0'><iq xmlns='jabber:client' type='error' "
		    "id='' from='a@b.lit' to='a@b.lit/c'><error type='cancel'><item-not-found "
		    "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq></forwarded>"
		    "</delegation></iq>");
	check(true, "<message from='pubsub.b.lit' to='b.lit' xmlns='jabber:component:accept'>"
		    "<privilege xmlns='urn:xmpp:privilege:1'><forwarded xmlns='urn:xmpp:forward:0'>"
		    "<message xmlns='jabber:client' type='headline' id='1' from='a@b.lit' "
		    "to='c@b.lit'>" EVENT("<purge node='n'/>") "</message></forwarded></privilege>"
							       "</message>");
}

static void test_bad_stanzas_are_not_valid(void **state)
{
	static const char *const bad[] = {
		"<iq type='result' " ENVELOPE ">",
		"<iq type='result' id='1' from='a' to='b'/>",
		"<iq type='result' xmlns='jabber:component:accept' from='a' to='b'/>",
		"<iq type='done' " ENVELOPE "/>",
		"<iq type='result' " ENVELOPE "><x xmlns='urn:unknown'/></iq>",
		"<iq type='result' " ENVELOPE ">" PUBSUB("<create/>") "</iq>",
		"<iq type='result' " ENVELOPE ">" PUBSUB("<items node='n'><item/></items>") "</iq>",
		"<iq type='result' " ENVELOPE
		">" PUBSUB("<items node='n'><item id='i'><a xmlns=''/><b "
			   "xmlns=''/></item></items>") "</iq>",
		"<iq type='result' " ENVELOPE
		">" OWNER("<affiliations node='n'>"
			  "<affiliation node='n' jid='a' "
			  "affiliation='owner'/></affiliations>") "</iq>",
		"<iq type='result' " ENVELOPE
		">" OWNER("<affiliations node='n'>"
			  "<affiliation jid='a' affiliation='king'/></affiliations>") "</iq>",
		"<iq type='error' " ENVELOPE "><error type='cancel'/></iq>",
		"<iq type='error' " ENVELOPE "><error type='cancel'><unsupported "
		"xmlns='http://jabber.org/protocol/pubsub#errors' "
		"feature='x'/></error></iq>",
		"<message type='chat' " ENVELOPE ">" EVENT("<purge node='n'/>") "</message>",
		"<message " ENVELOPE ">" EVENT("<items node='n'><item id='1'/><item "
					       "id='2'/></items>") "</message>",
		"<message " ENVELOPE ">" EVENT("") "</message>",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
		check(false, bad[i]);
}

static void test_every_error_is_valid(void **state)
{
	struct bench *bench = *state;

	for (int err = PUBSUB_OK + 1; err < PUBSUB_ERR_COUNT; err++) {
		struct xml_writer w = xml_writer(&bench->out);

		buf_truncate(&bench->out, 0);
		codec_error_render(&w, (enum pubsub_error)err, "publish");
		check_in(bench, "iq", "error", bench_written(bench));
	}
}

static const char *const texts[] = {"friends", "a & b"};
static struct pubsub_item items[] = {
	{.id = "1", .payload = "<e xmlns=''><e/></e>", .payload_len = 20, .publisher = "a@b.lit"},
	{.id = "2"},
};
static struct pubsub_affiliate affiliates[] = {{"n", "a@b.lit", PUBSUB_AFFILIATION_OWNER, 0}};
static struct pubsub_node nodes[] = {{.node_id = "n", .creator = "a@b.lit"}};
static struct pubsub_subscription subscription = {
	.node_id = "n", .sub_id = "1", .state = PUBSUB_SUBSCRIPTION_SUBSCRIBED};

static void fill(struct bench *bench)
{
	struct pubsub_answer *answer = &bench->answer;

	subscription.subscriber = bench_jid(bench, "a@b.lit/c");
	subscription.options = pubsub_subscribe_options_default;
	bench->request.service = "pubsub.b.lit";
	bench->request.node_id = "n";
	bench->request.jid = subscription.subscriber;
	*answer = (struct pubsub_answer){
		.node_id = "n",
		.items = items,
		.item_count = 2,
		.page = {.present = true,
			.first = "1",
			.last = "2",
			.has_index = true,
			.has_count = true,
			.count = 2},
		.config = pubsub_node_config_default,
		.options = pubsub_subscribe_options_default,
		.subscriptions = &subscription,
		.subscription_count = 1,
		.affiliates = affiliates,
		.affiliate_count = 1,
		.nodes = nodes,
		.node_count = 1,
	};
	answer->config.title = "It's <mine>";
	answer->config.roster_groups_allowed = (struct pubsub_texts){texts, 2};
}

static void test_every_answer_is_valid(void **state)
{
	static const codec_render_fn renders[] = {codec_create_render, codec_subscribe_render,
		codec_unsubscribe_render, codec_options_get_render, codec_options_default_render,
		codec_items_render, codec_subscriptions_render, codec_affiliations_render,
		codec_publish_render, codec_configure_get_render, codec_configure_default_render,
		codec_owner_subscriptions_render, codec_owner_affiliations_render,
		codec_nothing_render, codec_disco_items_render};
	struct bench *bench = *state;

	for (size_t i = 0; i < ARRAY_COUNT(renders); i++) {
		fill(bench);
		check_in(bench, "iq", "result", bench_render(bench, renders[i]));
		bench->request.options_state = PUBSUB_FORM_SUBMIT;
		check_in(bench, "iq", "result", bench_render(bench, renders[i]));
		bench->request.options_state = PUBSUB_FORM_NONE;
		bench->answer = (struct pubsub_answer){.node_id = "n",
			.page = {.present = true, .has_count = true},
			.subscriptions = &subscription};
		check_in(bench, "iq", "result", bench_render(bench, renders[i]));
	}
}

static void test_disco_info_is_valid(void **state)
{
	const struct codec_identity identities[] = {{"pubsub", "leaf", NULL}};
	const char *const features[] = {NS_PUBSUB};
	const struct codec_disco disco = {"n", identities, 1, features, 1};
	struct bench *bench = *state;
	struct xml_writer w = xml_writer(&bench->out);

	fill(bench);
	nodes[0].config = bench->answer.config;
	bench->answer.node = nodes;
	codec_disco_info_render(&w, &disco, &bench->answer);
	check_in(bench, "iq", "result", bench_written(bench));
}

static void test_every_event_is_valid(void **state)
{
	const char *sub_ids[] = {"1", "2"};
	const struct pubsub_recipient recipient = {.jid = "a@b.lit",
		.sub_ids = {sub_ids, 2},
		.collections = {sub_ids, 2},
		.may_see_publisher = true,
		.wants_body = true};
	struct bench *bench = *state;

	fill(bench);
	for (int kind = 0; kind < PUBSUB_EVENT_COUNT; kind++)
		for (int full = 0; full < 2; full++) {
			struct pubsub_event event = {
				.kind = (enum pubsub_event_kind)kind,
				.service = "pubsub.b.lit",
				.node_id = "n",
				.items = items,
				.item_count = full ? 1 : 0,
				.last = full,
				.redirect = full ? "xmpp:b.lit?;node=m" : NULL,
				.config = full ? &bench->answer.config : NULL,
				.subscription = &subscription,
				.affiliate = affiliates,
				.child = "m",
				.replyto = full ? "a@b.lit/c" : NULL,
			};
			struct xml_writer w = xml_writer(&bench->out);

			buf_truncate(&bench->out, 0);
			codec_event_render(&w, &event);
			codec_recipient_render(&w, &event, &recipient);
			check_in(bench, "message", "headline", bench_written(bench));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(test_good_stanzas_are_valid),
		bench_test(test_bad_stanzas_are_not_valid),
		bench_test(test_every_error_is_valid),
		bench_test(test_every_answer_is_valid),
		bench_test(test_disco_info_is_valid),
		bench_test(test_every_event_is_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
