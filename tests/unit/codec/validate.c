/* Payloads against XML Schemas: what is valid, what is refused, and what is never fetched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <libxml/parser.h>

#include "peppy/array.h"
#include "peppy/codec.h"

#define XS "http://www.w3.org/2001/XMLSchema"
#define SCHEMA(ns, content)                                                                        \
	"<xs:schema xmlns:xs='" XS "' targetNamespace='" ns "' xmlns='" ns                         \
	"' elementFormDefault='qualified'>" content "</xs:schema>"
#define NAME_IN(ns) SCHEMA(ns, "<xs:element name='a' type='xs:integer'/>")

struct bench {
	struct arena *arena;
	struct buf errors;
	char folder[64];
	size_t files;
};

/* ---- what libxml2 opens ---- */

static size_t opened;

static xmlParserInputPtr count_opened(const char *url, const char *id, xmlParserCtxtPtr parser)
{
	(void)url, (void)id, (void)parser;
	opened++;
	return NULL;
}

/* ---- schemas ---- */

static int setup(void **state)
{
	struct bench *bench = test_calloc(1, sizeof *bench);

	bench->arena = arena_create();
	strcpy(bench->folder, "/tmp/peppy-schemas-XXXXXX");
	xmlSetExternalEntityLoader(count_opened);
	opened = 0;
	*state = bench;
	return mkdtemp(bench->folder) != NULL ? 0 : -1;
}

static char *path_of(struct bench *bench, size_t file)
{
	return arena_printf(bench->arena, "%s/%zu.xsd", bench->folder, file);
}

static int teardown(void **state)
{
	struct bench *bench = *state;

	for (size_t i = 0; i < bench->files; i++)
		unlink(path_of(bench, i));
	rmdir(bench->folder);
	buf_finish(&bench->errors);
	arena_destroy(bench->arena);
	test_free(bench);
	return 0;
}

