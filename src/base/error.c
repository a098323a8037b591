/* error.c - one English text for every situation. */
#include "peppy/error.h"

#include <assert.h>
#include <stddef.h>

/* clang-format off */
static const char *const texts[PUBSUB_ERR_COUNT] = {
	[PUBSUB_OK]                          = "success",

	[PUBSUB_ERR_BAD_REQUEST]             = "malformed request",
	[PUBSUB_ERR_JID_REQUIRED]            = "JID required",
	[PUBSUB_ERR_JID_MALFORMED]           = "malformed JID",
	[PUBSUB_ERR_SERVICE_UNAVAILABLE]     = "no such namespace or element here",
	[PUBSUB_ERR_UNSUPPORTED]             = "unsupported feature",
	[PUBSUB_ERR_STANZA_TOO_BIG]          = "too large for a stanza",
	[PUBSUB_ERR_FORBIDDEN]               = "affiliation does not suffice",
	[PUBSUB_ERR_NOT_ALLOWED]             = "nobody may do this",
	[PUBSUB_ERR_RATE_LIMIT]              = "too much at a time",
	[PUBSUB_ERR_OUTPUT_LIMIT]            = "too much waits to be sent",
	[PUBSUB_ERR_ID_LIMIT]                = "NodeID or item id is too long",
	[PUBSUB_ERR_FORM_LIMIT]              = "too many fields or values",
	[PUBSUB_ERR_REMOTE_TIMEOUT]          = "roster did not come in time",
	[PUBSUB_ERR_INTERNAL]                = "internal error",

	[PUBSUB_ERR_NODEID_REQUIRED]         = "NodeID required",
	[PUBSUB_ERR_NODE_NOT_FOUND]          = "node not found",
	[PUBSUB_ERR_NODE_GONE]               = "node has moved",
	[PUBSUB_ERR_NODE_EXISTS]             = "node exists",
	[PUBSUB_ERR_NODE_CREATE_FORBIDDEN]   = "requester may not create nodes",
	[PUBSUB_ERR_NODE_RESERVED]           = "NodeID is reserved",
	[PUBSUB_ERR_NODE_LIMIT]              = "too many nodes",
	[PUBSUB_ERR_ACCESS_UNSUPPORTED]      = "access model is not supported here",
	[PUBSUB_ERR_CONFIG_INVALID]          = "invalid node configuration",
	[PUBSUB_ERR_FORM_INVALID]            = "invalid data form",

	[PUBSUB_ERR_COLLECTION_INVALID]      = "collections do not allow that",
	[PUBSUB_ERR_COLLECTION_FULL]         = "too many nodes in a collection",
	[PUBSUB_ERR_ASSOCIATE_FORBIDDEN]     = "node may not be associated",
	[PUBSUB_ERR_NOT_ASSOCIATED]          = "node is not in the collection",
	[PUBSUB_ERR_SUBSCRIBE_TYPE]          = "subscribed for that type already",

	[PUBSUB_ERR_SUBSCRIBE_JID]           = "subscribing JID is not the requester's",
	[PUBSUB_ERR_SUBSCRIBE_PRESENCE]      = "subscribing requires a presence subscription",
	[PUBSUB_ERR_SUBSCRIBE_ROSTER]        = "subscriber is in no allowed roster group",
	[PUBSUB_ERR_SUBSCRIBE_WHITELIST]     = "subscriber is not on the whitelist",
	[PUBSUB_ERR_SUBSCRIBE_PENDING]       = "subscription is still pending",
	[PUBSUB_ERR_SUBSCRIBE_OUTCAST]       = "outcast may not subscribe",
	[PUBSUB_ERR_SUBSCRIBE_LIMIT]         = "too many subscriptions",
	[PUBSUB_ERR_SUBSCRIBE_CLOSED]        = "node takes no subscriptions",
	[PUBSUB_ERR_UNSUBSCRIBE_NONE]        = "no subscription to end",
	[PUBSUB_ERR_UNSUBSCRIBE_FORBIDDEN]   = "requester may not end this subscription",
	[PUBSUB_ERR_SUBID_REQUIRED]          = "SubID required",
	[PUBSUB_ERR_SUBID_INVALID]           = "invalid SubID",
	[PUBSUB_ERR_OPTIONS_FORBIDDEN]       = "requester may not set these subscription options",
	[PUBSUB_ERR_OPTIONS_NOT_SUBSCRIBED]  = "no subscription to set options of",
	[PUBSUB_ERR_OPTIONS_INVALID]         = "invalid subscription options",

	[PUBSUB_ERR_RETRIEVE_NOT_SUBSCRIBED] = "retrieving requires a subscription",
	[PUBSUB_ERR_RETRIEVE_PRESENCE]       = "retrieving requires a presence subscription",
	[PUBSUB_ERR_RETRIEVE_ROSTER]         = "requester is in no allowed roster group",
	[PUBSUB_ERR_RETRIEVE_WHITELIST]      = "requester is not on the whitelist",
	[PUBSUB_ERR_RETRIEVE_OUTCAST]        = "outcast may not retrieve",
	[PUBSUB_ERR_ITEM_NOT_FOUND]          = "item not found",
	[PUBSUB_ERR_RSM_NOT_FOUND]           = "result set: UID names nothing",
	[PUBSUB_ERR_RSM_INDEX]               = "result set: no page by this index",
	[PUBSUB_ERR_ORDER]                   = "items cannot be had in that order",

	[PUBSUB_ERR_PUBLISH_FORBIDDEN]       = "requester may not publish",
	[PUBSUB_ERR_ITEM_REQUIRED]           = "item required",
	[PUBSUB_ERR_ITEM_FORBIDDEN]          = "node takes no items",
	[PUBSUB_ERR_PAYLOAD_REQUIRED]        = "payload required",
	[PUBSUB_ERR_PAYLOAD_FORBIDDEN]       = "node takes no payloads",
	[PUBSUB_ERR_PAYLOAD_INVALID]         = "invalid payload",
	[PUBSUB_ERR_PAYLOAD_TOO_BIG]         = "payload too big",
	[PUBSUB_ERR_MAX_ITEMS_EXCEEDED]      = "more items than the node keeps",
	[PUBSUB_ERR_NODE_FULL]               = "node is full",
	[PUBSUB_ERR_PRECONDITION]            = "precondition not met",
	[PUBSUB_ERR_RETRACT_FORBIDDEN]       = "requester may not retract this item",
	[PUBSUB_ERR_ITEMID_REQUIRED]         = "ItemID required",
	[PUBSUB_ERR_PERSISTENCE_OFF]         = "node keeps no items",

	[PUBSUB_ERR_OWNER_FORBIDDEN]         = "requester is no owner",
	[PUBSUB_ERR_AFFILIATION_LIMIT]       = "too many affiliations of the node",
	[PUBSUB_ERR_LAST_OWNER]              = "the last owner has to stay",
	[PUBSUB_ERR_ENTRIES_FAILED]          = "some entries were refused",

	[PUBSUB_ERR_COMMAND_NOT_FOUND]       = "no such command",
	[PUBSUB_ERR_COMMAND_FORBIDDEN]       = "command is not for the requester",
	[PUBSUB_ERR_COMMAND_ACTION_UNKNOWN]  = "no such action",
	[PUBSUB_ERR_COMMAND_ACTION]          = "action is not possible here",
	[PUBSUB_ERR_COMMAND_PAYLOAD]         = "form is not filled in as it has to be",
	[PUBSUB_ERR_COMMAND_SESSION]         = "no such session",
	[PUBSUB_ERR_COMMAND_EXPIRED]         = "session is over",

	[PUBSUB_ERR_STORE_FULL]              = "store is full",
	[PUBSUB_ERR_STORE_IO]                = "store cannot be read or written",
	[PUBSUB_ERR_STORE_VERSION]           = "store was written by a newer version",
	[PUBSUB_ERR_STORE_FAILED]            = "store failed",

	[PUBSUB_ERR_NEED_ROSTER]             = "roster has to be fetched first",
};
/* clang-format on */

const char *error_text(enum pubsub_error err)
{
	assert((size_t)err < PUBSUB_ERR_COUNT && texts[err] != NULL);
	return texts[err];
}
