/* loss.c - a stream that is lost with output in it: notifications go first on the next one, at
 * whole stanzas; answers are gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "rig.h"

static void send_text(struct rig *rig, const char *text, bool keep)
{
	wire_link_send(rig->link, text, strlen(text), keep);
}

/* Notifications n to m - 1, an answer between any two. */
static void send_numbers(struct rig *rig, unsigned n, unsigned m)
{
	char text[2000];

	for (; n < m; n++) {
		snprintf(
			text, sizeof text, "<message id='%u'><body>%01000u</body></message>", n, n);
		send_text(rig, text, true);
		snprintf(text, sizeof text, "<iq type='result' id='%u'/>", n);
		send_text(rig, text, false);
	}
}

/* All that the kernel took of the stream reaches the server, and not a byte more. */
static void read_what_was_taken(struct rig *rig)
{
	uint64_t taken = wire_link_sent(rig->link) - wire_link_queued(rig->link);

	while (rig->received_bytes < taken) {
		size_t missing = taken - rig->received_bytes;
		ssize_t n = recv(rig->peer, buf_reserve(&rig->received, missing), missing, 0);

		if (n > 0) {
			rig->received.len += (size_t)n;
			rig->received_bytes += (size_t)n;
		}
	}
}

/* How many whole notifications came, which have to be n, n + 1, … */
static unsigned count_numbers(struct rig *rig, unsigned n)
{
	const char *at = rig->received.data, *end = at + rig->received.len;
	char start[64];

	for (;; n++) {
		int len = snprintf(start, sizeof start, "<message id='%u'>", n);
		const char *message = memmem(at, (size_t)(end - at), start, (size_t)len);
		const char *close = message == NULL ? NULL
						    : memmem(message, (size_t)(end - message),
							      "</message>", 10);

		if (close == NULL)
			return n;
		at = close;
	}
}

static void lose(struct rig *rig)
{
	unsigned downs = rig->downs;

	server_hang_up(rig);
	RIG_WAIT(rig, rig->downs > downs);
}

static void test_notifications_go_on_where_the_lost_stream_was_cut(void **state)
{
	struct rig *rig = *state;
	unsigned got;

	rig_start(rig);
	server_login(rig);
	rig->deaf = true;
	send_numbers(rig, 0, 8000);
	rig_settle(rig);
	assert_true(wire_link_queued(rig->link) > 100 * 1000);
	read_what_was_taken(rig);
	got = count_numbers(rig, 0);
	assert_in_range(got, 1, 7990);
	lose(rig);
	rig->deaf = false;
	server_login(rig);
	RIG_WAIT(rig, wire_link_queued(rig->link) == 0);
	rig_settle(rig);
	assert_int_equal(count_numbers(rig, got), 8000);
	assert_memory_equal(rig->received.data, "<message id='", 13);
	assert_int_equal(strtoul(rig->received.data + 13, NULL, 10), got);
	assert_null(memmem(rig->received.data, rig->received.len, "<iq", 3));
}

static void test_what_lies_in_the_kernel_has_not_arrived(void **state)
{
	struct rig *rig = *state;
	uint64_t arrived, taken_by_kernel;

	rig_start(rig);
	server_login(rig);
	rig->deaf = true;
	send_numbers(rig, 0, 8000);
	rig_settle(rig);
	taken_by_kernel = wire_link_sent(rig->link) - wire_link_queued(rig->link);
	arrived = wire_link_taken(rig->link);
	assert_in_range(arrived, 1, taken_by_kernel - 1);
	lose(rig);
	assert_in_range(wire_link_taken(rig->link), 1, taken_by_kernel - 1);
	assert_int_equal(wire_link_sent(rig->link), wire_link_taken(rig->link));
}

static void test_a_stream_that_is_lost_again_and_again_loses_no_notification(void **state)
{
	struct rig *rig = *state;
	unsigned got = 0, rounds = 0;

	rig_start(rig);
	server_login(rig);
	rig->deaf = true;
	send_numbers(rig, 0, 12000);
	while (got < 12000) {
		rig_settle(rig);
		read_what_was_taken(rig);
		got = count_numbers(rig, got);
		lose(rig);
		rig->deaf = false;
		server_login(rig);
		rig->deaf = true;
		rounds++;
		assert_in_range(rounds, 1, 1000);
	}
	assert_in_range(rounds, 2, 1000);
}

