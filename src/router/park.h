/* park.h - requests that wait for a roster, in order for their senders. */
#ifndef ROUTER_PARK_H
#define ROUTER_PARK_H

#include "turn.h"

#define PARK_DEADLINE_US (10 * UINT64_C(1000000)) /* servers give a delegated IQ up after 32 s */
#define PARK_PER_SENDER 64
#define PARK_BYTES (16 * 1024 * 1024)
#define PARK_EACH_BYTES 1024 /* that each counts for beside its own: the list is to stay short */

/* Does an earlier request of this sender wait? Then this one has to queue behind it. task is the
 * one that asks: it may itself be one that waited. */
bool park_must_queue(const struct turn *turn, const struct task *task, const char *sender);

/* Puts the task's stanza away until the account's roster has come (NULL: until those of its sender
 * before it have been answered). false: too much waits already. */
bool park_put(struct turn *turn, struct task *task, const char *sender, const char *account);

/* The task's request is being run: it leaves the list with the commit, unless it is put away
 * again. */
void park_leave(const struct task *task);

/* Has the request waited too long for its roster? */
bool park_is_expired(const struct task *task);

/* Wakes those that wait for this account, and those whose deadline has passed. */
void park_settled(struct router *router, const char *account);
void park_expire(struct router *router);

/* Runs what has been woken. */
void park_run(struct turn *turn, void (*run)(struct turn *turn, struct task *task),
	void (*refuse)(struct turn *turn, struct task *task, enum pubsub_error err));
bool park_is_ready(const struct router *router);
size_t park_count(const struct router *router);

/* The server has answered for us: forget what came over this component's link. */
void park_link_lost(struct router *router, size_t component);
void park_destroy(struct router *router);

/* The turn's changes to the list count, or do not. */
void park_keep(struct turn *turn);
void park_drop(struct turn *turn);

#endif
