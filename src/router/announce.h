/* announce.h - a message to everybody who is online, as an admin of a component has it sent. In
 * memory only: it is of the moment. One at a time. */
#ifndef ROUTER_ANNOUNCE_H
#define ROUTER_ANNOUNCE_H

#include "turn.h"

struct announcement {
	size_t component;
	const char *subject; /* NULL: none */
	const char *body;
};

/* Is one still being sent, or about to be? */
bool announce_is_busy(const struct turn *turn);

/* Begins with the commit; the announcement is in the turn's arena. */
void announce_begin(struct turn *turn, const struct announcement *announcement);
void announce_keep(struct turn *turn);
void announce_drop(struct turn *turn);

/* Sends some more of them. */
enum router_work announce_work(struct router *router);

/* Whoever has not got it yet will not. */
void announce_link_lost(struct router *router, size_t component);
void announce_end(struct router *router);

#endif
