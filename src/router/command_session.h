/* command_session.h - ad-hoc commands under way (XEP-0050 3.3). In memory, bounded, and over after
 * a while. */
#ifndef ROUTER_COMMAND_SESSION_H
#define ROUTER_COMMAND_SESSION_H

#include "turn.h"

#define SESSION_US (600 * UINT64_C(1000000)) /* without a step */
/* Of all, of those of other servers, of one of these, of a bare JID; where there is one more, the
 * one of them unused for longest goes. */
#define SESSIONS_MAX 256
#define SESSIONS_REMOTE 128
#define SESSIONS_PER_DOMAIN 32
#define SESSIONS_PER_ENTITY 8

struct command;

/* What is asked for by any form; texts are NULL if they were not given. */
struct command_args {
	const char *node;
	const char *pattern;
	const char *redirect;
	const char *account; /* JID */
	const char *subject;
	struct pubsub_texts announcement;
	unsigned page; /* a word: how many rows of a list at a time */
	bool nodes;    /* too */
	bool confirmed;
	struct pubsub_node_config config; /* with config_set: of the last form only, never kept */
	uint64_t config_set;
};

/* Where the next page of a result begins; which of these counts is the command's business. */
struct command_place {
	const char *after; /* a NodeID, or the UID of a list; NULL: the start */
	uint32_t no;       /* of a node, */
	uint64_t seq;      /* and of an item there */
	unsigned part;
};

struct session {
	const char *id;   /* given by us, but for commands that adopt them */
	const char *from; /* full JID: nobody else's */
	const char *service;
	const struct command *command;
	size_t stage; /* whose form was sent last; behind the last one: a page was */
	struct command_args args;
	struct command_place place;
};

void sessions_open(struct router *router);
void sessions_close(struct router *router);

/* The one of this id, from and service, as the stanzas before have left it; false: there is none,
 * or it is over. Texts are in the turn's arena. */
bool session_find(struct turn *turn, struct session *session);

/* Take effect with the commit; texts are in the turn's arena. */
void session_put(struct turn *turn, const struct session *session);
void session_end(struct turn *turn, const struct session *session);

/* The turn's changes count, or do not. */
void sessions_keep(struct turn *turn);
void sessions_drop(struct turn *turn);

#endif
