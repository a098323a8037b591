/* parser.c - a stream gives the same stanzas however it is cut, and costs no memory that lasts. */
#include "support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "peppy/array.h"

static const char varied[] =
	"<iq type='set' from='hamlet@denmark.lit/elsinore' to='pubsub.shakespeare.lit' "
	"id='p&amp;1'>"
	"<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='princely_musings'>"
	"<item id='a&#10;b'><entry xmlns='http://www.w3.org/2005/Atom' xmlns:x='urn:x' x:y='&lt;'>"
	"<title>To be, or not > \xc3\xa4\xf0\x9f\x98\x80</title><none xmlns=''>\r\n]]</none>"
	"<![CDATA[<&]]>tail<x:z/></entry></item></publish></pubsub></iq>\n"
	"<presence/>  <presence  from = \"a>b\" ></presence >\t"
	"<stream:features><stream:q xmlns:stream='urn:other'/></stream:features>"
	"<message xml:lang='de'><body>&#x41;&#66;</body><body/></message> \n";

static void assert_reads_as(
	const struct buf *expected, const char *stream, size_t len, struct reading reading)
{
	struct buf dump = {0};

	assert_int_equal(read_stream(&unlimited, stream, len, reading, &dump), XML_MORE);
	assert_int_equal(dump.len, expected->len);
	assert_memory_equal(dump.data, expected->data, dump.len);
	buf_finish(&dump);
}

static void test_a_tree_has_names_attributes_texts_and_places(void **state)
{
	static const char stream[] =
		"<a b='1' xmlns:p='urn:p'>x<p:c p:d='&amp;' e=''/>y<![CDATA[<]]></a>";
	static const char expected[] =
		"stanza 67 <a b='1' xmlns:p='urn:p'>x<p:c p:d='&amp;' e=''/>y<![CDATA[<]]></a>\n"
		"0 {jabber:component:accept}a {}b=[1] xmlns:p=[urn:p] @0+67,25 \"xy<\"\n"
		"1 {urn:p}c {urn:p}d=[&] {}e=[] @26+23,23 \"\"\n";
	struct buf dump = {.data = (char *)expected, .len = strlen(expected)};

	(void)state;
	assert_reads_as(&dump, stream, strlen(stream), (struct reading){strlen(stream), 0, false});
}

static void test_a_stream_cut_anywhere_gives_the_same_stanzas(void **state)
{
	size_t len = strlen(varied), at;
	struct buf whole = {0};

	(void)state;
	assert_int_equal(
		read_stream(&unlimited, varied, len, (struct reading){.first = len}, &whole),
		XML_MORE);
	for (at = 1; at < len; at++) {
		assert_reads_as(&whole, varied, len, (struct reading){at, len, false});
		assert_reads_as(&whole, varied, len, (struct reading){at, at, false});
		assert_reads_as(&whole, varied, len, (struct reading){at, len, true});
	}
	buf_finish(&whole);
}

/* Expat would have to begin at the tag's start again for each '>', of which a stanza may have many:
 * at these numbers for minutes. */
static void test_a_long_tag_in_small_reads_waits_for_its_end(void **state)
{
	enum { TIMES = 10000 };
	struct buf stream = {0}, whole = {0};

	(void)state;
	buf_append_text(&stream, "<a>x</a><a b=\"");
	for (int i = 0; i < TIMES; i++)
		buf_append_text(&stream, i % 2 == 0 ? ">'>/>>x='&lt;>/>" : "/>>x='&lt;>/>");
	buf_append_text(&stream, "\" c='");
	for (int i = 0; i < TIMES; i++)
		buf_append_text(&stream, ">\">=\"/>\"");
	buf_append_text(&stream, "'>it's<c d='>'/>\"</a><e f='>'/>");
	assert_int_equal(read_stream(&unlimited, stream.data, stream.len,
				 (struct reading){.first = stream.len}, &whole),
		XML_MORE);
	for (size_t size = 1; size < 100000; size *= 7)
		assert_reads_as(
			&whole, stream.data, stream.len, (struct reading){size, size, false});
	buf_finish(&stream);
	buf_finish(&whole);
}

