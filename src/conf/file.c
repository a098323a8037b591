/* file.c - small files: the configuration, secrets. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/reader.h"

static ssize_t read_whole(int fd, char *text, size_t max)
{
	size_t len = 0;
	ssize_t n;

	do {
		n = read(fd, text + len, max - len);
		len += n > 0 ? (size_t)n : 0;
	} while (n > 0 || (n < 0 && errno == EINTR));
	return n < 0 ? -1 : (ssize_t)len;
}

char *file_read(
	const char *path, size_t max, struct arena *arena, size_t *len_out, bool *public_out)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	char *text = NULL;
	ssize_t len;
	int saved;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &status) != 0)
		goto done;
	text = arena_alloc(arena, max + 2); /* one to see that it is too long, and a NUL */
	len = read_whole(fd, text, max + 1);
	if (len < 0 || (size_t)len > max) {
		errno = len < 0 ? errno : EFBIG;
		text = NULL;
		goto done;
	}
	*len_out = (size_t)len;
	*public_out = (status.st_mode & S_IROTH) != 0;
done:
	saved = errno;
	close(fd);
	errno = saved;
	return text;
}
