/* Memory that is freed all at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "peppy/arena.h"

static int set_up(void **state)
{
	*state = arena_create();
	return 0;
}

static int tear_down(void **state)
{
	arena_destroy(*state);
	return 0;
}

static void test_bytes_are_zero_even_where_others_have_been(void **state)
{
	static const char zeros[1000];
	struct arena *arena = *state;

	memset(arena_alloc(arena, sizeof zeros), 'x', sizeof zeros);
	arena_reset(arena);
	assert_memory_equal(arena_alloc(arena, sizeof zeros), zeros, sizeof zeros);
}

static void test_every_allocation_is_aligned_and_apart_from_the_others(void **state)
{
	struct arena *arena = *state;
	unsigned char *taken[300];
	size_t i, j;

	for (i = 0; i < 300; i++) {
		taken[i] = arena_alloc(arena, i);
		assert_int_equal((uintptr_t)taken[i] % _Alignof(max_align_t), 0);
		memset(taken[i], (int)(i % 251), i);
	}
	for (i = 0; i < 300; i++)
		for (j = 0; j < i; j++)
			assert_int_equal(taken[i][j], i % 251);
}

static void test_zero_bytes_are_a_pointer_too(void **state)
{
	assert_non_null(arena_alloc(*state, 0));
}

static void test_an_allocation_may_be_larger_than_any_block(void **state)
{
	struct arena *arena = *state;
	const size_t large = 5 * 1024 * 1024;
	unsigned char *bytes = arena_alloc(arena, large);

	bytes[0] = bytes[large - 1] = 1;
	assert_true(arena_bytes(arena) >= large);
	assert_non_null(arena_alloc(arena, 1));
}

static void test_a_reset_keeps_one_block_of_at_most_a_mebibyte(void **state)
{
	struct arena *arena = *state;
	size_t kept;
	int i;

	for (i = 0; i < 1000; i++)
		arena_alloc(arena, 1000);
	arena_reset(arena);
	kept = arena_bytes(arena);
	assert_true(kept >= 256 * 1024 && kept <= 1024 * 1024);
	arena_alloc(arena, kept / 2); /* fits into it */
	assert_int_equal(arena_bytes(arena), kept);
	arena_alloc(arena, 64 * 1024 * 1024);
	arena_reset(arena);
	assert_int_equal(arena_bytes(arena), kept);
}

static void test_many_small_allocations_take_few_blocks(void **state)
{
	struct arena *arena = *state;
	size_t before = arena_bytes(arena), held, blocks = 0;
	int i;

	for (i = 0; i < 64 * 1024; i++) {
		arena_alloc(arena, 64);
		held = arena_bytes(arena);
		blocks += held != before;
		before = held;
	}
	assert_in_range(blocks, 1, 16);
}

static void test_copies_end_with_a_nul(void **state)
{
	struct arena *arena = *state;

	assert_string_equal(arena_memdup(arena, "princely musings", 8), "princely");
	assert_string_equal(arena_memdup(arena, NULL, 0), "");
	assert_memory_equal(arena_memdup(arena, "a\0b", 3), "a\0b\0", 4);
	assert_string_equal(arena_strdup(arena, "hamlet"), "hamlet");
	assert_null(arena_strdup(arena, NULL));
}

static void test_printf_takes_texts_longer_than_a_block(void **state)
{
	struct arena *arena = *state;
	char *text = arena_printf(arena, "%s-%050000d", "a", 7);

	assert_int_equal(strlen(text), 2 + 50000);
	assert_memory_equal(text, "a-00", 4);
	assert_string_equal(text + 50000, "07");
}

static void test_destroy_takes_null(void **state)
{
	(void)state;
	arena_destroy(NULL);
}

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>

static void test_use_after_reset_and_beyond_the_end_is_found(void **state)
{
	struct arena *arena = *state;
	char *first = arena_alloc(arena, 16), *second = arena_alloc(arena, 16);

	assert_false(__asan_address_is_poisoned(first + 15));
	assert_true(__asan_address_is_poisoned(first + 16));
	assert_false(__asan_address_is_poisoned(second));
	arena_reset(arena);
	assert_true(__asan_address_is_poisoned(first));
	assert_true(__asan_address_is_poisoned(second));
}
#endif

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_bytes_are_zero_even_where_others_have_been),
		TEST(test_every_allocation_is_aligned_and_apart_from_the_others),
		TEST(test_zero_bytes_are_a_pointer_too),
		TEST(test_an_allocation_may_be_larger_than_any_block),
		TEST(test_a_reset_keeps_one_block_of_at_most_a_mebibyte),
		TEST(test_many_small_allocations_take_few_blocks),
		TEST(test_copies_end_with_a_nul),
		TEST(test_printf_takes_texts_longer_than_a_block),
		cmocka_unit_test(test_destroy_takes_null),
#ifdef __SANITIZE_ADDRESS__
		TEST(test_use_after_reset_and_beyond_the_end_is_found),
#endif
	};

	return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
