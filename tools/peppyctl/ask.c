/* ask.c - the daemon's socket: a line out, a line in. */
#include "peppyctl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#include "peppy/conf.h"

#define AS_WHOM "Run peppyctl as root, or as the user that peppyd runs as"

/* ---- where things are ---- */

static int read_conf(struct tool *tool, struct conf **out)
{
	const char *path =
		tool->conf_path == NULL ? SYSCONFDIR "/peppy/peppy.conf" : tool->conf_path;
	struct buf errors = {0};

	*out = conf_read(path, &errors);
	if (errors.len > 0)
		fwrite(errors.data, 1, errors.len, stderr);
	buf_finish(&errors);
	if (*out == NULL && geteuid() != 0)
		complain(0, AS_WHOM);
	return *out == NULL ? EX_CONFIG : 0;
}

static int find_socket(struct tool *tool)
{
	struct conf *conf;
	int status = tool->socket_path != NULL ? 0 : read_conf(tool, &conf);

	if (tool->socket_path != NULL || status != 0)
		return status;
	tool->socket_path = arena_strdup(tool->arena, conf->control_socket);
	conf_destroy(conf);
	return 0;
}

int ask_find_store(struct tool *tool)
{
	struct conf *conf;
	int status = tool->store_path != NULL ? 0 : read_conf(tool, &conf);

	if (tool->store_path != NULL || status != 0)
		return status;
	tool->store_path = arena_strdup(tool->arena, conf->store_path);
	tool->store_bytes = conf->store_max_bytes;
	conf_destroy(conf);
	return 0;
}

/* ---- asking ---- */

static int refuse(const char *path, int error)
{
	if (error == EACCES || error == EPERM)
		return complain(EX_NOPERM, "%s: %s. " AS_WHOM, path, strerror(error));
	return complain(EX_UNAVAILABLE, "no peppyd answers at %s: %s. Is it running?", path,
		strerror(error));
}

static int connect_to(struct tool *tool)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(tool->socket_path) >= sizeof address.sun_path)
		return complain(EX_USAGE, "%s: the name is too long", tool->socket_path);
	strcpy(address.sun_path, tool->socket_path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
		return refuse(tool->socket_path, errno);
	tool->to = fdopen(fd, "w");
	tool->from = fdopen(dup(fd), "r");
	return tool->to == NULL || tool->from == NULL ? complain(EX_OSERR, "%s", strerror(errno))
						      : 0;
}

static int open_socket(struct tool *tool)
{
	int status = tool->to != NULL ? 0 : find_socket(tool);

	return tool->to != NULL || status != 0 ? status : connect_to(tool);
}

static json_t *request_of(const struct tool *tool, const char *command)
{
	json_t *request = json_copy(tool->args);

	json_object_set_new(request, "command", json_string(command));
	if (tool->verb->fields != NULL && json_object_size(tool->fields) > 0)
		json_object_set(request, tool->verb->fields, tool->fields);
	return request;
}

static int send_request(struct tool *tool, json_t *request)
{
	int rc = json_dumpf(request, tool->to, JSON_COMPACT);

	json_decref(request);
	if (rc != 0 || fputc('\n', tool->to) == EOF || fflush(tool->to) != 0)
		return complain(
			EX_UNAVAILABLE, "peppyd does not take the request: %s", strerror(errno));
	return 0;
}

static int receive(struct tool *tool, json_t **out)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len = getline(&line, &size, tool->from);

	*out = len <= 0 ? NULL : json_loadb(line, (size_t)len, 0, NULL);
	free(line);
	return *out != NULL ? 0
			    : complain(EX_UNAVAILABLE,
				      "peppyd gave no answer: it ended, or this user may not ask");
}

static int status_of(const char *code)
{
	if (code != NULL && strcmp(code, "usage") == 0)
		return EX_USAGE;
	if (code != NULL && strcmp(code, "failed") == 0)
		return EX_IOERR;
	return EXIT_REFUSED;
}

int ask_command(struct tool *tool, const char *command, json_t **result_out)
{
	json_t *answer = NULL;
	const char *error;
	int status = open_socket(tool);

	*result_out = NULL;
	if (status == 0)
		status = send_request(tool, request_of(tool, command));
	if (status == 0)
		status = receive(tool, &answer);
	if (status != 0)
		return status;
	error = json_string_value(json_object_get(answer, "error"));
	if (error != NULL)
		status = complain(
			status_of(json_string_value(json_object_get(answer, "code"))), "%s", error);
	else
		*result_out = json_incref(json_object_get(answer, "result"));
	if (status == EX_IOERR)
		complain(0, "peppyd's log says why; peppyctl fsck checks the store");
	json_decref(answer);
	return status;
}

int ask(struct tool *tool, json_t **result_out)
{
	return ask_command(tool, tool->verb->name, result_out);
}
