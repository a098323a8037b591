/* Erasing an account goes on in portions, whatever there is much of. */
#include "rig.h"

#include <stdio.h>

#define MARKS 1000
#define AT_ONCE 100 /* marks between two looks at the clock */
#define OTHERS 10   /* slices in which there is something else to do */

/* Every look at the clock takes longer than a slice may. */
static unsigned slices_of(struct rig *rig, const char *account)
{
	struct router *router = rig->streams.router;
	unsigned n = 0;

	assert_int_equal(router_account_erase(router, account), PUBSUB_OK);
	rig_slow(3000);
	while (router_account_erased(router, account).more) {
		(void)router_work(router);
		n++;
	}
	rig_slow(0);
	return n;
}

/* With each of so many nodes her item goes when she does. */
static void publish_for_the_time_being(struct rig *rig, unsigned nodes)
{
	char xml[2000];

	for (unsigned i = 0; i < nodes; i++) {
		snprintf(xml, sizeof xml,
			PUBSUB("set", HAMLET,
				"<create node='n%u'/><configure>" FORM("node_config",
					FIELD("publish_model", "open")
						FIELD("purge_offline", "1")) "</configure>"),
			i);
		rig_feed(rig, xml);
		snprintf(xml, sizeof xml,
			PUBSUB("set", "ophelia@denmark.lit/a",
				"<publish node='n%u'>" ITEM("1") "</publish>"),
			i);
		rig_feed(rig, xml);
	}
	assert_int_equal(rig->errors, 0);
}

static void test_marks_at_others_nodes_go_in_portions(void **state)
{
	struct rig rig;
	unsigned n;

	(void)state;
	rig_open(&rig);
	publish_for_the_time_being(&rig, MARKS);
	assert_non_null(strstr(rig_dump(&rig), "ophelia@denmark.lit"));
	n = slices_of(&rig, "ophelia@denmark.lit");
	assert_in_range(n, MARKS / AT_ONCE + 1, MARKS / AT_ONCE + OTHERS);
	rig_close(&rig);
}

static void test_without_any_it_is_soon_over(void **state)
{
	struct rig rig;

	(void)state;
	rig_open(&rig);
	assert_in_range(slices_of(&rig, "ophelia@denmark.lit"), 1, OTHERS);
	rig_close(&rig);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_marks_at_others_nodes_go_in_portions),
		cmocka_unit_test(test_without_any_it_is_soon_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
