/* limits.h - what the router itself refuses: those who ask too often or for more than their server
 * takes, whom the operator has blocked, forms without end. Limits do not bind admins. */
#ifndef ROUTER_LIMITS_H
#define ROUTER_LIMITS_H

#include "stanza.h"

enum limit {
	LIMIT_REQUESTS,
	LIMIT_PUBLISHES,    /* items, published or retracted */
	LIMIT_INVITATIONS,  /* entities that somebody else subscribes, or gives an affiliation */
	LIMIT_APPLICATIONS, /* subscriptions that owners have to approve */
	LIMIT_LOOKUPS,      /* for somebody who came online or went */
	LIMIT_COUNT
};

void limits_open(struct router *router);
void limits_close(struct router *router); /* takes one that was not opened */

/* Takes n from what an entity, and the domain it belongs to unless that is local, may still do;
 * once for each request, however often that is run. false: nothing was taken; detail says of what
 * there was too much, and when it will not be any more. */
bool limits_take(
	struct turn *turn, enum limit limit, struct jid from, size_t n, const char **detail_out);

/* For what nobody can know before: takes n that have been done, which may be more than there was.
 * Until that is paid off limits_may_look_up(), which is pep_port.may_look_up, says no. */
void limits_spend(struct turn *turn, enum limit limit, struct jid from, size_t n);
bool limits_may_look_up(void *router, size_t component, const char *jid);

/* service.invite and service.apply; ctx is the turn. */
bool limits_invite(void *turn, struct jid from, size_t n, const char **detail_out);
bool limits_apply(void *turn, struct jid from, const char **detail_out);

/* PUBSUB_ERR_OUTPUT_LIMIT: the requester's server, which is another one, has yet to take so much. */
MUST_CHECK enum pubsub_error limits_output(
	struct turn *turn, const struct inquiry *inquiry, const char **detail_out);

bool limits_is_blocked(const struct turn *turn, const struct inquiry *inquiry);

/* PUBSUB_ERR_FORM_LIMIT: the forms of a request have too many fields or values. */
MUST_CHECK enum pubsub_error limits_forms(
	struct turn *turn, const struct inquiry *inquiry, const char **detail_out);

#endif
