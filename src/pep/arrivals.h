/* arrivals.h - who is due to get last items. */
#ifndef PEP_ARRIVALS_H
#define PEP_ARRIVALS_H

#include "state.h"

void arrivals_open(struct pep *pep);
void arrivals_close(struct pep *pep);

/* It came, or what it wants has changed, or is not to be had. Waits while that is asked for. */
void arrival_add(struct pep *pep, struct presence *presence);
void arrival_drop(struct pep *pep, struct presence *presence); /* it goes */

void arrivals_tick(struct pep *pep); /* those that were put off are due again */

/* Last items of one account alone are due to it: the account lets it see them from now on. */
void arrival_admitted(
	struct pep *pep, struct pep_turn *turn, const char *account, struct presence *presence);

/* The account's roster has come, or will not: who waited for it is due, or not. */
void arrivals_settled(struct pep *pep, struct pep_turn *turn, struct roster *roster, bool fetched);

#endif
