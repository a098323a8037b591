/* From a line to its answer: the request is held against its command's row before anything runs. */
#include "call.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "peppy/log.h"
#include "peppy/xml.h"

#include "fields.h"
#include "state.h"

#define PAGE_DEFAULT 100
#define PAGE_MAX 1000

static const char *const type_words[ARG_TYPE_COUNT] = {
	[ARG_NONE] = "nothing",
	[ARG_TEXT] = "a text that is not empty, of characters that XML can carry",
	[ARG_JID] = "a JID",
	[ARG_NUMBER] = "a number that is not negative",
	[ARG_BOOL] = "true or false",
	[ARG_FIELDS] = "an object",
};

/* ---- answers ---- */

void call_answer(struct call *call, json_t *answer)
{
	assert(answer != NULL);
	json_decref(call->result);
	call->result = answer;
}

enum pubsub_error call_refuse(struct call *call, enum pubsub_error err, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	call->why = arena_strdup(call->arena, text);
	return err;
}

/* What quotes a request may have been cut within a character: then only its ASCII is shown. */
static json_t *quote(struct arena *arena, const char *text)
{
	json_t *string = json_string(text);
	char *ascii;

	if (string != NULL)
		return string;
	ascii = arena_strdup(arena, text);
	for (char *byte = ascii; *byte != '\0'; byte++)
		if ((unsigned char)*byte >= 0x80)
			*byte = '?';
	return json_string(ascii);
}

static json_t *failure(struct arena *arena, const char *code, const char *text)
{
	json_t *answer = json_pack("{s:o, s:s}", "error", quote(arena, text), "code", code);

	assert(answer != NULL);
	return answer;
}

static const char *code_of(enum pubsub_error err)
{
	switch (err) {
	case PUBSUB_ERR_BAD_REQUEST:
		return "usage";
	case PUBSUB_ERR_STORE_FULL:
	case PUBSUB_ERR_STORE_IO:
	case PUBSUB_ERR_STORE_VERSION:
	case PUBSUB_ERR_STORE_FAILED:
		return "failed";
	default:
		return "refused";
	}
}

static json_t *error_answer(const struct call *call, enum pubsub_error err)
{
	const char *text = error_text(err);

	if (call->why != NULL)
		text = call->why;
	else if (call->detail != NULL)
		text = arena_printf(call->arena, "%s: %s", text, call->detail);
	return failure(call->arena, code_of(err), text);
}

/* ---- arguments ---- */

static const struct arg *arg_find(const struct command *command, const char *name)
{
	for (size_t i = 0; i < ARGS_MAX && command->args[i].type != ARG_NONE; i++)
		if (strcmp(command->args[i].name, name) == 0)
			return &command->args[i];
	return NULL;
}

static bool is_text(const json_t *value)
{
	const char *text = json_string_value(value);

	return text != NULL && *text != '\0' && xml_text_is_valid(text);
}

static bool prepare_jid(struct call *call, const struct arg *arg, const json_t *value)
{
	struct jid jid;

	if (!is_text(value) || !jid_parse(json_string_value(value), call->arena, &jid))
		return false;
	json_object_set_new(call->args, arg->name, json_string(jid.full));
	return true;
}

static bool arg_fits(struct call *call, const struct arg *arg, const json_t *value)
{
	switch (arg->type) {
	case ARG_TEXT:
		return is_text(value);
	case ARG_JID:
		return prepare_jid(call, arg, value);
	case ARG_NUMBER:
		return json_is_integer(value) && json_integer_value(value) >= 0;
	case ARG_BOOL:
		return json_is_boolean(value);
	case ARG_FIELDS:
		return json_is_object(value);
	case ARG_NONE:
	case ARG_TYPE_COUNT:
		break;
	}
	return false;
}

/* What is given is wanted, and as it has to be. */
static enum pubsub_error check_given(struct call *call, json_t *request)
{
	const char *name;
	json_t *value;

