/* pep.h - Personal Eventing (XEP-0163) on users' accounts, as far as it is more than a service:
 * what the server delegates (XEP-0355) and grants (XEP-0356), who is online (RFC 6121), which
 * events they want (XEP-0115, XEP-0390), whom they let see their presence (rosters).
 * Floor 4. Knows neither LMDB nor sockets.
 *
 * Only the link of a component is believed, and only from and about the domains listed there.
 * Handing in the same stanza twice does no harm, because a turn whose transaction failed is run
 * again. */
#ifndef PEPPY_PEP_H
#define PEPPY_PEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "peppy/arena.h"
#include "peppy/contacts.h"
#include "peppy/error.h"
#include "peppy/outbox.h"
#include "peppy/store.h"
#include "peppy/xml.h"

struct pep;

/* A component as pep sees it, numbered by its place in the array. Copied, with its texts, by
 * pep_create. */
struct pep_component {
	const char *jid;
	struct pubsub_texts domains; /* prepared; their users are local */
};

/* The answer to a query of pep's: the <iq type='result'/>, or NULL if it was an error, did not come
 * in time, or the link was lost. */
struct pep_turn;
typedef void (*pep_answer_fn)(struct pep *pep, struct pep_turn *turn, size_t component,
	const char *key, const struct xml_element *iq);

struct pep_question {
	size_t component; /* that asks */
	const char *to;
	const char *payload; /* of the <iq type='get'/> */
	size_t payload_len;
	pep_answer_fn answer;
	const char *key; /* for answer */
};

/* How pep asks; the router's. Calls answer exactly once (again if the turn is run again). What the
 * question points to is copied. */
struct pep_port {
	void *ctx;
	void (*ask)(void *ctx, const struct pep_question *question);
	/* May it be looked up what has to be done for this JID, which came or went? Else it is
	 * asked again at each tick, until the JID goes or comes. NULL: it may. */
	bool (*may_look_up)(void *ctx, size_t component, const char *jid);
};

/* The turn in which something is handed in. */
struct pep_turn {
	void *ctx;
	struct store_txn *(*txn)(void *ctx, enum store_mode mode); /* NULL: the store failed */
	struct arena *arena;
	uint64_t now_us; /* wall clock */
};

struct pep *pep_create(
	const struct pep_component *components, size_t n, const struct pep_port *port);
void pep_destroy(struct pep *pep); /* takes NULL */

/* Reads back who was online before a restart; all of them are unverified until seen or asked. */
MUST_CHECK enum pubsub_error pep_load(struct pep *pep, struct pep_turn *turn);

/* A stream came up or was lost: rights start from nothing. */
void pep_link_up(struct pep *pep, struct pep_turn *turn, size_t component);
void pep_link_down(struct pep *pep, size_t component);

/* ---- what a component receives ---- */

/* true: the message advertises delegations or privileges, whether believed or not; false: it is
 * something else. */
bool pep_message(struct pep *pep, struct pep_turn *turn, size_t component,
	const struct xml_element *message);

/* Any <presence/>. A subscribe is left to the caller. */
void pep_presence(struct pep *pep, struct pep_turn *turn, size_t component,
	const struct xml_element *presence);

/* A delegated request. */
struct pep_delegated {
	const char *ns;               /* of the <delegation/>: its version */
	const struct xml_element *iq; /* the inner one; NULL: malformed */
	const char *from;             /* of the inner iq, as it stands there */
	const char *to;               /* of the inner iq; absent: the sender's bare JID */
};

/* false: the <iq/> is not a delegation, or one that must not be believed. */
bool pep_unwrap(struct pep *pep, size_t component, const struct xml_element *iq,
	struct arena *arena, struct pep_delegated *out);

/* true: a roster push (RFC 6121 2.1.6), which some servers send, and one to be believed. */
bool pep_roster_push(
	struct pep *pep, struct pep_turn *turn, size_t component, const struct xml_element *iq);

/* ---- what the rules ask ---- */

/* Contacts for the requests of one turn; good as long as the turn. */
struct contacts pep_contacts(struct pep *pep, struct pep_turn *turn);

/* The account (bare JID) whose roster was found missing last; asks the server for it, unless it has
 * been asked already. NULL: none was missing, or it cannot be fetched. */
const char *pep_roster_fetch(struct pep *pep, struct pep_turn *turn);

/* Accounts whose roster has arrived, or been given up, since the last call, in the arena: requests
 * that waited for one may run again. */
