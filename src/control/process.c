/* What the kernel tells of this process, by the names that Prometheus' own libraries use. */
#include "state.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "peppy/clock.h"
#include "peppy/metric.h"

static const struct metric cpu = {"process_cpu_seconds", METRIC_COUNTER, "CPU time used"};
static const struct metric started = {
	"process_start_time_seconds", METRIC_GAUGE, "Start time, since 1970"};
static const struct metric resident = {"process_resident_memory_bytes", METRIC_GAUGE,
	"Resident memory, cached pages of the store's file included"};
static const struct metric open_files = {"process_open_fds", METRIC_GAUGE, "Open file descriptors"};
static const struct metric max_files = {
	"process_max_fds", METRIC_GAUGE, "Limit of open file descriptors"};

static uint64_t us_of(struct timeval time)
{
	return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_usec;
}

/* 0: the kernel does not tell. */
static uint64_t resident_bytes(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	uint64_t pages = 0;

	if (file == NULL)
		return 0;
	if (fscanf(file, "%*s %" SCNu64, &pages) != 1)
		pages = 0;
	fclose(file);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t count_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	uint64_t n = 0;

	if (dir == NULL)
		return 0;
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n - 3; /* "." and "..", and the folder */
}

void process_render(const struct control *control, struct buf *out)
{
	struct rusage usage;
	struct rlimit files;

	if (getrusage(RUSAGE_SELF, &usage) == 0)
		metric_put_seconds(out, &cpu, us_of(usage.ru_utime) + us_of(usage.ru_stime));
	metric_put_seconds(
		out, &started, clock_wall_us() - (clock_monotonic_us() - control->started_us));
	metric_put_one(out, &resident, resident_bytes());
	metric_put_one(out, &open_files, count_files());
	if (getrlimit(RLIMIT_NOFILE, &files) == 0)
		metric_put_one(out, &max_files, files.rlim_cur);
}
