/* id.h - ids that peppy makes up: of stanzas, items, instant nodes, subscriptions.
 * Floor 0. */
#ifndef PEPPY_ID_H
#define PEPPY_ID_H

#include <stdbool.h>

#define ID_RANDOM_SIZE 27 /* 26 characters a-z2-7, 128 bits of randomness, and a NUL */

void id_random(char out[ID_RANDOM_SIZE]);

/* Stanza ids that prove, when they come back in a bounce, that we sent the stanza to that JID: a
 * number, and a checksum over number and recipient keyed with a secret of this process. */
#define ID_SIGNED_SIZE 33

void id_signed(const char *recipient, char out[ID_SIGNED_SIZE]);
bool id_signed_is(const char *id, const char *recipient);

#endif
