/* mixed.c - what others feel of it while one node's events go to very many. */
#include <math.h>

#include "clock.h"
#include "stanzas.h"
#include "workloads.h"

#define PER_SECOND 1000 /* requests of others, half of them publishes and half of them reads */
#define OTHERS 8        /* nodes n1 … n8 */
#define KEPT 100
#define SMALL 300

static void write_small(void *ctx, struct buf *out, uint64_t n, const char *id)
{
	unsigned node = 1 + (unsigned)(n / 2 % OTHERS);

	(void)ctx;
	if (n % 2 == 0)
		stanza_publish(out, id,
			&(struct publish){.publisher = node,
				.node = node,
				.item = n,
				.payload_bytes = SMALL});
	else
		stanza_items(out, id, node, 1);
}

static void write_large(void *ctx, struct buf *out, uint64_t n, const char *id)
{
	struct bench *bench = ctx;

	deliveries_publish(bench->due, n, 0, clock_ns());
	stanza_publish(out, id,
		&(struct publish){.item = n, .payload_bytes = bench->parameters->payload_bytes});
}

/* count events one after the other to all subscribers of n0, the small requests at their pace all
 * the while. An operation is a small request; CPU is therefore not told. */
void workload_mixed(struct bench *bench)
{
	const struct parameters *parameters = bench->parameters;
	struct load small = {
		.per_second = PER_SECOND, .count = 600 * PER_SECOND, .write = write_small};
	struct load large = {
		.count = bench_count(bench, parameters->count), .write = write_large, .ctx = bench};
	struct deliveries due = {
		.events = large.count,
		.recipients = bench_size(bench, parameters->subscribers),
		.payload_bytes = parameters->payload_bytes,
	};

	scene_nodes(bench, 1 + OTHERS, KEPT, "never");
	scene_subscribers(bench, 1, (unsigned)due.recipients);
	bench_expect(bench, &due);
	bench_start(bench, &large);
	bench_begin(bench);
	bench_start(bench, &small);
	while (!deliveries_is_done(&due)) {
		if (large.sent < large.count && large.sent == due.complete)
			load_send(&large, server_output(bench->server), clock_ns());
		bench_turn(bench);
	}
	small.stop = true;
	bench_finish(bench, &small);
	bench_end(bench, small.count);
	bench->result->figures[FIGURE_CPU] = (double)NAN;
	bench->result->figures[FIGURE_LAST] = (double)due.last.max_ns / 1e6;
	bench_latency(bench, &small.latency);
	bench_finish(bench, &large);
	deliveries_end(&due);
}
