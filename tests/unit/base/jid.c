/* JIDs: their parts, their preparation (RFC 6122) and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <stringprep.h>

#include "peppy/array.h"
#include "peppy/jid.h"

static int set_up(void **state)
{
	*state = arena_create();
	return 0;
}

static int tear_down(void **state)
{
	arena_destroy(*state);
	return 0;
}

static void assert_text(const char *text, const char *expected)
{
	if (expected == NULL)
		assert_null(text);
	else
		assert_string_equal(text, expected);
}

/* full: what text is prepared to; NULL: it is refused. */
static void assert_prepares(struct arena *arena, const char *text, const char *full)
{
	struct jid jid = {0};

	if (jid_parse(text, arena, &jid) != (full != NULL))
		fail_msg("'%s' should have been %s", text, full != NULL ? "taken" : "refused");
	assert_text(jid.full, full); /* untouched if refused */
}

static void test_a_jid_has_up_to_three_parts(void **state)
{
	/* clang-format off */
	static const struct { const char *full, *bare, *local, *domain, *resource; } rows[] = {
		{"a@b.c/d", "a@b.c", "a", "b.c", "d"},
		{"a@b.c", "a@b.c", "a", "b.c", NULL},
		{"b.c/d", "b.c", NULL, "b.c", "d"},
		{"b.c", "b.c", NULL, "b.c", NULL},
		{"a@b.c/d@e", "a@b.c", "a", "b.c", "d@e"},
		{"a@b.c/d/e", "a@b.c", "a", "b.c", "d/e"},
		{"b.c/d@e/f", "b.c", NULL, "b.c", "d@e/f"},
		{"a@b.c/ ", "a@b.c", "a", "b.c", " "},
		{"a@b.c//", "a@b.c", "a", "b.c", "/"},
	};
	/* clang-format on */
	struct jid parsed, taken;
	size_t i;

	for (i = 0; i < ARRAY_COUNT(rows); i++) {
		assert_true(jid_parse(rows[i].full, *state, &parsed));
		jid_take(rows[i].full, *state, &taken);
		assert_true(jid_equal(parsed, taken));
		assert_text(parsed.full, rows[i].full);
		assert_text(parsed.bare, rows[i].bare);
		assert_text(parsed.local, rows[i].local);
		assert_text(parsed.domain, rows[i].domain);
		assert_text(parsed.resource, rows[i].resource);
		assert_text(taken.bare, rows[i].bare);
		assert_text(taken.local, rows[i].local);
		assert_text(taken.domain, rows[i].domain);
		assert_text(taken.resource, rows[i].resource);
	}
}

static struct jid_part part_of(const char *text)
{
	return (struct jid_part){text, text != NULL ? strlen(text) : 0};
}

static void test_a_joined_jid_is_the_one_that_was_taken_apart(void **state)
{
	static const char *const texts[] = {"b", "a@b", "b/c", "a@b/c", "b/@", "a@b/c/d@e"};
	struct jid taken, joined;
	size_t i;

	for (i = 0; i < ARRAY_COUNT(texts); i++) {
		jid_take(texts[i], *state, &taken);
		joined = jid_join(part_of(taken.bare), part_of(taken.resource), *state);
		assert_text(joined.full, taken.full);
		assert_text(joined.bare, taken.bare);
		assert_text(joined.local, taken.local);
		assert_text(joined.domain, taken.domain);
		assert_text(joined.resource, taken.resource);
	}
}

static void test_empty_parts_are_refused(void **state)
{
	static const char *const texts[] = {
		"", "@", "/", "@/", "a@", "@b", "b/", "a@b/", "a@/c", "@b/c", "/c"};
	size_t i;

	for (i = 0; i < ARRAY_COUNT(texts); i++)
		assert_prepares(*state, texts[i], NULL);
}

