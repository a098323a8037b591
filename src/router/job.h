/* job.h - one fan-out that is too large for a turn, from the store to the link. */
#ifndef ROUTER_JOB_H
#define ROUTER_JOB_H

#include "turn.h"

enum job_kind { JOB_FANOUT = 1, JOB_ERASURE };

struct mark; /* how far the link has got with it */

struct job {
	struct job *next;
	uint64_t id;
	struct arena *arena; /* of what follows; NULL: not read from the store yet */
	struct store_job stored;
	struct pubsub_event event;
	const char *body;
	size_t body_len;
	size_t component; /* whose link takes it */
	char *after;      /* where the next slice starts */
	char *saved;      /* what the store says of that */
	char *reached;    /* where the slice under way has got; NULL: to the end */
	unsigned starts;  /* before this one, without progress */
	bool started;     /* this one is counted */
	bool sliced;      /* reached is set */
	bool sent;        /* to the end: only to be taken */
	bool aside;       /* given up */
	struct mark *marks;
	uint64_t saved_us;    /* monotonic */
	uint64_t deadline_us; /* for a roster; 0: none is waited for */
};

/* A job of the store, not read yet. */
struct job *job_create(uint64_t id);
void job_destroy(struct job *job);

/* What the store keeps of an event; parse sets event, body and body_len by stored, to which they point. false: it is no
 * such record. */
void job_data_render(struct buf *out, const struct pubsub_event *event);
MUST_CHECK bool job_data_parse(struct job *job);

/* Hands the next recipients' notifications to the link; the first time it reads the job instead. */
enum router_work job_slice(struct router *router, struct job *job);

/* Notes in the store, now and then, what has arrived; true: the job is over. */
bool job_settle(struct router *router, struct job *job);

/* The link is lost: what had not arrived is handed to it again. */
void job_link_lost(struct router *router, struct job *job);

#endif
