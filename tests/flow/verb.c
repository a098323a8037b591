/* The commands of flows, but for those that only prepare (setup.c). */
#include "run.h"

#include <stdlib.h>
#include <string.h>

#include "peppy/array.h"
#include "peppy/buf.h"
#include "peppy/memory.h"

#define TEXTS_MAX 64

static void split(struct flow *flow, char *list, struct pubsub_texts *out)
{
	const char **texts = arena_alloc(flow->arena, TEXTS_MAX * sizeof *texts);

	*out = (struct pubsub_texts){texts, 0};
	for (char *save, *word = strtok_r(list, ",", &save); word != NULL && out->n < TEXTS_MAX;
		word = strtok_r(NULL, ",", &save))
		texts[out->n++] = arena_strdup(flow->arena, word);
}

static const char *const creators[] = {"anyone", "local", "admins", NULL};
static const char *const subscribers[] = {"local", "anyone", NULL};
static const char *const conceal[] = {"off", "strangers", "all", NULL};
static const char *const switches[] = {"off", "on", NULL};

/* clang-format off */
#define COMPONENT(m) offsetof(struct flow, component.m)
#define ROUTER(m)    offsetof(struct flow, router_options.m)

static const struct option {
	const char *key;
	enum { TEXT, TEXTS, WORD, SWITCH, UINT, SIZE } type;
	size_t member; /* of struct flow */
	const char *const *words;
} options[] = {
	{"component",                       TEXT,   COMPONENT(jid), NULL},
	{"domains",                         TEXTS,  COMPONENT(domains), NULL},
	{"admins",                          TEXTS,  COMPONENT(admins), NULL},
	{"create-nodes",                    WORD,   COMPONENT(create_nodes), creators},
	{"multi-subscribe",                 SWITCH, COMPONENT(multi_subscribe), switches},
	{"root-collection",                 SWITCH, COMPONENT(root_collection), switches},
	{"conceal-nodes",                   WORD,   COMPONENT(conceal_nodes), conceal},
	{"owner-subscribes",                SWITCH, COMPONENT(subscribe_anyone), subscribers},
	{"reserved-nodes",                  TEXTS,  COMPONENT(reserved), NULL},
	{"blocked",                         TEXTS,  ROUTER(blocked), NULL},
	{"max-items",                       UINT,   ROUTER(max_items), NULL},
	{"max-payload",                     UINT,   ROUTER(max_payload_bytes), NULL},
	{"max-outgoing",                    SIZE,   ROUTER(max_outgoing_bytes), NULL},
	{"fanout-max",                      SIZE,   ROUTER(fanout_max), NULL},
	{"max-bytes-per-node",              SIZE,   ROUTER(limits.node_bytes), NULL},
	{"max-items-per-publish",           UINT,   ROUTER(limits.publish_items), NULL},
	{"max-affiliations-per-node",       UINT,   ROUTER(limits.affiliations), NULL},
	{"max-subscriptions-per-node",      UINT,   ROUTER(limits.subscriptions), NULL},
	{"max-subscriptions-per-jid",       UINT,   ROUTER(limits.jid_subscriptions), NULL},
	{"max-nodes-per-owner",             UINT,   ROUTER(limits.owner_nodes), NULL},
	{"max-node-id-size",                UINT,   ROUTER(limits.node_id_bytes), NULL},
	{"max-item-id-size",                UINT,   ROUTER(limits.item_id_bytes), NULL},
	{"max-form-fields",                 UINT,   ROUTER(max_form_fields), NULL},
	{"max-form-values",                 UINT,   ROUTER(max_form_values), NULL},
	{"max-requests-per-second",         UINT,   ROUTER(rates.requests), NULL},
	{"max-domain-requests-per-second",  UINT,   ROUTER(rates.domain_requests), NULL},
	{"max-publishes-per-second",        UINT,   ROUTER(rates.publishes), NULL},
	{"max-domain-publishes-per-second", UINT,   ROUTER(rates.domain_publishes), NULL},
	{"max-invitations-per-hour",        UINT,   ROUTER(rates.invitations), NULL},
	{"max-approval-requests-per-hour",  UINT,   ROUTER(rates.applications), NULL},
	{"max-domain-approval-requests-per-hour", UINT, ROUTER(rates.domain_applications), NULL},
	{"max-presence-lookups-per-second",       UINT,   ROUTER(rates.presence_lookups), NULL},
	{"max-domain-presence-lookups-per-second", UINT,  ROUTER(rates.domain_presence_lookups), NULL},
	{"max-output-per-domain",           SIZE,   ROUTER(max_domain_output), NULL},
	{"payload-schemas",                 SWITCH, offsetof(struct flow, validating), switches},
	{"awake",                           SWITCH, offsetof(struct flow, awake), switches},
	{"failing",                         SWITCH, offsetof(struct flow, failing), switches},
};
/* clang-format on */

