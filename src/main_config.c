/* From the file's values to the options of store, router and links. */
#include "main_config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peppy/codec.h"
#include "peppy/memory.h"
#include "peppy/pep.h"
#include "peppy/xml.h"

#define TURN_BYTES (256 * 1024)
#define HIGH_WATER_BYTES (16 * 1024 * 1024)

static const enum service_creators creators[] = {
	[CONF_CREATE_ANYONE] = SERVICE_CREATE_ANYONE,
	[CONF_CREATE_LOCAL] = SERVICE_CREATE_LOCAL,
	[CONF_CREATE_ADMINS] = SERVICE_CREATE_ADMINS,
};

static const enum service_conceal conceal[] = {
	[CONF_CONCEAL_OFF] = SERVICE_CONCEAL_OFF,
	[CONF_CONCEAL_STRANGERS] = SERVICE_CONCEAL_STRANGERS,
	[CONF_CONCEAL_ALL] = SERVICE_CONCEAL_ALL,
};

/* node-defaults and pep-defaults are node configuration fields without their "pubsub#". */
static bool apply_defaults(struct config *config, const char *path, const struct conf_pairs *pairs,
	struct pubsub_node_config *out)
{
	bool ok = true;

	for (size_t i = 0; i < pairs->n; i++) {
		const struct conf_pair *pair = &pairs->v[i];
		const char *var = arena_printf(config->arena, "pubsub#%s", pair->key);
		const struct pubsub_field *field = pubsub_field_find(&pubsub_node_config_type, var);
		const struct pubsub_texts value = {&pair->value, 1};

		if (field != NULL && xml_text_is_valid(pair->value) &&
			pubsub_field_set(field, value, config->arena, out))
			continue;
		fprintf(stderr, "%s:%d: %s = \"%s\": %s\n", path, pair->line, pair->key,
			pair->value, field == NULL ? "no such field" : "no such value");
		ok = false;
	}
	return ok;
}

static bool read_defaults(struct config *config, const char *path)
{
	struct router_options *router = &config->router;
	bool nodes, accounts;

	router->node_defaults = pubsub_node_config_default;
	router->pep_defaults = pep_config_default();
	nodes = apply_defaults(config, path, &config->conf->node_defaults, &router->node_defaults);
	accounts = apply_defaults(config, path, &config->conf->pep_defaults, &router->pep_defaults);
	return nodes && accounts; /* what is wrong in either has been said */
}

static struct pubsub_texts texts_of(struct conf_texts texts)
{
	return (struct pubsub_texts){texts.v, texts.n};
}

static const struct router_component *router_components(struct config *config)
{
	size_t n = config->conf->component_count;
	struct router_component *out = arena_alloc(config->arena, n * sizeof *out);

	for (size_t i = 0; i < n; i++) {
		const struct conf_component *component = &config->conf->components[i];

		out[i] = (struct router_component){
			.jid = component->jid,
			.domains = texts_of(component->domains),
			.admins = texts_of(component->admins),
			.create_nodes = creators[component->create_nodes],
			.multi_subscribe = component->multi_subscribe,
			.root_collection = component->root_collection,
			.conceal_nodes = conceal[component->conceal_nodes],
			.subscribe_anyone = component->owner_subscribes == CONF_SUBSCRIBE_ANYONE,
			.reserved = texts_of(component->reserved_nodes),
		};
	}
	return out;
}

static void set_limits(struct router_options *router, const struct conf_limits *limits)
{
	router->max_outgoing_bytes = limits->max_outgoing_stanza_size;
	router->max_items = (uint32_t)limits->max_items_per_node;
	router->max_payload_bytes = (uint32_t)limits->max_payload_size;
	router->max_form_fields = limits->max_form_fields;
	router->max_form_values = limits->max_form_values;
	router->limits = (struct service_limits){
		.node_id_bytes = limits->max_node_id_size,
		.item_id_bytes = limits->max_item_id_size,
		.publish_items = limits->max_items_per_publish,
		.node_bytes = limits->max_bytes_per_node,
		.affiliations = limits->max_affiliations_per_node,
		.subscriptions = limits->max_subscriptions_per_node,
		.jid_subscriptions = limits->max_subscriptions_per_jid,
		.owner_nodes = limits->max_nodes_per_owner,
	};
	router->rates = (struct router_rates){
		.requests = limits->max_requests_per_second,
		.domain_requests = limits->max_domain_requests_per_second,
		.publishes = limits->max_publishes_per_second,
		.domain_publishes = limits->max_domain_publishes_per_second,
		.invitations = limits->max_invitations_per_hour,
		.applications = limits->max_approval_requests_per_hour,
		.domain_applications = limits->max_domain_approval_requests_per_hour,
		.presence_lookups = limits->max_presence_lookups_per_second,
		.domain_presence_lookups = limits->max_domain_presence_lookups_per_second,
	};
	router->max_domain_output = limits->max_output_per_domain;
	router->blocked = texts_of(limits->blocked);
}

