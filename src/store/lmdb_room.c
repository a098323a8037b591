/* lmdb_room.c - the ballast: blocks of the disk that are kept behind the end of the file, and pages
 * at the end of the map. */
#include "store/lmdb_room.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "peppy/clock.h"
#include "peppy/log.h"
#include "store/lmdb_usage.h"

#define PAGE_BYTES 4096
#define BALLAST_MAX ((uint64_t)2 * 1024 * 1024 / PAGE_BYTES)
#define BALLAST_SHARE 8 /* of a small map: an eighth at most */

/* Pages that the file has; LMDB's numbers of the last commit. */
static MDB_envinfo info_of(const struct lmdb_room *room)
{
	MDB_envinfo info;

	mdb_env_info(room->env, &info);
	return info;
}

static bool reserve(struct lmdb_room *room, uint64_t from, uint64_t pages)
{
	mdb_filehandle_t fd;

	mdb_env_get_fd(room->env, &fd);
	if (fallocate(fd, FALLOC_FL_KEEP_SIZE, (off_t)(from * PAGE_BYTES),
		    (off_t)(pages * PAGE_BYTES)) == 0) {
		room->reserved = from + pages;
		return true;
	}
	if (errno != ENOSPC && errno != EDQUOT && errno != EINTR) {
		log_warning("store",
			"cannot reserve blocks behind the file (%s): when it is "
			"full, deleting may fail",
			strerror(errno));
		room->unreserved = true;
	}
	return false;
}

/* Keeps twice the ballast behind the end, so that it is not asked for with every page; what is
 * there already costs nothing. */
static void reserve_behind(struct lmdb_room *room, uint64_t end)
{
	uint64_t pages;

	if (room->reserved < end)
		room->reserved = end;
	if (room->unreserved || room->reserved >= end + room->ballast)
		return;
	for (pages = 2 * room->ballast; pages > room->reserved - end; pages /= 2)
		if (reserve(room, end, pages) || room->unreserved)
			return;
}

static uint64_t pages_to_grow(struct lmdb_room *room)
{
	MDB_envinfo info = info_of(room);
	uint64_t end = info.me_last_pgno + 1, most = info.me_mapsize / PAGE_BYTES;
	uint64_t of_map = most > end ? most - end : 0, of_disk;

	reserve_behind(room, end);
	of_disk = room->unreserved ? of_map : room->reserved - end;
	return of_disk < of_map ? of_disk : of_map;
}

static void set_low(struct lmdb_room *room, bool low)
{
	if (low && !room->low)
		log_error("store",
			"the disk or the map is full: nothing is added until there is room");
	if (!low && room->low)
		log_info("store", "there is room again");
	room->low = low;
}

/* Free pages inside the file are counted only when there are few others. */
void lmdb_room_look(struct lmdb_room *room, bool failed)
{
	uint64_t enough = room->low ? room->ballast + room->ballast / 4 : room->ballast;
	uint64_t pages = pages_to_grow(room);

	if (pages < enough)
		pages += lmdb_free_pages(room->env);
	if (room->low || failed || pages < enough)
		room->looked_us = clock_monotonic_us();
	set_low(room, failed || pages < enough);
}

void lmdb_room_open(struct lmdb_room *room, MDB_env *env)
{
	uint64_t share;

	*room = (struct lmdb_room){.env = env};
	share = info_of(room).me_mapsize / PAGE_BYTES / BALLAST_SHARE;
	room->ballast = share < BALLAST_MAX ? share : BALLAST_MAX;
	lmdb_room_look(room, false);
}
