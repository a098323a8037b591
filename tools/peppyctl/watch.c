/* watch.c - requests as they come in. */
#include "peppyctl.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <sysexits.h>
#include <time.h>

#define LOOK_MS 250

static void wait_ms(long ms)
{
	const struct timespec pause = {ms / 1000, ms % 1000 * 1000000};

	nanosleep(&pause, NULL);
}

/* ---- watch ---- */

static bool is_wanted(const struct tool *tool, const json_t *activity)
{
	const char *pattern = json_string_value(json_object_get(tool->fields, "pattern"));

	return pattern == NULL || fnmatch(pattern, text_of(activity, "node"), 0) == 0 ||
	       fnmatch(pattern, text_of(activity, "from"), 0) == 0;
}

static void print_activity(const struct tool *tool, const json_t *activity)
{
	const char *error = text_of(activity, "error"), *item = text_of(activity, "item");

	if (tool->json) {
		print_json(activity);
		return;
	}
	printf("%lld %s ", (long long)json_integer_value(json_object_get(activity, "number")),
		text_of(activity, "at"));
	print_text(text_of(activity, "from"));
	printf(" %s ", text_of(activity, "verb"));
	print_text(text_of(activity, "service"));
	putchar(' ');
	print_text(text_of(activity, "node"));
	if (*item != '\0') {
		putchar(' ');
		print_text(item);
	}
	if (*error != '\0')
		printf(": REFUSED: %s\n", error);
	else
		printf(": %lld told%s\n",
			(long long)json_integer_value(json_object_get(activity, "recipients")),
			json_is_true(json_object_get(activity, "more")) ? ", and more to come"
									: "");
}

/* The requests since the last time; *full_out: there may be more already. */
static int take_activity(struct tool *tool, json_t **list_out, bool *full_out)
{
	json_t *result;
	json_int_t missed;
	int status = ask_command(tool, "activity", &result);

	*list_out = NULL;
	if (status != 0)
		return status;
	missed = json_integer_value(json_object_get(result, "missed"));
	if (missed > 0)
		complain(0, "%lld requests were missed", (long long)missed);
	*list_out = json_incref(json_object_get(result, "activity"));
	*full_out = json_array_size(*list_out) >= 1000;
	json_object_set(tool->args, "after", json_object_get(result, "next"));
	json_decref(result);
	return 0;
}

static int watch_once(struct tool *tool)
{
	bool full = true;
	int status = 0;

	while (full && status == 0) {
		json_t *list;

		status = take_activity(tool, &list, &full);
		for (size_t i = 0; i < json_array_size(list); i++)
			if (is_wanted(tool, json_array_get(list, i)))
				print_activity(tool, json_array_get(list, i));
		json_decref(list);
	}
	return fflush(stdout) == 0 ? status : EX_IOERR;
}

/* The pattern is for us, not for the daemon; a place to go on is a number. */
static int prepare(struct tool *tool)
{
	const char *after = json_string_value(json_object_get(tool->args, "after"));
	json_int_t number;
	char *end;

	if (json_object_get(tool->args, "pattern") != NULL)
		json_object_set(tool->fields, "pattern", json_object_get(tool->args, "pattern"));
	json_object_del(tool->args, "pattern");
	json_object_set_new(tool->args, "limit", json_integer(1000));
	if (after == NULL)
		return 0;
	number = strtoll(after, &end, 10);
	if (*after == '\0' || *end != '\0')
		return complain(EX_USAGE, "--after takes the number of a request");
	json_object_set_new(tool->args, "after", json_integer(number));
	return 0;
}

int run_watch(struct tool *tool)
{
	int status = prepare(tool);

	while (status == 0) {
		status = watch_once(tool);
		if (status == 0)
			wait_ms(LOOK_MS);
	}
	return status;
}
