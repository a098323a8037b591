/* item.c - publish, retract, items: XEP-0060 6.5, 7.1, 7.2. */
#include "tests/unit/codec/support.h"

#include "peppy/array.h"

static enum pubsub_error parse_publish(struct bench *bench, const char *document)
{
	return bench_parse(bench, codec_publish_parse, "publish", document);
}

static enum pubsub_error parse_items(struct bench *bench, const char *document)
{
	return bench_parse(bench, codec_items_parse, "items", document);
}

static enum pubsub_error parse_retract(struct bench *bench, const char *document)
{
	return bench_parse(bench, codec_retract_parse, "retract", document);
}

static void test_the_example_of_7_1_1_is_read(void **state)
{
	struct bench *bench = *state;
	const struct pubsub_item *item;

	assert_int_equal(
		parse_publish(bench,
			PUBSUB("<publish node='princely_musings'><item id='bnd81g37d61f49fgn581'>\n"
			       "<entry xmlns='http://www.w3.org/2005/Atom'><title>Soliloquy</title>"
			       "</entry>\n</item></publish>")),
		PUBSUB_OK);
	assert_string_equal(bench->request.node_id, "princely_musings");
	assert_int_equal(bench->request.item_count, 1);
	item = &bench->request.items[0];
	assert_string_equal(item->id, "bnd81g37d61f49fgn581");
	assert_string_equal(item->payload, "<entry xmlns='http://www.w3.org/2005/Atom'>"
					   "<title>Soliloquy</title></entry>");
	assert_int_equal(item->payload_len, strlen(item->payload));
	assert_string_equal(item->payload_ns, "http://www.w3.org/2005/Atom");
	assert_string_equal(item->payload_name, "entry");
	assert_false(bench->request.has_publish_options);
}

static void test_the_payload_stands_alone(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(
		parse_publish(bench, "<p:pubsub xmlns:p='http://jabber.org/protocol/pubsub' "
				     "xmlns:a='urn:a' xml:lang='de'><p:publish node='n'><p:item>"
				     "<a:b>x</a:b></p:item></p:publish></p:pubsub>"),
		PUBSUB_OK);
	assert_string_equal(bench->request.items[0].payload_ns, "urn:a");
	assert_non_null(strstr(bench->request.items[0].payload, "xmlns:a='urn:a'"));
	assert_non_null(strstr(bench->request.items[0].payload, "xml:lang='de'"));
}

static void test_an_item_may_be_empty_or_missing(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(
		parse_publish(bench, PUBSUB("<publish node='n'><item/></publish>")), PUBSUB_OK);
	assert_int_equal(bench->request.item_count, 1);
	assert_null(bench->request.items[0].id);
	assert_null(bench->request.items[0].payload);
	assert_int_equal(parse_publish(bench, PUBSUB("<publish node='n'/>")), PUBSUB_OK);
	assert_int_equal(bench->request.item_count, 0);
}

static void test_an_empty_item_id_is_none(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(
		parse_publish(bench, PUBSUB("<publish node='n'><item id=''><a xmlns='urn:a'/>"
					    "</item></publish>")),
		PUBSUB_OK);
	assert_null(bench->request.items[0].id);
}

static void test_ids_are_kept_exactly(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(parse_publish(bench,
				 PUBSUB("<publish node=' A&#10;b&#xe9; '><item id='&lt;&amp;&gt; "
					"&quot;&apos;'/></publish>")),
		PUBSUB_OK);
	assert_string_equal(bench->request.node_id, " A\nb\xc3\xa9 ");
	assert_string_equal(bench->request.items[0].id, "<&> \"'");
}

static void test_the_publisher_is_not_taken_from_the_client(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(
		parse_publish(bench, PUBSUB("<publish node='n'><item publisher='king@denmark.lit'/>"
					    "</publish>")),
		PUBSUB_OK);
	assert_null(bench->request.items[0].publisher);
}

static void test_two_payloads_or_text_are_invalid(void **state)
{
	assert_int_equal(parse_publish(*state, PUBSUB("<publish node='n'><item><a xmlns='urn:a'/>"
						      "<b xmlns='urn:a'/></item></publish>")),
		PUBSUB_ERR_PAYLOAD_INVALID);
	assert_int_equal(
		parse_publish(*state, PUBSUB("<publish node='n'><item>text</item></publish>")),
		PUBSUB_ERR_PAYLOAD_INVALID);
	assert_int_equal(
		parse_publish(*state, PUBSUB("<publish node='n'><item><a xmlns='urn:a'/>text</item>"
					     "</publish>")),
		PUBSUB_ERR_PAYLOAD_INVALID);
}

