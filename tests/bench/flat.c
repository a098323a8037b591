/* flat.c - what must not cost more where there is more of it: the nodes of a service page by page,
 * one entity's many subscriptions, and the end of a node to which very many are subscribed. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "fault.h"
#include "stanzas.h"
#include "workloads.h"

#define PAGE 50
#define SMALL_PAGE 7    /* so that few nodes make several */
#define OTHERS 8        /* nodes n1 … n8 */
#define PER_SECOND 1000 /* requests of others */
#define SECONDS 3
#define KEPT 100

/* Faults unless there are so many elements of this name in the answer. */
static void expect_elements(const struct stanza *answer, const char *name, unsigned count)
{
	struct slice rest = answer->bytes, tag;
	unsigned found = 0;

	while ((tag = scan_tag(rest, name)).at != NULL) {
		found++;
		rest.len -= (size_t)(tag.at + tag.len - rest.at);
		rest.at = tag.at + tag.len;
	}
	if (found != count)
		fault("%u times <%s/> instead of %u: %.*s", found, name, count,
			(int)answer->bytes.len, answer->bytes.at);
}

static void run_one_by_one(struct bench *bench, load_write_fn write, load_check_fn check, void *ctx)
{
	struct load load = {
		.senders = 1,
		.outstanding = 1,
		.count = bench_count(bench, bench->parameters->count),
		.write = write,
		.check = check,
		.ctx = ctx,
	};

	bench_begin(bench);
	bench_run(bench, &load);
	bench_end(bench, load.count);
	bench_latency(bench, &load.latency);
}

/* ---- a service's nodes: disco#items ---- */

struct walk {
	unsigned page;
	uint64_t pages; /* that are full */
	char last[64];  /* of the page before; "": none */
};

static void write_nodes_page(void *ctx, struct buf *out, uint64_t n, const char *id)
{
	const struct walk *walk = ctx;

	(void)n;
	stanza_nodes_page(out, id, walk->page, walk->last[0] != '\0' ? walk->last : NULL);
}

static void check_nodes_page(void *ctx, uint64_t n, const struct stanza *answer)
{
	struct walk *walk = ctx;
	struct slice last = scan_tag(answer->bytes, "last");
	const char *text = last.at + last.len;

	expect_elements(answer, "item", walk->page);
	snprintf(walk->last, sizeof walk->last, "%.*s", (int)strcspn(text, "<"), text);
	if ((n + 1) % walk->pages == 0)
		walk->last[0] = '\0'; /* from the start again */
}

void workload_nodes_pages(struct bench *bench)
{
	unsigned nodes = bench_size(bench, bench->parameters->nodes);
	struct walk walk = {.page = nodes > PAGE ? PAGE : SMALL_PAGE};

	walk.pages = nodes / walk.page;
	scene_nodes(bench, nodes, 1, "never");
	run_one_by_one(bench, write_nodes_page, check_nodes_page, &walk);
}

/* ---- an entity's subscriptions ---- */

static void write_own_subscription(void *ctx, struct buf *out, uint64_t n, const char *id)
{
	(void)ctx;
	stanza_subscribe(out, id, 0, (unsigned)n);
}

static void write_subscriptions_page(void *ctx, struct buf *out, uint64_t n, const char *id)
{
	(void)ctx, (void)n;
	stanza_subscriptions_page(out, id, PAGE);
}

static void check_subscriptions_page(void *ctx, uint64_t n, const struct stanza *answer)
{
	(void)n;
	expect_elements(answer, "subscription", bench_size(ctx, PAGE));
}

void workload_own_subscriptions(struct bench *bench)
{
	unsigned nodes = bench_size(bench, bench->parameters->nodes);
	struct load load = {
		.senders = 8, .outstanding = 64, .count = nodes, .write = write_own_subscription};

	scene_nodes(bench, nodes, 1, "never");
	bench_run(bench, &load);
	run_one_by_one(bench, write_subscriptions_page, check_subscriptions_page, bench);
}

/* ---- the end of a large node ---- */

static void write_delete(void *ctx, struct buf *out, uint64_t n, const char *id)
{
	(void)ctx;
	stanza_delete(out, id, (unsigned)n);
}

static void write_small(void *ctx, struct buf *out, uint64_t n, const char *id)
{
	const struct bench *bench = ctx;
	unsigned node = 1 + (unsigned)(n / 2 % OTHERS);

	if (n % 2 == 0)
		stanza_publish(out, id,
			&(struct publish){.publisher = node,
				.node = node,
				.item = n,
				.payload_bytes = bench->parameters->payload_bytes});
	else
		stanza_items(out, id, node, 1);
}

/* What others feel of it while its subscriptions are erased. An operation is one of their requests;
 * CPU is therefore not told. */
void workload_delete(struct bench *bench)
{
	struct load small = {.per_second = PER_SECOND,
		.count = bench_count(bench, SECONDS * PER_SECOND),
		.write = write_small,
		.ctx = bench};
	struct load end = {.senders = 1, .outstanding = 1, .count = 1, .write = write_delete};

	scene_nodes(bench, 1 + OTHERS, KEPT, "never");
	scene_subscribers(bench, 1, bench_size(bench, bench->parameters->subscribers));
	bench_begin(bench);
	bench_start(bench, &small);
	bench_run(bench, &end);
	bench_finish(bench, &small);
	bench_end(bench, small.count);
	bench->result->figures[FIGURE_CPU] = (double)NAN;
	bench_latency(bench, &small.latency);
}
