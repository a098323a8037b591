/* ask.h - questions of our own: an <iq type='get'/> to somebody, and its answer. */
#ifndef ROUTER_ASK_H
#define ROUTER_ASK_H

#include "turn.h"

#define ASK_DEADLINE_US (10 * UINT64_C(1000000))

void ask_free(void *question); /* a value of router->questions */

/* pep_port.ask; ctx is the router. */
void ask_send(void *ctx, const struct pep_question *wanted);

/* An <iq/> of type result or error: whoever asked is told. What answers nothing is ignored; one
 * that is not whole, because it broke a limit, counts as none. */
void ask_answered(struct turn *turn, size_t component, const struct xml_element *iq, bool whole);

/* The turn's answers count, or have to be given again. */
void ask_keep(struct turn *turn);
void ask_drop(struct turn *turn);

/* Gives up what has waited too long, or was asked over a component's link that is lost. */
void ask_expire(struct turn *turn);
void ask_link_lost(struct router *router, size_t component);

#endif
