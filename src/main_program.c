/* The loop over links, signals and seconds. */
#include "config.h"

#include "main_program.h"

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "main_config.h"
#include "main_systemd.h"
#include "peppy/control.h"
#include "peppy/log.h"
#include "peppy/memory.h"
#include "peppy/store.h"

#define STOP_MS 5000
#define WAIT_MS 2 /* for a link to take more */

struct link { /* what a link's handlers get */
	struct program *program;
	size_t component;
	struct wire_link *wire; /* NULL: closed */
	uint64_t connects;
};

enum watched { WATCH_TERM, WATCH_INT, WATCH_HUP, WATCH_SECOND, WATCH_WORK, WATCH_COUNT };

struct program {
	const char *path;
	struct config *config;
	struct event_base *base;
	struct event *watched[WATCH_COUNT];
	struct store *store;
	struct router *router;
	struct link *links;
	struct control *control; /* NULL: nobody is let in */
	size_t closing;          /* links that are to be closed yet, while stopping */
};

/* Who is up, with a line of what else there is to tell; "": nothing. */
static void tell_systemd(const struct program *program, const char *state)
{
	size_t n = program->config->conf->component_count, up = 0;

	for (size_t i = 0; i < n; i++)
		up += program->links[i].wire != NULL && wire_link_is_up(program->links[i].wire);
	systemd_links(state, up, n);
}

/* ---- what is done between turns ---- */

/* By a timer, even if it is due at once: so links are looked at in between. */
static void work_in(struct program *program, long ms)
{
	const struct timeval delay = {0, ms * 1000};

	if (!evtimer_pending(program->watched[WATCH_WORK], NULL))
		event_add(program->watched[WATCH_WORK], &delay);
}

static void on_work(evutil_socket_t fd, short what, void *ctx)
{
	struct program *program = ctx;

	(void)fd;
	(void)what;
	switch (router_work(program->router)) {
	case ROUTER_BUSY:
		work_in(program, 0);
		break;
	case ROUTER_WAIT:
		work_in(program, WAIT_MS);
		break;
	case ROUTER_IDLE:
		break;
	}
}

/* ---- between links and router ---- */

static void on_up(void *ctx, struct wire_link *wire)
{
	struct link *link = ctx;

	(void)wire;
	link->connects++;
	router_link_up(link->program->router, link->component);
	work_in(link->program, 0);
	tell_systemd(link->program, "");
}

static void on_down(void *ctx, struct wire_link *wire)
{
	struct link *link = ctx;

	(void)wire;
	router_link_down(link->program->router, link->component);
	tell_systemd(link->program, "");
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
	work_in(link->program, 0);
}

static void send_stanzas(void *ctx, size_t component, const char *bytes, size_t len, bool keep)
{
	struct program *program = ctx;

	if (program->links[component].wire != NULL)
		wire_link_send(program->links[component].wire, bytes, len, keep);
}

static uint64_t bytes_taken(void *ctx, size_t component)
{
	const struct wire_link *wire = ((struct program *)ctx)->links[component].wire;

	return wire == NULL ? 0 : wire_link_taken(wire);
}

static uint64_t bytes_sent(void *ctx, size_t component)
{
	const struct wire_link *wire = ((struct program *)ctx)->links[component].wire;

	return wire == NULL ? 0 : wire_link_sent(wire);
}

static void on_activity(void *ctx, const struct pubsub_activity *activity)
{
	control_activity(((struct program *)ctx)->control, activity);
}

static void on_fatal(void *ctx)
{
	(void)ctx;
	log_error("main", "the store has failed: exiting, so that it is opened afresh");
	_exit(EXIT_STORE);
}

static void open_links(struct program *program)
{
	size_t n = program->config->conf->component_count;

	program->links = memory_alloc(n * sizeof *program->links);
	for (size_t i = 0; i < n; i++) {
		struct link *link = &program->links[i];
		const struct wire_options opt = config_wire(program->config, i);
		const struct wire_handlers handlers = {
			.ctx = link, .on_up = on_up, .on_down = on_down, .on_turn = on_turn};

		link->program = program;
		link->component = i;
		link->wire = wire_link_create(program->base, &opt, &handlers);
	}
}

static void drop_links(struct program *program)
{
	for (size_t i = 0; program->links != NULL && i < program->config->conf->component_count;
		i++)
		wire_link_destroy(program->links[i].wire);
	free(program->links);
	program->links = NULL;
}

