/* deliveries.h - which notifications are due, and whether each comes exactly once, to whom it
 * should, with the payload that was published. */
#ifndef BENCH_DELIVERIES_H
#define BENCH_DELIVERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "histogram.h"
#include "scan.h"

/* Event e is the item i<e>; it is due to the recipients users u<first>, u<first+1>, … */
struct deliveries {
	uint64_t events, recipients;
	size_t payload_bytes;

	/* for all to read */
	uint64_t complete;        /* events that have reached everybody */
	uint64_t arrived;         /* notifications */
	uint64_t bytes;           /* of the last one */
	struct histogram latency; /* from deliveries_publish to each notification */
	struct histogram last;    /* … to the last one of an event */

	/* its own */
	struct delivery *of;
	uint64_t *seen; /* a bit for each recipient of each event */
};

/* With the first three set. */
void deliveries_begin(struct deliveries *due);
void deliveries_end(struct deliveries *due); /* frees; what is for all to read stays */

/* Event e is published at now_ns; before, nobody may get it. */
void deliveries_publish(struct deliveries *due, uint64_t event, uint64_t first, uint64_t now_ns);

/* Counts a <message/>, also one in a privilege (XEP-0356). Faults if it is not due. */
void deliveries_take(struct deliveries *due, const struct stanza *message, uint64_t now_ns);

bool deliveries_is_done(const struct deliveries *due);

#endif
