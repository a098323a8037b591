/* Who may see whom: rosters fetched, kept, grown old and refused. */
#include "rig.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "peppy/log.h"

#define JULIET "juliet@localhost"
#define ROMEO "romeo@b.example"
#define NURSE "nurse@localhost"

static void fetch(struct rig *rig)
{
	assert_int_equal(rig_subscribed(rig, JULIET, ROMEO), CONTACTS_UNKNOWN);
	assert_string_equal(rig_fetch(rig), JULIET);
}

static void test_an_account_is_its_own_contact_without_any_roster(void **state)
{
	assert_int_equal(rig_subscribed(*state, JULIET, JULIET), CONTACTS_YES);
	assert_int_equal(rig_in_group(*state, JULIET, JULIET, "Friends"), CONTACTS_YES);
}

static void test_without_the_roster_privilege_nobody_is_a_contact(void **state)
{
	assert_int_equal(rig_subscribed(*state, JULIET, ROMEO), CONTACTS_NO);
	assert_int_equal(rig_in_group(*state, JULIET, ROMEO, "Friends"), CONTACTS_NO);
	assert_string_equal(rig_interested(*state, JULIET, "tune"), "");
	assert_null(rig_fetch(*state));
}

/* How often the log has named the privilege since the link came up last. */
static unsigned count_in_log(struct rig *rig, unsigned asked)
{
	static const char text[] = "does not grant access to rosters";
	int log = memfd_create("log", MFD_CLOEXEC), kept = dup(STDERR_FILENO);
	char said[4096];
	unsigned count = 0;
	ssize_t n;

	dup2(log, STDERR_FILENO);
	log_level_set(LOG_LEVEL_WARNING);
	while (asked-- > 0)
		assert_int_equal(rig_subscribed(rig, JULIET, ROMEO), CONTACTS_NO);
	log_level_set(LOG_LEVEL_ERROR);
	dup2(kept, STDERR_FILENO);
	close(kept);
	n = pread(log, said, sizeof said - 1, 0);
	close(log);
	said[n > 0 ? n : 0] = '\0';
	for (const char *at = said; (at = strstr(at, text)) != NULL; at++)
		count++;
	return count;
}

#define DELEGATES                                                                                  \
	"<message from='localhost' to='pubsub.localhost'><delegation "                             \
	"xmlns='urn:xmpp:delegation:2'><delegated "                                                \
	"namespace='http://jabber.org/protocol/pubsub'/></delegation></message>"

static void test_a_roster_privilege_that_is_missing_is_told_once_a_link(void **state)
{
	struct rig *rig = *state;

	assert_int_equal(count_in_log(rig, 3), 0); /* nothing is delegated: it is not missing */
	rig_feed(rig, 0, DELEGATES);
	assert_int_equal(count_in_log(rig, 3), 1);
	rig_feed(rig, 0, DELEGATES);
	assert_int_equal(count_in_log(rig, 3), 0);
	pep_link_down(rig->pep, 0);
	rig_up(rig, 0);
	rig_feed(rig, 0, DELEGATES);
	assert_int_equal(count_in_log(rig, 3), 1);
}

static void test_the_roster_of_a_foreign_account_cannot_be_had(void **state)
{
	rig_grant(*state);
	assert_int_equal(rig_subscribed(*state, ROMEO, JULIET), CONTACTS_NO);
	assert_null(rig_fetch(*state));
}

static void test_a_roster_is_asked_for_once_however_many_miss_it(void **state)
{
	struct rig *rig = *state;
	const struct question *question;

	rig_grant(rig);
	assert_null(rig_fetch(rig)); /* none was missed */
	fetch(rig);
	fetch(rig);
	assert_int_equal(rig_open(rig, JULIET), 1);
	question = rig_question(rig, JULIET);
	assert_int_equal(question->component, 0);
	assert_string_equal(question->payload, "<query xmlns='jabber:iq:roster'/>");
}

static void test_subscriptions_from_and_both_let_contacts_in(void **state)
{
	struct rig *rig = *state;

	rig_grant(rig);
	fetch(rig);
	rig_answer_roster(rig, JULIET, "both@b.example", "both", "g", "from@b.example", "from", "g",
		"to@b.example", "to", "g", "none@b.example", "none", "g", NULL);
	assert_int_equal(rig_subscribed(rig, JULIET, "both@b.example"), CONTACTS_YES);
	assert_int_equal(rig_subscribed(rig, JULIET, "from@b.example"), CONTACTS_YES);
	assert_int_equal(rig_subscribed(rig, JULIET, "to@b.example"), CONTACTS_NO);
	assert_int_equal(rig_subscribed(rig, JULIET, "none@b.example"), CONTACTS_NO);
	assert_int_equal(rig_subscribed(rig, JULIET, ROMEO), CONTACTS_NO);
}

