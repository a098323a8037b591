/* Both hash inputs are rows of texts, sorted by their bytes. */
#include "caps_hash.h"

#include <stdlib.h>
#include <string.h>

#include "peppy/buf.h"
#include "peppy/codec.h"
#include "peppy/hash.h"

#define NS_XML "http://www.w3.org/XML/1998/namespace"

/* XEP-0390 4.1: separators */
#define END_TEXT '\x1f'
#define END_GROUP "\x1e"
#define END_FORM "\x1d"
#define END_PART "\x1c"

struct row {
	const char *key; /* sorts */
	const char *text;
};

struct rows {
	struct row *v;
	size_t n;
};

bool caps_hash_is_known(const char *algorithm)
{
	unsigned char digest[HASH_MAX_SIZE];

	/* who can make collisions can give others his own capabilities */
	return strcmp(algorithm, "md5") != 0 && hash_digest(algorithm, "", 0, digest) > 0;
}

/* ---- rows ---- */

/* Room for a row for each child. */
static struct rows rows_for(const struct xml_element *parent, struct arena *arena)
{
	size_t n = 0;

	for (const struct xml_element *el = parent->first; el != NULL; el = el->next)
		n++;
	return (struct rows){arena_alloc(arena, n * sizeof(struct row)), 0};
}

static void add(struct rows *rows, const char *key, const char *text)
{
	rows->v[rows->n++] = (struct row){key, text};
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct row *)a)->key, ((const struct row *)b)->key);
}

/* false: a key occurs twice. */
static bool append_sorted(struct buf *out, struct rows *rows)
{
	bool unique = true;

	qsort(rows->v, rows->n, sizeof *rows->v, compare);
	for (size_t i = 0; i < rows->n; i++) {
		if (i > 0 && compare(&rows->v[i - 1], &rows->v[i]) == 0)
			unique = false;
		buf_append_text(out, rows->v[i].text);
	}
	return unique;
}

static char *take(struct buf *buf, struct arena *arena)
{
	char *text = arena_memdup(arena, buf->data, buf->len);

	buf_finish(buf);
	return text;
}

static const char *or_empty(const char *text)
{
	return text == NULL ? "" : text;
}

static const char *attr(const struct xml_element *el, const char *name)
{
	return or_empty(xml_attr(el, name));
}

static char *digest_of(const char *algorithm, const struct buf *input, struct arena *arena)
{
	unsigned char digest[HASH_MAX_SIZE];
	size_t size = hash_digest(algorithm, input->data, input->len, digest);

	return size == 0 ? NULL : hash_base64_encode(arena, digest, size);
}

static struct rows values_of(const struct xml_element *field, char end, struct arena *arena)
{
	struct rows rows = rows_for(field, arena);
	const struct xml_element *el = xml_child(field, NS_DATA, "value");

	for (; el != NULL; el = xml_next(el, NS_DATA, "value")) {
		const char *text = arena_printf(arena, "%s%c", el->text, end);

		add(&rows, end == END_TEXT ? text : el->text, text);
	}
	return rows;
}

static const struct xml_element *form_type_of(const struct xml_element *form)
{
	const struct xml_element *field = xml_child(form, NS_DATA, "field");

	while (field != NULL && strcmp(attr(field, "var"), "FORM_TYPE") != 0)
		field = xml_next(field, NS_DATA, "field");
	return field;
}

/* ---- XEP-0115 5.1 ---- */

/* What ends a feature is not written: a '<' inside a text would let one set of capabilities pass
 * for another one, and so would an identity or a form that reads like features. Those of our
 * concern must not be hidden so. Every text that is hashed stands in an attribute or is the text of
 * a <value/>. */
static bool is_clear(const struct xml_element *el, const char *text)
{
	size_t len = strlen(text), suffix = strlen(CAPS_NOTIFY);

	if (strchr(text, '<') != NULL)
		return false;
	return len < suffix || strcmp(text + len - suffix, CAPS_NOTIFY) != 0 ||
	       xml_is(el, NS_DISCO_INFO, "feature");
}

static bool has_clear_texts(const struct xml_element *el)
{
	for (const struct xml_attr *a = el->attrs; a != NULL; a = a->next)
		if (!is_clear(el, a->value))
			return false;
	return is_clear(el, el->text);
}

