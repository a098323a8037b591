/* backoff.h - how long to wait before the next attempt to connect. */
#ifndef WIRE_BACKOFF_H
#define WIRE_BACKOFF_H

#include <stdbool.h>

/* A plain value: set step_ms, all else zero. */
struct backoff {
	unsigned step_ms;
	unsigned waited_ms; /* since the last success, so far as it mattered */
	bool tried;
};

/* At once; then at most one step apart until 60 steps have been waited; then up to 5 steps. Up to
 * half of it is left off at random, so that the components of a server do not come back in step. */
unsigned backoff_next_ms(struct backoff *backoff);
void backoff_reset(struct backoff *backoff);

#endif
