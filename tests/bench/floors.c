#include "floors.h"

#include <arpa/inet.h>
#include <errno.h>
#include <expat.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "fault.h"
#include "floors_lmdb.h"
#include "histogram.h"
#include "stanzas.h"

#define PAGE 4096
#define BLOCK 65536
#define NOTIFICATION 700 /* bytes, with a payload of 300 */

const char *const floor_names[FLOOR_COUNT] = {
	[FLOOR_FLUSHES_MS] = "two 4 KiB overwrites, each with fdatasync, ms",
	[FLOOR_APPEND_MS] = "4 KiB append with fdatasync, ms",
	[FLOOR_COMMIT_MS] = "LMDB alone, publish 300 B, transactions of 1, ms",
	[FLOOR_LMDB_RATE_300] = "LMDB alone, publish 300 B, transactions of 100, a second",
	[FLOOR_LMDB_RATE_4K] = "LMDB alone, publish 4 KiB, transactions of 100, a second",
	[FLOOR_LMDB_CPU_300] = "LMDB alone, publish 300 B, transactions of 100, us CPU",
	[FLOOR_LMDB_CPU_4K] = "LMDB alone, publish 4 KiB, transactions of 100, us CPU",
	[FLOOR_PARSE_CPU_300] = "expat alone, publish stanza 300 B, us CPU",
	[FLOOR_PARSE_CPU_4K] = "expat alone, publish stanza 4 KiB, us CPU",
	[FLOOR_PUBLISH_CPU_300] = "LMDB and expat, publish 300 B, us CPU",
	[FLOOR_PUBLISH_CPU_4K] = "LMDB and expat, publish 4 KiB, us CPU",
	[FLOOR_SCATTERED_CPU] = "LMDB and expat, publish 300 B to 10 000 nodes at random, us CPU",
	[FLOOR_READ_CPU] = "LMDB alone, last 10 items, us CPU",
	[FLOOR_SUBSCRIBE_CPU] = "LMDB and expat, subscribe or unsubscribe, us CPU",
	[FLOOR_SOCKET_RATE] = "socketpair, notifications of 700 B in blocks of 64 KiB, a second",
	[FLOOR_SOCKET_CPU] = "socketpair, notification, us CPU of the writer",
	[FLOOR_TCP_RATE] = "loopback, notifications of 700 B in blocks of 64 KiB, a second",
	[FLOOR_TCP_CPU] = "loopback, notification, us CPU of the writer",
};

static double cpu_us(void)
{
	return (double)clock_read_ns(CLOCK_THREAD_CPUTIME_ID) / 1e3;
}

/* ---- the disk ---- */

/* The median of a write of a page and its flush; an append makes the file longer. */
static double flush_ms(const char *folder, bool append, unsigned count)
{
	struct histogram times = {0};
	char path[400], page[PAGE];
	int fd;

	snprintf(path, sizeof path, "%s/peppy-bench-flush-%d", folder, (int)getpid());
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		fault("cannot write %s: %s", path, strerror(errno));
	unlink(path);
	memset(page, 'x', sizeof page);
	if (write(fd, page, PAGE) != PAGE || fdatasync(fd) != 0)
		fault("cannot write to %s: %s", folder, strerror(errno));
	for (unsigned i = 0; i < count; i++) {
		uint64_t begun_ns = clock_ns();

		if (pwrite(fd, page, PAGE, append ? (off_t)(i + 1) * PAGE : 0) != PAGE ||
			fdatasync(fd) != 0)
			fault("cannot write to %s: %s", folder, strerror(errno));
		histogram_add(&times, clock_ns() - begun_ns);
	}
	close(fd);
	return histogram_ms(&times, 0.5);
}

/* ---- expat ---- */

static void on_start(void *ctx, const XML_Char *name, const XML_Char **attributes)
{
	unsigned *elements = ctx;

	(void)name;
	(void)attributes;
	++*elements;
}

/* One parser for all, as in a stream; elements and character data are reported. */
static double parse_us(const struct buf *stanza, unsigned count)
{
	static const char header[] = "<stream xmlns='jabber:component:accept'>";
	XML_Parser parser = XML_ParserCreateNS(NULL, ' ');
	unsigned elements = 0;
	double begun;

	XML_SetUserData(parser, &elements);
	XML_SetStartElementHandler(parser, on_start);
	XML_Parse(parser, header, sizeof header - 1, 0);
	begun = cpu_us();
	for (unsigned i = 0; i < count; i++)
		if (XML_Parse(parser, stanza->data, (int)stanza->len, 0) != XML_STATUS_OK)
			fault("expat refuses a publish stanza");
	begun = cpu_us() - begun;
	XML_ParserFree(parser);
	return begun / count;
}

static double parse_publish_us(size_t payload_bytes, unsigned count)
{
	struct buf stanza = {0};
	double us;

	stanza_publish(&stanza, "b1.1", &(struct publish){.payload_bytes = payload_bytes});
	us = parse_us(&stanza, count);
	buf_finish(&stanza);
	return us;
}