static bool is_unambiguous(const struct xml_element *query)
{
	const struct xml_element *el = query;

	for (;;) {
		if (!has_clear_texts(el))
			return false;
		if (el->first != NULL) {
			el = el->first;
			continue;
		}
		while (el != query && el->next == NULL)
			el = el->parent;
		if (el == query)
			return true;
		el = el->next;
	}
}

static bool append_identities(struct buf *out, const struct xml_element *query, struct arena *arena)
{
	struct rows rows = rows_for(query, arena);
	const struct xml_element *el = xml_child(query, NS_DISCO_INFO, "identity");

	for (; el != NULL; el = xml_next(el, NS_DISCO_INFO, "identity")) {
		const char *category = attr(el, "category"), *type = attr(el, "type");
		const char *lang = or_empty(xml_attr_ns(el, NS_XML, "lang"));
		const char *name = attr(el, "name");

		/* no text of XML has a \1, so the key sorts part by part */
		add(&rows, arena_printf(arena, "%s\1%s\1%s\1%s", category, type, lang, name),
			arena_printf(arena, "%s/%s/%s/%s<", category, type, lang, name));
	}
	return append_sorted(out, &rows);
}

static bool append_features(struct buf *out, const struct xml_element *query, struct arena *arena)
{
	struct rows rows = rows_for(query, arena);
	const struct xml_element *el = xml_child(query, NS_DISCO_INFO, "feature");

	for (; el != NULL; el = xml_next(el, NS_DISCO_INFO, "feature"))
		add(&rows, attr(el, "var"), arena_printf(arena, "%s<", attr(el, "var")));
	return append_sorted(out, &rows);
}

/* "FORM_TYPE<var<value<value<var<…". */
static const char *render_form(
	const struct xml_element *form, const char *form_type, struct arena *arena)
{
	const struct xml_element *field = xml_child(form, NS_DATA, "field");
	struct rows rows = rows_for(form, arena);
	struct buf text = {0};

	for (; field != NULL; field = xml_next(field, NS_DATA, "field")) {
		struct rows values = values_of(field, '<', arena);

		if (strcmp(attr(field, "var"), "FORM_TYPE") == 0)
			continue;
		buf_printf(&text, "%s<", attr(field, "var"));
		append_sorted(&text, &values);
		add(&rows, attr(field, "var"), take(&text, arena));
	}
	buf_printf(&text, "%s<", form_type);
	append_sorted(&text, &rows);
	return take(&text, arena);
}

/* 5.4: a form without a hidden FORM_TYPE does not count; false: it has several. */
static bool add_form(struct rows *forms, const struct xml_element *form, struct arena *arena)
{
	const struct xml_element *type = form_type_of(form);
	const struct xml_element *value = type == NULL ? NULL : xml_child(type, NS_DATA, "value");

	if (value == NULL || strcmp(attr(type, "type"), "hidden") != 0)
		return true;
	for (const struct xml_element *other = value; other != NULL;
		other = xml_next(other, NS_DATA, "value"))
		if (strcmp(other->text, value->text) != 0)
			return false;
	add(forms, value->text, render_form(form, value->text, arena));
	return true;
}

static bool append_forms(struct buf *out, const struct xml_element *query, struct arena *arena)
{
	struct rows forms = rows_for(query, arena);
	const struct xml_element *form = xml_child(query, NS_DATA, "x");

	for (; form != NULL; form = xml_next(form, NS_DATA, "x"))
		if (!add_form(&forms, form, arena))
			return false;
	return append_sorted(out, &forms);
}

char *caps_hash_ver(const struct xml_element *query, const char *algorithm, struct arena *arena)
{
	struct buf input = {0};
	char *ver = NULL;

	if (is_unambiguous(query) && append_identities(&input, query, arena) &&
		append_features(&input, query, arena) && append_forms(&input, query, arena))
		ver = digest_of(algorithm, &input, arena);
	buf_finish(&input);
	return ver;
}

/* ---- XEP-0390 4.1 ---- */

static void append_ended(struct buf *out, const char *text)
{
	buf_append_text(out, text == NULL ? "" : text);
	buf_append_byte(out, END_TEXT);
}

