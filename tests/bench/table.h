/* table.h - a table that reads well on a terminal and is Markdown. */
#ifndef BENCH_TABLE_H
#define BENCH_TABLE_H

#include "peppy/attributes.h"
#include "peppy/buf.h"

#define TABLE_COLUMNS 20

struct table {            /* all zero is an empty one */
	unsigned columns; /* as many as the first row has cells */
	unsigned in_row;  /* cells of the row under way */
	struct buf cells; /* each with a NUL behind it; row by row, all of one length */
	unsigned widths[TABLE_COLUMNS];
};

void table_cell(struct table *table, const char *format, ...) PRINTF_LIKE(2, 3);
void table_end_row(struct table *table); /* the rest of it is empty */

/* The first column is set to the left, those that follow to the right. Frees the table. */
void table_render(struct table *table, struct buf *out);

#endif
