/* hash.c - OpenSSL's digests and random numbers in a form that cannot be used wrongly. */
#include "peppy/hash.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "peppy/array.h"
#include "peppy/log.h"

#define BASE64_ALPHABET "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

void hash_sha256(const void *data, size_t len, unsigned char out[HASH_SHA256_SIZE])
{
	int ok = EVP_Digest(data, len, out, NULL, EVP_sha256(), NULL);

	assert(ok == 1);
}

/* Names come from clients, and OpenSSL knows more than digests a client should reach ("null"). */
static const char *const digest_names[] = {
	"md5",
	"sha-1",
	"sha-224",
	"sha-256",
	"sha-384",
	"sha-512",
	"sha3-224",
	"sha3-256",
	"sha3-384",
	"sha3-512",
	"blake2b-512",
};

static EVP_MD *fetch_digest(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(digest_names); i++)
		if (strcmp(name, digest_names[i]) == 0)
			return EVP_MD_fetch(NULL, name, NULL);
	return NULL;
}

size_t hash_digest(const char *name, const void *data, size_t len, unsigned char out[HASH_MAX_SIZE])
{
	EVP_MD *digest = fetch_digest(name);
	unsigned size = 0;

	if (digest == NULL)
		return 0;
	if (EVP_Digest(data, len, out, &size, digest, NULL) != 1)
		size = 0;
	EVP_MD_free(digest);
	return size;
}

char *hash_base64_encode(struct arena *arena, const void *data, size_t len)
{
	char *text;

	assert(len <= INT_MAX / 2);
	text = arena_alloc(arena, (len + 2) / 3 * 4 + 1);
	EVP_EncodeBlock((unsigned char *)text, data, (int)len);
	return text;
}

static char *without_space(struct arena *arena, const char *text)
{
	char *packed = arena_alloc(arena, strlen(text) + 1);
	char *end = packed;

	for (; *text != '\0'; text++)
		if (strchr(" \t\r\n", *text) == NULL)
			*end++ = *text;
	return packed;
}

/* OpenSSL's decoder takes '=' in many places and counts the padding as bytes: both are put right
 * here. */
unsigned char *hash_base64_decode(struct arena *arena, const char *text, size_t *len_out)
{
	const char *packed = without_space(arena, text);
	size_t len = strlen(packed);
	size_t digits = strspn(packed, BASE64_ALPHABET);
	size_t padding = len - digits;
	unsigned char *bytes;

	if (len % 4 != 0 || len > INT_MAX || padding > 2 || strspn(packed + digits, "=") != padding)
		return NULL;
	bytes = arena_alloc(arena, len / 4 * 3 + 1);
	if (EVP_DecodeBlock(bytes, (const unsigned char *)packed, (int)len) < 0)
		return NULL;
	*len_out = len / 4 * 3 - padding;
	return bytes;
}

void hash_random(void *out, size_t len)
{
	assert(len <= INT_MAX);
	if (RAND_bytes(out, (int)len) != 1) {
		log_error("base", "OpenSSL has no random bytes");
		abort();
	}
}

void hash_hex(const void *data, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *bytes = data;
	size_t i;

	for (i = 0; i < len; i++) {
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 15];
	}
	*out = '\0';
}

bool hash_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}