static bool read_schemas(struct config *config)
{
	const char *folder = config->conf->limits.payload_schemas;
	struct buf errors = {0};

	if (folder == NULL)
		return true;
	config->schemas = codec_schemas_open(folder, &errors);
	config->router.schemas = config->schemas;
	if (errors.len > 0)
		fwrite(errors.data, 1, errors.len, stderr);
	buf_finish(&errors);
	return config->schemas != NULL;
}

static struct xml_limits stanza_limits(const struct conf *conf)
{
	return (struct xml_limits){
		.stanza_bytes = conf->limits.max_stanza_size,
		.depth = conf->limits.max_depth,
		.elements = conf->limits.max_elements,
		.attributes = conf->limits.max_attributes,
	};
}

struct config *config_read(const char *path)
{
	struct config *config = memory_alloc(sizeof *config);
	struct buf errors = {0};

	config->arena = arena_create();
	config->conf = conf_read(path, &errors);
	if (errors.len > 0)
		fwrite(errors.data, 1, errors.len, stderr);
	buf_finish(&errors);
	if (config->conf == NULL || !read_defaults(config, path) || !read_schemas(config)) {
		config_destroy(config);
		return NULL;
	}
	config->router.components = router_components(config);
	config->router.component_count = config->conf->component_count;
	set_limits(&config->router, &config->conf->limits);
	return config;
}

struct config *config_read_to_serve(const char *path)
{
	struct config *config = config_read(path);
	bool complete = true;

	for (size_t i = 0; config != NULL && i < config->conf->component_count; i++) {
		const struct conf_component *c = &config->conf->components[i];

		if (c->secret == NULL)
			fprintf(stderr,
				"%s: component %s: there is no credential %s: systemd passes it to "
				"the service with LoadCredential=\n",
				path, c->jid, c->secret_credential);
		complete &= c->secret != NULL;
	}
	if (complete)
		return config;
	config_destroy(config);
	return NULL;
}

void config_destroy(struct config *config)
{
	if (config == NULL)
		return;
	conf_destroy(config->conf);
	codec_schemas_close(config->schemas);
	arena_destroy(config->arena);
	free(config);
}

struct wire_options config_wire(const struct config *config, size_t component)
{
	const struct conf_component *c = &config->conf->components[component];

	return (struct wire_options){
		.component = c->jid,
		.server = c->server,
		.port = c->port,
		.secret = c->secret,
		.tls = c->tls == CONF_TLS_REQUIRED ? WIRE_TLS_REQUIRED : WIRE_TLS_OFF,
		.tls_ca_file = c->tls_ca_file,
		.tls_certificate_file = c->tls_certificate_file,
		.tls_key_file = c->tls_key_file,
		.tls_name = c->tls_name,
		.limits = stanza_limits(config->conf),
		.turn_bytes = TURN_BYTES,
		.high_water_bytes = HIGH_WATER_BYTES,
	};
}

static bool same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool same_texts(struct conf_texts a, struct conf_texts b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (strcmp(a.v[i], b.v[i]) != 0)
			return false;
	return true;
}

static bool same_link(const struct conf_component *a, const struct conf_component *b)
{
	return same_text(a->jid, b->jid) && same_text(a->server, b->server) && a->port == b->port &&
	       same_text(a->secret, b->secret) && a->tls == b->tls &&
	       same_text(a->tls_ca_file, b->tls_ca_file) && same_text(a->tls_name, b->tls_name) &&
	       same_text(a->tls_certificate_file, b->tls_certificate_file) &&
	       same_text(a->tls_key_file, b->tls_key_file) && same_texts(a->domains, b->domains);
}

static bool same_limits(const struct conf_limits *a, const struct conf_limits *b)
{
	return a->max_stanza_size == b->max_stanza_size && a->max_depth == b->max_depth &&
	       a->max_elements == b->max_elements && a->max_attributes == b->max_attributes;
}

bool config_same_links(const struct config *a, const struct config *b)
{
	if (a->conf->component_count != b->conf->component_count ||
		!same_limits(&a->conf->limits, &b->conf->limits))
		return false;
	for (size_t i = 0; i < a->conf->component_count; i++)
		if (!same_link(&a->conf->components[i], &b->conf->components[i]))
			return false;
	return true;
}
