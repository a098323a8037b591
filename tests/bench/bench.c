#include "bench.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "clock.h"
#include "fault.h"

#define SILENCE_NS UINT64_C(60000000000) /* after which nothing more is expected */
#define LOOK_NS UINT64_C(5000000)        /* between two looks at the memory */
#define TINY 20

/* ---- what comes from peppyd ---- */

static void take_iq(struct bench *bench, const struct stanza *iq)
{
	struct buf *out = server_output(bench->server);
	struct slice type = scan_attr(iq->tag, "type");

	if (scan_is(type, "get") || scan_is(type, "set")) {
		accounts_answer(&bench->accounts, iq, out);
		return;
	}
	for (struct load *load = bench->loads; load != NULL; load = load->next)
		if (load_take(load, iq, out, server_now_ns(bench->server)))
			return;
	fault("an answer to nothing: %.*s", (int)iq->bytes.len, iq->bytes.at);
}

static void on_stanza(void *ctx, const struct stanza *stanza)
{
	struct bench *bench = ctx;

	bench->heard_ns = server_now_ns(bench->server);
	if (scan_begins(stanza->tag, "<iq"))
		take_iq(bench, stanza);
	else if (scan_begins(stanza->tag, "<message") && bench->due != NULL)
		deliveries_take(bench->due, stanza, server_now_ns(bench->server));
	else if (!scan_begins(stanza->tag, "<presence"))
		fault("nothing like this was due: %.*s", (int)stanza->bytes.len, stanza->bytes.at);
}

/* ---- its life ---- */

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
	interrupted = number;
}

/* Whoever is interrupted, or whose starter is gone, still removes its store. */
static void heed_interrupts(void)
{
	signal(SIGINT, on_interrupt);
	signal(SIGTERM, on_interrupt);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
}

static void attach(struct bench *bench, uint64_t begun_ns)
{
	while (!server_is_called(bench->server, 100))
		daemon_expect_alive(bench->daemon);
	server_accept(bench->server);
	bench->result->figures[FIGURE_START] = (double)(clock_ns() - begun_ns) / 1e6;
}

void bench_open(struct bench *bench)
{
	uint64_t begun_ns;

	for (int i = 0; i < FIGURE_COUNT; i++)
		bench->result->figures[i] = (double)NAN;
	heed_interrupts();
	bench->server = server_create(on_stanza, bench, bench->options->scale == SCALE_TINY);
	begun_ns = clock_ns();
	bench->daemon = daemon_create(&(struct daemon_options){
		.program = bench->options->program,
		.folder = bench->options->folder,
		.port = server_port(bench->server),
	});
	attach(bench, begun_ns);
}

static void stop(struct bench *bench)
{
	daemon_ask_to_end(bench->daemon);
	server_part(bench->server);
	daemon_await_end(bench->daemon);
}

void bench_restart(struct bench *bench)
{
	uint64_t begun_ns;

	stop(bench);
	begun_ns = clock_ns();
	daemon_start(bench->daemon);
	attach(bench, begun_ns);
	bench->result->figures[FIGURE_PRIVATE] =
		(double)daemon_usage(bench->daemon).private / 1048576;
}

void bench_close(struct bench *bench)
{
	stop(bench);
	daemon_destroy(bench->daemon);
	server_destroy(bench->server);
}

uint64_t bench_count(const struct bench *bench, uint64_t n)
{
	switch (bench->options->scale) {
	case SCALE_TINY:
		return n < TINY ? n : TINY;
	case SCALE_QUICK:
		return (n + 9) / 10;
	default:
		return n;
	}
}

unsigned bench_size(const struct bench *bench, unsigned n)
{
	return bench->options->scale == SCALE_TINY && n > TINY ? TINY : n;
}

/* ---- the loop ---- */

static void look_at_memory(struct bench *bench, uint64_t now_ns)
{
	uint64_t bytes;

	if (now_ns - bench->looked_ns < LOOK_NS)
		return;
	bench->looked_ns = now_ns;
	bytes = daemon_anonymous(bench->daemon);
	if (bytes > bench->peak)
		bench->peak = bytes;
}

static _Noreturn void give_up(const struct bench *bench)
{
	const struct load *load = bench->loads;
	unsigned long long sent = load != NULL ? load->sent : 0,
			   answered = load != NULL ? load->answered : 0,
			   due = bench->due != NULL ? bench->due->events * bench->due->recipients
						    : 0,
			   arrived = bench->due != NULL ? bench->due->arrived : 0;

	fault("nothing comes any more: %llu of %llu requests are answered, %llu of %llu "
	      "notifications have come",
		answered, sent, arrived, due);
}

