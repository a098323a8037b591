/* call.h - one command under way, and the table it comes from. */
#ifndef CONTROL_CALL_H
#define CONTROL_CALL_H

#include <jansson.h>

#include "peppy/control.h"

#define ARGS_MAX 8

enum arg_type {
	ARG_NONE,   /* behind the last one */
	ARG_TEXT,   /* not empty, and of characters that XML can carry */
	ARG_JID,    /* handed on as it is prepared */
	ARG_NUMBER, /* not negative */
	ARG_BOOL,
	ARG_FIELDS, /* an object: fields of a node's configuration, without "pubsub#" */
	ARG_TYPE_COUNT
};

struct arg {
	enum arg_type type;
	const char *name;
	bool required;
};

struct call;

/* service NULL: the command's row has no mode. */
typedef enum pubsub_error (*command_fn)(struct call *call, struct service *service);

/* One command under way. */
struct call {
	struct control *control;
	const struct command *command;
	json_t *args; /* as the command's row wants them */
	struct arena *arena;
	const char *service; /* of "service"; else the only component */
	const char *as;      /* of "as"; else the service itself */
	json_t *result;      /* NULL: nothing to tell but success */
	command_fn run;      /* of the turn under way: */
	size_t recipients;   /* who are told of what it does */
	const char *detail;  /* of an error: the field, feature or URI; NULL: none */
	const char *why;     /* what to say instead of the error's own text; NULL: that */
};

struct command {
	const char *name;
	enum store_mode mode; /* STORE_NONE: it runs outside of any turn, or its own ones */
	command_fn run;
	struct arg args[ARGS_MAX];
};

/* NULL: there is none of this name. */
const struct command *command_find(const char *name);
const struct command *command_at(size_t i); /* NULL: behind the last one */

/* Runs the request in this line; returns the answer, never NULL. */
json_t *call_run(struct control *control, const char *line, size_t len);

/* ---- for the commands ---- */

/* Runs the command's own turn, for one whose row has no mode. */
MUST_CHECK enum pubsub_error call_turn(
	struct call *call, const char *service, enum store_mode mode, command_fn run);

/* The result; answer is owned. A second one replaces the first: a turn may be run twice. */
void call_answer(struct call *call, json_t *answer);

/* An error in words of its own. Returns err. */
enum pubsub_error call_refuse(struct call *call, enum pubsub_error err, const char *format, ...)
	PRINTF_LIKE(3, 4);

/* Arguments; absent: NULL, or what the caller says. */
const char *call_text(const struct call *call, const char *name);
uint64_t call_number(const struct call *call, const char *name, uint64_t absent);
bool call_bool(const struct call *call, const char *name, bool absent);
struct jid call_jid(const struct call *call, const char *name);

/* The length of a page: "limit", 100 unless said, from 1 to 1000. */
size_t call_limit(const struct call *call);

/* The fields given; false: one of them is unknown or wrong, and why says which. */
MUST_CHECK bool call_fields(
	struct call *call, const char *name, struct pubsub_node_config *out, uint64_t *set_out);

/* A request of the operator about "node". */
struct pubsub_request call_request(const struct call *call);

/* The node named by "node". */
MUST_CHECK enum pubsub_error call_node(
	struct call *call, struct service *service, struct pubsub_node **out);

/* Asks the rules; what they find wrong becomes the error's detail. */
MUST_CHECK enum pubsub_error call_rules(struct call *call, struct service *service, service_fn fn,
	const struct pubsub_request *request, struct pubsub_answer *answer);

#endif
