/* workloads.h - the table of what is measured, and what it is held against. */
#ifndef BENCH_WORKLOADS_H
#define BENCH_WORKLOADS_H

#include "bench.h"
#include "floors.h"

enum bound { BOUND_NONE, AT_LEAST, AT_MOST };

/* What a figure is to reach, and what the machine itself does. */
struct aim {
	enum figure figure;
	enum bound bound; /* BOUND_NONE: only told beside the floor */
	double value;     /* or so many times the floor, if relative */
	bool relative;
	enum floor floor; /* FLOOR_NONE: none is measured */
};

#define WORKLOAD_AIMS 5

struct workload {
	const char *name;
	enum bench_scale level; /* from this scale on; SCALE_TINY runs them all */
	void (*run)(struct bench *bench);
	struct parameters parameters;
	const char *what; /* the operations are */
	struct aim aims[WORKLOAD_AIMS];
};

extern const struct workload workloads[]; /* up to one without a name */

void workload_idle(struct bench *bench);
void workload_publish(struct bench *bench);
void workload_fanout(struct bench *bench);
void workload_nodes(struct bench *bench);
void workload_last_items(struct bench *bench);
void workload_pages(struct bench *bench);
void workload_subscribe(struct bench *bench);
void workload_nodes_pages(struct bench *bench);
void workload_own_subscriptions(struct bench *bench);
void workload_delete(struct bench *bench);
void workload_presence(struct bench *bench);
void workload_online(struct bench *bench);
void workload_contacts(struct bench *bench);
void workload_accounts(struct bench *bench);
void workload_mixed(struct bench *bench);
void workload_growth(struct bench *bench);

#endif
