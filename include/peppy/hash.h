/* hash.h - digests, base64, hex and random bytes, by OpenSSL.
 * Floor 0. */
#ifndef PEPPY_HASH_H
#define PEPPY_HASH_H

#include <stdbool.h>
#include <stddef.h>

#include "peppy/arena.h"

#define HASH_SHA256_SIZE 32
#define HASH_MAX_SIZE 64

void hash_sha256(const void *data, size_t len, unsigned char out[HASH_SHA256_SIZE]);

/* A digest by its name in the IANA and XEP-0300 tables: "md5", "sha-1", "sha-224", "sha-256",
 * "sha-384", "sha-512", "sha3-256", "sha3-512", "blake2b-512", ...
 * Returns its size in bytes, 0 if OpenSSL does not know the name. */
size_t hash_digest(
	const char *name, const void *data, size_t len, unsigned char out[HASH_MAX_SIZE]);

/* Base64 (RFC 4648, section 4) with padding; in the arena. */
char *hash_base64_encode(struct arena *arena, const void *data, size_t len);

/* The bytes of a base64 text, in the arena; NULL if it is not one. White space is skipped. */
unsigned char *hash_base64_decode(struct arena *arena, const char *text, size_t *len_out);

void hash_random(void *out, size_t len); /* aborts if there is no randomness */

/* Lower-case hex digits with a NUL: 2 * len + 1 chars. */
void hash_hex(const void *data, size_t len, char *out);

/* Compares two secrets in a time that does not depend on where they differ. */
bool hash_equal(const void *a, const void *b, size_t len);

#endif
