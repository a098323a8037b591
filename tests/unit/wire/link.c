/* The link against a server that behaves: login, turns, output, closing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rig.h"

#define MESSAGE "<message from='a@b' to='c'><body>caf\xc3\xa9 &amp;&#13;</body></message>"
#define IQ "<iq id='1' type='get'><q xmlns='u:x' x:p=\"'>'\" xmlns:x='u:y'/></iq>"

static void test_the_link_logs_in_and_takes_stanzas_byte_for_byte(void **state)
{
	struct rig *rig = *state;

	rig_start(rig);
	assert_false(wire_link_is_up(rig->link));
	server_login(rig);
	assert_int_equal(rig->ups, 1);
	server_say(rig, MESSAGE " " IQ);
	RIG_WAIT(rig, strlen(rig_stanzas(rig)) >= sizeof "[" MESSAGE "][" IQ "]" - 1);
	assert_string_equal(rig_stanzas(rig), "[" MESSAGE "][" IQ "]");
	assert_true(rig_logged(rig, RIG_COMPONENT ": up, at 127.0.0.1 port"));
}

static void test_handshake_and_stanzas_may_be_cut_anywhere(void **state)
{
	static const char stream[] = RIG_HEADER "<handshake/>" MESSAGE IQ;
	struct rig *rig = *state;

	rig_start(rig);
	for (size_t cut = 1; cut < sizeof stream - 1; cut++) {
		server_accept(rig);
		server_await(rig, "<stream:stream");
		buf_truncate(&rig->stanzas, 0);
		server_send(rig, stream, cut);
		rig_step(rig);
		rig_step(rig);
		server_send(rig, stream + cut, sizeof stream - 1 - cut);
		RIG_WAIT(rig, rig->stanzas.len >= sizeof "[" MESSAGE "][" IQ "]" - 1);
		assert_string_equal(rig_stanzas(rig), "[" MESSAGE "][" IQ "]");
		server_hang_up(rig);
		RIG_WAIT(rig, !wire_link_is_up(rig->link));
	}
	assert_int_equal(rig->ups, sizeof stream - 2);
	assert_int_equal(rig->downs, rig->ups);
}

static void test_a_stream_may_come_byte_by_byte(void **state)
{
	static const char stream[] = RIG_HEADER "<handshake></handshake>" MESSAGE IQ;
	struct rig *rig = *state;

	rig_start(rig);
	server_accept(rig);
	for (size_t i = 0; i < sizeof stream - 1; i++) {
		server_send(rig, stream + i, 1);
		rig_step(rig);
	}
	RIG_WAIT(rig, rig->stanzas.len >= sizeof "[" MESSAGE "][" IQ "]" - 1);
	assert_string_equal(rig_stanzas(rig), "[" MESSAGE "][" IQ "]");
}

static void test_one_read_is_one_turn(void **state)
{
	struct rig *rig = *state;

	rig_start(rig);
	server_login(rig);
	rig_settle(rig);
	server_say(rig, "<a/><b/><c/><d/>");
	RIG_WAIT(rig, rig->turn_lengths.len > 0);
	rig_settle(rig);
	assert_int_equal(rig->turn_lengths.len, 1);
	assert_int_equal(rig->turn_lengths.data[0], '4');
}

static void test_a_turn_left_early_goes_on_by_itself(void **state)
{
	struct rig *rig = *state;

	rig->take_most = 2;
	rig_start(rig);
	server_login(rig);
	rig_settle(rig);
	server_say(rig, "<a/><b/><c/><d/><e/>");
	RIG_WAIT(rig, rig->turn_lengths.len == 3);
	assert_memory_equal(rig->turn_lengths.data, "221", 3);
	assert_string_equal(rig_stanzas(rig), "[<a/>][<b/>][<c/>][<d/>][<e/>]");
}

static void test_a_turn_reads_no_more_than_it_may(void **state)
{
	struct rig *rig = *state;

	rig->opt.turn_bytes = 10;
	rig_start(rig);
	server_login(rig);
	rig_settle(rig);
	server_say(rig, "<a1/><a2/><a3/><a4/><a5/>");
	RIG_WAIT(rig, rig->turn_lengths.len == 3);
	assert_memory_equal(rig->turn_lengths.data, "221", 3);
}

static void test_what_is_said_at_up_and_in_turns_arrives_in_order(void **state)
{
	struct rig *rig = *state;

	rig->say_at_up = "<hello/>";
	rig->answer_bytes = 3;
	rig_start(rig);
	server_login(rig);
	server_await(rig, "<hello/>");
	server_say(rig, "<a/><b/>");
	server_await(rig, "<a>xxx</a><a>xxx</a>");
	assert_int_equal(rig->received.len, 0);
	assert_int_equal(wire_link_queued(rig->link), 0);
}

static void test_the_bytes_that_arrived_are_counted_over_all_streams(void **state)
{
	struct rig *rig = *state;
	uint64_t before;

	rig_start(rig);
	server_login(rig);
	before = wire_link_taken(rig->link);
	wire_link_send(rig->link, "<a/>", 4, false);
	assert_int_equal(wire_link_queued(rig->link), 4);
	assert_int_equal(wire_link_taken(rig->link), before);
	server_await(rig, "<a/>");
	assert_int_equal(wire_link_queued(rig->link), 0);
	RIG_WAIT(rig, wire_link_taken(rig->link) == before + 4);
	assert_int_equal(wire_link_sent(rig->link), before + 4);
	server_hang_up(rig);
	RIG_WAIT(rig, rig->downs == 1);
	assert_true(wire_link_taken(rig->link) >= before + 4);
}

static void test_output_goes_nowhere_while_the_link_is_down(void **state)
{
	struct rig *rig = *state;

	rig_start(rig);
	wire_link_send(rig->link, "<early/>", 8, false);
	assert_int_equal(wire_link_queued(rig->link), 0);
	server_login(rig);
	rig_settle(rig);
	assert_int_equal(rig->received.len, 0);
}

/* 4 MiB are more than the kernel takes of a server that does not read. */
static void test_above_the_high_mark_no_turn_starts_until_the_server_reads_again(void **state)
{
	struct rig *rig = *state;
	unsigned turns;
	size_t queued;

	rig->opt.high_water_bytes = 1024 * 1024;
	rig->opt.turn_bytes = 1024;
	rig->answer_bytes = 64 * 1024;
	rig_start(rig);
	server_login(rig);
	rig->deaf = true;
	RIG_WAIT(rig,
		(server_say(rig, "<a/>"), wire_link_queued(rig->link) > rig->opt.high_water_bytes));
	rig_settle(rig);
	turns = rig->turns;
	queued = wire_link_queued(rig->link);
	server_say(rig, "<more/>");
	rig_settle(rig);
	assert_int_equal(rig->turns, turns);
	assert_int_equal(wire_link_queued(rig->link), queued);
	assert_int_equal(rig->drained, 0);

	rig->deaf = false;
	RIG_WAIT(rig, rig->turns > turns && wire_link_queued(rig->link) == 0);
	assert_int_equal(rig->drained, 1);
	assert_int_equal(rig->turns_while_high, 0);
	RIG_WAIT(rig, memmem(rig->stanzas.data, rig->stanzas.len, "[<more/>]", 9) != NULL);
}

