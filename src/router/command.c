/* One step of an ad-hoc command: which session, which action, the form that came, the next one or
 * the result. What is refused leaves the session as it was. */
#include "command.h"

#include <string.h>

#include "peppy/array.h"
#include "peppy/id.h"
#include "peppy/log.h"

#include "park.h"
#include "service_call.h"

#define MAY(action) (1u << CODEC_ACTION_##action)

static const struct command *find(const char *node)
{
	const struct command *command = NULL;

	for (size_t i = 0; (command = command_nth(i)) != NULL; i++)
		if (strcmp(command->node, node) == 0)
			break;
	return command;
}

static bool is_open_to(
	const struct turn *turn, const struct inquiry *inquiry, const struct command *command)
{
	const struct component *component = &turn->router->components[inquiry->task->component];

	return !command->for_admins || service_is_admin(&component->profile, inquiry->from.bare);
}

/* ---- what may come next (XEP-0050 3.4) ---- */

static size_t stage_count(const struct command *command)
{
	size_t n = 0;

	while (n < COMMAND_STAGES_MAX && command->stages[n].form != NULL)
		n++;
	return n;
}

static bool is_in_pages(const struct session *session)
{
	return session->stage >= stage_count(session->command);
}

static bool is_at_last_form(const struct session *session)
{
	return session->stage + 1 == stage_count(session->command);
}

static unsigned actions(const struct session *session)
{
	const unsigned back = session->stage > 0 ? MAY(PREV) : 0;

	if (is_in_pages(session))
		return MAY(NEXT) | MAY(COMPLETE) | back;
	if (is_at_last_form(session))
		return MAY(COMPLETE) | back;
	return MAY(NEXT) | (session->command->skips ? MAY(COMPLETE) : 0) | back;
}

static enum codec_action default_action(const struct session *session)
{
	return actions(session) & MAY(NEXT) ? CODEC_ACTION_NEXT : CODEC_ACTION_COMPLETE;
}

/* ---- stages ---- */

static enum pubsub_error open_service(struct command_call *call, enum store_mode mode)
{
	struct task *task = call->inquiry->task;

	return service_call_open(call->turn, task->component, false, park_is_expired(task), mode,
		       &call->service)
		       ? PUBSUB_OK
		       : call->turn->err;
}

static void *record_of(struct command_call *call, const struct command_stage *stage)
{
	struct command_args *args = &call->session.args;

	return stage->configures ? (void *)&args->config : (void *)args;
}

static enum pubsub_error ask(struct command_call *call, size_t nth)
{
	const struct command_stage *stage = &call->command->stages[nth];
	struct codec_form form = *stage->form;
	enum pubsub_error err = PUBSUB_OK;

	if (stage->ask != NULL) {
		err = open_service(call, STORE_READ);
		if (err == PUBSUB_OK)
			err = stage->ask(call, &form);
	}
	if (err != PUBSUB_OK)
		return err;
	codec_form_render(&call->w, &form, record_of(call, stage));
	call->session.stage = nth;
	call->session.place = (struct command_place){0};
	call->more = true;
	return PUBSUB_OK;
}

static enum pubsub_error fill(struct command_call *call, const struct codec_command *request)
{
	const struct command_stage *stage = &call->command->stages[call->session.stage];
	uint64_t set = 0;
	enum pubsub_error err = codec_form_parse(stage->form, request->form, call->turn->arena,
		record_of(call, stage), &set, &call->detail);

	if (stage->configures)
		call->session.args.config_set = set;
	return err;
}

static void log_change(const struct command_call *call)
{
	const char *node = call->session.args.node;

	if (call->command->for_admins && call->command->mode == STORE_WRITE)
		log_info("router", "%s by %s%s%s", call->command->name, call->inquiry->from.full,
			node != NULL ? ": " : "", node != NULL ? node : "");
}

static enum pubsub_error run(struct command_call *call)
{
	enum pubsub_error err = open_service(call, call->command->mode);

	if (err == PUBSUB_OK)
		err = call->command->run(call);
	if (err != PUBSUB_OK)
		return err;
	while (call->w.depth > 0)
		xml_end(&call->w);
	call->session.stage = stage_count(call->command);
	log_change(call);
	return PUBSUB_OK;
}

/* ---- steps ---- */

static enum pubsub_error resume(struct command_call *call, const struct codec_command *request)
{
	const struct inquiry *inquiry = call->inquiry;
	struct session *session = &call->session;
	char id[ID_SIGNED_SIZE];

	*session = (struct session){.id = request->session_id,
		.from = inquiry->from.full,
		.service = inquiry->to.full,
		.command = call->command,
		.args = command_args_default};
	if (session->id != NULL && session_find(call->turn, session))
		return session->command == call->command ? PUBSUB_OK : PUBSUB_ERR_COMMAND_SESSION;
	call->fresh = true;
	if (session->id != NULL && !call->command->adopts)
		return id_signed_is(session->id, session->from) ? PUBSUB_ERR_COMMAND_EXPIRED
								: PUBSUB_ERR_COMMAND_SESSION;
	if (session->id == NULL) {
		id_signed(session->from, id);
		session->id = arena_strdup(call->turn->arena, id);
	}
	return PUBSUB_OK;
}

static enum pubsub_error go_back(struct command_call *call)
{
	const size_t n = stage_count(call->command), stage = call->session.stage;

	return ask(call, (stage < n ? stage : n) - 1);
}

