/* verify.c - the bench notices what it is there to notice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "deliveries.h"
#include "fault.h"
#include "histogram.h"
#include "load.h"
#include "scan.h"
#include "stanzas.h"

#define PAYLOAD 120

static jmp_buf at_fault;
static char fault_text[64];

static void on_fault(void *ctx, const char *text)
{
	(void)ctx;
	strncpy(fault_text, text, sizeof fault_text - 1);
	longjmp(at_fault, 1);
}

/* The fault that the statement ends in begins so. */
#define ASSERT_FAULT(statement, begin)                                                             \
	do {                                                                                       \
		fault_handler_set(on_fault, NULL);                                                 \
		if (setjmp(at_fault) == 0) {                                                       \
			statement;                                                                 \
			fail_msg("no fault");                                                      \
		}                                                                                  \
		assert_memory_equal(fault_text, begin, strlen(begin));                             \
	} while (0)

static struct stanza stanza_of(const char *text)
{
	struct scanner scanner = {0};
	struct stanza stanza;

	assert_true(scan_next(&scanner, text, strlen(text), &stanza));
	assert_int_equal(stanza.bytes.len, strlen(text));
	return stanza;
}

/* ---- scanning ---- */

static void test_stanzas_are_found_wherever_the_bytes_are_cut(void **state)
{
	static const char text[] =
		" <iq id='1'/><message to=\"u1@x\"><a><b/>text</a><a></a></message> <presence/>";
	static const size_t lengths[] = {12, 51, 11};

	(void)state;
	for (size_t cut = 0; cut < sizeof text; cut++) {
		struct scanner scanner = {0};
		struct stanza stanza;
		size_t found = 0;

		while (scan_next(&scanner, text, cut, &stanza))
			assert_int_equal(stanza.bytes.len, lengths[found++]);
		while (scan_next(&scanner, text, sizeof text - 1, &stanza))
			assert_int_equal(stanza.bytes.len, lengths[found++]);
		assert_int_equal(found, 3);
	}
}

static void test_an_attribute_is_found_by_its_whole_name(void **state)
{
	struct stanza stanza = stanza_of("<iq xid='a' to='id=' id=\"b2.17\"/>");
	uint64_t number;

	(void)state;
	assert_true(scan_is(scan_attr(stanza.tag, "id"), "b2.17"));
	assert_true(scan_is(scan_attr(stanza.tag, "to"), "id="));
	assert_null(scan_attr(stanza.tag, "from").at);
	assert_true(scan_number(scan_attr(stanza.tag, "id"), "b2.", &number));
	assert_int_equal(number, 17);
	assert_false(scan_number(scan_attr(stanza.tag, "id"), "b2.17", &number));
}

static void test_an_element_is_not_found_by_the_start_of_its_name(void **state)
{
	struct stanza stanza = stanza_of("<m><items node='n'><item id='i1'/></items></m>");

	(void)state;
	assert_true(scan_is(scan_tag(stanza.bytes, "item"), "<item id='i1'/>"));
	assert_null(scan_tag(stanza.bytes, "ite").at);
}

/* ---- latencies ---- */

static void test_shares_are_true_to_a_sixty_fourth(void **state)
{
	struct histogram histogram = {0};

	(void)state;
	for (uint64_t i = 1; i <= 100000; i++)
		histogram_add(&histogram, i * 1000);
	assert_in_range((int)(histogram_ms(&histogram, 0.5) * 1000), 50000, 51000);
	assert_in_range((int)(histogram_ms(&histogram, 0.99) * 1000), 99000, 100000);
	assert_int_equal((int)(histogram_ms(&histogram, 1) * 1000), 100000);
	histogram_add(&histogram, UINT64_MAX);
	assert_true(histogram.max_ns == UINT64_MAX);
}

/* ---- requests ---- */

static void write_nothing(void *ctx, struct buf *out, uint64_t n, const char *id)
{
	(void)ctx;
	(void)out;
	(void)n;
	(void)id;
}

static void test_each_request_is_answered_once_and_brings_the_next(void **state)
{
	struct load load = {.senders = 2, .outstanding = 1, .count = 3, .write = write_nothing};
	struct stanza first = stanza_of("<iq type='result' id='b7.0'/>");
	struct stanza last = stanza_of("<iq type='result' id='b7.2'/>");
	struct stanza error = stanza_of("<iq type='error' id='b7.1'/>");
	struct stanza other = stanza_of("<iq type='result' id='b70.1'/>");

	(void)state;
	load_begin(&load, 7);
	load_pump(&load, NULL, 1);
	assert_int_equal(load.sent, 2);
	ASSERT_FAULT(load_take(&load, &last, NULL, 2), "b7.2");
	assert_true(load_take(&load, &first, NULL, 2));
	assert_int_equal(load.sent, 3);
	ASSERT_FAULT(load_take(&load, &first, NULL, 3), "b7.0");
	ASSERT_FAULT(load_take(&load, &error, NULL, 3), "an error");
	assert_false(load_take(&load, &other, NULL, 3));
	assert_false(load_is_done(&load));
	load_end(&load);
}

