/* kill.c - peppyd is killed at random moments under load. What it has acknowledged is there
 * afterwards, every fan-out it has begun comes to its end, nobody hears of what is not there, and
 * the store is whole. 10 rounds; in full 200. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "peppy/clock.h"
#include "peppy/codec.h"
#include "peppyd.h"
#include "requests.h"
#include "server.h"

#define SUBSCRIBERS 1500 /* of the node "large": above 1 000 a fan-out is a job */
#define OUTSTANDING 16
#define EVENTS_A_ROUND 3
#define EVENTS_MAX 1000
#define ITEMS_MAX 200000
#define LOAD_US 120000

enum known { UNKNOWN, THERE, ABSENT };

struct event { /* a publication to the node "large" */
	bool acknowledged;
	enum known known;
	unsigned kills; /* since it was published, until all was found well */
	unsigned missing;
	unsigned char heard[SUBSCRIBERS]; /* how often by each */
};

struct run {
	struct server server;
	struct peppyd peppyd;
	unsigned events_n, settled; /* events that are done are not looked at again */
	struct event *events;
	unsigned items_n, items_checked;
	bool *acknowledged; /* items of the node "log" */
	unsigned answers, refusals, notifications, looked_for;
	unsigned outstanding;
};

/* ---- what peppyd says ---- */

static void take_notification(struct run *run, const struct xml_element *message)
{
	const struct xml_element *items = notified_items(message, "large");
	unsigned user = 0, n = 0;

	if (items == NULL)
		return;
	assert_true(number_of(xml_attr(items->first, "id"), "e", &n));
	assert_true(number_of(xml_attr(message, "to"), "u", &user));
	assert_in_range(user, 0, SUBSCRIBERS - 1);
	assert_in_range(n, 0, run->events_n - 1);
	run->notifications++;
	if (run->events[n].heard[user]++ == 0)
		run->events[n].missing--;
}

static void take_answer(struct run *run, const struct xml_element *iq)
{
	const char *id = xml_attr(iq, "id");
	unsigned n;

	if (number_of(id, "find-e", &n)) {
		run->events[n].known = has_item(iq) ? THERE : ABSENT;
		run->looked_for--;
	} else if (number_of(id, "find-i", &n)) {
		if (!has_item(iq))
			fail_msg("item i%u was acknowledged and is not there", n);
		run->looked_for--;
	} else if (number_of(id, "i", &n)) {
		assert_true(is_result(iq));
		run->acknowledged[n] = true;
		run->outstanding--;
	} else if (number_of(id, "e", &n)) {
		assert_true(is_result(iq));
		run->events[n].acknowledged = true;
	} else {
		run->answers++;
		run->refusals += !is_result(iq);
	}
}

static void on_stanza(void *ctx, const struct xml_stanza *stanza)
{
	if (strcmp(stanza->root->name, "iq") == 0)
		take_answer(ctx, stanza->root);
	else if (strcmp(stanza->root->name, "message") == 0)
		take_notification(ctx, stanza->root);
}

/* ---- what it is told ---- */

static void publish_event(struct run *run)
{
	struct event *event = &run->events[run->events_n];

	assert_in_range(run->events_n, 0, EVENTS_MAX - 1);
	event->missing = SUBSCRIBERS;
	request_publish(&run->server.out, "large", "e", run->events_n++, 100);
}

static void publish_item(struct run *run)
{
	assert_in_range(run->items_n, 0, ITEMS_MAX - 1);
	request_publish(&run->server.out, "log", "i", run->items_n++, 100);
	run->outstanding++;
}

static void look_for(struct run *run, const char *node, const char *kind, unsigned n)
{
	request_item(&run->server.out, node, kind, n);
	run->looked_for++;
}

/* ---- rounds ---- */

static void prepare(struct run *run)
{
	request_create(&run->server.out, "log");
	request_create(&run->server.out, "large");
	for (unsigned i = 0; i < SUBSCRIBERS; i++)
		request_subscribe(&run->server.out, i, "large");
	SERVER_WAIT(&run->server, run->answers == SUBSCRIBERS + 2);
	assert_int_equal(run->refusals, 0);
}

