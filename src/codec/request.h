/* request.h - what the parsers of several verbs share. Private to src/codec. */
#ifndef CODEC_REQUEST_H
#define CODEC_REQUEST_H

#include "peppy/codec.h"

/* An attribute; NULL if it is missing or empty. */
const char *request_attr(const struct xml_element *el, const char *name);

/* The text of a child; NULL if it is missing or empty. */
const char *request_text(const struct xml_element *el, const char *ns, const char *name);

/* The attributes node, jid and subid of a verb element. */
MUST_CHECK enum pubsub_error request_node(const struct xml_element *el, struct pubsub_request *out);
MUST_CHECK enum pubsub_error request_jid(
	const struct xml_element *el, struct arena *arena, struct jid *out);

/* Without a node it is about the root collection. */
MUST_CHECK enum pubsub_error request_node_jid_subid(
	const struct xml_stanza *stanza, const struct xml_element *el, struct pubsub_request *out);

/* The element that may come with the verb el: behind it, and what it is about is said there (6.3.7,
 * 8.1.3). *out: NULL if there is none. */
MUST_CHECK enum pubsub_error request_follower(
	const struct xml_element *el, const char *name, const struct xml_element **out);

/* xs:boolean; false: it is not one. */
MUST_CHECK bool request_bool(const char *text, bool *out);

/* Children of el of its own namespace that are called name. */
size_t request_count(const struct xml_element *el, const char *name);

/* Every copy of an element may gain the declarations around it: many small ones under a long
 * declaration must not grow without bound. What all copies of a stanza's elements may come to: */
size_t request_copies_max(const struct xml_stanza *stanza);

/* Appends a copy of el, unless there are too many already. */
void request_copy(struct buf *out, const struct xml_stanza *stanza, const struct xml_element *el);

#endif