/* ---- notifications ---- */

static struct buf text; /* of the notification under way: whatever faults, it is freed */

static int begin(void **state)
{
	struct deliveries *due = calloc(1, sizeof *due);

	*due = (struct deliveries){.events = 2, .recipients = 2, .payload_bytes = PAYLOAD};
	deliveries_begin(due);
	deliveries_publish(due, 1, 10, 1);
	*state = due;
	return 0;
}

static int end(void **state)
{
	deliveries_end(*state);
	free(*state);
	buf_finish(&text);
	return 0;
}

/* A notification of an item to a user; what is behind it differs if spoilt. */
static void take(struct deliveries *due, unsigned user, unsigned item, bool spoilt)
{
	struct stanza stanza;
	struct scanner scanner = {0};

	buf_truncate(&text, 0);
	buf_printf(&text, "<message to='u%u@x'><event><items><item id='i%u'>", user, item);
	stanza_payload(&text, item, PAYLOAD);
	buf_printf(&text, "</item></items></event>%s</message>", spoilt ? "<x/>" : "");
	assert_true(scan_next(&scanner, text.data, text.len, &stanza));
	deliveries_take(due, &stanza, 2);
}

static void test_everybody_has_to_get_an_event_once(void **state)
{
	struct deliveries *due = *state;

	take(due, 10, 1, false);
	assert_int_equal(due->complete, 0);
	take(due, 11, 1, false);
	assert_int_equal(due->complete, 1);
	assert_false(deliveries_is_done(due));
	deliveries_publish(due, 0, 0, 3);
	take(due, 1, 0, false);
	take(due, 0, 0, false);
	assert_true(deliveries_is_done(due));
}

static void test_a_second_notification_is_a_fault(void **state)
{
	take(*state, 10, 1, false);
	ASSERT_FAULT(take(*state, 10, 1, false), "a notification twice");
}

static void test_a_stranger_must_not_get_one(void **state)
{
	ASSERT_FAULT(take(*state, 12, 1, false), "a notification to somebody who has not");
	ASSERT_FAULT(take(*state, 9, 1, false), "a notification to somebody who has not");
}

static void test_nothing_comes_before_it_was_published(void **state)
{
	ASSERT_FAULT(take(*state, 10, 0, false), "a notification of nothing");
	ASSERT_FAULT(take(*state, 10, 2, false), "a notification of nothing");
}

static void test_all_get_the_same_payload_the_one_that_was_published(void **state)
{
	struct stanza empty =
		stanza_of("<message to='u10@x'><event><item id='i0'/></event></message>");

	deliveries_publish(*state, 0, 10, 1);
	ASSERT_FAULT(deliveries_take(*state, &empty, 2), "a notification without the payload");
	take(*state, 10, 1, false);
	ASSERT_FAULT(take(*state, 11, 1, true), "a notification unlike");
}

static void test_a_privileged_message_counts_for_its_inner_recipient(void **state)
{
	struct deliveries *due = *state;
	struct scanner scanner = {0};
	struct stanza stanza;

	buf_append_text(&text, "<message to='x'><privilege><forwarded><message to='u10@x/d'>"
			       "<item id='i1'>");
	stanza_payload(&text, 1, PAYLOAD);
	buf_append_text(&text, "</item></message></forwarded></privilege></message>");
	assert_true(scan_next(&scanner, text.data, text.len, &stanza));
	deliveries_take(due, &stanza, 2);
	assert_int_equal(due->arrived, 1);
}

#define TEST(name) cmocka_unit_test(name)
#define DUE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_stanzas_are_found_wherever_the_bytes_are_cut),
		TEST(test_an_attribute_is_found_by_its_whole_name),
		TEST(test_an_element_is_not_found_by_the_start_of_its_name),
		TEST(test_shares_are_true_to_a_sixty_fourth),
		TEST(test_each_request_is_answered_once_and_brings_the_next),
		DUE(test_everybody_has_to_get_an_event_once),
		DUE(test_a_second_notification_is_a_fault),
		DUE(test_a_stranger_must_not_get_one),
		DUE(test_nothing_comes_before_it_was_published),
		DUE(test_all_get_the_same_payload_the_one_that_was_published),
		DUE(test_a_privileged_message_counts_for_its_inner_recipient),
	};

	return cmocka_run_group_tests_name("bench", tests, NULL, NULL);
}