static void load(struct run *run)
{
	uint64_t until = clock_monotonic_us() + 1000 + (unsigned)rand() % LOAD_US;
	unsigned events = 0;

	run->outstanding = 0;
	while (clock_monotonic_us() < until) {
		while (run->outstanding < OUTSTANDING) {
			publish_item(run);
			request_churn(&run->server.out);
		}
		if (events < EVENTS_A_ROUND && rand() % 20 == 0) {
			publish_event(run);
			events++;
		}
		assert_true(server_step(&run->server, 1));
	}
}

static void kill_and_start(struct run *run)
{
	peppyd_kill(&run->peppyd);
	server_read_to_end(&run->server);
	for (unsigned i = run->settled; i < run->events_n; i++)
		run->events[i].kills++;
	peppyd_check_store(&run->peppyd);
	peppyd_start(&run->peppyd);
	server_login(&run->server);
}

static void expect_acknowledged_items(struct run *run)
{
	for (unsigned i = run->items_checked; i < run->items_n; i++)
		if (run->acknowledged[i])
			look_for(run, "log", "i", i);
	run->items_checked = run->items_n;
	SERVER_WAIT(&run->server, run->looked_for == 0);
}

static void expect_fair_share(const struct event *event, unsigned n)
{
	for (unsigned user = 0; user < SUBSCRIBERS; user++) {
		if (event->known == ABSENT && event->heard[user] > 0)
			fail_msg("u%u heard of e%u, which is not there", user, n);
		if (event->heard[user] > 1 + event->kills)
			fail_msg("u%u heard of e%u %u times in spite of %u kills", user, n,
				event->heard[user], event->kills);
	}
}

static void expect_events_to_complete(struct run *run)
{
	for (unsigned i = run->settled; i < run->events_n; i++)
		look_for(run, "large", "e", i);
	SERVER_WAIT(&run->server, run->looked_for == 0);
	for (; run->settled < run->events_n; run->settled++) {
		struct event *event = &run->events[run->settled];

		if (event->acknowledged)
			assert_int_equal(event->known, THERE);
		if (event->known == THERE)
			SERVER_WAIT(&run->server, event->missing == 0);
		expect_fair_share(event, run->settled);
	}
	SERVER_WAIT(&run->server, peppyd_jobs(&run->peppyd) == 0); /* else they count as futile */
}

static void round_of(struct run *run)
{
	load(run);
	kill_and_start(run);
	if (rand() % 3 == 0) { /* while what was begun goes on */
		server_step(&run->server, rand() % 20);
		kill_and_start(run);
	}
	expect_acknowledged_items(run);
	expect_events_to_complete(run);
}

/* ---- tests ---- */

static struct run *start(int receive_buffer)
{
	struct run *run = calloc(1, sizeof *run);

	run->events = calloc(EVENTS_MAX, sizeof *run->events);
	run->acknowledged = calloc(ITEMS_MAX, sizeof *run->acknowledged);
	run->server.ctx = run;
	run->server.on_stanza = on_stanza;
	run->server.receive_buffer = receive_buffer;
	server_open(&run->server);
	peppyd_make(&run->peppyd, NULL, server_port(&run->server));
	peppyd_start(&run->peppyd);
	server_login(&run->server);
	prepare(run);
	return run;
}

static void end(struct run *run)
{
	server_end(&run->server, &run->peppyd);
	free(run->events);
	free(run->acknowledged);
	free(run);
}

static void test_what_was_acknowledged_survives_every_kill(void **state)
{
	unsigned rounds = durability_rounds(10, 200), kills = 0, items = 0;
	struct run *run = start(0);

	(void)state;
	srand(5);
	for (unsigned i = 0; i < rounds; i++)
		round_of(run);
	for (unsigned i = 0; i < run->items_n; i++)
		items += run->acknowledged[i];
	for (unsigned i = 0; i < run->events_n; i++)
		kills += run->events[i].kills;
	print_message("# %u rounds: %u items acknowledged and found, %u fan-outs to %u complete, "
		      "struck by %u kills\n",
		rounds, items, run->events_n, SUBSCRIBERS, kills);
	end(run);
}

