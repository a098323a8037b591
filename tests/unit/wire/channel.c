/* A socket that never blocks and never raises SIGPIPE, plain and under TLS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire/channel.h"
#include "wire/tls.h"

struct pair {
	struct channel channel;
	int peer;
};

static struct pair open_pair(void)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
	return (struct pair){.channel = {.fd = ends[0]}, .peer = ends[1]};
}

static void test_a_channel_reads_what_is_there_and_then_nothing(void **state)
{
	struct pair pair = open_pair();
	char bytes[8];

	(void)state;
	assert_int_equal(channel_read(&pair.channel, bytes, sizeof bytes), CHANNEL_AGAIN);
	assert_int_equal(write(pair.peer, "abc", 3), 3);
	assert_int_equal(channel_read(&pair.channel, bytes, sizeof bytes), 3);
	assert_int_equal(channel_read(&pair.channel, bytes, sizeof bytes), CHANNEL_AGAIN);
	close(pair.peer);
	assert_int_equal(channel_read(&pair.channel, bytes, sizeof bytes), CHANNEL_END);
	channel_close(&pair.channel);
	assert_int_equal(pair.channel.fd, -1);
}

static void test_a_channel_writes_until_the_kernel_takes_no_more(void **state)
{
	static const char bytes[4096];
	struct pair pair = open_pair();
	ssize_t n;

	(void)state;
	do
		n = channel_write(&pair.channel, bytes, sizeof bytes);
	while (n > 0);
	assert_int_equal(n, CHANNEL_AGAIN);
	channel_close(&pair.channel);
	close(pair.peer);
}

static void test_a_write_to_a_peer_that_is_gone_fails_without_sigpipe(void **state)
{
	struct pair pair = open_pair();

	(void)state;
	close(pair.peer);
	assert_int_equal(channel_write(&pair.channel, "a", 1), CHANNEL_LOST);
	assert_string_equal(channel_reason(&pair.channel), "Broken pipe");
	channel_close(&pair.channel);
}

static void test_an_ended_channel_still_reads(void **state)
{
	struct pair pair = open_pair();
	char bytes[8];

	(void)state;
	channel_end(&pair.channel);
	assert_int_equal(read(pair.peer, bytes, sizeof bytes), 0);
	assert_int_equal(write(pair.peer, "abc", 3), 3);
	assert_int_equal(channel_read(&pair.channel, bytes, sizeof bytes), 3);
	channel_close(&pair.channel);
	close(pair.peer);
}

static void test_a_handshake_with_a_peer_that_is_gone_fails_without_sigpipe(void **state)
{
	struct pair pair = open_pair();
	char why[256];

	(void)state;
	pair.channel.tls = tls_create(
		pair.channel.fd, &(struct tls_identity){.name = "localhost"}, why, sizeof why);
	assert_non_null(pair.channel.tls);
	close(pair.peer);
	assert_int_equal(tls_handshake(pair.channel.tls), TLS_FAILED);
	assert_string_equal(channel_reason(&pair.channel), "Broken pipe");
	channel_close(&pair.channel);
}

static void test_a_handshake_waits_for_the_peer(void **state)
{
	struct pair pair = open_pair();
	char why[256];
	char hello[1024];

	(void)state;
	pair.channel.tls = tls_create(
		pair.channel.fd, &(struct tls_identity){.name = "localhost"}, why, sizeof why);
	assert_int_equal(tls_handshake(pair.channel.tls), TLS_UNDER_WAY);
	assert_false(tls_wants_write(pair.channel.tls));
	assert_true(read(pair.peer, hello, sizeof hello) > 0);
	assert_non_null(memmem(hello, sizeof hello, "localhost", 9)); /* the server name */
	close(pair.peer);
	assert_int_equal(tls_handshake(pair.channel.tls), TLS_FAILED);
	assert_string_equal(channel_reason(&pair.channel), "closed by the server");
	channel_close(&pair.channel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_channel_reads_what_is_there_and_then_nothing),
		cmocka_unit_test(test_a_channel_writes_until_the_kernel_takes_no_more),
		cmocka_unit_test(test_a_write_to_a_peer_that_is_gone_fails_without_sigpipe),
		cmocka_unit_test(test_an_ended_channel_still_reads),
		cmocka_unit_test(test_a_handshake_with_a_peer_that_is_gone_fails_without_sigpipe),
		cmocka_unit_test(test_a_handshake_waits_for_the_peer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
