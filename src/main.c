/* peppyd - options, the configuration, one loop over its links, signals. */
#include "config.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#ifdef HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

#include "peppy/conf.h"
#include "peppy/log.h"
#include "peppy/router.h"
#include "peppy/store.h"
#include "peppy/wire.h"

#define EXIT_STORE 74 /* sysexits: EX_IOERR */
#define STOP_MS 5000

struct link { /* what a link's handlers get */
	struct program *program;
	size_t component;
	struct wire_link *wire;
};

struct program {
	const char *conf_path;
	struct conf *conf;
	struct arena *arena; /* texts of the configuration as prepared */
	struct event_base *base;
	struct store *store;
	struct router *router;
	struct link *links;
	size_t open_links; /* while stopping */
	int status;
};

struct options {
	const char *path;
	bool test, print;
};

static int usage(FILE *out, int status)
{
	fputs("usage: peppyd [-c FILE] [-t] [--print-config] [--version] [--help]\n\n"
	      "  -c FILE         the configuration file (" SYSCONFDIR "/peppy/peppy.conf)\n"
	      "  -t              check it and exit\n"
	      "  --print-config  print the values in force, without secrets, and exit\n",
		out);
	return status;
}

/* -1: go on; else exit with it. */
static int parse_options(int argc, char **argv, struct options *out)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-c") == 0 && i + 1 < argc) {
			out->path = argv[++i];
		} else if (strcmp(argv[i], "-t") == 0) {
			out->test = true;
		} else if (strcmp(argv[i], "--print-config") == 0) {
			out->print = true;
		} else if (strcmp(argv[i], "--version") == 0) {
			puts(PACKAGE_STRING);
			return 0;
		} else if (strcmp(argv[i], "--help") == 0) {
			return usage(stdout, 0);
		} else {
			return usage(stderr, EX_USAGE);
		}
	}
	return -1;
}

/* ---- the configuration, as the floors below want it ---- */

/* node-defaults and pep-defaults are node configuration fields without their "pubsub#". */
static bool apply_defaults(
	struct program *program, const struct conf_pairs *pairs, struct pubsub_node_config *config)
{
	for (size_t i = 0; i < pairs->n; i++) {
		const struct conf_pair *pair = &pairs->v[i];
		const char *var = arena_printf(program->arena, "pubsub#%s", pair->key);
		const struct pubsub_field *field = pubsub_field_find(&pubsub_node_config_type, var);
		const struct pubsub_texts value = {&pair->value, 1};

		if (field == NULL || !pubsub_field_set(field, value, program->arena, config)) {
			fprintf(stderr, "%s:%d: %s = \"%s\": %s\n", program->conf_path, pair->line,
				pair->key, pair->value,
				field == NULL ? "no such field" : "no such value");
			return false;
		}
	}
	return true;
}

