/* vec.h - an array in an arena that grows by doubling. */
#ifndef CONF_VEC_H
#define CONF_VEC_H

#include <stddef.h>
#include <string.h>

#include "peppy/arena.h"

/* v holds n items and was made here (NULL: none yet). Returns it with room for one more. */
static inline void *vec_room(struct arena *arena, const void *v, size_t n, size_t item_bytes)
{
	void *larger;

	if (n != 0 && (n & (n - 1)) != 0)
		return (void *)v;
	larger = arena_alloc(arena, (n == 0 ? 1 : 2 * n) * item_bytes);
	if (n != 0)
		memcpy(larger, v, n * item_bytes);
	return larger;
}

#endif
