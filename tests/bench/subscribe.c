/* subscribe.c - coming and going on a node that has many subscribers already. */
#include "stanzas.h"
#include "workloads.h"

struct churn {
	unsigned first; /* behind those who stay */
	unsigned senders, outstanding;
};

/* Each of those who come goes again, when the answer to his coming cannot be outstanding: that
 * many requests of the same sender are between. */
static void write_churn(void *ctx, struct buf *out, uint64_t n, const char *id)
{
	const struct churn *churn = ctx;
	uint64_t sender = n % churn->senders, turn = n / churn->senders;
	uint64_t lap = turn / churn->outstanding, place = turn % churn->outstanding;
	uint64_t visitor = (lap / 2 * churn->outstanding + place) * churn->senders + sender;

	if (lap % 2 == 0)
		stanza_subscribe(out, id, churn->first + (unsigned)visitor, 0);
	else
		stanza_unsubscribe(out, id, churn->first + (unsigned)visitor, 0);
}

void workload_subscribe(struct bench *bench)
{
	const struct parameters *parameters = bench->parameters;
	struct churn churn = {
		.first = bench_size(bench, parameters->subscribers),
		.senders = parameters->senders,
		.outstanding = parameters->outstanding,
	};
	struct load load = {
		.senders = parameters->senders,
		.outstanding = parameters->outstanding,
		.count = bench_count(bench, parameters->count),
		.write = write_churn,
		.ctx = &churn,
	};

	scene_nodes(bench, 1, 1, "never");
	if (churn.first > 0)
		scene_subscribers(bench, 1, churn.first);
	bench_begin(bench);
	bench_run(bench, &load);
	bench_end(bench, load.count);
	bench_latency(bench, &load.latency);
}