static void test_parts_that_prepare_to_nothing_are_refused(void **state)
{
	assert_prepares(*state, "\xc2\xad@b", NULL); /* a soft hyphen maps to nothing */
	assert_prepares(*state, "a@\xc2\xad", NULL);
	assert_prepares(*state, "a@b/\xc2\xad", NULL);
	assert_prepares(*state,
		"h\xc2\xad"
		"amlet@b",
		"hamlet@b");
}

static void test_case_is_folded_except_in_resources(void **state)
{
	assert_prepares(*state, "Hamlet@Denmark.LIT/Elsinore", "hamlet@denmark.lit/Elsinore");
	assert_prepares(*state, "H\xc3\x84mlet@D\xc3\x84nemark.lit/\xc3\x84",
		"h\xc3\xa4mlet@d\xc3\xa4nemark.lit/\xc3\x84");
	assert_prepares(*state,
		"stra\xc3\x9f"
		"e@b",
		"strasse@b");
}

static void test_other_forms_of_a_character_become_one(void **state)
{
	assert_prepares(*state, "a\xcc\x88@b", "\xc3\xa4@b"); /* a and diaeresis */
	assert_prepares(*state, "\xef\xbd\x81@b", "a@b");     /* full-width a */
	assert_prepares(*state,
		"a@\xef\xbc\xa2\xef\xbc\x8e"
		"c",
		"a@b.c"); /* full-width B . */
	assert_prepares(*state, "a@b/a\xcc\x88", "a@b/\xc3\xa4");
}

static void test_separators_in_disguise_are_refused(void **state)
{
	assert_prepares(*state,
		"a\xef\xbc\xa0"
		"c@b",
		NULL); /* full-width @ in a local part */
	assert_prepares(*state,
		"a@b\xef\xbc\xa0"
		"c",
		NULL); /* and in a domain */
	assert_prepares(*state,
		"a@b\xef\xbc\x8f"
		"c",
		NULL); /* full-width slash */
	assert_prepares(*state,
		"a@b\xef\xbc\x9a"
		"1",
		NULL); /* full-width colon */
}

static void test_a_local_part_has_no_forbidden_characters(void **state)
{
	const char *forbidden = " \"&'/:<>@\x01\x1f\x7f\n";
	char text[] = "a?c@b";

	for (; *forbidden != '\0'; forbidden++) {
		text[1] = *forbidden;
		if (*forbidden != '/' && *forbidden != '@') /* those split it */
			assert_prepares(*state, text, NULL);
	}
	assert_prepares(*state, "a\\20c@b", "a\\20c@b"); /* XEP-0106 */
}

static void test_a_domain_is_labels_with_something_in_them(void **state)
{
	assert_prepares(*state, "a@b.c.", "a@b.c");
	assert_prepares(*state, "b.", "b");
	assert_prepares(*state, "_xmpp.b-c.d1", "_xmpp.b-c.d1");
	assert_prepares(*state, "xn--dnemark-5wa.lit", "xn--dnemark-5wa.lit");
	assert_prepares(*state, "192.0.2.1", "192.0.2.1");
	assert_prepares(*state, "d\xc3\xa4nemark.lit", "d\xc3\xa4nemark.lit");
	assert_prepares(*state, ".", NULL);
	assert_prepares(*state, "b..", NULL);
	assert_prepares(*state, ".b", NULL);
	assert_prepares(*state, "b..c", NULL);
	assert_prepares(*state, "a@b@c", NULL);
	assert_prepares(*state, "a@b c", NULL);
	assert_prepares(*state, "a@b:5222", NULL);
	assert_prepares(*state, "a@b\n", NULL);
}

static void test_a_domain_may_be_an_ipv6_address_in_brackets(void **state)
{
	assert_prepares(*state, "a@[2001:DB8::1]/r", "a@[2001:db8::1]/r");
	assert_prepares(*state, "[::ffff:192.0.2.1]", "[::ffff:192.0.2.1]");
	assert_prepares(*state, "[::1].", "[::1]");
	assert_prepares(*state, "[]", NULL);
	assert_prepares(*state, "[", NULL);
	assert_prepares(*state, "[::1", NULL);
	assert_prepares(*state, "::1", NULL);
	assert_prepares(*state, "[::1]]", NULL);
	assert_prepares(*state, "[192.0.2.1]", NULL);
	assert_prepares(*state, "[fe80::1%eth0]", NULL);
	assert_prepares(*state, "[0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0]", NULL);
}

