/* keep.c - what is left of a lost stream: whole stanzas, from the first that was not taken
 * whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "peppy/buf.h"
#include "wire/keep.h"

#define A "<message to='a'><x/></message>"
#define B "<message to='b'><body>&lt;two&#62;</body></message>"
#define C "<message to='c' xmlns:p='u'><p:e a='>'/></message>"
#define ANSWER "<iq type='result' id='1'/>"

static void append(struct output *output, const char *text, bool keep)
{
	output_append(output, text, strlen(text), keep);
}

static void take(struct output *output, size_t n)
{
	while (n > 0) {
		size_t len;

		assert_non_null(output_front(output, &len));
		len = len < n ? len : n;
		output_took(output, len);
		n -= len;
	}
}

/* Everything that waits, with a NUL. */
static char *text_of(const struct output *output)
{
	char *text = calloc(1, output->queued + 1);
	size_t at = 0, len;

	while (at < output->queued) {
		const char *bytes = output_at(output, output->taken + at, &len);

		memcpy(text + at, bytes, len);
		at += len;
	}
	return text;
}

static void assert_waits(const struct output *output, const char *expected)
{
	char *text = text_of(output);

	assert_string_equal(text, expected);
	free(text);
}

static void assert_left(size_t taken, const char *expected)
{
	struct output lost = {0}, kept = {0};

	append(&lost, A B, true);
	append(&lost, ANSWER, false);
	append(&lost, C, true);
	append(&lost, A, true);
	take(&lost, taken);
	assert_int_equal(keep_lost(&lost, &kept, 1000), 0);
	assert_waits(&kept, expected);
	output_clear(&lost);
	output_clear(&kept);
}

static void test_wherever_the_stream_is_cut_whole_stanzas_are_left(void **state)
{
	const size_t a = strlen(A), ab = strlen(A B), abc = strlen(A B ANSWER C);
	const size_t all = strlen(A B ANSWER C A);

	(void)state;
	for (size_t taken = 0; taken <= all; taken++) {
		if (taken < a)
			assert_left(taken, A B C A);
		else if (taken < ab)
			assert_left(taken, B C A);
		else if (taken < abc)
			assert_left(taken, C A);
		else
			assert_left(taken, taken < all ? A : "");
	}
}

static void test_stanzas_longer_than_a_block_are_whole_too(void **state)
{
	struct output lost = {0}, kept = {0};
	struct buf stanza = {0};
	char *text;

	(void)state;
	buf_append_text(&stanza, "<message><body>");
	memset(buf_reserve(&stanza, 200 * 1000), 'x', 200 * 1000);
	stanza.len += 200 * 1000;
	buf_append_text(&stanza, "</body></message>");
	append(&lost, ANSWER A, true);
	output_append(&lost, stanza.data, stanza.len, true);
	output_append(&lost, stanza.data, stanza.len, true);
	take(&lost, strlen(ANSWER A) + stanza.len + 150 * 1000);
	assert_int_equal(keep_lost(&lost, &kept, 0), 0);
	assert_int_equal(kept.queued, stanza.len);
	text = text_of(&kept);
	assert_memory_equal(text, stanza.data, stanza.len);
	free(text);
	buf_finish(&stanza);
	output_clear(&lost);
	output_clear(&kept);
}

static void test_what_has_left_whole_is_not_held(void **state)
{
	struct output output = {0};
	char *filler = calloc(1, 1024 * 1024);

	(void)state;
	output_append(&output, filler, 1024 * 1024, true);
	output_append(&output, filler, 1024 * 1024, true);
	take(&output, 1024 * 1024);
	assert_int_equal(output.run_count, 1);
	assert_int_equal(output.runs[0].start, 1024 * 1024);
	take(&output, 1024 * 1024);
	assert_int_equal(output.run_count, 0);
	assert_ptr_equal(output.first, output.last);
	free(filler);
	output_clear(&output);
}

static void test_above_the_bound_the_rest_is_left_out(void **state)
{
	struct output lost = {0}, kept = {0};

	(void)state;
	append(&lost, A, true);
	append(&lost, B, true);
	append(&lost, C, true);
	assert_int_equal(keep_lost(&lost, &kept, strlen(A)), strlen(C));
	assert_waits(&kept, A B);
	output_clear(&lost);
	output_clear(&kept);
}

static void test_what_is_resumed_survives_the_next_loss_too(void **state)
{
	struct output output = {0}, kept = {0};

	(void)state;
	append(&output, "<login/>", false);
	append(&output, A B, true);
	take(&output, 3);
	keep_lost(&output, &kept, 1000);
	output_clear(&output);
	append(&kept, C, true); /* while the link was down */
	append(&output, "<login/>", false);
	keep_resume(&kept, &output);
	assert_waits(&output, "<login/>" A B C);
	assert_int_equal(kept.queued, 0);
	take(&output, strlen("<login/>" A) + 1);
	keep_lost(&output, &kept, 1000);
	assert_waits(&kept, B C);
	output_clear(&output);
	output_clear(&kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wherever_the_stream_is_cut_whole_stanzas_are_left),
		cmocka_unit_test(test_stanzas_longer_than_a_block_are_whole_too),
		cmocka_unit_test(test_what_has_left_whole_is_not_held),
		cmocka_unit_test(test_above_the_bound_the_rest_is_left_out),
		cmocka_unit_test(test_what_is_resumed_survives_the_next_loss_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
