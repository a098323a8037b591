/* pubsub.h - the words and values of XEP-0060: what a node, an item, a subscription is.
 * Floor 1. Knows neither XML nor storage. Everything here is a plain value; its texts and arrays
 * live in an arena or in the store, as whoever fills it says. */
#ifndef PEPPY_PUBSUB_H
#define PEPPY_PUBSUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "peppy/arena.h"
#include "peppy/attributes.h"
#include "peppy/error.h"
#include "peppy/jid.h"

#define PUBSUB_MAX UINT32_MAX             /* the word "max": no limit but the service's own */
#define PUBSUB_EXPIRE_PRESENCE UINT64_MAX /* the word "presence": 12.5 */

/* ---- words ---- */

enum pubsub_affiliation { /* 4.1 */
	PUBSUB_AFFILIATION_NONE,
	PUBSUB_AFFILIATION_OUTCAST,
	PUBSUB_AFFILIATION_MEMBER,
	PUBSUB_AFFILIATION_PUBLISH_ONLY,
	PUBSUB_AFFILIATION_PUBLISHER,
	PUBSUB_AFFILIATION_OWNER,
	PUBSUB_AFFILIATION_COUNT
};

enum pubsub_subscription_state { /* 4.2 */
	PUBSUB_SUBSCRIPTION_NONE,
	PUBSUB_SUBSCRIPTION_PENDING,
	PUBSUB_SUBSCRIPTION_UNCONFIGURED,
	PUBSUB_SUBSCRIPTION_SUBSCRIBED,
	PUBSUB_SUBSCRIPTION_COUNT
};

enum pubsub_access_model { /* 4.5 */
	PUBSUB_ACCESS_OPEN,
	PUBSUB_ACCESS_PRESENCE,
	PUBSUB_ACCESS_ROSTER,
	PUBSUB_ACCESS_AUTHORIZE,
	PUBSUB_ACCESS_WHITELIST,
	PUBSUB_ACCESS_COUNT
};

enum pubsub_publish_model {
	PUBSUB_PUBLISH_PUBLISHERS,
	PUBSUB_PUBLISH_SUBSCRIBERS,
	PUBSUB_PUBLISH_OPEN,
	PUBSUB_PUBLISH_COUNT
};

enum pubsub_send_last {
	PUBSUB_SEND_LAST_NEVER,
	PUBSUB_SEND_LAST_ON_SUB,
	PUBSUB_SEND_LAST_ON_SUB_AND_PRESENCE,
	PUBSUB_SEND_LAST_COUNT
};

enum pubsub_node_type { PUBSUB_NODE_LEAF, PUBSUB_NODE_COLLECTION, PUBSUB_NODE_TYPE_COUNT };

enum pubsub_notification_type {
	PUBSUB_NOTIFICATION_NORMAL,
	PUBSUB_NOTIFICATION_HEADLINE,
	PUBSUB_NOTIFICATION_COUNT
};

enum pubsub_itemreply {
	PUBSUB_ITEMREPLY_OWNER,
	PUBSUB_ITEMREPLY_PUBLISHER,
	PUBSUB_ITEMREPLY_NONE, /* 12.17: not in the registry, but deployed */
	PUBSUB_ITEMREPLY_COUNT
};

enum pubsub_node_full { /* publish_node_full */
	PUBSUB_NODE_FULL_RETRACT_OLDEST,
	PUBSUB_NODE_FULL_DISCARD_OLDEST,
	PUBSUB_NODE_FULL_REJECT,
	PUBSUB_NODE_FULL_COUNT
};

enum pubsub_association { /* XEP-0248: children_association_policy */
	PUBSUB_ASSOCIATION_ALL,
	PUBSUB_ASSOCIATION_OWNERS,
	PUBSUB_ASSOCIATION_WHITELIST,
	PUBSUB_ASSOCIATION_COUNT
};

enum pubsub_subscription_type { /* XEP-0248 */
	PUBSUB_SUBSCRIPTION_TYPE_ITEMS,
	PUBSUB_SUBSCRIPTION_TYPE_NODES,
	PUBSUB_SUBSCRIPTION_TYPE_ALL,
	PUBSUB_SUBSCRIPTION_TYPE_COUNT
};

