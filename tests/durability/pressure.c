/* pressure.c - more than the server takes, more than the disk takes: memory stays bounded, and all
 * of it is done in the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peppy/clock.h"
#include "peppy/codec.h"
#include "peppyd.h"
#include "requests.h"
#include "server.h"

#define MIB ((uint64_t)1024 * 1024)
#define DEAF_S 2 /* in full 20 */
#define PUBLISHES 5000
#define FLUSH_MS 30

/* What may wait for a server that does not read: 16 MiB, a turn's output of 4 MiB, the turn itself;
 * and what malloc makes of it. */
#ifdef __SANITIZE_ADDRESS__
#define BOUND (300 * MIB)
#else
#define BOUND (48 * MIB)
#endif

struct run {
	struct server server;
	struct peppyd peppyd;
	uint64_t idle_bytes;
	unsigned answers, refusals, acknowledged, found, notifications, retractions;
	unsigned far_found, far_refused, near_found; /* asked for by users of other servers */
};

static void take_notification(struct run *run, const struct xml_element *items)
{
	const struct xml_element *el;

	for (el = items->first; el != NULL; el = el->next) {
		if (strcmp(el->name, "retract") == 0)
			run->retractions++;
		else
			run->notifications++;
	}
}

static void on_stanza(void *ctx, const struct xml_stanza *stanza)
{
	const struct xml_element *root = stanza->root;
	const char *id = xml_attr(root, "id");
	struct run *run = ctx;
	unsigned n;

	if (strcmp(root->name, "message") == 0) {
		if (notified_items(root, "log") != NULL)
			take_notification(run, notified_items(root, "log"));
		return;
	}
	if (strcmp(id, "far") == 0) {
		run->far_found += has_item(root);
		run->far_refused += !is_result(root);
		return;
	}
	if (strcmp(id, "near") == 0)
		run->near_found += has_item(root);
	else if (number_of(id, "find-i", &n))
		run->found += has_item(root);
	else if (number_of(id, "i", &n))
		run->acknowledged += is_result(root);
	else
		run->answers++;
	run->refusals += !is_result(root);
}

static struct run *start(void)
{
	struct run *run = calloc(1, sizeof *run);

	run->server.ctx = run;
	run->server.on_stanza = on_stanza;
	server_open(&run->server);
	peppyd_make(&run->peppyd, NULL, server_port(&run->server));
	run->peppyd.shim = true;
	peppyd_start(&run->peppyd);
	server_login(&run->server);
	request_create(&run->server.out, "log");
	SERVER_WAIT(&run->server, run->answers == 1);
	run->idle_bytes = peppyd_private_bytes(&run->peppyd);
	return run;
}

static void end(struct run *run)
{
	assert_int_equal(run->refusals, 0);
	server_end(&run->server, &run->peppyd);
	free(run);
}

static void subscribe_many(struct run *run, unsigned n)
{
	unsigned before = run->answers;

	for (unsigned i = 0; i < n; i++)
		request_subscribe(&run->server.out, i, "log");
	SERVER_WAIT(&run->server, run->answers == before + n);
}

/* The most that it used while the server only wrote, for some time. */
static uint64_t peak_of_deaf_time(struct run *run)
{
	uint64_t until = clock_monotonic_us() + durability_rounds(DEAF_S, 20) * UINT64_C(1000000),
		 peak = 0;

	while (clock_monotonic_us() < until) {
		uint64_t bytes = peppyd_private_bytes(&run->peppyd);

		peak = bytes > peak ? bytes : peak;
		server_write(&run->server);
		poll(NULL, 0, 5);
	}
	print_message("# %llu MiB more while the server does not read\n",
		(unsigned long long)((peak - run->idle_bytes) / MIB));
	return peak - run->idle_bytes;
}

static void test_answers_to_a_server_that_does_not_read_are_bounded_and_none_is_lost(void **state)
{
	enum { REQUESTS = 1500, ITEM = 100000 };
	struct run *run = start();

	(void)state;
	request_publish(&run->server.out, "log", "i", 0, ITEM);
	SERVER_WAIT(&run->server, run->acknowledged == 1);
	for (unsigned i = 0; i < REQUESTS; i++)
		request_item(&run->server.out, "log", "i", 0);
	assert_in_range(peak_of_deaf_time(run), 0, BOUND);
	SERVER_WAIT(&run->server, run->found == REQUESTS);
	end(run);
}

static void ask_from(struct run *run, const char *who, unsigned n)
{
	while (n-- > 0)
		buf_printf(&run->server.out,
			"<iq type='get' from='u@%s.example/d' to='" PEPPYD_COMPONENT
			"' id='%s'><pubsub xmlns='" NS_PUBSUB
			"'><items node='log'><item id='i0'/></items></pubsub></iq>",
			who, who);
}

