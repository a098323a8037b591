/* Time and its texts (XEP-0082). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "peppy/array.h"
#include "peppy/clock.h"

#define NOVEMBER UINT64_C(1795148534) /* 2026-11-20T04:22:14Z */

static void assert_parses(const char *text, uint64_t expected_us)
{
	uint64_t us = 42;

	assert_true(clock_stamp_parse(text, &us));
	assert_int_equal(us, expected_us);
}

static void assert_refused(const char *text)
{
	uint64_t us = 42;

	assert_false(clock_stamp_parse(text, &us));
	assert_int_equal(us, 42); /* untouched */
}

static void test_a_stamp_has_microseconds_only_if_there_are_any(void **state)
{
	char stamp[CLOCK_STAMP_SIZE];

	(void)state;
	clock_stamp_render(NOVEMBER * 1000000, stamp);
	assert_string_equal(stamp, "2026-11-20T04:22:14Z");
	clock_stamp_render(NOVEMBER * 1000000 + 123456, stamp);
	assert_string_equal(stamp, "2026-11-20T04:22:14.123456Z");
	clock_stamp_render(NOVEMBER * 1000000 + 1, stamp);
	assert_string_equal(stamp, "2026-11-20T04:22:14.000001Z");
}

static void test_stamps_reach_from_1970_to_9999(void **state)
{
	char stamp[CLOCK_STAMP_SIZE];

	(void)state;
	clock_stamp_render(0, stamp);
	assert_string_equal(stamp, "1970-01-01T00:00:00Z");
	clock_stamp_render(UINT64_C(253402300799999999), stamp);
	assert_string_equal(stamp, "9999-12-31T23:59:59.999999Z");
	assert_parses("1970-01-01T00:00:00Z", 0);
	assert_parses("9999-12-31T23:59:59.999999Z", UINT64_C(253402300799999999));
	assert_refused("1969-12-31T23:59:59Z");
	assert_refused("1970-01-01T00:00:00+00:01");
	assert_refused("9999-12-31T23:59:59-00:01");
	assert_refused("0000-01-01T00:00:00Z");
}

static void test_an_offset_is_subtracted(void **state)
{
	(void)state;
	assert_parses("2026-11-20T04:22:14Z", NOVEMBER * 1000000);
	assert_parses("2026-11-20T05:22:14+01:00", NOVEMBER * 1000000);
	assert_parses("2026-11-19T22:52:14-05:30", NOVEMBER * 1000000);
	assert_parses("2026-11-20T04:22:14-00:00", NOVEMBER * 1000000);
	assert_refused("2026-11-20T04:22:14+24:00");
	assert_refused("2026-11-20T04:22:14+01:60");
	assert_refused("2026-11-20T04:22:14+0100");
	assert_refused("2026-11-20T04:22:14+01");
}

static void test_an_offset_is_required(void **state)
{
	(void)state;
	assert_refused("2026-11-20T04:22:14");
	assert_refused("2026-11-20T04:22:14z");
	assert_refused("2026-11-20T04:22:14Z ");
	assert_refused("2026-11-20T04:22:14ZZ");
}

static void test_a_fraction_has_at_least_one_digit(void **state)
{
	(void)state;
	assert_parses("2026-11-20T04:22:14.5Z", NOVEMBER * 1000000 + 500000);
	assert_parses("2026-11-20T04:22:14.1234569999999999999999Z", NOVEMBER * 1000000 + 123456);
	assert_parses("2026-11-20T05:22:14.050+01:00", NOVEMBER * 1000000 + 50000);
	assert_refused("2026-11-20T04:22:14.Z");
	assert_refused("2026-11-20T04:22:14,5Z");
}

