/* names.c - namespaces are what expat makes of them, whatever a document declares, and cost no more
 * than its bytes. */
#include "reference.h"
#include "support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "peppy/array.h"

#define XML_NAMESPACE "http://www.w3.org/XML/1998/namespace"
#define XML_URI "'" XML_NAMESPACE "'"
#define XMLNS_URI "'http://www.w3.org/2000/xmlns/'"

static void test_names_are_refused_for_the_reasons_that_expat_has(void **state)
{
	static const char duplicate[] = "duplicate attribute", unbound[] = "unbound prefix",
			  token[] = "not well-formed (invalid token)",
			  undeclared[] = "must not undeclare prefix",
			  reserved[] =
				  "prefix must not be bound to one of the reserved namespace names",
			  xml[] = "reserved prefix (xml) must not be undeclared or bound to "
				  "another namespace name",
			  xmlns[] = "reserved prefix (xmlns) must not be declared or undeclared";
	static const struct {
		const char *document, *reason;
	} rows[] = {
		/* prefixes are in force in their element, and nowhere else */
		{"<p:a xmlns:p='u'><p:b/></p:a>", NULL},
		{"<a><p:b xmlns:p='u'/><p:c/></a>", unbound},
		{"<a p:b=''/>", unbound},
		{"<a p:b='' xmlns:p='u'/>", NULL},
		{"<a xmlns:p='u'><b xmlns:p='v'><p:c/></b><p:d/></a>", NULL},
		{"<xmlns:a/>", unbound},
		{"<a><b><c><d xmlns:p='u'/><p:e/></c></b></a>", unbound},
		/* names have one colon, between two names */
		{"<a:b:c xmlns:a='u'/>", token},
		{"<a a:b:c='' xmlns:a='u'/>", token},
		{"<:a/>", token},
		{"<a :b=''/>", token},
		{"<a: xmlns:a='u'/>", token},
		{"<a a:='' xmlns:a='u'/>", token},
		{"<p:1 xmlns:p='u'/>", token},
		{"<p:-a xmlns:p='u'/>", token},
		{"<p:a.1-\xc2\xb7 xmlns:p='u'/>", NULL},
		{"<p:_ xmlns:p='u'/>", NULL},
		{"<p:\xc3\xa9 p:\xe4\xb8\x80='' xmlns:p='u'/>", NULL},
		{"<p:\xc2\xb7 xmlns:p='u'/>", token},          /* an extender */
		{"<a p:\xd9\xa0='' xmlns:p='u'/>", token},     /* a digit */
		{"<a p:\xe3\x80\x99='' xmlns:p='u'/>", token}, /* a combining character */
		{"<\xc3\xa9:a xmlns:\xc3\xa9='u'/>", NULL},
		/* declarations */
		{"<a xmlns='' xmlns:p='u'/>", NULL},
		{"<a xmlns=''><b xmlns='u'><c xmlns=''/></b></a>", NULL},
		{"<a xmlns:p=''/>", undeclared},
		{"<a xmlns:=''/>", token},
		{"<a xmlns:='u'/>", token},
		{"<a xmlns:1='u'/>", token},
		{"<a xmlns:\xc2\xb7='u'/>", token},
		{"<a xmlns:p:q='u'/>", token},
		{"<a xmlnsp='u'/>", NULL},
		{"<a xmlnsp:b='u'/>", unbound},
		{"<a xmlns='u' xmlns='v'/>", duplicate},
		{"<a xmlns:p='u' xmlns:p='v'/>", duplicate},
		{"<a xmlns:p='&lt;&#10;'/>", NULL},
		/* what is reserved */
		{"<a xml:b=''/>", NULL},
		{"<xml:a/>", NULL},
		{"<a xmlns:xml=" XML_URI " xml:b=''/>", NULL},
		{"<a xmlns:xml='u'/>", xml},
		{"<a xmlns:xml=" XMLNS_URI "/>", xml},
		{"<a xmlns:xml=''/>", undeclared},
		{"<a xmlns:p=" XML_URI "/>", reserved},
		{"<a xmlns=" XML_URI "/>", reserved},
		{"<a xmlns:p=" XMLNS_URI "/>", reserved},
		{"<a xmlns=" XMLNS_URI "/>", reserved},
		{"<a xmlns:xmlns='u'/>", xmlns},
		{"<a xmlns:xmlns=" XMLNS_URI "/>", xmlns},
		{"<a xmlns:xmlm='u' xmlns:xm='u' xmlns:xmlnss='u'/>", NULL},
		/* the same attribute twice */
		{"<a p:b='' p:b='' xmlns:p='u'/>", duplicate},
		{"<a p:b='' q:b='' xmlns:p='u' xmlns:q='u'/>", duplicate},
		{"<a p:b='' q:b='' xmlns:p='u' xmlns:q='v'/>", NULL},
		{"<a p:b='' q:c='' xmlns:p='u' xmlns:q='u'/>", NULL},
		{"<a b='' p:b='' xmlns='u' xmlns:p='u'/>", NULL},
		{"<a xml:b='' b=''/>", NULL},
		{"<a xmlns:p='u'><b xmlns:q='u'><c p:d='' q:d=''/></b></a>", duplicate},
		{"<a xmlns:p='u'><b xmlns:q='u'><c p:d='' q:d='' xmlns:p='v'/></b></a>", NULL},
		{"<a xmlns:p='u'><b xmlns:p='v'><c xmlns:q='u' xmlns:r='u'><d q:e='' r:e=''/></c>"
		 "</b></a>",
			duplicate},
		{"<a><b xmlns:p='u'/><c xmlns:p='u' xmlns:q='u'><d p:e='' q:e=''/></c></a>",
			duplicate},
		{"<?p:q?><a/>", token},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		const char *document = rows[i].document;

		if (rows[i].reason == NULL) {
			assert_null(reference_reason(document));
			assert_null(reader_reason(document));
		} else {
			assert_string_equal(reference_reason(document), rows[i].reason);
			assert_string_equal(reader_reason(document), rows[i].reason);
		}
		check_document_names(document, strlen(document));
		check_stream_names(document, strlen(document));
	}
	assert_null(reader_reason("<?p?><a/>"));
}

