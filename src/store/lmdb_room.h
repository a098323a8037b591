/* lmdb_room.h - is there room for more? LMDB needs new pages even to delete: when map or disk come
 * to their end, the last of both is left to what deletes.
 * Private to src/store. */
#ifndef STORE_LMDB_ROOM_H
#define STORE_LMDB_ROOM_H

#include <lmdb.h>
#include <stdbool.h>
#include <stdint.h>

/* A plain value. */
struct lmdb_room {
	MDB_env *env;
	uint64_t ballast;   /* pages that are left to what deletes */
	uint64_t reserved;  /* up to this page the disk has room for the file */
	bool unreserved;    /* the file system reserves nothing */
	bool low;           /* nothing is to be added */
	uint64_t looked_us; /* monotonic */
};

void lmdb_room_open(struct lmdb_room *room, MDB_env *env);

/* Between transactions: after each commit, and from time to time while it is low. failed: the last
 * transaction found no room. */
void lmdb_room_look(struct lmdb_room *room, bool failed);

#endif
