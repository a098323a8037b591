/* main.c - options and words of peppyctl. */
#include "peppyctl.h"

#include "config.h"

#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "peppy/array.h"
#include "peppy/buf.h"
#include "peppy/log.h"

#define STORE_BYTES (UINT64_C(64) << 30) /* as in peppy.conf(5) */

/* clang-format off */
static const struct verb verbs[] = {
	{"status", "", "what is running, and which links are up", run_ask, {NULL}, 0, NULL, NULL, NULL},
	{"check", "", "what the server grants, and what its configuration lacks", run_check,
		{NULL}, 0, NULL, NULL, NULL},
	{"jobs drop", "JOB", "forget a job that was set aside", run_ask, {"job"}, 1, NULL, NULL,
		NULL},
	{"jobs", "", "work that is not done yet", run_ask, {NULL}, 0, NULL,
		"jobs", "id,service,node,cursor,starts,aside,bytes"},
	{"log", "[error|warning|info|debug [AREA]]", "show or set log levels", run_ask,
		{"level", "area"}, 0, NULL, "areas", "area,level"},
	{"metrics", "", "the metrics, as OpenMetrics", run_metrics, {NULL}, 0, NULL, NULL, NULL},
	{"top", "", "rates, queues, slowest nodes, busiest senders", run_top, {NULL}, 0, NULL, NULL, NULL},
	{"watch", "[PATTERN] [--after NUMBER]",
		"requests to change something, of matching nodes or senders", run_watch,
		{"pattern"}, 0, NULL, NULL, NULL},
	{"reload", "", "read the configuration file again", run_ask, {NULL}, 0, NULL, NULL, NULL},

	{"nodes list", "[PATTERN]", "the nodes of a service", run_ask, {"pattern"}, 0, NULL,
		"nodes", "node,title,access,items,subscribers,pending,created"},
	{"nodes show", "NODE", "a node and its configuration", run_ask, {"node"}, 1, NULL,
		NULL, NULL},
	{"nodes create", "NODE [KEY=VALUE...]", "create a node", run_ask, {"node"}, 1, "config",
		NULL, NULL},
	{"nodes configure", "NODE KEY=VALUE...", "change a node's configuration", run_ask,
		{"node"}, 1, "config", NULL, NULL},
	{"nodes delete", "NODE [--redirect URI]", "delete a node and all it holds", run_ask,
		{"node"}, 1, NULL, NULL, NULL},
	{"nodes purge", "NODE", "delete all items of a node", run_ask, {"node"}, 1, NULL,
		NULL, NULL},

	{"items list", "NODE", "the items of a node, the newest first", run_ask, {"node"}, 1, NULL,
		"items", "item,publisher,published,expires,bytes"},
	{"items show", "NODE ITEM", "an item's payload", run_show, {"node", "item"}, 2, NULL,
		NULL, NULL},
	{"items publish", "NODE [FILE] [--id ITEM] [-o KEY=VALUE]",
		"publish an item, one XML element", run_publish, {"node"}, 1, "options", NULL, NULL},
	{"items retract", "NODE ITEM [--quiet]", "retract an item", run_ask, {"node", "item"}, 2,
		NULL, NULL, NULL},

	{"subscriptions list", "NODE | --jid JID", "of a node, or of a JID", run_ask, {"node"}, 0,
		NULL, "subscriptions", "node,jid,state,subid"},
	{"subscriptions set", "NODE JID subscribed|none", "make or end a subscription", run_ask,
		{"node", "jid", "state"}, 3, NULL, NULL, NULL},
	{"affiliations list", "NODE | --jid JID", "of a node, or of a JID", run_ask, {"node"}, 0,
		NULL, "affiliations", "node,jid,affiliation"},
	{"affiliations set", "NODE JID AFFILIATION",
		"owner, publisher, publish-only, member, none or outcast", run_ask,
		{"node", "jid", "affiliation"}, 3, NULL, NULL, NULL},

	{"explain", "NODE JID [ITEM]", "why somebody is notified of a node's items, or is not", run_explain,
		{"node", "jid", "item"}, 2, NULL, NULL, NULL},

	{"account list", "[--gone DAYS]",
		"accounts with nodes or contacts, or those that look gone",
		run_accounts, {NULL}, 0, NULL, "accounts", "jid,nodes,published,contacts"},
	{"account show", "JID", "how much is stored about somebody", run_ask, {"jid"}, 1, NULL, NULL,
		NULL},
	{"account erase", "JID", "erase what is stored about somebody", run_erase, {"jid"}, 1, NULL,
		NULL, NULL},
	{"account export", "JID", "all that is stored about somebody, as lines of JSON",
		run_account_export, {"jid"}, 1, NULL, NULL, NULL},

	{"backup", "DIR", "copy the store; peppyd may be running", run_backup, {"dir"}, 1, NULL,
		NULL, NULL},
	{"restore", "DIR", "put a backup in the place of the store; not while peppyd runs",
		run_restore, {"dir"}, 1, NULL, NULL, NULL},
	{"fsck", "[DIR]", "check every record of the store, or of a backup", run_fsck, {"dir"}, 0,
		NULL, NULL, NULL},
	{"export", "[DIR] [--format xep-0227]", "the store, or a backup, as lines of JSON or as XML",
		run_export, {"dir"}, 0, NULL, NULL, NULL},
	{"load", "FILE... [--keep]", "load such files into the store; not while peppyd runs",
		run_load, {"file"}, 1, NULL, NULL, NULL},
};
/* clang-format on */

