/* node.c - creating, deleting, purging nodes. */
#include "world.h"

#include "peppy/array.h"

static enum pubsub_error create(struct world *w, const char *from, const char *node_id)
{
	struct pubsub_request r = world_request(w, from, node_id);

	return world_run(w, service_node_create, &r);
}

static enum pubsub_error own(struct world *w, service_fn fn, const char *from, const char *node_id)
{
	struct pubsub_request r = world_request(w, from, node_id);

	return world_run(w, fn, &r);
}

static void test_the_creator_owns_the_node(void **state)
{
	struct world *w = *state;

	assert_int_equal(create(w, HAMLET, "blog"), PUBSUB_OK);
	assert_false(w->answer.instant);
	assert_int_equal(own(w, service_owner_affiliations, HAMLET, "blog"), PUBSUB_OK);
	assert_string_equal(world_affiliations(w), HAMLET ":owner");
	assert_string_equal(world_node(w, "blog")->creator, HAMLET);
}

static void test_create_with_configuration_keeps_the_other_defaults(void **state)
{
	struct world *w = *state;

	w->defaults.notify_sub = true;
	world_create(w, "blog", "pubsub#access_model", "whitelist");
	assert_int_equal(world_node(w, "blog")->config.access_model, PUBSUB_ACCESS_WHITELIST);
	assert_true(world_node(w, "blog")->config.notify_sub);
}

static void test_an_instant_node_gets_a_name(void **state)
{
	struct world *w = *state;

	assert_int_equal(create(w, HAMLET, NULL), PUBSUB_OK);
	assert_true(w->answer.instant);
	assert_non_null(world_node(w, w->answer.node_id));
	assert_int_equal(create(w, HAMLET, ""), PUBSUB_OK);
	assert_true(w->answer.instant);
}

static void test_an_existing_node_is_not_created_again(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	assert_int_equal(create(w, OPHELIA, "blog"), PUBSUB_ERR_NODE_EXISTS);
}

static void test_create_nodes_says_who_may_create(void **state)
{
	static const struct {
		enum service_creators who;
		enum pubsub_error local, foreign;
	} rows[] = {
		{SERVICE_CREATE_ANYONE, PUBSUB_OK, PUBSUB_OK},
		{SERVICE_CREATE_LOCAL, PUBSUB_OK, PUBSUB_ERR_NODE_CREATE_FORBIDDEN},
		{SERVICE_CREATE_ADMINS, PUBSUB_ERR_NODE_CREATE_FORBIDDEN,
			PUBSUB_ERR_NODE_CREATE_FORBIDDEN},
	};
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		w->profile.create_nodes = rows[i].who;
		assert_int_equal(create(w, HAMLET, NULL), rows[i].local);
		assert_int_equal(create(w, ROMEO, NULL), rows[i].foreign);
		assert_int_equal(create(w, ADMIN, NULL), PUBSUB_OK);
	}
}

static void test_only_the_account_and_admins_create_on_an_account(void **state)
{
	struct world *w = *state;

	w->profile.create_nodes = SERVICE_CREATE_ANYONE;
	assert_int_equal(create(w, OPHELIA, "mood"), PUBSUB_ERR_NODE_CREATE_FORBIDDEN);
	assert_int_equal(create(w, HAMLET, "mood"), PUBSUB_OK);
	assert_int_equal(create(w, ADMIN, "tune"), PUBSUB_OK);
	assert_string_equal(world_node(w, "tune")->creator, HAMLET);
	assert_int_equal(own(w, service_owner_affiliations, HAMLET, "tune"), PUBSUB_OK);
	assert_string_equal(world_affiliations(w), HAMLET ":owner");
}

static void test_collections_are_refused_by_their_feature(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, HAMLET, "all");

	world_config(w, &r, "pubsub#node_type", "collection");
	assert_int_equal(world_run(w, service_node_create, &r), PUBSUB_ERR_UNSUPPORTED);
	assert_string_equal(w->answer.detail, "collections");
	world_create(w, "blog", NULL, NULL);
	r.node_id = "blog";
	assert_int_equal(world_run(w, service_node_configure, &r), PUBSUB_ERR_UNSUPPORTED);
}