/* Without a bound what the one asks for fills the link, and the other waits for all of it. */
static void test_what_one_domain_asks_for_leaves_room_for_the_others(void **state)
{
	enum { FAR = 600, NEAR = 30, ITEM = 100000, FAR_BYTES = 20000000 };
	struct run *run = start();

	(void)state;
	request_publish(&run->server.out, "log", "i", 0, ITEM);
	SERVER_WAIT(&run->server, run->acknowledged == 1);
	ask_from(run, "far", FAR);
	ask_from(run, "near", NEAR);
	assert_in_range(peak_of_deaf_time(run), 0, BOUND);
	SERVER_WAIT(&run->server, run->far_found + run->far_refused == FAR);
	assert_in_range(run->far_found, 4 * MIB / ITEM, FAR_BYTES / ITEM);
	SERVER_WAIT(&run->server, run->near_found == NEAR);
	run->far_found = 0;
	ask_from(run, "far", 1);
	SERVER_WAIT(&run->server, run->far_found == 1);
	end(run);
}

static void publish_to_the_deaf(unsigned subscribers, unsigned items)
{
	enum { ITEM = 3000 };
	struct run *run = start();

	subscribe_many(run, subscribers);
	for (unsigned i = 0; i < items; i++)
		request_publish(&run->server.out, "log", "i", i, ITEM);
	assert_in_range(peak_of_deaf_time(run), 0, BOUND);
	SERVER_WAIT(&run->server, run->acknowledged == items);
	SERVER_WAIT(&run->server, run->notifications == items * subscribers);
	end(run);
}

static void test_notifications_to_a_server_that_does_not_read_are_bounded_and_none_is_lost(
	void **state)
{
	(void)state;
	publish_to_the_deaf(900, 100);
}

static void test_fanouts_to_a_server_that_does_not_read_are_bounded_and_none_is_lost(void **state)
{
	(void)state;
	publish_to_the_deaf(5000, 10);
}

static void expire_after(struct run *run, unsigned seconds)
{
	unsigned answers = run->answers;
	char body[600];

	snprintf(body, sizeof body,
		"<configure node='log'><x xmlns='jabber:x:data' type='submit'>"
		"<field var='FORM_TYPE'><value>" NS_PUBSUB "#node_config</value></field>"
		"<field var='pubsub#item_expire'><value>%u</value></field>"
		"<field var='pubsub#notify_retract'><value>1</value></field></x></configure>",
		seconds);
	request(&run->server.out, "owner", "set", "configure", NS_PUBSUB_OWNER, body);
	SERVER_WAIT(&run->server, run->answers > answers);
}

/* No turn of the link does it, but the clock. */
static void test_expiries_wait_for_a_server_that_does_not_read(void **state)
{
	enum { SUBSCRIBERS = 900, ITEMS = 400, ITEM = 100 };
	struct run *run = start();

	(void)state;
	for (unsigned i = 0; i < ITEMS; i++)
		request_publish(&run->server.out, "log", "i", i, ITEM);
	SERVER_WAIT(&run->server, run->acknowledged == ITEMS);
	subscribe_many(run, SUBSCRIBERS);
	expire_after(run, 1);
	assert_in_range(peak_of_deaf_time(run), 0, BOUND);
	SERVER_WAIT(&run->server, run->retractions == ITEMS * SUBSCRIBERS);
	end(run);
}

static void test_a_publisher_faster_than_the_disk_waits_and_loses_nothing(void **state)
{
	struct run *run = start();
	uint64_t begun = clock_monotonic_us(), peak = 0, took_ms;
	char fault[32];

	(void)state;
	snprintf(fault, sizeof fault, "slow %d", FLUSH_MS);
	peppyd_fault(&run->peppyd, fault);
	for (unsigned i = 0; i < PUBLISHES; i++)
		request_publish(&run->server.out, "log", "i", i, 2000);
	while (run->acknowledged < PUBLISHES) {
		uint64_t bytes = peppyd_private_bytes(&run->peppyd);

		peak = bytes > peak ? bytes : peak;
		assert_true(server_step(&run->server, 10));
	}
	took_ms = (clock_monotonic_us() - begun) / 1000;
	print_message("# %d publishes of 2 KB with flushes of %d ms: %llu ms, %llu MiB more\n",
		PUBLISHES, FLUSH_MS, (unsigned long long)took_ms,
		(unsigned long long)((peak - run->idle_bytes) / MIB));
	assert_in_range(peak - run->idle_bytes, 0, BOUND);
	peppyd_fault(&run->peppyd, NULL);
	end(run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_answers_to_a_server_that_does_not_read_are_bounded_and_none_is_lost),
		cmocka_unit_test(test_what_one_domain_asks_for_leaves_room_for_the_others),
		cmocka_unit_test(
			test_notifications_to_a_server_that_does_not_read_are_bounded_and_none_is_lost),
		cmocka_unit_test(
			test_fanouts_to_a_server_that_does_not_read_are_bounded_and_none_is_lost),
		cmocka_unit_test(test_expiries_wait_for_a_server_that_does_not_read),
		cmocka_unit_test(test_a_publisher_faster_than_the_disk_waits_and_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
