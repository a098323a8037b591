/* flow.h - flow tests: stanzas in, stanzas out, in one process, without a socket.
 *
 * A flow is a text file of commands, each at the start of a line and going on over lines that are
 * indented. '#' starts a comment line. In XML, "…pubsub" and the like stand for the namespaces of
 * abbreviations[] in script.c, and $name for a value captured before.
 *
 *   config KEY=VALUE …      before anything else: component, domains, admins, create-nodes,
 *                           and what else options[] of verb.c names, mostly as peppy.conf(5)
 *                           does; failing=off where it matters that a turn which failed asks a
 *                           question that it would not have asked, awake=on where what is known in
 *                           memory alone matters; another=JID begins another component on a link
 *                           of its own, and what follows configures that
 *
 *   node NODEID owner=JID [FIELD=VALUE …]       makes a node
 *   publish NODEID from=JID ID …                publishes items, with Atom entries of that title
 *   subscribe NODEID JID …                      subscribes, each by a request of its own
 *   affiliations NODEID owner=JID JID=WORD …    sets affiliations
 *       These prepare: results have to come back, what else goes out is not looked at.
 *
 *   send XML                one or more stanzas come in, in one turn
 *   expect XML              the next stanza that goes out is like this
 *   expect* XML             some stanza that goes out, not yet expected, is like this
 *   holds TEXT              in the stanza expected last are these very bytes; lacks TEXT: are not
 *   nothing                 nothing has gone out that was not expected
 *   repeat NAME COUNT TEXT  from now on $NAME stands for so many times TEXT
 *   for NAME VALUE …        up to done: for each value, which $NAME stands for, not in one another
 *   wait SECONDS            time passes, which it does not by itself: a flow begins at
 *                           2003-12-13T18:30:02Z
 *   jump SECONDS            the clock of the wall does, forward or back, and no time passes
 *   work                    what is done between turns is done, as far as it goes
 *   erase JID               an operator has what is kept about somebody erased
 *   stall                   from now on the kernel takes nothing more
 *   drain [BYTES]           it takes so many of those that wait; or all, and goes on taking
 *   reload KEY=VALUE …      the configuration has been changed
 *   restart                 peppyd is killed and started again
 *   on NUMBER               what follows happens on the link of that component, the first is 1
 *   down, up                the link is lost; comes up
 *
 * Alike means: attributes named are equal (others may be there), text is equal, children are equal
 * one by one, in order; <etc/>: any children, or none. Of a data form those fields are compared that
 * the pattern names, each with all of its values; of a result the rows, if it names any. A value of "*" is any but absent, "-" is absent,
 * $name captures at first and compares later. At the end nothing may be left over.
 * Everything that goes out is held against schemas/peppy.xsd. */
#ifndef TESTS_FLOW_H
#define TESTS_FLOW_H

#include <stdbool.h>
#include <stddef.h>

#include "peppy/arena.h"
#include "peppy/map.h"
#include "peppy/store.h"

/* FLOW_FAIL: in every turn one call fails, each time a later one. */
enum flow_engine { FLOW_MEM, FLOW_LMDB, FLOW_FAIL, FLOW_ENGINE_COUNT };

struct flow_command {
	struct flow_command *next;
	const char *verb;
	char *text;
	int line;
};

/* Reads a file into commands; NULL with a message on stderr. In the arena. */
struct flow_command *flow_script_read(const char *path, struct arena *arena);

/* Is the stanza like the pattern? Fills captures (name -> char *). *why_out says what differs. */
bool flow_match(const char *pattern, const char *stanza, struct map *captures, struct arena *arena,
	const char **why_out);

/* pattern or stanza with its $names replaced. */
char *flow_expand(const char *text, struct map *captures, struct arena *arena);

void flow_clock_reset(void);
void flow_clock_pass(unsigned seconds);
void flow_clock_jump(int seconds); /* of the wall clock */

struct flow_options {
	enum flow_engine engine;
	bool bytewise; /* what is sent comes byte by byte */
	bool killed;   /* before every stanza, as long as nothing has come that need not survive */
	bool show;     /* prints what goes out */
};

/* Runs a flow; false with *why_out in the arena. */
bool flow_run(const struct flow_command *commands, const struct flow_options *opt,
	struct arena *arena, const char **why_out);

#endif
