/* record.c - records and keys by themselves: numbers, texts, fields, and what is damaged. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

#include "peppy/array.h"
#include "store/txn.h"

static struct record reader(const struct buf *buf)
{
	return record_read_start((struct bytes){(const unsigned char *)buf->data, buf->len});
}

static void test_numbers_survive_whatever_their_size(void **state)
{
	static const uint64_t numbers[] = {
		0, 1, 127, 128, 16383, 16384, UINT32_MAX, INT64_MAX, UINT64_MAX - 1, UINT64_MAX};
	const size_t n = ARRAY_COUNT(numbers);
	struct buf buf = {0};
	struct record record;
	size_t i, k;

	(void)state;
	for (i = 0; i < n; i++) {
		for (k = 0; k < n; k++) {
			record_write_start(&buf);
			record_write_varint(&buf, numbers[i]);
			record_write_delta(&buf, numbers[i], numbers[k]);
			record_write_u64(&buf, numbers[i]);
			record = reader(&buf);
			assert_true(record_read_varint(&record) == numbers[i]);
			assert_true(record_read_delta(&record, numbers[k]) == numbers[i]);
			assert_true(record_read_u64(&record) == numbers[i]);
			assert_false(record.bad);
			assert_ptr_equal(record.at, record.end);
		}
	}
	buf_finish(&buf);
}

static void test_near_numbers_take_one_byte_either_way(void **state)
{
	struct buf buf = {0};

	(void)state;
	record_write_delta(&buf, 1000, 1000);
	record_write_delta(&buf, 1063, 1000);
	record_write_delta(&buf, 936, 1000);
	assert_int_equal(buf.len, 3);
	buf_finish(&buf);
}

static void test_no_text_an_empty_text_and_a_text_are_told_apart(void **state)
{
	struct buf buf = {0};
	struct record record;

	(void)state;
	record_write_start(&buf);
	record_write_text(&buf, NULL);
	record_write_text(&buf, "");
	record_write_text(&buf, "abc");
	record = reader(&buf);
	assert_null(record_read_text(&record));
	assert_string_equal(record_read_text(&record), "");
	assert_string_equal(record_read_text(&record), "abc");
	assert_false(record.bad);
	assert_null(record_read_text(&record));
	assert_true(record.bad);
	buf_finish(&buf);
}

#define ASSERT_BAD(read, ...)                                                                      \
	do {                                                                                       \
		const unsigned char bytes[] = {__VA_ARGS__};                                       \
		struct record record = record_read_start((struct bytes){bytes, sizeof bytes});     \
		read(&record);                                                                     \
		assert_true(record.bad);                                                           \
	} while (0)

static void test_what_is_damaged_is_bad_and_nothing_worse(void **state)
{
	(void)state;
	ASSERT_BAD(record_read_byte, 2, 5); /* another version */
	ASSERT_BAD(record_read_byte, 1);    /* nothing there */
	ASSERT_BAD(record_read_u64, 1, 0, 0, 0, 0, 0, 0, 0);
	ASSERT_BAD(record_read_varint, 1, 0x80, 0x80); /* cut */
	ASSERT_BAD(record_read_varint, 1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
		0x80, 0);                              /* eleven bytes */
	ASSERT_BAD(record_read_text, 1, 5, 'a', 0);    /* longer than what is there */
	ASSERT_BAD(record_read_text, 1, 2, 'a', 'b');  /* no end */
	ASSERT_BAD(record_read_text, 1, 3, 0, 'b', 0); /* an end in the middle */
	ASSERT_BAD(record_read_text, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1);
}

static void test_the_texts_of_a_list_cannot_outnumber_its_bytes(void **state)
{
	const unsigned char bytes[] = {1, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0, 0};
	struct record record = record_read_start((struct bytes){bytes, sizeof bytes});
	struct arena *arena = arena_create();

	(void)state;
	assert_int_equal(record_read_texts(&record, arena).n, 0);
	assert_true(record.bad);
	assert_true(arena_bytes(arena) < 1024 * 1024);
	arena_destroy(arena);
}

