/* pep.c - Personal Eventing: publishing to an account whose contacts are online. */
#include "clock.h"
#include "stanzas.h"
#include "workloads.h"

static void write_event(void *ctx, struct buf *out, uint64_t n, const char *id)
{
	struct bench *bench = ctx;

	deliveries_publish(bench->due, n, 0, clock_ns());
	stanza_publish_delegated(out, id,
		&(struct publish){.item = n, .payload_bytes = bench->parameters->payload_bytes},
		bench->parameters->version);
}

/* The contacts come online with capabilities and get what p0 publishes on its account. The first
 * item, with which peppyd learns the capabilities and the roster, is not measured. */
void workload_accounts(struct bench *bench)
{
	const struct parameters *parameters = bench->parameters;
	struct load load = {
		.senders = parameters->senders,
		.outstanding = parameters->outstanding,
		.count = bench_count(bench, parameters->count),
		.write = write_event,
		.ctx = bench,
	};
	struct load first = {
		.senders = 1, .outstanding = 1, .count = 1, .write = write_event, .ctx = bench};
	struct deliveries due = {
		.events = 1,
		.recipients = bench_size(bench, parameters->subscribers),
		.payload_bytes = parameters->payload_bytes,
	};

	bench->accounts = (struct accounts){.contacts = due.recipients, .nodes = 1};
	scene_accounts(bench);
	for (unsigned i = 0; i < due.recipients; i++)
		stanza_presence(server_output(bench->server), i, true, bench->accounts.ver);
	bench_expect(bench, &due);
	while (bench->accounts.infos == 0)
		bench_turn(bench);
	bench_run(bench, &first);
	bench_finish_deliveries(bench);
	deliveries_end(&due);
	due = (struct deliveries){.events = load.count,
		.recipients = due.recipients,
		.payload_bytes = due.payload_bytes};
	bench_expect(bench, &due);
	bench_begin(bench);
	bench_run(bench, &load);
	bench_finish_deliveries(bench);
	bench_end(bench, load.count);
	bench_latency(bench, &due.latency);
	deliveries_end(&due);
}