static void test_resources_hold_emoji_and_spaces(void **state)
{
	assert_prepares(*state, "a@b/my \xf0\x9f\x98\x80 \"phone\"<>&'@:",
		"a@b/my \xf0\x9f\x98\x80 \"phone\"<>&'@:");
	assert_prepares(*state, "a@b/tab\t", NULL);
	assert_prepares(*state, "a@b/\xc2\x85", NULL); /* a control character beyond ASCII */
}

static void test_right_to_left_parts_do_not_mix(void **state)
{
	assert_prepares(*state, "\xd7\x90\xd7\x91@b", "\xd7\x90\xd7\x91@b");
	assert_prepares(*state,
		"\xd7\x90"
		"a@b",
		NULL);
	assert_prepares(*state,
		"\xd7\x90"
		"1@b",
		NULL);
}

static void test_what_is_not_utf8_is_refused(void **state)
{
	assert_prepares(*state, "\xff@b", NULL);
	assert_prepares(*state, "a@\xc3", NULL);
	assert_prepares(*state, "a@b/\xc0\x80", NULL);
	assert_prepares(*state, "a@b/\xed\xa0\x80", NULL);     /* a surrogate */
	assert_prepares(*state, "a@b/\xf4\x90\x80\x80", NULL); /* beyond U+10FFFF */
}

static void test_what_never_comes_to_rest_is_refused(void **state)
{
	/* U+0CCA U+0317 U+0CD5 U+05B8: the first NFKC leaves an order that the second changes. */
	assert_prepares(*state, "\xe0\xb3\x8a\xcc\x97\xe0\xb3\x95\xd6\xb8@b", NULL);
}

/* before + n times unit + after */
static char *repeat(
	struct arena *arena, const char *before, const char *unit, size_t n, const char *after)
{
	size_t len = strlen(before), unit_len = strlen(unit), i;
	char *text = arena_alloc(arena, len + n * unit_len + strlen(after) + 1);

	memcpy(text, before, len);
	for (i = 0; i < n; i++)
		memcpy(text + len + i * unit_len, unit, unit_len);
	strcpy(text + len + n * unit_len, after);
	return text;
}

static void test_a_part_has_up_to_1023_bytes(void **state)
{
	static const char *const around[][2] = {{"", "@b"}, {"a@", ""}, {"a@b/", ""}};
	const char *text;
	size_t i;

	for (i = 0; i < 3; i++) {
		text = repeat(*state, around[i][0], "x", JID_PART_MAX, around[i][1]);
		assert_prepares(*state, text, text);
		text = repeat(*state, around[i][0], "x", JID_PART_MAX + 1, around[i][1]);
		assert_prepares(*state, text, NULL);
	}
}

static void test_the_bytes_are_counted_when_they_are_prepared(void **state)
{
	struct arena *arena = *state;

	/* two bytes that become three ("ss" and the rest of 1023), and three that become 33 */
	assert_prepares(arena, repeat(arena, "\xc3\x9f", "x", 1021, "@b"),
		repeat(arena, "ss", "x", 1021, "@b"));
	assert_prepares(arena, repeat(arena, "a@b/", "\xef\xb7\xba", 341, ""), NULL);
	/* a full-width x is three bytes and becomes one */
	assert_prepares(arena, repeat(arena, "", "\xef\xbd\x98", JID_PART_MAX, "@b"),
		repeat(arena, "", "x", JID_PART_MAX, "@b"));
	assert_prepares(arena, repeat(arena, "", "\xef\xbd\x98", JID_PART_MAX + 1, "@b"), NULL);
	/* and what is longer than any buffer */
	assert_prepares(arena, repeat(arena, "a@b/", "\xc2\xad", 1000 * 1000, "x"), NULL);
	assert_prepares(arena, repeat(arena, "a@b/", "x", 1000 * 1000, ""), NULL);
}

