/* The link through TLS, with certificates made on the spot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rig.h"

static char ca_file[] = "/tmp/peppy-wire-tls-XXXXXX";
static char own_file[] = "/tmp/peppy-wire-tls-XXXXXX"; /* certificate and key */
static EVP_PKEY *key;
static X509 *certificate;

static X509 *make_certificate(const char *names)
{
	X509 *cert = X509_new();
	X509_NAME *name = X509_get_subject_name(cert);
	X509_EXTENSION *extension;

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	X509_set_pubkey(cert, key);
	X509_NAME_add_entry_by_txt(
		name, "CN", MBSTRING_ASC, (const unsigned char *)"peppy test", -1, -1, 0);
	X509_set_issuer_name(cert, name);
	extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);
	X509_add_ext(cert, extension, -1);
	X509_EXTENSION_free(extension);
	assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
	return cert;
}

static int make_identity(void **state)
{
	FILE *file = fdopen(mkstemp(ca_file), "w");

	(void)state;
	key = EVP_EC_gen("P-256");
	certificate = make_certificate("DNS:server.example.org,IP:127.0.0.1");
	PEM_write_X509(file, certificate);
	fclose(file);
	file = fdopen(mkstemp(own_file), "w");
	PEM_write_X509(file, certificate);
	PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
	return fclose(file);
}

static int drop_identity(void **state)
{
	(void)state;
	X509_free(certificate);
	EVP_PKEY_free(key);
	return unlink(ca_file) | unlink(own_file);
}

