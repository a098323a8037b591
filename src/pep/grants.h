/* grants.h - delegations (XEP-0355) and privileges (XEP-0356) in force. */
#ifndef PEP_GRANTS_H
#define PEP_GRANTS_H

#include "state.h"

void grants_create(struct pep *pep);
void grants_destroy(struct pep *pep);

/* The grant of this domain on this link; NULL: it is not one of the component's domains. */
struct grant *grant_find(const struct pep *pep, size_t component, const char *domain);

/* The one announced last, of all links, that delegates this account (bare JID), or that gives
 * access to its roster; NULL: none. */
struct grant *grant_for_account(const struct pep *pep, const char *account);
struct grant *grant_for_roster(const struct pep *pep, const char *account);

/* Nothing is in force on this link any more. */
void grants_reset(struct pep *pep, size_t component);

#endif
