/* error.h - what can go wrong: one number for each situation.
 * Floor 0. An enumerator names a situation, not a stanza error: codec/error.c has a row for each
 * that says which error answers it. 0 is success. Sections are those of XEP-0060. */
#ifndef PEPPY_ERROR_H
#define PEPPY_ERROR_H

/* clang-format off */
enum pubsub_error {
	PUBSUB_OK,

	/* requests as such */
	PUBSUB_ERR_BAD_REQUEST,          /* malformed; RFC 6120 8.3.3.1 */
	PUBSUB_ERR_JID_REQUIRED,         /* 6.3.4.3 */
	PUBSUB_ERR_JID_MALFORMED,
	PUBSUB_ERR_SERVICE_UNAVAILABLE,  /* no such namespace or element here */
	PUBSUB_ERR_UNSUPPORTED,          /* a feature of XEP-0060 that is not offered: detail names it */
	PUBSUB_ERR_STANZA_TOO_BIG,       /* above a limit of the parser, or of what may leave */
	PUBSUB_ERR_FORBIDDEN,            /* the affiliation does not suffice */
	PUBSUB_ERR_NOT_ALLOWED,          /* nobody may */
	PUBSUB_ERR_RATE_LIMIT,
	PUBSUB_ERR_OUTPUT_LIMIT,         /* too much waits for the requester's domain */
	PUBSUB_ERR_ID_LIMIT,             /* a NodeID or an item id is too long */
	PUBSUB_ERR_FORM_LIMIT,           /* too many fields or values */
	PUBSUB_ERR_REMOTE_TIMEOUT,       /* a roster did not come in time */
	PUBSUB_ERR_INTERNAL,

	/* nodes */
	PUBSUB_ERR_NODEID_REQUIRED,
	PUBSUB_ERR_NODE_NOT_FOUND,
	PUBSUB_ERR_NODE_GONE,            /* 8.4.2: deleted with a redirect; detail is the URI */
	PUBSUB_ERR_NODE_EXISTS,          /* 8.1.2 */
	PUBSUB_ERR_NODE_CREATE_FORBIDDEN,
	PUBSUB_ERR_NODE_RESERVED,        /* only admins, or somebody else, may use this NodeID */
	PUBSUB_ERR_NODE_LIMIT,           /* too many nodes */
	PUBSUB_ERR_ACCESS_UNSUPPORTED,   /* 8.1.2: this service cannot keep that access model */
	PUBSUB_ERR_CONFIG_INVALID,       /* 8.2.5: not-acceptable; detail is the field */
	PUBSUB_ERR_FORM_INVALID,         /* no FORM_TYPE, no form, wrong type of form */

	/* collections: XEP-0248 */
	PUBSUB_ERR_COLLECTION_INVALID,   /* a circle, children of a leaf, a collection made a leaf */
	PUBSUB_ERR_COLLECTION_FULL,      /* more children than children_max; detail is the limit */
	PUBSUB_ERR_ASSOCIATE_FORBIDDEN,  /* the policy, or the child's owners, do not let him */
	PUBSUB_ERR_NOT_ASSOCIATED,       /* nothing to dissociate */
	PUBSUB_ERR_SUBSCRIBE_TYPE,       /* he is subscribed for this type already */

	/* subscriptions */
	PUBSUB_ERR_SUBSCRIBE_JID,        /* 6.1.3.1 JIDs do not match */
	PUBSUB_ERR_SUBSCRIBE_PRESENCE,   /* 6.1.3.2 presence subscription required */
	PUBSUB_ERR_SUBSCRIBE_ROSTER,     /* 6.1.3.3 not in roster group */
	PUBSUB_ERR_SUBSCRIBE_WHITELIST,  /* 6.1.3.4 not on whitelist */
	PUBSUB_ERR_SUBSCRIBE_PENDING,    /* 6.1.3.6 pending subscription */
	PUBSUB_ERR_SUBSCRIBE_OUTCAST,    /* 6.1.3.8 blocked */
	PUBSUB_ERR_SUBSCRIBE_LIMIT,      /* 6.1.3.9 too many subscriptions */
	PUBSUB_ERR_SUBSCRIBE_CLOSED,     /* 6.1.3.10 pubsub#subscribe is off */
	PUBSUB_ERR_UNSUBSCRIBE_NONE,     /* 6.2.3.2 nothing to unsubscribe */
	PUBSUB_ERR_UNSUBSCRIBE_FORBIDDEN,/* 6.2.3.3 somebody else's */
	PUBSUB_ERR_SUBID_REQUIRED,       /* 6.2.3.1, 6.3.4.3 */
	PUBSUB_ERR_SUBID_INVALID,        /* 6.2.3.5, 6.3.4.4 */
	PUBSUB_ERR_OPTIONS_FORBIDDEN,    /* 6.3.4.1 */
	PUBSUB_ERR_OPTIONS_NOT_SUBSCRIBED, /* 6.3.4.2 */
	PUBSUB_ERR_OPTIONS_INVALID,      /* 6.3.5: invalid-options; detail is the field */

