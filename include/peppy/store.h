/* store.h - nodes, items, subscriptions, affiliations on disk, and jobs. store_contacts.h has what
 * is kept of people, store_upkeep.h what is done with a store as a whole.
 * Floor 2. Knows pubsub.h; knows no rule of XEP-0060, no XML and no configuration. One transaction
 * a turn. Typed operations, not keys and values: how they are kept is schemas/store.md. */
#ifndef PEPPY_STORE_H
#define PEPPY_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "peppy/arena.h"
#include "peppy/attributes.h"
#include "peppy/error.h"
#include "peppy/pubsub.h"

struct store;     /* one open database */
struct store_txn; /* the transaction under way */

enum store_mode { STORE_NONE, STORE_READ, STORE_WRITE };

/* Somebody who hears now and then what is done and how far it is; of 0: how much there is to do is
 * not known. tell NULL: nobody wants to hear. */
struct store_progress {
	void (*tell)(void *ctx, const char *doing, uint64_t done, uint64_t of);
	void *ctx;
};

struct store_options {
	const char *path;   /* the folder; made if it is not there */
	uint64_t max_bytes; /* the map */
	bool relaxed;       /* a power cut may take the last transaction, never the file */

	struct store_progress progress; /* while the store of an older peppy is upgraded */
};

/* Errors of every function that says nothing else:
 * PUBSUB_ERR_STORE_FULL, _FAILED: the transaction is lost, abort it. When map or disk are nearly
 * full, adding items, nodes and subscriptions is FULL first: the last room is left for deleting.
 * PUBSUB_ERR_STORE_IO: the environment is dead, exit.
 * PUBSUB_ERR_NODE_NOT_FOUND: the node handed in has been deleted meanwhile; nothing was written.
 *
 * Whatever a function hands out (texts, payloads, arrays) is valid until the next write or the end
 * of the transaction, whichever comes first, unless it says "in the arena". */

/* A store of an older format is upgraded, and what it was is kept in a folder within its own: what
 * is there after a crash is the old store or the new one. PUBSUB_ERR_STORE_VERSION: it is of a
 * newer format; PUBSUB_ERR_STORE_FULL: there is no room for what is to be kept. Nothing was
 * written. */
MUST_CHECK enum pubsub_error store_open(const struct store_options *opt, struct store **out);
MUST_CHECK enum pubsub_error store_open_mem(struct store **out); /* for tests: nothing survives */

/* Opens a store for reading, while another process may have it open too: a transaction sees the
 * last commit, and holds on to its pages. Nothing is made, nothing is changed.
 * PUBSUB_ERR_STORE_VERSION: it is of a newer format, or of an older one. */
MUST_CHECK enum pubsub_error store_open_read(const char *path, struct store **out);

/* The same for stores of older formats too: for store_version, store_copy, store_restore,
 * store_compare, store_usage and nothing else. */
MUST_CHECK enum pubsub_error store_open_any(const char *path, struct store **out);

/* Wraps a store, which it owns from then on; for tests. The call number fail_at (1 is the first
 * after store_fail_arm) of the engine fails with PUBSUB_ERR_STORE_FAILED, and with onwards all
 * later ones too. 0 disarms. */
struct store *store_open_fail(struct store *inner);
void store_fail_arm(struct store *store, uint64_t fail_at, bool onwards);
uint64_t store_fail_calls(const struct store *store); /* since it was armed */
void store_close(struct store *store);                /* takes NULL; no transaction may be open */

/* One transaction at a time. STORE_READ sees the last commit. */
MUST_CHECK enum pubsub_error store_begin(
	struct store *store, enum store_mode mode, struct store_txn **out);

/* PUBSUB_OK: what was written has reached the disk. The transaction is over in any case. */
MUST_CHECK enum pubsub_error store_commit(struct store_txn *txn);
void store_abort(struct store_txn *txn); /* takes NULL */

/* ---- services ---- */

/* The next service, in the order of their numbers; *sid 0 starts, *jid_out NULL is the end. In the
 * arena. */
