/* Numbers and health over HTTP, for programs that come by regularly: one request each. Not with
 * libevent's evhttp, which takes as many visitors as there are descriptors. */
#include "state.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "peppy/array.h"
#include "peppy/log.h"
#include "peppy/memory.h"
#include "peppy/metric.h"

#define VISITORS_MAX 16
#define HEADER_BYTES 8192
#define TIMEOUT_S 10 /* without a byte */

struct visitor {
	TAILQ_ENTRY(visitor) link;
	struct control *control;
	struct bufferevent *stream;
};

struct request {
	const char *path;    /* without what follows its '?' */
	const char *headers; /* all that the visitor has sent */
};

struct answer {
	int status;
	const char *type; /* of the body */
	struct buf body;
};

#define TEXT_TYPE "text/plain; charset=utf-8"

/* ---- what there is ---- */

typedef void (*page_fn)(
	struct control *control, const struct request *request, struct answer *answer);

/* Whoever does not ask for OpenMetrics gets what came before it. */
static void put_metrics(
	struct control *control, const struct request *request, struct answer *answer)
{
	struct buf text = {0};

	metrics_render(control, &text);
	if (strcasestr(request->headers, "application/openmetrics-text") != NULL) {
		answer->type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
		answer->body = text;
		return;
	}
	answer->type = "text/plain; version=0.0.4; charset=utf-8";
	metric_put_plain(&answer->body, &text);
	buf_finish(&text);
}

/* The loop runs, or nobody would answer. */
static void put_health(
	struct control *control, const struct request *request, struct answer *answer)
{
	(void)control;
	(void)request;
	buf_append_text(&answer->body, "ok\n");
}

/* Ready is whoever has all links up: the store has been open since the start. */
static void put_readiness(
	struct control *control, const struct request *request, struct answer *answer)
{
	struct control_link link;

	(void)request;
	for (size_t i = 0; control->port.link(control->port.ctx, i, &link); i++) {
		buf_printf(&answer->body, "%s %s\n", link.component, link.is_up ? "up" : "down");
		if (!link.is_up)
			answer->status = 503;
	}
}

static const struct {
	const char *path;
	page_fn put;
} pages[] = {
	{"/metrics", put_metrics},
	{"/healthz", put_health},
	{"/readyz", put_readiness},
};

static page_fn page_find(const char *path)
{
	for (size_t i = 0; i < ARRAY_COUNT(pages); i++)
		if (strcmp(pages[i].path, path) == 0)
			return pages[i].put;
	return NULL;
}

/* ---- a request ---- */

static const char *reason_of(int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 400:
		return "Bad Request";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	default:
		return "Service Unavailable";
	}
}

static void send_answer(struct visitor *visitor, const struct answer *answer, bool body)
{
	struct evbuffer *out = bufferevent_get_output(visitor->stream);

	evbuffer_add_printf(out,
		"HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
		"Cache-Control: no-store\r\nConnection: close\r\n%s\r\n",
		answer->status, reason_of(answer->status), answer->type, answer->body.len,
		answer->status == 405 ? "Allow: GET, HEAD\r\n" : "");
	if (body)
		evbuffer_add(out, answer->body.data, answer->body.len);
}