static void test_taking_never_prepares_and_never_fails(void **state)
{
	static const char *const texts[] = {"Hamlet@Denmark.LIT./Elsinore", "@", "/", "a@", "@b/",
		"\xff", "a b@c d", "a@b@c/d"};
	struct jid jid;
	size_t i;

	for (i = 0; i < ARRAY_COUNT(texts); i++) {
		jid_take(texts[i], *state, &jid);
		assert_string_equal(jid.full, texts[i]);
		assert_non_null(jid.domain);
	}
	assert_string_equal(jid.local, "a");
	assert_string_equal(jid.domain, "b@c");
	assert_string_equal(jid.bare, "a@b@c");
}

static void test_the_bare_jid_is_equal_to_that_without_resource(void **state)
{
	struct jid full, bare;

	assert_true(jid_parse("a@b/c", *state, &full));
	assert_true(jid_parse("a@b", *state, &bare));
	assert_true(jid_equal_bare(full, bare));
	assert_false(jid_equal(full, bare));
	assert_true(jid_equal(jid_bare(full), bare));
	assert_null(jid_bare(full).resource);
	assert_string_equal(jid_bare(full).local, "a");
}

static void test_what_was_received_is_prepared_or_else_taken_as_it_is(void **state)
{
	assert_string_equal(jid_received("A@B/R", *state).full, "a@b/R");
	assert_string_equal(jid_received("A b@C/R", *state).full, "A b@C/R");
	assert_string_equal(jid_received("A b@C/R", *state).bare, "A b@C");
}

static void test_the_domain_stands_behind_the_at_sign_or_alone(void **state)
{
	(void)state;
	assert_string_equal(jid_domain("a@b.c"), "b.c");
	assert_string_equal(jid_domain("b.c"), "b.c");
}

static void test_no_jid_equals_only_no_jid(void **state)
{
	struct jid none = {0}, jid;

	assert_true(jid_parse("a@b", *state, &jid));
	assert_true(jid_equal(none, none));
	assert_false(jid_equal(none, jid));
	assert_false(jid_equal(jid, none));
	assert_false(jid_equal_bare(jid, none));
	assert_null(jid_copy(none, *state).full);
	assert_null(jid_bare(none).full);
}

static void test_a_copy_outlives_its_original(void **state)
{
	struct arena *other = arena_create();
	struct jid jid, copy;

	(void)state;
	assert_true(jid_parse("a@b/c", other, &jid));
	copy = jid_copy(jid, *state);
	arena_destroy(other);
	assert_string_equal(copy.full, "a@b/c");
	assert_string_equal(copy.bare, "a@b");
	assert_string_equal(copy.local, "a");
	assert_string_equal(copy.domain, "b");
	assert_string_equal(copy.resource, "c");
}

/* ---- ASCII is prepared without libidn: is the outcome the same? ---- */

static const struct {
	const Stringprep_profile *tables;
	const char *before; /* what makes text that part of a JID */
	const char *after;
	const char *split;    /* characters that would end the part */
	const char *stricter; /* what only domains forbid, beyond their profile */
} parts[] = {
	{stringprep_xmpp_nodeprep, "", "@b", "/@", ""},
	{stringprep_nameprep, "a@", "", "/.", " !\"#$%&'()*+,/:;<=>?@[\\]^`{|}~"},
	{stringprep_xmpp_resourceprep, "a@b/", "", "", ""},
};

static void assert_same_as_libidn(struct arena *arena, size_t part, const char *text)
{
	char prepared[64];
	const char *full = NULL;
	bool control = false;
	size_t i;

	for (i = 0; text[i] != '\0'; i++)
		control = control || text[i] < 0x20 || text[i] == 0x7f;
	strcpy(prepared, text);
	if (stringprep(prepared, sizeof prepared, 0, parts[part].tables) == STRINGPREP_OK &&
		strpbrk(prepared, parts[part].stricter) == NULL &&
		!(control && parts[part].stricter[0] != '\0'))
		full = arena_printf(
			arena, "%s%s%s", parts[part].before, prepared, parts[part].after);
	assert_prepares(arena,
		arena_printf(arena, "%s%s%s", parts[part].before, text, parts[part].after), full);
}

