/* load.h - requests in flight: who sends how many at a time or a second, whether each is answered
 * exactly once, and how long that took. */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "histogram.h"
#include "peppy/buf.h"
#include "scan.h"

/* Appends request n with this id. The sender is n % senders. */
typedef void (*load_write_fn)(void *ctx, struct buf *out, uint64_t n, const char *id);

/* Looks into the answer to request n, and faults if it is wrong. */
typedef void (*load_check_fn)(void *ctx, uint64_t n, const struct stanza *answer);

struct load {
	unsigned senders; /* each has so many outstanding requests; 0: load_send alone sends */
	unsigned outstanding;
	double per_second; /* not 0: sent at this pace, whatever is outstanding, and latency counts
	                         from when it was due */
	uint64_t count;    /* of requests */
	load_write_fn write;
	load_check_fn check; /* NULL: that it is a result is enough */
	void *ctx;
	bool stop; /* paced: no more are sent, count shrinks to what was */

	/* for all to read */
	uint64_t sent, answered;
	struct histogram latency;

	/* its own */
	struct load *next;
	unsigned number;
	uint64_t start_ns;
	uint64_t *sent_ns; /* of each request; 0: not sent */
	uint64_t *by_sender;
};

/* With count, write, ctx and, as wanted, the rest above set. number is unique among those that are
 * in flight at a time. */
void load_begin(struct load *load, unsigned number);
void load_end(struct load *load); /* frees; what is for all to read stays */

/* Sends what is due at now_ns. */
void load_pump(struct load *load, struct buf *out, uint64_t now_ns);
void load_send(struct load *load, struct buf *out, uint64_t now_ns); /* the next request */

/* The <iq/> is an answer with an id of this load's: counted and followed by the sender's next. */
bool load_take(struct load *load, const struct stanza *iq, struct buf *out, uint64_t now_ns);

bool load_is_done(const struct load *load);

#endif
