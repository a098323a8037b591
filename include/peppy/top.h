/* top.h - the keys that weigh most among any number of them, in bounded memory: the space-saving
 * sketch of Metwally, Agrawal and El Abbadi, of the last 30 to 60 seconds.
 * Floor 0. Knows no key's meaning. */
#ifndef PEPPY_TOP_H
#define PEPPY_TOP_H

#include <stddef.h>
#include <stdint.h>

struct top;

struct top *top_create(void);
void top_destroy(struct top *top); /* takes NULL */

/* now_us is monotonic. weight 0 counts as 1. Keys above 8 KiB are not counted. */
void top_add(struct top *top, uint64_t now_us, const char *key, uint64_t weight);

struct top_key {
	const char *key;   /* good until the next top_add */
	uint64_t count;    /* of top_add */
	uint64_t weight;   /* the sum; never too large, but too small for keys hardly there */
	uint64_t heaviest; /* of them */
};

/* At most max of them, the heaviest first; returns how many. *since_us_out: what was added before
 * is not in it. */
size_t top_list(const struct top *top, uint64_t now_us, struct top_key *out, size_t max,
	uint64_t *since_us_out);

#endif
