#include "wire/output.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "peppy/memory.h"

/* Small writes cost 10 to 40 times more CPU a byte than writes of this size. */
#define BLOCK_BYTES (64 * 1024 - sizeof(struct output_block))

struct output_block {
	struct output_block *next;
	size_t start; /* of the bytes not yet taken */
	size_t end;
	char bytes[];
};

static struct output_block *add_block(struct output *output)
{
	struct output_block *block = memory_resize(NULL, sizeof *block + BLOCK_BYTES);

	block->next = NULL;
	block->start = 0;
	block->end = 0;
	if (output->last == NULL)
		output->first = block;
	else
		output->last->next = block;
	output->last = block;
	return block;
}

void output_append(struct output *output, const char *bytes, size_t len)
{
	output->queued += len;
	while (len > 0) {
		struct output_block *block = output->last;
		size_t n;

		if (block == NULL || block->end == BLOCK_BYTES)
			block = add_block(output);
		n = BLOCK_BYTES - block->end;
		if (n > len)
			n = len;
		memcpy(block->bytes + block->end, bytes, n);
		block->end += n;
		bytes += n;
		len -= n;
	}
}

const char *output_front(const struct output *output, size_t *len_out)
{
	const struct output_block *block = output->first;

	if (output->queued == 0)
		return NULL;
	*len_out = block->end - block->start;
	return block->bytes + block->start;
}

/* The last block is kept when it is empty: the next turn fills it again. */
void output_took(struct output *output, size_t n)
{
	struct output_block *block = output->first;

	assert(n <= block->end - block->start);
	output->queued -= n;
	output->taken += n;
	block->start += n;
	if (block->start < block->end)
		return;
	if (block == output->last) {
		block->start = 0;
		block->end = 0;
		return;
	}
	output->first = block->next;
	free(block);
}

void output_clear(struct output *output)
{
	while (output->first != NULL) {
		struct output_block *block = output->first;

		output->first = block->next;
		free(block);
	}
	output->last = NULL;
	output->queued = 0;
}
