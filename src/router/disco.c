/* Service discovery (XEP-0030) of components, accounts and their nodes; what delegation asks. */
#include "routes.h"
#include "service_call.h"

#include <string.h>

#include "park.h"
#include "peppy/array.h"

/* XEP-0355 4.2: "urn:xmpp:delegation:N:bare:NS" asks what accounts will show for the delegated
 * namespace, "urn:xmpp:delegation:N::NS" what the server itself will, which is not taken. */
#define DELEGATION_PREFIX "urn:xmpp:delegation:"

static void render_info(struct turn *turn, const struct inquiry *inquiry,
	const struct codec_disco *disco, const struct pubsub_answer *answer)
{
	struct xml_writer w = stanza_reply(turn, inquiry, "result");

	codec_disco_info_render(&w, disco, answer);
	stanza_reply_end(turn, inquiry, &w);
}

/* The namespaces, beside that of pubsub, that a server may delegate, and what accounts show for
 * them. disco#info is not among them: who takes it answers for the account as a whole. */
static const struct delegable {
	const char *ns;
	const char *features[2];
	size_t feature_count;
} delegables[] = {
	{NS_PUBSUB_OWNER, {NS_PUBSUB_OWNER}, 1},
	{NS_DISCO_ITEMS, {NS_DISCO_ITEMS}, 1},
	{NS_PRIVATE, {NS_PRIVATE, NS_BOOKMARKS "#compat"}, 2},
	{NS_VCARD, {NS_VCARD}, 1},
};

static const struct delegable *delegable_find(const char *ns)
{
	for (size_t i = 0; i < ARRAY_COUNT(delegables); i++)
		if (strcmp(delegables[i].ns, ns) == 0)
			return &delegables[i];
	return NULL;
}

static void delegation_info(struct turn *turn, const struct inquiry *inquiry, const char *node)
{
	static const struct codec_identity pep = {"pubsub", "pep", NULL};
	static const char bare[] = ":bare:";
	const struct component *component = &turn->router->components[inquiry->task->component];
	const char *rest = strchr(node + strlen(DELEGATION_PREFIX), ':');
	const char *ns =
		rest != NULL && strncmp(rest, bare, strlen(bare)) == 0 ? rest + strlen(bare) : "";
	const struct delegable *delegable = delegable_find(ns);
	struct codec_disco disco = {.node = node};

	if (strcmp(ns, NS_PUBSUB) == 0) {
		disco.identities = &pep;
		disco.identity_count = 1;
		disco.features = route_features(
			&component->account_profile, true, turn->arena, &disco.feature_count);
	} else if (delegable != NULL) {
		disco.features = delegable->features;
		disco.feature_count = delegable->feature_count;
	} else {
		stanza_error(turn, inquiry, PUBSUB_ERR_NODE_NOT_FOUND, NULL);
		return;
	}
	render_info(turn, inquiry, &disco, NULL);
}

static void service_info(struct turn *turn, const struct inquiry *inquiry)
{
	static const struct codec_identity identities[] = {
		{"pubsub", "service", "peppy"},
		{"pubsub", NS_FORMS, NULL}, /* XEP-0346 asks for no more */
		{"pubsub", "pep", NULL},
	};
	static const char *const everywhere[] = {NS_COMMANDS, NS_PING, NS_VERSION, NS_LAST};
	const struct component *component = &turn->router->components[inquiry->task->component];
	const struct service_profile *profile =
		inquiry->account ? &component->account_profile : &component->profile;
	struct codec_disco disco = {
		.identities = &identities[inquiry->account ? 2 : 0],
		.identity_count = inquiry->account ? 1 : 2,
	};
	bool contacts =
		inquiry->account || pep_shows_lists(turn->router->pep, inquiry->task->component);
	const char *const *features =
		route_features(profile, contacts, turn->arena, &disco.feature_count);

	disco.features = features;
	if (!inquiry->account) {
		size_t extra = ARRAY_COUNT(everywhere);
		const char **all =
			arena_alloc(turn->arena, (disco.feature_count + extra) * sizeof *all);

		memcpy(all, features, disco.feature_count * sizeof *all);
		memcpy(all + disco.feature_count, everywhere, sizeof everywhere);
		disco.features = all;
		disco.feature_count += extra;
	}
	render_info(turn, inquiry, &disco, NULL);
}

/* Runs the rules for a disco query; false: it has been answered with an error, or parked. */
static bool ask_rules(struct turn *turn, const struct inquiry *inquiry, service_fn run,
	struct pubsub_request *request, struct pubsub_answer *answer)
{
	struct service service;
	const char *detail = NULL;
	enum pubsub_error err =
		codec_disco_parse(&inquiry->task->stanza, inquiry->child, request, &detail);

	if (err != PUBSUB_OK) {
		stanza_error(turn, inquiry, err, detail);
		return false;
	}
	if (!service_call_open(turn, inquiry->task->component, inquiry->account,
		    park_is_expired(inquiry->task), STORE_READ, &service))
		return false;
	err = run(&service, request, answer);
	if (err != PUBSUB_OK)
		service_call_failed(turn, inquiry, err, answer->detail);
	return err == PUBSUB_OK;
}

static void node_info(struct turn *turn, const struct inquiry *inquiry, const char *node)
{
	static const struct codec_identity types[] = {
		[PUBSUB_NODE_LEAF] = {"pubsub", "leaf", NULL},
		[PUBSUB_NODE_COLLECTION] = {"pubsub", "collection", NULL},
	};
	static const char *const features[] = {NS_DISCO_INFO, NS_DISCO_ITEMS, NS_PUBSUB, NS_RSM};
	struct codec_disco disco = {
		.node = node,
		.identity_count = 1,
		.features = features,
		.feature_count = ARRAY_COUNT(features),
	};
	struct pubsub_request request = {.service = inquiry->to.full, .from = inquiry->from};
	struct pubsub_answer answer = {0};

	if (!ask_rules(turn, inquiry, service_disco_info, &request, &answer))
		return;
	disco.identities = &types[answer.node->config.node_type];
	render_info(turn, inquiry, &disco, &answer);
}

void disco_info_run(struct turn *turn, const struct inquiry *inquiry)
{
	const char *node = xml_attr(inquiry->child, "node");

	if (node == NULL || *node == '\0')
		service_info(turn, inquiry);
	else if (!inquiry->account &&
		 strncmp(node, DELEGATION_PREFIX, strlen(DELEGATION_PREFIX)) == 0)
		delegation_info(turn, inquiry, node);
	else if (!inquiry->account && command_is_node(node))
		command_info(turn, inquiry, node);
	else
		node_info(turn, inquiry, node);
}

void disco_items_run(struct turn *turn, const struct inquiry *inquiry)
{
	struct pubsub_request request = {.service = inquiry->to.full, .from = inquiry->from};
	struct pubsub_answer answer = {0};
	const char *node = xml_attr(inquiry->child, "node");
	struct xml_writer w;

	if (!inquiry->account && node != NULL && command_is_node(node)) {
		command_items(turn, inquiry, node);
		return;
	}
	if (!ask_rules(turn, inquiry, service_disco_items, &request, &answer))
		return;
	w = stanza_reply(turn, inquiry, "result");
	codec_disco_items_render(&w, &request, &answer);
	stanza_reply_end(turn, inquiry, &w);
}
