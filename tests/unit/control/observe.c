/* What those who watch are told: numbers over HTTP, requests one after the other. */
#include "rig.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROUNDS 2000

static bool has(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

/* ---- activity ---- */

static void publish(struct rig *rig, const char *item_id, enum pubsub_error err)
{
	const struct pubsub_activity activity = {
		.verb = "publish",
		.service = RIG_HOST,
		.from = "hamlet@denmark.lit/elsinore",
		.node_id = "a",
		.item_id = item_id,
		.err = err,
		.recipients = 3,
	};

	control_activity(rig->control, &activity);
}

static void test_whoever_begins_to_watch_is_told_where_to_go_on(void **state)
{
	publish(*state, "1", PUBSUB_OK);
	assert_answer(
		*state, "{'command':'activity'}", "{'result':{'activity':[],'next':1,'missed':0}}");
	publish(*state, "2", PUBSUB_OK);
	assert_true(has(rig_ask(*state, "{'command':'activity','after':1}"), "'item':'2'"));
}

static void test_a_request_is_shown_with_its_outcome(void **state)
{
	const char *told;

	publish(*state, NULL, PUBSUB_ERR_PUBLISH_FORBIDDEN);
	told = rig_ask(*state, "{'command':'activity','after':0}");
	assert_true(has(told, "{'number':1,'at':'"));
	assert_true(has(told, "'verb':'publish','from':'hamlet@denmark.lit/elsinore',"
			      "'service':'" RIG_HOST "','node':'a','item':null,"
			      "'error':'requester may not publish','recipients':3,'more':false}"));
}

static void test_what_is_too_old_is_reported_as_missed(void **state)
{
	const char *told;

	for (int i = 0; i < 5000; i++)
		publish(*state, "x", PUBSUB_OK);
	told = rig_ask(*state, "{'command':'activity','after':0,'limit':1}");
	assert_true(has(told, "'number':905"));
	assert_true(has(told, "'next':905,'missed':904}"));
	told = rig_ask(*state, "{'command':'activity','after':7000}");
	assert_true(has(told, "'activity':[]"));
	assert_true(has(told, "'next':5000"));
}

/* ---- numbers ---- */

static int open_port(struct rig *rig, struct sockaddr_in *address)
{
	static char listen_at[32];
	socklen_t len = sizeof *address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	*address = (struct sockaddr_in){
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	assert_int_equal(bind(fd, (struct sockaddr *)address, sizeof *address), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)address, &len), 0);
	close(fd); /* free, a moment ago */
	snprintf(listen_at, sizeof listen_at, "127.0.0.1:%d", ntohs(address->sin_port));
	rig->metrics_listen = listen_at;
	rig_close(rig);
	rig_open(rig);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_true(connect(fd, (struct sockaddr *)address, sizeof *address) == 0 ||
		    errno == EINPROGRESS);
	return fd;
}

/* The whole answer; in the arena. */
static const char *request_with(struct rig *rig, const char *line, const char *headers)
{
	struct sockaddr_in address;
	struct buf answer = {0};
	int fd = open_port(rig, &address);
	const char *text = arena_printf(rig->arena,
		"%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\n", line, headers);
	ssize_t n = -1;

	rig_run(rig);
	rig_send(rig, fd, text, strlen(text));
	for (int rounds = 0; n != 0 && rounds < ROUNDS; rounds++) {
		rig_run(rig);
		n = read(fd, buf_reserve(&answer, 65536), 65536);
		answer.len += n > 0 ? (size_t)n : 0;
	}
	close(fd);
	text = arena_memdup(rig->arena, answer.data, answer.len);
	buf_finish(&answer);
	return text;
}

static const char *request(struct rig *rig, const char *line)
{
	return request_with(rig, line, "");
}

static void test_whoever_knows_no_openmetrics_gets_the_plain_format(void **state)
{
	const char *answer = request(*state, "GET /metrics");

	assert_true(has(answer, "text/plain; version=0.0.4; charset=utf-8\r\n"));
	assert_true(has(answer, "# TYPE peppy_link_connects_total counter\n"));
	assert_false(has(answer, "# EOF"));
}

