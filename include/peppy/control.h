/* control.h - the operator's socket, which takes commands as lines of JSON.
 * Floor 5. Knows rules and values, but no router and no link: whoever creates it hands in a port.
 *
 * A request is one line, an object: "command" names a row of the table in control/command.c, the
 * other members are its arguments. The answer is one line, in the order of the requests:
 * {"result": ...}, or {"error": TEXT, "code": WORD} with code one of
 *   usage    no such command, or an argument that is missing, unknown or malformed
 *   refused  the command was understood, but cannot be done; nothing was changed
 *   failed   the store failed
 * Requests come from root and from the daemon's own user; others are turned away. */
#ifndef PEPPY_CONTROL_H
#define PEPPY_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "peppy/buf.h"
#include "peppy/pep.h"
#include "peppy/service.h"

struct control;
struct top;
struct event_base;

/* Runs in a transaction, with the rules of a service. May run twice if the store fails. */
typedef enum pubsub_error (*control_turn_fn)(void *ctx, struct service *service);

struct control_turn {
	const char *service; /* a component's JID, or an account's bare JID */
	const char *as;      /* bare JID: an admin of the service for this turn */
	enum store_mode mode;
	control_turn_fn run;
	void *ctx;
};

struct control_link {
	const char *component;
	const char *server;
	uint16_t port;
	bool is_up;
	uint64_t connects;     /* how often it came up */
	uint64_t queued_bytes; /* of output */
	uint64_t sent_bytes;   /* that the kernel has taken */
};

/* What control asks of the program. Texts handed out are good until the next turn or reload. */
struct control_port {
	void *ctx;
	/* PUBSUB_ERR_SERVICE_UNAVAILABLE: there is no such service here. */
	enum pubsub_error (*run_turn)(void *ctx, const struct control_turn *turn);
	/* The nth component's; false: there are not so many. */
	bool (*link)(void *ctx, size_t nth, struct control_link *out);
	const struct pep *(*pep)(void *ctx);
	bool (*reload)(void *ctx); /* false: the file is wrong, the old values stay */
	void (*metrics)(void *ctx, struct buf *out); /* appends families of OpenMetrics */
	/* The busiest: nodes ("service\nNodeID") by us, senders (bare JIDs) by requests. */
	void (*tops)(void *ctx, const struct top **nodes_out, const struct top **senders_out);
	/* Erases what is kept about somebody (bare JID), from now on; and tells how far that has
	 * got. */
	enum pubsub_error (*erase)(void *ctx, const char *bare);
	struct service_erased (*erased)(void *ctx, const char *bare);
	/* Has the contact list of an account asked for anew; false: it cannot be had now. */
	bool (*renew_contacts)(void *ctx, const char *account);
};

struct control_options {
	const char *socket_path;
	const char *store_path;
	const char *metrics_listen; /* ADDRESS:PORT; NULL: nowhere */
};

/* What cannot be opened is logged and done without; NULL: nothing could be. SIGPIPE must be
 * ignored. */
struct control *control_create(struct event_base *base, const struct control_options *opt,
	const struct control_port *port);
void control_destroy(struct control *control); /* takes NULL; removes the socket */

/* A request that is a fact. The last ones are kept for those who watch. Takes NULL. */
void control_activity(struct control *control, const struct pubsub_activity *activity);

#endif
