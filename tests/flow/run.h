/* run.h - a flow under way; shared by run.c, which starts and feeds the router, verb.c, and
 * setup.c, which holds the commands that only prepare what a flow is about. */
#ifndef FLOW_RUN_H
#define FLOW_RUN_H

#include "flow.h"

#include "peppy/router.h"

struct out_stanza { /* something that went out */
	struct out_stanza *next;
	const char *xml;
	bool expected;
};

struct flow {
	const struct flow_options *opt;
	struct arena *arena;
	struct map *captures;
	struct store *store;
	struct router *router;
	struct router_component component;
	struct router_options router_options;
	char folder[64];
	struct xml_parser *in, *out;
	bool more; /* of what came in may be left */
	struct out_stanza *sent, **sent_end;
	uint64_t bytes_sent, bytes_taken;
	bool stalled;                     /* the kernel takes nothing more */
	const struct out_stanza *matched; /* by the last expect */
	bool awake;                       /* not to be killed any more */
	bool failing;                     /* the store that fails does, here */
	bool validating;                  /* payloads, by schemas/payloads */
	struct codec_schemas *schemas;
	unsigned turns;                   /* of the store that fails */
	const char *why;
};

/* false, for the caller to pass on. */
bool run_fail(struct flow *flow, const char *why);

/* stop is as kill -9 does it: nothing is told, only what was committed stays. */
bool run_start(struct flow *flow);
void run_stop(struct flow *flow);

/* Payloads are held against schemas, or are no longer. */
bool run_schemas(struct flow *flow);

/* One or more stanzas come in, in one turn. */
void run_feed(struct flow *flow, const char *xml);

/* A command: its text is its own to change. */
typedef bool (*run_fn)(struct flow *flow, char *text);

bool verb_run(struct flow *flow, const struct flow_command *command);
bool verb_config(struct flow *flow, char *text);
bool verb_nothing(struct flow *flow, char *text);

bool setup_node(struct flow *flow, char *text);
bool setup_publish(struct flow *flow, char *text);
bool setup_subscribe(struct flow *flow, char *text);
bool setup_affiliations(struct flow *flow, char *text);

#endif
