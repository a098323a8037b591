/* memory.c - malloc that does not return without memory. */
#include "peppy/memory.h"

#include <stdlib.h>
#include <string.h>

#include "peppy/log.h"

static void *checked(void *memory)
{
	if (memory == NULL) {
		log_error("base", "out of memory");
		abort();
	}
	return memory;
}

void *memory_alloc(size_t bytes)
{
	return checked(calloc(1, bytes > 0 ? bytes : 1));
}

void *memory_resize(void *old, size_t bytes)
{
	return checked(realloc(old, bytes > 0 ? bytes : 1));
}

char *memory_strdup(const char *text)
{
	return text != NULL ? checked(strdup(text)) : NULL;
}
