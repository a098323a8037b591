/* arena.h - memory that is freed all at once: a stanza's, a turn's.
 * Floor 0. Allocation never fails: out of memory aborts the process. */
#ifndef PEPPY_ARENA_H
#define PEPPY_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "peppy/attributes.h"

struct arena;

struct arena *arena_create(void);
void arena_destroy(struct arena *arena); /* takes NULL */

/* Frees everything allocated in it, except one block of at most 1 MiB for the next turn. */
void arena_reset(struct arena *arena);

/* Zeroed bytes, aligned for any type, valid until reset or destroy. bytes may be 0. */
void *arena_alloc(struct arena *arena, size_t bytes);

/* A copy of len bytes with a NUL behind it. */
char *arena_memdup(struct arena *arena, const void *data, size_t len);
char *arena_strdup(struct arena *arena, const char *text); /* NULL gives NULL */
char *arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);
char *arena_vprintf(struct arena *arena, const char *format, va_list args) PRINTF_LIKE(2, 0);

/* Bytes held by the arena's blocks, used or not. */
size_t arena_bytes(const struct arena *arena);

#endif