struct pubsub_texts pep_rosters_settled(struct pep *pep, struct arena *arena);

/* Has an account's contact list fetched anew, when there is time. false: it cannot be had now. */
bool pep_roster_renew(struct pep *pep, struct pep_turn *turn, const char *account);

/* Whether contact lists can be fetched for one of this component's domains. */
bool pep_shows_lists(const struct pep *pep, size_t component);

/* Whether bare is, or may be, an account that is served here: of a domain of this component to
 * which the pubsub namespace is delegated. */
bool pep_is_account(const struct pep *pep, size_t component, struct jid jid);

/* Full JIDs of the account that are online, each once, in the arena. */
struct pubsub_texts pep_resources(const struct pep *pep, const char *account, struct arena *arena);

/* By which component, and as what, the events of an account leave. false: they cannot be sent,
 * because no link has both the delegation and the message privilege for its domain. */
bool pep_sender(
	struct pep *pep, const char *account, size_t *component_out, struct outbox_sender *out);

/* XEP-0163's defaults for accounts, before the operator's: presence access, the newest item kept
 * and sent to whoever comes online, the one that it replaces not retracted. */
struct pubsub_node_config pep_config_default(void);

/* The configuration of a node that is created on an account without one: ctx is the operator's
 * defaults for accounts (struct pubsub_node_config), changed as the profile of a well-known node
 * wants it. Fits service_profile.defaults. */
void pep_node_defaults(const void *ctx, const char *node_id, struct pubsub_node_config *out);

/* What the server of one of a component's domains has announced on its link. */
struct pep_rights {
	const char *domain;
	const char *delegation_ns; /* version in force; NULL: nothing is delegated */
	bool accounts;             /* the pubsub namespace is */
	const char *privilege_ns;  /* NULL: nothing is granted */
	bool message, roster, presence;
};

/* Of the nth domain of a component; false: it does not have so many. */
bool pep_rights_find(const struct pep *pep, size_t component, size_t nth, struct pep_rights *out);

size_t pep_online(const struct pep *pep); /* resources known to be online */

/* How often a question needed none of ours, since the start. */
struct pep_lookups {
	uint64_t caps_hits, caps_misses;     /* a client's capabilities */
	uint64_t roster_hits, roster_misses; /* an account's contact list */
};
struct pep_lookups pep_lookups(const struct pep *pep);

/* Bare JIDs of those of them whose presence a component has, in no order; valid until somebody
 * comes or goes. The list is in the arena. */
struct pubsub_texts pep_online_users(const struct pep *pep, size_t component, struct arena *arena);

/* ---- last items ---- */

/* Somebody who became available or newly interested, and has not been sent last items yet: taken
 * one by one, in order, skipping whoever has gone meanwhile. */
struct pep_arrival {
	struct jid jid; /* full */
	size_t component;
	bool announced;             /* it has capabilities with at least one +notify */
	struct pubsub_texts notify; /* the NodeIDs newly wanted */
	bool first;          /* its first presence: the component's own nodes are due as well */
	uint64_t since_us;   /* the time since when it says it was away (XEP-0312); 0: not said */
	uint64_t came_us;    /* since then it is online, */
	uint64_t wants_us;   /* and since then events of accounts reach it, if it wants them */
	const char *account; /* NULL: all are due; else only this one, which has just admitted it */
};
bool pep_arrival_next(struct pep *pep, struct arena *arena, struct pep_arrival *out);

/* Accounts whose items the arrival may get: its own, and those that let it see their presence. */
MUST_CHECK enum pubsub_error pep_arrival_accounts(struct pep *pep, struct pep_turn *turn,
	const struct pep_arrival *arrival, struct pubsub_texts *out);

/* ---- departures ---- */

/* Somebody who has gone, taken one by one, in order: a full JID, or the bare one if that was the
 * last of its resources; and the component that was told. The same one may come twice. */
bool pep_departure_next(
	struct pep *pep, struct arena *arena, size_t *component_out, struct jid *out);

/* ---- keeping ---- */

/* Whether presences or capabilities have changed that are not in the store yet. */
bool pep_is_dirty(const struct pep *pep);
MUST_CHECK enum pubsub_error pep_flush(struct pep *pep, struct pep_turn *turn);
void pep_flushed(struct pep *pep); /* the transaction of pep_flush was committed */

/* Once a second: gives up what has waited too long, verifies presences at a steady pace. */
void pep_tick(struct pep *pep, struct pep_turn *turn);

#endif