static void test_groups_are_those_of_the_roster_whatever_the_subscription(void **state)
{
	struct rig *rig = *state;

	rig_grant(rig);
	fetch(rig);
	rig_answer(rig, JULIET,
		"<iq to='pubsub.localhost' from='juliet@localhost' type='result' id='c5'><query "
		"xmlns='jabber:iq:roster'><item subscription='none' name='Bee' "
		"jid='romeo@b.example'><group>Friends</group><group>Work &amp; "
		"Co</group></item></query></iq>");
	assert_int_equal(rig_in_group(rig, JULIET, ROMEO, "Friends"), CONTACTS_YES);
	assert_int_equal(rig_in_group(rig, JULIET, ROMEO, "Work & Co"), CONTACTS_YES);
	assert_int_equal(rig_in_group(rig, JULIET, ROMEO, "friends"), CONTACTS_NO);
	assert_int_equal(rig_in_group(rig, JULIET, NURSE, "Friends"), CONTACTS_NO);
}

static void test_items_that_are_not_contacts_are_left_out(void **state)
{
	struct rig *rig = *state;

	rig_grant(rig);
	fetch(rig);
	rig_answer(rig, JULIET,
		"<iq type='result'><query xmlns='jabber:iq:roster'><item/>"
		"<item jid='@' subscription='both'/>"
		"<item jid='nurse@localhost' subscription='friends'/>"
		"<item jid='RoMeo@B.example/x' subscription='both'><group/></item>"
		"<item jid='romeo@b.example' subscription='both'/></query></iq>");
	assert_int_equal(rig_subscribed(rig, JULIET, ROMEO), CONTACTS_YES);
	assert_int_equal(rig_subscribed(rig, JULIET, NURSE), CONTACTS_NO);
	assert_int_equal(rig_in_group(rig, JULIET, ROMEO, ""), CONTACTS_NO);
}

static void test_a_permission_ends_after_ten_minutes(void **state)
{
	struct rig *rig = *state;

	rig_grant(rig);
	fetch(rig);
	rig_answer_roster(rig, JULIET, ROMEO, "both", "g", NULL);
	rig->turn.now_us += 10 * MINUTE - SECOND;
	assert_int_equal(rig_subscribed(rig, JULIET, ROMEO), CONTACTS_YES);
	rig->turn.now_us += SECOND;
	assert_int_equal(rig_subscribed(rig, JULIET, ROMEO), CONTACTS_UNKNOWN);
	assert_string_equal(rig_fetch(rig), JULIET);
}

static void test_a_refusal_ends_after_ten_seconds(void **state)
{
	struct rig *rig = *state;

	rig_grant(rig);
	fetch(rig);
	rig_answer_roster(rig, JULIET, NURSE, "both", "g", NULL);
	rig->turn.now_us += 9 * SECOND;
	assert_int_equal(rig_subscribed(rig, JULIET, ROMEO), CONTACTS_NO);
	rig->turn.now_us += SECOND;
	assert_int_equal(rig_subscribed(rig, JULIET, ROMEO), CONTACTS_UNKNOWN);
	assert_int_equal(rig_subscribed(rig, JULIET, NURSE), CONTACTS_YES);
}

static void test_a_failed_fetch_refuses_for_ten_seconds(void **state)
{
	struct rig *rig = *state;

	rig_grant(rig);
	fetch(rig);
	rig_answer(rig, JULIET, NULL);
	assert_int_equal(rig_subscribed(rig, JULIET, ROMEO), CONTACTS_NO);
	for (int second = 0; second < 9; second++)
		rig_tick(rig);
	assert_int_equal(rig_subscribed(rig, JULIET, ROMEO), CONTACTS_NO);
	rig_tick(rig);
	assert_int_equal(rig_subscribed(rig, JULIET, ROMEO), CONTACTS_UNKNOWN);
}

static void test_a_failed_fetch_does_not_revive_an_old_permission(void **state)
{
	struct rig *rig = *state;

	rig_grant(rig);
	fetch(rig);
	rig_answer_roster(rig, JULIET, ROMEO, "both", "g", NULL);
	rig->turn.now_us += 10 * MINUTE;
	fetch(rig);
	rig_answer(rig, JULIET, NULL);
	assert_int_equal(rig_subscribed(rig, JULIET, ROMEO), CONTACTS_NO);
}

static void test_a_question_that_the_link_took_along_refuses_nobody(void **state)
{
	struct rig *rig = *state;

	rig_grant(rig);
	fetch(rig);
	pep_link_down(rig->pep, 0);
	rig_answer(rig, JULIET, NULL); /* as the router does it */
	rig_up(rig, 0);
	rig_grant(rig);
	fetch(rig);
	rig_answer_roster(rig, JULIET, ROMEO, "both", "g", NULL);
	assert_int_equal(rig_subscribed(rig, JULIET, ROMEO), CONTACTS_YES);
}