static void test_a_list_of_texts_has_no_holes(void **state)
{
	const unsigned char bytes[] = {1, 2, 2, 'a', 0, 0};
	struct record record = record_read_start((struct bytes){bytes, sizeof bytes});
	struct arena *arena = arena_create();

	(void)state;
	assert_int_equal(record_read_texts(&record, arena).n, 0);
	assert_true(record.bad);
	arena_destroy(arena);
}

/* ---- fields ---- */

static void test_fields_of_a_newer_peppy_are_passed_over_and_kept(void **state)
{
	struct pubsub_subscribe_options options = pubsub_subscribe_options_default;
	const char unknown[] = {0x7e, 3, 'n', 'e', 'w'};
	struct arena *arena = arena_create();
	struct buf old = {0}, new = {0};
	struct record record;
	struct bytes rest;

	(void)state;
	options.digest = true;
	record_write_start(&old);
	buf_append(&old, unknown, sizeof unknown);
	fields_write(
		&old, &pubsub_subscribe_options_type, &options, &pubsub_subscribe_options_default);
	record = reader(&old);
	options = pubsub_subscribe_options_default;
	fields_read(&record, &pubsub_subscribe_options_type, arena, &options);
	assert_false(record.bad);
	assert_true(options.digest);

	record_write_start(&new);
	record = reader(&old);
	rest = record_read_rest(&record);
	fields_write_unknown(&new, &pubsub_subscribe_options_type, rest);
	assert_int_equal(new.len, 1 + sizeof unknown);
	assert_memory_equal(new.data + 1, unknown, sizeof unknown);
	buf_finish(&old);
	buf_finish(&new);
	arena_destroy(arena);
}

static void test_fields_that_are_as_they_always_are_take_no_room(void **state)
{
	struct buf buf = {0};

	(void)state;
	fields_write(&buf, &pubsub_subscribe_options_type, &pubsub_subscribe_options_default,
		&pubsub_subscribe_options_default);
	assert_int_equal(buf.len, 0);
	buf_finish(&buf);
}

static void test_a_word_that_is_not_known_leaves_the_default(void **state)
{
	const struct pubsub_field *field =
		pubsub_field_find(&pubsub_node_config_type, "pubsub#access_model");
	const unsigned char bytes[] = {1, (unsigned char)field->tag, 1, 99};
	struct record record = record_read_start((struct bytes){bytes, sizeof bytes});
	struct pubsub_node_config config = pubsub_node_config_default;
	struct arena *arena = arena_create();

	(void)state;
	config.access_model = PUBSUB_ACCESS_WHITELIST;
	fields_read(&record, &pubsub_node_config_type, arena, &config);
	assert_false(record.bad);
	assert_int_equal(config.access_model, PUBSUB_ACCESS_WHITELIST);
	arena_destroy(arena);
}

static void test_a_record_cut_anywhere_is_bad_or_ends_between_fields(void **state)
{
	struct pubsub_node_config config = pubsub_node_config_default, found;
	struct arena *arena = arena_create();
	struct buf buf = {0};
	struct record record;
	unsigned char *exact;
	size_t len;

	(void)state;
	config.title = "A title";
	config.description = "A description";
	fields_write(&buf, &pubsub_node_config_type, &config, NULL);
	for (len = 0; len <= buf.len; len++) {
		exact = malloc(len > 0 ? len : 1); /* a step over the end is seen by sanitizers */
		assert_non_null(exact);
		memcpy(exact, buf.data, len);
		record = (struct record){exact, exact + len, false};
		found = pubsub_node_config_default;
		fields_read(&record, &pubsub_node_config_type, arena, &found);
		assert_true(record.bad || record.at == record.end);
		free(exact);
	}
	assert_false(record.bad);
	buf_finish(&buf);
	arena_destroy(arena);
}

/* ---- keys ---- */

