/* floors_lmdb.h - what LMDB takes for the records of a publish, a retrieval, a subscription: keys
 * and values as long as peppy's (schemas/store.md), without anything around them. */
#ifndef BENCH_FLOORS_LMDB_H
#define BENCH_FLOORS_LMDB_H

#include <stddef.h>

struct lmdb_cost { /* of one */
	double wall_us, cpu_us;
	double median_ms; /* of a transaction */
};

struct lmdb_publish {
	size_t payload_bytes;
	unsigned batch; /* publishes in a transaction */
	/* Few: one after the other, and each publish deletes the node's oldest item; many: at
	 * random, and nothing is deleted. */
	unsigned nodes;
	unsigned count;
};

struct lmdb_cost lmdb_publish(const char *folder, const struct lmdb_publish *how);

/* us of CPU: of the last ten items of a node of 1 000; of a subscription put or deleted. */
double lmdb_read_us(const char *folder, unsigned count);
double lmdb_subscribe_us(const char *folder, unsigned count);

#endif
