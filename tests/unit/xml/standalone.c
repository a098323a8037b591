/* standalone.c - an element's bytes mean the same wherever they are put. */
#include "support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "peppy/array.h"

/* The copy of the element with the name x in a stanza. */
static char *copy_of_x(const char *text)
{
	struct xml_parser *parser = parser_fed(&unlimited, text);
	const struct xml_element *el;
	struct xml_stanza stanza;
	char *copy;
	size_t len;

	assert_int_equal(xml_parser_next(parser, &stanza), XML_STANZA);
	for (el = stanza.root; strcmp(el->name, "x") != 0;)
		el = el->first != NULL ? el->first : el->next;
	check_copy(&stanza, el);
	copy = xml_standalone(&stanza, el, &len);
	assert_int_equal(strlen(copy), len);
	copy = strdup(copy);
	xml_parser_destroy(parser);
	return copy;
}

static void assert_copies(size_t count, const char *const rows[][2])
{
	for (size_t i = 0; i < count; i++) {
		char *copy = copy_of_x(rows[i][0]);

		assert_string_equal(copy, rows[i][1]);
		free(copy);
	}
}

#define ASSERT_COPIES(rows) assert_copies(ARRAY_COUNT(rows), rows)

static void test_what_declares_all_it_needs_is_copied_verbatim(void **state)
{
	static const char *const rows[][2] = {
		{"<a><x xmlns='u'/></a>", "<x xmlns='u'/>"},
		{"<a xmlns:p='v'><x xmlns=\"u\" \n b='&#10;&#13;&#9;'\t>\r\n<y xmlns=''/></x ></a>",
			"<x xmlns=\"u\" \n b='&#10;&#13;&#9;'\t>\r\n<y xmlns=''/></x >"},
		{"<a><x xmlns='u'><![CDATA[<x>]]>&lt;</x></a>",
			"<x xmlns='u'><![CDATA[<x>]]>&lt;</x>"},
		{"<a xmlns:p='v'><p:x xmlns='u' xmlns:p='w' p:b=''/></a>",
			"<p:x xmlns='u' xmlns:p='w' p:b=''/>"},
		{"<a><x xmlns=''><y/></x></a>", "<x xmlns=''><y/></x>"},
	};

	(void)state;
	ASSERT_COPIES(rows);
}

static void test_the_nearest_default_namespace_is_added(void **state)
{
	static const char *const rows[][2] = {
		{"<x/>", "<x xmlns='jabber:component:accept'/>"},
		{"<a xmlns='u'><b><x>1</x></b></a>", "<x xmlns='u'>1</x>"},
		{"<a xmlns='u'><b xmlns='v&amp;&#9;&apos;'><x y=''/></b></a>",
			"<x xmlns='v&amp;&#9;&apos;' y=''/>"},
		{"<a xmlns='u'><b xmlns=''><x/></b></a>", "<x xmlns=''/>"},
		{"<a xmlns:p='u'><p:x><y/></p:x></a>",
			"<p:x xmlns='jabber:component:accept' xmlns:p='u'><y/></p:x>"},
	};

	(void)state;
	ASSERT_COPIES(rows);
}

static void test_prefixes_are_added_where_they_are_mentioned(void **state)
{
	static const char *const rows[][2] = {
		{"<a xmlns:p='u' xmlns:q='v' xmlns:r='w'><x xmlns=''><p:y q:b=''/></x></a>",
			"<x xmlns:p='u' xmlns:q='v' xmlns=''><p:y q:b=''/></x>"},
		{"<a xmlns:p='u'><x xmlns=''>p:name</x></a>", "<x xmlns:p='u' xmlns=''>p:name</x>"},
		{"<a xmlns:p='u' xmlns:q='v'><x xmlns='' b='q p'/></a>",
			"<x xmlns:p='u' xmlns:q='v' xmlns='' b='q p'/>"},
		{"<a xmlns:p='u'><x xmlns=''>pp p.p xp:y p-p 1p p1 p\xc3\xa4</x></a>",
			"<x xmlns=''>pp p.p xp:y p-p 1p p1 p\xc3\xa4</x>"},
		{"<a xmlns:p='u'><x xmlns=''>pppp p</x></a>", "<x xmlns:p='u' xmlns=''>pppp p</x>"},
		{"<a xmlns:ab.-1='u'><x xmlns=''>(ab.-1)</x></a>",
			"<x xmlns:ab.-1='u' xmlns=''>(ab.-1)</x>"},
		{"<a><x xmlns=''><stream:y/></x></a>",
			"<x xmlns:stream='http://etherx.jabber.org/streams' xmlns=''>"
			"<stream:y/></x>"},
	};

	(void)state;
	ASSERT_COPIES(rows);
}

static void test_the_nearest_declaration_of_a_prefix_wins(void **state)
{
	static const char *const rows[][2] = {
		{"<a xmlns:p='u'><b xmlns:p='v'><p:x xmlns=''/></b></a>",
			"<p:x xmlns:p='v' xmlns=''/>"},
		{"<a xmlns:p='u'><b xmlns:p='v'><p:x xmlns='' xmlns:p='w'/></b></a>",
			"<p:x xmlns='' xmlns:p='w'/>"},
		{"<a xmlns:stream='u'><stream:x xmlns=''/></a>",
			"<stream:x xmlns:stream='u' xmlns=''/>"},
		{"<a xmlns:p='u'><x xmlns=''><p:y/><p:z xmlns:p='v'/></x></a>",
			"<x xmlns:p='u' xmlns=''><p:y/><p:z xmlns:p='v'/></x>"},
	};

	(void)state;
	ASSERT_COPIES(rows);
}

