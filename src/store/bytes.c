/* bytes.c - byte by byte, and what is shorter first, as LMDB orders keys. */
#include "store/bytes.h"

#include <string.h>

int bytes_compare(struct bytes a, struct bytes b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len > 0 ? memcmp(a.data, b.data, len) : 0; /* data may be NULL else */

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

bool bytes_equal(struct bytes a, struct bytes b)
{
	return a.len == b.len && bytes_compare(a, b) == 0;
}