/* As every connection costs a descriptor. */
static void test_of_too_many_visitors_the_first_have_to_go(void **state)
{
	struct rig *rig = *state;
	struct sockaddr_in address;
	int fds[100] = {open_port(rig, &address)};
	char byte;

	for (size_t i = 1; i < 100; i++) {
		fds[i] = socket(AF_INET, SOCK_STREAM, 0);
		assert_int_equal(connect(fds[i], (struct sockaddr *)&address, sizeof address), 0);
		rig_run(rig);
	}
	for (int rounds = 0; rounds < ROUNDS && recv(fds[83], &byte, 1, MSG_DONTWAIT) != 0;
		rounds++)
		rig_run(rig);
	assert_int_equal(recv(fds[0], &byte, 1, MSG_DONTWAIT), 0);
	assert_int_equal(recv(fds[83], &byte, 1, MSG_DONTWAIT), 0);
	assert_int_equal(recv(fds[84], &byte, 1, MSG_DONTWAIT), -1);
	assert_int_equal(recv(fds[99], &byte, 1, MSG_DONTWAIT), -1);
	for (size_t i = 0; i < 100; i++)
		close(fds[i]);
}

static void test_metrics_are_openmetrics(void **state)
{
	const char *answer =
		request_with(*state, "GET /metrics", "Accept: application/openmetrics-text\r\n");

	assert_true(has(answer, "HTTP/1.1 200 OK\r\n"));
	assert_true(has(answer, "application/openmetrics-text; version=1.0.0; charset=utf-8\r\n"));
	assert_true(has(answer, "rig 1\n")); /* the program's */
	assert_true(has(answer, "# TYPE peppy_link_up gauge\n"));
	assert_true(has(answer, "peppy_link_up{component=\"" RIG_HOST "\"} 1\n"));
	assert_true(has(answer, "# TYPE peppy_link_connects counter\n"));
	assert_true(has(answer, "# TYPE process_resident_memory_bytes gauge\n"));
	assert_false(has(answer, "\nprocess_resident_memory_bytes 0\n"));
	assert_true(has(answer, "peppy_link_connects_total{component=\"" RIG_HOST "\"} 1\n"));
	assert_string_equal(answer + strlen(answer) - strlen("# EOF\n"), "# EOF\n");
}

static void test_the_socket_has_the_same_metrics(void **state)
{
	assert_true(has(rig_ask(*state, "{'command':'metrics'}"), "# EOF\\n'}}"));
}

static void test_whoever_runs_is_healthy(void **state)
{
	assert_true(has(request(*state, "GET /healthz"), "HTTP/1.1 200 OK\r\n"));
}

static void test_whoever_misses_a_link_is_not_ready(void **state)
{
	struct rig *rig = *state;
	const char *answer = request(rig, "GET /readyz");

	assert_true(has(answer, "HTTP/1.1 200 OK\r\n"));
	rig->two_components = true;
	answer = request(rig, "GET /readyz");
	assert_true(has(answer, "HTTP/1.1 503 "));
	assert_true(has(answer, RIG_HOST " up\nrooms.denmark.lit down\n"));
}

static void test_nothing_else_is_there_and_nothing_can_be_posted(void **state)
{
	assert_true(has(request(*state, "GET /"), "HTTP/1.1 404 "));
	assert_true(has(request(*state, "GET /metricsx"), "HTTP/1.1 404 "));
	assert_true(has(request(*state, "GET /healthz?x=1"), "HTTP/1.1 200 "));
	assert_true(has(request(*state, "HEAD /healthz"), "Content-Length: 3\r\n"));
	assert_false(has(request(*state, "HEAD /healthz"), "\nok"));
	assert_true(has(request(*state, "nonsense"), "HTTP/1.1 400 "));
	assert_true(has(request(*state, "GET"), "HTTP/1.1 400 "));
	assert_true(has(request(*state, "POST /metrics"), "HTTP/1.1 405 "));
}

static void test_a_bad_address_costs_only_the_metrics(void **state)
{
	struct rig *rig = *state;

	rig_close(rig);
	rig->metrics_listen = "nowhere";
	rig_open(rig);
	assert_non_null(rig->control);
	close(rig->fd);
	rig->fd = rig_connect(rig);
	assert_answer(rig, "{'command':'reload'}", "{'result':{}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(test_whoever_begins_to_watch_is_told_where_to_go_on),
		RIG_TEST(test_a_request_is_shown_with_its_outcome),
		RIG_TEST(test_what_is_too_old_is_reported_as_missed),
		RIG_TEST(test_metrics_are_openmetrics),
		RIG_TEST(test_whoever_knows_no_openmetrics_gets_the_plain_format),
		RIG_TEST(test_of_too_many_visitors_the_first_have_to_go),
		RIG_TEST(test_the_socket_has_the_same_metrics),
		RIG_TEST(test_whoever_runs_is_healthy),
		RIG_TEST(test_whoever_misses_a_link_is_not_ready),
		RIG_TEST(test_nothing_else_is_there_and_nothing_can_be_posted),
		RIG_TEST(test_a_bad_address_costs_only_the_metrics),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
