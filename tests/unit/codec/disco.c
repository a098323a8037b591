/* disco.c - service discovery of services and nodes. */
#include "tests/unit/codec/support.h"

#define INFO(attr, content)                                                                        \
	"<query xmlns='http://jabber.org/protocol/disco#info'" attr ">" content "</query>"
#define ITEMS(attr, content)                                                                       \
	"<query xmlns='http://jabber.org/protocol/disco#items'" attr ">" content "</query>"

static enum pubsub_error parse(struct bench *bench, const char *document)
{
	const struct xml_element *query = bench_read(bench, document);

	memset(&bench->request, 0, sizeof bench->request);
	return codec_disco_parse(&bench->stanza, query, &bench->request, &bench->detail);
}

static const char *render_info(
	struct bench *bench, const struct codec_disco *disco, const struct pubsub_answer *answer)
{
	struct xml_writer w = xml_writer(&bench->out);

	buf_truncate(&bench->out, 0);
	codec_disco_info_render(&w, disco, answer);
	assert_int_equal(w.depth, 0);
	return bench_written(bench);
}

static void test_a_query_is_of_the_service_or_of_a_node(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(parse(bench, INFO("", "")), PUBSUB_OK);
	assert_null(bench->request.node_id);
	assert_int_equal(parse(bench, INFO(" node=''", "")), PUBSUB_OK);
	assert_null(bench->request.node_id);
	assert_int_equal(parse(bench, ITEMS(" node='n'", SET("<max>3</max>"))), PUBSUB_OK);
	assert_string_equal(bench->request.node_id, "n");
	assert_int_equal(bench->request.rsm.max, 3);
	assert_int_equal(parse(bench, ITEMS("", SET("<max>x</max>"))), PUBSUB_ERR_BAD_REQUEST);
}

static void test_the_service_shows_identities_and_features(void **state)
{
	const struct codec_identity identities[] = {{"pubsub", "service", "It's mine"}};
	const char *const features[] = {"http://jabber.org/protocol/pubsub", "urn:xmpp:ping"};
	const struct codec_disco disco = {NULL, identities, 1, features, 2};

	assert_string_equal(render_info(*state, &disco, NULL),
		INFO("", "<identity category='pubsub' type='service' name='It&apos;s mine'/>"
			 "<feature var='http://jabber.org/protocol/pubsub'/>"
			 "<feature var='urn:xmpp:ping'/>"));
}

static void test_a_node_shows_its_metadata(void **state)
{
	struct bench *bench = *state;
	const char *contact[] = {"bard@shakespeare.lit"};
	struct pubsub_affiliate affiliates[] = {
		{"n", "hamlet@denmark.lit", PUBSUB_AFFILIATION_OWNER, 0},
		{"n", "ophelia@denmark.lit", PUBSUB_AFFILIATION_PUBLISHER, 0},
		{"n", "laertes@denmark.lit", PUBSUB_AFFILIATION_OUTCAST, 0},
	};
	struct pubsub_node node = {.node_id = "n",
		.config = pubsub_node_config_default,
		.creator = "hamlet@denmark.lit",
		.created_us = UINT64_C(1059519370000000),
		.payload_ns = "http://www.w3.org/2005/Atom",
		.items = 12,
		.subscribers = 1066};
	const struct codec_disco disco = {.node = "n"};

	node.config.title = "Princely Musings";
	node.config.max_items = 120;
	node.config.contact = (struct pubsub_texts){contact, 1};
	bench->answer.node = &node;
	bench->answer.affiliates = affiliates;
	bench->answer.affiliate_count = 3;
	assert_string_equal(render_info(bench, &disco, &bench->answer),
		INFO(" node='n'",
			"<x xmlns='jabber:x:data' type='result'>"
			"<field var='FORM_TYPE' type='hidden'>"
			"<value>http://jabber.org/protocol/pubsub#meta-data</value></field>"
			"<field var='pubsub#type' type='text-single' "
			"label='Payload semantic type information'>"
			"<value>http://www.w3.org/2005/Atom</value></field>"
			"<field var='pubsub#title' type='text-single' "
			"label='A short name for the node'><value>Princely Musings</value></field>"
			"<field var='pubsub#contact' type='jid-multi' "
			"label='People to contact with questions'>"
			"<value>bard@shakespeare.lit</value></field>"
			"<field var='pubsub#access_model' type='list-single' label='Access model'>"
			"<value>open</value></field>"
			"<field var='pubsub#publish_model' type='list-single' label='Publish "
			"model'>"
			"<value>publishers</value></field>"
			"<field var='pubsub#max_items' type='text-single' "
			"label='Max # of items to persist'><value>120</value></field>"
			"<field var='pubsub#creator' type='jid-single' label='Node creator'>"
			"<value>hamlet@denmark.lit</value></field>"
			"<field var='pubsub#creation_date' type='text-single' label='Creation "
			"date'>"
			"<value>2003-07-29T22:56:10Z</value></field>"
			"<field var='pubsub#owner' type='jid-multi' label='Node owners'>"
			"<value>hamlet@denmark.lit</value></field>"
			"<field var='pubsub#publisher' type='jid-multi' "
			"label='Publishers to this node'><value>ophelia@denmark.lit</value></field>"
			"<field var='pubsub#num_subscribers' type='text-single' "
			"label='Number of subscribers to this node'><value>1066</value></field>"
			"<field var='pubsub#num_items' type='text-single' "
			"label='Number of items of this node'><value>12</value></field></x>"));
}

