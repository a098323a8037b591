/* readers.c - other processes that read: their pages stay, the file grows, it is told; when they
 * are gone, even by kill -9, pages are used again. */
#include "support.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "peppy/log.h"

#define LAG 1000 /* transactions that a reader may lie behind untold */

/* The linker puts it in the place of the system's (--wrap). */
static uint64_t now_us;
uint64_t __wrap_clock_monotonic_us(void);

uint64_t __wrap_clock_monotonic_us(void)
{
	return now_us;
}

static void a_minute_passes(void)
{
	now_us += 60000001;
}

/* Always the same few items: no more data than before. */
static void write_some(struct fixture *f, unsigned transactions)
{
	static const char *const ids[] = {"a", "b", "c"};
	unsigned i;

	for (i = 0; i < transactions; i++) {
		writing(f);
		publish(f, get_node(f, SERVICE, "news"), ids[i % 3], 1);
		ok(store_commit(f->txn));
		f->txn = NULL;
		arena_reset(f->arena);
	}
}

static struct store_usage usage(struct fixture *f)
{
	struct store_usage used;

	reading(f);
	ok(store_usage(f->txn, &used));
	aborting(f);
	return used;
}

static int log_start(void)
{
	int log = memfd_create("log", MFD_CLOEXEC), kept = dup(STDERR_FILENO);

	dup2(log, STDERR_FILENO);
	close(log);
	return kept;
}

static unsigned log_count(const char *text)
{
	char log[16384];
	ssize_t n = pread(STDERR_FILENO, log, sizeof log - 1, 0);
	unsigned count = 0;
	const char *at;

	log[n > 0 ? n : 0] = '\0';
	for (at = log; (at = strstr(at, text)) != NULL; at++)
		count++;
	return count;
}

static void open_small(struct fixture *f)
{
	fixture_open_lmdb(f);
	writing(f);
	make_node(f, SERVICE, "news");
	ok(store_commit(f->txn));
	f->txn = NULL;
	write_some(f, 100);
}

static void test_pages_are_used_again_when_nobody_reads_them(void **state)
{
	struct fixture f;
	uint64_t before;

	(void)state;
	open_small(&f);
	before = usage(&f).file_bytes;
	write_some(&f, 2000);
	assert_int_equal(usage(&f).file_bytes, before);
	assert_int_equal(usage(&f).reader_lag, 0);
	fixture_close(&f);
}

static void test_a_reader_pins_pages_and_is_told_of_once(void **state)
{
	struct fixture f;
	uint64_t before;
	pid_t reader;
	int kept;

	(void)state;
	open_small(&f);
	before = usage(&f).file_bytes;
	reader = start_reader(f.folder);
	write_some(&f, LAG - 1);
	kept = log_start();
	a_minute_passes();
	write_some(&f, 1);
	assert_int_equal(log_count("transactions behind"), 0);
	a_minute_passes();
	write_some(&f, 10);
	a_minute_passes();
	write_some(&f, 10);
	assert_int_equal(log_count("transactions behind"), 1);
	dup2(kept, STDERR_FILENO);
	close(kept);
	assert_in_range(usage(&f).reader_lag, LAG + 10, LAG + 30);
	assert_true(usage(&f).file_bytes > before + 1000 * 4096);
	kill_reader(reader);
	fixture_close(&f);
}

static void test_a_killed_reader_is_cleared_away_within_a_minute(void **state)
{
	struct fixture f;
	uint64_t before;
	pid_t reader;

	(void)state;
	log_level_set(LOG_LEVEL_ERROR);
	open_small(&f);
	reader = start_reader(f.folder);
	write_some(&f, 50);
	kill_reader(reader);
	assert_true(usage(&f).reader_lag > 0);
	a_minute_passes();
	write_some(&f, 1);
	assert_int_equal(usage(&f).reader_lag, 0);
	before = usage(&f).file_bytes;
	write_some(&f, 500);
	assert_int_equal(usage(&f).file_bytes, before);
	log_level_set(LOG_LEVEL_INFO);
	fixture_close(&f);
}

/* What is told by the next transaction. */
static size_t told_by_next(struct fixture *f, char *out, size_t size)
{
	const int kept = dup(STDERR_FILENO);
	int ends[2];
	ssize_t n;

	ok(pipe2(ends, O_NONBLOCK));
	dup2(ends[1], STDERR_FILENO);
	write_some(f, 1);
	dup2(kept, STDERR_FILENO);
	n = read(ends[0], out, size - 1);
	out[n < 0 ? 0 : n] = '\0';
	close(ends[0]);
	close(ends[1]);
	close(kept);
	return n < 0 ? 0 : (size_t)n;
}

static void test_a_file_that_was_deleted_is_told_every_minute_and_still_there(void **state)
{
	struct fixture f;
	struct stat st;
	char text[512];
	char *path;

	(void)state;
	log_level_set(LOG_LEVEL_ERROR);
	open_small(&f);
	ok(unlink(arena_printf(f.arena, "%s/data.mdb", f.folder)));
	assert_int_equal(told_by_next(&f, text, sizeof text), 0);
	for (int i = 0; i < 2; i++) {
		a_minute_passes();
		assert_true(told_by_next(&f, text, sizeof text) > 0);
		path = strstr(text, "/proc/");
		assert_non_null(path);
		path[strcspn(path, "\"")] = '\0';
		ok(stat(path, &st));
		assert_true(S_ISREG(st.st_mode) && st.st_nlink == 0 && st.st_size > 0);
		assert_int_equal(told_by_next(&f, text, sizeof text), 0);
	}
	log_level_set(LOG_LEVEL_INFO);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages_are_used_again_when_nobody_reads_them),
		cmocka_unit_test(test_a_reader_pins_pages_and_is_told_of_once),
		cmocka_unit_test(test_a_killed_reader_is_cleared_away_within_a_minute),
		cmocka_unit_test(test_a_file_that_was_deleted_is_told_every_minute_and_still_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
