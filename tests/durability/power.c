/* power.c - the power is cut. What peppyd writes, flushes and sends is recorded; then the file is
 * put together as a disk may have it that lost its power at some moment: all that was flushed, and
 * of the rest any 4 KiB pages. Every such file opens, is whole, and holds what peppyd had spoken of
 * by then. 20 files; in full 500. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "disk.h"
#include "peppy/array.h"
#include "peppy/log.h"
#include "peppyd.h"
#include "requests.h"
#include "server.h"

#define PAGE 4096
#define META_PAGES 2
#define ITEMS_MAX 3000
#define OUTSTANDING 5
#define SUBSCRIBERS 1100 /* of the node "large": above 1 000 a fan-out is a job */
#define EVENTS 3
#define JUDGED_S 60 /* longer it does not take even on a busy machine */

/* ---- recording ---- */

struct run {
	struct server server;
	struct peppyd peppyd;
	unsigned items, answers, published, acknowledged, heard;
};

static void on_stanza(void *ctx, const struct xml_stanza *stanza)
{
	const struct xml_element *root = stanza->root;
	struct run *run = ctx;
	unsigned n;

	if (notified_items(root, "large") != NULL)
		run->heard++;
	if (strcmp(root->name, "iq") != 0)
		return;
	if (number_of(xml_attr(root, "id"), "i", &n))
		run->acknowledged++;
	else
		run->answers++;
}

static void publish_all(struct run *run)
{
	struct buf *out = &run->server.out;

	while (run->acknowledged < run->items) {
		while (run->published < run->items &&
			run->published - run->acknowledged < OUTSTANDING) {
			if (run->published % (run->items / EVENTS) == 0)
				request_publish(out, "large", "e", run->published, 100);
			request_publish(out, "log", "i", run->published++, 500);
			request_churn(out);
		}
		assert_true(server_step(&run->server, 100));
	}
	SERVER_WAIT(&run->server, run->heard >= EVENTS * SUBSCRIBERS);
}

static void record(struct run *run, const char *durability)
{
	*run = (struct run){.server = {.ctx = run, .on_stanza = on_stanza},
		.items = durability_rounds(300, ITEMS_MAX)};
	server_open(&run->server);
	peppyd_make(&run->peppyd, NULL, server_port(&run->server));
	run->peppyd.store = durability;
	run->peppyd.shim = true;
	run->peppyd.recorded = true;
	peppyd_start(&run->peppyd);
	server_login(&run->server);
	request_create(&run->server.out, "log");
	request_create(&run->server.out, "large");
	for (unsigned i = 0; i < SUBSCRIBERS; i++)
		request_subscribe(&run->server.out, i, "large");
	request_subscribe(&run->server.out, 0, "log");
	SERVER_WAIT(&run->server, run->answers == SUBSCRIBERS + 3);
	publish_all(run);
	peppyd_terminate(&run->peppyd);
	server_part(&run->server);
	assert_int_equal(peppyd_await_end(&run->peppyd), 0);
	server_close(&run->server);
}

/* ---- the disk ---- */

/* A piece of a page that was written and not flushed. */
struct piece {
	uint64_t offset;
	size_t len;
	const char *bytes;
};

struct disk {
	struct buf durable;
	struct piece *pending;
	size_t pending_n, pending_cap;
};

static void put(struct buf *file, const struct piece *piece)
{
	size_t end = (size_t)piece->offset + piece->len;

	if (end > file->len) {
		memset(buf_reserve(file, end - file->len), 0, end - file->len);
		file->len = end;
	}
	memcpy(file->data + piece->offset, piece->bytes, piece->len);
}

/* What the cache held of the same page is older. */
static void store(struct disk *disk, const struct piece *piece)
{
	for (size_t i = 0; i < disk->pending_n; i++)
		if (disk->pending[i].offset / PAGE == piece->offset / PAGE)
			put(&disk->durable, &disk->pending[i]);
	put(&disk->durable, piece);
}

static void cache(struct disk *disk, const struct piece *piece)
{
	if (disk->pending_n == disk->pending_cap) {
		disk->pending_cap = disk->pending_cap > 0 ? 2 * disk->pending_cap : 64;
		disk->pending = realloc(disk->pending, disk->pending_cap * sizeof *piece);
		assert_non_null(disk->pending);
	}
	disk->pending[disk->pending_n++] = *piece;
}

static void flush(struct disk *disk)
{
	for (size_t i = 0; i < disk->pending_n; i++)
		put(&disk->durable, &disk->pending[i]);
	disk->pending_n = 0;
}

