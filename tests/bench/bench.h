/* bench.h - what a workload works with: a peppyd of its own, the server it is attached to, requests
 * in flight, notifications that are due, and the figures that come of it. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdint.h>

#include "accounts.h"
#include "daemon.h"
#include "deliveries.h"
#include "load.h"
#include "server.h"

enum bench_scale {
	SCALE_TINY,  /* a self-test: everything small, and libxml reads along */
	SCALE_QUICK, /* a tenth of the operations */
	SCALE_NORMAL,
	SCALE_FULL /* with what takes an hour and 10 GB */
};

/* Names, units and texts are in report.c. */
enum figure {
	FIGURE_RATE, /* operations a second */
	FIGURE_CPU,  /* of peppyd, us an operation */
	FIGURE_P50,  /* ms until an answer, or a notification */
	FIGURE_P99,
	FIGURE_P999,
	FIGURE_LAST,    /* ms until the last notification of an event, the slowest event */
	FIGURE_START,   /* ms from exec until the stream is authenticated */
	FIGURE_PEAK,    /* MiB of anonymous memory, the highest that was seen */
	FIGURE_PRIVATE, /* MiB of private memory at the end */
	FIGURE_DISK,    /* MiB that the store has grown */
	FIGURE_WRITTEN, /* KiB written to the disk, an operation */
	FIGURE_GROWTH,  /* time of an operation in a large store to that in a small one */
	FIGURE_GROWTH_SINGLY,
	FIGURE_GENERATOR, /* CPU of the generator, per cent of a core */
	FIGURE_OTHERS,    /* CPU of everything else on the machine */
	FIGURE_COUNT
};

struct result { /* a plain value, handed from process to process */
	uint64_t operations;
	double figures[FIGURE_COUNT]; /* NAN: none */
	char fault[512];              /* "": all went well */
};

struct bench_options {
	const char *program; /* peppyd */
	const char *folder;  /* for stores */
	enum bench_scale scale;
};

/* Sizes and so on of a workload; what each one means there is said there. */
struct parameters {
	unsigned senders, outstanding;
	unsigned payload_bytes;
	unsigned nodes, subscribers, items;
	unsigned version;
	uint64_t count; /* of operations at SCALE_NORMAL */
};

struct bench {
	const struct bench_options *options;
	const struct parameters *parameters;
	struct server *server;
	struct daemon *daemon;
	struct load *loads; /* in flight */
	unsigned load_number;
	struct deliveries *due; /* NULL: no notification may come */
	struct accounts accounts;
	struct result *result;

	/* the measurement under way */
	struct daemon_usage before;
	uint64_t begun_ns, generator_ns, machine_ns, received;
	uint64_t peak, looked_ns;
	uint64_t heard_ns; /* when something has come last */
};

/* peppyd on an empty store, attached. bench->options, parameters, result are set. */
void bench_open(struct bench *bench);
void bench_close(struct bench *bench);
void bench_restart(struct bench *bench); /* on the store that is there; start and memory anew */

/* How many of the n that a workload does at SCALE_NORMAL; how large what it does it to is. */
uint64_t bench_count(const struct bench *bench, uint64_t n);
unsigned bench_size(const struct bench *bench, unsigned n);

/* One round of the loop. Faults if nothing has come for a long time. */
void bench_turn(struct bench *bench);

/* Puts a load in flight; bench_finish waits for its last answer. bench_run is both. */
void bench_start(struct bench *bench, struct load *load);
void bench_finish(struct bench *bench, struct load *load);
void bench_run(struct bench *bench, struct load *load);

void bench_expect(struct bench *bench, struct deliveries *due); /* from now on */
void bench_finish_deliveries(struct bench *bench);              /* until all are there */

/* What lies between is what the figures tell of. */
void bench_begin(struct bench *bench);
void bench_end(struct bench *bench, uint64_t operations);
void bench_latency(struct bench *bench, const struct histogram *latency);

/* ---- setting the scene (scene.c) ---- */

/* Nodes n0 … of publishers p0 …; send_last as in pubsub#send_last_published_item. */
void scene_nodes(struct bench *bench, unsigned nodes, unsigned max_items, const char *send_last);

/* Node k gets the subscribers u<k * each> … u<k * each + each - 1>. */
void scene_subscribers(struct bench *bench, unsigned nodes, unsigned each);

/* Items i0 … are published to node n0. */
void scene_items(struct bench *bench, uint64_t items);

/* Users have accounts on the server, in the version of the parameters, as bench->accounts says. */
void scene_accounts(struct bench *bench);

#endif
