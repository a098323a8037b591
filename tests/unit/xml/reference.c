/* reference.c - see reference.h. */
#include "reference.h"

#include <assert.h>
#include <expat.h>
#include <string.h>

#include "peppy/array.h"
#include "support.h"

#define SEPARATOR '\x01' /* between namespace and name: no character of XML 1.0 */

/* Names of el and of all elements in it, with attributes and declarations. */
static void dump_names(struct buf *out, const struct xml_element *el)
{
	for (; el != NULL; el = next_in_document(el)) {
		for (const struct xml_ns *ns = el->declared; ns != NULL; ns = ns->next)
			buf_printf(out, "xmlns:%s=[%s] ", ns->prefix, ns->uri);
		buf_printf(out, "{%s}%s", el->ns, el->name);
		for (const struct xml_attr *attr = el->attrs; attr != NULL; attr = attr->next)
			buf_printf(out, " {%s}%s=[%s]", attr->ns, attr->name, attr->value);
		buf_append_byte(out, '\n');
	}
}

/* ---- expat ---- */

struct reference {
	XML_Parser expat;
	struct buf *dump;
	size_t whole; /* of the dump: complete stanzas */
	unsigned depth;
	bool is_stream;
	bool is_closed;
	bool has_markup; /* that streams must not hold */
};

static void put_name(struct buf *out, const char *name)
{
	const char *separator = strchr(name, SEPARATOR);

	if (separator != NULL)
		buf_printf(out, "{%.*s}%s", (int)(separator - name), name, separator + 1);
	else
		buf_printf(out, "{}%s", name);
}

static void XMLCALL on_declare(void *data, const XML_Char *prefix, const XML_Char *uri)
{
	struct reference *ref = data;

	if (!ref->is_stream || ref->depth > 0)
		buf_printf(ref->dump, "xmlns:%s=[%s] ", prefix != NULL ? prefix : "",
			uri != NULL ? uri : "");
}

static void XMLCALL on_start(void *data, const XML_Char *name, const XML_Char **attrs)
{
	struct reference *ref = data;

	if (ref->depth++ == 0 && ref->is_stream)
		return;
	put_name(ref->dump, name);
	for (; attrs[0] != NULL; attrs += 2) {
		buf_append_byte(ref->dump, ' ');
		put_name(ref->dump, attrs[0]);
		buf_printf(ref->dump, "=[%s]", attrs[1]);
	}
	buf_append_byte(ref->dump, '\n');
}

static void XMLCALL on_end(void *data, const XML_Char *name)
{
	struct reference *ref = data;

	(void)name;
	ref->depth--;
	if (ref->depth == 1)
		ref->whole = ref->dump->len;
	if (ref->depth == 0 && ref->is_stream) {
		ref->is_closed = true;
		XML_StopParser(ref->expat, XML_FALSE);
	}
}

static void XMLCALL on_text(void *data, const XML_Char *bytes, int len)
{
	struct reference *ref = data;

	for (int i = 0; ref->is_stream && ref->depth == 1 && i < len; i++)
		if (strchr(" \t\r\n", bytes[i]) == NULL)
			XML_StopParser(ref->expat, XML_FALSE);
}

static void XMLCALL on_comment(void *data, const XML_Char *text)
{
	struct reference *ref = data;

	(void)text;
	ref->has_markup = true;
	XML_StopParser(ref->expat, XML_FALSE);
}

static void XMLCALL on_instruction(void *data, const XML_Char *target, const XML_Char *text)
{
	(void)target;
	on_comment(data, text);
}

static void XMLCALL on_doctype(void *data, const XML_Char *name, const XML_Char *system_id,
	const XML_Char *public_id, int has_subset)
{
	(void)system_id;
	(void)public_id;
	(void)has_subset;
	on_comment(data, name);
}

static void create(struct reference *ref)
{
	ref->expat = XML_ParserCreateNS("UTF-8", SEPARATOR);
	assert(ref->expat != NULL);
	XML_SetUserData(ref->expat, ref);
	XML_SetElementHandler(ref->expat, on_start, on_end);
	XML_SetStartNamespaceDeclHandler(ref->expat, on_declare);
	XML_SetCharacterDataHandler(ref->expat, on_text);
	XML_SetCommentHandler(ref->expat, on_comment);
	XML_SetProcessingInstructionHandler(ref->expat, on_instruction);
	XML_SetStartDoctypeDeclHandler(ref->expat, on_doctype);
}

