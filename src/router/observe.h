/* observe.h - what the router has done, for those who watch: counters, and requests as they come
 * to be facts. */
#ifndef ROUTER_OBSERVE_H
#define ROUTER_OBSERVE_H

#include "peppy/metric.h"

#include "routes.h"
#include "turn.h"

/* What turns do; it counts when it is a fact. */
struct tally {
	uint64_t stanzas, notifications, blocked;
	uint64_t requests[ROUTES_MAX], refused[ROUTES_MAX]; /* these are among those */
	uint64_t errors[PUBSUB_ERR_COUNT];                  /* that were answered */
	uint64_t events[PUBSUB_EVENT_COUNT];
};

/* Never reset. */
struct observed {
	struct tally facts;
	uint64_t turns, turns_lost;
	uint64_t put_off; /* presences, for a second each time */
	struct metric_histogram commits;
	struct metric_histogram turn_times, turn_sizes; /* of those with stanzas */
	struct top *nodes, *senders;                    /* as router_tops() tells */
};

struct observed *observed_create(void);
void observed_destroy(struct observed *observed); /* takes NULL */

/* A request that the rules have answered. Told with the commit if it was to change something, or
 * failed. */
void observe_request(struct turn *turn, const struct route *route,
	const struct pubsub_request *request, const struct service *service, enum pubsub_error err);

/* Time that was spent on a node since start_us (monotonic). from: whoever asked for it, a bare JID;
 * NULL: nobody. */
void observe_time(struct turn *turn, const char *service, const char *node_id, const char *from,
	uint64_t start_us);

/* What the turn has done is a fact, or did not happen. */
void observe_keep(struct turn *turn);
void observe_drop(struct turn *turn);

/* It is over; before, it has been kept or dropped. */
void observe_end(struct turn *turn);

#endif
