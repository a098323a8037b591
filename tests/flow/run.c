/* Runs one flow: a router on a fresh store, fed through the real parser. */
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "peppy/array.h"
#include "peppy/codec.h"
#include "peppy/memory.h"
#include "peppy/pep.h"

#include "validate.h"

#define FAIL_AT_MAX 23 /* calls of the store in a turn; a prime */
#define HEADER                                                                                     \
	"<stream:stream xmlns='" NS_COMPONENT "' "                                                 \
	"xmlns:stream='http://etherx.jabber.org/streams' id='flow'>"

static const struct xml_limits limits = {
	.stanza_bytes = 2 * 1024 * 1024, .depth = 512, .elements = 20000, .attributes = 100};

bool run_fail(struct flow *flow, const char *why)
{
	flow->why = why;
	return false;
}

/* ---- what goes out ---- */

static void take_stanzas(struct flow *flow, size_t link)
{
	struct xml_parser *out = flow->links[link].out;
	struct xml_stanza stanza;

	while (xml_parser_next(out, &stanza) == XML_STANZA) {
		struct out_stanza *sent = arena_alloc(flow->arena, sizeof *sent);
		size_t len;
		char *why;

		sent->link = link;
		sent->xml = arena_strdup(flow->arena, xml_standalone(&stanza, stanza.root, &len));
		if (flow->opt->show)
			printf("# %s\n", sent->xml);
		if (stanza.len > flow->router_options.max_outgoing_bytes)
			flow->why = "a stanza above max-outgoing went out";
		if (!validate_stanza(sent->xml, len, &why)) {
			flow->why = arena_printf(flow->arena, "not valid: %s: %s", why, sent->xml);
			free(why);
		}
		*flow->sent_end = sent;
		flow->sent_end = &sent->next;
	}
	xml_parser_release(out);
}

static void on_send(void *ctx, size_t component, const char *bytes, size_t len, bool keep)
{
	struct flow *flow = ctx;
	struct flow_link *link = &flow->links[component];

	(void)keep;
	memcpy(xml_parser_space(link->out, len), bytes, len);
	xml_parser_filled(link->out, len);
	take_stanzas(flow, component);
	link->bytes_sent += len;
	if (!link->stalled)
		link->bytes_taken = link->bytes_sent;
}

static uint64_t bytes_sent(void *ctx, size_t component)
{
	return ((struct flow *)ctx)->links[component].bytes_sent;
}

static uint64_t bytes_taken(void *ctx, size_t component)
{
	return ((struct flow *)ctx)->links[component].bytes_taken;
}

static void on_fatal(void *ctx)
{
	((struct flow *)ctx)->why = "the router called fatal()";
}

/* ---- what comes in ---- */

static bool next_stanza(void *ctx, struct xml_stanza *out)
{
	struct flow *flow = ctx;
	enum xml_event event = xml_parser_next(flow->links[flow->link].in, out);

	if (event == XML_BROKEN)
		flow->why = "what is sent does not parse";
	flow->more = event == XML_STANZA;
	return flow->more;
}

/* Each turn loses its transaction at another call of the store. Nobody is to notice: its stanzas
 * are run again. */
static void arm(struct flow *flow)
{
	if (flow->opt->engine == FLOW_FAIL && flow->failing)
		store_fail_arm(flow->store, 1 + flow->turns++ % FAIL_AT_MAX, false);
}

static void disarm(struct flow *flow)
{
	if (flow->opt->engine == FLOW_FAIL)
		store_fail_arm(flow->store, 0, false);
}

static void feed(struct flow *flow, const char *bytes, size_t len)
{
	const struct router_source source = {.ctx = flow, .next = next_stanza};
	struct xml_parser *in = flow->links[flow->link].in;

	memcpy(xml_parser_space(in, len), bytes, len);
	xml_parser_filled(in, len);
	arm(flow);
	do
		router_turn(flow->router, flow->link, &source);
	while (flow->more);
	disarm(flow);
	xml_parser_release(in);
}

/* ---- start and end ---- */

static enum pubsub_error open_store(struct flow *flow)
{
	const struct store_options lmdb = {.path = flow->folder, .max_bytes = UINT64_C(1) << 30};
	struct store *inner;
	enum pubsub_error err;

	switch (flow->opt->engine) {
	case FLOW_LMDB:
		return store_open(&lmdb, &flow->store);
	case FLOW_FAIL:
		err = store_open_mem(&inner);
		if (err == PUBSUB_OK)
			flow->store = store_open_fail(inner);
		return err;
	default:
		return store_open_mem(&flow->store);
	}
}

bool run_schemas(struct flow *flow)
{
	const char *srcdir = getenv("srcdir");
	struct buf errors = {0};

	if (flow->validating && flow->schemas == NULL)
		flow->schemas = codec_schemas_open(
			arena_printf(flow->arena, "%s/schemas/payloads", srcdir ? srcdir : "."),
			&errors);
	if (errors.len > 0)
		flow->why = arena_memdup(flow->arena, errors.data, errors.len);
	buf_finish(&errors);
	flow->router_options.schemas = flow->validating ? flow->schemas : NULL;
	return flow->why == NULL;
}

void run_configure(struct flow *flow)
{
	flow->components[flow->others] = flow->component;
	flow->router_options.components = flow->components;
	flow->router_options.component_count = flow->others + 1;
}

