/* The daemon itself: what it does, what it may do, what it still has to do. */
#include "commands.h"

#include "config.h"

#include <string.h>
#include <unistd.h>

#include "peppy/clock.h"
#include "peppy/log.h"
#include "peppy/number.h"
#include "peppy/top.h"

#include "state.h"

#define TOP_MAX 100

/* ---- status ---- */

static enum pubsub_error component_json(
	const struct control_link *link, struct service *service, json_t **out)
{
	uint64_t nodes;
	enum pubsub_error err = store_nodes_count(service->txn, link->component, &nodes);

	if (err == PUBSUB_OK)
		*out = json_pack("{s:s, s:s, s:i, s:b, s:I, s:I, s:I, s:I}", "component",
			link->component, "server", link->server, "port", (int)link->port, "up",
			link->is_up, "nodes", (json_int_t)nodes, "connects",
			(json_int_t)link->connects, "queued_bytes", (json_int_t)link->queued_bytes,
			"sent_bytes", (json_int_t)link->sent_bytes);
	return err;
}

COMMAND(daemon_status)
{
	const struct control *control = call->control;
	uint64_t up_s = (clock_monotonic_us() - control->started_us) / 1000000;
	json_t *components = json_array(), *component;
	struct control_link link;
	enum pubsub_error err = PUBSUB_OK;

	for (size_t i = 0; control->port.link(control->port.ctx, i, &link); i++) {
		err = component_json(&link, service, &component);
		if (err != PUBSUB_OK)
			break;
		json_array_append_new(components, component);
	}
	call_answer(call, json_pack("{s:s, s:i, s:I, s:s, s:o}", "version", PACKAGE_VERSION, "pid",
				  (int)getpid(), "uptime_s", (json_int_t)up_s, "store",
				  control->store_path, "components", components));
	return err;
}

/* ---- check ---- */

static json_t *rights_json(const struct pep *pep, size_t component)
{
	json_t *domains = json_array();
	struct pep_rights rights;

	for (size_t i = 0; pep_rights_find(pep, component, i, &rights); i++)
		json_array_append_new(domains,
			json_pack("{s:s, s:s?, s:b, s:s?, s:b, s:b, s:b}", "domain", rights.domain,
				"delegation", rights.delegation_ns, "accounts", rights.accounts,
				"privileges", rights.privilege_ns, "message", rights.message,
				"roster", rights.roster, "presence", rights.presence));
	return domains;
}

COMMAND(daemon_check)
{
	const struct control_port *port = &call->control->port;
	json_t *components = json_array();
	struct control_link link;

	(void)service;
	for (size_t i = 0; port->link(port->ctx, i, &link); i++)
		json_array_append_new(components,
			json_pack("{s:s, s:s, s:i, s:b, s:o}", "component", link.component,
				"server", link.server, "port", (int)link.port, "up", link.is_up,
				"domains", rights_json(port->pep(port->ctx), i)));
	call_answer(call, json_pack("{s:o}", "components", components));
	return PUBSUB_OK;
}

/* ---- jobs ---- */

COMMAND(daemon_jobs)
{
	const size_t limit = call_limit(call);
	json_t *list = json_array();
	struct store_job *jobs;
	size_t n = 0;
	enum pubsub_error err = store_jobs_page(
		service->txn, call_number(call, "after", 0), limit, service->arena, &jobs, &n);

	for (size_t i = 0; err == PUBSUB_OK && i < n; i++)
		json_array_append_new(
			list, json_pack("{s:I, s:i, s:s?, s:s?, s:s?, s:i, s:b, s:I}", "id",
				      (json_int_t)jobs[i].id, "kind", (int)jobs[i].kind, "service",
				      jobs[i].service, "node", jobs[i].node_id, "cursor",
				      jobs[i].cursor, "starts", (int)jobs[i].starts, "aside",
				      jobs[i].starts == STORE_JOB_ASIDE, "bytes",
				      (json_int_t)jobs[i].data_len));
	call_answer(call, json_pack("{s:o}", "jobs", list));
	if (err == PUBSUB_OK && n > 0 && n == limit)
		json_object_set_new(call->result, "next", json_integer((json_int_t)jobs[n - 1].id));
	return err;
}

