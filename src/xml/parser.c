/* parser.c - expat, one stanza at a time. The end handler of a stanza suspends expat, and the next
 * call resumes it.
 *
 * Positions: expat counts bytes from the start of its stream header. origin is its count at the
 * first byte of the input buffer, and shifts when bytes leave the buffer or expat is renewed:
 *
 *   input  | stanza under way | token cut off | held back |
 *          0                  used            fed   ready len
 */
#include "config.h"

#include <assert.h>
#include <expat.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peppy/memory.h"
#include "peppy/xml.h"
#include "xml/tree.h"

#define PORTION ((size_t)32 * 1024)     /* fed to expat at a time, which copies it */
#define HELD_MAX ((size_t)64 * 1024)    /* held back for want of a '>' */
#define LONG_TAG ((size_t)1024)         /* cut off, it waits for its own '>' */
#define INPUT_KEPT ((size_t)512 * 1024) /* of the buffer while there is less in it */
#define TEXT_KEPT ((size_t)64 * 1024)   /* likewise for the collected text */
#define RENEWAL ((XML_Index)4 * 1024 * 1024)
#define OPEN_FEW ((size_t)1000) /* open elements, however small a stanza must be */

struct xml_parser {
	XML_Parser expat;
	struct xml_limits limits;
	struct buf header;
	struct arena *lasting; /* for the header's tag */
	const struct xml_ns *scope;
	bool is_open;     /* expat has seen the header's tag */
	bool is_document; /* there is no header, and one stanza only */

	struct arena *arenas[2];
	unsigned fresh; /* the one in which stanzas start that start now */
	struct tree tree;
	bool in_stanza;
	bool whole;      /* the stanza just ended */
	XML_Index start; /* of the stanza under way */
	XML_Index end;   /* of the one just ended */

	struct buf input;
	size_t used;  /* of the input: has been reported by expat */
	size_t fed;   /* expat has */
	size_t ready; /* ends with a '>', or cannot wait for one */
	XML_Index origin;
	XML_Index looked_at; /* behind what was looked at of a long tag that is cut off */
	char quote;          /* around the value in which it is cut off there; '\0' if in none */
	bool suspended;
	bool lent; /* stanzas that were yielded point into the input */

	enum xml_event verdict; /* XML_MORE while all is well */
	char reason[96];
};

/* ---- what ends a stream ---- */

static void PRINTF_LIKE(2, 3) give_up(struct xml_parser *p, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(p->reason, sizeof p->reason, format, args);
	va_end(args);
	p->verdict = XML_BROKEN;
}

/* From a handler. Expat may still call some for the same token. */
static void refuse(struct xml_parser *p, const char *reason)
{
	give_up(p, "%s", reason);
	XML_StopParser(p->expat, XML_FALSE);
}

static const char token_reason[] = "policy-violation: a single token above the stanza limit";

static bool is_token_above_limit(const struct xml_parser *p, size_t len)
{
	return p->limits.stanza_bytes != 0 && len > p->limits.stanza_bytes;
}

/* Expat keeps a record of every open element, of those that are skipped too. In a stanza within the
 * limit there are none that have less than seven bytes, as <a></a>. */
static bool are_open_above_limit(const struct xml_parser *p)
{
	return p->limits.stanza_bytes != 0 && p->tree.depth > OPEN_FEW + p->limits.stanza_bytes / 7;
}

/* ---- expat's handlers for stanzas ---- */

static void begin_if_outside(struct xml_parser *p)
{
	if (p->in_stanza)
		return;
	p->in_stanza = true;
	p->start = XML_GetCurrentByteIndex(p->expat);
	tree_begin(&p->tree, p->arenas[p->fresh]);
}

static void start_element(struct xml_parser *p, const char *name, const char **attrs, size_t offset)
{
	size_t len = (size_t)XML_GetCurrentByteCount(p->expat);
	const char *reason = tree_start(&p->tree, name, attrs, offset, len);

	if (reason != NULL) {
		give_up(p, "not-well-formed: %s", reason);
		XML_StopParser(p->expat, XML_FALSE);
	}
}

