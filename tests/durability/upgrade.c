/* upgrade.c - peppyd is killed while it upgrades the store of an older format: before its first
 * write, its second, its first flush, ... There is the old store then, every row of it, or the new
 * one, which is whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "peppy/log.h"
#include "peppyd.h"

#define OLDER "1.0"

static void make_older(const struct peppyd *peppyd, const char *name)
{
	const char *build = getenv("builddir");
	char path[300], command[800];

	peppyd_path(peppyd, name, path);
	snprintf(command, sizeof command,
		"mkdir '%s' && '%s/tests/unit/store/upgrade' --make " OLDER " '%s'", path,
		build != NULL ? build : ".", path);
	assert_int_equal(system(command), 0);
}

static struct store *open_any(const struct peppyd *peppyd, const char *name)
{
	struct store *store;
	char path[300];

	peppyd_path(peppyd, name, path);
	assert_int_equal(store_open_any(path, &store), PUBSUB_OK);
	return store;
}

/* Whether it is the new store; else it has to be the old one. */
static bool is_upgraded(const struct peppyd *peppyd)
{
	const struct store_progress nobody = {0};
	struct store *store = open_any(peppyd, "store"), *before = open_any(peppyd, "before");
	const bool older = store_is_older(store);
	bool same;

	assert_int_equal(store_compare(store, before, &nobody, &same), PUBSUB_OK);
	assert_int_equal(same, older);
	store_close(store);
	store_close(before);
	return !older;
}

static void test_killed_before_any_write_it_is_the_old_store_or_the_new_one(void **state)
{
	struct peppyd peppyd = {.shim = true};
	char fault[32];
	unsigned nth = 0;

	(void)state;
	log_level_set(LOG_LEVEL_ERROR);
	peppyd_make(&peppyd, NULL, 1);
	make_older(&peppyd, "store");
	make_older(&peppyd, "before");
	while (!is_upgraded(&peppyd)) {
		snprintf(fault, sizeof fault, "kill %u", ++nth);
		peppyd_fault(&peppyd, fault);
		peppyd_start(&peppyd);
		assert_int_equal(peppyd_await_abort(&peppyd), SIGKILL);
	}
	assert_true(nth > 2); /* pages, a flush, a page that makes them count */
	peppyd_check_store(&peppyd);
	peppyd_remove(&peppyd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_killed_before_any_write_it_is_the_old_store_or_the_new_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
