/* presence.h - who is online (RFC 6121 4). */
#ifndef PEP_PRESENCE_H
#define PEP_PRESENCE_H

#include "state.h"

#define PRESENCE_MAX                                                                               \
	200000           /* resources in all, half of them of other servers' users;
			      a stranger's do not count */
#define RESOURCES_MAX 32 /* of a bare JID */
#define STRANGER_RESOURCES_MAX 4

void presence_open(struct pep *pep);
void presence_close(struct pep *pep);

/* By full JID, of the kept; NULL: not online. */
struct presence *presence_find(struct pep *pep, size_t component, const char *full);

/* The same JID at another component; NULL: there is none. */
struct presence *presence_twin(const struct presence *presence);

/* A new one, kept, of whom nothing is known yet. NULL: there are too many. */
struct presence *presence_add(struct pep *pep, size_t component, struct jid jid);
void presence_gone(struct pep *pep, struct presence *presence);

/* Kept or a stranger; of a bare JID any resource. states NULL: in whichever state. */
bool presence_is_online(const struct pep *pep, struct jid jid, const struct pubsub_texts *states);

/* Frees what is in no list any more. */
void presence_free(struct presence *presence);

/* The bare JID was a stranger's, but a roster tells of it. */
void presence_promote(struct pep *pep, struct pep_turn *turn, const char *bare);

/* ---- verify.c: after a link was lost, who is online still? ---- */

void verify_lose(struct pep *pep, size_t component); /* nobody of this link is sure any more */
void verify_set(struct pep *pep, struct presence *presence, bool unverified);
void verify_tick(struct pep *pep);

#endif
