#include "fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static fault_fn handler;
static void *handler_ctx;

void fault_handler_set(fault_fn set, void *ctx)
{
	handler = set;
	handler_ctx = ctx;
}

void fault(const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (handler != NULL)
		handler(handler_ctx, text);
	fprintf(stderr, "%s\n", text);
	exit(1);
}
