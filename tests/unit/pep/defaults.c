/* Well-known nodes get what their specifications demand, all others what the operator wants. */
#include "rig.h"

#include "peppy/array.h"

static struct pubsub_node_config operators(void)
{
	struct pubsub_node_config config = pubsub_node_config_default;

	config.access_model = PUBSUB_ACCESS_PRESENCE;
	config.send_last_published_item = PUBSUB_SEND_LAST_ON_SUB_AND_PRESENCE;
	config.max_items = 1;
	config.title = "the operator's";
	return config;
}

static struct pubsub_node_config of(const char *node_id)
{
	const struct pubsub_node_config config = operators();
	struct pubsub_node_config out;

	pep_node_defaults(&config, node_id, &out);
	return out;
}

static void test_unknown_nodes_get_the_operators_defaults(void **state)
{
	static const char *const node_ids[] = {
		NULL, "", "http://jabber.org/protocol/tune", "urn:xmpp:bookmarks:10"};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(node_ids); i++) {
		const struct pubsub_node_config config = of(node_ids[i]);

		assert_int_equal(config.access_model, PUBSUB_ACCESS_PRESENCE);
		assert_int_equal(config.max_items, 1);
		assert_int_equal(
			config.send_last_published_item, PUBSUB_SEND_LAST_ON_SUB_AND_PRESENCE);
		assert_string_equal(config.title, "the operator's");
	}
}

static void test_private_nodes_are_for_their_owner_alone(void **state)
{
	static const char *const node_ids[] = {
		"urn:xmpp:bookmarks:1", "storage:bookmarks", "urn:xmpp:mds:displayed:0"};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(node_ids); i++)
		assert_int_equal(of(node_ids[i]).access_model, PUBSUB_ACCESS_WHITELIST);
}

static void test_lists_are_kept_whole_and_not_sent_at_login(void **state)
{
	static const char *const node_ids[] = {"urn:xmpp:bookmarks:1", "urn:xmpp:mds:displayed:0",
		"urn:xmpp:microblog:0", "urn:xmpp:microblog:0:comments/x"};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(node_ids); i++) {
		assert_int_equal(of(node_ids[i]).max_items, PUBSUB_MAX);
		assert_int_equal(of(node_ids[i]).send_last_published_item, PUBSUB_SEND_LAST_NEVER);
	}
}

static void test_keys_are_open_to_everybody(void **state)
{
	static const char *const node_ids[] = {"urn:xmpp:omemo:2:devices",
		"urn:xmpp:omemo:2:bundles", "eu.siacs.conversations.axolotl.devicelist",
		"eu.siacs.conversations.axolotl.bundles:31415"};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(node_ids); i++)
		assert_int_equal(of(node_ids[i]).access_model, PUBSUB_ACCESS_OPEN);
	assert_int_equal(of("urn:xmpp:omemo:2:bundles").max_items, PUBSUB_MAX);
	assert_int_equal(of("urn:xmpp:omemo:2:devices").max_items, 1);
}

static void test_images_are_not_sent_unasked_but_their_metadata_are(void **state)
{
	(void)state;
	assert_int_equal(
		of("urn:xmpp:avatar:data").send_last_published_item, PUBSUB_SEND_LAST_NEVER);
	assert_int_equal(of("urn:xmpp:avatar:metadata").send_last_published_item,
		PUBSUB_SEND_LAST_ON_SUB_AND_PRESENCE);
	assert_int_equal(of("urn:xmpp:avatar:data").access_model, PUBSUB_ACCESS_PRESENCE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unknown_nodes_get_the_operators_defaults),
		cmocka_unit_test(test_private_nodes_are_for_their_owner_alone),
		cmocka_unit_test(test_lists_are_kept_whole_and_not_sent_at_login),
		cmocka_unit_test(test_keys_are_open_to_everybody),
		cmocka_unit_test(test_images_are_not_sent_unasked_but_their_metadata_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
