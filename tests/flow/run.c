/* Runs one flow: a router on a fresh store, fed through the real parser. */
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "peppy/buf.h"
#include "peppy/codec.h"
#include "peppy/memory.h"

#include "validate.h"

#define FAIL_AT_MAX 23 /* calls of the store in a turn; a prime */
#define HEADER                                                                                     \
	"<stream:stream xmlns='" NS_COMPONENT "' "                                                 \
	"xmlns:stream='http://etherx.jabber.org/streams' id='flow'>"

static const struct xml_limits limits = {
	.stanza_bytes = 2 * 1024 * 1024, .depth = 512, .elements = 20000, .attributes = 100};

/* ---- what goes out ---- */

static void take_stanzas(struct flow *flow)
{
	struct xml_stanza stanza;

	while (xml_parser_next(flow->out, &stanza) == XML_STANZA) {
		struct out_stanza *sent = arena_alloc(flow->arena, sizeof *sent);
		size_t len;
		char *why;

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
	xml_parser_release(flow->out);
}

static void on_send(void *ctx, size_t component, const char *bytes, size_t len)
{
	struct flow *flow = ctx;

	(void)component;
	memcpy(xml_parser_space(flow->out, len), bytes, len);
	xml_parser_filled(flow->out, len);
	take_stanzas(flow);
	flow->bytes_sent += len;
	if (!flow->stalled)
		flow->bytes_taken = flow->bytes_sent;
}

static uint64_t bytes_sent(void *ctx, size_t component)
{
	(void)component;
	return ((struct flow *)ctx)->bytes_sent;
}

static uint64_t bytes_taken(void *ctx, size_t component)
{
	(void)component;
	return ((struct flow *)ctx)->bytes_taken;
}

static void on_fatal(void *ctx)
{
	((struct flow *)ctx)->why = "the router called fatal()";
}

/* ---- what comes in ---- */

static bool next_stanza(void *ctx, struct xml_stanza *out)
{
	struct flow *flow = ctx;
	enum xml_event event = xml_parser_next(flow->in, out);

	if (event == XML_BROKEN)
		flow->why = "what is sent does not parse";
	flow->more = event == XML_STANZA;
	return flow->more;
}

/* Each turn loses its transaction at another call of the store. Nobody is to notice: its stanzas
 * are run again. */
static void arm(struct flow *flow)
{
	if (flow->opt->engine == FLOW_FAIL && !flow->sound)
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

	memcpy(xml_parser_space(flow->in, len), bytes, len);
	xml_parser_filled(flow->in, len);
	arm(flow);
	do
		router_turn(flow->router, 0, &source);
	while (flow->more);
	disarm(flow);
	xml_parser_release(flow->in);
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

static bool start(struct flow *flow)
{
	if (flow->store == NULL && open_store(flow) != PUBSUB_OK) {
		flow->why = "the store does not open";
		return false;
	}
	flow->router_options.components = &flow->component;
	flow->router = router_create(flow->store, &flow->router_options);
	if (flow->router == NULL) {
		flow->why = "the router does not start";
		return false;
	}
	flow->in = xml_parser_create(&limits, HEADER, strlen(HEADER));
	flow->out = xml_parser_create(&limits, HEADER, strlen(HEADER));
	router_link_up(flow->router, 0);
	return true;
}

/* As kill -9 does it: nothing is told, only what was committed stays. */
static void stop(struct flow *flow)
{
	router_destroy(flow->router);
	flow->router = NULL;
	xml_parser_destroy(flow->in);
	xml_parser_destroy(flow->out);
	flow->in = flow->out = NULL;
	if (flow->opt->engine == FLOW_LMDB) {
		store_close(flow->store);
		flow->store = NULL;
	}
}

/* What a server tells after each start of peppyd, or tells nobody again. */
static bool need_not_survive(const char *xml)
{
	return strstr(xml, "<presence") != NULL || strstr(xml, "privilege") != NULL ||
	       strstr(xml, "delegation") != NULL;
}

/* As kill -9 does it, which everything that was answered survives. */
static bool kill_and_start(struct flow *flow, const char *xml)
{
	flow->awake = flow->awake || need_not_survive(xml);
	if (flow->awake || !flow->opt->killed)
		return true;
	stop(flow);
	return start(flow);
}

void run_feed(struct flow *flow, const char *xml)
{
	size_t step = flow->opt->bytewise ? 1 : strlen(xml);

	if (!kill_and_start(flow, xml))
		return;
	for (size_t at = 0; xml[at] != '\0'; at += step)
		feed(flow, xml + at, step);
}

/* ---- commands ---- */

bool run_fail(struct flow *flow, const char *why)
{
	flow->why = why;
	return false;
}

static struct pubsub_texts split(struct flow *flow, char *list, const char **out)
{
	struct pubsub_texts texts = {out, 0};

	for (char *save, *word = strtok_r(list, ",", &save); word != NULL && texts.n < TEXTS_MAX;
		word = strtok_r(NULL, ",", &save))
		out[texts.n++] = arena_strdup(flow->arena, word);
	return texts;
}

static bool set_option(struct flow *flow, const char *key, char *value)
{
	static const char *const creators[] = {"anyone", "local", "admins"};

	if (strcmp(key, "component") == 0)
		flow->component.jid = value;
	else if (strcmp(key, "domains") == 0)
		flow->component.domains = split(flow, value, flow->texts[0]);
	else if (strcmp(key, "admins") == 0)
		flow->component.admins = split(flow, value, flow->texts[1]);
	else if (strcmp(key, "multi-subscribe") == 0)
		flow->component.multi_subscribe = strcmp(value, "on") == 0;
	else if (strcmp(key, "max-items") == 0)
		flow->router_options.max_items = (uint32_t)atoi(value);
	else if (strcmp(key, "max-payload") == 0)
		flow->router_options.max_payload_bytes = (uint32_t)atoi(value);
	else if (strcmp(key, "max-outgoing") == 0)
		flow->router_options.max_outgoing_bytes = (size_t)atoi(value);
	else if (strcmp(key, "fanout-max") == 0)
		flow->router_options.fanout_max = (size_t)atoi(value);
	else if (strcmp(key, "failing") == 0)
		flow->sound = strcmp(value, "off") == 0;
	else if (strcmp(key, "create-nodes") == 0)
		for (size_t i = 0; i < 3; i++)
			flow->component.create_nodes = strcmp(value, creators[i]) == 0
							       ? (enum service_creators)i
							       : flow->component.create_nodes;
	else
		return run_fail(flow, arena_printf(flow->arena, "no such option: %s", key));
	return true;
}

static bool run_config(struct flow *flow, char *text)
{
	for (char *save, *word = strtok_r(text, " \n", &save); word != NULL;
		word = strtok_r(NULL, " \n", &save)) {
		char *value = strchr(word, '=');

		if (value == NULL)
			return run_fail(flow, "config: KEY=VALUE");
		*value++ = '\0';
		if (!set_option(flow, word, value))
			return false;
	}
	return true;
}

static bool run_send(struct flow *flow, char *text)
{
	run_feed(flow, flow_expand(text, flow->captures, flow->arena));
	return true;
}

/* A question of peppy's: one that was asked in a turn which failed is asked again. */
static bool may_be_repeated(const struct flow *flow, const struct out_stanza *sent)
{
	return flow->opt->engine == FLOW_FAIL && strstr(sent->xml, " type='get'") != NULL;
}

static bool run_expect(struct flow *flow, char *text)
{
	const char *why;

	for (struct out_stanza *sent = flow->sent; sent != NULL; sent = sent->next) {
		if (sent->expected)
			continue;
		if (flow_match(text, sent->xml, flow->captures, flow->arena, &why)) {
			sent->expected = true;
			flow->matched = sent;
			return true;
		}
		if (!may_be_repeated(flow, sent))
			return run_fail(
				flow, arena_printf(flow->arena, "%s in %s", why, sent->xml));
	}
	return run_fail(flow, "nothing went out");
}

static bool run_expect_any(struct flow *flow, char *text)
{
	const char *why = "nothing went out";

	for (struct out_stanza *sent = flow->sent; sent != NULL; sent = sent->next)
		if (!sent->expected &&
			flow_match(text, sent->xml, flow->captures, flow->arena, &why)) {
			sent->expected = true;
			flow->matched = sent;
			return true;
		}
	return run_fail(
		flow, arena_printf(flow->arena, "no stanza is like that; the last: %s", why));
}

static bool run_nothing(struct flow *flow, char *text)
{
	(void)text;
	for (struct out_stanza *sent = flow->sent; sent != NULL; sent = sent->next)
		if (!sent->expected && !may_be_repeated(flow, sent))
			return run_fail(flow,
				arena_printf(flow->arena, "went out unexpected: %s", sent->xml));
	return true;
}

/* Are these bytes in the stanza that was expected last? */
static bool look_for(struct flow *flow, const char *text, bool wanted)
{
	const char *bytes = flow_expand(text, flow->captures, flow->arena);

	if (flow->matched == NULL)
		return run_fail(flow, "nothing was expected yet");
	if ((strstr(flow->matched->xml, bytes) != NULL) == wanted)
		return true;
	return run_fail(flow, arena_printf(flow->arena, "%s is %s in %s", bytes,
				      wanted ? "not" : "there", flow->matched->xml));
}

static bool run_holds(struct flow *flow, char *text)
{
	return look_for(flow, text, true);
}

static bool run_lacks(struct flow *flow, char *text)
{
	return look_for(flow, text, false);
}

static bool run_repeat(struct flow *flow, char *text)
{
	char *save, *name = strtok_r(text, " ", &save), *count = strtok_r(NULL, " ", &save);
	struct buf all = {0};

	for (int i = count == NULL ? 0 : atoi(count); i > 0; i--)
		buf_append_text(&all, save);
	if (all.len == 0)
		return run_fail(flow, "repeat NAME COUNT TEXT");
	buf_append_byte(&all, '\0');
	map_put(flow->captures, name, memory_strdup(all.data));
	buf_finish(&all);
	return true;
}

static bool run_work(struct flow *flow, char *text)
{
	(void)text;
	while (router_work(flow->router) == ROUTER_BUSY)
		;
	return true;
}

static bool run_stall(struct flow *flow, char *text)
{
	(void)text;
	flow->stalled = true;
	return true;
}

static bool run_wait(struct flow *flow, char *text)
{
	flow_clock_pass((unsigned)atoi(text));
	router_tick(flow->router);
	return true;
}

static bool run_restart(struct flow *flow, char *text)
{
	(void)text;
	stop(flow);
	return start(flow);
}

static bool run_down(struct flow *flow, char *text)
{
	(void)text;
	flow->bytes_sent = flow->bytes_taken;
	flow->stalled = false;
	router_link_down(flow->router, 0);
	return true;
}

static bool run_up(struct flow *flow, char *text)
{
	(void)text;
	router_link_up(flow->router, 0);
	return true;
}

static const struct {
	const char *verb;
	run_fn run;
} verbs[] = {
	{"node", setup_node},
	{"publish", setup_publish},
	{"subscribe", setup_subscribe},
	{"affiliations", setup_affiliations},
	{"repeat", run_repeat},
	{"send", run_send},
	{"expect", run_expect},
	{"expect*", run_expect_any},
	{"holds", run_holds},
	{"lacks", run_lacks},
	{"nothing", run_nothing},
	{"wait", run_wait},
	{"work", run_work},
	{"stall", run_stall},
	{"restart", run_restart},
	{"down", run_down},
	{"up", run_up},
};

static bool run_command(struct flow *flow, const struct flow_command *command)
{
	char *text = arena_strdup(flow->arena, command->text);

	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		if (strcmp(verbs[i].verb, command->verb) == 0) {
			if (verbs[i].run(flow, text) && flow->why == NULL)
				return true;
			return run_fail(flow,
				arena_printf(flow->arena, "line %d: %s", command->line, flow->why));
		}
	return run_fail(flow, arena_printf(flow->arena, "line %d: no such command: %s",
				      command->line, command->verb));
}

static void init(struct flow *flow, const struct flow_options *opt, struct arena *arena)
{
	*flow = (struct flow){.opt = opt, .arena = arena};
	flow->sent_end = &flow->sent;
	flow->captures = map_create(0, free);
	flow->texts[0][0] = "shakespeare.lit";
	flow->component = (struct router_component){
		.jid = "pubsub.shakespeare.lit", .domains = {flow->texts[0], 1}};
	flow->router_options = (struct router_options){
		.component_count = 1,
		.max_outgoing_bytes = 480 * 1024,
		.max_items = 10000,
		.max_payload_bytes = 1024 * 1024,
		.node_defaults = pubsub_node_config_default,
		.pep_defaults = pubsub_node_config_default,
		.ctx = flow,
		.send = on_send,
		.sent = bytes_sent,
		.taken = bytes_taken,
		.fatal = on_fatal,
	};
	flow->router_options.pep_defaults.access_model = PUBSUB_ACCESS_PRESENCE;
	flow->router_options.pep_defaults.send_last_published_item =
		PUBSUB_SEND_LAST_ON_SUB_AND_PRESENCE;
	flow->router_options.pep_defaults.max_items = 1;
	strcpy(flow->folder, "/tmp/peppy-flow-XXXXXX");
}

static bool run_all(struct flow *flow, const struct flow_command *command)
{
	for (; command != NULL && strcmp(command->verb, "config") == 0; command = command->next)
		if (!run_config(flow, arena_strdup(flow->arena, command->text)))
			return false;
	if (!start(flow))
		return false;
	for (; command != NULL; command = command->next)
		if (!run_command(flow, command))
			return false;
	return run_nothing(flow, NULL);
}

static void remove_folder(const char *folder)
{
	static const char *const files[] = {"data.mdb", "lock.mdb", "peppy.lock"};
	char path[128];

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
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
		stop(&flow);
	store_close(flow.store);
	map_destroy(flow.captures);
	if (opt->engine == FLOW_LMDB)
		remove_folder(flow.folder);
	return ok;
}
