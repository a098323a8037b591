/* metric.c - numbers as OpenMetrics text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "peppy/metric.h"

static const struct metric turns = {"peppy_turns", METRIC_COUNTER, "Turns"};
static const struct metric links = {"peppy_links", METRIC_GAUGE, "Links that are up"};
static const struct metric commit = {
	"peppy_commit_seconds", METRIC_HISTOGRAM, "How long \"commits\" take"};

static void assert_text(struct buf *out, const char *text)
{
	buf_append_byte(out, '\0');
	assert_string_equal(out->data, text);
	buf_finish(out);
}

static void test_a_counter_s_sample_ends_in_total_its_family_does_not(void **state)
{
	struct buf out = {0};

	(void)state;
	metric_put_one(&out, &turns, 7);
	assert_text(&out, "# TYPE peppy_turns counter\n# HELP peppy_turns Turns.\n"
			  "peppy_turns_total 7\n");
}

static void test_a_gauge_may_have_a_label_with_any_text(void **state)
{
	struct buf out = {0};

	(void)state;
	metric_put(&out, &links, "component", "a\"b\\c\nd", 1);
	assert_text(&out, "peppy_links{component=\"a\\\"b\\\\c\\nd\"} 1\n");
}

static void test_buckets_count_all_that_are_not_longer(void **state)
{
	struct metric_histogram times = {0};
	struct buf out = {0};

	(void)state;
	metric_time(&times, 50);      /* at a bound */
	metric_time(&times, 51);      /* behind it */
	metric_time(&times, 9000000); /* longer than all */
	metric_put_times(&out, &commit, &times);
	buf_append_byte(&out, '\0');
	assert_non_null(strstr(out.data, "# HELP peppy_commit_seconds How long \\\"commits\\\" "));
	assert_non_null(strstr(out.data, "_bucket{le=\"0.000050\"} 1\n"));
	assert_non_null(strstr(out.data, "_bucket{le=\"0.000100\"} 2\n"));
	assert_non_null(strstr(out.data, "_bucket{le=\"5.000000\"} 2\n"));
	assert_non_null(strstr(out.data, "_bucket{le=\"+Inf\"} 3\n"));
	assert_non_null(strstr(out.data, "_sum 9.000101\npeppy_commit_seconds_count 3\n"));
	buf_finish(&out);
}

static void test_sizes_have_bounds_that_double(void **state)
{
	struct metric_histogram sizes = {0};
	struct buf out = {0};

	(void)state;
	metric_size(&sizes, 1);
	metric_size(&sizes, 2);
	metric_size(&sizes, 3);
	metric_size(&sizes, 16385);
	metric_put_sizes(&out, &commit, &sizes);
	buf_append_byte(&out, '\0');
	assert_non_null(strstr(out.data, "_bucket{le=\"1\"} 1\n"));
	assert_non_null(strstr(out.data, "_bucket{le=\"2\"} 2\n"));
	assert_non_null(strstr(out.data, "_bucket{le=\"4\"} 3\n"));
	assert_non_null(strstr(out.data, "_bucket{le=\"16384\"} 3\n"));
	assert_non_null(strstr(out.data, "_sum 16391\npeppy_commit_seconds_count 4\n"));
	buf_finish(&out);
}

static void test_in_the_plain_format_a_counter_s_family_ends_in_total_too(void **state)
{
	struct buf out = {0}, plain = {0};

	(void)state;
	metric_put_seconds(&out, &turns, 1500000);
	metric_put_one(&out, &links, 2);
	buf_append_text(&out, "# EOF\n");
	metric_put_plain(&plain, &out);
	assert_text(&plain, "# TYPE peppy_turns_total counter\n"
			    "# HELP peppy_turns_total Turns.\npeppy_turns_total 1.500000\n"
			    "# TYPE peppy_links gauge\n# HELP peppy_links Links that are up.\n"
			    "peppy_links 2\n");
	buf_finish(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_counter_s_sample_ends_in_total_its_family_does_not),
		cmocka_unit_test(test_a_gauge_may_have_a_label_with_any_text),
		cmocka_unit_test(test_buckets_count_all_that_are_not_longer),
		cmocka_unit_test(test_sizes_have_bounds_that_double),
		cmocka_unit_test(test_in_the_plain_format_a_counter_s_family_ends_in_total_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
