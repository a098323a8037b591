/* pie_elements.h - what the elements of XEP-0227 hold, one at a time; pie_read.c finds them.
 * Private to src/control. */
#ifndef CONTROL_PIE_ELEMENTS_H
#define CONTROL_PIE_ELEMENTS_H

#include "pie.h"

#include "peppy/xml.h"

/* What is known from the elements around and before. */
struct pie_state {
	bool (*take)(void *ctx, const struct exchange_record *record);
	void *ctx;
	struct arena *arena;     /* of the element at hand */
	struct map *passed_over; /* what to its count */
	char *host, *service, *node;
	bool foreign;                      /* another server has written the node */
	uint64_t published_us, created_us; /* of the item to come */
	const char *why;                   /* it was refused; NULL: by take */
};

void pie_pass_over(struct pie_state *state, const char *what);

/* A start tag. false: refused. */
typedef bool (*pie_enter_fn)(struct pie_state *state, const struct xml_element *el);
bool pie_enter_host(struct pie_state *state, const struct xml_element *el);
bool pie_enter_user(struct pie_state *state, const struct xml_element *el);
bool pie_enter_service(struct pie_state *state, const struct xml_element *el);
bool pie_enter_group(struct pie_state *state, const struct xml_element *el); /* of a node */

/* A whole element. false: refused, or take wants no more. */
typedef bool (*pie_take_fn)(struct pie_state *state, const struct xml_stanza *stanza);
bool pie_take_configure(struct pie_state *state, const struct xml_stanza *stanza);
bool pie_take_affiliation(struct pie_state *state, const struct xml_stanza *stanza);
bool pie_take_subscription(struct pie_state *state, const struct xml_stanza *stanza);
bool pie_take_child(struct pie_state *state, const struct xml_stanza *stanza);
bool pie_take_times(struct pie_state *state, const struct xml_stanza *stanza);
bool pie_take_item(struct pie_state *state, const struct xml_stanza *stanza);

#endif