/* The words of an enum as they stand on the wire: v[enumerator]. */
struct pubsub_words {
	const char *const *v;
	const char *const *labels; /* one for each word, for forms */
	size_t n;
};
extern const struct pubsub_words pubsub_affiliation_words;
extern const struct pubsub_words pubsub_subscription_state_words;
extern const struct pubsub_words pubsub_access_model_words;
extern const struct pubsub_words pubsub_publish_model_words;

/* The enumerator of a word, -1 if there is none. */
int pubsub_word_find(const struct pubsub_words *words, const char *word);

/* ---- node configuration (16.4.4) and subscription options (16.4.2) ---- */

struct pubsub_texts {
	const char *const *v;
	size_t n;
};

bool pubsub_texts_have(struct pubsub_texts texts, const char *text);

struct pubsub_node_config {
	enum pubsub_access_model access_model;
	const char *body_xslt; /* texts that are unset are NULL */
	enum pubsub_association children_association_policy;
	struct pubsub_texts children_association_whitelist; /* JIDs */
	struct pubsub_texts children;
	uint32_t children_max;
	struct pubsub_texts collection;
	struct pubsub_texts contact; /* JIDs */
	const char *dataform_xslt;
	bool deliver_notifications;
	bool deliver_payloads;
	const char *description;
	uint32_t item_expire_s; /* PUBSUB_MAX: never */
	enum pubsub_itemreply itemreply;
	const char *language;
	uint32_t max_items;        /* PUBSUB_MAX: as many as the service allows */
	uint32_t max_payload_size; /* bytes; PUBSUB_MAX likewise */
	enum pubsub_node_type node_type;
	enum pubsub_notification_type notification_type;
	bool notify_config;
	bool notify_delete;
	bool notify_retract;
	bool notify_sub;
	bool persist_items;
	bool presence_based_delivery;
	enum pubsub_publish_model publish_model;
	enum pubsub_node_full publish_node_full;
	bool purge_offline;
	struct pubsub_texts roster_groups_allowed;
	enum pubsub_send_last send_last_published_item;
	bool subscribe;
	bool tempsub;
	const char *title;
	const char *type;
};

struct pubsub_subscribe_options {
	bool deliver;
	bool digest;
	uint32_t digest_frequency_ms;
	uint64_t expire_us; /* wall clock; 0: never; PUBSUB_EXPIRE_PRESENCE: with the presence */
	bool include_body;
	struct pubsub_texts show_values;
	/* Of collections; leaf nodes ignore both. */
	enum pubsub_subscription_type subscription_type;
	uint32_t subscription_depth; /* PUBSUB_MAX: all */
};

enum pubsub_field_type {
	PUBSUB_FIELD_BOOL,  /* bool */
	PUBSUB_FIELD_UINT,  /* uint32_t; the row's max_word is PUBSUB_MAX */
	PUBSUB_FIELD_LIST,  /* an enum, by words: list-single */
	PUBSUB_FIELD_TEXT,  /* const char *: text-single */
	PUBSUB_FIELD_TEXTS, /* struct pubsub_texts: text-multi, with words list-multi */
	PUBSUB_FIELD_JIDS,  /* struct pubsub_texts: jid-multi */
	PUBSUB_FIELD_JID,   /* const char *: jid-single */
	PUBSUB_FIELD_STAMP, /* uint64_t: a XEP-0082 DateTime, 0 for none */
	PUBSUB_FIELD_TYPE_COUNT
};

/* One row a field: it drives forms, parsing, range checks, publish-options, records on disk. */
struct pubsub_field {
	const char *var; /* "pubsub#access_model" */
	const char *label;
	enum pubsub_field_type type;
	size_t offset; /* of the member in its struct */
	unsigned tag;  /* of the record on disk: never changed, never used again */
	/* UINT: of the number; TEXT, TEXTS, JIDS: max bytes, 16 more each value. */
	uint32_t min, max;
	/* The greatest UINT or STAMP: "max" (and then "-1" as well), "all", "presence"; NULL: none. */
	const char *max_word;
	/* LIST, TEXTS: nothing but these; TEXT: these are offered. */
	const struct pubsub_words *words;
	bool required; /* no form is complete without a value */
};

