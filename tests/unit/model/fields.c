/* fields.c - configuration and option fields: every row of both tables, and the types. */
#include "peppy/pubsub.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "peppy/array.h"

union record {
	struct pubsub_node_config config;
	struct pubsub_subscribe_options options;
};

static const struct pubsub_form_type *const types[] = {
	&pubsub_node_config_type,
	&pubsub_subscribe_options_type,
};

static const void *defaults(const struct pubsub_form_type *type)
{
	return type == &pubsub_node_config_type ? (const void *)&pubsub_node_config_default
						: (const void *)&pubsub_subscribe_options_default;
}

static struct arena *arena_of(void **state)
{
	return *state;
}

static bool set_values(struct arena *arena, const struct pubsub_form_type *type, const char *var,
	void *record, size_t n, const char *const *v)
{
	const struct pubsub_field *field = pubsub_field_find(type, var);

	assert_non_null(field);
	return pubsub_field_set(field, (struct pubsub_texts){v, n}, arena, record);
}

static bool set(struct arena *arena, const char *var, const char *value, void *config)
{
	return set_values(arena, &pubsub_node_config_type, var, config, 1, &value);
}

static bool set_option(struct arena *arena, const char *var, const char *value, void *options)
{
	return set_values(arena, &pubsub_subscribe_options_type, var, options, 1, &value);
}

/* Texts that a client may send: good for some field or other, or for none. */
static const char *const texts[] = {"", "0", "1", "true", "false", "max", "all", "-1", "7", "007",
	"4294967295", "4294967296", "99999999999999999999", " 1", "1.5", "open", "authorize",
	"owner", "publisher", "reject", "leaf", "collection", "headline", "never", "on_sub", "away",
	"xa", "items", "nodes", "whitelist", "a title", "\xc3\xa9", "Romeo@Example.ORG/Orchard",
	"@", "b@c", "2006-03-31T23:59:59Z", "2026-11-20T04:22:14.123456Z", "1970-01-01T00:00:00Z",
	"TRUE", "yes"};

#define TEXT_COUNT ARRAY_COUNT(texts)

/* What set() accepts is written as it is read: set(values(x)) == x. */
static void check_round_trip(const struct pubsub_form_type *type, const struct pubsub_field *field,
	struct pubsub_texts values, struct arena *arena)
{
	union record x, y;
	struct pubsub_texts once, twice;

	memcpy(&x, defaults(type), type->size);
	y = x;
	if (!pubsub_field_set(field, values, arena, &x)) {
		assert_memory_equal(&x, &y, type->size);
		return;
	}
	once = pubsub_field_values(field, &x, arena);
	assert_true(pubsub_field_set(field, once, arena, &y));
	assert_true(pubsub_field_equal(field, &x, &y));
	twice = pubsub_field_values(field, &y, arena);
	assert_int_equal(once.n, twice.n);
	for (size_t i = 0; i < once.n; i++)
		assert_string_equal(once.v[i], twice.v[i]);
}

static void test_whatever_is_accepted_survives_a_round_trip(void **state)
{
	struct arena *arena = arena_of(state);

	for (size_t t = 0; t < 2; t++)
		for (size_t f = 0; f < types[t]->n; f++) {
			const struct pubsub_field *field = &types[t]->v[f];

			check_round_trip(types[t], field, (struct pubsub_texts){NULL, 0}, arena);
			for (size_t i = 0; i < TEXT_COUNT; i++)
				for (size_t n = 1; n <= 3 && i + n <= TEXT_COUNT; n++)
					check_round_trip(types[t], field,
						(struct pubsub_texts){texts + i, n}, arena);
		}
}

static void test_every_default_renders_and_parses_back(void **state)
{
	for (size_t t = 0; t < 2; t++) {
		union record record;

		memset(&record, 0, sizeof record);
		for (size_t f = 0; f < types[t]->n; f++) {
			const struct pubsub_field *field = &types[t]->v[f];
			struct pubsub_texts values =
				pubsub_field_values(field, defaults(types[t]), arena_of(state));

			assert_true(pubsub_field_set(field, values, arena_of(state), &record));
			assert_true(pubsub_field_equal(field, &record, defaults(types[t])));
		}
		assert_memory_equal(&record, defaults(types[t]), types[t]->size);
	}
}

static void test_vars_and_tags_are_unique_and_labels_are_there(void **state)
{
	(void)state;
	for (size_t t = 0; t < 2; t++)
		for (size_t i = 0; i < types[t]->n; i++) {
			const struct pubsub_field *field = &types[t]->v[i];

			assert_true(strncmp(field->var, "pubsub#", 7) == 0);
			assert_ptr_equal(pubsub_field_find(types[t], field->var), field);
			assert_true(pubsub_field_bit(types[t], field) == UINT64_C(1) << i);
			assert_non_null(field->label);
			assert_int_not_equal(field->tag, 0);
			for (size_t j = 0; j < i; j++)
				assert_int_not_equal(types[t]->v[j].tag, field->tag);
		}
}

