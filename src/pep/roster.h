/* roster.h - contact lists of accounts: fetched from their server, kept in the store. */
#ifndef PEP_ROSTER_H
#define PEP_ROSTER_H

#include "state.h"

/* Permissions end when the list is so old, refusals earlier, for somebody may just have been added:
 * no server sends roster pushes to a component. */
#define ROSTER_TTL_US (600 * SECOND_US)
#define ROSTER_REFUSAL_US (10 * SECOND_US)
#define ROSTER_RENEW_US (60 * SECOND_US) /* when an account's resource comes online */

void roster_open(struct pep *pep);
void roster_close(struct pep *pep);

/* How old the account's list is; UINT64_MAX: there is none. */
uint64_t roster_age(struct pep_turn *turn, const char *account);
bool roster_is_fresh(struct pep *pep, struct pep_turn *turn, const char *account);

/* Did fetching it fail a moment ago? */
bool roster_failed(struct pep *pep, struct pep_turn *turn, const char *account);

/* Has it fetched, if not too many are under way, else later; NULL: it cannot be had now. */
struct roster *roster_want(struct pep *pep, struct pep_turn *turn, const char *account);

void roster_lose(struct pep *pep, size_t component); /* its link was lost: no answers come */
void roster_tick(struct pep *pep, struct pep_turn *turn);

#endif
