/* top.c - numbers: as they are, and as rates, beside who is busiest. */
#include "peppyctl.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "peppy/array.h"
#include "peppy/clock.h"

#define PAUSE_S 2
#define ROWS 10

int run_metrics(struct tool *tool)
{
	json_t *result;
	int status = ask_command(tool, "metrics", &result);

	if (status == 0)
		fputs(text_of(result, "text"), stdout);
	json_decref(result);
	return status;
}

/* ---- samples ---- */

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
	int status = ask_command(tool, "metrics", &result);
	char *text = strdup(status == 0 ? text_of(result, "text") : "");

	out->values = parse_metrics(text);
	out->at_us = clock_monotonic_us();
	free(text);
	json_decref(result);
	return status;
}

static double sum_of(const struct sample *sample, const char *prefix)
{
	const char *name;
	double sum = 0;
	json_t *value;

	json_object_foreach(sample->values, name, value)
	{
		if (strncmp(name, prefix, strlen(prefix)) == 0)
			sum += json_real_value(value);
	}
	return sum;
}

static double growth(const struct sample *before, const struct sample *now, const char *prefix)
{
	return sum_of(now, prefix) - sum_of(before, prefix);
}

/* ---- one look ---- */

static const struct {
	const char *key, *name, *prefix;
} rates[] =
	{
		{"stanzas_per_s", "stanzas/s", "peppy_stanzas_total"},
		{"requests_per_s", "requests/s", "peppy_requests_total"},
		{"publishes_per_s", "publishes/s",
			"peppy_requests_total{request=\"pubsub set publish\"}"},
		{"notifications_per_s", "notifications/s", "peppy_notifications_total"},
		{"errors_per_s", "errors/s", "peppy_errors_total"},
		{"turns_per_s", "turns/s", "peppy_turn_seconds_count"},
		{"commits_per_s", "commits/s", "peppy_commit_seconds_count"},
},
  means[] =
	  {
		  {"ms_per_turn", "ms a turn", "peppy_turn_seconds"},
		  {"ms_per_commit", "ms a commit", "peppy_commit_seconds"},
},
  queues[] = {
	  {"waiting_requests", "waiting", "peppy_waiting_requests"},
	  {"open_fanouts", "open fan-outs", "peppy_open_fanouts"},
	  {"queued_bytes", "queued bytes", "peppy_link_queued_bytes"},
	  {"online_resources", "online", "peppy_online_resources"},
};

static double mean_ms(const struct sample *before, const struct sample *now, const char *name)
{
	char sum[64], count[64];
	double n;

	snprintf(sum, sizeof sum, "%s_sum", name);
	snprintf(count, sizeof count, "%s_count", name);
	n = growth(before, now, count);
	return n > 0 ? growth(before, now, sum) * 1e3 / n : 0;
}

static void add_numbers(json_t *look, const struct sample *before, const struct sample *now)
{
	const double seconds = (double)(now->at_us - before->at_us) / 1e6;

	for (size_t i = 0; i < ARRAY_COUNT(rates); i++)
		json_object_set_new(look, rates[i].key,
			json_real(growth(before, now, rates[i].prefix) / seconds));
	for (size_t i = 0; i < ARRAY_COUNT(means); i++)
		json_object_set_new(
			look, means[i].key, json_real(mean_ms(before, now, means[i].prefix)));
	for (size_t i = 0; i < ARRAY_COUNT(queues); i++)
		json_object_set_new(look, queues[i].key,
			json_integer((json_int_t)sum_of(now, queues[i].prefix)));
}

static double number_of(const json_t *look, const char *key)
{
	return json_number_value(json_object_get(look, key));
}

static void print_lists(const json_t *look)
{
	const json_t *nodes = json_object_get(look, "nodes");
	const json_t *senders = json_object_get(look, "senders");
	const long long seconds = json_integer_value(json_object_get(look, "seconds"));

	printf("\nnodes that took most time in the last %lld s\n", seconds);
	print_table(nodes, "spent_us,longest_us,times,service,node", false);
	printf("\nbusiest senders in the last %lld s\n", seconds);
	print_table(senders, "requests,jid", false);
}

static void print_look(const json_t *look)
{
	if (isatty(STDOUT_FILENO))
		fputs("\033[H\033[J", stdout);
	for (size_t i = 0; i < ARRAY_COUNT(rates); i++)
		printf("%-16s %10.1f\n", rates[i].name, number_of(look, rates[i].key));
	for (size_t i = 0; i < ARRAY_COUNT(means); i++)
		printf("%-16s %10.3f\n", means[i].name, number_of(look, means[i].key));
	for (size_t i = 0; i < ARRAY_COUNT(queues); i++)
		printf("%-16s %10.0f\n", queues[i].name, number_of(look, queues[i].key));
	print_lists(look);
}

/* ---- again and again ---- */

static int ask_busiest(struct tool *tool, json_t **look_out)
{
	json_t *args = tool->args;
	int status;

	tool->args = json_pack("{s:i}", "limit", ROWS);
	status = ask_command(tool, "top", look_out);
	json_decref(tool->args);
	tool->args = args;
	return status;
}

static int show(struct tool *tool, struct sample *before)
{
	struct sample now;
	json_t *look = NULL;
	int status = take_sample(tool, &now);

	if (status == 0)
		status = ask_busiest(tool, &look);
	if (status == 0) {
		add_numbers(look, before, &now);
		if (tool->json)
			print_json(look);
		else
			print_look(look);
	}
	json_decref(look);
	json_decref(before->values);
	*before = now;
	return fflush(stdout) == 0 ? status : EX_IOERR;
}

/* On a terminal until it is ended; else once. */
int run_top(struct tool *tool)
{
	struct sample sample;
	int status = take_sample(tool, &sample);

	do {
		if (status == 0) {
			nanosleep(&(struct timespec){PAUSE_S, 0}, NULL);
			status = show(tool, &sample);
		}
	} while (status == 0 && isatty(STDOUT_FILENO));
	json_decref(sample.values);
	return status;
}
