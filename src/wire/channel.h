/* channel.h - a connected socket, plain or under TLS, that never blocks. */
#ifndef WIRE_CHANNEL_H
#define WIRE_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "peppy/attributes.h"

struct tls;

/* A plain value. */
struct channel {
	int fd;
	struct tls *tls; /* NULL: plain */
};

/* What read and write return instead of a number of bytes. */
enum {
	CHANNEL_AGAIN = 0, /* not now */
	CHANNEL_END = -1,  /* the peer has closed its side */
	CHANNEL_LOST = -2  /* channel_reason says how */
};

MUST_CHECK ssize_t channel_read(struct channel *channel, void *out, size_t n);
MUST_CHECK ssize_t channel_write(struct channel *channel, const void *bytes, size_t n);

/* A read under TLS may have to wait until the socket is writable. */
bool channel_read_waits_for_write(const struct channel *channel);

/* How the last operation failed; good until the next one. */
const char *channel_reason(const struct channel *channel);

/* Bytes written that the peer's host has not acknowledged; under TLS those of its records, which
 * are more than what was written. */
size_t channel_unacknowledged(const struct channel *channel);

void channel_end(struct channel *channel); /* nothing more will be written; reading goes on */
void channel_close(struct channel *channel);

#endif
