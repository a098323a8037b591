/* Names that peppy makes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "peppy/id.h"

static const char hamlet[] = "hamlet@denmark.lit/elsinore";

static void test_random_ids_are_26_digits_of_base32(void **state)
{
	char id[ID_RANDOM_SIZE];
	int i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		id_random(id);
		assert_int_equal(strlen(id), 26);
		assert_int_equal(strspn(id, "abcdefghijklmnopqrstuvwxyz234567"), 26);
	}
}

static void test_every_place_of_a_random_id_varies(void **state)
{
	char first[ID_RANDOM_SIZE], id[ID_RANDOM_SIZE];
	unsigned varied = 0;
	int i, place;

	(void)state;
	id_random(first);
	for (i = 0; i < 200; i++) {
		id_random(id);
		for (place = 0; place < 26; place++)
			if (id[place] != first[place])
				varied |= 1u << place;
	}
	assert_int_equal(varied, (1u << 26) - 1);
}

static void test_a_signed_id_is_ours_for_its_recipient_only(void **state)
{
	char id[ID_SIGNED_SIZE];

	(void)state;
	id_signed(hamlet, id);
	assert_int_equal(strlen(id), ID_SIGNED_SIZE - 1);
	assert_true(id_signed_is(id, hamlet));
	assert_false(id_signed_is(id, "hamlet@denmark.lit"));
	assert_false(id_signed_is(id, ""));
}

static void test_signed_ids_are_never_the_same(void **state)
{
	char ids[500][ID_SIGNED_SIZE];
	int i, j;

	(void)state;
	for (i = 0; i < 500; i++) {
		id_signed(hamlet, ids[i]);
		for (j = 0; j < i; j++)
			assert_string_not_equal(ids[i], ids[j]);
	}
}

static void test_an_id_with_any_other_digit_is_not_ours(void **state)
{
	char id[ID_SIGNED_SIZE];
	int i;

	(void)state;
	id_signed(hamlet, id);
	for (i = 0; i < ID_SIGNED_SIZE - 1; i++) {
		char digit = id[i];

		id[i] = digit == '0' ? '1' : '0';
		assert_false(id_signed_is(id, hamlet));
		id[i] = digit;
	}
	assert_true(id_signed_is(id, hamlet));
}

static void test_the_numbers_of_two_ids_do_not_change_places(void **state)
{
	char a[ID_SIGNED_SIZE], b[ID_SIGNED_SIZE];

	(void)state;
	id_signed(hamlet, a);
	id_signed(hamlet, b);
	memcpy(a, b, 16);
	assert_false(id_signed_is(a, hamlet));
}

static void test_any_text_may_be_asked_about(void **state)
{
	char longer[ID_SIGNED_SIZE + 1];

	(void)state;
	assert_false(id_signed_is("", hamlet));
	assert_false(id_signed_is("a", hamlet));
	assert_false(id_signed_is("\xff\xfe", hamlet));
	assert_false(id_signed_is("zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", hamlet));
	id_signed(hamlet, longer);
	strcat(longer, "0");
	assert_false(id_signed_is(longer, hamlet));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_ids_are_26_digits_of_base32),
		cmocka_unit_test(test_every_place_of_a_random_id_varies),
		cmocka_unit_test(test_a_signed_id_is_ours_for_its_recipient_only),
		cmocka_unit_test(test_signed_ids_are_never_the_same),
		cmocka_unit_test(test_an_id_with_any_other_digit_is_not_ours),
		cmocka_unit_test(test_the_numbers_of_two_ids_do_not_change_places),
		cmocka_unit_test(test_any_text_may_be_asked_about),
	};

	return cmocka_run_group_tests_name("id", tests, NULL, NULL);
}