/* ---- documents by chance ---- */

static uint32_t chance;

static uint32_t draw(uint32_t count)
{
	chance = chance * 1664525 + 1013904223;
	return (chance >> 8) % count;
}

static const char *draw_from(const char *const *list, size_t count)
{
	return list[draw((uint32_t)count)];
}

#define DRAW(list) draw_from(list, ARRAY_COUNT(list))

static const char *const prefixes[] = {"p", "p", "p", "q", "q", "r", "stream", "xml", "pp"};
static const char *const uris[] = {"u", "u", "u", "v", "v", "w", "", XML_NAMESPACE};

static void put_declaration(struct buf *out)
{
	static const char *const odd[] = {"xmlns:xmlns", "xmlns:xml", "xmlns:1", "xmlns:"};

	if (draw(300) == 0)
		buf_printf(out, " %s='%s'", DRAW(odd), DRAW(uris));
	else if (draw(4) == 0)
		buf_printf(out, " xmlns='%s'", draw(3) == 0 ? "" : "u");
	else
		buf_printf(
			out, " xmlns:%s='%s'", DRAW(prefixes), uris[draw(draw(50) == 0 ? 8 : 6)]);
}

static void put_name(struct buf *out)
{
	static const char *const locals[] = {"a", "b", "c"};
	static const char *const odd[] = {"p:a:b", ":a", "p:", "p:1", "p:\xc2\xb7", "xmlns:a"};

	if (draw(500) == 0)
		buf_append_text(out, DRAW(odd));
	else if (draw(2) == 0)
		buf_printf(out, "%s:%s", DRAW(prefixes), DRAW(locals));
	else
		buf_append_text(out, DRAW(locals));
}

static void put_attributes(struct buf *out)
{
	for (uint32_t i = draw(4); i > 0; i--) {
		if (draw(2) == 0) {
			put_declaration(out);
			continue;
		}
		buf_append_byte(out, ' ');
		put_name(out);
		buf_append_text(out, "='x'");
	}
}

static void put_element(struct buf *out, unsigned depth)
{
	size_t name, len;

	buf_append_byte(out, '<');
	name = out->len;
	put_name(out);
	len = out->len - name;
	if (depth == 0) /* or few documents had all that they use */
		buf_append_text(out, " xmlns:p='u' xmlns:q='v' xmlns:r='u' xmlns:pp='w'");
	put_attributes(out);
	buf_append_byte(out, '>');
	for (uint32_t i = draw(depth < 4 ? 3 : 1); i > 0; i--)
		put_element(out, depth + 1);
	buf_append_text(out, "</");
	buf_reserve(out, len);
	buf_append(out, out->data + name, len);
	buf_append_byte(out, '>');
}

static void test_names_of_any_document_are_those_of_expat(void **state)
{
	enum { DOCUMENTS = 20000 };
	size_t refused = 0, stanzas = 0;
	struct buf document = {0};

	(void)state;
	for (chance = 0; chance < DOCUMENTS; chance++) {
		uint32_t number = chance;

		buf_truncate(&document, 0);
		put_element(&document, 0);
		refused += !check_document_names(document.data, document.len);
		stanzas += check_stream_names(document.data, document.len);
		chance = number;
	}
	assert_in_range(refused, DOCUMENTS / 4, DOCUMENTS * 3 / 4);
	assert_in_range(stanzas, DOCUMENTS / 4, DOCUMENTS * 3 / 4);
	buf_finish(&document);
}

/* ---- what it costs ---- */

/* Few long namespaces, each in turn that of an element or an attribute: 160 000 bytes, 100 MB with
 * the namespaces written out, 25 MB of one element. */
static void put_stanza_of_long_namespaces(struct buf *out)
{
	buf_append_text(out, "<a");
	for (int i = 0; i < 5; i++)
		buf_printf(out, " xmlns:p%d='%020000d'", i, i);
	buf_append_text(out, ">");
	for (int i = 0; i < 20; i++) {
		buf_printf(out, "<p%d:b", i % 5);
		for (int k = 0; k < 250; k++)
			buf_printf(out, " p%d:a%d=''", k % 5, k);
		buf_append_text(out, "/>");
	}
	buf_append_text(out, "</a>");
}

static void test_namespaces_are_written_out_nowhere(void **state)
{
	struct xml_parser *parser = parser_fed(&unlimited, "");
	struct buf stanza = {0};
	struct xml_stanza out;
	size_t before = heap_bytes();

	(void)state;
	put_stanza_of_long_namespaces(&stanza);
	feed(parser, stanza.data, stanza.len);
	assert_int_equal(xml_parser_next(parser, &out), XML_STANZA);
	assert_ptr_equal(out.root->first->ns, out.root->declared->uri);
	assert_true(arena_bytes(out.arena) < 10 * stanza.len);
	assert_true(heap_bytes() < before + 20 * stanza.len); /* expat's included */
	xml_parser_destroy(parser);
	buf_finish(&stanza);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_are_refused_for_the_reasons_that_expat_has),
		cmocka_unit_test(test_names_of_any_document_are_those_of_expat),
		cmocka_unit_test(test_namespaces_are_written_out_nowhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
