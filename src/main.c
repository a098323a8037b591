/* peppyd - the command line. */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "main_program.h"

struct options {
	const char *path;
	bool check, print;
};

static const char usage[] =
	"usage: peppyd [-c FILE] [-t] [--print-config] [--version] [--help]\n\n"
	"  -c FILE         the configuration file (" SYSCONFDIR "/peppy/peppy.conf)\n"
	"  -t              check it and exit\n"
	"  --print-config  print the values in force, without secrets, and exit\n"
	"\nSee peppyd(8) and peppy.conf(5).\n";

/* -1: go on; else exit with it. */
static int parse_options(int argc, char **argv, struct options *out)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-c") == 0 && i + 1 < argc) {
			out->path = argv[++i];
		} else if (strcmp(argv[i], "-t") == 0) {
			out->check = true;
		} else if (strcmp(argv[i], "--print-config") == 0) {
			out->print = true;
		} else if (strcmp(argv[i], "--version") == 0) {
			puts(PACKAGE_STRING);
			return 0;
		} else if (strcmp(argv[i], "--help") == 0) {
			fputs(usage, stdout);
			return 0;
		} else {
			fprintf(stderr, "peppyd: cannot use '%s': see peppyd --help\n", argv[i]);
			return EX_USAGE;
		}
	}
	return -1;
}

int main(int argc, char **argv)
{
	struct options options = {.path = SYSCONFDIR "/peppy/peppy.conf"};
	int status = parse_options(argc, argv, &options);

	if (status >= 0)
		return status;
	if (options.check)
		return program_check(options.path);
	if (options.print)
		return program_print(options.path);
	return program_run(options.path);
}
