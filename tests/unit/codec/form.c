/* form.c - data forms: what is accepted, and that what is written can be read back. */
#include "codec/form.h"

#include "peppy/array.h"
#include "tests/unit/codec/support.h"

static size_t count(uint64_t set)
{
	size_t n = 0;

	for (; set != 0; set &= set - 1)
		n++;
	return n;
}

struct result {
	enum pubsub_error err;
	struct pubsub_node_config config;
	struct pubsub_subscribe_options options;
	struct form_filled filled;
	const char *detail;
};

static struct result parse(struct bench *bench, const struct form *form, const char *document)
{
	struct result result = {.config = {.title = "old", .max_items = 7}};
	void *record = form->fields == &pubsub_node_config_type ? (void *)&result.config
								: (void *)&result.options;

	result.err = form_parse(form, bench_read(bench, document), bench->arena, record,
		&result.filled, &result.detail);
	return result;
}

#define CONFIG(fields) "<configure>" SUBMIT("node_config", fields) "</configure>"

static void test_the_example_of_8_2_4_is_read(void **state)
{
	struct result result = parse(*state, &form_node_config,
		CONFIG(FIELD("title", "Princely Musings (Atom)") FIELD(
			"deliver_notifications", "1") FIELD("persist_items", "1") FIELD("max_items",
			"10") FIELD("item_expire", "604800") FIELD("access_model",
			"roster") "<field var='pubsub#roster_groups_allowed'><value>friends</value>"
				  "<value>servants</value><value>courtiers</value></field>" FIELD(
					  "send_last_published_item", "never")
					  FIELD("presence_based_delivery", "false")));
	const struct pubsub_node_config *config = &result.config;

	assert_int_equal(result.err, PUBSUB_OK);
	assert_int_equal(result.filled.state, PUBSUB_FORM_SUBMIT);
	assert_null(result.filled.unknown);
	assert_string_equal(config->title, "Princely Musings (Atom)");
	assert_true(config->deliver_notifications && config->persist_items);
	assert_int_equal(config->max_items, 10);
	assert_int_equal(config->item_expire_s, 604800);
	assert_int_equal(config->access_model, PUBSUB_ACCESS_ROSTER);
	assert_int_equal(config->roster_groups_allowed.n, 3);
	assert_string_equal(config->roster_groups_allowed.v[2], "courtiers");
	assert_int_equal(count(result.filled.set), 9);
}

static void test_fields_not_given_keep_their_value(void **state)
{
	struct result result = parse(*state, &form_node_config, CONFIG(FIELD("max_items", "max")));

	assert_int_equal(result.err, PUBSUB_OK);
	assert_string_equal(result.config.title, "old");
	assert_int_equal(result.config.max_items, PUBSUB_MAX);
}

static void test_a_missing_form_is_not_an_error(void **state)
{
	struct result result = parse(*state, &form_node_config, "<configure/>");

	assert_int_equal(result.err, PUBSUB_OK);
	assert_int_equal(result.filled.state, PUBSUB_FORM_NONE);
	result.err = form_parse(&form_node_config, NULL, ((struct bench *)*state)->arena,
		&result.config, &result.filled, &result.detail);
	assert_int_equal(result.err, PUBSUB_OK);
	assert_int_equal(result.filled.state, PUBSUB_FORM_NONE);
}

static void test_cancel_changes_nothing_and_needs_no_form_type(void **state)
{
	struct result result = parse(*state, &form_node_config,
		"<configure><x xmlns='jabber:x:data' type='cancel'>" FIELD(
			"title", "new") "</x>"
					"</configure>");

	assert_int_equal(result.err, PUBSUB_OK);
	assert_int_equal(result.filled.state, PUBSUB_FORM_CANCEL);
	assert_true(result.filled.set == 0);
	assert_string_equal(result.config.title, "old");
}

static void test_form_type_is_checked(void **state)
{
	static const char *const bad[] = {
		"<c>" SUBMIT("subscribe_options", FIELD("title", "new")) "</c>",
		"<c><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'/></x></c>",
		"<c>" SUBMIT("node_config",
			"<field "
			"var='FORM_TYPE'><value>http://jabber.org/protocol/pubsub#node_config"
			"</value></field>") "</c>",
		"<c><x xmlns='jabber:x:data'><field var='FORM_TYPE'><value>"
		"http://jabber.org/protocol/pubsub#node_config</value></field></x></c>",
		"<c><x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE'><value>"
		"http://jabber.org/protocol/pubsub#node_config</value></field></x></c>",
	};

	for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
		struct result result = parse(*state, &form_node_config, bad[i]);

		assert_int_equal(result.err, PUBSUB_ERR_FORM_INVALID);
		assert_string_equal(result.config.title, "old");
	}
}

