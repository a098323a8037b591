/* conf.h - the configuration file, peppy.conf(5), read by libconfuse into plain values.
 * Floor 1. Does not know who uses its values. Every key is one row of a table in conf/keys.c. */
#ifndef PEPPY_CONF_H
#define PEPPY_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "peppy/attributes.h"
#include "peppy/buf.h"

struct arena;

struct conf_texts {
	const char **v;
	size_t n;
};

enum conf_tls { CONF_TLS_OFF, CONF_TLS_REQUIRED };
enum conf_creators { CONF_CREATE_ANYONE, CONF_CREATE_LOCAL, CONF_CREATE_ADMINS };
enum conf_subscribers { CONF_SUBSCRIBE_LOCAL, CONF_SUBSCRIBE_ANYONE };
enum conf_conceal { CONF_CONCEAL_OFF, CONF_CONCEAL_STRANGERS, CONF_CONCEAL_ALL };
enum conf_durability { CONF_DURABILITY_FULL, CONF_DURABILITY_RELAXED };

struct conf_component {
	const char *jid; /* the section's title */
	const char *server;
	uint16_t port;
	/* From secret, secret-file or secret-credential. NULL: a credential, and this process has
	 * been passed none. */
	const char *secret;
	const char *secret_file;       /* NULL: it does not come from one */
	const char *secret_credential; /* likewise */
	enum conf_tls tls;
	const char *tls_ca_file;          /* NULL: the system's */
	const char *tls_name;             /* NULL: server */
	const char *tls_certificate_file; /* NULL: none */
	const char *tls_key_file;         /* NULL: in the same file */
	bool insecure;
	struct conf_texts domains; /* never empty */
	struct conf_texts admins;
	enum conf_creators create_nodes;
	bool multi_subscribe;
	bool root_collection;
	enum conf_conceal conceal_nodes;
	enum conf_subscribers owner_subscribes;
	struct conf_texts reserved_nodes;
};

struct conf_limits {
	size_t max_stanza_size;          /* bytes */
	size_t max_outgoing_stanza_size; /* bytes */
	size_t max_depth;
	size_t max_elements;
	size_t max_attributes;
	size_t max_payload_size; /* bytes */
	size_t max_items_per_node;
	uint64_t max_bytes_per_node;
	uint32_t max_items_per_publish;
	uint32_t max_affiliations_per_node;
	uint32_t max_subscriptions_per_node, max_subscriptions_per_jid;
	uint32_t max_nodes_per_owner;
	uint32_t max_node_id_size, max_item_id_size; /* bytes */
	uint32_t max_form_fields, max_form_values;
	uint32_t max_requests_per_second, max_domain_requests_per_second; /* rates: 0 is no limit */
	uint32_t max_publishes_per_second, max_domain_publishes_per_second;
	uint32_t max_invitations_per_hour;
	uint32_t max_approval_requests_per_hour, max_domain_approval_requests_per_hour;
	uint32_t max_presence_lookups_per_second;
	uint32_t max_domain_presence_lookups_per_second;
	size_t max_output_per_domain; /* bytes */
	struct conf_texts blocked;
	const char *payload_schemas; /* a folder; NULL: none */
};

/* A key of node-defaults or pep-defaults: a node configuration field without "pubsub#". */
struct conf_pair {
	const char *key;
	const char *value;
	int line;
};

struct conf_pairs {
	struct conf_pair *v;
	size_t n;
};

struct conf {
	struct conf_component *components; /* at least one */
	size_t component_count;
	const char *store_path;
	enum conf_durability durability;
	uint64_t store_max_bytes;
	struct conf_limits limits;
	const char *control_socket; /* default: in the store's folder */
	const char *metrics_listen; /* ADDRESS:PORT; NULL: nowhere */
	int log_level;              /* enum log_level */
	struct conf_pairs node_defaults;
	struct conf_pairs pep_defaults;
	struct arena *arena; /* all of this lives there */
};

/* Reads and checks a file. NULL: it is wrong, and errors has one line for each fault: "FILE:LINE:
 * what", without LINE where the whole file is meant. Faults are unknown keys and sections, repeated
 * ones, unclosed sections, values out of range, and files that cannot be read. */
MUST_CHECK struct conf *conf_read(const char *path, struct buf *errors);
void conf_destroy(struct conf *conf); /* takes NULL */

/* The values in force in the file's own syntax; *** for secrets. */
void conf_print(const struct conf *conf, struct buf *out);

#endif
