/* read.c - retrieving: the last items of a node, and a walk through all of them page by page. */
#include <stdio.h>
#include <string.h>

#include "fault.h"
#include "stanzas.h"
#include "workloads.h"

#define LAST 10
#define PAGE 50
#define SMALL_PAGE 7 /* so that a small node has several */

static void prepare(struct bench *bench)
{
	unsigned items = bench_size(bench, bench->parameters->items);

	scene_nodes(bench, 1, items, "never");
	scene_items(bench, items);
}

/* Faults unless the items of the answer are first, first + 1, … and so many. */
static void expect_items(const struct stanza *answer, uint64_t first, uint64_t count)
{
	struct slice rest = answer->bytes;
	uint64_t found = 0, number;

	for (;; found++) {
		struct slice tag = scan_tag(rest, "item");

		if (tag.at == NULL)
			break;
		if (!scan_number(scan_attr(tag, "id"), "i", &number) || number != first + found)
			fault("not item %llu: %.*s", (unsigned long long)(first + found),
				(int)answer->bytes.len, answer->bytes.at);
		rest.at = tag.at + tag.len;
		rest.len = (size_t)(answer->bytes.at + answer->bytes.len - rest.at);
	}
	if (found != count)
		fault("%llu items instead of %llu: %.*s", (unsigned long long)found,
			(unsigned long long)count, (int)answer->bytes.len, answer->bytes.at);
}

/* ---- the last ones ---- */

static void write_items(void *ctx, struct buf *out, uint64_t n, const char *id)
{
	(void)ctx;
	(void)n;
	stanza_items(out, id, 0, LAST);
}

static void check_last(void *ctx, uint64_t n, const struct stanza *answer)
{
	const struct bench *bench = ctx;
	unsigned items = bench_size(bench, bench->parameters->items);

	(void)n;
	expect_items(answer, items - LAST, LAST);
}

void workload_last_items(struct bench *bench)
{
	struct load load = {
		.senders = bench->parameters->senders,
		.outstanding = bench->parameters->outstanding,
		.count = bench_count(bench, bench->parameters->count),
		.write = write_items,
		.check = check_last,
		.ctx = bench,
	};

	prepare(bench);
	bench_begin(bench);
	bench_run(bench, &load);
	bench_end(bench, load.count);
	bench_latency(bench, &load.latency);
}

/* ---- pages: XEP-0059 ---- */

struct walk {
	unsigned items;
	unsigned page;  /* of so many items */
	char last[128]; /* of the page before; "": none */
};

static void write_page(void *ctx, struct buf *out, uint64_t n, const char *id)
{
	const struct walk *walk = ctx;

	(void)n;
	stanza_page(out, id, 0, walk->page, walk->last[0] != '\0' ? walk->last : NULL);
}

static unsigned pages_of(const struct walk *walk)
{
	return (walk->items + walk->page - 1) / walk->page;
}

static void check_page(void *ctx, uint64_t n, const struct stanza *answer)
{
	struct walk *walk = ctx;
	uint64_t first = n % pages_of(walk) * walk->page;
	struct slice last = scan_tag(answer->bytes, "last");
	const char *text;

	expect_items(
		answer, first, walk->items - first < walk->page ? walk->items - first : walk->page);
	if (last.at == NULL)
		fault("a page without <last/>: %.*s", (int)answer->bytes.len, answer->bytes.at);
	text = last.at + last.len;
	snprintf(walk->last, sizeof walk->last, "%.*s", (int)strcspn(text, "<"), text);
	if ((n + 1) % pages_of(walk) == 0)
		walk->last[0] = '\0'; /* from the start again */
}

/* One page after the other, since each names the one before. */
void workload_pages(struct bench *bench)
{
	struct walk walk = {.items = bench_size(bench, bench->parameters->items)};
	struct load load = {
		.senders = 1,
		.outstanding = 1,
		.count = bench_count(bench, bench->parameters->count),
		.write = write_page,
		.check = check_page,
		.ctx = &walk,
	};

	walk.page = walk.items > PAGE ? PAGE : SMALL_PAGE;
	prepare(bench);
	bench_begin(bench);
	bench_run(bench, &load);
	bench_end(bench, load.count);
	bench_latency(bench, &load.latency);
}
