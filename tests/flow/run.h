/* run.h - a flow under way; shared by run.c, which starts and feeds the router, verb.c, and
 * setup.c, which holds the commands that only prepare what a flow is about. */
#ifndef FLOW_RUN_H
#define FLOW_RUN_H

#include "flow.h"

#include "peppy/router.h"

struct out_stanza { /* something that went out */
	struct out_stanza *next;
	const char *xml;
	size_t link;
	bool expected;
};

#define LINKS_MAX 4

struct flow_link {
	struct xml_parser *in, *out;
	uint64_t bytes_sent, bytes_taken;
	bool stalled; /* the kernel takes nothing more */
};

struct flow {
	const struct flow_options *opt;
	struct arena *arena;
	struct map *captures;
	struct store *store;
	struct router *router;
	struct router_component component;             /* the last one that is configured, */
	struct router_component components[LINKS_MAX]; /* and all when it runs */
	size_t others;                                 /* before the last one */
	struct flow_link links[LINKS_MAX];
	size_t link; /* the one that commands are about */
	struct router_options router_options;
	char folder[64];
	bool more; /* of what came in may be left */
	struct out_stanza *sent, **sent_end;
	const struct out_stanza *matched; /* by the last expect */
	bool awake;                       /* not to be killed any more */
	bool failing;                     /* the store that fails does, here */
	bool validating;                  /* payloads, by schemas/payloads */
	struct codec_schemas *schemas;
	unsigned turns; /* of the store that fails */
	const char *why;
};

/* false, for the caller to pass on. */
bool run_fail(struct flow *flow, const char *why);

/* What has been configured is what the router gets. */
void run_configure(struct flow *flow);

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
