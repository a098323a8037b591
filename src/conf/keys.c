#include "conf/keys.h"

#include <string.h>

#include "peppy/log.h"

#define KIB UINT64_C(1024)
#define MIB (KIB * KIB)
#define TIB (MIB * MIB)

static const char *const tls_words[] = {
	[CONF_TLS_OFF] = "off",
	[CONF_TLS_REQUIRED] = "required",
	NULL,
};
static const char *const creator_words[] = {
	[CONF_CREATE_ANYONE] = "anyone",
	[CONF_CREATE_LOCAL] = "local",
	[CONF_CREATE_ADMINS] = "admins",
	NULL,
};
static const char *const subscriber_words[] = {
	[CONF_SUBSCRIBE_LOCAL] = "local",
	[CONF_SUBSCRIBE_ANYONE] = "anyone",
	NULL,
};
static const char *const conceal_words[] = {
	[CONF_CONCEAL_OFF] = "off",
	[CONF_CONCEAL_STRANGERS] = "strangers",
	[CONF_CONCEAL_ALL] = "all",
	NULL,
};
static const char *const durability_words[] = {
	[CONF_DURABILITY_FULL] = "full",
	[CONF_DURABILITY_RELAXED] = "relaxed",
	NULL,
};
static const char *const level_words[] = {
	[LOG_LEVEL_ERROR] = "error",
	[LOG_LEVEL_WARNING] = "warning",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_DEBUG] = "debug",
	NULL,
};

/* clang-format off */
const struct conf_section conf_sections[SECTION_COUNT] = {
	[SECTION_COMPONENT] = {"component", SECTION_TITLED, 0,
		"A component that peppy serves (XEP-0114), named by its JID. There may be several such "
		"sections, for one server or for many; they share the store."},
	[SECTION_STORE] = {"store", SECTION_SINGLE, 0,
		"The database. Changes need a restart."},
	[SECTION_LIMITS] = {"limits", SECTION_SINGLE, 0,
		"What a request may cost. Sizes are bytes, or have one of the suffixes K, M, G and T, "
		"powers of 1024."},
	[SECTION_CONTROL] = {"control", SECTION_SINGLE, 0,
		"The socket for peppyctl(1), and the metrics. Changes need a restart."},
	[SECTION_LOG] = {"log", SECTION_SINGLE, 0,
		"The log goes to standard error."},
	[SECTION_NODE_DEFAULTS] = {"node-defaults", SECTION_FREE,
		offsetof(struct conf, node_defaults),
		"The configuration that new nodes of the components start with. A key is a field of "
		"XEP-0060's node configuration form without \"pubsub#\", as in access_model = open."},
	[SECTION_PEP_DEFAULTS] = {"pep-defaults", SECTION_FREE,
		offsetof(struct conf, pep_defaults),
		"The same for new nodes of users' accounts (XEP-0163)."},
};

/* The member's offset and size; a member of another type does not compile. */
#define MEMBER(owner, m, c) \
	.member = offsetof(struct owner, m) + 0 * sizeof(_Generic(((struct owner *)0)->m, c: 0)), \
	.member_bytes = sizeof(((struct owner *)0)->m)

#define TEXT(owner, m)   .type = TYPE_TEXT, MEMBER(owner, m, const char *)
#define HOST(owner, m)   .type = TYPE_HOST, MEMBER(owner, m, const char *)
#define JIDS(owner, m)   .type = TYPE_JIDS, MEMBER(owner, m, struct conf_texts)
#define TEXTS(owner, m)  .type = TYPE_TEXTS, MEMBER(owner, m, struct conf_texts)
#define HOSTS(owner, m)  .type = TYPE_HOSTS, MEMBER(owner, m, struct conf_texts)
#define SWITCH(owner, m) .type = TYPE_SWITCH, MEMBER(owner, m, bool)
#define WORD(owner, m, c, list) .type = TYPE_WORD, MEMBER(owner, m, c), .words = (list)
#define NUMBER(owner, m, c, low, high) \
	.type = TYPE_NUMBER, MEMBER(owner, m, c), .min = (low), .max = (high)
