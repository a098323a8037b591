/* command.c - ad-hoc commands, their forms and results. */
#include "tests/unit/codec/support.h"

#include "peppy/array.h"

#define COMMAND(attrs, content)                                                                    \
	"<command xmlns='http://jabber.org/protocol/commands'" attrs ">" content "</command>"
#define FORM(type, fields) "<x xmlns='jabber:x:data' type='" type "'>" fields "</x>"
#define VAR(name, value) "<field var='" name "'><value>" value "</value></field>"

/* ---- requests ---- */

static enum pubsub_error parse(
	struct bench *bench, const char *document, struct codec_command *command)
{
	return codec_command_parse(bench_read(bench, document), command);
}

static void test_a_command_is_read(void **state)
{
	struct codec_command command;

	assert_int_equal(parse(*state,
				 COMMAND(" node='n' sessionid='s' action='next'",
					 "<actions/>" FORM("submit", "")),
				 &command),
		PUBSUB_OK);
	assert_string_equal(command.node, "n");
	assert_string_equal(command.session_id, "s");
	assert_int_equal(command.action, CODEC_ACTION_NEXT);
	assert_non_null(command.form);
}

static void test_execute_is_what_is_done_if_nothing_is_said(void **state)
{
	struct codec_command command;

	assert_int_equal(parse(*state, COMMAND(" node='' sessionid=''", ""), &command), PUBSUB_OK);
	assert_null(command.node);
	assert_null(command.session_id);
	assert_int_equal(command.action, CODEC_ACTION_EXECUTE);
	assert_null(command.form);
}

static void test_actions_are_five_words_and_no_others(void **state)
{
	static const char *const words[] = {
		[CODEC_ACTION_EXECUTE] = COMMAND(" action='execute'", ""),
		[CODEC_ACTION_CANCEL] = COMMAND(" action='cancel'", ""),
		[CODEC_ACTION_PREV] = COMMAND(" action='prev'", ""),
		[CODEC_ACTION_NEXT] = COMMAND(" action='next'", ""),
		[CODEC_ACTION_COMPLETE] = COMMAND(" action='complete'", ""),
	};
	struct codec_command command;

	for (int i = 0; i < CODEC_ACTION_COUNT; i++) {
		assert_int_equal(parse(*state, words[i], &command), PUBSUB_OK);
		assert_int_equal(command.action, i);
	}
	assert_int_equal(parse(*state, COMMAND(" action=''", ""), &command),
		PUBSUB_ERR_COMMAND_ACTION_UNKNOWN);
	assert_int_equal(parse(*state, COMMAND(" action='Cancel'", ""), &command),
		PUBSUB_ERR_COMMAND_ACTION_UNKNOWN);
}

static void test_a_cancelled_form_cancels(void **state)
{
	struct codec_command command;

	assert_int_equal(parse(*state, COMMAND(" action='complete'", FORM("cancel", "")), &command),
		PUBSUB_OK);
	assert_int_equal(command.action, CODEC_ACTION_CANCEL);
}

/* ---- forms ---- */

static const char *const colour_words[] = {"red", "green"};
static const struct pubsub_words colours = {colour_words, colour_words, 2};

struct wish {
	const char *name, *owner;
	unsigned colour;
};

static const struct pubsub_field wish_fields[] = {
	{.var = "name",
		.label = "Name",
		.type = PUBSUB_FIELD_TEXT,
		.offset = offsetof(struct wish, name),
		.max = 8,
		.required = true},
	{.var = "owner",
		.label = "Owner",
		.type = PUBSUB_FIELD_JID,
		.offset = offsetof(struct wish, owner)},
	{.var = "colour",
		.label = "Colour",
		.type = PUBSUB_FIELD_LIST,
		.offset = offsetof(struct wish, colour),
		.words = &colours},
};
static const struct pubsub_form_type wish_type = {"urn:wish", wish_fields, 3, sizeof(struct wish)};
static const struct codec_form wish_form = {
	.fields = &wish_type, .title = "A wish", .instructions = "Make it."};

static enum pubsub_error read_wish(struct bench *bench, const char *document, struct wish *wish)
{
	uint64_t set;

	return codec_form_parse(
		&wish_form, bench_read(bench, document), bench->arena, wish, &set, &bench->detail);
}

static void test_a_form_is_written_with_everything_about_its_fields(void **state)
{
	const struct wish wish = {.name = "wand", .owner = "a@b.lit", .colour = 1};
	struct bench *bench = *state;
	struct xml_writer w = xml_writer(&bench->out);

	codec_form_render(&w, &wish_form, &wish);
	assert_string_equal(bench_written(bench),
		"<x xmlns='jabber:x:data' type='form'><title>A wish</title>"
		"<instructions>Make it.</instructions>"
		"<field var='FORM_TYPE' type='hidden'><value>urn:wish</value></field>"
		"<field var='name' type='text-single' label='Name'><required/>"
		"<value>wand</value></field>"
		"<field var='owner' type='jid-single' label='Owner'><value>a@b.lit</value></field>"
		"<field var='colour' type='list-single' label='Colour'>"
		"<option label='red'><value>red</value></option>"
		"<option label='green'><value>green</value></option><value>green</value></field>"
		"</x>");
}

