/* stanza.h - one stanza: which of our tables it belongs to. */
#ifndef ROUTER_STANZA_H
#define ROUTER_STANZA_H

#include "turn.h"

/* An <iq/> of type get or set, unwrapped if it was delegated. */
struct inquiry {
	struct task *task;
	const struct xml_element *iq;    /* the inner one */
	const struct xml_element *child; /* its only child */
	struct jid from;
	struct jid to; /* the service: the component's JID or an account's */
	bool account;  /* which of the two */
	struct outbox_route route;
};

/* Task functions. */
void stanza_run(struct turn *turn, struct task *task);
void stanza_refuse(struct turn *turn, struct task *task, enum pubsub_error err);

enum inquiry_place { ON_SERVICE = 1, ON_ACCOUNT = 2, ON_BOTH = ON_SERVICE | ON_ACCOUNT };

/* What answers an inquiry with this child: one row each; on accounts where the server delegates
 * it. */
struct inquiry_handler {
	const char *type; /* "get", "set"; or "message" */
	const char *ns;
	const char *name;
	enum inquiry_place place;
	void (*run)(struct turn *turn, const struct inquiry *inquiry);
};

/* Answers an inquiry with an error. */
void stanza_error(struct turn *turn, const struct inquiry *inquiry, enum pubsub_error err,
	const char *detail);

/* An answer of this type ("result", "error"), whose payload the caller writes. One that has become
 * larger than the server takes is answered with an error instead. */
struct xml_writer stanza_reply(struct turn *turn, const struct inquiry *inquiry, const char *type);
void stanza_reply_end(struct turn *turn, const struct inquiry *inquiry, struct xml_writer *w);

/* Likewise, of a request that has changed something: if its answer is too large, an empty one tells
 * that it has. */
void stanza_reply_end_written(
	struct turn *turn, const struct inquiry *inquiry, struct xml_writer *w);

/* handlers: the requests of XEP-0060 (request.c), ad-hoc commands (command.c), disco (disco.c),
 * what everybody answers (info.c), what clients keep on accounts beside pubsub (private.c,
 * vcard.c) */
void request_run(struct turn *turn, const struct inquiry *inquiry);
void authorize_run(struct turn *turn, const struct inquiry *inquiry);
void command_run(struct turn *turn, const struct inquiry *inquiry);
void disco_info_run(struct turn *turn, const struct inquiry *inquiry);
void disco_items_run(struct turn *turn, const struct inquiry *inquiry);
void info_ping_run(struct turn *turn, const struct inquiry *inquiry);
void info_version_run(struct turn *turn, const struct inquiry *inquiry);
void info_last_run(struct turn *turn, const struct inquiry *inquiry);
void private_get_run(struct turn *turn, const struct inquiry *inquiry);
void private_set_run(struct turn *turn, const struct inquiry *inquiry);
void vcard_get_run(struct turn *turn, const struct inquiry *inquiry);
void vcard_set_run(struct turn *turn, const struct inquiry *inquiry);

/* disco of what command.c offers. */
bool command_is_node(const char *node);
void command_info(struct turn *turn, const struct inquiry *inquiry, const char *node);
void command_items(struct turn *turn, const struct inquiry *inquiry, const char *node);

#endif
