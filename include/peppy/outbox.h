/* outbox.h - answers and notifications as stanzas: addressed, rendered once, stamped per
 * recipient, wrapped where a delegation (XEP-0355) or a privilege (XEP-0356) asks for it.
 * Floor 3. Knows no rule and no storage. Appends to a buffer, which leaves after the commit. */
#ifndef PEPPY_OUTBOX_H
#define PEPPY_OUTBOX_H

#include "peppy/codec.h"
#include "peppy/pubsub.h"
#include "peppy/xml.h"

/* Where an answer goes. Its texts are not copied. */
struct outbox_route {
	const char *id;            /* of the request */
	const char *from;          /* whom it was addressed to */
	const char *to;            /* who asked */
	bool message;              /* it was a <message/>: only errors are answered */
	const char *delegation_ns; /* NULL: not delegated; else the version, with what follows */
	const char *outer_id;
	const char *outer_from; /* the component */
	const char *outer_to;   /* the server that forwarded */
};

/* Opens <iq type=…> (in its wrapper, or <message type=…>); the caller writes the payload and
 * closes. */
struct xml_writer outbox_reply_open(
	struct buf *out, const struct outbox_route *route, const char *type);
void outbox_reply_close(struct xml_writer *w);
void outbox_error(struct buf *out, const struct outbox_route *route, enum pubsub_error err,
	const char *detail);

/* How notifications of a service leave. */
struct outbox_sender {
	const char *component;    /* the stanza's own 'from' */
	const char *privilege_ns; /* NULL: plain messages, from event->service */
	const char *server;       /* the server's domain, for privileged ones */
	size_t max_bytes; /* of a stanza: a larger one would end the stream, and is left out */
	/* Told of each notification when it has been appended. NULL: nobody counts them. */
	void (*count)(void *ctx, const char *jid, size_t bytes);
	void *count_ctx;
};

/* What all recipients of an event are sent alike, to be kept for later. */
void outbox_body_render(struct buf *out, const struct pubsub_event *event);

/* One message for each of event->recipients with a body rendered before. */
void outbox_notify_body(struct buf *out, const struct outbox_sender *sender,
	const struct pubsub_event *event, const char *body, size_t len);

/* The same with the event's own. */
void outbox_notify(
	struct buf *out, const struct outbox_sender *sender, const struct pubsub_event *event);

#endif
