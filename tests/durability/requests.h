/* requests.h - what users ask of peppyd in these tests. All belong to example.org. */
#ifndef DURABILITY_REQUESTS_H
#define DURABILITY_REQUESTS_H

#include <stdbool.h>

#include "peppy/buf.h"
#include "peppy/xml.h"

/* One request: ns is that of <pubsub/>. */
void request(struct buf *out, const char *from, const char *type, const char *id, const char *ns,
	const char *body);

/* By "owner", id "create"; the node keeps all items. */
void request_create(struct buf *out, const char *node);
void request_subscribe(struct buf *out, unsigned user, const char *node); /* id "subscribe" */

/* Item KINDn of the node, by "owner", id KINDn; bytes of text in it. */
void request_publish(
	struct buf *out, const char *node, const char *kind, unsigned n, unsigned bytes);
void request_retract(struct buf *out, const char *node, const char *kind, unsigned n);
void request_item(
	struct buf *out, const char *node, const char *kind, unsigned n); /* id find-KINDn */

/* Something at random that writes, to a node "busy", id "churn"; it may well be refused. */
void request_churn(struct buf *out);

/* What stands behind the prefix. false: text does not start so, or is NULL. */
bool number_of(const char *text, const char *prefix, unsigned *out);

bool is_result(const struct xml_element *iq);

bool has_item(const struct xml_element *iq); /* the answer to request_item */

/* The items of a notification of that node; NULL: it is another one. */
const struct xml_element *notified_items(const struct xml_element *message, const char *node);

#endif
