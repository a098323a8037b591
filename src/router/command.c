/* What is asked otherwise than by <pubsub/>: get-pending by an ad-hoc command (XEP-0050, XEP-0060
 * 8.7) and the answers of owners to authorization forms (8.6). Their rows stand in routes.c. */
#include "routes.h"
#include "stanza.h"

#include <string.h>

#define COMMAND_NAME "Get pending subscription requests"

void command_run(struct turn *turn, const struct inquiry *inquiry)
{
	request_answer(turn, inquiry, route_of("set", inquiry->child), inquiry->child);
}

void authorize_run(struct turn *turn, const struct inquiry *inquiry)
{
	request_answer(turn, inquiry, route_of("message", inquiry->child), inquiry->child);
}

/* ---- discovery (XEP-0050 2.2, 2.3) ---- */

bool command_is_node(const char *node)
{
	return strcmp(node, NS_COMMANDS) == 0 || strcmp(node, CODEC_COMMAND_PENDING) == 0;
}

void command_info(struct turn *turn, const struct inquiry *inquiry, const char *node)
{
	static const struct codec_identity list = {"automation", "command-list", NULL},
					   command = {"automation", "command-node", COMMAND_NAME};
	static const char *const features[] = {NS_COMMANDS, NS_DATA};
	const struct codec_disco disco = {
		.node = node,
		.identities = strcmp(node, NS_COMMANDS) == 0 ? &list : &command,
		.identity_count = 1,
		.features = features,
		.feature_count = sizeof features / sizeof features[0],
	};
	struct xml_writer w = stanza_reply(turn, inquiry, "result");

	codec_disco_info_render(&w, &disco, NULL);
	stanza_reply_end(turn, inquiry, &w);
}

void command_items(struct turn *turn, const struct inquiry *inquiry, const char *node)
{
	struct pubsub_node pending = {
		.node_id = CODEC_COMMAND_PENDING,
		.config.title = COMMAND_NAME,
	};
	const struct pubsub_request request = {.service = inquiry->to.full, .node_id = node};
	const struct pubsub_answer answer = {
		.nodes = &pending,
		.node_count = strcmp(node, NS_COMMANDS) == 0 ? 1 : 0,
	};
	struct xml_writer w = stanza_reply(turn, inquiry, "result");

	codec_disco_items_render(&w, &request, &answer);
	stanza_reply_end(turn, inquiry, &w);
}
