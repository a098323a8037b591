/* output.h - bytes on their way to the kernel, in blocks that make one large write each. */
#ifndef WIRE_OUTPUT_H
#define WIRE_OUTPUT_H

#include <stddef.h>
#include <stdint.h>

struct output_block;

/* A plain value: all zero is an empty output. */
struct output {
	struct output_block *first;
	struct output_block *last;
	size_t queued;  /* bytes the kernel has not taken */
	uint64_t taken; /* bytes it has taken; survives output_clear */
};

void output_append(struct output *output, const char *bytes, size_t len);

/* The next bytes to write, and how many; NULL if there are none. */
const char *output_front(const struct output *output, size_t *len_out);
void output_took(struct output *output, size_t n); /* n bytes of the front were written */

void output_clear(struct output *output); /* drops what is queued */

#endif
