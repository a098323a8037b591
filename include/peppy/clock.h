/* clock.h - time. Read once a turn by the router and handed on; nobody else reads it.
 * Floor 0. */
#ifndef PEPPY_CLOCK_H
#define PEPPY_CLOCK_H

#include <stdint.h>

/* Microseconds since 1970, UTC. May jump. */
uint64_t clock_wall_us(void);

/* Microseconds since some start. Never goes back; for deadlines and measuring. */
uint64_t clock_monotonic_us(void);

#define CLOCK_STAMP_SIZE sizeof "2026-11-20T04:22:14.123456Z"

/* XEP-0082 DateTime in UTC: with microseconds if there are any, else whole seconds. */
void clock_stamp_render(uint64_t wall_us, char out[CLOCK_STAMP_SIZE]);

/* A XEP-0082 DateTime with any offset and fraction. Returns 0, or -1 if it is none. */
int clock_stamp_parse(const char *text, uint64_t *wall_us_out);

#endif
