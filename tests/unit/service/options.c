/* options.c - subscription options. */
#include "world.h"

#include "peppy/array.h"

static enum pubsub_error get(struct world *w, const char *from, const char *jid, const char *sub_id)
{
	struct pubsub_request r = world_request_jid(w, from, "blog", jid);

	r.sub_id = sub_id;
	return world_run(w, service_options, &r);
}

static enum pubsub_error set(struct world *w, const char *from, const char *var, const char *value)
{
	struct pubsub_request r = world_request_jid(w, from, "blog", ROMEO);

	world_option(w, &r, var, value);
	return world_run(w, service_options_set, &r);
}

static void test_options_are_shown_and_set(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	world_subscribe(w, "blog", ROMEO);
	assert_int_equal(get(w, ROMEO, ROMEO, NULL), PUBSUB_OK);
	assert_true(w->answer.options.deliver);
	assert_int_equal(set(w, ROMEO, "pubsub#deliver", "0"), PUBSUB_OK);
	assert_int_equal(get(w, ROMEO "/other", ROMEO, NULL), PUBSUB_OK);
	assert_false(w->answer.options.deliver);
	world_publish(w, "blog", "i");
	assert_events(w, "");
}

static void test_what_is_not_offered_is_refused_by_name(void **state)
{
	static const struct {
		const char *var, *value;
	} rows[] = {
		{"pubsub#include_body", "1"},
		{"pubsub#show-values", "away"},
		{"pubsub#expire", "2001-01-01T00:00:00Z"},
	};
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	world_subscribe(w, "blog", ROMEO);
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		assert_int_equal(
			set(w, ROMEO, rows[i].var, rows[i].value), PUBSUB_ERR_OPTIONS_INVALID);
		assert_string_equal(w->answer.detail, rows[i].var);
	}
	assert_int_equal(set(w, ROMEO, "pubsub#digest", "1"), PUBSUB_OK);
	assert_int_equal(set(w, ROMEO, "pubsub#subscription_type", "items"), PUBSUB_OK);
}

static void test_all_presences_together_restrict_nothing(void **state)
{
	static const char *const all[] = {"away", "chat", "dnd", "online", "xa"};
	struct world *w = *state;
	struct pubsub_request r = world_request_jid(w, ROMEO, "blog", ROMEO);
	const struct pubsub_field *field =
		pubsub_field_find(&pubsub_subscribe_options_type, "pubsub#show-values");

	world_create(w, "blog", NULL, NULL);
	world_subscribe(w, "blog", ROMEO);
	r.options_state = PUBSUB_FORM_SUBMIT;
	r.options_set = pubsub_field_bit(&pubsub_subscribe_options_type, field);
	assert_true(pubsub_field_set(field, (struct pubsub_texts){all, 5}, w->arena, &r.options));
	assert_int_equal(world_run(w, service_options_set, &r), PUBSUB_OK);
}

static void test_bodies_are_offered_where_they_can_be_made(void **state)
{
	struct world *w = *state;
	const struct pubsub_form_type *type = &pubsub_subscribe_options_type;
	uint64_t bit = pubsub_field_bit(type, pubsub_field_find(type, "pubsub#include_body"));

	world_create(w, "blog", NULL, NULL);
	world_subscribe(w, "blog", ROMEO);
	assert_int_equal(get(w, ROMEO, ROMEO, NULL), PUBSUB_OK);
	assert_true(w->answer.options_hidden == bit);
	world_configure(w, "blog", "pubsub#type", "http://www.w3.org/2005/Atom");
	assert_int_equal(get(w, ROMEO, ROMEO, NULL), PUBSUB_OK);
	assert_true(w->answer.options_hidden == 0);
	assert_int_equal(set(w, ROMEO, "pubsub#include_body", "1"), PUBSUB_OK);
	world_publish(w, "blog", "i");
	assert_true(w->service.events->recipients[0].wants_body);
}

