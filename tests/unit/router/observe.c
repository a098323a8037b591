/* Numbers hold what happened, however often it had to be tried. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "peppy/buf.h"
#include "peppy/clock.h"
#include "peppy/codec.h"
#include "peppy/log.h"
#include "peppy/router.h"
#include "peppy/top.h"

#define FAIL_AT_MAX 200
#define HEADER                                                                                     \
	"<stream:stream xmlns='" NS_COMPONENT "' "                                                 \
	"xmlns:stream='http://etherx.jabber.org/streams' id='observe'>"
#define REQUEST(type, id, ns, body)                                                                \
	"<iq type='" type "' id='" id "' from='hamlet@denmark.lit/a' to='pubsub.denmark.lit'>"     \
	"<pubsub xmlns='" ns "'>" body "</pubsub></iq>"

struct rig {
	struct store *store;
	struct router *router;
	struct xml_parser *in, *out;
	bool more;                /* may be left in in */
	unsigned results, errors; /* that went out */
};

static const struct xml_limits limits = {0};

static void on_send(void *ctx, size_t component, const char *bytes, size_t len, bool keep)
{
	struct rig *rig = ctx;
	struct xml_stanza stanza;

	(void)component;
	(void)keep;
	memcpy(xml_parser_space(rig->out, len), bytes, len);
	xml_parser_filled(rig->out, len);
	while (xml_parser_next(rig->out, &stanza) == XML_STANZA) {
		rig->results += strcmp(xml_attr(stanza.root, "type"), "result") == 0;
		rig->errors += strcmp(xml_attr(stanza.root, "type"), "error") == 0;
	}
	xml_parser_release(rig->out);
}

static uint64_t no_bytes(void *ctx, size_t component)
{
	(void)ctx;
	(void)component;
	return 0;
}

static bool next_stanza(void *ctx, struct xml_stanza *out)
{
	struct rig *rig = ctx;

	rig->more = xml_parser_next(rig->in, out) == XML_STANZA;
	return rig->more;
}

/* All in one turn, or in several if the store fails. */
static void feed(struct rig *rig, const char *xml)
{
	const struct router_source source = {.ctx = rig, .next = next_stanza};

	memcpy(xml_parser_space(rig->in, strlen(xml)), xml, strlen(xml));
	xml_parser_filled(rig->in, strlen(xml));
	do
		router_turn(rig->router, 0, &source);
	while (rig->more);
	xml_parser_release(rig->in);
}

static struct rig *rig_open(void)
{
	static const char *const domain = "denmark.lit";
	static const struct router_component component = {
		.jid = "pubsub.denmark.lit", .domains = {&domain, 1}};
	struct rig *rig = calloc(1, sizeof *rig);
	const struct router_options opt = {
		.components = &component,
		.component_count = 1,
		.max_outgoing_bytes = 480 * 1024,
		.max_items = 1000,
		.max_payload_bytes = 1024 * 1024,
		.node_defaults = pubsub_node_config_default,
		.pep_defaults = pubsub_node_config_default,
		.ctx = rig,
		.send = on_send,
		.sent = no_bytes,
		.taken = no_bytes,
	};

	assert_int_equal(store_open_mem(&rig->store), PUBSUB_OK);
	rig->store = store_open_fail(rig->store);
	rig->in = xml_parser_create(&limits, HEADER, strlen(HEADER));
	rig->out = xml_parser_create(&limits, HEADER, strlen(HEADER));
	rig->router = router_create(rig->store, &opt);
	assert_non_null(rig->router);
	router_link_up(rig->router, 0);
	return rig;
}

static void rig_close(struct rig *rig)
{
	router_destroy(rig->router);
	store_close(rig->store);
	xml_parser_destroy(rig->in);
	xml_parser_destroy(rig->out);
	free(rig);
}

/* The sum of the samples that start so. */
static unsigned count(const struct rig *rig, const char *name)
{
	struct buf text = {0};
	unsigned sum = 0;
	char *save;

	router_metrics(rig->router, &text);
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

		store_fail_arm(rig->store, fail_at, false);
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
	assert_int_equal(
		top_list(router_tops(rig->router).nodes, clock_monotonic_us(), &key, 1, &since_us),
		1);
	assert_int_equal(top_list(router_tops(rig->router).senders, clock_monotonic_us(), &key, 1,
				 &since_us),
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
