/* bench - peppyd under load: throughput, latency, CPU, memory and disk, each held against what was
 * aimed at and against what the machine does without a service. */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "fault.h"
#include "report.h"

#define MOST_WORKLOADS 64
#define QUIET 20.0 /* per cent of a core that others may take */

static const char usage[] =
	"usage: run [--quick | --full | --tap] [--tries N] [--peppyd FILE] [--folder FOLDER]\n"
	"           [--record FILE] [workload...]\n"
	"\n"
	"Starts peppyd on a store of its own for each workload and prints what it takes.\n"
	"  --quick    a tenth of the operations\n"
	"  --full     also what takes an hour and 10 GB of disk\n"
	"  --tap      a test: every workload very small, everything verified, nothing measured\n"
	"  --tries    runs of a workload of which the quietest counts, the one in which other\n"
	"             processes took least; one that was quiet enough is the last. Default: 1\n"
	"  --peppyd   the one to measure; default: that of the build folder\n"
	"  --folder   for the stores; default: $TMPDIR or /var/tmp. It should be a real disk\n"
	"  --record   appends the tables to a file\n"
	"  --list     names the workloads\n";

struct program {
	struct bench_options options;
	const char *record;
	long tries;
	char **names; /* of workloads; none: all */
	int name_count;
	char path[PATH_MAX];   /* of the default peppyd */
	char source[PATH_MAX]; /* the source folder */
	double floors[FLOOR_COUNT];
	struct result results[MOST_WORKLOADS];
};

/* ---- what is run, is run in a process of its own ---- */

struct job {
	const struct program *program;
	const struct workload *workload; /* NULL: the floors */
	struct bench bench;
	struct result result;
	double floors[FLOOR_COUNT];
	int out; /* where the result goes */
};

static void hand_over(const struct job *job)
{
	if (write(job->out, &job->result, sizeof job->result) != sizeof job->result ||
		write(job->out, job->floors, sizeof job->floors) != sizeof job->floors)
		_exit(EXIT_FAILURE);
}

static void on_fault(void *ctx, const char *text)
{
	struct job *job = ctx;
	char words[DAEMON_LINE_SIZE] = "it had not started";

	if (job->bench.daemon != NULL)
		daemon_last_words(job->bench.daemon, words);
	daemon_abandon(job->bench.daemon);
	snprintf(job->result.fault, sizeof job->result.fault, "%s (%s)", text, words);
	hand_over(job);
	_exit(EXIT_FAILURE);
}

static _Noreturn void do_job(struct job *job)
{
	const struct bench_options *options = &job->program->options;

	fault_handler_set(on_fault, job);
	job->bench.options = options;
	job->bench.result = &job->result;
	if (job->workload == NULL) {
		floors_measure(options->folder, options->scale == SCALE_QUICK, job->floors);
	} else {
		job->bench.parameters = &job->workload->parameters;
		bench_open(&job->bench);
		job->workload->run(&job->bench);
		bench_close(&job->bench);
	}
	hand_over(job);
	_exit(EXIT_SUCCESS);
}

static bool read_all(int fd, void *data, size_t len)
{
	size_t done = 0;
	ssize_t n = 1;

	while (done < len && (n = read(fd, (char *)data + done, len - done)) > 0)
		done += (size_t)n;
	return done == len;
}

/* workload NULL: floors are measured, *result says whether that went well. */
static void run_job(const struct program *program, const struct workload *workload,
	struct result *result, double floors[FLOOR_COUNT])
{
	struct job job = {.program = program, .workload = workload};
	int ends[2];
	pid_t pid;

	if (pipe(ends) != 0 || (pid = fork()) < 0) {
		perror("bench");
		exit(EX_OSERR);
	}
	if (pid == 0) {
		close(ends[0]);
		job.out = ends[1];
		do_job(&job);
	}
	close(ends[1]);
	if (!read_all(ends[0], result, sizeof *result) ||
		!read_all(ends[0], floors, sizeof job.floors))
		snprintf(result->fault, sizeof result->fault, "the generator itself has failed");
	close(ends[0]);
	waitpid(pid, NULL, 0);
}

/* ---- which ---- */

static bool is_wanted(const struct program *program, const struct workload *workload)
{
	if (program->name_count == 0)
		return program->options.scale == SCALE_TINY ||
		       workload->level <= program->options.scale;
	for (int i = 0; i < program->name_count; i++)
		if (strcmp(program->names[i], workload->name) == 0)
			return true;
	return false;
}

static bool is_workload(const char *name)
{
	for (size_t i = 0; workloads[i].name != NULL; i++)
		if (strcmp(workloads[i].name, name) == 0)
			return true;
	return false;
}

/* ---- all of them ---- */

