/* refuse.c - files that are wrong: each fault with its line and its words. */
#include "file.h"

#include "peppy/array.h"

/* ---- what libconfuse would let pass ---- */

static void test_a_repeated_key_is_refused(void **state)
{
	(void)state;
	assert_refused(COMPONENT "store {\n path = /a\n path = /b\n}\n",
		":4: store.path: is already in line 3\n");
	assert_refused("component a.b {\n secret = x\n admins = {a@b}\n admins = {c@d}\n}\n" STORE,
		":4: component.admins: is already in line 3\n");
	assert_refused(COMPONENT STORE "node-defaults {\n a = 1\n a = 1 }",
		":5: node-defaults.a: is already in line 4\n");
}

static void test_a_repeated_section_is_refused(void **state)
{
	(void)state;
	assert_refused(COMPONENT STORE "log { }\nlog { level = info }\n",
		":4: log: is already in line 3\n");
	assert_refused(COMPONENT STORE "pep-defaults { }\n\npep-defaults { }\n",
		":5: pep-defaults: is already in line 3\n");
}

static void test_a_component_of_the_same_name_is_refused(void **state)
{
	(void)state;
	assert_refused(COMPONENT COMPONENT STORE, ":2: component: is already in line 1\n");
	assert_refused(COMPONENT STORE "component PUBSUB.example.org { secret = x }\n",
		":3: component: pubsub.example.org is already in line 1\n");
}

static void test_a_section_that_is_not_closed_is_refused_at_its_opening(void **state)
{
	(void)state;
	assert_refused(COMPONENT STORE "limits {\n max-depth = 9\n",
		":3: limits: the section is not closed\n");
	assert_refused(COMPONENT STORE "limits {", ":3: limits: the section is not closed\n");
	assert_refused(COMPONENT "store {\n path = /x\n\nlog { level = info }\n",
		":2: the section is not closed before log in line 5\n");
}

#define TEN "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static void test_a_socket_whose_name_is_too_long_is_refused_in_the_store_s_folder_too(void **state)
{
	(void)state;
	assert_refused(COMPONENT STORE "control {\n socket = /" HUNDRED TEN "\n}\n",
		":4: control.socket: must be shorter than 108 bytes\n");
	assert_refused(COMPONENT "store {\n path = /" HUNDRED "\n}\n",
		":3: control.socket: must be shorter than 108 bytes\n");
}

static void test_variables_are_never_replaced(void **state)
{
	(void)state;
	assert_refused("component a.b { secret = \"a${HOME}\" }\n" STORE,
		":1: variables are not replaced: write \\${, or use single quotes\n");
	assert_refused("component a.b { secret = ${HOME} }\n" STORE,
		":1: variables are not replaced: use single quotes\n");
	assert_refused("component a.b { secret = a${HOME} }\n" STORE,
		":1: variables are not replaced: use single quotes\n");
}

static void test_a_value_that_would_be_cut_is_refused(void **state)
{
	(void)state;
	assert_refused("component a.b { secret = ab#c\n }\n" STORE,
		":1: unexpected '#': a value that contains it must be quoted\n");
	assert_refused("component a.b {\n secret = ab+c }\n" STORE,
		":2: unexpected '+': a value that contains it must be quoted\n");
	assert_refused("component a.b { secret = a*b }\n" STORE,
		":1: unexpected '*': a value that contains it must be quoted\n");
	assert_refused("component a.b { secret = a'b' }\n" STORE,
		":1: unexpected ''': a value that contains it must be quoted\n");
	assert_refused("component a.b { secret = (a) }\n" STORE,
		":1: unexpected '(': a value that contains it must be quoted\n");
}