static void test_the_prefix_xml_is_never_declared(void **state)
{
	static const char *const rows[][2] = {
		{"<a xmlns:xml='http://www.w3.org/XML/1998/namespace'>"
		 "<x xmlns='' xml:space='preserve'/></a>",
			"<x xmlns='' xml:space='preserve'/>"},
	};

	(void)state;
	ASSERT_COPIES(rows);
}

static void test_an_inherited_language_is_added(void **state)
{
	static const char *const rows[][2] = {
		{"<a xml:lang='de'><b xml:lang='fr'><x xmlns=''/></b></a>",
			"<x xml:lang='fr' xmlns=''/>"},
		{"<a xml:lang='de'><b><x xmlns=''/></b></a>", "<x xml:lang='de' xmlns=''/>"},
		{"<a xml:lang='de'><x xmlns='' xml:lang='fr'/></a>", "<x xmlns='' xml:lang='fr'/>"},
		{"<a xml:lang='de'><x xmlns='' xml:lang=''/></a>", "<x xmlns='' xml:lang=''/>"},
		{"<a xml:lang='de'><b xml:lang=''><x xmlns=''/></b></a>", "<x xmlns=''/>"},
		{"<a xml:lang='d&apos;e'><x xmlns=''/></a>", "<x xml:lang='d&apos;e' xmlns=''/>"},
		{"<a lang='de'><x xmlns=''/></a>", "<x xmlns=''/>"},
	};

	(void)state;
	ASSERT_COPIES(rows);
}

/* More prefixes than are looked for one by one: what is added is the same. */
static void test_of_many_prefixes_those_are_added_that_are_in_force_and_mentioned(void **state)
{
	struct buf stanza = {0};
	char *copy;

	(void)state;
	buf_append_text(&stanza, "<a");
	for (int i = 0; i < 500; i++)
		buf_printf(&stanza, " xmlns:p%d='%d'", i, i);
	buf_append_text(&stanza, "><b xmlns:p7='b' xmlns:p8='b' xmlns:p9='b'>"
				 "<x xmlns='' xmlns:p8='x'>p10 p9:p8 p1p p3.<p7:y stream='p499'/>"
				 "<p7:z xmlns:p7='z'/>p50</x></b></a>");
	buf_append_byte(&stanza, '\0');
	copy = copy_of_x(stanza.data);
	assert_string_equal(copy,
		"<x xmlns:p7='b' xmlns:p9='b' xmlns:p10='10' xmlns:p50='50' xmlns:p499='499' "
		"xmlns:stream='http://etherx.jabber.org/streams' xmlns='' xmlns:p8='x'>"
		"p10 p9:p8 p1p p3.<p7:y stream='p499'/><p7:z xmlns:p7='z'/>p50</x>");
	free(copy);
	buf_finish(&stanza);
}

static void test_a_payload_of_500_levels_is_copied(void **state)
{
	struct buf deep = {0};
	char *copy;

	(void)state;
	buf_append_text(&deep, "<a xmlns:p='u'><p:x xmlns=''>");
	for (int i = 0; i < 500; i++)
		buf_printf(&deep, "<p:y%d xmlns:p='%d' p:b='' xml:lang='l%d'>%d", i, i, i, i);
	for (int i = 499; i >= 0; i--)
		buf_printf(&deep, "<z/></p:y%d>", i);
	buf_append(&deep, "</p:x></a>", 11);
	copy = copy_of_x(deep.data);
	assert_memory_equal(copy, "<p:x xmlns:p='u' xmlns=''>", 26);
	free(copy);
	buf_finish(&deep);
}

static void test_long_prefixes_in_long_texts_are_looked_for_in_one_pass(void **state)
{
	enum { PREFIX = 100000, WORDS = 50 };
	struct buf stanza = {0};
	char *copy;

	(void)state; /* a search that starts again at each byte would take minutes */
	buf_append_text(&stanza, "<a xmlns:");
	for (int i = 0; i < PREFIX; i++)
		buf_append_byte(&stanza, 'p');
	buf_append_text(&stanza, "='u'><x xmlns=''>");
	for (int i = 0; i < PREFIX * WORDS; i++)
		buf_append_byte(&stanza, 'p');
	buf_append(&stanza, "</x></a>", 9);
	copy = copy_of_x(stanza.data);
	assert_memory_equal(copy, "<x xmlns=''>p", 13);
	free(copy);
	buf_finish(&stanza);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_declares_all_it_needs_is_copied_verbatim),
		cmocka_unit_test(test_the_nearest_default_namespace_is_added),
		cmocka_unit_test(test_prefixes_are_added_where_they_are_mentioned),
		cmocka_unit_test(test_the_nearest_declaration_of_a_prefix_wins),
		cmocka_unit_test(test_the_prefix_xml_is_never_declared),
		cmocka_unit_test(test_an_inherited_language_is_added),
		cmocka_unit_test(
			test_of_many_prefixes_those_are_added_that_are_in_force_and_mentioned),
		cmocka_unit_test(test_a_payload_of_500_levels_is_copied),
		cmocka_unit_test(test_long_prefixes_in_long_texts_are_looked_for_in_one_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
