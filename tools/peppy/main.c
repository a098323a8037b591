/* main.c - the commands of peppy, the command-line client. */
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "config.h"
#include "peppy/array.h"

struct command {
	const char *name; /* one word or two */
	command_fn run;
	unsigned least; /* words that have to follow the name */
	unsigned most;
	const char *synopsis;
	const char *purpose;
};

#define MANY FIELDS_MAX

/* clang-format off */
static const struct command commands[] = {
	{"publish",        publish_run,        1, MANY,
	 "tune|mood|activity|geoloc|nick|avatar|FILE.xml [KEY=VALUE...]", "publish an item"},
	{"watch",          watch_run,          0, MANY, "[NODE...]", "print events as they come"},
	{"items",          items_run,          0, 0,    "", "print the items of a node"},
	{"retract",        retract_run,        0, 0,    "", "retract an item (--id)"},
	{"subscribe",      subscribe_run,      0, 0,    "", "subscribe to a node"},
	{"unsubscribe",    unsubscribe_run,    0, 0,    "", "end a subscription"},
	{"node create",    node_create_run,    0, 0,    "", "create a node, configured by -o"},
	{"node configure", node_configure_run, 0, 0,    "", "show the configuration, or change it by -o"},
	{"node purge",     node_purge_run,     0, 0,    "", "delete all items of a node"},
	{"node delete",    node_delete_run,    0, 0,    "", "delete a node"},
	{"disco info",     disco_info_run,     0, 0,    "", "what a service, an account or a node is"},
	{"disco items",    disco_items_run,    0, 0,    "", "the nodes of a service, the items of a node"},
	{"ping",           ping_run,           0, 0,    "", "does it answer?"},
	{"contact",        contact_run,        1, 1,    "JID", "ask for JID's presence, and grant yours"},
	{"register",       register_run,       0, 0,    "", "create the account"},
};
/* clang-format on */

static void usage(FILE *to)
{
	size_t i;

	fputs("usage: peppy [OPTION...] COMMAND\n\n", to);
	for (i = 0; i < ARRAY_COUNT(commands); i++)
		fprintf(to, "  %-15s %s%s%s\n", commands[i].name, commands[i].synopsis,
			commands[i].synopsis[0] != '\0' ? "  " : "", commands[i].purpose);
	fputs("\n"
	      "  --service JID   a pubsub service, or an account; the default is your own\n"
	      "  --node NODE     tune, mood, ... or any NodeID\n"
	      "  --id ID  --max N  --after ID  --before ID  --all    which items\n"
	      "  -o KEY=VALUE    a field of the configuration or of the options\n"
	      "  --xml           print XML as it came\n"
	      "  --count N  --timeout SECONDS  --no-pep              watch\n"
	      "  -f FILE         JID and password; or PEPPY_JID, PEPPY_PASSWORD\n"
	      "  --host, --port, --ca-file, --insecure-tls, --plain  the connection\n"
	      "\nSee peppy(1) for the rest.\n",
		to);
}

/* How many of the words are the name; 0 if they are not. */
static size_t name_length(const char *name, char **words, size_t count)
{
	const char *space = strchr(name, ' ');
	size_t first = space != NULL ? (size_t)(space - name) : strlen(name);

	if (count == 0 || strlen(words[0]) != first || memcmp(words[0], name, first) != 0)
		return 0;
	if (space == NULL)
		return 1;
	return count > 1 && strcmp(words[1], space + 1) == 0 ? 2 : 0;
}

static const struct command *command_find(struct options *opt)
{
	size_t i, words;

	for (i = 0; i < ARRAY_COUNT(commands); i++) {
		words = name_length(commands[i].name, opt->args, opt->arg_count);
		if (words == 0)
			continue;
		opt->args += words;
		opt->arg_count -= words;
		return &commands[i];
	}
	return NULL;
}

static enum exit_status command_run(struct options *opt, struct arena *arena)
{
	const struct command *command = command_find(opt);
	enum exit_status status;

	if (opt->arg_count == 0 && command == NULL) {
		usage(stderr);
		return EXIT_MISUSE;
	}
	if (command == NULL)
		return misuse("there is no command '%s': see peppy --help", opt->args[0]);
	if (opt->arg_count < command->least || opt->arg_count > command->most) {
		fprintf(stderr, "usage: peppy %s %s\n", command->name, command->synopsis);
		return EXIT_MISUSE;
	}
	status = account_read(opt, arena);
	if (status != EXIT_DONE)
		return status;
	return command->run(opt);
}

int main(int argc, char **argv)
{
	struct options opt;
	struct arena *arena;
	enum exit_status status;

	status = options_parse(argc, argv, &opt);
	if (status != EXIT_DONE)
		return (int)status;
	if (opt.help) {
		usage(stdout);
		return EXIT_DONE;
	}
	if (opt.version) {
		puts("peppy " PACKAGE_VERSION);
		return EXIT_DONE;
	}
	arena = arena_create();
	status = command_run(&opt, arena);
	arena_destroy(arena);
	if (fflush(stdout) != 0) {
		perror("peppy: standard output");
		return EXIT_CONNECTION;
	}
	return (int)status;
}
