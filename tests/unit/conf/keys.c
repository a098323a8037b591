/* keys.c - the table of keys: its rows are sound, and each keeps its range. */
#include "file.h"

#include "conf/keys.h"
#include "peppy/arena.h"
#include "peppy/array.h"

static bool parses(const struct conf_key *key, const char *text)
{
	struct conf_component component = {0};
	struct conf conf = {0};
	struct arena *arena = arena_create();
	const char *why = NULL;
	const bool ok = value_parse(key, text, arena,
		key->section == SECTION_COMPONENT ? (void *)&component : (void *)&conf, &why);

	assert_true(ok == (why == NULL));
	arena_destroy(arena);
	return ok;
}

static void test_every_row_explains_itself_and_has_a_default_or_an_example(void **state)
{
	const struct conf_key *key;

	(void)state;
	for (key = conf_keys; key->name != NULL; key++) {
		const size_t len = strlen(key->help);

		assert_true(len > 10 && key->help[len - 1] == '.');
		assert_true((key->fallback == NULL) != (key->example == NULL));
		assert_true(parses(key, key->fallback != NULL ? key->fallback : key->example));
		assert_true((key->words != NULL) == (key->type == TYPE_WORD));
		assert_true(key->min <= key->max);
		assert_true(key == conf_keys || key[-1].section <= key->section);
		assert_ptr_equal(key_find(key->section, key->name), key);
	}
}

static void test_every_section_is_found_and_explained(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < SECTION_COUNT; i++) {
		assert_non_null(conf_sections[i].help);
		assert_int_equal(section_find(conf_sections[i].name), i);
	}
	assert_int_equal(section_find("Store"), -1);
	assert_null(key_find(SECTION_STORE, "port"));
}

static bool parses_number(const struct conf_key *key, uint64_t n)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)n);
	return parses(key, text);
}

static void test_every_number_keeps_its_range(void **state)
{
	const struct conf_key *key;

	(void)state;
	for (key = conf_keys; key->name != NULL; key++) {
		if (key->type != TYPE_NUMBER && key->type != TYPE_BYTES)
			continue;
		assert_true(parses_number(key, key->min));
		assert_true(parses_number(key, key->max));
		assert_false(parses_number(key, key->min - 1));
		assert_false(parses_number(key, key->max + 1));
	}
}

static void test_every_word_is_taken_and_no_other(void **state)
{
	const struct conf_key *key;
	int i;

	(void)state;
	for (key = conf_keys; key->name != NULL; key++) {
		if (key->type != TYPE_WORD)
			continue;
		for (i = 0; key->words[i] != NULL; i++)
			assert_true(parses(key, key->words[i]));
		assert_false(parses(key, ""));
		assert_false(parses(key, "OFF"));
	}
}

static void test_numbers_are_decimal_digits_only(void **state)
{
	static const char *const bad[] = {
		"", " 9", "9 ", "+9", "-9", "0x9", "9.0", "9K", "18446744073709551625", "007"};
	const struct conf_key *key = key_find(SECTION_LIMITS, "max-depth");
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(bad); i++)
		assert_false(parses(key, bad[i]));
	assert_true(parses(key, "010"));
}

static void test_sizes_have_suffixes_that_are_powers_of_1024(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} good[] = {
		{"1048576", 1 << 20},
		{"2048K", 2 << 20},
		{"2M", 2 << 20},
		{"2m", 2 << 20},
		{"3G", 3ULL << 30},
		{"4T", 4ULL << 40},
	};
	const struct conf_key *key = key_find(SECTION_STORE, "max-size");
	struct conf conf = {0};
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(good); i++) {
		assert_true(value_parse(key, good[i].text, NULL, &conf, &why));
		assert_int_equal(conf.store_max_bytes, good[i].bytes);
	}
}

static void test_what_is_not_a_size_is_refused(void **state)
{
	static const char *const bad[] = {"", "M", "2MB", "2 M", "2m2", "2.5M", "2P", "17000000T",
		"16777217T", "18446744073709551615T"};
	const struct conf_key *key = key_find(SECTION_STORE, "max-size");
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(bad); i++)
		assert_false(parses(key, bad[i]));
}

