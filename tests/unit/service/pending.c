/* pending.c - requests that wait for an owner's word. */
#include "world.h"

static void setup(struct world *w)
{
	world_create(w, "blog", "pubsub#access_model", "authorize");
	world_subscribe(w, "blog", ROMEO);
	world_subscribe(w, "blog", OPHELIA);
}

static enum pubsub_error answer(
	struct world *w, const char *from, const char *jid, enum pubsub_subscription_state state)
{
	struct pubsub_request r = world_request(w, from, "blog");
	const struct pubsub_subscription word = {.subscriber = world_jid(w, jid), .state = state};

	r.subscriptions = &word;
	r.subscription_count = 1;
	return world_run(w, service_authorize, &r);
}

static void test_an_owner_approves_or_denies(void **state)
{
	struct world *w = *state;

	setup(w);
	assert_int_equal(answer(w, HAMLET, ROMEO, PUBSUB_SUBSCRIPTION_SUBSCRIBED), PUBSUB_OK);
	assert_events(w, "subscription blog " ROMEO ":subscribed > " ROMEO "\n");
	assert_int_equal(answer(w, HAMLET, OPHELIA, PUBSUB_SUBSCRIPTION_NONE), PUBSUB_OK);
	assert_events(w, "subscription blog " OPHELIA ":none > " OPHELIA "\n");
	assert_int_equal(world_node(w, "blog")->pending, 0);
	assert_int_equal(world_node(w, "blog")->subscribers, 1);
}

static void test_nobody_else_does(void **state)
{
	struct world *w = *state;

	setup(w);
	assert_int_equal(answer(w, ROMEO, ROMEO, PUBSUB_SUBSCRIPTION_SUBSCRIBED),
		PUBSUB_ERR_OWNER_FORBIDDEN);
	assert_int_equal(world_node(w, "blog")->pending, 2);
}

static void test_only_what_was_asked_for_is_approved(void **state)
{
	struct world *w = *state;

	setup(w);
	assert_int_equal(answer(w, HAMLET, HORATIO, PUBSUB_SUBSCRIPTION_SUBSCRIBED),
		PUBSUB_ERR_UNSUBSCRIBE_NONE);
	assert_int_equal(answer(w, HAMLET, ROMEO, PUBSUB_SUBSCRIPTION_SUBSCRIBED), PUBSUB_OK);
	assert_int_equal(answer(w, HAMLET, ROMEO, PUBSUB_SUBSCRIPTION_NONE),
		PUBSUB_ERR_UNSUBSCRIBE_NONE); /* settled: a late "no" is no kick */
	assert_int_equal(world_node(w, "blog")->subscribers, 1);
}

static void test_a_cancelled_form_leaves_it_pending(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, HAMLET, "blog");

	setup(w);
	assert_int_equal(world_run(w, service_authorize, &r), PUBSUB_OK);
	assert_int_equal(world_node(w, "blog")->pending, 2);
}

static void test_get_pending_names_ones_own_nodes_with_requests(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, HAMLET, NULL);

	setup(w);
	world_create(w, "news", "pubsub#access_model", "authorize");
	assert_int_equal(world_run(w, service_pending, &r), PUBSUB_OK);
	assert_int_equal(w->answer.node_count, 1);
	assert_string_equal(w->answer.nodes[0].node_id, "blog");
	r = world_request(w, OPHELIA, NULL); /* 8.7.3.3: she owns nothing */
	assert_int_equal(world_run(w, service_pending, &r), PUBSUB_ERR_OWNER_FORBIDDEN);
}

static void test_get_pending_sends_the_forms_again(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, HAMLET, "blog");

	setup(w);
	r.options_state = PUBSUB_FORM_SUBMIT;
	assert_int_equal(world_run(w, service_pending, &r), PUBSUB_OK);
	assert_events(w, "authorize blog " OPHELIA ":pending > " HAMLET "/elsinore\n"
			 "authorize blog " ROMEO ":pending > " HAMLET "/elsinore\n");
	r.options_state = PUBSUB_FORM_CANCEL;
	assert_int_equal(world_run(w, service_pending, &r), PUBSUB_OK);
	assert_events(w, "");
	r = world_request(w, ROMEO, "blog");
	r.options_state = PUBSUB_FORM_SUBMIT;
	assert_int_equal(world_run(w, service_pending, &r), PUBSUB_ERR_OWNER_FORBIDDEN);
	r.node_id = "none";
	assert_int_equal(world_run(w, service_pending, &r), PUBSUB_ERR_NODE_NOT_FOUND);
}

static void test_requests_to_an_account_are_its_own_business(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, HAMLET, NULL);

	world_create(w, "blog", "pubsub#access_model", "authorize");
	world_subscribe(w, "blog", ROMEO);
	assert_events(w, "authorize blog " ROMEO ":pending > " HAMLET "\n");
	assert_int_equal(world_run(w, service_pending, &r), PUBSUB_OK);
	assert_int_equal(w->answer.node_count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_an_owner_approves_or_denies),
		WORLD_TEST(test_nobody_else_does),
		WORLD_TEST(test_only_what_was_asked_for_is_approved),
		WORLD_TEST(test_a_cancelled_form_leaves_it_pending),
		WORLD_TEST(test_get_pending_names_ones_own_nodes_with_requests),
		WORLD_TEST(test_get_pending_sends_the_forms_again),
		ACCOUNT_TEST(test_requests_to_an_account_are_its_own_business),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