/* The fields of XEP-0060 16.4.4 and of XEP-0248. */
static void test_no_field_of_the_registry_is_missing(void **state)
{
	static const char *const registry[] = {"access_model", "body_xslt", "contact",
		"dataform_xslt", "deliver_notifications", "deliver_payloads", "description",
		"item_expire", "itemreply", "language", "max_items", "max_payload_size",
		"node_type", "notification_type", "notify_config", "notify_delete",
		"notify_retract", "notify_sub", "persist_items", "presence_based_delivery",
		"publish_model", "publish_node_full", "purge_offline", "roster_groups_allowed",
		"send_last_published_item", "tempsub", "subscribe", "title", "type", "collection",
		"children", "children_association_policy", "children_association_whitelist",
		"children_max"};
	size_t n = ARRAY_COUNT(registry);
	char var[64];

	(void)state;
	for (size_t i = 0; i < n; i++) {
		snprintf(var, sizeof var, "pubsub#%s", registry[i]);
		assert_non_null(pubsub_field_find(&pubsub_node_config_type, var));
	}
	assert_int_equal(pubsub_node_config_type.n, n);
	assert_null(pubsub_field_find(&pubsub_node_config_type, "pubsub#nonesuch"));
	assert_null(pubsub_field_find(&pubsub_node_config_type, "access_model"));
}

static void test_bool_takes_four_spellings_and_nothing_else(void **state)
{
	struct pubsub_node_config config = {0};

	assert_true(set(arena_of(state), "pubsub#notify_sub", "true", &config));
	assert_true(config.notify_sub);
	assert_true(set(arena_of(state), "pubsub#notify_sub", "0", &config));
	assert_false(config.notify_sub);
	assert_true(set(arena_of(state), "pubsub#notify_sub", "1", &config));
	assert_true(config.notify_sub);
	assert_true(set(arena_of(state), "pubsub#notify_sub", "false", &config));
	assert_false(config.notify_sub);
	assert_false(set(arena_of(state), "pubsub#notify_sub", "True", &config));
	assert_false(set(arena_of(state), "pubsub#notify_sub", "yes", &config));
	assert_false(set(arena_of(state), "pubsub#notify_sub", "", &config));
	assert_false(set(arena_of(state), "pubsub#notify_sub", "2", &config));
}

static void test_max_items_accepts_max_and_refuses_zero(void **state)
{
	struct pubsub_node_config config = {0};

	assert_true(set(arena_of(state), "pubsub#max_items", "max", &config));
	assert_int_equal(config.max_items, PUBSUB_MAX);
	assert_true(set(arena_of(state), "pubsub#max_items", "10", &config));
	assert_int_equal(config.max_items, 10);
	assert_true(set(arena_of(state), "pubsub#max_items", "-1", &config));
	assert_int_equal(config.max_items, PUBSUB_MAX);
	assert_false(set(arena_of(state), "pubsub#max_items", "0", &config));
	assert_false(set(arena_of(state), "pubsub#max_items", "-2", &config));
	assert_false(set(arena_of(state), "pubsub#max_items", "4294967296", &config));
	assert_false(set(arena_of(state), "pubsub#max_items", "all", &config));
	assert_int_equal(config.max_items, PUBSUB_MAX);
}

static void test_subscription_depth_accepts_all_and_zero(void **state)
{
	struct pubsub_subscribe_options options = {.subscription_depth = 1};

	assert_true(set_option(arena_of(state), "pubsub#subscription_depth", "all", &options));
	assert_int_equal(options.subscription_depth, PUBSUB_MAX);
	assert_true(set_option(arena_of(state), "pubsub#subscription_depth", "0", &options));
	assert_int_equal(options.subscription_depth, 0);
	assert_false(set_option(arena_of(state), "pubsub#subscription_depth", "-1", &options));
	assert_false(set_option(arena_of(state), "pubsub#subscription_depth", "max", &options));
}

static void test_list_takes_only_its_words(void **state)
{
	struct pubsub_node_config config = {0};
	const char *two[] = {"open", "presence"};

	assert_true(set(arena_of(state), "pubsub#access_model", "whitelist", &config));
	assert_int_equal(config.access_model, PUBSUB_ACCESS_WHITELIST);
	assert_false(set(arena_of(state), "pubsub#access_model", "Open", &config));
	assert_false(set(arena_of(state), "pubsub#access_model", "", &config));
	assert_false(set_values(
		arena_of(state), &pubsub_node_config_type, "pubsub#access_model", &config, 2, two));
	assert_false(set_values(arena_of(state), &pubsub_node_config_type, "pubsub#access_model",
		&config, 0, NULL));
	assert_int_equal(config.access_model, PUBSUB_ACCESS_WHITELIST);
}

