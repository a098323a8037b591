/* command.h - ad-hoc commands (XEP-0050): the table, and one step of one of them. A command asks
 * for the forms of its stages one by one, then runs; what it has to show may come in pages. */
#ifndef ROUTER_COMMAND_H
#define ROUTER_COMMAND_H

#include "peppy/codec.h"

#include "command_session.h"
#include "stanza.h"

#define COMMAND_STAGES_MAX 2
#define COMMAND_NS_ADMIN "http://jabber.org/protocol/admin" /* XEP-0133 */

struct command_call;
typedef enum pubsub_error (*command_fn)(struct command_call *call);
typedef enum pubsub_error (*command_ask_fn)(struct command_call *call, struct codec_form *form);

struct command_stage {
	const struct codec_form *form;
	command_ask_fn ask; /* fits a copy of the form to the session; NULL: it is sent as it is */
	bool configures;    /* its fields are those of a node's configuration */
};

struct command {
	const char *node, *name;
	bool for_admins; /* of the component; else for everybody */
	bool skips;      /* the first stage may complete it: the second one has defaults */
	bool adopts;     /* a session that is not known begins anew, under the id it has */
	enum store_mode mode;
	command_fn run;
	struct command_stage stages[COMMAND_STAGES_MAX];
};

const struct command *command_nth(size_t i); /* NULL: behind the last one */
extern const struct command_args command_args_default;

size_t command_rows(const struct command_args *args); /* of a list at a time */

/* One step. */
struct command_call {
	struct turn *turn;
	const struct inquiry *inquiry;
	const struct command *command;
	struct service service;
	struct session session;
	bool fresh; /* the session begins with this step */
	bool more;  /* there is another form or page to come */
	bool cancelled;
	struct buf payload;  /* what the command answers, */
	struct xml_writer w; /* written with this */
	size_t rows;         /* of a result in it */
	const char *note;    /* beside it; NULL: none */
	bool warning;        /* what the note is */
	const char *detail;  /* of an error */
};

/* ---- for the commands ---- */

/* A request of the requester's, about the node named in the form. */
struct pubsub_request command_request(const struct command_call *call);

/* Asks the rules; what they find wrong becomes the error's detail. */
MUST_CHECK enum pubsub_error command_rules(struct command_call *call, service_fn fn,
	const struct pubsub_request *request, struct pubsub_answer *answer);

/* PUBSUB_ERR_COMMAND_PAYLOAD unless the requester has confirmed. */
MUST_CHECK enum pubsub_error command_confirmed(struct command_call *call);

/* A result of one fact after the other; of rows. */
void command_fact(struct command_call *call, const char *var, const char *label, const char *text);
void command_number(struct command_call *call, const char *var, const char *label, uint64_t n);
struct command_table {
	const char *title;
	const struct codec_column *columns;
	size_t n;
};
void command_table_open(struct command_call *call, const struct command_table *table);

/* false: there is no room for it, nothing was written; never for the first one. */
MUST_CHECK bool command_row(
	struct command_call *call, const struct command_table *table, const char *const *values);

/* The list of one's own nodes, and a row of it or of the list of all nodes. */
extern const struct command_table command_own_nodes_table;
MUST_CHECK bool command_node_row(struct command_call *call, const struct command_table *table,
	const struct pubsub_node *node);

/* Rows of what the rules list, from session.place.after on, which it moves. put writes those of an
 * answer; false: not all of them found room. *more_out: the list goes on. */
typedef bool (*command_put_fn)(struct command_call *call, const struct pubsub_answer *answer);
MUST_CHECK enum pubsub_error command_page(
	struct command_call *call, service_fn list, command_put_fn put, bool *more_out);

const char *command_stamp(const struct command_call *call, uint64_t wall_us);
const char *command_digits(const struct command_call *call, uint64_t n);

/* ---- the commands ---- */

#define COMMAND_RUN(name) enum pubsub_error command_##name(struct command_call *call)
#define COMMAND_ASK(name)                                                                          \
	enum pubsub_error command_##name(struct command_call *call, struct codec_form *form)

/* of admins, about any node: command_nodes.c */
COMMAND_RUN(nodes_list);
COMMAND_RUN(node_show);
COMMAND_ASK(node_create_ask);
COMMAND_RUN(node_create);
COMMAND_ASK(node_delete_ask);
COMMAND_RUN(node_delete);
COMMAND_ASK(node_purge_ask);
COMMAND_RUN(node_purge);

/* of admins, about the service: command_service.c */
COMMAND_RUN(statistics);
COMMAND_RUN(online);
COMMAND_RUN(announce);

/* of everybody, about what is theirs: command_own.c, command_export.c */
COMMAND_ASK(pending_ask);
COMMAND_RUN(pending);
COMMAND_RUN(own_nodes);
COMMAND_RUN(own_subscriptions);
COMMAND_RUN(own_export);

/* of both: command_erase.c */
COMMAND_ASK(account_erase_ask);
COMMAND_RUN(account_erase);
COMMAND_ASK(own_erase_ask);
COMMAND_RUN(own_erase);

#endif
