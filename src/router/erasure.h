/* erasure.h - accounts that are erased: in slices between turns, gone on with after a crash. */
#ifndef ROUTER_ERASURE_H
#define ROUTER_ERASURE_H

#include "turn.h"

/* One that an earlier process has left. */
void erasures_add(struct router *router, const char *account, uint64_t id);

/* A slice of the first. */
enum router_work erasures_work(struct router *router);
void erasures_destroy(struct router *router);

#endif
