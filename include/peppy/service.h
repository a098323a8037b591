/* service.h - the rules of XEP-0060: one pubsub service, be it a component's or an account's.
 * Floor 3. Knows no XML, no LMDB, no socket and no clock. Every function checks first and writes
 * then: after its first write only the store itself can fail. */
#ifndef PEPPY_SERVICE_H
#define PEPPY_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "peppy/arena.h"
#include "peppy/contacts.h"
#include "peppy/error.h"
#include "peppy/pubsub.h"
#include "peppy/store.h"

enum service_creators { SERVICE_CREATE_ANYONE, SERVICE_CREATE_LOCAL, SERVICE_CREATE_ADMINS };

/* From whom a node that he may neither read nor subscribe to is concealed: to every request it
 * answers as if it were not there. Strangers are those who are no contacts of the account. */
enum service_conceal { SERVICE_CONCEAL_OFF, SERVICE_CONCEAL_STRANGERS, SERVICE_CONCEAL_ALL };

/* Beside what XEP-0060 lets owners set. They do not bind admins; 0: no limit. */
struct service_limits {
	uint32_t node_id_bytes, item_id_bytes;
	uint32_t publish_items;     /* in one request */
	uint64_t node_bytes;        /* of a node's items; the oldest go, as above max_items */
	uint32_t affiliations;      /* of a node */
	uint32_t subscriptions;     /* likewise */
	uint32_t jid_subscriptions; /* of a bare JID at a service */
	uint32_t owner_nodes;       /* that it owns there, where it is no account's */
};

/* What makes one service different from another. Owned by the caller, constant. */
struct service_profile {
	/* Configuration of a node that is created without one; per well-known NodeID if it
	 * likes. */
	void (*defaults)(const void *ctx, const char *node_id, struct pubsub_node_config *out);
	const void *ctx;
	enum service_creators create_nodes; /* beside admins */
	struct pubsub_texts domains;        /* local ones, for SERVICE_CREATE_LOCAL */
	struct pubsub_texts admins;         /* bare JIDs: may do everything, no limit binds them */
	bool account;     /* the service's own JID owns every node and is the only creator */
	bool auto_create; /* publishing to a missing node creates it (7.1.4) */
	bool collections; /* there may be collections (XEP-0248), */
	bool root;        /* and one may subscribe to the service itself as one */
	bool implicit;    /* contacts->interested() are subscribers (9.1, XEP-0163) */
	enum service_conceal conceal;
	/* Bare JIDs and domains, of which subdomains are part, that may nothing and hear nothing;
	 * sorted as by strcmp. */
	struct pubsub_texts blocked;
	/* NodeIDs that only admins create: '*' stands for any text, "{jid}" for the bare JID of him
	 * who may do so as well. */
	struct pubsub_texts reserved;
	bool subscribe_anyone; /* owners subscribe whom they like, not local entities alone */
	struct service_limits limits;
	bool multi_subscribe; /* several subscriptions of one JID, with SubIDs */
	uint32_t max_items;   /* what "max" means */
	uint32_t max_payload_bytes;
	size_t answer_bytes; /* of one stanza that leaves */
	size_t fanout_max;   /* recipients that an event names itself; above it is deferred */
	size_t fanout_bytes; /* likewise, of all that a request tells them */

	/* Is this payload valid? false: *why_out says why not, in the arena, or is NULL. NULL:
	 * nobody looks at payloads, nor whether they are of the node's type. */
	bool (*accepts)(const void *ctx, const struct pubsub_item *item, struct arena *arena,
		const char **why_out);
	const void *accepts_ctx;
};

/* The surroundings of one request. events is where it appends, in order; they are facts only when
 * the transaction has been committed. */
struct service {
	struct store_txn *txn;
	const struct service_profile *profile;
	const struct contacts *contacts;
	struct arena *arena; /* lives until the answer and the events are rendered */
	uint64_t now_us;     /* wall clock */
	bool expired;        /* rosters are waited for no longer: whom an event can only reach with
			      * one is left out */
	struct pubsub_event *events;
	struct pubsub_event **events_end;
	size_t looked_up; /* nodes and items, for somebody who came or went */
	size_t told_bytes; /* to all, about: what comes when that is above fanout_bytes is deferred */

	/* Do earlier events of this node still go out? Then its next ones are deferred, to come
	 * behind them. NULL: never. */
	bool (*busy)(void *ctx, const char *service, const char *node_id);
	void *busy_ctx;