static void XMLCALL on_start(void *data, const XML_Char *name, const XML_Char **attrs)
{
	struct xml_parser *p = data;
	size_t len = (size_t)XML_GetCurrentByteCount(p->expat);

	if (p->verdict != XML_MORE)
		return;
	if (is_token_above_limit(p, len)) {
		refuse(p, token_reason);
		return;
	}
	begin_if_outside(p);
	start_element(p, name, attrs, (size_t)(XML_GetCurrentByteIndex(p->expat) - p->start));
	if (are_open_above_limit(p))
		refuse(p,
			"policy-violation: more elements open than the stanza limit has room for");
}

static void XMLCALL on_end(void *data, const XML_Char *name)
{
	struct xml_parser *p = data;
	int len = XML_GetCurrentByteCount(p->expat); /* 0 behind an empty element's tag */

	(void)name;
	if (p->verdict != XML_MORE)
		return;
	if (is_token_above_limit(p, (size_t)len)) {
		refuse(p, token_reason);
		return;
	}
	if (!p->in_stanza) {
		p->verdict = XML_CLOSED;
		XML_StopParser(p->expat, XML_FALSE);
		return;
	}
	p->end = XML_GetCurrentByteIndex(p->expat) + len;
	if (tree_end(&p->tree, (size_t)(p->end - p->start))) {
		p->in_stanza = false;
		p->whole = true;
		if (!p->is_document)
			XML_StopParser(p->expat, XML_TRUE);
	}
}

static bool is_space(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (strchr(" \n\r\t", bytes[i]) == NULL)
			return false;
	return true;
}

static void XMLCALL on_text(void *data, const XML_Char *bytes, int len)
{
	struct xml_parser *p = data;
	int token_len = XML_GetCurrentByteCount(p->expat);

	if (p->verdict != XML_MORE)
		return;
	if (token_len > len && is_token_above_limit(p, (size_t)token_len))
		refuse(p, token_reason); /* a character reference with zeros without end */
	else if (p->in_stanza)
		tree_text(&p->tree, bytes, (size_t)len);
	else if (!is_space(bytes, (size_t)len))
		refuse(p, "bad-format: text between stanzas");
}

static void XMLCALL on_comment(void *data, const XML_Char *text)
{
	(void)text;
	refuse(data, "restricted-xml: comment");
}

static void XMLCALL on_instruction(void *data, const XML_Char *target, const XML_Char *text)
{
	(void)target;
	(void)text;
	refuse(data, "restricted-xml: processing instruction");
}

static void XMLCALL on_doctype(void *data, const XML_Char *name, const XML_Char *system_id,
	const XML_Char *public_id, int has_subset)
{
	(void)name;
	(void)system_id;
	(void)public_id;
	(void)has_subset;
	refuse(data, "restricted-xml: document type declaration");
}

static void set_stanza_handlers(XML_Parser expat)
{
	XML_SetElementHandler(expat, on_start, on_end);
	XML_SetCharacterDataHandler(expat, on_text);
}

static XML_Parser create_expat(struct xml_parser *p)
{
	XML_Parser expat = XML_ParserCreate("UTF-8");

	if (expat == NULL)
		abort(); /* out of memory */
#ifdef HAVE_XML_SETREPARSEDEFERRALENABLED
	XML_SetReparseDeferralEnabled(expat, XML_FALSE); /* a stanza is due when its last byte is */
#endif
	XML_SetUserData(expat, p);
	XML_SetCommentHandler(expat, on_comment);
	XML_SetProcessingInstructionHandler(expat, on_instruction);
	XML_SetStartDoctypeDeclHandler(expat, on_doctype);
	return expat;
}

/* ---- the stream header ---- */

static void XMLCALL header_again(void *data, const XML_Char *name, const XML_Char **attrs)
{
	struct xml_parser *p = data;

	(void)name;
	(void)attrs;
	p->is_open = true;
	set_stanza_handlers(p->expat); /* for all that follows */
}

/* What it declares is in force for good. */
static void XMLCALL header_first(void *data, const XML_Char *name, const XML_Char **attrs)
{
	struct xml_parser *p = data;

	header_again(data, name, attrs);
	tree_begin(&p->tree, p->lasting);
	start_element(p, name, attrs, 0);
	p->scope = p->tree.root->declared;
}

