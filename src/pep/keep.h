/* keep.h - what outlives a restart, written with the next transaction. */
#ifndef PEP_KEEP_H
#define PEP_KEEP_H

#include "state.h"

void keep_open(struct pep *pep);
void keep_close(struct pep *pep);

void keep_presence(struct pep *pep, struct presence *presence); /* it is new, or its caps are */
void keep_gone(struct pep *pep, struct presence *presence);     /* frees it sooner or later */
void keep_caps(struct pep *pep, struct caps *caps);

#endif
