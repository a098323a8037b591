/* router.h - from a stanza to its answer: limits, delegations unwrapped, the row in routes.c, one
 * transaction a turn, requests that wait for a roster, questions of our own.
 * Floor 5. Knows neither sockets nor LMDB nor expat: it is handed stanzas, a store and a way to
 * send. */
#ifndef PEPPY_ROUTER_H
#define PEPPY_ROUTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "peppy/buf.h"
#include "peppy/pubsub.h"
#include "peppy/service.h"
#include "peppy/store.h"
#include "peppy/xml.h"

struct codec_schemas;
struct pep;
struct router;
struct top;

struct router_component {
	const char *jid;                     /* prepared */
	struct pubsub_texts domains, admins; /* prepared */
	enum service_creators create_nodes;
	bool multi_subscribe;
	bool root_collection;
	enum service_conceal conceal_nodes;
	struct pubsub_texts reserved; /* as in struct service_profile */
	bool subscribe_anyone;
};

/* How much an entity, and a domain that is not local, may do in the long run; for a moment ten
 * times that. 0: no limit. */
struct router_rates {
	uint32_t requests, domain_requests;         /* a second */
	uint32_t publishes, domain_publishes;       /* items a second */
	uint32_t invitations;                       /* an hour, of others to nodes */
	uint32_t applications, domain_applications; /* an hour, for which owners are asked */
	/* A second, of what who comes online or goes offline has looked up; the rest later. */
	uint32_t presence_lookups, domain_presence_lookups;
};

/* Copied by router_create, but for components and texts, which must outlive the router. */
struct router_options {
	const struct router_component *components;
	size_t component_count;
	size_t max_outgoing_bytes; /* of a stanza */
	uint32_t max_items;
	uint32_t max_payload_bytes;
	uint32_t max_form_fields, max_form_values; /* of a request; 0: no limit */
	struct service_limits limits;
	struct router_rates rates;
	size_t max_domain_output; /* bytes that wait for a domain that is not local; 0: no limit */
	struct pubsub_texts blocked;         /* bare JIDs and domains that are not served; copied */
	const struct codec_schemas *schemas; /* that payloads have to be valid by; NULL: none */
	size_t fanout_max; /* recipients of an event that leave with their turn; 0: 1 000 */
	struct pubsub_node_config node_defaults, pep_defaults;
	void *ctx;
	/* Sends whole stanzas by a component's link; what is committed only. keep: notifications,
	 * which a lost link, or one that is down, sends when it is up; else they go with it. */
	void (*send)(void *ctx, size_t component, const char *bytes, size_t len, bool keep);
	/* Bytes handed to the link so far, and those of them that have reached the server's host;
	 * what lies between them when a link is lost is counted no more, but what is kept counts
	 * anew. */
	uint64_t (*sent)(void *ctx, size_t component);
	uint64_t (*taken)(void *ctx, size_t component);
	/* A request to change something, or one that was refused, when that is a fact. May be
	 * NULL. */
	void (*on_activity)(void *ctx, const struct pubsub_activity *activity);
	/* The store is lost for good (EIO): the process has to end. */
	void (*fatal)(void *ctx);
};

/* The stanzas of one turn. */
struct router_source {
	void *ctx;
	bool (*next)(void *ctx, struct xml_stanza *out);
};

/* store is the caller's and outlives the router. NULL: the store cannot be read. */
struct router *router_create(struct store *store, const struct router_options *opt);
void router_destroy(struct router *router); /* takes NULL */

/* Writes what would go along with the next turn: before a planned end. */
void router_flush(struct router *router);

/* New options with the same components, in the same order, of the same domains: takes effect with
 * the next turn. What the old ones pointed to may go. */
void router_configure(struct router *router, const struct router_options *opt);

void router_link_up(struct router *router, size_t component);
void router_link_down(struct router *router, size_t component);

/* Runs the stanzas of a turn: answers and notifications are handed to send when their transaction
 * has reached the disk. May leave stanzas in the source: call again. */
void router_turn(struct router *router, size_t component, const struct router_source *source);

/* What is done between turns: fan-outs, expiries and erasures, in a slice of a few ms. */
enum router_work {
	ROUTER_IDLE, /* nothing to do before the next turn or tick */
	ROUTER_WAIT, /* for the link to take more: call again in some ms */
	ROUTER_BUSY  /* call again at once, when whoever waits has had a turn */
};
enum router_work router_work(struct router *router);

/* What an operator asks for, run with the rules of a service: a component's, or that of an account
 * of a component's domains, named by its bare JID. */
typedef enum pubsub_error (*router_call_fn)(void *ctx, struct service *service);
struct router_call {
	const char *service;
	const char *as; /* bare JID: an admin of the service for this call */
	enum store_mode mode;
	router_call_fn run;
	void *ctx;
};

/* Runs it in a turn of its own: what it appends to service->events is sent when its transaction has
 * reached the disk. If the transaction fails it is run once more, from the start. Returns what it
 * returned, or the store's error. PUBSUB_ERR_SERVICE_UNAVAILABLE: no such service here. */
MUST_CHECK enum pubsub_error router_call(struct router *router, const struct router_call *call);

/* Erases what is kept about somebody, as a job in the store: the nodes of the account, its
 * contacts, what it has at other nodes. In slices between turns, gone on with after a crash. */
MUST_CHECK enum pubsub_error router_account_erase(struct router *router, const char *bare);

/* How far that has got; more false: it is over. */
struct service_erased router_account_erased(const struct router *router, const char *bare);

/* Has the contact list of an account asked for anew. false: it cannot be had now. */
bool router_contacts_renew(struct router *router, const char *account);

/* What is known of delegations, privileges and who is online; good as long as the router. */
const struct pep *router_pep(const struct router *router);

/* "service\nNodeID" by the us that requests and fan-outs took, and bare JIDs by requests: who has
 * been busiest lately. */
struct router_tops {
	const struct top *nodes, *senders;
};
struct router_tops router_tops(const struct router *router);

/* What it has done so far, as OpenMetrics. */
void router_metrics(const struct router *router, struct buf *out);

/* Once a second: expiries, deadlines, what is to be written with no turn to carry it. */
void router_tick(struct router *router);

#endif
