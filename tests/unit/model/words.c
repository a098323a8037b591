/* words.c - the words of every enum. */
#include "model/words.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "peppy/array.h"

static const struct pubsub_words *const tables[] = {
	&pubsub_affiliation_words,
	&pubsub_subscription_state_words,
	&pubsub_access_model_words,
	&pubsub_publish_model_words,
	&pubsub_association_words,
	&pubsub_itemreply_words,
	&pubsub_node_full_words,
	&pubsub_node_type_words,
	&pubsub_notification_type_words,
	&pubsub_send_last_words,
	&pubsub_show_words,
	&pubsub_subscription_type_words,
};

static void test_every_word_is_found_again_and_has_a_label(void **state)
{
	(void)state;
	for (size_t t = 0; t < ARRAY_COUNT(tables); t++) {
		for (size_t i = 0; i < tables[t]->n; i++) {
			assert_non_null(tables[t]->v[i]);
			assert_int_equal(pubsub_word_find(tables[t], tables[t]->v[i]), (int)i);
			assert_non_null(tables[t]->labels[i]);
			assert_int_not_equal(*tables[t]->labels[i], '\0');
		}
	}
}

static void test_other_words_are_not_found(void **state)
{
	(void)state;
	for (size_t t = 0; t < ARRAY_COUNT(tables); t++) {
		assert_int_equal(pubsub_word_find(tables[t], ""), -1);
		assert_int_equal(pubsub_word_find(tables[t], "Open"), -1);
		assert_int_equal(pubsub_word_find(tables[t], "nonesuch"), -1);
	}
}

static void test_words_are_those_of_the_xep(void **state)
{
	(void)state;
	assert_string_equal(
		pubsub_affiliation_words.v[PUBSUB_AFFILIATION_PUBLISH_ONLY], "publish-only");
	assert_string_equal(pubsub_access_model_words.v[PUBSUB_ACCESS_AUTHORIZE], "authorize");
	assert_string_equal(pubsub_send_last_words.v[PUBSUB_SEND_LAST_ON_SUB_AND_PRESENCE],
		"on_sub_and_presence");
	assert_string_equal(
		pubsub_node_full_words.v[PUBSUB_NODE_FULL_RETRACT_OLDEST], "retract-oldest");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_word_is_found_again_and_has_a_label),
		cmocka_unit_test(test_other_words_are_not_found),
		cmocka_unit_test(test_words_are_those_of_the_xep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
