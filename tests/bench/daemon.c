#include "daemon.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fault.h"
#include "peppy/memory.h"

#define PATH_SIZE 400

struct daemon {
	pid_t pid; /* 0: not running */
	clockid_t cpu_clock;
	char *program;
	char folder[PATH_SIZE];
};

static void path_in(const struct daemon *daemon, const char *name, char path[PATH_SIZE + 40])
{
	snprintf(path, PATH_SIZE + 40, "%s/%s", daemon->folder, name);
}

/* ---- the folder ---- */

static void write_configuration(const struct daemon *daemon, uint16_t port)
{
	char path[PATH_SIZE + 40];
	FILE *file;

	path_in(daemon, "conf", path);
	file = fopen(path, "w");
	if (file == NULL || fchmod(fileno(file), 0600) != 0)
		fault("cannot write %s: %s", path, strerror(errno));
	fprintf(file,
		"component \"" DAEMON_COMPONENT "\" {\n"
		"\tport = %u\n\tsecret = \"" DAEMON_SECRET "\"\n"
		"\tdomains = {\"" DAEMON_DOMAIN "\"}\n\tcreate-nodes = local\n}\n"
		"store { path = \"%s/store\" }\n"
		"limits { max-items-per-node = 2000000 }\n"
		"log { level = warning }\n",
		port, daemon->folder);
	if (fclose(file) != 0)
		fault("cannot write %s: %s", path, strerror(errno));
}

static void remove_files(const char *folder)
{
	char path[2 * PATH_SIZE];
	DIR *dir = opendir(folder);
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		unlink(path); /* refuses the folders */
	}
	if (dir != NULL)
		closedir(dir);
	rmdir(folder);
}

static void remove_folder(const struct daemon *daemon)
{
	char store[PATH_SIZE + 40];

	path_in(daemon, "store", store);
	remove_files(store);
	remove_files(daemon->folder);
}

/* ---- the process ---- */

static void read_last_line(const struct daemon *daemon, char line[DAEMON_LINE_SIZE])
{
	char path[PATH_SIZE + 40], next[DAEMON_LINE_SIZE];
	FILE *file;

	snprintf(line, DAEMON_LINE_SIZE, "it has logged nothing");
	path_in(daemon, "log", path);
	file = fopen(path, "r");
	while (file != NULL && fgets(next, sizeof next, file) != NULL)
		memcpy(line, next, sizeof next);
	if (file != NULL)
		fclose(file);
	line[strcspn(line, "\n")] = '\0';
}

void daemon_last_words(struct daemon *daemon, char line[DAEMON_LINE_SIZE])
{
	char last[DAEMON_LINE_SIZE];
	int status;
	bool ended = daemon->pid != 0 && waitpid(daemon->pid, &status, WNOHANG) != 0;

	read_last_line(daemon, last);
	if (ended)
		daemon->pid = 0;
	if (!ended)
		snprintf(line, DAEMON_LINE_SIZE, "%s", last);
	else if (WIFSIGNALED(status))
		snprintf(line, DAEMON_LINE_SIZE, "killed by signal %d; %s", WTERMSIG(status), last);
	else
		snprintf(line, DAEMON_LINE_SIZE, "exit status %d; %s", WEXITSTATUS(status), last);
}

static _Noreturn void become(const struct daemon *daemon)
{
	char conf[PATH_SIZE + 40], log[PATH_SIZE + 40];
	int fd;

	path_in(daemon, "conf", conf);
	path_in(daemon, "log", log);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* it must not outlive the one who measures it */
	fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	execl(daemon->program, daemon->program, "-c", conf, (char *)NULL);
	fprintf(stderr, "cannot run %s: %s\n", daemon->program, strerror(errno));
	_exit(127);
}