static bool read_defaults(struct program *program, struct router_options *opt)
{
	opt->node_defaults = pubsub_node_config_default;
	opt->pep_defaults = pubsub_node_config_default;
	opt->pep_defaults.access_model = PUBSUB_ACCESS_PRESENCE;
	opt->pep_defaults.send_last_published_item = PUBSUB_SEND_LAST_ON_SUB_AND_PRESENCE;
	opt->pep_defaults.max_items = 1;
	return apply_defaults(program, &program->conf->node_defaults, &opt->node_defaults) &&
	       apply_defaults(program, &program->conf->pep_defaults, &opt->pep_defaults);
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

static struct pubsub_texts texts_of(struct conf_texts texts)
{
	return (struct pubsub_texts){texts.v, texts.n};
}

static const enum service_creators creators[] = {
	[CONF_CREATE_ANYONE] = SERVICE_CREATE_ANYONE,
	[CONF_CREATE_LOCAL] = SERVICE_CREATE_LOCAL,
	[CONF_CREATE_ADMINS] = SERVICE_CREATE_ADMINS,
};

static const struct router_component *router_components(struct program *program)
{
	size_t n = program->conf->component_count;
	struct router_component *out = arena_alloc(program->arena, n * sizeof *out);

	for (size_t i = 0; i < n; i++) {
		const struct conf_component *component = &program->conf->components[i];

		out[i] = (struct router_component){
			.jid = component->jid,
			.domains = texts_of(component->domains),
			.admins = texts_of(component->admins),
			.create_nodes = creators[component->create_nodes],
			.multi_subscribe = component->multi_subscribe,
		};
	}
	return out;
}

/* ---- between the links and the router ---- */

static void tell_systemd(const struct program *program)
{
#ifdef HAVE_SYSTEMD
	size_t up = 0;

	for (size_t i = 0; i < program->conf->component_count; i++)
		up += program->links[i].wire != NULL && wire_link_is_up(program->links[i].wire);
	sd_notifyf(0, "STATUS=%zu of %zu links up", up, program->conf->component_count);
#else
	(void)program;
#endif
}

static void on_up(void *ctx, struct wire_link *wire)
{
	struct link *link = ctx;

	(void)wire;
	router_link_up(link->program->router, link->component);
	tell_systemd(link->program);
}

static void on_down(void *ctx, struct wire_link *wire)
{
	struct link *link = ctx;

	(void)wire;
	router_link_down(link->program->router, link->component);
	tell_systemd(link->program);
}

static bool next_stanza(void *ctx, struct xml_stanza *out)
{
	return wire_link_next(ctx, out);
}

static void on_turn(void *ctx, struct wire_link *wire)
{
	struct link *link = ctx;
	const struct router_source source = {.ctx = wire, .next = next_stanza};

	router_turn(link->program->router, link->component, &source);
}

static void send_stanzas(void *ctx, size_t component, const char *bytes, size_t len)
{
	struct program *program = ctx;

	if (program->links[component].wire != NULL)
		wire_link_send(program->links[component].wire, bytes, len);
}

static void on_fatal(void *ctx)
{
	(void)ctx;
	log_error("main", "the store is lost: exiting, so that it is opened anew");
	_exit(EXIT_STORE);
}

static void open_links(struct program *program)
{
	size_t n = program->conf->component_count;

	program->links = arena_alloc(program->arena, n * sizeof *program->links);
	for (size_t i = 0; i < n; i++) {
		const struct conf_component *component = &program->conf->components[i];
		struct link *link = &program->links[i];
		const struct wire_options opt = {
			.component = component->jid,
			.server = component->server,
			.port = component->port,
			.secret = component->secret,
			.tls = component->tls == CONF_TLS_REQUIRED ? WIRE_TLS_REQUIRED
								   : WIRE_TLS_OFF,
			.tls_ca_file = component->tls_ca_file,
			.tls_name = component->tls_name,
			.limits = stanza_limits(program->conf),
			.turn_bytes = 256 * 1024,
			.high_water_bytes = 16 * 1024 * 1024,
		};
		const struct wire_handlers handlers = {
			.ctx = link, .on_up = on_up, .on_down = on_down, .on_turn = on_turn};

		link->program = program;
		link->component = i;
		link->wire = wire_link_create(program->base, &opt, &handlers);
	}
}

/* ---- signals and time ---- */

static void on_link_closed(void *ctx)
{
	struct link *link = ctx;

	link->wire = NULL;
	if (--link->program->open_links == 0)
		event_base_loopbreak(link->program->base);
}

static void on_stop(evutil_socket_t signal_number, short what, void *ctx)
{
	struct program *program = ctx;

	(void)what;
	if (program->open_links > 0)
		return;
	log_info("main", "signal %d: closing", (int)signal_number);
#ifdef HAVE_SYSTEMD
	sd_notify(0, "STOPPING=1");
#endif
	program->open_links = program->conf->component_count;
	for (size_t i = 0; i < program->conf->component_count; i++)
		wire_link_close(
			program->links[i].wire, STOP_MS, on_link_closed, &program->links[i]);
}

static void on_second(evutil_socket_t fd, short what, void *ctx)
{
	struct program *program = ctx;

	(void)fd;
	(void)what;
	router_tick(program->router);
}

static int run(struct program *program)
{
	static const struct timeval second = {1, 0};
	struct event *on_term = evsignal_new(program->base, SIGTERM, on_stop, program);
	struct event *on_int = evsignal_new(program->base, SIGINT, on_stop, program);
	struct event *ticker = event_new(program->base, -1, EV_PERSIST, on_second, program);

	if (on_term == NULL || on_int == NULL || ticker == NULL || event_add(on_term, NULL) != 0 ||
		event_add(on_int, NULL) != 0 || event_add(ticker, &second) != 0) {
		log_error("main", "cannot watch signals");
		return 1;
	}
	open_links(program);
#ifdef HAVE_SYSTEMD
	sd_notify(0, "READY=1");
#endif
	event_base_dispatch(program->base);
	event_free(on_term);
	event_free(on_int);
	event_free(ticker);
	return 0;
}

static int open_and_run(struct program *program, struct router_options *opt)
{
	const struct conf *conf = program->conf;
	const struct store_options store = {
		.path = conf->store_path,
		.max_bytes = conf->store_max_bytes,
		.relaxed = conf->durability == CONF_DURABILITY_RELAXED,
	};

	if (store_open(&store, &program->store) != PUBSUB_OK)
		return EXIT_STORE; /* the store has said why */
	program->base = event_base_new();
	program->router = router_create(program->store, opt);
	if (program->base == NULL || program->router == NULL)
		return EXIT_STORE;
	log_info("main", "%s serves %zu component(s)", PACKAGE_STRING, conf->component_count);
	return run(program);
}

static int serve(struct program *program, const struct options *options)
{
	const struct conf *conf = program->conf;
	struct router_options opt = {
		.components = router_components(program),
		.component_count = conf->component_count,
		.limits = stanza_limits(conf),
		.max_outgoing_bytes = conf->limits.max_outgoing_stanza_size,
		.max_items = (uint32_t)conf->limits.max_items_per_node,
		.max_payload_bytes = (uint32_t)conf->limits.max_payload_size,
		.ctx = program,
		.send = send_stanzas,
		.fatal = on_fatal,
	};

	if (!read_defaults(program, &opt))
		return EX_CONFIG;
	if (options->test) {
		printf("%s: ok\n", options->path);
		return 0;
	}
	log_level_set((enum log_level)conf->log_level);
	signal(SIGPIPE, SIG_IGN);
	return open_and_run(program, &opt);
}

static void finish(struct program *program)
{
	for (size_t i = 0; program->links != NULL && i < program->conf->component_count; i++)
		wire_link_destroy(program->links[i].wire);
	router_destroy(program->router);
	store_close(program->store);
	if (program->base != NULL)
		event_base_free(program->base);
	conf_destroy(program->conf);
	arena_destroy(program->arena);
}

int main(int argc, char **argv)
{
	struct options options = {.path = SYSCONFDIR "/peppy/peppy.conf"};
	struct program program = {0};
	struct buf text = {0};
	int status = parse_options(argc, argv, &options);

	if (status >= 0)
		return status;
	program.conf_path = options.path;
	program.arena = arena_create();
	program.conf = conf_read(options.path, &text);
	if (program.conf == NULL) {
		fwrite(text.data, 1, text.len, stderr);
		status = EX_CONFIG;
	} else if (options.print) {
		conf_print(program.conf, &text);
		fwrite(text.data, 1, text.len, stdout);
		status = 0;
	} else {
		status = serve(&program, &options);
	}
	buf_finish(&text);
	finish(&program);
	return status;
}