static void test_events_go_by_a_list_of_a_minute_which_is_renewed(void **state)
{
	struct rig *rig = *state;

	rig_grant(rig);
	fetch(rig);
	rig_answer_roster(rig, JULIET, ROMEO, "both", "g", NULL);
	rig->turn.now_us += MINUTE - SECOND;
	assert_string_equal(rig_interested(rig, JULIET, "tune"), "");
	assert_int_equal(rig_open(rig, JULIET), 0);
	rig->turn.now_us += SECOND;
	assert_string_equal(rig_interested(rig, JULIET, "tune"), "");
	assert_string_equal(rig_interested(rig, JULIET, "tune"), "");
	assert_int_equal(rig_open(rig, JULIET), 1);
}

static void test_a_list_that_a_contacts_list_contradicts_is_fetched_anew(void **state)
{
	struct rig *rig = *state;

	rig_grant(rig);
	fetch(rig);
	rig_answer_roster(
		rig, JULIET, "known@localhost", "both", "g", "gone@localhost", "from", "g", NULL);
	rig->turn.now_us += MINUTE;
	rig_feed(rig, 0, "<presence from='known@localhost/x'/>");
	rig_answer_roster(rig, "known@localhost", JULIET, "to", "g", NULL);
	assert_int_equal(rig_open(rig, JULIET), 0);
	rig_feed(rig, 0, "<presence from='new@localhost/x'/>");
	rig_answer_roster(rig, "new@localhost", JULIET, "both", "g", NULL);
	assert_int_equal(rig_open(rig, JULIET), 1);
	rig_answer_roster(
		rig, JULIET, "known@localhost", "both", "g", "gone@localhost", "from", "g", NULL);
	rig->turn.now_us += MINUTE;
	rig_feed(rig, 0, "<presence from='gone@localhost/x'/>");
	rig_answer_roster(rig, "gone@localhost", JULIET, "from", "g", NULL);
	assert_int_equal(rig_open(rig, JULIET), 1);
}

static void test_an_answer_without_a_roster_is_a_failure(void **state)
{
	struct rig *rig = *state;

	rig_grant(rig);
	fetch(rig);
	rig_answer(rig, JULIET, "<iq type='result'/>");
	assert_int_equal(rig_subscribed(rig, JULIET, ROMEO), CONTACTS_NO);
}

static void test_an_empty_roster_is_a_roster(void **state)
{
	struct rig *rig = *state;

	rig_grant(rig);
	fetch(rig);
	rig_answer(rig, JULIET,
		"<iq to='pubsub.localhost' from='juliet@localhost' type='result' id='c3'><query "
		"xmlns='jabber:iq:roster'/></iq>");
	assert_string_equal(rig_interested(rig, JULIET, "tune"), "");
	rig->turn.now_us += 10 * MINUTE;
	assert_string_equal(rig_interested(rig, JULIET, "tune"), "?");
}

static size_t settled(struct rig *rig, const char **first)
{
	struct pubsub_texts texts = pep_rosters_settled(rig->pep, rig->arena);

	*first = texts.n > 0 ? texts.v[0] : NULL;
	return texts.n;
}

static void test_accounts_are_settled_once_whether_the_roster_came_or_not(void **state)
{
	struct rig *rig = *state;
	const char *account;

	rig_grant(rig);
	fetch(rig);
	assert_int_equal(settled(rig, &account), 0);
	rig_answer_roster(rig, JULIET, NULL);
	assert_int_equal(settled(rig, &account), 1);
	assert_string_equal(account, JULIET);
	assert_int_equal(settled(rig, &account), 0);
	rig->turn.now_us += MINUTE;
	fetch(rig);
	rig_answer(rig, JULIET, NULL);
	assert_int_equal(settled(rig, &account), 1);
}

static void test_a_new_roster_replaces_the_old_one(void **state)
{
	struct rig *rig = *state;

	rig_grant(rig);
	fetch(rig);
	rig_answer_roster(rig, JULIET, ROMEO, "both", "g", NULL);
	rig->turn.now_us += 10 * MINUTE;
	fetch(rig);
	rig_answer_roster(rig, JULIET, ROMEO, "to", "g", NURSE, "both", "h", NULL);
	assert_int_equal(rig_subscribed(rig, JULIET, ROMEO), CONTACTS_NO);
	assert_int_equal(rig_subscribed(rig, JULIET, NURSE), CONTACTS_YES);
}

