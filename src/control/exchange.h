/* exchange.h - what a store holds as objects of JSON, one a line: for export and load, and for what
 * is kept about somebody. Nodes come first, then what belongs to them. Contact lists, presences and
 * capabilities are left out: they are the server's, and come again.
 * peppyctl uses it too, on a store that it has opened itself. */
#ifndef CONTROL_EXCHANGE_H
#define CONTROL_EXCHANGE_H

#include <jansson.h>

#include "peppy/map.h"
#include "peppy/store.h"

#define EXCHANGE_FORMAT "peppy-export"
#define EXCHANGE_VERSION 1

/* Takes each object, which is the callee's; false: no more of it. */
typedef bool (*exchange_emit_fn)(void *ctx, json_t *object);

/* {"type": "peppy-export", "version": 1} */
json_t *exchange_head(void);

/* Everything of one service. */
MUST_CHECK enum pubsub_error exchange_service(
	struct store_txn *txn, const char *service, exchange_emit_fn emit, void *ctx);

/* Everything of all services. */
MUST_CHECK enum pubsub_error exchange_all(struct store_txn *txn, exchange_emit_fn emit, void *ctx);

/* What is kept about somebody: the nodes of the account, what it has to do with nodes of other
 * services, its contact list. */
MUST_CHECK enum pubsub_error exchange_person(
	struct store_txn *txn, const char *bare, exchange_emit_fn emit, void *ctx);

/* Loading: objects one after the other, from the head on; all of them once to check, then once to
 * write. What the check has let pass the writing refuses only if the store fails. */
struct exchange_load {
	struct store_txn *txn;
	bool writes;         /* else everything is checked, and nothing is written */
	struct arena *arena; /* of one object */
	struct map *nodes;   /* those seen while checking; the caller's */
	const char *why;     /* it was refused; in the arena */
	bool begun;          /* the head was there */
};

/* PUBSUB_ERR_BAD_REQUEST: the object is wrong, load->why says how. */
MUST_CHECK enum pubsub_error exchange_take(struct exchange_load *load, const json_t *object);

#endif
