/* parser_reader.c - expat over a document that need not fit into memory. An element that is wanted
 * whole is built as a tree, with the bytes it came from; of the others there is only the start
 * tag. */
#include <expat.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "peppy/memory.h"
#include "peppy/xml.h"
#include "xml/tree.h"

#define PORTION ((size_t)1024 * 1024) /* handed to expat at a time */

struct scope { /* an element that was entered */
	struct scope *outer;
	const struct xml_ns *declared;
	struct arena *arena; /* where its tag is */
};

struct xml_reader {
	XML_Parser expat;
	struct xml_limits limits;
	const struct xml_reader_ops *ops;
	void *ctx;

	struct scope *scope;
	size_t depth;   /* of open elements */
	size_t skipped; /* of these, within one that is skipped, itself included */
	bool in_whole;
	XML_Index start; /* of the element that is built */

	struct arena *arena; /* of the element at hand */
	struct tree tree;

	struct buf input; /* from origin on */
	XML_Index origin;
	size_t line;

	bool stopped;
	const char *reason;
};

static void stop(struct xml_reader *reader, const char *reason)
{
	if (reader->stopped)
		return;
	reader->stopped = true;
	reader->reason = reason;
	XML_StopParser(reader->expat, XML_FALSE);
}

static size_t position(const struct xml_reader *reader)
{
	return (size_t)(XML_GetCurrentByteIndex(reader->expat) - reader->start);
}

/* ---- elements that were entered: what they declare stays in force ---- */

static void enter(struct xml_reader *reader)
{
	struct scope *scope = memory_alloc(sizeof *scope);

	scope->outer = reader->scope;
	scope->arena = reader->arena;
	scope->declared = reader->tree.root->declared;
	reader->scope = scope;
	reader->arena = arena_create();
}

static void leave(struct xml_reader *reader)
{
	struct scope *scope = reader->scope;

	reader->scope = scope->outer;
	names_end(&reader->tree.names, scope->declared);
	arena_destroy(scope->arena);
	free(scope);
}

/* ---- expat's handlers ---- */

static void begin_tree(struct xml_reader *reader)
{
	arena_reset(reader->arena);
	tree_begin(&reader->tree, reader->arena);
	reader->start = XML_GetCurrentByteIndex(reader->expat);
	reader->line = XML_GetCurrentLineNumber(reader->expat);
}

/* What becomes of the element whose tag the tree holds. */
static void ask(struct xml_reader *reader)
{
	switch (reader->ops->start(reader->ctx, reader->tree.root)) {
	case XML_SKIP:
		tree_abandon(&reader->tree);
		reader->skipped = 1;
		break;
	case XML_ENTER:
		enter(reader);
		break;
	case XML_WHOLE:
		reader->in_whole = true;
		break;
	case XML_STOP:
		stop(reader, NULL);
		break;
	}
}

static void XMLCALL on_start(void *data, const XML_Char *name, const XML_Char **attrs)
{
	struct xml_reader *reader = data;
	const char *reason;

	if (reader->stopped)
		return;
	if (++reader->depth > reader->limits.depth && reader->limits.depth != 0) {
		stop(reader, "elements within elements without end");
		return;
	}
	if (reader->skipped > 0) {
		reader->skipped++;
		return;
	}
	if (!reader->in_whole)
		begin_tree(reader);
	reason = tree_start(&reader->tree, name, attrs, position(reader),
		(size_t)XML_GetCurrentByteCount(reader->expat));
	if (reason != NULL)
		stop(reader, reason);
	else if (reader->tree.oversized)
		stop(reader, "an element that is too large");
	else if (!reader->in_whole)
		ask(reader);
}

static void hand_over(struct xml_reader *reader, size_t len)
{
	const struct xml_stanza stanza = {
		.root = reader->tree.root,
		.bytes = reader->input.data + (reader->start - reader->origin),
		.len = len,
		.arena = reader->arena,
		.scope = names_in_force(&reader->tree.names, reader->arena),
	};

	reader->in_whole = false;
	if (!reader->ops->whole(reader->ctx, &stanza))
		stop(reader, NULL);
}

static void XMLCALL on_end(void *data, const XML_Char *name)
{
	struct xml_reader *reader = data;
	const size_t len = position(reader) + (size_t)XML_GetCurrentByteCount(reader->expat);

	(void)name;
	if (reader->stopped)
		return;
	reader->depth--;
	if (reader->skipped > 0) {
		reader->skipped--;
	} else if (!reader->in_whole) {
		reader->line = XML_GetCurrentLineNumber(reader->expat);
		leave(reader);
		if (!reader->ops->end(reader->ctx))
			stop(reader, NULL);
	} else if (tree_end(&reader->tree, len)) {
		if (reader->tree.oversized)
			stop(reader, "an element that is too large");
		else
			hand_over(reader, len);
	}
}