static void test_events_are_for_the_states_that_are_wanted(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	world_subscribe(w, "blog", ROMEO);
	w->available[w->available_n++] = ROMEO;
	assert_int_equal(set(w, ROMEO, "pubsub#show-values", "away"), PUBSUB_OK);
	world_publish(w, "blog", "i");
	assert_events(w, "");
	w->show = "away";
	world_publish(w, "blog", "j");
	assert_events(w, "publish blog j=<entry/> > " ROMEO "\n");
	w->available_n = 0;
	world_publish(w, "blog", "k");
	assert_events(w, "");
}

static void test_options_are_the_subscribers_own(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	world_subscribe(w, "blog", ROMEO);
	assert_int_equal(get(w, OPHELIA, ROMEO, NULL), PUBSUB_ERR_OPTIONS_FORBIDDEN);
	assert_int_equal(get(w, HAMLET, ROMEO, NULL), PUBSUB_ERR_OPTIONS_FORBIDDEN);
	assert_int_equal(get(w, ADMIN, ROMEO, NULL), PUBSUB_OK);
	assert_int_equal(get(w, OPHELIA, OPHELIA, NULL), PUBSUB_ERR_OPTIONS_NOT_SUBSCRIBED);
	assert_int_equal(get(w, ROMEO, ROMEO "/orchard", NULL), PUBSUB_ERR_OPTIONS_NOT_SUBSCRIBED);
}

static void test_what_a_request_for_options_needs(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request_jid(w, ROMEO, "blog", ROMEO);

	world_create(w, "blog", NULL, NULL);
	world_subscribe(w, "blog", ROMEO);
	assert_int_equal(world_run(w, service_options_set, &r), PUBSUB_ERR_FORM_INVALID);
	r.options_state = PUBSUB_FORM_CANCEL;
	assert_int_equal(world_run(w, service_options_set, &r), PUBSUB_OK);
	r.has_jid = false;
	assert_int_equal(world_run(w, service_options, &r), PUBSUB_ERR_JID_REQUIRED);
	r.node_id = "none";
	assert_int_equal(world_run(w, service_options, &r), PUBSUB_ERR_NODE_NOT_FOUND);
	r.node_id = NULL;
	assert_int_equal(world_run(w, service_options, &r), PUBSUB_ERR_NODEID_REQUIRED);
}

static void test_sub_ids_tell_options_apart(void **state)
{
	struct world *w = *state;
	const char *second = NULL;

	w->profile.multi_subscribe = true;
	world_create(w, "blog", NULL, NULL);
	world_subscribe(w, "blog", ROMEO);
	world_subscribe(w, "blog", ROMEO);
	second = w->answer.subscriptions[0].sub_id;
	assert_int_equal(get(w, ROMEO, ROMEO, NULL), PUBSUB_ERR_SUBID_REQUIRED);
	assert_int_equal(get(w, ROMEO, ROMEO, "x"), PUBSUB_ERR_SUBID_INVALID);
	assert_int_equal(get(w, ROMEO, ROMEO, second), PUBSUB_OK);
	assert_string_equal(w->answer.subscriptions[0].sub_id, second);
}

static void test_defaults_are_those_of_a_service_or_a_node(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, ROMEO, NULL);

	world_create(w, "blog", NULL, NULL);
	assert_int_equal(world_run(w, service_options_default, &r), PUBSUB_OK);
	assert_true(w->answer.options.deliver);
	r.node_id = "blog";
	assert_int_equal(world_run(w, service_options_default, &r), PUBSUB_OK);
	r.node_id = "none";
	assert_int_equal(world_run(w, service_options_default, &r), PUBSUB_ERR_NODE_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_options_are_shown_and_set),
		WORLD_TEST(test_what_is_not_offered_is_refused_by_name),
		WORLD_TEST(test_all_presences_together_restrict_nothing),
		WORLD_TEST(test_bodies_are_offered_where_they_can_be_made),
		WORLD_TEST(test_events_are_for_the_states_that_are_wanted),
		WORLD_TEST(test_options_are_the_subscribers_own),
		WORLD_TEST(test_what_a_request_for_options_needs),
		WORLD_TEST(test_sub_ids_tell_options_apart),
		WORLD_TEST(test_defaults_are_those_of_a_service_or_a_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
