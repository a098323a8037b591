/* explain.c - why somebody hears of a node. Whatever is said about it, a publish has to bear out. */
#include "world.h"

#define SECOND UINT64_C(1000000)

/* Is he among the recipients of what is published now? A client counts for its bare JID. */
static bool is_told(struct world *w, const char *jid)
{
	const char *recipients;

	world_publish(w, "blog", "1");
	recipients = strchr(world_events(w), '>');
	return recipients != NULL && strstr(recipients, jid) != NULL;
}

static void assert_found(struct world *w, const char *jid, bool hears, enum service_finding finding)
{
	struct service_explanation found;

	assert_int_equal(service_explain(&w->service, world_node(w, "blog"), world_jid(w, jid),
				 NULL, &found),
		PUBSUB_OK);
	assert_true((found.findings & 1u << finding) != 0);
	assert_int_equal(found.hears, hears);
	assert_int_equal(is_told(w, jid), hears);
}

static void set_options(
	struct world *w, const char *node_id, const char *jid, const char *var, const char *value)
{
	struct pubsub_request r = world_request_jid(w, jid, node_id, jid);

	world_option(w, &r, var, value);
	assert_int_equal(world_run(w, service_options_set, &r), PUBSUB_OK);
}

/* The blog is in the paper, and that is in the press. */
static void make_tree(struct world *w)
{
	w->profile.collections = true;
	world_create(w, "press", "pubsub#node_type", "collection");
	world_create(w, "paper", "pubsub#node_type", "collection");
	world_configure(w, "paper", "pubsub#collection", "press");
	world_create(w, "blog", "pubsub#collection", "paper");
}

static void subscribe_to_items(struct world *w, const char *node_id, const char *depth)
{
	struct pubsub_request r = world_request_jid(w, ROMEO, node_id, ROMEO);

	world_option(w, &r, "pubsub#subscription_type", "items");
	world_option(w, &r, "pubsub#subscription_depth", depth);
	assert_int_equal(world_run(w, service_subscribe, &r), PUBSUB_OK);
}

/* ---- a subscription to the node ---- */

static void test_deliver_may_be_off(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	world_subscribe(w, "blog", ROMEO);
	set_options(w, "blog", ROMEO, "pubsub#deliver", "0");
	assert_found(w, ROMEO, false, SERVICE_DELIVER_OFF);
	set_options(w, "blog", ROMEO, "pubsub#deliver", "1");
	assert_found(w, ROMEO, true, SERVICE_SUBSCRIBED);
}

static void test_a_request_waits_for_an_owner(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", "pubsub#access_model", "authorize");
	world_subscribe(w, "blog", ROMEO);
	assert_found(w, ROMEO, false, SERVICE_PENDING);
}

static void test_a_lease_is_over_before_it_is_swept_away(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request_jid(w, ROMEO, "blog", ROMEO);

	world_create(w, "blog", NULL, NULL);
	r.options_state = PUBSUB_FORM_SUBMIT;
	r.options = pubsub_subscribe_options_default;
	r.options.expire_us = w->service.now_us + SECOND;
	r.options_set = UINT64_MAX;
	assert_int_equal(world_run(w, service_subscribe, &r), PUBSUB_OK);
	assert_found(w, ROMEO, true, SERVICE_SUBSCRIBED);
	w->service.now_us += 2 * SECOND;
	assert_found(w, ROMEO, false, SERVICE_LEASE_OVER);
}

/* ---- to a collection above it ---- */

static void test_a_collection_above_is_enough(void **state)
{
	struct world *w = *state;

	make_tree(w);
	subscribe_to_items(w, "press", "all");
	assert_found(w, ROMEO, true, SERVICE_SUBSCRIBED_ABOVE);
}

static void test_a_collection_may_be_too_far_above(void **state)
{
	struct world *w = *state;

	make_tree(w);
	subscribe_to_items(w, "press", "1");
	assert_found(w, ROMEO, false, SERVICE_ABOVE_OTHERWISE);
	subscribe_to_items(w, "paper", "1");
	assert_found(w, ROMEO, true, SERVICE_SUBSCRIBED_ABOVE);
}

static void test_a_collection_opens_no_closed_node(void **state)
{
	struct world *w = *state;

	make_tree(w);
	subscribe_to_items(w, "paper", "1");
	world_configure(w, "blog", "pubsub#access_model", "whitelist");
	assert_found(w, ROMEO, false, SERVICE_UNLISTED);
}

static void test_a_collection_for_contacts_asks_the_contact_list(void **state)
{
	struct world *w = *state;
	struct service_explanation found;

	make_tree(w);
	subscribe_to_items(w, "paper", "1");
	w->roster[w->roster_n++] = (struct world_contact){ROMEO, NULL, true};
	world_configure(w, "paper", "pubsub#access_model", "presence");
	assert_found(w, ROMEO, true, SERVICE_SUBSCRIBED_ABOVE);
	w->roster[0].subscribed = false;
	assert_found(w, ROMEO, false, SERVICE_ABOVE_BLOCKED);
	w->roster_unknown = true;
	assert_int_equal(service_explain(&w->service, world_node(w, "blog"), world_jid(w, ROMEO),
				 NULL, &found),
		PUBSUB_OK);
	assert_true((found.findings & 1u << SERVICE_ROSTER_UNKNOWN) != 0);
	assert_false(found.hears);
}

/* ---- a client that has announced interest in an account's node ---- */

static void test_interest_is_enough(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", "pubsub#access_model", "open");
	assert_found(w, ROMEO, false, SERVICE_NOT_INTERESTED);
	w->interested[w->interested_n++] = ROMEO "/orchard";
	assert_found(w, ROMEO, true, SERVICE_INTERESTED);
	assert_found(w, ROMEO "/orchard", true, SERVICE_INTERESTED);
	assert_found(w, ROMEO "/balcony", false, SERVICE_NOT_INTERESTED);
}

static void test_interest_admits_nobody(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", "pubsub#access_model", "whitelist");
	w->interested[w->interested_n++] = ROMEO "/orchard";
	assert_found(w, ROMEO, false, SERVICE_UNLISTED);
}

static void test_without_payloads_interest_does_not_count(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", "pubsub#deliver_payloads", "0");
	w->interested[w->interested_n++] = ROMEO "/orchard";
	assert_found(w, ROMEO, false, SERVICE_NO_PAYLOADS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_deliver_may_be_off),
		WORLD_TEST(test_a_request_waits_for_an_owner),
		WORLD_TEST(test_a_lease_is_over_before_it_is_swept_away),
		WORLD_TEST(test_a_collection_above_is_enough),
		WORLD_TEST(test_a_collection_may_be_too_far_above),
		WORLD_TEST(test_a_collection_opens_no_closed_node),
		WORLD_TEST(test_a_collection_for_contacts_asks_the_contact_list),
		ACCOUNT_TEST(test_interest_is_enough),
		ACCOUNT_TEST(test_interest_admits_nobody),
		ACCOUNT_TEST(test_without_payloads_interest_does_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