static bool is_get(const char *method)
{
	return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

/* text: the request with its headers; NULL: they never end. */
static void serve(struct visitor *visitor, const char *text)
{
	struct answer answer = {.status = 200, .type = TEXT_TYPE};
	char method[8], path[64];
	page_fn put;

	if (text == NULL || sscanf(text, "%7[A-Z] %63[^? \r\n]", method, path) < 2 ||
		path[0] != '/') {
		answer.status = 400;
		strcpy(method, "GET");
	} else if (!is_get(method)) {
		answer.status = 405;
	} else if ((put = page_find(path)) == NULL) {
		answer.status = 404;
	} else {
		put(visitor->control, &(struct request){path, text}, &answer);
	}
	if (answer.body.len == 0)
		buf_printf(&answer.body, "%s\n", reason_of(answer.status));
	send_answer(visitor, &answer, strcmp(method, "HEAD") != 0);
	buf_finish(&answer.body);
}

/* ---- a visitor ---- */

static void visitor_close(struct visitor *visitor)
{
	TAILQ_REMOVE(&visitor->control->visitors, visitor, link);
	visitor->control->visitor_count--;
	bufferevent_free(visitor->stream);
	free(visitor);
}

static void on_read(struct bufferevent *stream, void *ctx)
{
	struct evbuffer *in = bufferevent_get_input(stream);
	const size_t len = evbuffer_get_length(in);
	const bool whole = evbuffer_search(in, "\r\n\r\n", 4, NULL).pos >= 0;
	char *text;

	if (!whole && len < HEADER_BYTES)
		return;
	text = memory_alloc(len + 1);
	evbuffer_remove(in, text, len);
	bufferevent_disable(stream, EV_READ);
	serve(ctx, whole ? text : NULL);
	free(text);
}

static void on_written(struct bufferevent *stream, void *ctx)
{
	if ((bufferevent_get_enabled(stream) & EV_READ) == 0) /* it has been answered */
		visitor_close(ctx);
}

static void on_event(struct bufferevent *stream, short what, void *ctx)
{
	(void)stream;
	(void)what;
	visitor_close(ctx);
}

/* One too many closes the oldest connection, so idle ones cannot keep others out. */
static void on_visitor(struct evconnlistener *listener, evutil_socket_t fd,
	struct sockaddr *address, int len, void *ctx)
{
	static const struct timeval patience = {TIMEOUT_S, 0};
	struct control *control = ctx;
	struct visitor *visitor;
	struct bufferevent *stream;

	(void)listener, (void)address, (void)len;
	stream = bufferevent_socket_new(control->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (stream == NULL) {
		close(fd);
		return;
	}
	if (control->visitor_count >= VISITORS_MAX)
		visitor_close(TAILQ_FIRST(&control->visitors));
	visitor = memory_alloc(sizeof *visitor);
	*visitor = (struct visitor){.control = control, .stream = stream};
	TAILQ_INSERT_TAIL(&control->visitors, visitor, link);
	control->visitor_count++;
	bufferevent_setcb(stream, on_read, on_written, on_event, visitor);
	bufferevent_setwatermark(stream, EV_READ, 0, HEADER_BYTES);
	bufferevent_set_timeouts(stream, &patience, &patience);
	bufferevent_enable(stream, EV_READ | EV_WRITE);
}

/* ---- opening ---- */

/* "[::1]:9547", "127.0.0.1:9547" */
static bool split(const char *listen, char **host_out, const char **port_out)
{
	const char *colon = strrchr(listen, ':');
	char *end;
	unsigned long port = colon == NULL ? 0 : strtoul(colon + 1, &end, 10);

	if (port == 0 || port > UINT16_MAX || *end != '\0' || colon == listen)
		return false;
	*host_out = memory_strdup(listen[0] == '[' ? listen + 1 : listen);
	(*host_out)[colon - listen - (listen[0] == '[' ? 2 : 0)] = '\0';
	*port_out = colon + 1;
	return true;
}

static bool refuse(const char *listen, const char *why)
{
	log_error("control", "cannot serve metrics at %s: %s", listen, why);
	return false;
}

bool http_open(struct control *control, const char *listen)
{
	static const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
	struct addrinfo *address;
	const char *port;
	char *host;
	int rc;

	if (!split(listen, &host, &port))
		return refuse(listen, "not ADDRESS:PORT");
	rc = getaddrinfo(host, port, &hints, &address);
	free(host);
	if (rc != 0)
		return refuse(listen, gai_strerror(rc));
	control->http = evconnlistener_new_bind(control->base, on_visitor, control,
		LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE, -1,
		address->ai_addr, (int)address->ai_addrlen);
	freeaddrinfo(address);
	if (control->http == NULL)
		return refuse(listen, strerror(errno));
	control_rests(control->http);
	return true;
}

void http_close(struct control *control)
{
	while (!TAILQ_EMPTY(&control->visitors))
		visitor_close(TAILQ_FIRST(&control->visitors));
	if (control->http != NULL)
		evconnlistener_free(control->http);
}
