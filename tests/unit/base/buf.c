/* A growing row of bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "peppy/buf.h"

static void assert_holds(const struct buf *buf, const char *text)
{
	assert_int_equal(buf->len, strlen(text));
	assert_memory_equal(buf->data, text, buf->len);
}

static void test_what_is_appended_stays_in_order(void **state)
{
	struct buf buf = {0};

	(void)state;
	buf_append(&buf, "<item>", 5);
	buf_append_byte(&buf, ' ');
	buf_append_text(&buf, "id='");
	buf_printf(&buf, "%s%d'", "a", 7);
	assert_holds(&buf, "<item id='a7'");
	buf_finish(&buf);
}

static void test_nothing_may_be_appended_to_nothing(void **state)
{
	struct buf buf = {0};

	(void)state;
	buf_append(&buf, NULL, 0);
	buf_append_text(&buf, "");
	buf_drop(&buf, 0);
	buf_truncate(&buf, 0);
	assert_int_equal(buf.len, 0);
	assert_non_null(buf_reserve(&buf, 0));
	buf_finish(&buf);
}

static void test_reserved_room_is_the_callers_to_fill(void **state)
{
	struct buf buf = {0};
	const size_t room = 100 * 1000;
	char *end;

	(void)state;
	buf_append_text(&buf, "a");
	end = buf_reserve(&buf, room);
	memset(end, 'b', room);
	buf.len += room;
	assert_true(buf.cap >= room + 1);
	assert_memory_equal(buf.data, "ab", 2);
	assert_int_equal(buf.data[room], 'b');
	buf_finish(&buf);
}

static void test_a_hundred_thousand_bytes_survive_the_growing(void **state)
{
	struct buf buf = {0};
	size_t i;

	(void)state;
	for (i = 0; i < 100 * 1000; i++)
		buf_append_byte(&buf, (char)(i % 127));
	for (i = 0; i < 100 * 1000; i++)
		assert_int_equal(buf.data[i], i % 127);
	assert_in_range(buf.cap, buf.len, 2 * buf.len);
	buf_finish(&buf);
}

static void test_printf_leaves_no_nul_behind(void **state)
{
	struct buf buf = {0};

	(void)state;
	buf_printf(&buf, "%s", "a");
	buf_printf(&buf, "%0300d", 0);
	buf_append_text(&buf, "b");
	assert_int_equal(buf.len, 302);
	assert_null(memchr(buf.data, '\0', buf.len));
	buf_finish(&buf);
}

static void test_dropping_moves_the_rest_to_the_front(void **state)
{
	struct buf buf = {0};

	(void)state;
	buf_append_text(&buf, "hamlet@denmark.lit");
	buf_drop(&buf, 7);
	assert_holds(&buf, "denmark.lit");
	buf_drop(&buf, buf.len);
	assert_int_equal(buf.len, 0);
	buf_finish(&buf);
}

static void test_truncating_keeps_the_front_and_the_room(void **state)
{
	struct buf buf = {0};
	size_t cap;

	(void)state;
	buf_append_text(&buf, "hamlet@denmark.lit");
	cap = buf.cap;
	buf_truncate(&buf, 6);
	assert_holds(&buf, "hamlet");
	assert_int_equal(buf.cap, cap);
	buf_finish(&buf);
}

static void test_a_finished_buffer_can_be_used_again(void **state)
{
	struct buf buf = {0};

	(void)state;
	buf_append_text(&buf, "one");
	buf_finish(&buf);
	assert_null(buf.data);
	assert_int_equal(buf.cap, 0);
	buf_append_text(&buf, "two");
	assert_holds(&buf, "two");
	buf_finish(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_appended_stays_in_order),
		cmocka_unit_test(test_nothing_may_be_appended_to_nothing),
		cmocka_unit_test(test_reserved_room_is_the_callers_to_fill),
		cmocka_unit_test(test_a_hundred_thousand_bytes_survive_the_growing),
		cmocka_unit_test(test_printf_leaves_no_nul_behind),
		cmocka_unit_test(test_dropping_moves_the_rest_to_the_front),
		cmocka_unit_test(test_truncating_keeps_the_front_and_the_room),
		cmocka_unit_test(test_a_finished_buffer_can_be_used_again),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
