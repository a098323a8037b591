#include "wire/output.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "peppy/memory.h"

/* Small writes cost 10 to 40 times more CPU a byte than writes of this size. */
#define BLOCK_BYTES (64 * 1024 - sizeof(struct output_block))

struct output_block {
	struct output_block *next;
	uint64_t position; /* of its first byte */
	size_t len;
	char bytes[];
};

static uint64_t end_of(const struct output_block *block)
{
	return block->position + block->len;
}

static struct output_block *add_block(struct output *output, uint64_t position)
{
	struct output_block *block = memory_resize(NULL, sizeof *block + BLOCK_BYTES);

	block->next = NULL;
	block->position = position;
	block->len = 0;
	if (output->last == NULL)
		output->first = block;
	else
		output->last->next = block;
	output->last = block;
	return block;
}

static void add_run(struct output *output, uint64_t start, uint64_t end)
{
	if (output->run_count == output->run_cap) {
		output->run_cap = output->run_cap > 0 ? 2 * output->run_cap : 16;
		output->runs =
			memory_resize(output->runs, output->run_cap * sizeof(struct output_run));
	}
	output->runs[output->run_count++] = (struct output_run){start, end};
}

void output_append(struct output *output, const char *bytes, size_t len, bool keep)
{
	uint64_t position = output->taken + output->queued;

	if (keep && len > 0)
		add_run(output, position, position + len);
	output->queued += len;
	while (len > 0) {
		struct output_block *block = output->last;
		size_t n;

		if (block == NULL || block->len == BLOCK_BYTES)
			block = add_block(output, position);
		n = BLOCK_BYTES - block->len;
		if (n > len)
			n = len;
		memcpy(block->bytes + block->len, bytes, n);
		block->len += n;
		position += n;
		bytes += n;
		len -= n;
	}
}

const char *output_at(const struct output *output, uint64_t position, size_t *len_out)
{
	const struct output_block *block = output->first;

	while (position >= end_of(block))
		block = block->next;
	*len_out = (size_t)(end_of(block) - position);
	return block->bytes + (position - block->position);
}

const char *output_front(const struct output *output, size_t *len_out)
{
	return output->queued > 0 ? output_at(output, output->taken, len_out) : NULL;
}

/* Runs that have left whole are kept no longer. */
static void drop_runs(struct output *output)
{
	size_t n = 0;

	while (n < output->run_count && output->runs[n].end <= output->taken)
		n++;
	if (n == 0)
		return;
	output->run_count -= n;
	memmove(output->runs, output->runs + n, output->run_count * sizeof(struct output_run));
}

/* The last block stays when it is empty: the next turn fills it again. */
void output_took(struct output *output, size_t n)
{
	struct output_block *block;
	uint64_t held;

	assert(n <= output->queued);
	output->queued -= n;
	output->taken += n;
	drop_runs(output);
	held = output->run_count > 0 && output->runs[0].start < output->taken
		       ? output->runs[0].start
		       : output->taken;
	while ((block = output->first) != output->last && end_of(block) <= held) {
		output->first = block->next;
		free(block);
	}
	if (end_of(block) <= held) {
		block->position = output->taken;
		block->len = 0;
	}
}

void output_clear(struct output *output)
{
	while (output->first != NULL) {
		struct output_block *block = output->first;

		output->first = block->next;
		free(block);
	}
	free(output->runs);
	output->runs = NULL;
	output->run_count = 0;
	output->run_cap = 0;
	output->last = NULL;
	output->queued = 0;
}