/* All fields of one struct. At most 64: a set of fields is a uint64_t, bit i for v[i]. */
struct pubsub_form_type {
	const char *form_type; /* FORM_TYPE, XEP-0068 */
	const struct pubsub_field *v;
	size_t n;
	size_t size; /* of the struct */
};
extern const struct pubsub_form_type pubsub_node_config_type;
extern const struct pubsub_form_type pubsub_subscribe_options_type;

/* NULL: no such field. */
const struct pubsub_field *pubsub_field_find(const struct pubsub_form_type *type, const char *var);
uint64_t pubsub_field_bit(const struct pubsub_form_type *type, const struct pubsub_field *field);

/* Sets the member from a form's values, checked for type, range and words; texts are shared, not
 * copied, but for what has to be prepared (JIDs). No value at all, or only empty ones, clears a
 * TEXT, TEXTS, JID, JIDS or STAMP; the other types have to have a value.
 * false: record is untouched. */
MUST_CHECK bool pubsub_field_set(const struct pubsub_field *field, struct pubsub_texts values,
	struct arena *arena, void *record);

/* The member as form values; a BOOL is "0" or "1". Good as long as record and arena. */
struct pubsub_texts pubsub_field_values(
	const struct pubsub_field *field, const void *record, struct arena *arena);

/* By type, not by spelling: "1" equals "true", several values are equal in any order. */
bool pubsub_field_equal(const struct pubsub_field *field, const void *a, const void *b);

/* Copies the members named by set from one record to another; texts are shared. */
void pubsub_fields_merge(
	const struct pubsub_form_type *type, uint64_t set, const void *from, void *to);

/* Copies the texts of a record into the arena, in place. */
void pubsub_fields_own(const struct pubsub_form_type *type, void *record, struct arena *arena);

/* Nodes that nobody configured: open, publishers may publish, every item kept, payloads delivered.
 * max_items is "max", for clients of plain nodes expect a list of items, not the newest one
 * only. */
extern const struct pubsub_node_config pubsub_node_config_default;
extern const struct pubsub_subscribe_options pubsub_subscribe_options_default;

/* ---- nodes, items, subscriptions, affiliations ---- */

struct pubsub_node {
	const char *service; /* JID: a component, or an account's bare JID */
	const char *node_id;
	struct pubsub_node_config config;
	const char *creator; /* bare JID */
	uint64_t created_us;
	const char *payload_ns; /* namespace of the newest payload, NULL if none yet */
	uint64_t items;
	uint64_t bytes;       /* of its items, payloads and the rest of their records */
	uint64_t subscribers; /* subscriptions in state subscribed or unconfigured */
	uint64_t pending;
	uint32_t parents;  /* 0: it is in no collection; else it may be: those just deleted count */
	uint64_t children; /* of a collection */
	uint64_t last_seq; /* of the newest item or subscription ever; 0: none */
	uint32_t sid, no;  /* the store's numbers, never used again */
};

struct pubsub_item {
	const char *id;
	const char *publisher; /* bare JID; NULL: not known, or not to be shown */
	const char *payload;   /* one element, verbatim; NULL: none */
	size_t payload_len;
	const char *payload_ns; /* of its root; set when published */
	const char *payload_name;
	uint64_t seq;          /* order of publication within the node; set by the store */
	uint64_t published_us; /* wall clock */
	uint64_t created_us;   /* first published under this id */
	uint64_t expires_us;   /* as the node is configured; set by the store; 0: never */
};

/* Events waiting to be sent as one message. */
struct pubsub_digest {
	uint64_t due_us; /* 0: there are none */
	uint32_t bytes;
};

struct pubsub_subscription {
	const char *node_id;
	struct jid subscriber;
	const char *sub_id;
	enum pubsub_subscription_state state;
	struct pubsub_subscribe_options options;
	uint64_t since_seq; /* events below this one happened before it subscribed */
	uint64_t due_us;    /* when its lease or its digest has to be looked at; 0: never */
	struct pubsub_digest digest;
};

struct pubsub_affiliate {
	const char *node_id;
	const char *jid; /* bare */
	enum pubsub_affiliation affiliation;
	uint32_t no; /* of the node, in lists of an entity */
};

