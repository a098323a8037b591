/* rig.h - a link and a server for it, in one process and one event loop. */
#ifndef WIRE_RIG_H
#define WIRE_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "peppy/buf.h"
#include "peppy/wire.h"

#define RIG_COMPONENT "pubsub.example.org"
#define RIG_SECRET "s3cr3t"
#define RIG_STREAM_ID "3BF96D32"
#define RIG_HEADER                                                                                 \
	"<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' "                     \
	"xmlns:stream='http://etherx.jabber.org/streams' from='" RIG_COMPONENT                     \
	"' id='" RIG_STREAM_ID "'>"

struct event_base;
struct event;
struct ssl_st;
struct ssl_ctx_st;

struct rig {
	struct event_base *base;
	struct event *tick; /* lets the loop return */
	struct wire_options opt;
	struct wire_link *link;

	/* what the link told */
	unsigned ups, downs, turns, drained;
	unsigned turns_while_high;
	struct buf stanzas;      /* the bytes of all, each in brackets */
	struct buf turn_lengths; /* how many stanzas each turn had, one char a turn */
	bool closed;             /* wire_link_close is done */

	/* how the floors above behave */
	unsigned take_most;  /* stanzas a turn; 0: all */
	size_t answer_bytes; /* sent for each stanza */
	const char *say_at_up;
	void (*on_stanza)(struct rig *rig, const struct xml_stanza *stanza);

	/* the server */
	int listener; /* of a port of 127.0.0.1 that the kernel chose */
	bool refuses; /* it is not listening yet */
	int peer;     /* -1: nobody has connected */
	struct ssl_ctx_st *tls;
	struct ssl_st *ssl;
	struct buf received;
	size_t received_bytes; /* also those that were dropped from received */
	size_t login_bytes;    /* of these, up to the end of the last login */
	bool deaf;             /* it does not read */
	bool hung_up;          /* the link has closed its side */

	int kept_stderr;
	int log;
};

int rig_set_up(void **state);
int rig_tear_down(void **state);

/* Starts the link with rig->opt, which rig_set_up has filled in. */
void rig_start(struct rig *rig);
void rig_listen(struct rig *rig);         /* done by rig_start unless rig->refuses */
const char *rig_stanzas(struct rig *rig); /* what came so far */

void rig_step(struct rig *rig);
void rig_settle(struct rig *rig); /* some steps: long enough for what should not happen */
#define RIG_WAIT(rig, expression)                                                                  \
	do                                                                                         \
		rig_step(rig);                                                                     \
	while (!(expression))

/* The server's side. */
void server_accept(struct rig *rig);
void server_send(struct rig *rig, const char *bytes, size_t len);
void server_say(struct rig *rig, const char *text);
void server_await(struct rig *rig, const char *text); /* and forgets everything up to its end */
void server_hang_up(struct rig *rig);
void server_expect_handshake(struct rig *rig); /* accept, header, the right digest comes */
void server_login(struct rig *rig);            /* and <handshake/>: the link is up */

bool rig_logged(struct rig *rig, const char *text);
unsigned rig_log_count(struct rig *rig, const char *text);

#endif