static void test_text_is_cleared_by_an_empty_value_and_by_none(void **state)
{
	struct pubsub_node_config config = {.title = "old"};

	assert_true(set(arena_of(state), "pubsub#title", "new", &config));
	assert_string_equal(config.title, "new");
	assert_true(set(arena_of(state), "pubsub#title", "", &config));
	assert_null(config.title);
	config.title = "old";
	assert_true(set_values(
		arena_of(state), &pubsub_node_config_type, "pubsub#title", &config, 0, NULL));
	assert_null(config.title);
}

static void test_texts_are_bounded(void **state)
{
	struct pubsub_node_config config = {0};
	const char *many[2000];
	char title[1026];

	memset(title, 'x', sizeof title);
	title[1025] = '\0';
	assert_false(set(arena_of(state), "pubsub#title", title, &config));
	title[1024] = '\0';
	assert_true(set(arena_of(state), "pubsub#title", title, &config));
	for (size_t i = 0; i < 2000; i++)
		many[i] = "group";
	assert_true(set_values(arena_of(state), &pubsub_node_config_type,
		"pubsub#roster_groups_allowed", &config, 300, many));
	assert_int_equal(config.roster_groups_allowed.n, 300);
	assert_false(set_values(arena_of(state), &pubsub_node_config_type,
		"pubsub#roster_groups_allowed", &config, 2000, many));
	assert_int_equal(config.roster_groups_allowed.n, 300);
}

static void test_jids_are_prepared_and_bad_ones_refused(void **state)
{
	struct pubsub_node_config config = {0};
	const char *good[] = {"", "Bob@Example.ORG", "carol@example.org/Phone"};
	const char *bad[] = {"bob@example.org", "@"};

	assert_true(set_values(
		arena_of(state), &pubsub_node_config_type, "pubsub#contact", &config, 3, good));
	assert_int_equal(config.contact.n, 2);
	assert_string_equal(config.contact.v[0], "bob@example.org");
	assert_string_equal(config.contact.v[1], "carol@example.org/Phone");
	assert_false(set_values(
		arena_of(state), &pubsub_node_config_type, "pubsub#contact", &config, 2, bad));
	assert_int_equal(config.contact.n, 2);
}

static void test_show_values_are_a_list_of_known_states(void **state)
{
	struct pubsub_subscribe_options options = {0};
	const char *good[] = {"online", "chat"};
	const char *bad[] = {"online", "sleeping"};

	assert_true(set_values(arena_of(state), &pubsub_subscribe_options_type,
		"pubsub#show-values", &options, 2, good));
	assert_int_equal(options.show_values.n, 2);
	assert_false(set_values(arena_of(state), &pubsub_subscribe_options_type,
		"pubsub#show-values", &options, 2, bad));
	assert_int_equal(options.show_values.n, 2);
}

static void test_expire_is_a_stamp_with_any_offset(void **state)
{
	struct pubsub_subscribe_options options = {0};
	struct pubsub_subscribe_options other = {0};
	const struct pubsub_field *field =
		pubsub_field_find(&pubsub_subscribe_options_type, "pubsub#expire");

	assert_true(set_option(arena_of(state), "pubsub#expire", "2006-03-31T23:59:59Z", &options));
	assert_true(
		set_option(arena_of(state), "pubsub#expire", "2006-04-01T01:59:59+02:00", &other));
	assert_true(pubsub_field_equal(field, &options, &other));
	assert_false(set_option(arena_of(state), "pubsub#expire", "tomorrow", &options));
	assert_true(set_option(arena_of(state), "pubsub#expire", "", &options));
	assert_true(options.expire_us == 0);
}

static void test_expire_may_be_the_presence(void **state)
{
	struct pubsub_subscribe_options options = {0};
	const struct pubsub_field *field =
		pubsub_field_find(&pubsub_subscribe_options_type, "pubsub#expire");

	assert_true(set_option(arena_of(state), "pubsub#expire", "presence", &options));
	assert_true(options.expire_us == PUBSUB_EXPIRE_PRESENCE);
	assert_string_equal(pubsub_field_values(field, &options, arena_of(state)).v[0], "presence");
}

static void test_several_values_are_equal_in_any_order(void **state)
{
	const struct pubsub_field *field =
		pubsub_field_find(&pubsub_node_config_type, "pubsub#roster_groups_allowed");
	const char *one[] = {"friends", "family"};
	const char *other[] = {"family", "friends"};
	const char *third[] = {"family", "family"};
	struct pubsub_node_config a = {.roster_groups_allowed = {one, 2}};
	struct pubsub_node_config b = {.roster_groups_allowed = {other, 2}};
	struct pubsub_node_config c = {.roster_groups_allowed = {third, 2}};
	struct pubsub_node_config d = {.roster_groups_allowed = {other, 1}};

	(void)state;
	assert_true(pubsub_field_equal(field, &a, &b));
	assert_false(pubsub_field_equal(field, &a, &c));
	assert_false(pubsub_field_equal(field, &b, &d));
}

