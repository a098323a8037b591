/* contacts.c - contact lists, presences, capabilities. */
#include "../support.h"

#include <stdio.h>
#include <string.h>

#include "peppy/array.h"

static const char *const friends[] = {"Friends", "", "K\xc3\xb6nige"};

static const struct store_contact list[] = {
	{"horatio@denmark.lit", STORE_ROSTER_BOTH, {friends, 3}},
	{"ophelia@denmark.lit", STORE_ROSTER_FROM, {friends, 1}},
	{"polonius@denmark.lit", STORE_ROSTER_TO, {NULL, 0}},
	{"yorick@denmark.lit", STORE_ROSTER_NONE, {NULL, 0}},
};

static const char *contacts(struct fixture *f, const char *account)
{
	struct store_contact *found;
	const char *text = "";
	size_t i, n;

	ok(store_contacts_get(f->txn, account, f->arena, &found, &n));
	for (i = 0; i < n; i++)
		text = arena_printf(f->arena, "%s%s%.3s=%d/%d", text, i > 0 ? " " : "",
			found[i].jid, (int)found[i].subscription, (int)found[i].groups.n);
	return text;
}

static const char *accounts(struct fixture *f, const char *contact)
{
	struct pubsub_texts found;
	const char *text = "";
	size_t i;

	ok(store_contact_accounts(f->txn, contact, f->arena, &found));
	for (i = 0; i < found.n; i++)
		text = arena_printf(f->arena, "%s%s%s", text, i > 0 ? " " : "", found.v[i]);
	return text;
}

static uint64_t fetched(struct fixture *f, const char *account)
{
	uint64_t at;

	ok(store_roster_fetched(f->txn, account, &at));
	return at;
}

static void test_a_contact_list_comes_back_as_it_was_fetched(void **state)
{
	struct fixture *f = *state;
	struct store_contact contact;
	bool found;

	assert_int_equal(fetched(f, ACCOUNT), 0);
	ok(store_roster_put(f->txn, ACCOUNT, list, 4, 77));
	reading(f);
	assert_int_equal(fetched(f, ACCOUNT), 77);
	assert_string_equal(contacts(f, ACCOUNT), "hor=3/3 oph=2/1 pol=1/0 yor=0/0");
	ok(store_contact_get(f->txn, ACCOUNT, "horatio@denmark.lit", f->arena, &contact, &found));
	assert_true(found);
	assert_string_equal(contact.jid, "horatio@denmark.lit");
	assert_int_equal(contact.subscription, STORE_ROSTER_BOTH);
	assert_string_equal(contact.groups.v[0], "Friends");
	assert_string_equal(contact.groups.v[1], "");
	assert_string_equal(contact.groups.v[2], "K\xc3\xb6nige");
	ok(store_contact_get(f->txn, ACCOUNT, "hora", f->arena, &contact, &found));
	assert_false(found);
	ok(store_contact_get(f->txn, "nobody@x", "hora", f->arena, &contact, &found));
	assert_false(found);
}

static void test_a_new_list_replaces_the_whole_old_one(void **state)
{
	struct fixture *f = *state;
	struct store_contact changed[] = {list[0], list[2], list[3]};

	ok(store_roster_put(f->txn, ACCOUNT, list, 4, 77));
	assert_string_equal(accounts(f, "horatio@denmark.lit"), ACCOUNT);
	changed[0].subscription = STORE_ROSTER_TO;
	changed[1].subscription = STORE_ROSTER_BOTH;
	ok(store_roster_put(f->txn, ACCOUNT, changed, 3, 78));
	assert_string_equal(contacts(f, ACCOUNT), "hor=1/3 pol=3/0 yor=0/0");
	assert_int_equal(fetched(f, ACCOUNT), 78);
	assert_string_equal(accounts(f, "horatio@denmark.lit"), "");
	assert_string_equal(accounts(f, "ophelia@denmark.lit"), "");
	assert_string_equal(accounts(f, "polonius@denmark.lit"), ACCOUNT);
}

static void test_accounts_are_those_that_let_the_contact_see_them(void **state)
{
	struct fixture *f = *state;

	ok(store_roster_put(f->txn, ACCOUNT, list, 4, 77));
	ok(store_roster_put(f->txn, "gertrude@denmark.lit", list, 2, 77));
	assert_string_equal(accounts(f, "ophelia@denmark.lit"), ACCOUNT " gertrude@denmark.lit");
	assert_string_equal(accounts(f, "polonius@denmark.lit"), "");
	assert_string_equal(accounts(f, "yorick@denmark.lit"), "");
	assert_string_equal(accounts(f, "ophelia@denmark"), "");
}

static void test_a_list_that_is_doubted_stays_as_it_is(void **state)
{
	struct fixture *f = *state;

	ok(store_roster_doubt(f->txn, ACCOUNT));
	assert_int_equal(fetched(f, ACCOUNT), 0);
	ok(store_roster_put(f->txn, ACCOUNT, list, 4, 77));
	ok(store_roster_doubt(f->txn, ACCOUNT));
	assert_int_equal(fetched(f, ACCOUNT), STORE_ROSTER_DOUBTED);
	assert_string_equal(accounts(f, list[0].jid), ACCOUNT);
}

