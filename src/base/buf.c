/* buf.c - bytes that grow by doubling. */
#include "peppy/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peppy/memory.h"

#define SMALLEST 256

void buf_finish(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){0};
}

char *buf_reserve(struct buf *buf, size_t n)
{
	size_t need, cap;

	assert(n <= SIZE_MAX / 4 && buf->len <= SIZE_MAX / 4);
	need = buf->len + n;
	if (need > buf->cap || buf->data == NULL) {
		cap = buf->cap > 0 ? 2 * buf->cap : SMALLEST;
		buf->cap = need > cap ? need : cap;
		buf->data = memory_resize(buf->data, buf->cap);
	}
	return buf->data + buf->len;
}

void buf_append(struct buf *buf, const void *data, size_t len)
{
	if (len == 0)
		return; /* data may be NULL then */
	memcpy(buf_reserve(buf, len), data, len);
	buf->len += len;
}

void buf_append_text(struct buf *buf, const char *text)
{
	buf_append(buf, text, strlen(text));
}

void buf_append_byte(struct buf *buf, char byte)
{
	*buf_reserve(buf, 1) = byte;
	buf->len++;
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args, again;
	int len;

	va_start(args, format);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	assert(len >= 0);
	vsnprintf(buf_reserve(buf, (size_t)len + 1), (size_t)len + 1, format, again);
	va_end(again);
	buf->len += (size_t)len;
}

void buf_drop(struct buf *buf, size_t n)
{
	assert(n <= buf->len);
	if (n == 0)
		return;
	buf->len -= n;
	memmove(buf->data, buf->data + n, buf->len);
}

void buf_truncate(struct buf *buf, size_t len)
{
	assert(len <= buf->len);
	buf->len = len;
}