void bench_turn(struct bench *bench)
{
	uint64_t now_ns = clock_ns();
	bool paced = false;

	if (interrupted != 0)
		fault("interrupted by signal %d", (int)interrupted);
	for (struct load *load = bench->loads; load != NULL; load = load->next) {
		load_pump(load, server_output(bench->server), now_ns);
		paced = paced || (load->per_second > 0 && !load_is_done(load));
	}
	server_step(bench->server, paced ? 1 : 10);
	look_at_memory(bench, now_ns);
	if (now_ns > bench->heard_ns + SILENCE_NS)
		give_up(bench);
}

void bench_start(struct bench *bench, struct load *load)
{
	load_begin(load, bench->load_number++);
	load->next = bench->loads;
	bench->loads = load;
	bench->heard_ns = clock_ns();
}

void bench_finish(struct bench *bench, struct load *load)
{
	struct load **at = &bench->loads;

	while (!load_is_done(load))
		bench_turn(bench);
	while (*at != load)
		at = &(*at)->next;
	*at = load->next;
	load_end(load);
}

void bench_run(struct bench *bench, struct load *load)
{
	bench_start(bench, load);
	bench_finish(bench, load);
}

void bench_expect(struct bench *bench, struct deliveries *due)
{
	deliveries_begin(due);
	bench->due = due;
	bench->heard_ns = clock_ns();
}

void bench_finish_deliveries(struct bench *bench)
{
	while (!deliveries_is_done(bench->due))
		bench_turn(bench);
}

/* ---- figures ---- */

/* CPU that all processes of the machine have used (proc(5): user, nice, system, idle, iowait,
 * …). */
static uint64_t machine_ns(void)
{
	unsigned long long user = 0, nice = 0, kernel = 0, idle, wait, irq = 0, softirq = 0;
	FILE *file = fopen("/proc/stat", "r");

	if (file == NULL || fscanf(file, "cpu %llu %llu %llu %llu %llu %llu %llu", &user, &nice,
				    &kernel, &idle, &wait, &irq, &softirq) != 7)
		user = nice = kernel = irq = softirq = 0;
	if (file != NULL)
		fclose(file);
	return (user + nice + kernel + irq + softirq) *
	       (1000000000 / (uint64_t)sysconf(_SC_CLK_TCK));
}

void bench_begin(struct bench *bench)
{
	bench->peak = 0;
	bench->looked_ns = 0;
	bench->before = daemon_usage(bench->daemon);
	bench->generator_ns = clock_read_ns(CLOCK_PROCESS_CPUTIME_ID);
	bench->machine_ns = machine_ns();
	bench->received = server_received(bench->server);
	bench->begun_ns = clock_ns();
}

void bench_end(struct bench *bench, uint64_t operations)
{
	double wall_ns = (double)(clock_ns() - bench->begun_ns);
	double generator_ns =
		(double)(clock_read_ns(CLOCK_PROCESS_CPUTIME_ID) - bench->generator_ns);
	const struct daemon_usage before = bench->before, after = daemon_usage(bench->daemon);
	double peppyd_ns = (double)(after.cpu_ns - before.cpu_ns);
	double others_ns = (double)(machine_ns() - bench->machine_ns) - peppyd_ns - generator_ns;
	double sent = (double)(server_received(bench->server) - bench->received);
	double written = (double)(after.written - before.written) - sent;
	double *figures = bench->result->figures, n = (double)operations;

	look_at_memory(bench, UINT64_MAX);
	bench->result->operations = operations;
	figures[FIGURE_RATE] = n / wall_ns * 1e9;
	figures[FIGURE_CPU] = peppyd_ns / 1e3 / n;
	figures[FIGURE_PEAK] = (double)bench->peak / 1048576;
	figures[FIGURE_PRIVATE] = (double)after.private / 1048576;
	figures[FIGURE_DISK] = ((double)after.disk - (double)before.disk) / 1048576;
	figures[FIGURE_WRITTEN] = (written > 0 ? written : 0) / 1024 / n;
	figures[FIGURE_GENERATOR] = generator_ns / wall_ns * 100;
	figures[FIGURE_OTHERS] = others_ns > 0 ? others_ns / wall_ns * 100 : 0;
}

void bench_latency(struct bench *bench, const struct histogram *latency)
{
	bench->result->figures[FIGURE_P50] = histogram_ms(latency, 0.5);
	bench->result->figures[FIGURE_P99] = histogram_ms(latency, 0.99);
	bench->result->figures[FIGURE_P999] = histogram_ms(latency, 0.999);
}