/* ---- Result Set Management (XEP-0059) ---- */

struct pubsub_rsm { /* of a request */
	bool present;
	bool has_max;
	uint32_t max;
	const char *after;  /* NULL: none */
	const char *before; /* "": the last page */
	bool has_index;
	uint32_t index;
};

struct pubsub_page { /* of an answer */
	bool present;
	const char *first, *last; /* NULL: the page is empty */
	bool has_index, has_count;
	uint64_t index, count;
	bool more; /* an entity's lists: there are entries behind it or, backward, before it */
};

/* Whether message bodies (12.8) can be made of payloads of this type (pubsub#type, or their
 * namespace; NULL: none): Atom, and what is made of it. */
bool pubsub_type_has_body(const char *type);

/* May items of a node with this pubsub#type hold payloads of this namespace (7.1.3.6)? A type that
 * looks like no namespace says nothing about them; one of a profile names what the profile does. */
bool pubsub_type_takes(const char *type, const char *payload_ns);

/* The type of a node: the one configured, else that of its payloads. NULL: none. */
const char *pubsub_node_type_of(const struct pubsub_node *node);

/* ---- one request, one answer, one event ---- */

enum pubsub_form_state { PUBSUB_FORM_NONE, PUBSUB_FORM_SUBMIT, PUBSUB_FORM_CANCEL };

enum pubsub_order {        /* XEP-0413 */
	PUBSUB_ORDER_NONE, /* as items lists are: by modification, max_items for the newest */
	PUBSUB_ORDER_CREATION,
	PUBSUB_ORDER_MODIFICATION,
	PUBSUB_ORDER_COUNT
};

enum pubsub_type_filter { /* XEP-0462 */
	PUBSUB_TYPES_ALL,
	PUBSUB_TYPES_INCLUDED,
	PUBSUB_TYPES_EXCLUDED
};

/* What a client asks for; which fields are set depends on the verb. From codec, for service. */
struct pubsub_request {
	const char *service; /* the addressed JID: set by the router */
	struct jid from;     /* the requesting entity, full JID: set by the router */
	const char *node_id; /* NULL: none named */
	bool has_jid;
	struct jid jid;     /* of subscribe, unsubscribe, options */
	const char *sub_id; /* NULL: none */

	const struct pubsub_item *items; /* publish; retract and items: ids only */
	size_t item_count;
	bool notify;             /* retract */
	uint32_t max_items;      /* items; 0: not given */
	enum pubsub_order order; /* items */
	bool descending;
	enum pubsub_type_filter type_filter; /* disco#items of a service */
	struct pubsub_texts types;           /* "" for nodes without one */
	struct pubsub_rsm rsm;

	enum pubsub_form_state config_state; /* create, configure */
	struct pubsub_node_config config;
	uint64_t config_set; /* the fields given */
	bool has_publish_options;
	struct pubsub_node_config publish_options;
	uint64_t publish_options_set;
	const char *publish_options_unknown;  /* a field that is in no table; NULL: none */
	enum pubsub_form_state options_state; /* subscribe, options */
	struct pubsub_subscribe_options options;
	uint64_t options_set;

	const struct pubsub_subscription *subscriptions; /* owner: to set */
	size_t subscription_count;
	const struct pubsub_affiliate *affiliates; /* owner: to set */
	size_t affiliate_count;
	const char *redirect; /* delete; NULL: none */
	const char *child;    /* associate and dissociate, with the collection node_id */
	bool dissociate;
};

/* Words of a field that a form does not offer, for they would be refused: 1 << each. */
struct pubsub_withheld {
	const char *var; /* NULL: none */
	unsigned words;
};

/* What the service answers; from service, for codec. It lives in the request's arena or in the
 * store, so it has to be rendered before anything else is written. */
