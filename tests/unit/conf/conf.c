/* conf.c - files that are right: what they give, and how they are printed. */
#include "file.h"

#include "peppy/array.h"
#include "peppy/log.h"

#define SECRET_PATH "peppy-conf-secret"
#define WITH_FILE "component a.b {\n secret-file = \"" SECRET_PATH "\" }\n" STORE

static void test_a_file_of_name_secret_and_path_gets_all_defaults(void **state)
{
	struct file file = assert_accepted(COMPONENT STORE);
	const struct conf *conf = file.conf;
	const struct conf_component *component = conf->components;

	(void)state;
	assert_int_equal(conf->component_count, 1);
	assert_string_equal(component->jid, "pubsub.example.org");
	assert_string_equal(component->server, "127.0.0.1");
	assert_int_equal(component->port, 5347);
	assert_string_equal(component->secret, "sesame");
	assert_null(component->secret_file);
	assert_int_equal(component->tls, CONF_TLS_OFF);
	assert_null(component->tls_ca_file);
	assert_null(component->tls_name);
	assert_false(component->insecure);
	assert_int_equal(component->domains.n, 1);
	assert_string_equal(component->domains.v[0], "example.org");
	assert_int_equal(component->admins.n, 0);
	assert_int_equal(component->create_nodes, CONF_CREATE_LOCAL);
	assert_false(component->multi_subscribe);
	assert_string_equal(conf->store_path, "/var/lib/peppy");
	assert_int_equal(conf->durability, CONF_DURABILITY_FULL);
	assert_int_equal(conf->store_max_bytes, 64ULL << 30);
	assert_int_equal(conf->limits.max_stanza_size, 2 << 20);
	assert_int_equal(conf->limits.max_outgoing_stanza_size, 480 << 10);
	assert_int_equal(conf->limits.max_depth, 512);
	assert_int_equal(conf->limits.max_elements, 20000);
	assert_int_equal(conf->limits.max_attributes, 256);
	assert_int_equal(conf->limits.max_payload_size, 1 << 20);
	assert_int_equal(conf->limits.max_items_per_node, 10000);
	assert_string_equal(conf->control_socket, "/var/lib/peppy/peppy.sock");
	assert_int_equal(conf->log_level, LOG_LEVEL_INFO);
	assert_int_equal(conf->node_defaults.n, 0);
	assert_int_equal(conf->pep_defaults.n, 0);
	file_finish(&file);
}

static void test_every_key_of_a_component_reaches_its_member(void **state)
{
	struct file file = assert_accepted(
		"component 'Pubsub.Example.ORG' {\n"
		"  server = xmpp.example.net port = 8888 secret = '$ec\\ret'\n"
		"  tls = required tls-ca-file = \"/dev/null\" tls-name = example.net insecure = "
		"yes\n"
		"  domains = {Example.net, \"example.com\",} admins = {'Admin@example.net'}\n"
		"  create-nodes = admins multi-subscribe = on }\n" STORE);
	const struct conf_component *component = file.conf->components;

	(void)state;
	assert_string_equal(component->jid, "pubsub.example.org");
	assert_string_equal(component->server, "xmpp.example.net");
	assert_int_equal(component->port, 8888);
	assert_string_equal(component->secret, "$ec\\ret");
	assert_int_equal(component->tls, CONF_TLS_REQUIRED);
	assert_string_equal(component->tls_ca_file, "/dev/null");
	assert_string_equal(component->tls_name, "example.net");
	assert_true(component->insecure);
	assert_int_equal(component->domains.n, 2);
	assert_string_equal(component->domains.v[0], "example.net");
	assert_string_equal(component->domains.v[1], "example.com");
	assert_int_equal(component->admins.n, 1);
	assert_string_equal(component->admins.v[0], "admin@example.net");
	assert_int_equal(component->create_nodes, CONF_CREATE_ADMINS);
	assert_true(component->multi_subscribe);
	file_finish(&file);
}

