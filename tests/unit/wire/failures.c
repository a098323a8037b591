/* Everything that can go wrong between a link and its server: told in one clear line, and tried
 * again. Among them are the ways in which libstrophe crashes if it is used as it stands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "peppy/array.h"
#include "peppy/log.h"
#include "rig.h"

#define STREAM_ERROR(condition)                                                                    \
	"<stream:error><" condition " xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"               \
	"<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>that is why</text></stream:error>"

/* ---- before the stream is up ---- */

static void test_a_refused_connection_is_logged_once_and_tried_until_it_succeeds(void **state)
{
	struct rig *rig = *state;

	rig->refuses = true;
	rig_start(rig);
	rig_settle(rig);
	assert_int_equal(rig_log_count(rig, "cannot connect to 127.0.0.1 port "), 1);
	assert_true(rig_logged(rig, ": Connection refused"));
	rig_listen(rig);
	server_login(rig);
	assert_int_equal(rig->downs, 0);
}

static void test_a_refused_secret_is_logged_and_the_right_one_works_later(void **state)
{
	struct rig *rig = *state;

	rig_start(rig);
	server_expect_handshake(rig);
	server_say(rig, STREAM_ERROR("not-authorized") "</stream:stream>");
	server_hang_up(rig);
	server_login(rig);
	assert_true(rig_logged(rig, "the server refused the secret of component " RIG_COMPONENT));
	assert_int_equal(rig->downs, 0);
}

static void test_neither_secret_nor_digest_reaches_the_log(void **state)
{
	struct rig *rig = *state;

	log_level_set(LOG_LEVEL_DEBUG);
	rig_start(rig);
	server_expect_handshake(rig);
	server_say(rig, STREAM_ERROR("not-authorized"));
	RIG_WAIT(rig, rig_logged(rig, "refused the secret"));
	assert_false(rig_logged(rig, RIG_SECRET));
	assert_false(rig_logged(rig, "igest"));
	assert_false(rig_logged(rig, "</handshake>"));
}

static void test_another_stream_error_at_login_is_logged_with_its_text(void **state)
{
	struct rig *rig = *state;

	rig_start(rig);
	server_accept(rig);
	server_say(rig, RIG_HEADER STREAM_ERROR("host-unknown") "</stream:stream>");
	RIG_WAIT(rig, rig_logged(rig, "stream error <host-unknown/>: that is why"));
	server_hang_up(rig);
	server_login(rig);
}

static void test_a_server_that_says_nothing_is_given_up(void **state)
{
	struct rig *rig = *state;

	rig->opt.login_timeout_ms = 5;
	rig_start(rig);
	server_accept(rig);
	RIG_WAIT(rig, rig_logged(rig, "login timed out at 127.0.0.1 port "));
	RIG_WAIT(rig, rig->hung_up);
}

static void test_a_server_that_stops_after_its_header_is_given_up(void **state)
{
	struct rig *rig = *state;

	rig->opt.login_timeout_ms = 20;
	rig_start(rig);
	server_accept(rig);
	server_say(rig, RIG_HEADER);
	RIG_WAIT(rig, rig_logged(rig, "login timed out at 127.0.0.1 port "));
	RIG_WAIT(rig, rig->hung_up);
}

static void test_a_server_that_closes_during_the_login_is_logged(void **state)
{
	struct rig *rig = *state;

	rig_start(rig);
	server_expect_handshake(rig);
	server_hang_up(rig);
	RIG_WAIT(rig, rig_logged(rig, "connection lost during the login: closed by the server"));
	server_accept(rig);
	server_say(rig, RIG_HEADER "</stream:stream>");
	RIG_WAIT(rig, rig_logged(rig, "the server closed the stream during the login"));
}

static void test_a_port_that_is_not_for_components_is_logged(void **state)
{
	static const char *const answers[] = {
		"HTTP/1.1 400 Bad Request\r\n\r\n", "\x15\x03\x03", "<!DOCTYPE html>", "x"};
	struct rig *rig = *state;

	rig_start(rig);
	for (size_t i = 0; i < ARRAY_COUNT(answers); i++) {
		server_accept(rig);
		server_say(rig, answers[i]);
		RIG_WAIT(rig, rig->hung_up);
		server_hang_up(rig);
	}
	assert_int_equal(rig_log_count(rig, "does not speak XMPP for components"), 1);
	server_login(rig);
}

static void test_a_stream_header_without_end_is_not_read_for_ever(void **state)
{
	struct rig *rig = *state;
	char filler[5000];

	memset(filler, 'x', sizeof filler);
	rig_start(rig);
	server_accept(rig);
	server_say(rig, "<stream:stream id='");
	server_send(rig, filler, sizeof filler);
	RIG_WAIT(rig, rig_logged(rig, "does not speak XMPP for components"));
}