static double parse_subscribe_us(unsigned count)
{
	struct buf stanza = {0};
	double us;

	stanza_subscribe(&stanza, "b1.1", 1, 1);
	us = parse_us(&stanza, count);
	buf_finish(&stanza);
	return us;
}

/* ---- sockets ---- */

static void *swallow(void *ctx)
{
	static char block[16 * BLOCK];
	int *fd = ctx;

	while (read(*fd, block, sizeof block) > 0)
		;
	return NULL;
}

/* Copies a notification with its recipient and its id until a block is full, and writes it. */
static void write_notifications(int fd, unsigned count)
{
	static char block[BLOCK + 2 * NOTIFICATION];
	char notification[NOTIFICATION];
	size_t filled = 0;

	memset(notification, 'x', sizeof notification);
	for (unsigned i = 0; i < count; i++) {
		memcpy(block + filled, notification, NOTIFICATION);
		for (unsigned digit = 0, rest = i; digit < 8; digit++, rest /= 10)
			block[filled + 40 + digit] = (char)('0' + rest % 10);
		filled += NOTIFICATION;
		if (filled < BLOCK && i + 1 < count)
			continue;
		for (size_t done = 0; done < filled;) {
			ssize_t n = write(fd, block + done, filled - done);

			if (n <= 0)
				fault("a socket does not take what is written: %s",
					strerror(errno));
			done += (size_t)n;
		}
		filled = 0;
	}
}

static void measure_pair(int pair[2], unsigned count, double *rate, double *cpu)
{
	uint64_t begun_ns = clock_ns();
	double begun_us = cpu_us();
	pthread_t reader;

	if (pthread_create(&reader, NULL, swallow, &pair[1]) != 0)
		fault("cannot start a thread");
	write_notifications(pair[0], count);
	*cpu = (cpu_us() - begun_us) / count;
	close(pair[0]);
	pthread_join(reader, NULL);
	close(pair[1]);
	*rate = count / ((double)(clock_ns() - begun_ns) / 1e9);
}

static void open_loopback(int pair[2])
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	pair[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(listener, (struct sockaddr *)&address, len) != 0 || listen(listener, 1) != 0 ||
		getsockname(listener, (struct sockaddr *)&address, &len) != 0 ||
		connect(pair[0], (struct sockaddr *)&address, len) != 0)
		fault("cannot use loopback: %s", strerror(errno));
	pair[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	close(listener);
}

static void measure_sockets(unsigned count, double values[FLOOR_COUNT])
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		fault("socketpair: %s", strerror(errno));
	measure_pair(pair, count, &values[FLOOR_SOCKET_RATE], &values[FLOOR_SOCKET_CPU]);
	open_loopback(pair);
	measure_pair(pair, count, &values[FLOOR_TCP_RATE], &values[FLOOR_TCP_CPU]);
}

/* ---- all of them ---- */

static void measure_publishing(const char *folder, unsigned n, double values[FLOOR_COUNT])
{
	static const unsigned sizes[] = {300, 4096};
	struct lmdb_publish how = {.payload_bytes = 300, .batch = 1, .nodes = 8, .count = 200 * n};

	values[FLOOR_COMMIT_MS] = lmdb_publish(folder, &how).median_ms;
	how.batch = 100;
	how.count = 3000 * n;
	for (unsigned i = 0; i < 2; i++) {
		struct lmdb_cost cost;

		how.payload_bytes = sizes[i];
		cost = lmdb_publish(folder, &how);
		values[FLOOR_LMDB_RATE_300 + i] = 1e6 / cost.wall_us;
		values[FLOOR_LMDB_CPU_300 + i] = cost.cpu_us;
		values[FLOOR_PARSE_CPU_300 + i] = parse_publish_us(sizes[i], 5000 * n);
		values[FLOOR_PUBLISH_CPU_300 + i] = cost.cpu_us + values[FLOOR_PARSE_CPU_300 + i];
	}
	how = (struct lmdb_publish){
		.payload_bytes = 300, .batch = 300, .nodes = 10000, .count = 3000 * n};
	values[FLOOR_SCATTERED_CPU] =
		lmdb_publish(folder, &how).cpu_us + values[FLOOR_PARSE_CPU_300];
}

void floors_measure(const char *folder, bool brief, double values[FLOOR_COUNT])
{
	unsigned n = brief ? 1 : 10;

	values[FLOOR_APPEND_MS] = flush_ms(folder, true, 200 * n);
	values[FLOOR_FLUSHES_MS] = 2 * flush_ms(folder, false, 200 * n);
	measure_sockets(200000 * n, values);
	measure_publishing(folder, n, values);
	values[FLOOR_READ_CPU] = lmdb_read_us(folder, 20000 * n);
	values[FLOOR_SUBSCRIBE_CPU] =
		lmdb_subscribe_us(folder, 5000 * n) + parse_subscribe_us(20000 * n);
}
