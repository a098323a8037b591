/* faults.c - a disk that is full, that fails, that becomes read-only. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "peppy/clock.h"
#include "peppy/codec.h"
#include "peppyd.h"
#include "requests.h"
#include "server.h"

#define ITEMS_MAX 50000
#define ITEM_BYTES 2000

struct run {
	struct server server;
	struct peppyd peppyd;
	unsigned published;         /* items asked for: 0 … */
	unsigned answers, refusals; /* to anything but request_publish */
	unsigned found;
	unsigned acknowledged, refused; /* items */
	bool there[ITEMS_MAX];          /* was acknowledged and not retracted since */
};

static bool is_constraint(const struct xml_element *iq)
{
	const struct xml_element *error = xml_child(iq, NS_COMPONENT, "error");

	return error != NULL && strcmp(xml_attr(error, "type"), "wait") == 0 &&
	       xml_child(error, NS_STANZAS, "resource-constraint") != NULL;
}

static void on_stanza(void *ctx, const struct xml_stanza *stanza)
{
	const struct xml_element *iq = stanza->root;
	struct run *run = ctx;
	unsigned n;

	if (strcmp(iq->name, "iq") != 0)
		return;
	if (number_of(xml_attr(iq, "id"), "i", &n)) {
		run->there[n] = is_result(iq);
		run->acknowledged += is_result(iq);
		run->refused += !is_result(iq);
		assert_true(is_result(iq) || is_constraint(iq));
		return;
	}
	if (number_of(xml_attr(iq, "id"), "find-i", &n))
		run->found += has_item(iq);
	run->answers++;
	run->refusals += !is_result(iq);
}

/* ---- what it is told ---- */

static void await_answers(struct run *run, unsigned n)
{
	unsigned until = run->answers + n;

	SERVER_WAIT(&run->server, run->answers == until);
}

/* One item; whether it was taken. */
static bool publish(struct run *run)
{
	unsigned taken = run->acknowledged, answered = run->acknowledged + run->refused;

	assert_in_range(run->published, 0, ITEMS_MAX - 1);
	request_publish(&run->server.out, "log", "i", run->published++, ITEM_BYTES);
	SERVER_WAIT(&run->server, run->acknowledged + run->refused > answered);
	return run->acknowledged > taken;
}

/* Again and again: it looks for room once a second. */
static void publish_in_the_end(struct run *run)
{
	for (uint64_t until = server_deadline(); !publish(run);)
		assert_true(clock_monotonic_us() < until);
}

/* Many at once, until it is full. */
static void fill(struct run *run)
{
	unsigned before = run->refused;

	while (run->refused == before) {
		unsigned until = run->acknowledged + run->refused + 20;

		for (unsigned i = 0; i < 20; i++)
			request_publish(&run->server.out, "log", "i", run->published++, ITEM_BYTES);
		assert_in_range(run->published, 0, ITEMS_MAX - 20);
		SERVER_WAIT(&run->server, run->acknowledged + run->refused == until);
	}
}

/* All that were acknowledged are there. */
static void expect_items(struct run *run)
{
	unsigned n = 0;

	run->found = 0;
	for (unsigned i = 0; i < run->published; i++)
		if (run->there[i]) {
			request_item(&run->server.out, "log", "i", i);
			n++;
		}
	await_answers(run, n);
	assert_int_equal(run->found, n);
}

static void retract(struct run *run, unsigned most)
{
	unsigned n = 0, refusals = run->refusals;

	for (unsigned i = 0; i < run->published && n < most; i++)
		if (run->there[i]) {
			request_retract(&run->server.out, "log", "i", i);
			run->there[i] = false;
			n++;
		}
	await_answers(run, n);
	assert_int_equal(run->refusals, refusals);
}

/* ---- start and end ---- */

static struct run *start(const char *parent, const char *store)
{
	struct run *run = calloc(1, sizeof *run);

	run->server.ctx = run;
	run->server.on_stanza = on_stanza;
	server_open(&run->server);
	peppyd_make(&run->peppyd, parent, server_port(&run->server));
	run->peppyd.store = store;
	run->peppyd.shim = true;
	peppyd_start(&run->peppyd);
	server_login(&run->server);
	request_create(&run->server.out, "log");
	request_create(&run->server.out, "other");
	request_subscribe(&run->server.out, 1, "other");
	await_answers(run, 3);
	assert_int_equal(run->refusals, 0);
	return run;
}

static void end(struct run *run)
{
	server_end(&run->server, &run->peppyd);
	free(run);
}

/* ---- full ---- */

