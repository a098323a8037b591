#include "report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

/* clang-format off */
static const struct figure_text {
	const char *name;
	const char *unit;
	int digits; /* behind the point */
} figure_texts[FIGURE_COUNT] = {
	[FIGURE_RATE]          = {"rate",          "/s",  0},
	[FIGURE_CPU]           = {"CPU",           "us",  2},
	[FIGURE_P50]           = {"p50",           "ms",  2},
	[FIGURE_P99]           = {"p99",           "ms",  2},
	[FIGURE_P999]          = {"p99.9",         "ms",  2},
	[FIGURE_LAST]          = {"last one",      "ms",  1},
	[FIGURE_START]         = {"start",         "ms",  1},
	[FIGURE_PEAK]          = {"peak",          "MiB", 1},
	[FIGURE_PRIVATE]       = {"private",       "MiB", 1},
	[FIGURE_DISK]          = {"disk",          "MiB", 1},
	[FIGURE_WRITTEN]       = {"written",       "KiB", 2},
	[FIGURE_GROWTH]        = {"growth",        "x",   2},
	[FIGURE_GROWTH_SINGLY] = {"growth singly", "x",   2},
	[FIGURE_GENERATOR]     = {"generator",     "%",   0},
};
/* clang-format on */

/* ---- the machine ---- */

static void append_cpu_model(struct buf *out)
{
	FILE *file = fopen("/proc/cpuinfo", "r");
	char line[256];

	while (file != NULL && fgets(line, sizeof line, file) != NULL) {
		const char *colon = strchr(line, ':');

		if (colon == NULL || strncmp(line, "model name", 10) != 0)
			continue;
		buf_append(out, colon + 2, strcspn(colon + 2, "\n"));
		break;
	}
	if (file != NULL)
		fclose(file);
}

static void append_commit(struct buf *out, const char *source)
{
	char command[512], commit[64] = "";
	FILE *git;

	snprintf(command, sizeof command,
		"git -C '%s' describe --always --dirty --abbrev=12 2>/dev/null", source);
	git = popen(command, "r");
	if (git != NULL && fgets(commit, sizeof commit, git) != NULL)
		buf_printf(out, ", commit %.*s", (int)strcspn(commit, "\n"), commit);
	if (git != NULL)
		pclose(git);
}

void report_machine(struct buf *out, const char *source)
{
	time_t now = time(NULL);
	struct utsname name;
	char date[16];

	strftime(date, sizeof date, "%Y-%m-%d", gmtime(&now));
	buf_printf(out, "## %s", date);
	append_commit(out, source);
	uname(&name);
	buf_printf(out, "\n\n%ld cores of ", sysconf(_SC_NPROCESSORS_ONLN));
	append_cpu_model(out);
	buf_printf(out, ", %s %s\n", name.sysname, name.release);
}

/* ---- tables ---- */

static bool has_run(const struct result *result)
{
	return result->operations > 0 && result->fault[0] == '\0';
}

static void append_figure(struct buf *out, const struct result *result, enum figure figure)
{
	double value = result->figures[figure];

	if (isnan(value))
		buf_append_text(out, " |");
	else
		buf_printf(out, " %.*f |", figure_texts[figure].digits, value);
}

void report_results(struct buf *out, const struct result *results)
{
	buf_append_text(out, "\n| workload | operations |");
	for (int i = 0; i < FIGURE_COUNT; i++)
		buf_printf(out, " %s %s |", figure_texts[i].name, figure_texts[i].unit);
	buf_append_text(out, "\n|---|---|");
	for (int i = 0; i < FIGURE_COUNT; i++)
		buf_append_text(out, "---:|");
	buf_append_text(out, "\n");
	for (size_t i = 0; workloads[i].name != NULL; i++) {
		if (results[i].fault[0] != '\0')
			buf_printf(
				out, "| %s | FAILED: %s |\n", workloads[i].name, results[i].fault);
		if (!has_run(&results[i]))
			continue;
		buf_printf(out, "| %s | %llu x %s |", workloads[i].name,
			(unsigned long long)results[i].operations, workloads[i].what);
		for (int figure = 0; figure < FIGURE_COUNT; figure++)
			append_figure(out, &results[i], figure);
		buf_append_text(out, "\n");
	}
}

static void append_verdict(struct buf *out, const struct aim *aim, double value, double floor)
{
	double wanted = aim->relative ? aim->value * floor : aim->value;
	int digits = figure_texts[aim->figure].digits;
	bool reached = aim->bound == AT_LEAST ? value >= wanted : value <= wanted;

	if (aim->bound == BOUND_NONE)
		buf_append_text(out, " | |");
	else
		buf_printf(out, " %s %.*f | %s |", aim->bound == AT_LEAST ? ">=" : "<=", digits,
			wanted, reached ? "reached" : "**missed**");
	if (aim->floor == FLOOR_NONE)
		buf_append_text(out, " | |\n");
	else
		buf_printf(out, " %.*f | %.2f |\n", digits, floor, value / floor);
}

void report_aims(struct buf *out, const struct result *results, const double floors[FLOOR_COUNT])
{
	buf_append_text(out, "\n| workload | figure | result | aim | | limit of the machine | x |\n"
			     "|---|---|---:|---:|---|---:|---:|\n");
	for (size_t i = 0; workloads[i].name != NULL; i++) {
		for (size_t k = 0; has_run(&results[i]) && k < WORKLOAD_AIMS; k++) {
			const struct aim *aim = &workloads[i].aims[k];
			double value = results[i].figures[aim->figure];

			if (aim->bound == BOUND_NONE && aim->floor == FLOOR_NONE)
				continue;
			buf_printf(out, "| %s | %s %s | %.*f |", workloads[i].name,
				figure_texts[aim->figure].name, figure_texts[aim->figure].unit,
				figure_texts[aim->figure].digits, value);
			append_verdict(out, aim, value, floors[aim->floor]);
		}
	}
}

void report_floors(struct buf *out, const double floors[FLOOR_COUNT])
{
	buf_append_text(out, "\n| limits of the machine | |\n|---|---:|\n");
	for (int i = FLOOR_NONE + 1; i < FLOOR_COUNT; i++)
		buf_printf(out, "| %s | %.*f |\n", floor_names[i], floors[i] > 1000 ? 0 : 3,
			floors[i]);
}