/* XEP-0060 7.1.1; each payload takes the declaration along, 2 000 times 1 KiB of it. */
static void test_a_long_declaration_is_not_multiplied_without_bound(void **state)
{
	enum { ITEMS = 2000, DECLARATION = 1024 };
	struct bench *bench = *state;
	struct buf document = {0};

	buf_append_text(
		&document, "<pubsub xmlns='http://jabber.org/protocol/pubsub' xmlns:p='urn:");
	for (size_t i = 0; i < DECLARATION; i++)
		buf_append_byte(&document, 'x');
	buf_append_text(&document, "'><publish node='n'>");
	for (size_t i = 0; i < ITEMS; i++)
		buf_append_text(&document, "<item><p:a/></item>");
	buf_append(&document, "</publish></pubsub>", sizeof "</publish></pubsub>");
	assert_int_equal(parse_publish(bench, document.data), PUBSUB_ERR_PAYLOAD_TOO_BIG);
	buf_finish(&document);
}

static void test_a_batch_keeps_its_order(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(
		parse_publish(bench, PUBSUB("<publish node='n'><item id='1'/><item id='2'/>"
					    "<item id='3'/></publish>")),
		PUBSUB_OK);
	assert_int_equal(bench->request.item_count, 3);
	assert_string_equal(bench->request.items[0].id, "1");
	assert_string_equal(bench->request.items[2].id, "3");
}

static void test_publish_options_are_read_wherever_they_stand(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(
		parse_publish(bench, PUBSUB("<publish-options>" SUBMIT("publish-options",
					     FIELD("access_model", "presence") FIELD("max_items",
						     "max")) "</publish-options><publish "
							     "node='n'><item/></publish>")),
		PUBSUB_OK);
	assert_true(bench->request.has_publish_options);
	assert_int_equal(bench->request.publish_options.access_model, PUBSUB_ACCESS_PRESENCE);
	assert_int_equal(bench->request.publish_options.max_items, PUBSUB_MAX);
	assert_null(bench->request.publish_options_unknown);
	assert_true(bench->request.config_set == 0);
}

static void test_an_unknown_publish_option_is_remembered(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(
		parse_publish(bench,
			PUBSUB("<publish node='n'><item/></publish><publish-options>" SUBMIT(
				"publish-options", FIELD("nonesuch", "1")) "</publish-options>")),
		PUBSUB_OK);
	assert_string_equal(bench->request.publish_options_unknown, "pubsub#nonesuch");
	assert_int_equal(
		parse_publish(bench, PUBSUB("<publish node='n'/><publish-options>" SUBMIT(
					     "subscribe_options", "") "</publish-options>")),
		PUBSUB_ERR_FORM_INVALID);
	assert_int_equal(
		parse_publish(bench,
			PUBSUB("<publish node='n'/><publish-options>" SUBMIT("publish-options",
				FIELD("access_model", "x")) "</publish-options>")),
		PUBSUB_ERR_OPTIONS_INVALID);
	assert_string_equal(bench->detail, "pubsub#access_model");
}

static void test_requests_need_a_node(void **state)
{
	assert_int_equal(parse_publish(*state, PUBSUB("<publish><item/></publish>")),
		PUBSUB_ERR_NODEID_REQUIRED);
	assert_int_equal(parse_publish(*state, PUBSUB("<publish node=''><item/></publish>")),
		PUBSUB_ERR_NODEID_REQUIRED);
	assert_int_equal(parse_retract(*state, PUBSUB("<retract><item id='a'/></retract>")),
		PUBSUB_ERR_NODEID_REQUIRED);
	assert_int_equal(parse_items(*state, PUBSUB("<items/>")), PUBSUB_ERR_NODEID_REQUIRED);
}

static void test_publish_answers_with_every_id(void **state)
{
	struct bench *bench = *state;
	struct pubsub_item items[] = {
		{.id = "ae89", .payload = "<x/>", .payload_len = 4}, {.id = "'"}};

	bench->request.node_id = "princely_musings";
	bench->answer.items = items;
	bench->answer.item_count = 2;
	assert_string_equal(bench_render(bench, codec_publish_render),
		PUBSUB("<publish node='princely_musings'><item id='ae89'/><item id='&apos;'/>"
		       "</publish>"));
}

static void test_retract_takes_ids_and_notify(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(
		parse_retract(bench, PUBSUB("<retract node='n'><item id='ae89'/></retract>")),
		PUBSUB_OK);
	assert_string_equal(bench->request.items[0].id, "ae89");
	assert_false(bench->request.notify);
	assert_int_equal(
		parse_retract(bench, PUBSUB("<retract node='n' notify='true'><item id='a'/>"
					    "<item id='b'/></retract>")),
		PUBSUB_OK);
	assert_true(bench->request.notify);
	assert_int_equal(bench->request.item_count, 2);
	assert_int_equal(parse_retract(bench,
				 PUBSUB("<retract node='n' notify='0'><item id='a'/></retract>")),
		PUBSUB_OK);
	assert_false(bench->request.notify);
	assert_int_equal(parse_retract(bench,
				 PUBSUB("<retract node='n' notify='yes'><item id='a'/></retract>")),
		PUBSUB_ERR_BAD_REQUEST);
}

