/* buf.h - a buffer of bytes that grows.
 * Floor 0. Growing never fails: out of memory aborts the process. */
#ifndef PEPPY_BUF_H
#define PEPPY_BUF_H

#include <stddef.h>

#include "peppy/attributes.h"

/* A plain value: all zero is an empty buffer. data is not NUL-terminated. */
struct buf {
	char *data;
	size_t len;
	size_t cap;
};

void buf_finish(struct buf *buf); /* frees the bytes; the buffer is empty and usable again */

/* Room for n more bytes after the last one; the caller writes there and adds to len. */
char *buf_reserve(struct buf *buf, size_t n);
void buf_append(struct buf *buf, const void *data, size_t len);
void buf_append_text(struct buf *buf, const char *text); /* without its NUL */
void buf_append_byte(struct buf *buf, char byte);
void buf_printf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);

/* Removes n bytes from the front; the rest moves there. */
void buf_drop(struct buf *buf, size_t n);

/* Shortens to len bytes, len <= buf->len. */
void buf_truncate(struct buf *buf, size_t len);

#endif
