/* server.h - the XMPP server's side of a component stream, as far as a peppyd needs one. It may be
 * left at any moment. */
#ifndef DURABILITY_SERVER_H
#define DURABILITY_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "peppy/buf.h"
#include "peppy/xml.h"
#include "peppyd.h"

struct server {
	int listener, peer; /* -1: nobody is connected */
	struct buf out;     /* to be sent; whoever has something to say appends it */
	struct xml_parser *parser;
	bool closed; /* peppyd has ended its stream */
	uint64_t received;
	int receive_buffer; /* of the socket, 0: what is usual; set before server_open */
	void *ctx;
	void (*on_stanza)(void *ctx, const struct xml_stanza *stanza);
};

void server_open(struct server *server); /* ctx and on_stanza are set by the caller */
void server_close(struct server *server);
uint16_t server_port(const struct server *server);

/* Waits until peppyd has come and has shown that it knows the secret. */
void server_login(struct server *server);

/* Writes and reads what can be within ms. false: the other side is gone, all that it had sent was
 * handed on. */
bool server_step(struct server *server, int ms);
void server_write(struct server *server); /* what can be, and reads nothing */

void server_read_to_end(struct server *server); /* of a peppyd that has ended or ends */
void server_part(struct server *server);        /* of one that was told to end */
void server_hang_up(struct server *server);

/* Both end in order, peppyd by SIGTERM; its store is sound, and nothing of them is left. */
void server_end(struct server *server, struct peppyd *peppyd);

/* Steps until the condition holds; the test fails if that takes very long or peppyd goes. */
#define SERVER_WAIT(server, condition)                                                             \
	for (uint64_t server_wait_until = server_deadline(); !(condition);)                        \
	server_wait(server, server_wait_until, #condition)
uint64_t server_deadline(void);
void server_wait(struct server *server, uint64_t until, const char *what);

#endif
