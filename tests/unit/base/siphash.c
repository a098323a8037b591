/* SipHash-2-4, held against OpenSSL's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/evp.h>

#include "base/siphash.h"

static uint64_t openssl_siphash(
	const unsigned char key[SIPHASH_KEY_SIZE], const unsigned char *data, size_t len)
{
	unsigned char mac[8];
	unsigned size = sizeof mac;
	OSSL_PARAM params[] = {OSSL_PARAM_uint("size", &size), OSSL_PARAM_END};
	uint64_t word = 0;
	size_t out_len, i;

	assert_non_null(EVP_Q_mac(NULL, "SIPHASH", NULL, NULL, params, key, SIPHASH_KEY_SIZE, data,
		len, mac, sizeof mac, &out_len));
	assert_int_equal(out_len, sizeof mac);
	for (i = 0; i < sizeof mac; i++)
		word |= (uint64_t)mac[i] << (8 * i);
	return word;
}

static void test_the_hash_is_openssls_for_every_length(void **state)
{
	unsigned char key[SIPHASH_KEY_SIZE], data[300];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof key; i++)
		key[i] = (unsigned char)i;
	for (i = 0; i < sizeof data; i++)
		data[i] = (unsigned char)(i * 7);
	for (i = 0; i <= sizeof data; i++)
		assert_int_equal(siphash(key, data, i), openssl_siphash(key, data, i));
}

static void test_the_hash_is_that_of_the_papers_appendix(void **state)
{
	unsigned char bytes[SIPHASH_KEY_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)i;
	assert_int_equal(siphash(bytes, bytes, 15), UINT64_C(0xa129ca6149be45e5));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_hash_is_openssls_for_every_length),
		cmocka_unit_test(test_the_hash_is_that_of_the_papers_appendix),
	};

	return cmocka_run_group_tests_name("siphash", tests, NULL, NULL);
}
