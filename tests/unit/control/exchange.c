/* What a store holds goes to JSON and comes back; what is wrong loads nothing. */
#include "goods.h"

#include <string.h>

#include "control/exchange.h"
#include "peppy/array.h"

struct lines { /* objects as they come */
	struct rig *rig;
	json_t *list;
};

static bool collect(void *ctx, const struct exchange_record *record)
{
	struct lines *lines = ctx;
	json_t *object = lines_render(record, lines->rig->arena);

	if (object != NULL)
		json_array_append_new(lines->list, object);
	return true;
}

static struct store_txn *begin(struct store *store, enum store_mode mode)
{
	struct store_txn *txn;

	assert_int_equal(store_begin(store, mode, &txn), PUBSUB_OK);
	return txn;
}

static json_t *export(struct rig *rig, struct store *store)
{
	struct lines lines = {rig, json_array()};
	struct store_txn *txn = begin(store, STORE_READ);

	assert_int_equal(exchange_all(txn, collect, &lines), PUBSUB_OK);
	store_abort(txn);
	return lines.list;
}

static enum pubsub_error take(struct rig *rig, struct exchange_load *state, const json_t *object)
{
	struct exchange_record record;

	state->why = lines_parse(object, rig->arena, &record);
	return state->why != NULL ? PUBSUB_ERR_BAD_REQUEST : exchange_take(state, &record);
}

/* Whether all are taken in one pass; *why_out in the arena. */
static enum pubsub_error pass(struct rig *rig, struct store *store, struct exchange_load *state,
	const json_t *list, bool writes)
{
	enum pubsub_error err = PUBSUB_OK;

	state->txn = begin(store, writes ? STORE_WRITE : STORE_READ);
	state->writes = writes;
	state->records = 0;
	for (size_t i = 0; err == PUBSUB_OK && i < json_array_size(list); i++)
		err = take(rig, state, json_array_get(list, i));
	if (writes && err == PUBSUB_OK)
		assert_int_equal(store_commit(state->txn), PUBSUB_OK);
	else
		store_abort(state->txn);
	return err;
}

/* Checked, and then written if that is wanted. */
static enum pubsub_error load(
	struct rig *rig, struct store *store, const json_t *list, bool writes, const char **why_out)
{
	struct exchange_load state;
	enum pubsub_error err;

	exchange_load_init(&state, RIG_NOW_US);
	err = pass(rig, store, &state, list, false);
	if (err == PUBSUB_OK && writes)
		err = pass(rig, store, &state, list, true);
	if (why_out != NULL)
		*why_out = arena_strdup(rig->arena, state.why);
	exchange_load_finish(&state);
	return err;
}

static void test_what_is_exported_loads_and_exports_the_same(void **state)
{
	struct rig *rig = *state;
	json_t *first, *second;
	struct store *other;

	goods_fill(rig);
	first = export(rig, rig->store);
	assert_int_equal(store_open_mem(&other), PUBSUB_OK);
	assert_int_equal(load(rig, other, first, true, NULL), PUBSUB_OK);
	second = export(rig, other);
	assert_int_equal(json_array_size(first), 17);
	assert_true(json_equal(first, second));
	json_decref(first);
	json_decref(second);
	store_close(other);
}

static void test_a_lease_that_is_loaded_will_be_looked_at(void **state)
{
	struct rig *rig = *state;
	struct store_entity_subscription *rows;
	struct store *other;
	struct store_txn *txn;
	json_t *list, *object;
	size_t i, n = 0;

	goods_fill(rig);
	list = export(rig, rig->store);
	json_array_foreach(list, i, object) if (json_object_get(object, "options") != NULL)
		json_object_set_new(json_object_get(object, "options"), "expire",
			json_string("2099-01-01T00:00:00Z"));
	assert_int_equal(store_open_mem(&other), PUBSUB_OK);
	assert_int_equal(load(rig, other, list, true, NULL), PUBSUB_OK);
	txn = begin(other, STORE_READ);
	assert_int_equal(store_subscriptions_due(txn, 1, 9, rig->arena, &rows, &n), PUBSUB_OK);
	assert_int_equal(n, 3);
	assert_string_equal(rows[2].subscription.subscriber.full, "y@denmark.lit/z");
	store_abort(txn);
	json_decref(list);
	store_close(other);
}

static void test_checking_writes_nothing(void **state)
{
	struct rig *rig = *state;
	json_t *list, *empty;
	struct store *other;

	goods_fill(rig);
	list = export(rig, rig->store);
	assert_int_equal(store_open_mem(&other), PUBSUB_OK);
	assert_int_equal(load(rig, other, list, false, NULL), PUBSUB_OK);
	empty = export(rig, other);
	assert_int_equal(json_array_size(empty), 0);
	json_decref(list);
	json_decref(empty);
	store_close(other);
}

static void test_what_is_there_already_is_refused(void **state)
{
	struct rig *rig = *state;
	const char *why;
	json_t *list;

	goods_fill(rig);
	list = export(rig, rig->store);
	assert_int_equal(load(rig, rig->store, list, false, &why), PUBSUB_ERR_BAD_REQUEST);
	assert_non_null(strstr(why, "exists already"));
	json_decref(list);
}

