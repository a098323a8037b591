/* print.c - stanzas for people and scripts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"

#define ATTRIBUTES_MAX 64

const char *stanza_attr(xmpp_stanza_t *stanza, const char *name)
{
	const char *value = xmpp_stanza_get_attribute(stanza, name);

	return value != NULL ? value : "";
}

bool stanza_is(xmpp_stanza_t *stanza, const char *name)
{
	const char *own = xmpp_stanza_get_name(stanza);

	return own != NULL && strcmp(own, name) == 0;
}

xmpp_stanza_t *stanza_child(xmpp_stanza_t *stanza, const char *name, const char *ns)
{
	if (stanza == NULL)
		return NULL;
	return xmpp_stanza_get_child_by_name_and_ns(stanza, name, ns);
}

char *stanza_text(xmpp_stanza_t *stanza)
{
	char *text = stanza != NULL ? xmpp_stanza_get_text(stanza) : NULL;

	if (text == NULL)
		text = calloc(1, 1);
	if (text == NULL)
		abort();
	return text;
}

/* The namespace only where it is another one than that of the element around it. */
static void tag_open(struct buf *out, xmpp_stanza_t *element, const char *outer_ns)
{
	const char *attrs[2 * ATTRIBUTES_MAX];
	const char *ns = xmpp_stanza_get_ns(element);
	int count, i;

	buf_append_byte(out, '<');
	buf_append_text(out, xmpp_stanza_get_name(element));
	if (ns != NULL && (outer_ns == NULL || strcmp(ns, outer_ns) != 0)) {
		buf_append_text(out, " xmlns='");
		xml_escape_attr(out, ns);
		buf_append_byte(out, '\'');
	}
	count = xmpp_stanza_get_attributes(element, attrs, 2 * ATTRIBUTES_MAX);
	for (i = 0; i + 1 < count; i += 2) {
		if (strcmp(attrs[i], "xmlns") == 0)
			continue;
		/* libstrophe drops prefixes, and this one every stream has; no other lang is in
		 * use */
		buf_printf(out, " %s%s='", strcmp(attrs[i], "lang") == 0 ? "xml:" : "", attrs[i]);
		xml_escape_attr(out, attrs[i + 1]);
		buf_append_byte(out, '\'');
	}
	buf_append_text(out, xmpp_stanza_get_children(element) == NULL ? "/>" : ">");
}

static void tag_close(struct buf *out, xmpp_stanza_t *element)
{
	if (xmpp_stanza_get_children(element) != NULL)
		buf_printf(out, "</%s>", xmpp_stanza_get_name(element));
}

static void render(struct buf *out, xmpp_stanza_t *stanza, const char *outer_ns)
{
	xmpp_stanza_t *child;

	if (xmpp_stanza_is_text(stanza)) {
		xml_escape_text(out, xmpp_stanza_get_text_ptr(stanza));
		return;
	}
	tag_open(out, stanza, outer_ns);
	for (child = xmpp_stanza_get_children(stanza); child != NULL;
		child = xmpp_stanza_get_next(child))
		render(out, child, xmpp_stanza_get_ns(stanza));
	tag_close(out, stanza);
}

/* Characters of XML that are not shown as they are: what ends a line, what a terminal takes for a
 * command, what turns the direction of the text behind it. */
static const struct {
	const char *bytes; /* the last one is the first of a range */
	size_t len;
	unsigned count, first;
} hidden[] = {
	{"\n", 1, 1, 10},
	{"\x7f", 1, 1, 127},
	{"\xc2\x80", 2, 32, 128},
	{"\xe2\x80\xaa", 3, 5, 0x202a},
	{"\xe2\x81\xa6", 3, 4, 0x2066},
};

/* How many bytes the hidden character takes that text begins with; 0: it may be shown. */
static size_t hidden_len(const char *text, size_t len, unsigned *out)
{
	for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++) {
		size_t last = hidden[i].len - 1;
		unsigned nth;

		if (len <= last || memcmp(text, hidden[i].bytes, last) != 0)
			continue;
		nth = (unsigned)(unsigned char)text[last] - (unsigned char)hidden[i].bytes[last];
		*out = hidden[i].first + nth;
		if (nth < hidden[i].count)
			return hidden[i].len;
	}
	return 0;
}

