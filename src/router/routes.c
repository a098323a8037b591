/* The table of requests. */
#include "routes.h"

#include <string.h>

#include "peppy/array.h"

static const struct route routes[] = {
	/* clang-format off */
	/* XEP-0060 6 and 7 */
	{"set", NS_PUBSUB, "create", "configure", STORE_WRITE,
	 codec_create_parse, service_node_create, codec_create_render,
	 {"create-nodes", "create-and-configure", "instant-nodes"}},
	{"set", NS_PUBSUB, "publish", "publish-options", STORE_WRITE,
	 codec_publish_parse, service_item_publish, codec_publish_render,
	 {"publish", "publish-options", "item-ids", "multi-items", "persistent-items"}},
	{"set", NS_PUBSUB, "retract", NULL, STORE_WRITE,
	 codec_retract_parse, service_item_retract, codec_nothing_render,
	 {"retract-items", "delete-items"}},
	{"get", NS_PUBSUB, "items", NULL, STORE_READ,
	 codec_items_parse, service_items_retrieve, codec_items_render,
	 {"retrieve-items", "rsm"}},
	{"set", NS_PUBSUB, "subscribe", "options", STORE_WRITE,
	 codec_subscribe_parse, service_subscribe, codec_subscribe_render,
	 {"subscribe"}},
	{"set", NS_PUBSUB, "unsubscribe", NULL, STORE_WRITE,
	 codec_unsubscribe_parse, service_unsubscribe, codec_unsubscribe_render,
	 {NULL}},
	{"get", NS_PUBSUB, "options", NULL, STORE_READ,
	 codec_options_get_parse, service_options, codec_options_get_render,
	 {"subscription-options"}},
	{"set", NS_PUBSUB, "options", NULL, STORE_WRITE,
	 codec_options_set_parse, service_options_set, codec_nothing_render,
	 {NULL}},
	{"get", NS_PUBSUB, "default", NULL, STORE_READ,
	 codec_options_default_parse, service_options_default, codec_options_default_render,
	 {"retrieve-default-sub"}},
	{"get", NS_PUBSUB, "subscriptions", NULL, STORE_READ,
	 codec_subscriptions_parse, service_subscriptions, codec_subscriptions_render,
	 {"retrieve-subscriptions"}},
	{"get", NS_PUBSUB, "affiliations", NULL, STORE_READ,
	 codec_affiliations_parse, service_affiliations, codec_affiliations_render,
	 {"retrieve-affiliations"}},
	/* 8 */
	{"get", NS_PUBSUB_OWNER, "configure", NULL, STORE_READ,
	 codec_configure_get_parse, service_node_configuration, codec_configure_get_render,
	 {"config-node"}},
	{"set", NS_PUBSUB_OWNER, "configure", NULL, STORE_WRITE,
	 codec_configure_set_parse, service_node_configure, codec_nothing_render,
	 {NULL}},
	{"get", NS_PUBSUB_OWNER, "default", NULL, STORE_READ,
	 codec_configure_default_parse, service_node_default, codec_configure_default_render,
	 {"retrieve-default"}},
	{"set", NS_PUBSUB_OWNER, "delete", NULL, STORE_WRITE,
	 codec_delete_parse, service_node_delete, codec_nothing_render,
	 {"delete-nodes"}},
	{"set", NS_PUBSUB_OWNER, "collection", NULL, STORE_WRITE,
	 codec_associate_parse, service_associate, codec_nothing_render,
	 {NULL}},
	{"set", NS_PUBSUB_OWNER, "purge", NULL, STORE_WRITE,
	 codec_purge_parse, service_node_purge, codec_nothing_render,
	 {"purge-nodes"}},
	{"get", NS_PUBSUB_OWNER, "subscriptions", NULL, STORE_READ,
	 codec_owner_subscriptions_get_parse, service_owner_subscriptions,
	 codec_owner_subscriptions_render, {"manage-subscriptions"}},
	{"set", NS_PUBSUB_OWNER, "subscriptions", NULL, STORE_WRITE,
	 codec_owner_subscriptions_set_parse, service_owner_subscriptions_set,
	 codec_owner_subscriptions_set_render, {NULL}},
	{"get", NS_PUBSUB_OWNER, "affiliations", NULL, STORE_READ,
	 codec_owner_affiliations_get_parse, service_owner_affiliations,
	 codec_owner_affiliations_render, {NULL}},
	{"set", NS_PUBSUB_OWNER, "affiliations", NULL, STORE_WRITE,
	 codec_owner_affiliations_set_parse, service_owner_affiliations_set,
	 codec_owner_affiliations_set_render,
	 {"modify-affiliations", "member-affiliation", "outcast-affiliation",
	  "publisher-affiliation", "publish-only-affiliation"}},
	{"message", NS_DATA, "x", NULL, STORE_WRITE,
	 codec_authorize_parse, service_authorize, codec_nothing_render, {NULL}},
	/* clang-format on */
};

/* What a service can do here and now. */
struct offer {
	const struct service_profile *profile;
	bool contacts; /* it can be found out who is whose contact */
};

static bool on_component(const struct offer *offer)
{
	return !offer->profile->account;
}

static bool on_account(const struct offer *offer)
{
	return offer->profile->account;
}

static bool creates(const struct offer *offer)
{
	return offer->profile->auto_create;
}

static bool subscribes_implicitly(const struct offer *offer)
{
	return offer->profile->implicit;
}