static enum pubsub_error go_on(
	struct command_call *call, const struct codec_command *request, enum codec_action action)
{
	struct session *session = &call->session;
	enum pubsub_error err = PUBSUB_OK;

	if (is_in_pages(session))
		return call->fresh || action == CODEC_ACTION_NEXT ? run(call) : PUBSUB_OK;
	err = fill(call, request);
	if (err != PUBSUB_OK)
		return err;
	return action == CODEC_ACTION_NEXT ? ask(call, session->stage + 1) : run(call);
}

static enum pubsub_error act(struct command_call *call, const struct codec_command *request)
{
	struct session *session = &call->session;
	enum codec_action action = request->action;

	call->cancelled = action == CODEC_ACTION_CANCEL;
	if (call->cancelled)
		return PUBSUB_OK;
	if (call->fresh && action == CODEC_ACTION_EXECUTE && request->form == NULL &&
		!is_in_pages(session))
		return ask(call, 0);
	if (action == CODEC_ACTION_EXECUTE)
		action = default_action(session);
	else if (call->fresh && action != CODEC_ACTION_COMPLETE)
		return PUBSUB_ERR_COMMAND_ACTION;
	if (!(actions(session) & 1u << action))
		return PUBSUB_ERR_COMMAND_ACTION;
	return action == CODEC_ACTION_PREV ? go_back(call) : go_on(call, request, action);
}

static enum pubsub_error step(struct command_call *call)
{
	struct codec_command request;
	enum pubsub_error err = codec_command_parse(call->inquiry->child, &request);

	call->command = request.node != NULL ? find(request.node) : NULL;
	if (call->command == NULL)
		return PUBSUB_ERR_COMMAND_NOT_FOUND;
	if (!is_open_to(call->turn, call->inquiry, call->command))
		return PUBSUB_ERR_COMMAND_FORBIDDEN;
	if (err == PUBSUB_OK)
		err = resume(call, &request);
	return err == PUBSUB_OK ? act(call, &request) : err;
}

static void send_answer(struct command_call *call)
{
	const struct session *session = &call->session;
	const struct codec_command_answer answer = {
		.node = call->command->node,
		.session_id = session->id,
		.status = call->cancelled ? CODEC_CANCELED
			  : call->more    ? CODEC_EXECUTING
					  : CODEC_COMPLETED,
		.actions = call->more ? actions(session) : 0,
		.execute = default_action(session),
		.note = call->note,
		.warning = call->warning,
		.payload = call->payload.data,
		.payload_len = call->payload.len,
	};
	struct xml_writer w = stanza_reply(call->turn, call->inquiry, "result");

	codec_command_render(&w, &answer);
	stanza_reply_end(call->turn, call->inquiry, &w);
	if (call->more)
		session_put(call->turn, session);
	else if (!call->fresh)
		session_end(call->turn, session);
	service_call_notify(call->turn, &call->service);
}

void command_run(struct turn *turn, const struct inquiry *inquiry)
{
	struct command_call call = {.turn = turn, .inquiry = inquiry};
	enum pubsub_error err;

	call.w = xml_writer(&call.payload);
	err = step(&call);
	if (err == PUBSUB_OK)
		send_answer(&call);
	else
		service_call_failed(turn, inquiry, err, call.detail);
	buf_finish(&call.payload);
}

/* ---- discovery (XEP-0050 2.2) ---- */

static bool is_list(const char *node)
{
	return strcmp(node, NS_COMMANDS) == 0;
}

bool command_is_node(const char *node)
{
	return is_list(node) || find(node) != NULL;
}

void command_info(struct turn *turn, const struct inquiry *inquiry, const char *node)
{
	static const char *const features[] = {NS_COMMANDS, NS_DATA};
	const struct command *command = find(node);
	const struct codec_identity identity = {"automation",
		command != NULL ? "command-node" : "command-list",
		command != NULL ? command->name : NULL};
	const struct codec_disco disco = {
		.node = node,
		.identities = &identity,
		.identity_count = 1,
		.features = features,
		.feature_count = ARRAY_COUNT(features),
	};
	struct xml_writer w;

	if (command != NULL && !is_open_to(turn, inquiry, command)) {
		stanza_error(turn, inquiry, PUBSUB_ERR_COMMAND_FORBIDDEN, NULL);
		return;
	}
	w = stanza_reply(turn, inquiry, "result");
	codec_disco_info_render(&w, &disco, NULL);
	stanza_reply_end(turn, inquiry, &w);
}

/* Those that the requester may execute. A command itself has no items. */
void command_items(struct turn *turn, const struct inquiry *inquiry, const char *node)
{
	const struct pubsub_request request = {.service = inquiry->to.full, .node_id = node};
	const struct command *command = NULL;
	struct pubsub_answer answer = {0};
	struct xml_writer w;
	size_t n = 0;

	while (command_nth(n) != NULL)
		n++;
	answer.nodes = arena_alloc(turn->arena, n * sizeof *answer.nodes);
	for (size_t i = 0; is_list(node) && (command = command_nth(i)) != NULL; i++)
		if (is_open_to(turn, inquiry, command))
			answer.nodes[answer.node_count++] = (struct pubsub_node){
				.node_id = command->node, .config.title = command->name};
	w = stanza_reply(turn, inquiry, "result");
	codec_disco_items_render(&w, &request, &answer);
	stanza_reply_end(turn, inquiry, &w);
}
