/* Numbers and health over HTTP, for programs that come by regularly. */
#include "state.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>

#include "peppy/log.h"
#include "peppy/memory.h"

#define HEADER_BYTES 8192
#define TIMEOUT_S 10

static void answer(struct evhttp_request *request, int status, const char *type, struct buf *body)
{
	struct evbuffer *out = evbuffer_new();
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);

	if (out == NULL) {
		evhttp_send_error(request, HTTP_INTERNAL, NULL);
		return;
	}
	evbuffer_add(out, body->data, body->len);
	evhttp_add_header(headers, "Content-Type", type);
	evhttp_add_header(headers, "Cache-Control", "no-store");
	evhttp_send_reply(request, status, NULL, out);
	evbuffer_free(out);
	buf_finish(body);
}

static void on_metrics(struct evhttp_request *request, void *ctx)
{
	struct buf body = {0};

	metrics_render(ctx, &body);
	answer(request, HTTP_OK, "application/openmetrics-text; version=1.0.0; charset=utf-8",
		&body);
}

/* The loop runs, or nobody would answer. */
static void on_health(struct evhttp_request *request, void *ctx)
{
	struct buf body = {0};

	(void)ctx;
	buf_append_text(&body, "ok\n");
	answer(request, HTTP_OK, "text/plain; charset=utf-8", &body);
}

/* Ready is whoever has all links up: the store has been open since the start. */
static void on_ready(struct evhttp_request *request, void *ctx)
{
	struct control *control = ctx;
	struct control_link link;
	struct buf body = {0};
	bool ready = true;

	for (size_t i = 0; control->port.link(control->port.ctx, i, &link); i++) {
		buf_printf(&body, "%s %s\n", link.component, link.is_up ? "up" : "down");
		ready = ready && link.is_up;
	}
	answer(request, ready ? HTTP_OK : HTTP_SERVUNAVAIL, "text/plain; charset=utf-8", &body);
}

/* "[::1]:9547", "127.0.0.1:9547" */
static bool split(const char *listen, char **host_out, uint16_t *port_out)
{
	const char *colon = strrchr(listen, ':');
	char *end;
	unsigned long port = colon == NULL ? 0 : strtoul(colon + 1, &end, 10);

	if (port == 0 || port > UINT16_MAX || *end != '\0' || colon == listen)
		return false;
	*host_out = memory_strdup(listen[0] == '[' ? listen + 1 : listen);
	(*host_out)[colon - listen - (listen[0] == '[' ? 2 : 0)] = '\0';
	*port_out = (uint16_t)port;
	return true;
}

static bool bind_to(struct control *control, const char *listen)
{
	uint16_t port;
	char *host;
	bool bound;

	if (!split(listen, &host, &port)) {
		log_error("control", "metrics-listen: %s is not ADDRESS:PORT", listen);
		return false;
	}
	bound = evhttp_bind_socket(control->http, host, port) == 0;
	free(host);
	if (!bound)
		log_error("control", "cannot serve metrics at %s: %s", listen, strerror(errno));
	return bound;
}

bool http_open(struct control *control, const char *listen)
{
	control->http = evhttp_new(control->base);
	if (control->http == NULL)
		return false;
	evhttp_set_allowed_methods(control->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
	evhttp_set_max_headers_size(control->http, HEADER_BYTES);
	evhttp_set_max_body_size(control->http, 0);
	evhttp_set_timeout(control->http, TIMEOUT_S);
	evhttp_set_cb(control->http, "/metrics", on_metrics, control);
	evhttp_set_cb(control->http, "/healthz", on_health, control);
	evhttp_set_cb(control->http, "/readyz", on_ready, control);
	return bind_to(control, listen);
}

void http_close(struct control *control)
{
	if (control->http != NULL)
		evhttp_free(control->http);
}
