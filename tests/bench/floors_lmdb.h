/* floors_lmdb.h - what LMDB takes for the records of a publish, a retrieval, a subscription: keys
 * and values as long as peppy's (schemas/store.md), without anything around them. */
#ifndef BENCH_FLOORS_LMDB_H
#define BENCH_FLOORS_LMDB_H

#include <stddef.h>

struct lmdb_cost { /* of one */
	double wall_us, cpu_us;
	double median_ms; /* of a transaction */
};

/* count publishes to eight nodes in transactions of batch; each deletes the node's oldest item. */
struct lmdb_cost lmdb_publish(
	const char *folder, size_t payload_bytes, unsigned batch, unsigned count);

/* us of CPU: of the last ten items of a node of 1 000; of a subscription put or deleted. */
double lmdb_read_us(const char *folder, unsigned count);
double lmdb_subscribe_us(const char *folder, unsigned count);

#endif
