/* One line an event. Standard error is a socket of datagrams here: each write(2) is one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "peppy/clock.h"
#include "peppy/log.h"

static uint64_t now_us; /* in the place of the system's: --wrap */

uint64_t __wrap_clock_monotonic_us(void);

uint64_t __wrap_clock_monotonic_us(void)
{
	return now_us;
}

static int kept_stderr;
static int lines;

static int set_up(void **state)
{
	int ends[2];

	(void)state;
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) != 0)
		return -1;
	kept_stderr = dup(STDERR_FILENO);
	dup2(ends[0], STDERR_FILENO);
	close(ends[0]);
	lines = ends[1];
	now_us += UINT64_C(3600000000); /* whatever was said before is long ago */
	log_level_set(LOG_LEVEL_INFO);
	unsetenv("JOURNAL_STREAM");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	dup2(kept_stderr, STDERR_FILENO);
	close(kept_stderr);
	close(lines);
	return 0;
}

/* The next line, without its end; NULL if there is none. */
static char *next_line(void)
{
	static char line[16384];
	ssize_t len = recv(lines, line, sizeof line - 1, MSG_DONTWAIT);

	if (len < 0)
		return NULL;
	assert_int_equal(line[len - 1], '\n');
	line[len - 1] = '\0';
	return line;
}

/* What follows the time. */
static const char *next_text(void)
{
	char *line = next_line();
	char *space;
	uint64_t us;

	assert_non_null(line);
	space = strchr(line, ' ');
	assert_non_null(space);
	*space = '\0';
	assert_true(clock_stamp_parse(line, &us));
	return space + 1;
}

