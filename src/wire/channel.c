#include "wire/channel.h"

#include <errno.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire/tls.h"

static ssize_t outcome(ssize_t n)
{
	if (n >= 0)
		return n;
	return errno == EAGAIN || errno == EINTR ? CHANNEL_AGAIN : CHANNEL_LOST;
}

ssize_t channel_read(struct channel *channel, void *out, size_t n)
{
	ssize_t got;

	if (channel->tls != NULL)
		return tls_read(channel->tls, out, n);
	got = recv(channel->fd, out, n, 0);
	return got == 0 ? CHANNEL_END : outcome(got);
}

ssize_t channel_write(struct channel *channel, const void *bytes, size_t n)
{
	if (channel->tls != NULL)
		return tls_write(channel->tls, bytes, n);
	return outcome(send(channel->fd, bytes, n, MSG_NOSIGNAL));
}

bool channel_read_waits_for_write(const struct channel *channel)
{
	return channel->tls != NULL && tls_wants_write(channel->tls);
}

const char *channel_reason(const struct channel *channel)
{
	return channel->tls != NULL ? tls_reason(channel->tls) : strerror(errno);
}

size_t channel_unacknowledged(const struct channel *channel)
{
	int bytes = 0;

	if (channel->fd < 0 || ioctl(channel->fd, SIOCOUTQ, &bytes) != 0 || bytes < 0)
		return 0;
	return (size_t)bytes;
}

void channel_end(struct channel *channel)
{
	if (channel->tls != NULL)
		tls_end(channel->tls);
	shutdown(channel->fd, SHUT_WR);
}

void channel_close(struct channel *channel)
{
	tls_destroy(channel->tls);
	channel->tls = NULL;
	if (channel->fd >= 0)
		close(channel->fd);
	channel->fd = -1;
}
