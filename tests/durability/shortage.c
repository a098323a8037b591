/* shortage.c - memory, or descriptors, cannot be had. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "peppyd.h"
#include "requests.h"
#include "server.h"

#define MIB ((uint64_t)1024 * 1024)
#define ITEM_BYTES 60000
#define DESCRIPTORS 30 /* peppyd needs about half of them */
#define CLIENTS 24     /* of the control socket */

struct run {
	struct server server;
	struct peppyd peppyd;
	unsigned answers, refusals, acknowledged, found;
};

static void on_stanza(void *ctx, const struct xml_stanza *stanza)
{
	const struct xml_element *root = stanza->root;
	const char *id = xml_attr(root, "id");
	struct run *run = ctx;
	unsigned n;

	if (strcmp(root->name, "iq") != 0)
		return;
	if (number_of(id, "find-i", &n))
		run->found += has_item(root);
	else if (number_of(id, "i", &n))
		run->acknowledged += is_result(root);
	else
		run->answers++;
	run->refusals += !is_result(root);
}

static struct run *start(uint64_t memory, uint64_t descriptors)
{
	struct run *run = calloc(1, sizeof *run);

	run->server.ctx = run;
	run->server.on_stanza = on_stanza;
	server_open(&run->server);
	peppyd_make(&run->peppyd, NULL, server_port(&run->server));
	run->peppyd.memory_limit = memory;
	run->peppyd.descriptor_limit = descriptors;
	peppyd_start(&run->peppyd);
	return run;
}

static void end(struct run *run)
{
	server_end(&run->server, &run->peppyd);
	free(run);
}

static void publish(struct run *run, unsigned from, unsigned to)
{
	for (unsigned i = from; i < to; i++)
		request_publish(&run->server.out, "log", "i", i, ITEM_BYTES);
}

/* ---- memory ---- */

/* AddressSanitizer takes terabytes of addresses. */
static bool memory_can_be_limited(void)
{
#ifdef __SANITIZE_ADDRESS__
	print_message("# not with AddressSanitizer\n");
	return false;
#else
	return true;
#endif
}

/* The file may grow to 64 GiB, which is what would be mapped. */
static void test_with_few_addresses_the_map_is_smaller_and_it_serves(void **state)
{
	struct run *run;

	(void)state;
	if (!memory_can_be_limited())
		return;
	run = start(3000 * MIB, 0);
	server_login(&run->server);
	request_create(&run->server.out, "log");
	publish(run, 0, 100);
	SERVER_WAIT(&run->server, run->acknowledged == 100);
	assert_true(peppyd_logged(&run->peppyd, "no room for a map that large"));
	end(run);
}

/* Of one that could not start. */
static void expect_refusal(struct run *run, const char *text)
{
	assert_int_not_equal(peppyd_await_end(&run->peppyd), 0);
	assert_true(peppyd_logged(&run->peppyd, text));
	peppyd_remove(&run->peppyd);
	server_close(&run->server);
	free(run);
}

static void test_too_few_addresses_to_begin_with_are_told(void **state)
{
	(void)state;
	if (!memory_can_be_limited())
		return;
	expect_refusal(start(300 * MIB, 0), "cannot open the store: Cannot allocate memory");
}

static void test_what_was_acknowledged_before_memory_ran_out_is_there_afterwards(void **state)
{
	struct run *run;

	(void)state;
	if (!memory_can_be_limited())
		return;
	run = start(0, 0);
	server_login(&run->server);
	request_create(&run->server.out, "log");
	publish(run, 0, 50);
	SERVER_WAIT(&run->server, run->acknowledged == 50);
	peppyd_limit_memory(&run->peppyd);
	for (unsigned i = 0; i < 1000; i++) /* 60 MB of answers to somebody who does not read */
		request_item(&run->server.out, "log", "i", i % 50);
	while (peppyd_runs(&run->peppyd)) {
		server_write(&run->server);
		poll(NULL, 0, 5);
	}
	server_hang_up(&run->server);
	assert_int_equal(peppyd_await_abort(&run->peppyd), SIGABRT);
	assert_true(peppyd_logged(&run->peppyd, "out of memory"));
	peppyd_start(&run->peppyd);
	server_login(&run->server);
	run->found = 0;
	for (unsigned i = 0; i < 50; i++)
		request_item(&run->server.out, "log", "i", i);
	SERVER_WAIT(&run->server, run->found == 50);
	end(run);
}

/* ---- descriptors ---- */

static int connect_to_control(const struct run *run)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char path[300];
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	peppyd_path(&run->peppyd, "store/peppy.sock", path);
	assert_in_range(strlen(path), 1, sizeof address.sun_path - 1);
	strcpy(address.sun_path, path);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	return fd;
}

static void test_without_descriptors_the_link_works_and_a_lost_one_comes_back(void **state)
{
	struct run *run = start(0, DESCRIPTORS);
	int clients[CLIENTS];
	uint64_t before_ms;

	(void)state;
	server_login(&run->server);
	request_create(&run->server.out, "log");
	SERVER_WAIT(&run->server, run->answers == 1);
	for (unsigned i = 0; i < CLIENTS; i++)
		clients[i] = connect_to_control(run);
	while (!peppyd_logged(&run->peppyd, "cannot accept connections"))
		poll(NULL, 0, 20);
	before_ms = peppyd_cpu_ms(&run->peppyd);
	publish(run, 0, 20);
	SERVER_WAIT(&run->server, run->acknowledged == 20);
	server_hang_up(&run->server);
	poll(NULL, 0, 2500); /* it tries, and cannot */
	assert_in_range(peppyd_cpu_ms(&run->peppyd) - before_ms, 0, 1000);
	for (unsigned i = 0; i < CLIENTS; i++)
		close(clients[i]);
	server_login(&run->server);
	publish(run, 20, 40);
	SERVER_WAIT(&run->server, run->acknowledged == 40);
	close(connect_to_control(run));
	end(run);
}

static void test_too_few_descriptors_to_begin_with_are_told(void **state)
{
	(void)state;
	expect_refusal(start(0, 5), "cannot open the store: Too many open files");
	expect_refusal(start(0, 8), "level=error");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_with_few_addresses_the_map_is_smaller_and_it_serves),
		cmocka_unit_test(test_too_few_addresses_to_begin_with_are_told),
		cmocka_unit_test(
			test_what_was_acknowledged_before_memory_ran_out_is_there_afterwards),
		cmocka_unit_test(test_without_descriptors_the_link_works_and_a_lost_one_comes_back),
		cmocka_unit_test(test_too_few_descriptors_to_begin_with_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