static void XMLCALL on_text(void *data, const XML_Char *bytes, int len)
{
	struct xml_reader *reader = data;

	if (!reader->stopped && reader->in_whole)
		tree_text(&reader->tree, bytes, (size_t)len);
}

/* Neither can be sent in a stanza, where the element's bytes may go. */
static void XMLCALL on_comment(void *data, const XML_Char *text)
{
	struct xml_reader *reader = data;

	(void)text;
	if (reader->in_whole)
		stop(reader, "a comment where a stanza can have none");
}

static void XMLCALL on_instruction(void *data, const XML_Char *target, const XML_Char *text)
{
	struct xml_reader *reader = data;

	(void)text;
	if (strchr(target, ':') != NULL)
		stop(reader, XML_ErrorString(XML_ERROR_INVALID_TOKEN));
	else if (reader->in_whole)
		stop(reader, "a processing instruction where a stanza can have none");
}

/* No entities: a few lines of them can mean gigabytes, or the content of other files. */
static void XMLCALL on_doctype(void *data, const XML_Char *name, const XML_Char *system_id,
	const XML_Char *public_id, int has_subset)
{
	(void)name;
	(void)system_id;
	(void)public_id;
	(void)has_subset;
	stop(data, "a document type declaration");
}

/* ---- reading ---- */

struct xml_reader *xml_reader_create(
	const struct xml_limits *limits, const struct xml_reader_ops *ops, void *ctx)
{
	struct xml_reader *reader = memory_alloc(sizeof *reader);

	reader->expat = XML_ParserCreate("UTF-8");
	if (reader->expat == NULL)
		abort(); /* out of memory */
	reader->limits = *limits;
	reader->tree.limits = &reader->limits;
	reader->ops = ops;
	reader->ctx = ctx;
	reader->arena = arena_create();
	reader->line = 1;
	XML_SetUserData(reader->expat, reader);
	XML_SetElementHandler(reader->expat, on_start, on_end);
	XML_SetCharacterDataHandler(reader->expat, on_text);
	XML_SetCommentHandler(reader->expat, on_comment);
	XML_SetProcessingInstructionHandler(reader->expat, on_instruction);
	XML_SetStartDoctypeDeclHandler(reader->expat, on_doctype);
	return reader;
}

void xml_reader_destroy(struct xml_reader *reader)
{
	if (reader == NULL)
		return;
	while (reader->scope != NULL)
		leave(reader);
	XML_ParserFree(reader->expat);
	tree_finish(&reader->tree);
	arena_destroy(reader->arena);
	buf_finish(&reader->input);
	free(reader);
}

/* What has been told of is not needed any more, but for the element that is built. */
static void drop_input(struct xml_reader *reader)
{
	XML_Index kept = XML_GetCurrentByteIndex(reader->expat);

	if (reader->in_whole)
		kept = reader->start;
	if (kept > reader->origin) {
		buf_drop(&reader->input, (size_t)(kept - reader->origin));
		reader->origin = kept;
	}
	if (reader->limits.stanza_bytes != 0 && reader->input.len > reader->limits.stanza_bytes)
		stop(reader, "an element that is too large");
}

static void feed_portion(struct xml_reader *reader, const char *bytes, size_t len, bool last)
{
	buf_append(&reader->input, bytes, len);
	if (XML_Parse(reader->expat, bytes, (int)len, last) == XML_STATUS_ERROR) {
		if (!reader->stopped)
			reader->line = XML_GetCurrentLineNumber(reader->expat);
		stop(reader, XML_ErrorString(XML_GetErrorCode(reader->expat)));
		return;
	}
	drop_input(reader);
}

bool xml_reader_feed(struct xml_reader *reader, const char *bytes, size_t len, bool last)
{
	do {
		const size_t portion = len < PORTION ? len : PORTION;

		if (!reader->stopped)
			feed_portion(reader, bytes, portion, last && portion == len);
		bytes += portion;
		len -= portion;
	} while (len > 0);
	return !reader->stopped;
}

const char *xml_reader_reason(const struct xml_reader *reader)
{
	return reader->reason;
}

size_t xml_reader_line(const struct xml_reader *reader)
{
	return reader->line;
}
