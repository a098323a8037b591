/* kill.c - peppyd is killed at random moments under load. What it has acknowledged is there
 * afterwards, every fan-out it has begun comes to its end, nobody hears of what is not there, and
 * the store is whole. 10 rounds; in full 200. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peppy/clock.h"
#include "peppy/codec.h"
#include "peppyd.h"
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
	unsigned answers, refusals, looked_for;
	unsigned outstanding;
};

/* ---- what peppyd says ---- */

static bool number_of(const char *text, const char *prefix, unsigned *out)
{
	size_t len = strlen(prefix);

	if (text == NULL || strncmp(text, prefix, len) != 0)
		return false;
	*out = (unsigned)strtoul(text + len, NULL, 10);
	return true;
}

static void take_notification(struct run *run, const struct xml_element *message)
{
	const struct xml_element *el = xml_child(message, NS_PUBSUB_EVENT, "event");
	unsigned user = 0, n = 0;

	el = el == NULL ? NULL : xml_child(el, NS_PUBSUB_EVENT, "items");
	if (el == NULL || strcmp(xml_attr(el, "node"), "large") != 0)
		return;
	el = xml_child(el, NS_PUBSUB_EVENT, "item");
	assert_true(el != NULL && number_of(xml_attr(el, "id"), "e", &n));
	assert_true(number_of(xml_attr(message, "to"), "u", &user));
	assert_in_range(user, 0, SUBSCRIBERS - 1);
	assert_in_range(n, 0, run->events_n - 1);
	if (run->events[n].heard[user]++ == 0)
		run->events[n].missing--;
}