static void test_a_login_that_is_answered_by_something_else_fails(void **state)
{
	struct rig *rig = *state;

	rig_start(rig);
	server_expect_handshake(rig);
	server_say(rig, "<message from='a@b'><body>hi</body></message>");
	RIG_WAIT(rig, rig_logged(rig, "the server answered the login with <message/>"));
	assert_int_equal(rig->ups, 0);
	assert_int_equal(rig->turns, 0);
}

static void test_broken_xml_at_login_is_logged(void **state)
{
	struct rig *rig = *state;

	rig_start(rig);
	server_expect_handshake(rig);
	server_say(rig, "<handshake></shake>");
	RIG_WAIT(rig, rig_logged(rig, "the server's XML is broken: "));
	assert_int_equal(rig->ups, 0);
}

/* libstrophe watches its descriptor by select(). */
static void test_a_descriptor_above_1023_is_refused_in_clear_words(void **state)
{
	struct rig *rig = *state;
	struct rlimit limit, kept;
	int first = -1, last;

	getrlimit(RLIMIT_NOFILE, &kept);
	limit = kept;
	limit.rlim_cur = 2048;
	if (kept.rlim_max < 2048 || setrlimit(RLIMIT_NOFILE, &limit) != 0) {
		print_message("# so many descriptors may not be had here\n");
		return;
	}
	do {
		last = fcntl(rig->log, F_DUPFD_CLOEXEC, 3);
		first = first < 0 ? last : first;
	} while (last < 1024);
	rig_start(rig);
	RIG_WAIT(rig, rig_logged(rig, "too many open files"));
	for (int fd = first; fd <= last; fd++)
		close(fd);
	server_login(rig);
	setrlimit(RLIMIT_NOFILE, &kept);
}

/* ---- when it is up ---- */

static void test_a_stream_error_is_logged_and_not_taken_for_a_stanza(void **state)
{
	struct rig *rig = *state;

	rig_start(rig);
	server_login(rig);
	server_say(rig, "<a/>" STREAM_ERROR("conflict") "</stream:stream>");
	RIG_WAIT(rig, rig->downs == 1);
	assert_true(rig_logged(rig, "stream error <conflict/>: that is why"));
	assert_string_equal(rig_stanzas(rig), "[<a/>]");
	server_hang_up(rig);
	server_login(rig);
}

static void test_stanzas_before_the_end_of_the_stream_are_taken(void **state)
{
	struct rig *rig = *state;

	rig->take_most = 1;
	rig_start(rig);
	server_login(rig);
	server_say(rig, "<a/><b/></stream:stream>");
	server_hang_up(rig);
	RIG_WAIT(rig, rig->downs == 1);
	assert_string_equal(rig_stanzas(rig), "[<a/>][<b/>]");
	assert_true(rig_logged(rig, "the server closed the stream"));
}

static void test_stanzas_before_broken_xml_are_taken(void **state)
{
	struct rig *rig = *state;

	rig_start(rig);
	server_login(rig);
	server_say(rig, "<a/><b></c><d/>");
	RIG_WAIT(rig, rig->downs == 1);
	assert_string_equal(rig_stanzas(rig), "[<a/>]");
	assert_true(rig_logged(rig, "the server's XML is broken: "));
}

/* Inside a text node libstrophe would crash when it is used again. */
static void test_a_stanza_cut_off_by_a_lost_connection_does_not_reach_the_next_stream(void **state)
{
	struct rig *rig = *state;

	rig_start(rig);
	server_login(rig);
	server_say(rig, "<message><body>half a te");
	rig_settle(rig);
	server_hang_up(rig);
	RIG_WAIT(rig, rig->downs == 1);
	assert_true(rig_logged(rig, "connection lost: closed by the server"));
	server_login(rig);
	server_say(rig, "<a/>");
	RIG_WAIT(rig, rig->stanzas.len > 0);
	assert_string_equal(rig_stanzas(rig), "[<a/>]");
}

/* U+20AC is e2 82 ac. */
static void test_a_character_may_be_cut_between_reads_and_by_a_lost_connection(void **state)
{
	struct rig *rig = *state;

	rig_start(rig);
	server_login(rig);
	server_say(rig, "<a>\xe2\x82");
	rig_settle(rig);
	server_say(rig, "\xac</a><b>\xe2");
	rig_settle(rig);
	server_hang_up(rig);
	RIG_WAIT(rig, rig->downs == 1);
	server_login(rig);
	server_say(rig, "<c/>");
	RIG_WAIT(rig, strstr(rig_stanzas(rig), "<c/>") != NULL);
	assert_string_equal(rig_stanzas(rig), "[<a>\xe2\x82\xac</a>][<c/>]");
}

