/* error.c - the stanza errors. */
#include "tests/unit/codec/support.h"

#include "peppy/array.h"

#define STANZAS "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'"
#define ERRORS "xmlns='http://jabber.org/protocol/pubsub#errors'"

static const char *render(struct bench *bench, enum pubsub_error err, const char *detail)
{
	struct xml_writer w = xml_writer(&bench->out);

	buf_truncate(&bench->out, 0);
	codec_error_render(&w, err, detail);
	assert_int_equal(w.depth, 0);
	return bench_written(bench);
}

/* The conditions of RFC 6120 8.3.3. */
static const char *const conditions[] = {"bad-request", "conflict", "feature-not-implemented",
	"forbidden", "gone", "internal-server-error", "item-not-found", "jid-malformed",
	"not-acceptable", "not-allowed", "not-authorized", "policy-violation",
	"recipient-unavailable", "redirect", "registration-required", "remote-server-not-found",
	"remote-server-timeout", "resource-constraint", "service-unavailable",
	"subscription-required", "undefined-condition", "unexpected-request"};

static bool is_one_of(const char *word, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

static void test_every_situation_has_an_error_that_rfc_6120_knows(void **state)
{
	static const char *const types[] = {"auth", "cancel", "modify", "wait"};
	struct bench *bench = *state;

	for (int err = PUBSUB_OK + 1; err < PUBSUB_ERR_COUNT; err++) {
		const struct xml_element *error, *condition;

		error = bench_read(bench, render(bench, (enum pubsub_error)err, "detail"));
		condition = error->first;
		assert_string_equal(error->name, "error");
		assert_true(is_one_of(xml_attr(error, "type"), types, 4));
		assert_string_equal(condition->ns, NS_STANZAS);
		assert_true(is_one_of(condition->name, conditions, ARRAY_COUNT(conditions)));
	}
}

/* Where XEP-0060 has several answers for one condition. */
static const struct {
	enum pubsub_error err;
	const char *type, *condition, *child;
} triples[] = {
	{PUBSUB_ERR_SUBSCRIBE_JID, "modify", "bad-request", "invalid-jid"},
	{PUBSUB_ERR_SUBSCRIBE_PRESENCE, "auth", "not-authorized", "presence-subscription-required"},
	{PUBSUB_ERR_SUBSCRIBE_ROSTER, "auth", "not-authorized", "not-in-roster-group"},
	{PUBSUB_ERR_SUBSCRIBE_WHITELIST, "cancel", "not-allowed", "closed-node"},
	{PUBSUB_ERR_SUBSCRIBE_PENDING, "auth", "not-authorized", "pending-subscription"},
	{PUBSUB_ERR_SUBSCRIBE_LIMIT, "wait", "policy-violation", "too-many-subscriptions"},
	{PUBSUB_ERR_UNSUBSCRIBE_NONE, "cancel", "unexpected-request", "not-subscribed"},
	{PUBSUB_ERR_OPTIONS_NOT_SUBSCRIBED, "modify", "unexpected-request", "not-subscribed"},
	{PUBSUB_ERR_RETRIEVE_NOT_SUBSCRIBED, "auth", "not-authorized", "not-subscribed"},
	{PUBSUB_ERR_SUBID_REQUIRED, "modify", "bad-request", "subid-required"},
	{PUBSUB_ERR_SUBID_INVALID, "modify", "not-acceptable", "invalid-subid"},
	{PUBSUB_ERR_JID_REQUIRED, "modify", "bad-request", "jid-required"},
	{PUBSUB_ERR_NODEID_REQUIRED, "modify", "bad-request", "nodeid-required"},
	{PUBSUB_ERR_ITEMID_REQUIRED, "modify", "bad-request", "item-required"},
	{PUBSUB_ERR_ITEM_FORBIDDEN, "modify", "bad-request", "item-forbidden"},
	{PUBSUB_ERR_PAYLOAD_REQUIRED, "modify", "bad-request", "payload-required"},
	{PUBSUB_ERR_PAYLOAD_INVALID, "modify", "bad-request", "invalid-payload"},
	{PUBSUB_ERR_PAYLOAD_TOO_BIG, "modify", "not-acceptable", "payload-too-big"},
	{PUBSUB_ERR_NODE_FULL, "cancel", "conflict", "node-full"},
	{PUBSUB_ERR_PRECONDITION, "cancel", "conflict", "precondition-not-met"},
	{PUBSUB_ERR_OPTIONS_INVALID, "modify", "bad-request", "invalid-options"},
	{PUBSUB_ERR_MAX_ITEMS_EXCEEDED, "cancel", "not-allowed", "max-items-exceeded"},
};

static void test_triples_are_those_of_the_xep(void **state)
{
	struct bench *bench = *state;

	for (size_t i = 0; i < ARRAY_COUNT(triples); i++) {
		const struct xml_element *error =
			bench_read(bench, render(bench, triples[i].err, NULL));

		assert_string_equal(xml_attr(error, "type"), triples[i].type);
		assert_string_equal(error->first->name, triples[i].condition);
		assert_non_null(xml_child(error, NS_PUBSUB_ERRORS, triples[i].child));
	}
}

static void test_a_plain_error_is_its_condition_alone(void **state)
{
	assert_string_equal(render(*state, PUBSUB_ERR_NODE_NOT_FOUND, NULL),
		"<error type='cancel'><item-not-found " STANZAS "/></error>");
	assert_string_equal(render(*state, PUBSUB_ERR_OWNER_FORBIDDEN, "ignored"),
		"<error type='auth'><forbidden " STANZAS "/></error>");
}

static void test_unsupported_names_the_feature(void **state)
{
	assert_string_equal(render(*state, PUBSUB_ERR_UNSUPPORTED, "multi-subscribe"),
		"<error type='cancel'><feature-not-implemented " STANZAS "/>"
		"<unsupported " ERRORS " feature='multi-subscribe'/></error>");
	assert_string_equal(render(*state, PUBSUB_ERR_PERSISTENCE_OFF, NULL),
		"<error type='cancel'><feature-not-implemented " STANZAS "/>"
		"<unsupported " ERRORS " feature='persistent-items'/></error>");
	assert_string_equal(render(*state, PUBSUB_ERR_SUBSCRIBE_CLOSED, NULL),
		"<error type='cancel'><feature-not-implemented " STANZAS "/>"
		"<unsupported " ERRORS " feature='subscribe'/></error>");
}

static void test_gone_holds_the_new_address(void **state)
{
	assert_string_equal(
		render(*state, PUBSUB_ERR_NODE_GONE, "xmpp:pubsub.shakespeare.lit?;node=a&b"),
		"<error type='modify'><gone " STANZAS
		">xmpp:pubsub.shakespeare.lit?;node=a&amp;b</gone></error>");
}

static void test_the_text_names_the_field(void **state)
{
	assert_string_equal(render(*state, PUBSUB_ERR_PRECONDITION, "pubsub#max_items"),
		"<error type='cancel'><conflict " STANZAS "/><text " STANZAS
		" xml:lang='en'>precondition not met: pubsub#max_items</text>"
		"<precondition-not-met " ERRORS "/></error>");
	assert_string_equal(render(*state, PUBSUB_ERR_CONFIG_INVALID, "pubsub#<"),
		"<error type='modify'><not-acceptable " STANZAS "/><text " STANZAS
		" xml:lang='en'>invalid node configuration: pubsub#&lt;</text></error>");
	assert_string_equal(render(*state, PUBSUB_ERR_BAD_REQUEST, NULL),
		"<error type='modify'><bad-request " STANZAS "/><text " STANZAS
		" xml:lang='en'>malformed request</text></error>");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(test_every_situation_has_an_error_that_rfc_6120_knows),
		bench_test(test_triples_are_those_of_the_xep),
		bench_test(test_a_plain_error_is_its_condition_alone),
		bench_test(test_unsupported_names_the_feature),
		bench_test(test_gone_holds_the_new_address),
		bench_test(test_the_text_names_the_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
