/* clock.h - time, read once a turn and handed on, and time stamps.
 * Floor 0. */
#ifndef PEPPY_CLOCK_H
#define PEPPY_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Microseconds since 1970, UTC. May jump. */
uint64_t clock_wall_us(void);

/* Microseconds since some start. Never goes back; for deadlines and measuring. */
uint64_t clock_monotonic_us(void);

#define CLOCK_STAMP_SIZE sizeof "2026-11-20T04:22:14.123456Z"

/* XEP-0082 DateTime in UTC: with microseconds if there are any, else whole seconds. */
void clock_stamp_render(uint64_t wall_us, char out[CLOCK_STAMP_SIZE]);

/* A XEP-0082 DateTime with any offset and fraction. false: it is not one; *wall_us_out is
 * untouched. */
bool clock_stamp_parse(const char *text, uint64_t *wall_us_out);

#endif
