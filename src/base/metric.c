/* metric.c - OpenMetrics text. */
#include "peppy/metric.h"

#include <inttypes.h>

static const char *const type_words[] = {
	[METRIC_COUNTER] = "counter",
	[METRIC_GAUGE] = "gauge",
	[METRIC_HISTOGRAM] = "histogram",
};

/* From a cached read to a disk that hangs. */
static const uint64_t bounds_us[METRIC_BUCKETS - 1] = {50, 100, 200, 500, 1000, 2000, 5000, 10000,
	20000, 50000, 100000, 200000, 500000, 1000000, 5000000};

static void put_escaped(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\\' || *text == '"')
			buf_append_byte(out, '\\');
		if (*text == '\n')
			buf_append_text(out, "\\n");
		else
			buf_append_byte(out, *text);
	}
}

void metric_open(struct buf *out, const struct metric *metric)
{
	buf_printf(out, "# TYPE %s %s\n# HELP %s ", metric->name, type_words[metric->type],
		metric->name);
	put_escaped(out, metric->help);
	buf_append_text(out, ".\n");
}

void metric_put(struct buf *out, const struct metric *metric, const char *label, const char *text,
	uint64_t value)
{
	buf_printf(out, "%s%s", metric->name, metric->type == METRIC_COUNTER ? "_total" : "");
	if (label != NULL) {
		buf_printf(out, "{%s=\"", label);
		put_escaped(out, text);
		buf_append_text(out, "\"}");
	}
	buf_printf(out, " %" PRIu64 "\n", value);
}

void metric_put_one(struct buf *out, const struct metric *metric, uint64_t value)
{
	metric_open(out, metric);
	metric_put(out, metric, NULL, NULL, value);
}

void metric_time(struct metric_times *times, uint64_t us)
{
	unsigned i = 0;

	while (i < METRIC_BUCKETS - 1 && us > bounds_us[i])
		i++;
	times->counts[i]++;
	times->sum_us += us;
}

static void put_seconds(struct buf *out, uint64_t us)
{
	buf_printf(out, "%" PRIu64 ".%06" PRIu64, us / 1000000, us % 1000000);
}

void metric_put_times(
	struct buf *out, const struct metric *metric, const struct metric_times *times)
{
	uint64_t count = 0;

	metric_open(out, metric);
	for (unsigned i = 0; i < METRIC_BUCKETS; i++) {
		count += times->counts[i];
		buf_printf(out, "%s_bucket{le=\"", metric->name);
		if (i < METRIC_BUCKETS - 1)
			put_seconds(out, bounds_us[i]);
		else
			buf_append_text(out, "+Inf");
		buf_printf(out, "\"} %" PRIu64 "\n", count);
	}
	buf_printf(out, "%s_sum ", metric->name);
	put_seconds(out, times->sum_us);
	buf_printf(out, "\n%s_count %" PRIu64 "\n", metric->name, count);
}