/* ---- signals and time ---- */

static void on_link_closed(void *ctx)
{
	struct link *link = ctx;

	link->wire = NULL;
	if (--link->program->closing == 0)
		event_base_loopbreak(link->program->base);
}

static void on_stop(evutil_socket_t signal_number, short what, void *ctx)
{
	struct program *program = ctx;

	(void)what;
	if (program->closing > 0)
		return;
	log_info("main", "signal %d: closing", (int)signal_number);
	tell_systemd(program, "STOPPING=1\n");
	program->closing = program->config->conf->component_count;
	for (size_t i = 0; i < program->config->conf->component_count; i++)
		wire_link_close(
			program->links[i].wire, STOP_MS, on_link_closed, &program->links[i]);
}

static void connect_router(struct program *program, struct config *config)
{
	config->router.ctx = program;
	config->router.send = send_stanzas;
	config->router.sent = bytes_sent;
	config->router.taken = bytes_taken;
	config->router.fatal = on_fatal;
	config->router.on_activity = on_activity;
}

static bool open_router(struct program *program)
{
	connect_router(program, program->config);
	program->router = router_create(program->store, &program->config->router);
	return program->router != NULL;
}

/* Links whose parameters are the same stay up; else everything above the store is made anew. */
static void apply(struct program *program, struct config *config)
{
	struct config *old = program->config;

	if (config_same_links(old, config)) {
		connect_router(program, config);
		program->config = config;
		router_configure(program->router, &config->router);
	} else {
		drop_links(program);
		router_flush(program->router);
		router_destroy(program->router);
		program->config = config;
		if (!open_router(program))
			on_fatal(program);
		open_links(program);
	}
	config_destroy(old);
	log_level_set((enum log_level)config->conf->log_level);
}

static bool reload(void *ctx)
{
	struct program *program = ctx;
	struct config *config = program->closing > 0 ? NULL : config_read_to_serve(program->path);

	if (config == NULL) {
		log_error("main", "the configuration is wrong: the old values stay");
		return false;
	}
	apply(program, config);
	log_info("main", "the configuration has been reloaded");
	return true;
}

static void on_reload(evutil_socket_t signal_number, short what, void *ctx)
{
	(void)signal_number;
	(void)what;
	reload(ctx);
}

static void on_second(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	router_tick(((struct program *)ctx)->router);
	systemd_alive();
	work_in(ctx, 0);
}

static bool watch(struct program *program)
{
	static const struct timeval second = {1, 0};
	struct event **watched = program->watched;

	watched[WATCH_TERM] = evsignal_new(program->base, SIGTERM, on_stop, program);
	watched[WATCH_INT] = evsignal_new(program->base, SIGINT, on_stop, program);
	watched[WATCH_HUP] = evsignal_new(program->base, SIGHUP, on_reload, program);
	watched[WATCH_WORK] = evtimer_new(program->base, on_work, program);
	watched[WATCH_SECOND] = event_new(program->base, -1, EV_PERSIST, on_second, program);
	for (int i = 0; i < WATCH_COUNT; i++)
		if (watched[i] == NULL ||
			(i != WATCH_WORK &&
				event_add(watched[i], i == WATCH_SECOND ? &second : NULL) != 0))
			return false;
	return true;
}

/* ---- what operators ask for ---- */

static enum pubsub_error run_turn(void *ctx, const struct control_turn *turn)
{
	struct program *program = ctx;
	const struct router_call call = {
		.service = turn->service,
		.as = turn->as,
		.mode = turn->mode,
		.run = turn->run,
		.ctx = turn->ctx,
	};
	enum pubsub_error err;

	err = router_call(program->router, &call);
	work_in(program, 0);
	return err;
}

static bool describe_link(void *ctx, size_t nth, struct control_link *out)
{
	const struct program *program = ctx;
	const struct conf *conf = program->config->conf;
	const struct wire_link *wire;

	if (nth >= conf->component_count)
		return false;
	wire = program->links[nth].wire;
	*out = (struct control_link){
		.component = conf->components[nth].jid,
		.server = conf->components[nth].server,
		.port = conf->components[nth].port,
		.is_up = wire != NULL && wire_link_is_up(wire),
		.connects = program->links[nth].connects,
		.queued_bytes = wire == NULL ? 0 : wire_link_queued(wire),
		.sent_bytes = wire == NULL ? 0 : wire_link_taken(wire),
	};
	return true;
}

