/* client.h - what the files of the command-line client share.
 * A tool: stands above the floors, uses base and xml, and talks through libstrophe, whose client
 * side is sound. Stanzas that leave are written with xml.h, so that payloads go out byte by byte as
 * they are; those that arrive are libstrophe's trees. */
#ifndef TOOLS_PEPPY_CLIENT_H
#define TOOLS_PEPPY_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include <strophe.h>

#include "peppy/arena.h"
#include "peppy/attributes.h"
#include "peppy/buf.h"
#include "peppy/xml.h"

/* clang-format off */
#define NS_PUBSUB       "http://jabber.org/protocol/pubsub"
#define NS_PUBSUB_EVENT NS_PUBSUB "#event"
#define NS_PUBSUB_OWNER NS_PUBSUB "#owner"
#define NS_PUBSUB_ERROR NS_PUBSUB "#errors"
#define NS_DATA_FORM    "jabber:x:data"
#define NS_RSM          "http://jabber.org/protocol/rsm"
#define NS_DELAY        "urn:xmpp:delay"
#define NS_CAPS         "http://jabber.org/protocol/caps"
#define NS_PING         "urn:xmpp:ping"
/* clang-format on */

enum exit_status {
	EXIT_DONE = 0,
	EXIT_REFUSED = 1,    /* the service answered with an error, which has been printed */
	EXIT_CONNECTION = 2, /* no stream, a lost stream, no answer; printed too */
	EXIT_TIMEOUT = 3,    /* watch: the time was over before the events had come */
	EXIT_MISUSE = 64     /* the command line, the account, or a file it names */
};

/* ---- options.c: the command line ---- */

#define FIELDS_MAX 64

enum tls_use {
	TLS_VERIFIED,
	TLS_INSECURE, /* any certificate; loopback only */
	TLS_NONE      /* loopback only */
};

struct field { /* -o key=value */
	const char *key;
	const char *value;
};

/* A plain value; all zero are the defaults. Texts are those of argv, the environment, the file. */
struct options {
	const char *account_file; /* NULL: the default one, if it is there */
	const char *jid;
	const char *password;
	const char *host; /* NULL: by SRV look-up */
	unsigned port;    /* 0: 5222 or what SRV says */
	const char *ca_file;
	enum tls_use tls;
	bool debug;
	bool help;
	bool version;

	const char *service; /* NULL: the account itself, PEP */
	const char *node;    /* as a NodeID: short names have been resolved */
	const char *id;
	unsigned max; /* 0: all that fit */
	const char *before;
	const char *after;
	bool all;
	bool notify;
	bool no_pep;
	bool xml;
	unsigned count;     /* 0: no end */
	unsigned timeout_s; /* 0: no end */
	struct field fields[FIELDS_MAX];
	size_t field_count;

	char **args; /* what follows the command's name */
	size_t arg_count;
};

/* Reads argv, permuting it. On EXIT_MISUSE what is wrong stands on stderr. */
MUST_CHECK enum exit_status options_parse(int argc, char **argv, struct options *out);

/* Says on stderr what is wrong with what we were told. Returns EXIT_MISUSE. */
enum exit_status misuse(const char *format, ...) PRINTF_LIKE(1, 2);

#define NUMBER_MAX 1000000000

/* The NodeID that "tune", "mood", ... stand for; any other name is returned as it is. */
const char *node_resolve(const char *name);

/* The i-th NodeID that has a short name, NULL behind the last one. */
const char *node_well_known(size_t i);

/* ---- account.c: who we are, from the environment or a file, never from argv ---- */

MUST_CHECK enum exit_status account_read(struct options *opt, struct arena *arena);

/* ---- session.c: one stream ---- */

struct session;

/* Called for each stanza that is neither an answer to us nor an iq. */
typedef void (*session_stanza_fn)(xmpp_stanza_t *stanza, void *arg);

/* Connects and authenticates as opt says. On failure says why on stderr and *out is NULL. */
MUST_CHECK enum exit_status session_open(const struct options *opt, struct session **out);

/* Only connects and opens the stream, for registering; fn sees the server's first word too. */
MUST_CHECK enum exit_status session_open_raw(
	const struct options *opt, session_stanza_fn fn, void *arg, struct session **out);

void session_close(struct session *session); /* takes NULL; ends the stream in good manners */

/* On a raw stream, after <proceed/>: encrypts and opens the stream anew. */
MUST_CHECK bool session_start_tls(struct session *session);

const char *session_jid(const struct session *session); /* the full JID that the server gave */
void session_on_stanza(struct session *session, session_stanza_fn fn, void *arg);
void session_send(struct session *session, struct buf *bytes); /* bytes are used up */

