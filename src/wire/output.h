/* output.h - bytes on their way to the kernel, in blocks that make one large write each. */
#ifndef WIRE_OUTPUT_H
#define WIRE_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct output_block;
struct output_run;

/* A plain value: all zero is an empty output. Positions count the bytes appended so far. */
struct output {
	struct output_block *first;
	struct output_block *last;
	size_t queued;  /* bytes the kernel has not taken */
	uint64_t taken; /* bytes it has taken; survives output_clear */

	struct output_run *runs; /* what was appended to be kept, the oldest first */
	size_t run_count, run_cap;
};

/* Appended in one call and to be kept: whole stanzas. All of it is at hand until the kernel has
 * taken its last byte. */
struct output_run {
	uint64_t start, end; /* positions */
};

void output_append(struct output *output, const char *bytes, size_t len, bool keep);

/* The next bytes to write, and how many; NULL if there are none. */
const char *output_front(const struct output *output, size_t *len_out);
void output_took(struct output *output, size_t n); /* n bytes of the front were written */

/* Bytes at a position from the start of the oldest run on, and how many stand together there. */
const char *output_at(const struct output *output, uint64_t position, size_t *len_out);

void output_clear(struct output *output); /* drops what is queued and kept */

#endif