	/* retrieval */
	PUBSUB_ERR_RETRIEVE_NOT_SUBSCRIBED, /* 6.5.9.3 */
	PUBSUB_ERR_RETRIEVE_PRESENCE,    /* 6.5.9.5 */
	PUBSUB_ERR_RETRIEVE_ROSTER,      /* 6.5.9.6 */
	PUBSUB_ERR_RETRIEVE_WHITELIST,   /* 6.5.9.7 */
	PUBSUB_ERR_RETRIEVE_OUTCAST,     /* 6.5.9.9 */
	PUBSUB_ERR_ITEM_NOT_FOUND,
	PUBSUB_ERR_RSM_NOT_FOUND,        /* XEP-0059: the UID names nothing */
	PUBSUB_ERR_RSM_INDEX,            /* XEP-0059: index too far */
	PUBSUB_ERR_ORDER,                /* XEP-0413: no such order, or too many items for it */

	/* publishing */
	PUBSUB_ERR_PUBLISH_FORBIDDEN,    /* 7.1.3.1 */
	PUBSUB_ERR_ITEM_REQUIRED,        /* 7.1.3.6 */
	PUBSUB_ERR_ITEM_FORBIDDEN,
	PUBSUB_ERR_PAYLOAD_REQUIRED,
	PUBSUB_ERR_PAYLOAD_FORBIDDEN,
	PUBSUB_ERR_PAYLOAD_INVALID,      /* more than one child, or refused by validation */
	PUBSUB_ERR_PAYLOAD_TOO_BIG,      /* 7.1.3.4 */
	PUBSUB_ERR_MAX_ITEMS_EXCEEDED,   /* 12.11: a batch larger than max_items */
	PUBSUB_ERR_NODE_FULL,            /* publish_node_full = reject */
	PUBSUB_ERR_PRECONDITION,         /* 7.1.5: conflict, precondition-not-met; detail is the field */
	PUBSUB_ERR_RETRACT_FORBIDDEN,    /* 7.2.3.1 */
	PUBSUB_ERR_ITEMID_REQUIRED,      /* 7.2.3.4 */
	PUBSUB_ERR_PERSISTENCE_OFF,      /* 7.2.3.5, 8.5: persistent-items unsupported by this node */

	/* owners */
	PUBSUB_ERR_OWNER_FORBIDDEN,      /* 8: the requester is not an owner */
	PUBSUB_ERR_AFFILIATION_LIMIT,    /* the node has too many */
	PUBSUB_ERR_LAST_OWNER,           /* 8.9.2.4 */
	PUBSUB_ERR_ENTRIES_FAILED,       /* 8.8.2.4, 8.9.2.4: the answer lists the entries refused */

	/* ad-hoc commands: XEP-0050 4.4 */
	PUBSUB_ERR_COMMAND_NOT_FOUND,
	PUBSUB_ERR_COMMAND_FORBIDDEN,    /* not for the requester */
	PUBSUB_ERR_COMMAND_ACTION_UNKNOWN, /* malformed-action: no such word */
	PUBSUB_ERR_COMMAND_ACTION,       /* bad-action: not at this stage */
	PUBSUB_ERR_COMMAND_PAYLOAD,      /* bad-payload: the form; detail is the field */
	PUBSUB_ERR_COMMAND_SESSION,      /* bad-sessionid: not one of the requester's */
	PUBSUB_ERR_COMMAND_EXPIRED,      /* session-expired */

	/* the store */
	PUBSUB_ERR_STORE_FULL,           /* map or disk full; the transaction is lost */
	PUBSUB_ERR_STORE_IO,             /* the environment is dead: exit */
	PUBSUB_ERR_STORE_VERSION,        /* written by a newer peppy */
	PUBSUB_ERR_STORE_FAILED,         /* anything else; the transaction is lost */

	/* never on the wire: the router parks the request */
	PUBSUB_ERR_NEED_ROSTER,

	PUBSUB_ERR_COUNT
};
/* clang-format on */

/* What happened, in English, for logs. Never NULL. */
const char *error_text(enum pubsub_error err);

#endif
