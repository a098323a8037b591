/* rig.h - a pep on a store in memory, with a server that only records what it is asked. */
#ifndef TESTS_PEP_RIG_H
#define TESTS_PEP_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "peppy/pep.h"
#include "peppy/store_contacts.h"

#define SECOND UINT64_C(1000000)
#define MINUTE (60 * SECOND)

struct question {
	size_t component;
	char *to, *payload, *key;
	pep_answer_fn answer;
	bool answered;
};

struct rig {
	struct store *store;
	struct pep *pep;
	struct arena *arena; /* of the test */
	struct store_txn *txn;
	enum store_mode mode;
	struct pep_turn turn;
	const char *busy; /* a bare JID for which nothing is looked up; NULL: none */
	bool twice; /* every turn is run, aborted and run again, as after a failure of the store */
	struct question questions[256];
	size_t question_count;
};

/* Component 0 is pubsub.localhost with the domain localhost, 1 pubsub.b.example with b.example;
 * the links are up. cmocka's setup and teardown. */
int rig_setup(void **state);
int rig_setup_twice(void **state);
int rig_teardown(void **state);

/* Two tests of one function: as it is, and with every turn run again. */
#define RIG_TEST(name)                                                                             \
	cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown),                            \
	{                                                                                          \
#name "_in_turns_run_again", name, rig_setup_twice, rig_teardown, NULL             \
	}

/* The same store, after kill -9. Links are down. */
void rig_restart(struct rig *rig);
void rig_up(struct rig *rig, size_t component);
void rig_flush(struct rig *rig); /* as the router does when it is time */
void rig_flush_fails(struct rig *rig);

/* A stanza comes in on a link. */
void rig_feed(struct rig *rig, size_t component, const char *xml);
bool rig_push(struct rig *rig, size_t component, const char *xml); /* a roster push; believed? */
void rig_tick(struct rig *rig);
void rig_grant(struct rig *rig); /* localhost delegates its accounts, grants messages and rosters */

/* The last question to this JID that has no answer yet; fails the test if there is none. */
struct question *rig_question(struct rig *rig, const char *to);
size_t rig_open(const struct rig *rig, const char *to); /* how many have none */

/* Answers it: xml is the whole <iq/>, NULL an error. */
void rig_answer(struct rig *rig, const char *to, const char *xml);

/* A roster with these contacts: jid, subscription, group, ..., NULL. */
void rig_answer_roster(struct rig *rig, const char *account, ...);

/* Asks by contacts of their own. */
enum contacts_answer rig_subscribed(struct rig *rig, const char *account, const char *contact);
enum contacts_answer rig_in_group(
	struct rig *rig, const char *account, const char *contact, const char *group);
const char *rig_fetch(struct rig *rig); /* the account; NULL: none */

/* Full JIDs that are interested, sorted, by spaces; "?" behind them: UNKNOWN. */
const char *rig_interested(struct rig *rig, const char *account, const char *node_id);

/* The same where it does not matter whether there may be others. */
const char *rig_interested_now(struct rig *rig, const char *account, const char *node_id);
bool rig_available(struct rig *rig, const char *jid);
bool rig_shows(struct rig *rig, const char *jid, const char *state);

/* All arrivals, one a line: JID[ first][ to ACCOUNT]: NodeIDs; accounts. */
const char *rig_arrivals(struct rig *rig);

/* Presences of the store as text. */
const char *rig_stored(struct rig *rig);

#endif
