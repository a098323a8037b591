#include "conf/fault.h"

#include <stdarg.h>
#include <stdio.h>

#include "conf/vec.h"

static const char *format_text(struct arena *arena, const char *format, va_list args)
{
	va_list again;
	char *text;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (len < 0)
		return format;
	text = arena_alloc(arena, (size_t)len + 1);
	vsnprintf(text, (size_t)len + 1, format, args);
	return text;
}

void fault_add(struct faults *faults, int line, const char *format, ...)
{
	struct fault fault = {.line = line};
	va_list args;
	size_t i;

	va_start(args, format);
	fault.text = format_text(faults->arena, format, args);
	va_end(args);

	faults->v = vec_room(faults->arena, faults->v, faults->n, sizeof(*faults->v));
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
