/* Numbers of links and store, beside those of the router. */
#include "state.h"

#include "peppy/clock.h"
#include "peppy/metric.h"
#include "peppy/store_upkeep.h"

enum {
	LINK_UP,
	LINK_CONNECTS,
	LINK_QUEUED,
	LINK_SENT,
	STORE_FILE,
	STORE_FREE,
	STORE_LIMIT,
	STORE_LAG,
	UPTIME
};

static const struct metric metrics[] = {
	/* clang-format off */
	[LINK_UP] = {"peppy_link_up", METRIC_GAUGE, "Whether the link to the server is up"},
	[LINK_CONNECTS] = {"peppy_link_connects", METRIC_COUNTER, "Times that the link came up"},
	[LINK_QUEUED] = {"peppy_link_queued_bytes", METRIC_GAUGE,
		"Output that the server has not read yet"},
	[LINK_SENT] = {"peppy_link_sent_bytes", METRIC_COUNTER, "Output that the server has read"},
	[STORE_FILE] = {"peppy_store_file_bytes", METRIC_GAUGE, "Size of the store's file"},
	[STORE_FREE] = {"peppy_store_free_bytes", METRIC_GAUGE,
		"Free pages in the store's file, reused before it grows"},
	[STORE_LIMIT] = {"peppy_store_limit_bytes", METRIC_GAUGE, "Maximum size of the store's file"},
	[STORE_LAG] = {"peppy_store_reader_lag", METRIC_GAUGE,
		"Transactions since the oldest snapshot still in use"},
	[UPTIME] = {"peppy_uptime_seconds", METRIC_GAUGE, "Time since the start"},
	/* clang-format on */
};

static uint64_t value_of(const struct control_link *link, int metric)
{
	switch (metric) {
	case LINK_UP:
		return link->is_up;
	case LINK_CONNECTS:
		return link->connects;
	case LINK_QUEUED:
		return link->queued_bytes;
	default:
		return link->sent_bytes;
	}
}

static void put_links(struct control *control, struct buf *out)
{
	struct control_link link;

	for (int metric = LINK_UP; metric <= LINK_SENT; metric++) {
		metric_open(out, &metrics[metric]);
		for (size_t i = 0; control->port.link(control->port.ctx, i, &link); i++)
			metric_put(out, &metrics[metric], "component", link.component,
				value_of(&link, metric));
	}
}

static enum pubsub_error read_usage(void *ctx, struct service *service)
{
	return store_usage(service->txn, ctx);
}

/* If the store cannot say, the log says so. */
static void put_usage(struct control *control, struct buf *out)
{
	struct store_usage usage;
	struct control_link link;
	struct control_turn turn = {.mode = STORE_READ, .run = read_usage, .ctx = &usage};

	if (!control->port.link(control->port.ctx, 0, &link))
		return;
	turn.service = turn.as = link.component;
	if (control->port.run_turn(control->port.ctx, &turn) != PUBSUB_OK)
		return;
	metric_put_one(out, &metrics[STORE_FILE], usage.file_bytes);
	metric_put_one(out, &metrics[STORE_FREE], usage.free_bytes);
	metric_put_one(out, &metrics[STORE_LIMIT], usage.max_bytes);
	metric_put_one(out, &metrics[STORE_LAG], usage.reader_lag);
}

void metrics_render(struct control *control, struct buf *out)
{
	control->port.metrics(control->port.ctx, out);
	put_links(control, out);
	put_usage(control, out);
	metric_put_one(
		out, &metrics[UPTIME], (clock_monotonic_us() - control->started_us) / 1000000);
	process_render(control, out);
	buf_append_text(out, "# EOF\n");
}