static bool has_collections(const struct offer *offer)
{
	return offer->profile->collections;
}

static bool subscribes_several(const struct offer *offer)
{
	return offer->profile->multi_subscribe;
}

/* XEP-0060 4.3: only where on_sub_and_presence is the default of all nodes. */
static bool sends_last(const struct offer *offer)
{
	struct pubsub_node_config config;

	offer->profile->defaults(offer->profile->ctx, "", &config);
	return config.send_last_published_item == PUBSUB_SEND_LAST_ON_SUB_AND_PRESENCE;
}

static bool knows_contacts(const struct offer *offer)
{
	return offer->contacts;
}

/* Features that are no verb of their own: what the rules do. */
static const struct {
	const char *name;
	bool (*works)(const struct offer *offer); /* NULL: always */
} rules[] = {
	/* clang-format off */
	{"access-open",            NULL},
	{"access-authorize",       NULL},
	{"access-whitelist",       NULL},
	{"access-presence",        knows_contacts},
	{"access-roster",          knows_contacts},
	{"auto-create",            creates},
	{"auto-subscribe",         subscribes_implicitly},
	{"filtered-notifications", subscribes_implicitly},
	{"get-pending",            on_component},
	{"presence-subscribe",     subscribes_implicitly},
	{"presence-notifications", NULL},
	{"collections",            has_collections},
	{"config-node-max",        NULL},
	{"last-published",         sends_last},
	{"leased-subscription",    NULL},
	{"meta-data",              NULL},
	{"multi-collection",       has_collections},
	{"multi-subscribe",        subscribes_several},
	{"publish-node-full",      NULL},
	{"pubsub-on-a-jid",        on_account},
	{"since",                  NULL}, /* XEP-0312 */
	{"subscription-notifications", NULL},
	/* clang-format on */
};

/* Names beside those of pubsub; and of accounts alone. */
static const char *const others[] = {NS_DISCO_INFO, NS_DISCO_ITEMS, NS_PUBSUB, NS_RSM, NS_ORDER,
	NS_ORDER "@" NS_PUBSUB, NS_FILTER};
static const char *const of_accounts[] = {NS_BOOKMARKS "#compat-pep"};

const struct route *route_of(const char *type, const struct xml_element *el)
{
	for (size_t i = 0; i < ARRAY_COUNT(routes); i++)
		if (xml_is(el, routes[i].ns, routes[i].element) &&
			strcmp(routes[i].type, type) == 0)
			return &routes[i];
	return NULL;
}

const struct route *route_of_rule(service_fn run)
{
	for (size_t i = 0; i < ARRAY_COUNT(routes); i++)
		if (routes[i].run == run)
			return &routes[i];
	return NULL;
}

/* Does nothing stand around the verb but what its row allows? Other namespaces extend it: what of
 * them is not understood is passed over (RFC 6120 8.4). */
static bool stands_alone(const struct route *route, const struct xml_element *verb)
{
	const struct xml_element *el;

	for (el = verb->parent->first; el != NULL; el = el->next)
		if (el != verb && strcmp(el->ns, verb->ns) == 0 &&
			(route->beside == NULL || strcmp(el->name, route->beside) != 0))
			return false;
	return true;
}

_Static_assert(ARRAY_COUNT(routes) <= ROUTES_MAX, "ROUTES_MAX is too small");

const struct route *route_at(size_t i)
{
	return i < ARRAY_COUNT(routes) ? &routes[i] : NULL;
}

size_t route_index(const struct route *route)
{
	return (size_t)(route - routes);
}

enum pubsub_error route_find(const char *type, const struct xml_element *pubsub,
	const struct route **out, const struct xml_element **verb_out)
{
	for (const struct xml_element *el = pubsub->first; el != NULL; el = el->next) {
		const struct route *route = route_of(type, el);

		if (route != NULL && stands_alone(route, el)) {
			*out = route;
			*verb_out = el;
			return PUBSUB_OK;
		}
	}
	return PUBSUB_ERR_BAD_REQUEST;
}

static const char *full_name(const char *feature, struct arena *arena)
{
	return arena_printf(arena, NS_PUBSUB "#%s", feature);
}

const char *const *route_features(
	const struct service_profile *profile, bool contacts, struct arena *arena, size_t *n_out)
{
	const struct offer offer = {profile, contacts};
	size_t max = ARRAY_COUNT(routes) * ROUTE_FEATURES_MAX + ARRAY_COUNT(rules) +
		     ARRAY_COUNT(others) + ARRAY_COUNT(of_accounts),
	       n = 0;
	const char **names = arena_alloc(arena, max * sizeof *names);

	for (size_t i = 0; i < ARRAY_COUNT(others); i++)
		names[n++] = others[i];
	for (size_t i = 0; i < ARRAY_COUNT(of_accounts) && profile->account; i++)
		names[n++] = of_accounts[i];
	for (size_t i = 0; i < ARRAY_COUNT(routes); i++)
		for (size_t f = 0; f < ROUTE_FEATURES_MAX && routes[i].features[f] != NULL; f++)
			names[n++] = full_name(routes[i].features[f], arena);
	for (size_t i = 0; i < ARRAY_COUNT(rules); i++)
		if (rules[i].works == NULL || rules[i].works(&offer))
			names[n++] = full_name(rules[i].name, arena);
	*n_out = n;
	return names;
}