/* With so small a window nothing of a slice has arrived when the kill comes. */
/* All that has arrived is read; then the server goes. */
static void lose_link(struct run *run)
{
	uint64_t received;

	do {
		received = run->server.received;
		assert_true(server_step(&run->server, 0));
	} while (run->server.received > received);
	server_hang_up(&run->server);
	for (unsigned i = run->settled; i < run->events_n; i++)
		run->events[i].kills++;
	server_login(&run->server);
}

static void test_fan_outs_go_on_when_the_link_was_lost(void **state)
{
	unsigned losses = durability_rounds(10, 200);
	struct run *run = start(65536); /* so that they take their time */

	(void)state;
	srand(6);
	for (unsigned i = 0; i < losses; i++) {
		publish_event(run);
		SERVER_WAIT(&run->server, run->events[i].acknowledged);
		for (int steps = rand() % 30; steps > 0; steps--)
			server_step(&run->server, 1);
		lose_link(run);
		if (i % 5 == 4)
			expect_events_to_complete(run);
	}
	expect_events_to_complete(run);
	end(run);
}

static void test_a_fan_out_that_is_set_aside_holds_up_no_other(void **state)
{
	struct run *run = start(4096);

	(void)state;
	publish_event(run);
	for (unsigned starts = 1; starts <= 3; starts++) {
		unsigned before = run->notifications;

		SERVER_WAIT(&run->server, run->notifications > before);
		kill_and_start(run);
	}
	SERVER_WAIT(&run->server, peppyd_logged(&run->peppyd, "is set aside"));
	publish_event(run);
	SERVER_WAIT(&run->server, run->events[1].missing == 0);
	SERVER_WAIT(&run->server, peppyd_jobs(&run->peppyd) == 1);
	end(run);
}

/* Is anything left of what a user had subscribed to, be it of deleted nodes? */
static bool is_left_of_subscriber(const struct run *run)
{
	struct arena *arena = arena_create();
	struct store_txn *txn;
	struct store *store;
	const char *service;
	char path[300];
	uint32_t sid = 0;
	bool left;

	peppyd_path(&run->peppyd, "store", path);
	assert_int_equal(store_open_read(path, &store), PUBSUB_OK);
	assert_int_equal(store_begin(store, STORE_READ, &txn), PUBSUB_OK);
	assert_int_equal(
		store_entity_service_next(txn, "u1@example.org", &sid, arena, &service), PUBSUB_OK);
	left = service != NULL;
	store_abort(txn);
	store_close(store);
	arena_destroy(arena);
	return left;
}

static void test_the_deleted_node_of_a_fan_out_that_is_set_aside_is_erased(void **state)
{
	struct run *run = start(4096);

	(void)state;
	request(&run->server.out, "owner", "set", "delete", NS_PUBSUB_OWNER,
		"<delete node='large'/>");
	for (unsigned starts = 1; starts <= 3; starts++) {
		uint64_t before = run->server.received;

		SERVER_WAIT(&run->server, run->server.received > before + 1000);
		assert_true(is_left_of_subscriber(run));
		kill_and_start(run);
	}
	SERVER_WAIT(&run->server, peppyd_logged(&run->peppyd, "is set aside"));
	SERVER_WAIT(&run->server, !is_left_of_subscriber(run));
	assert_int_equal(peppyd_jobs(&run->peppyd), 1);
	end(run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_acknowledged_survives_every_kill),
		cmocka_unit_test(test_fan_outs_go_on_when_the_link_was_lost),
		cmocka_unit_test(test_a_fan_out_that_is_set_aside_holds_up_no_other),
		cmocka_unit_test(test_the_deleted_node_of_a_fan_out_that_is_set_aside_is_erased),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