static void test_a_list_is_erased_in_portions(void **state)
{
	struct fixture *f = *state;
	const char *before;
	bool more;

	make_node(f, ACCOUNT, "mood");
	before = dump(f);
	ok(store_roster_put(f->txn, ACCOUNT, list, 4, 77));
	ok(store_roster_erase(f->txn, ACCOUNT, 3, &more));
	assert_true(more);
	assert_int_equal(fetched(f, ACCOUNT), 77);
	assert_whole(f);
	writing(f);
	ok(store_roster_erase(f->txn, ACCOUNT, 3, &more));
	assert_false(more);
	assert_string_equal(dump(f), before);
	ok(store_roster_erase(f->txn, "nobody@denmark.lit", 3, &more));
	assert_false(more);
}

static void test_an_account_is_forgotten_when_nothing_of_it_is_left(void **state)
{
	struct fixture *f = *state;
	struct pubsub_node *node = make_node(f, ACCOUNT, "mood");
	bool left;

	ok(store_roster_put(f->txn, ACCOUNT, list, 4, 77));
	ok(store_publisher_put(f->txn, node, "x@y"));
	ok(store_service_forget(f->txn, ACCOUNT, &left)); /* it is in use */
	assert_false(left);
	assert_int_equal(fetched(f, ACCOUNT), 77);
	ok(store_roster_erase(f->txn, ACCOUNT, 9, &left));
	ok(store_node_del(f->txn, node, NULL));
	ok(store_service_forget(f->txn, ACCOUNT, &left));
	assert_true(left);
	erase_all(f);
	ok(store_service_forget(f->txn, ACCOUNT, &left));
	assert_false(left);
	assert_whole(f); /* the publisher's mark has nothing to lead to, and may stay */
	writing(f);
	ok(store_publisher_del(f->txn, node, "x@y"));
	assert_null(strstr(dump(f), ACCOUNT));
	ok(store_service_forget(f->txn, ACCOUNT, &left));
	assert_false(left);
	make_node(f, ACCOUNT, "mood");
	assert_int_equal(get_node(f, ACCOUNT, "mood")->items, 0);
	assert_whole(f);
}

static void test_contacts_with_long_jids_are_kept_whole(void **state)
{
	struct fixture *f = *state;
	const char *jid = text_of(f, "a@", 'd', 2047);
	struct store_contact contact = {jid, STORE_ROSTER_BOTH, {NULL, 0}}, *found;
	size_t n;

	ok(store_roster_put(f->txn, ACCOUNT, &contact, 1, 1));
	ok(store_contacts_get(f->txn, ACCOUNT, f->arena, &found, &n));
	assert_int_equal(n, 1);
	assert_string_equal(found->jid, jid);
	assert_string_equal(accounts(f, jid), ACCOUNT);
	ok(store_roster_put(f->txn, ACCOUNT, NULL, 0, 2));
	assert_string_equal(contacts(f, ACCOUNT), "");
	assert_string_equal(accounts(f, jid), "");
	assert_int_equal(fetched(f, ACCOUNT), 2);
}

/* ---- domains that cannot be reached ---- */

static const char *silences(struct fixture *f, const char *after, size_t limit)
{
	struct store_silence *found;
	const char *text = "";
	size_t i, n;

	ok(store_silences_page(f->txn, after, limit, f->arena, &found, &n));
	for (i = 0; i < n; i++)
		text = arena_printf(f->arena, "%s%s%s,%llu,%llu", text, i > 0 ? " " : "",
			found[i].domain, (unsigned long long)found[i].since_us,
			(unsigned long long)found[i].last_us);
	return text;
}

static void test_domains_that_cannot_be_reached_come_back_page_by_page(void **state)
{
	struct fixture *f = *state;
	char *name = text_of(f, "", 'x', 300); /* no domain, but the longest part */

	ok(store_silence_put(f->txn, &(struct store_silence){"b.lit", 1, 2}));
	ok(store_silence_put(f->txn, &(struct store_silence){"a.lit", 3, 4}));
	ok(store_silence_put(f->txn, &(struct store_silence){name, 5, 6}));
	assert_string_equal(silences(f, NULL, 2), "a.lit,3,4 b.lit,1,2");
	assert_string_equal(silences(f, "b.lit", 9), arena_printf(f->arena, "%s,5,6", name));
	ok(store_silence_put(f->txn, &(struct store_silence){"a.lit", 3, 7}));
	ok(store_silence_del(f->txn, "b.lit"));
	ok(store_silence_del(f->txn, "c.lit"));
	ok(store_silence_del(f->txn, name));
	assert_string_equal(silences(f, NULL, 9), "a.lit,3,7");
}

/* ---- presences ---- */

static void appear(struct fixture *f, const char *jid, const char *component, const char *caps)
{
	const struct store_presence presence = {jid_of(f, jid), component, caps, 12345};

	ok(store_presence_put(f->txn, &presence));
}

