/* histogram.h - latencies: counted in buckets whose width is at most 1/64 of their value, so that
 * millions of them take 30 KiB and no sorting. */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_BUCKETS (64 * 60)

struct histogram { /* a plain value: all zero is empty */
	uint64_t n, max_ns;
	uint64_t counts[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *histogram, uint64_t ns);

/* The least value that is not below this share (0.99) of all, to 1/64; 0 if there are none. */
double histogram_ms(const struct histogram *histogram, double share);

#endif