static const char *render_identity(
	const struct xml_element *el, bool inherit_lang, struct arena *arena)
{
	struct buf text = {0};

	append_ended(&text, xml_attr(el, "category"));
	append_ended(&text, xml_attr(el, "type"));
	append_ended(&text, inherit_lang ? xml_lang(el) : xml_attr_ns(el, NS_XML, "lang"));
	append_ended(&text, xml_attr(el, "name"));
	buf_append_text(&text, END_GROUP);
	return take(&text, arena);
}

static const char *render_feature(const struct xml_element *el, struct arena *arena)
{
	struct buf text = {0};

	append_ended(&text, xml_attr(el, "var"));
	return take(&text, arena);
}

static const char *render_field(const struct xml_element *field, struct arena *arena)
{
	struct rows values = values_of(field, END_TEXT, arena);
	struct buf text = {0};

	append_ended(&text, xml_attr(field, "var"));
	append_sorted(&text, &values);
	buf_append_text(&text, END_GROUP);
	return take(&text, arena);
}

/* NULL: not a form that may be there. */
static const char *render_extension(const struct xml_element *form, struct arena *arena)
{
	const struct xml_element *field = xml_child(form, NS_DATA, "field");
	struct rows rows = rows_for(form, arena);
	struct buf text = {0};

	if (form_type_of(form) == NULL || xml_child(form, NS_DATA, "reported") != NULL ||
		xml_child(form, NS_DATA, "item") != NULL)
		return NULL;
	for (; field != NULL; field = xml_next(field, NS_DATA, "field")) {
		const char *row = render_field(field, arena);

		add(&rows, row, row);
	}
	append_sorted(&text, &rows);
	buf_append_text(&text, END_FORM);
	return take(&text, arena);
}

enum part { FEATURES, IDENTITIES, EXTENSIONS, PART_COUNT }; /* in the order of the input */

/* NULL: the element must not be there. */
static const char *render_child(
	const struct xml_element *el, bool inherit_lang, struct arena *arena, enum part *part_out)
{
	if (xml_is(el, NS_DISCO_INFO, "feature")) {
		*part_out = FEATURES;
		return render_feature(el, arena);
	}
	if (xml_is(el, NS_DISCO_INFO, "identity")) {
		*part_out = IDENTITIES;
		return render_identity(el, inherit_lang, arena);
	}
	*part_out = EXTENSIONS;
	return xml_is(el, NS_DATA, "x") ? render_extension(el, arena) : NULL;
}

char *caps_hash_value(const struct xml_element *query, const char *algorithm, bool inherit_lang,
	struct arena *arena)
{
	struct rows parts[PART_COUNT];
	struct buf input = {0};
	enum part part;
	char *value;

	for (part = 0; part < PART_COUNT; part++)
		parts[part] = rows_for(query, arena);
	for (const struct xml_element *el = query->first; el != NULL; el = el->next) {
		const char *text = render_child(el, inherit_lang, arena, &part);

		if (text == NULL)
			return NULL;
		add(&parts[part], text, text);
	}
	for (part = 0; part < PART_COUNT; part++) {
		append_sorted(&input, &parts[part]);
		buf_append_text(&input, END_PART);
	}
	value = digest_of(algorithm, &input, arena);
	buf_finish(&input);
	return value;
}

/* ---- keys ---- */

static bool is_same(const char *a, const char *b)
{
	return a != NULL && strcmp(a, b) == 0;
}

/* A server may have put its own xml:lang on the <iq/>, which the client did not hash. */
static bool value_matches(const char *hash, const struct xml_element *query, struct arena *arena)
{
	const char *dot = strrchr(hash, '.');
	const char *algorithm = dot == NULL ? "" : arena_memdup(arena, hash, (size_t)(dot - hash));

	return dot != NULL &&
	       (is_same(caps_hash_value(query, algorithm, false, arena), dot + 1) ||
		       is_same(caps_hash_value(query, algorithm, true, arena), dot + 1));
}

bool caps_hash_matches(const char *key, const struct xml_element *query, struct arena *arena)
{
	const char *space = strchr(key, ' ');

	if (strncmp(key, CAPS_HASH_PREFIX, strlen(CAPS_HASH_PREFIX)) == 0)
		return value_matches(key + strlen(CAPS_HASH_PREFIX), query, arena);
	return space != NULL &&
	       is_same(caps_hash_ver(query, arena_memdup(arena, key, (size_t)(space - key)), arena),
		       space + 1);
}
