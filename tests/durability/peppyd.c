#include "peppyd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- the folder ---- */

void peppyd_path(const struct peppyd *peppyd, const char *name, char path[300])
{
	snprintf(path, 300, "%s/%s", peppyd->folder, name);
}

static void write_configuration(const struct peppyd *peppyd)
{
	char path[300];
	FILE *file;

	peppyd_path(peppyd, "conf", path);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fchmod(fileno(file), 0600), 0);
	fprintf(file,
		"component \"" PEPPYD_COMPONENT "\" {\n"
		"\tport = %u\n\tsecret = \"" PEPPYD_SECRET "\"\n\tdomains = {\"example.org\"}\n}\n"
		"store {\n\tpath = \"%s/store\"\n%s}\n"
		"limits { max-items-per-node = 2000000 }\n",
		peppyd->port, peppyd->folder, peppyd->store != NULL ? peppyd->store : "");
	assert_int_equal(fclose(file), 0);
}

void peppyd_make(struct peppyd *peppyd, const char *parent, uint16_t port)
{
	const char *tmp = getenv("TMPDIR");

	if (parent == NULL)
		parent = tmp != NULL ? tmp : "/tmp";
	snprintf(peppyd->folder, sizeof peppyd->folder, "%s/peppy-durability-XXXXXX", parent);
	assert_non_null(mkdtemp(peppyd->folder));
	peppyd->port = port;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *walk)
{
	(void)st, (void)kind, (void)walk;
	return remove(path);
}

void peppyd_remove(struct peppyd *peppyd)
{
	if (peppyd->pid != 0)
		peppyd_kill(peppyd);
	nftw(peppyd->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* ---- the process ---- */

static const char *build_folder(void)
{
	const char *folder = getenv("builddir");

	return folder != NULL ? folder : ".";
}

static void load_shim(const struct peppyd *peppyd)
{
	char path[300];

	snprintf(path, sizeof path, "%s/tests/durability/disk.so", build_folder());
	setenv("LD_PRELOAD", path, 1);
	peppyd_path(peppyd, "fault", path);
	setenv("DISK_FAULT", path, 1);
	peppyd_path(peppyd, "disk.log", path);
	if (peppyd->recorded)
		setenv("DISK_LOG", path, 1);
	setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
}

static void limit(__rlimit_resource_t what, uint64_t most)
{
	const struct rlimit limit = {most, most};

	if (most != 0)
		setrlimit(what, &limit);
}

static void limit_all(const struct peppyd *peppyd)
{
	if (peppyd->file_limit != 0)
		signal(SIGXFSZ, SIG_IGN); /* so that writes fail */
	limit(RLIMIT_FSIZE, peppyd->file_limit);
	limit(RLIMIT_AS, peppyd->memory_limit);
	limit(RLIMIT_NOFILE, peppyd->descriptor_limit);
}

static _Noreturn void become(const struct peppyd *peppyd)
{
	char program[300], conf[300], log[300];
	int fd;

	snprintf(program, sizeof program, "%s/peppyd", build_folder());
	peppyd_path(peppyd, "conf", conf);
	peppyd_path(peppyd, "log", log);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* it must not outlive its test */
	fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	if (peppyd->shim)
		load_shim(peppyd);
	limit_all(peppyd);
	execl(program, program, "-c", conf, (char *)NULL);
	fprintf(stderr, "cannot run %s: %s\n", program, strerror(errno));
	_exit(127);
}

void peppyd_start(struct peppyd *peppyd)
{
	assert_int_equal(peppyd->pid, 0);
	write_configuration(peppyd);
	peppyd->pid = fork();
	assert_true(peppyd->pid >= 0);
	if (peppyd->pid == 0)
		become(peppyd);
}

void peppyd_kill(struct peppyd *peppyd)
{
	int status;

	kill(peppyd->pid, SIGKILL);
	assert_int_equal(waitpid(peppyd->pid, &status, 0), peppyd->pid);
	peppyd->pid = 0;
	if (!WIFSIGNALED(status))
		fail_msg("peppyd had ended by itself: status %x, see %s/log", (unsigned)status,
			peppyd->folder);
}

int peppyd_await_end(struct peppyd *peppyd)
{
	int status;

	assert_int_equal(waitpid(peppyd->pid, &status, 0), peppyd->pid);
	peppyd->pid = 0;
	if (!WIFEXITED(status))
		fail_msg("peppyd was ended by signal %d", WTERMSIG(status));
	return WEXITSTATUS(status);
}

bool peppyd_runs(const struct peppyd *peppyd)
{
	siginfo_t info = {0};

	assert_int_equal(waitid(P_PID, (id_t)peppyd->pid, &info, WEXITED | WNOHANG | WNOWAIT), 0);
	return info.si_pid == 0;
}

void peppyd_limit_memory(const struct peppyd *peppyd)
{
	struct rlimit limit = {0};
	unsigned long pages;
	char path[64];
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/statm", (int)peppyd->pid);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%lu", &pages), 1);
	fclose(file);
	limit.rlim_cur = limit.rlim_max = pages * (rlim_t)sysconf(_SC_PAGESIZE) + 1024 * 1024;
	assert_int_equal(prlimit(peppyd->pid, RLIMIT_AS, &limit, NULL), 0);
	limit.rlim_cur = limit.rlim_max = 0;
	assert_int_equal(prlimit(peppyd->pid, RLIMIT_CORE, &limit, NULL), 0);
}