static void test_each_pair_of_ascii_characters_is_prepared_as_by_libidn(void **state)
{
	size_t part;
	int a, b;

	for (part = 0; part < 3; part++)
		for (a = 1; a < 128; a++)
			for (b = 0; b < 128; b++) {
				char text[] = {(char)a, (char)b, '\0'};

				if (strpbrk(text, parts[part].split) == NULL)
					assert_same_as_libidn(*state, part, text);
				arena_reset(*state);
			}
}

static void test_random_ascii_texts_are_prepared_as_by_libidn(void **state)
{
	unsigned seed = 1;
	size_t part, i;
	int n;

	for (part = 0; part < 3; part++)
		for (n = 0; n < 20000; n++) {
			char text[41] = {0};
			size_t len = 1 + (size_t)rand_r(&seed) % 40;
			/* few texts of any characters pass: half of them are letters only */
			int from = n % 2 ? 'A' : 1, to = n % 2 ? 'z' : 127;

			for (i = 0; i < len; i++)
				text[i] = (char)(from + rand_r(&seed) % (to - from + 1));
			if (strpbrk(text, parts[part].split) == NULL)
				assert_same_as_libidn(*state, part, text);
			arena_reset(*state);
		}
}

static void test_each_character_prepares_to_what_stays_as_it_is(void **state)
{
	struct jid once, twice;
	uint32_t point;
	size_t part;
	char *utf8;

	for (part = 0; part < 3; part++)
		for (point = 0x80; point < 0x30000; point++) {
			utf8 = stringprep_ucs4_to_utf8(&point, 1, NULL, NULL);
			if (utf8 != NULL &&
				jid_parse(arena_printf(*state, "%s%s%s", parts[part].before, utf8,
						  parts[part].after),
					*state, &once)) {
				assert_true(jid_parse(once.full, *state, &twice));
				assert_string_equal(once.full, twice.full);
			}
			free(utf8);
			arena_reset(*state);
		}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_jid_has_up_to_three_parts),
		TEST(test_a_joined_jid_is_the_one_that_was_taken_apart),
		TEST(test_empty_parts_are_refused),
		TEST(test_parts_that_prepare_to_nothing_are_refused),
		TEST(test_case_is_folded_except_in_resources),
		TEST(test_other_forms_of_a_character_become_one),
		TEST(test_separators_in_disguise_are_refused),
		TEST(test_a_local_part_has_no_forbidden_characters),
		TEST(test_a_domain_is_labels_with_something_in_them),
		TEST(test_a_domain_may_be_an_ipv6_address_in_brackets),
		TEST(test_resources_hold_emoji_and_spaces),
		TEST(test_right_to_left_parts_do_not_mix),
		TEST(test_what_is_not_utf8_is_refused),
		TEST(test_what_never_comes_to_rest_is_refused),
		TEST(test_a_part_has_up_to_1023_bytes),
		TEST(test_the_bytes_are_counted_when_they_are_prepared),
		TEST(test_taking_never_prepares_and_never_fails),
		TEST(test_the_bare_jid_is_equal_to_that_without_resource),
		TEST(test_what_was_received_is_prepared_or_else_taken_as_it_is),
		TEST(test_the_domain_stands_behind_the_at_sign_or_alone),
		TEST(test_no_jid_equals_only_no_jid),
		TEST(test_a_copy_outlives_its_original),
		TEST(test_each_pair_of_ascii_characters_is_prepared_as_by_libidn),
		TEST(test_random_ascii_texts_are_prepared_as_by_libidn),
		TEST(test_each_character_prepares_to_what_stays_as_it_is),
	};

	return cmocka_run_group_tests_name("jid", tests, NULL, NULL);
}
