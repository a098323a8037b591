/* page.c - room and ranges. */
#include "service/page.h"

#include "world.h"

static void test_texts_take_what_they_take_escaped(void **state)
{
	(void)state;
	assert_int_equal(page_text_bytes(NULL), 0);
	assert_int_equal(page_text_bytes("abc"), 3);
	assert_int_equal(page_text_bytes("<'>&\""), 30);
}

static void test_the_first_entry_fits_and_the_others_if_there_is_room(void **state)
{
	struct world *w = *state;
	struct page_room room = page_room(&w->service);

	assert_true(page_take(&room, 1000000));
	assert_false(page_take(&room, 0));
	room = page_room(&w->service);
	assert_true(page_has_room(&room, 15000));
	assert_false(page_has_room(&room, 16000)); /* 20 000 but the envelope */
	assert_true(page_take(&room, 15000));
	assert_true(page_take(&room, 500));
	assert_false(page_take(&room, 500));
}

static void test_a_stanza_smaller_than_its_envelope_still_holds_an_entry(void **state)
{
	struct world *w = *state;
	struct page_room room = {0};

	w->profile.answer_bytes = 10;
	room = page_room(&w->service);
	assert_int_equal(page_most(&room), 1);
	assert_true(page_take(&room, 10));
	assert_false(page_take(&room, 0));
}

static void test_ranges_go_where_rsm_says(void **state)
{
	struct store_range range = {0};
	struct pubsub_rsm rsm = {.after = "x"}; /* not present: does not count */

	(void)state;
	assert_int_equal(page_range(&rsm, &range), PUBSUB_OK);
	assert_null(range.after);
	rsm.present = true;
	assert_int_equal(page_range(&rsm, &range), PUBSUB_OK);
	assert_string_equal(range.after, "x");
	assert_false(range.backward);
	rsm = (struct pubsub_rsm){.present = true, .before = ""};
	assert_int_equal(page_range(&rsm, &range), PUBSUB_OK);
	assert_null(range.before);
	assert_true(range.backward);
	rsm.before = "x";
	assert_int_equal(page_range(&rsm, &range), PUBSUB_OK);
	assert_string_equal(range.before, "x");
	rsm = (struct pubsub_rsm){.present = true, .has_index = true};
	assert_int_equal(page_range(&rsm, &range), PUBSUB_ERR_RSM_INDEX);
}

/* ---- a list at hand: the letters of a text ---- */

static const char *letter(struct service *service, const void *list, size_t i)
{
	return arena_printf(service->arena, "%c", ((const char *)list)[i]);
}

static bool compare_letter(const void *list, size_t i, const char *uid, int *out)
{
	*out = ((const char *)list)[i] - uid[0];
	return uid[0] != '?';
}

static size_t large(const void *list, size_t i)
{
	(void)list, (void)i;
	return 7000;
}

static size_t small(const void *list, size_t i)
{
	(void)list, (void)i;
	return 1;
}

static void check(struct world *w, struct pubsub_rsm rsm, size_t (*bytes)(const void *, size_t),
	const char *wanted)
{
	const struct page_list list = {&w->service, "abcdef", 6, letter, compare_letter, bytes};
	struct pubsub_page page = {0};
	struct page_part part = {0};

	assert_int_equal(page_of_list(&list, &rsm, &part, &page), PUBSUB_OK);
	assert_int_equal(part.n, strlen(wanted));
	assert_memory_equal((const char *)list.list + part.first, wanted, part.n);
	assert_int_equal(page.present, rsm.present || part.n < 6);
	assert_int_equal(page.count, 6);
	if (part.n > 0) {
		assert_int_equal(page.index, part.first);
		assert_int_equal(page.first[0], wanted[0]);
		assert_int_equal(page.last[0], wanted[part.n - 1]);
	} else {
		assert_null(page.first);
	}
}

static void test_lists_at_hand_are_paged_both_ways(void **state)
{
	struct world *w = *state;
	struct pubsub_rsm rsm = {.present = true, .has_max = true, .max = 2};

	check(w, (struct pubsub_rsm){0}, small, "abcdef");
	check(w, (struct pubsub_rsm){0}, large, "ab");
	check(w, rsm, small, "ab");
	rsm.after = "b";
	check(w, rsm, small, "cd");
	rsm.after = "f";
	check(w, rsm, small, "");
	rsm.after = NULL;
	rsm.before = "";
	check(w, rsm, small, "ef");
	rsm.before = "e";
	check(w, rsm, small, "cd");
	rsm.before = "a";
	check(w, rsm, small, "");
	rsm = (struct pubsub_rsm){.present = true, .has_index = true, .index = 4};
	check(w, rsm, small, "ef");
	rsm.index = 10;
	check(w, rsm, small, "");
	rsm = (struct pubsub_rsm){.present = true, .before = ""};
	check(w, rsm, large, "ef");
	rsm = (struct pubsub_rsm){.present = true, .has_max = true};
	check(w, rsm, small, "");
}

static void check_gone(struct world *w, struct pubsub_rsm rsm, const char *wanted)
{
	const struct page_list list = {&w->service, "bdf", 3, letter, compare_letter, small};
	struct pubsub_page page = {0};
	struct page_part part = {0};

	rsm.present = true;
	assert_int_equal(page_of_list(&list, &rsm, &part, &page), PUBSUB_OK);
	assert_int_equal(part.n, strlen(wanted));
	assert_memory_equal((const char *)list.list + part.first, wanted, part.n);
}

static void test_where_an_entry_was_pages_go_on(void **state)
{
	struct world *w = *state;

	check_gone(w, (struct pubsub_rsm){.after = "c"}, "df");
	check_gone(w, (struct pubsub_rsm){.after = "a"}, "bdf");
	check_gone(w, (struct pubsub_rsm){.after = "g"}, "");
	check_gone(w, (struct pubsub_rsm){.before = "e"}, "bd");
	check_gone(w, (struct pubsub_rsm){.before = "a"}, "");
	check_gone(w, (struct pubsub_rsm){.before = "g", .has_max = true, .max = 1}, "f");
}

static void test_what_is_not_a_uid_is_not_a_place(void **state)
{
	struct world *w = *state;
	const struct page_list list = {&w->service, "abc", 3, letter, compare_letter, small};
	const struct pubsub_rsm rsm = {.present = true, .after = "?"};
	struct pubsub_page page = {0};
	struct page_part part = {0};

	assert_int_equal(page_of_list(&list, &rsm, &part, &page), PUBSUB_ERR_RSM_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts_take_what_they_take_escaped),
		WORLD_TEST(test_the_first_entry_fits_and_the_others_if_there_is_room),
		WORLD_TEST(test_a_stanza_smaller_than_its_envelope_still_holds_an_entry),
		cmocka_unit_test(test_ranges_go_where_rsm_says),
		WORLD_TEST(test_lists_at_hand_are_paged_both_ways),
		WORLD_TEST(test_where_an_entry_was_pages_go_on),
		WORLD_TEST(test_what_is_not_a_uid_is_not_a_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