/* A fresh expat behind the stream header. False if that is anything but one start tag. */
static bool open_stream(struct xml_parser *p, XML_StartElementHandler start)
{
	XML_Index used;

	p->expat = create_expat(p);
	p->is_open = false;
	XML_SetStartElementHandler(p->expat, start);
	if (XML_Parse(p->expat, p->header.data, (int)p->header.len, XML_FALSE) != XML_STATUS_OK)
		return false;
	used = XML_GetCurrentByteIndex(p->expat);
	p->origin = used - (XML_Index)p->used;
	p->looked_at = 0;
	p->fed = p->used;
	p->suspended = false;
	return p->is_open && !p->in_stanza && used == (XML_Index)p->header.len;
}

struct xml_parser *xml_parser_create(
	const struct xml_limits *limits, const char *header, size_t header_len)
{
	struct xml_parser *p = memory_alloc(sizeof *p);

	p->limits = *limits;
	p->tree.limits = &p->limits;
	buf_append(&p->header, header, header_len);
	p->lasting = arena_create();
	p->arenas[0] = arena_create();
	p->arenas[1] = arena_create();
	p->verdict = XML_MORE;
	if (header_len <= INT_MAX && open_stream(p, header_first))
		return p;
	xml_parser_destroy(p);
	return NULL;
}

void xml_parser_destroy(struct xml_parser *p)
{
	if (p == NULL)
		return;
	XML_ParserFree(p->expat); /* takes NULL */
	tree_finish(&p->tree);
	arena_destroy(p->arenas[0]);
	arena_destroy(p->arenas[1]);
	arena_destroy(p->lasting);
	buf_finish(&p->header);
	buf_finish(&p->input);
	free(p);
}

/* ---- input ---- */

char *xml_parser_space(struct xml_parser *p, size_t n)
{
	assert(!p->lent);
	return buf_reserve(&p->input, n);
}

static bool has_long_tag(const struct xml_parser *p)
{
	return !p->suspended && p->fed - p->used >= LONG_TAG &&
	       strchr("!?", p->input.data[p->used + 1]) == NULL;
}

/* Whether no '>' has come that is not in a value. In a tag that is not well-formed that may say
 * nothing; it waits for HELD_MAX bytes at most. */
static bool is_long_tag_cut_off(struct xml_parser *p)
{
	const XML_Index tag = p->origin + (XML_Index)p->used;
	size_t at;

	if (!has_long_tag(p))
		return false;
	if (p->looked_at < tag) {
		p->looked_at = tag;
		p->quote = '\0';
	}
	for (at = (size_t)(p->looked_at - p->origin); at < p->input.len; at++) {
		char byte = p->input.data[at];

		if (p->quote == '\0' && byte == '>')
			break;
		if (p->quote == byte)
			p->quote = '\0';
		else if (p->quote == '\0' && (byte == '\'' || byte == '"'))
			p->quote = byte;
	}
	p->looked_at = p->origin + (XML_Index)at;
	return at == p->input.len;
}

/* Nothing ends without a '>', so bytes behind the last one wait: a tag that comes in many small
 * reads is not scanned from its start again at each of them. Values may hold that character, too. */
void xml_parser_filled(struct xml_parser *p, size_t n)
{
	const char *filled = p->input.data + p->input.len;
	const char *last;

	if (n == 0)
		return;
	p->input.len += n;
	assert(p->input.len <= p->input.cap);
	last = memrchr(filled, '>', n);
	if (last != NULL && !is_long_tag_cut_off(p))
		p->ready = (size_t)(last + 1 - p->input.data);
	else if (p->input.len - p->ready >= HELD_MAX)
		p->ready = p->input.len;
}

/* A cut token is scanned again from its start: it at least doubles until then. */
static size_t portion(const struct xml_parser *p)
{
	size_t cut_off = p->fed - p->used;
	size_t size = cut_off > PORTION ? cut_off : PORTION;

	if (size > p->ready - p->fed)
		size = p->ready - p->fed;
	return size < INT_MAX / 4 ? size : INT_MAX / 4;
}

