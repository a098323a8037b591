#include "table.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LEAST 3 /* characters of a column: its rule is made of as many */

void table_cell(struct table *table, const char *format, ...)
{
	char text[700];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	assert(table->in_row < TABLE_COLUMNS);
	if (len >= (int)sizeof text)
		len = sizeof text - 1;
	if (table->widths[table->in_row] < (unsigned)len)
		table->widths[table->in_row] = (unsigned)len;
	buf_append(&table->cells, text, (size_t)len + 1);
	table->in_row++;
}

void table_end_row(struct table *table)
{
	if (table->columns == 0)
		table->columns = table->in_row;
	while (table->in_row < table->columns)
		table_cell(table, "%s", "");
	table->in_row = 0;
}

static unsigned width_of(const struct table *table, unsigned column)
{
	return table->widths[column] < LEAST ? LEAST : table->widths[column];
}

static void append_rule(const struct table *table, struct buf *out)
{
	for (unsigned i = 0; i < table->columns; i++) {
		buf_append_text(out, i == 0 ? "| " : " | ");
		for (unsigned n = width_of(table, i); n > 1; n--)
			buf_append_byte(out, '-');
		buf_append_byte(out, i == 0 ? '-' : ':');
	}
	buf_append_text(out, " |\n");
}

void table_render(struct table *table, struct buf *out)
{
	const char *cell = table->cells.data;

	for (unsigned row = 0; cell < table->cells.data + table->cells.len; row++) {
		for (unsigned i = 0; i < table->columns; i++, cell += strlen(cell) + 1)
			buf_printf(out, "%s%*s", i == 0 ? "| " : " | ",
				i == 0 ? -(int)width_of(table, i) : (int)width_of(table, i), cell);
		buf_append_text(out, " |\n");
		if (row == 0)
			append_rule(table, out);
	}
	buf_finish(&table->cells);
}
