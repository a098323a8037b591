/* error.c - the stanza error of every situation: RFC 6120 8.3.3 and XEP-0060, as its examples have
 * them. "not-subscribed" has three different answers. */
#include <assert.h>

#include "peppy/codec.h"

enum detail {
	DETAIL_NONE,    /* the elements tell it all */
	DETAIL_TEXT,    /* <text/> says what happened, and to what */
	DETAIL_URI,     /* inside the condition */
	DETAIL_FEATURE, /* unsupported/@feature */
};

struct error_xml {
	const char *type;
	const char *condition;
	const char *child; /* of pubsub#errors, or of child_ns; NULL: none */
	const char *child_ns;
	enum detail detail;
	const char *feature; /* the one that DETAIL_FEATURE always is about; NULL: detail says */
};

/* clang-format off */
#define PLAIN(t, c)    {.type = (t), .condition = (c)}
#define CHILD(t, c, p) {.type = (t), .condition = (c), .child = (p)}
#define TEXT(t, c, p)  {.type = (t), .condition = (c), .child = (p), .detail = DETAIL_TEXT}
#define URI(t, c)      {.type = (t), .condition = (c), .detail = DETAIL_URI}
#define COMMAND(t, c, p) {.type = (t), .condition = (c), .child = (p), \
	.child_ns = NS_COMMANDS, .detail = DETAIL_TEXT}
#define FEATURE(name)  {.type = "cancel", .condition = "feature-not-implemented", \
	.child = "unsupported", .detail = DETAIL_FEATURE, .feature = (name)}

