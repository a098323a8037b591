/* exchange.h - what a store holds as records, one after the other: out of a store (exchange.c),
 * into one (load.c); as lines of JSON (lines.c) and as XEP-0227 (pie_write.c, pie_read.c). Contact
 * lists, presences and capabilities are left out: they are the server's, and come again.
 * peppyctl uses it too, on a store that it has opened itself. */
#ifndef CONTROL_EXCHANGE_H
#define CONTROL_EXCHANGE_H

#include <jansson.h>

#include "peppy/map.h"
#include "peppy/store_contacts.h"

/* Nodes of a service come first, each with its affiliations and subscriptions; then who is whose
 * child; then the items, node after node. */
enum exchange_kind {
	EXCHANGE_NODE,
	EXCHANGE_AFFILIATION,
	EXCHANGE_SUBSCRIPTION,
	EXCHANGE_CHILD,
	EXCHANGE_ITEMS, /* the items of the node come now, if it has any */
	EXCHANGE_ITEM,
	EXCHANGE_CONTACT, /* of an account: told, not loaded */
	EXCHANGE_COUNT
};

struct exchange_record { /* good for the call to which it is handed */
	enum exchange_kind kind;
	const char *service; /* JID */
	const char *node_id; /* but for contacts; "" is the root collection */
	union {
		struct pubsub_node node; /* config, creator, created_us */
		struct pubsub_affiliate affiliate;
		struct {
			struct pubsub_subscription row;
			struct pubsub_texts waiting; /* events, for its digest */
		} subscription;
		const char *collection;  /* whose child the node is */
		struct pubsub_item item; /* published_us 0: not known */
		struct store_contact contact;
	};
};

/* ---- out ---- */

/* Takes a record; false: no more of them. */
typedef bool (*exchange_emit_fn)(void *ctx, const struct exchange_record *record);

/* Everything of all services: accounts, domain after domain, then the others. */
MUST_CHECK enum pubsub_error exchange_all(struct store_txn *txn, exchange_emit_fn emit, void *ctx);

/* What is kept about somebody: the nodes of the account, what it has to do with nodes of other
 * services, its contact list. */
MUST_CHECK enum pubsub_error exchange_person(
	struct store_txn *txn, const char *bare, exchange_emit_fn emit, void *ctx);

/* ---- in ---- */

/* Records one after the other; all of them once to check, then once to write. What the check has
 * let pass the writing refuses only if the store fails. */
struct exchange_load {
	struct store_txn *txn; /* the caller's, as are writes, keeps and records */
	bool writes;           /* else everything is checked, and nothing is written */
	bool keeps;            /* nodes that exist already stay as they are, with all they hold */
	uint64_t records;      /* so far */
	uint64_t kept;         /* nodes that stayed */
	const char *why;       /* it was refused; good until the next record */
	uint64_t now_us;       /* for what has no time of its own */
	struct arena *arena;   /* of one record */
	struct map *nodes;     /* those seen while checking */
	struct map *parents;   /* of these, by child */
};

void exchange_load_init(struct exchange_load *load, uint64_t now_us);
void exchange_load_finish(struct exchange_load *load);

/* PUBSUB_ERR_BAD_REQUEST: the record is wrong, load->why says how. */
MUST_CHECK enum pubsub_error exchange_take(
	struct exchange_load *load, const struct exchange_record *record);

/* ---- as lines of JSON ---- */

json_t *lines_head(void); /* the first line */
MUST_CHECK bool lines_is_head(const json_t *object);
json_t *lines_tail(uint64_t records); /* the last one: without it the file was cut off */
MUST_CHECK bool lines_is_tail(const json_t *object);

/* NULL: nothing is written for it. */
json_t *lines_render(const struct exchange_record *record, struct arena *arena);

/* NULL, or what is wrong with it. Texts are the object's or in the arena. */
MUST_CHECK const char *lines_parse(
	const json_t *object, struct arena *arena, struct exchange_record *out);

#endif
