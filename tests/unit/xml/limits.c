/* limits.c - a stanza above a limit is skipped, yielded as oversized, and harms nobody else. */
#include "support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "peppy/array.h"

/* What becomes of a stanza between two others; they have to come out unharmed, however the
 * stream is cut. */
static bool is_oversized(const struct xml_limits *limits, const char *stanza)
{
	struct buf stream = {0}, whole = {0}, dump = {0};
	bool oversized;

	buf_printf(&stream, "<b>1</b>%s<b>2</b>", stanza);
	assert_int_equal(read_stream(limits, stream.data, stream.len,
				 (struct reading){.first = stream.len}, &whole),
		XML_MORE);
	buf_append_byte(&whole, '\0');
	for (size_t at = 1; at < stream.len; at++) {
		buf_truncate(&dump, 0);
		assert_int_equal(read_stream(limits, stream.data, stream.len,
					 (struct reading){at, at, false}, &dump),
			XML_MORE);
		buf_append_byte(&dump, '\0');
		assert_string_equal(dump.data, whole.data);
	}
	assert_non_null(strstr(whole.data, "stanza 8 <b>1</b>\n"));
	assert_non_null(strstr(whole.data, "stanza 8 <b>2</b>\n"));
	oversized = strstr(whole.data, "oversized 0 \n") != NULL;
	buf_finish(&stream);
	buf_finish(&whole);
	buf_finish(&dump);
	return oversized;
}

static void test_depth_counts_the_stanza_as_one(void **state)
{
	const struct xml_limits limits = {.depth = 3};

	(void)state;
	assert_false(is_oversized(&limits, "<a><b><c/><c/></b><b><c>x</c></b></a>"));
	assert_true(is_oversized(&limits, "<a><b><c><d/></c></b></a>"));
}

static void test_elements_are_counted_with_the_stanza(void **state)
{
	const struct xml_limits limits = {.elements = 4};

	(void)state;
	assert_false(is_oversized(&limits, "<a><b><c/></b><d/></a>"));
	assert_true(is_oversized(&limits, "<a><b><c/></b><d/><e/></a>"));
}

static void test_attributes_are_counted_with_declarations(void **state)
{
	const struct xml_limits limits = {.attributes = 3};

	(void)state;
	assert_false(is_oversized(&limits, "<a b='' c='' xmlns:d='u'><e b='' c='' d=''/></a>"));
	assert_true(is_oversized(&limits, "<a b='' c='' xmlns:d='u' xmlns='v'/>"));
	assert_true(is_oversized(&limits, "<a><e b='' c='' d='' e=''/></a>"));
}

static void test_bytes_are_counted_from_bracket_to_bracket(void **state)
{
	const struct xml_limits limits = {.stanza_bytes = 20};

	(void)state;
	assert_false(is_oversized(&limits, "  <a>3456789012345</a>  "));
	assert_true(is_oversized(&limits, "  <a>34567890123456</a>  "));
	assert_false(is_oversized(&limits, "<a><b/><b/><b/></a >"));
	assert_true(is_oversized(&limits, "<a><b/><b/><b/></a  >"));
	assert_true(is_oversized(&limits, "<a>34567890123456<b>89<c/></b></a>"));
	assert_true(is_oversized(&limits, "<a>3456789012345<b/>8</a>"));
}

/* Of what is skipped nothing is used. */
static void test_names_beyond_a_limit_are_not_looked_at(void **state)
{
	const struct xml_limits limits = {.depth = 2, .attributes = 2};

	(void)state;
	assert_true(is_oversized(&limits, "<a><b><p:c p:d='' xmlns:p=''/></b><p:e/></a>"));
	assert_true(is_oversized(&limits, "<a b='' c='' d=''><p:e/></a>"));
}

static void test_what_a_cut_element_declared_ends_with_the_stanza(void **state)
{
	const struct xml_limits limits = {.depth = 2};
	struct xml_parser *parser = parser_fed(&limits,
		"<a xmlns='u' xmlns:p='u'><b xmlns:stream='v'><c/></b></a><stream:a/><p:b/>");
	struct xml_stanza stanza;

	(void)state;
	assert_int_equal(xml_parser_next(parser, &stanza), XML_STANZA);
	assert_true(stanza.oversized);
	assert_int_equal(xml_parser_next(parser, &stanza), XML_STANZA);
	assert_string_equal(stanza.root->ns, "http://etherx.jabber.org/streams");
	assert_int_equal(xml_parser_next(parser, &stanza), XML_BROKEN);
	assert_string_equal(xml_parser_reason(parser), "not-well-formed: unbound prefix");
	xml_parser_destroy(parser);
}

