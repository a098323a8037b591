/* config.c - the fields of node configuration: XEP-0060 16.4.4, XEP-0248 for collections.
 * The first number of a row is its tag on disk: a new field takes a new one. The order is that of
 * the form which owners see. Texts are bounded so that the whole form fits into one stanza. */
#include "model/rows.h"

#include <assert.h>

#include "peppy/array.h"

#define RECORD struct pubsub_node_config
#define KIB(n) ((n)*1024)

/* clang-format off */
static const struct pubsub_field fields[] = {
	FIELD_TEXT (1,  "pubsub#title",       title,       KIB(1), "A friendly name for the node"),
	FIELD_TEXT (2,  "pubsub#description", description, KIB(8), "A description of the node"),
	FIELD_TEXT (3,  "pubsub#type",        type,        KIB(1),
		"The semantic type information of data in the node, usually a namespace"),
	FIELD_TEXT (4,  "pubsub#language",    language,    64, "The default language of the node"),
	FIELD_JIDS (5,  "pubsub#contact",     contact,     KIB(8),
		"The JIDs of those to contact with questions"),

	FIELD_LIST (6,  "pubsub#access_model", access_model, access_model,
		"Who may subscribe and retrieve items"),
	FIELD_TEXTS(7,  "pubsub#roster_groups_allowed", roster_groups_allowed, KIB(8),
		"The roster group(s) allowed to subscribe and retrieve items"),
	FIELD_LIST (8,  "pubsub#publish_model", publish_model, publish_model,
		"The publisher model"),
	FIELD_BOOL (9,  "pubsub#subscribe", subscribe, "Whether to allow subscriptions"),
	FIELD_BOOL (10, "pubsub#tempsub", tempsub,
		"Whether to make all subscriptions temporary, based on subscriber presence"),

	FIELD_BOOL (11, "pubsub#persist_items", persist_items,
		"Whether to persist items to storage"),
	FIELD_UINT (12, "pubsub#max_items", max_items, 1, PUBSUB_MAX, "max",
		"The maximum number of items to persist; max for as many as the service allows"),
	FIELD_LIST (13, "pubsub#publish_node_full", publish_node_full, node_full,
		"What to do when publishing to a node that is full"),
	FIELD_UINT (14, "pubsub#item_expire", item_expire_s, 1, PUBSUB_MAX, "max",
		"Number of seconds after which to automatically purge items; max for never"),
	FIELD_UINT (15, "pubsub#max_payload_size", max_payload_size, 1, PUBSUB_MAX, "max",
		"The maximum payload size in bytes; max for as many as the service allows"),
	FIELD_BOOL (16, "pubsub#purge_offline", purge_offline,
		"Whether to purge all items when the relevant publisher goes offline"),

	FIELD_BOOL (17, "pubsub#deliver_notifications", deliver_notifications,
		"Whether to deliver event notifications"),
	FIELD_BOOL (18, "pubsub#deliver_payloads", deliver_payloads,
		"Whether to deliver payloads with event notifications; applies only to leaf nodes"),
	FIELD_LIST (19, "pubsub#send_last_published_item", send_last_published_item, send_last,
		"When to send the last published item"),
	FIELD_BOOL (20, "pubsub#presence_based_delivery", presence_based_delivery,
		"Whether to deliver notifications to available users only"),
	FIELD_LIST (21, "pubsub#notification_type", notification_type, notification_type,
		"Specify the delivery style for notifications"),
	FIELD_BOOL (22, "pubsub#notify_config", notify_config,
		"Whether to notify subscribers when the node configuration changes"),
	FIELD_BOOL (23, "pubsub#notify_delete", notify_delete,
		"Whether to notify subscribers when the node is deleted"),
	FIELD_BOOL (24, "pubsub#notify_retract", notify_retract,
		"Whether to notify subscribers when items are removed from the node"),
	FIELD_BOOL (25, "pubsub#notify_sub", notify_sub,
		"Whether to notify owners about new subscribers and unsubscribes"),
	FIELD_LIST (26, "pubsub#itemreply", itemreply, itemreply,
		"Whether owners or publisher should receive replies to items"),
	FIELD_TEXT (27, "pubsub#body_xslt", body_xslt, KIB(1),
		"The URL of an XSL transformation which makes a message body of a payload"),
	FIELD_TEXT (28, "pubsub#dataform_xslt", dataform_xslt, KIB(1),
		"The URL of an XSL transformation which makes a data form of a payload"),

	FIELD_LIST (29, "pubsub#node_type", node_type, node_type,
		"Whether the node is a leaf (default) or a collection"),
	FIELD_TEXTS(30, "pubsub#collection", collection, KIB(8),
		"The collections of which this node is a child"),
	FIELD_TEXTS(31, "pubsub#children", children, KIB(64),
		"The nodes of which this node is a parent"),
	FIELD_UINT (32, "pubsub#children_max", children_max, 0, PUBSUB_MAX, "max",
		"The maximum number of children for this collection"),
	FIELD_LIST (33, "pubsub#children_association_policy", children_association_policy,
		association, "Who may associate nodes with this collection"),
	FIELD_JIDS (34, "pubsub#children_association_whitelist", children_association_whitelist,
		KIB(32), "JIDs who may associate nodes with this collection"),
};
/* clang-format on */

static_assert(ARRAY_COUNT(fields) <= 64, "a set of fields is a uint64_t");

const struct pubsub_form_type pubsub_node_config_type = {
	.form_type = "http://jabber.org/protocol/pubsub#node_config",
	.v = fields,
	.n = ARRAY_COUNT(fields),
	.size = sizeof(RECORD),
};

const struct pubsub_node_config pubsub_node_config_default = {
	.access_model = PUBSUB_ACCESS_OPEN,
	.publish_model = PUBSUB_PUBLISH_PUBLISHERS,
	.subscribe = true,
	.persist_items = true,
	.max_items = PUBSUB_MAX,
	.publish_node_full = PUBSUB_NODE_FULL_RETRACT_OLDEST, /* 7.1.2.6 */
	.item_expire_s = PUBSUB_MAX,
	.max_payload_size = PUBSUB_MAX,
	.deliver_notifications = true,
	.deliver_payloads = true,
	.send_last_published_item = PUBSUB_SEND_LAST_ON_SUB,
	.notification_type = PUBSUB_NOTIFICATION_HEADLINE,
	.notify_delete = true,
	.notify_retract = true,
	.itemreply = PUBSUB_ITEMREPLY_OWNER,
	.node_type = PUBSUB_NODE_LEAF,
	.children_max = PUBSUB_MAX,
	.children_association_policy = PUBSUB_ASSOCIATION_OWNERS,
};
