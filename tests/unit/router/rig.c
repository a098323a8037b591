#include "rig.h"

#include "peppy/array.h"
#include "peppy/id.h"
#include "peppy/store_upkeep.h"

static const char rights[] =
	"<message from='denmark.lit' to='pubsub.denmark.lit'>"
	"<delegation xmlns='urn:xmpp:delegation:2'><delegated namespace='" NS_PUBSUB "'/>"
	"<delegated namespace='" NS_PUBSUB_OWNER "'/><delegated namespace='" NS_PRIVATE "'/>"
	"<delegated namespace='" NS_VCARD "'/></delegation></message>"
	"<message from='denmark.lit' to='pubsub.denmark.lit'>"
	"<privilege xmlns='urn:xmpp:privilege:2'><perm access='message' type='outgoing'/>"
	"</privilege></message>";

/* Nodes: news, which tells of everything and has three items and two subscribers; shut, where
 * owners approve and romeo waits; news is in blogs and blogs in all, of which romeo hears
 * everything. */
static const char *const furniture[] = {
	PUBSUB("set", HAMLET,
		"<create node='news'/><configure>" FORM("node_config",
			FIELD("notify_sub", "1") FIELD("notify_config", "1") FIELD(
				"notify_retract", "1") FIELD("max_items", "3")) "</configure>"),
	PUBSUB("set", HAMLET, "<publish node='news'>" ITEM("1") ITEM("2") ITEM("3") "</publish>"),
	PUBSUB("set", "ophelia@denmark.lit/a",
		"<subscribe node='news' jid='ophelia@denmark.lit'/>"),
	PUBSUB("set", "yorick@denmark.lit/a", "<subscribe node='news' jid='yorick@denmark.lit'/>"),
	OWNER("set",
		"<affiliations node='news'>"
		"<affiliation jid='yorick@denmark.lit' affiliation='publisher'/></affiliations>"),
	PUBSUB("set", HAMLET,
		"<create node='shut'/><configure>" FORM(
			"node_config", FIELD("access_model", "authorize")) "</configure>"),
	PUBSUB("set", HAMLET, "<publish node='shut'>" ITEM("1") "</publish>"),
	PUBSUB("set", "romeo@verona.lit/a", "<subscribe node='shut' jid='romeo@verona.lit'/>"),
	PUBSUB("set", HAMLET,
		"<create node='all'/><configure>" FORM(
			"node_config", FIELD("node_type", "collection")) "</configure>"),
	PUBSUB("set", HAMLET,
		"<create node='blogs'/><configure>" FORM("node_config",
			FIELD("node_type", "collection") FIELD("collection", "all")
				FIELD("children", "news")) "</configure>"),
	PUBSUB("set", "romeo@verona.lit/a",
		"<subscribe node='all' jid='romeo@verona.lit'/><options>" FORM("subscribe_options",
			FIELD("subscription_type", "all")
				FIELD("subscription_depth", "all")) "</options>"),
	ACCOUNT("set", "<publish node='urn:xmpp:bookmarks:1'><item id='a@rooms.lit'>" ROOM
		       "</item></publish>"),
	ACCOUNT("set", "<subscribe node='urn:xmpp:bookmarks:1' jid='hamlet@denmark.lit'/>"),
};

uint64_t __wrap_clock_wall_us(void);
uint64_t __wrap_clock_monotonic_us(void);
void __wrap_id_random(char out[ID_RANDOM_SIZE]);
void __wrap_id_signed(const char *recipient, char out[ID_SIGNED_SIZE]);

static uint64_t passed_us, looked_us, look_us;

uint64_t __wrap_clock_wall_us(void)
{
	return UINT64_C(1071340202000000) + passed_us; /* 2003-12-13T18:30:02Z */
}

uint64_t __wrap_clock_monotonic_us(void)
{
	looked_us += look_us;
	return 1 + passed_us + looked_us;
}

void rig_slow(unsigned us)
{
	look_us = us;
}

void rig_pass(unsigned seconds)
{
	passed_us = seconds * UINT64_C(1000000);
}

void __wrap_id_random(char out[ID_RANDOM_SIZE])
{
	strcpy(out, "random");
}

void __wrap_id_signed(const char *recipient, char out[ID_SIGNED_SIZE])
{
	(void)recipient;
	strcpy(out, "signed");
}

static bool is_type(const struct xml_element *root, const char *type)
{
	const char *found = xml_attr(root, "type");

	return found != NULL && strcmp(found, type) == 0;
}

/* The one that an answer to a delegated request holds. */
static const struct xml_element *unwrapped(const struct xml_element *root)
{
	const struct xml_element *el = xml_child(root, "urn:xmpp:delegation:2", "delegation");

	el = el != NULL ? xml_child(el, NS_FORWARD, "forwarded") : NULL;
	return el != NULL ? el->first : root;
}

/* A store that fails is another word for resource-constraint or internal-server-error. */
static bool is_refusal(const struct xml_element *root)
{
	const struct xml_element *error;

	root = unwrapped(root);
	error = xml_child(root, root->ns, "error");
	return is_type(root, "error") && error != NULL &&
	       (xml_child(error, NS_STANZAS, "resource-constraint") != NULL ||
		       xml_child(error, NS_STANZAS, "internal-server-error") != NULL);
}

static void note(void *ctx, const struct xml_stanza *stanza)
{
	struct rig *rig = ctx;
	const struct xml_element *root = stanza->root;
	const char *id = xml_attr(root, "id");
	size_t len;
	const char *xml = xml_standalone(stanza, root, &len);
	bool answers = id != NULL && strcmp(id, "asked") == 0;

	rig->answers += answers;
	rig->errors += answers && is_type(unwrapped(root), "error");
	rig->events += !answers;
	rig->refusals += answers && is_refusal(root);
	buf_append(&rig->sent, xml, len);
}

void rig_feed(struct rig *rig, const char *xml)
{
	streams_feed(&rig->streams, xml, strlen(xml));
}

void rig_forget_sent(struct rig *rig)
{
	rig->sent.len = 0;
	rig->answers = rig->errors = rig->refusals = rig->events = 0;
}

void rig_open(struct rig *rig)
{
	static const char *const domain = "denmark.lit";
	static const struct router_component component = {
		.jid = "pubsub.denmark.lit", .domains = {&domain, 1}};
	const struct router_options opt = streams_options(&component);

	*rig = (struct rig){.arena = arena_create()};
	passed_us = looked_us = look_us = 0;
	streams_open(&rig->streams, &opt, note, rig);
	rig_feed(rig, rights);
	for (size_t i = 0; i < ARRAY_COUNT(furniture); i++)
		rig_feed(rig, furniture[i]);
	assert_int_equal(rig->answers, ARRAY_COUNT(furniture));
	assert_int_equal(rig->errors, 0);
	rig_forget_sent(rig);
}

void rig_close(struct rig *rig)
{
	streams_close(&rig->streams);
	buf_finish(&rig->sent);
	arena_destroy(rig->arena);
}

const char *rig_dump(struct rig *rig)
{
	struct store_txn *txn = NULL;
	char *text = NULL;

	assert_int_equal(store_begin(rig->streams.store, STORE_READ, &txn), PUBSUB_OK);
	assert_int_equal(store_dump(txn, rig->arena, &text), PUBSUB_OK);
	store_abort(txn);
	return text;
}

const char *rig_sent(struct rig *rig)
{
	return arena_memdup(rig->arena, rig->sent.data, rig->sent.len);
}
