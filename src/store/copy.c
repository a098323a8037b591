/* copy.c - the store as a file in another folder. Nobody sees the file before it is whole and has
 * reached the disk. */
#include "peppy/store_upkeep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "peppy/array.h"
#include "peppy/log.h"
#include "store/folder.h"
#include "store/txn.h"

#define FILE_NAME "data.mdb"
#define FILE_UNFINISHED FILE_NAME "~"
#define FILE_OLD FILE_NAME ".old"
#define FILE_READERS "lock.mdb" /* LMDB's list of them, and its last transaction */

static enum pubsub_error fail(const char *path, const char *what)
{
	const bool full = errno == ENOSPC || errno == EDQUOT;

	log_error("store", "%s: %s: %s", path, what, strerror(errno));
	return full ? PUBSUB_ERR_STORE_FULL : PUBSUB_ERR_STORE_FAILED;
}

/* *made_out: it was not there. */
static enum pubsub_error open_folder(const char *path, int *out, bool *made_out)
{
	*made_out = mkdir(path, 0700) == 0;
	if (!*made_out && errno != EEXIST)
		return fail(path, "cannot be made");
	*out = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *out < 0 ? fail(path, "cannot be opened") : PUBSUB_OK;
}

/* What the copy takes, about; 0: that cannot be told in the midst of a transaction. */
static enum pubsub_error count_bytes(struct store *store, uint64_t *out)
{
	struct store_usage usage;
	enum pubsub_error err;

	*out = 0;
	if (store->txn.mode != STORE_NONE)
		return PUBSUB_OK;
	err = usage_read(store, &usage);
	if (err == PUBSUB_OK)
		*out = usage.file_bytes - usage.free_bytes;
	return err;
}

/* Before it is written: a disk that a copy fills is full for the store as well. */
static enum pubsub_error expect_room(struct store *store, int folder, const char *path)
{
	struct statvfs disk;
	uint64_t bytes, room;
	enum pubsub_error err = count_bytes(store, &bytes);

	if (err != PUBSUB_OK)
		return err;
	if (fstatvfs(folder, &disk) != 0)
		return fail(path, "cannot be examined");
	room = (uint64_t)disk.f_bavail * disk.f_frsize;
	if (bytes <= room)
		return PUBSUB_OK;
	log_error("store", "%s: no room for the copy, which takes %llu MiB: there are %llu", path,
		(unsigned long long)(bytes >> 20) + 1, (unsigned long long)(room >> 20));
	return PUBSUB_ERR_STORE_FULL;
}

static enum pubsub_error write_file(struct engine *engine, int fd, const char *path)
{
	enum pubsub_error err = engine->ops->copy(engine, fd);

	if (err == PUBSUB_OK && fsync(fd) != 0)
		err = fail(path, "cannot be flushed");
	return err;
}

static enum pubsub_error write_unfinished(struct engine *engine, int folder, const char *path)
{
	enum pubsub_error err;
	int fd;

	unlinkat(folder, FILE_UNFINISHED, 0); /* of an attempt that was killed */
	fd = openat(folder, FILE_UNFINISHED, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		0600);
	if (fd < 0)
		return fail(path, "cannot be written to");
	err = write_file(engine, fd, path);
	close(fd);
	if (err != PUBSUB_OK)
		unlinkat(folder, FILE_UNFINISHED, 0);
	return err;
}

static enum pubsub_error take_place(int folder, const char *path)
{
	if (renameat(folder, FILE_UNFINISHED, folder, FILE_NAME) != 0 || fsync(folder) != 0)
		return fail(path, "the copy cannot be moved to its place");
	return PUBSUB_OK;
}

static enum pubsub_error has_file(struct store *store)
{
	if (store->engine->ops->copy != NULL)
		return PUBSUB_OK;
	log_error("store", "a store in memory has no file");
	return PUBSUB_ERR_STORE_FAILED;
}

enum pubsub_error store_copy(struct store *store, const char *path)
{
	int folder = -1;
	bool made = false;
	enum pubsub_error err = has_file(store);

	if (err == PUBSUB_OK)
		err = open_folder(path, &folder, &made);
	if (err == PUBSUB_OK && faccessat(folder, FILE_NAME, F_OK, 0) == 0) {
		log_error("store", "%s: there is a store already", path);
		err = PUBSUB_ERR_STORE_FAILED;
	}
	if (err == PUBSUB_OK)
		err = expect_room(store, folder, path);
	if (err == PUBSUB_OK)
		err = write_unfinished(store->engine, folder, path);
	if (err == PUBSUB_OK)
		err = take_place(folder, path);
	if (folder >= 0)
		close(folder);
	if (err != PUBSUB_OK && made)
		rmdir(path);
	return err;
}

static enum pubsub_error replace(struct store *store, int folder, const char *path)
{
	enum pubsub_error err = expect_room(store, folder, path);

	if (err == PUBSUB_OK)
		err = write_unfinished(store->engine, folder, path);
	if (err == PUBSUB_OK && renameat(folder, FILE_NAME, folder, FILE_OLD) != 0 &&
		errno != ENOENT)
		err = fail(path, "the former store cannot be kept");
	if (err == PUBSUB_OK)
		unlinkat(folder, FILE_READERS, 0); /* who still reads the former store keeps it */
	return err == PUBSUB_OK ? take_place(folder, path) : err;
}

void store_discard(const char *path)
{
	static const char *const names[] = {
		FILE_NAME, FILE_UNFINISHED, FILE_OLD, FILE_READERS, FOLDER_LOCK};
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	if (folder < 0)
		return;
	for (size_t i = 0; i < ARRAY_COUNT(names); i++)
		unlinkat(folder, names[i], 0);
	close(folder);
	rmdir(path);
}

enum pubsub_error store_restore(struct store *store, const char *path)
{
	int lock = -1, folder = -1;
	bool made;
	enum pubsub_error err = has_file(store);

	if (err == PUBSUB_OK)
		err = folder_lock(path, &lock);
	if (err == PUBSUB_OK)
		err = open_folder(path, &folder, &made);
	if (err == PUBSUB_OK)
		err = replace(store, folder, path);
	if (folder >= 0)
		close(folder);
	folder_unlock(lock);
	return err;
}