static int set_up(void **state)
{
	struct rig *rig;

	rig_set_up(state);
	rig = *state;
	rig->tls = SSL_CTX_new(TLS_server_method());
	SSL_CTX_use_certificate(rig->tls, certificate);
	SSL_CTX_use_PrivateKey(rig->tls, key);
	SSL_CTX_set_mode(
		rig->tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	rig->opt.tls = WIRE_TLS_REQUIRED;
	rig->opt.tls_ca_file = ca_file;
	return 0;
}

static void test_the_link_logs_in_through_tls(void **state)
{
	struct rig *rig = *state;

	rig_start(rig);
	server_login(rig);
	assert_true(SSL_version(rig->ssl) >= TLS1_2_VERSION);
	server_say(rig, "<a/>");
	RIG_WAIT(rig, rig->stanzas.len > 0);
	wire_link_send(rig->link, "<b/>", 4, false);
	server_await(rig, "<b/>");
}

static void test_the_name_to_expect_can_be_set_and_is_sent(void **state)
{
	struct rig *rig = *state;

	rig->opt.tls_name = "server.example.org";
	rig_start(rig);
	server_login(rig);
	assert_string_equal(
		SSL_get_servername(rig->ssl, TLSEXT_NAMETYPE_host_name), "server.example.org");
}

static void expect_failure(struct rig *rig, const char *text)
{
	rig_start(rig);
	server_accept(rig);
	RIG_WAIT(rig, rig_logged(rig, text));
	RIG_WAIT(rig, rig->hung_up);
	assert_int_equal(rig->received.len, 0); /* nothing was said to whom we do not trust */
	assert_int_equal(rig->ups, 0);
}

static void test_a_certificate_of_another_name_is_refused(void **state)
{
	struct rig *rig = *state;

	rig->opt.tls_name = "other.example.org";
	expect_failure(rig, "the certificate is refused: hostname mismatch");
}

static void test_a_certificate_of_another_address_is_refused(void **state)
{
	struct rig *rig = *state;

	rig->opt.tls_name = "127.0.0.2";
	expect_failure(rig, "the certificate is refused: IP address mismatch");
}

static void test_an_unknown_issuer_is_refused(void **state)
{
	struct rig *rig = *state;

	rig->opt.tls_ca_file = NULL; /* the system's certificates */
	expect_failure(rig, "the certificate is refused: self-signed certificate");
}

static void test_an_old_protocol_is_refused(void **state)
{
	struct rig *rig = *state;

	SSL_CTX_set_security_level(rig->tls, 0);
	SSL_CTX_set_min_proto_version(rig->tls, TLS1_VERSION);
	SSL_CTX_set_max_proto_version(rig->tls, TLS1_1_VERSION);
	expect_failure(rig, "no TLS with 127.0.0.1 port ");
}

static void test_a_server_without_tls_is_refused(void **state)
{
	struct rig *rig = *state;

	SSL_CTX_free(rig->tls);
	rig->tls = NULL;
	rig_start(rig);
	server_accept(rig);
	server_say(rig, RIG_HEADER);
	RIG_WAIT(rig, rig_logged(rig, "no TLS with 127.0.0.1 port "));
	assert_null(memmem(rig->received.data, rig->received.len, "stream", 6));
}

static void test_a_missing_file_of_certificates_is_logged(void **state)
{
	struct rig *rig = *state;

	rig->opt.tls_ca_file = "/nonexistent/ca.pem";
	rig_start(rig);
	RIG_WAIT(rig, rig_logged(rig, "cannot read the certificates of /nonexistent/ca.pem"));
}

static void ask_for_a_certificate(struct rig *rig)
{
	X509_STORE_add_cert(SSL_CTX_get_cert_store(rig->tls), certificate);
	SSL_CTX_set_verify(rig->tls, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_max_proto_version(rig->tls, TLS1_2_VERSION); /* it is told in the handshake */
}

static void test_a_server_that_asks_for_a_certificate_gets_ours(void **state)
{
	struct rig *rig = *state;
	X509 *shown;

	ask_for_a_certificate(rig);
	rig->opt.tls_certificate_file = own_file;
	rig_start(rig);
	server_login(rig);
	shown = SSL_get1_peer_certificate(rig->ssl);
	assert_non_null(shown);
	assert_int_equal(X509_cmp(shown, certificate), 0);
	X509_free(shown);
}

static void test_without_a_certificate_such_a_server_hangs_up(void **state)
{
	struct rig *rig = *state;

	ask_for_a_certificate(rig);
	expect_failure(rig, "no TLS with 127.0.0.1 port ");
}

static void test_a_certificate_without_its_key_is_logged(void **state)
{
	struct rig *rig = *state;

	rig->opt.tls_certificate_file = ca_file;
	rig_start(rig);
	RIG_WAIT(rig, rig_logged(rig, "cannot use the certificate in /tmp/peppy-wire-tls-"));
}

static void test_a_server_that_never_finishes_the_handshake_is_given_up(void **state)
{
	struct rig *rig = *state;

	rig->opt.login_timeout_ms = 10;
	rig->deaf = true;
	rig_start(rig);
	server_accept(rig);
	RIG_WAIT(rig, rig_logged(rig, "login timed out at 127.0.0.1 port "));
}

/* The rest of a record that a turn had no room for raises no event. */
static void test_what_tls_holds_back_comes_in_further_turns(void **state)
{
	struct rig *rig = *state;
	struct buf stanzas = {0};

	while (stanzas.len < 100 * 1000)
		buf_append_text(&stanzas, "<message/>");
	rig->opt.turn_bytes = 1000;
	rig_start(rig);
	server_login(rig);
	rig_settle(rig);
	server_send(rig, stanzas.data, stanzas.len);
	RIG_WAIT(rig, rig->stanzas.len == stanzas.len / 10 * 12);
	assert_true(rig->turn_lengths.len >= 100);
	buf_finish(&stanzas);
}

static void test_stanzas_in_the_record_of_the_handshake_are_taken(void **state)
{
	struct rig *rig = *state;

	rig_start(rig);
	server_expect_handshake(rig);
	server_say(rig, "<handshake/><a/><b/>");
	RIG_WAIT(rig, strlen(rig_stanzas(rig)) >= 12);
	assert_string_equal(rig_stanzas(rig), "[<a/>][<b/>]");
}

static void test_large_output_arrives_whole_through_tls(void **state)
{
	struct rig *rig = *state;
	size_t bytes = 8 * 1024 * 1024;

	rig->opt.high_water_bytes = 1024 * 1024;
	rig->answer_bytes = bytes;
	rig_start(rig);
	server_login(rig);
	rig->deaf = true;
	server_say(rig, "<a/><b/>");
	RIG_WAIT(rig, wire_link_queued(rig->link) > 0);
	rig_settle(rig);
	rig->deaf = false;
	RIG_WAIT(rig, rig->received.len == 2 * (bytes + 7));
	for (size_t i = 3; i < bytes + 3; i++)
		if (rig->received.data[i] != 'x')
			fail_msg("byte %zu is wrong", i);
	assert_memory_equal(rig->received.data + bytes + 3, "</a><a>x", 8);
	assert_true(rig->drained > 0);
}

static void test_a_server_that_resets_under_tls_raises_no_sigpipe(void **state)
{
	static const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
	struct rig *rig = *state;

	rig_start(rig);
	server_login(rig);
	setsockopt(rig->peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	server_hang_up(rig);
	while (rig->downs == 0) {
		wire_link_send(rig->link, "<a/>", 4, false);
		rig_step(rig);
	}
	server_login(rig);
}

static void on_closed(void *ctx)
{
	struct rig *rig = ctx;

	rig->closed = true;
	rig->link = NULL;
}

static void test_closing_tells_the_server_that_tls_ends(void **state)
{
	struct rig *rig = *state;

	rig_start(rig);
	server_login(rig);
	wire_link_close(rig->link, 60000, on_closed, rig);
	server_await(rig, "</stream:stream>");
	RIG_WAIT(rig, rig->hung_up);
	assert_int_equal(SSL_get_shutdown(rig->ssl), SSL_RECEIVED_SHUTDOWN);
	server_hang_up(rig);
	RIG_WAIT(rig, rig->closed);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, rig_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_link_logs_in_through_tls),
		TEST(test_the_name_to_expect_can_be_set_and_is_sent),
		TEST(test_a_certificate_of_another_name_is_refused),
		TEST(test_a_certificate_of_another_address_is_refused),
		TEST(test_an_unknown_issuer_is_refused),
		TEST(test_an_old_protocol_is_refused),
		TEST(test_a_server_without_tls_is_refused),
		TEST(test_a_missing_file_of_certificates_is_logged),
		TEST(test_a_server_that_asks_for_a_certificate_gets_ours),
		TEST(test_without_a_certificate_such_a_server_hangs_up),
		TEST(test_a_certificate_without_its_key_is_logged),
		TEST(test_a_server_that_never_finishes_the_handshake_is_given_up),
		TEST(test_what_tls_holds_back_comes_in_further_turns),
		TEST(test_stanzas_in_the_record_of_the_handshake_are_taken),
		TEST(test_large_output_arrives_whole_through_tls),
		TEST(test_a_server_that_resets_under_tls_raises_no_sigpipe),
		TEST(test_closing_tells_the_server_that_tls_ends),
	};

	return cmocka_run_group_tests(tests, make_identity, drop_identity);
}
