#include "report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "peppy/array.h"
#include "table.h"

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
	[FIGURE_OTHERS]        = {"others",        "%",   0},
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
	char date[16];

	strftime(date, sizeof date, "%Y-%m-%d", gmtime(&now));
	buf_printf(out, "## %s", date);
	append_commit(out, source);
	buf_printf(out, "\n\n%ld cores of ", sysconf(_SC_NPROCESSORS_ONLN));
	append_cpu_model(out);
	buf_append_text(out, "\n");
}

/* ---- tables ---- */

static bool has_run(const struct result *result)
{
	return result->operations > 0 && result->fault[0] == '\0';
}

static void add_figure(struct table *table, enum figure figure, double value)
{
	if (isnan(value))
		table_cell(table, "%s", "");
	else
		table_cell(table, "%.*f", figure_texts[figure].digits, value);
}

static void add_result(
	struct table *table, const char *name, const char *what, const struct result *result)
{
	table_cell(table, "%s", name);
	table_cell(table, "%llu %s", (unsigned long long)result->operations, what);
	for (int figure = 0; figure < FIGURE_COUNT; figure++)
		add_figure(table, (enum figure)figure, result->figures[figure]);
	table_end_row(table);
}

void report_results(struct buf *out, const struct result *results)
{
	struct table table = {0};

	table_cell(&table, "workload");
	table_cell(&table, "operations");
	for (int i = 0; i < FIGURE_COUNT; i++)
		table_cell(&table, "%s %s", figure_texts[i].name, figure_texts[i].unit);
	table_end_row(&table);
	for (size_t i = 0; workloads[i].name != NULL; i++)
		if (has_run(&results[i]))
			add_result(&table, workloads[i].name, workloads[i].what, &results[i]);
	buf_append_text(out, "\n");
	table_render(&table, out);
	for (size_t i = 0; workloads[i].name != NULL; i++)
		if (results[i].fault[0] != '\0')
			buf_printf(out, "\n%s FAILED: %s\n", workloads[i].name, results[i].fault);
}

/* A figure beside its aim and beside the limit of the machine. */
static void add_aim(struct table *table, const struct aim *aim, double value, double floor)
{
	double wanted = aim->relative ? aim->value * floor : aim->value;
	int digits = figure_texts[aim->figure].digits;
	bool reached = aim->bound == AT_LEAST ? value >= wanted : value <= wanted;

	table_cell(table, "%s %s", figure_texts[aim->figure].name, figure_texts[aim->figure].unit);
	table_cell(table, "%.*f", digits, value);
	if (aim->bound == BOUND_NONE) {
		table_cell(table, "%s", "");
		table_cell(table, "%s", "");
	} else {
		table_cell(table, "%s %.*f", aim->bound == AT_LEAST ? ">=" : "<=", digits, wanted);
		table_cell(table, "%s", reached ? "reached" : "MISSED");
	}
	if (aim->floor != FLOOR_NONE) {
		table_cell(table, "%.*f", digits, floor);
		table_cell(table, "%.2f", value / floor);
	}
	table_end_row(table);
}

void report_aims(struct buf *out, const struct result *results, const double floors[FLOOR_COUNT])
{
	static const char *const titles[] = {"workload", "figure", "result", "aim", "",
		"limit of the machine", "result / limit"};
	struct table table = {0};

	for (size_t i = 0; i < ARRAY_COUNT(titles); i++)
		table_cell(&table, "%s", titles[i]);
	table_end_row(&table);
	for (size_t i = 0; workloads[i].name != NULL; i++) {
		for (size_t k = 0; has_run(&results[i]) && k < WORKLOAD_AIMS; k++) {
			const struct aim *aim = &workloads[i].aims[k];

			if (aim->bound == BOUND_NONE && aim->floor == FLOOR_NONE)
				continue;
			table_cell(&table, "%s", workloads[i].name);
			add_aim(&table, aim, results[i].figures[aim->figure], floors[aim->floor]);
		}
	}
	buf_append_text(out, "\n");
	table_render(&table, out);
}

void report_floors(struct buf *out, const double floors[FLOOR_COUNT])
{
	struct table table = {0};

	table_cell(&table, "limits of the machine");
	table_cell(&table, "%s", "");
	table_end_row(&table);
	for (int i = FLOOR_NONE + 1; i < FLOOR_COUNT; i++) {
		table_cell(&table, "%s", floor_names[i]);
		table_cell(&table, "%.*f", floors[i] > 1000 ? 0 : 3, floors[i]);
		table_end_row(&table);
	}
	buf_append_text(out, "\n");
	table_render(&table, out);
}

void report_words(struct buf *out)
{
	buf_append_text(out,
		"\nRate, CPU (of peppyd) and written (to files) are those of an operation. Peak "
		"is\n"
		"anonymous memory; private memory, at the end, is also what is mapped of the "
		"store.\n"
		"Generator and others: how much CPU (per cent of a core) the bench and all other\n"
		"processes took meanwhile; where others take much, times say little.\n");
}
