/* arena.c - a list of blocks, filled from the front, the newest first in the list.
 * Under AddressSanitizer every byte that is not handed out is poisoned, so that a pointer kept
 * beyond a reset, or a step over the end of an allocation, is reported where it happens. */
#include "peppy/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peppy/memory.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN
#endif

#ifdef WITH_ASAN
#include <sanitizer/asan_interface.h>
#define RED_ZONE 16 /* bytes between two allocations that belong to neither */
#else
#define ASAN_POISON_MEMORY_REGION(start, bytes) ((void)(start), (void)(bytes))
#define ASAN_UNPOISON_MEMORY_REGION(start, bytes) ((void)(start), (void)(bytes))
#define RED_ZONE 0
#endif

#define FIRST_BLOCK ((size_t)16 * 1024)
#define LARGEST_BLOCK ((size_t)1024 * 1024) /* but for a single allocation above it */

struct block {
	struct block *older;
	size_t cap;
	size_t used;
	alignas(max_align_t) unsigned char bytes[];
};

struct arena {
	struct block *newest; /* never NULL */
	size_t total;
};

static void add_block(struct arena *arena, size_t cap)
{
	struct block *block = memory_resize(NULL, sizeof *block + cap);

	block->older = arena->newest;
	block->cap = cap;
	block->used = 0;
	ASAN_POISON_MEMORY_REGION(block->bytes, cap);
	arena->newest = block;
	arena->total += cap;
}

static void drop_newest_block(struct arena *arena)
{
	struct block *block = arena->newest;

	arena->newest = block->older;
	arena->total -= block->cap;
	ASAN_UNPOISON_MEMORY_REGION(block->bytes, block->cap);
	free(block);
}

struct arena *arena_create(void)
{
	struct arena *arena = memory_alloc(sizeof *arena);

	add_block(arena, FIRST_BLOCK);
	return arena;
}

void arena_destroy(struct arena *arena)
{
	if (arena == NULL)
		return;
	while (arena->newest != NULL)
		drop_newest_block(arena);
	free(arena);
}

/* The newest block is the largest, but for one that a single allocation needed. Kept, it saves a
 * busy turn from asking the kernel for the same pages again and again. */
void arena_reset(struct arena *arena)
{
	struct block *kept;

	while (arena->newest->cap > LARGEST_BLOCK)
		drop_newest_block(arena);
	kept = arena->newest;
	arena->newest = kept->older;
	while (arena->newest != NULL)
		drop_newest_block(arena);
	arena->newest = kept;
	kept->older = NULL;
	kept->used = 0;
	ASAN_POISON_MEMORY_REGION(arena->newest->bytes, arena->newest->cap);
}

/* Blocks double what the arena holds, so that many small stanzas cost few calls of malloc. */
static size_t next_cap(const struct arena *arena, size_t bytes)
{
	size_t cap = arena->total < LARGEST_BLOCK ? arena->total : LARGEST_BLOCK;

	return bytes > cap ? bytes : cap;
}

/* Bytes with anything in them, aligned for any type. */
static void *take(struct arena *arena, size_t bytes)
{
	const size_t align = alignof(max_align_t);
	struct block *block = arena->newest;
	unsigned char *taken;
	size_t size;

	assert(bytes <= SIZE_MAX / 2);
	size = (bytes + RED_ZONE + align - 1) / align * align;
	if (size > block->cap - block->used) {
		add_block(arena, next_cap(arena, size));
		block = arena->newest;
	}
	taken = block->bytes + block->used;
	block->used += size;
	ASAN_UNPOISON_MEMORY_REGION(taken, bytes);
	return taken;
}

void *arena_alloc(struct arena *arena, size_t bytes)
{
	return memset(take(arena, bytes), 0, bytes);
}

char *arena_memdup(struct arena *arena, const void *data, size_t len)
{
	char *copy = take(arena, len + 1);

	if (len > 0) /* data may be NULL then */
		memcpy(copy, data, len);
	copy[len] = '\0';
	return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return text != NULL ? arena_memdup(arena, text, strlen(text)) : NULL;
}

char *arena_vprintf(struct arena *arena, const char *format, va_list args)
{
	va_list again;
	char *text;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, again);
	va_end(again);
	assert(len >= 0);
	text = take(arena, (size_t)len + 1);
	vsnprintf(text, (size_t)len + 1, format, args);
	return text;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = arena_vprintf(arena, format, args);
	va_end(args);
	return text;
}

size_t arena_bytes(const struct arena *arena)
{
	return arena->total;
}
