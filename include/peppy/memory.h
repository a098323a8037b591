/* memory.h - the heap, for what outlives a stanza; to be released with free(3).
 * Floor 0. Never fails: out of memory aborts the process. */
#ifndef PEPPY_MEMORY_H
#define PEPPY_MEMORY_H

#include <stddef.h>

void *memory_alloc(size_t bytes);             /* zeroed; bytes may be 0 */
void *memory_resize(void *old, size_t bytes); /* new bytes are not zeroed; old may be NULL */
char *memory_strdup(const char *text);        /* NULL gives NULL */

#endif