/* One that was given up; all others are being worked on. */
COMMAND(daemon_jobs_drop)
{
	const char *text = call_text(call, "job");
	struct store_job *jobs = NULL;
	enum pubsub_error err;
	uint64_t id;
	size_t n = 0;

	if (!number_take(&text, INT64_MAX, &id) || id == 0 || *text != '\0')
		return call_refuse(call, PUBSUB_ERR_BAD_REQUEST, "'job' must be the id of a job");
	err = store_jobs_page(service->txn, id - 1, 1, service->arena, &jobs, &n);
	if (err != PUBSUB_OK)
		return err;
	if (n == 0 || jobs->id != id)
		return call_refuse(call, PUBSUB_ERR_NOT_ALLOWED, "no such job");
	if (jobs->starts != STORE_JOB_ASIDE)
		return call_refuse(
			call, PUBSUB_ERR_NOT_ALLOWED, "the job is not set aside: it is being done");
	return store_job_del(service->txn, id);
}

/* ---- log, reload ---- */

static json_t *levels_json(void)
{
	json_t *list = json_array();
	const char *area;

	for (size_t i = 0; (area = log_area(i)) != NULL; i++)
		json_array_append_new(list, json_pack("{s:s, s:s}", "area", area, "level",
						    log_level_word(log_area_level(area))));
	return list;
}

/* Until the next reload. */
COMMAND(daemon_log)
{
	const char *word = call_text(call, "level"), *area = call_text(call, "area");
	enum log_level level;

	(void)service;
	if (word == NULL && area != NULL)
		return call_refuse(call, PUBSUB_ERR_BAD_REQUEST, "log needs 'level' with 'area'");
	if (word != NULL && !log_level_parse(word, &level))
		return call_refuse(call, PUBSUB_ERR_BAD_REQUEST,
			"'level' must be error, warning, info or debug");
	if (area != NULL && !log_area_level_set(area, level))
		return call_refuse(call, PUBSUB_ERR_BAD_REQUEST, "there is no area '%.100s'", area);
	if (word != NULL && area == NULL)
		log_level_set(level);
	call_answer(call, json_pack("{s:o}", "areas", levels_json()));
	return PUBSUB_OK;
}

COMMAND(daemon_reload)
{
	const struct control_port *port = &call->control->port;

	(void)service;
	if (port->reload(port->ctx))
		return PUBSUB_OK;
	return call_refuse(call, PUBSUB_ERR_NOT_ALLOWED,
		"the configuration file is wrong: the old values stay in force, and the log says "
		"why");
}

/* ---- metrics ---- */

COMMAND(daemon_metrics)
{
	struct buf text = {0};

	(void)service;
	metrics_render(call->control, &text);
	call_answer(call, json_pack("{s:s%}", "text", text.data, text.len));
	buf_finish(&text);
	return PUBSUB_OK;
}

/* ---- top ---- */

/* Keys are "service\nNodeID". */
static json_t *node_json(const struct top_key *key)
{
	const char *newline = strchr(key->key, '\n');

	return json_pack("{s:s%, s:s, s:I, s:I, s:I}", "service", key->key,
		(size_t)(newline - key->key), "node", newline + 1, "times", (json_int_t)key->count,
		"spent_us", (json_int_t)key->weight, "longest_us", (json_int_t)key->heaviest);
}

static json_t *sender_json(const struct top_key *key)
{
	return json_pack("{s:s, s:I}", "jid", key->key, "requests", (json_int_t)key->count);
}

typedef json_t *(*key_json_fn)(const struct top_key *key);

static json_t *top_json(
	const struct top *top, size_t limit, key_json_fn key_json, uint64_t *seconds_out)
{
	const uint64_t now_us = clock_monotonic_us();
	struct top_key keys[TOP_MAX];
	json_t *list = json_array();
	uint64_t since_us;
	size_t n = top_list(top, now_us, keys, limit < TOP_MAX ? limit : TOP_MAX, &since_us);

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, key_json(&keys[i]));
	*seconds_out = (now_us - since_us) / 1000000;
	return list;
}

/* "seconds" is what the lists are about: 30 to 60. */
COMMAND(daemon_top)
{
	const struct control_port *port = &call->control->port;
	const struct top *nodes, *senders;
	uint64_t seconds;
	json_t *node_list, *sender_list;

	(void)service;
	port->tops(port->ctx, &nodes, &senders);
	node_list = top_json(nodes, call_limit(call), node_json, &seconds);
	sender_list = top_json(senders, call_limit(call), sender_json, &seconds);
	call_answer(call, json_pack("{s:I, s:o, s:o}", "seconds", (json_int_t)seconds, "nodes",
				  node_list, "senders", sender_list));
	return PUBSUB_OK;
}