MUST_CHECK enum pubsub_error store_service_next(
	struct store_txn *txn, uint32_t *sid, struct arena *arena, const char **jid_out);

/* Forgets a service that has no nodes and no contacts. *left_out: not yet, for what was deleted
 * there is still to be erased. */
MUST_CHECK enum pubsub_error store_service_forget(
	struct store_txn *txn, const char *service, bool *left_out);

/* ---- nodes ---- */

/* Everything of *out in the arena. PUBSUB_ERR_NODE_NOT_FOUND; PUBSUB_ERR_NODE_GONE: deleted with a
 * redirect, which is then in (*out)->config.description. */
MUST_CHECK enum pubsub_error store_node_get(struct store_txn *txn, const char *service,
	const char *node_id, struct arena *arena, struct pubsub_node **out);

/* Writes a node with service, node_id, config, creator, created_us of *node; fills in the rest.
 * A tombstone of that name goes. PUBSUB_ERR_NODE_EXISTS: nothing was written.
 * The NodeID "" is that of the service's root collection, which no list and no count of nodes
 * has. */
MUST_CHECK enum pubsub_error store_node_create(struct store_txn *txn, struct pubsub_node *node);
MUST_CHECK enum pubsub_error store_node_configure(
	struct store_txn *txn, struct pubsub_node *node, const struct pubsub_node_config *config);

/* The node is gone at once for everybody; what it held is erased by store_erase. redirect (a URI)
 * or NULL. */
MUST_CHECK enum pubsub_error store_node_del(
	struct store_txn *txn, struct pubsub_node *node, const char *redirect);

/* All items are gone at once; erased by store_erase. */
MUST_CHECK enum pubsub_error store_node_purge(struct store_txn *txn, struct pubsub_node *node);

/* What the deleted node held is kept, or is kept no longer: somebody has to read it yet. */
MUST_CHECK enum pubsub_error store_erase_hold(
	struct store_txn *txn, uint32_t sid, uint32_t no, bool hold);

/* Erases up to rows records of what was deleted and purged; *more_out: there is more to do. */
MUST_CHECK enum pubsub_error store_erase(struct store_txn *txn, size_t rows, bool *more_out);

/* A page of a sorted list. after or before (exclusive; at most one is not NULL) names a position,
 * which need not exist; both NULL and backward: the end of the list. Pages are in list order
 * whichever way they were found. */
struct store_range {
	const char *after;
	const char *before;
	bool backward; /* with before: the rows next to it; else the last ones */
	size_t limit;
};

/* Nodes of a service in the order of their NodeIDs (those above 150 bytes: of their first 118);
 * everything in the arena. */
MUST_CHECK enum pubsub_error store_nodes_page(struct store_txn *txn, const char *service,
	const struct store_range *range, struct arena *arena, struct pubsub_node **nodes_out,
	size_t *n_out);

/* The same in the order of their numbers, that of creation; places are numbers, 0 is none. */
struct store_number_range {
	uint32_t after, before; /* exclusive; either of them need not be a node's */
	bool backward;          /* as in store_range */
	size_t limit;
};
MUST_CHECK enum pubsub_error store_nodes_by_number(struct store_txn *txn, const char *service,
	const struct store_number_range *range, struct arena *arena, struct pubsub_node **nodes_out,
	size_t *n_out);
MUST_CHECK enum pubsub_error store_nodes_count(
	struct store_txn *txn, const char *service, uint64_t *out);

/* A node by its numbers, everything in the arena; *out NULL: it has been deleted. */
MUST_CHECK enum pubsub_error store_node_by_number(struct store_txn *txn, const char *service,
	uint32_t sid, uint32_t no, struct arena *arena, struct pubsub_node **out);

/* ---- collections (XEP-0248): which node of a service is a child of which ----
 * Configurations as they are kept name neither parents nor children: ask these. */

/* Nothing happens if it is a child already; counts in both. That there is no circle is the caller's
 * business. */
