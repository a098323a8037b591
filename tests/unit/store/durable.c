/* durable.c - kill -9: what was acknowledged is there, and all rows agree with each other. */
#include "support.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 20
#define KEEP 40 /* items: trimming is under way as well when the end comes */
#define SUBSCRIBERS 10

/* ---- the child ---- */

static void publish_some(struct fixture *f, struct pubsub_node *node, int n)
{
	struct pubsub_texts trimmed;
	char id[32];

	while (n-- > 0) {
		sprintf(id, "id-%llu", (unsigned long long)node->last_seq % 100);
		publish(f, node, id, 1);
		ok(store_items_trim(f->txn, node, KEEP, f->arena, &trimmed));
	}
}

/* Never returns; each number in the pipe is an item whose transaction was committed. */
static void child(struct fixture *f, int pipe_in, unsigned seed)
{
	struct store_options opt = {.path = f->folder, .max_bytes = MAP_BYTES};
	char jid[16];
	unsigned i;

	ok(store_open(&opt, &f->store));
	for (i = seed;; i++) {
		struct pubsub_node *node;

		writing(f);
		node = get_node(f, SERVICE, "news");
		publish_some(f, node, 1 + (int)(i % 7));
		sprintf(jid, "s%u@x", i % SUBSCRIBERS);
		subscribe(f, node, jid, "1",
			i % 3 == 0 ? PUBSUB_SUBSCRIPTION_PENDING : PUBSUB_SUBSCRIPTION_SUBSCRIBED);
		if (i % 50 == 0)
			ok(store_node_purge(f->txn, node));
		ok(store_commit(f->txn));
		f->txn = NULL;
		if (write(pipe_in, &node->last_seq, sizeof node->last_seq) < 0)
			_exit(1);
		arena_reset(f->arena);
	}
}

/* ---- the parent ---- */

/* Reads n acknowledgements, kills, and reads those that were still under way. */
static uint64_t last_acknowledged(int pipe_out, pid_t pid, int n)
{
	uint64_t seq, last = 0;
	bool killed = false;

	while (read(pipe_out, &seq, sizeof seq) == sizeof seq) {
		last = seq;
		if (--n <= 0 && !killed) {
			kill(pid, SIGKILL);
			killed = true;
		}
	}
	assert_true(killed);
	return last;
}

static void round_of(struct fixture *f, int acknowledgements, unsigned seed)
{
	struct store_options opt = {.path = f->folder, .max_bytes = MAP_BYTES};
	struct pubsub_node *node;
	uint64_t acknowledged;
	int ends[2];
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(ends[0]);
		child(f, ends[1], seed);
	}
	close(ends[1]);
	acknowledged = last_acknowledged(ends[0], pid, acknowledgements);
	close(ends[0]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);

	ok(store_open(&opt, &f->store));
	reading(f);
	node = get_node(f, SERVICE, "news");
	assert_true(node->last_seq >= acknowledged);
	assert_true(node->last_seq <= acknowledged + 8); /* one commit may have gone unheard */
	assert_whole(f);
	store_close(f->store);
	f->store = NULL;
	arena_reset(f->arena);
}

static void test_what_was_acknowledged_survives_kill_9(void **state)
{
	struct fixture f;
	unsigned i;

	(void)state;
	srand(1);
	fixture_open_lmdb(&f);
	writing(&f);
	expire_after(&f, make_node(&f, SERVICE, "news"), 1);
	ok(store_commit(f.txn));
	f.txn = NULL;
	store_close(f.store); /* an open environment must not cross a fork */
	f.store = NULL;
	for (i = 0; i < ROUNDS; i++)
		round_of(&f, 1 + rand() % 30, i * 17);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_acknowledged_survives_kill_9),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
