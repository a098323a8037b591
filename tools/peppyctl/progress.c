/* progress.c - how far it is, where somebody watches. */
#include "peppyctl.h"

#include <inttypes.h>
#include <unistd.h>

#include "peppy/clock.h"

#define PATIENCE_US 1000000
#define PAUSE_US 200000
#define BAR 40

static _Atomic uint64_t started_us, shown_us; /* a copy is looked at by a thread */

static void draw(const char *doing, uint64_t done, uint64_t of)
{
	int filled = of == 0 ? 0 : (int)(done >= of ? BAR : done * BAR / of);

	if (of == 0) {
		fprintf(stderr, "\r%s %" PRIu64 " ", doing, done);
		return;
	}
	fprintf(stderr, "\r%s [", doing);
	for (int i = 0; i < BAR; i++)
		fputc(i < filled ? '#' : '.', stderr);
	fprintf(stderr, "] %3d %% ", filled * 100 / BAR);
}

void progress_show(const char *doing, uint64_t done, uint64_t of)
{
	uint64_t now_us = clock_monotonic_us();

	if (started_us == 0)
		started_us = now_us;
	if (now_us < started_us + PATIENCE_US || now_us < shown_us + PAUSE_US ||
		!isatty(STDERR_FILENO))
		return;
	draw(doing, done, of);
	shown_us = now_us;
}

/* A signal may call it. */
void progress_end(void)
{
	static const char wiped[] = "\r\033[K";
	ssize_t ignored = 0;

	if (shown_us != 0)
		ignored = write(STDERR_FILENO, wiped, sizeof wiped - 1);
	(void)ignored; /* nobody could be told */
	started_us = shown_us = 0;
}