MUST_CHECK enum pubsub_error store_child_put(
	struct store_txn *txn, struct pubsub_node *collection, struct pubsub_node *child);

/* Nothing happens if it is none. A node that is deleted is nobody's child at once, and nobody's
 * parent. */
MUST_CHECK enum pubsub_error store_child_del(
	struct store_txn *txn, struct pubsub_node *collection, struct pubsub_node *child);

/* The collections that a node is in, the oldest first; in the arena. */
MUST_CHECK enum pubsub_error store_parents_get(struct store_txn *txn,
	const struct pubsub_node *node, struct arena *arena, struct pubsub_node **out,
	size_t *n_out);

/* As store_nodes_by_number, those of a collection. */
MUST_CHECK enum pubsub_error store_children_page(struct store_txn *txn,
	const struct pubsub_node *collection, const struct store_number_range *range,
	struct arena *arena, struct pubsub_node **out, size_t *n_out);

/* ---- items ---- */

/* Stores an item as the newest, replacing the one with the same id (7.1.2), of which created_us is
 * kept. Sets item->seq, and created_us if that is 0; *replaced_out says whether there was one;
 * counts in node. */
MUST_CHECK enum pubsub_error store_item_put(struct store_txn *txn, struct pubsub_node *node,
	struct pubsub_item *item, bool *replaced_out);

/* PUBSUB_ERR_ITEM_NOT_FOUND. */
MUST_CHECK enum pubsub_error store_item_get(struct store_txn *txn, const struct pubsub_node *node,
	const char *item_id, struct pubsub_item *out);
MUST_CHECK enum pubsub_error store_item_del(
	struct store_txn *txn, struct pubsub_node *node, const char *item_id);

/* Removes the oldest items until keep are left. Their ids in the arena, oldest first. */
MUST_CHECK enum pubsub_error store_items_trim(struct store_txn *txn, struct pubsub_node *node,
	uint64_t keep, struct arena *arena, struct pubsub_texts *ids_out);

/* Items in the order of publication, by position: seq, exclusive; 0 for none. The array is in the
 * arena, the payloads are not. bytes: the page ends before the item with which ids and payloads
 * would exceed it, but holds at least one; 0: no such bound. */
struct store_item_range {
	uint64_t after_seq, before_seq;
	bool backward;
	size_t limit;
	size_t bytes;
};
MUST_CHECK enum pubsub_error store_items_page(struct store_txn *txn, const struct pubsub_node *node,
	const struct store_item_range *range, struct arena *arena, struct pubsub_item **items_out,
	size_t *n_out);

/* The seq of the item that stands skip places behind the oldest one; skip <= 10 000.
 * PUBSUB_ERR_ITEM_NOT_FOUND: there are not that many. */
MUST_CHECK enum pubsub_error store_items_seek(
	struct store_txn *txn, const struct pubsub_node *node, uint64_t skip, uint64_t *seq_out);

/* ---- affiliations ---- */

/* PUBSUB_AFFILIATION_NONE if there is no row. */
MUST_CHECK enum pubsub_error store_affiliation_get(struct store_txn *txn,
	const struct pubsub_node *node, const char *bare, enum pubsub_affiliation *out);

/* NONE deletes the row. */
MUST_CHECK enum pubsub_error store_affiliation_put(struct store_txn *txn,
	const struct pubsub_node *node, const char *bare, enum pubsub_affiliation affiliation);

/* Of a node, by JID. In the arena. */
MUST_CHECK enum pubsub_error store_affiliations_page(struct store_txn *txn,
	const struct pubsub_node *node, const struct store_range *range, struct arena *arena,
	struct pubsub_affiliate **out, size_t *n_out);

/* How many a node has; counting ends above limit. */
MUST_CHECK enum pubsub_error store_affiliations_count(
	struct store_txn *txn, const struct pubsub_node *node, uint64_t limit, uint64_t *out);

/* Of an entity at a service, with node_id and no, by which they are sorted; all of them but of
 * deleted nodes. In the arena. */