static void test_a_form_is_read_with_or_without_its_type(void **state)
{
	struct wish wish = {.colour = 1};

	assert_int_equal(
		read_wish(
			*state, FORM("submit", VAR("name", "wand") VAR("owner", "A@B.lit")), &wish),
		PUBSUB_OK);
	assert_string_equal(wish.name, "wand");
	assert_string_equal(wish.owner, "a@b.lit");
	assert_int_equal(wish.colour, 1);
	assert_int_equal(
		read_wish(*state, FORM("submit", VAR("FORM_TYPE", "urn:wish") VAR("colour", "red")),
			&wish),
		PUBSUB_OK);
	assert_int_equal(wish.colour, 0);
}

static void test_what_is_wrong_with_a_form_is_named(void **state)
{
	static const struct {
		const char *form, *detail;
	} rows[] = {
		{FORM("submit", VAR("FORM_TYPE", "urn:else") VAR("name", "x")), NULL},
		{FORM("form", VAR("name", "x")), NULL},
		{FORM("submit", ""), "name"},
		{FORM("submit", VAR("name", "")), "name"},
		{FORM("submit", VAR("name", "too long for it")), "name"},
		{FORM("submit", VAR("name", "x") VAR("name", "y")), "name"},
		{FORM("submit", VAR("name", "x") VAR("owner", "@")), "owner"},
		{FORM("submit", VAR("name", "x") VAR("colour", "blue")), "colour"},
	};
	struct bench *bench = *state;

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct wish wish = {0};

		assert_int_equal(read_wish(bench, rows[i].form, &wish), PUBSUB_ERR_COMMAND_PAYLOAD);
		if (rows[i].detail == NULL)
			assert_null(bench->detail);
		else
			assert_string_equal(bench->detail, rows[i].detail);
	}
}

static void test_a_missing_form_is_a_bad_one(void **state)
{
	struct bench *bench = *state;
	struct wish wish = {.name = "wand"};
	uint64_t set;

	assert_int_equal(
		codec_form_parse(&wish_form, NULL, bench->arena, &wish, &set, &bench->detail),
		PUBSUB_ERR_COMMAND_PAYLOAD);
}

/* ---- answers ---- */

static void test_an_answer_says_what_may_come_next(void **state)
{
	struct bench *bench = *state;
	struct xml_writer w = xml_writer(&bench->out);
	const struct codec_command_answer answer = {
		.node = "n",
		.session_id = "s",
		.status = CODEC_EXECUTING,
		.actions = 1u << CODEC_ACTION_COMPLETE | 1u << CODEC_ACTION_PREV,
		.execute = CODEC_ACTION_COMPLETE,
		.note = "a < b",
		.warning = true,
		.payload = "<x/>",
		.payload_len = 4,
	};

	codec_command_render(&w, &answer);
	assert_string_equal(bench_written(bench),
		COMMAND(" node='n' sessionid='s' status='executing'",
			"<actions execute='complete'><prev/><complete/></actions>"
			"<note type='warn'>a &lt; b</note><x/>"));
}

static void test_an_answer_may_be_no_more_than_its_status(void **state)
{
	struct bench *bench = *state;
	struct xml_writer w = xml_writer(&bench->out);
	const struct codec_command_answer answer = {
		.node = "n", .session_id = "s", .status = CODEC_CANCELED};

	codec_command_render(&w, &answer);
	assert_string_equal(bench_written(bench),
		"<command xmlns='http://jabber.org/protocol/commands' node='n' sessionid='s' "
		"status='canceled'/>");
}

static void test_a_result_has_rows_of_what_it_reports(void **state)
{
	static const struct codec_column columns[] = {
		{"node", "text-single", "NodeID"}, {"jid", "jid-single", "JID"}};
	static const char *const row[] = {"<n>", NULL};
	struct bench *bench = *state;
	struct xml_writer w = xml_writer(&bench->out);

	codec_result_open(&w, NULL, "Nodes");
	codec_result_reported(&w, columns, 2);
	codec_result_row(&w, columns, 2, row);
	xml_end(&w);
	assert_string_equal(bench_written(bench),
		"<x xmlns='jabber:x:data' type='result'><title>Nodes</title><reported>"
		"<field var='node' type='text-single' label='NodeID'/>"
		"<field var='jid' type='jid-single' label='JID'/></reported>"
		"<item><field var='node'><value>&lt;n&gt;</value></field>"
		"<field var='jid'><value/></field></item></x>");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(test_a_command_is_read),
		bench_test(test_execute_is_what_is_done_if_nothing_is_said),
		bench_test(test_actions_are_five_words_and_no_others),
		bench_test(test_a_cancelled_form_cancels),
		bench_test(test_a_form_is_written_with_everything_about_its_fields),
		bench_test(test_a_form_is_read_with_or_without_its_type),
		bench_test(test_what_is_wrong_with_a_form_is_named),
		bench_test(test_a_missing_form_is_a_bad_one),
		bench_test(test_an_answer_says_what_may_come_next),
		bench_test(test_an_answer_may_be_no_more_than_its_status),
		bench_test(test_a_result_has_rows_of_what_it_reports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
