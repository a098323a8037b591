#include "histogram.h"

#define FINE 64 /* buckets of an octave */

/* Values below FINE have a bucket each; above, the leading bit chooses the octave and the six bits
 * behind it the bucket. */
static unsigned bucket_of(uint64_t ns)
{
	unsigned octave = 0;

	while (ns >> octave >= 2 * FINE)
		octave++;
	return ns < FINE ? (unsigned)ns : (octave + 1) * FINE + (unsigned)(ns >> octave) - FINE;
}

static uint64_t highest_of(unsigned bucket)
{
	if (bucket < 2 * FINE)
		return bucket;
	return ((uint64_t)(bucket % FINE + FINE + 1) << (bucket / FINE - 1)) - 1;
}

void histogram_add(struct histogram *histogram, uint64_t ns)
{
	unsigned bucket = bucket_of(ns);

	histogram->counts[bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1]++;
	histogram->n++;
	if (ns > histogram->max_ns)
		histogram->max_ns = ns;
}

double histogram_ms(const struct histogram *histogram, double share)
{
	uint64_t wanted = (uint64_t)((double)histogram->n * share), before = 0;

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		before += histogram->counts[i];
		if (histogram->counts[i] > 0 && before > wanted) {
			uint64_t ns = highest_of(i);

			return (double)(ns < histogram->max_ns ? ns : histogram->max_ns) / 1e6;
		}
	}
	return (double)histogram->max_ns / 1e6;
}