MUST_CHECK enum pubsub_error store_entity_affiliations(struct store_txn *txn, const char *service,
	const char *bare, struct arena *arena, struct pubsub_affiliate **out, size_t *n_out);

/* Likewise, a page of them. A place need not be one where anything stands. */
struct store_entity_place {
	uint32_t no;                   /* of the node */
	const char *resource, *sub_id; /* of a subscription; NULL and "" are the same */
};
struct store_entity_range {
	const char *service; /* NULL: all of them, of which no place is known */
	const char *bare;
	uint32_t no;                                     /* at this node; 0: at all */
	const struct store_entity_place *after, *before; /* exclusive; NULL: from end to end */
	bool backward;                                   /* as in store_range */
	size_t skip; /* so many before the page, those with deleted nodes included */
	size_t limit;
};
MUST_CHECK enum pubsub_error store_entity_affiliations_page(struct store_txn *txn,
	const struct store_entity_range *range, struct arena *arena, struct pubsub_affiliate **out,
	size_t *n_out);

/* ---- subscriptions ---- */

/* All subscriptions of one JID (exactly: bare and full are different) to a node. In the arena. */
MUST_CHECK enum pubsub_error store_subscriptions_get(struct store_txn *txn,
	const struct pubsub_node *node, struct jid subscriber, struct arena *arena,
	struct pubsub_subscription **out, size_t *n_out);

/* Writes a subscription under its subscriber and sub_id (NULL and "" are the same and read as
 * NULL); since_seq is set by the store when it becomes subscribed; counts in node. At its due_us
 * store_subscriptions_due names it. */
MUST_CHECK enum pubsub_error store_subscription_put(
	struct store_txn *txn, struct pubsub_node *node, struct pubsub_subscription *subscription);

/* Nothing happens if it is not there. Its digest goes with it. */
MUST_CHECK enum pubsub_error store_subscription_del(struct store_txn *txn, struct pubsub_node *node,
	const struct pubsub_subscription *subscription);

/* Of a node, in key order, which keeps those of one bare JID together. A position (subscriber and
 * sub_id) need not exist; at most one of them is not NULL, and both are exclusive. In the arena. */
struct store_subscription_range {
	const struct pubsub_subscription *after;
	const struct pubsub_subscription *before;
	bool backward; /* as in store_range */
	bool pending;  /* only those */
	size_t limit;
};
MUST_CHECK enum pubsub_error store_subscriptions_page(struct store_txn *txn,
	const struct pubsub_node *node, const struct store_subscription_range *range,
	struct arena *arena, struct pubsub_subscription **out, size_t *n_out);

/* The order of pages: < 0 if a stands before b. */
int store_subscribers_compare(struct jid a, struct jid b);

/* Of a bare JID and all its resources at a service (NULL service: at all of them, *nodes' service
 * tells), with their node_id. In the arena. */
struct store_entity_subscription {
	const char *service;
	uint32_t no; /* of the node: the list is sorted by it, then by resource and sub_id */
	struct pubsub_subscription subscription;
};
MUST_CHECK enum pubsub_error store_entity_subscriptions(struct store_txn *txn, const char *service,
	const char *bare, struct arena *arena, struct store_entity_subscription **out,
	size_t *n_out);

/* Likewise, a page of them. */
MUST_CHECK enum pubsub_error store_entity_subscriptions_page(struct store_txn *txn,
	const struct store_entity_range *range, struct arena *arena,
	struct store_entity_subscription **out, size_t *n_out);

/* How many affiliations or subscriptions of an entity are in a range, all of its resources together.
 * Counting ends above its limit. */
enum store_entity_rows { STORE_ENTITY_AFFILIATIONS, STORE_ENTITY_SUBSCRIPTIONS };
MUST_CHECK enum pubsub_error store_entity_count(struct store_txn *txn,
	const struct store_entity_range *range, enum store_entity_rows what, uint64_t *out);

/* Services at which an entity has affiliations or subscriptions, be it with deleted nodes, one
 * after the other: the next one with a number above *sid, which becomes its. NULL: there is
 * none. */
