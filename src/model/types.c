/* types.c - types of nodes, as far as they are known. */
#include "peppy/pubsub.h"

#include <string.h>

#include "peppy/array.h"

static const char *const atom_types[] = {
	"http://www.w3.org/2005/Atom", "urn:xmpp:microblog:0", /* XEP-0277 */
	"urn:xmpp:pubsub-social-feed:1",                       /* XEP-0472 */
};

bool pubsub_type_has_body(const char *type)
{
	for (size_t i = 0; type != NULL && i < ARRAY_COUNT(atom_types); i++)
		if (strcmp(type, atom_types[i]) == 0)
			return true;
	return false;
}

/* Types that are no namespace themselves, and what their items hold. */
static const struct {
	const char *prefix, *payload_ns;
} profiles[] = {
	{"urn:xmpp:microblog:", "http://www.w3.org/2005/Atom"},          /* XEP-0277 */
	{"urn:xmpp:pubsub-social-feed:", "http://www.w3.org/2005/Atom"}, /* XEP-0472, XEP-0501 */
	{"urn:xmpp:spaces:", "urn:xmpp:bookmarks:1"},                    /* XEP-0503 */
};

bool pubsub_type_takes(const char *type, const char *payload_ns)
{
	if (type == NULL || strchr(type, ':') == NULL)
		return true;
	for (size_t i = 0; i < ARRAY_COUNT(profiles); i++)
		if (strncmp(type, profiles[i].prefix, strlen(profiles[i].prefix)) == 0)
			return strcmp(payload_ns, profiles[i].payload_ns) == 0;
	return strcmp(type, payload_ns) == 0;
}

const char *pubsub_node_type_of(const struct pubsub_node *node)
{
	return node->config.type != NULL ? node->config.type : node->payload_ns;
}