static void test_an_escape_that_would_vanish_is_refused(void **state)
{
	(void)state;
	assert_refused("component a.b { secret = \"pa\\ss\" }\n" STORE,
		":1: no such escape sequence: write \\\\, or use single quotes\n");
	assert_refused("component a.b { secret = \"\\000x\" }\n" STORE,
		":1: no such escape sequence: write \\\\, or use single quotes\n");
	assert_refused("component 'a\\b' { secret = x }\n" COMPONENT STORE,
		":1: component needs its name: component \"pubsub.example.org\" {\n");
}

static void test_what_is_left_open_is_refused_where_it_opens(void **state)
{
	(void)state;
	assert_refused(COMPONENT "store {\n path = \"/x\n}\n",
		":3: the string is not closed on its line\n");
	assert_refused(
		COMPONENT "store { path = '/x", ":2: the string is not closed on its line\n");
	assert_refused(COMPONENT "store { path = \"/x\\\n\" }",
		":2: the string is not closed on its line\n");
	assert_refused(
		COMPONENT "store { path = \"/x\\", ":2: the string is not closed on its line\n");
	assert_refused(COMPONENT STORE "/* x\n\n", ":3: the comment is not closed\n");
	assert_refused(COMPONENT STORE "log { } /*/", ":3: the comment is not closed\n");
	assert_refused(
		"component a.b { admins = {a@b\nc@d} }", ":2: '}' must stand before 'c@d'\n");
	assert_refused(
		COMPONENT STORE "log { level =\n", ":4: the file ends where a value must follow\n");
}

static void test_a_bad_file_leaves_no_trace_in_the_next_one(void **state)
{
	static const char *const bad[] = {
		"/*", "store { path = \"", "store { path = 'x", "store {"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(bad); i++) {
		struct file file = file_read_text(bad[i]);

		assert_null(file.conf);
		file_finish(&file);
		file = assert_accepted(COMPONENT STORE);
		file_finish(&file);
	}
}

static void test_characters_that_no_text_has_are_refused(void **state)
{
	static const char nul[] = COMPONENT "store { path = \"/x\0y\" }\n";
	struct file file = file_read_bytes(nul, sizeof(nul) - 1);

	(void)state;
	assert_string_equal(file.said, ":2: the character 0x00 is not allowed\n");
	file_finish(&file);
	assert_refused(COMPONENT "\n\033" STORE, ":3: the character 0x1b is not allowed\n");
	assert_refused(COMPONENT "\r" STORE, ":2: the character 0x0d is not allowed\n");
}

/* ---- what is unknown, missing, or in the wrong place ---- */

static void test_unknown_keys_and_sections_are_refused(void **state)
{
	(void)state;
	assert_refused(
		COMPONENT "store { path = /x\n pfad = /y }\n", ":3: store.pfad: no such key\n");
	assert_refused(COMPONENT STORE "limit { max-depth = 9 x = {a, b} }\n",
		":3: there is no section limit\n");
	assert_refused(COMPONENT STORE "log { limits|max-depth = 9 }\n",
		":3: log.limits|max-depth: no such key\n");
	assert_refused(COMPONENT STORE "node-defaults { a|b = 9 }\n",
		":3: node-defaults.a|b: is not the name of a field\n");
	assert_refused(COMPONENT STORE "node-defaults { '' = 9 }\n",
		":3: node-defaults.: is not the name of a field\n");
	assert_refused(COMPONENT STORE "include('/etc/passwd')\n",
		":3: unexpected '(': a value that contains it must be quoted\n");
}

static void test_keys_outside_of_sections_are_refused(void **state)
{
	(void)state;
	assert_refused(COMPONENT STORE "port = 5347\n", ":3: port is outside of any section\n");
	assert_refused(COMPONENT STORE "}\n", ":3: a section must stand before '}'\n");
	assert_refused(COMPONENT STORE "log level = info\n", ":3: '{' must stand before '='\n");
	assert_refused(COMPONENT STORE "log { { level = info } }\n",
		":3: a key or '}' must stand before '{'\n");
}