static int run_tests(struct program *program)
{
	double floors[FLOOR_COUNT];
	int number = 0, failed = 0;

	for (size_t i = 0; workloads[i].name != NULL; i++) {
		struct result *result = &program->results[i];

		if (!is_wanted(program, &workloads[i]))
			continue;
		run_job(program, &workloads[i], result, floors);
		if (result->fault[0] != '\0')
			printf("# %s\n", result->fault);
		failed += result->fault[0] != '\0';
		printf("%s %d - %s: every answer and every notification once\n",
			result->fault[0] != '\0' ? "not ok" : "ok", ++number, workloads[i].name);
		fflush(stdout);
	}
	printf("1..%d\n", number);
	return failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static void write_report(const struct program *program)
{
	struct buf text = {0};
	FILE *file;

	report_machine(&text, program->source);
	report_results(&text, program->results);
	report_aims(&text, program->results, program->floors);
	report_floors(&text, program->floors);
	report_words(&text);
	buf_append_text(&text, "\n");
	fwrite(text.data, 1, text.len, stdout);
	file = program->record == NULL ? NULL : fopen(program->record, "a");
	if (file != NULL)
		fwrite(text.data, 1, text.len, file);
	if (program->record != NULL && (file == NULL || fclose(file) != 0))
		fprintf(stderr, "cannot write %s: %s\n", program->record, strerror(errno));
	buf_finish(&text);
}

static bool is_quieter(const struct result *a, const struct result *b)
{
	return a->figures[FIGURE_OTHERS] < b->figures[FIGURE_OTHERS];
}

/* The quietest of some runs; the first that goes wrong is the last. */
static void run_quietly(
	const struct program *program, const struct workload *workload, struct result *out)
{
	double unused[FLOOR_COUNT];

	for (long i = 0; i < program->tries; i++) {
		struct result result = {0};

		run_job(program, workload, &result, unused);
		if (i == 0 || result.fault[0] != '\0' || is_quieter(&result, out))
			*out = result;
		if (result.fault[0] != '\0' || result.figures[FIGURE_OTHERS] < QUIET)
			break;
	}
}

static int run_workloads(struct program *program)
{
	struct result floors = {0};
	int failed = 0;

	fprintf(stderr, "the machine alone\n");
	run_job(program, NULL, &floors, program->floors);
	if (floors.fault[0] != '\0')
		fprintf(stderr, "  %s\n", floors.fault);
	for (size_t i = 0; workloads[i].name != NULL; i++) {
		if (!is_wanted(program, &workloads[i]))
			continue;
		fprintf(stderr, "%s\n", workloads[i].name);
		run_quietly(program, &workloads[i], &program->results[i]);
		if (program->results[i].fault[0] != '\0')
			fprintf(stderr, "  FAILED: %s\n", program->results[i].fault);
		failed += program->results[i].fault[0] != '\0';
	}
	write_report(program);
	return failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* ---- options ---- */

static void set_defaults(struct program *program)
{
	char here[PATH_MAX - 64];
	ssize_t n = readlink("/proc/self/exe", here, sizeof here - 1);
	const char *tmp = getenv("TMPDIR"), *source = getenv("srcdir");

	here[n < 0 ? 0 : n] = '\0';
	snprintf(program->path, sizeof program->path, "%s/../../peppyd", dirname(here));
	snprintf(program->source, sizeof program->source, "%s", source != NULL ? source : ".");
	program->tries = 1;
	program->options = (struct bench_options){
		.program = program->path,
		.folder = tmp != NULL ? tmp : "/var/tmp",
		.scale = SCALE_NORMAL,
	};
}

static _Noreturn void list(void)
{
	for (size_t i = 0; workloads[i].name != NULL; i++)
		printf("%s\n", workloads[i].name);
	exit(EXIT_SUCCESS);
}

static _Noreturn void help(void)
{
	fputs(usage, stdout);
	exit(EXIT_SUCCESS);
}

static _Noreturn void refuse_usage(void)
{
	fputs(usage, stderr);
	exit(EX_USAGE);
}

/* The value of an option that needs one. */
static const char *value_of(char ***at)
{
	if ((*at)[1] == NULL)
		refuse_usage();
	return *++*at;
}

static void parse_option(struct program *program, char ***at)
{
	const char *option = **at;

	if (strcmp(option, "--quick") == 0)
		program->options.scale = SCALE_QUICK;
	else if (strcmp(option, "--full") == 0)
		program->options.scale = SCALE_FULL;
	else if (strcmp(option, "--tap") == 0)
		program->options.scale = SCALE_TINY;
	else if (strcmp(option, "--tries") == 0)
		program->tries = strtol(value_of(at), NULL, 10);
	else if (strcmp(option, "--peppyd") == 0)
		program->options.program = value_of(at);
	else if (strcmp(option, "--folder") == 0)
		program->options.folder = value_of(at);
	else if (strcmp(option, "--record") == 0)
		program->record = value_of(at);
	else if (strcmp(option, "--list") == 0)
		list();
	else if (strcmp(option, "--help") == 0)
		help();
	else
		refuse_usage();
}

int main(int argc, char **argv)
{
	static struct program program;
	char **at;

	(void)argc;
	set_defaults(&program);
	for (at = argv + 1; *at != NULL && strncmp(*at, "--", 2) == 0; at++)
		parse_option(&program, &at);
	program.names = at;
	for (; *at != NULL; at++, program.name_count++) {
		if (is_workload(*at))
			continue;
		fprintf(stderr, "there is no workload %s; --list names them\n", *at);
		return EX_USAGE;
	}
	if (program.tries < 1)
		refuse_usage();
	if (program.options.scale == SCALE_TINY)
		return run_tests(&program);
	return run_workloads(&program);
}
