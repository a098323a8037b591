/* The socket itself: who may come in, what happens to lines, and to files that are in the way. */
#include "rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "peppy/log.h"

static void test_only_its_owner_may_open_the_file(void **state)
{
	struct rig *rig = *state;
	struct stat st;

	assert_int_equal(stat(rig->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void test_the_file_goes_with_the_daemon(void **state)
{
	struct rig *rig = *state;

	rig_close(rig);
	assert_int_equal(access(rig->path, F_OK), -1);
}

/* As a process leaves it that was killed. */
static void leave_socket(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(address.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	close(fd);
}

static void test_a_socket_that_nobody_answers_is_replaced(void **state)
{
	struct rig *rig = *state;

	rig_close(rig);
	leave_socket(rig->path);
	rig_open(rig);
	assert_non_null(rig->control);
	close(rig->fd);
	rig->fd = rig_connect(rig);
	assert_answer(rig, "{'command':'reload'}", "{'result':{}}");
}

static void test_a_socket_that_somebody_answers_is_left_alone(void **state)
{
	struct rig *rig = *state;
	struct control *first = rig->control;

	log_level_set(LOG_LEVEL_ERROR);
	rig_open(rig);
	assert_null(rig->control);
	rig->control = first;
	assert_answer(rig, "{'command':'reload'}", "{'result':{}}");
	assert_int_equal(access(rig->path, F_OK), 0);
}

static void test_a_file_that_is_not_a_socket_is_left_alone(void **state)
{
	struct rig *rig = *state;
	struct stat st;
	FILE *file;

	rig_close(rig);
	file = fopen(rig->path, "w");
	fclose(file);
	rig_open(rig);
	assert_null(rig->control);
	assert_int_equal(lstat(rig->path, &st), 0);
	assert_true(S_ISREG(st.st_mode));
}

static void test_a_socket_that_replaced_ours_is_left_alone(void **state)
{
	struct rig *rig = *state;

	unlink(rig->path);
	leave_socket(rig->path);
	rig_close(rig);
	assert_int_equal(access(rig->path, F_OK), 0);
}

static void test_a_missing_folder_is_survived(void **state)
{
	struct rig *rig = *state;

	rig_close(rig);
	strcat(rig->path, "/no/folder");
	rig_open(rig);
	assert_null(rig->control);
}

static void test_requests_are_answered_in_order_though_they_came_at_once(void **state)
{
	static const char requests[] = "{\"command\":\"nodes create\",\"node\":\"a\"}\n"
				       "{\"command\":\"nodes delete\",\"node\":\"a\"}\n"
				       "{\"command\":\"nodes show\",\"node\":\"a\"}\n";
	struct rig *rig = *state;

	rig_send(rig, rig->fd, requests, strlen(requests));
	assert_string_equal(rig_line(rig), "{\"result\":{\"node\":\"a\"}}");
	assert_string_equal(rig_line(rig), "{\"result\":{\"node\":\"a\"}}");
	assert_string_equal(rig_line(rig), "{\"error\":\"node not found\",\"code\":\"refused\"}");
}

static void test_a_request_may_come_in_pieces(void **state)
{
	static const char request[] = "{\"command\":\"reload\"}\n";
	struct rig *rig = *state;

	for (size_t i = 0; i < strlen(request); i++)
		rig_send(rig, rig->fd, &request[i], 1);
	assert_string_equal(rig_line(rig), "{\"result\":{}}");
	assert_int_equal(rig->reloads, 1);
}

static void test_a_client_that_ends_its_side_is_still_answered(void **state)
{
	static const char requests[] = "{\"command\":\"reload\"}\n{\"command\":\"reload\"}\n";
	struct rig *rig = *state;

	rig_send(rig, rig->fd, requests, strlen(requests));
	shutdown(rig->fd, SHUT_WR);
	assert_string_equal(rig_line(rig), "{\"result\":{}}");
	assert_string_equal(rig_line(rig), "{\"result\":{}}");
	assert_null(rig_line(rig));
}

static void test_half_a_request_is_not_run(void **state)
{
	struct rig *rig = *state;

	rig_send(rig, rig->fd, "{\"command\":\"reload\"}", strlen("{\"command\":\"reload\"}"));
	shutdown(rig->fd, SHUT_WR);
	assert_null(rig_line(rig));
	assert_int_equal(rig->reloads, 0);
}

static void test_a_line_without_end_is_cut_off(void **state)
{
	struct rig *rig = *state;
	const size_t len = 5 * 1024 * 1024;
	char *line = malloc(len);

	memset(line, 'x', len);
	rig_send(rig, rig->fd, line, len);
	free(line);
	assert_string_equal(
		rig_line(rig), "{\"error\":\"the line is too long\",\"code\":\"usage\"}");
	assert_null(rig_line(rig));
}

static void test_clients_are_limited_in_number(void **state)
{
	struct rig *rig = *state;
	int fds[40];
	size_t refused = 0;

	for (size_t i = 0; i < 40; i++)
		fds[i] = rig_connect(rig);
	for (size_t i = 0; i < 40; i++) {
		char byte;

		rig_run(rig);
		refused += read(fds[i], &byte, 1) == 0;
		close(fds[i]);
	}
	assert_int_equal(refused, 9); /* one is there already */
	rig_run(rig);
	assert_answer(rig, "{'command':'reload'}", "{'result':{}}");
}

static void test_a_client_that_does_not_read_is_not_served_any_longer(void **state)
{
	static const char request[] =
		"{\"command\":\"items show\",\"node\":\"a\",\"item\":\"1\"}\n";
	struct rig *rig = *state;
	int other = rig_connect(rig);

	rig_ask(rig, "{'command':'nodes create','node':'a'}");
	rig_ask(rig, arena_printf(rig->arena,
			     "{'command':'items publish','node':'a','item':'1',"
			     "'payload':'<e>%0900d</e>'}",
			     0));
	for (int i = 0; i < 10000; i++)
		if (send(other, request, strlen(request), MSG_NOSIGNAL) < 0)
			rig_run(rig);
	assert_answer(rig, "{'command':'reload'}", "{'result':{}}");
	close(other);
	assert_answer(rig, "{'command':'reload'}", "{'result':{}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(test_only_its_owner_may_open_the_file),
		RIG_TEST(test_the_file_goes_with_the_daemon),
		RIG_TEST(test_a_socket_that_nobody_answers_is_replaced),
		RIG_TEST(test_a_socket_that_somebody_answers_is_left_alone),
		RIG_TEST(test_a_file_that_is_not_a_socket_is_left_alone),
		RIG_TEST(test_a_socket_that_replaced_ours_is_left_alone),
		RIG_TEST(test_a_missing_folder_is_survived),
		RIG_TEST(test_requests_are_answered_in_order_though_they_came_at_once),
		RIG_TEST(test_a_request_may_come_in_pieces),
		RIG_TEST(test_a_client_that_ends_its_side_is_still_answered),
		RIG_TEST(test_half_a_request_is_not_run),
		RIG_TEST(test_a_line_without_end_is_cut_off),
		RIG_TEST(test_clients_are_limited_in_number),
		RIG_TEST(test_a_client_that_does_not_read_is_not_served_any_longer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
