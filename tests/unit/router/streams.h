/* streams.h - a router on a store in memory that fails on demand, and a stream each way. */
#ifndef TESTS_ROUTER_STREAMS_H
#define TESTS_ROUTER_STREAMS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "peppy/router.h"

/* Whatever the router sends, stanza by stanza. */
typedef void (*streams_take_fn)(void *ctx, const struct xml_stanza *stanza);

struct streams {
	struct store *store;
	struct router *router;
	struct xml_parser *in, *out;
	bool more; /* may be left for the next turn */
	streams_take_fn take;
	void *ctx;
};

/* Options as most tests want them. streams_open adds the callbacks. */
struct router_options streams_options(const struct router_component *component);

void streams_open(
	struct streams *streams, const struct router_options *opt, streams_take_fn take, void *ctx);
void streams_close(struct streams *streams);

/* One turn; if it ended early, there is more for the next one. */
void streams_feed(struct streams *streams, const char *xml, size_t len);

#endif