static void test_what_is_sent_while_the_link_is_down_goes_first(void **state)
{
	struct rig *rig = *state;

	rig->say_at_up = "<iq id='up'/>";
	rig_start(rig);
	send_text(rig, "<message id='early'/>", true);
	send_text(rig, "<iq id='lost'/>", false);
	server_login(rig);
	server_await(rig, "<message id='early'/><iq id='up'/>");
	lose(rig);
	send_text(rig, "<message id='meanwhile'/>", true);
	server_login(rig);
	rig_settle(rig);
	server_await(rig, "<message id='meanwhile'/><iq id='up'/>");
	assert_int_equal(rig->received.len, 0);
	assert_int_equal(wire_link_queued(rig->link), 0);
}

static void test_what_is_kept_is_bounded_and_the_rest_is_logged(void **state)
{
	struct rig *rig = *state;
	char *stanza = calloc(1, 100 * 1000 + 1);

	memset(stanza, ' ', 100 * 1000);
	memcpy(stanza, "<message", 8);
	memcpy(stanza + 100 * 1000 - 2, "/>", 2);
	rig->opt.high_water_bytes = 1000 * 1000;
	rig_start(rig);
	for (unsigned i = 0; i < 100; i++)
		send_text(rig, stanza, true);
	assert_int_equal(wire_link_queued(rig->link), 11 * 100 * 1000);
	assert_int_equal(rig_log_count(rig, "more are dropped"), 1);
	server_login(rig);
	RIG_WAIT(rig, rig->received.len == 11 * 100 * 1000);
	rig->deaf = true;
	while (wire_link_queued(rig->link) < 2500 * 1000) {
		send_text(rig, stanza, true);
		rig_step(rig);
	}
	lose(rig);
	assert_true(wire_link_queued(rig->link) <= 11 * 100 * 1000);
	assert_int_equal(rig_log_count(rig, "are lost with the stream"), 1);
	free(stanza);
}

/* Its own turns have ended before: this comes from elsewhere. */
static void test_a_server_that_never_reads_is_given_up_in_the_end(void **state)
{
	struct rig *rig = *state;

	rig->opt.high_water_bytes = 100 * 1000;
	rig_start(rig);
	server_login(rig);
	rig->deaf = true;
	while (rig->downs == 0) {
		send_numbers(rig, 0, 50);
		rig_step(rig);
	}
	assert_true(rig_logged(rig, "the server does not read"));
	assert_in_range(wire_link_queued(rig->link), 100 * 1000, 110 * 1000);
	server_hang_up(rig);
	rig->deaf = false;
	server_login(rig);
	RIG_WAIT(rig, wire_link_queued(rig->link) == 0);
}

static void test_a_link_that_closes_keeps_nothing(void **state)
{
	struct rig *rig = *state;

	rig_start(rig);
	server_login(rig);
	wire_link_close(rig->link, 60000, NULL, NULL);
	server_await(rig, "</stream:stream>");
	send_text(rig, "<message/>", true);
	assert_int_equal(wire_link_queued(rig->link), 0);
}

static void test_a_link_with_much_kept_takes_no_turn_until_it_has_left(void **state)
{
	struct rig *rig = *state;

	rig->opt.high_water_bytes = 1024 * 1024;
	rig_start(rig);
	send_numbers(rig, 0, 5000);
	server_login(rig);
	rig->deaf = true;
	server_say(rig, "<a/>");
	RIG_WAIT(rig, rig->stanzas.len > 0 || rig->ups > 0);
	rig->deaf = false;
	RIG_WAIT(rig, rig->stanzas.len > 0);
	assert_int_equal(rig->turns_while_high, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_notifications_go_on_where_the_lost_stream_was_cut),
		TEST(test_what_lies_in_the_kernel_has_not_arrived),
		TEST(test_a_stream_that_is_lost_again_and_again_loses_no_notification),
		TEST(test_what_is_sent_while_the_link_is_down_goes_first),
		TEST(test_what_is_kept_is_bounded_and_the_rest_is_logged),
		TEST(test_a_server_that_never_reads_is_given_up_in_the_end),
		TEST(test_a_link_that_closes_keeps_nothing),
		TEST(test_a_link_with_much_kept_takes_no_turn_until_it_has_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
