/* profiles.c - bookmarks and pictures, which clients keep in two forms each. */
#include "tests/unit/codec/support.h"

#include "peppy/array.h"

#define STORAGE(content) "<storage xmlns='storage:bookmarks'>" content "</storage>"
#define ROOM(content) "<conference xmlns='urn:xmpp:bookmarks:1' " content "</conference>"
#define VCARD(content) "<vCard xmlns='vcard-temp'>" content "</vCard>"

static struct codec_bookmark bookmark(struct bench *bench, const char *document)
{
	struct codec_bookmark found;

	bench_read(bench, document);
	assert_true(codec_bookmark_parse(&bench->stanza, &found));
	return found;
}

static struct codec_bookmarks bookmarks(struct bench *bench, const char *document)
{
	struct codec_bookmarks found;

	bench_read(bench, document);
	assert_true(codec_bookmarks_parse(&bench->stanza, &found));
	return found;
}

/* ---- bookmarks ---- */

static void test_a_bookmark_survives_a_round_trip(void **state)
{
	static const char document[] =
		ROOM("name='A &amp; B' autojoin='true'><nick>J</nick><password>p</password>"
		     "<extensions xmlns='urn:xmpp:bookmarks:1'><x xmlns='urn:x'/></extensions>");
	struct bench *bench = *state;
	struct xml_writer w = xml_writer(&bench->out);
	struct codec_bookmark found = bookmark(bench, document);

	codec_bookmark_render(&w, &found);
	assert_string_equal(bench_written(bench), document);
}

static void test_a_bookmark_may_be_empty(void **state)
{
	struct bench *bench = *state;
	struct xml_writer w = xml_writer(&bench->out);
	struct codec_bookmark found =
		bookmark(bench, "<conference xmlns='urn:xmpp:bookmarks:1'><nick/></conference>");

	codec_bookmark_render(&w, &found);
	assert_string_equal(bench_written(bench), "<conference xmlns='urn:xmpp:bookmarks:1'/>");
}

static void test_other_payloads_are_not_bookmarks(void **state)
{
	struct bench *bench = *state;
	struct codec_bookmark one;
	struct codec_bookmarks all;

	bench_read(bench, "<conference xmlns='storage:bookmarks' jid='a@b'/>");
	assert_false(codec_bookmark_parse(&bench->stanza, &one));
	assert_false(codec_bookmarks_parse(&bench->stanza, &all));
}

static void test_autojoin_is_what_xml_schema_calls_true(void **state)
{
	static const struct {
		const char *document;
		bool autojoin;
	} cases[] = {
		{ROOM("autojoin='1'>"), true},
		{ROOM("autojoin='true'>"), true},
		{ROOM("autojoin='0'>"), false},
		{ROOM("autojoin='yes'>"), false},
	};
	struct bench *bench = *state;

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
		assert_int_equal(bookmark(bench, cases[i].document).autojoin, cases[i].autojoin);
}

static void test_a_list_keeps_what_is_not_a_room_and_prepares_jids(void **state)
{
	struct bench *bench = *state;
	struct xml_writer w = xml_writer(&bench->out);
	struct codec_bookmarks found =
		bookmarks(bench, STORAGE("<conference jid='Room@Chat.Lit' name='R'/>"
					 "<url name='u' url='http://u'/><conference jid='@'/>"
					 "<conference name='nowhere'/>"));

	assert_int_equal(found.n, 1);
	assert_string_equal(found.v[0].jid, "room@chat.lit");
	codec_bookmarks_render(&w, &found);
	assert_string_equal(bench_written(bench),
		STORAGE("<conference jid='room@chat.lit' name='R'/>"
			"<url xmlns='storage:bookmarks' name='u' url='http://u'/>"));
}

static void test_bookmarks_differ_in_whatever_a_client_shows(void **state)
{
	static const char *const others[] = {
		ROOM("name='b' autojoin='true'><nick>n</nick>"),
		ROOM("autojoin='true'><nick>n</nick>"),
		ROOM("name='a'><nick>n</nick>"),
		ROOM("name='a' autojoin='true'><nick>m</nick>"),
		ROOM("name='a' autojoin='true'>"),
		ROOM("name='a' autojoin='true'><nick>n</nick><password>p</password>"),
	};
	struct bench *bench = *state;
	struct codec_bookmark a = bookmark(bench, ROOM("name='a' autojoin='1'><nick>n</nick>"));
	struct codec_bookmark same =
		bookmark(bench, ROOM("name='a' autojoin='true'><nick>n</nick><extensions/>"));

	assert_true(codec_bookmark_equal(&a, &same));
	for (size_t i = 0; i < ARRAY_COUNT(others); i++) {
		struct codec_bookmark other = bookmark(bench, others[i]);

		assert_false(codec_bookmark_equal(&a, &other));
	}
}

/* ---- pictures ---- */