static void expect_all_but_additions(struct run *run)
{
	struct buf *out = &run->server.out;
	unsigned refusals = run->refusals;

	assert_false(publish(run));
	expect_items(run);
	retract(run, 1);
	request(out, "u1", "set", "unsubscribe", NS_PUBSUB,
		"<unsubscribe node='other' jid='u1@example.org'/>");
	request(out, "owner", "set", "delete", NS_PUBSUB_OWNER, "<delete node='other'/>");
	await_answers(run, 2);
	assert_int_equal(run->refusals, refusals);
	request_subscribe(out, 2, "log");
	request_create(out, "another");
	await_answers(run, 2);
	assert_int_equal(run->refusals, refusals + 2);
}

/* Whatever is full: it is emptied again, item by item, and filled and purged. */
static void empty(struct run *run)
{
	retract(run, ITEMS_MAX);
	publish_in_the_end(run);
	fill(run);
	request(&run->server.out, "owner", "set", "purge", NS_PUBSUB_OWNER, "<purge node='log'/>");
	memset(run->there, 0, sizeof run->there);
	await_answers(run, 1);
	publish_in_the_end(run);
	expect_items(run);
}

static void test_a_full_map_takes_nothing_and_gives_everything(void **state)
{
	struct run *run = start(NULL, "max-size = 4M\n");

	(void)state;
	fill(run);
	expect_all_but_additions(run);
	empty(run);
	end(run);
}

/* The disk ends where the blocks end that the store has by now. */
static void fill_disk(const struct run *run)
{
	char path[300], fault[64];
	struct stat st;

	peppyd_path(&run->peppyd, "store/data.mdb", path);
	assert_int_equal(stat(path, &st), 0);
	snprintf(fault, sizeof fault, "full %lld", (long long)st.st_blocks * 512);
	peppyd_fault(&run->peppyd, fault);
}

static void test_a_full_disk_takes_nothing_and_gives_everything(void **state)
{
	struct run *run = start(NULL, NULL);

	(void)state;
	fill_disk(run);
	fill(run);
	expect_all_but_additions(run);
	empty(run);
	end(run);
}

static void test_when_the_disk_has_room_again_it_goes_on_by_itself(void **state)
{
	struct run *run = start(NULL, NULL);

	(void)state;
	fill_disk(run);
	fill(run);
	peppyd_fault(&run->peppyd, NULL);
	publish_in_the_end(run);
	expect_items(run);
	assert_true(peppyd_logged(&run->peppyd, "there is room again"));
	end(run);
}

/* A real file system with a real end, where that may be had. */
static void test_a_full_file_system(void **state)
{
	char folder[] = "/tmp/peppy-durability-mount-XXXXXX";
	struct run *run;

	(void)state;
	assert_non_null(mkdtemp(folder));
	if (mount("peppy", folder, "tmpfs", 0, "size=12m,mode=0700") != 0) {
		rmdir(folder);
		print_message("# no tmpfs may be mounted here: %s\n", strerror(errno));
		return;
	}
	run = start(folder, NULL);
	fill(run);
	expect_all_but_additions(run);
	empty(run);
	end(run);
	assert_int_equal(umount(folder), 0);
	rmdir(folder);
}

/* ---- broken ---- */

static void expect_end(const char *fault)
{
	struct run *run = start(NULL, NULL);
	unsigned acknowledged;

	for (unsigned i = 0; i < 20; i++)
		assert_true(publish(run));
	acknowledged = run->acknowledged;
	peppyd_fault(&run->peppyd, fault);
	request_publish(&run->server.out, "log", "i", run->published++, ITEM_BYTES);
	while (server_step(&run->server, 1000))
		;
	server_hang_up(&run->server);
	assert_int_equal(run->acknowledged + run->refused, acknowledged);
	assert_int_equal(peppyd_await_end(&run->peppyd), EX_IOERR);
	peppyd_fault(&run->peppyd, NULL);
	peppyd_check_store(&run->peppyd);
	peppyd_start(&run->peppyd);
	server_login(&run->server);
	expect_items(run);
	assert_true(publish(run));
	end(run);
}

static void test_a_flush_that_fails_ends_it_at_once_with_status_74(void **state)
{
	(void)state;
	expect_end("flush 5"); /* EIO */
}

static void test_a_write_that_fails_ends_it_at_once_with_status_74(void **state)
{
	(void)state;
	expect_end("write 5");
}

static void test_a_disk_that_became_read_only_ends_it_with_status_74(void **state)
{
	(void)state;
	expect_end("write 30"); /* EROFS */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_full_map_takes_nothing_and_gives_everything),
		cmocka_unit_test(test_a_full_disk_takes_nothing_and_gives_everything),
		cmocka_unit_test(test_when_the_disk_has_room_again_it_goes_on_by_itself),
		cmocka_unit_test(test_a_full_file_system),
		cmocka_unit_test(test_a_flush_that_fails_ends_it_at_once_with_status_74),
		cmocka_unit_test(test_a_write_that_fails_ends_it_at_once_with_status_74),
		cmocka_unit_test(test_a_disk_that_became_read_only_ends_it_with_status_74),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