static void test_after_garbage_the_stream_begins_anew(void **state)
{
	struct rig *rig = *state;

	rig_start(rig);
	for (unsigned i = 0; i < 3; i++) {
		static const char *const garbage[] = {"<a/>\xff\xfe", "<a/>\x01\x02", "<a/></"};

		server_login(rig);
		server_say(rig, garbage[i]);
		rig_settle(rig);
		server_say(rig, "\xc0\x80 is no text</x>");
		RIG_WAIT(rig, rig->downs == i + 1);
		assert_true(rig_logged(rig, "the server's XML is broken: "));
	}
	server_login(rig);
	server_say(rig, "<b/>");
	RIG_WAIT(rig, strstr(rig_stanzas(rig), "<b/>") != NULL);
	assert_string_equal(rig_stanzas(rig), "[<a/>][<a/>][<a/>][<b/>]");
}

static void test_output_cut_off_by_a_lost_connection_does_not_reach_the_next_stream(void **state)
{
	struct rig *rig = *state;
	uint64_t end;

	rig->answer_bytes = 8 * 1024 * 1024;
	rig_start(rig);
	server_login(rig);
	rig->deaf = true;
	server_say(rig, "<a/>");
	RIG_WAIT(rig, wire_link_queued(rig->link) > 0);
	end = wire_link_sent(rig->link);
	server_hang_up(rig);
	RIG_WAIT(rig, rig->downs == 1);
	assert_true(wire_link_taken(rig->link) < end);
	assert_int_equal(wire_link_queued(rig->link), 0);
	rig->deaf = false;
	server_login(rig);
	wire_link_send(rig->link, "<b/>", 4, false);
	server_await(rig, "<b/>");
	assert_int_equal(rig->received_bytes - rig->login_bytes, 4);
}

static void test_a_reset_connection_raises_no_sigpipe(void **state)
{
	static const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
	struct rig *rig = *state;
	char filler[1000] = {0};

	rig_start(rig);
	server_login(rig);
	setsockopt(rig->peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	server_hang_up(rig);
	while (rig->downs == 0) { /* the first write fails, or the one after it */
		wire_link_send(rig->link, filler, sizeof filler, false);
		rig_step(rig);
	}
	assert_true(rig_logged(rig, "connection lost: "));
	server_login(rig);
}

static unsigned open_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned count = 0;

	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count;
}

static void test_ten_reconnects_leave_nothing_behind(void **state)
{
	struct rig *rig = *state;
	unsigned before = 0;

	rig_start(rig);
	for (unsigned i = 0; i < 10; i++) {
		server_login(rig);
		if (i == 0)
			before = open_descriptors();
		assert_int_equal(open_descriptors(), before);
		server_say(rig, "<message><body>x");
		server_hang_up(rig);
		RIG_WAIT(rig, !wire_link_is_up(rig->link));
	}
	assert_int_equal(rig->ups, 10);
	assert_int_equal(rig->downs, 10);
}

static void test_a_link_may_be_destroyed_in_any_state(void **state)
{
	struct rig *rig = *state;

	rig_start(rig);
	wire_link_destroy(rig->link);
	rig_start(rig);
	server_accept(rig); /* connecting or logging in */
	wire_link_destroy(rig->link);
	server_hang_up(rig);
	rig_start(rig);
	server_expect_handshake(rig);
	wire_link_destroy(rig->link);
	server_hang_up(rig);
	rig_start(rig);
	server_login(rig);
	wire_link_send(rig->link, "<a/>", 4, false);
	wire_link_close(rig->link, 10, NULL, NULL);
	wire_link_destroy(rig->link);
	rig->link = NULL;
	wire_link_destroy(NULL);
	rig_settle(rig);
	assert_int_equal(rig->ups, 1);
}

/* ---- what libstrophe's own tree would get wrong ---- */

static void expect_plain_from(struct rig *rig, const struct xml_stanza *stanza)
{
	(void)rig;
	assert_string_equal(xml_attr(stanza->root, "from"), "user@example.org");
	assert_string_equal(xml_attr_ns(stanza->root, "u:x", "from"), "admin@example.org");
}

static void test_a_namespaced_attribute_does_not_spoof_the_sender(void **state)
{
	struct rig *rig = *state;

	rig->on_stanza = expect_plain_from;
	rig_start(rig);
	server_login(rig);
	server_say(rig,
		"<message xmlns:x='u:x' from='user@example.org' x:from='admin@example.org'/>"
		"<message xmlns:x='u:x' x:from='admin@example.org' from='user@example.org'/>");
	RIG_WAIT(rig, rig_stanzas(rig)[0] == '[');
}