/* Names of all complete stanzas. Behind the last '>' xml_parser waits for more. */
static bool reference_stream(const char *stream, size_t len, struct buf *dump)
{
	struct reference ref = {.dump = dump, .whole = dump->len, .is_stream = true};
	enum XML_Status status;

	while (len > 0 && stream[len - 1] != '>')
		len--;
	create(&ref);
	status = XML_Parse(ref.expat, HEADER, (int)strlen(HEADER), XML_FALSE);
	assert(status == XML_STATUS_OK);
	status = XML_Parse(ref.expat, stream, (int)len, XML_FALSE);
	XML_ParserFree(ref.expat);
	buf_truncate(dump, ref.whole);
	return status == XML_STATUS_OK || ref.is_closed;
}

const char *reference_reason(const char *document)
{
	struct buf dump = {0};
	struct reference ref = {.dump = &dump};
	const char *reason = NULL;

	create(&ref);
	if (XML_Parse(ref.expat, document, (int)strlen(document), XML_TRUE) != XML_STATUS_OK)
		reason = XML_ErrorString(XML_GetErrorCode(ref.expat));
	XML_ParserFree(ref.expat);
	buf_finish(&dump);
	return reason;
}

/* ---- src/xml ---- */

static void assert_same(const struct buf *expected, const struct buf *dump)
{
	assert(dump->len == expected->len);
	assert(dump->len == 0 || memcmp(dump->data, expected->data, dump->len) == 0);
}

/* Where expat sees namespaces it finds fault with a name at once, xml_parser with the whole tag or
 * instruction: one that holds the last '>' is closed for it. */
static enum xml_event close_tag(struct xml_parser *parser)
{
	static const char *const ends[] = {"'>", "\">", "?>"};
	struct xml_stanza stanza;
	enum xml_event event = XML_MORE;

	for (size_t i = 0; event == XML_MORE && i < ARRAY_COUNT(ends); i++) {
		xml_parser_release(parser);
		feed(parser, ends[i], strlen(ends[i]));
		event = xml_parser_next(parser, &stanza);
	}
	return event;
}

bool check_stream_names(const char *stream, size_t len)
{
	struct xml_parser *parser = parser_fed(&unlimited, "");
	struct buf expected = {0}, dump = {0};
	bool ok = reference_stream(stream, len, &expected);
	struct xml_stanza stanza;
	enum xml_event event;

	feed(parser, stream, len);
	while ((event = xml_parser_next(parser, &stanza)) == XML_STANZA)
		dump_names(&dump, stanza.root);
	if (!ok && event == XML_MORE)
		event = close_tag(parser);
	assert((event != XML_BROKEN) == ok);
	assert_same(&expected, &dump);
	xml_parser_destroy(parser);
	buf_finish(&expected);
	buf_finish(&dump);
	return ok;
}

struct seen { /* by a reader */
	struct buf dump;
	unsigned depth; /* of what was entered */
};

static enum xml_wish on_tag(void *ctx, const struct xml_element *tag)
{
	struct seen *seen = ctx;

	if (seen->depth == 2)
		return XML_WHOLE;
	dump_names(&seen->dump, tag);
	seen->depth++;
	return XML_ENTER;
}

static bool on_whole(void *ctx, const struct xml_stanza *stanza)
{
	struct seen *seen = ctx;

	dump_names(&seen->dump, stanza->root);
	return true;
}

static bool on_leave(void *ctx)
{
	struct seen *seen = ctx;

	seen->depth--;
	return true;
}

static const struct xml_reader_ops ops = {on_tag, on_whole, on_leave};

static bool read_names(const char *document, size_t len, struct buf *dump)
{
	struct seen seen = {0};
	struct xml_reader *reader = xml_reader_create(&unlimited, &ops, &seen);
	bool ok = xml_reader_feed(reader, document, len, true);

	xml_reader_destroy(reader);
	*dump = seen.dump;
	return ok;
}

const char *reader_reason(const char *document)
{
	struct seen seen = {0};
	struct xml_reader *reader = xml_reader_create(&unlimited, &ops, &seen);
	const char *reason = NULL;

	if (!xml_reader_feed(reader, document, strlen(document), true))
		reason = xml_reader_reason(reader);
	xml_reader_destroy(reader);
	buf_finish(&seen.dump);
	return reason;
}

bool check_document_names(const char *document, size_t len)
{
	struct buf expected = {0}, dump = {0}, read = {0};
	struct reference ref = {.dump = &expected};
	struct arena *arena = arena_create();
	struct xml_stanza stanza;
	bool ok;

	create(&ref);
	ok = XML_Parse(ref.expat, document, (int)len, XML_TRUE) == XML_STATUS_OK;
	XML_ParserFree(ref.expat);
	assert(xml_document_parse(&unlimited, document, len, arena, &stanza) == ok);
	assert(read_names(document, len, &read) == ok || ref.has_markup);
	if (ok) {
		dump_names(&dump, stanza.root);
		assert_same(&expected, &dump);
		assert_same(&expected, &read);
	}
	arena_destroy(arena);
	buf_finish(&expected);
	buf_finish(&dump);
	buf_finish(&read);
	return ok;
}
