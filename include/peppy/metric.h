/* metric.h - metrics as OpenMetrics text: https://openmetrics.io
 * Floor 0. Knows no metric's meaning. */
#ifndef PEPPY_METRIC_H
#define PEPPY_METRIC_H

#include <stdint.h>

#include "peppy/buf.h"

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

/* A family of samples: one row of somebody's table. */
struct metric {
	const char *name; /* without the _total of a counter */
	enum metric_type type;
	const char *help; /* a sentence without its full stop */
};

/* Opens a family; its samples must follow. */
void metric_open(struct buf *out, const struct metric *metric);

/* A sample; label NULL: without one. text, the label's value, may be any text. */
void metric_put(struct buf *out, const struct metric *metric, const char *label, const char *text,
	uint64_t value);

/* A family of one sample. */
void metric_put_one(struct buf *out, const struct metric *metric, uint64_t value);

/* A family of one sample, in seconds. */
void metric_put_seconds(struct buf *out, const struct metric *metric, uint64_t us);

/* ---- histograms ---- */

#define METRIC_BUCKETS 16

/* All zero is empty. */
struct metric_histogram {
	uint64_t counts[METRIC_BUCKETS]; /* the last one: more than all bounds */
	uint64_t sum;
};

void metric_time(struct metric_histogram *histogram, uint64_t us);
void metric_size(struct metric_histogram *histogram, uint64_t n);

/* The family: of metric_time, in seconds; of metric_size. */
void metric_put_times(
	struct buf *out, const struct metric *metric, const struct metric_histogram *histogram);
void metric_put_sizes(
	struct buf *out, const struct metric *metric, const struct metric_histogram *histogram);

/* ---- for those who know no OpenMetrics ---- */

/* Appends the same as Prometheus' text format 0.0.4, where the family of a counter is called like
 * its sample. */
void metric_put_plain(struct buf *out, const struct buf *openmetrics);

#endif