static void test_input_that_comes_above_the_high_mark_waits_and_is_not_forgotten(void **state)
{
	struct rig *rig = *state;
	char *filler = calloc(1, 8 * 1024 * 1024);

	rig->opt.high_water_bytes = 2 * 1024 * 1024;
	rig_start(rig);
	server_login(rig);
	rig->deaf = true;
	rig_settle(rig);
	wire_link_send(rig->link, filler, 8 * 1024 * 1024, false);
	server_say(rig, "<a/>");
	rig_settle(rig);
	assert_int_equal(rig->stanzas.len, 0);
	rig->deaf = false;
	RIG_WAIT(rig, rig->stanzas.len > 0);
	assert_string_equal(rig_stanzas(rig), "[<a/>]");
	free(filler);
}

static void test_a_turn_left_early_is_held_above_the_high_mark_too(void **state)
{
	struct rig *rig = *state;

	rig->opt.high_water_bytes = 1024 * 1024;
	rig->answer_bytes = 8 * 1024 * 1024;
	rig->take_most = 1;
	rig_start(rig);
	server_login(rig);
	rig->deaf = true;
	server_say(rig, "<a/><b/>");
	RIG_WAIT(rig, rig->stanzas.len > 0);
	rig_settle(rig);
	assert_string_equal(rig_stanzas(rig), "[<a/>]");
	rig->deaf = false;
	RIG_WAIT(rig, rig->stanzas.len > 6);
	assert_string_equal(rig_stanzas(rig), "[<a/>][<b/>]");
}

