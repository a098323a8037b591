/* fault.h - what is wrong with a file, gathered and then told in the order of its lines. */
#ifndef CONF_FAULT_H
#define CONF_FAULT_H

#include <stddef.h>

#include "peppy/arena.h"
#include "peppy/attributes.h"
#include "peppy/buf.h"

struct fault {
	int line; /* 0: the file as a whole */
	const char *text;
};

struct faults {
	struct arena *arena;
	struct fault *v;
	size_t n;
};

void fault_add(struct faults *faults, int line, const char *format, ...) PRINTF_LIKE(3, 4);

/* "PATH:LINE: text" for each, those of one line in the order in which they were added. */
void fault_render(const struct faults *faults, const char *path, struct buf *out);

#endif