static void test_titles_belong_to_components_only(void **state)
{
	(void)state;
	assert_refused("component { secret = x }\n" COMPONENT STORE,
		":1: component needs its name: component \"pubsub.example.org\" {\n");
	assert_refused(COMPONENT STORE "log 'x' { level = info }\n", ":3: log takes no title\n");
}

static void test_a_key_takes_a_list_only_if_it_is_one(void **state)
{
	(void)state;
	assert_refused("component a.b { secret = {x} }\n" STORE,
		":1: component.secret: must be a single value\n"
		":1: component.secret: must be set, or secret-file\n");
	assert_refused(COMPONENT STORE "node-defaults { a = {1, 2} }\n",
		":3: node-defaults.a: must be a single value\n");
	assert_refused("component a.b { secret = x domains = { } }\n" STORE,
		":1: the list is empty: leave the key out\n");
	assert_refused("component a.b { secret = x domains += {c} }\n" STORE,
		":1: unexpected '+': a value that contains it must be quoted\n");
}

static void test_an_empty_file_lacks_component_and_path(void **state)
{
	(void)state;
	assert_refused("", ": store.path: must be set\n"
			   ": there is no component: component \"pubsub.example.org\" {\n");
	assert_refused(COMPONENT "\nstore { }\n", ":3: store.path: must be set\n");
}

static void assert_unreadable(const char *path, const char *why)
{
	struct buf errors = {0};
	char *said;

	assert_null(conf_read(path, &errors));
	said = without_path(path, &errors);
	assert_string_equal(said, why);
	free(said);
	buf_finish(&errors);
}

static void test_a_file_that_cannot_be_read_says_why(void **state)
{
	(void)state;
	assert_unreadable(
		"/nowhere/peppy.conf", ": cannot read the file: No such file or directory\n");
	assert_unreadable("/tmp", ": cannot read the file: Is a directory\n");
	assert_unreadable("/dev/zero", ": cannot read the file: File too large\n");
}

static void test_everything_wrong_is_reported_at_once_in_the_order_of_lines(void **state)
{
	(void)state;
	assert_refused("component \"pubsub.example.org\" { # peppy\n"
		       "	port = 0\n"
		       "	secret = \"${SECRET}\"\n"
		       "	/* a\n"
		       "	   comment */ colour = green\n"
		       "	server = \"192.0.2.1\"\n"
		       "}\n"
		       "limits {\n"
		       "	// nothing\n"
		       "	max-depth = 9000\n"
		       "	max-depth = 9\n"
		       "}\n"
		       "colours { red = 1 }\n"
		       "store { max-size = lots }\n",
		":2: component.port: must be between 1 and 65535\n"
		":3: variables are not replaced: write \\${, or use single quotes\n"
		":5: component.colour: no such key\n"
		":6: component.server: the stream to another machine must be encrypted: set tls = "
		"required, or insecure = on\n"
		":10: limits.max-depth: must be between 8 and 2000\n"
		":11: limits.max-depth: is already in line 10\n"
		":13: there is no section colours\n"
		":14: store.path: must be set\n"
		":14: store.max-size: must be a size, such as 100000, 480K or 2M, between 1M and "
		"64T\n");
}

/* ---- components ---- */

static void test_a_component_is_a_domain(void **state)
{
	(void)state;
	assert_refused("component a@b.c { secret = x }\n" STORE,
		":1: component: 'a@b.c' is not a domain\n");
	assert_refused("component b.c/d { secret = x }\n" STORE,
		":1: component: 'b.c/d' is not a domain\n");
	assert_refused(
		"component '' { secret = x }\n" STORE, ":1: component: '' is not a domain\n");
}

static void test_a_component_of_one_label_has_no_default_for_its_domains(void **state)
{
	struct file file;

	(void)state;
	assert_refused("component pubsub { secret = x }\n" STORE,
		":1: component.domains: must be set: the component's name has one label\n");
	file = assert_accepted("component pubsub { secret = x domains = localhost }\n" STORE);
	file_finish(&file);
}

