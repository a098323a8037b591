/* session.h - opens and authenticates one component stream by libstrophe; the bytes are then ours.
 *
 * libstrophe makes the TCP connection. As soon as it stands, session_take puts one end of a socket
 * pair in its place: from then on libstrophe talks to us, we talk to the server, and it sees
 * nothing but what decides the login: the server's stream header and the first child of the stream,
 * each in one piece. It parses, queues and sends no stanza of peppy's. One object an attempt. */
#ifndef WIRE_SESSION_H
#define WIRE_SESSION_H

#include <stddef.h>
#include <stdint.h>

#include "peppy/attributes.h"
#include "peppy/buf.h"

/* The longest stream header and the longest first child that it is shown. */
#define SESSION_HEADER_MAX 4096
#define SESSION_CHILD_MAX 65536

enum session_verdict { SESSION_PENDING, SESSION_AUTHENTICATED, SESSION_REFUSED };

struct session;

/* Starts to connect; address is numeric (a name would be resolved, blocking). NULL: it failed at
 * once, and why_out says how. */
MUST_CHECK struct session *session_open(const char *component, const char *secret,
	const char *address, uint16_t port, const char **why_out);

/* Drops what libstrophe holds; a descriptor that was taken stays open. Takes NULL. */
void session_destroy(struct session *session);

/* To be watched until it is writable: then the connection stands or has failed. */
int session_descriptor(const struct session *session);

/* The connected TCP descriptor, now the caller's; to_server gets what libstrophe has to say first.
 * -1: the connection failed, errno says why. */
MUST_CHECK int session_take(struct session *session, struct buf *to_server);

/* Shows it one whole token of the server, and appends its answer to to_server. */
void session_feed(struct session *session, const char *token, size_t len, struct buf *to_server);

enum session_verdict session_verdict(const struct session *session);

#endif