bool run_start(struct flow *flow)
{
	if (flow->store == NULL && open_store(flow) != PUBSUB_OK) {
		flow->why = "the store does not open";
		return false;
	}
	if (!run_schemas(flow))
		return false;
	run_configure(flow);
	flow->router = router_create(flow->store, &flow->router_options);
	if (flow->router == NULL) {
		flow->why = "the router does not start";
		return false;
	}
	for (size_t i = 0; i <= flow->others; i++) {
		flow->links[i].in = xml_parser_create(&limits, HEADER, strlen(HEADER));
		flow->links[i].out = xml_parser_create(&limits, HEADER, strlen(HEADER));
		router_link_up(flow->router, i);
	}
	return true;
}

void run_stop(struct flow *flow)
{
	router_destroy(flow->router);
	flow->router = NULL;
	for (size_t i = 0; i <= flow->others; i++) {
		xml_parser_destroy(flow->links[i].in);
		xml_parser_destroy(flow->links[i].out);
		flow->links[i].in = flow->links[i].out = NULL;
	}
	if (flow->opt->engine == FLOW_LMDB) {
		store_close(flow->store);
		flow->store = NULL;
	}
}

/* What a server tells after each start of peppyd, or tells nobody again; bounces and sessions of
 * commands, which are in memory. */
static bool need_not_survive(const char *xml)
{
	return strstr(xml, "<presence") != NULL || strstr(xml, "privilege") != NULL ||
	       strstr(xml, "delegation") != NULL || strstr(xml, "<message type='error'") != NULL ||
	       strstr(xml, NS_COMMANDS) != NULL;
}

/* As kill -9 does it, which everything that was answered survives. */
static bool kill_and_start(struct flow *flow, const char *xml)
{
	flow->awake = flow->awake || need_not_survive(xml);
	if (flow->awake || !flow->opt->killed)
		return true;
	run_stop(flow);
	return run_start(flow);
}

void run_feed(struct flow *flow, const char *xml)
{
	size_t step = flow->opt->bytewise ? 1 : strlen(xml);

	if (!kill_and_start(flow, xml))
		return;
	for (size_t at = 0; xml[at] != '\0'; at += step)
		feed(flow, xml + at, step);
}

/* ---- a flow ---- */

static void init(struct flow *flow, const struct flow_options *opt, struct arena *arena)
{
	static const char *domains[] = {"shakespeare.lit"};

	*flow = (struct flow){.opt = opt, .arena = arena, .failing = true};
	flow->sent_end = &flow->sent;
	flow->captures = map_create(0, free);
	flow->component = (struct router_component){.jid = "pubsub.shakespeare.lit",
		.domains = {domains, 1},
		.conceal_nodes = SERVICE_CONCEAL_STRANGERS};
	flow->router_options = (struct router_options){
		.max_outgoing_bytes = 480 * 1024,
		.max_items = 10000,
		.max_payload_bytes = 1024 * 1024,
		.node_defaults = pubsub_node_config_default,
		.pep_defaults = pep_config_default(),
		.ctx = flow,
		.send = on_send,
		.sent = bytes_sent,
		.taken = bytes_taken,
		.fatal = on_fatal,
	};
	strcpy(flow->folder, "/tmp/peppy-flow-XXXXXX");
}

static bool run_loop(struct flow *flow, const struct flow_command *loop);

static const struct flow_command *loop_end(const struct flow_command *command)
{
	while (command != NULL && strcmp(command->verb, "done") != 0)
		command = command->next;
	return command;
}

static bool run_commands(
	struct flow *flow, const struct flow_command *command, const struct flow_command *end)
{
	for (; command != end; command = command->next) {
		if (strcmp(command->verb, "for") != 0) {
			if (!verb_run(flow, command))
				return false;
			continue;
		}
		if (!run_loop(flow, command))
			return false;
		command = loop_end(command);
	}
	return true;
}

static bool run_loop(struct flow *flow, const struct flow_command *loop)
{
	const struct flow_command *end = loop_end(loop);
	char *save, *text = arena_strdup(flow->arena, loop->text);
	const char *name = strtok_r(text, " \n", &save), *value;

	if (name == NULL || end == NULL)
		return run_fail(flow, "for NAME VALUE ..., and done");
	while ((value = strtok_r(NULL, " \n", &save)) != NULL) {
		map_put(flow->captures, name, memory_strdup(value));
		if (!run_commands(flow, loop->next, end)) {
			flow->why = arena_printf(flow->arena, "$%s %s: %s", name, value, flow->why);
			return false;
		}
	}
	return true;
}

static bool run_all(struct flow *flow, const struct flow_command *command)
{
	for (; command != NULL && strcmp(command->verb, "config") == 0; command = command->next)
		if (!verb_config(flow, arena_strdup(flow->arena, command->text)))
			return false;
	if (!run_start(flow))
		return false;
	return run_commands(flow, command, NULL) && verb_nothing(flow, NULL);
}

static void remove_folder(const char *folder)
{
	static const char *const files[] = {"data.mdb", "lock.mdb", "peppy.lock"};
	char path[128];

	for (size_t i = 0; i < ARRAY_COUNT(files); i++) {
		snprintf(path, sizeof path, "%s/%s", folder, files[i]);
		unlink(path);
	}
	rmdir(folder);
}

bool flow_run(const struct flow_command *commands, const struct flow_options *opt,
	struct arena *arena, const char **why_out)
{
	struct flow flow;
	bool ok;

	init(&flow, opt, arena);
	flow_clock_reset();
	if (opt->engine == FLOW_LMDB && mkdtemp(flow.folder) == NULL) {
		*why_out = "no temporary folder";
		return false;
	}
	ok = run_all(&flow, commands);
	*why_out = flow.why;
	if (flow.router != NULL)
		run_stop(&flow);
	store_close(flow.store);
	map_destroy(flow.captures);
	codec_schemas_close(flow.schemas);
	if (opt->engine == FLOW_LMDB)
		remove_folder(flow.folder);
	return ok;
}
