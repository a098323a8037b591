/* account.c - who we are and where the server is: the account file, then the environment, then
 * the options. Passwords never stand on the command line, where everybody can read them. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "client.h"
#include "peppy/array.h"
#include "peppy/number.h"

static bool port_set(struct options *opt, const char *text)
{
	return opt->port != 0 || number_parse(text, UINT16_MAX, &opt->port);
}

/* clang-format off */
static const struct {
	const char *key;      /* in the file */
	const char *variable; /* in the environment */
	size_t offset;        /* in struct options */
} texts[] = {
	{"jid=",      "PEPPY_JID",      offsetof(struct options, jid)},
	{"password=", "PEPPY_PASSWORD", offsetof(struct options, password)},
	{"host=",     "PEPPY_HOST",     offsetof(struct options, host)},
	{"ca-file=",  "PEPPY_CA_FILE",  offsetof(struct options, ca_file)},
};
/* clang-format on */

/* The first to speak wins: options, then the file, then the environment. */
static void text_set(struct options *opt, size_t i, const char *value)
{
	const char **member = (const char **)((char *)opt + texts[i].offset);

	if (*member == NULL)
		*member = value;
}

/* key=value, or one of the two bare lines of the short form: first JID, then password. */
static bool line_take(struct options *opt, char *line)
{
	size_t i, len;

	if (strncmp(line, "port=", 5) == 0)
		return port_set(opt, line + 5);
	for (i = 0; i < ARRAY_COUNT(texts); i++) {
		len = strlen(texts[i].key);
		if (strncmp(line, texts[i].key, len) != 0)
			continue;
		text_set(opt, i, line + len);
		return true;
	}
	if (opt->jid == NULL)
		opt->jid = line;
	else if (opt->password == NULL)
		opt->password = line;
	else
		return false;
	return true;
}

static enum exit_status file_take(struct options *opt, const char *path, struct arena *arena)
{
	struct stat st;
	char *text, *line;
	size_t len;

	if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077) != 0)
		return misuse("others may read the password: chmod 600 %s", path);
	text = file_read(path, arena, &len);
	if (text == NULL)
		return EXIT_MISUSE;
	while ((line = strsep(&text, "\n")) != NULL) {
		if (line[0] == '\0' || line[0] == '#')
			continue;
		if (!line_take(opt, line))
			return misuse(
				"%s has a line that is neither JID, password nor KEY=VALUE", path);
	}
	return EXIT_DONE;
}

static const char *default_file(struct arena *arena)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");
	struct stat st;
	const char *path;

	if (config != NULL && config[0] != '\0')
		path = arena_printf(arena, "%s/peppy/account", config);
	else
		path = arena_printf(arena, "%s/.config/peppy/account", home != NULL ? home : "");
	return stat(path, &st) == 0 ? path : NULL;
}

static enum exit_status environment_take(struct options *opt)
{
	const char *port = getenv("PEPPY_PORT");
	size_t i;

	for (i = 0; i < ARRAY_COUNT(texts); i++)
		text_set(opt, i, getenv(texts[i].variable));
	if (port != NULL && !port_set(opt, port))
		return misuse("PEPPY_PORT is not a port: %s", port);
	return EXIT_DONE;
}

static bool is_loopback(const char *host)
{
	struct in_addr v4;

	if (host == NULL)
		return false;
	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	return strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0;
}

enum exit_status account_read(struct options *opt, struct arena *arena)
{
	bool in_environment = getenv("PEPPY_JID") != NULL;
	const char *path = opt->account_file;
	enum exit_status status = EXIT_DONE;

	if (path == NULL && !in_environment)
		path = default_file(arena);
	if (path != NULL)
		status = file_take(opt, path, arena);
	if (status == EXIT_DONE)
		status = environment_take(opt);
	if (status != EXIT_DONE)
		return status;
	if (opt->jid == NULL || opt->password == NULL)
		return misuse("no account: -f FILE, ~/.config/peppy/account, or PEPPY_JID and "
			      "PEPPY_PASSWORD");
	if (strchr(opt->jid, '@') == NULL || !xml_text_is_valid(opt->jid) ||
		!xml_text_is_valid(opt->password))
		return misuse("not the JID of an account: %s", opt->jid);
	if (opt->port > 65535)
		return misuse("no such port: %u", opt->port);
	if (opt->tls != TLS_VERIFIED && !is_loopback(opt->host))
		return misuse("--insecure-tls and --plain are for a --host on loopback only");
	return EXIT_DONE;
}