static void test_the_stream_is_plaintext_on_this_machine_only(void **state)
{
	static const char *const here[] = {
		"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "localhost", "LocalHost"};
	static const char *const away[] = {"192.0.2.1", "::2", "::ffff:192.0.2.1",
		"xmpp.example.org", "127.0.0.1.example.org"};
	static const char format[] = "component a.b { secret = x server = '%s' }\n" STORE;
	char text[256];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(here); i++) {
		struct file file;

		snprintf(text, sizeof(text), format, here[i]);
		file = assert_accepted(text);
		file_finish(&file);
	}
	for (i = 0; i < ARRAY_COUNT(away); i++) {
		snprintf(text, sizeof(text), format, away[i]);
		assert_refused(text, ":1: component.server: the stream to another machine must be "
				     "encrypted: set tls = required, or insecure = on\n");
	}
}

static void test_another_machine_is_reached_with_tls_or_insecurely(void **state)
{
	struct file file;

	(void)state;
	file = assert_accepted("component a.b { secret = x server = c.d tls = required }\n" STORE);
	file_finish(&file);
	file = assert_accepted("component a.b { secret = x server = c.d insecure = on }\n" STORE);
	file_finish(&file);
}

static void test_a_server_has_neither_port_nor_brackets(void **state)
{
	(void)state;
	assert_refused("component a.b { secret = x server = 'localhost:5347' }\n" STORE,
		":1: component.server: must be the name or the address of a host, without a "
		"port\n");
	assert_refused("component a.b { secret = x server = '[::1]' }\n" STORE,
		":1: component.server: must be the name or the address of a host\n");
}

static void test_certificates_must_be_readable(void **state)
{
	(void)state;
	assert_refused(
		"component a.b { secret = x\n tls = required\n tls-ca-file = /nowhere }\n" STORE,
		":3: component.tls-ca-file: cannot read /nowhere: No such file or directory\n");
}

static void test_the_secret_is_in_one_place_only(void **state)
{
	(void)state;
	assert_refused("component a.b { port = 1 }\n" STORE,
		":1: component.secret: must be set, or secret-file\n");
	assert_refused("component a.b {\n secret = x\n secret-file = /dev/null }\n" STORE,
		":3: component.secret-file: must not be set together with secret\n");
	assert_refused("component a.b {\n secret = x\n secret-credential = y }\n" STORE,
		":3: component.secret-credential: must not be set together with secret\n");
	assert_refused("component a.b {\n secret-file = /x\n secret-credential = y }\n" STORE,
		":2: component.secret-file: must not be set together with secret-credential\n");
	assert_refused("component a.b {\n secret-credential = \"../y\" }\n" STORE,
		":2: component.secret-credential: must be the name of a credential, not a path\n");
	assert_refused("component a.b { secret = '' }\n" STORE,
		":1: component.secret: must not be empty\n"
		":1: component.secret: must be set, or secret-file\n");
}

static void assert_no_secret(const char *bytes, size_t len, const char *why)
{
	char said[256];

	file_write("peppy-conf-no-secret", bytes, len, 0600);
	snprintf(said, sizeof(said), ":2: component.secret-file: %s\n", why);
	assert_refused("component a.b {\n secret-file = \"peppy-conf-no-secret\" }\n" STORE, said);
	unlink("peppy-conf-no-secret");
}

static void test_a_secret_file_that_holds_no_secret_is_refused(void **state)
{
	char long_one[1025];

	(void)state;
	memset(long_one, 'x', sizeof(long_one));
	assert_refused("component a.b {\n secret-file = /nowhere }\n" STORE,
		":2: component.secret-file: cannot read /nowhere: No such file or directory\n");
	assert_no_secret("", 0, "the file is empty");
	assert_no_secret("\n", 1, "the file is empty");
	assert_no_secret("\r\n", 2, "the file is empty");
	assert_no_secret("a\nb\n", 4, "the file must be a single line of text");
	assert_no_secret("a\n\n", 3, "the file must be a single line of text");
	assert_no_secret("a\0b", 3, "the file must be a single line of text");
	assert_no_secret(long_one, 1025, "cannot read peppy-conf-no-secret: File too large");
}