static void test_a_vcard_gets_another_picture_and_keeps_the_rest(void **state)
{
	static const struct codec_photo photo = {"image/png", "AAAA"};
	struct bench *bench = *state;
	struct xml_writer w = xml_writer(&bench->out);

	bench_read(bench, VCARD("<FN>J</FN><PHOTO><BINVAL>BBBB</BINVAL></PHOTO>"
				"<x:y xmlns:x='urn:x'/>"));
	codec_vcard_render(&w, &bench->stanza, &photo);
	assert_string_equal(bench_written(bench),
		VCARD("<FN xmlns='vcard-temp'>J</FN><x:y xmlns='vcard-temp' xmlns:x='urn:x'/>"
		      "<PHOTO><TYPE>image/png</TYPE><BINVAL>AAAA</BINVAL></PHOTO>"));
}

static void test_a_picture_that_is_elsewhere_stays_unless_there_is_one(void **state)
{
	static const char document[] = VCARD("<PHOTO><EXTVAL>http://u</EXTVAL></PHOTO>");
	static const struct codec_photo none = {0}, photo = {NULL, "AAAA"};
	struct bench *bench = *state;
	struct xml_writer w = xml_writer(&bench->out);

	assert_null(codec_vcard_photo(bench_read(bench, document)).data);
	codec_vcard_render(&w, &bench->stanza, &none);
	assert_non_null(strstr(bench_written(bench), "<EXTVAL>http://u</EXTVAL>"));
	buf_truncate(&bench->out, 0);
	codec_vcard_render(&w, &bench->stanza, &photo);
	assert_string_equal(bench_written(bench), VCARD("<PHOTO><BINVAL>AAAA</BINVAL></PHOTO>"));
}

static void test_an_avatar_is_the_picture_that_is_not_elsewhere(void **state)
{
	struct bench *bench = *state;
	const char *type;

	assert_string_equal(
		codec_avatar_id(bench_read(bench, "<metadata xmlns='urn:xmpp:avatar:metadata'>"
						  "<info id='a' url='http://u'/><info/>"
						  "<info id='b' type='image/gif'/></metadata>"),
			&type),
		"b");
	assert_string_equal(type, "image/gif");
	assert_null(codec_avatar_id(
		bench_read(bench, "<metadata xmlns='urn:xmpp:avatar:metadata'/>"), &type));
	assert_null(type);
}

static void test_metadata_without_a_picture_are_empty(void **state)
{
	static const struct codec_avatar none = {0}, avatar = {"id", NULL, 7};
	struct bench *bench = *state;
	struct xml_writer w = xml_writer(&bench->out);

	codec_avatar_render(&w, &none);
	codec_avatar_render(&w, &avatar);
	codec_avatar_data_render(&w, "AAAA");
	assert_string_equal(bench_written(bench),
		"<metadata xmlns='urn:xmpp:avatar:metadata'/>"
		"<metadata xmlns='urn:xmpp:avatar:metadata'>"
		"<info id='id' bytes='7' type='image/png'/></metadata>"
		"<data xmlns='urn:xmpp:avatar:data'>AAAA</data>");
}

/* A declaration that every copy needs, and thousands of copies. */
static void test_many_copies_under_a_long_declaration_stay_bounded(void **state)
{
	static const struct codec_photo none = {0};
	struct bench *bench = *state;
	struct xml_writer w = xml_writer(&bench->out);
	struct buf document = {0};

	buf_append_text(&document, "<vCard xmlns='vcard-temp' xmlns:p='");
	for (int i = 0; i < 10000; i++)
		buf_append_byte(&document, 'u');
	buf_append_text(&document, "'>");
	for (int i = 0; i < 10000; i++)
		buf_append_text(&document, "<p:x/>");
	buf_append_text(&document, "</vCard>");
	buf_append_byte(&document, '\0');
	bench_read(bench, document.data);
	codec_vcard_render(&w, &bench->stanza, &none);
	assert_in_range(bench->out.len, 1, 3 * document.len + 64 * 1024);
	buf_finish(&document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(test_a_bookmark_survives_a_round_trip),
		bench_test(test_a_bookmark_may_be_empty),
		bench_test(test_other_payloads_are_not_bookmarks),
		bench_test(test_autojoin_is_what_xml_schema_calls_true),
		bench_test(test_a_list_keeps_what_is_not_a_room_and_prepares_jids),
		bench_test(test_bookmarks_differ_in_whatever_a_client_shows),
		bench_test(test_a_vcard_gets_another_picture_and_keeps_the_rest),
		bench_test(test_a_picture_that_is_elsewhere_stays_unless_there_is_one),
		bench_test(test_an_avatar_is_the_picture_that_is_not_elsewhere),
		bench_test(test_metadata_without_a_picture_are_empty),
		bench_test(test_many_copies_under_a_long_declaration_stay_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