static void test_parts_come_out_of_a_key_as_they_went_in(void **state)
{
	struct key key;
	struct bytes rest;
	struct key_part part;
	unsigned tag;
	uint32_t number;
	uint64_t large;

	(void)state;
	key_init(&key);
	key_add_u8(&key, 0x30);
	key_add_part(&key, "abc");
	key_add_u32(&key, 0x01020304);
	key_add_part(&key, "");
	key_add_u64(&key, UINT64_MAX - 1);
	rest = key_bytes(&key);
	assert_true(key_take_u8(&rest, &tag));
	assert_int_equal(tag, 0x30);
	assert_true(key_take_part(&rest, &part));
	assert_int_equal(part.text.len, 3);
	assert_int_equal(part.raw.len, 4);
	assert_memory_equal(part.text.data, "abc", 3);
	assert_true(key_take_u32(&rest, &number));
	assert_int_equal(number, 0x01020304);
	assert_true(key_take_part(&rest, &part));
	assert_int_equal(part.text.len, 0);
	assert_non_null(part.text.data);
	assert_true(key_take_u64(&rest, &large));
	assert_true(large == UINT64_MAX - 1);
	assert_int_equal(rest.len, 0);
	assert_false(key_take_u8(&rest, &tag));
	assert_false(key_take_part(&rest, &part));
}

static void test_a_part_longer_than_any_that_is_written_is_none(void **state)
{
	char bytes[152];
	struct key_part part;
	struct bytes rest = {(unsigned char *)bytes, 151};

	(void)state;
	memset(bytes, 'x', sizeof bytes);
	bytes[150] = '\0';
	assert_true(key_is_parts(rest, 1));
	assert_false(key_is_parts(rest, 2));
	bytes[150] = 'x';
	bytes[151] = '\0';
	rest = (struct bytes){(unsigned char *)bytes, 152};
	assert_false(key_is_parts(rest, 1));
	assert_false(key_take_part(&rest, &part));
}

static void test_a_cut_part_is_151_bytes_and_no_longer_whatever_it_cuts(void **state)
{
	char text[5000];
	struct key key;
	struct key_part part;
	struct bytes rest;

	(void)state;
	memset(text, 'x', sizeof text);
	text[sizeof text - 1] = '\0';
	key_init(&key);
	key_add_part(&key, text);
	assert_int_equal(key.len, 151);
	text[151] = '\0';
	key_init(&key);
	key_add_part(&key, text);
	assert_int_equal(key.len, 151);
	rest = key_bytes(&key);
	assert_true(key_take_part(&rest, &part));
	assert_null(part.text.data);
	assert_int_equal(part.raw.len, 151);
	rest = (struct bytes){key.data, 150}; /* a byte of the hash is missing */
	assert_false(key_take_part(&rest, &part));
	text[150] = '\0';
	key_init(&key);
	key_add_part(&key, text);
	assert_int_equal(key.len, 151);
	assert_int_equal(key.data[150], 0);
}

static void test_the_end_of_a_prefix_carries(void **state)
{
	struct key key;

	(void)state;
	key_init(&key);
	key_add_u32(&key, 0x01ffffff);
	key_step_over_prefix(&key);
	assert_int_equal(key.len, 1);
	assert_int_equal(key.data[0], 2);
	key_init(&key);
	key_add_u64(&key, UINT64_MAX);
	key_step_over_prefix(&key);
	assert_int_equal(key.len, ENGINE_KEY_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_survive_whatever_their_size),
		cmocka_unit_test(test_near_numbers_take_one_byte_either_way),
		cmocka_unit_test(test_no_text_an_empty_text_and_a_text_are_told_apart),
		cmocka_unit_test(test_what_is_damaged_is_bad_and_nothing_worse),
		cmocka_unit_test(test_the_texts_of_a_list_cannot_outnumber_its_bytes),
		cmocka_unit_test(test_a_list_of_texts_has_no_holes),
		cmocka_unit_test(test_fields_of_a_newer_peppy_are_passed_over_and_kept),
		cmocka_unit_test(test_fields_that_are_as_they_always_are_take_no_room),
		cmocka_unit_test(test_a_word_that_is_not_known_leaves_the_default),
		cmocka_unit_test(test_a_record_cut_anywhere_is_bad_or_ends_between_fields),
		cmocka_unit_test(test_parts_come_out_of_a_key_as_they_went_in),
		cmocka_unit_test(test_a_part_longer_than_any_that_is_written_is_none),
		cmocka_unit_test(test_a_cut_part_is_151_bytes_and_no_longer_whatever_it_cuts),
		cmocka_unit_test(test_the_end_of_a_prefix_carries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
