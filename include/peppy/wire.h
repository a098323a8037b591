/* wire.h - the link to one XMPP server: an authenticated component stream (XEP-0114) that is kept
 * open, read in turns and written in large blocks.
 * Floor 2. Knows XML stanzas as such; knows the meaning of none. */
#ifndef PEPPY_WIRE_H
#define PEPPY_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "peppy/xml.h"

struct event_base;
struct wire_link;

enum wire_tls { WIRE_TLS_OFF, WIRE_TLS_REQUIRED };

/* Copied by wire_link_create. 0 or NULL means the default given behind sizes, times,
 * resolv_conf. */
struct wire_options {
	const char *component; /* the component's JID, "pubsub.example.org" */
	const char *server;    /* host name or address */
	uint16_t port;
	const char *secret;
	enum wire_tls tls;
	const char *tls_ca_file;                         /* NULL: the system's */
	const char *tls_certificate_file, *tls_key_file; /* ours; NULL: none, in the same file */
	const char *tls_name;                            /* NULL: server */
	const char *resolv_conf;                         /* /etc/resolv.conf */
	struct xml_limits limits;
	size_t turn_bytes;         /* what one turn reads at most: 256 KiB */
	size_t high_water_bytes;   /* while more output than this waits, no turn starts; nor is more
				      kept for the next stream: 16 MiB */
	unsigned login_timeout_ms; /* from the first packet to the stream's authentication: 10 s */
	unsigned retry_ms;         /* between attempts at first; 5 times that later: 1 s */
	unsigned ping_ms;          /* after sending nothing for so long, a blank is sent: 60 s */
};

/* How the link calls the floors above; handed in by main. Called from the event loop only.
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
 * most 1 s apart for the first minute, later up to 5 s, with jitter, for ever. Logs one line for
 * each kind of failure, which is not repeated while the same failure goes on. */
struct wire_link *wire_link_create(struct event_base *base, const struct wire_options *opt,
	const struct wire_handlers *handlers);

/* Drops the connection at once. Takes NULL. */
void wire_link_destroy(struct wire_link *link);

/* Writes what is waiting, closes the stream, and destroys the link when that is done or after
 * timeout_ms; then calls done (may be NULL). A link that is closing calls no handler. */
void wire_link_close(
	struct wire_link *link, unsigned timeout_ms, void (*done)(void *ctx), void *ctx);

/* The next stanza of this turn; false: the turn is over. Inside on_turn only. If on_turn returns
 * before that, the rest comes in another turn, soon. Bytes and trees of the stanzas taken die at
 * the end of on_turn. */
bool wire_link_next(struct wire_link *link, struct xml_stanza *out);

/* Appends whole stanzas to the output, which leaves in large writes. keep: stanzas that the kernel
 * has not taken completely when the stream is lost, and those sent while there is none, go first on
 * the next stream; beyond the high mark they are dropped and the log says so. Without keep what is
 * left is dropped with the stream. When four high marks wait, the stream is given up. */
void wire_link_send(struct wire_link *link, const char *bytes, size_t len, bool keep);

bool wire_link_is_up(const struct wire_link *link);

/* Bytes of output that the kernel has not taken, those kept for the next stream included. */
size_t wire_link_queued(const struct wire_link *link);

/* Bytes sent since the link was created, over all streams, including logins and blanks; and those
 * of them that have reached the server's host, acknowledged by its TCP. What was sent when the
 * first was N has completely arrived when the second reaches N. At on_down the second says how far
 * the stream came; what had not arrived by then is no longer counted: what is kept counts again on
 * the next one. */
uint64_t wire_link_sent(const struct wire_link *link);
uint64_t wire_link_taken(const struct wire_link *link);

#endif
