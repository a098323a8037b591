/* metric.c - OpenMetrics text. */
#include "peppy/metric.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

static const char *const type_words[] = {
	[METRIC_COUNTER] = "counter",
	[METRIC_GAUGE] = "gauge",
	[METRIC_HISTOGRAM] = "histogram",
};

/* From a cached read to a disk that hangs. */
static const uint64_t bounds_us[METRIC_BUCKETS - 1] = {50, 100, 200, 500, 1000, 2000, 5000, 10000,
	20000, 50000, 100000, 200000, 500000, 1000000, 5000000};

static const uint64_t bounds_n[METRIC_BUCKETS - 1] = {
	1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384};

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

static void put_seconds(struct buf *out, uint64_t us)
{
	buf_printf(out, "%" PRIu64 ".%06" PRIu64, us / 1000000, us % 1000000);
}

static void put_number(struct buf *out, uint64_t n)
{
	buf_printf(out, "%" PRIu64, n);
}

void metric_put_seconds(struct buf *out, const struct metric *metric, uint64_t us)
{
	metric_open(out, metric);
	buf_printf(out, "%s%s ", metric->name, metric->type == METRIC_COUNTER ? "_total" : "");
	put_seconds(out, us);
	buf_append_byte(out, '\n');
}

/* ---- histograms ---- */

static void add(struct metric_histogram *histogram, const uint64_t *bounds, uint64_t value)
{
	unsigned i = 0;

	while (i < METRIC_BUCKETS - 1 && value > bounds[i])
		i++;
	histogram->counts[i]++;
	histogram->sum += value;
}

void metric_time(struct metric_histogram *histogram, uint64_t us)
{
	add(histogram, bounds_us, us);
}

void metric_size(struct metric_histogram *histogram, uint64_t n)
{
	add(histogram, bounds_n, n);
}

typedef void (*put_fn)(struct buf *out, uint64_t value);

static void put_histogram(struct buf *out, const struct metric *metric,
	const struct metric_histogram *histogram, const uint64_t *bounds, put_fn put)
{
	uint64_t count = 0;

	metric_open(out, metric);
	for (unsigned i = 0; i < METRIC_BUCKETS; i++) {
		count += histogram->counts[i];
		buf_printf(out, "%s_bucket{le=\"", metric->name);
		if (i < METRIC_BUCKETS - 1)
			put(out, bounds[i]);
		else
			buf_append_text(out, "+Inf");
		buf_printf(out, "\"} %" PRIu64 "\n", count);
	}
	buf_printf(out, "%s_sum ", metric->name);
	put(out, histogram->sum);
	buf_printf(out, "\n%s_count %" PRIu64 "\n", metric->name, count);
}

void metric_put_times(
	struct buf *out, const struct metric *metric, const struct metric_histogram *histogram)
{
	put_histogram(out, metric, histogram, bounds_us, put_seconds);
}

void metric_put_sizes(
	struct buf *out, const struct metric *metric, const struct metric_histogram *histogram)
{
	put_histogram(out, metric, histogram, bounds_n, put_number);
}

/* ---- the older format ---- */

/* What stands before the samples of a family: "# TYPE name counter", "# HELP name ...". */
static void put_plain_comment(struct buf *out, const char *line, size_t len, bool counter)
{
	const char *name = line + strlen("# TYPE ");
	size_t name_len = strcspn(name, " \n");

	buf_append(out, line, (size_t)(name - line) + name_len);
	if (counter)
		buf_append_text(out, "_total");
	buf_append(out, name + name_len, len - (size_t)(name - line) - name_len);
}

static bool starts_with(const char *line, size_t len, const char *text)
{
	return len >= strlen(text) && memcmp(line, text, strlen(text)) == 0;
}

void metric_put_plain(struct buf *out, const struct buf *openmetrics)
{
	static const char counter_end[] = " counter\n";
	const char *line = openmetrics->data, *end = line + openmetrics->len;
	bool counter = false;
	size_t len;

	for (; line < end; line += len) {
		len = (size_t)((const char *)memchr(line, '\n', (size_t)(end - line)) - line) + 1;
		if (starts_with(line, len, "# TYPE "))
			counter = memcmp(line + len - strlen(counter_end), counter_end,
					  strlen(counter_end)) == 0;
		if (starts_with(line, len, "# TYPE ") || starts_with(line, len, "# HELP "))
			put_plain_comment(out, line, len, counter);
		else if (!starts_with(line, len, "# EOF"))
			buf_append(out, line, len);
	}
}
