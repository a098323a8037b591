/* presences.h - what follows from presences: who came gets last items, with who went things end, and
 * who is online is kept in the store. */
#ifndef ROUTER_PRESENCES_H
#define ROUTER_PRESENCES_H

#include "turn.h"

/* Some of those who came, or went, since; false: nobody did. */
bool presences_came(struct router *router);
bool presences_went(struct router *router);

/* The turn's commit takes along what is not in the store yet. */
void presences_keep(struct turn *turn);

/* Who is online is written as soon as there is time: ejabberd will not tell it again. */
enum router_work presences_work(struct router *router);

#endif
