/* wire.h - the link to one XMPP server: an authenticated component stream (XEP-0114) that is kept
 * open, read in turns and written in large blocks.
 * Floor 2. Knows XML stanzas as such; knows the meaning of none. */
#ifndef PEPPY_WIRE_H
#define PEPPY_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "peppy/buf.h"
#include "peppy/xml.h"

struct event_base;
struct wire_link;

enum wire_tls { WIRE_TLS_OFF, WIRE_TLS_REQUIRED };

/* Copied by wire_link_create. A size or time of 0, a resolv_conf of NULL: the default beside it. */
struct wire_options {
	const char *component; /* the component's JID, "pubsub.example.org" */
	const char *server;    /* host name or address */
	uint16_t port;
	const char *secret;
	enum wire_tls tls;
	const char *tls_ca_file; /* NULL: the system's */
	const char *tls_certificate_file, *tls_key_file; /* ours; NULL: none, in the same file */
	const char *tls_name;    /* NULL: server */
	const char *resolv_conf; /* /etc/resolv.conf */
	struct xml_limits limits;
	size_t turn_bytes;         /* what one turn reads at most: 256 KiB */
	size_t high_water_bytes;   /* with more output than this waiting no turn starts; nor is more
				      kept for the next stream: 16 MiB */
	unsigned login_timeout_ms; /* from the first packet to the stream's authentication: 10 s */
	unsigned retry_ms;         /* between attempts at first; 5 times that later: 1 s */
	unsigned ping_ms;          /* after so much silence of ours a blank is sent: 60 s */
};

/* How the link speaks to the floors above; handed in by main. Called from the event loop only.
 * None of them may destroy the link. */
struct wire_handlers {
	void *ctx;
	void (*on_up)(void *ctx, struct wire_link *link);   /* the stream is authenticated */
	void (*on_down)(void *ctx, struct wire_link *link); /* it was up and is lost */
	void (*on_turn)(void *ctx, struct wire_link *link); /* take stanzas with wire_link_next */
	void (*on_drained)(void *ctx, struct wire_link *link); /* output fell below the high mark;
								  may be NULL */
};

/* Resolves, connects, authenticates, and does so again whenever the link is lost: at once, then at
 * most 1 s apart for the first minute, later up to 5 s, with jitter, for ever. One clear log line
 * for each way in which it fails, not repeated while it goes on failing in the same way. */
struct wire_link *wire_link_create(struct event_base *base, const struct wire_options *opt,
	const struct wire_handlers *handlers);

/* Drops the connection at once. Takes NULL. */
void wire_link_destroy(struct wire_link *link);

/* Writes what is waiting, closes the stream, and destroys the link when that is done or after
 * timeout_ms; done is called then (may be NULL). A link that is closing calls no handler. */
void wire_link_close(struct wire_link *link, unsigned timeout_ms, void (*done)(void *ctx), void *ctx);

/* The next stanza of this turn; false: the turn is over. Inside on_turn only. A turn that is left
 * before false came goes on in another one, soon; bytes and trees of the stanzas taken die at the
 * end of on_turn. */
bool wire_link_next(struct wire_link *link, struct xml_stanza *out);

/* Appends whole stanzas to the output, which leaves in large writes. keep: those that the kernel has
 * not taken whole when the stream is lost, and those that are sent while there is none, leave first
 * on the next stream; so much that the high mark is passed, the rest is dropped and told in the log.
 * Else what is left is dropped with the stream. When four high marks wait the stream is given up. */
void wire_link_send(struct wire_link *link, const char *bytes, size_t len, bool keep);

bool wire_link_is_up(const struct wire_link *link);

/* Bytes of output that the kernel has not taken, those kept for the next stream included. */
size_t wire_link_queued(const struct wire_link *link);

/* Bytes sent since the link was created, over all streams, logins and blanks included; and those of
 * them that have reached the server's host, acknowledged by its TCP. What is sent when the first is N
 * has arrived whole when the second reaches N; what has not by on_down, when it tells how far the
 * stream came, never will and is counted no more: what is kept counts anew on the next stream. */
uint64_t wire_link_sent(const struct wire_link *link);
uint64_t wire_link_taken(const struct wire_link *link);

#endif
