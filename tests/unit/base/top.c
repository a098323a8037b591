/* The keys that weigh most. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "peppy/top.h"

#define SECOND UINT64_C(1000000)

static int setup(void **state)
{
	*state = top_create();
	return 0;
}

static int teardown(void **state)
{
	top_destroy(*state);
	return 0;
}

static struct top_key keys[300];
static uint64_t since_us;

static size_t list(const struct top *top, uint64_t now_us, size_t max)
{
	return top_list(top, now_us, keys, max, &since_us);
}

static void test_the_heaviest_come_first(void **state)
{
	struct top *top = *state;

	top_add(top, SECOND, "light", 1);
	top_add(top, SECOND, "heavy", 50);
	top_add(top, SECOND, "often", 20);
	top_add(top, SECOND, "often", 10);
	top_add(top, SECOND, "light", 0);
	assert_int_equal(list(top, SECOND, 10), 3);
	assert_string_equal(keys[0].key, "heavy");
	assert_string_equal(keys[1].key, "often");
	assert_int_equal(keys[1].count, 2);
	assert_int_equal(keys[1].weight, 30);
	assert_int_equal(keys[1].heaviest, 20);
	assert_int_equal(keys[2].weight, 2); /* 0 counts as 1 */
	assert_int_equal(list(top, SECOND, 1), 1);
	assert_string_equal(keys[0].key, "heavy");
}

/* Names of nodes are counted as they come, also of those that are not there. */
static void test_keys_without_end_are_not_kept(void **state)
{
	static char key[8194];
	struct top *top = *state;

	memset(key, 'x', sizeof key - 1);
	top_add(top, SECOND, key, 9);
	assert_int_equal(list(top, SECOND, 10), 0);
	top_add(top, SECOND, key + 1, 9);
	assert_int_equal(list(top, SECOND, 10), 1);
}

static void test_an_empty_one_lists_nothing(void **state)
{
	assert_int_equal(list(*state, 100 * SECOND, 10), 0);
	assert_int_equal(since_us, 40 * SECOND);
}

/* Every hundredth is the busy one, among more others than there are places. */
static void test_whoever_is_busy_is_found_among_any_number_of_others(void **state)
{
	struct top *top = *state;
	char key[32];

	for (int i = 0; i < 100000; i++) {
		snprintf(key, sizeof key, "other %d", i % 20000);
		top_add(top, SECOND, key, 10);
		if (i % 50 == 0)
			top_add(top, SECOND, "busy", 30);
	}
	assert_int_equal(list(top, SECOND, 300), 100);
	assert_string_equal(keys[0].key, "busy");
	assert_in_range(keys[0].weight, 50000, 60000); /* hardly less, and never more */
	assert_in_range(keys[1].weight, 10, 50);       /* not what it has inherited */
}

static void test_what_was_added_is_told_for_thirty_seconds_at_least(void **state)
{
	struct top *top = *state;

	top_add(top, 100 * SECOND, "a", 10);
	top_add(top, 129 * SECOND, "a", 10);
	top_add(top, 131 * SECOND, "b", 1); /* in the next window */
	assert_int_equal(list(top, 159 * SECOND, 10), 2);
	assert_int_equal(keys[0].weight, 20);
	assert_int_equal(since_us, 100 * SECOND);
	top_add(top, 159 * SECOND, "a", 5);
	list(top, 159 * SECOND, 10);
	assert_int_equal(keys[0].weight, 25);
	assert_int_equal(keys[0].count, 3);
}

static void test_and_for_sixty_at_most(void **state)
{
	struct top *top = *state;

	top_add(top, 100 * SECOND, "a", 10);
	top_add(top, 131 * SECOND, "b", 1);
	assert_int_equal(list(top, 161 * SECOND, 10), 1);
	assert_string_equal(keys[0].key, "b");
	assert_int_equal(since_us, 131 * SECOND);
	assert_int_equal(list(top, 191 * SECOND, 10), 0);
	top_add(top, 500 * SECOND, "c", 1);
	assert_int_equal(list(top, 500 * SECOND, 10), 1);
	assert_int_equal(since_us, 500 * SECOND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_the_heaviest_come_first, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_keys_without_end_are_not_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(test_an_empty_one_lists_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_whoever_is_busy_is_found_among_any_number_of_others, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_what_was_added_is_told_for_thirty_seconds_at_least, setup, teardown),
		cmocka_unit_test_setup_teardown(test_and_for_sixty_at_most, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
