/* disk.c - disk.so, see disk.h. */
#include "disk.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define FUNCTION(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))

/* ---- the log ---- */

static int log_file(void)
{
	static int fd = -1;
	const char *path = getenv("DISK_LOG");

	if (fd < 0 && path != NULL)
		fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	return fd;
}

static void note(enum disk_event_kind kind, off_t offset, const struct iovec *parts, int n)
{
	struct disk_event event = {.kind = kind, .offset = (uint64_t)offset};
	struct iovec all[1025] = {{.iov_base = &event, .iov_len = sizeof event}};
	int fd = log_file();

	if (fd < 0)
		return;
	for (int i = 0; i < n && i < 1024; i++) {
		all[i + 1] = parts[i];
		event.len += parts[i].iov_len;
	}
	if (FUNCTION(writev)(fd, all, n + 1) != (ssize_t)(event.len + sizeof event))
		abort(); /* a log with holes would prove nothing */
}

static void note_bytes(enum disk_event_kind kind, off_t offset, const void *bytes, ssize_t len)
{
	const struct iovec part = {(void *)bytes, (size_t)len};

	note(kind, offset, &part, 1);
}

/* ---- the store's file ---- */

static bool is_store(int fd)
{
	static const char name[] = "/data.mdb";
	char link[64], path[1024];
	ssize_t n;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof path);
	return n >= (ssize_t)sizeof name - 1 &&
	       memcmp(path + n - (sizeof name - 1), name, sizeof name - 1) == 0;
}

static enum disk_event_kind kind_of(int fd)
{
	return (fcntl(fd, F_GETFL) & O_DSYNC) != 0 ? DISK_STORED : DISK_WRITE;
}

/* ---- faults ---- */

static bool fault_is(const char *what, int *value_out)
{
	const char *path = getenv("DISK_FAULT");
	char text[64] = "", word[32];
	int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	if (read(fd, text, sizeof text - 1) < 0)
		text[0] = '\0';
	close(fd);
	return sscanf(text, "%31s %d", word, value_out) == 2 && strcmp(word, what) == 0;
}

static bool fails(const char *what)
{
	int error;

	if (!fault_is(what, &error))
		return false;
	errno = error;
	return true;
}

static bool is_full(off_t end)
{
	int limit;

	if (!fault_is("full", &limit) || end <= limit)
		return false;
	errno = ENOSPC;
	return true;
}

static bool cannot_write(off_t offset, size_t len)
{
	return fails("write") || is_full(offset + (off_t)len);
}

static void wait_if_slow(void)
{
	int ms;

	if (fault_is("slow", &ms))
		nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000L}, NULL);
}

/* Before the nth write or flush. */
static void die_if_due(void)
{
	static int events;
	int nth;

	if (fault_is("kill", &nth) && ++events == nth)
		raise(SIGKILL);
}

/* ---- in place of the C library ---- */

EXPORT ssize_t pwrite(int fd, const void *bytes, size_t len, off_t offset)
{
	bool ours = is_store(fd);
	ssize_t n;

	if (ours)
		die_if_due();
	if (ours && cannot_write(offset, len))
		return -1;
	n = FUNCTION(pwrite)(fd, bytes, len, offset);
	if (ours && n > 0)
		note_bytes(kind_of(fd), offset, bytes, n);
	return n;
}

EXPORT ssize_t writev(int fd, const struct iovec *parts, int count)
{
	bool ours = is_store(fd);
	off_t offset = ours ? lseek(fd, 0, SEEK_CUR) : 0;
	size_t len = 0;
	ssize_t n;

	for (int i = 0; i < count; i++)
		len += parts[i].iov_len;
	if (ours)
		die_if_due();
	if (ours && cannot_write(offset, len))
		return -1;
	n = FUNCTION(writev)(fd, parts, count);
	if (ours && n > 0)
		note(kind_of(fd), offset, parts, count); /* LMDB gives up if it was less */
	return n;
}

EXPORT int fallocate(int fd, int mode, off_t offset, off_t len)
{
	if (is_store(fd) && is_full(offset + len))
		return -1;
	return FUNCTION(fallocate)(fd, mode, offset, len);
}

EXPORT int fdatasync(int fd)
{
	bool ours = is_store(fd);
	int rc;

	if (ours)
		die_if_due();
	if (ours && fails("flush"))
		return -1;
	if (ours)
		wait_if_slow();
	rc = FUNCTION(fdatasync)(fd);
	if (ours && rc == 0)
		note(DISK_FLUSH, 0, NULL, 0);
	return rc;
}

EXPORT int fsync(int fd)
{
	return fdatasync(fd);
}

EXPORT ssize_t send(int fd, const void *bytes, size_t len, int flags)
{
	ssize_t n = FUNCTION(send)(fd, bytes, len, flags);

	if (n > 0)
		note_bytes(DISK_SENT, 0, bytes, n);
	return n;
}
