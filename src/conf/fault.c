#include "conf/fault.h"

#include <stdarg.h>

#include "conf/vec.h"

void fault_add(struct faults *faults, int line, const char *format, ...)
{
	struct fault fault = {.line = line};
	va_list args;
	size_t i;

	va_start(args, format);
	fault.text = arena_vprintf(faults->arena, format, args);
	va_end(args);

	faults->v = vec_room(faults->arena, faults->v, faults->n, sizeof *faults->v);
	for (i = faults->n++; i > 0 && faults->v[i - 1].line > line; i--)
		faults->v[i] = faults->v[i - 1];
	faults->v[i] = fault;
}

void fault_render(const struct faults *faults, const char *path, struct buf *out)
{
	size_t i;

	for (i = 0; i < faults->n; i++) {
		if (faults->v[i].line == 0)
			buf_printf(out, "%s: %s\n", path, faults->v[i].text);
		else
			buf_printf(out, "%s:%d: %s\n", path, faults->v[i].line, faults->v[i].text);
	}
}