	json_object_foreach(request, name, value)
	{
		const struct arg *arg = arg_find(call->command, name);

		if (strcmp(name, "command") == 0)
			continue;
		if (arg == NULL)
			return call_refuse(call, PUBSUB_ERR_BAD_REQUEST,
				"%s does not take '%.100s'", call->command->name, name);
		if (!arg_fits(call, arg, value))
			return call_refuse(call, PUBSUB_ERR_BAD_REQUEST, "'%s' must be %s", name,
				type_words[arg->type]);
		if (arg->type != ARG_JID)
			json_object_set(call->args, name, value);
	}
	return PUBSUB_OK;
}

static enum pubsub_error check_wanted(struct call *call)
{
	const struct command *command = call->command;

	for (size_t i = 0; i < ARGS_MAX && command->args[i].type != ARG_NONE; i++)
		if (command->args[i].required &&
			json_object_get(call->args, command->args[i].name) == NULL)
			return call_refuse(call, PUBSUB_ERR_BAD_REQUEST, "%s needs '%s'",
				command->name, command->args[i].name);
	return PUBSUB_OK;
}

const char *call_text(const struct call *call, const char *name)
{
	return json_string_value(json_object_get(call->args, name));
}

uint64_t call_number(const struct call *call, const char *name, uint64_t absent)
{
	const json_t *value = json_object_get(call->args, name);

	return value == NULL ? absent : (uint64_t)json_integer_value(value);
}

bool call_bool(const struct call *call, const char *name, bool absent)
{
	const json_t *value = json_object_get(call->args, name);

	return value == NULL ? absent : json_is_true(value);
}

struct jid call_jid(const struct call *call, const char *name)
{
	struct jid jid = {0};

	jid_take(call_text(call, name), call->arena, &jid);
	return jid;
}

size_t call_limit(const struct call *call)
{
	uint64_t limit = call_number(call, "limit", PAGE_DEFAULT);

	return limit == 0 ? 1 : limit > PAGE_MAX ? PAGE_MAX : limit;
}

bool call_fields(
	struct call *call, const char *name, struct pubsub_node_config *out, uint64_t *set_out)
{
	const json_t *fields = json_object_get(call->args, name);
	const char *wrong;

	*set_out = 0;
	if (fields == NULL)
		return true;
	wrong = fields_from_json(&pubsub_node_config_type, fields, call->arena, out, set_out);
	if (wrong != NULL)
		call_refuse(call, PUBSUB_ERR_BAD_REQUEST,
			"'%.100s' is not a field of the node configuration, or cannot have this "
			"value",
			wrong);
	return wrong == NULL;
}

/* ---- whom it is about ---- */

static enum pubsub_error find_service(struct call *call)
{
	struct control_port *port = &call->control->port;
	struct control_link link;

	call->service = call_text(call, "service");
	if (call->service == NULL) {
		if (port->link(port->ctx, 1, &link))
			return call_refuse(call, PUBSUB_ERR_BAD_REQUEST,
				"there are several components: 'service' must name one");
		if (!port->link(port->ctx, 0, &link))
			return PUBSUB_ERR_SERVICE_UNAVAILABLE;
		call->service = arena_strdup(call->arena, link.component);
	}
	call->service = arena_strdup(call->arena, call->service);
	call->as = call_text(call, "as");
	call->as = call->as == NULL ? call->service : call_jid(call, "as").bare;
	return PUBSUB_OK;
}

struct pubsub_request call_request(const struct call *call)
{
	struct pubsub_request request = {
		.service = call->service, .node_id = call_text(call, "node")};

	jid_take(call->as, call->arena, &request.from);
	return request;
}

/* ---- running ---- */

static enum pubsub_error run_in(void *ctx, struct service *service)
{
	struct call *call = ctx;
	enum pubsub_error err;

	call->detail = call->why = NULL;
	call->recipients = 0;
	err = call->run(call, service);
	for (const struct pubsub_event *event = service->events; event != NULL; event = event->next)
		call->recipients += event->recipient_count;
	return err;
}

