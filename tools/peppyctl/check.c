/* check.c - what the server grants, in plain words, and the lines its configuration lacks. */
#include "peppyctl.h"

#include "peppy/array.h"

/* What a domain's server may grant; a component of one service needs none of it. */
static const struct {
	const char *member; /* of the daemon's answer */
	const char *name;
	const char *without; /* what does not work */
} rights[] = {
	/* clang-format off */
	{"accounts", "accounts",  "Personal Eventing is left to the server"},
	{"message",  "messages",  "nobody hears of events of accounts"},
	{"roster",   "rosters",   "access models presence and roster admit nobody"},
	{"presence", "presences", "nobody counts as online: events reach explicit subscribers only"},
	/* clang-format on */
};
static bool has(const json_t *domain, size_t right)
{
	return json_is_true(json_object_get(domain, rights[right].member));
}

static size_t count_rights(const json_t *domain)
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_COUNT(rights); i++)
		n += has(domain, i);
	return n;
}

static void print_lines(const char *component, const char *domain)
{
	printf("\n    Prosody, for Personal Eventing on the accounts of %s:\n\n"
	       "      VirtualHost \"%s\"\n"
	       "          modules_enabled = { \"delegation\", \"privilege\" }  -- besides others\n"
	       "          modules_disabled = { \"pep\", \"bookmarks\", \"vcard4\", "
	       "\"vcard_legacy\" }\n"
	       "          delegations = {\n"
	       "              [\"http://jabber.org/protocol/pubsub\"] = { jid = \"%s\" };\n"
	       "              [\"http://jabber.org/protocol/pubsub#owner\"] = { jid = \"%s\" };\n"
	       "              [\"urn:xmpp:delegation:2:bare:disco#info:*\"] = { jid = \"%s\" };\n"
	       "              [\"urn:xmpp:delegation:2:bare:disco#items:*\"] = { jid = \"%s\" };\n"
	       "          }\n"
	       "          privileged_entities = {\n"
	       "              [\"%s\"] = { roster = \"get\", message = \"outgoing\", presence = "
	       "\"roster\" };\n"
	       "          }\n"
	       "      Component \"%s\"\n"
	       "          modules_enabled = { \"delegation\", \"privilege\" }\n",
		domain, domain, component, component, component, component, component, component);
	printf("\n    ejabberd, for the same, without mod_pubsub and mod_avatar:\n\n"
	       "      acl:\n"
	       "        peppy: { server: \"%s\" }\n"
	       "      access_rules:\n"
	       "        peppy: { allow: peppy }\n"
	       "      modules:\n"
	       "        mod_delegation:\n"
	       "          namespaces:\n"
	       "            \"http://jabber.org/protocol/pubsub\": { access: peppy }\n"
	       "            \"http://jabber.org/protocol/pubsub#owner\": { access: peppy }\n"
	       "            \"http://jabber.org/protocol/disco#items\": { access: peppy }\n"
	       "        mod_privilege:\n"
	       "          roster: { get: peppy }\n"
	       "          presence: { roster: peppy }\n"
	       "          message: { outgoing: peppy }\n\n"
	       "    Restart the server afterwards: rights are announced to components when they "
	       "connect.\n\n",
		component);
}

/* Nothing granted may be meant so; half of it hardly is. */
static bool is_whole(const json_t *domain)
{
	const size_t granted = count_rights(domain);

	return granted == 0 || granted == ARRAY_COUNT(rights);
}

static void print_domain(const char *component, const json_t *domain)
{
	const char *name = text_of(domain, "domain");

	printf("  %s\n", name);
	for (size_t i = 0; i < ARRAY_COUNT(rights); i++)
		printf("    %-10s %s%s%s\n", rights[i].name, has(domain, i) ? "yes" : "NO",
			has(domain, i) ? "" : ": ", has(domain, i) ? "" : rights[i].without);
	if (count_rights(domain) < ARRAY_COUNT(rights))
		print_lines(component, name);
}

static void print_attach_lines(const char *component, long long port)
{
	printf("    nothing more is known while the link is down: see the log for why.\n\n"
	       "    Prosody:\n\n"
	       "      component_ports = { %lld }\n"
	       "      Component \"%s\"\n"
	       "          component_secret = \"the secret\"\n\n"
	       "    ejabberd:\n\n"
	       "      listen:\n"
	       "        - port: %lld\n"
	       "          ip: \"127.0.0.1\"\n"
	       "          module: ejabberd_service\n"
	       "          access: all\n"
	       "          hosts: { \"%s\": { password: \"the secret\" } }\n\n",
		port, component, port, component);
}

static bool is_up(const json_t *component)
{
	return json_is_true(json_object_get(component, "up"));
}

static bool is_well(const json_t *component)
{
	const json_t *domains = json_object_get(component, "domains");
	bool well = is_up(component);

	for (size_t i = 0; i < json_array_size(domains); i++)
		well = well && is_whole(json_array_get(domains, i));
	return well;
}

static void print_component(const json_t *component)
{
	const char *jid = text_of(component, "component");
	const json_t *domains = json_object_get(component, "domains");
	long long port = json_integer_value(json_object_get(component, "port"));

	printf("%s\n  link to %s port %lld: %s\n", jid, text_of(component, "server"), port,
		is_up(component) ? "up" : "DOWN");
	if (!is_up(component))
		print_attach_lines(jid, port);
	for (size_t i = 0; is_up(component) && i < json_array_size(domains); i++)
		print_domain(jid, json_array_get(domains, i));
}

int run_check(struct tool *tool)
{
	json_t *result, *components;
	bool well = true;
	int status = ask(tool, &result);

	if (status != 0)
		return status;
	components = json_object_get(result, "components");
	if (tool->json)
		print_json(result);
	for (size_t i = 0; i < json_array_size(components); i++) {
		if (!tool->json)
			print_component(json_array_get(components, i));
		well = well && is_well(json_array_get(components, i));
	}
	json_decref(result);
	return well ? 0 : EXIT_REFUSED;
}
