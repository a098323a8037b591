/* failing.c - what every verb does when the store fails: it says so, whichever call it was. What
 * was written by then goes with the transaction. */
#include "world.h"

#include "peppy/array.h"

static struct pubsub_request create(struct world *w)
{
	struct pubsub_request r = world_request(w, HAMLET, "new");

	world_config(w, &r, "pubsub#title", "New");
	return r;
}

static struct pubsub_request about_blog(struct world *w)
{
	return world_request(w, HAMLET, "blog");
}

static struct pubsub_request configure(struct world *w)
{
	struct pubsub_request r = about_blog(w);

	world_config(w, &r, "pubsub#access_model", "whitelist");
	world_config(w, &r, "pubsub#max_items", "1");
	world_config(w, &r, "pubsub#notify_config", "1");
	world_config(w, &r, "pubsub#publish_node_full", "retract-oldest");
	return r;
}

static struct pubsub_request publish(struct world *w)
{
	return world_items(w, HAMLET, "blog", "i2 i9 -", "<entry/>");
}

static struct pubsub_request auto_create(struct world *w)
{
	return world_items(w, HAMLET, "newer", "i", "<entry/>");
}

static struct pubsub_request retract(struct world *w)
{
	return world_items(w, HAMLET, "blog", "i1 i2", NULL);
}

static struct pubsub_request by_id(struct world *w)
{
	return world_items(w, ROMEO, "blog", "i1 i2", NULL);
}

static struct pubsub_request subscriber(struct world *w)
{
	return world_request_jid(w, OPHELIA, "blog", OPHELIA);
}

static struct pubsub_request newcomer(struct world *w)
{
	return world_request_jid(w, YORICK, "blog", YORICK);
}

static struct pubsub_request options(struct world *w)
{
	struct pubsub_request r = subscriber(w);

	world_option(w, &r, "pubsub#deliver", "0");
	return r;
}

static struct pubsub_request approve(struct world *w)
{
	struct pubsub_request r = world_request(w, HAMLET, "asked");
	struct pubsub_subscription *row = arena_alloc(w->arena, sizeof *row);

	*row = (struct pubsub_subscription){
		.subscriber = world_jid(w, ROMEO), .state = PUBSUB_SUBSCRIPTION_SUBSCRIBED};
	r.subscriptions = row;
	r.subscription_count = 1;
	return r;
}

static struct pubsub_request ban(struct world *w)
{
	static const struct pubsub_affiliate affiliate = {
		.jid = ROMEO, .affiliation = PUBSUB_AFFILIATION_OUTCAST};
	struct pubsub_request r = world_request(w, HAMLET, "asked");

	r.affiliates = &affiliate;
	r.affiliate_count = 1;
	return r;
}

static struct pubsub_request nothing(struct world *w)
{
	return world_request(w, ROMEO, NULL);
}

static struct pubsub_request my_pending(struct world *w)
{
	return world_request(w, HAMLET, NULL);
}

static const struct {
	service_fn run;
	struct pubsub_request (*request)(struct world *w);
} verbs[] = {
	{service_node_create, create},
	{service_node_configuration, about_blog},
	{service_node_configure, configure},
	{service_node_delete, about_blog},
	{service_node_purge, about_blog},
	{service_item_publish, publish},
	{service_item_publish, auto_create},
	{service_item_retract, retract},
	{service_items_retrieve, about_blog},
	{service_items_retrieve, by_id},
	{service_subscribe, newcomer},
	{service_unsubscribe, subscriber},
	{service_options, subscriber},
	{service_options_set, options},
	{service_options_default, about_blog},
	{service_subscriptions, nothing},
	{service_affiliations, my_pending},
	{service_authorize, approve},
	{service_pending, my_pending},
	{service_owner_subscriptions, about_blog},
	{service_owner_subscriptions_set, approve},
	{service_owner_affiliations, about_blog},
	{service_owner_affiliations_set, ban},
	{service_disco_info, about_blog},
	{service_disco_items, nothing},
	{service_disco_items, about_blog},
};

static void furnish(struct world *w)
{
	world_create(w, "asked", "pubsub#access_model", "authorize");
	world_configure(w, "asked", "pubsub#notify_sub", "1");
	world_publish(w, "asked", "i");
	world_subscribe(w, "asked", ROMEO);
	world_create(w, "blog", "pubsub#notify_sub", "1");
	world_publish(w, "blog", "i1 i2 i3");
	world_subscribe(w, "blog", OPHELIA);
	world_subscribe(w, "blog", HORATIO);
	world_affiliate(w, "blog", HORATIO, PUBSUB_AFFILIATION_MEMBER);
	assert_int_equal(store_commit(w->service.txn), PUBSUB_OK);
	w->service.txn = NULL;
}

/* Runs the verb with the n-th call failing; false: it makes fewer calls. */
static bool fails_at(struct world *w, size_t verb, uint64_t n)
{
	enum pubsub_error err = PUBSUB_OK;
	struct pubsub_request r = verbs[verb].request(w);
	bool failed = false;

	assert_int_equal(store_begin(w->store, STORE_WRITE, &w->service.txn), PUBSUB_OK);
	store_fail_arm(w->store, n, false);
	err = world_run(w, verbs[verb].run, &r);
	failed = store_fail_calls(w->store) >= n;
	store_fail_arm(w->store, 0, false);
	store_abort(w->service.txn);
	w->service.txn = NULL;
	assert_int_equal(err, failed ? PUBSUB_ERR_STORE_FAILED : PUBSUB_OK);
	return failed;
}

static void test_no_failure_of_the_store_is_lost(void **state)
{
	struct world *w = *state;

	furnish(w);
	for (size_t verb = 0; verb < ARRAY_COUNT(verbs); verb++) {
		uint64_t n = 1;

		while (fails_at(w, verb, n))
			n++;
		assert_true(n > 1);
	}
}

static int setup(void **state)
{
	struct world *w = NULL;

	if (world_setup(state) != 0)
		return -1;
	w = *state;
	store_abort(w->service.txn);
	w->store = store_open_fail(w->store);
	return store_begin(w->store, STORE_WRITE, &w->service.txn) == PUBSUB_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_no_failure_of_the_store_is_lost, setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
