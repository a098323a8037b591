/* Out of memory is the end, wherever it happens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "peppy/memory.h"

static void test_memory_is_zeroed(void **state)
{
	static const char zeros[64];
	void *bytes = memory_alloc(sizeof zeros);

	(void)state;
	assert_memory_equal(bytes, zeros, sizeof zeros);
	free(bytes);
}

static void test_zero_bytes_are_a_pointer_too(void **state)
{
	void *bytes = memory_alloc(0);

	(void)state;
	assert_non_null(bytes);
	bytes = memory_resize(bytes, 0);
	assert_non_null(bytes);
	free(bytes);
}

static void test_resizing_keeps_what_was_there(void **state)
{
	char *text = memory_resize(NULL, 4);

	(void)state;
	memcpy(text, "abc", 4);
	text = memory_resize(text, 100000);
	assert_string_equal(text, "abc");
	free(text);
}

static void test_a_text_is_copied_and_null_stays_null(void **state)
{
	const char *text = "hamlet";
	char *copy = memory_strdup(text);

	(void)state;
	assert_string_equal(copy, text);
	assert_ptr_not_equal(copy, text);
	assert_null(memory_strdup(NULL));
	free(copy);
}

static void run_out_of_memory(void)
{
	static const struct rlimit no_core = {0, 0};
	volatile size_t bytes = SIZE_MAX / 2;

	setrlimit(RLIMIT_CORE, &no_core);
	close(STDERR_FILENO);
	free(memory_alloc(bytes));
	_exit(0);
}

static void test_out_of_memory_ends_the_process(void **state)
{
	pid_t child = fork();
	int status;

	(void)state;
	assert_true(child >= 0);
	if (child == 0)
		run_out_of_memory();
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_not_equal(status, 0); /* by abort(), or by the sanitizer's malloc before it */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory_is_zeroed),
		cmocka_unit_test(test_zero_bytes_are_a_pointer_too),
		cmocka_unit_test(test_resizing_keeps_what_was_there),
		cmocka_unit_test(test_a_text_is_copied_and_null_stays_null),
		cmocka_unit_test(test_out_of_memory_ends_the_process),
	};

	return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