static void take_answer(struct run *run, const struct xml_element *iq)
{
	const char *id = xml_attr(iq, "id");
	bool is_result = strcmp(xml_attr(iq, "type"), "result") == 0;
	unsigned n;

	if (number_of(id, "find-e", &n)) {
		run->events[n].known = is_result ? THERE : ABSENT;
		run->looked_for--;
	} else if (number_of(id, "find-i", &n)) {
		if (!is_result)
			fail_msg("item i%u was acknowledged and is not there", n);
		run->looked_for--;
	} else if (number_of(id, "i", &n)) {
		assert_true(is_result);
		run->acknowledged[n] = true;
		run->outstanding--;
	} else if (number_of(id, "e", &n)) {
		assert_true(is_result);
		run->events[n].acknowledged = true;
	} else {
		run->answers++;
		run->refusals += !is_result;
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

static void ask(struct run *run, const char *from, const char *type, const char *id, const char *ns,
	const char *request)
{
	buf_printf(&run->server.out,
		"<iq type='%s' from='%s@example.org/d' to='" PEPPYD_COMPONENT
		"' id='%s'><pubsub xmlns='%s'>%s</pubsub></iq>",
		type, from, id, ns, request);
}

static void publish(struct run *run, const char *node, const char *kind, unsigned n)
{
	char request[400], id[32];

	snprintf(id, sizeof id, "%s%u", kind, n);
	snprintf(request, sizeof request,
		"<publish node='%s'><item id='%s'><x xmlns='urn:x'>%0100u</x></item></publish>",
		node, id, n);
	ask(run, "owner", "set", id, NS_PUBSUB, request);
}

static void publish_event(struct run *run)
{
	struct event *event = &run->events[run->events_n];

	assert_in_range(run->events_n, 0, EVENTS_MAX - 1);
	event->missing = SUBSCRIBERS;
	publish(run, "large", "e", run->events_n++);
}

static void look_for(struct run *run, const char *node, const char *kind, unsigned n)
{
	char request[200], id[32];

	snprintf(id, sizeof id, "find-%s%u", kind, n);
	snprintf(request, sizeof request, "<items node='%s'><item id='%s%u'/></items>", node, kind,
		n);
	ask(run, "owner", "get", id, NS_PUBSUB, request);
	run->looked_for++;
}

static void create(struct run *run, const char *node)
{
	char request[900];

	snprintf(request, sizeof request,
		"<create node='%s'/><configure><x xmlns='jabber:x:data' type='submit'>"
		"<field var='FORM_TYPE'><value>" NS_PUBSUB "#node_config</value></field>"
		"<field var='pubsub#max_items'><value>max</value></field>"
		"<field var='pubsub#persist_items'><value>1</value></field>"
		"<field var='pubsub#send_last_published_item'><value>never</value></field>"
		"</x></configure>",
		node);
	ask(run, "owner", "set", "create", NS_PUBSUB, request);
}

/* Whatever else writes, so that a kill meets everything half done. */
static void churn(struct run *run)
{
	static const char *const requests[][2] = {
		{NS_PUBSUB, "<subscribe node='busy' jid='a@example.org'/>"},
		{NS_PUBSUB,
			"<publish node='busy'><item id='1'><x xmlns='urn:x'/></item></publish>"},
		{NS_PUBSUB, "<publish node='busy'><item><x xmlns='urn:x'/></item></publish>"},
		{NS_PUBSUB, "<retract node='busy'><item id='1'/></retract>"},
		{NS_PUBSUB, "<unsubscribe node='busy' jid='a@example.org'/>"},
		{NS_PUBSUB_OWNER, "<purge node='busy'/>"},
		{NS_PUBSUB_OWNER, "<delete node='busy'/>"},
		{NS_PUBSUB, "<create node='busy'/>"},
	};
	unsigned which = (unsigned)rand() % (sizeof requests / sizeof *requests);

	ask(run, "a", "set", "churn", requests[which][0], requests[which][1]);
}

/* ---- rounds ---- */

static void prepare(struct run *run)
{
	char user[32], request[200];

	create(run, "log");
	create(run, "large");
	for (unsigned i = 0; i < SUBSCRIBERS; i++) {
		snprintf(user, sizeof user, "u%u", i);
		snprintf(request, sizeof request, "<subscribe node='large' jid='%s@example.org'/>",
			user);
		ask(run, user, "set", "subscribe", NS_PUBSUB, request);
	}
	SERVER_WAIT(&run->server, run->answers == SUBSCRIBERS + 2);
	assert_int_equal(run->refusals, 0);
}

static void load(struct run *run)
{
	uint64_t until = clock_monotonic_us() + 1000 + (unsigned)rand() % LOAD_US;
	unsigned events = 0;

	run->outstanding = 0;
	while (clock_monotonic_us() < until) {
		for (; run->outstanding < OUTSTANDING; run->outstanding++) {
			assert_in_range(run->items_n, 0, ITEMS_MAX - 1);
			publish(run, "log", "i", run->items_n++);
			churn(run);
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

static void test_what_was_acknowledged_survives_every_kill(void **state)
{
	unsigned rounds = durability_rounds(10, 200), kills = 0, items = 0;
	struct run run = {
		.events = calloc(EVENTS_MAX, sizeof *run.events),
		.acknowledged = calloc(ITEMS_MAX, sizeof *run.acknowledged),
	};

	(void)state;
	srand(5);
	run.server.ctx = &run;
	run.server.on_stanza = on_stanza;
	server_open(&run.server);
	peppyd_make(&run.peppyd, NULL, server_port(&run.server));
	peppyd_start(&run.peppyd);
	server_login(&run.server);
	prepare(&run);
	for (unsigned i = 0; i < rounds; i++)
		round_of(&run);
	peppyd_terminate(&run.peppyd);
	server_part(&run.server);
	assert_int_equal(peppyd_await_end(&run.peppyd), 0);
	assert_int_equal(peppyd_check_store(&run.peppyd).jobs, 0);
	for (unsigned i = 0; i < run.items_n; i++)
		items += run.acknowledged[i];
	for (unsigned i = 0; i < run.events_n; i++)
		kills += run.events[i].kills;
	print_message("# %u rounds: %u items acknowledged and found, %u fan-outs to %u complete, "
		      "of which kills struck %u\n",
		rounds, items, run.events_n, SUBSCRIBERS, kills);
	peppyd_remove(&run.peppyd);
	server_close(&run.server);
	free(run.events);
	free(run.acknowledged);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_acknowledged_survives_every_kill),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
