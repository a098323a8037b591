/* The queue of output, and the waits between attempts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "wire/backoff.h"
#include "wire/output.h"

static void test_an_empty_output_has_no_front(void **state)
{
	struct output output = {0};
	size_t len;

	(void)state;
	assert_null(output_front(&output, &len));
	output_append(&output, "", 0, false);
	assert_null(output_front(&output, &len));
	output_clear(&output);
}

/* Takes odd numbers of bytes, as a kernel does. */
static void test_bytes_come_out_as_they_went_in_over_many_blocks(void **state)
{
	struct output output = {0};
	size_t total = 1000 * 1000, in = 0, out = 0;
	char *bytes = malloc(total);
	size_t len;

	(void)state;
	for (size_t i = 0; i < total; i++)
		bytes[i] = (char)(i * 7 + i / 251);
	for (size_t n = 1; in < total || output.queued > 0; n = n * 3 % 99991) {
		const char *front;

		len = n < total - in ? n : total - in;
		output_append(&output, bytes + in, len, false);
		in += len;
		assert_int_equal(output.queued, in - out);
		front = output_front(&output, &len);
		len = len > n / 2 + 1 ? n / 2 + 1 : len;
		assert_memory_equal(front, bytes + out, len);
		output_took(&output, len);
		out += len;
		assert_int_equal(output.taken, out);
	}
	assert_int_equal(out, total);
	output_clear(&output);
	free(bytes);
}

static void test_much_output_is_offered_in_large_blocks(void **state)
{
	struct output output = {0};
	size_t len;

	(void)state;
	for (unsigned i = 0; i < 10000; i++)
		output_append(&output, "<message/>", 10, false);
	assert_non_null(output_front(&output, &len));
	assert_true(len > 60 * 1000);
	output_clear(&output);
}

static void test_clearing_drops_the_queue_but_not_the_count(void **state)
{
	struct output output = {0};
	size_t len;

	(void)state;
	output_append(&output, "abcdef", 6, false);
	output_took(&output, 2);
	output_clear(&output);
	assert_int_equal(output.queued, 0);
	assert_int_equal(output.taken, 2);
	assert_null(output_front(&output, &len));
	output_append(&output, "gh", 2, false);
	assert_memory_equal(output_front(&output, &len), "gh", 2);
	assert_int_equal(len, 2);
	output_clear(&output);
}

static void test_the_first_attempt_is_made_at_once_and_the_next_within_a_step(void **state)
{
	struct backoff backoff = {.step_ms = 1000};

	(void)state;
	assert_int_equal(backoff_next_ms(&backoff), 0);
	for (unsigned waited = 0; waited < 60 * 1000;) {
		unsigned ms = backoff_next_ms(&backoff);

		assert_in_range(ms, 500, 1000);
		waited += ms;
	}
}

static void test_after_sixty_steps_it_waits_up_to_five(void **state)
{
	struct backoff backoff = {.step_ms = 1000};
	unsigned longest = 0, shortest = UINT32_MAX;

	(void)state;
	for (unsigned i = 0; i < 121; i++)
		backoff_next_ms(&backoff);
	for (unsigned i = 0; i < 200; i++) {
		unsigned ms = backoff_next_ms(&backoff);

		longest = ms > longest ? ms : longest;
		shortest = ms < shortest ? ms : shortest;
	}
	assert_in_range(longest, 4000, 5000);
	assert_in_range(shortest, 2500, 3500);
	backoff_reset(&backoff);
	assert_int_equal(backoff_next_ms(&backoff), 0);
	assert_in_range(backoff_next_ms(&backoff), 500, 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_empty_output_has_no_front),
		cmocka_unit_test(test_bytes_come_out_as_they_went_in_over_many_blocks),
		cmocka_unit_test(test_much_output_is_offered_in_large_blocks),
		cmocka_unit_test(test_clearing_drops_the_queue_but_not_the_count),
		cmocka_unit_test(test_the_first_attempt_is_made_at_once_and_the_next_within_a_step),
		cmocka_unit_test(test_after_sixty_steps_it_waits_up_to_five),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
