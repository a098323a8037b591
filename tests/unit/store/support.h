/* support.h - what the tests of the store share: a store of any engine, and short words for what
 * they do with it all the time. */
#ifndef TESTS_STORE_SUPPORT_H
#define TESTS_STORE_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cmocka.h>

#include "peppy/store_contacts.h"
#include "peppy/store_upkeep.h"

#define SERVICE "pubsub.denmark.lit"
#define ACCOUNT "hamlet@denmark.lit"
#define MAP_BYTES ((uint64_t)1 << 30)

struct fixture {
	struct store *store;
	struct store_txn *txn; /* NULL: none open */
	struct arena *arena;
	char folder[64]; /* "": in memory */
};

#define ok(call) assert_int_equal((call), PUBSUB_OK)

void folder_make(char folder[64]);
void folder_remove(const char *folder);

void fixture_open_mem(struct fixture *f);
void fixture_open_lmdb(struct fixture *f);
void fixture_open_fail(struct fixture *f); /* not armed */
void fixture_reopen(struct fixture *f);    /* lmdb */
void fixture_close(struct fixture *f);

void writing(struct fixture *f); /* ends what is open by a commit, begins anew */
void reading(struct fixture *f);
void aborting(struct fixture *f);
char *dump(struct fixture *f); /* in the transaction that is open, or one of its own */

struct pubsub_node *make_node(struct fixture *f, const char *service, const char *node_id);
struct pubsub_node *get_node(struct fixture *f, const char *service, const char *node_id);
void erase_all(struct fixture *f);
void assert_whole(struct fixture *f); /* store_check finds no problem; ends what is open */

/* Publishes an item with a payload "<ID/>"; returns its seq. */
uint64_t publish(struct fixture *f, struct pubsub_node *node, const char *id, uint64_t at_us);

/* From now on items of the node expire after so many seconds. */
void expire_after(struct fixture *f, struct pubsub_node *node, uint32_t seconds);

/* The ids of a page, separated by blanks; in the arena. */
const char *ids(struct fixture *f, const struct pubsub_node *node, struct store_item_range range);
#define all_ids(f, node) ids(f, node, (struct store_item_range){.limit = SIZE_MAX})

struct jid jid_of(struct fixture *f, const char *text);
void subscribe(struct fixture *f, struct pubsub_node *node, const char *jid, const char *sub_id,
	enum pubsub_subscription_state state);

/* A text of len bytes: head, then as many fill. In the arena. */
char *text_of(struct fixture *f, const char *head, char fill, size_t len);

/* Sets every member to something that is not its default, and not empty. */
void fill_fields(struct fixture *f, const struct pubsub_form_type *type, void *members);

/* A process that holds a transaction of the store open until it is killed, or its parent ends. */
pid_t start_reader(const char *folder);
void kill_reader(pid_t pid);

/* ---- the suite: what every engine has to do ---- */

struct suite {
	const struct CMUnitTest *tests;
	size_t n;
};
extern const struct suite suite_nodes, suite_items, suite_expiry, suite_publishers,
	suite_collections, suite_digests, suite_subscriptions, suite_affiliations, suite_contacts,
	suite_jobs, suite_transactions;

/* state is a struct fixture of its own for each test. */
int suite_run(const char *engine, void (*open)(struct fixture *f));

#endif