#define BYTES(owner, m, c, low, high) \
	.type = TYPE_BYTES, MEMBER(owner, m, c), .min = (low), .max = (high)

const struct conf_key conf_keys[] = {
	{SECTION_COMPONENT, .name = "server", HOST(conf_component, server),
		.fallback = "127.0.0.1",
		.help = "Name or address of the XMPP server."},
	{SECTION_COMPONENT, .name = "port", NUMBER(conf_component, port, uint16_t, 1, 65535),
		.fallback = "5347",
		.help = "The server's port for components."},
	{SECTION_COMPONENT, .name = "secret", TEXT(conf_component, secret), .secret = true,
		.example = "the secret shared with the server",
		.help = "The secret shared with the server. This, secret-file or secret-credential must "
			"be set."},
	{SECTION_COMPONENT, .name = "secret-file", TEXT(conf_component, secret_file),
		.example = "/etc/peppy/secret", .suggested = true,
		.help = "A file that holds the secret, on one line, and nothing else."},
	{SECTION_COMPONENT, .name = "secret-credential", TEXT(conf_component, secret_credential),
		.example = "peppy-secret",
		.help = "The name of a credential that systemd passes to the service with "
			"LoadCredential= or LoadCredentialEncrypted=, and that holds the secret."},
	{SECTION_COMPONENT, .name = "tls", WORD(conf_component, tls, enum conf_tls, tls_words),
		.fallback = "off",
		.help = "Whether the stream to the server is encrypted. It must be if the server "
			"is another machine."},
	{SECTION_COMPONENT, .name = "tls-ca-file", TEXT(conf_component, tls_ca_file),
		.example = "/etc/ssl/certs/ca-certificates.crt",
		.help = "Certificates that vouch for the server's, as PEM. Default: the system's."},
	{SECTION_COMPONENT, .name = "tls-name", HOST(conf_component, tls_name),
		.example = "xmpp.example.org",
		.help = "The name that the server's certificate must have. Default: server."},
	{SECTION_COMPONENT, .name = "tls-certificate-file",
		TEXT(conf_component, tls_certificate_file),
		.example = "/etc/peppy/certificate.pem",
		.help = "A certificate with its chain, as PEM, to present to a server that asks "
			"for one. Default: none."},
	{SECTION_COMPONENT, .name = "tls-key-file", TEXT(conf_component, tls_key_file),
		.example = "/etc/peppy/key.pem",
		.help = "The private key of tls-certificate-file. Default: it is in the same file."},
	{SECTION_COMPONENT, .name = "insecure", SWITCH(conf_component, insecure),
		.fallback = "off",
		.help = "Allows an unencrypted stream to another machine: whoever is in between "
			"can read and change everything."},
	{SECTION_COMPONENT, .name = "domains", HOSTS(conf_component, domains),
		.example = "example.org",
		.help = "The server's own domains: their users are local. Default: the component's name "
			"without its first label."},
	{SECTION_COMPONENT, .name = "admins", JIDS(conf_component, admins),
		.example = "admin@example.org",
		.help = "Bare JIDs that may do whatever a node's owner may, and to which no "
			"limit applies. Default: nobody."},
	{SECTION_COMPONENT, .name = "create-nodes",
		WORD(conf_component, create_nodes, enum conf_creators, creator_words),
		.fallback = "local",
		.help = "Who may create nodes; local means the users of domains."},
	{SECTION_COMPONENT, .name = "multi-subscribe", SWITCH(conf_component, multi_subscribe),
		.fallback = "off",
		.help = "Whether one JID may subscribe to a node several times (XEP-0060, 6.1.6)."},
	{SECTION_COMPONENT, .name = "root-collection", SWITCH(conf_component, root_collection),
		.fallback = "off",
		.help = "Whether one may subscribe to the service itself, as to the collection of "
			"all nodes (XEP-0248, 8.1): subscribers are notified of every node that "
			"they may read."},
	{SECTION_COMPONENT, .name = "conceal-nodes",
		WORD(conf_component, conceal_nodes, enum conf_conceal, conceal_words),
		.fallback = "strangers",
		.help = "From whom nodes are concealed that they may neither read nor subscribe "
			"to. off: from nobody, the errors of XEP-0060 say why a request is "
			"refused; strangers: on users' accounts, from everybody but contacts; "
			"all: from everybody. They get item-not-found; with off, on accounts, "
			"mostly presence-subscription-required."},
	{SECTION_COMPONENT, .name = "owner-subscribes",
		WORD(conf_component, owner_subscribes, enum conf_subscribers, subscriber_words),
		.fallback = "local",
		.help = "Whom a node's owner may subscribe to it without asking them: the users "
			"of domains, or anyone, which lets owners have strangers flooded. See "
			"also max-invitations-per-hour."},
	{SECTION_COMPONENT, .name = "reserved-nodes", TEXTS(conf_component, reserved_nodes),
		.example = "home/{jid}/*",
		.help = "NodeIDs that only admins may create. * stands for any text, {jid} for "
			"the bare JID of the one user who may create the node, too. The first "
			"match counts. Does not apply to users' accounts. Default: none."},

	{SECTION_STORE, .name = "path", TEXT(conf, store_path), .required = true,
		.example = "/var/lib/peppy",
		.help = "The folder of the database."},
	{SECTION_STORE, .name = "durability",
		WORD(conf, durability, enum conf_durability, durability_words),
		.fallback = "full",
		.help = "With full, what was acknowledged survives a power cut; with relaxed, a "
			"power cut may take the last moments, but slow disks are twice as fast."},
	{SECTION_STORE, .name = "max-size", BYTES(conf, store_max_bytes, uint64_t, MIB, 64 * TIB),
		.fallback = "64G",
		.help = "How large the database may grow. It costs address space, not disk space."},

	{SECTION_LIMITS, .name = "max-stanza-size",
		BYTES(conf, limits.max_stanza_size, size_t, 16 * KIB, 256 * MIB),
		.fallback = "2M",
		.help = "The largest stanza that is accepted."},
	{SECTION_LIMITS, .name = "max-outgoing-stanza-size",
		BYTES(conf, limits.max_outgoing_stanza_size, size_t, 16 * KIB, 256 * MIB),
		.fallback = "480K",
		.help = "The largest stanza that is sent. Must be below the server's own limit "
			"(Prosody: 512K), or it closes the stream."},
	{SECTION_LIMITS, .name = "max-depth",
		NUMBER(conf, limits.max_depth, size_t, 8, 2000),
		.fallback = "512",
		.help = "How deep elements of a stanza may be nested."},
	{SECTION_LIMITS, .name = "max-elements",
		NUMBER(conf, limits.max_elements, size_t, 100, 1000000),
		.fallback = "20000",
		.help = "How many elements a stanza may have."},
	{SECTION_LIMITS, .name = "max-attributes",
		NUMBER(conf, limits.max_attributes, size_t, 16, 10000),
		.fallback = "256",
		.help = "How many attributes an element may have."},
	{SECTION_LIMITS, .name = "max-payload-size",
		BYTES(conf, limits.max_payload_size, size_t, KIB, 256 * MIB),
		.fallback = "1M",
		.help = "The largest payload of an item. What does not fit into one outgoing stanza is "
			"refused as well."},
	{SECTION_LIMITS, .name = "max-items-per-node",
		NUMBER(conf, limits.max_items_per_node, size_t, 1, UINT32_MAX - 1),
		.fallback = "10000",
		.help = "How many items a node may keep; what max_items = max means."},
	{SECTION_LIMITS, .name = "max-bytes-per-node",
		BYTES(conf, limits.max_bytes_per_node, uint64_t, MIB, 64 * TIB),
		.fallback = "1G",
		.help = "How many bytes a node's items may take. Beyond that the oldest are "
			"dropped, or new ones are refused, as publish_node_full says."},
	{SECTION_LIMITS, .name = "max-items-per-publish",
		NUMBER(conf, limits.max_items_per_publish, uint32_t, 1, 1000000),
		.fallback = "1000",
		.help = "How many items one request may publish."},
	{SECTION_LIMITS, .name = "max-affiliations-per-node",
		NUMBER(conf, limits.max_affiliations_per_node, uint32_t, 1, 1000000),
		.fallback = "10000",
		.help = "How many entities may have an affiliation with a node."},
	{SECTION_LIMITS, .name = "max-subscriptions-per-node",
		NUMBER(conf, limits.max_subscriptions_per_node, uint32_t, 1, UINT32_MAX - 1),
		.fallback = "1000000",
		.help = "How many subscriptions a node may have, including those that wait for "
			"an owner's approval."},
	{SECTION_LIMITS, .name = "max-subscriptions-per-jid",
		NUMBER(conf, limits.max_subscriptions_per_jid, uint32_t, 1, 1000000),
		.fallback = "10000",
		.help = "How many subscriptions a user may have at a service, all clients "
			"together."},
	{SECTION_LIMITS, .name = "max-nodes-per-owner",
		NUMBER(conf, limits.max_nodes_per_owner, uint32_t, 1, 1000000),
		.fallback = "10000",
		.help = "How many nodes a user may own at a service, or have on the account, "
			"before creating another one is refused."},
	{SECTION_LIMITS, .name = "max-node-id-size",
		NUMBER(conf, limits.max_node_id_size, uint32_t, 16, 65536),
		.fallback = "1024",
		.help = "How many bytes the NodeID of a new node may have."},
	{SECTION_LIMITS, .name = "max-item-id-size",
		NUMBER(conf, limits.max_item_id_size, uint32_t, 16, 65536),
		.fallback = "1024",
		.help = "How many bytes the id of a new item may have."},
	{SECTION_LIMITS, .name = "max-form-fields",
		NUMBER(conf, limits.max_form_fields, uint32_t, 16, 100000),
		.fallback = "200",
		.help = "How many fields the forms of a request may have."},
	{SECTION_LIMITS, .name = "max-form-values",
		NUMBER(conf, limits.max_form_values, uint32_t, 16, 100000),
		.fallback = "2000",
		.help = "How many values the fields of a request may have, taken together."},
	{SECTION_LIMITS, .name = "max-requests-per-second",
		NUMBER(conf, limits.max_requests_per_second, uint32_t, 0, 1000000),
		.fallback = "0",
		.help = "How many requests an entity, by its bare JID, may send in the long run; "
			"ten times as many at once. Requests beyond that are refused and may be "
			"tried again. 0: no limit, here and for all other rates."},
	{SECTION_LIMITS, .name = "max-domain-requests-per-second",
		NUMBER(conf, limits.max_domain_requests_per_second, uint32_t, 0, 1000000),
		.fallback = "0",
		.help = "The same for all entities of a domain that is not local."},
	{SECTION_LIMITS, .name = "max-publishes-per-second",
		NUMBER(conf, limits.max_publishes_per_second, uint32_t, 0, 1000000),
		.fallback = "0",
		.help = "How many items an entity may publish and retract in the long run; ten "
			"times as many at once."},
	{SECTION_LIMITS, .name = "max-domain-publishes-per-second",
		NUMBER(conf, limits.max_domain_publishes_per_second, uint32_t, 0, 1000000),
		.fallback = "0",
		.help = "The same for all entities of a domain that is not local."},
	{SECTION_LIMITS, .name = "max-invitations-per-hour",
		NUMBER(conf, limits.max_invitations_per_hour, uint32_t, 0, 1000000),
		.fallback = "1000",
		.help = "How many others an entity may subscribe to nodes or give affiliations: "
			"all of them are notified."},
	{SECTION_LIMITS, .name = "max-approval-requests-per-hour",
		NUMBER(conf, limits.max_approval_requests_per_hour, uint32_t, 0, 1000000),
		.fallback = "100",
		.help = "How many subscriptions that owners have to approve an entity may ask for: "
			"the owners are notified of each, again and again if it unsubscribes in "
			"between."},
	{SECTION_LIMITS, .name = "max-domain-approval-requests-per-hour",
		NUMBER(conf, limits.max_domain_approval_requests_per_hour, uint32_t, 0, 1000000),
		.fallback = "1000",
		.help = "The same for all entities of a domain that is not local."},
	{SECTION_LIMITS, .name = "max-presence-lookups-per-second",
		NUMBER(conf, limits.max_presence_lookups_per_second, uint32_t, 0, 1000000),
		.fallback = "5000",
		.help = "How many nodes may be looked up in the long run for an entity that comes "
			"online and goes offline again and again; ten times as many at once. Beyond "
			"that its last items come later, if it is still online, and what ends with "
			"its presence ends later."},
	{SECTION_LIMITS, .name = "max-domain-presence-lookups-per-second",
		NUMBER(conf, limits.max_domain_presence_lookups_per_second, uint32_t, 0, 1000000),
		.fallback = "100000",
		.help = "The same for all entities of a domain that is not local."},
	{SECTION_LIMITS, .name = "max-output-per-domain",
		BYTES(conf, limits.max_output_per_domain, size_t, 64 * KIB, 256 * MIB),
		.fallback = "4M",
		.help = "How much may wait to be sent to a domain that is not local, beside what came "
			"before 4 MiB waited on the link; requests from there are refused meanwhile. "
			"16 MiB may wait on a link: above that no domain is bounded by itself."},
	{SECTION_LIMITS, .name = "blocked", JIDS(conf, limits.blocked),
		.example = "spam.example",
		.help = "Bare JIDs and domains, including their subdomains, whose requests are "
			"refused and who are notified of nothing. Default: none."},
	{SECTION_LIMITS, .name = "payload-schemas", TEXT(conf, limits.payload_schemas),
		.example = "/usr/share/peppy/schemas",
		.help = "A folder with XML Schemas, *.xsd, one for each namespace, read at the start "
			"and at each reload. A payload in one of these namespaces must be valid, and "
			"at a node whose pubsub#type is set it must be in that namespace; anything "
			"else is refused as invalid-payload. Schemas for Atom, avatars, bookmarks and "
			"others are installed with peppy. Default: payloads are not looked at."},

	{SECTION_CONTROL, .name = "socket", TEXT(conf, control_socket),
		.example = "/var/lib/peppy/peppy.sock",
		.help = "The unix socket through which peppyctl(1) talks to peppyd. Default: "
			"peppy.sock in the store's folder."},
	{SECTION_CONTROL, .name = "metrics-listen", TEXT(conf, metrics_listen),
		.example = "127.0.0.1:9547",
		.help = "Address and port where metrics are served over HTTP: /metrics "
			"(OpenMetrics), /healthz, /readyz. Anybody who can reach the port may "
			"read them. Default: nowhere."},

	{SECTION_LOG, .name = "level", WORD(conf, log_level, int, level_words),
		.fallback = "info",
		.help = "The least important level that is still logged."},

	{.name = NULL},
};
/* clang-format on */

int section_find(const char *name)
{
	int i;

	for (i = 0; i < SECTION_COUNT; i++)
		if (strcmp(conf_sections[i].name, name) == 0)
			return i;
	return -1;
}

const struct conf_key *key_find(enum conf_section_id section, const char *name)
{
	const struct conf_key *key;

	for (key = conf_keys; key->name != NULL; key++)
		if (key->section == section && strcmp(key->name, name) == 0)
			return key;
	return NULL;
}

bool key_is_list(const struct conf_key *key)
{
	return key->type == TYPE_JIDS || key->type == TYPE_HOSTS || key->type == TYPE_TEXTS;
}
