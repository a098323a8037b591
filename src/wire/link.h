/* link.h - what the files of a link share: link.c has the contract and the states, login.c what
 * happens until the stream is authenticated, stream.c what happens on it. */
#ifndef WIRE_LINK_H
#define WIRE_LINK_H

#include <event2/event.h>
#include <event2/util.h>
#include <netdb.h>

#include "peppy/buf.h"
#include "peppy/wire.h"
#include "wire/backoff.h"
#include "wire/channel.h"
#include "wire/output.h"
#include "wire/resolver.h"
#include "wire/session.h"

#define WIRE_NS_STREAM "http://etherx.jabber.org/streams"

enum link_state {
	LINK_WAITING, /* until the next attempt */
	LINK_RESOLVING,
	LINK_CONNECTING,
	LINK_SECURING, /* TLS handshake */
	LINK_LOGIN,
	LINK_UP,
	LINK_CLOSING, /* the last output leaves, the server closes its side */
	LINK_STATE_COUNT
};

enum link_event {
	EVENT_NONE,
	EVENT_TIMER, /* the wait is over; the watchdog; a beat of the stream that is up */
	EVENT_RESOLVED,
	EVENT_READABLE,
	EVENT_WRITABLE,
	EVENT_TURN, /* there is input that raises no event */
	EVENT_SECURED,
	EVENT_AUTHENTICATED,
	EVENT_FAILED,    /* told in the log */
	EVENT_EXHAUSTED, /* no address is left to try */
	EVENT_CLOSE,     /* wire_link_close */
	LINK_EVENT_COUNT
};

struct wire_link {
	struct event_base *base;
	struct wire_options opt; /* its texts are the link's own */
	struct wire_handlers handlers;
	enum link_state state;
	struct event *timer;
	struct event *turn;     /* a turn that no input announces */
	struct event *close;    /* wire_link_close, away from its caller */
	struct event *readable; /* of the socket there is, NULL without one */
	struct event *writable;
	struct backoff backoff;
	struct buf told; /* the failures of this outage, each with its NUL */

	struct resolver *resolver;
	struct evutil_addrinfo *addresses;
	const struct evutil_addrinfo *next_address;
	char address[NI_MAXHOST]; /* the one being tried, numeric */
	struct session *session;
	struct channel channel;
	struct buf header; /* the server's stream header, as far as it has come */

	struct xml_parser *parser; /* NULL before the header is whole */
	struct output output;
	struct output kept; /* notifications for the next stream, while there is none */
	bool full;          /* of them, told in the log */
	uint64_t taken_at_beat;
	bool beaten; /* this stream has had a beat */
	bool in_turn;
	bool parsed;      /* all whole stanzas of the input were taken */
	bool more;        /* the last read was full: there may be more to read */
	bool read_waits;  /* under TLS: until the socket is writable */
	bool held;        /* above the high mark: neither turns nor reads */
	bool drowned;     /* so far above it that the stream is given up */
	bool ended;       /* the stream is over, told in the log */
	const char *lost; /* so is the connection once its last stanzas were taken: why */

	void (*done)(void *ctx);
	void *done_ctx;
	unsigned close_ms;
};

/* One log line a failure and outage, "COMPONENT: text"; what repeats goes to the debug level. */
enum link_event link_failed(struct wire_link *link, const char *format, ...) PRINTF_LIKE(2, 3);

/* The same with a stream error of the server. */
enum link_event link_stream_error(struct wire_link *link, const struct xml_element *error);

enum link_event link_lost(struct wire_link *link); /* the same with link->lost */

void link_fire(struct wire_link *link, enum link_event event);
void link_timer(struct wire_link *link, unsigned ms);
void link_watch(struct wire_link *link, int fd); /* for reading; and to be asked for writing */
void link_unwatch(struct wire_link *link);

void link_drop(struct wire_link *link); /* the connection and all that belongs to it */
void link_drop_addresses(struct wire_link *link);

/* Actions: what is done at an event; returned is the event that follows from it at once. */
enum link_event link_wait(struct wire_link *link);
enum link_event link_flush(struct wire_link *link); /* writes what the kernel takes now */
enum link_event login_resolve(struct wire_link *link);
enum link_event login_resolve_expired(struct wire_link *link);
enum link_event login_connect_next(struct wire_link *link);
enum link_event login_connected(struct wire_link *link);
enum link_event login_secure(struct wire_link *link);
enum link_event login_begin(struct wire_link *link);
enum link_event login_read(struct wire_link *link);
enum link_event login_expired(struct wire_link *link);

enum link_event stream_up(struct wire_link *link);
enum link_event stream_read(struct wire_link *link);
enum link_event stream_writable(struct wire_link *link);
enum link_event stream_go_on(struct wire_link *link);
enum link_event stream_beat(struct wire_link *link);
enum link_event stream_down(struct wire_link *link);
enum link_event stream_close(struct wire_link *link);
enum link_event stream_close_write(struct wire_link *link);
enum link_event stream_close_read(struct wire_link *link);

#endif
