/* body.c - message bodies of Atom entries. */
#include "tests/unit/codec/support.h"

#define ATOM "http://www.w3.org/2005/Atom"
#define ENTRY(inside) "<entry xmlns='" ATOM "'>" inside "</entry>"

static const char *body_of(struct bench *bench, const char *payload)
{
	const struct pubsub_item item = {
		.id = "i", .payload = payload, .payload_len = strlen(payload), .payload_ns = ATOM};
	const struct pubsub_event event = {
		.kind = PUBSUB_EVENT_PUBLISH, .items = &item, .item_count = 1};

	return codec_event_body(&event, bench->arena);
}

static void test_a_summary_is_preferred_to_a_title(void **state)
{
	assert_string_equal(body_of(*state, ENTRY("<title>Soliloquy</title><summary>\nTo be, or "
						  "not to be:\nthat is &lt;it&gt;\n</summary>")),
		"To be, or not to be:\nthat is <it>");
	assert_string_equal(
		body_of(*state, ENTRY("<title type='text'>Soliloquy</title>")), "Soliloquy");
	assert_string_equal(body_of(*state, ENTRY("<summary> </summary><title>Soliloquy</title>")),
		"Soliloquy");
}

static void test_html_is_not_a_body(void **state)
{
	assert_string_equal(
		body_of(*state, ENTRY("<title>T</title><summary type='html'>&lt;b>x</summary>")),
		"T");
	assert_null(body_of(*state, ENTRY("<title type='xhtml'><div/></title>")));
	assert_null(body_of(*state, ENTRY("")));
	assert_null(body_of(*state, ENTRY("<title xmlns='other'>T</title>")));
}

static void test_a_long_one_is_cut_between_characters(void **state)
{
	struct bench *bench = *state;
	char *text = arena_alloc(bench->arena, 3001);
	const char *body;

	text[0] = 'x'; /* so that the cut would go through a character of two bytes */
	for (size_t i = 1; i + 1 < 3000; i += 2)
		memcpy(&text[i], "\xc3\xa4", 2);
	text[2999] = '\0';
	body = body_of(bench, arena_printf(bench->arena, ENTRY("<title>%s</title>"), text));
	assert_int_equal(strlen(body), 1023);
	assert_memory_equal(body, text, 1023);
}

static void test_other_payloads_and_other_events_have_none(void **state)
{
	struct bench *bench = *state;
	struct pubsub_item item = {.id = "i",
		.payload = ENTRY("<title>T</title>"),
		.payload_len = strlen(ENTRY("<title>T</title>")),
		.payload_ns = "urn:other"};
	struct pubsub_event event = {.kind = PUBSUB_EVENT_PUBLISH, .items = &item, .item_count = 1};

	assert_null(codec_event_body(&event, bench->arena));
	item.payload_ns = ATOM;
	assert_string_equal(codec_event_body(&event, bench->arena), "T");
	event.kind = PUBSUB_EVENT_RETRACT;
	assert_null(codec_event_body(&event, bench->arena));
	event.kind = PUBSUB_EVENT_PUBLISH;
	item.payload = NULL;
	assert_null(codec_event_body(&event, bench->arena));
	event.item_count = 0;
	assert_null(codec_event_body(&event, bench->arena));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(test_a_summary_is_preferred_to_a_title),
		bench_test(test_html_is_not_a_body),
		bench_test(test_a_long_one_is_cut_between_characters),
		bench_test(test_other_payloads_and_other_events_have_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