static void put_bytes(FILE *out, const char *bytes, size_t len)
{
	unsigned character;
	size_t n;

	for (size_t i = 0; i < len; i += n) {
		n = hidden_len(bytes + i, len - i, &character);
		if (n > 0)
			fprintf(out, "&#%u;", character);
		else
			fputc(bytes[i], out);
		n += n == 0;
	}
}

void print_text(const char *text)
{
	put_bytes(stdout, text, strlen(text));
}

void print_word(const char *before, const char *word)
{
	if (word[0] == '\0')
		return;
	fputs(before, stdout);
	print_text(word);
}

static void put_line(const struct buf *line)
{
	put_bytes(stdout, line->data, line->len);
	putchar('\n');
}

void print_xml(xmpp_stanza_t *stanza)
{
	struct buf line = {0};

	render(&line, stanza, NULL);
	put_line(&line);
	buf_finish(&line);
}

static bool has_text(xmpp_stanza_t *element)
{
	xmpp_stanza_t *child;
	const char *text;

	for (child = xmpp_stanza_get_children(element); child != NULL;
		child = xmpp_stanza_get_next(child)) {
		text = xmpp_stanza_is_text(child) ? xmpp_stanza_get_text_ptr(child) : "";
		if (text[strspn(text, " \t\r\n")] != '\0')
			return true;
	}
	return false;
}

static void print_inside(xmpp_stanza_t *element, const char *outer_ns, unsigned depth)
{
	xmpp_stanza_t *child = xmpp_stanza_get_children(element);
	bool whole = child == NULL || has_text(element);
	struct buf line = {0};

	buf_printf(&line, "%*s", (int)(2 * depth), "");
	if (whole)
		render(&line, element, outer_ns);
	else
		tag_open(&line, element, outer_ns);
	put_line(&line);
	if (!whole) {
		for (; child != NULL; child = xmpp_stanza_get_next(child))
			if (!xmpp_stanza_is_text(child))
				print_inside(child, xmpp_stanza_get_ns(element), depth + 1);
		printf("%*s</%s>\n", (int)(2 * depth), "", xmpp_stanza_get_name(element));
	}
	buf_finish(&line);
}

void print_tree(xmpp_stanza_t *stanza, unsigned depth)
{
	print_inside(stanza, NULL, depth);
}

/* error: type condition (pubsub condition feature) text */
void print_error(xmpp_stanza_t *stanza)
{
	xmpp_stanza_t *error = xmpp_stanza_get_child_by_name(stanza, "error");
	xmpp_stanza_t *child, *text;
	const char *condition = "undefined-condition";
	const char *special = NULL, *feature = "", *ns;
	char *said;

	if (error == NULL) {
		fputs("error: without an <error/>\n", stderr);
		return;
	}
	for (child = xmpp_stanza_get_children(error); child != NULL;
		child = xmpp_stanza_get_next(child)) {
		ns = xmpp_stanza_is_text(child) ? NULL : xmpp_stanza_get_ns(child);
		if (ns == NULL || stanza_is(child, "text"))
			continue;
		if (strcmp(ns, XMPP_NS_STANZAS_IETF) == 0) {
			condition = xmpp_stanza_get_name(child);
		} else {
			special = xmpp_stanza_get_name(child);
			feature = stanza_attr(child, "feature");
		}
	}
	fprintf(stderr, "error: %s %s", stanza_attr(error, "type"), condition);
	if (special != NULL)
		fprintf(stderr, " (%s%s%s)", special, feature[0] != '\0' ? " " : "", feature);
	text = xmpp_stanza_get_child_by_name(error, "text");
	said = stanza_text(text);
	fputs(said[0] != '\0' ? " " : "", stderr);
	put_bytes(stderr, said, strlen(said));
	fputc('\n', stderr);
	free(said);
}
