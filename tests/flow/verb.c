/* The commands of flows, but for those that only prepare (setup.c). */
#include "run.h"

#include <stdlib.h>
#include <string.h>

#include "peppy/buf.h"
#include "peppy/memory.h"

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

bool verb_config(struct flow *flow, char *text)
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

static bool verb_send(struct flow *flow, char *text)
{
	run_feed(flow, flow_expand(text, flow->captures, flow->arena));
	return true;
}

/* A question of peppy's: one that was asked in a turn which failed is asked again. */
static bool may_be_repeated(const struct flow *flow, const struct out_stanza *sent)
{
	return flow->opt->engine == FLOW_FAIL && strstr(sent->xml, " type='get'") != NULL;
}

static bool verb_expect(struct flow *flow, char *text)
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

static bool verb_expect_any(struct flow *flow, char *text)
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

bool verb_nothing(struct flow *flow, char *text)
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

static bool verb_holds(struct flow *flow, char *text)
{
	return look_for(flow, text, true);
}

static bool verb_lacks(struct flow *flow, char *text)
{
	return look_for(flow, text, false);
}

static bool verb_repeat(struct flow *flow, char *text)
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

static bool verb_work(struct flow *flow, char *text)
{
	(void)text;
	while (router_work(flow->router) == ROUTER_BUSY)
		;
	return true;
}

static bool verb_stall(struct flow *flow, char *text)
{
	(void)text;
	flow->stalled = true;
	return true;
}

static bool verb_wait(struct flow *flow, char *text)
{
	flow_clock_pass((unsigned)atoi(text));
	router_tick(flow->router);
	return true;
}

static bool verb_restart(struct flow *flow, char *text)
{
	(void)text;
	run_stop(flow);
	return run_start(flow);
}

static bool verb_down(struct flow *flow, char *text)
{
	(void)text;
	flow->bytes_sent = flow->bytes_taken;
	flow->stalled = false;
	router_link_down(flow->router, 0);
	return true;
}

static bool verb_up(struct flow *flow, char *text)
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
	{"repeat", verb_repeat},
	{"send", verb_send},
	{"expect", verb_expect},
	{"expect*", verb_expect_any},
	{"holds", verb_holds},
	{"lacks", verb_lacks},
	{"nothing", verb_nothing},
	{"wait", verb_wait},
	{"work", verb_work},
	{"stall", verb_stall},
	{"restart", verb_restart},
	{"down", verb_down},
	{"up", verb_up},
};

bool verb_run(struct flow *flow, const struct flow_command *command)
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