static void test_a_payload_keeps_every_byte(void **state)
{
	static const char payload[] =
		"<iq><pubsub xmlns='http://jabber.org/protocol/pubsub'><e xmlns='' xml:lang='de' "
		"a='&#13;&#10;&#9;' xmlns:p='u:p' p:a = \"1\"  ><p:x/>&#13;\n<![CDATA[<]]>"
		"</e ></pubsub></iq>";
	struct rig *rig = *state;
	char expected[sizeof payload + 2];

	snprintf(expected, sizeof expected, "[%s]", payload);
	rig_start(rig);
	server_login(rig);
	server_say(rig, payload);
	RIG_WAIT(rig, rig->stanzas.len > 0);
	assert_string_equal(rig_stanzas(rig), expected);
}

static void note_oversized(struct rig *rig, const struct xml_stanza *stanza)
{
	buf_append_text(&rig->stanzas, stanza->oversized ? "oversized" : "");
}

static void test_deep_and_wide_stanzas_are_cut_short_and_the_stream_goes_on(void **state)
{
	struct rig *rig = *state;
	struct buf stanza = {0};

	rig->on_stanza = note_oversized;
	rig_start(rig);
	server_login(rig);
	buf_append_text(&stanza, "<deep>");
	for (unsigned i = 0; i < 50000; i++)
		buf_append_text(&stanza, "<e>");
	for (unsigned i = 0; i < 50000; i++)
		buf_append_text(&stanza, "</e>");
	buf_append_text(&stanza, "</deep><wide>");
	for (unsigned i = 0; i < 65000; i++)
		buf_append_text(&stanza, "<e/>");
	buf_append_text(&stanza, "</wide><a/>");
	server_send(rig, stanza.data, stanza.len);
	RIG_WAIT(rig, strstr(rig_stanzas(rig), "[<a/>]") != NULL);
	assert_int_equal(rig->downs, 0);
	assert_non_null(strstr(strstr(rig_stanzas(rig), "oversized") + 1, "oversized"));
	buf_finish(&stanza);
}

/* libstrophe reads 4096 bytes a call. */
static void test_a_turn_holds_many_stanzas(void **state)
{
	struct rig *rig = *state;
	struct buf stanzas = {0};

	rig_start(rig);
	server_login(rig);
	rig_settle(rig);
	while (stanzas.len < 64 * 1024)
		buf_append_text(&stanzas, "<message to='a@b'><body>some text</body></message>");
	server_send(rig, stanzas.data, stanzas.len);
	RIG_WAIT(rig, rig->stanzas.len >= stanzas.len);
	rig_settle(rig);
	assert_true(rig->turn_lengths.len < 8);
	buf_finish(&stanzas);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_refused_connection_is_logged_once_and_tried_until_it_succeeds),
		TEST(test_a_refused_secret_is_logged_and_the_right_one_works_later),
		TEST(test_neither_secret_nor_digest_reaches_the_log),
		TEST(test_another_stream_error_at_login_is_logged_with_its_text),
		TEST(test_a_server_that_says_nothing_is_given_up),
		TEST(test_a_server_that_stops_after_its_header_is_given_up),
		TEST(test_a_server_that_closes_during_the_login_is_logged),
		TEST(test_a_port_that_is_not_for_components_is_logged),
		TEST(test_a_stream_header_without_end_is_not_read_for_ever),
		TEST(test_a_login_that_is_answered_by_something_else_fails),
		TEST(test_broken_xml_at_login_is_logged),
		TEST(test_a_descriptor_above_1023_is_refused_in_clear_words),
		TEST(test_a_stream_error_is_logged_and_not_taken_for_a_stanza),
		TEST(test_stanzas_before_the_end_of_the_stream_are_taken),
		TEST(test_stanzas_before_broken_xml_are_taken),
		TEST(test_a_stanza_cut_off_by_a_lost_connection_does_not_reach_the_next_stream),
		TEST(test_a_character_may_be_cut_between_reads_and_by_a_lost_connection),
		TEST(test_after_garbage_the_stream_begins_anew),
		TEST(test_output_cut_off_by_a_lost_connection_does_not_reach_the_next_stream),
		TEST(test_a_reset_connection_raises_no_sigpipe),
		TEST(test_ten_reconnects_leave_nothing_behind),
		TEST(test_a_link_may_be_destroyed_in_any_state),
		TEST(test_a_namespaced_attribute_does_not_spoof_the_sender),
		TEST(test_a_payload_keeps_every_byte),
		TEST(test_deep_and_wide_stanzas_are_cut_short_and_the_stream_goes_on),
		TEST(test_a_turn_holds_many_stanzas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