static void add(struct bench *bench, const char *text)
{
	FILE *file = fopen(path_of(bench, bench->files++), "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static struct codec_schemas *own_schemas(struct bench *bench)
{
	return codec_schemas_open(bench->folder, &bench->errors);
}

static struct codec_schemas *shipped_schemas(struct bench *bench)
{
	const char *srcdir = getenv("srcdir");
	struct codec_schemas *schemas = codec_schemas_open(
		arena_printf(bench->arena, "%s/schemas/payloads", srcdir != NULL ? srcdir : "."),
		&bench->errors);

	assert_int_equal(bench->errors.len, 0);
	assert_non_null(schemas);
	return schemas;
}

static const char *complaint(struct bench *bench)
{
	buf_append_byte(&bench->errors, '\0');
	return bench->errors.data;
}

/* No schema is made, and this is why. */
static void assert_refused(struct bench *bench, const char *text, const char *why)
{
	bench->errors.len = 0;
	bench->files = 0;
	add(bench, text);
	assert_null(own_schemas(bench));
	assert_non_null(strstr(complaint(bench), why));
	assert_non_null(strstr(bench->errors.data, path_of(bench, 0)));
}

/* ---- payloads ---- */

static bool is_valid(struct bench *bench, const struct codec_schemas *schemas, const char *ns,
	const char *payload)
{
	const struct pubsub_item item = {
		.payload = payload, .payload_len = strlen(payload), .payload_ns = ns};
	const char *why = NULL;
	bool valid = codec_payload_is_valid(schemas, &item, bench->arena, &why);

	assert_true(!valid || why == NULL);
	return valid;
}

static void test_every_schema_that_is_installed_can_be_read_and_holds(void **state)
{
#define ATOM "http://www.w3.org/2005/Atom"
#define PROTOCOL "http://jabber.org/protocol/"
	static const struct {
		const char *ns, *good, *bad;
	} payloads[] = {
		{ATOM,
			"<entry xmlns='" ATOM "' xml:lang='da'><title type='text'>To be</title>"
			"<published>2003-12-13T18:30:02Z</published><id>1</id><id>2</id>"
			"<link href='a' rel='b'/><category term='c'/><author><name>Hamlet</name>"
			"</author><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>"
			"<p>or not</p></div></content><x xmlns='urn:x'/></entry>",
			"<entry xmlns='" ATOM "'><updated>yesterday</updated></entry>"},
		{ATOM, "<entry xmlns='" ATOM "'/>", "<entry xmlns='" ATOM "'><link/></entry>"},
		{ATOM, "<feed xmlns='" ATOM "'><title>a</title></feed>", "<a xmlns='" ATOM "'/>"},
		{"urn:xmpp:avatar:data", "<data xmlns='urn:xmpp:avatar:data'>\nqANQ R1DB\n</data>",
			"<data xmlns='urn:xmpp:avatar:data'>AAAAA</data>"},
		{"urn:xmpp:avatar:metadata",
			"<metadata xmlns='urn:xmpp:avatar:metadata'><info bytes='12345' id='1' "
			"height='64' type='image/png' width='64'/></metadata>",
			"<metadata xmlns='urn:xmpp:avatar:metadata'><info id='1'/></metadata>"},
		{"urn:xmpp:avatar:metadata", "<metadata xmlns='urn:xmpp:avatar:metadata'/>",
			"<metadata xmlns='urn:xmpp:avatar:metadata'>none</metadata>"},
		{"urn:xmpp:bookmarks:1",
			"<conference xmlns='urn:xmpp:bookmarks:1' autojoin='1'><password>a"
			"</password><nick>b</nick><extensions><x xmlns='urn:x'/></extensions>"
			"</conference>",
			"<conference xmlns='urn:xmpp:bookmarks:1' autojoin='yes'/>"},
		{PROTOCOL "geoloc",
			"<geoloc xmlns='" PROTOCOL "geoloc'><lon>12.62</lon><lat>56.04</lat>"
			"</geoloc>",
			"<geoloc xmlns='" PROTOCOL "geoloc'><lat>north</lat></geoloc>"},
		{PROTOCOL "mood",
			"<mood xmlns='" PROTOCOL "mood'><sad><x xmlns='urn:x'/></sad>"
			"<text>Alas</text></mood>",
			"<mood xmlns='" PROTOCOL "mood'><sad/><happy/></mood>"},
		{PROTOCOL "activity",
			"<activity xmlns='" PROTOCOL "activity'><relaxing><reading/></relaxing>"
			"<text>Words</text></activity>",
			"<activity xmlns='" PROTOCOL "activity'><reading/></activity>"},
		{PROTOCOL "nick", "<nick xmlns='" PROTOCOL "nick' xml:lang='da'>Prince</nick>",
			"<nick xmlns='" PROTOCOL "nick'><b/></nick>"},
		{PROTOCOL "tune",
			"<tune xmlns='" PROTOCOL "tune'><rating>8</rating><artist>Yes</artist>"
			"</tune>",
			"<tune xmlns='" PROTOCOL "tune'><rating>11</rating></tune>"},
	};
	struct bench *bench = *state;
	struct codec_schemas *schemas = shipped_schemas(bench);

	for (size_t i = 0; i < ARRAY_COUNT(payloads); i++) {
		if (!is_valid(bench, schemas, payloads[i].ns, payloads[i].good))
			fail_msg("refused: %s", payloads[i].good);
		if (is_valid(bench, schemas, payloads[i].ns, payloads[i].bad))
			fail_msg("accepted: %s", payloads[i].bad);
	}
	codec_schemas_close(schemas);
}

static void test_a_namespace_without_a_schema_takes_anything(void **state)
{
	struct bench *bench = *state;
	struct codec_schemas *schemas = shipped_schemas(bench);

	assert_true(is_valid(bench, schemas, "urn:a", "<a xmlns='urn:a'><b/></a>"));
	assert_true(is_valid(bench, schemas, "", "<a xmlns=''/>"));
	codec_schemas_close(schemas);
}

static void test_it_is_said_what_is_wrong(void **state)
{
	static const char payload[] = "<a xmlns='urn:a'>one</a>";
	const struct pubsub_item item = {
		.payload = payload, .payload_len = strlen(payload), .payload_ns = "urn:a"};
	struct bench *bench = *state;
	struct codec_schemas *schemas;
	const char *why = NULL;

	add(bench, NAME_IN("urn:a"));
	schemas = own_schemas(bench);
	assert_non_null(schemas);
	assert_false(codec_payload_is_valid(schemas, &item, bench->arena, &why));
	assert_non_null(strstr(why, "'one' is not a valid value"));
	assert_null(strchr(why, '\n'));
	codec_schemas_close(schemas);
}

static void test_schemas_that_are_not_bounded_are_refused(void **state)
{
	static const char *const words[] = {"import", "include", "redefine"};
	struct bench *bench = *state;

	for (size_t i = 0; i < ARRAY_COUNT(words); i++)
		assert_refused(bench,
			arena_printf(bench->arena,
				SCHEMA("urn:a", "<xs:%s schemaLocation='0.xsd'/>"), words[i]),
			words[i]);
	assert_refused(bench,
		SCHEMA("urn:a",
			"<xs:element name='a'><xs:simpleType><xs:restriction base='xs:string'>"
			"<xs:pattern value='(a*)*b'/></xs:restriction></xs:simpleType>"
			"</xs:element>"),
		"pattern");
	assert_refused(bench,
		SCHEMA("urn:a", "<xs:element name='a'><xs:complexType><xs:sequence><xs:any "
				"maxOccurs='unbounded' processContents='skip'/></xs:sequence>"
				"</xs:complexType><xs:unique name='u'><xs:selector xpath='*'/>"
				"<xs:field xpath='@id'/></xs:unique></xs:element>"),
		"unique");
	assert_refused(bench, "<!DOCTYPE a [<!ENTITY e SYSTEM '/etc/passwd'>]>" NAME_IN("urn:a"),
		"document type");
	assert_int_equal(opened, 0);
}

static void test_what_is_no_schema_is_named(void **state)
{
	struct bench *bench = *state;

	assert_refused(bench, "", "not an XML Schema");
	assert_refused(bench, "<a", "not an XML Schema");
	assert_refused(bench, "<a xmlns='urn:a'/>", "not an XML Schema");
	assert_refused(bench, "<xs:schema xmlns:xs='" XS "'/>", "no targetNamespace");
	assert_refused(
		bench, SCHEMA("urn:a", "<xs:element name='a' type='b'/>"), "b' does not resolve");
	bench->errors.len = 0;
	add(bench, NAME_IN("urn:b"));
	add(bench, NAME_IN("urn:b"));
	assert_null(own_schemas(bench));
	assert_non_null(strstr(complaint(bench), "there is already a schema for urn:b"));
	bench->errors.len = 0;
	assert_null(codec_schemas_open("/nowhere", &bench->errors));
	assert_string_equal(complaint(bench), "/nowhere: No such file or directory\n");
}

static void test_a_folder_without_schemas_is_a_mistake(void **state)
{
	struct bench *bench = *state;

	assert_null(own_schemas(bench));
	assert_non_null(strstr(complaint(bench), "no *.xsd there"));
}

static void test_payloads_make_nobody_fetch_anything(void **state)
{
	static const char *const payloads[] = {
		"<a xmlns='urn:a' xmlns:i='http://www.w3.org/2001/XMLSchema-instance' "
		"i:schemaLocation='urn:b /etc/passwd urn:a http://127.0.0.1/a.xsd'>1</a>",
		"<a xmlns='urn:a' xmlns:i='http://www.w3.org/2001/XMLSchema-instance' "
		"i:noNamespaceSchemaLocation='/etc/passwd'>1</a>",
		"<!DOCTYPE a SYSTEM 'http://127.0.0.1/a.dtd'><a xmlns='urn:a'>1</a>",
		"<!DOCTYPE a [<!ENTITY e SYSTEM '/etc/passwd'>]><a xmlns='urn:a'>&e;</a>",
		"<!DOCTYPE a [<!ENTITY % e SYSTEM '/etc/passwd'> %e;]><a xmlns='urn:a'>1</a>",
		"<a xmlns='urn:a' xmlns:xi='http://www.w3.org/2001/XInclude'>"
		"<xi:include href='/etc/passwd'/></a>",
	};
	struct bench *bench = *state;
	struct codec_schemas *schemas;

	add(bench, NAME_IN("urn:a"));
	schemas = own_schemas(bench);
	assert_non_null(schemas);
	for (size_t i = 0; i < ARRAY_COUNT(payloads); i++)
		(void)is_valid(bench, schemas, "urn:a", payloads[i]);
	assert_true(is_valid(bench, schemas, "urn:a", "<a xmlns='urn:a'>1</a>"));
	assert_int_equal(opened, 0);
	codec_schemas_close(schemas);
}

static const char *nested(struct bench *bench, const char *before, const char *open, size_t n,
	const char *close, const char *after)
{
	struct buf text = {0};
	const char *out;

	buf_append_text(&text, before);
	for (size_t i = 0; i < n; i++)
		buf_append_text(&text, open);
	for (size_t i = 0; i < n; i++)
		buf_append_text(&text, close);
	buf_append_text(&text, after);
	out = arena_memdup(bench->arena, text.data, text.len);
	buf_finish(&text);
	return out;
}

static void test_what_stanzas_may_hold_is_looked_at_however_deep_and_wide(void **state)
{
	struct bench *bench = *state;
	struct codec_schemas *schemas = shipped_schemas(bench);

	assert_true(is_valid(bench, schemas, ATOM,
		nested(bench, "<entry xmlns='" ATOM "'><content>", "<b xmlns='urn:b'>", 1900,
			"</b>", "</content></entry>")));
	assert_true(is_valid(bench, schemas, ATOM,
		nested(bench, "<entry xmlns='" ATOM "'>", "<id>1</id>", 20000, "", "</entry>")));
	assert_false(is_valid(bench, schemas, ATOM,
		nested(bench, "<entry xmlns='" ATOM "'>", "<id>1</id>", 20000, "",
			"<b/></entry>")));
	assert_true(is_valid(bench, schemas, "urn:xmpp:avatar:data",
		nested(bench, "<data xmlns='urn:xmpp:avatar:data'>", "AAAA", 250000, "",
			"</data>")));
	codec_schemas_close(schemas);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_every_schema_that_is_installed_can_be_read_and_holds),
		TEST(test_a_namespace_without_a_schema_takes_anything),
		TEST(test_it_is_said_what_is_wrong),
		TEST(test_schemas_that_are_not_bounded_are_refused),
		TEST(test_what_is_no_schema_is_named),
		TEST(test_a_folder_without_schemas_is_a_mistake),
		TEST(test_payloads_make_nobody_fetch_anything),
		TEST(test_what_stanzas_may_hold_is_looked_at_however_deep_and_wide),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	xmlCleanupParser();
	return failed;
}
