/* tls.h - the client's side of TLS on a connected socket, by OpenSSL: at least 1.2, the server's
 * certificate verified, its name checked. */
#ifndef WIRE_TLS_H
#define WIRE_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "peppy/attributes.h"

enum tls_progress { TLS_DONE, TLS_UNDER_WAY, TLS_FAILED };

struct tls;

/* PEM files, read each time, so that new ones need no restart. */
struct tls_identity {
	const char *name;             /* host name or address that the server's has to bear */
	const char *ca_file;          /* NULL: the system's */
	const char *certificate_file; /* our own, with its chain; NULL: none */
	const char *key_file;         /* NULL: in the same file */
};

/* NULL: it cannot be set up; why gets the reason. fd stays the caller's. */
MUST_CHECK struct tls *tls_create(
	int fd, const struct tls_identity *identity, char *why, size_t why_size);
void tls_destroy(struct tls *tls); /* takes NULL */

/* To be called again when the socket is readable, or writable if tls_wants_write. */
MUST_CHECK enum tls_progress tls_handshake(struct tls *tls);

/* As channel_read and channel_write. */
MUST_CHECK ssize_t tls_read(struct tls *tls, void *out, size_t n);
MUST_CHECK ssize_t tls_write(struct tls *tls, const void *bytes, size_t n);

bool tls_wants_write(const struct tls *tls); /* the last operation waits for the socket to be so */
void tls_end(struct tls *tls);               /* tells the peer that nothing more will come */
const char *tls_reason(const struct tls *tls);

#endif
