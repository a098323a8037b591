/* siphash.h - SipHash-2-4, a keyed hash of short texts with 64 bits (Aumasson, Bernstein 2012).
 * Private to floor 0: map.c keeps clients from choosing collisions with it, id.c signs with it. */
#ifndef BASE_SIPHASH_H
#define BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

#define SIPHASH_KEY_SIZE 16

uint64_t siphash(const unsigned char key[SIPHASH_KEY_SIZE], const void *data, size_t len);

#endif
