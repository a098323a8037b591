/* scene.c - nodes, subscribers and items that a workload finds. */
#include "bench.h"
#include "stanzas.h"

#define SENDERS 8
#define OUTSTANDING 64
#define NS_DELEGATED "urn:xmpp:delegation:1:bare:"

struct scene {
	unsigned max_items, each, payload_bytes;
	const char *send_last;
};

static void write_node(void *ctx, struct buf *out, uint64_t n, const char *id)
{
	const struct scene *scene = ctx;

	stanza_create(out, id, (unsigned)n, scene->max_items, scene->send_last);
}

static void write_subscriber(void *ctx, struct buf *out, uint64_t n, const char *id)
{
	const struct scene *scene = ctx;

	stanza_subscribe(out, id, (unsigned)n, (unsigned)n / scene->each);
}

static void write_item(void *ctx, struct buf *out, uint64_t n, const char *id)
{
	const struct scene *scene = ctx;

	stanza_publish(
		out, id, &(struct publish){.item = n, .payload_bytes = scene->payload_bytes});
}

static void run(struct bench *bench, struct scene *scene, load_write_fn write, uint64_t count)
{
	struct load load = {
		.senders = SENDERS,
		.outstanding = OUTSTANDING,
		.count = count,
		.write = write,
		.ctx = scene,
	};

	bench_run(bench, &load);
}

void scene_nodes(struct bench *bench, unsigned nodes, unsigned max_items, const char *send_last)
{
	struct scene scene = {.max_items = max_items, .send_last = send_last};

	run(bench, &scene, write_node, nodes);
}

void scene_subscribers(struct bench *bench, unsigned nodes, unsigned each)
{
	struct scene scene = {.each = each};

	run(bench, &scene, write_subscriber, (uint64_t)nodes * each);
}

void scene_items(struct bench *bench, uint64_t items)
{
	struct scene scene = {.payload_bytes = bench->parameters->payload_bytes};

	run(bench, &scene, write_item, items);
}

/* ---- accounts ---- */

/* ejabberd asks first, and delegates what was answered with a result. */
static void write_question(void *ctx, struct buf *out, uint64_t n, const char *id)
{
	(void)ctx;
	buf_printf(out,
		"<iq type='get' from='" DAEMON_DOMAIN "' to='" DAEMON_COMPONENT "' id='%s'>"
		"<query xmlns='" NS_DISCO_INFO "' node='" NS_DELEGATED NS_PUBSUB "%s'/></iq>",
		id, n == 0 ? "" : "#owner");
}

void scene_accounts(struct bench *bench)
{
	struct load questions = {
		.senders = 1, .outstanding = 1, .count = 2, .write = write_question};

	accounts_prepare(&bench->accounts);
	if (bench->parameters->version == 1)
		bench_run(bench, &questions);
	accounts_announce(server_output(bench->server), bench->parameters->version);
}