static void test_sizes_are_rendered_in_the_largest_whole_unit(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{0, "0"},
		{1023, "1023"},
		{1024, "1K"},
		{1025, "1025"},
		{480 << 10, "480K"},
		{1 << 20, "1M"},
		{64ULL << 30, "64G"},
		{64ULL << 40, "64T"},
		{1ULL << 60, "1048576T"},
	};
	struct buf out = {0};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(cases); i++) {
		value_render_bytes(cases[i].bytes, &out);
		assert_int_equal(out.len, strlen(cases[i].text));
		assert_memory_equal(out.data, cases[i].text, out.len);
		buf_truncate(&out, 0);
	}
	buf_finish(&out);
}

static void test_switches_know_six_words(void **state)
{
	static const char *const words[] = {"on", "true", "yes", "off", "false", "no"};
	const struct conf_key *key = key_find(SECTION_COMPONENT, "insecure");
	struct conf_component component = {0};
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < 6; i++) {
		component.insecure = i >= 3;
		assert_true(value_parse(key, words[i], NULL, &component, &why));
		assert_true(component.insecure == (i < 3));
	}
	assert_false(parses(key, "1"));
	assert_false(parses(key, "On"));
}

static void test_words_are_listed_when_none_fits(void **state)
{
	struct arena *arena = arena_create();
	struct conf_component component;
	const char *why;

	(void)state;
	assert_false(
		value_parse(key_find(SECTION_COMPONENT, "tls"), "maybe", arena, &component, &why));
	assert_string_equal(why, "must be off or required");
	assert_false(value_parse(
		key_find(SECTION_COMPONENT, "create-nodes"), "", arena, &component, &why));
	assert_string_equal(why, "must be anyone, local or admins");
	arena_destroy(arena);
}

static void test_lists_hold_jids_of_the_right_kind(void **state)
{
	const struct conf_key *admins = key_find(SECTION_COMPONENT, "admins");
	const struct conf_key *domains = key_find(SECTION_COMPONENT, "domains");

	(void)state;
	assert_true(parses(admins, "a@b.c"));
	assert_true(parses(admins, "bot.example.org"));
	assert_false(parses(admins, "a@b.c/d"));
	assert_false(parses(admins, "@b"));
	assert_false(parses(admins, ""));
	assert_true(parses(domains, "example.org"));
	assert_false(parses(domains, "a@example.org"));
	assert_false(parses(domains, "example.org/x"));
	assert_false(parses(domains, ""));
}

static void test_a_socket_fits_into_its_address(void **state)
{
	static const char format[] = COMPONENT STORE "control { socket = /%0*d }\n";
	struct file file;
	char text[512];

	(void)state;
	snprintf(text, sizeof(text), format, 106, 0);
	file = assert_accepted(text);
	file_finish(&file);
	snprintf(text, sizeof(text), format, 107, 0);
	assert_refused(text, ":3: control.socket: must be shorter than 108 bytes\n");
}

static void test_metrics_are_served_at_an_address_and_port(void **state)
{
	static const char *const wrong[] = {"127.0.0.1", "localhost:9547",
		"127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:x", ":9547", "::1:9547",
		"[::1]9547", "[127.0.0.1]:9547"};
	static const char format[] = COMPONENT STORE "control { metrics-listen = '%s' }\n";
	struct file file;
	char text[512];

	(void)state;
	snprintf(text, sizeof(text), format, "127.0.0.1:9547");
	file = assert_accepted(text);
	file_finish(&file);
	snprintf(text, sizeof(text), format, "[::1]:9547");
	file = assert_accepted(text);
	file_finish(&file);
	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
		snprintf(text, sizeof(text), format, wrong[i]);
		assert_refused(text, ":3: control.metrics-listen: must be ADDRESS:PORT, as in "
				     "127.0.0.1:9547\n");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_row_explains_itself_and_has_a_default_or_an_example),
		cmocka_unit_test(test_every_section_is_found_and_explained),
		cmocka_unit_test(test_every_number_keeps_its_range),
		cmocka_unit_test(test_every_word_is_taken_and_no_other),
		cmocka_unit_test(test_numbers_are_decimal_digits_only),
		cmocka_unit_test(test_sizes_have_suffixes_that_are_powers_of_1024),
		cmocka_unit_test(test_what_is_not_a_size_is_refused),
		cmocka_unit_test(test_sizes_are_rendered_in_the_largest_whole_unit),
		cmocka_unit_test(test_switches_know_six_words),
		cmocka_unit_test(test_words_are_listed_when_none_fits),
		cmocka_unit_test(test_lists_hold_jids_of_the_right_kind),
		cmocka_unit_test(test_a_socket_fits_into_its_address),
		cmocka_unit_test(test_metrics_are_served_at_an_address_and_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