static void test_every_other_key_reaches_its_member(void **state)
{
	struct file file = assert_accepted(
		COMPONENT "store { path = \"/srv/p\" durability = relaxed max-size = 1g }\n"
			  "limits { max-stanza-size = \"4M\" max-outgoing-stanza-size = 100000 "
			  "max-depth = 8\n"
			  "  max-elements = 100 max-attributes = 16 max-payload-size = 1K\n"
			  "  max-items-per-node = 1 }\n"
			  "control { socket = '/run/peppy.sock' }\n"
			  "log { level = debug }\n");
	const struct conf *conf = file.conf;

	(void)state;
	assert_string_equal(conf->store_path, "/srv/p");
	assert_int_equal(conf->durability, CONF_DURABILITY_RELAXED);
	assert_int_equal(conf->store_max_bytes, 1 << 30);
	assert_int_equal(conf->limits.max_stanza_size, 4 << 20);
	assert_int_equal(conf->limits.max_outgoing_stanza_size, 100000);
	assert_int_equal(conf->limits.max_depth, 8);
	assert_int_equal(conf->limits.max_elements, 100);
	assert_int_equal(conf->limits.max_attributes, 16);
	assert_int_equal(conf->limits.max_payload_size, 1024);
	assert_int_equal(conf->limits.max_items_per_node, 1);
	assert_string_equal(conf->control_socket, "/run/peppy.sock");
	assert_int_equal(conf->log_level, LOG_LEVEL_DEBUG);
	file_finish(&file);
}

static void test_node_defaults_are_handed_on_with_their_lines(void **state)
{
	struct file file = assert_accepted(
		COMPONENT STORE "node-defaults { access_model = whitelist max_items = 20 }\n"
				"pep-defaults {\n# nothing\n persist_items = '1'\n}\n");
	const struct conf *conf = file.conf;

	(void)state;
	assert_int_equal(conf->node_defaults.n, 2);
	assert_string_equal(conf->node_defaults.v[0].key, "access_model");
	assert_string_equal(conf->node_defaults.v[0].value, "whitelist");
	assert_int_equal(conf->node_defaults.v[0].line, 3);
	assert_string_equal(conf->node_defaults.v[1].key, "max_items");
	assert_string_equal(conf->node_defaults.v[1].value, "20");
	assert_int_equal(conf->pep_defaults.n, 1);
	assert_string_equal(conf->pep_defaults.v[0].key, "persist_items");
	assert_string_equal(conf->pep_defaults.v[0].value, "1");
	assert_int_equal(conf->pep_defaults.v[0].line, 6);
	file_finish(&file);
}

static void test_components_keep_their_order_and_their_own_values(void **state)
{
	struct file file = assert_accepted("component a.example { secret = 1 port = 1 }\n" STORE
					   "component b.example { secret = 2 }\n"
					   "component c.d.example { secret = 3 port = 3 }\n");

	(void)state;
	assert_int_equal(file.conf->component_count, 3);
	assert_string_equal(file.conf->components[0].jid, "a.example");
	assert_int_equal(file.conf->components[0].port, 1);
	assert_string_equal(file.conf->components[1].secret, "2");
	assert_int_equal(file.conf->components[1].port, 5347);
	assert_string_equal(file.conf->components[2].domains.v[0], "d.example");
	file_finish(&file);
}

static void test_comments_byte_order_mark_and_windows_line_ends_are_skipped(void **state)
{
	struct file file =
		assert_accepted("\xef\xbb\xbf# one\r\n// two\r\n/* three\r\n four */" COMPONENT
				"store { # } \"\r\n/* 'a' */ path = /p//q // \"}\r\n}\r\n");

	(void)state;
	assert_string_equal(file.conf->store_path, "/p//q");
	file_finish(&file);
}

static void test_strings_mean_what_they_show(void **state)
{
	struct file file =
		assert_accepted("component a.b { secret = \"#\\\\\\\"\\${HOME}$HOME\\n{\" }\n"
				"component c.d { secret = '${HOME}\\x41 \\\\ \\' \"' }\n" STORE);

	(void)state;
	assert_string_equal(file.conf->components[0].secret, "#\\\"${HOME}$HOME\n{");
	assert_string_equal(file.conf->components[1].secret, "${HOME}\\x41 \\ ' \"");
	file_finish(&file);
}

static void test_a_list_of_one_needs_no_braces(void **state)
{
	struct file file = assert_accepted("component a.b { secret = x domains = c }\n" STORE);

	(void)state;
	assert_int_equal(file.conf->components[0].domains.n, 1);
	assert_string_equal(file.conf->components[0].domains.v[0], "c");
	file_finish(&file);
}