static void write_pages(struct disk *disk, const struct disk_event *event, const char *bytes,
	void (*write_page)(struct disk *disk, const struct piece *piece))
{
	for (uint64_t done = 0; done < event->len;) {
		uint64_t offset = event->offset + done, len = PAGE - offset % PAGE;
		struct piece piece = {offset, (size_t)len, bytes + done};

		if (len > event->len - done)
			piece.len = (size_t)(event->len - done);
		write_page(disk, &piece);
		done += piece.len;
	}
}

/* ---- what had been said ---- */

struct said {
	struct xml_parser *parser; /* NULL: peppyd has not logged in yet */
	unsigned commits;
	unsigned spoken_of[ITEMS_MAX]; /* items: the commits when it did so first; 0: never */
};

static void take_sent(struct said *said, const char *bytes, size_t len)
{
	static const struct xml_limits unlimited = {0};
	static const char header[] = "<stream:stream xmlns='jabber:component:accept' "
				     "xmlns:stream='http://etherx.jabber.org/streams'>";
	const struct xml_element *items;
	struct xml_stanza stanza;
	unsigned n = ITEMS_MAX;

	if (said->parser == NULL) {
		if (memmem(bytes, len, "</handshake>", 12) != NULL)
			said->parser = xml_parser_create(&unlimited, header, sizeof header - 1);
		return;
	}
	memcpy(xml_parser_space(said->parser, len), bytes, len);
	xml_parser_filled(said->parser, len);
	while (xml_parser_next(said->parser, &stanza) == XML_STANZA) {
		items = notified_items(stanza.root, "log");
		if (!number_of(xml_attr(stanza.root, "id"), "i", &n) && items != NULL)
			number_of(xml_attr(items->first, "id"), "i", &n);
		if (n < ITEMS_MAX && said->spoken_of[n] == 0)
			said->spoken_of[n] = said->commits;
		n = ITEMS_MAX;
	}
	xml_parser_release(said->parser);
}

/* ---- cutting the power ---- */

struct cut {
	struct disk disk;
	struct said said;
	const char *folder;
	unsigned may_lose; /* of the last commits */
	bool lies;         /* the disk: what it says it has flushed may be lost as well */
	unsigned files, bad, items;
};

static void write_file(const struct cut *cut, const struct buf *file)
{
	char path[300];
	FILE *out;

	snprintf(path, sizeof path, "%s/data.mdb", cut->folder);
	out = fopen(path, "w");
	assert_non_null(out);
	if (file->len > 0) /* cut before anything was written, there are no data at all */
		assert_int_equal(fwrite(file->data, 1, file->len, out), file->len);
	assert_int_equal(fclose(out), 0);
}

static bool has_items(const struct cut *cut, struct store_txn *txn, struct arena *arena)
{
	struct pubsub_node *node = NULL;
	struct pubsub_item item;
	char id[16];

	for (unsigned i = 0; i < ITEMS_MAX; i++) {
		if (cut->said.spoken_of[i] == 0 ||
			cut->said.spoken_of[i] + cut->may_lose > cut->said.commits)
			continue;
		snprintf(id, sizeof id, "i%u", i);
		if (node == NULL &&
			store_node_get(txn, PEPPYD_COMPONENT, "log", arena, &node) != PUBSUB_OK)
			return false;
		if (store_item_get(txn, node, id, &item) != PUBSUB_OK) {
			fprintf(stderr, "peppyd has spoken of %s, and it is lost\n", id);
			return false;
		}
	}
	return true;
}

static void tell(void *ctx, const char *text)
{
	(void)ctx;
	fprintf(stderr, "%s\n", text);
}

/* As peppyd would: it opens for writing, which removes what it must. */
static bool is_good(const struct cut *cut)
{
	const struct store_options opt = {.path = cut->folder, .max_bytes = 1 << 30};
	const struct store_check check = {.problem = tell};
	struct arena *arena = arena_create();
	struct store_checked found;
	struct store_txn *txn;
	struct store *store;

	return store_open(&opt, &store) == PUBSUB_OK &&
	       store_begin(store, STORE_READ, &txn) == PUBSUB_OK &&
	       store_check(txn, &check, &found) == PUBSUB_OK && found.problems == 0 &&
	       has_items(cut, txn, arena);
}