static void test_stanzas_of_a_turn_stay_until_it_is_released(void **state)
{
	struct xml_parser *parser = parser_fed(&unlimited, "<a>1</a> <b>2</b><c>3</c><d>");
	static const char *const bytes[] = {"<a>1</a>", "<b>2</b>", "<c>3</c>"};
	static const char *const texts[] = {"1", "2", "3"};
	struct xml_stanza stanzas[3], none;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(xml_parser_next(parser, &stanzas[i]), XML_STANZA);
	assert_int_equal(xml_parser_next(parser, &none), XML_MORE);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(stanzas[i].len, strlen(bytes[i]));
		assert_memory_equal(stanzas[i].bytes, bytes[i], stanzas[i].len);
		assert_string_equal(stanzas[i].root->text, texts[i]);
	}
	xml_parser_destroy(parser);
}

static void test_a_turn_may_end_with_stanzas_left(void **state)
{
	struct xml_parser *parser = parser_fed(&unlimited, "<a/><b>2</b><c/>");
	struct xml_stanza stanza;

	(void)state;
	assert_int_equal(xml_parser_next(parser, &stanza), XML_STANZA);
	xml_parser_release(parser);
	feed(parser, "<d/>", 4);
	assert_int_equal(xml_parser_next(parser, &stanza), XML_STANZA);
	assert_memory_equal(stanza.bytes, "<b>2</b>", stanza.len);
	assert_string_equal(stanza.root->name, "b");
	assert_int_equal(xml_parser_next(parser, &stanza), XML_STANZA);
	assert_int_equal(xml_parser_next(parser, &stanza), XML_STANZA);
	assert_string_equal(stanza.root->name, "d");
	assert_int_equal(xml_parser_next(parser, &stanza), XML_MORE);
	xml_parser_destroy(parser);
}

static void test_the_declarations_of_the_header_are_the_scope(void **state)
{
	struct xml_parser *parser = parser_fed(&unlimited, "<a/>");
	struct xml_stanza stanza;

	(void)state;
	assert_int_equal(xml_parser_next(parser, &stanza), XML_STANZA);
	assert_string_equal(stanza.scope->prefix, "");
	assert_string_equal(stanza.scope->uri, "jabber:component:accept");
	assert_string_equal(stanza.scope->next->prefix, "stream");
	assert_string_equal(stanza.scope->next->uri, "http://etherx.jabber.org/streams");
	assert_null(stanza.scope->next->next);
	xml_parser_destroy(parser);
}

static void test_the_close_tag_ends_the_stream_for_good(void **state)
{
	struct xml_parser *parser = parser_fed(&unlimited, "<a/></stream:stream><b/>");
	struct xml_stanza stanza;

	(void)state;
	assert_int_equal(xml_parser_next(parser, &stanza), XML_STANZA);
	assert_int_equal(xml_parser_next(parser, &stanza), XML_CLOSED);
	xml_parser_release(parser);
	feed(parser, "<c/>", 4);
	assert_int_equal(xml_parser_next(parser, &stanza), XML_CLOSED);
	xml_parser_destroy(parser);
}

