/* run-flows FILE...        runs flows, each on every store engine and once byte by byte; prints
 * TAP. run-flows --show FILE    runs one flow once, and prints what goes out. */
#include "flow.h"

#include <stdio.h>
#include <string.h>

#include "peppy/array.h"
#include "peppy/log.h"

static const struct {
	const char *name;
	struct flow_options opt;
} ways[] = {
	{"mem", {.engine = FLOW_MEM}},
	{"lmdb", {.engine = FLOW_LMDB}},
	{"lmdb, killed before every stanza", {.engine = FLOW_LMDB, .killed = true}},
	{"a store that fails", {.engine = FLOW_FAIL}},
	{"mem, byte by byte", {.engine = FLOW_MEM, .bytewise = true}},
};

#define WAYS ARRAY_COUNT(ways)

static int show_file(const char *path)
{
	static const struct flow_options opt = {.engine = FLOW_MEM, .show = true};
	struct arena *arena = arena_create();
	const struct flow_command *commands = flow_script_read(path, arena);
	const char *why = "it cannot be read";
	bool ok = commands != NULL && flow_run(commands, &opt, arena, &why);

	if (!ok)
		printf("# %s: %s\n", path, why);
	arena_destroy(arena);
	return ok ? 0 : 1;
}

static int run_file(const char *path, int n)
{
	struct arena *arena = arena_create();
	const struct flow_command *commands = flow_script_read(path, arena);
	const char *name = strrchr(path, '/'), *why;
	int failed = 0;

	for (size_t i = 0; i < WAYS; i++) {
		bool ok = commands != NULL && flow_run(commands, &ways[i].opt, arena, &why);

		printf("%s %d - %s (%s)\n", ok ? "ok" : "not ok", n + (int)i,
			name == NULL ? path : name + 1, ways[i].name);
		if (!ok && commands != NULL)
			printf("# %s: %s\n", path, why);
		failed += !ok;
	}
	arena_destroy(arena);
	return failed;
}

int main(int argc, char **argv)
{
	int failed = 0;

	log_level_set(LOG_LEVEL_ERROR);
	if (argc == 3 && strcmp(argv[1], "--show") == 0)
		return show_file(argv[2]);
	printf("1..%d\n", (argc - 1) * (int)WAYS);
	for (int i = 1; i < argc; i++)
		failed += run_file(argv[i], (i - 1) * (int)WAYS + 1);
	return failed != 0;
}
