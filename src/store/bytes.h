/* bytes.h - bytes that somebody else holds: keys and values.
 * Private to src/store. */
#ifndef STORE_BYTES_H
#define STORE_BYTES_H

#include <stdbool.h>
#include <stddef.h>

struct bytes { /* data NULL: absent; present bytes may be of length 0 */
	const unsigned char *data;
	size_t len;
};

/* The order of keys: < 0 if a stands before b. */
int bytes_compare(struct bytes a, struct bytes b);
bool bytes_equal(struct bytes a, struct bytes b);

#endif
