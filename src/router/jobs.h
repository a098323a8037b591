/* jobs.h - fan-outs too large for a turn: kept in the store with what they announce, sent in slices
 * between turns, gone on with after a crash or a lost link. */
#ifndef ROUTER_JOBS_H
#define ROUTER_JOBS_H

#include "turn.h"

/* A deferred event becomes a job of the turn's transaction. false: the store failed. */
bool jobs_add(struct turn *turn, const struct pubsub_event *event);

/* service.busy; ctx is the turn: does a job of this node still go out? */
bool jobs_busy(void *turn, const char *service, const char *node_id);

/* The turn's new jobs count, or do not. */
void jobs_keep(struct turn *turn);
void jobs_drop(struct turn *turn);

/* Finds the jobs that an earlier process has left. */
MUST_CHECK enum pubsub_error jobs_load(struct turn *turn);

/* A slice of each node's first job, and what has arrived is noted in the store. */
enum router_work jobs_work(struct router *router);

/* What had not arrived is sent again when the link is up. */
void jobs_link_lost(struct router *router, size_t component);
void jobs_destroy(struct router *router);

#endif
