/* observe.h - what the router has done, for those who watch: counters, and requests as they come
 * to be facts. */
#ifndef ROUTER_OBSERVE_H
#define ROUTER_OBSERVE_H

#include "peppy/metric.h"

#include "routes.h"
#include "turn.h"

/* Never reset; what is run again counts again. */
struct observed {
	uint64_t stanzas, turns, turns_lost, notifications;
	uint64_t requests[ROUTES_MAX];
	uint64_t errors[PUBSUB_ERR_COUNT]; /* that were answered */
	uint64_t events[PUBSUB_EVENT_COUNT];
	struct metric_times commits;
};

/* A request that the rules have answered. Told with the commit if it was to change something, or
 * failed. */
void observe_request(struct turn *turn, const struct route *route,
	const struct pubsub_request *request, const struct service *service, enum pubsub_error err);

/* The turn's requests are facts, or did not happen. */
void observe_keep(struct turn *turn);
void observe_drop(struct turn *turn);

#endif