/* Options that are arguments of the daemon's commands; which command takes which, it says. */
static const struct {
	const char *name; /* of the option */
	const char *arg;
	enum { VALUE_TEXT, VALUE_NUMBER, VALUE_OFF, VALUE_ON } value;
} arg_options[] = {
	/* clang-format off */
	{"service",  "service",  VALUE_TEXT},
	{"as",       "as",       VALUE_TEXT},
	{"after",    "after",    VALUE_TEXT},
	{"limit",    "limit",    VALUE_NUMBER},
	{"gone",     "gone",     VALUE_NUMBER},
	{"jid",      "jid",      VALUE_TEXT},
	{"id",       "item",     VALUE_TEXT},
	{"redirect", "redirect", VALUE_TEXT},
	{"subid",    "subid",    VALUE_TEXT},
	{"quiet",    "notify",   VALUE_OFF},
	{"format",   "format",   VALUE_TEXT},
	{"keep",     "keep",     VALUE_ON},
	/* clang-format on */
};
enum { OPTION_SOCKET = 256, OPTION_STORE, OPTION_VERSION, OPTION_ARG };

#define PURPOSE_COLUMN 36

static int usage(FILE *out, int status)
{
	fputs("usage: peppyctl [OPTION...] COMMAND\n\n", out);
	for (size_t i = 0; i < ARRAY_COUNT(verbs); i++) {
		int width = fprintf(out, "  %s%s%s", verbs[i].name,
			*verbs[i].synopsis == '\0' ? "" : " ", verbs[i].synopsis);

		if (width >= PURPOSE_COLUMN) {
			fputs("\n", out);
			width = 0;
		}
		fprintf(out, "%*s%s\n", PURPOSE_COLUMN - width, "", verbs[i].purpose);
	}
	fputs("\n"
	      "  --service JID       the component, if there are several; or an account\n"
	      "  --as JID            in whose name to create or publish\n"
	      "  --limit N, --after PLACE    one page of a list\n"
	      "  -j, --json          lines of JSON, for programs\n"
	      "  -c FILE             peppyd's configuration file\n"
	      "  --socket PATH       the control socket, instead of the one in that file\n"
	      "  --store DIR         the store, instead of the one in that file\n"
	      "\nSee peppyctl(1) for the rest.\n",
		out);
	return status;
}

static int take_arg(struct tool *tool, size_t i, const char *value)
{
	char *end;

	switch (arg_options[i].value) {
	case VALUE_TEXT:
		json_object_set_new(tool->args, arg_options[i].arg, json_string(value));
		break;
	case VALUE_NUMBER:
		json_object_set_new(
			tool->args, arg_options[i].arg, json_integer(strtoll(value, &end, 10)));
		if (*value == '\0' || *end != '\0')
			return complain(
				EX_USAGE, "--%s: '%s' is not a number", arg_options[i].name, value);
		break;
	case VALUE_OFF:
	case VALUE_ON:
		json_object_set_new(tool->args, arg_options[i].arg,
			json_boolean(arg_options[i].value == VALUE_ON));
		break;
	}
	return 0;
}

static int take_option(struct tool *tool, int option)
{
	switch (option) {
	case 'c':
		tool->conf_path = optarg;
		return 0;
	case 'j':
		tool->json = true;
		return 0;
	case 'o':
		if (words_take_field(tool, optarg))
			return 0;
		return complain(EX_USAGE, "-o takes KEY=VALUE, not '%s'", optarg);
	case OPTION_SOCKET:
		tool->socket_path = optarg;
		return 0;
	case OPTION_STORE:
		tool->store_path = optarg;
		return 0;
	case 'h':
		exit(usage(stdout, 0));
	case OPTION_VERSION:
		puts(PACKAGE_STRING);
		exit(0);
	case '?': /* getopt_long has said why */
		return EX_USAGE;
	default:
		return take_arg(tool, (size_t)(option - OPTION_ARG), optarg);
	}
}