static void hand_over_to_journal(void)
{
	char stream[64];
	struct stat st;

	fstat(STDERR_FILENO, &st);
	snprintf(stream, sizeof stream, "%llu:%llu", (unsigned long long)st.st_dev,
		(unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
}

static void test_a_line_is_time_level_area_and_text(void **state)
{
	(void)state;
	log_error("store", "cannot open %s: %d", "/x", 2);
	assert_string_equal(next_text(), "level=error area=store msg=\"cannot open /x: 2\"");
	log_warning("wire", "%s", "slow");
	assert_string_equal(next_text(), "level=warning area=wire msg=\"slow\"");
	log_info("wire", "up");
	assert_string_equal(next_text(), "level=info area=wire msg=\"up\"");
	assert_null(next_line());
}

static void test_lines_below_the_level_are_not_written(void **state)
{
	(void)state;
	log_debug("wire", "no");
	assert_null(next_line());
	log_level_set(LOG_LEVEL_ERROR);
	log_warning("wire", "no");
	assert_null(next_line());
	log_error("wire", "yes");
	assert_non_null(next_line());
	log_level_set(LOG_LEVEL_DEBUG);
	log_debug("wire", "yes");
	assert_string_equal(next_text(), "level=debug area=wire msg=\"yes\"");
}

static void test_a_text_cannot_begin_or_end_a_line(void **state)
{
	(void)state;
	log_info("wire", "%s", "a\nlevel=error msg=\"b\\\"\r\t\x1b[31m\x7f");
	assert_string_equal(next_text(), "level=info area=wire msg=\"a\\x0alevel=error "
					 "msg=\\\"b\\\\\\\"\\x0d\\x09\\x1b[31m\\x7f\"");
	assert_null(next_line());
}

static void test_utf8_is_written_as_it_is(void **state)
{
	const char *text = "\xc3\xa4 \xe4\xb8\xad \xf0\x9f\x98\x80";
	char expected[128];

	(void)state;
	log_info("wire", "%s", text);
	snprintf(expected, sizeof expected, "level=info area=wire msg=\"%s\"", text);
	assert_string_equal(next_text(), expected);
}

static void test_what_is_not_utf8_or_a_command_is_escaped(void **state)
{
	(void)state;
	log_info("wire", "%s", "\xff \xc3 \x80 \xc0\x80 \xe4\xb8 \xf0\x9f\x98");
	assert_string_equal(next_text(),
		"level=info area=wire msg=\"\\xff \\xc3 \\x80 \\xc0\\x80 \\xe4\\xb8 "
		"\\xf0\\x9f\\x98\"");
	log_info("wire", "%s",
		"\xc2\x9b"
		"31m"); /* U+009B is what ESC [ is */
	assert_string_equal(next_text(), "level=info area=wire msg=\"\\xc2\\x9b31m\"");
}

static void test_a_long_text_is_cut_and_says_so(void **state)
{
	static char text[100000];
	const char *line;
	size_t len;

	(void)state;
	memset(text, '\n', sizeof text - 1);
	log_info("wire", "%s", text);
	line = next_text();
	len = strlen(line);
	assert_in_range(len, 4000, 16000);
	assert_string_equal(line + len - 8, "\\x0a...\"");
	assert_null(next_line());
}

static void test_the_journal_gets_the_priority_and_no_time(void **state)
{
	(void)state;
	hand_over_to_journal();
	log_error("store", "full");
	assert_string_equal(next_line(), "<3>level=error area=store msg=\"full\"");
	log_info("store", "open");
	assert_string_equal(next_line(), "<6>level=info area=store msg=\"open\"");
}

static void test_a_journal_that_is_not_standard_error_counts_for_nothing(void **state)
{
	(void)state;
	setenv("JOURNAL_STREAM", "1:1", 1);
	log_info("store", "open");
	assert_string_equal(next_text(), "level=info area=store msg=\"open\"");
	setenv("JOURNAL_STREAM", "nonsense", 1);
	log_info("store", "open");
	assert_string_equal(next_text(), "level=info area=store msg=\"open\"");
}

static void test_levels_have_words(void **state)
{
	static const char *const words[LOG_LEVEL_COUNT] = {"error", "warning", "info", "debug"};
	enum log_level level;
	int i;

	(void)state;
	for (i = 0; i < LOG_LEVEL_COUNT; i++) {
		assert_true(log_level_parse(words[i], &level));
		assert_int_equal(level, i);
	}
	assert_false(log_level_parse("Info", &level));
	assert_false(log_level_parse("warn", &level));
	assert_false(log_level_parse("", &level));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static void test_an_area_may_be_louder_or_quieter_than_others(void **state)
{
	(void)state;
	assert_true(log_area_level_set("wire", LOG_LEVEL_DEBUG));
	assert_true(log_area_level_set("store", LOG_LEVEL_ERROR));
	log_debug("wire", "loud");
	assert_string_equal(next_text(), "level=debug area=wire msg=\"loud\"");
	log_debug("pep", "not so loud");
	log_warning("store", "quiet");
	assert_null(next_line());
	assert_false(log_area_level_set("moon", LOG_LEVEL_DEBUG));
	log_level_set(LOG_LEVEL_INFO);
	assert_int_equal(log_area_level("wire"), LOG_LEVEL_INFO);
}

static void test_what_would_mislead_a_reader_is_escaped(void **state)
{
	(void)state;
	log_info("wire", "a\u2028b\u202Ec\u2066d\u200Fe\u2070f");
	assert_string_equal(next_text(),
		"level=info area=wire msg=\"a\\xe2\\x80\\xa8b\\xe2\\x80\\xaec\\xe2\\x81\\xa6d"
		"\\xe2\\x80\\x8fe\u2070f\"");
}

static int say_often(int times)
{
	int told = 0;

	for (int i = 0; i < times; i++) {
		log_warning("wire", "%d comes again", i);
		told += next_line() != NULL;
	}
	return told;
}

static void test_of_a_flood_fifty_lines_are_written(void **state)
{
	(void)state;
	assert_int_equal(say_often(40), 40);
	assert_int_equal(say_often(40), 10);
	log_warning("wire", "something else");
	assert_string_equal(next_text(), "level=warning area=wire msg=\"something else\"");
	now_us += 9999999;
	assert_int_equal(say_often(5), 0);
	now_us++;
	assert_int_equal(say_often(60), 50);
}

static void test_after_a_flood_a_line_says_how_many_were_left_out(void **state)
{
	(void)state;
	assert_int_equal(say_often(70), 50);
	now_us += 10000000;
	for (int i = 0; i < 2; i++)
		log_warning("wire", "%d comes again", i);
	assert_string_equal(
		next_text(), "level=warning area=wire left_out=20 msg=\"0 comes again\"");
	assert_string_equal(next_text(), "level=warning area=wire msg=\"1 comes again\"");
}

static void test_what_operators_do_and_debugging_is_always_written(void **state)
{
	int told = 0;

	(void)state;
	log_level_set(LOG_LEVEL_DEBUG);
	for (int i = 0; i < 100; i++) {
		log_info("control", "an operator does something");
		log_debug("wire", "a byte");
		told += (next_line() != NULL) + (next_line() != NULL);
	}
	assert_int_equal(told, 200);
}

static unsigned wiped;

static void wipe(void)
{
	wiped++;
}

static void test_a_tool_speaks_to_people(void **state)
{
	(void)state;
	log_speak_as("peppyctl", wipe);
	log_error("store", "/a \"b\": %s", "there\nis none");
	log_info("store", "so it is");
	log_debug("store", "unheard");
	log_speak_as(NULL, NULL);
	assert_string_equal(next_line(), "peppyctl: /a \"b\": there\\x0ais none");
	assert_string_equal(next_line(), "peppyctl: so it is");
	assert_null(next_line());
	assert_int_equal(wiped, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_line_is_time_level_area_and_text),
		TEST(test_lines_below_the_level_are_not_written),
		TEST(test_a_text_cannot_begin_or_end_a_line),
		TEST(test_utf8_is_written_as_it_is),
		TEST(test_what_is_not_utf8_or_a_command_is_escaped),
		TEST(test_a_long_text_is_cut_and_says_so),
		TEST(test_the_journal_gets_the_priority_and_no_time),
		TEST(test_a_journal_that_is_not_standard_error_counts_for_nothing),
		cmocka_unit_test(test_levels_have_words),
		TEST(test_what_would_mislead_a_reader_is_escaped),
		TEST(test_of_a_flood_fifty_lines_are_written),
		TEST(test_after_a_flood_a_line_says_how_many_were_left_out),
		TEST(test_what_operators_do_and_debugging_is_always_written),
		TEST(test_a_tool_speaks_to_people),
		TEST(test_an_area_may_be_louder_or_quieter_than_others),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
