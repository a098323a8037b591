/* The socket's file: made under another name and moved to its place, so that nobody finds one that
 * does not answer yet, or with a wider mode than it will have. */
#include "state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "peppy/log.h"
#include "peppy/memory.h"

#define BACKLOG 16

static bool fail(const char *path, const char *why)
{
	log_error("control", "cannot open the socket %s: %s", path, why);
	return false;
}

static bool address_of(const char *path, struct sockaddr_un *out)
{
	*out = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof out->sun_path)
		return false;
	memcpy(out->sun_path, path, strlen(path));
	return true;
}

static bool is_answered(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool answered;

	if (fd < 0)
		return true; /* in doubt it is left alone */
	answered = connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 ||
		   errno != ECONNREFUSED;
	close(fd);
	return answered;
}

/* May a new socket take this place? */
static bool is_free(const char *path)
{
	struct sockaddr_un address;
	struct stat st;

	if (lstat(path, &st) != 0)
		return errno == ENOENT || fail(path, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return fail(path, "something else has this name");
	if (!address_of(path, &address) || is_answered(&address))
		return fail(path, "somebody listens there");
	return true;
}

/* umask(2) is the process's, but there is one thread here that makes files. */
static bool bind_to(int fd, const char *path)
{
	struct sockaddr_un address;
	mode_t mask;
	int rc;

	if (!address_of(path, &address)) {
		errno = ENAMETOOLONG;
		return false;
	}
	if (unlink(path) != 0 && errno != ENOENT)
		return false;
	mask = umask(0177);
	rc = bind(fd, (const struct sockaddr *)&address, sizeof address);
	umask(mask);
	return rc == 0;
}

static bool take_place(struct door *door, const char *made)
{
	struct stat st;

	if (listen(door->fd, BACKLOG) != 0 || lstat(made, &st) != 0 ||
		rename(made, door->path) != 0)
		return false;
	door->device = st.st_dev;
	door->inode = st.st_ino;
	return true;
}

bool door_open(struct door *door, const char *path)
{
	char made[sizeof(((struct sockaddr_un *)0)->sun_path) + 1];
	int saved;

	*door = (struct door){.path = memory_strdup(path), .fd = -1};
	if (strlen(path) >= sizeof made - 2)
		return fail(path, "the name is too long");
	memcpy(made, path, strlen(path) + 1);
	strcat(made, "~");
	if (!is_free(path))
		return false;
	door->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (door->fd >= 0 && bind_to(door->fd, made) && take_place(door, made))
		return true;
	saved = errno;
	unlink(made);
	return fail(path, strerror(saved));
}

static bool is_ours(const struct door *door)
{
	struct stat st;

	return lstat(door->path, &st) == 0 && st.st_dev == door->device && st.st_ino == door->inode;
}

void door_close(struct door *door)
{
	if (door->fd >= 0 && is_ours(door))
		unlink(door->path);
	if (door->fd >= 0)
		close(door->fd);
	free(door->path);
	*door = (struct door){.fd = -1};
}
