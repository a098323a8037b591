/* What servers delegate and grant, in both versions, with their own stanzas. */
#include "rig.h"

#include <string.h>

#include "peppy/array.h"
#include "peppy/codec.h"

#define PUBSUB "http://jabber.org/protocol/pubsub"

/* Prosody 0.12, as received */
#define PROSODY_DELEGATION                                                                         \
	"<message to='pubsub.localhost' from='localhost'><delegation "                             \
	"xmlns='urn:xmpp:delegation:2'><delegated "                                                \
	"namespace='http://jabber.org/protocol/pubsub#owner'/><delegated "                         \
	"namespace='urn:xmpp:delegation:2:bare:disco#items:*'/><delegated "                        \
	"namespace='urn:xmpp:delegation:2:bare:disco#info:*'/><delegated "                         \
	"namespace='http://jabber.org/protocol/pubsub'/></delegation></message>"
#define PROSODY_PRIVILEGE                                                                          \
	"<message to='pubsub.localhost' from='localhost'><privilege "                              \
	"xmlns='urn:xmpp:privilege:2'><perm access='roster' type='both'/><perm access='message' "  \
	"type='outgoing'/><perm access='presence' type='roster'/><perm access='iq'><namespace "    \
	"type='both' ns='http://jabber.org/protocol/pubsub'><namespace type='get' "                \
	"ns='http://jabber.org/protocol/disco#info'/></namespace></perm></privilege></message>"

static bool is_account(struct rig *rig, const char *text)
{
	struct jid jid;

	assert_true(jid_parse(text, rig->arena, &jid));
	return pep_is_account(rig->pep, 0, jid);
}

/* By what version of privileges events of this account leave; NULL: not at all. */
static const char *sender_ns(struct rig *rig, const char *account)
{
	struct outbox_sender sender;
	size_t component;

	return pep_sender(rig->pep, account, &component, &sender) ? sender.privilege_ns : NULL;
}

static void test_nothing_is_served_before_it_is_delegated(void **state)
{
	assert_false(is_account(*state, "juliet@localhost"));
	assert_null(sender_ns(*state, "juliet@localhost"));
}

static void test_prosody_speaks_version_2(void **state)
{
	rig_feed(*state, 0, PROSODY_DELEGATION);
	assert_true(is_account(*state, "juliet@localhost"));
	assert_null(sender_ns(*state, "juliet@localhost")); /* no messages yet */
	rig_feed(*state, 0, PROSODY_PRIVILEGE);
	assert_string_equal(sender_ns(*state, "juliet@localhost"), "urn:xmpp:privilege:2");
}

static void test_ejabberd_speaks_version_1_and_may_grant_before_it_delegates(void **state)
{
	rig_feed(*state, 0,
		"<message to='pubsub.localhost' from='localhost'><privilege "
		"xmlns='urn:xmpp:privilege:1'><perm type='outgoing' access='message'/><perm "
		"type='both' access='roster'/><perm type='roster' access='presence'/>"
		"</privilege></message>");
	assert_null(sender_ns(*state, "juliet@localhost"));
	for (int copy = 0; copy < 2; copy++) { /* every namespace comes twice */
		rig_feed(*state, 0,
			"<message to='pubsub.localhost' from='localhost'><delegation "
			"xmlns='urn:xmpp:delegation:1'><delegated namespace='" PUBSUB
			"'/></delegation></message>");
		rig_feed(*state, 0,
			"<message to='pubsub.localhost' from='localhost'><delegation "
			"xmlns='urn:xmpp:delegation:1'><delegated namespace='" PUBSUB
			"#owner'/></delegation></message>");
	}
	assert_true(is_account(*state, "juliet@localhost"));
	assert_string_equal(sender_ns(*state, "juliet@localhost"), "urn:xmpp:privilege:1");
}

static void test_only_accounts_of_the_domain_are_served(void **state)
{
	rig_grant(*state);
	assert_false(is_account(*state, "localhost"));
	assert_false(is_account(*state, "romeo@b.example"));
	assert_false(is_account(*state, "romeo@elsewhere.example"));
	assert_null(sender_ns(*state, "romeo@b.example"));
	assert_null(sender_ns(*state, "pubsub.localhost"));
}

static void test_rights_announced_by_anybody_else_are_ignored(void **state)
{
	static const char *const from[] = {"mallory@localhost", "localhost/x", "evil.example",
		"b.example"}; /* the last one is another link's */

	for (size_t i = 0; i < ARRAY_COUNT(from); i++) {
		rig_feed(*state, 0,
			arena_printf(((struct rig *)*state)->arena,
				"<message to='pubsub.localhost' from='%s'><delegation "
				"xmlns='urn:xmpp:delegation:2'><delegated namespace='" PUBSUB
				"'/></delegation></message>",
				from[i]));
		assert_false(is_account(*state, "juliet@localhost"));
	}
	rig_feed(*state, 0,
		"<message><delegation xmlns='urn:xmpp:delegation:2'><delegated namespace='" PUBSUB
		"'/></delegation></message>");
	assert_false(is_account(*state, "juliet@localhost"));
}

static void test_another_namespace_delegates_no_accounts(void **state)
{
	rig_feed(*state, 0,
		"<message from='localhost'><delegation xmlns='urn:xmpp:delegation:2'>"
		"<delegated namespace='urn:xmpp:mam:2'/></delegation></message>");
	assert_false(is_account(*state, "juliet@localhost"));
}