struct pubsub_answer {
	const char *node_id;
	struct pubsub_item *items;
	size_t item_count;
	struct pubsub_page page;
	struct pubsub_node *node;         /* configure, disco */
	struct pubsub_node_config config; /* configure, default */
	uint64_t config_hidden;           /* fields that are not offered */
	struct pubsub_withheld withheld;  /* likewise */
	struct pubsub_subscribe_options options;
	uint64_t options_hidden; /* fields that are not offered */
	struct pubsub_subscription *subscriptions;
	size_t subscription_count;
	struct pubsub_affiliate *affiliates;
	size_t affiliate_count;
	struct pubsub_node *nodes; /* disco#items of a service */
	size_t node_count;
	bool instant;       /* create: the service chose the NodeID */
	const char *detail; /* of an error: field, feature, URI (error.h says) */
};

enum pubsub_event_kind {
	PUBSUB_EVENT_PUBLISH,      /* 7.1.2 items */
	PUBSUB_EVENT_RETRACT,      /* 7.2.2 ids only */
	PUBSUB_EVENT_PURGE,        /* 8.5 */
	PUBSUB_EVENT_DELETE,       /* 8.4 */
	PUBSUB_EVENT_CONFIGURE,    /* 8.2 */
	PUBSUB_EVENT_SUBSCRIPTION, /* 8.8: to the subscriber, and to owners with notify_sub */
	PUBSUB_EVENT_AFFILIATION,  /* 8.9: to the entity */
	PUBSUB_EVENT_AUTHORIZE,    /* 8.6: the form to an owner */
	PUBSUB_EVENT_DIGEST,       /* 16.4.2: several events that have waited, in one message */
	PUBSUB_EVENT_CREATE,    /* XEP-0248: to subscribers of collections alone, as the next two */
	PUBSUB_EVENT_ASSOCIATE, /* of the collection node_id with child */
	PUBSUB_EVENT_DISSOCIATE,
	PUBSUB_EVENT_COUNT
};

struct pubsub_recipient {
	const char *jid;                 /* bare or full, as it is to be addressed */
	struct pubsub_texts sub_ids;     /* headers, if multi-subscribe is on */
	struct pubsub_texts collections; /* headers: by subscriptions to which it comes */
	bool may_see_publisher;          /* replyto (XEP-0033) may be told */
	bool wants_body;                 /* include_body, 12.8 */
};

/* A collection above the node of an event, when that happened. */
struct pubsub_ancestor {
	uint32_t no;
	uint32_t depth; /* so many steps above; the shortest way counts */
	uint64_t seq;   /* those subscribed up to here hear of it */
};

/* A change to be notified of. Rendered once, stamped per recipient. */
struct pubsub_event {
	struct pubsub_event *next;
	enum pubsub_event_kind kind;
	const char *service;
	const char *node_id;
	enum pubsub_notification_type type;
	const struct pubsub_item *items; /* payloads only where they are delivered */
	size_t item_count;
	bool last;            /* a last item: with <delay/> of its published_us */
	const char *redirect; /* DELETE */
	const struct pubsub_node_config *config;        /* CONFIGURE with deliver_payloads */
	const struct pubsub_subscription *subscription; /* SUBSCRIPTION, AUTHORIZE */
	const struct pubsub_affiliate *affiliate;       /* AFFILIATION */
	const char *child;                              /* ASSOCIATE, DISSOCIATE */
	const char *replyto;        /* full JID of the publisher; NULL: not disclosed */
	const char *body;           /* PUBLISH: for those who want one, made when it is rendered */
	struct pubsub_texts bodies; /* DIGEST: the events, as rendered when they happened */
	const struct pubsub_recipient *recipients;
	size_t recipient_count;
	const struct pubsub_subscription *digests; /* subscriptions that collect it */
	size_t digest_count;
	bool deferred;    /* too many for one turn: recipients are found page by page, */
	uint32_t sid, no; /* at the node with these numbers, */
	uint64_t seq;     /* among those subscribed up to here, */
	const struct pubsub_ancestor *above; /* and to the collections above it */
	size_t above_count;
	const struct pubsub_node *gone; /* DELETE: the node, which says who may hear of it */
};

/* A request and its outcome, for those who watch. */
struct pubsub_activity {
	const char *verb; /* "publish"; static */
	const char *service, *from;
	const char *node_id, *item_id; /* NULL: none */
	enum pubsub_error err;
	size_t recipients; /* notified at once */
	bool deferred;     /* there are more, notified by and by */
};

#endif
