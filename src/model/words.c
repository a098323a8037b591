/* words.c - the word and the label of every enumerator. */
#include "model/words.h"

#include <assert.h>
#include <string.h>

#include "peppy/array.h"

/* A table of words, its table of labels: of one length, which is that of the enum. */
#define WORDS(noun, count)                                                                         \
	static_assert(ARRAY_COUNT(noun) == (count), "a word is missing");                          \
	static_assert(ARRAY_COUNT(noun##_labels) == (count), "a label is missing");                \
	const struct pubsub_words pubsub_##noun##_words = {noun, noun##_labels, ARRAY_COUNT(noun)}

/* clang-format off */
static const char *const affiliation[] = {
	[PUBSUB_AFFILIATION_NONE]         = "none",
	[PUBSUB_AFFILIATION_OUTCAST]      = "outcast",
	[PUBSUB_AFFILIATION_MEMBER]       = "member",
	[PUBSUB_AFFILIATION_PUBLISH_ONLY] = "publish-only",
	[PUBSUB_AFFILIATION_PUBLISHER]    = "publisher",
	[PUBSUB_AFFILIATION_OWNER]        = "owner",
};
static const char *const affiliation_labels[] = {
	[PUBSUB_AFFILIATION_NONE]         = "No affiliation",
	[PUBSUB_AFFILIATION_OUTCAST]      = "Shut out",
	[PUBSUB_AFFILIATION_MEMBER]       = "May subscribe and retrieve items",
	[PUBSUB_AFFILIATION_PUBLISH_ONLY] = "May publish, but not subscribe",
	[PUBSUB_AFFILIATION_PUBLISHER]    = "May subscribe and publish",
	[PUBSUB_AFFILIATION_OWNER]        = "May do everything",
};
WORDS(affiliation, PUBSUB_AFFILIATION_COUNT);

static const char *const subscription_state[] = {
	[PUBSUB_SUBSCRIPTION_NONE]         = "none",
	[PUBSUB_SUBSCRIPTION_PENDING]      = "pending",
	[PUBSUB_SUBSCRIPTION_UNCONFIGURED] = "unconfigured",
	[PUBSUB_SUBSCRIPTION_SUBSCRIBED]   = "subscribed",
};
static const char *const subscription_state_labels[] = {
	[PUBSUB_SUBSCRIPTION_NONE]         = "Not subscribed",
	[PUBSUB_SUBSCRIPTION_PENDING]      = "Waiting for the approval of an owner",
	[PUBSUB_SUBSCRIPTION_UNCONFIGURED] = "Subscribed, options still to be set",
	[PUBSUB_SUBSCRIPTION_SUBSCRIBED]   = "Subscribed",
};
WORDS(subscription_state, PUBSUB_SUBSCRIPTION_COUNT);

static const char *const access_model[] = {
	[PUBSUB_ACCESS_OPEN]      = "open",
	[PUBSUB_ACCESS_PRESENCE]  = "presence",
	[PUBSUB_ACCESS_ROSTER]    = "roster",
	[PUBSUB_ACCESS_AUTHORIZE] = "authorize",
	[PUBSUB_ACCESS_WHITELIST] = "whitelist",
};
static const char *const access_model_labels[] = {
	[PUBSUB_ACCESS_OPEN]      = "Anyone may subscribe and retrieve items",
	[PUBSUB_ACCESS_PRESENCE]  = ("Anyone with a presence subscription of both or from "
		"may subscribe and retrieve items"),
	[PUBSUB_ACCESS_ROSTER]    = ("Anyone in the specified roster group(s) "
		"may subscribe and retrieve items"),
	[PUBSUB_ACCESS_AUTHORIZE] = ("Subscription requests must be approved "
		"and only subscribers may retrieve items"),
	[PUBSUB_ACCESS_WHITELIST] = "Only those on a whitelist may subscribe and retrieve items",
};
WORDS(access_model, PUBSUB_ACCESS_COUNT);

static const char *const publish_model[] = {
	[PUBSUB_PUBLISH_PUBLISHERS]  = "publishers",
	[PUBSUB_PUBLISH_SUBSCRIBERS] = "subscribers",
	[PUBSUB_PUBLISH_OPEN]        = "open",
};
static const char *const publish_model_labels[] = {
	[PUBSUB_PUBLISH_PUBLISHERS]  = "Only publishers may publish",
	[PUBSUB_PUBLISH_SUBSCRIBERS] = "Subscribers may publish",
	[PUBSUB_PUBLISH_OPEN]        = "Anyone may publish",
};
WORDS(publish_model, PUBSUB_PUBLISH_COUNT);

static const char *const send_last[] = {
	[PUBSUB_SEND_LAST_NEVER]               = "never",
	[PUBSUB_SEND_LAST_ON_SUB]              = "on_sub",
	[PUBSUB_SEND_LAST_ON_SUB_AND_PRESENCE] = "on_sub_and_presence",
};
static const char *const send_last_labels[] = {
	[PUBSUB_SEND_LAST_NEVER]               = "Never",
	[PUBSUB_SEND_LAST_ON_SUB]              = "When a new subscription is processed",
	[PUBSUB_SEND_LAST_ON_SUB_AND_PRESENCE] = ("When a new subscription is processed "
		"and whenever a subscriber comes online"),
};
WORDS(send_last, PUBSUB_SEND_LAST_COUNT);

static const char *const node_type[] = {
	[PUBSUB_NODE_LEAF]       = "leaf",
	[PUBSUB_NODE_COLLECTION] = "collection",
};
static const char *const node_type_labels[] = {
	[PUBSUB_NODE_LEAF]       = "The node is a leaf node (default)",
	[PUBSUB_NODE_COLLECTION] = "The node is a collection node",
};
WORDS(node_type, PUBSUB_NODE_TYPE_COUNT);

static const char *const notification_type[] = {
	[PUBSUB_NOTIFICATION_NORMAL]   = "normal",
	[PUBSUB_NOTIFICATION_HEADLINE] = "headline",
};
static const char *const notification_type_labels[] = {
	[PUBSUB_NOTIFICATION_NORMAL]   = "Messages of type normal",
	[PUBSUB_NOTIFICATION_HEADLINE] = "Messages of type headline",
};
WORDS(notification_type, PUBSUB_NOTIFICATION_COUNT);

static const char *const itemreply[] = {
	[PUBSUB_ITEMREPLY_OWNER]     = "owner",
	[PUBSUB_ITEMREPLY_PUBLISHER] = "publisher",
	[PUBSUB_ITEMREPLY_NONE]      = "none",
};
static const char *const itemreply_labels[] = {
	[PUBSUB_ITEMREPLY_OWNER]     = "Statically specify a replyto of the node owner(s)",
	[PUBSUB_ITEMREPLY_PUBLISHER] = "Dynamically specify a replyto of the item publisher",
	[PUBSUB_ITEMREPLY_NONE]      = "Tell no replyto",
};
WORDS(itemreply, PUBSUB_ITEMREPLY_COUNT);

static const char *const node_full[] = {
	[PUBSUB_NODE_FULL_RETRACT_OLDEST] = "retract-oldest",
	[PUBSUB_NODE_FULL_DISCARD_OLDEST] = "discard-oldest",
	[PUBSUB_NODE_FULL_REJECT]         = "reject",
};
static const char *const node_full_labels[] = {
	[PUBSUB_NODE_FULL_RETRACT_OLDEST] = "Retract the oldest item, publish the new one",
	[PUBSUB_NODE_FULL_DISCARD_OLDEST] = "Discard the oldest item, publish the new one",
	[PUBSUB_NODE_FULL_REJECT]         = "Reject publication of the new item",
};
WORDS(node_full, PUBSUB_NODE_FULL_COUNT);

static const char *const association[] = {
	[PUBSUB_ASSOCIATION_ALL]       = "all",
	[PUBSUB_ASSOCIATION_OWNERS]    = "owners",
	[PUBSUB_ASSOCIATION_WHITELIST] = "whitelist",
};
static const char *const association_labels[] = {
	[PUBSUB_ASSOCIATION_ALL]       = "Anyone may associate nodes with this collection",
	[PUBSUB_ASSOCIATION_OWNERS]    = ("Only the owners of this node "
		"may associate other nodes to this collection"),
	[PUBSUB_ASSOCIATION_WHITELIST] = ("Only those on the children association whitelist "
		"may associate other nodes to this collection"),
};
WORDS(association, PUBSUB_ASSOCIATION_COUNT);

static const char *const subscription_type[] = {
	[PUBSUB_SUBSCRIPTION_TYPE_ITEMS] = "items",
	[PUBSUB_SUBSCRIPTION_TYPE_NODES] = "nodes",
	[PUBSUB_SUBSCRIPTION_TYPE_ALL]   = "all",
};
static const char *const subscription_type_labels[] = {
	[PUBSUB_SUBSCRIPTION_TYPE_ITEMS] = "Receive notification of items only",
	[PUBSUB_SUBSCRIPTION_TYPE_NODES] = "Receive notification of nodes only",
	[PUBSUB_SUBSCRIPTION_TYPE_ALL]   = "Receive notification of items and nodes",
};
WORDS(subscription_type, PUBSUB_SUBSCRIPTION_TYPE_COUNT);

static const char *const show[] = {"away", "chat", "dnd", "online", "xa"};
static const char *const show_labels[] = {
	"XMPP Show Value of Away",
	"XMPP Show Value of Chat",
	"XMPP Show Value of DND (Do Not Disturb)",
	"Mere Availability in XMPP (No Show Value)",
	"XMPP Show Value of XA (Extended Away)",
};
WORDS(show, 5);
/* clang-format on */

int pubsub_word_find(const struct pubsub_words *words, const char *word)
{
	for (size_t i = 0; i < words->n; i++)
		if (strcmp(words->v[i], word) == 0)
			return (int)i;
	return -1;
}