static void test_a_roster_outlives_a_restart(void **state)
{
	struct rig *rig = *state;

	rig_grant(rig);
	fetch(rig);
	rig_answer_roster(rig, JULIET, ROMEO, "both", "g", NULL);
	rig_restart(rig);
	assert_int_equal(rig_subscribed(rig, JULIET, ROMEO), CONTACTS_NO); /* no grant yet */
	rig_grant(rig);
	assert_int_equal(rig_subscribed(rig, JULIET, ROMEO), CONTACTS_YES);
}

/* ---- pushes ---- */

#define PUSH(from)                                                                                 \
	"<iq type='set' id='p' from='" from "' to='pubsub.localhost'><query "                      \
	"xmlns='jabber:iq:roster'><item jid='romeo@b.example' subscription='none'/></query></iq>"

static void test_a_push_of_the_account_makes_the_roster_be_fetched_anew(void **state)
{
	struct rig *rig = *state;

	rig_grant(rig);
	fetch(rig);
	rig_answer_roster(rig, JULIET, ROMEO, "both", "g", NULL);
	assert_true(rig_push(rig, 0, PUSH(JULIET)));
	assert_int_equal(rig_subscribed(rig, JULIET, ROMEO), CONTACTS_UNKNOWN);
	rig_answer_roster(rig, JULIET, "tybalt@localhost", "both", "g", NULL);
	assert_int_equal(rig_subscribed(rig, JULIET, ROMEO), CONTACTS_NO);
}

static void test_of_an_account_that_nobody_has_asked_about_a_push_says_nothing(void **state)
{
	struct rig *rig = *state;

	rig_grant(rig);
	assert_true(rig_push(rig, 0, PUSH(JULIET)));
	assert_int_equal(rig_open(rig, JULIET), 0);
}

static void test_pushes_of_others_are_not_believed(void **state)
{
	struct rig *rig = *state;

	rig_grant(rig);
	fetch(rig);
	rig_answer_roster(rig, JULIET, ROMEO, "both", "g", NULL);
	assert_false(rig_push(rig, 0, PUSH("juliet@localhost/balcony"))); /* a client can send it */
	assert_false(rig_push(rig, 1, PUSH(JULIET)));                     /* another link */
	assert_false(rig_push(rig, 0, PUSH("romeo@b.example")));
	assert_false(rig_push(rig, 0, PUSH("localhost")));
	assert_false(rig_push(rig, 0,
		"<iq type='result' from='juliet@localhost'><query "
		"xmlns='jabber:iq:roster'/></iq>"));
	assert_int_equal(rig_subscribed(rig, JULIET, ROMEO), CONTACTS_YES);
}

static void test_a_push_without_the_roster_privilege_is_not_believed(void **state)
{
	assert_false(rig_push(*state, 0, PUSH(JULIET)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(test_an_account_is_its_own_contact_without_any_roster),
		RIG_TEST(test_without_the_roster_privilege_nobody_is_a_contact),
		RIG_TEST(test_a_roster_privilege_that_is_missing_is_told_once_a_link),
		RIG_TEST(test_the_roster_of_a_foreign_account_cannot_be_had),
		RIG_TEST(test_a_roster_is_asked_for_once_however_many_miss_it),
		RIG_TEST(test_subscriptions_from_and_both_let_contacts_in),
		RIG_TEST(test_groups_are_those_of_the_roster_whatever_the_subscription),
		RIG_TEST(test_items_that_are_not_contacts_are_left_out),
		RIG_TEST(test_a_permission_ends_after_ten_minutes),
		RIG_TEST(test_a_refusal_ends_after_ten_seconds),
		RIG_TEST(test_a_failed_fetch_refuses_for_ten_seconds),
		RIG_TEST(test_a_failed_fetch_does_not_revive_an_old_permission),
		RIG_TEST(test_a_question_that_the_link_took_along_refuses_nobody),
		RIG_TEST(test_events_go_by_a_list_of_a_minute_which_is_renewed),
		RIG_TEST(test_a_list_that_a_contacts_list_contradicts_is_fetched_anew),
		RIG_TEST(test_an_answer_without_a_roster_is_a_failure),
		RIG_TEST(test_an_empty_roster_is_a_roster),
		RIG_TEST(test_accounts_are_settled_once_whether_the_roster_came_or_not),
		RIG_TEST(test_a_new_roster_replaces_the_old_one),
		RIG_TEST(test_a_roster_outlives_a_restart),
		RIG_TEST(test_a_push_of_the_account_makes_the_roster_be_fetched_anew),
		RIG_TEST(test_of_an_account_that_nobody_has_asked_about_a_push_says_nothing),
		RIG_TEST(test_pushes_of_others_are_not_believed),
		RIG_TEST(test_a_push_without_the_roster_privilege_is_not_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
