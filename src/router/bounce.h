/* bounce.h - notifications that come back: the subscriptions of those who are gone for good end.
 *
 * Counted are only bounces of what we have sent to that very JID (ids are signed): <gone/> and
 * <item-not-found/>, three in a row; <remote-server-not-found/>, when the domain has been bouncing
 * for seven days without a word of its own. All others are temporary, or somebody else's. */
#ifndef ROUTER_BOUNCE_H
#define ROUTER_BOUNCE_H

#include "turn.h"

void bounces_open(struct router *router);
void bounces_close(struct router *router); /* takes one that was not opened */

/* What an earlier process has noted of domains; what this one has is to be noted once a second. */
MUST_CHECK enum pubsub_error bounces_load(struct turn *turn);
void bounces_tick(struct router *router);

/* Any stanza of a component's link: a bounce, or a sign of life. */
void bounce_seen(struct turn *turn, size_t component, const struct xml_element *stanza);

/* What the turn has seen counts, or will be seen again. */
void bounces_keep(struct turn *turn);
void bounces_drop(struct turn *turn);

/* Ends what is to end, in a turn of its own; false: nothing is. */
bool bounces_run(struct router *router);

#endif
