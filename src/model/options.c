/* options.c - the fields of subscription options: XEP-0060 16.4.2, XEP-0248 for collections.
 * The first number of a row is its tag on disk: a new field takes a new one. */
#include "model/rows.h"

#include <assert.h>

#include "peppy/array.h"

#define RECORD struct pubsub_subscribe_options
#define DAY_MS 86400000u

/* clang-format off */
static const struct pubsub_field fields[] = {
	FIELD_BOOL (1, "pubsub#deliver", deliver,
		"Whether an entity wants to receive or disable notifications"),
	FIELD_BOOL (2, "pubsub#digest", digest,
		"Whether an entity wants to receive digests (aggregations) of notifications or all "
		"notifications individually"),
	FIELD_UINT (3, "pubsub#digest_frequency", digest_frequency_ms, 0, DAY_MS, NULL,
		"The minimum number of milliseconds between sending any two notification digests"),
	FIELD_STAMP(4, "pubsub#expire", expire_us, "presence",
		"The DateTime at which a leased subscription will end or has ended; presence for as "
		"long as the subscriber is online"),
	FIELD_BOOL (5, "pubsub#include_body", include_body,
		"Whether an entity wants to receive an XMPP message body in addition to the "
		"payload format"),
	FIELD_LISTS(6, "pubsub#show-values", show_values, show, 256,
		"The presence states for which an entity wants to receive notifications; none for "
		"all"),
	FIELD_LIST (7, "pubsub#subscription_type", subscription_type, subscription_type,
		"What a subscription to a collection is about"),
	FIELD_UINT (8, "pubsub#subscription_depth", subscription_depth, 0, PUBSUB_MAX, "all",
		"How far to traverse the node graph for notifications"),
};
/* clang-format on */

static_assert(ARRAY_COUNT(fields) <= 64, "a set of fields is a uint64_t");

const struct pubsub_form_type pubsub_subscribe_options_type = {
	.form_type = "http://jabber.org/protocol/pubsub#subscribe_options",
	.v = fields,
	.n = ARRAY_COUNT(fields),
	.size = sizeof(RECORD),
};

const struct pubsub_subscribe_options pubsub_subscribe_options_default = {
	.deliver = true,
	.digest_frequency_ms = DAY_MS,                       /* 6.3.3: "approx. one per day" */
	.subscription_type = PUBSUB_SUBSCRIPTION_TYPE_NODES, /* XEP-0248 6 */
	.subscription_depth = 1,
};