static void test_objects_that_are_wrong_are_refused(void **state)
{
#define NODE "{'type':'node','service':'a.b','node':'n','created':'2026-11-20T00:00:00Z'}"
	static const struct {
		const char *list, *why;
	} rows[] = {
		{"[{'type':'moon'}]", "this is not an object of an export"},
		{"[7]", "this is not an object of an export"},
		{"[{'type':'node','service':'a.b'}]", "a node needs"},
		{"[{'type':'node','service':'@','node':'n'}]", "malformed"},
		{"[{'type':'node','service':'A.b','node':'n'}]", "malformed"},
		{"[{'type':'node','service':'a.b','node':'n','created':'today'}]", "a node needs"},
		{"[{'type':'node','service':'a.b','node':'n','config':{'x':1}}]",
			"the configuration is wrong"},
		{"[" NODE "," NODE "]", "the node has already come"},
		{"[{'type':'item','service':'a.b','node':'n','item':'1',"
		 "'published':'2026-11-20T00:00:00Z'}]",
			"its node has not come before"},
		{"[" NODE ",{'type':'item','service':'a.b','node':'n'}]", "an item needs"},
		{"[" NODE ",{'type':'item','service':'a.b','node':'n','item':'1',"
		 "'published':'2026-11-20T00:00:00Z','payload':'<e>'}]",
			"not one XML element"},
		{"[" NODE ",{'type':'subscription','service':'a.b','node':'n',"
		 "'jid':'x@y','state':'none'}]",
			"a subscription needs"},
		{"[" NODE ",{'type':'subscription','service':'a.b','node':'n',"
		 "'jid':'x@y','state':'subscribed','options':{'deliver':7}}]",
			"the options are wrong"},
		{"[" NODE ",{'type':'subscription','service':'a.b','node':'n','jid':'x@y'}]",
			"a subscription needs jid and state"},
		{"[" NODE ",{'type':'subscription','service':'a.b','node':'n',"
		 "'jid':'x@y','state':'subscribed','waiting':[7]}]",
			"a list of texts"},
		{"[" NODE ",{'type':'affiliation','service':'a.b','node':'n',"
		 "'jid':'x@y','affiliation':'king'}]",
			"an affiliation needs"},
	};
	struct rig *rig = *state;

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		char *text = arena_strdup(rig->arena, rows[i].list);
		const char *why = NULL;
		json_t *list;

		for (char *at = text; *at != '\0'; at++)
			*at = *at == '\'' ? '"' : *at;
		list = json_loads(text, 0, NULL);
		assert_non_null(list);
		assert_int_equal(load(rig, rig->store, list, false, &why), PUBSUB_ERR_BAD_REQUEST);
		if (why == NULL || strstr(why, rows[i].why) == NULL)
			fail_msg("%s: %s", rows[i].list, why);
		json_decref(list);
	}
}

static void test_what_is_exported_about_somebody_is_all_of_it_and_nothing_else(void **state)
{
	static const struct store_contact contact = {"ophelia@denmark.lit", STORE_ROSTER_TO, {0}};
	struct rig *rig = *state;
	struct lines lines = {rig, json_array()};
	struct store_txn *txn;
	const char *text;

	goods_fill(rig);
	txn = begin(rig->store, STORE_WRITE);
	assert_int_equal(store_roster_put(txn, "hamlet@denmark.lit", &contact, 1, 7), PUBSUB_OK);
	assert_int_equal(exchange_person(txn, "hamlet@denmark.lit", collect, &lines), PUBSUB_OK);
	store_abort(txn);
	assert_int_equal(json_array_size(lines.list), 3);
	text = json_string_value(json_object_get(json_array_get(lines.list, 0), "node"));
	assert_string_equal(text, "urn:mood");
	text = json_string_value(json_object_get(json_array_get(lines.list, 1), "affiliation"));
	assert_string_equal(text, "owner");
	text = json_string_value(json_object_get(json_array_get(lines.list, 2), "jid"));
	assert_string_equal(text, "ophelia@denmark.lit");
	json_decref(lines.list);
}

/* The server has them, and they come from there. */
static void test_contacts_are_exported_but_not_loaded(void **state)
{
	struct rig *rig = *state;
	struct store *other;
	json_t *list, *loaded;

	list = json_pack("[{s:s, s:s, s:s, s:s}]", "type", "contact", "account",
		"hamlet@denmark.lit", "jid", "ophelia@denmark.lit", "subscription", "to");
	assert_int_equal(store_open_mem(&other), PUBSUB_OK);
	assert_int_equal(load(rig, other, list, true, NULL), PUBSUB_OK);
	loaded = export(rig, other);
	assert_int_equal(json_array_size(loaded), 0);
	json_decref(list);
	json_decref(loaded);
	store_close(other);
}

static bool take_one(void *ctx, const struct exchange_record *record)
{
	(void)record;
	return ++*(int *)ctx < 2;
}

static void test_whoever_wants_no_more_gets_no_more(void **state)
{
	struct rig *rig = *state;
	struct store_txn *txn;
	int taken = 0;

	goods_fill(rig);
	txn = begin(rig->store, STORE_READ);
	assert_int_equal(exchange_all(txn, take_one, &taken), PUBSUB_OK);
	store_abort(txn);
	assert_int_equal(taken, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(test_what_is_exported_loads_and_exports_the_same),
		RIG_TEST(test_a_lease_that_is_loaded_will_be_looked_at),
		RIG_TEST(test_checking_writes_nothing),
		RIG_TEST(test_what_is_there_already_is_refused),
		RIG_TEST(test_objects_that_are_wrong_are_refused),
		RIG_TEST(test_what_is_exported_about_somebody_is_all_of_it_and_nothing_else),
		RIG_TEST(test_contacts_are_exported_but_not_loaded),
		RIG_TEST(test_whoever_wants_no_more_gets_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
