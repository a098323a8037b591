/* id.c - random names in base32, and stanza ids that only this process can have made.
 *
 * A signed id is a number and its checksum, 16 hex digits each. SipHash is a message
 * authentication code made for texts this short; HMAC/SHA-256 would cost more than all the rest of
 * a notification. The number is the counter's hash: the counter itself would tell every recipient
 * how much the others get. */
#include "peppy/id.h"

#include <stdint.h>
#include <string.h>

#include "base/siphash.h"
#include "peppy/hash.h"

#define RANDOM_BYTES 16
#define HEX_DIGITS 16 /* of 64 bits */

enum purpose { PURPOSE_NUMBER, PURPOSE_RECIPIENT, PURPOSE_CHECKSUM, PURPOSE_COUNT };

void id_random(char out[ID_RANDOM_SIZE])
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
	unsigned char bytes[RANDOM_BYTES + 1] = {0}; /* the last two of 130 bits stay 0 */
	size_t i;

	hash_random(bytes, RANDOM_BYTES);
	for (i = 0; i < ID_RANDOM_SIZE - 1; i++) {
		size_t bit = 5 * i;
		unsigned pair = (unsigned)bytes[bit / 8] << 8 | bytes[bit / 8 + 1];

		out[i] = digits[pair >> (11 - bit % 8) & 31];
	}
	out[i] = '\0';
}

/* Keys that are made once a process, for what came from another one is not ours. */
static const unsigned char *secret(enum purpose purpose)
{
	static unsigned char keys[PURPOSE_COUNT][SIPHASH_KEY_SIZE];
	static bool made;

	if (!made) {
		hash_random(keys, sizeof keys);
		made = true;
	}
	return keys[purpose];
}

static void hex(uint64_t word, char *out)
{
	unsigned char bytes[8];
	size_t i;

	for (i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)(word >> (56 - 8 * i));
	hash_hex(bytes, sizeof bytes, out);
}

static void checksum(const char *number, const char *recipient, char *out)
{
	unsigned char signed_bytes[HEX_DIGITS + sizeof(uint64_t)];
	uint64_t to = siphash(secret(PURPOSE_RECIPIENT), recipient, strlen(recipient));

	memcpy(signed_bytes, number, HEX_DIGITS);
	memcpy(signed_bytes + HEX_DIGITS, &to, sizeof to);
	hex(siphash(secret(PURPOSE_CHECKSUM), signed_bytes, sizeof signed_bytes), out);
}

void id_signed(const char *recipient, char out[ID_SIGNED_SIZE])
{
	static uint64_t counter;

	counter++;
	hex(siphash(secret(PURPOSE_NUMBER), &counter, sizeof counter), out);
	checksum(out, recipient, out + HEX_DIGITS);
}

bool id_signed_is(const char *id, const char *recipient)
{
	char expected[HEX_DIGITS + 1];

	if (strlen(id) != ID_SIGNED_SIZE - 1)
		return false;
	checksum(id, recipient, expected);
	return hash_equal(id + HEX_DIGITS, expected, HEX_DIGITS);
}