static void test_form_type_needs_no_type_when_submitted(void **state)
{
	struct result result = parse(*state, &form_node_config,
		"<c><x xmlns='jabber:x:data' type='submit'>" FIELD(
			"title", "new") "<field "
					"var='FORM_TYPE'><value>http://jabber.org/protocol/"
					"pubsub#node_config"
					"</value></field></x></c>");

	assert_int_equal(result.err, PUBSUB_OK);
	assert_string_equal(result.config.title, "new");
}

static void test_form_type_may_be_missing(void **state)
{
	struct result result = parse(*state, &form_node_config,
		"<c><x xmlns='jabber:x:data' type='submit'>" FIELD("title", "new") "</x></c>");

	assert_int_equal(result.err, PUBSUB_OK);
	assert_int_equal(result.filled.state, PUBSUB_FORM_SUBMIT);
	assert_string_equal(result.config.title, "new");
}

static void test_publish_options_may_come_as_node_config(void **state)
{
	assert_int_equal(
		parse(*state, &form_publish_options, CONFIG(FIELD("title", "new"))).err, PUBSUB_OK);
	assert_int_equal(parse(*state, &form_node_config,
				 "<c>" SUBMIT("publish-options", FIELD("title", "new")) "</c>")
				 .err,
		PUBSUB_ERR_FORM_INVALID);
}

static void test_a_bad_value_is_refused_by_the_name_of_its_field(void **state)
{
	struct result result = parse(*state, &form_node_config,
		CONFIG(FIELD("title", "new") FIELD("access_model", "secret")));

	assert_int_equal(result.err, PUBSUB_ERR_CONFIG_INVALID);
	assert_string_equal(result.detail, "pubsub#access_model");
	result = parse(*state, &form_subscribe_options,
		"<o>" SUBMIT("subscribe_options", FIELD("deliver", "maybe")) "</o>");
	assert_int_equal(result.err, PUBSUB_ERR_OPTIONS_INVALID);
	assert_string_equal(result.detail, "pubsub#deliver");
}

static void test_a_field_given_twice_is_refused(void **state)
{
	struct result result = parse(
		*state, &form_node_config, CONFIG(FIELD("max_items", "1") FIELD("max_items", "2")));

	assert_int_equal(result.err, PUBSUB_ERR_FORM_INVALID);
	assert_string_equal(result.detail, "pubsub#max_items");
}

static void test_the_first_unknown_field_is_remembered(void **state)
{
	struct result result = parse(*state, &form_node_config,
		CONFIG(FIELD("title", "new") FIELD("first", "1") FIELD("second", "2")));

	assert_int_equal(result.err, PUBSUB_OK);
	assert_string_equal(result.filled.unknown, "pubsub#first");
	assert_string_equal(result.config.title, "new");
	assert_null(result.detail);
}

/* Makes what was rendered a form that a client submits. */
static const char *submitted(struct bench *bench)
{
	char *text = (char *)bench_written(bench);
	char *type = strstr(text, "type='");
	const char *rest = strchr(type + 6, '\'');

	return arena_printf(
		bench->arena, "<c>%.*stype='submit%s</c>", (int)(type - text), text, rest);
}

typedef void (*render_fn)(struct xml_writer *w, const struct form *form, const void *record);

static void check_round_trip(
	struct bench *bench, const struct form *form, const void *record, render_fn render)
{
	struct xml_writer w = xml_writer(&bench->out);
	struct result result;
	const void *read = form->fields == &pubsub_node_config_type ? (void *)&result.config
								    : (void *)&result.options;

	buf_truncate(&bench->out, 0);
	render(&w, form, record);
	assert_int_equal(w.depth, 0);
	result = parse(bench, form, submitted(bench));
	assert_int_equal(result.err, PUBSUB_OK);
	for (size_t i = 0; i < form->fields->n; i++)
		if (result.filled.set & (UINT64_C(1) << i))
			assert_true(pubsub_field_equal(&form->fields->v[i], record, read));
	if (render == form_render)
		assert_int_equal(count(result.filled.set), form->fields->n);
}

/* Numbers that look random, the same in every run. */
static unsigned next(unsigned *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed >> 16;
}

