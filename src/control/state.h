/* state.h - what the files of control share. */
#ifndef CONTROL_STATE_H
#define CONTROL_STATE_H

#include <event2/event.h>
#include <event2/listener.h>
#include <sys/queue.h>

#include "peppy/control.h"

struct client; /* client.c */
LIST_HEAD(clients, client);

struct visitor; /* http.c */
TAILQ_HEAD(visitors, visitor);

/* A unix socket that is listened on (socket.c). */
struct door {
	char *path;
	int fd; /* -1: closed */
	dev_t device;
	ino_t inode;
};

struct ring; /* activity.c */

struct control {
	struct event_base *base;
	struct control_port port;
	char *store_path;
	struct door door;
	struct evconnlistener *listener;
	struct event *pause; /* after an accept(2) that failed */
	struct clients clients;
	size_t client_count;
	uint64_t started_us; /* monotonic */
	struct ring *ring;
	struct evconnlistener *http; /* NULL: no metrics are served */
	struct visitors visitors;    /* at its port */
	size_t visitor_count;
};

struct ring *ring_create(void);
void ring_destroy(struct ring *ring); /* takes NULL */

/* /metrics, /healthz and /readyz. false: they cannot be listened for, and why has been logged. */
bool http_open(struct control *control, const char *listen);
void http_close(struct control *control);

/* Of a listener whose ctx is control: when accept(2) fails it rests for a second. */
void control_rests(struct evconnlistener *listener);

/* All there is to tell, as OpenMetrics. */
void metrics_render(struct control *control, struct buf *out);
void process_render(const struct control *control, struct buf *out); /* of the process */

/* false: it cannot be opened, and why has been logged. What a process that died has left at path
 * is replaced; what is no socket, or one that somebody listens on, is left alone. */
bool door_open(struct door *door, const char *path);
void door_close(struct door *door); /* removes the file if it is ours still */

void client_open(struct control *control, int fd);
void client_close_all(struct control *control);

#endif