static void test_a_cancelled_form_creates_nothing(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, HAMLET, "blog");

	r.config_state = PUBSUB_FORM_CANCEL;
	assert_int_equal(world_run(w, service_node_create, &r), PUBSUB_ERR_FORM_INVALID);
	assert_int_equal(own(w, service_node_delete, HAMLET, "blog"), PUBSUB_ERR_NODE_NOT_FOUND);
}

static void test_limits_of_the_service_cap_the_configuration(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", "pubsub#max_items", "5000");
	assert_int_equal(world_node(w, "blog")->config.max_items, 100);
	world_configure(w, "blog", "pubsub#max_items", "max");
	assert_int_equal(world_node(w, "blog")->config.max_items, PUBSUB_MAX);
	world_configure(w, "blog", "pubsub#max_payload_size", "99999");
	assert_int_equal(world_node(w, "blog")->config.max_payload_size, 10000);
}

static void test_owner_verbs_need_a_node_and_an_owner(void **state)
{
	static const service_fn verbs[] = {service_node_configuration, service_node_configure,
		service_node_delete, service_node_purge, service_owner_subscriptions,
		service_owner_subscriptions_set, service_owner_affiliations,
		service_owner_affiliations_set};
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	world_affiliate(w, "blog", OPHELIA, PUBSUB_AFFILIATION_PUBLISHER);
	for (size_t i = 0; i < ARRAY_COUNT(verbs); i++) {
		assert_int_equal(own(w, verbs[i], HAMLET, NULL), PUBSUB_ERR_NODEID_REQUIRED);
		assert_int_equal(own(w, verbs[i], HAMLET, "none"), PUBSUB_ERR_NODE_NOT_FOUND);
		assert_int_equal(own(w, verbs[i], OPHELIA, "blog"), PUBSUB_ERR_OWNER_FORBIDDEN);
		assert_int_equal(own(w, verbs[i], ROMEO, "blog"), PUBSUB_ERR_OWNER_FORBIDDEN);
	}
	assert_int_equal(own(w, service_node_purge, ADMIN, "blog"), PUBSUB_OK);
}

static void test_owners_see_the_configuration_and_everybody_the_default(void **state)
{
	struct world *w = *state;

	w->defaults.notify_config = true;
	world_create(w, "blog", "pubsub#title", "Musings");
	assert_int_equal(own(w, service_node_configuration, HAMLET, "blog"), PUBSUB_OK);
	assert_string_equal(w->answer.config.title, "Musings");
	assert_int_equal(own(w, service_node_default, ROMEO, NULL), PUBSUB_OK);
	assert_null(w->answer.config.title);
	assert_true(w->answer.config.notify_config);
}

static void test_pending_subscribers_are_notified_of_a_delete_too(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", "pubsub#access_model", "authorize");
	world_affiliate(w, "blog", OPHELIA, PUBSUB_AFFILIATION_MEMBER);
	world_subscribe(w, "blog", OPHELIA);
	world_subscribe(w, "blog", ROMEO);
	assert_int_equal(own(w, service_node_delete, HAMLET, "blog"), PUBSUB_OK);
	assert_events(w, "delete blog > " OPHELIA " " ROMEO "\n");
	assert_int_equal(own(w, service_node_delete, HAMLET, "blog"), PUBSUB_ERR_NODE_NOT_FOUND);
}

static void test_a_delete_is_silent_if_the_node_says_so(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", "pubsub#notify_delete", "0");
	world_subscribe(w, "blog", OPHELIA);
	assert_int_equal(own(w, service_node_delete, HAMLET, "blog"), PUBSUB_OK);
	assert_events(w, "");
}

static void test_a_redirect_is_shown_now_and_later(void **state)
{
	struct world *w = *state;
	struct pubsub_request r = world_request(w, HAMLET, "blog");

	world_create(w, "blog", NULL, NULL);
	world_subscribe(w, "blog", OPHELIA);
	r.redirect = "xmpp:denmark.lit?;node=new";
	assert_int_equal(world_run(w, service_node_delete, &r), PUBSUB_OK);
	assert_events(w, "delete blog redirect xmpp:denmark.lit?;node=new > " OPHELIA "\n");
	r = world_request_jid(w, OPHELIA, "blog", OPHELIA);
	assert_int_equal(world_run(w, service_subscribe, &r), PUBSUB_ERR_NODE_GONE);
	assert_string_equal(w->answer.detail, "xmpp:denmark.lit?;node=new");
	world_create(w, "blog", NULL, NULL);
}