int peppyd_await_abort(struct peppyd *peppyd)
{
	int status;

	assert_int_equal(waitpid(peppyd->pid, &status, 0), peppyd->pid);
	peppyd->pid = 0;
	if (!WIFSIGNALED(status))
		fail_msg("peppyd ended with status %d", WEXITSTATUS(status));
	return WTERMSIG(status);
}

void peppyd_terminate(struct peppyd *peppyd)
{
	kill(peppyd->pid, SIGTERM);
}

uint64_t peppyd_cpu_ms(const struct peppyd *peppyd)
{
	unsigned long user, kernel;
	char path[64];
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)peppyd->pid);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_int_equal(
		fscanf(file, "%*d (peppyd) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
			&user, &kernel),
		2);
	fclose(file);
	return (user + kernel) * 1000 / (uint64_t)sysconf(_SC_CLK_TCK);
}

uint64_t peppyd_private_bytes(const struct peppyd *peppyd)
{
	char path[64], line[256];
	uint64_t sum = 0;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)peppyd->pid);
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof line, file) != NULL)
		if (strncmp(line, "Private_", 8) == 0)
			sum += strtoull(strchr(line, ':') + 1, NULL, 10) * 1024;
	fclose(file);
	return sum;
}

bool peppyd_logged(const struct peppyd *peppyd, const char *text)
{
	char path[300], line[2000];
	bool found = false;
	FILE *file;

	peppyd_path(peppyd, "log", path);
	file = fopen(path, "r");
	while (file != NULL && !found && fgets(line, sizeof line, file) != NULL)
		found = strstr(line, text) != NULL;
	if (file != NULL)
		fclose(file);
	return found;
}

void peppyd_fault(const struct peppyd *peppyd, const char *fault)
{
	char path[300], unfinished[300];
	FILE *file;

	peppyd_path(peppyd, "fault", path);
	if (fault == NULL) {
		assert_int_equal(unlink(path), 0);
		return;
	}
	peppyd_path(peppyd, "fault~", unfinished);
	file = fopen(unfinished, "w");
	assert_non_null(file);
	fputs(fault, file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(rename(unfinished, path), 0);
}

/* ---- its store ---- */

static void on_problem(void *ctx, const char *text)
{
	fail_msg("%s: %s", (const char *)ctx, text);
}

struct store_checked check_store_in(const char *path)
{
	const struct store_check check = {.ctx = (void *)path, .problem = on_problem};
	struct store_checked found;
	struct store_txn *txn;
	struct store *store;

	assert_int_equal(store_open_read(path, &store), PUBSUB_OK);
	assert_int_equal(store_begin(store, STORE_READ, &txn), PUBSUB_OK);
	assert_int_equal(store_check(txn, &check, &found), PUBSUB_OK);
	store_abort(txn);
	store_close(store);
	return found;
}

struct store_checked peppyd_check_store(const struct peppyd *peppyd)
{
	char path[300];

	assert_int_equal(peppyd->pid, 0);
	peppyd_path(peppyd, "store", path);
	return check_store_in(path);
}

size_t peppyd_jobs(const struct peppyd *peppyd)
{
	struct arena *arena = arena_create();
	struct store_job *jobs;
	struct store_txn *txn;
	struct store *store;
	char path[300];
	size_t n;

	peppyd_path(peppyd, "store", path);
	assert_int_equal(store_open_read(path, &store), PUBSUB_OK);
	assert_int_equal(store_begin(store, STORE_READ, &txn), PUBSUB_OK);
	assert_int_equal(store_jobs_page(txn, 0, SIZE_MAX, arena, &jobs, &n), PUBSUB_OK);
	store_abort(txn);
	store_close(store);
	arena_destroy(arena);
	return n;
}

unsigned durability_rounds(unsigned few, unsigned n)
{
	const char *how = getenv("PEPPY_DURABILITY");

	return how != NULL && strcmp(how, "full") == 0 ? n : few;
}
