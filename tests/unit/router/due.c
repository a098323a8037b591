/* What is done when its time has come, and a store that fails meanwhile: it is done once, whole. */
#include "rig.h"

#include "peppy/array.h"
#include "peppy/log.h"

/* Items that expire, a lease that ends, a digest that is sent. */
static const char *const short_lived[] = {
	PUBSUB("set", HAMLET,
		"<create node='brief'/><configure>" FORM("node_config",
			FIELD("item_expire", "60") FIELD("notify_retract", "1")
				FIELD("notify_sub", "1")) "</configure>"),
	PUBSUB("set", "ophelia@denmark.lit/a",
		"<subscribe node='brief' jid='ophelia@denmark.lit'/><options>" FORM(
			"subscribe_options",
			FIELD("digest", "1") FIELD("digest_frequency", "60000")) "</options>"),
	PUBSUB("set", "yorick@denmark.lit/a",
		"<subscribe node='brief' jid='yorick@denmark.lit'/><options>" FORM(
			"subscribe_options", FIELD("expire", "2003-12-13T18:31:00Z")) "</options>"),
	PUBSUB("set", "horatio@denmark.lit/a",
		"<subscribe node='brief' jid='horatio@denmark.lit'/>"),
	PUBSUB("set", HAMLET, "<publish node='brief'>" ITEM("1") ITEM("2") "</publish>"),
};

static void open_short_lived(struct rig *rig)
{
	rig_open(rig);
	for (size_t i = 0; i < ARRAY_COUNT(short_lived); i++)
		rig_feed(rig, short_lived[i]);
	assert_int_equal(rig->errors, 0);
	router_flush(rig->streams.router);
	rig_forget_sent(rig);
	rig_pass(120);
}

static void tick(struct rig *rig)
{
	router_tick(rig->streams.router);
	while (router_work(rig->streams.router) == ROUTER_BUSY)
		;
}

static void play_due(struct rig *rig, size_t at, bool onwards)
{
	open_short_lived(rig);
	store_fail_arm(rig->streams.store, at, onwards);
	router_tick(rig->streams.router);
	store_fail_arm(rig->streams.store, 0, false);
	tick(rig);
}

static void test_what_is_due_is_done_once_whatever_fails(void **state)
{
	struct rig good;
	size_t calls;

	(void)state;
	open_short_lived(&good);
	store_fail_arm(good.streams.store, 0, false);
	router_tick(good.streams.router);
	calls = store_fail_calls(good.streams.store);
	tick(&good);
	assert_in_range(good.events, 4, 20);
	for (size_t i = 2; i < 2 * (calls + 1); i++) {
		struct rig rig;

		play_due(&rig, i / 2, i % 2 == 1);
		assert_string_equal(rig_sent(&rig), rig_sent(&good));
		assert_string_equal(rig_dump(&rig), rig_dump(&good));
		rig_close(&rig);
	}
	rig_close(&good);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_due_is_done_once_whatever_fails),
	};

	log_level_set(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