static void test_a_node_created_again_has_no_old_state(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	world_subscribe(w, "blog", OPHELIA);
	world_publish(w, "blog", "i1");
	assert_int_equal(own(w, service_node_delete, HAMLET, "blog"), PUBSUB_OK);
	world_create(w, "blog", NULL, NULL);
	assert_int_equal(own(w, service_items_retrieve, HAMLET, "blog"), PUBSUB_OK);
	assert_string_equal(world_ids(w), "");
	world_publish(w, "blog", "i2");
	assert_events(w, "");
}

static void test_a_purge_is_one_event(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", NULL, NULL);
	world_subscribe(w, "blog", OPHELIA);
	world_publish(w, "blog", "i1 i2");
	assert_int_equal(own(w, service_node_purge, HAMLET, "blog"), PUBSUB_OK);
	assert_events(w, "purge blog > " OPHELIA "\n");
	assert_int_equal(own(w, service_items_retrieve, HAMLET, "blog"), PUBSUB_OK);
	assert_string_equal(world_ids(w), "");
	world_configure(w, "blog", "pubsub#notify_retract", "0");
	assert_int_equal(own(w, service_node_purge, HAMLET, "blog"), PUBSUB_OK);
	assert_events(w, "");
}

static void test_a_transient_node_cannot_be_purged(void **state)
{
	struct world *w = *state;

	world_create(w, "blog", "pubsub#persist_items", "0");
	assert_int_equal(own(w, service_node_purge, HAMLET, "blog"), PUBSUB_ERR_PERSISTENCE_OFF);
}

static enum pubsub_error create_presence(struct world *w, const char *node_id)
{
	struct pubsub_request r = world_request(w, HAMLET, node_id);

	world_config(w, &r, "pubsub#access_model", "presence");
	return world_run(w, service_node_create, &r);
}

static void test_access_by_contacts_needs_a_list_that_can_be_had(void **state)
{
	struct world *w = *state;

	w->no_lists = true;
	assert_int_equal(create_presence(w, "blog"), PUBSUB_ERR_ACCESS_UNSUPPORTED);
	w->no_lists = false;
	assert_int_equal(create_presence(w, "blog"), PUBSUB_OK);
}

static void test_an_account_has_access_by_contacts_before_its_list_is_known(void **state)
{
	struct world *w = *state;

	w->no_lists = true;
	assert_int_equal(create_presence(w, "mood"), PUBSUB_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_the_creator_owns_the_node),
		WORLD_TEST(test_create_with_configuration_keeps_the_other_defaults),
		WORLD_TEST(test_an_instant_node_gets_a_name),
		WORLD_TEST(test_an_existing_node_is_not_created_again),
		WORLD_TEST(test_create_nodes_says_who_may_create),
		ACCOUNT_TEST(test_only_the_account_and_admins_create_on_an_account),
		WORLD_TEST(test_collections_are_refused_by_their_feature),
		WORLD_TEST(test_access_by_contacts_needs_a_list_that_can_be_had),
		ACCOUNT_TEST(test_an_account_has_access_by_contacts_before_its_list_is_known),
		WORLD_TEST(test_a_cancelled_form_creates_nothing),
		WORLD_TEST(test_limits_of_the_service_cap_the_configuration),
		WORLD_TEST(test_owner_verbs_need_a_node_and_an_owner),
		WORLD_TEST(test_owners_see_the_configuration_and_everybody_the_default),
		WORLD_TEST(test_pending_subscribers_are_notified_of_a_delete_too),
		WORLD_TEST(test_a_delete_is_silent_if_the_node_says_so),
		WORLD_TEST(test_a_redirect_is_shown_now_and_later),
		WORLD_TEST(test_a_node_created_again_has_no_old_state),
		WORLD_TEST(test_a_purge_is_one_event),
		WORLD_TEST(test_a_transient_node_cannot_be_purged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
