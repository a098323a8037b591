/* writer.c - what is written parses to what was meant. */
#include "support.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "peppy/array.h"

static void assert_written(struct buf *buf, const char *expected)
{
	buf_append_byte(buf, '\0');
	assert_string_equal(buf->data, expected);
	buf_finish(buf);
}

static void test_elements_are_nested_and_closed(void **state)
{
	struct buf buf = {0};
	struct xml_writer w = xml_writer(&buf);

	(void)state;
	xml_start(&w, "iq");
	xml_put_attr(&w, "type", "result");
	xml_put_attr(&w, "to", NULL);
	xml_start_ns(&w, "query", "urn:x");
	xml_leaf(&w, "a", "1");
	xml_leaf(&w, "b", "");
	xml_leaf(&w, "c", NULL);
	xml_start(&w, "set");
	xml_put_attr_u64(&w, "index", 0);
	xml_put_attr_u64(&w, "max", UINT64_MAX);
	xml_end(&w);
	xml_put_text(&w, "&");
	xml_end(&w);
	xml_put_raw(&w, "<raw/>", 6);
	xml_end(&w);
	assert_int_equal(w.depth, 0);
	assert_written(&buf, "<iq type='result'><query xmlns='urn:x'><a>1</a><b/><c/>"
			     "<set index='0' max='18446744073709551615'/>&amp;</query>"
			     "<raw/></iq>");
}

static void test_an_element_without_content_is_one_tag(void **state)
{
	struct buf buf = {0};
	struct xml_writer w = xml_writer(&buf);

	(void)state;
	xml_start(&w, "a");
	xml_put_text(&w, "");
	xml_put_text(&w, NULL);
	xml_put_raw(&w, "", 0);
	xml_put_attr(&w, "b", "");
	xml_end(&w);
	assert_written(&buf, "<a b=''/>");
}

static void test_escapes_are_exact(void **state)
{
	struct buf buf = {0};

	(void)state;
	xml_escape_text(&buf, "a&b<c>d'e\"f\rg\nh\ti\xc3\xa4");
	assert_written(&buf, "a&amp;b&lt;c&gt;d&apos;e&quot;f&#13;g\nh\ti\xc3\xa4");
	xml_escape_attr(&buf, "a&b<c>d'e\"f\rg\nh\ti\xc3\xa4");
	assert_written(&buf, "a&amp;b&lt;c&gt;d&apos;e&quot;f&#13;g&#10;h&#9;i\xc3\xa4");
	xml_escape_text(&buf, "");
	assert_written(&buf, "");
	xml_escape_attr(&buf, "]]>");
	assert_written(&buf, "]]&gt;");
}

static void test_any_text_and_attribute_survives_a_parser(void **state)
{
	struct arena *arena = arena_create();
	struct xml_stanza stanza;
	struct buf buf = {0};
	struct xml_writer w = xml_writer(&buf);
	char text[0x60 * 3 + 16];
	size_t len = 0;

	(void)state;
	for (char c = 1; c < 0x7f; c++) {
		const char one[2] = {c, '\0'};

		if (xml_text_is_valid(one)) {
			text[len++] = c;
			text[len++] = c;
		}
	}
	text[len] = '\0';
	xml_start(&w, "a");
	xml_put_attr(&w, "b", text);
	xml_put_text(&w, text);
	xml_end(&w);
	assert_true(xml_document_parse(&unlimited, buf.data, buf.len, arena, &stanza));
	assert_string_equal(xml_attr(stanza.root, "b"), text);
	assert_string_equal(stanza.root->text, text);
	arena_destroy(arena);
	buf_finish(&buf);
}

static void end_too_often(struct xml_writer *w)
{
	xml_start(w, "a");
	xml_end(w);
	xml_end(w);
}

static void put_attr_behind_text(struct xml_writer *w)
{
	xml_start(w, "a");
	xml_put_text(w, "text");
	xml_put_attr(w, "b", "1");
}

static void put_attr_behind_end(struct xml_writer *w)
{
	xml_start(w, "a");
	xml_start(w, "b");
	xml_end(w);
	xml_put_attr(w, "c", NULL);
}

static void nest_too_deep(struct xml_writer *w)
{
	for (int i = 0; i <= XML_WRITER_DEPTH; i++)
		xml_start(w, "a");
}

static bool aborts(void (*misuse)(struct xml_writer *w))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct buf buf = {0};
		struct xml_writer w = xml_writer(&buf);

		signal(SIGABRT, SIG_DFL);
		fclose(stderr); /* the assertion's text */
		misuse(&w);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void test_unbalanced_use_is_an_assertion(void **state)
{
	(void)state;
	assert_true(aborts(end_too_often));
	assert_true(aborts(put_attr_behind_text));
	assert_true(aborts(put_attr_behind_end));
	assert_true(aborts(nest_too_deep));
}

static void test_valid_text_is_utf8_of_xml_characters(void **state)
{
	static const char *const good[] = {"", "a\t\n\r ~", "\x7f", "\xc2\x80", "\xdf\xbf",
		"\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbd", "\xf0\x90\x80\x80",
		"\xf4\x8f\xbf\xbf", "\xf0\x9f\x98\x80 \xc3\xa4"};
	static const char *const bad[] = {"\x01", "\x08", "\x0b", "\x0c", "\x0e", "\x1f", "a\x1fz",
		"\x80", "\xbf", "\xc3", "\xc3z", "\xe2\x82", "\xe2\x82z", "\xf0\x9f\x98",
		"\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf", /* overlong */
		"\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xed\xa0\x80",
		"\xed\xbf\xbf", /* surrogates */
		"\xef\xbf\xbe", "\xef\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
		"\xf8\x88\x80\x80\x80", "\xfe", "\xff"};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(good); i++)
		assert_true(xml_text_is_valid(good[i]));
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
		assert_false(xml_text_is_valid(bad[i]));
}

/* Encodes a number as UTF-8 would, be it a character or not. */
static void encode(unsigned c, char out[5])
{
	static const unsigned char first[] = {0x00, 0xc0, 0xe0, 0xf0};
	int more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;

	out[more + 1] = '\0';
	for (int i = more; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(first[more] | c);
}

static void test_the_judgement_of_every_character_is_the_parsers(void **state)
{
	struct arena *arena = arena_create();
	char text[5], document[16];
	struct xml_stanza stanza;

	(void)state;
	for (unsigned c = 1; c < 0x110100; c++) {
		if (c == '<' || c == '&')
			continue;
		if (c > 0x10100 && c < 0x10ff00) { /* planes all alike: one in a thousand */
			c += 1000;
		}
		encode(c, text);
		snprintf(document, sizeof document, "<a>%s</a>", text);
		assert_int_equal(xml_text_is_valid(text),
			xml_document_parse(&unlimited, document, strlen(document), arena, &stanza));
		if (c % 256 == 0)
			arena_reset(arena);
	}
	arena_destroy(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_elements_are_nested_and_closed),
		cmocka_unit_test(test_an_element_without_content_is_one_tag),
		cmocka_unit_test(test_escapes_are_exact),
		cmocka_unit_test(test_any_text_and_attribute_survives_a_parser),
		cmocka_unit_test(test_unbalanced_use_is_an_assertion),
		cmocka_unit_test(test_valid_text_is_utf8_of_xml_characters),
		cmocka_unit_test(test_the_judgement_of_every_character_is_the_parsers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
