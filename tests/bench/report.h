/* report.h - the tables: what was measured, what it is held against, what the machine does alone.
 * Markdown, so that what is printed is also what is recorded. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include "peppy/buf.h"
#include "workloads.h"

/* The machine and, if it can be had, the commit of the source folder. */
void report_machine(struct buf *out, const char *source);

/* results[i] belongs to workloads[i]; those without operations and without a fault did not run. */
void report_results(struct buf *out, const struct result *results);
void report_aims(struct buf *out, const struct result *results, const double floors[FLOOR_COUNT]);
void report_words(struct buf *out); /* what the columns mean */
void report_floors(struct buf *out, const double floors[FLOOR_COUNT]);

#endif