static void test_a_secret_file_loses_its_newline_and_nothing_else(void **state)
{
	static const struct {
		const char *bytes;
		const char *secret;
	} cases[] = {
		{"open", "open"},
		{"open\n", "open"},
		{"open\r\n", "open"},
		{" op en ", " op en "},
		{"${HOME}#\\", "${HOME}#\\"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(cases); i++) {
		struct file file;

		file_write(SECRET_PATH, cases[i].bytes, strlen(cases[i].bytes), 0600);
		file = assert_accepted(WITH_FILE);
		assert_string_equal(file.conf->components[0].secret, cases[i].secret);
		assert_string_equal(file.conf->components[0].secret_file, SECRET_PATH);
		file_finish(&file);
	}
	unlink(SECRET_PATH);
}

/* Reads the file while standard error goes to a temporary one: what was logged. */
static char *logged(const char *text)
{
	char *log = calloc(1, 4096);
	FILE *capture = tmpfile();
	const int saved = dup(STDERR_FILENO);
	struct file file;

	dup2(fileno(capture), STDERR_FILENO);
	file = file_read_text(text);
	dup2(saved, STDERR_FILENO);
	close(saved);
	assert_non_null(file.conf);
	file_finish(&file);
	rewind(capture);
	assert_true(fread(log, 1, 4095, capture) < 4095);
	fclose(capture);
	return log;
}

static void test_a_secret_that_everybody_may_read_is_warned_of_but_not_shown(void **state)
{
	char *log;

	(void)state;
	file_write(SECRET_PATH, "sesame", 6, 0640);
	log = logged(WITH_FILE);
	assert_string_equal(log, "");
	free(log);
	file_write(SECRET_PATH, "sesame", 6, 0644);
	log = logged(WITH_FILE);
	assert_non_null(strstr(log, SECRET_PATH));
	assert_null(strstr(log, "sesame"));
	free(log);
	unlink(SECRET_PATH);
}

static char *sample(void)
{
	const char *folder = getenv("builddir");
	char *text = calloc(1, 65536);
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/src/peppy.conf.sample", folder == NULL ? "." : folder);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_in_range(fread(text, 1, 65535, file), 1000, 65534);
	fclose(file);
	return text;
}

static void overwrite(char *text, const char *what, const char *with)
{
	char *at = strstr(text, what);

	assert_non_null(at);
	assert_true(strlen(with) <= strlen(what));
	memset(at, ' ', strlen(what));
	memcpy(at, with, strlen(with));
}

static char *printed(const struct conf *conf)
{
	struct buf out = {0};
	char *text;

	conf_print(conf, &out);
	buf_append_byte(&out, '\0');
	text = strdup(out.data);
	buf_finish(&out);
	return text;
}

static void assert_round_trip(const char *text)
{
	struct file file = assert_accepted(text);
	char *once = printed(file.conf);
	struct file again = assert_accepted(once);
	char *twice = printed(again.conf);

	assert_string_equal(once, twice);
	free(once);
	free(twice);
	file_finish(&file);
	file_finish(&again);
}

static void test_what_is_printed_reads_the_same(void **state)
{
	(void)state;
	assert_round_trip(COMPONENT STORE);
	assert_round_trip(
		"component a.b { secret = '\"' server = ::1 port = 65535 tls = required\n"
		"  tls-name = c domains = {d, e} admins = {f@g, h} create-nodes = anyone }\n"
		"component i.j { secret = x insecure = on multi-subscribe = on }\n"
		"store { path = '/a \"b\" \\c ${d}' max-size = 1048577 durability = relaxed }\n"
		"limits { max-stanza-size = 256M max-payload-size = 1025 }\n"
		"log { level = error }\n"
		"node-defaults { title = \"a\\n\\t'\\\"#\" } pep-defaults { b = 2 }\n");
}

static void test_printing_shows_values_and_hides_secrets(void **state)
{
	struct file file = assert_accepted(COMPONENT "store { path = '/a \"b\" \\c ${d}' }\n"
						     "node-defaults { max_items = 5 }\n");
	char *text = printed(file.conf);

	(void)state;
	assert_ptr_equal(
		strstr(text, "component \"pubsub.example.org\" {\n\tserver = \"127.0.0.1\"\n"),
		text);
	assert_non_null(strstr(text, "\tsecret = \"***\"\n"));
	assert_null(strstr(text, "sesame"));
	assert_non_null(strstr(text, "\tpath = \"/a \\\"b\\\" \\\\c \\${d}\"\n"));
	assert_non_null(strstr(text, "\tmax-outgoing-stanza-size = \"480K\"\n"));
	assert_non_null(strstr(text, "\tdomains = {\"example.org\"}\n"));
	assert_non_null(strstr(text, "node-defaults {\n\tmax_items = \"5\"\n}\n"));
	assert_null(strstr(text, "tls-name"));
	free(text);
	file_finish(&file);
}

static void test_a_credential_is_read_where_it_was_passed(void **state)
{
	static const char text[] =
		"component a.b {\n secret-credential = \"" SECRET_PATH "\" }\n" STORE;
	struct file file;
	struct buf printed = {0};

	(void)state;
	unsetenv("CREDENTIALS_DIRECTORY");
	file = assert_accepted(text);
	assert_null(file.conf->components[0].secret);
	file_finish(&file);
	file_write(SECRET_PATH, "sesame\n", 7, 0600);
	setenv("CREDENTIALS_DIRECTORY", ".", 1);
	file = assert_accepted(text);
	assert_string_equal(file.conf->components[0].secret, "sesame");
	conf_print(file.conf, &printed);
	buf_append_byte(&printed, '\0');
	assert_non_null(strstr(printed.data, "\tsecret-credential = \"" SECRET_PATH "\"\n"));
	assert_null(strstr(printed.data, "sesame"));
	buf_finish(&printed);
	file_finish(&file);
	unlink(SECRET_PATH);
	assert_refused(text, ":2: component.secret-credential: cannot read ./" SECRET_PATH
			     ": No such file or directory\n");
	unsetenv("CREDENTIALS_DIRECTORY");
}

static void test_printing_names_the_secret_file_and_not_what_it_holds(void **state)
{
	struct file file;
	char *text;

	(void)state;
	file_write(SECRET_PATH, "sesame", 6, 0600);
	file = assert_accepted(WITH_FILE);
	text = printed(file.conf);
	assert_non_null(strstr(text, "\tsecret-file = \"" SECRET_PATH "\"\n"));
	assert_null(strstr(text, "secret ="));
	assert_null(strstr(text, "sesame"));
	free(text);
	file_finish(&file);
	assert_round_trip(WITH_FILE);
	unlink(SECRET_PATH);
}

static void test_the_sample_lacks_nothing_but_the_secret(void **state)
{
	char *text = sample();
	struct file file, plain;
	char *sample_values, *defaults;

	(void)state;
	overwrite(text, "secret-file = \"/etc/peppy/secret\"", "secret = 'sesame'");
	file = assert_accepted(text);
	plain = assert_accepted(COMPONENT STORE);
	sample_values = printed(file.conf);
	defaults = printed(plain.conf);
	assert_string_equal(sample_values, defaults);
	free(sample_values);
	free(defaults);
	free(text);
	file_finish(&file);
	file_finish(&plain);
}

static void test_every_key_of_the_sample_may_be_uncommented(void **state)
{
	char *text = sample();
	struct file file;
	char *c;

	(void)state;
	for (c = text; (c = strstr(c, "\n\t#")) != NULL; c++)
		if (c[3] != ' ')
			c[2] = ' ';
	overwrite(text, "secret-file = ", "#");
	overwrite(text, "secret-credential = ", "#");
	overwrite(text, "\"/etc/ssl/certs/ca-certificates.crt\"", "\"/dev/null\"");
	overwrite(text, "\"/etc/peppy/certificate.pem\"", "\"/dev/null\"");
	overwrite(text, "\"/etc/peppy/key.pem\"", "\"/dev/null\"");
	file = assert_accepted(text);
	assert_string_equal(file.conf->components[0].admins.v[0], "admin@example.org");
	assert_string_equal(file.conf->components[0].tls_name, "xmpp.example.org");
	free(text);
	file_finish(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_file_of_name_secret_and_path_gets_all_defaults),
		cmocka_unit_test(test_every_key_of_a_component_reaches_its_member),
		cmocka_unit_test(test_every_other_key_reaches_its_member),
		cmocka_unit_test(test_node_defaults_are_handed_on_with_their_lines),
		cmocka_unit_test(test_components_keep_their_order_and_their_own_values),
		cmocka_unit_test(test_comments_byte_order_mark_and_windows_line_ends_are_skipped),
		cmocka_unit_test(test_strings_mean_what_they_show),
		cmocka_unit_test(test_a_list_of_one_needs_no_braces),
		cmocka_unit_test(test_a_secret_file_loses_its_newline_and_nothing_else),
		cmocka_unit_test(test_a_secret_that_everybody_may_read_is_warned_of_but_not_shown),
		cmocka_unit_test(test_what_is_printed_reads_the_same),
		cmocka_unit_test(test_printing_shows_values_and_hides_secrets),
		cmocka_unit_test(test_a_credential_is_read_where_it_was_passed),
		cmocka_unit_test(test_printing_names_the_secret_file_and_not_what_it_holds),
		cmocka_unit_test(test_the_sample_lacks_nothing_but_the_secret),
		cmocka_unit_test(test_every_key_of_the_sample_may_be_uncommented),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
