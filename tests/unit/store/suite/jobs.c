/* jobs.c - jobs that go on after a restart. */
#include "../support.h"

#include <string.h>

#include "peppy/array.h"

static struct store_job job_of(const char *data)
{
	return (struct store_job){.kind = 3,
		.service = SERVICE,
		.node_id = "news",
		.data = data,
		.data_len = strlen(data),
		.cursor = "",
		.seq = 42};
}

static const char *page(struct fixture *f, uint64_t after, size_t limit)
{
	struct store_job *jobs;
	const char *text = "";
	size_t i, n;

	ok(store_jobs_page(f->txn, after, limit, f->arena, &jobs, &n));
	for (i = 0; i < n; i++)
		text = arena_printf(f->arena, "%s%s%.*s", text, i > 0 ? " " : "",
			(int)jobs[i].data_len, jobs[i].data);
	return text;
}

static void test_a_job_keeps_what_it_needs_to_go_on(void **state)
{
	struct fixture *f = *state;
	struct store_job job = job_of("<message/>"), *found;
	size_t n;

	ok(store_job_put(f->txn, &job));
	assert_int_not_equal(job.id, 0);
	job.cursor = "bernardo@denmark.lit";
	job.starts = 2;
	ok(store_job_put(f->txn, &job));
	reading(f);
	ok(store_jobs_page(f->txn, 0, 9, f->arena, &found, &n));
	assert_int_equal(n, 1);
	assert_int_equal(found->id, job.id);
	assert_int_equal(found->kind, 3);
	assert_string_equal(found->service, SERVICE);
	assert_string_equal(found->node_id, "news");
	assert_string_equal(found->cursor, "bernardo@denmark.lit");
	assert_int_equal(found->starts, 2);
	assert_int_equal(found->seq, 42);
	assert_int_equal(found->data_len, 10);
	assert_memory_equal(found->data, "<message/>", 10);
}

static void test_jobs_stand_in_the_order_of_their_making(void **state)
{
	struct fixture *f = *state;
	struct store_job a = job_of("a"), b = job_of("b"), c = job_of("c"), d = job_of("d");

	ok(store_job_put(f->txn, &a));
	ok(store_job_put(f->txn, &b));
	ok(store_job_put(f->txn, &c));
	a.data = "A";
	ok(store_job_put(f->txn, &a));
	assert_string_equal(page(f, 0, 9), "A b c");
	assert_string_equal(page(f, a.id, 1), "b");
	ok(store_job_del(f->txn, c.id));
	ok(store_job_del(f->txn, c.id));
	assert_string_equal(page(f, 0, 9), "A b");
	assert_string_equal(page(f, c.id, 9), "");
	ok(store_job_put(f->txn, &d));
	assert_true(d.id > c.id); /* numbers are never used again */
}

static void test_a_job_may_have_no_node_and_no_data(void **state)
{
	struct fixture *f = *state;
	struct store_job job = {.kind = 1, .cursor = ""}, *found;
	const char *before;
	size_t n;

	ok(store_job_put(f->txn, &job));
	before = dump(f);
	ok(store_jobs_page(f->txn, 0, 9, f->arena, &found, &n));
	assert_int_equal(n, 1);
	assert_null(found->service);
	assert_null(found->node_id);
	assert_int_equal(found->data_len, 0);
	ok(store_job_put(f->txn, found));
	assert_string_equal(dump(f), before);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_a_job_keeps_what_it_needs_to_go_on),
	cmocka_unit_test(test_jobs_stand_in_the_order_of_their_making),
	cmocka_unit_test(test_a_job_may_have_no_node_and_no_data),
};
const struct suite suite_jobs = {tests, ARRAY_COUNT(tests)};
