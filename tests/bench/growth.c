/* growth.c - what a publish costs when the store is large, and how long a start takes then. */
#include <math.h>

#include "clock.h"
#include "stanzas.h"
#include "workloads.h"

#define SENDERS 8
#define OUTSTANDING 64
#define SAMPLE 20000      /* publishes by many at a time, measured at each size */
#define SAMPLE_SINGLY 500 /* one after the other */
#define SMALL_STORE 1000  /* nodes and items of the store that the large one is compared with */
#define CHUNK UINT64_C(1000000)

struct growth {
	struct bench *bench;
	uint64_t nodes, items; /* there are so far */
};

static void write_node(void *ctx, struct buf *out, uint64_t n, const char *id)
{
	const struct growth *growth = ctx;

	stanza_create(out, id, (unsigned)(growth->nodes + n), 1000000, "never");
}

static void write_item(void *ctx, struct buf *out, uint64_t n, const char *id)
{
	const struct growth *growth = ctx;
	uint64_t item = growth->items + n;
	unsigned node = (unsigned)((item * UINT64_C(0x9E3779B97F4A7C15) >> 20) % growth->nodes);

	stanza_publish(out, id,
		&(struct publish){
			.publisher = node,
			.node = node,
			.item = item,
			.payload_bytes = growth->bench->parameters->payload_bytes,
		});
}

/* Adds count of what write writes to *so_far. */
static void add(struct growth *growth, load_write_fn write, uint64_t count, uint64_t *so_far)
{
	for (uint64_t left = count; left > 0;) {
		struct load load = {
			.senders = SENDERS,
			.outstanding = OUTSTANDING,
			.count = left < CHUNK ? left : CHUNK,
			.write = write,
			.ctx = growth,
		};

		bench_run(growth->bench, &load);
		*so_far += load.count;
		left -= load.count;
	}
}

static void grow(struct growth *growth, unsigned nodes, unsigned items)
{
	if (nodes > growth->nodes)
		add(growth, write_node, nodes - growth->nodes, &growth->nodes);
	if (items > growth->items)
		add(growth, write_item, items - growth->items, &growth->items);
}

/* us of CPU a publish as the store is now. */
static double cost(struct growth *growth, bool singly)
{
	struct bench *bench = growth->bench;
	struct load load = {
		.senders = singly ? 1 : SENDERS,
		.outstanding = singly ? 1 : OUTSTANDING,
		.count = bench_count(bench, singly ? SAMPLE_SINGLY : SAMPLE),
		.write = write_item,
		.ctx = growth,
	};

	bench_begin(bench);
	bench_run(bench, &load);
	bench_end(bench, load.count);
	bench_latency(bench, &load.latency);
	growth->items += load.count;
	return bench->result->figures[FIGURE_CPU];
}

/* From a small store to one of so many nodes and items, each published to a node chosen at random;
 * the figures are those of publishes by many at a time into the large one. */
void workload_growth(struct bench *bench)
{
	const struct parameters *parameters = bench->parameters;
	unsigned small = bench_size(bench, SMALL_STORE);
	struct growth growth = {.bench = bench};
	uint64_t disk = daemon_usage(bench->daemon).disk;
	double singly, many;

	grow(&growth, small, small);
	singly = cost(&growth, true);
	many = cost(&growth, false);
	grow(&growth, bench_size(bench, parameters->nodes), bench_size(bench, parameters->items));
	singly = cost(&growth, true) / singly;
	many = cost(&growth, false) / many;
	bench->result->figures[FIGURE_GROWTH_SINGLY] = singly;
	bench->result->figures[FIGURE_GROWTH] = many;
	bench->result->figures[FIGURE_DISK] =
		(double)(daemon_usage(bench->daemon).disk - disk) / 1048576;
	bench_restart(bench);
}

/* Nothing but the start, and what it takes to be there. */
void workload_idle(struct bench *bench)
{
	uint64_t begun_ns = clock_ns();

	bench->heard_ns = begun_ns;
	bench_begin(bench);
	while (clock_ns() - begun_ns < UINT64_C(1000000000))
		bench_turn(bench);
	bench_end(bench, 1);
	bench->result->figures[FIGURE_RATE] = (double)NAN;
}