static void test_a_delegation_of_one_account_is_not_taken_for_all(void **state)
{
	rig_feed(*state, 0,
		"<message to='pubsub.localhost' from='localhost'><delegation "
		"to='juliet@localhost' xmlns='urn:xmpp:delegation:2'><delegated namespace='" PUBSUB
		"'/></delegation></message>");
	assert_false(is_account(*state, "romeo@localhost"));
	assert_false(is_account(*state, "juliet@localhost"));
	rig_feed(*state, 0, PROSODY_DELEGATION);
	assert_true(is_account(*state, "romeo@localhost"));
}

static void test_a_grant_of_type_none_takes_back(void **state)
{
	rig_grant(*state);
	assert_int_equal(
		rig_subscribed(*state, "juliet@localhost", "romeo@b.example"), CONTACTS_UNKNOWN);
	rig_feed(*state, 0,
		"<message from='localhost'><privilege xmlns='urn:xmpp:privilege:1'>"
		"<perm access='message' type='none'/><perm access='roster' type='none'/>"
		"</privilege></message>");
	assert_null(sender_ns(*state, "juliet@localhost"));
	assert_int_equal(
		rig_subscribed(*state, "juliet@localhost", "romeo@b.example"), CONTACTS_NO);
}

static void test_a_bounced_notification_takes_no_grant_back(void **state)
{
	static const char bounce[] =
		"<message to='pubsub.localhost' from='localhost' type='error' id='pm-m1'>"
		"<privilege xmlns='urn:xmpp:privilege:1'><forwarded xmlns='urn:xmpp:forward:0'>"
		"<message xmlns='jabber:client' from='p148705a@localhost/one' "
		"to='p148705b@localhost/one' type='headline' id='m1'/></forwarded></privilege>"
		"<error type='auth'><forbidden "
		"xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>";

	rig_grant(*state);
	rig_feed(*state, 0, bounce);
	assert_string_equal(sender_ns(*state, "juliet@localhost"), "urn:xmpp:privilege:1");
}

static void test_a_lost_link_ends_all_grants(void **state)
{
	struct rig *rig = *state;

	rig_grant(rig);
	pep_link_down(rig->pep, 0);
	assert_false(is_account(rig, "juliet@localhost"));
	assert_null(sender_ns(rig, "juliet@localhost"));
	pep_link_up(rig->pep, &rig->turn, 0);
	assert_false(is_account(rig, "juliet@localhost"));
}

/* ---- delegated requests ---- */

static bool unwrap(struct rig *rig, const char *text, struct pep_delegated *out)
{
	static const struct xml_limits unlimited = {0};
	struct xml_stanza stanza;

	assert_true(xml_document_parse(&unlimited, text, strlen(text), rig->arena, &stanza));
	return pep_unwrap(rig->pep, 0, stanza.root, rig->arena, out);
}

#define IQ(from, content)                                                                          \
	"<iq xmlns='" NS_COMPONENT "' from='" from                                                 \
	"' to='pubsub.localhost' type='set' id='x'>" content "</iq>"
#define WRAP(version, content)                                                                     \
	"<delegation xmlns='urn:xmpp:delegation:" version                                          \
	"'><forwarded xmlns='urn:xmpp:forward:0'>" content "</forwarded></delegation>"
#define INNER(attrs)                                                                               \
	"<iq xmlns='jabber:client' id='q3' type='set' from='p148534a@localhost/one'" attrs         \
	"><pubsub xmlns='" PUBSUB "'/></iq>"

static void test_a_request_is_unwrapped_in_both_versions(void **state)
{
	struct pep_delegated out;

	assert_true(unwrap(
		*state, IQ("localhost", WRAP("1", INNER(" to='p148534a@localhost'"))), &out));
	assert_string_equal(out.ns, "urn:xmpp:delegation:1");
	assert_string_equal(out.from, "p148534a@localhost/one");
	assert_string_equal(out.to, "p148534a@localhost");
	assert_string_equal(xml_attr(out.iq, "id"), "q3");
	assert_true(unwrap(*state, IQ("localhost", WRAP("2", INNER(""))), &out));
	assert_string_equal(out.ns, "urn:xmpp:delegation:2");
	assert_null(out.to); /* Prosody: one's own account */
}

static void test_a_wrapper_without_a_request_is_malformed(void **state)
{
	struct pep_delegated out;

	assert_true(unwrap(*state, IQ("localhost", WRAP("2", "")), &out));
	assert_null(out.iq);
	assert_true(unwrap(*state, IQ("localhost", WRAP("2", "<iq xmlns='urn:other'/>")), &out));
	assert_null(out.iq);
}

static void test_a_wrapper_of_anybody_else_is_not_believed(void **state)
{
	struct pep_delegated out;

	assert_false(unwrap(*state, IQ("mallory@localhost", WRAP("2", INNER(""))), &out));
	assert_false(unwrap(*state, IQ("b.example", WRAP("2", INNER(""))), &out));
	assert_false(unwrap(*state, IQ("localhost", INNER("")), &out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(test_nothing_is_served_before_it_is_delegated),
		RIG_TEST(test_prosody_speaks_version_2),
		RIG_TEST(test_ejabberd_speaks_version_1_and_may_grant_before_it_delegates),
		RIG_TEST(test_only_accounts_of_the_domain_are_served),
		RIG_TEST(test_rights_announced_by_anybody_else_are_ignored),
		RIG_TEST(test_another_namespace_delegates_no_accounts),
		RIG_TEST(test_a_delegation_of_one_account_is_not_taken_for_all),
		RIG_TEST(test_a_grant_of_type_none_takes_back),
		RIG_TEST(test_a_bounced_notification_takes_no_grant_back),
		RIG_TEST(test_a_lost_link_ends_all_grants),
		RIG_TEST(test_a_request_is_unwrapped_in_both_versions),
		RIG_TEST(test_a_wrapper_without_a_request_is_malformed),
		RIG_TEST(test_a_wrapper_of_anybody_else_is_not_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