/* Sends an iq around child and waits for its answer. to NULL: none, the own account. EXIT_REFUSED:
 * the error has been printed. *answer is good until the next call or the end of the session. */
MUST_CHECK enum exit_status session_ask(struct session *session, const char *type, const char *to,
	const struct buf *child, xmpp_stanza_t **answer);

/* Waits up to wait_ms for something to arrive and handles it. False: the stream is gone. */
MUST_CHECK bool session_turn(struct session *session, unsigned wait_ms);

/* ---- entity.c: what we are when others ask (XEP-0030, XEP-0115, XEP-0199) ---- */

#define ENTITY_NODE "urn:x-peppy:client"

/* Answers an iq of type get or set. */
void entity_answer(struct session *session, const struct options *opt, xmpp_stanza_t *iq);

/* The available presence that announces us, with the capabilities' hash. */
void entity_presence(const struct options *opt, struct buf *out);

/* ---- payload.c, avatar.c: what publish sends ---- */

struct payload {
	const char *node;    /* where it belongs; NULL: wherever --node says */
	const char *item_id; /* NULL: the service makes one */
	struct buf xml;
};

/* From the words after `publish`. Says what is wrong and returns EXIT_MISUSE. */
MUST_CHECK enum exit_status payload_build(
	const struct options *opt, struct arena *arena, struct payload *out);

/* Data and metadata (XEP-0084) of a PNG file; with file NULL the metadata that says: none. */
MUST_CHECK enum exit_status avatar_build(
	const char *file, struct arena *arena, struct payload *data, struct payload *metadata);

/* A whole file in the arena; NULL: said why on stderr. */
char *file_read(const char *path, struct arena *arena, size_t *len_out);

/* ---- form.c: data forms (XEP-0004) ---- */

/* The -o fields as a form to submit; a key without '#' is one of pubsub#. */
void form_write(struct xml_writer *w, const char *form_type, const struct options *opt);
void form_print(xmpp_stanza_t *form); /* one line a field: key = value, and what it may be */

/* ---- print.c: stanzas for people and scripts ---- */

void print_tree(xmpp_stanza_t *stanza, unsigned depth); /* one element a line, indented */
void print_xml(xmpp_stanza_t *stanza);                  /* on one line, as XML */
void print_text(const char *text);                      /* line breaks and the like as &#10; */
void print_word(const char *before, const char *word);  /* nothing if word is empty */
void print_error(xmpp_stanza_t *stanza);                /* on stderr */
char *stanza_text(xmpp_stanza_t *stanza);               /* to be freed; never NULL */
xmpp_stanza_t *stanza_child(xmpp_stanza_t *stanza, const char *name, const char *ns);
const char *stanza_attr(xmpp_stanza_t *stanza, const char *name); /* "" if there is none */
bool stanza_is(xmpp_stanza_t *stanza, const char *name);

/* ---- event.c ---- */

/* Prints one line and the payload for each event in a message; returns how many. */
unsigned event_print(xmpp_stanza_t *message, const struct options *opt);

/* Prints the items of an <items/> that came from service. */
unsigned event_print_items(xmpp_stanza_t *items, const char *service, const char *stamp);

/* ---- request.c: commands that are one question and one answer ---- */

typedef void (*request_show_fn)(xmpp_stanza_t *answer, const struct options *opt);

/* Opens a session, asks --service, shows the answer (show may be NULL), ends the session. Frees
 * child. */
enum exit_status request_run(
	const struct options *opt, const char *type, struct buf *child, request_show_fn show);

/* <pubsub xmlns=NS><what node=--node ...: both are open then. */
struct xml_writer request_start(
	struct buf *child, const char *ns, const char *what, const struct options *opt);

/* Says what is missing if value is NULL. */
MUST_CHECK bool option_is_given(const char *value, const char *name);

/* ---- the commands, one function each ---- */

typedef enum exit_status (*command_fn)(const struct options *opt);

enum exit_status publish_run(const struct options *opt);
enum exit_status items_run(const struct options *opt);
enum exit_status retract_run(const struct options *opt);
enum exit_status subscribe_run(const struct options *opt);
enum exit_status unsubscribe_run(const struct options *opt);
enum exit_status watch_run(const struct options *opt);
enum exit_status node_create_run(const struct options *opt);
enum exit_status node_delete_run(const struct options *opt);
enum exit_status node_configure_run(const struct options *opt);
enum exit_status node_purge_run(const struct options *opt);
enum exit_status disco_info_run(const struct options *opt);
enum exit_status disco_items_run(const struct options *opt);
enum exit_status ping_run(const struct options *opt);
enum exit_status contact_run(const struct options *opt);
enum exit_status register_run(const struct options *opt);

#endif
