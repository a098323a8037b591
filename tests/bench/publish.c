/* publish.c - publishing: nobody listens, many listen, everybody has a few listeners. */
#include "clock.h"
#include "stanzas.h"
#include "workloads.h"

#define TRIMMED_TO 100 /* items a node keeps, so that each publish also deletes one */

static void write_publish(void *ctx, struct buf *out, uint64_t n, const char *id)
{
	const struct bench *bench = ctx;
	unsigned publisher = (unsigned)(n % bench->parameters->senders);

	stanza_publish(out, id,
		&(struct publish){
			.publisher = publisher,
			.node = publisher,
			.item = n,
			.payload_bytes = bench->parameters->payload_bytes,
		});
}

/* senders publish to a node of their own each. */
void workload_publish(struct bench *bench)
{
	const struct parameters *parameters = bench->parameters;
	struct load warm_up = {
		.senders = parameters->senders,
		.outstanding = parameters->outstanding,
		.count = bench_count(bench, TRIMMED_TO * parameters->senders),
		.write = write_publish,
		.ctx = bench,
	};
	struct load load = warm_up;

	load.count = bench_count(bench, parameters->count);
	scene_nodes(bench, parameters->senders, TRIMMED_TO, "never");
	bench_run(bench, &warm_up);
	bench_begin(bench);
	bench_run(bench, &load);
	bench_end(bench, load.count);
	bench_latency(bench, &load.latency);
}

/* ---- one node, many subscribers ---- */

static void write_event(void *ctx, struct buf *out, uint64_t n, const char *id)
{
	struct bench *bench = ctx;

	deliveries_publish(bench->due, n, 0, clock_ns());
	stanza_publish(out, id,
		&(struct publish){.item = n, .payload_bytes = bench->parameters->payload_bytes});
}

/* count publishes to subscribers, of which at most outstanding have not yet reached all of them. An
 * operation is a notification. */
void workload_fanout(struct bench *bench)
{
	const struct parameters *parameters = bench->parameters;
	struct load load = {
		.count = bench_count(bench, parameters->count), .write = write_event, .ctx = bench};
	struct deliveries due = {
		.events = load.count,
		.recipients = bench_size(bench, parameters->subscribers),
		.payload_bytes = parameters->payload_bytes,
	};

	scene_nodes(bench, 1, TRIMMED_TO, "never");
	scene_subscribers(bench, 1, (unsigned)due.recipients);
	bench_expect(bench, &due);
	bench_start(bench, &load);
	bench_begin(bench);
	while (!deliveries_is_done(&due)) {
		while (load.sent < load.count && load.sent < due.complete + parameters->outstanding)
			load_send(&load, server_output(bench->server), clock_ns());
		bench_turn(bench);
	}
	bench_end(bench, due.arrived);
	bench_latency(bench, &due.latency);
	bench->result->figures[FIGURE_LAST] = (double)due.last.max_ns / 1e6;
	bench_finish(bench, &load);
	deliveries_end(&due);
}

/* ---- many nodes, few subscribers each ---- */

/* A number without a pattern, the same in each run (Knuth's multiplicative hash). */
static unsigned chosen(uint64_t n, unsigned of)
{
	return (unsigned)((n * UINT64_C(0x9E3779B97F4A7C15) >> 33) % of);
}

static void write_somewhere(void *ctx, struct buf *out, uint64_t n, const char *id)
{
	struct bench *bench = ctx;
	const struct parameters *parameters = bench->parameters;
	unsigned node = chosen(n, bench_size(bench, parameters->nodes));

	deliveries_publish(bench->due, n, (uint64_t)node * parameters->subscribers, clock_ns());
	stanza_publish(out, id,
		&(struct publish){
			.publisher = node,
			.node = node,
			.item = n,
			.payload_bytes = parameters->payload_bytes,
		});
}

/* Publishes to nodes chosen at random, each with subscribers of its own. */
void workload_nodes(struct bench *bench)
{
	const struct parameters *parameters = bench->parameters;
	unsigned nodes = bench_size(bench, parameters->nodes);
	struct load load = {
		.senders = parameters->senders,
		.outstanding = parameters->outstanding,
		.count = bench_count(bench, parameters->count),
		.write = write_somewhere,
		.ctx = bench,
	};
	struct deliveries due = {
		.events = load.count,
		.recipients = parameters->subscribers,
		.payload_bytes = parameters->payload_bytes,
	};

	scene_nodes(bench, nodes, TRIMMED_TO, "never");
	scene_subscribers(bench, nodes, parameters->subscribers);
	bench_expect(bench, &due);
	bench_begin(bench);
	bench_run(bench, &load);
	bench_finish_deliveries(bench);
	bench_end(bench, load.count);
	bench_latency(bench, &load.latency);
	deliveries_end(&due);
}