/* ---- a law ---- */

/* Files of random tokens: either the scan finds what is wrong, or libconfuse takes it too. */
static void test_what_the_scan_lets_pass_libconfuse_can_read(void **state)
{
	static const char *const tokens[] = {"component", "store", "limits", "log", "node-defaults",
		"x", "a.b", "secret", "path", "level", "info", "admins", "a@b", " ", "\n", "{", "}",
		"{", "}", "=", "=", ",", "+=", "(", ")", "\"", "'", "\"q\"", "'q'", "\\",
		"\"\\\"\"", "'\\''", "$", "${HOME}", "#", "//", "/*", "*/", "/", "*", "\\x", "1",
		"\xff", "|", "store { path = /x }", "level = info",
		"component a.b { secret = 'x' }", "{ a, b, }"};
	char text[1024];
	unsigned seed, i;

	(void)state;
	for (seed = 1; seed <= 4000; seed++) {
		unsigned random = seed * 2654435761U;
		struct file file;

		text[0] = '\0';
		for (i = 0; i < 4 + seed % 20; i++) {
			random = random * 1103515245 + 12345;
			strcat(text, tokens[(random >> 16) % ARRAY_COUNT(tokens)]);
			if ((random >> 8) % 3 != 0)
				strcat(text, " ");
		}
		file = file_read_text(text);
		assert_null(strstr(file.said, "libconfuse"));
		file_finish(&file);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_repeated_key_is_refused),
		cmocka_unit_test(test_a_repeated_section_is_refused),
		cmocka_unit_test(test_a_component_of_the_same_name_is_refused),
		cmocka_unit_test(test_a_section_that_is_not_closed_is_refused_at_its_opening),
		cmocka_unit_test(
			test_a_socket_whose_name_is_too_long_is_refused_in_the_store_s_folder_too),
		cmocka_unit_test(test_variables_are_never_replaced),
		cmocka_unit_test(test_a_value_that_would_be_cut_is_refused),
		cmocka_unit_test(test_an_escape_that_would_vanish_is_refused),
		cmocka_unit_test(test_what_is_left_open_is_refused_where_it_opens),
		cmocka_unit_test(test_a_bad_file_leaves_no_trace_in_the_next_one),
		cmocka_unit_test(test_characters_that_no_text_has_are_refused),
		cmocka_unit_test(test_unknown_keys_and_sections_are_refused),
		cmocka_unit_test(test_keys_outside_of_sections_are_refused),
		cmocka_unit_test(test_titles_belong_to_components_only),
		cmocka_unit_test(test_a_key_takes_a_list_only_if_it_is_one),
		cmocka_unit_test(test_an_empty_file_lacks_component_and_path),
		cmocka_unit_test(test_a_file_that_cannot_be_read_says_why),
		cmocka_unit_test(test_everything_wrong_is_reported_at_once_in_the_order_of_lines),
		cmocka_unit_test(test_a_component_is_a_domain),
		cmocka_unit_test(test_a_component_of_one_label_has_no_default_for_its_domains),
		cmocka_unit_test(test_the_stream_is_plaintext_on_this_machine_only),
		cmocka_unit_test(test_another_machine_is_reached_with_tls_or_insecurely),
		cmocka_unit_test(test_a_server_has_neither_port_nor_brackets),
		cmocka_unit_test(test_certificates_must_be_readable),
		cmocka_unit_test(test_the_secret_is_in_one_place_only),
		cmocka_unit_test(test_a_secret_file_that_holds_no_secret_is_refused),
		cmocka_unit_test(test_what_the_scan_lets_pass_libconfuse_can_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
