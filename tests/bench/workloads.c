#include "workloads.h"

#include <stddef.h>

#define ATOM 300
#define LARGE 4096

/* clang-format off */
#define RATE(least, f)    {FIGURE_RATE, AT_LEAST, (least), false, (f)}
#define CPU(most, f)      {FIGURE_CPU,  AT_MOST,  (most),  false, (f)}
#define MOST(fig, most)   {FIGURE_##fig, AT_MOST, (most),  false, FLOOR_NONE}
#define TIMES(fig, n, f)  {FIGURE_##fig, AT_MOST, (n),     true,  (f)}
#define BESIDE(fig, f)    {FIGURE_##fig, BOUND_NONE, 0,    false, (f)}

const struct workload workloads[] = {
	{"idle", SCALE_QUICK, workload_idle, {0}, "second",
		{MOST(PRIVATE, 15), MOST(START, 200)}},

	{"publish-one", SCALE_QUICK, workload_publish,
		{.senders = 1, .outstanding = 1, .payload_bytes = ATOM, .count = 3000}, "publishes",
		{TIMES(P50, 1.5, FLOOR_FLUSHES_MS), BESIDE(P50, FLOOR_COMMIT_MS),
		 CPU(130, FLOOR_PUBLISH_CPU_300)}},
	{"publish-one-4k", SCALE_QUICK, workload_publish,
		{.senders = 1, .outstanding = 1, .payload_bytes = LARGE, .count = 3000}, "publishes",
		{TIMES(P50, 1.5, FLOOR_FLUSHES_MS), BESIDE(CPU, FLOOR_PUBLISH_CPU_4K)}},
	{"publish-many", SCALE_QUICK, workload_publish,
		{.senders = 8, .outstanding = 64, .payload_bytes = ATOM, .count = 150000}, "publishes",
		{RATE(15000, FLOOR_LMDB_RATE_300), CPU(20, FLOOR_PUBLISH_CPU_300)}},
	{"publish-many-4k", SCALE_QUICK, workload_publish,
		{.senders = 8, .outstanding = 64, .payload_bytes = LARGE, .count = 50000}, "publishes",
		{BESIDE(RATE, FLOOR_LMDB_RATE_4K), CPU(40, FLOOR_PUBLISH_CPU_4K)}},

	{"fanout-100", SCALE_QUICK, workload_fanout,
		{.outstanding = 64, .payload_bytes = ATOM, .subscribers = 100, .count = 20000},
		"notifications",
		{BESIDE(RATE, FLOOR_TCP_RATE), BESIDE(CPU, FLOOR_TCP_CPU)}},
	{"fanout-1000", SCALE_QUICK, workload_fanout,
		{.outstanding = 8, .payload_bytes = ATOM, .subscribers = 1000, .count = 4000},
		"notifications",
		{RATE(800000, FLOOR_TCP_RATE), CPU(0.6, FLOOR_TCP_CPU)}},
	{"fanout-10000", SCALE_QUICK, workload_fanout,
		{.outstanding = 2, .payload_bytes = ATOM, .subscribers = 10000, .count = 400},
		"notifications",
		{RATE(800000, FLOOR_TCP_RATE), CPU(0.6, FLOOR_TCP_CPU)}},
	{"fanout-100000", SCALE_QUICK, workload_fanout,
		{.outstanding = 1, .payload_bytes = ATOM, .subscribers = 100000, .count = 20},
		"notifications",
		{MOST(LAST, 250), MOST(PEAK, 60), BESIDE(CPU, FLOOR_TCP_CPU),
		 BESIDE(RATE, FLOOR_TCP_RATE)}},
	{"nodes-10000", SCALE_QUICK, workload_nodes,
		{.senders = 8, .outstanding = 64, .payload_bytes = ATOM, .nodes = 10000,
		 .subscribers = 10, .count = 100000}, "publishes to 10",
		{CPU(150, FLOOR_SCATTERED_CPU)}},

	{"last-10-of-1000", SCALE_QUICK, workload_last_items,
		{.senders = 8, .outstanding = 8, .payload_bytes = ATOM, .items = 1000,
		 .count = 50000}, "retrievals",
		{CPU(60, FLOOR_READ_CPU)}},
	{"last-10-of-1000000", SCALE_FULL, workload_last_items,
		{.senders = 8, .outstanding = 8, .payload_bytes = ATOM, .items = 1000000,
		 .count = 50000}, "retrievals",
		{CPU(60, FLOOR_READ_CPU)}},
	{"pages-of-1000", SCALE_QUICK, workload_pages,
		{.payload_bytes = ATOM, .items = 1000, .count = 10000}, "pages of 50", {{0}}},
	{"pages-of-1000000", SCALE_FULL, workload_pages,
		{.payload_bytes = ATOM, .items = 1000000, .count = 20000}, "pages of 50", {{0}}},

	{"subscribe", SCALE_QUICK, workload_subscribe,
		{.senders = 8, .outstanding = 64, .count = 100000}, "(un)subscribes",
		{CPU(30, FLOOR_SUBSCRIBE_CPU)}},
	{"subscribe-100000", SCALE_QUICK, workload_subscribe,
		{.senders = 8, .outstanding = 64, .subscribers = 100000, .count = 100000},
		"(un)subscribes",
		{CPU(30, FLOOR_SUBSCRIBE_CPU)}},

	{"list-1000-nodes", SCALE_QUICK, workload_nodes_pages,
		{.nodes = 1000, .count = 10000}, "pages of 50 nodes",
		{{0}}},
	{"list-1000000-nodes", SCALE_FULL, workload_nodes_pages,
		{.nodes = 1000000, .count = 20000}, "pages of 50 nodes",
		{{0}}},
	{"list-10000-own", SCALE_QUICK, workload_own_subscriptions,
		{.nodes = 10000, .count = 1000}, "pages of 50 subscriptions", {{0}}},
	{"delete-100000", SCALE_QUICK, workload_delete,
		{.payload_bytes = ATOM, .subscribers = 100000}, "small requests",
		{MOST(P99, 20), MOST(PEAK, 60)}},
	{"delete-1000000", SCALE_FULL, workload_delete,
		{.payload_bytes = ATOM, .subscribers = 1000000}, "small requests",
		{MOST(P99, 20), MOST(PEAK, 60)}},

	{"presence", SCALE_QUICK, workload_presence,
		{.payload_bytes = ATOM, .nodes = 10, .subscribers = 1000, .count = 10},
		"presences, 10 items each", {{0}}},
	{"presence-contacts", SCALE_QUICK, workload_contacts,
		{.senders = 50, .payload_bytes = ATOM, .nodes = 3, .subscribers = 200,
		 .version = 1, .count = 10}, "presences, 600 items each", {{0}}},
	{"online", SCALE_NORMAL, workload_online,
		{.nodes = 10, .subscribers = 100000, .version = 2}, "users online",
		{MOST(PEAK, 60), MOST(PRIVATE, 60)}},
	{"account-ejabberd", SCALE_QUICK, workload_accounts,
		{.senders = 1, .outstanding = 8, .payload_bytes = ATOM, .subscribers = 200,
		 .version = 1, .count = 5000}, "publishes to 200", {BESIDE(CPU, FLOOR_PUBLISH_CPU_300)}},
	{"account-prosody", SCALE_QUICK, workload_accounts,
		{.senders = 1, .outstanding = 8, .payload_bytes = ATOM, .subscribers = 200,
		 .version = 2, .count = 5000}, "publishes to 200", {BESIDE(CPU, FLOOR_PUBLISH_CPU_300)}},

	{"mixed", SCALE_QUICK, workload_mixed,
		{.payload_bytes = ATOM, .subscribers = 100000, .count = 20}, "small requests",
		{MOST(P99, 20), MOST(LAST, 250), MOST(PEAK, 60)}},
	{"growth", SCALE_NORMAL, workload_growth,
		{.payload_bytes = ATOM, .nodes = 10000, .items = 300000}, "publishes",
		{MOST(GROWTH_SINGLY, 1.5), MOST(GROWTH, 3), MOST(START, 200), MOST(PRIVATE, 40),
		 BESIDE(CPU, FLOOR_SCATTERED_CPU)}},
	{"growth-10000000", SCALE_FULL, workload_growth,
		{.payload_bytes = ATOM, .nodes = 1000000, .items = 10000000}, "publishes",
		{MOST(GROWTH_SINGLY, 1.5), MOST(GROWTH, 3), MOST(START, 200), MOST(PRIVATE, 40),
		 BESIDE(CPU, FLOOR_SCATTERED_CPU)}},
	{.name = NULL},
};
/* clang-format on */