static void randomize(const struct form *form, void *record, unsigned *seed, struct arena *arena)
{
	static const char *const texts[] = {"a", "it's <b>", "&amp;\r\n\t\"", "\xf0\x9f\x98\x80",
		" x ", "0", "1", "true", "max", "17", "all", "user@example.org",
		"2026-11-20T04:22:14Z", "-1", "86400"};

	for (size_t i = 0; i < form->fields->n; i++) {
		const struct pubsub_field *field = &form->fields->v[i];
		const char *v[3];
		size_t n = next(seed) % 4;
		bool set;

		for (size_t k = 0; k < n; k++)
			v[k] = field->words != NULL ? field->words->v[next(seed) % field->words->n]
						    : texts[next(seed) % ARRAY_COUNT(texts)];
		set = pubsub_field_set(field,
			(struct pubsub_texts){
				memcpy(arena_alloc(arena, sizeof v), v, n * sizeof *v), n},
			arena, record);
		(void)set; /* what the field refuses leaves the default there */
	}
}

static void test_what_is_rendered_is_read_back(void **state)
{
	struct bench *bench = *state;
	unsigned seed = 1;

	for (int i = 0; i < 300; i++) {
		struct pubsub_node_config config = pubsub_node_config_default;
		struct pubsub_subscribe_options options = pubsub_subscribe_options_default;

		randomize(&form_node_config, &config, &seed, bench->arena);
		randomize(&form_subscribe_options, &options, &seed, bench->arena);
		check_round_trip(bench, &form_node_config, &config, form_render);
		check_round_trip(bench, &form_node_config, &config, form_render_result);
		check_round_trip(bench, &form_subscribe_options, &options, form_render);
		check_round_trip(bench, &form_subscribe_options, &options, form_render_result);
		arena_reset(bench->arena);
	}
}

static void test_a_form_shows_type_label_options_and_value(void **state)
{
	struct bench *bench = *state;
	struct xml_writer w = xml_writer(&bench->out);

	form_render(&w, &form_node_config, &pubsub_node_config_default);
	assert_non_null(strstr(bench_written(bench),
		"<field var='pubsub#publish_model' type='list-single' label='The publisher model'>"
		"<option label='Only publishers may publish'><value>publishers</value></option>"
		"<option label='Subscribers may publish'><value>subscribers</value></option>"
		"<option label='Anyone may publish'><value>open</value></option>"
		"<value>publishers</value></field>"));
	assert_non_null(strstr(bench_written(bench),
		"<validate xmlns='http://jabber.org/protocol/xdata-validate' "
		"datatype='pubsub:integer-or-max'/><value>max</value></field>"));
	assert_non_null(strstr(bench_written(bench), "<field var='pubsub#title' type='text-single' "
						     "label='A friendly name for the node'/>"));
	assert_non_null(strstr(bench_written(bench),
		"<x xmlns='jabber:x:data' type='form'><title>Node configuration</title>"));
}

static void test_a_result_holds_vars_and_values_alone(void **state)
{
	struct bench *bench = *state;
	struct xml_writer w = xml_writer(&bench->out);

	form_render_result(&w, &form_subscribe_options, &pubsub_subscribe_options_default);
	assert_string_equal(bench_written(bench),
		"<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'>"
		"<value>http://jabber.org/protocol/pubsub#subscribe_options</value></field>"
		"<field var='pubsub#deliver'><value>1</value></field>"
		"<field var='pubsub#digest'><value>0</value></field>"
		"<field var='pubsub#digest_frequency'><value>86400000</value></field>"
		"<field var='pubsub#include_body'><value>0</value></field>"
		"<field var='pubsub#subscription_type'><value>nodes</value></field>"
		"<field var='pubsub#subscription_depth'><value>1</value></field></x>");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(test_the_example_of_8_2_4_is_read),
		bench_test(test_fields_not_given_keep_their_value),
		bench_test(test_a_missing_form_is_not_an_error),
		bench_test(test_cancel_changes_nothing_and_needs_no_form_type),
		bench_test(test_form_type_is_checked),
		bench_test(test_form_type_needs_no_type_when_submitted),
		bench_test(test_form_type_may_be_missing),
		bench_test(test_publish_options_may_come_as_node_config),
		bench_test(test_a_bad_value_is_refused_by_the_name_of_its_field),
		bench_test(test_a_field_given_twice_is_refused),
		bench_test(test_the_first_unknown_field_is_remembered),
		bench_test(test_what_is_rendered_is_read_back),
		bench_test(test_a_form_shows_type_label_options_and_value),
		bench_test(test_a_result_holds_vars_and_values_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