/* Who changed what stands in the log, and among the requests of all others. */
static void tell_change(const struct call *call, enum pubsub_error err)
{
	const char *node = call_text(call, "node");
	const struct pubsub_activity activity = {
		.verb = call->command->name,
		.service = call->service,
		.from = call->as,
		.node_id = node,
		.item_id = call_text(call, "item"),
		.err = err,
		.recipients = call->recipients,
	};

	control_activity(call->control, &activity);
	log_info("control", "%s%s%s at %s as %s: %s", call->command->name, node == NULL ? "" : " ",
		node == NULL ? "" : node, call->service, call->as, error_text(err));
}

static enum pubsub_error run_turn(struct call *call, enum store_mode mode, command_fn run)
{
	struct control_port *port = &call->control->port;
	const struct control_turn turn = {
		.service = call->service,
		.as = call->as,
		.mode = mode,
		.run = run_in,
		.ctx = call,
	};
	enum pubsub_error err;

	call->run = run;
	err = port->run_turn(port->ctx, &turn);
	if (err == PUBSUB_ERR_SERVICE_UNAVAILABLE)
		call_refuse(call, err, "%s is not a service here", call->service);
	if (mode == STORE_WRITE)
		tell_change(call, err);
	return err;
}

enum pubsub_error call_turn(
	struct call *call, const char *service, enum store_mode mode, command_fn run)
{
	call->service = call->as = service;
	return run_turn(call, mode, run);
}

static enum pubsub_error run(struct call *call, json_t *request)
{
	const char *name = json_string_value(json_object_get(request, "command"));
	enum pubsub_error err;

	if (name == NULL)
		return call_refuse(
			call, PUBSUB_ERR_BAD_REQUEST, "a request is an object with a 'command'");
	call->command = command_find(name);
	if (call->command == NULL)
		return call_refuse(
			call, PUBSUB_ERR_BAD_REQUEST, "there is no command '%.100s'", name);
	err = check_given(call, request);
	if (err == PUBSUB_OK)
		err = check_wanted(call);
	if (err != PUBSUB_OK || call->command->mode == STORE_NONE)
		return err != PUBSUB_OK ? err : call->command->run(call, NULL);
	err = find_service(call);
	return err != PUBSUB_OK ? err : run_turn(call, call->command->mode, call->command->run);
}

json_t *call_run(struct control *control, const char *line, size_t len)
{
	struct call call = {.control = control, .args = json_object(), .arena = arena_create()};
	json_t *request, *answer;
	json_error_t reason;
	enum pubsub_error err;

	request = json_loadb(line, len, JSON_REJECT_DUPLICATES, &reason);
	if (request == NULL) {
		answer = failure(
			call.arena, "usage", arena_printf(call.arena, "not JSON: %s", reason.text));
	} else {
		err = run(&call, request);
		answer = err != PUBSUB_OK      ? error_answer(&call, err)
			 : call.result == NULL ? json_pack("{s:{}}", "result")
					       : json_pack("{s:O}", "result", call.result);
	}
	json_decref(call.result);
	json_decref(call.args);
	json_decref(request);
	arena_destroy(call.arena);
	return answer;
}

/* ---- for the commands ---- */

enum pubsub_error call_node(struct call *call, struct service *service, struct pubsub_node **out)
{
	enum pubsub_error err = store_node_get(
		service->txn, call->service, call_text(call, "node"), service->arena, out);

	if (err == PUBSUB_ERR_NODE_GONE)
		call->detail = arena_strdup(call->arena, (*out)->config.description);
	return err;
}

enum pubsub_error call_rules(struct call *call, struct service *service, service_fn fn,
	const struct pubsub_request *request, struct pubsub_answer *answer)
{
	enum pubsub_error err = fn(service, request, answer);

	call->detail = arena_strdup(call->arena, answer->detail); /* its turn ends */
	return err;
}