/* In a process of its own, for a damaged file can bring it down, and a damaged tree has no end. */
static void judge(struct cut *cut, unsigned event)
{
	static const int fatal[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		for (size_t i = 0; i < ARRAY_COUNT(fatal); i++)
			signal(fatal[i], SIG_DFL); /* cmocka would go on with its tests */
		alarm(JUDGED_S);
		if (cut->lies)
			dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
		_exit(is_good(cut) ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status != 0 && !cut->lies)
		fail_msg("cut after event %u, in commit %u: status %x", event, cut->said.commits,
			(unsigned)status);
	cut->bad += status != 0;
	cut->files++;
}

/* Each page that was not flushed has reached the disk or has not. */
static void cut_here(struct cut *cut, unsigned event)
{
	static const int chances[] = {0, 10, 50, 90, 100};
	int percent = chances[rand() % (int)ARRAY_COUNT(chances)];
	struct buf file = {0};

	buf_append(&file, cut->disk.durable.data, cut->disk.durable.len);
	for (size_t i = 0; i < cut->disk.pending_n; i++)
		if (rand() % 100 < percent)
			put(&file, &cut->disk.pending[i]);
	write_file(cut, &file);
	buf_finish(&file);
	judge(cut, event);
}

static void happen(struct cut *cut, const struct disk_event *event, const char *bytes)
{
	if (cut->lies && event->kind == DISK_FLUSH)
		return;
	switch (event->kind) {
	case DISK_WRITE:
		write_pages(&cut->disk, event, bytes, cache);
		break;
	case DISK_STORED:
		write_pages(&cut->disk, event, bytes, store);
		break;
	case DISK_FLUSH:
		flush(&cut->disk);
		break;
	default:
		take_sent(&cut->said, bytes, (size_t)event->len);
		return;
	}
	if (event->kind != DISK_FLUSH && event->offset / PAGE < META_PAGES)
		cut->said.commits++;
}

/* Events are looked at one after the other, and the power is cut behind some of them. */
static void replay(struct cut *cut, const char *log, size_t len, unsigned files)
{
	const char *end = log + len;
	struct disk_event event;
	unsigned events = 0, at = 0;

	for (const char *p = log; p < end; p += sizeof event + event.len, events++)
		memcpy(&event, p, sizeof event);
	assert_true(events > 2 * files);
	for (const char *p = log; p < end; p += sizeof event + event.len, at++) {
		memcpy(&event, p, sizeof event);
		happen(cut, &event, p + sizeof event);
		/* cutting at random, as often as there are files left for the events left */
		if (cut->files < files && (unsigned)rand() % (events - at) < files - cut->files)
			cut_here(cut, at);
	}
	assert_int_equal(cut->files, files);
}

static unsigned cut_power(const struct run *run, struct cut cut, unsigned files)
{
	char path[300], folder[300];
	struct stat st;
	void *log;
	int fd;

	peppyd_path(&run->peppyd, "image", folder);
	assert_int_equal(mkdir(folder, 0700), 0);
	cut.folder = folder;
	peppyd_path(&run->peppyd, "disk.log", path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(fstat(fd, &st), 0);
	log = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	assert_ptr_not_equal(log, MAP_FAILED);
	replay(&cut, log, (size_t)st.st_size, files);
	for (unsigned i = 0; i < ITEMS_MAX; i++)
		cut.items += cut.said.spoken_of[i] > 0;
	assert_int_equal(cut.items, run->items);
	print_message("# %u files, cut in %u commits, %u of them not whole\n", cut.files,
		cut.said.commits, cut.bad);
	munmap(log, (size_t)st.st_size);
	close(fd);
	xml_parser_destroy(cut.said.parser);
	buf_finish(&cut.disk.durable);
	free(cut.disk.pending);
	return cut.bad;
}

static unsigned count_bad(const char *durability, struct cut cut)
{
	struct run run;
	unsigned bad;

	srand(7);
	record(&run, durability);
	bad = cut_power(&run, cut, durability_rounds(20, 500));
	peppyd_remove(&run.peppyd);
	return bad;
}

static void test_a_power_cut_loses_nothing_that_peppyd_has_spoken_of(void **state)
{
	(void)state;
	assert_int_equal(count_bad("durability = full\n", (struct cut){0}), 0);
}

static void test_relaxed_it_loses_the_last_transaction_at_most(void **state)
{
	(void)state;
	assert_int_equal(count_bad("durability = relaxed\n", (struct cut){.may_lose = 1}), 0);
}

/* Else the other tests would prove nothing. */
static void test_a_disk_that_does_not_flush_is_found_out(void **state)
{
	(void)state;
	assert_int_not_equal(count_bad("durability = full\n", (struct cut){.lies = true}), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_power_cut_loses_nothing_that_peppyd_has_spoken_of),
		cmocka_unit_test(test_relaxed_it_loses_the_last_transaction_at_most),
		cmocka_unit_test(test_a_disk_that_does_not_flush_is_found_out),
	};

	log_level_set(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