static const struct error_xml rows[PUBSUB_ERR_COUNT] = {
	[PUBSUB_ERR_BAD_REQUEST]              = TEXT("modify", "bad-request", NULL),
	[PUBSUB_ERR_JID_REQUIRED]             = CHILD("modify", "bad-request", "jid-required"),
	[PUBSUB_ERR_JID_MALFORMED]            = PLAIN("modify", "jid-malformed"),
	[PUBSUB_ERR_SERVICE_UNAVAILABLE]      = PLAIN("cancel", "service-unavailable"),
	[PUBSUB_ERR_UNSUPPORTED]              = FEATURE(NULL),
	[PUBSUB_ERR_STANZA_TOO_BIG]           = TEXT("modify", "policy-violation", NULL),
	[PUBSUB_ERR_FORBIDDEN]                = PLAIN("auth", "forbidden"),
	[PUBSUB_ERR_NOT_ALLOWED]              = PLAIN("cancel", "not-allowed"),
	[PUBSUB_ERR_RATE_LIMIT]               = TEXT("wait", "resource-constraint", NULL),
	[PUBSUB_ERR_OUTPUT_LIMIT]             = TEXT("wait", "resource-constraint", NULL),
	[PUBSUB_ERR_ID_LIMIT]                 = TEXT("modify", "policy-violation", NULL),
	[PUBSUB_ERR_FORM_LIMIT]               = TEXT("modify", "policy-violation", NULL),
	[PUBSUB_ERR_REMOTE_TIMEOUT]           = PLAIN("wait", "remote-server-timeout"),
	[PUBSUB_ERR_INTERNAL]                 = PLAIN("cancel", "internal-server-error"),

	[PUBSUB_ERR_NODEID_REQUIRED]          = CHILD("modify", "bad-request", "nodeid-required"),
	[PUBSUB_ERR_NODE_NOT_FOUND]           = PLAIN("cancel", "item-not-found"),
	[PUBSUB_ERR_NODE_GONE]                = URI("modify", "gone"),
	[PUBSUB_ERR_NODE_EXISTS]              = PLAIN("cancel", "conflict"),
	[PUBSUB_ERR_NODE_CREATE_FORBIDDEN]    = PLAIN("auth", "forbidden"),
	[PUBSUB_ERR_NODE_RESERVED]            = TEXT("auth", "forbidden", NULL),
	[PUBSUB_ERR_NODE_LIMIT]               = TEXT("wait", "policy-violation",
		"max-nodes-exceeded"),
	[PUBSUB_ERR_ACCESS_UNSUPPORTED]       = CHILD("modify", "not-acceptable",
		"unsupported-access-model"),
	[PUBSUB_ERR_CONFIG_INVALID]           = TEXT("modify", "not-acceptable", NULL),
	[PUBSUB_ERR_FORM_INVALID]             = TEXT("modify", "bad-request", NULL),

	[PUBSUB_ERR_COLLECTION_INVALID]       = CHILD("cancel", "not-allowed", "invalid-options"),
	[PUBSUB_ERR_COLLECTION_FULL]          = TEXT("cancel", "not-allowed", "max-nodes-exceeded"),
	[PUBSUB_ERR_ASSOCIATE_FORBIDDEN]      = PLAIN("cancel", "forbidden"),
	[PUBSUB_ERR_NOT_ASSOCIATED]           = PLAIN("modify", "bad-request"),
	[PUBSUB_ERR_SUBSCRIBE_TYPE]           = PLAIN("cancel", "conflict"),

	[PUBSUB_ERR_SUBSCRIBE_JID]            = CHILD("modify", "bad-request", "invalid-jid"),
	[PUBSUB_ERR_SUBSCRIBE_PRESENCE]       = CHILD("auth", "not-authorized",
		"presence-subscription-required"),
	[PUBSUB_ERR_SUBSCRIBE_ROSTER]         = CHILD("auth", "not-authorized",
		"not-in-roster-group"),
	[PUBSUB_ERR_SUBSCRIBE_WHITELIST]      = CHILD("cancel", "not-allowed", "closed-node"),
	[PUBSUB_ERR_SUBSCRIBE_PENDING]        = CHILD("auth", "not-authorized",
		"pending-subscription"),
	[PUBSUB_ERR_SUBSCRIBE_OUTCAST]        = PLAIN("auth", "forbidden"),
	[PUBSUB_ERR_SUBSCRIBE_LIMIT]          = TEXT("wait", "policy-violation",
		"too-many-subscriptions"),
	[PUBSUB_ERR_SUBSCRIBE_CLOSED]         = FEATURE("subscribe"),
	[PUBSUB_ERR_UNSUBSCRIBE_NONE]         = CHILD("cancel", "unexpected-request",
		"not-subscribed"),
	[PUBSUB_ERR_UNSUBSCRIBE_FORBIDDEN]    = PLAIN("auth", "forbidden"),
	[PUBSUB_ERR_SUBID_REQUIRED]           = CHILD("modify", "bad-request", "subid-required"),
	[PUBSUB_ERR_SUBID_INVALID]            = CHILD("modify", "not-acceptable", "invalid-subid"),
	[PUBSUB_ERR_OPTIONS_FORBIDDEN]        = PLAIN("auth", "forbidden"),
	[PUBSUB_ERR_OPTIONS_NOT_SUBSCRIBED]   = CHILD("modify", "unexpected-request",
		"not-subscribed"),
	[PUBSUB_ERR_OPTIONS_INVALID]          = TEXT("modify", "bad-request", "invalid-options"),

	[PUBSUB_ERR_RETRIEVE_NOT_SUBSCRIBED]  = CHILD("auth", "not-authorized", "not-subscribed"),
	[PUBSUB_ERR_RETRIEVE_PRESENCE]        = CHILD("auth", "not-authorized",
		"presence-subscription-required"),
	[PUBSUB_ERR_RETRIEVE_ROSTER]          = CHILD("auth", "not-authorized",
		"not-in-roster-group"),
	[PUBSUB_ERR_RETRIEVE_WHITELIST]       = CHILD("cancel", "not-allowed", "closed-node"),
	[PUBSUB_ERR_RETRIEVE_OUTCAST]         = PLAIN("auth", "forbidden"),
	[PUBSUB_ERR_ITEM_NOT_FOUND]           = PLAIN("cancel", "item-not-found"),
	[PUBSUB_ERR_RSM_NOT_FOUND]            = PLAIN("cancel", "item-not-found"),
	[PUBSUB_ERR_RSM_INDEX]                = TEXT("cancel", "feature-not-implemented", NULL),
	[PUBSUB_ERR_ORDER]                    = TEXT("cancel", "feature-not-implemented", NULL),

	[PUBSUB_ERR_PUBLISH_FORBIDDEN]        = PLAIN("auth", "forbidden"),
	[PUBSUB_ERR_ITEM_REQUIRED]            = CHILD("modify", "bad-request", "item-required"),
	[PUBSUB_ERR_ITEM_FORBIDDEN]           = CHILD("modify", "bad-request", "item-forbidden"),
	[PUBSUB_ERR_PAYLOAD_REQUIRED]         = CHILD("modify", "bad-request", "payload-required"),
	[PUBSUB_ERR_PAYLOAD_FORBIDDEN]        = CHILD("modify", "bad-request", "payload-forbidden"),
	[PUBSUB_ERR_PAYLOAD_INVALID]          = TEXT("modify", "bad-request", "invalid-payload"),
	[PUBSUB_ERR_PAYLOAD_TOO_BIG]          = CHILD("modify", "not-acceptable",
		"payload-too-big"),
	[PUBSUB_ERR_MAX_ITEMS_EXCEEDED]       = CHILD("cancel", "not-allowed",
		"max-items-exceeded"),
	[PUBSUB_ERR_NODE_FULL]                = CHILD("cancel", "conflict", "node-full"),
	[PUBSUB_ERR_PRECONDITION]             = TEXT("cancel", "conflict", "precondition-not-met"),
	[PUBSUB_ERR_RETRACT_FORBIDDEN]        = PLAIN("auth", "forbidden"),
	[PUBSUB_ERR_ITEMID_REQUIRED]          = CHILD("modify", "bad-request", "item-required"),
	[PUBSUB_ERR_PERSISTENCE_OFF]          = FEATURE("persistent-items"),

	[PUBSUB_ERR_OWNER_FORBIDDEN]          = PLAIN("auth", "forbidden"),
	[PUBSUB_ERR_AFFILIATION_LIMIT]        = TEXT("wait", "policy-violation", NULL),
	[PUBSUB_ERR_LAST_OWNER]               = TEXT("modify", "not-acceptable", NULL),
	[PUBSUB_ERR_ENTRIES_FAILED]           = PLAIN("modify", "not-acceptable"),

	[PUBSUB_ERR_COMMAND_NOT_FOUND]        = PLAIN("cancel", "item-not-found"),
	[PUBSUB_ERR_COMMAND_FORBIDDEN]        = PLAIN("auth", "forbidden"),
	[PUBSUB_ERR_COMMAND_ACTION_UNKNOWN]   = COMMAND("modify", "bad-request",
		"malformed-action"),
	[PUBSUB_ERR_COMMAND_ACTION]           = COMMAND("modify", "bad-request", "bad-action"),
	[PUBSUB_ERR_COMMAND_PAYLOAD]          = COMMAND("modify", "bad-request", "bad-payload"),
	[PUBSUB_ERR_COMMAND_SESSION]          = COMMAND("modify", "bad-request", "bad-sessionid"),
	[PUBSUB_ERR_COMMAND_EXPIRED]          = COMMAND("cancel", "not-allowed", "session-expired"),

	[PUBSUB_ERR_STORE_FULL]               = TEXT("wait", "resource-constraint", NULL),
	[PUBSUB_ERR_STORE_IO]                 = PLAIN("cancel", "internal-server-error"),
	[PUBSUB_ERR_STORE_VERSION]            = PLAIN("cancel", "internal-server-error"),
	[PUBSUB_ERR_STORE_FAILED]             = PLAIN("cancel", "internal-server-error"),

	[PUBSUB_ERR_NEED_ROSTER]              = PLAIN("wait", "remote-server-timeout"),
};
/* clang-format on */

static void put_text(struct xml_writer *w, enum pubsub_error err, const char *detail)
{
	xml_start_ns(w, "text", NS_STANZAS);
	xml_put_attr(w, "xml:lang", "en");
	xml_put_text(w, error_text(err));
	if (detail != NULL) {
		xml_put_text(w, ": ");
		xml_put_text(w, detail);
	}
	xml_end(w);
}

void codec_error_render(struct xml_writer *w, enum pubsub_error err, const char *detail)
{
	const struct error_xml *row = &rows[err];

	assert(row->type != NULL);
	xml_start(w, "error");
	xml_put_attr(w, "type", row->type);
	xml_start_ns(w, row->condition, NS_STANZAS);
	if (row->detail == DETAIL_URI)
		xml_put_text(w, detail);
	xml_end(w);
	if (row->detail == DETAIL_TEXT)
		put_text(w, err, detail);
	if (row->child != NULL) {
		xml_start_ns(
			w, row->child, row->child_ns != NULL ? row->child_ns : NS_PUBSUB_ERRORS);
		if (row->detail == DETAIL_FEATURE)
			xml_put_attr(w, "feature", row->feature != NULL ? row->feature : detail);
		xml_end(w);
	}
	xml_end(w);
}
