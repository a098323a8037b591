/* world.h - a pubsub service for tests: store in memory, contacts as the test says, requests by
 * texts, and events as text. The cast: hamlet owns what he creates. */
#ifndef TESTS_SERVICE_WORLD_H
#define TESTS_SERVICE_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "peppy/service.h"

#define HOST "pubsub.denmark.lit"
#define HAMLET "hamlet@denmark.lit"
#define OPHELIA "ophelia@denmark.lit"
#define HORATIO "horatio@denmark.lit"
#define YORICK "yorick@denmark.lit"
#define ROMEO "romeo@verona.lit" /* of another domain */
#define ADMIN "admin@denmark.lit"

#define WORLD_CONTACTS 16

struct world_contact {
	const char *jid;
	const char *group; /* NULL: none */
	bool subscribed;
};

struct world {
	struct store *store;
	struct arena *arena;
	struct service service;
	struct service_profile profile;
	struct contacts contacts;
	struct pubsub_node_config defaults;
	const char *jid;             /* of the service */
	struct pubsub_answer answer; /* to the last request */

	/* the contact list of whoever is asked for */
	bool no_lists; /* no contact list can be had */
	bool roster_unknown;
	struct world_contact roster[WORLD_CONTACTS];
	size_t roster_n;
	const char *interested[WORLD_CONTACTS]; /* full JIDs, whatever the node */
	size_t interested_n;
	uint64_t interested_us;
	const char *available[WORLD_CONTACTS]; /* JIDs as they are asked for */
	size_t available_n;
	const char *show; /* the state of all of them */
};

/* cmocka's setup and teardown. account: hamlet's own service. */
int world_setup(void **state);
int world_setup_account(void **state);
int world_teardown(void **state);
#define WORLD_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
#define ACCOUNT_TEST(name)                                                                         \
	cmocka_unit_test_setup_teardown(name, world_setup_account, world_teardown)

/* A request from somebody's client about a node. */
struct pubsub_request world_request(struct world *w, const char *from, const char *node_id);

/* The same about a JID. */
struct pubsub_request world_request_jid(
	struct world *w, const char *from, const char *node_id, const char *jid);

/* Sets a field of the configuration, of the publish-options, of the subscription options. */
void world_config(struct world *w, struct pubsub_request *r, const char *var, const char *value);
void world_precondition(
	struct world *w, struct pubsub_request *r, const char *var, const char *value);
void world_option(struct world *w, struct pubsub_request *r, const char *var, const char *value);

/* Runs it with no events from before; the answer is in w->answer. */
enum pubsub_error world_run(struct world *w, service_fn fn, const struct pubsub_request *r);

/* What tests need all the time; each asserts that it succeeds. */
void world_create(struct world *w, const char *node_id, const char *var, const char *value);
void world_configure(struct world *w, const char *node_id, const char *var, const char *value);
void world_subscribe(struct world *w, const char *node_id, const char *jid);
void world_affiliate(
	struct world *w, const char *node_id, const char *jid, enum pubsub_affiliation affiliation);
void world_publish(struct world *w, const char *node_id, const char *ids);

/* Requests with items: ids separated by spaces, "-" for none; each with the payload, unless that is
 * NULL. */
struct pubsub_request world_items(struct world *w, const char *from, const char *node_id,
	const char *ids, const char *payload);

/* The events of the last request, a line each:
 *   KIND NODE [ID[=PAYLOAD][@PUBLISHER]] [last] [JID:STATE] [replyto JID] [redirect URI] [config]
 *       [BODY ...] [(N collect it)]
 *   > JID[*][#] ...        *: may see the publisher; #: one for each SubID */
const char *world_events(struct world *w);
#define assert_events(w, text) assert_string_equal(world_events(w), text)

/* The ids of the answer's items, separated by spaces. */
const char *world_ids(struct world *w);

/* The entries of the answer, "JID:STATE", separated by spaces; the same with their nodes. */
const char *world_subscriptions(struct world *w);
const char *world_affiliations(struct world *w);

struct pubsub_node *world_node(struct world *w, const char *node_id);
struct jid world_jid(struct world *w, const char *text);

#endif
