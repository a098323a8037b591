/* keep.h - what outlives a stream: stanzas that the kernel had not taken whole when it was lost. */
#ifndef WIRE_KEEP_H
#define WIRE_KEEP_H

#include "wire/output.h"

/* Copies what lost holds to be kept, from the first stanza on that was not taken whole, behind what
 * kept has; stops when that is more than most bytes. How many bytes were left out. */
size_t keep_lost(const struct output *lost, struct output *kept, size_t most);

/* Moves all of kept to the end of output, to be kept there too. */
void keep_resume(struct output *kept, struct output *output);

#endif