static const char *presences(struct fixture *f, const struct store_presence *after, size_t limit)
{
	struct store_presence *found;
	const char *text = "";
	size_t i, n;

	ok(store_presences_page(f->txn, after, limit, f->arena, &found, &n));
	for (i = 0; i < n; i++) {
		assert_int_equal(found[i].seen_us, 12345);
		text = arena_printf(f->arena, "%s%s%s,%s,%s", text, i > 0 ? " " : "",
			found[i].jid.full, found[i].component,
			found[i].caps != NULL ? found[i].caps : "-");
	}
	return text;
}

static void test_presences_come_back_page_by_page(void **state)
{
	struct fixture *f = *state;
	struct store_presence after = {.jid = jid_of(f, "a@b/1"), .component = "p"};

	assert_string_equal(presences(f, NULL, 9), "");
	appear(f, "a@b/2", "p", "x");
	appear(f, "a@b/1", "p", "x");
	appear(f, "a@b/1", "q", NULL);
	appear(f, "a@b/2", "p", "y");
	assert_string_equal(presences(f, NULL, 9), "a@b/1,p,x a@b/1,q,- a@b/2,p,y");
	assert_string_equal(presences(f, &after, 1), "a@b/1,q,-");
	ok(store_presence_del(f->txn, jid_of(f, "a@b/1"), "p"));
	ok(store_presence_del(f->txn, jid_of(f, "a@b/3"), "p"));
	assert_string_equal(presences(f, &after, 9), "a@b/1,q,- a@b/2,p,y");
	assert_string_equal(presences(f, NULL, 9), "a@b/1,q,- a@b/2,p,y");
}

static void test_presences_of_long_jids_are_kept_whole(void **state)
{
	struct fixture *f = *state;
	const char *part = text_of(f, "", '\xc3', 1023);
	const char *jid = arena_printf(f->arena, "%s@%s/%s", part, part, part);

	appear(f, jid, part, "x");
	assert_string_equal(presences(f, NULL, 9), arena_printf(f->arena, "%s,%s,x", jid, part));
}

/* ---- capabilities ---- */

static const char *caps(struct fixture *f, const char *key)
{
	struct pubsub_texts notify;
	const char *text = "";
	bool found;
	size_t i;

	ok(store_caps_get(f->txn, key, f->arena, &notify, &found));
	if (!found)
		return NULL;
	for (i = 0; i < notify.n; i++)
		text = arena_printf(f->arena, "%s%s%s", text, i > 0 ? " " : "", notify.v[i]);
	return text;
}

static void test_capabilities_are_kept_also_if_they_want_nothing(void **state)
{
	struct fixture *f = *state;
	static const char *const wanted[] = {"urn:a", "urn:b"};

	assert_null(caps(f, "sha-1 x"));
	ok(store_caps_put(f->txn, "sha-1 x", (struct pubsub_texts){wanted, 2}));
	ok(store_caps_put(f->txn, "sha-1 y", (struct pubsub_texts){NULL, 0}));
	assert_string_equal(caps(f, "sha-1 x"), "urn:a urn:b");
	assert_string_equal(caps(f, "sha-1 y"), "");
	ok(store_caps_put(f->txn, "sha-1 x", (struct pubsub_texts){wanted + 1, 1}));
	assert_string_equal(caps(f, "sha-1 x"), "urn:b");
}

static void test_of_too_many_capabilities_the_oldest_go(void **state)
{
	struct fixture *f = *state;
	char key[16];
	int i;

	for (i = 0; i < 20000; i++) {
		sprintf(key, "%d", i);
		ok(store_caps_put(f->txn, key, (struct pubsub_texts){NULL, 0}));
	}
	assert_non_null(caps(f, "0"));
	ok(store_caps_put(f->txn, "0", (struct pubsub_texts){NULL, 0})); /* the youngest again */
	ok(store_caps_put(f->txn, "new", (struct pubsub_texts){NULL, 0}));
	assert_non_null(caps(f, "0"));
	assert_non_null(caps(f, "new"));
	assert_null(caps(f, "1"));
	assert_non_null(caps(f, "2"));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_a_contact_list_comes_back_as_it_was_fetched),
	cmocka_unit_test(test_a_new_list_replaces_the_whole_old_one),
	cmocka_unit_test(test_accounts_are_those_that_let_the_contact_see_them),
	cmocka_unit_test(test_a_list_that_is_doubted_stays_as_it_is),
	cmocka_unit_test(test_a_list_is_erased_in_portions),
	cmocka_unit_test(test_an_account_is_forgotten_when_nothing_of_it_is_left),
	cmocka_unit_test(test_contacts_with_long_jids_are_kept_whole),
	cmocka_unit_test(test_domains_that_cannot_be_reached_come_back_page_by_page),
	cmocka_unit_test(test_presences_come_back_page_by_page),
	cmocka_unit_test(test_presences_of_long_jids_are_kept_whole),
	cmocka_unit_test(test_capabilities_are_kept_also_if_they_want_nothing),
	cmocka_unit_test(test_of_too_many_capabilities_the_oldest_go),
};
const struct suite suite_contacts = {tests, ARRAY_COUNT(tests)};
