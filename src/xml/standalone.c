/* standalone.c - takes an element out of its stanza without changing what it means. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "peppy/map.h"
#include "peppy/memory.h"
#include "peppy/xml.h"
#include "xml/tree.h"

#define FEW 8 /* prefixes that are looked for one by one */

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

/* All that mentions() might find. */
static struct map *words_of(const char *bytes, size_t len)
{
	struct map *words = map_create(0, NULL);
	char *text = memory_alloc(len), *at, *word;

	memcpy(text, bytes, len);
	for (at = text; at < text + len; at++) { /* the last byte belongs to no word */
		if (!is_name_byte(*at))
			continue;
		word = at;
		while (is_name_byte(*at))
			at++;
		*at = '\0';
		if (map_find(words, word) == NULL)
			map_put(words, word, words);
	}
	free(text);
	return words;
}

struct copy {
	const struct xml_stanza *stanza;
	const struct xml_element *el;
	struct map
		*words;   /* in it, but for prefixes that have been found; NULL: to be looked for */
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

/* Whether the copied element needs the prefix as the element top declares it (NULL: the stream
 * header). Elements are asked about from the inside to the outside. */
static bool needs(struct copy *copy, const char *prefix, const struct xml_element *top)
{
	const struct xml_element *el = copy->el;

	if (copy->words != NULL)
		return map_take(copy->words, prefix) != NULL;
	return mentions(copy->stanza->bytes + el->offset, el->len, prefix) &&
	       !is_declared(el, top, prefix);
}

static void add_prefixes(
	struct copy *copy, const struct xml_ns *list, const struct xml_element *top)
{
	for (; list != NULL; list = list->next)
		if (list->prefix[0] != '\0' && strcmp(list->prefix, "xml") != 0 &&
			needs(copy, list->prefix, top))
			add_attribute(copy, "xmlns:", list->prefix, list->uri);
}

static size_t count_declared(const struct xml_ns *list)
{
	size_t count = 0;

	for (; list != NULL; list = list->next)
		count++;
	return count;
}

static bool are_few_around(const struct copy *copy)
{
	size_t count = count_declared(copy->stanza->scope);

	for (const struct xml_element *el = copy->el->parent; el != NULL; el = el->parent)
		count += count_declared(el->declared);
	return count <= FEW;
}

/* Of everything that is declared around the copied element, what is in force there and needed. To
 * look for one prefix after the other would take a stanza of many prefixes and a long text, or many
 * copies, too long: then all words are gathered first. */
static void add_all_prefixes(struct copy *copy)
{
	const struct xml_element *el = copy->el;

	if (!are_few_around(copy)) {
		copy->words = words_of(copy->stanza->bytes + el->offset, el->len);
		for (const struct xml_ns *ns = el->declared; ns != NULL; ns = ns->next)
			map_del(copy->words, ns->prefix);
	}
	for (el = el->parent; el != NULL; el = el->parent)
		add_prefixes(copy, el->declared, el);
	add_prefixes(copy, copy->stanza->scope, NULL);
	map_destroy(copy->words);
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
	char *out;

	assert(!stanza->oversized);
	add_default(&copy);
	add_all_prefixes(&copy);
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
