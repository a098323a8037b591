/* Is one stanza like another? */
#include "flow.h"

#include <ctype.h>
#include <string.h>

#include "peppy/buf.h"
#include "peppy/codec.h"
#include "peppy/memory.h"

struct match {
	struct map *captures;
	struct arena *arena;
	const char *why;
};

static bool differs(struct match *match, const char *what, const char *want, const char *have)
{
	match->why = arena_printf(match->arena, "%s: expected '%s', got '%s'", what,
		want == NULL ? "(none)" : want, have == NULL ? "(none)" : have);
	return false;
}

static size_t name_len(const char *text)
{
	size_t n = 0;

	while (isalnum((unsigned char)text[n]) || text[n] == '_')
		n++;
	return n;
}

char *flow_expand(const char *text, struct map *captures, struct arena *arena)
{
	struct buf out = {0};
	char *expanded;

	for (; *text != '\0'; text++) {
		size_t len = *text == '$' ? name_len(text + 1) : 0;
		const char *value =
			len > 0 ? map_find(captures, arena_memdup(arena, text + 1, len)) : NULL;

		if (value != NULL) {
			buf_append_text(&out, value);
			text += len;
		} else {
			buf_append_byte(&out, *text);
		}
	}
	expanded = arena_memdup(arena, out.len > 0 ? out.data : "", out.len);
	buf_finish(&out);
	return expanded;
}

static bool match_text(struct match *match, const char *what, const char *want, const char *have)
{
	if (strcmp(want, "-") == 0)
		return have == NULL || differs(match, what, NULL, have);
	if (have == NULL)
		return differs(match, what, want, have);
	if (strcmp(want, "*") == 0)
		return true;
	if (want[0] == '$' && name_len(want + 1) > 0 && want[1 + name_len(want + 1)] == '\0') {
		const char *known = map_find(match->captures, want + 1);

		if (known == NULL) {
			map_put(match->captures, want + 1, memory_strdup(have));
			return true;
		}
		want = known;
	}
	return strcmp(want, have) == 0 || differs(match, what, want, have);
}

static bool is_blank(const char *text)
{
	return text[strspn(text, " \t\r\n")] == '\0';
}

static bool match_element(
	struct match *match, const struct xml_element *want, const struct xml_element *have);

static bool match_children(
	struct match *match, const struct xml_element *w, const struct xml_element *h);

/* What stands behind <etc/> fits to some of the children. */
static bool match_rest(
	struct match *match, const struct xml_element *w, const struct xml_element *h)
{
	if (w == NULL)
		return true;
	for (; h != NULL; h = h->next)
		if (match_children(match, w, h))
			return true;
	return differs(match, "behind <etc/>, a child", w->name, NULL);
}

static bool match_children(
	struct match *match, const struct xml_element *w, const struct xml_element *h)
{
	for (; w != NULL; w = w->next, h = h->next) {
		if (strcmp(w->name, "etc") == 0)
			return match_rest(match, w->next, h);
		if (h == NULL)
			return differs(match, "a child", w->name, NULL);
		if (!match_element(match, w, h))
			return false;
	}
	return h == NULL || differs(match, "a child", NULL, h->name);
}

static const char *var_of(const struct xml_element *el)
{
	const char *var = xml_attr(el, "var");

	return var == NULL ? "" : var;
}

static bool is_etc(const struct xml_element *el)
{
	return strcmp(el->name, "etc") == 0;
}

static const struct xml_element *next_row(const struct xml_element *el)
{
	while (el != NULL && strcmp(el->name, "item") != 0)
		el = el->next;
	return el;
}

/* The rows of a result are all named, in their order; or none is. */
static bool match_rows(
	struct match *match, const struct xml_element *want, const struct xml_element *have)
{
	const struct xml_element *w = next_row(want->first), *h = next_row(have->first);

	for (bool named = w != NULL; named && (w != NULL || h != NULL);
		w = next_row(w->next), h = next_row(h->next)) {
		if (w == NULL || h == NULL)
			return differs(match, "in a result", w != NULL ? "a row" : NULL,
				h != NULL ? "a row" : NULL);
		if (!match_element(match, w, h))
			return false;
	}
	return true;
}

/* The other children of a form are found by name and var, in any order. */
static bool match_form(
	struct match *match, const struct xml_element *want, const struct xml_element *have)
{
	if (!match_rows(match, want, have))
		return false;
	for (const struct xml_element *w = want->first; w != NULL; w = w->next) {
		const struct xml_element *h = have->first;

		if (strcmp(w->name, "item") == 0)
			continue;
		while (h != NULL &&
			(strcmp(w->name, h->name) != 0 || strcmp(var_of(w), var_of(h)) != 0))
			h = h->next;
		if (h == NULL && !is_etc(w))
			return differs(match, "in a form", var_of(w), NULL);
		if (h != NULL && !match_element(match, w, h))
			return false;
	}
	return true;
}

/* The values of a field are all named; options and the like need not be. */
static bool match_field(
	struct match *match, const struct xml_element *want, const struct xml_element *have)
{
	const struct xml_element *w = want->first;

	for (const struct xml_element *h = have->first; h != NULL; h = h->next) {
		while (w != NULL && is_etc(w))
			w = w->next;
		if (w != NULL && strcmp(w->name, h->name) == 0) {
			if (!match_element(match, w, h))
				return false;
			w = w->next;
		} else if (strcmp(h->name, "value") == 0) {
			return differs(match, var_of(have), NULL, h->text);
		}
	}
	return w == NULL || differs(match, var_of(have), w->text, NULL);
}

static bool match_element(
	struct match *match, const struct xml_element *want, const struct xml_element *have)
{
	if (strcmp(want->name, have->name) != 0)
		return differs(match, "element", want->name, have->name);
	if (strcmp(want->ns, have->ns) != 0)
		return differs(match, want->name, want->ns, have->ns);
	for (const struct xml_attr *attr = want->attrs; attr != NULL; attr = attr->next)
		if (!match_text(match, arena_printf(match->arena, "%s/@%s", want->name, attr->name),
			    attr->value, xml_attr_ns(have, attr->ns, attr->name)))
			return false;
	if (!(is_blank(want->text) && is_blank(have->text)) &&
		!match_text(match, want->name, want->text, have->text))
		return false;
	if (xml_is(want, NS_DATA, "x"))
		return match_form(match, want, have);
	if (xml_is(want, NS_DATA, "field"))
		return match_field(match, want, have);
	return match_children(match, want->first, have->first);
}

/* As a stanza of a component stream. */
static const struct xml_element *parse(const char *xml, struct arena *arena)
{
	static const struct xml_limits limits = {0};
	const char *text = arena_printf(arena, "<stream xmlns='%s'>%s</stream>", NS_COMPONENT, xml);
	struct xml_stanza stream;

	return xml_document_parse(&limits, text, strlen(text), arena, &stream) ? stream.root->first
									       : NULL;
}

bool flow_match(const char *pattern, const char *stanza, struct map *captures, struct arena *arena,
	const char **why_out)
{
	struct match match = {.captures = captures, .arena = arena};
	const struct xml_element *want = parse(pattern, arena), *have = parse(stanza, arena);

	*why_out = "the pattern does not parse";
	if (want == NULL)
		return false;
	*why_out = "the stanza does not parse";
	if (have == NULL)
		return false;
	match.why = "";
	if (match_element(&match, want, have))
		return true;
	*why_out = match.why;
	return false;
}
