/* What well-known nodes of accounts want when nobody configured them. */
#include "peppy/pep.h"

#include <string.h>

#include "peppy/array.h"

/* An unset member leaves what the operator configured. */
struct profile {
	const char *node_id;
	bool prefix; /* node_id is how the NodeID starts */
	bool has_access;
	enum pubsub_access_model access;
	uint32_t max_items; /* 0: unset */
	bool has_send_last;
	enum pubsub_send_last send_last;
};

#define ACCESS(model) .has_access = true, .access = PUBSUB_ACCESS_##model
#define SEND_LAST(when) .has_send_last = true, .send_last = PUBSUB_SEND_LAST_##when

/* Clients ask for these by publish-options; a first publish without any must not show private data
 * to contacts nor lose all items but one. */
static const struct profile profiles[] = {
	/* clang-format off */
	/* XEP-0402 3: private, a list, never sent at login */
	{"urn:xmpp:bookmarks:1", ACCESS(WHITELIST), .max_items = PUBSUB_MAX, SEND_LAST(NEVER)},
	/* XEP-0223, XEP-0048: private */
	{"storage:bookmarks", ACCESS(WHITELIST), .max_items = 1},
	/* XEP-0049: kept in items; private */
	{"jabber:iq:private", ACCESS(WHITELIST), .max_items = PUBSUB_MAX, SEND_LAST(NEVER)},
	/* XEP-0054: anybody may see it */
	{"vcard-temp", ACCESS(OPEN), .max_items = 1, SEND_LAST(NEVER)},
	/* XEP-0490 3: private, a list, never sent at login */
	{"urn:xmpp:mds:displayed:0", ACCESS(WHITELIST), .max_items = PUBSUB_MAX, SEND_LAST(NEVER)},
	/* XEP-0384 4.4.1, 5.3.1: anybody has to be able to encrypt; one bundle a device */
	{"urn:xmpp:omemo:2:devices", ACCESS(OPEN), .max_items = 1},
	{"urn:xmpp:omemo:2:bundles", ACCESS(OPEN), .max_items = PUBSUB_MAX},
	/* its first version, with one node a bundle */
	{"eu.siacs.conversations.axolotl.devicelist", ACCESS(OPEN), .max_items = 1},
	{"eu.siacs.conversations.axolotl.bundles:", .prefix = true, ACCESS(OPEN), .max_items = 1},
	/* XEP-0373 4.1: public keys */
	{"urn:xmpp:openpgp:0:public-keys", .prefix = true, ACCESS(OPEN), .max_items = 1},
	/* XEP-0084 4.1: images are fetched when their metadata say that they are new */
	{"urn:xmpp:avatar:data", .max_items = 1, SEND_LAST(NEVER)},
	{"urn:xmpp:avatar:metadata", .max_items = 1},
	/* XEP-0472, XEP-0277: a blog and its comments */
	{"urn:xmpp:microblog:0", .prefix = true, .max_items = PUBSUB_MAX, SEND_LAST(NEVER)},
	/* clang-format on */
};

static const struct profile *profile_find(const char *node_id)
{
	for (size_t i = 0; i < ARRAY_COUNT(profiles); i++) {
		const struct profile *row = &profiles[i];

		if (row->prefix ? strncmp(node_id, row->node_id, strlen(row->node_id)) == 0
				: strcmp(node_id, row->node_id) == 0)
			return row;
	}
	return NULL;
}

struct pubsub_node_config pep_config_default(void)
{
	struct pubsub_node_config config = pubsub_node_config_default;

	config.access_model = PUBSUB_ACCESS_PRESENCE;
	config.send_last_published_item = PUBSUB_SEND_LAST_ON_SUB_AND_PRESENCE;
	config.max_items = 1;
	config.publish_node_full = PUBSUB_NODE_FULL_DISCARD_OLDEST;
	return config;
}

void pep_node_defaults(const void *ctx, const char *node_id, struct pubsub_node_config *out)
{
	const struct profile *profile = node_id == NULL ? NULL : profile_find(node_id);

	*out = *(const struct pubsub_node_config *)ctx;
	if (profile == NULL)
		return;
	if (profile->has_access)
		out->access_model = profile->access;
	if (profile->max_items != 0)
		out->max_items = profile->max_items;
	if (profile->has_send_last)
		out->send_last_published_item = profile->send_last;
}