	/* May that entity have n others told what it has made of them? Asked before anything is
	 * written; counts if so. false: *detail_out says how much is too much. NULL: it may. */
	bool (*invite)(void *ctx, struct jid from, size_t n, const char **detail_out);
	/* Likewise, may it have owners asked to let it subscribe? */
	bool (*apply)(void *ctx, struct jid from, const char **detail_out);
	void *invite_ctx; /* of both */
};

/* Is somebody in profile->blocked, and no admin? */
bool service_is_blocked(const struct service_profile *profile, const char *bare);

typedef enum pubsub_error (*service_fn)(struct service *service,
	const struct pubsub_request *request, struct pubsub_answer *answer);

/* Each is one verb; *answer is zeroed by the caller; on an error its detail may be set and, but for
 * PUBSUB_ERR_ENTRIES_FAILED and the store's own errors, nothing was written. Any of them may return
 * PUBSUB_ERR_NEED_ROSTER, before it has written anything. */
#define SERVICE_FN(verb)                                                                           \
	MUST_CHECK enum pubsub_error service_##verb(struct service *service,                       \
		const struct pubsub_request *request, struct pubsub_answer *answer)

SERVICE_FN(node_create);        /* 8.1 */
SERVICE_FN(node_configuration); /* 8.2.1: the present one */
SERVICE_FN(node_configure);     /* 8.2.2 */
SERVICE_FN(node_default);       /* 8.3 */
SERVICE_FN(node_delete);        /* 8.4 */
SERVICE_FN(node_purge);         /* 8.5 */
SERVICE_FN(associate);          /* XEP-0248 7.5, 7.6 */
SERVICE_FN(item_publish);       /* 7.1 */
SERVICE_FN(item_retract);       /* 7.2 */
SERVICE_FN(items_retrieve);     /* 6.5 */
SERVICE_FN(subscribe);          /* 6.1 */
SERVICE_FN(unsubscribe);        /* 6.2 */
SERVICE_FN(options);            /* 6.3.2 */
SERVICE_FN(options_set);        /* 6.3.5 */
SERVICE_FN(options_default);    /* 6.4 */
SERVICE_FN(subscriptions);      /* 5.6 */
SERVICE_FN(affiliations);       /* 5.7 */
SERVICE_FN(own_nodes);          /* of which the requester is an owner by name; UIDs are nodes' no;
				  * no count but for max 0 */
SERVICE_FN(authorize);          /* 8.6: an owner's answer to PUBSUB_EVENT_AUTHORIZE */
/* 8.7: get-pending. options_state NONE: the nodes that have requests; SUBMIT: those of node_id are
 * sent again; CANCEL: nothing */
SERVICE_FN(pending);
SERVICE_FN(owner_subscriptions);     /* 8.8.1 */
SERVICE_FN(owner_subscriptions_set); /* 8.8.2 */
SERVICE_FN(owner_affiliations);      /* 8.9.1 */
SERVICE_FN(owner_affiliations_set);  /* 8.9.2 */
SERVICE_FN(disco_info);              /* 5.3, 5.4: of a node; answer->node, answer->affiliates */
SERVICE_FN(disco_items);             /* 5.2, 5.5: nodes of the service, or items of a node */

/* A verb was refused with err: with what it is to be refused instead where err would tell of a node
 * that is hidden from the requester. Reads, at most. */
MUST_CHECK enum pubsub_error service_conceal(
	struct service *service, const struct pubsub_request *request, enum pubsub_error err);

/* Whether somebody is an admin, who may do everything. */
bool service_is_admin(const struct service_profile *profile, const char *bare);

/* Last items (9.1.2, 6.1.7) for a full JID that came online or became interested: appends events
 * with last set, to that JID. notify: the NodeIDs it wants; NULL: it has announced nothing.
 * At a component: of nodes it is subscribed to; where it announced interests, of those alone.
 * At an account: of the wanted nodes that it may read.
 * since_us not 0: instead of the last item all that were published since then (XEP-0312), of nodes
 * with presence-based delivery too.
 * hears_us not 0: what was published later has reached it as an event. */
struct service_arrival {
	const char *service;
	struct jid jid;
	const struct pubsub_texts *notify;
	uint64_t since_us;
	uint64_t hears_us;
};
MUST_CHECK enum pubsub_error service_last_items(
	struct service *service, const struct service_arrival *arrival);

/* What somebody has at a service. */
struct service_erasure {
	const char *service;
	const char *bare; /* whose */
	bool nodes;       /* also those that nobody else owns; else they stay, without an owner */
	size_t at_once;   /* of each kind; 0: as much as others hardly notice */
};
struct service_erased {
	uint64_t nodes, subscriptions, affiliations;
	bool more; /* this was as much as is done at once */
};

