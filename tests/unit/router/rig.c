#include "rig.h"

#include "peppy/array.h"
#include "peppy/clock.h"
#include "peppy/id.h"

#define HEADER                                                                                     \
	"<stream:stream xmlns='" NS_COMPONENT "' "                                                 \
	"xmlns:stream='http://etherx.jabber.org/streams' id='rig'>"

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

static uint64_t passed_us;

uint64_t __wrap_clock_wall_us(void)
{
	return UINT64_C(1071340202000000) + passed_us; /* 2003-12-13T18:30:02Z */
}

uint64_t __wrap_clock_monotonic_us(void)
{
	return 1 + passed_us;
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

static void note(struct rig *rig, const struct xml_stanza *stanza)
{
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

static void on_send(void *ctx, size_t component, const char *bytes, size_t len, bool keep)
{
	struct rig *rig = ctx;
	struct xml_stanza stanza;

	(void)component, (void)keep;
	memcpy(xml_parser_space(rig->out, len), bytes, len);
	xml_parser_filled(rig->out, len);
	while (xml_parser_next(rig->out, &stanza) == XML_STANZA)
		note(rig, &stanza);
	xml_parser_release(rig->out);
}

static uint64_t no_bytes(void *ctx, size_t component)
{
	(void)ctx, (void)component;
	return 0;
}

static bool next_stanza(void *ctx, struct xml_stanza *out)
{
	return xml_parser_next(((struct rig *)ctx)->in, out) == XML_STANZA;
}

void rig_feed(struct rig *rig, const char *xml)
{
	const struct router_source source = {.ctx = rig, .next = next_stanza};

	memcpy(xml_parser_space(rig->in, strlen(xml)), xml, strlen(xml));
	xml_parser_filled(rig->in, strlen(xml));
	router_turn(rig->router, 0, &source);
	xml_parser_release(rig->in);
}

void rig_forget_sent(struct rig *rig)
{
	rig->sent.len = 0;
	rig->answers = rig->errors = rig->refusals = rig->events = 0;
}

void rig_open(struct rig *rig)
{
	static const char *const domain = "denmark.lit";
	static const struct xml_limits limits = {0};
	static const struct router_component component = {
		.jid = "pubsub.denmark.lit", .domains = {&domain, 1}};
	const struct router_options opt = {
		.components = &component,
		.component_count = 1,
		.max_outgoing_bytes = 480 * 1024,
		.max_items = 1000,
		.max_payload_bytes = 1024 * 1024,
		.node_defaults = pubsub_node_config_default,
		.pep_defaults = pubsub_node_config_default,
		.ctx = rig,
		.send = on_send,
		.sent = no_bytes,
		.taken = no_bytes,
	};
	struct store *inner = NULL;

	*rig = (struct rig){.arena = arena_create()};
	passed_us = 0;
	assert_int_equal(store_open_mem(&inner), PUBSUB_OK);
	rig->store = store_open_fail(inner);
	rig->in = xml_parser_create(&limits, HEADER, strlen(HEADER));
	rig->out = xml_parser_create(&limits, HEADER, strlen(HEADER));
	rig->router = router_create(rig->store, &opt);
	router_link_up(rig->router, 0);
	rig_feed(rig, rights);
	for (size_t i = 0; i < ARRAY_COUNT(furniture); i++)
		rig_feed(rig, furniture[i]);
	assert_int_equal(rig->answers, ARRAY_COUNT(furniture));
	assert_int_equal(rig->errors, 0);
	rig_forget_sent(rig);
}

void rig_close(struct rig *rig)
{
	router_destroy(rig->router);
	store_close(rig->store);
	xml_parser_destroy(rig->in);
	xml_parser_destroy(rig->out);
	buf_finish(&rig->sent);
	arena_destroy(rig->arena);
}

const char *rig_dump(struct rig *rig)
{
	struct store_txn *txn = NULL;
	char *text = NULL;

	assert_int_equal(store_begin(rig->store, STORE_READ, &txn), PUBSUB_OK);
	assert_int_equal(store_dump(txn, rig->arena, &text), PUBSUB_OK);
	store_abort(txn);
	return text;
}

const char *rig_sent(struct rig *rig)
{
	return arena_memdup(rig->arena, rig->sent.data, rig->sent.len);
}