static void test_retract_needs_items_with_ids(void **state)
{
	assert_int_equal(
		parse_retract(*state, PUBSUB("<retract node='n'/>")), PUBSUB_ERR_ITEMID_REQUIRED);
	assert_int_equal(parse_retract(*state, PUBSUB("<retract node='n'><item/></retract>")),
		PUBSUB_ERR_ITEMID_REQUIRED);
	assert_int_equal(parse_retract(*state, PUBSUB("<retract node='n'><item id='a'/>"
						      "<item id=''/></retract>")),
		PUBSUB_ERR_ITEMID_REQUIRED);
}

static void test_items_are_asked_for_by_number_id_and_page(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(parse_items(bench, PUBSUB("<items node='n' max_items='2' subid='123'/>")),
		PUBSUB_OK);
	assert_int_equal(bench->request.max_items, 2);
	assert_string_equal(bench->request.sub_id, "123");
	assert_false(bench->request.rsm.present);
	assert_int_equal(
		parse_items(bench, PUBSUB("<items node='n'><item id='a'/></items>")), PUBSUB_OK);
	assert_int_equal(bench->request.max_items, 0);
	assert_int_equal(bench->request.item_count, 1);
	assert_int_equal(
		parse_items(bench, PUBSUB(SET("<max>20</max><before/>") "<items node='n'/>")),
		PUBSUB_OK);
	assert_string_equal(bench->request.rsm.before, "");
	assert_int_equal(bench->request.rsm.max, 20);
}

static void test_max_items_is_a_positive_number(void **state)
{
	static const char *const bad[] = {"0", "-1", "max", "", "1.0"};
	struct bench *bench = *state;

	for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
		assert_int_equal(
			parse_items(
				bench, arena_printf(bench->arena,
					       PUBSUB("<items node='n' max_items='%s'/>"), bad[i])),
			PUBSUB_ERR_BAD_REQUEST);
}

static void test_items_answers_payloads_as_they_came(void **state)
{
	struct bench *bench = *state;
	struct pubsub_item items[] = {
		{.id = "3688", .payload = "<entry xmlns='a'/>", .payload_len = 18},
		{.id = "<4>", .publisher = "hamlet@denmark.lit"},
	};

	bench->request.node_id = "n";
	bench->answer.items = items;
	bench->answer.item_count = 2;
	bench->answer.page = (struct pubsub_page){
		.present = true, .first = "1", .last = "2", .has_count = true, .count = 2};
	assert_string_equal(bench_render(bench, codec_items_render),
		PUBSUB("<items node='n'><item id='3688'><entry xmlns='a'/></item>"
		       "<item id='&lt;4&gt;' publisher='hamlet@denmark.lit'/></items>" SET(
			       "<first>1</first><last>2</last><count>2</count>")));
}

static void test_an_empty_page_has_an_empty_list(void **state)
{
	struct bench *bench = *state;

	bench->request.node_id = "n";
	bench->answer.page = (struct pubsub_page){.present = true, .has_count = true};
	assert_string_equal(bench_render(bench, codec_items_render),
		PUBSUB("<items node='n'/>" SET("<count>0</count>")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(test_the_example_of_7_1_1_is_read),
		bench_test(test_the_payload_stands_alone),
		bench_test(test_an_item_may_be_empty_or_missing),
		bench_test(test_an_empty_item_id_is_none),
		bench_test(test_ids_are_kept_exactly),
		bench_test(test_the_publisher_is_not_taken_from_the_client),
		bench_test(test_two_payloads_or_text_are_invalid),
		bench_test(test_a_long_declaration_is_not_multiplied_without_bound),
		bench_test(test_a_batch_keeps_its_order),
		bench_test(test_publish_options_are_read_wherever_they_stand),
		bench_test(test_an_unknown_publish_option_is_remembered),
		bench_test(test_requests_need_a_node),
		bench_test(test_publish_answers_with_every_id),
		bench_test(test_retract_takes_ids_and_notify),
		bench_test(test_retract_needs_items_with_ids),
		bench_test(test_items_are_asked_for_by_number_id_and_page),
		bench_test(test_max_items_is_a_positive_number),
		bench_test(test_items_answers_payloads_as_they_came),
		bench_test(test_an_empty_page_has_an_empty_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
