/* Every situation has a text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "peppy/error.h"

static void test_every_enumerator_has_a_text(void **state)
{
	int err;

	(void)state;
	for (err = 0; err < PUBSUB_ERR_COUNT; err++)
		assert_string_not_equal(error_text((enum pubsub_error)err), "");
}

static void test_no_two_situations_share_a_text(void **state)
{
	int a, b;

	(void)state;
	for (a = 0; a < PUBSUB_ERR_COUNT; a++)
		for (b = 0; b < a; b++)
			assert_string_not_equal(
				error_text((enum pubsub_error)a), error_text((enum pubsub_error)b));
}

static void test_zero_is_success(void **state)
{
	(void)state;
	assert_int_equal(PUBSUB_OK, 0);
	assert_string_equal(error_text(PUBSUB_OK), "success");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_enumerator_has_a_text),
		cmocka_unit_test(test_no_two_situations_share_a_text),
		cmocka_unit_test(test_zero_is_success),
	};

	return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