static const struct pep *find_pep(void *ctx)
{
	return router_pep(((struct program *)ctx)->router);
}

static void put_metrics(void *ctx, struct buf *out)
{
	router_metrics(((struct program *)ctx)->router, out);
}

static void tell_tops(void *ctx, const struct top **nodes_out, const struct top **senders_out)
{
	const struct router_tops tops = router_tops(((struct program *)ctx)->router);

	*nodes_out = tops.nodes;
	*senders_out = tops.senders;
}

static enum pubsub_error erase(void *ctx, const char *bare)
{
	return router_account_erase(((struct program *)ctx)->router, bare);
}

static bool renew_contacts(void *ctx, const char *account)
{
	return router_contacts_renew(((struct program *)ctx)->router, account);
}

static struct service_erased erased(void *ctx, const char *bare)
{
	return router_account_erased(((struct program *)ctx)->router, bare);
}

static void open_control(struct program *program)
{
	const struct control_options opt = {
		.socket_path = program->config->conf->control_socket,
		.store_path = program->config->conf->store_path,
		.metrics_listen = program->config->conf->metrics_listen,
	};
	const struct control_port port = {
		.ctx = program,
		.run_turn = run_turn,
		.link = describe_link,
		.pep = find_pep,
		.reload = reload,
		.metrics = put_metrics,
		.tops = tell_tops,
		.erase = erase,
		.erased = erased,
		.renew_contacts = renew_contacts,
	};

	program->control = control_create(program->base, &opt, &port);
}

/* ---- start and end ---- */

/* What it calls an error ends the process. */
static void on_libevent_log(int severity, const char *text)
{
	if (severity == EVENT_LOG_ERR)
		log_error("main", "libevent: %s", text);
	else if (severity == EVENT_LOG_WARN)
		log_warning("main", "libevent: %s", text);
}

static int serve(struct program *program)
{
	const struct conf *conf = program->config->conf;
	const struct store_options store = {
		.path = conf->store_path,
		.max_bytes = conf->store_max_bytes,
		.relaxed = conf->durability == CONF_DURABILITY_RELAXED,
		.progress = {.tell = systemd_upgrade},
	};

	if (store_open(&store, &program->store) != PUBSUB_OK || !open_router(program))
		return EXIT_STORE; /* the store has said why */
	program->base = event_base_new();
	if (program->base == NULL || !watch(program)) {
		log_error("main", "cannot set up the event loop");
		return EXIT_FAILURE;
	}
	log_info("main", "%s serves %zu component(s)", PACKAGE_STRING, conf->component_count);
	open_links(program);
	open_control(program);
	tell_systemd(program, "READY=1\n");
	event_base_dispatch(program->base);
	router_flush(program->router);
	return 0;
}

static void finish(struct program *program)
{
	control_destroy(program->control);
	drop_links(program);
	router_destroy(program->router);
	store_close(program->store);
	for (int i = 0; i < WATCH_COUNT; i++)
		if (program->watched[i] != NULL)
			event_free(program->watched[i]);
	if (program->base != NULL)
		event_base_free(program->base);
	config_destroy(program->config);
}

/* The store is read through memory: a page that the disk does not give, or that is missing because
 * the file was cut off, comes as a signal. */
static void on_bus_error(int number)
{
	static const char text[] =
		"level=error area=main msg=\"a page of the store cannot be read: "
		"exiting\"\n";

	(void)number;
	_exit(write(STDERR_FILENO, text, sizeof text - 1) < 0 ? EXIT_FAILURE : EXIT_STORE);
}

int program_run(const char *path)
{
	struct program program = {.path = path, .config = config_read_to_serve(path)};
	int status;

	if (program.config == NULL)
		return EX_CONFIG;
	log_level_set((enum log_level)program.config->conf->log_level);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGBUS, on_bus_error);
	event_set_log_callback(on_libevent_log);
	status = serve(&program);
	finish(&program);
	return status;
}

int program_check(const char *path)
{
	struct config *config = config_read(path);

	if (config == NULL)
		return EX_CONFIG;
	config_destroy(config);
	printf("%s: ok\n", path);
	return 0;
}

int program_print(const char *path)
{
	struct config *config = config_read(path);
	struct buf text = {0};

	if (config == NULL)
		return EX_CONFIG;
	conf_print(config->conf, &text);
	fwrite(text.data, 1, text.len, stdout);
	buf_finish(&text);
	config_destroy(config);
	return 0;
}
