/* Names: the link asks a name server of ours, on a port of the loopback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rig.h"

static char resolv_conf[] = "/tmp/peppy-wire-resolv-XXXXXX";
static int name_server;

static int set_up(void **state)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof address;
	struct rig *rig;
	FILE *file;

	rig_set_up(state);
	rig = *state;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	name_server = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	if (bind(name_server, (struct sockaddr *)&address, sizeof address) != 0 ||
		getsockname(name_server, (struct sockaddr *)&address, &len) != 0)
		return -1;
	strcpy(strrchr(resolv_conf, '-'), "-XXXXXX");
	file = fdopen(mkstemp(resolv_conf), "w");
	fprintf(file, "nameserver 127.0.0.1:%u\noptions attempts:1\n", ntohs(address.sin_port));
	fclose(file);
	rig->opt.resolv_conf = resolv_conf;
	rig->opt.server = "xmpp.example.org.";
	return 0;
}

static int tear_down(void **state)
{
	close(name_server);
	unlink(resolv_conf);
	return rig_tear_down(state);
}

/* Answers one query: type A by the addresses, 4 bytes each; all else by nothing. */
static bool answer_query(const char *addresses, unsigned count, unsigned char code)
{
	static const char record[] = {'\xc0', 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4};
	struct sockaddr_in from;
	socklen_t from_len = sizeof from;
	unsigned char bytes[1024];
	ssize_t len = recvfrom(name_server, bytes, 512, 0, (struct sockaddr *)&from, &from_len);
	bool is_a;

	if (len < 16)
		return false;
	is_a = bytes[len - 3] == 1;
	bytes[2] = 0x81;
	bytes[3] = 0x80 | code;
	bytes[7] = (unsigned char)(is_a ? count : 0);
	for (unsigned i = 0; is_a && i < count; i++) {
		memcpy(bytes + len, record, sizeof record);
		memcpy(bytes + len + sizeof record, addresses + 4 * i, 4);
		len += sizeof record + 4;
	}
	sendto(name_server, bytes, (size_t)len, 0, (struct sockaddr *)&from, from_len);
	return true;
}

static void test_a_name_is_resolved_and_its_addresses_are_tried_one_after_the_other(void **state)
{
	struct rig *rig = *state;

	rig_start(rig); /* listens on 127.0.0.1 only */
	for (unsigned answered = 0; answered < 2;) {
		rig_step(rig);
		answered += answer_query("\x7f\0\0\x02\x7f\0\0\x01", 2, 0);
	}
	server_login(rig);
	assert_true(rig_logged(rig, "cannot connect to 127.0.0.2 port "));
	assert_true(rig_logged(rig, "up, at 127.0.0.1 port "));
}

static void test_a_name_that_does_not_exist_is_logged_and_asked_for_again(void **state)
{
	struct rig *rig = *state;
	unsigned answered = 0;

	rig_start(rig);
	while (answered < 4) {
		rig_step(rig);
		answered += answer_query("", 0, 3);
	}
	RIG_WAIT(rig, rig_logged(rig, "cannot resolve xmpp.example.org.: "));
	assert_int_equal(rig_log_count(rig, "cannot resolve"), 1);
}

static void test_a_name_server_that_says_nothing_is_given_up(void **state)
{
	struct rig *rig = *state;

	rig->opt.login_timeout_ms = 5;
	rig_start(rig);
	RIG_WAIT(rig, rig_logged(rig, "cannot resolve xmpp.example.org.: no answer in time"));
}

static void test_a_link_may_be_destroyed_while_it_resolves(void **state)
{
	struct rig *rig = *state;

	rig_start(rig);
	RIG_WAIT(rig, answer_query("\x7f\0\0\x01", 1, 0)); /* of two queries */
	wire_link_destroy(rig->link);
	rig->link = NULL;
	rig_settle(rig);
	assert_false(rig_logged(rig, "cannot"));
}

static void test_a_name_that_cannot_be_one_is_logged(void **state)
{
	struct rig *rig = *state;

	rig->opt.server =
		"a-label-that-is-longer-than-the-sixty-three-bytes-that-are-allowed-in.org";
	rig_start(rig);
	RIG_WAIT(rig, rig_logged(rig, "cannot resolve a-label-"));
}

static void test_a_hosts_file_is_enough_without_a_name_server(void **state)
{
	struct rig *rig = *state;

	rig->opt.server = "localhost";
	rig->opt.resolv_conf = "/nonexistent/resolv.conf";
	rig_start(rig);
	server_login(rig);
}

static void test_an_ipv4_address_may_be_given_as_ipv6(void **state)
{
	struct rig *rig = *state;

	rig->opt.server = "::ffff:127.0.0.1";
	rig_start(rig);
	server_login(rig);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_name_is_resolved_and_its_addresses_are_tried_one_after_the_other),
		TEST(test_a_name_that_does_not_exist_is_logged_and_asked_for_again),
		TEST(test_a_name_server_that_says_nothing_is_given_up),
		TEST(test_a_link_may_be_destroyed_while_it_resolves),
		TEST(test_a_name_that_cannot_be_one_is_logged),
		TEST(test_a_hosts_file_is_enough_without_a_name_server),
		TEST(test_an_ipv4_address_may_be_given_as_ipv6),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
