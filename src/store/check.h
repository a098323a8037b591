/* check.h - what the files of the check share: check.c has the contract and all trees but N, which
 * is that of check_nodes.c.
 * Private to src/store. */
#ifndef STORE_CHECK_H
#define STORE_CHECK_H

#include "peppy/store_upkeep.h"
#include "store/node.h"
#include "store/service.h"
#include "store/txn.h"

/* The service whose rows are being walked over. */
struct check_service {
	uint32_t sid; /* 0: none yet */
	struct service_record record;
	uint64_t names; /* of nodes that live */
};

/* The node likewise; what was counted is compared with its stat behind its last row. */
struct check_node {
	struct pubsub_node node; /* no 0: none */
	bool lives;
	bool doomed; /* store_erase has a job for it */
	bool has_config;
	struct node_stat stat;
	uint64_t items, bytes, subscribers, pending, parents, children;
	uint64_t published_us; /* of the oldest item */
	uint32_t item_expire_s;
};

struct check {
	struct store_txn *txn;
	const struct store_check *report;
	struct store_checked found;
	enum pubsub_error err; /* of the engine: the check ends */
	struct arena *arena;   /* of one row */
	bool newer;            /* a newer minor version may have written what we do not know */
	uint64_t rows_expected, last_sid, last_job, caps, caps_expected;
	enum tree tree;
	struct row row;
	struct check_service service;
	struct check_node node;
};

void check_fault(struct check *check, const char *format, ...) PRINTF_LIKE(2, 3);
void check_fault_at(struct check *check, enum tree tree, struct bytes key, const char *what);
void check_unknown(struct check *check); /* a row of no kind that we know */

/* NULL data: there is none, or the engine has failed. */
struct bytes check_find(struct check *check, enum tree tree, const struct key *key);
bool check_has(struct check *check, enum tree tree, const struct key *key);

/* Is that the text whose part stands in the key? */
bool check_is_part(struct bytes raw, const char *text);

void check_node_row(struct check *check);  /* check->row of tree N */
void check_nodes_end(struct check *check); /* behind its last one */

#endif
