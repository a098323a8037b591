/* check.c - what concerns several keys, or things outside the file; what follows from other keys is
 * filled in. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "conf/reader.h"
#include "peppy/log.h"
#include "peppy/number.h"

#define SECRET_MAX 1024

/* ---- components ---- */

static void component_fault(struct reader *r, size_t nth, const char *key, const char *why)
{
	fault_add(&r->faults, scan_line(&r->scan, SECTION_COMPONENT, nth, key), "component.%s: %s",
		key, why);
}

/* The secret is the file's bytes but for one newline at the end. */
static void read_secret(struct reader *r, struct conf_component *component, size_t nth,
	const char *key, const char *path)
{
	bool is_public;
	size_t len;
	char *text = file_read(path, SECRET_MAX, r->arena, &len, &is_public);

	if (text == NULL) {
		component_fault(r, nth, key,
			arena_printf(r->arena, "cannot read %s: %s", path, strerror(errno)));
		return;
	}
	if (len > 0 && text[len - 1] == '\n')
		text[--len] = '\0';
	if (len > 0 && text[len - 1] == '\r')
		text[--len] = '\0';
	if (len == 0)
		component_fault(r, nth, key, "the file is empty");
	else if (strlen(text) != len || strchr(text, '\n') != NULL)
		component_fault(r, nth, key, "the file must be a single line of text");
	if (is_public)
		log_warning("conf", "%s holds a secret, but everybody may read it", path);
	component->secret = text;
}

/* A file in a folder of the service's own: systemd.exec(5). Others, such as peppyctl, do without. */
static void read_credential(struct reader *r, struct conf_component *component, size_t nth)
{
	static const char key[] = "secret-credential";
	const char *name = component->secret_credential;
	const char *folder = getenv("CREDENTIALS_DIRECTORY");

	if (strchr(name, '/') != NULL)
		component_fault(r, nth, key, "must be the name of a credential, not a path");
	else if (folder != NULL)
		read_secret(r, component, nth, key, arena_printf(r->arena, "%s/%s", folder, name));
}

static void check_secret(struct reader *r, struct conf_component *component, size_t nth)
{
	const int ways = (component->secret != NULL) + (component->secret_file != NULL) +
			 (component->secret_credential != NULL);

	if (ways == 0)
		component_fault(r, nth, "secret", "must be set, or secret-file");
	else if (ways > 1)
		component_fault(r, nth,
			component->secret_file != NULL ? "secret-file" : "secret-credential",
			component->secret != NULL
				? "must not be set together with secret"
				: "must not be set together with secret-credential");
	else if (component->secret_file != NULL)
		read_secret(r, component, nth, "secret-file", component->secret_file);
	else if (component->secret_credential != NULL)
		read_credential(r, component, nth);
	else if (r->is_public)
		log_warning("conf", "%s holds a secret, but everybody may read it", r->path);
}

static bool is_this_machine(const char *server)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (inet_pton(AF_INET, server, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	if (inet_pton(AF_INET6, server, &v6) == 1)
		return IN6_IS_ADDR_LOOPBACK(&v6) ||
		       (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127);
	return strcasecmp(server, "localhost") == 0 || strcmp(server, "ip6-localhost") == 0;
}

static void check_file(struct reader *r, size_t nth, const char *key, const char *path)
{
	if (path != NULL && access(path, R_OK) != 0)
		component_fault(r, nth, key,
			arena_printf(r->arena, "cannot read %s: %s", path, strerror(errno)));
}

static void check_stream(struct reader *r, const struct conf_component *component, size_t nth)
{
	if (component->tls == CONF_TLS_OFF && !component->insecure &&
		!is_this_machine(component->server))
		component_fault(r, nth, "server",
			"the stream to another machine must be encrypted: set tls = required, or "
			"insecure = on");
	check_file(r, nth, "tls-ca-file", component->tls_ca_file);
	check_file(r, nth, "tls-certificate-file", component->tls_certificate_file);
	check_file(r, nth, "tls-key-file", component->tls_key_file);
	if (component->tls_key_file != NULL && component->tls_certificate_file == NULL)
		component_fault(
			r, nth, "tls-key-file", "has no effect without tls-certificate-file");
}

static void default_domain(struct reader *r, struct conf_component *component, size_t nth)
{
	const char *dot = component->jid == NULL ? NULL : strchr(component->jid, '.');

	if (component->domains.n > 0 || component->jid == NULL)
		return;
	if (dot == NULL) {
		component_fault(
			r, nth, "domains", "must be set: the component's name has one label");
		return;
	}
	component->domains.v = arena_alloc(r->arena, sizeof *component->domains.v);
	component->domains.v[component->domains.n++] = dot + 1;
}

static void check_name(struct reader *r, const struct conf_component *component, size_t nth)
{
	size_t i;

	for (i = 0; i < nth && component->jid != NULL; i++)
		if (r->conf->components[i].jid != NULL &&
			strcmp(r->conf->components[i].jid, component->jid) == 0)
			fault_add(&r->faults, scan_line(&r->scan, SECTION_COMPONENT, nth, NULL),
				"component: %s is already in line %d", component->jid,
				scan_line(&r->scan, SECTION_COMPONENT, i, NULL));
}

void check_component(struct reader *r, struct conf_component *component, size_t nth)
{
	check_name(r, component, nth);
	check_secret(r, component, nth);
	check_stream(r, component, nth);
	default_domain(r, component, nth);
}

/* ---- what is served over HTTP ---- */

/* ADDRESS:PORT, with an IPv6 address in brackets. */
static bool is_endpoint(const char *text)
{
	const char *colon = strrchr(text, ':');
	unsigned char address[sizeof(struct in6_addr)];
	char host[INET6_ADDRSTRLEN + 2];
	uint32_t port;
	size_t len = colon == NULL ? sizeof host : (size_t)(colon - text);

	if (len < 3 || len >= sizeof host || !number_parse(colon + 1, UINT16_MAX, &port) ||
		port == 0)
		return false;
	memcpy(host, text, len);
	host[len] = '\0';
	if (host[0] != '[')
		return inet_pton(AF_INET, host, address) == 1;
	host[len - 1] = '\0';
	return text[len - 1] == ']' && inet_pton(AF_INET6, host + 1, address) == 1;
}

/* By default it is in the store's folder: then it is that one's name that is too long. */
static void check_socket(struct reader *r)
{
	const size_t max = sizeof(((struct sockaddr_un *)0)->sun_path);
	struct conf *conf = r->conf;
	int line = scan_line(&r->scan, SECTION_CONTROL, 0, "socket");

	if (conf->control_socket == NULL && conf->store_path != NULL) {
		conf->control_socket = arena_printf(r->arena, "%s/peppy.sock", conf->store_path);
		line = scan_line(&r->scan, SECTION_STORE, 0, "path");
	}
	if (conf->control_socket != NULL && strlen(conf->control_socket) >= max)
		fault_add(&r->faults, line, "control.socket: must be shorter than %zu bytes", max);
}

/* ---- the whole ---- */

void check_conf(struct reader *r)
{
	struct conf *conf = r->conf;

	if (conf->component_count == 0)
		fault_add(
			&r->faults, 0, "there is no component: component \"pubsub.example.org\" {");
	check_socket(r);
	if (conf->metrics_listen != NULL && !is_endpoint(conf->metrics_listen))
		fault_add(&r->faults, scan_line(&r->scan, SECTION_CONTROL, 0, "metrics-listen"),
			"control.metrics-listen: must be ADDRESS:PORT, as in 127.0.0.1:9547");
}
