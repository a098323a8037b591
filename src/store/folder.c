/* folder.c - LMDB needs a local file system and, for us, the only process on it. */
#include "store/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "peppy/array.h"
#include "peppy/log.h"

#define CIFS_MAGIC 0xff534d42u /* not in every linux/magic.h */
#define SMB2_MAGIC 0xfe534d42u
#define FUSE_MAGIC 0x65735546u

struct file_system {
	unsigned long magic;
	const char *name;
	bool refused; /* else a warning */
};

static const struct file_system file_systems[] = {
	{NFS_SUPER_MAGIC, "NFS", true},
	{CIFS_MAGIC, "CIFS", true},
	{SMB2_MAGIC, "SMB", true},
	{SMB_SUPER_MAGIC, "SMB", true},
	{FUSE_MAGIC, "FUSE", false},
	{OVERLAYFS_SUPER_MAGIC, "overlayfs", false},
	{V9FS_MAGIC, "9p", false},
};

static enum pubsub_error judge(const char *path)
{
	const struct file_system *fs;
	struct statfs st;
	size_t i;

	if (statfs(path, &st) != 0) {
		log_error("store", "cannot examine %s: %s", path, strerror(errno));
		return PUBSUB_ERR_STORE_FAILED;
	}
	for (i = 0; i < ARRAY_COUNT(file_systems); i++) {
		fs = &file_systems[i];
		if ((unsigned long)st.f_type != fs->magic)
			continue;
		if (fs->refused) {
			log_error("store", "%s is on %s, where no data would be safe: refused",
				path, fs->name);
			return PUBSUB_ERR_STORE_FAILED;
		}
		log_warning("store", "%s is on %s: only local file systems keep what they promise",
			path, fs->name);
	}
	return PUBSUB_OK;
}

static enum pubsub_error take_lock(const char *path, int *lock_out)
{
	char name[PATH_MAX];
	int len = snprintf(name, sizeof name, "%s/" FOLDER_LOCK, path);
	int lock = -1;

	if (len < 0 || len >= (int)sizeof name)
		errno = ENAMETOOLONG;
	else
		lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (lock < 0) {
		log_error("store", "cannot open %s/" FOLDER_LOCK ": %s", path, strerror(errno));
		return PUBSUB_ERR_STORE_FAILED;
	}
	if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
		log_error("store", "another process uses the store: it holds %s", name);
		close(lock);
		return PUBSUB_ERR_STORE_FAILED;
	}
	*lock_out = lock;
	return PUBSUB_OK;
}

enum pubsub_error folder_lock(const char *path, int *lock_out)
{
	enum pubsub_error err;

	if (mkdir(path, 0700) != 0 && errno != EEXIST) {
		log_error("store", "cannot make %s: %s", path, strerror(errno));
		return PUBSUB_ERR_STORE_FAILED;
	}
	err = judge(path);
	return err == PUBSUB_OK ? take_lock(path, lock_out) : err;
}

void folder_unlock(int lock)
{
	if (lock >= 0)
		close(lock); /* the file stays: to remove it would let two processes lock two files */
}
