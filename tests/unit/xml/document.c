/* document.c - whole documents, and questions to their trees. */
#include "support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "peppy/array.h"

#define LANG_NS "http://www.w3.org/XML/1998/namespace"

static struct xml_stanza parsed(const char *text, struct arena *arena)
{
	struct xml_stanza stanza;

	assert_true(xml_document_parse(&unlimited, text, strlen(text), arena, &stanza));
	return stanza;
}

static bool parses(const struct xml_limits *limits, const char *text)
{
	struct arena *arena = arena_create();
	struct xml_stanza stanza;
	bool ok = xml_document_parse(limits, text, strlen(text), arena, &stanza);

	arena_destroy(arena);
	return ok;
}

static void test_a_document_is_its_root(void **state)
{
	struct arena *arena = arena_create();
	struct xml_stanza stanza = parsed(
		"\xef\xbb\xbf<?xml version='1.0' encoding='UTF-8'?>\n <a>1<b/></a>\n ", arena);
	size_t len;

	(void)state;
	assert_int_equal(stanza.len, 12);
	assert_memory_equal(stanza.bytes, "<a>1<b/></a>", stanza.len);
	assert_string_equal(stanza.root->ns, "");
	assert_string_equal(stanza.root->text, "1");
	assert_int_equal(stanza.root->first->offset, 4);
	assert_null(stanza.scope);
	assert_string_equal(xml_standalone(&stanza, stanza.root->first, &len), "<b xmlns=''/>");
	check_copy(&stanza, stanza.root);
	arena_destroy(arena);
}

static void test_what_is_not_one_document_is_refused(void **state)
{
	static const char *const bad[] = {"", " ", "<a>", "<a/><b/>", "<a/>text", "text",
		"<a><b></a>", "<p:a/>", "<a>&b;</a>", "<!DOCTYPE a><a/>", "<a/><!-- -->",
		"<?b?><a/>", "<!DOCTYPE a [<!ENTITY b 'bb'>]><a>&b;</a>",
		"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "\xff<a/>"};

	(void)state;
	assert_true(parses(&unlimited, "<a/>"));
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
		assert_false(parses(&unlimited, bad[i]));
}

static void test_a_document_keeps_to_the_limits(void **state)
{
	static const char document[] = "<a b='1' c='2'><d><e/></d></a>";
	struct xml_limits limits = {.stanza_bytes = strlen(document), 3, 3, 2};

	(void)state;
	assert_true(parses(&limits, document));
	limits.stanza_bytes--;
	assert_false(parses(&limits, document));
	limits.stanza_bytes++;
	limits.depth--;
	assert_false(parses(&limits, document));
	limits.depth++;
	limits.elements--;
	assert_false(parses(&limits, document));
	limits.elements++;
	limits.attributes--;
	assert_false(parses(&limits, document));
}

static void test_attributes_are_found_by_namespace_and_name(void **state)
{
	struct arena *arena = arena_create();
	const struct xml_element *el =
		parsed("<a xmlns='u' xmlns:p='u' p:from='spoof' from='true' p:to='' e=''/>", arena)
			.root;

	(void)state;
	assert_string_equal(xml_attr(el, "from"), "true");
	assert_string_equal(xml_attr_ns(el, "u", "from"), "spoof");
	assert_null(xml_attr(el, "to"));
	assert_null(xml_attr_ns(el, "v", "from"));
	assert_null(xml_attr(el, "FROM"));
	assert_string_equal(xml_attr(el, "e"), "");
	assert_true(xml_attr_is(el, "from", "true"));
	assert_true(xml_attr_is(el, "e", ""));
	assert_false(xml_attr_is(el, "from", "spoof"));
	assert_false(xml_attr_is(el, "to", ""));
	arena_destroy(arena);
}

static void test_children_are_found_in_their_order(void **state)
{
	struct arena *arena = arena_create();
	const struct xml_element *root =
		parsed("<a><b>1</b><b xmlns='u'>2</b><c/><b xmlns='u'>3</b></a>", arena).root;
	const struct xml_element *el = xml_child(root, "u", "b");

	(void)state;
	assert_string_equal(el->text, "2");
	el = xml_next(el, "u", "b");
	assert_string_equal(el->text, "3");
	assert_null(xml_next(el, "u", "b"));
	assert_string_equal(xml_child(root, "", "b")->text, "1");
	assert_null(xml_child(root, "u", "c"));
	assert_null(xml_child(root->first, "u", "b"));
	assert_true(xml_is(root, "", "a"));
	assert_false(xml_is(root, "u", "a"));
	assert_false(xml_is(root, "", "b"));
	arena_destroy(arena);
}

static void test_a_language_reaches_down_until_another_one(void **state)
{
	struct arena *arena = arena_create();
	const struct xml_element *root =
		parsed("<a><b xml:lang='de'><c/><c xml:lang=''/></b><d lang='fr'/></a>", arena)
			.root;

	(void)state;
	assert_null(xml_lang(root));
	assert_string_equal(xml_lang(root->first), "de");
	assert_string_equal(xml_lang(root->first->first), "de");
	assert_null(xml_lang(root->first->first->next));
	assert_null(xml_lang(root->first->next));
	assert_string_equal(xml_attr_ns(root->first, LANG_NS, "lang"), "de");
	arena_destroy(arena);
}

static void test_the_header_gives_stanzas_no_language(void **state)
{
	struct xml_parser *parser = parser_fed(&unlimited, "<message/>");
	struct xml_stanza stanza;

	(void)state;
	assert_non_null(strstr(HEADER, "xml:lang"));
	assert_int_equal(xml_parser_next(parser, &stanza), XML_STANZA);
	assert_null(xml_lang(stanza.root));
	xml_parser_destroy(parser);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_document_is_its_root),
		cmocka_unit_test(test_what_is_not_one_document_is_refused),
		cmocka_unit_test(test_a_document_keeps_to_the_limits),
		cmocka_unit_test(test_attributes_are_found_by_namespace_and_name),
		cmocka_unit_test(test_children_are_found_in_their_order),
		cmocka_unit_test(test_a_language_reaches_down_until_another_one),
		cmocka_unit_test(test_the_header_gives_stanzas_no_language),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
