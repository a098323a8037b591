/* floors.h - what this machine does without a pubsub service: the disk, LMDB, expat and a socket
 * alone, doing as much of the work as they would have to in any service built on them. */
#ifndef BENCH_FLOORS_H
#define BENCH_FLOORS_H

#include <stdbool.h>

enum floor {
	FLOOR_NONE,
	FLOOR_FLUSHES_MS,    /* a 4 KiB write and fdatasync, twice */
	FLOOR_APPEND_MS,     /* a 4 KiB append and fdatasync: also the file's new size */
	FLOOR_COMMIT_MS,     /* a publish in a transaction of its own, LMDB */
	FLOOR_LMDB_RATE_300, /* publishes in transactions of 100, a second */
	FLOOR_LMDB_RATE_4K,
	FLOOR_LMDB_CPU_300, /* the same, us */
	FLOOR_LMDB_CPU_4K,
	FLOOR_PARSE_CPU_300, /* expat, a publish stanza, us */
	FLOOR_PARSE_CPU_4K,
	FLOOR_PUBLISH_CPU_300, /* the sum of both */
	FLOOR_PUBLISH_CPU_4K,
	FLOOR_SCATTERED_CPU, /* the same in transactions of 300, to many nodes chosen at random */
	FLOOR_READ_CPU,      /* the last ten items of a node by LMDB, us */
	FLOOR_SUBSCRIBE_CPU, /* putting and deleting a subscription in transactions of 100, and
	                        parsing, us */
	FLOOR_SOCKET_RATE,   /* notifications stamped and written in blocks of 64 KiB to a
	                        socketpair, a second */
	FLOOR_SOCKET_CPU,    /* the same, us of the writer */
	FLOOR_TCP_RATE,      /* the same through loopback */
	FLOOR_TCP_CPU,
	FLOOR_COUNT
};

extern const char *const floor_names[FLOOR_COUNT];

/* Fills values; folder is on the disk that is measured. brief: a tenth of the time. */
void floors_measure(const char *folder, bool brief, double values[FLOOR_COUNT]);

#endif