static void test_an_unset_text_equals_only_an_unset_one(void **state)
{
	const struct pubsub_field *field =
		pubsub_field_find(&pubsub_node_config_type, "pubsub#type");
	struct pubsub_node_config a = {0}, b = {0};

	(void)state;
	assert_true(pubsub_field_equal(field, &a, &b));
	b.type = "urn:xmpp:microblog:0";
	assert_false(pubsub_field_equal(field, &a, &b));
	assert_false(pubsub_field_equal(field, &b, &a));
}

static void test_merge_takes_the_named_fields_and_no_other(void **state)
{
	const struct pubsub_form_type *type = &pubsub_node_config_type;
	const char *groups[] = {"friends"};
	struct pubsub_node_config from = {.title = "new",
		.max_items = 3,
		.roster_groups_allowed = {groups, 1},
		.notify_sub = true};
	struct pubsub_node_config to = pubsub_node_config_default;
	uint64_t named =
		pubsub_field_bit(type, pubsub_field_find(type, "pubsub#title")) |
		pubsub_field_bit(type, pubsub_field_find(type, "pubsub#roster_groups_allowed")) |
		pubsub_field_bit(type, pubsub_field_find(type, "pubsub#notify_sub"));

	(void)state;
	pubsub_fields_merge(type, named, &from, &to);
	assert_string_equal(to.title, "new");
	assert_int_equal(to.roster_groups_allowed.n, 1);
	assert_true(to.notify_sub);
	assert_int_equal(to.max_items, PUBSUB_MAX);
	assert_true(to.persist_items);
}

static void test_own_copies_every_text(void **state)
{
	char title[] = "title";
	char group[] = "friends";
	const char *groups[] = {group};
	struct pubsub_node_config config = {.title = title, .roster_groups_allowed = {groups, 1}};

	pubsub_fields_own(&pubsub_node_config_type, &config, arena_of(state));
	memset(title, '?', 5);
	memset(group, '?', 7);
	groups[0] = NULL;
	assert_string_equal(config.title, "title");
	assert_string_equal(config.roster_groups_allowed.v[0], "friends");
	assert_null(config.description);
	assert_null(config.contact.v);
}

static void test_plain_nodes_are_open_and_keep_their_items(void **state)
{
	const struct pubsub_node_config *config = &pubsub_node_config_default;

	(void)state;
	assert_int_equal(config->access_model, PUBSUB_ACCESS_OPEN);
	assert_int_equal(config->publish_model, PUBSUB_PUBLISH_PUBLISHERS);
	assert_int_equal(config->max_items, PUBSUB_MAX);
	assert_int_equal(config->notification_type, PUBSUB_NOTIFICATION_HEADLINE);
	assert_true(config->persist_items && config->deliver_payloads);
	assert_true(config->notify_delete && config->notify_retract);
	assert_false(config->notify_config || config->notify_sub || config->purge_offline);
}

static int setup(void **state)
{
	*state = arena_create();
	return 0;
}

static int teardown(void **state)
{
	arena_destroy(arena_of(state));
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whatever_is_accepted_survives_a_round_trip),
		cmocka_unit_test(test_every_default_renders_and_parses_back),
		cmocka_unit_test(test_vars_and_tags_are_unique_and_labels_are_there),
		cmocka_unit_test(test_no_field_of_the_registry_is_missing),
		cmocka_unit_test(test_bool_takes_four_spellings_and_nothing_else),
		cmocka_unit_test(test_max_items_accepts_max_and_refuses_zero),
		cmocka_unit_test(test_subscription_depth_accepts_all_and_zero),
		cmocka_unit_test(test_list_takes_only_its_words),
		cmocka_unit_test(test_text_is_cleared_by_an_empty_value_and_by_none),
		cmocka_unit_test(test_texts_are_bounded),
		cmocka_unit_test(test_jids_are_prepared_and_bad_ones_refused),
		cmocka_unit_test(test_show_values_are_a_list_of_known_states),
		cmocka_unit_test(test_expire_is_a_stamp_with_any_offset),
		cmocka_unit_test(test_expire_may_be_the_presence),
		cmocka_unit_test(test_several_values_are_equal_in_any_order),
		cmocka_unit_test(test_an_unset_text_equals_only_an_unset_one),
		cmocka_unit_test(test_merge_takes_the_named_fields_and_no_other),
		cmocka_unit_test(test_own_copies_every_text),
		cmocka_unit_test(test_plain_nodes_are_open_and_keep_their_items),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
