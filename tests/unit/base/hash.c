/* Digests, base64 and random bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "peppy/array.h"
#include "peppy/hash.h"

static const struct {
	const char *name;
	const char *digest_of_abc;
} digests[] = {
	/* clang-format off */
	{"md5",         "900150983cd24fb0d6963f7d28e17f72"},
	{"sha-1",       "a9993e364706816aba3e25717850c26c9cd0d89d"},
	{"sha-224",     "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"},
	{"sha-256",     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	{"sha-384",     "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
	                "8086072ba1e7cc2358baeca134c825a7"},
	{"sha-512",     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	                "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
	{"sha3-224",    "e642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad73b46fdf"},
	{"sha3-256",    "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"},
	{"sha3-384",    "ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b2"
	                "98d88cea927ac7f539f1edf228376d25"},
	{"sha3-512",    "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e"
	                "10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0"},
	{"blake2b-512", "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
	                "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923"},
	/* clang-format on */
};

static void test_digests_are_those_of_the_standards(void **state)
{
	unsigned char digest[HASH_MAX_SIZE];
	char text[2 * HASH_MAX_SIZE + 1];
	size_t i, size;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(digests); i++) {
		size = hash_digest(digests[i].name, "abc", 3, digest);
		hash_hex(digest, size, text);
		assert_string_equal(text, digests[i].digest_of_abc);
	}
}

static void test_unknown_digests_have_no_size(void **state)
{
	static const char *const names[] = {"", "sha", "sha256", "SHA-256", "null", "md5-sha1",
		"2.16.840.1.101.3.4.2.1", "sha-256 "};
	unsigned char digest[HASH_MAX_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(names); i++)
		assert_int_equal(hash_digest(names[i], "abc", 3, digest), 0);
}

static void test_sha256_takes_an_empty_text(void **state)
{
	unsigned char digest[HASH_SHA256_SIZE];
	char text[2 * HASH_SHA256_SIZE + 1];

	(void)state;
	hash_sha256("", 0, digest);
	hash_hex(digest, sizeof digest, text);
	assert_string_equal(
		text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void test_base64_is_that_of_rfc_4648_section_10(void **state)
{
	static const char *const rows[][2] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="},
		{"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="},
		{"foobar", "Zm9vYmFy"}};
	struct arena *arena = arena_create();
	unsigned char *bytes;
	size_t i, len;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(rows); i++) {
		assert_string_equal(
			hash_base64_encode(arena, rows[i][0], strlen(rows[i][0])), rows[i][1]);
		bytes = hash_base64_decode(arena, rows[i][1], &len);
		assert_non_null(bytes);
		assert_int_equal(len, strlen(rows[i][0]));
		assert_memory_equal(bytes, rows[i][0], len);
	}
	arena_destroy(arena);
}

static void test_base64_of_any_bytes_decodes_to_them(void **state)
{
	struct arena *arena = arena_create();
	unsigned char bytes[256], *decoded;
	size_t len, decoded_len;

	(void)state;
	hash_random(bytes, sizeof bytes);
	for (len = 0; len <= sizeof bytes; len++) {
		decoded = hash_base64_decode(
			arena, hash_base64_encode(arena, bytes, len), &decoded_len);
		assert_non_null(decoded);
		assert_int_equal(decoded_len, len);
		assert_memory_equal(decoded, bytes, len);
	}
	arena_destroy(arena);
}

static void test_base64_may_be_broken_into_lines(void **state)
{
	struct arena *arena = arena_create();
	unsigned char *bytes;
	size_t len;

	(void)state;
	bytes = hash_base64_decode(arena, " Zm9v\r\n\tYm F y= ", &len);
	assert_null(bytes); /* seven digits and one '=': no whole number of bytes */
	bytes = hash_base64_decode(arena, " Zm9v\r\n\tYm E = ", &len);
	assert_non_null(bytes);
	assert_int_equal(len, 5);
	assert_memory_equal(bytes, "fooba", 5);
	arena_destroy(arena);
}

static void test_what_is_not_base64_is_refused(void **state)
{
	static const char *const texts[] = {"Z", "Zg", "Zg=", "Zg===", "Z===", "====", "=",
		"Zg==Zg==", "Z=g=", "Zm9v=", "Zm9v====", "Zm9-", "Zm9_", "Zm9v\x01",
		"\xc3\xa4==", "Zm9v!"};
	struct arena *arena = arena_create();
	size_t i, len;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(texts); i++)
		assert_null(hash_base64_decode(arena, texts[i], &len));
	arena_destroy(arena);
}

static void test_random_bytes_differ_each_time(void **state)
{
	unsigned char a[16], b[16];

	(void)state;
	hash_random(a, sizeof a);
	hash_random(b, sizeof b);
	assert_memory_not_equal(a, b, sizeof a);
}

static void test_hex_digits_are_lower_case(void **state)
{
	char text[7];

	(void)state;
	hash_hex("\x00\xaf\xff", 3, text);
	assert_string_equal(text, "00afff");
	hash_hex("", 0, text);
	assert_string_equal(text, "");
}

static void test_equality_sees_every_byte(void **state)
{
	unsigned char a[32] = {0}, b[32] = {0};
	size_t i;

	(void)state;
	assert_true(hash_equal(a, b, sizeof a));
	for (i = 0; i < sizeof b; i++) {
		b[i] = 0x80;
		assert_false(hash_equal(a, b, sizeof a));
		b[i] = 0;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_digests_are_those_of_the_standards),
		cmocka_unit_test(test_unknown_digests_have_no_size),
		cmocka_unit_test(test_sha256_takes_an_empty_text),
		cmocka_unit_test(test_base64_is_that_of_rfc_4648_section_10),
		cmocka_unit_test(test_base64_of_any_bytes_decodes_to_them),
		cmocka_unit_test(test_base64_may_be_broken_into_lines),
		cmocka_unit_test(test_what_is_not_base64_is_refused),
		cmocka_unit_test(test_random_bytes_differ_each_time),
		cmocka_unit_test(test_hex_digits_are_lower_case),
		cmocka_unit_test(test_equality_sees_every_byte),
	};

	return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}
