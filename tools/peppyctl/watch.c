/* watch.c - requests as they come, and what they come to together. */
#include "peppyctl.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "peppy/clock.h"

#define LOOK_MS 250
#define TOP_MS 2000
#define TOP_ROWS 10

static void wait_ms(long ms)
{
	const struct timespec pause = {ms / 1000, ms % 1000 * 1000000};

	nanosleep(&pause, NULL);
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text == NULL ? "" : text;
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

/* ---- metrics ---- */

static int take_metrics(struct tool *tool, json_t **result_out)
{
	json_t *args = tool->args;
	int status;

	tool->args = json_object();
	status = ask_command(tool, "metrics", result_out);
	json_decref(tool->args);
	tool->args = args;
	return status;
}

int run_metrics(struct tool *tool)
{
	json_t *result;
	int status = take_metrics(tool, &result);

	if (status == 0)
		fputs(text_of(result, "text"), stdout);
	json_decref(result);
	return status;
}

/* ---- top ---- */

struct sample {
	json_t *values; /* by name and label, as they stand in the text */
	uint64_t at_us;
};

static json_t *parse_metrics(char *text)
{
	json_t *values = json_object();
	char *save;

	for (char *line = strtok_r(text, "\n", &save); line != NULL;
		line = strtok_r(NULL, "\n", &save)) {
		char *blank = strrchr(line, ' ');

		if (line[0] == '#' || blank == NULL)
			continue;
		*blank = '\0';
		json_object_set_new(values, line, json_real(strtod(blank + 1, NULL)));
	}
	return values;
}

static int take_sample(struct tool *tool, struct sample *out)
{
	json_t *result;
	int status = take_metrics(tool, &result);
	char *text = strdup(status == 0 ? text_of(result, "text") : "");

	out->values = parse_metrics(text);
	out->at_us = clock_monotonic_us();
	free(text);
	json_decref(result);
	return status;
}

static double value_of(const struct sample *sample, const char *name)
{
	return json_real_value(json_object_get(sample->values, name));
}

static double sum_of(const struct sample *sample, const char *prefix)
{
	const char *name;
	double sum = 0;
	json_t *value;

	json_object_foreach(
		sample->values, name, value) if (strncmp(name, prefix, strlen(prefix)) == 0) sum +=
		json_real_value(value);
	return sum;
}

static double seconds(const struct sample *before, const struct sample *now)
{
	return (double)(now->at_us - before->at_us) / 1e6;
}

static double rate(const struct sample *before, const struct sample *now, const char *prefix)
{
	return (sum_of(now, prefix) - sum_of(before, prefix)) / seconds(before, now);
}

static void print_rates(const struct sample *before, const struct sample *now)
{
	static const struct {
		const char *name, *prefix;
	} rates[] = {
		{"stanzas/s", "peppy_stanzas_total"},
		{"requests/s", "peppy_requests_total"},
		{"publishes/s", "peppy_requests_total{request=\"pubsub set publish\"}"},
		{"notifications/s", "peppy_notifications_total"},
		{"errors/s", "peppy_errors_total"},
		{"commits/s", "peppy_commit_seconds_count"},
	};
	double commits = value_of(now, "peppy_commit_seconds_count") -
			 value_of(before, "peppy_commit_seconds_count");
	double spent = value_of(now, "peppy_commit_seconds_sum") -
		       value_of(before, "peppy_commit_seconds_sum");

	for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++)
		printf("%-16s %10.1f\n", rates[i].name, rate(before, now, rates[i].prefix));
	printf("%-16s %10.3f\n", "ms a commit", commits > 0 ? spent * 1e3 / commits : 0);
	printf("%-16s %10.0f\n", "waiting", value_of(now, "peppy_waiting_requests"));
	printf("%-16s %10.0f\n", "open fan-outs", value_of(now, "peppy_open_fanouts"));
	printf("%-16s %10.0f\n", "queued bytes", sum_of(now, "peppy_link_queued_bytes"));
	printf("%-16s %10.0f\n", "online", value_of(now, "peppy_online_resources"));
}

/* How often each value of a member stands in the list. */
static json_t *count_by(const json_t *list, const char *key)
{
	json_t *counts = json_object();

	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *name = text_of(json_array_get(list, i), key);
		json_int_t n = json_integer_value(json_object_get(counts, name));

		json_object_set_new(counts, name, json_integer(n + 1));
	}
	return counts;
}

static const char *largest(const json_t *counts)
{
	const char *name, *found = NULL;
	json_int_t most = 0;
	json_t *value;

	json_object_foreach((json_t *)counts, name, value) if (json_integer_value(value) > most)
	{
		most = json_integer_value(value);
		found = name;
	}
	return found;
}

static void print_busiest(const json_t *list, const char *key, const char *title)
{
	json_t *counts = count_by(list, key);
	const char *name;

	printf("\n%s\n", title);
	for (int row = 0; row < TOP_ROWS && (name = largest(counts)) != NULL; row++) {
		printf("%10lld  ", (long long)json_integer_value(json_object_get(counts, name)));
		print_text(name);
		putchar('\n');
		json_object_del(counts, name);
	}
	json_decref(counts);
}

static int show(struct tool *tool, struct sample *before)
{
	struct sample now;
	json_t *list;
	bool full;
	int status = take_sample(tool, &now);

	if (status == 0)
		status = take_activity(tool, &list, &full);
	if (status == 0) {
		if (isatty(STDOUT_FILENO))
			fputs("\033[H\033[J", stdout);
		print_rates(before, &now);
		print_busiest(list, "from", "busiest senders, by requests to change something");
		print_busiest(list, "node", "busiest nodes");
		json_decref(list);
	}
	json_decref(before->values);
	*before = now;
	return fflush(stdout) == 0 ? status : EX_IOERR;
}

/* On a terminal until it is ended; else once. */
int run_top(struct tool *tool)
{
	struct sample sample;
	json_t *list = NULL;
	bool full;
	int status = prepare(tool);

	if (status == 0)
		status = take_activity(tool, &list, &full);
	json_decref(list);
	if (status != 0)
		return status;
	status = take_sample(tool, &sample);
	do {
		wait_ms(TOP_MS);
		if (status == 0)
			status = show(tool, &sample);
	} while (status == 0 && isatty(STDOUT_FILENO));
	json_decref(sample.values);
	return status;
}
