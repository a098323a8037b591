/* rsm.c - <set/> of requests and answers. */
#include "codec/rsm.h"

#include "peppy/array.h"
#include "tests/unit/codec/support.h"

static enum pubsub_error parse(struct bench *bench, const char *set, struct pubsub_rsm *out)
{
	return rsm_parse(
		bench_read(bench, arena_printf(bench->arena, "<query>%s</query>", set)), out);
}

static void test_a_set_is_read(void **state)
{
	struct pubsub_rsm rsm;

	assert_int_equal(parse(*state, SET("<max>10</max><after>b;2</after>"), &rsm), PUBSUB_OK);
	assert_true(rsm.present && rsm.has_max && !rsm.has_index);
	assert_int_equal(rsm.max, 10);
	assert_string_equal(rsm.after, "b;2");
	assert_null(rsm.before);
	assert_int_equal(parse(*state, SET("<before/><max>0</max>"), &rsm), PUBSUB_OK);
	assert_string_equal(rsm.before, "");
	assert_true(rsm.has_max);
	assert_int_equal(rsm.max, 0);
	assert_int_equal(parse(*state, SET("<index>371</index>"), &rsm), PUBSUB_OK);
	assert_true(rsm.has_index);
	assert_int_equal(rsm.index, 371);
}

static void test_without_a_set_nothing_is_present(void **state)
{
	struct pubsub_rsm rsm;

	assert_int_equal(parse(*state, "<set/>", &rsm), PUBSUB_OK);
	assert_false(rsm.present);
	assert_int_equal(parse(*state, SET(""), &rsm), PUBSUB_OK);
	assert_true(rsm.present);
	assert_false(rsm.has_max);
}

static void test_an_empty_after_is_the_first_page(void **state)
{
	struct pubsub_rsm rsm;

	assert_int_equal(parse(*state, SET("<after/>"), &rsm), PUBSUB_OK);
	assert_null(rsm.after);
}

static void test_what_is_not_a_number_is_refused(void **state)
{
	static const char *const bad[] = {SET("<max/>"), SET("<max>ten</max>"),
		SET("<max>-1</max>"), SET("<max>18446744073709551616</max>"),
		SET("<index>1.5</index>"), SET("<max> 1</max>")};
	struct pubsub_rsm rsm;

	for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
		assert_int_equal(parse(*state, bad[i], &rsm), PUBSUB_ERR_BAD_REQUEST);
}

static void test_more_than_any_set_holds_is_all_of_it(void **state)
{
	struct pubsub_rsm rsm;

	assert_int_equal(parse(*state, SET("<max>18446744073709551615</max>"), &rsm), PUBSUB_OK);
	assert_true(rsm.has_max && rsm.max == UINT32_MAX);
	assert_int_equal(parse(*state, SET("<max>4294967295</max>"), &rsm), PUBSUB_OK);
	assert_true(rsm.max == UINT32_MAX);
}

static void test_two_places_at_once_are_refused(void **state)
{
	struct pubsub_rsm rsm;

	assert_int_equal(parse(*state, SET("<after>a</after><before>b</before>"), &rsm),
		PUBSUB_ERR_BAD_REQUEST);
	assert_int_equal(parse(*state, SET("<after>a</after><index>1</index>"), &rsm),
		PUBSUB_ERR_BAD_REQUEST);
}

static const char *render(struct bench *bench, const struct pubsub_page *page)
{
	struct xml_writer w = xml_writer(&bench->out);

	buf_truncate(&bench->out, 0);
	rsm_render(&w, page);
	return bench_written(bench);
}

static void test_a_page_is_written(void **state)
{
	struct pubsub_page page = {.present = true,
		.first = "a&b",
		.last = "z",
		.has_index = true,
		.has_count = true,
		.count = 800};

	assert_string_equal(render(*state, &page),
		SET("<first index='0'>a&amp;b</first><last>z</last><count>800</count>"));
	page.has_index = false;
	page.has_count = false;
	assert_string_equal(render(*state, &page), SET("<first>a&amp;b</first><last>z</last>"));
}

static void test_an_empty_page_has_a_count_and_no_ends(void **state)
{
	struct pubsub_page page = {.present = true, .has_count = true, .count = 0};

	assert_string_equal(render(*state, &page), SET("<count>0</count>"));
	page.present = false;
	assert_string_equal(render(*state, &page), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(test_a_set_is_read),
		bench_test(test_without_a_set_nothing_is_present),
		bench_test(test_an_empty_after_is_the_first_page),
		bench_test(test_what_is_not_a_number_is_refused),
		bench_test(test_more_than_any_set_holds_is_all_of_it),
		bench_test(test_two_places_at_once_are_refused),
		bench_test(test_a_page_is_written),
		bench_test(test_an_empty_page_has_a_count_and_no_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
