/* Whoever has come: lines in, lines out, one command at a time. */
#include "state.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "peppy/log.h"
#include "peppy/memory.h"

#include "call.h"

#define CLIENTS_MAX 32
#define LINE_BYTES (4 * 1024 * 1024)   /* of a request */
#define OUTPUT_BYTES (1 * 1024 * 1024) /* with more than this waiting no request is read */

struct client {
	LIST_ENTRY(client) link;
	struct control *control;
	struct bufferevent *stream;
	bool is_ended;   /* nothing more comes */
	bool is_closing; /* when the last answer has left */
};

static void client_close(struct client *client)
{
	LIST_REMOVE(client, link);
	client->control->client_count--;
	bufferevent_free(client->stream);
	free(client);
}

void client_close_all(struct control *control)
{
	while (!LIST_EMPTY(&control->clients))
		client_close(LIST_FIRST(&control->clients));
}

static size_t waiting_output(const struct client *client)
{
	return evbuffer_get_length(bufferevent_get_output(client->stream));
}

static void send_line(struct client *client, json_t *answer)
{
	char *text = json_dumps(answer, JSON_COMPACT);

	bufferevent_write(client->stream, text, strlen(text));
	bufferevent_write(client->stream, "\n", 1);
	free(text);
	json_decref(answer);
}

/* Nothing more is read; closed when what is to be said has been said. */
static void close_soon(struct client *client)
{
	client->is_closing = true;
	bufferevent_disable(client->stream, EV_READ);
	if (waiting_output(client) == 0)
		client_close(client);
}

static void refuse_line(struct client *client)
{
	send_line(
		client, json_pack("{s:s, s:s}", "error", "the line is too long", "code", "usage"));
	close_soon(client);
}

/* One request at a time: the loop has other things to do in between. */
static void serve(struct client *client)
{
	struct evbuffer *input = bufferevent_get_input(client->stream);
	size_t len;
	char *line;

	if (client->is_closing || waiting_output(client) >= OUTPUT_BYTES)
		return; /* on_written goes on */
	line = evbuffer_readln(input, &len, EVBUFFER_EOL_LF);
	if (line != NULL) {
		send_line(client, call_run(client->control, line, len));
		free(line);
		bufferevent_trigger(client->stream, EV_READ, BEV_TRIG_DEFER_CALLBACKS);
	} else if (client->is_ended) {
		close_soon(client);
	} else if (evbuffer_get_length(input) >= LINE_BYTES) {
		refuse_line(client);
	}
}

static void on_read(struct bufferevent *stream, void *ctx)
{
	(void)stream;
	serve(ctx);
}

static void on_written(struct bufferevent *stream, void *ctx)
{
	struct client *client = ctx;

	(void)stream;
	if (client->is_closing)
		client_close(client);
	else
		serve(client);
}

/* Requests that came before the end are answered all the same. */
static void on_event(struct bufferevent *stream, short what, void *ctx)
{
	struct client *client = ctx;

	(void)stream;
	client->is_ended = true;
	if ((what & BEV_EVENT_ERROR) != 0)
		client_close(client);
	else
		serve(client);
}

/* ---- who may come in ---- */

static bool is_trusted(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof peer;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0) {
		log_error("control", "cannot tell who connects: %s", strerror(errno));
		return false;
	}
	if (peer.uid == 0 || peer.uid == geteuid())
		return true;
	log_warning("control", "user %u was turned away", (unsigned)peer.uid);
	return false;
}

void client_open(struct control *control, int fd)
{
	struct client *client;
	struct bufferevent *stream;

	if (control->client_count >= CLIENTS_MAX || !is_trusted(fd)) {
		close(fd);
		return;
	}
	stream = bufferevent_socket_new(control->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (stream == NULL) {
		close(fd);
		return;
	}
	client = memory_alloc(sizeof *client);
	client->control = control;
	client->stream = stream;
	LIST_INSERT_HEAD(&control->clients, client, link);
	control->client_count++;
	bufferevent_setcb(stream, on_read, on_written, on_event, client);
	bufferevent_setwatermark(stream, EV_READ, 0, LINE_BYTES);
	bufferevent_enable(stream, EV_READ | EV_WRITE);
}
