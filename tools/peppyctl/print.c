/* print.c - JSON as people read it. */
#include "peppyctl.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

#include "peppy/buf.h"

#define COLUMNS_MAX 24
#define GAP 2

/* A terminal reads some characters above ASCII as commands. */
void print_json(const json_t *value)
{
	const size_t ascii = isatty(STDOUT_FILENO) ? JSON_ENSURE_ASCII : 0;

	json_dumpf(value, stdout, JSON_COMPACT | JSON_ENCODE_ANY | ascii);
	putchar('\n');
}

/* ---- texts ---- */

const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text == NULL ? "" : text;
}

/* Makes what stands behind it read from right to left, or the other way round. */
static bool turns_text(wchar_t wide)
{
	return (wide >= 0x202a && wide <= 0x202e) || (wide >= 0x2066 && wide <= 0x2069);
}

/* Columns on a terminal. In a locale without UTF-8 a character that is not ASCII is one of its
 * bytes, escaped. */
static size_t append_safe(struct buf *out, const char *text)
{
	mbstate_t state = {0};
	size_t columns = 0;

	while (*text != '\0') {
		wchar_t wide;
		size_t len = mbrtowc(&wide, text, strlen(text), &state);
		int width = len == 0 || len > 4 || turns_text(wide) ? -1 : wcwidth(wide);

		if (width < 0) {
			buf_printf(out, "\\x%02x", (unsigned char)*text);
			len = 1;
			width = 4;
			state = (mbstate_t){0};
		} else {
			buf_append(out, text, len);
		}
		text += len;
		columns += (size_t)width;
	}
	return columns;
}

static void print_safe(FILE *out, const char *text)
{
	struct buf safe = {0};

	append_safe(&safe, text);
	fwrite(safe.data, 1, safe.len, out);
	buf_finish(&safe);
}

void print_text(const char *text)
{
	print_safe(stdout, text);
}

int complain(int status, const char *format, ...)
{
	struct arena *arena = arena_create();
	va_list args;

	progress_end();
	va_start(args, format);
	fputs("peppyctl: ", stderr);
	print_safe(stderr, arena_vprintf(arena, format, args));
	va_end(args);
	fputc('\n', stderr);
	arena_destroy(arena);
	return status;
}

/* What stands in a cell; returns its width. */
static size_t append_value(struct buf *out, const json_t *value)
{
	const size_t start = out->len;

	if (json_is_string(value))
		return *json_string_value(value) == '\0'
			       ? append_safe(out, "\"\"")
			       : append_safe(out, json_string_value(value));
	if (json_is_boolean(value))
		buf_append_text(out, json_is_true(value) ? "yes" : "no");
	else if (json_is_integer(value))
		buf_printf(out, "%lld", (long long)json_integer_value(value));
	else if (json_is_real(value))
		buf_printf(out, "%.1f", json_real_value(value));
	else
		buf_append_text(out, "-");
	return out->len - start;
}

static void pad(size_t from, size_t to)
{
	for (; from < to; from++)
		putchar(' ');
}

static void print_cell(const json_t *value, size_t width, bool is_last)
{
	struct buf text = {0};
	size_t columns = append_value(&text, value);

	if (json_is_number(value))
		pad(columns, width);
	fwrite(text.data, 1, text.len, stdout);
	if (!json_is_number(value) && !is_last)
		pad(columns, width);
	buf_finish(&text);
}

/* ---- tables ---- */

struct columns {
	char *names[COLUMNS_MAX];
	size_t widths[COLUMNS_MAX];
	size_t n;
	char *text;
};

static struct columns columns_of(const json_t *rows, const char *names)
{
	struct columns columns = {0};
	struct buf text = {0};
	const char *key;
	json_t *value;
	char *save;

	if (names != NULL)
		buf_append_text(&text, names);
	else
		json_object_foreach(json_array_get(rows, 0), key, value)
			buf_printf(&text, "%s%s", text.len == 0 ? "" : ",", key);
	buf_append_byte(&text, '\0');
	columns.text = text.data;
	for (char *name = strtok_r(text.data, ",", &save); name != NULL && columns.n < COLUMNS_MAX;
		name = strtok_r(NULL, ",", &save)) {
		columns.widths[columns.n] = strlen(name);
		columns.names[columns.n++] = name;
	}
	return columns;
}

static void measure(struct columns *columns, const json_t *row)
{
	for (size_t i = 0; i < columns->n; i++) {
		struct buf text = {0};
		size_t width = append_value(&text, json_object_get(row, columns->names[i]));

		if (width > columns->widths[i])
			columns->widths[i] = width;
		buf_finish(&text);
	}
}

static void print_row(const struct columns *columns, const json_t *row)
{
	for (size_t i = 0; i < columns->n; i++) {
		const bool is_last = i + 1 == columns->n;

		print_cell(json_object_get(row, columns->names[i]), columns->widths[i], is_last);
		if (!is_last)
			pad(0, GAP);
	}
	putchar('\n');
}

static void print_head(const struct columns *columns, const json_t *rows)
{
	for (size_t i = 0; i < columns->n; i++) {
		const bool is_number =
			json_is_number(json_object_get(json_array_get(rows, 0), columns->names[i]));
		const size_t len = strlen(columns->names[i]);

		if (is_number)
			pad(len, columns->widths[i]);
		fputs(columns->names[i], stdout);
		if (i + 1 < columns->n)
			pad(is_number ? 0 : len, is_number ? GAP : columns->widths[i] + GAP);
	}
	putchar('\n');
}

void print_table(const json_t *rows, const char *names, bool goes_on)
{
	struct columns columns = columns_of(rows, names);

	for (size_t i = 0; i < json_array_size(rows); i++)
		measure(&columns, json_array_get(rows, i));
	if (json_array_size(rows) > 0 && !goes_on)
		print_head(&columns, rows);
	for (size_t i = 0; i < json_array_size(rows); i++)
		print_row(&columns, json_array_get(rows, i));
	free(columns.text);
}

/* ---- objects ---- */

static void print_member(const char *key, const json_t *value, size_t indent, size_t width);

static void print_members(const json_t *object, size_t indent)
{
	size_t width = 0;
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key,
		value) if (!json_is_object(value) && strlen(key) > width) width = strlen(key);
	json_object_foreach((json_t *)object, key, value) print_member(key, value, indent, width);
}

static void print_list(const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (i > 0)
			fputs(", ", stdout);
		print_cell(json_array_get(list, i), 0, true);
	}
	if (json_array_size(list) == 0)
		putchar('-');
	putchar('\n');
}

static void print_member(const char *key, const json_t *value, size_t indent, size_t width)
{
	pad(0, indent);
	fputs(key, stdout);
	if (json_is_object(value)) {
		putchar('\n');
		print_members(value, indent + GAP);
		return;
	}
	if (json_is_object(json_array_get(value, 0))) {
		fputs("\n\n", stdout);
		print_table(value, NULL, false);
		return;
	}
	pad(strlen(key), width + GAP);
	if (json_is_array(value)) {
		print_list(value);
	} else {
		print_cell(value, 0, true);
		putchar('\n');
	}
}

void print_object(const json_t *object)
{
	print_members(object, 0);
}
