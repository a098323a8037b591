/* What the servers let us do. Both protocol versions: Prosody speaks :2, ejabberd :1. */
#include "grants.h"

#include <stdlib.h>
#include <string.h>

#include "peppy/log.h"
#include "peppy/memory.h"

#define NS_DELEGATION "urn:xmpp:delegation:"
#define NS_PRIVILEGE "urn:xmpp:privilege:"

static const char *const delegation_versions[] = {NS_DELEGATION "2", NS_DELEGATION "1", NULL};
static const char *const privilege_versions[] = {NS_PRIVILEGE "2", NS_PRIVILEGE "1", NULL};

/* The child of this name in one of the versions; *ns_out is the version, static. */
static const struct xml_element *child_of_version(const struct xml_element *el,
	const char *const *versions, const char *name, const char **ns_out)
{
	for (; *versions != NULL; versions++) {
		const struct xml_element *child = xml_child(el, *versions, name);

		if (child != NULL) {
			*ns_out = *versions;
			return child;
		}
	}
	return NULL;
}

void grants_create(struct pep *pep)
{
	size_t n = 0;

	for (size_t i = 0; i < pep->component_count; i++)
		pep->grant_count += pep->components[i].domains.n;
	pep->grants = memory_alloc(pep->grant_count * sizeof *pep->grants);
	for (size_t i = 0; i < pep->component_count; i++)
		for (size_t d = 0; d < pep->components[i].domains.n; d++)
			pep->grants[n++] = (struct grant){
				.domain = pep->components[i].domains.v[d], .component = i};
}

void grants_destroy(struct pep *pep)
{
	free(pep->grants);
}

struct grant *grant_find(const struct pep *pep, size_t component, const char *domain)
{
	for (size_t i = 0; domain != NULL && i < pep->grant_count; i++)
		if (pep->grants[i].component == component &&
			strcmp(pep->grants[i].domain, domain) == 0)
			return &pep->grants[i];
	return NULL;
}

void grants_reset(struct pep *pep, size_t component)
{
	for (size_t i = 0; i < pep->grant_count; i++)
		if (pep->grants[i].component == component)
			pep->grants[i] = (struct grant){
				.domain = pep->grants[i].domain, .component = component};
}

/* The latest grant of an account's domain that suits. */
static struct grant *grant_latest(
	const struct pep *pep, const char *account, bool (*suits)(const struct grant *grant))
{
	const char *at = strchr(account, '@');
	struct grant *latest = NULL;

	for (size_t i = 0; at != NULL && i < pep->grant_count; i++) {
		struct grant *grant = &pep->grants[i];

		if (strcmp(grant->domain, at + 1) == 0 && suits(grant) &&
			(latest == NULL || grant->announced > latest->announced))
			latest = grant;
	}
	return latest;
}

static bool has_accounts(const struct grant *grant)
{
	return grant->accounts;
}

static bool gives_roster(const struct grant *grant)
{
	return grant->roster;
}

static bool sends_messages(const struct grant *grant)
{
	return grant->accounts && grant->message;
}

struct grant *grant_for_account(const struct pep *pep, const char *account)
{
	return grant_latest(pep, account, has_accounts);
}

struct grant *grant_for_roster(const struct pep *pep, const char *account)
{
	return grant_latest(pep, account, gives_roster);
}

bool pep_shows_lists(const struct pep *pep, size_t component)
{
	for (size_t i = 0; i < pep->grant_count; i++)
		if (pep->grants[i].component == component && gives_roster(&pep->grants[i]))
			return true;
	return false;
}

bool pep_sender(
	struct pep *pep, const char *account, size_t *component_out, struct outbox_sender *out)
{
	const struct grant *grant = grant_latest(pep, account, sends_messages);

	if (grant == NULL)
		return false;
	*component_out = grant->component;
	*out = (struct outbox_sender){
		.component = pep->components[grant->component].jid,
		.privilege_ns = grant->privilege_ns,
		.server = grant->domain,
	};
	return true;
}

bool pep_is_account(const struct pep *pep, size_t component, struct jid jid)
{
	const struct grant *grant = grant_find(pep, component, jid.domain);

	return grant != NULL && grant->accounts && jid.local != NULL;
}

bool pep_rights_find(const struct pep *pep, size_t component, size_t nth, struct pep_rights *out)
{
	const struct grant *grant;

	if (component >= pep->component_count || nth >= pep->components[component].domains.n)
		return false;
	grant = grant_find(pep, component, pep->components[component].domains.v[nth]);
	*out = (struct pep_rights){
		.domain = grant->domain,
		.delegation_ns = grant->delegation_ns,
		.accounts = grant->accounts,
		.privilege_ns = grant->privilege_ns,
		.message = grant->message,
		.roster = grant->roster,
		.presence = grant->presence,
	};
	return true;
}

