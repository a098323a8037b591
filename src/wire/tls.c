#include "wire/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "peppy/memory.h"
#include "wire/channel.h"

/* Several records a read of the socket, not one in two. */
#define READ_AHEAD_BYTES (64 * 1024)

struct tls {
	SSL *ssl;
	BIO_METHOD *method;
	bool wants_write;
	char reason[256];
};

/* ---- a BIO like OpenSSL's own of a socket, but one that raises no SIGPIPE ---- */

static int socket_of(BIO *bio)
{
	return (int)(intptr_t)BIO_get_data(bio);
}

static int bio_write(BIO *bio, const char *bytes, int n)
{
	ssize_t sent = send(socket_of(bio), bytes, (size_t)n, MSG_NOSIGNAL);

	BIO_clear_retry_flags(bio);
	if (sent < 0 && (errno == EAGAIN || errno == EINTR))
		BIO_set_retry_write(bio);
	return (int)sent;
}

static int bio_read(BIO *bio, char *out, int n)
{
	ssize_t got = recv(socket_of(bio), out, (size_t)n, 0);

	BIO_clear_retry_flags(bio);
	if (got == 0)
		BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
	else if (got < 0 && (errno == EAGAIN || errno == EINTR))
		BIO_set_retry_read(bio);
	return (int)got;
}

static long bio_ctrl(BIO *bio, int command, long number, void *pointer)
{
	(void)number;
	(void)pointer;
	if (command == BIO_CTRL_EOF)
		return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
	return command == BIO_CTRL_FLUSH;
}

static BIO_METHOD *bio_method(void)
{
	BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "socket");

	if (method == NULL)
		abort();
	BIO_meth_set_write(method, bio_write);
	BIO_meth_set_read(method, bio_read);
	BIO_meth_set_ctrl(method, bio_ctrl);
	return method;
}

/* ---- setting up ---- */

static SSL_CTX *client_context(void)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	if (ctx == NULL)
		abort();
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	/* where the stream ends is told by the stream: an end without close_notify hides nothing */
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_read_ahead(ctx, 1);
	SSL_CTX_set_default_read_buffer_len(ctx, READ_AHEAD_BYTES);
	return ctx;
}

static bool read_cas(SSL_CTX *ctx, const char *file)
{
	return (file != NULL ? SSL_CTX_load_verify_file(ctx, file)
			     : SSL_CTX_set_default_verify_paths(ctx)) == 1;
}

static bool read_certificate(SSL_CTX *ctx, const struct tls_identity *identity)
{
	const char *file = identity->certificate_file;
	const char *key = identity->key_file != NULL ? identity->key_file : file;

	return file == NULL ||
	       (SSL_CTX_use_certificate_chain_file(ctx, file) == 1 &&
		       SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) == 1);
}

static bool read_files(
	SSL_CTX *ctx, const struct tls_identity *identity, char *why, size_t why_size)
{
	if (!read_cas(ctx, identity->ca_file)) {
		snprintf(why, why_size, "cannot read the certificates of %s",
			identity->ca_file != NULL ? identity->ca_file : "the system");
		return false;
	}
	if (!read_certificate(ctx, identity)) {
		snprintf(why, why_size, "cannot use the certificate in %s, or its key",
			identity->certificate_file);
		return false;
	}
	return true;
}

/* An address has to stand in the certificate as an address, and is not sent as a server name. */
static bool expect_name(SSL *ssl, const char *name)
{
	unsigned char address[sizeof(struct in6_addr)];

	if (inet_pton(AF_INET, name, address) == 1 || inet_pton(AF_INET6, name, address) == 1)
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1;
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set1_host(ssl, name) == 1 && SSL_set_tlsext_host_name(ssl, name) == 1;
}

struct tls *tls_create(int fd, const struct tls_identity *identity, char *why, size_t why_size)
{
	struct tls *tls = memory_alloc(sizeof *tls);
	SSL_CTX *ctx = client_context();
	bool ok = read_files(ctx, identity, why, why_size);
	BIO *bio;

	tls->method = bio_method();
	tls->ssl = SSL_new(ctx);
	SSL_CTX_free(ctx); /* the SSL keeps it */
	bio = BIO_new(tls->method);
	if (tls->ssl == NULL || bio == NULL)
		abort();
	BIO_set_data(bio, (void *)(intptr_t)fd);
	BIO_set_init(bio, 1);
	SSL_set_bio(tls->ssl, bio, bio);
	SSL_set_connect_state(tls->ssl);
	if (ok && expect_name(tls->ssl, identity->name))
		return tls;
	if (ok)
		snprintf(why, why_size, "%s is not a name that a certificate can have",
			identity->name);
	ERR_clear_error();
	tls_destroy(tls);
	return NULL;
}

void tls_destroy(struct tls *tls)
{
	if (tls == NULL)
		return;
	SSL_free(tls->ssl);
	BIO_meth_free(tls->method);
	free(tls);
}

/* ---- running ---- */

static void note_reason(struct tls *tls, int saved_errno)
{
	long verdict = SSL_get_verify_result(tls->ssl);
	unsigned long error = ERR_get_error();

	if (verdict != X509_V_OK)
		snprintf(tls->reason, sizeof tls->reason, "the certificate is refused: %s",
			X509_verify_cert_error_string(verdict));
	else if (error != 0)
		snprintf(tls->reason, sizeof tls->reason, "%s", ERR_reason_error_string(error));
	else
		snprintf(tls->reason, sizeof tls->reason, "%s",
			saved_errno != 0 ? strerror(saved_errno) : "closed by the server");
}

/* What an operation that returned rc <= 0 comes to. */
static ssize_t outcome(struct tls *tls, int rc)
{
	int saved_errno = errno;

	switch (SSL_get_error(tls->ssl, rc)) {
	case SSL_ERROR_WANT_WRITE:
		tls->wants_write = true;
		return CHANNEL_AGAIN;
	case SSL_ERROR_WANT_READ:
		return CHANNEL_AGAIN;
	case SSL_ERROR_ZERO_RETURN:
		snprintf(tls->reason, sizeof tls->reason, "closed by the server");
		return CHANNEL_END;
	default:
		note_reason(tls, saved_errno);
		ERR_clear_error();
		return CHANNEL_LOST;
	}
}

static void begin(struct tls *tls)
{
	tls->wants_write = false;
	ERR_clear_error(); /* SSL_get_error looks at the whole thread's queue */
	errno = 0;
}

enum tls_progress tls_handshake(struct tls *tls)
{
	int rc;

	begin(tls);
	rc = SSL_do_handshake(tls->ssl);
	if (rc == 1)
		return TLS_DONE;
	return outcome(tls, rc) == CHANNEL_AGAIN ? TLS_UNDER_WAY : TLS_FAILED;
}

ssize_t tls_read(struct tls *tls, void *out, size_t n)
{
	int rc;

	begin(tls);
	rc = SSL_read(tls->ssl, out, n > INT_MAX ? INT_MAX : (int)n);
	return rc > 0 ? rc : outcome(tls, rc);
}

ssize_t tls_write(struct tls *tls, const void *bytes, size_t n)
{
	int rc;

	begin(tls);
	rc = SSL_write(tls->ssl, bytes, n > INT_MAX ? INT_MAX : (int)n);
	return rc > 0 ? rc : outcome(tls, rc);
}

bool tls_wants_write(const struct tls *tls)
{
	return tls->wants_write;
}

void tls_end(struct tls *tls)
{
	begin(tls);
	SSL_shutdown(tls->ssl);
	ERR_clear_error();
}

const char *tls_reason(const struct tls *tls)
{
	return tls->reason;
}
