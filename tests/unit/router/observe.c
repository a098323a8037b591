/* Numbers hold what happened, however often it had to be tried. */
#include <stdlib.h>
#include <string.h>

#include "peppy/buf.h"
#include "peppy/clock.h"
#include "peppy/codec.h"
#include "peppy/log.h"
#include "peppy/router.h"
#include "peppy/top.h"
#include "streams.h"

#define FAIL_AT_MAX 200
#define REQUEST(type, id, ns, body)                                                                \
	"<iq type='" type "' id='" id "' from='hamlet@denmark.lit/a' to='pubsub.denmark.lit'>"     \
	"<pubsub xmlns='" ns "'>" body "</pubsub></iq>"

struct rig {
	struct streams streams;
	unsigned results, errors; /* that went out */
};

static void take(void *ctx, const struct xml_stanza *stanza)
{
	struct rig *rig = ctx;
	const char *type = xml_attr(stanza->root, "type");

	rig->results += strcmp(type, "result") == 0;
	rig->errors += strcmp(type, "error") == 0;
}

/* All in one turn, or in several if the store fails. */
static void feed(struct rig *rig, const char *xml)
{
	streams_feed(&rig->streams, xml, strlen(xml));
	while (rig->streams.more)
		streams_feed(&rig->streams, "", 0);
}

static struct rig *rig_open(void)
{
	static const char *const domain = "denmark.lit";
	static const struct router_component component = {
		.jid = "pubsub.denmark.lit", .domains = {&domain, 1}};
	struct rig *rig = calloc(1, sizeof *rig);
	const struct router_options opt = streams_options(&component);

	streams_open(&rig->streams, &opt, take, rig);
	return rig;
}

static void rig_close(struct rig *rig)
{
	streams_close(&rig->streams);
	free(rig);
}

/* The sum of the samples that start so. */
static unsigned count(const struct rig *rig, const char *name)
{
	struct buf text = {0};
	unsigned sum = 0;
	char *save;

	router_metrics(rig->streams.router, &text);
	buf_append_byte(&text, '\0');
	for (char *line = strtok_r(text.data, "\n", &save); line != NULL;
		line = strtok_r(NULL, "\n", &save))
		if (strncmp(line, name, strlen(name)) == 0)
			sum += (unsigned)strtoul(strrchr(line, ' ') + 1, NULL, 10);
	buf_finish(&text);
	return sum;
}

/* One succeeds, two are refused. */
static const char requests[] = REQUEST("set", "1", NS_PUBSUB, "<create node='a'/>") REQUEST("set",
	"2", NS_PUBSUB, "<create node='a'/>") REQUEST("get", "3", NS_PUBSUB, "<items node='b'/>");

static void test_what_is_run_again_counts_once(void **state)
{
	unsigned lost = 0;

	(void)state;
	log_level_set(LOG_LEVEL_ERROR);
	for (uint64_t fail_at = 1; fail_at < FAIL_AT_MAX; fail_at++) {
		struct rig *rig = rig_open();

		store_fail_arm(rig->streams.store, fail_at, false);
		feed(rig, requests);
		assert_int_equal(rig->results + rig->errors, 3);
		assert_int_equal(count(rig, "peppy_stanzas_total"), 3);
		assert_int_equal(count(rig, "peppy_errors_total"), rig->errors);
		assert_int_equal(count(rig, "peppy_turn_stanzas_sum"), 3);
		assert_in_range(count(rig, "peppy_turn_stanzas_count"), 1, 3);
		assert_in_range(count(rig, "peppy_requests_total"), rig->results, 3);
		lost += count(rig, "peppy_turns_lost_total");
		rig_close(rig);
	}
	assert_in_range(lost, 10, FAIL_AT_MAX);
}

static void test_requests_are_counted_by_kind_and_result(void **state)
{
	struct rig *rig = rig_open();

	(void)state;
	feed(rig, requests);
	assert_int_equal(count(rig, "peppy_requests_total{request=\"pubsub set create\"}"), 2);
	assert_int_equal(
		count(rig, "peppy_requests_refused_total{request=\"pubsub set create\"}"), 1);
	assert_int_equal(count(rig, "peppy_requests_total{request=\"pubsub get items\"}"), 1);
	assert_int_equal(
		count(rig, "peppy_requests_refused_total{request=\"pubsub get items\"}"), 1);
	assert_int_equal(count(rig, "peppy_requests_refused_total"), 2);
	rig_close(rig);
}

static void test_the_busiest_are_those_of_requests(void **state)
{
	struct rig *rig = rig_open();
	struct top_key key;
	uint64_t since_us;

	(void)state;
	feed(rig, requests);
	assert_int_equal(top_list(router_tops(rig->streams.router).nodes, clock_monotonic_us(),
				 &key, 1, &since_us),
		1);
	assert_int_equal(top_list(router_tops(rig->streams.router).senders, clock_monotonic_us(),
				 &key, 1, &since_us),
		1);
	assert_string_equal(key.key, "hamlet@denmark.lit");
	assert_int_equal(key.count, 3);
	rig_close(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_run_again_counts_once),
		cmocka_unit_test(test_requests_are_counted_by_kind_and_result),
		cmocka_unit_test(test_the_busiest_are_those_of_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
