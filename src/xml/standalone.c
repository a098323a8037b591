/* standalone.c - takes an element out of its stanza without changing what it means. */
#include <assert.h>
#include <string.h>

#include "peppy/xml.h"
#include "xml/tree.h"

static const struct xml_ns *declaration(const struct xml_ns *list, const char *prefix)
{
	while (list != NULL && strcmp(list->prefix, prefix) != 0)
		list = list->next;
	return list;
}

/* Whether an element from el up to, but not including, top declares the prefix. */
static bool is_declared(
	const struct xml_element *el, const struct xml_element *top, const char *prefix)
{
	for (; el != top; el = el->parent)
		if (declaration(el->declared, prefix) != NULL)
			return true;
	return false;
}

/* Bytes of which a name without its colon may consist. */
static bool is_name_byte(char byte)
{
	unsigned char c = (unsigned char)byte;

	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || c == '.' || c >= 0x80;
}

/* Whether the prefix stands in the element's bytes as a word: before a colon in a tag, or anywhere
 * in a text or an attribute, where a qualified name or a list of prefixes may be meant. Every byte
 * is looked at a bounded number of times, whatever the prefix. */
static bool mentions(const char *bytes, size_t len, const char *prefix)
{
	size_t prefix_len = strlen(prefix);
	const char *at = bytes, *end = bytes + len;
	bool starts; /* an element's first and last byte belong to no word */

	while ((at = memmem(at, (size_t)(end - at), prefix, prefix_len)) != NULL) {
		starts = !is_name_byte(at[-1]);
		at += prefix_len;
		if (starts && !is_name_byte(*at))
			return true;
		while (is_name_byte(*at))
			at++;
	}
	return false;
}

struct copy {
	const struct xml_stanza *stanza;
	const struct xml_element *el;
	struct buf added; /* to its start tag */
};

static void add_attribute(
	struct copy *copy, const char *prefix, const char *name, const char *value)
{
	buf_append_byte(&copy->added, ' ');
	buf_append_text(&copy->added, prefix);
	buf_append_text(&copy->added, name);
	buf_append(&copy->added, "='", 2);
	xml_escape_attr(&copy->added, value);
	buf_append_byte(&copy->added, '\'');
}

/* Without a default in force that is said too: around the copy's new place there may be one. */
static void add_default(struct copy *copy)
{
	const struct xml_ns *ns = declaration(copy->el->declared, "");
	const struct xml_element *above;

	if (ns != NULL)
		return;
	for (above = copy->el->parent; above != NULL && ns == NULL; above = above->parent)
		ns = declaration(above->declared, "");
	if (ns == NULL)
		ns = declaration(copy->stanza->scope, "");
	add_attribute(copy, "", "xmlns", ns != NULL ? ns->uri : "");
}

/* From the list that the element top declares (NULL: the stream header), what is in force at the
 * copied element and needed there. */
static void add_prefixes(
	struct copy *copy, const struct xml_ns *list, const struct xml_element *top)
{
	const struct xml_element *el = copy->el;

	for (; list != NULL; list = list->next) {
		if (list->prefix[0] == '\0' || strcmp(list->prefix, "xml") == 0)
			continue;
		if (mentions(copy->stanza->bytes + el->offset, el->len, list->prefix) &&
			!is_declared(el, top, list->prefix))
			add_attribute(copy, "xmlns:", list->prefix, list->uri);
	}
}

static void add_lang(struct copy *copy)
{
	const char *lang = xml_lang(copy->el);

	if (lang != NULL && xml_attr_ns(copy->el, XML_NS, "lang") == NULL)
		add_attribute(copy, "xml:", "lang", lang);
}

char *xml_standalone(const struct xml_stanza *stanza, const struct xml_element *el, size_t *len_out)
{
	struct copy copy = {.stanza = stanza, .el = el};
	const char *bytes = stanza->bytes + el->offset;
	size_t name_len = strcspn(bytes, " \t\r\n/>"); /* with its '<' */
	const struct xml_element *above;
	char *out;

	assert(!stanza->oversized);
	add_default(&copy);
	for (above = el->parent; above != NULL; above = above->parent)
		add_prefixes(&copy, above->declared, above);
	add_prefixes(&copy, stanza->scope, NULL);
	add_lang(&copy);

	*len_out = el->len + copy.added.len;
	out = arena_alloc(stanza->arena, *len_out + 1);
	memcpy(out, bytes, name_len);
	if (copy.added.len > 0)
		memcpy(out + name_len, copy.added.data, copy.added.len);
	memcpy(out + name_len + copy.added.len, bytes + name_len, el->len - name_len);
	buf_finish(&copy.added);
	return out;
}