/* Lets expat go on to the end of a stanza or of what may be fed. */
static void advance(struct xml_parser *p)
{
	enum XML_Status status;
	size_t size;

	if (p->suspended) {
		status = XML_ResumeParser(p->expat);
	} else {
		size = portion(p);
		status = XML_Parse(p->expat, p->input.data + p->fed, (int)size, XML_FALSE);
		p->fed += size;
	}
	p->suspended = status == XML_STATUS_SUSPENDED;
	if (status == XML_STATUS_ERROR) {
		if (p->verdict == XML_MORE)
			give_up(p, "not-well-formed: %s",
				XML_ErrorString(XML_GetErrorCode(p->expat)));
		return;
	}
	if (p->suspended) {
		p->used = (size_t)(p->end - p->origin);
		return;
	}
	p->used = (size_t)(XML_GetCurrentByteIndex(p->expat) - p->origin);
	if (is_token_above_limit(p, p->fed - p->used))
		give_up(p, "%s", token_reason);
	else if (p->in_stanza)
		tree_grew(&p->tree, (size_t)((XML_Index)p->used + p->origin - p->start));
}

static void yield_stanza(struct xml_parser *p, struct xml_stanza *out)
{
	*out = (struct xml_stanza){
		.root = p->tree.root,
		.bytes = "",
		.arena = p->tree.arena,
		.scope = p->scope,
		.oversized = p->tree.oversized,
	};
	if (!out->oversized) {
		out->bytes = p->input.data + (p->start - p->origin);
		out->len = (size_t)(p->end - p->start);
	}
	p->whole = false;
	p->lent = true;
}

/* Expat keeps every name it has met, and clients can invent names without end. */
static void renew(struct xml_parser *p)
{
	bool is_open;

	XML_ParserFree(p->expat);
	names_renew(&p->tree.names);
	is_open = open_stream(p, header_again);
	assert(is_open); /* the same header was good before */
}

enum xml_event xml_parser_next(struct xml_parser *p, struct xml_stanza *out)
{
	while (p->verdict == XML_MORE && (p->suspended || p->fed < p->ready)) {
		advance(p);
		if (!p->whole)
			continue;
		yield_stanza(p, out);
		if (p->end > RENEWAL)
			renew(p);
		return XML_STANZA;
	}
	return p->verdict;
}

const char *xml_parser_reason(const struct xml_parser *p)
{
	return p->reason;
}

/* The bytes of an oversized stanza are not kept: it is skipped, however long it is. */
static void release_input(struct xml_parser *p)
{
	size_t gone = p->used;

	if (p->in_stanza && !p->tree.oversized)
		gone = (size_t)(p->start - p->origin);
	buf_drop(&p->input, gone);
	p->used -= gone;
	p->fed -= gone;
	p->ready -= gone;
	p->origin += (XML_Index)gone;
	if (p->input.cap > INPUT_KEPT && p->input.len < INPUT_KEPT) {
		p->input.data = memory_resize(p->input.data, INPUT_KEPT);
		p->input.cap = INPUT_KEPT;
	}
}

static void release_arena(struct xml_parser *p, unsigned which)
{
	struct arena *arena = p->arenas[which];

	if (p->in_stanza && p->tree.arena == arena)
		return;
	arena_reset(arena);
	p->fresh = which;
}

void xml_parser_release(struct xml_parser *p)
{
	p->lent = false;
	release_input(p);
	release_arena(p, 0);
	release_arena(p, 1);
	if (p->tree.text.cap > TEXT_KEPT && p->tree.text.len == 0)
		buf_finish(&p->tree.text);
}

bool xml_document_parse(const struct xml_limits *limits, const char *bytes, size_t len,
	struct arena *arena, struct xml_stanza *out)
{
	struct xml_parser p = {.limits = *limits, .arenas[0] = arena, .is_document = true};
	enum XML_Status status;

	if (len > INT_MAX)
		return false;
	p.tree.limits = &p.limits;
	p.expat = create_expat(&p);
	set_stanza_handlers(p.expat);
	status = XML_Parse(p.expat, bytes, (int)len, XML_TRUE);
	XML_ParserFree(p.expat);
	tree_finish(&p.tree);
	*out = (struct xml_stanza){
		.root = p.tree.root,
		.bytes = bytes + p.start,
		.len = (size_t)(p.end - p.start),
		.arena = arena,
	};
	return status == XML_STATUS_OK && !p.tree.oversized;
}
