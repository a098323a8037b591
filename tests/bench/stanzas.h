/* stanzas.h - what the users of the bench say. Subscribers are u0@example.org, u1@…, publishers
 * p0@example.org, p1@…; node k is n<k> and belongs to publisher k; items are i0, i1, … */
#ifndef BENCH_STANZAS_H
#define BENCH_STANZAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "peppy/buf.h"

#define NS_PUBSUB "http://jabber.org/protocol/pubsub"
#define NS_DISCO_INFO "http://jabber.org/protocol/disco#info"

struct publish {
	unsigned publisher;
	unsigned node;
	uint64_t item;
	size_t payload_bytes;
};

/* An <entry/> of so many bytes, at least 100: Atom's, with the number in it. */
void stanza_payload(struct buf *out, uint64_t item, size_t bytes);

void stanza_publish(struct buf *out, const char *id, const struct publish *publish);

/* max_items and pubsub#send_last_published_item of a node that is created; what it has no room for
 * it discards, and tells nobody. */
void stanza_create(
	struct buf *out, const char *id, unsigned node, unsigned max_items, const char *send_last);
void stanza_subscribe(struct buf *out, const char *id, unsigned user, unsigned node);
void stanza_unsubscribe(struct buf *out, const char *id, unsigned user, unsigned node);
void stanza_items(struct buf *out, const char *id, unsigned node, unsigned max_items);

/* A page of RSM; after is the <last/> of the page before, NULL for the first page. */
void stanza_page(struct buf *out, const char *id, unsigned node, unsigned max, const char *after);

/* Likewise of the service's nodes; the first page of u0's subscriptions. */
void stanza_nodes_page(struct buf *out, const char *id, unsigned max, const char *after);
void stanza_subscriptions_page(struct buf *out, const char *id, unsigned max);

void stanza_delete(struct buf *out, const char *id, unsigned node);

/* ver: of XEP-0115; NULL: no capabilities. */
void stanza_presence(struct buf *out, unsigned user, bool available, const char *ver);

/* The same publish to the publisher's own account, as a server that delegates in this version
 * (1 as ejabberd, 2 as Prosody) hands it on. */
void stanza_publish_delegated(
	struct buf *out, const char *id, const struct publish *publish, unsigned version);

#endif
