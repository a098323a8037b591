/* The door as a whole: it listens, and hands whoever comes to client.c. */
#include "peppy/control.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "peppy/clock.h"
#include "peppy/log.h"
#include "peppy/memory.h"

#include "state.h"

static const struct timeval pause_time = {1, 0};

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
	int len, void *ctx)
{
	(void)listener, (void)address, (void)len;
	client_open(ctx, fd);
}

/* No descriptors, mostly. To try again at once would be to try for ever. */
static void on_accept_failed(struct evconnlistener *listener, void *ctx)
{
	struct control *control = ctx;

	if (!evtimer_pending(control->pause, NULL))
		log_error("control", "cannot accept connections: %s", strerror(errno));
	evconnlistener_disable(listener);
	event_add(control->pause, &pause_time);
}

static void on_pause_over(evutil_socket_t fd, short what, void *ctx)
{
	const struct control *control = ctx;

	(void)fd, (void)what;
	if (control->listener != NULL)
		evconnlistener_enable(control->listener);
	if (control->http != NULL)
		evconnlistener_enable(control->http);
}

void control_rests(struct evconnlistener *listener)
{
	evconnlistener_set_error_cb(listener, on_accept_failed);
}

static bool listen_at(struct control *control, const char *path)
{
	if (!door_open(&control->door, path))
		return false;
	control->listener = evconnlistener_new(
		control->base, on_accept, control, LEV_OPT_CLOSE_ON_EXEC, 0, control->door.fd);
	if (control->listener == NULL) {
		log_error("control", "cannot watch the socket");
		return false;
	}
	control_rests(control->listener);
	return true;
}

struct control *control_create(
	struct event_base *base, const struct control_options *opt, const struct control_port *port)
{
	struct control *control = memory_alloc(sizeof *control);
	bool commands, numbers;

	json_set_alloc_funcs(memory_alloc, free); /* out of memory aborts */
	control->base = base;
	control->port = *port;
	control->store_path = memory_strdup(opt->store_path);
	control->started_us = clock_monotonic_us();
	LIST_INIT(&control->clients);
	TAILQ_INIT(&control->visitors);
	control->ring = ring_create();
	control->pause = evtimer_new(base, on_pause_over, control);
	assert(control->pause != NULL);
	commands = listen_at(control, opt->socket_path);
	numbers = opt->metrics_listen != NULL && http_open(control, opt->metrics_listen);
	if (commands)
		log_info("control", "taking commands at %s", opt->socket_path);
	if (numbers)
		log_info("control", "serving metrics at http://%s/metrics", opt->metrics_listen);
	if (commands || numbers)
		return control;
	control_destroy(control);
	return NULL;
}

void control_destroy(struct control *control)
{
	if (control == NULL)
		return;
	client_close_all(control);
	http_close(control);
	if (control->listener != NULL)
		evconnlistener_free(control->listener);
	if (control->pause != NULL)
		event_free(control->pause);
	door_close(&control->door);
	ring_destroy(control->ring);
	free(control->store_path);
	free(control);
}
