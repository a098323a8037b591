/* command.c - ad-hoc commands (XEP-0050), their forms and results (XEP-0004). */
#include <string.h>

#include "codec/form.h"
#include "codec/request.h"

static const char *const action_words[CODEC_ACTION_COUNT] = {
	[CODEC_ACTION_EXECUTE] = "execute",
	[CODEC_ACTION_CANCEL] = "cancel",
	[CODEC_ACTION_PREV] = "prev",
	[CODEC_ACTION_NEXT] = "next",
	[CODEC_ACTION_COMPLETE] = "complete",
};

static const char *const status_words[] = {
	[CODEC_EXECUTING] = "executing",
	[CODEC_COMPLETED] = "completed",
	[CODEC_CANCELED] = "canceled",
};

/* ---- reading ---- */

static bool parse_action(const char *word, enum codec_action *out)
{
	for (int i = 0; i < CODEC_ACTION_COUNT; i++)
		if (strcmp(action_words[i], word) == 0) {
			*out = (enum codec_action)i;
			return true;
		}
	return false;
}

/* Whoever cancels a form does not want it carried out, though XEP-0050 3.5.1 would have it read as
 * submitted. */
static bool is_cancelled(const struct xml_element *form)
{
	return form != NULL && xml_attr_is(form, "type", "cancel");
}

enum pubsub_error codec_command_parse(const struct xml_element *el, struct codec_command *out)
{
	const char *action = xml_attr(el, "action");

	*out = (struct codec_command){
		.node = request_attr(el, "node"),
		.session_id = request_attr(el, "sessionid"),
		.form = xml_child(el, NS_DATA, "x"),
	};
	if (action != NULL && !parse_action(action, &out->action))
		return PUBSUB_ERR_COMMAND_ACTION_UNKNOWN;
	if (is_cancelled(out->form))
		out->action = CODEC_ACTION_CANCEL;
	return PUBSUB_OK;
}

/* ---- forms ---- */

static struct form form_of(const struct codec_form *form)
{
	return (struct form){
		.form_type = form->fields->form_type,
		.fields = form->fields,
		.bad_value = PUBSUB_ERR_COMMAND_PAYLOAD,
		.title = form->title,
		.instructions = form->instructions,
		.withheld = form->withheld,
	};
}

enum pubsub_error codec_form_parse(const struct codec_form *form, const struct xml_element *x,
	struct arena *arena, void *record, uint64_t *set_out, const char **detail_out)
{
	const struct form inner = form_of(form);
	struct form_filled filled;
	enum pubsub_error err = form_fill(&inner, x, arena, record, &filled, detail_out);

	*set_out = filled.set;
	return err;
}

void codec_form_render(struct xml_writer *w, const struct codec_form *form, const void *record)
{
	const struct form inner = form_of(form);

	form_render(w, &inner, record);
}

/* ---- results ---- */

void codec_result_open(struct xml_writer *w, const char *form_type, const char *title)
{
	form_open(w, "result", NULL);
	if (title != NULL)
		xml_leaf(w, "title", title);
	if (form_type != NULL)
		form_field(w, "FORM_TYPE", "hidden", NULL, (struct pubsub_texts){&form_type, 1});
}

void codec_result_fact(
	struct xml_writer *w, const struct codec_column *column, struct pubsub_texts values)
{
	form_field(w, column->var, column->type, column->label, values);
}

void codec_result_facts(
	struct xml_writer *w, const struct pubsub_form_type *fields, const void *record)
{
	form_facts(w, fields, record);
}

void codec_result_reported(struct xml_writer *w, const struct codec_column *columns, size_t n)
{
	xml_start(w, "reported");
	for (size_t i = 0; i < n; i++)
		form_field(w, columns[i].var, columns[i].type, columns[i].label,
			(struct pubsub_texts){NULL, 0});
	xml_end(w);
}

void codec_result_row(struct xml_writer *w, const struct codec_column *columns, size_t n,
	const char *const *values)
{
	xml_start(w, "item");
	for (size_t i = 0; i < n; i++) {
		xml_start(w, "field");
		xml_put_attr(w, "var", columns[i].var);
		xml_leaf(w, "value", values[i]);
		xml_end(w);
	}
	xml_end(w);
}

/* ---- answers ---- */

static void put_actions(struct xml_writer *w, const struct codec_command_answer *answer)
{
	xml_start(w, "actions");
	xml_put_attr(w, "execute", action_words[answer->execute]);
	for (int i = 0; i < CODEC_ACTION_COUNT; i++)
		if (answer->actions & 1u << i)
			xml_leaf(w, action_words[i], NULL);
	xml_end(w);
}

/* 'status' says how far it is, not 'action', whatever XEP-0060 8.7.4 has. */
void codec_command_render(struct xml_writer *w, const struct codec_command_answer *answer)
{
	xml_start_ns(w, "command", NS_COMMANDS);
	xml_put_attr(w, "node", answer->node);
	xml_put_attr(w, "sessionid", answer->session_id);
	xml_put_attr(w, "status", status_words[answer->status]);
	if (answer->actions != 0)
		put_actions(w, answer);
	if (answer->note != NULL) {
		xml_start(w, "note");
		xml_put_attr(w, "type", answer->warning ? "warn" : "info");
		xml_put_text(w, answer->note);
		xml_end(w);
	}
	xml_put_raw(w, answer->payload, answer->payload_len);
	xml_end(w);
}
