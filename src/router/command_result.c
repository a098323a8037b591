/* What commands answer with: notes, facts, rows. */
#include "command.h"

#include <inttypes.h>

#include "peppy/clock.h"

#include "observe.h"
#include "routes.h"

#define PAGE_ROWS 100

struct pubsub_request command_request(const struct command_call *call)
{
	return (struct pubsub_request){
		.service = call->session.service,
		.from = call->inquiry->from,
		.node_id = call->session.args.node,
	};
}

enum pubsub_error command_rules(struct command_call *call, service_fn fn,
	const struct pubsub_request *request, struct pubsub_answer *answer)
{
	const struct route *route = route_of_rule(fn);
	enum pubsub_error err = fn(&call->service, request, answer);

	call->detail = answer->detail;
	if (route != NULL)
		observe_request(call->turn, route, request, &call->service, err);
	return service_conceal(&call->service, request, err);
}

enum pubsub_error command_confirmed(struct command_call *call)
{
	if (call->session.args.confirmed)
		return PUBSUB_OK;
	call->detail = "confirm";
	return PUBSUB_ERR_COMMAND_PAYLOAD;
}

void command_fact(struct command_call *call, const char *var, const char *label, const char *text)
{
	const struct codec_column column = {var, "text-single", label};

	codec_result_fact(&call->w, &column, (struct pubsub_texts){&text, text != NULL ? 1 : 0});
}

void command_number(struct command_call *call, const char *var, const char *label, uint64_t n)
{
	command_fact(call, var, label, command_digits(call, n));
}

void command_table_open(struct command_call *call, const struct command_table *table)
{
	codec_result_open(&call->w, NULL, table->title);
	codec_result_reported(&call->w, table->columns, table->n);
}

bool command_row(
	struct command_call *call, const struct command_table *table, const char *const *values)
{
	const size_t at = call->payload.len;

	codec_result_row(&call->w, table->columns, table->n, values);
	if (call->payload.len > call->service.profile->answer_bytes && call->rows > 0) {
		buf_truncate(&call->payload, at);
		return false;
	}
	call->rows++;
	return true;
}

enum pubsub_error command_page(
	struct command_call *call, service_fn list, command_put_fn put, bool *more_out)
{
	struct command_place *place = &call->session.place;
	struct pubsub_request request = command_request(call);
	struct pubsub_answer answer = {0};
	const size_t before = call->rows;
	enum pubsub_error err;

	request.node_id = NULL;
	request.rsm = (struct pubsub_rsm){
		.present = true, .has_max = true, .max = PAGE_ROWS, .after = place->after};
	err = command_rules(call, list, &request, &answer);
	if (err == PUBSUB_OK && !put(call, &answer)) { /* what had no room is of the next page */
		request.rsm.max = (uint32_t)(call->rows - before);
		answer = (struct pubsub_answer){0};
		err = command_rules(call, list, &request, &answer);
	}
	if (err != PUBSUB_OK)
		return err;
	if (call->rows > before)
		place->after = answer.page.last;
	*more_out = answer.page.more;
	return PUBSUB_OK;
}

const char *command_stamp(const struct command_call *call, uint64_t wall_us)
{
	char stamp[CLOCK_STAMP_SIZE];

	clock_stamp_render(wall_us, stamp);
	return arena_strdup(call->turn->arena, stamp);
}

const char *command_digits(const struct command_call *call, uint64_t n)
{
	return arena_printf(call->turn->arena, "%" PRIu64, n);
}