static void test_days_that_are_not_in_the_calendar_are_refused(void **state)
{
	uint64_t us;

	(void)state;
	assert_true(clock_stamp_parse("2024-02-29T00:00:00Z", &us));
	assert_true(clock_stamp_parse("2000-02-29T00:00:00Z", &us));
	assert_refused("2026-02-29T00:00:00Z");
	assert_refused("2100-02-29T00:00:00Z");
	assert_refused("2026-04-31T00:00:00Z");
	assert_refused("2026-00-20T00:00:00Z");
	assert_refused("2026-13-20T00:00:00Z");
	assert_refused("2026-11-00T00:00:00Z");
}

static void test_hours_minutes_and_seconds_are_bounded(void **state)
{
	(void)state;
	assert_refused("2026-11-20T24:00:00Z");
	assert_refused("2026-11-20T23:60:00Z");
	assert_refused("2026-11-20T23:59:61Z");
}

static void test_a_leap_second_is_the_next_minutes_first(void **state)
{
	(void)state;
	assert_parses("2016-12-31T23:59:60Z", UINT64_C(1483228800000000));
}

static void test_what_is_not_a_stamp_is_refused(void **state)
{
	static const char *const texts[] = {"", "now", "2026-11-20", "20261120T04:22:14",
		"2026-11-20 04:22:14Z", "26-11-20T04:22:14Z", "2026-1-20T04:22:14Z",
		"+2026-11-20T04:22:14Z", "2026-11-20T4:22:14Z", "2026-11-20T04:22Z", " "};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(texts); i++)
		assert_refused(texts[i]);
}

static void test_every_prefix_of_a_stamp_is_refused(void **state)
{
	const char *stamp = "2026-11-20T04:22:14.123456+01:00";
	char prefix[64];
	size_t len;

	(void)state;
	for (len = 0; len < strlen(stamp); len++) {
		memcpy(prefix, stamp, len);
		prefix[len] = '\0';
		assert_refused(prefix);
	}
}

static void test_rendered_stamps_parse_to_what_they_were(void **state)
{
	char stamp[CLOCK_STAMP_SIZE];
	uint64_t us, parsed;

	(void)state;
	for (us = 7; us < UINT64_C(253402300800000000); us += UINT64_C(86399123456789) * 3) {
		clock_stamp_render(us, stamp);
		assert_true(clock_stamp_parse(stamp, &parsed));
		assert_int_equal(parsed, us);
	}
}

static void test_stamps_are_utc_wherever_the_machine_is(void **state)
{
	char stamp[CLOCK_STAMP_SIZE];

	(void)state;
	setenv("TZ", "EST5EDT", 1);
	tzset();
	clock_stamp_render(NOVEMBER * 1000000, stamp);
	assert_string_equal(stamp, "2026-11-20T04:22:14Z");
	assert_parses("2026-11-20T04:22:14Z", NOVEMBER * 1000000);
	unsetenv("TZ");
	tzset();
}

static void test_clocks_run(void **state)
{
	uint64_t before = clock_monotonic_us();

	(void)state;
	assert_true(clock_monotonic_us() >= before);
	assert_in_range(
		clock_wall_us() / 1000000, (uintmax_t)time(NULL) - 60, (uintmax_t)time(NULL) + 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_stamp_has_microseconds_only_if_there_are_any),
		cmocka_unit_test(test_stamps_reach_from_1970_to_9999),
		cmocka_unit_test(test_an_offset_is_subtracted),
		cmocka_unit_test(test_an_offset_is_required),
		cmocka_unit_test(test_a_fraction_has_at_least_one_digit),
		cmocka_unit_test(test_days_that_are_not_in_the_calendar_are_refused),
		cmocka_unit_test(test_hours_minutes_and_seconds_are_bounded),
		cmocka_unit_test(test_a_leap_second_is_the_next_minutes_first),
		cmocka_unit_test(test_what_is_not_a_stamp_is_refused),
		cmocka_unit_test(test_every_prefix_of_a_stamp_is_refused),
		cmocka_unit_test(test_rendered_stamps_parse_to_what_they_were),
		cmocka_unit_test(test_stamps_are_utc_wherever_the_machine_is),
		cmocka_unit_test(test_clocks_run),
	};

	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