static void test_large_output_arrives_whole(void **state)
{
	struct rig *rig = *state;
	size_t bytes = 20 * 1024 * 1024;

	rig->answer_bytes = bytes;
	rig_start(rig);
	server_login(rig);
	rig->received_bytes = 0;
	server_say(rig, "<a/>");
	RIG_WAIT(rig, rig->received_bytes == bytes + 7);
	assert_memory_equal(rig->received.data, "<a>", 3);
	for (size_t i = 3; i < bytes + 3; i++)
		if (rig->received.data[i] != 'x')
			fail_msg("byte %zu is wrong", i);
	assert_memory_equal(rig->received.data + bytes + 3, "</a>", 4);
}

static void test_a_silent_link_sends_a_blank(void **state)
{
	struct rig *rig = *state;

	rig->opt.ping_ms = 4;
	rig_start(rig);
	server_login(rig);
	RIG_WAIT(rig, rig->received.len > 0);
	assert_int_equal(rig->received.data[0], ' ');
}

static void on_closed(void *ctx)
{
	struct rig *rig = ctx;

	rig->closed = true;
	rig->link = NULL;
}

static void test_closing_sends_what_waits_then_ends_the_stream(void **state)
{
	struct rig *rig = *state;

	rig_start(rig);
	server_login(rig);
	wire_link_send(rig->link, "<last/>", 7, false);
	wire_link_close(rig->link, 60000, on_closed, rig);
	server_await(rig, "<last/></stream:stream>");
	assert_false(rig->closed);
	server_say(rig, "<late/></stream:stream>");
	RIG_WAIT(rig, rig->hung_up);
	server_hang_up(rig);
	RIG_WAIT(rig, rig->closed);
	assert_int_equal(rig->stanzas.len, 0);
	assert_int_equal(rig->downs, 0);
}

static void test_closing_ends_though_the_server_never_does(void **state)
{
	struct rig *rig = *state;

	rig_start(rig);
	server_login(rig);
	rig->deaf = true;
	wire_link_close(rig->link, 10, on_closed, rig);
	RIG_WAIT(rig, rig->closed);
}

static void test_closing_a_link_that_is_not_up_ends_at_once(void **state)
{
	struct rig *rig = *state;

	rig_start(rig);
	server_accept(rig);
	wire_link_close(rig->link, 60000, on_closed, rig);
	RIG_WAIT(rig, rig->closed);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_link_logs_in_and_takes_stanzas_byte_for_byte),
		TEST(test_handshake_and_stanzas_may_be_cut_anywhere),
		TEST(test_a_stream_may_come_byte_by_byte),
		TEST(test_one_read_is_one_turn),
		TEST(test_a_turn_left_early_goes_on_by_itself),
		TEST(test_a_turn_reads_no_more_than_it_may),
		TEST(test_what_is_said_at_up_and_in_turns_arrives_in_order),
		TEST(test_the_bytes_that_arrived_are_counted_over_all_streams),
		TEST(test_output_goes_nowhere_while_the_link_is_down),
		TEST(test_above_the_high_mark_no_turn_starts_until_the_server_reads_again),
		TEST(test_input_that_comes_above_the_high_mark_waits_and_is_not_forgotten),
		TEST(test_a_turn_left_early_is_held_above_the_high_mark_too),
		TEST(test_large_output_arrives_whole),
		TEST(test_a_silent_link_sends_a_blank),
		TEST(test_closing_sends_what_waits_then_ends_the_stream),
		TEST(test_closing_ends_though_the_server_never_does),
		TEST(test_closing_a_link_that_is_not_up_ends_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