static void test_what_is_not_a_stream_breaks_it_with_a_reason(void **state)
{
	static const struct {
		const char *text, *reason;
	} rows[] = {
		{"<!-- x -->", "restricted-xml: comment"},
		{"<a><!-- x --></a>", "restricted-xml: comment"},
		{"<?x y?>", "restricted-xml: processing instruction"},
		{"<a><?x y?></a>", "restricted-xml: processing instruction"},
		{"<!DOCTYPE a>", "not-well-formed: not well-formed (invalid token)"},
		{"<?xml version='1.0'?>",
			"not-well-formed: XML or text declaration not at start of entity"},
		{"<a>&nbsp;</a>", "not-well-formed: undefined entity"},
		{"<a b='&nbsp;'/>", "not-well-formed: undefined entity"},
		{"<a></b>", "not-well-formed: mismatched tag"},
		{"</a>", "not-well-formed: mismatched tag"},
		{"<a b='' b=''/>", "not-well-formed: duplicate attribute"},
		{"<a x:b='' y:b='' xmlns:x='u' xmlns:y='u'/>",
			"not-well-formed: duplicate attribute"},
		{"<x:a/>", "not-well-formed: unbound prefix"},
		{"<a xmlns:x=''/>", "not-well-formed: must not undeclare prefix"},
		{"<a b='<'/>", "not-well-formed: not well-formed (invalid token)"},
		{"<a>\xc3</a>", "not-well-formed: not well-formed (invalid token)"},
		{"<a>\xed\xa0\x80</a>", "not-well-formed: not well-formed (invalid token)"},
		{"<a>\xef\xbf\xbf</a>", "not-well-formed: not well-formed (invalid token)"},
		{"<a>\x01</a>", "not-well-formed: not well-formed (invalid token)"},
		{"<a>&#1;</a>", "not-well-formed: reference to invalid character number"},
		{"<a b='&#1;'/>", "not-well-formed: reference to invalid character number"},
		{"<a>]]></a>", "not-well-formed: not well-formed (invalid token)"},
		{"text<a/>", "bad-format: text between stanzas"},
		{"<![CDATA[x]]>", "bad-format: text between stanzas"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct xml_parser *parser = parser_fed(&unlimited, "<fine/>");
		struct xml_stanza stanza;

		feed(parser, rows[i].text, strlen(rows[i].text));
		assert_int_equal(xml_parser_next(parser, &stanza), XML_STANZA);
		assert_string_equal(xml_parser_reason(parser), "");
		assert_int_equal(xml_parser_next(parser, &stanza), XML_BROKEN);
		assert_string_equal(xml_parser_reason(parser), rows[i].reason);
		xml_parser_release(parser);
		feed(parser, "<b/>", 4);
		assert_int_equal(xml_parser_next(parser, &stanza), XML_BROKEN);
		xml_parser_destroy(parser);
	}
}

static void test_a_header_is_one_start_tag(void **state)
{
	static const char *const bad[] = {
		"",
		" ",
		"<?xml version='1.0'?>",
		"<stream:stream xmlns='jabber:component:accept'>", /* an unbound prefix */
		"<stream xmlns='jabber:component:accept'",
		"<stream/>",
		"<stream></stream>",
		"<stream><a>",
		"<stream><a",
		"<stream>text",
		"<!DOCTYPE stream><stream>",
		"<!-- x --><stream>",
		"stream",
	};
	static const char declared_latin[] =
		"<?xml version='1.0' encoding='UTF-8'?>\n<stream xmlns='urn:x'>";
	struct xml_parser *parser;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
		assert_null(xml_parser_create(&unlimited, bad[i], strlen(bad[i])));
	parser = xml_parser_create(&unlimited, declared_latin, strlen(declared_latin));
	assert_non_null(parser);
	xml_parser_destroy(parser);
	xml_parser_destroy(NULL);
}

static void test_a_text_of_many_pieces_is_put_together(void **state)
{
	enum { PIECES = 100000 };
	struct buf text = {0};
	struct xml_parser *parser;
	struct xml_stanza stanza;

	(void)state;
	buf_append_text(&text, "<a>");
	for (int i = 0; i < PIECES; i++)
		buf_append_text(&text, "&lt;<b>y</b>");
	buf_append(&text, "</a>", 5);
	parser = parser_fed(&unlimited, text.data);
	assert_int_equal(xml_parser_next(parser, &stanza), XML_STANZA);
	assert_int_equal(strlen(stanza.root->text), PIECES);
	assert_int_equal(strspn(stanza.root->text, "<"), PIECES);
	assert_string_equal(stanza.root->first->next->text, "y");
	xml_parser_destroy(parser);
	buf_finish(&text);
}

static void expect_stanza(
	struct xml_parser *parser, const char *name, const char *bytes, size_t len)
{
	struct xml_stanza stanza;

	assert_int_equal(xml_parser_next(parser, &stanza), XML_STANZA);
	assert_string_equal(stanza.root->name, name);
	assert_string_equal(stanza.root->ns, "jabber:component:accept");
	assert_int_equal(stanza.len, len);
	assert_memory_equal(stanza.bytes, bytes, len);
}

static void test_invented_names_do_not_pile_up(void **state)
{
	enum { STANZAS = 60000, HEAD = 100 };
	struct xml_parser *parser = parser_fed(&unlimited, "");
	size_t before = heap_bytes();
	char name[200], stanza[300];

	(void)state;
	for (int i = 0; i < STANZAS; i++) { /* 15 MiB, each stanza in two turns */
		int name_len = snprintf(name, sizeof name, "name%0120d", i);
		int len = snprintf(stanza, sizeof stanza, "<%s>%d</%s>", name, i, name);

		assert_true(name_len > HEAD);
		feed(parser, stanza, HEAD);
		assert_int_equal(xml_parser_next(parser, &(struct xml_stanza){0}), XML_MORE);
		xml_parser_release(parser);
		feed(parser, stanza + HEAD, (size_t)len - HEAD);
		expect_stanza(parser, name, stanza, (size_t)len);
		xml_parser_release(parser);
	}
	assert_true(heap_bytes() < before + 8 * 1024 * 1024);
	xml_parser_destroy(parser);
}

static void test_a_renewed_parser_goes_on_in_the_middle_of_a_read(void **state)
{
	enum { STANZAS = 3000, TEXT = 4000 };
	struct xml_parser *parser = parser_fed(&unlimited, "");
	char text[TEXT + 1], stanza[TEXT + 100];
	struct buf all = {0};

	(void)state;
	memset(text, 'x', TEXT);
	text[TEXT] = '\0';
	for (int i = 0; i < STANZAS; i++)
		buf_printf(&all, "<s%d>%s</s%d>", i, text, i);
	feed(parser, all.data, all.len); /* 12 MiB at once */
	for (int i = 0; i < STANZAS; i++) {
		int len = snprintf(stanza, sizeof stanza, "<s%d>%s</s%d>", i, text, i);
		char name[16];

		snprintf(name, sizeof name, "s%d", i);
		expect_stanza(parser, name, stanza, (size_t)len);
		if (i % 7 == 0)
			xml_parser_release(parser);
	}
	assert_int_equal(xml_parser_next(parser, &(struct xml_stanza){0}), XML_MORE);
	xml_parser_destroy(parser);
	buf_finish(&all);
}

static void test_a_large_stanza_leaves_no_large_buffer_behind(void **state)
{
	enum { LARGE = 8 * 1024 * 1024 };
	struct xml_parser *parser = parser_fed(&unlimited, "<a>");
	size_t before = heap_bytes();
	struct xml_stanza stanza;

	(void)state;
	memset(xml_parser_space(parser, LARGE), 'x', LARGE);
	xml_parser_filled(parser, LARGE);
	feed(parser, "</a>", 4);
	assert_int_equal(xml_parser_next(parser, &stanza), XML_STANZA);
	assert_int_equal(strlen(stanza.root->text), LARGE);
	xml_parser_release(parser);
	assert_true(heap_bytes() < before + 1024 * 1024);
	feed(parser, "<b/>", 4);
	assert_int_equal(xml_parser_next(parser, &stanza), XML_STANZA);
	assert_memory_equal(stanza.bytes, "<b/>", stanza.len);
	xml_parser_destroy(parser);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_tree_has_names_attributes_texts_and_places),
		cmocka_unit_test(test_a_stream_cut_anywhere_gives_the_same_stanzas),
		cmocka_unit_test(test_a_long_tag_in_small_reads_waits_for_its_end),
		cmocka_unit_test(test_stanzas_of_a_turn_stay_until_it_is_released),
		cmocka_unit_test(test_a_turn_may_end_with_stanzas_left),
		cmocka_unit_test(test_the_declarations_of_the_header_are_the_scope),
		cmocka_unit_test(test_the_close_tag_ends_the_stream_for_good),
		cmocka_unit_test(test_what_is_not_a_stream_breaks_it_with_a_reason),
		cmocka_unit_test(test_a_header_is_one_start_tag),
		cmocka_unit_test(test_a_text_of_many_pieces_is_put_together),
		cmocka_unit_test(test_invented_names_do_not_pile_up),
		cmocka_unit_test(test_a_renewed_parser_goes_on_in_the_middle_of_a_read),
		cmocka_unit_test(test_a_large_stanza_leaves_no_large_buffer_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
