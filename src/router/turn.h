/* turn.h - what the files of the router share: the router itself and the turn under way. */
#ifndef ROUTER_TURN_H
#define ROUTER_TURN_H

#include "peppy/buf.h"
#include "peppy/map.h"
#include "peppy/outbox.h"
#include "peppy/pep.h"
#include "peppy/router.h"

struct announcement;   /* announce.h */
struct announcing;     /* announce.c */
struct backlog;        /* backlog.c */
struct bounce;         /* bounce.c */
struct bounces;        /* bounce.c */
struct called;         /* call.c */
struct erasure;        /* erasure.c */
struct job;            /* jobs.c */
struct job_queue;      /* jobs.c */
struct limits;         /* limits.c */
struct parked;         /* park.c */
struct question;       /* ask.c */
struct session_change; /* command_session.c */

struct activity; /* observe.c */
struct observed; /* observe.h */
struct tally;    /* observe.h */

struct span {
	size_t start, end;
};

struct component {
	bool up; /* its link */
	const struct router_component *opt;
	struct service_profile profile;         /* of the component's own service */
	struct service_profile account_profile; /* of the accounts that it serves */
	struct buf out;                         /* of this turn: leaves when it is committed */
	struct buf notified; /* of struct span: the notifications in it, but for those of jobs */
	struct buf asks;     /* our own questions: leave whatever becomes of the turn */
	struct backlog *backlog;
};

struct router {
	struct router_options opt;
	struct store *store;
	struct pep *pep;
	struct component *components;
	struct map *questions; /* ours under way: id -> struct question */
	struct map *jobs;      /* "service\nNodeID" -> struct job_queue */
	struct job_queue *job_queues, *job_queues_last;
	struct erasure *erasures; /* in the order in which they were asked for */
	struct erasure *erased;   /* the last one that has ended; NULL: none has */
	bool sweeps;              /* there is more to expire or to erase */
	struct parked *parked;    /* in the order of their arrival */
	size_t parked_bytes;
	struct bounces *bounces;
	struct limits *limits;
	const char **blocked; /* opt.blocked, sorted */
	struct observed *observed;
	struct tally *tally;           /* of the turn under way */
	struct announcing *announcing; /* NULL: nothing */
	struct map *sessions;          /* of commands: command_session.c */
	uint64_t started_us;           /* monotonic */
	uint64_t flush_us;             /* presences are not written before; monotonic */
	uint64_t now_us;     /* of the last task that was not the first of its turn; wall clock */
	struct arena *arena; /* of the turn */
};

struct turn;

/* One thing to do in a turn. If the turn's transaction fails, all of its tasks are done again, each
 * in a transaction of its own. */
struct task {
	struct task *next;
	void (*run)(struct turn *turn, struct task *task);
	void (*refuse)(
		struct turn *turn, struct task *task, enum pubsub_error err); /* may be NULL */
	size_t component;
	struct xml_stanza stanza;
	unsigned charged;      /* limits that have been taken from */
	struct parked *parked; /* the stanza waited: where it stands; NULL: it did not */
	struct pep_arrival arrival;
	struct jid departed;
	struct job *job; /* a slice of it: */
	bool account;    /* of an account's node */
	struct outbox_sender sender;
	struct called *called;         /* by an operator */
	struct store_job *promise;     /* a job to be written */
	bool *more;                    /* is there more to erase? or, is the list asked for? */
	const char *account_jid;       /* whose list */
	struct service_erased *erased; /* so far */
};

/* A job that the turn has written. */
struct new_job {
	struct new_job *next;
	uint64_t id;
	const char *service, *node_id;
};

struct turn {
	struct router *router;
	struct store_txn *txn;
	enum store_mode mode;
	enum pubsub_error err; /* of the store: the turn is lost */
	uint64_t began_us;     /* wall clock */
	uint64_t now_us;     /* of the task that is run: a microsecond later than the one before */
	uint64_t started_us; /* monotonic */
	uint64_t stanzas;    /* that are facts */
	struct arena *arena;
	size_t reply_at; /* where in the component's output the answer under way begins */
	struct pep_turn pep;
	struct task *tasks, **tasks_end;
	struct task *task;                     /* the one that is run */
	struct parked *parked;                 /* join the router's list with the commit */
	struct question *answered;             /* likewise */
	struct bounce *bounces, **bounces_end; /* count with the commit */
	struct session_change *sessions, **sessions_end; /* likewise */
	const struct announcement *announcement;         /* begins with the commit; NULL: none */
	struct new_job *new_jobs, **new_jobs_end;        /* join the queues with the commit */
	struct activity *activities, **activities_end;   /* are told with the commit */
};

void turn_begin(struct turn *turn, struct router *router);

/* Adds a task behind the others and runs it. */
void turn_do(struct turn *turn, const struct task *task);

/* Commits and sends; runs the tasks again singly if the store failed. The error of the last task
 * that could not be done then. */
enum pubsub_error turn_end(struct turn *turn);

/* A whole turn, of this task alone. */
enum pubsub_error turn_run(struct router *router, const struct task *task);

/* A whole turn of what take finds, which is put into *task and run: at most so many times, and as
 * long as the turn has room. false: there was nothing. */
bool turn_run_each(struct router *router, struct task *task,
	bool (*take)(struct turn *turn, struct task *task), size_t most);

/* The transaction, opened or widened to mode. NULL: the store failed, turn->err says how. */
struct store_txn *turn_txn(struct turn *turn, enum store_mode mode);

size_t turn_output(const struct turn *turn); /* bytes */

/* May another task be run in it? What it has to say, and what it holds, has a bound. */
#define TURN_OUTPUT_BYTES (4 * 1024 * 1024)
bool turn_has_room(const struct turn *turn);

/* So much waits on the component's link that what is not urgent waits, too. */
bool turn_congested(const struct router *router, size_t component);

/* What stands in component->out from start on are notifications: they outlive a lost link. */
void turn_notified(struct component *component, size_t start);
bool turn_is_store_error(enum pubsub_error err);

#endif