static bool set_word(const struct option *option, const char *value, void *member)
{
	for (int i = 0; option->words[i] != NULL; i++)
		if (strcmp(option->words[i], value) == 0) {
			if (option->type == SWITCH)
				*(bool *)member = i != 0;
			else
				*(int *)member = i; /* an enum */
			return true;
		}
	return false;
}

static bool set_member(struct flow *flow, const struct option *option, char *value)
{
	void *member = (char *)flow + option->member;

	switch (option->type) {
	case TEXT:
		*(const char **)member = value;
		return true;
	case TEXTS:
		split(flow, value, member);
		return true;
	case UINT:
		*(uint32_t *)member = (uint32_t)atoi(value);
		return true;
	case SIZE:
		*(size_t *)member = (size_t)atoi(value);
		return true;
	case WORD:
	case SWITCH:
		break;
	}
	return set_word(option, value, member);
}

static bool set_option(struct flow *flow, const char *key, char *value)
{
	for (size_t i = 0; i < ARRAY_COUNT(options); i++)
		if (strcmp(options[i].key, key) == 0)
			return set_member(flow, &options[i], value) ||
			       run_fail(
				       flow, arena_printf(flow->arena, "no such value: %s", value));
	return run_fail(flow, arena_printf(flow->arena, "no such option: %s", key));
}

/* What follows configures this one, whose domains are none at first. */
static bool add_component(struct flow *flow, const char *jid)
{
	if (flow->others + 1 == LINKS_MAX)
		return run_fail(flow, "too many components");
	flow->components[flow->others++] = flow->component;
	flow->component =
		(struct router_component){.jid = jid, .conceal_nodes = SERVICE_CONCEAL_STRANGERS};
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
		if (strcmp(word, "another") == 0 ? !add_component(flow, value)
						 : !set_option(flow, word, value))
			return false;
	}
	return true;
}

/* The file has been read again. */
static bool verb_reload(struct flow *flow, char *text)
{
	if (!verb_config(flow, text) || !run_schemas(flow))
		return false;
	run_configure(flow);
	router_configure(flow->router, &flow->router_options);
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
		if (sent->expected || sent->link != flow->link)
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
		if (!sent->expected && sent->link == flow->link &&
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

static bool verb_erase(struct flow *flow, char *text)
{
	return router_account_erase(flow->router, text) == PUBSUB_OK ||
	       run_fail(flow, "nobody can be erased");
}

static bool verb_stall(struct flow *flow, char *text)
{
	(void)text;
	flow->links[flow->link].stalled = true;
	return true;
}

static bool verb_drain(struct flow *flow, char *text)
{
	struct flow_link *link = &flow->links[flow->link];

	link->stalled = *text != '\0';
	if (link->stalled)
		link->bytes_taken += (uint64_t)atoi(text);
	else
		link->bytes_taken = link->bytes_sent;
	return link->bytes_taken <= link->bytes_sent || run_fail(flow, "so much does not wait");
}

static bool verb_on(struct flow *flow, char *text)
{
	int number = atoi(text);

	if (number < 1 || (size_t)number > flow->others + 1)
		return run_fail(flow, "there is no such link");
	flow->link = (size_t)number - 1;
	return true;
}

static bool verb_wait(struct flow *flow, char *text)
{
	flow_clock_pass((unsigned)atoi(text));
	router_tick(flow->router);
	return true;
}

static bool verb_jump(struct flow *flow, char *text)
{
	flow_clock_jump(atoi(text));
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
	flow->links[flow->link].bytes_sent = flow->links[flow->link].bytes_taken;
	flow->links[flow->link].stalled = false;
	router_link_down(flow->router, flow->link);
	return true;
}

static bool verb_up(struct flow *flow, char *text)
{
	(void)text;
	router_link_up(flow->router, flow->link);
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
	{"jump", verb_jump},
	{"on", verb_on},
	{"work", verb_work},
	{"erase", verb_erase},
	{"stall", verb_stall},
	{"drain", verb_drain},
	{"reload", verb_reload},
	{"restart", verb_restart},
	{"down", verb_down},
	{"up", verb_up},
};

bool verb_run(struct flow *flow, const struct flow_command *command)
{
	char *text = arena_strdup(flow->arena, command->text);

	for (size_t i = 0; i < ARRAY_COUNT(verbs); i++)
		if (strcmp(verbs[i].verb, command->verb) == 0) {
			if (verbs[i].run(flow, text) && flow->why == NULL)
				return true;
			return run_fail(flow,
				arena_printf(flow->arena, "line %d: %s", command->line, flow->why));
		}
	return run_fail(flow, arena_printf(flow->arena, "line %d: no such command: %s",
				      command->line, command->verb));
}
