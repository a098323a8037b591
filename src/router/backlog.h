/* backlog.h - what waits on a link that is behind, by the domain that it goes to: those who ask for
 * more than their server takes shall not fill the link for everybody. What else waits there, the
 * first few MiB and what goes to the component's own domains, is bounded by the link alone. */
#ifndef ROUTER_BACKLOG_H
#define ROUTER_BACKLOG_H

#include "turn.h"

void backlogs_open(struct router *router);
void backlogs_close(struct router *router);

/* What has arrived waits no longer; which links are behind is true for a turn. */
void backlogs_begin(struct router *router);

/* The last so many bytes of component->out go to jid. Counted if the link is behind. */
void backlog_add(struct component *component, const char *jid, size_t bytes);

/* Bytes that wait for a domain, those of the turn under way included. */
size_t backlog_of(const struct component *component, const char *domain);

/* The turn's output is what the link is handed next, or did not happen. */
void backlog_keep(const struct router *router, size_t component);
void backlog_drop(struct component *component);

void backlog_link_lost(struct component *component);

#endif