void daemon_start(struct daemon *daemon)
{
	daemon->pid = fork();
	if (daemon->pid < 0)
		fault("fork: %s", strerror(errno));
	if (daemon->pid == 0)
		become(daemon);
	if (clock_getcpuclockid(daemon->pid, &daemon->cpu_clock) != 0)
		fault("cannot see the CPU clock of process %d", (int)daemon->pid);
}

struct daemon *daemon_create(const struct daemon_options *opt)
{
	struct daemon *daemon = memory_alloc(sizeof *daemon);

	snprintf(daemon->folder, sizeof daemon->folder, "%s/peppy-bench-XXXXXX", opt->folder);
	if (mkdtemp(daemon->folder) == NULL)
		fault("cannot make %s: %s", daemon->folder, strerror(errno));
	daemon->program = memory_strdup(opt->program);
	write_configuration(daemon, opt->port);
	daemon_start(daemon);
	return daemon;
}

void daemon_expect_alive(struct daemon *daemon)
{
	if (waitpid(daemon->pid, NULL, WNOHANG) == 0)
		return;
	daemon->pid = 0;
	fault("peppyd has ended");
}

void daemon_ask_to_end(const struct daemon *daemon)
{
	kill(daemon->pid, SIGTERM);
}

void daemon_await_end(struct daemon *daemon)
{
	int status = -1;

	waitpid(daemon->pid, &status, 0);
	daemon->pid = 0;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fault("peppyd did not end well: status %x", (unsigned)status);
}

void daemon_destroy(struct daemon *daemon)
{
	remove_folder(daemon);
	free(daemon->program);
	free(daemon);
}

void daemon_abandon(struct daemon *daemon)
{
	if (daemon == NULL)
		return;
	if (daemon->pid != 0) {
		kill(daemon->pid, SIGKILL);
		waitpid(daemon->pid, NULL, 0);
	}
	remove_folder(daemon);
}

int daemon_pid(const struct daemon *daemon)
{
	return (int)daemon->pid;
}

/* ---- what it uses ---- */

/* The sum of the numbers behind those lines of /proc/PID/NAME that start so. */
static uint64_t sum_of(const struct daemon *daemon, const char *name, const char *start)
{
	char path[64], line[256];
	uint64_t sum = 0;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/%s", (int)daemon->pid, name);
	file = fopen(path, "r");
	while (file != NULL && fgets(line, sizeof line, file) != NULL) {
		const char *colon = strchr(line, ':');

		if (colon != NULL && strncmp(line, start, strlen(start)) == 0)
			sum += strtoull(colon + 1, NULL, 10);
	}
	if (file != NULL)
		fclose(file);
	return sum;
}

static uint64_t disk_bytes(const struct daemon *daemon)
{
	char folder[PATH_SIZE + 40], path[2 * PATH_SIZE + 40];
	uint64_t sum = 0;
	struct dirent *entry;
	struct stat stat_of;
	DIR *dir;

	path_in(daemon, "store", folder);
	dir = opendir(folder);
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		if (stat(path, &stat_of) == 0 && S_ISREG(stat_of.st_mode))
			sum += (uint64_t)stat_of.st_blocks * 512;
	}
	if (dir != NULL)
		closedir(dir);
	return sum;
}

uint64_t daemon_anonymous(const struct daemon *daemon)
{
	return sum_of(daemon, "status", "RssAnon:") * 1024;
}

struct daemon_usage daemon_usage(const struct daemon *daemon)
{
	struct timespec cpu = {0};

	clock_gettime(daemon->cpu_clock, &cpu);
	return (struct daemon_usage){
		.cpu_ns = (uint64_t)cpu.tv_sec * 1000000000 + (uint64_t)cpu.tv_nsec,
		.written = sum_of(daemon, "io", "wchar:"),
		.disk = disk_bytes(daemon),
		.private = sum_of(daemon, "smaps_rollup", "Private_") * 1024,
		.anonymous = sum_of(daemon, "smaps_rollup", "Anonymous:") * 1024,
	};
}