MUST_CHECK enum pubsub_error store_entity_service_next(struct store_txn *txn, const char *bare,
	uint32_t *sid, struct arena *arena, const char **jid_out);

/* ---- digests: events that wait to be sent to one subscription together ---- */

/* Adds an event, as text, behind those that wait already. */
MUST_CHECK enum pubsub_error store_digest_put(struct store_txn *txn, struct pubsub_node *node,
	const struct pubsub_subscription *subscription, const char *body, size_t len);

/* Those that wait, in their order, behind a place (0: from the start), and at most so many bytes of
 * them, but one at least. In the arena. */
struct store_digest_range {
	uint64_t after;
	size_t bytes;
};
struct store_digest {
	struct pubsub_texts bodies;
	uint64_t last; /* the place of the last one */
};
MUST_CHECK enum pubsub_error store_digest_page(struct store_txn *txn,
	const struct pubsub_node *node, const struct pubsub_subscription *subscription,
	const struct store_digest_range *range, struct arena *arena, struct store_digest *out);

/* Deletes those up to that place. */
MUST_CHECK enum pubsub_error store_digest_del(struct store_txn *txn, const struct pubsub_node *node,
	const struct pubsub_subscription *subscription, uint64_t last);

/* ---- publishers with whom items go (purge_offline) ---- */

/* Notes that items of the node are to go with their publisher; or that they are no more. */
MUST_CHECK enum pubsub_error store_publisher_put(
	struct store_txn *txn, const struct pubsub_node *node, const char *bare);
MUST_CHECK enum pubsub_error store_publisher_del(
	struct store_txn *txn, const struct pubsub_node *node, const char *bare);

/* The nodes of which that was noted, at most so many, with no more than their service, node_id, sid
 * and no; node_id NULL: it has been deleted, and service says nothing. In the arena. */
MUST_CHECK enum pubsub_error store_publisher_nodes(struct store_txn *txn, const char *bare,
	size_t most, struct arena *arena, struct pubsub_node **out, size_t *n_out);

/* ---- expiry ---- */

/* Nodes whose oldest item may be due at now_us, the earliest first; in the arena. The caller
 * deletes items of it that are, then renews. */
MUST_CHECK enum pubsub_error store_nodes_due(struct store_txn *txn, uint64_t now_us, size_t limit,
	struct arena *arena, struct pubsub_node **out, size_t *n_out);

/* Subscriptions whose due_us is at or before now_us, the earliest first, with their node_id. In the
 * arena. The caller puts them with another due_us, or deletes them. */
MUST_CHECK enum pubsub_error store_subscriptions_due(struct store_txn *txn, uint64_t now_us,
	size_t limit, struct arena *arena, struct store_entity_subscription **out, size_t *n_out);

/* The node is due when its oldest item is. */
MUST_CHECK enum pubsub_error store_node_due_renew(struct store_txn *txn, struct pubsub_node *node);

/* ---- jobs: work that goes on after a restart ---- */

#define STORE_JOB_ASIDE 1000

struct store_job {
	uint64_t id;   /* 0: a new one; set by put. Order of making */
	unsigned kind; /* the router's */
	const char *service;
	const char *node_id;
	const char *data; /* what the job needs to go on alone, e.g. the rendered event */
	size_t data_len;
	const char *cursor; /* text: where it stands; "" at the start */
	unsigned starts;    /* without progress; STORE_JOB_ASIDE: it was given up */
	uint64_t seq;       /* the event's: only subscriptions with since_seq below it */
};

/* data is written only when it differs from what is kept. */
MUST_CHECK enum pubsub_error store_job_put(struct store_txn *txn, struct store_job *job);
MUST_CHECK enum pubsub_error store_job_del(struct store_txn *txn, uint64_t id);

/* Jobs in the order of their ids, all of them in the arena. */
MUST_CHECK enum pubsub_error store_jobs_page(struct store_txn *txn, uint64_t after_id, size_t limit,
	struct arena *arena, struct store_job **out, size_t *n_out);

#endif