/* Ends it as by his own doing: nodes are deleted, subscriptions and affiliations end, but outcasts
 * stay outcasts. At its own account all nodes are deleted, and the contact list is forgotten. As
 * long as there is more it is to be called again. */
MUST_CHECK enum pubsub_error service_erase(
	struct service *service, const struct service_erasure *what, struct service_erased *out);

/* Services by their JIDs, for what concerns many of them. */
typedef const struct service_profile *(*service_profile_fn)(void *ctx, const char *service_jid);
struct service_profiles {
	service_profile_fn of;
	void *ctx;
};

/* Somebody has gone offline: a full JID, or the bare one if none of its resources is online any
 * more. His temporary subscriptions end (12.5), and his items go where the node says so
 * (purge_offline), at whatever service. has_ties says whether there is anything to do; it only
 * reads. Nobody can wait here: service->expired is to be set. */
MUST_CHECK enum pubsub_error service_has_ties(struct service *service, struct jid jid, bool *out);
MUST_CHECK enum pubsub_error service_departed(
	struct service *service, const struct service_profiles *profiles, struct jid jid);

/* What is sent to somebody comes back for good: his subscriptions at a service end, at a full JID
 * those of that JID alone. */
MUST_CHECK enum pubsub_error service_bounced(
	struct service *service, const char *service_jid, struct jid jid);

/* A page of the recipients of a deferred event, judged as things stand now. */
struct service_fanout {
	const struct pubsub_event *event; /* kind, service, node_id, sid, no, seq */
	const char *after;                /* where the page before ended; "": this is the first */
	size_t limit;
};

/* Sets recipients and digests of *event, a copy of the one asked about; *after_out in the service's
 * arena; NULL: there are no more. PUBSUB_ERR_NEED_ROSTER. */
MUST_CHECK enum pubsub_error service_fanout_page(struct service *service,
	const struct service_fanout *fanout, struct pubsub_event *event, const char **after_out);

/* Keeps an event, rendered, for those subscriptions that collect it. */
MUST_CHECK enum pubsub_error service_digest_collect(
	struct service *service, const struct pubsub_event *event, const char *body, size_t len);

/* Deletes items that are due, with retract events where the node says so; up to limit. Nobody can
 * wait here either. */
MUST_CHECK enum pubsub_error service_items_expire(struct service *service,
	const struct service_profiles *profiles, size_t limit, bool *more_out);

/* Subscriptions that are due: leases end, or will soon (12.19), and digests are sent; up to limit
 * of them. PUBSUB_ERR_NEED_ROSTER: a digest waits for it; what came before that one has been done. */
MUST_CHECK enum pubsub_error service_subscriptions_due(struct service *service,
	const struct service_profiles *profiles, size_t limit, bool *more_out);

/* Why somebody is notified of what is published at a node, or is not, as things stand now. */
enum service_finding {
	SERVICE_SUBSCRIBED,       /* these three are why he hears */
	SERVICE_SUBSCRIBED_ABOVE, /* to a collection that it is in */
	SERVICE_INTERESTED,
	SERVICE_SILENT, /* the node tells nobody anything */
	SERVICE_ADMITTED,
	SERVICE_BLOCKED, /* the access model and affiliations exclude him */
	SERVICE_NO_PRESENCE,
	SERVICE_NOT_IN_GROUP,
	SERVICE_UNAPPROVED, /* owners approve: a subscription is enough */
	SERVICE_UNLISTED,
	SERVICE_ROSTER_UNKNOWN, /* the contact list is not at hand */
	SERVICE_NO_SUBSCRIPTION,
	SERVICE_PENDING,
	SERVICE_LEASE_OVER,
	SERVICE_DELIVER_OFF,
	SERVICE_TOO_LATE, /* subscribed after the item was published */
	SERVICE_OFFLINE,
	SERVICE_NO_PAYLOADS, /* nobody hears unasked of a node without payloads */
	SERVICE_NOT_INTERESTED,
	SERVICE_ABOVE_OTHERWISE, /* a subscription to a collection is not about it */
	SERVICE_ABOVE_BLOCKED,   /* the collection admits him no more */
	SERVICE_FINDING_COUNT
};

struct service_explanation {
	bool hears;
	unsigned findings;                   /* 1 << enum service_finding each */
	enum pubsub_affiliation affiliation; /* the one that counts */
};

/* jid full or bare; item NULL: of one that would be published now. Reads only. */
MUST_CHECK enum pubsub_error service_explain(struct service *service,
	const struct pubsub_node *node, struct jid jid, const struct pubsub_item *item,
	struct service_explanation *out);

#endif