/* ---- advertisements ---- */

/* XEP-0355 4.1; ejabberd sends one message for each namespace, and each twice. With a 'to' it is about
 * one account (5.1), for which peppy does not ask: it is not taken for all of them. */
static void take_delegation(
	struct pep *pep, struct grant *grant, const struct xml_element *delegation, const char *ns)
{
	const struct xml_element *el = xml_child(delegation, ns, "delegated");

	if (xml_attr(delegation, "to") != NULL) {
		log_info("pep", "%s delegates a single account: that is not supported",
			grant->domain);
		return;
	}
	grant->delegation_ns = ns;
	grant->announced = ++pep->announcements;
	for (; el != NULL; el = xml_next(el, ns, "delegated")) {
		const char *name = xml_attr(el, "namespace");

		if (name == NULL || strcmp(name, NS_PUBSUB) != 0 || grant->accounts)
			continue;
		grant->accounts = true;
		log_info("pep", "%s delegates its accounts' pubsub to %s", grant->domain,
			pep->components[grant->component].jid);
	}
}

static bool is_one_of(const char *text, const char *a, const char *b)
{
	return text != NULL && (strcmp(text, a) == 0 || strcmp(text, b) == 0);
}

/* XEP-0356 4.2; what is not granted is absent, or of type 'none'. */
static void take_privilege(
	struct pep *pep, struct grant *grant, const struct xml_element *privilege, const char *ns)
{
	const struct xml_element *el = xml_child(privilege, ns, "perm");

	grant->privilege_ns = ns;
	grant->announced = ++pep->announcements;
	grant->message = grant->roster = grant->presence = false;
	for (; el != NULL; el = xml_next(el, ns, "perm")) {
		const char *access = xml_attr(el, "access"), *type = xml_attr(el, "type");

		if (access == NULL)
			continue;
		if (strcmp(access, "message") == 0)
			grant->message = is_one_of(type, "outgoing", "both");
		else if (strcmp(access, "roster") == 0)
			grant->roster = is_one_of(type, "get", "both");
		else if (strcmp(access, "presence") == 0)
			grant->presence = is_one_of(type, "managed_entity", "roster");
	}
	log_info("pep", "%s grants %s: messages %s, rosters %s, presences %s", grant->domain,
		pep->components[grant->component].jid, grant->message ? "yes" : "no",
		grant->roster ? "yes" : "no", grant->presence ? "yes" : "no");
}

bool pep_message(
	struct pep *pep, struct pep_turn *turn, size_t component, const struct xml_element *message)
{
	const char *ns, *from = xml_attr(message, "from");
	const struct xml_element *delegation =
		child_of_version(message, delegation_versions, "delegation", &ns);
	const struct xml_element *privilege =
		delegation != NULL
			? NULL
			: child_of_version(message, privilege_versions, "privilege", &ns);
	struct grant *grant = grant_find(pep, component, from);

	(void)turn;
	if (delegation == NULL && privilege == NULL)
		return false;
	if (xml_attr_is(message, "type", "error")) /* a notification of ours that bounced */
		return false;
	if (grant == NULL) /* forged, or a domain that the configuration does not list */
		log_warning("pep", "rights announced by %s are ignored: not a domain of %s",
			from == NULL ? "nobody" : from, pep->components[component].jid);
	else if (delegation != NULL)
		take_delegation(pep, grant, delegation, ns);
	else
		take_privilege(pep, grant, privilege, ns);
	return true;
}

/* ---- delegated requests ---- */

/* Some examples of XEP-0355 forget its namespace. */
static const struct xml_element *inner_iq(const struct xml_element *forwarded)
{
	const struct xml_element *iq = xml_child(forwarded, NS_CLIENT, "iq");

	return iq != NULL ? iq : xml_child(forwarded, NS_FORWARD, "iq");
}

bool pep_unwrap(struct pep *pep, size_t component, const struct xml_element *iq,
	struct arena *arena, struct pep_delegated *out)
{
	const char *ns;
	const struct xml_element *delegation =
		child_of_version(iq, delegation_versions, "delegation", &ns);
	const struct xml_element *forwarded, *inner;

	(void)arena;
	if (delegation == NULL || grant_find(pep, component, xml_attr(iq, "from")) == NULL)
		return false;
	*out = (struct pep_delegated){.ns = ns};
	forwarded = xml_child(delegation, NS_FORWARD, "forwarded");
	inner = forwarded == NULL ? NULL : inner_iq(forwarded);
	if (inner == NULL)
		return true;
	out->iq = inner;
	out->from = xml_attr(inner, "from");
	out->to = xml_attr(inner, "to");
	return true;
}