static void test_no_limit_means_none(void **state)
{
	struct buf deep = {0};
	struct xml_parser *parser;
	struct xml_stanza stanza;

	(void)state;
	for (int i = 0; i < 100000; i++)
		buf_append_text(&deep, "<a>");
	for (int i = 0; i < 100000; i++)
		buf_append_text(&deep, "</a>");
	buf_append(&deep, "", 1);
	parser = parser_fed(&unlimited, deep.data);
	assert_int_equal(xml_parser_next(parser, &stanza), XML_STANZA);
	assert_false(stanza.oversized);
	assert_int_equal(stanza.len, deep.len - 1);
	xml_parser_destroy(parser);
	buf_finish(&deep);
}

static void test_an_oversized_stanza_shows_what_came_before_the_limit(void **state)
{
	const struct xml_limits limits = {.elements = 5};
	struct xml_parser *parser = parser_fed(&limits,
		"<iq from='s' id='outer'><delegation xmlns='urn:xmpp:delegation:2'>"
		"<forwarded xmlns='urn:xmpp:forward:0'><iq xmlns='jabber:client' id='inner'>cut"
		"<pubsub>text</pubsub><more/>tail</iq></forwarded></delegation></iq>");
	struct xml_stanza stanza;
	const struct xml_element *el;

	(void)state;
	assert_int_equal(xml_parser_next(parser, &stanza), XML_STANZA);
	assert_true(stanza.oversized);
	assert_int_equal(stanza.len, 0);
	assert_string_equal(xml_attr(stanza.root, "id"), "outer");
	el = xml_child(stanza.root, "urn:xmpp:delegation:2", "delegation");
	el = xml_child(el, "urn:xmpp:forward:0", "forwarded");
	el = xml_child(el, "jabber:client", "iq");
	assert_string_equal(xml_attr(el, "id"), "inner");
	assert_string_equal(el->text, "");
	assert_string_equal(xml_child(el, "jabber:client", "pubsub")->text, "text");
	assert_null(xml_child(el, "jabber:client", "more"));
	xml_parser_destroy(parser);
}

static void test_the_tag_that_breaks_a_limit_is_seen_whole(void **state)
{
	const struct xml_limits many = {.attributes = 2}, longer = {.stanza_bytes = 30};
	struct xml_stanza stanza;
	struct xml_parser *parser;

	(void)state;
	parser = parser_fed(&many, "<iq a='1' b='2' from='c' id='d'><x/></iq>");
	assert_int_equal(xml_parser_next(parser, &stanza), XML_STANZA);
	assert_true(stanza.oversized);
	assert_string_equal(xml_attr(stanza.root, "id"), "d");
	assert_null(stanza.root->first);
	xml_parser_destroy(parser);

	parser = parser_fed(&longer, "<iq id='outer'><iq id='inner'><x/></iq></iq>");
	assert_int_equal(xml_parser_next(parser, &stanza), XML_STANZA);
	assert_true(stanza.oversized);
	assert_string_equal(xml_attr(stanza.root->first, "id"), "inner");
	xml_parser_destroy(parser);
}

static void test_a_single_token_above_the_limit_ends_the_stream(void **state)
{
	static const char *const streams[] = {
		"<a bcdefgh='23456789'/>",
		"<a><a bcdefgh='23456789'/></a>",
		"<a></a                   >",
		"<a>&#0000000000000000000065;</a>",
		"&#0000000000000000000032;<a/>",
	};
	const struct xml_limits limits = {.stanza_bytes = 20};
	struct buf dump = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(streams); i++)
		for (size_t at = 1; at <= strlen(streams[i]); at++)
			assert_int_equal(read_stream(&limits, streams[i], strlen(streams[i]),
						 (struct reading){at, at, false}, &dump),
				XML_BROKEN);
	assert_int_equal(dump.len, 0);
	assert_int_equal(read_stream(&limits, "<a bcdefgh='234567'>", 20,
				 (struct reading){.first = 20}, &dump),
		XML_MORE);
}

