/* Texts to pointers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peppy/map.h"
#include "peppy/memory.h"

static int freed;

static void count_free(void *value)
{
	freed++;
	free(value);
}

static int set_up(void **state)
{
	freed = 0;
	*state = map_create(0, count_free);
	return 0;
}

static int tear_down(void **state)
{
	map_destroy(*state);
	return 0;
}

static void put_text(struct map *map, const char *key, const char *value)
{
	map_put(map, key, memory_strdup(value));
}

/* "c b a": the keys as map_next() gives them. */
static const char *keys_of(struct map *map)
{
	static char keys[256];
	void *cursor = NULL, *value;
	const char *key;

	keys[0] = '\0';
	while (map_next(map, &cursor, &key, &value)) {
		if (keys[0] != '\0')
			strcat(keys, " ");
		strcat(keys, key);
	}
	return keys;
}

static void test_what_was_put_is_found(void **state)
{
	struct map *map = *state;
	char key[] = "hamlet";

	assert_null(map_find(map, "hamlet"));
	put_text(map, key, "prince");
	put_text(map, "", "empty");
	key[0] = 'H'; /* the map has its own copy */
	assert_string_equal(map_find(map, "hamlet"), "prince");
	assert_string_equal(map_find(map, ""), "empty");
	assert_null(map_find(map, "hamle"));
	assert_null(map_find(map, "hamlet "));
	assert_int_equal(map_count(map), 2);
}

static void test_a_second_value_frees_the_first(void **state)
{
	struct map *map = *state;

	put_text(map, "a", "one");
	put_text(map, "a", "two");
	assert_int_equal(freed, 1);
	assert_int_equal(map_count(map), 1);
	assert_string_equal(map_find(map, "a"), "two");
}

static void test_putting_the_value_that_is_there_frees_nothing(void **state)
{
	struct map *map = *state;

	put_text(map, "a", "one");
	map_put(map, "a", map_find(map, "a"));
	assert_int_equal(freed, 0);
	assert_string_equal(map_find(map, "a"), "one");
}

static void test_deleting_frees_and_taking_does_not(void **state)
{
	struct map *map = *state;
	char *value;

	put_text(map, "a", "one");
	put_text(map, "b", "two");
	map_del(map, "a");
	map_del(map, "absent");
	assert_int_equal(freed, 1);
	value = map_take(map, "b");
	assert_string_equal(value, "two");
	assert_int_equal(freed, 1);
	assert_int_equal(map_count(map), 0);
	assert_null(map_take(map, "b"));
	free(value);
}

static void test_destroying_frees_every_value(void **state)
{
	struct map *map = map_create(0, count_free);

	(void)state;
	freed = 0;
	put_text(map, "a", "one");
	put_text(map, "b", "two");
	map_destroy(map);
	assert_int_equal(freed, 2);
	map_destroy(NULL);
}

static void test_values_without_free_function_stay_the_callers(void **state)
{
	struct map *map = map_create(1, NULL);
	int a = 1, b = 2;

	(void)state;
	map_put(map, "a", &a);
	map_put(map, "b", &b);
	assert_ptr_equal(map_find(map, "b"), &b);
	map_destroy(map);
	assert_int_equal(a + b, 3);
}

static void test_ten_thousand_entries_come_and_go(void **state)
{
	struct map *map = *state;
	char key[32];
	int i;

	for (i = 0; i < 10000; i++) {
		snprintf(key, sizeof key, "user%d@example.org", i);
		put_text(map, key, key);
	}
	for (i = 0; i < 10000; i += 2) {
		snprintf(key, sizeof key, "user%d@example.org", i);
		map_del(map, key);
	}
	assert_int_equal(map_count(map), 5000);
	for (i = 0; i < 10000; i++) {
		snprintf(key, sizeof key, "user%d@example.org", i);
		if (i % 2 == 0)
			assert_null(map_find(map, key));
		else
			assert_string_equal(map_find(map, key), key);
	}
}

static void test_a_full_cache_loses_what_was_used_least_recently(void **state)
{
	struct map *map = map_create(3, count_free);

	(void)state;
	freed = 0;
	put_text(map, "a", "1");
	put_text(map, "b", "2");
	put_text(map, "c", "3");
	assert_int_equal(freed, 0);
	assert_non_null(map_find(map, "a")); /* a is used now, b is the oldest */
	put_text(map, "d", "4");
	assert_int_equal(freed, 1);
	assert_int_equal(map_count(map), 3);
	assert_string_equal(keys_of(map), "d a c");
	put_text(map, "c", "5"); /* a new value for an old key makes nobody go */
	assert_string_equal(keys_of(map), "c d a");
	assert_int_equal(map_count(map), 3);
	map_destroy(map);
}

static void test_a_cache_of_one_keeps_the_last(void **state)
{
	struct map *map = map_create(1, count_free);

	(void)state;
	put_text(map, "a", "1");
	put_text(map, "b", "2");
	assert_string_equal(keys_of(map), "b");
	map_destroy(map);
}

static void test_the_walk_starts_with_the_last_used(void **state)
{
	struct map *map = *state;

	assert_string_equal(keys_of(map), "");
	put_text(map, "a", "1");
	put_text(map, "b", "2");
	put_text(map, "c", "3");
	assert_string_equal(keys_of(map), "c b a");
	map_find(map, "b");
	assert_string_equal(keys_of(map), "b c a");
	map_find(map, "absent");
	assert_string_equal(keys_of(map), "b c a");
}

static void test_the_walk_goes_on_when_its_entry_is_deleted(void **state)
{
	struct map *map = *state;
	void *cursor = NULL, *value;
	const char *key;
	char name[8];
	int i, seen = 0;

	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof name, "%d", i);
		put_text(map, name, name);
	}
	while (map_next(map, &cursor, &key, &value)) {
		assert_string_equal(key, value);
		seen++;
		if (atoi(key) % 3 != 0)
			map_del(map, key);
	}
	assert_int_equal(seen, 100);
	assert_int_equal(map_count(map), 34);
	assert_int_equal(freed, 66);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_was_put_is_found),
		TEST(test_a_second_value_frees_the_first),
		TEST(test_putting_the_value_that_is_there_frees_nothing),
		TEST(test_deleting_frees_and_taking_does_not),
		cmocka_unit_test(test_destroying_frees_every_value),
		cmocka_unit_test(test_values_without_free_function_stay_the_callers),
		TEST(test_ten_thousand_entries_come_and_go),
		cmocka_unit_test(test_a_full_cache_loses_what_was_used_least_recently),
		cmocka_unit_test(test_a_cache_of_one_keeps_the_last),
		TEST(test_the_walk_starts_with_the_last_used),
		TEST(test_the_walk_goes_on_when_its_entry_is_deleted),
	};

	return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}
