/* types.c - types of nodes, as far as they are known. */
#include "peppy/pubsub.h"

#include <string.h>

static const char *const atom_types[] = {
	"http://www.w3.org/2005/Atom", "urn:xmpp:microblog:0", /* XEP-0277 */
	"urn:xmpp:pubsub-social-feed:1",                       /* XEP-0472 */
};

bool pubsub_type_has_body(const char *type)
{
	for (size_t i = 0; type != NULL && i < sizeof atom_types / sizeof atom_types[0]; i++)
		if (strcmp(type, atom_types[i]) == 0)
			return true;
	return false;
}

const char *pubsub_node_type_of(const struct pubsub_node *node)
{
	return node->config.type != NULL ? node->config.type : node->payload_ns;
}