static void test_a_token_is_too_long_before_it_has_ended(void **state)
{
	const struct xml_limits limits = {.stanza_bytes = 100 * 1000};
	struct xml_parser *parser = parser_fed(&limits, "<a b='");
	struct xml_stanza stanza;

	(void)state;
	for (int i = 0; i < 10; i++) { /* 10 000 bytes each, without a '>' */
		memset(xml_parser_space(parser, 10000), 'x', 10000);
		xml_parser_filled(parser, 10000);
		assert_int_equal(xml_parser_next(parser, &stanza), XML_MORE);
		xml_parser_release(parser);
	}
	for (int i = 0; i < 10 && xml_parser_next(parser, &stanza) == XML_MORE; i++) {
		memset(xml_parser_space(parser, 10000), 'x', 10000);
		xml_parser_filled(parser, 10000);
	}
	assert_int_equal(xml_parser_next(parser, &stanza), XML_BROKEN);
	assert_string_equal(xml_parser_reason(parser),
		"policy-violation: a single token above the stanza limit");
	xml_parser_destroy(parser);
}

static void test_an_endless_stanza_costs_no_more_memory_than_the_limit(void **state)
{
	enum { READ = 16 * 1024, READS = 1024 }; /* 16 MiB */
	static const char *const fillings[] = {"x", "<a/>", "&lt;", "<![CDATA[x]]>"};
	const struct xml_limits limits = {.stanza_bytes = 64 * 1024, .elements = 1000};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(fillings); i++) {
		struct xml_parser *parser = parser_fed(&limits, "<s id='1'>");
		size_t before = heap_bytes(), len = strlen(fillings[i]), at = 0;
		struct xml_stanza stanza;

		for (size_t reads = 0; reads < READS; reads++) {
			char *space = xml_parser_space(parser, READ);

			for (size_t k = 0; k < READ; k++)
				space[k] = fillings[i][at++ % len];
			xml_parser_filled(parser, READ);
			assert_int_equal(xml_parser_next(parser, &stanza), XML_MORE);
			xml_parser_release(parser);
			assert_true(heap_bytes() < before + 1024 * 1024);
		}
		feed(parser, fillings[i] + at % len, (len - at % len) % len);
		feed(parser, "</s><b/>", 8);
		assert_int_equal(xml_parser_next(parser, &stanza), XML_STANZA);
		assert_true(stanza.oversized);
		assert_string_equal(xml_attr(stanza.root, "id"), "1");
		assert_int_equal(xml_parser_next(parser, &stanza), XML_STANZA);
		assert_memory_equal(stanza.bytes, "<b/>", 4);
		xml_parser_destroy(parser);
	}
}

static void test_elements_that_never_end_cost_memory_for_as_many_as_a_stanza_can_hold(void **state)
{
	enum { LIMIT = 70000, READ = 3 * 1000, READS = 1000 };
	const struct xml_limits limits = {.stanza_bytes = LIMIT, .depth = 5};
	struct xml_parser *parser = parser_fed(&limits, "");
	enum xml_event event = XML_MORE;
	size_t before = heap_bytes(), reads;
	struct xml_stanza stanza;

	(void)state;
	for (reads = 0; reads < READS && event == XML_MORE; reads++) {
		char *space = xml_parser_space(parser, READ);

		for (size_t at = 0; at < READ; at += 3)
			memcpy(space + at, "<a>", 3);
		xml_parser_filled(parser, READ);
		event = xml_parser_next(parser, &stanza);
		xml_parser_release(parser);
	}
	assert_int_equal(event, XML_BROKEN);
	assert_string_equal(xml_parser_reason(parser),
		"policy-violation: more elements open than the stanza limit has room for");
	assert_int_equal(reads, 1 + 1 + LIMIT / 7 / 1000); /* 1 000 elements each */
	assert_true(heap_bytes() < before + 4 * 1024 * 1024);
	xml_parser_destroy(parser);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_depth_counts_the_stanza_as_one),
		cmocka_unit_test(test_elements_are_counted_with_the_stanza),
		cmocka_unit_test(test_attributes_are_counted_with_declarations),
		cmocka_unit_test(test_bytes_are_counted_from_bracket_to_bracket),
		cmocka_unit_test(test_names_beyond_a_limit_are_not_looked_at),
		cmocka_unit_test(test_what_a_cut_element_declared_ends_with_the_stanza),
		cmocka_unit_test(test_no_limit_means_none),
		cmocka_unit_test(test_an_oversized_stanza_shows_what_came_before_the_limit),
		cmocka_unit_test(test_the_tag_that_breaks_a_limit_is_seen_whole),
		cmocka_unit_test(test_a_single_token_above_the_limit_ends_the_stream),
		cmocka_unit_test(test_a_token_is_too_long_before_it_has_ended),
		cmocka_unit_test(test_an_endless_stanza_costs_no_more_memory_than_the_limit),
		cmocka_unit_test(
			test_elements_that_never_end_cost_memory_for_as_many_as_a_stanza_can_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
