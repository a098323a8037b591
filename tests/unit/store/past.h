/* past.h - a store with something of everything in it, and stores as earlier formats wrote it:
 * past/VERSION.dump, made by `tests/unit/store/upgrade --dump` of the last peppy with that
 * format. */
#ifndef TESTS_STORE_PAST_H
#define TESTS_STORE_PAST_H

#include "support.h"

/* Into an empty store; the transaction that writes is open before and behind. */
void past_fill(struct fixture *f);

/* Puts the rows of past/VERSION.dump in the place of what the store holds. */
void past_load(struct fixture *f, const char *version);

#endif
