#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "peppy/array.h"
#include "peppy/number.h"

static void test_a_number_is_digits_and_nothing_else(void **state)
{
	static const char *const others[] = {"", " 1", "1 ", "+1", "-1", "0x1", "1.0", "1e3", "one",
		"\xd9\xa1" /* an Arabic 1 */};
	uint32_t n = 42;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(others); i++)
		assert_false(number_parse(others[i], UINT32_MAX, &n));
	assert_int_equal(n, 42);
	assert_true(number_parse("0", UINT32_MAX, &n));
	assert_int_equal(n, 0);
	assert_true(number_parse("007", UINT32_MAX, &n));
	assert_int_equal(n, 7);
}

static void test_a_number_may_be_the_maximum_and_no_more(void **state)
{
	uint32_t n;

	(void)state;
	assert_true(number_parse("4294967295", UINT32_MAX, &n));
	assert_int_equal(n, UINT32_MAX);
	assert_false(number_parse("4294967296", UINT32_MAX, &n));
	assert_true(number_parse("65535", UINT16_MAX, &n));
	assert_false(number_parse("65536", UINT16_MAX, &n));
	assert_false(number_parse("9", 8, &n));
	assert_true(number_parse("0", 0, &n));
	assert_false(number_parse("1", 0, &n));
}

static void test_no_number_overflows(void **state)
{
	const char *text = "18446744073709551615 and more";
	const char *above = "18446744073709551616";
	uint64_t n = 0;

	(void)state;
	assert_true(number_take(&text, UINT64_MAX, &n));
	assert_true(n == UINT64_MAX);
	assert_string_equal(text, " and more");
	assert_false(number_take(&above, UINT64_MAX, &n));
	assert_string_equal(above, "18446744073709551616");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_number_is_digits_and_nothing_else),
		cmocka_unit_test(test_a_number_may_be_the_maximum_and_no_more),
		cmocka_unit_test(test_no_number_overflows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