static int take_options(struct tool *tool, int argc, char **argv)
{
	struct option options[ARRAY_COUNT(arg_options) + 7] = {
		{"json", no_argument, NULL, 'j'},
		{"config", required_argument, NULL, 'c'},
		{"socket", required_argument, NULL, OPTION_SOCKET},
		{"store", required_argument, NULL, OPTION_STORE},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, OPTION_VERSION},
	};
	int option, status = 0;

	for (size_t i = 0; i < ARRAY_COUNT(arg_options); i++)
		options[6 + i] = (struct option){arg_options[i].name,
			arg_options[i].value >= VALUE_OFF ? no_argument : required_argument, NULL,
			OPTION_ARG + (int)i};
	while (status == 0 && (option = getopt_long(argc, argv, "c:hjo:", options, NULL)) != -1)
		status = take_option(tool, option);
	tool->words = argv + optind;
	tool->word_count = argc - optind;
	return status;
}

/* How many words the verb's name has; 0: these words are not that verb. */
static int matches(const struct verb *verb, char **words, int n)
{
	const char *blank = strchr(verb->name, ' ');

	if (blank == NULL)
		return n > 0 && strcmp(words[0], verb->name) == 0;
	if (n < 2 || strncmp(words[0], verb->name, strlen(words[0])) != 0)
		return 0;
	return strlen(words[0]) == (size_t)(blank - verb->name) && strcmp(words[1], blank + 1) == 0
		       ? 2
		       : 0;
}

/* The second words that there are with the first. */
static int refuse_words(const struct tool *tool)
{
	const char *first = tool->words[0];
	const size_t len = strlen(first);
	struct buf seconds = {0};

	for (size_t i = 0; i < ARRAY_COUNT(verbs); i++)
		if (strncmp(verbs[i].name, first, len) == 0 && verbs[i].name[len] == ' ')
			buf_printf(&seconds, "%s%s", seconds.len == 0 ? "" : ", ",
				verbs[i].name + len + 1);
	buf_append_byte(&seconds, '\0');
	if (seconds.len > 1)
		complain(0, "'%s' takes one of: %s", first, seconds.data);
	else
		complain(0, "there is no command '%s': see peppyctl --help", first);
	buf_finish(&seconds);
	return EX_USAGE;
}

static int find_verb(struct tool *tool)
{
	for (size_t i = 0; i < ARRAY_COUNT(verbs); i++) {
		int n = matches(&verbs[i], tool->words, tool->word_count);

		if (n > 0) {
			tool->verb = &verbs[i];
			tool->words += n;
			tool->word_count -= n;
			return 0;
		}
	}
	if (tool->word_count == 0)
		return usage(stderr, EX_USAGE);
	if (strcmp(tool->words[0], "help") == 0)
		exit(usage(stdout, 0));
	return refuse_words(tool);
}

/* A store is read through memory: a page that its file lacks, or that the disk does not give, comes
 * as a signal. */
static void on_bus_error(int number)
{
	static const char text[] = "peppyctl: a page of the store cannot be read: its file was cut "
				   "off, or the disk fails\n";

	(void)number;
	progress_end();
	_exit(write(STDERR_FILENO, text, sizeof text - 1) < 0 ? EX_OSERR : EX_IOERR);
}

int main(int argc, char **argv)
{
	struct tool tool = {.store_bytes = STORE_BYTES,
		.arena = arena_create(),
		.args = json_object(),
		.fields = json_object()};
	int status;

	setlocale(LC_CTYPE, "");
	signal(SIGPIPE, SIG_IGN);
	signal(SIGBUS, on_bus_error);
	log_level_set(LOG_LEVEL_WARNING);
	log_speak_as("peppyctl", progress_end);
	status = take_options(&tool, argc, argv);
	if (status == 0)
		status = find_verb(&tool);
	if (status == 0)
		status = words_take(&tool);
	if (status == 0)
		status = tool.verb->run(&tool);
	if (tool.to != NULL)
		fclose(tool.to);
	if (tool.from != NULL)
		fclose(tool.from);
	json_decref(tool.args);
	json_decref(tool.fields);
	arena_destroy(tool.arena);
	if (fflush(stdout) != 0 && status == 0)
		status = EX_IOERR;
	return status;
}