static void test_a_type_that_is_set_goes_before_the_payloads_namespace(void **state)
{
	struct bench *bench = *state;
	struct pubsub_node node = {
		.config = pubsub_node_config_default, .payload_ns = "http://www.w3.org/2005/Atom"};
	const struct codec_disco disco = {.node = "n"};

	node.config.type = "urn:xmpp:microblog:0";
	bench->answer.node = &node;
	assert_non_null(strstr(
		render_info(bench, &disco, &bench->answer), "<value>urn:xmpp:microblog:0</value>"));
	assert_null(strstr(bench_written(bench), "Atom"));
}

static void test_nodes_are_listed_with_their_titles(void **state)
{
	struct bench *bench = *state;
	struct pubsub_node nodes[] = {{.node_id = "Romeoance"}, {.node_id = "Julliennui"}};

	nodes[0].config.title = "Letters to my Beloved";
	bench->request.service = "pubsub.shakespeare.lit";
	bench->answer.nodes = nodes;
	bench->answer.node_count = 2;
	assert_string_equal(bench_render(bench, codec_disco_items_render),
		ITEMS("", "<item jid='pubsub.shakespeare.lit' node='Romeoance' "
			  "name='Letters to my Beloved'/>"
			  "<item jid='pubsub.shakespeare.lit' node='Julliennui'/>"));
}

static void test_items_are_listed_by_id_without_a_node(void **state)
{
	struct bench *bench = *state;
	struct pubsub_item items[] = {{.id = "3688"}, {.id = "3300"}};

	bench->request.service = "pubsub.shakespeare.lit";
	bench->request.node_id = "princely_musings";
	bench->answer.items = items;
	bench->answer.item_count = 2;
	bench->answer.page = (struct pubsub_page){.present = true, .has_count = true, .count = 2};
	assert_string_equal(bench_render(bench, codec_disco_items_render),
		ITEMS(" node='princely_musings'",
			"<item jid='pubsub.shakespeare.lit' name='3688'/>"
			"<item jid='pubsub.shakespeare.lit' name='3300'/>" SET(
				"<count>2</count>")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(test_a_query_is_of_the_service_or_of_a_node),
		bench_test(test_the_service_shows_identities_and_features),
		bench_test(test_a_node_shows_its_metadata),
		bench_test(test_a_type_that_is_set_goes_before_the_payloads_namespace),
		bench_test(test_nodes_are_listed_with_their_titles),
		bench_test(test_items_are_listed_by_id_without_a_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
