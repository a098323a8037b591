/* server.h - the XMPP server that peppyd is attached to (XEP-0114, the accepting side): one
 * connection on loopback, written in blocks, read as fast as it comes. */
#ifndef BENCH_SERVER_H
#define BENCH_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "peppy/buf.h"
#include "scan.h"

struct server;

typedef void (*server_stanza_fn)(void *ctx, const struct stanza *stanza);

/* strict: libxml reads along, and both have to see the same stanzas. */
struct server *server_create(server_stanza_fn on_stanza, void *ctx, bool strict);
void server_destroy(struct server *server); /* takes NULL */
uint16_t server_port(const struct server *server);

/* Whether the component connects within this time. */
bool server_is_called(const struct server *server, int timeout_ms);

/* Checks the handshake of the component and lets it in; an earlier stream is closed. */
void server_accept(struct server *server);

/* Awaits that the component closes its stream, and closes it too. Nothing else may come. */
void server_part(struct server *server);

/* What is appended here leaves with the next step. */
struct buf *server_output(struct server *server);

/* Writes what is there to write, waits for at most so long, hands on what has come. Faults if the
 * stream has ended. */
void server_step(struct server *server, int timeout_ms);

/* When the bytes under way were read; between steps, when the last ones were. */
uint64_t server_now_ns(const struct server *server);
uint64_t server_received(const struct server *server); /* bytes so far */

#endif
