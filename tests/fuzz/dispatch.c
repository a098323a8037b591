/* The laws of the whole service, whatever stanzas come. What goes out is well-formed and no larger
 * than it may be; every request has one answer and nothing else has one, errors least of all. Of a
 * node that is closed to everybody but its owner nobody else gets an item or the id of one, neither
 * at the component nor at an account; of an account's node for contacts none but contacts; of an
 * open node an outcast gets none; however they ask, be it by the open collection that both nodes
 * are in, whatever they have arranged, and after a restart as before. In the end the store is
 * sound.
 *
 * The owners never speak in the input, but their server may, which holds the accounts: it lies
 * about everything but that. The input may answer our own questions for others; what is left of
 * them is answered with errors, so nobody is a contact. An admin may do as he likes: where he has
 * spoken, access is no law.
 *
 * Each line of the input is a turn. What is made up anew each time it names as in heard[]. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "peppy/array.h"
#include "peppy/codec.h"
#include "peppy/id.h"
#include "peppy/jid.h"
#include "peppy/log.h"
#include "peppy/map.h"
#include "peppy/memory.h"
#include "peppy/pep.h"
#include "peppy/router.h"
#include "peppy/store_upkeep.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define COMPONENT "pubsub.shakespeare.lit"
#define HEADER                                                                                     \
	"<stream:stream xmlns='" NS_COMPONENT "' "                                                 \
	"xmlns:stream='http://etherx.jabber.org/streams' id='fuzz'>"
#define OUTGOING_MAX 65536
#define ROUNDS_MAX 100
#define OWNER "owner@law.lit"
#define OUTCAST "outcast@law.lit"
#define ACCOUNTS "capulet.lit"
#define ACCOUNT "owner@" ACCOUNTS
#define ADMIN "bard@shakespeare.lit"

/* What was said last to anybody but the owners: an attribute, or a text. */
static const struct heard {
	const char *name, *element, *attr;
} heard[] = {
	{"$session", "command", "sessionid"}, {"$subid", "subscription", "subid"},
	{"$first", "first", NULL}, {"$last", "last", NULL},
	{"$question", NULL, NULL}, /* ours: one after the other */
};
#define QUESTION (ARRAY_COUNT(heard) - 1)
#define QUESTIONS_MAX 64

struct world {
	struct store *store;
	struct router *router;
	struct xml_parser *in, *out;
	struct arena *arena; /* of asked */
	struct map *open;    /* "id\nfrom" of plain requests -> how many wait for their answer */
	size_t requests, answers;
	size_t messages, refusals; /* of messages */
	struct buf replies;        /* of the world to our questions */
	const char *heard[ARRAY_COUNT(heard)];
	const char *questions[QUESTIONS_MAX]; /* their ids */
	size_t question_n, question_at;
	bool owner_speaks, admin_spoke;
	char closed[ID_RANDOM_SIZE], open_to_all[ID_RANDOM_SIZE]; /* in ids and payloads of items */
	char own[ID_RANDOM_SIZE], contacts[ID_RANDOM_SIZE];       /* likewise, of the account */
	uint64_t sent;
};

static const struct xml_limits limits = {
	.stanza_bytes = 65536, .depth = 64, .elements = 500, .attributes = 50};

static bool is_type(const struct xml_element *el, const char *a, const char *b)
{
	const char *type = xml_attr(el, "type");

	return type != NULL && (strcmp(type, a) == 0 || strcmp(type, b) == 0);
}

static const char *key_of(struct world *w, const struct xml_element *iq, const char *peer)
{
	const char *id = xml_attr(iq, "id"), *jid = xml_attr(iq, peer);

	return arena_printf(w->arena, "%s\n%s", id == NULL ? "" : id, jid == NULL ? "" : jid);
}

/* Whether somebody is there to be answered; what is inside a delegation is not looked at. */
static bool is_plain(const struct xml_element *iq)
{
	const char *from = xml_attr(iq, "from");

	for (const struct xml_element *el = iq->first; el != NULL; el = el->next)
		if (strcmp(el->name, "delegation") == 0)
			return false;
	return from != NULL && *from != '\0';
}

/* A JID with another resource, or in other letters, is the same entity. */
static bool is_entity(struct world *w, const char *jid, const char *bare)
{
	struct jid parsed;

	return jid != NULL && jid_parse(jid, w->arena, &parsed) && strcmp(parsed.bare, bare) == 0;
}

/* Also where a server hands on what somebody says, and where it tells somebody's contacts. */
static bool is_said_by(struct world *w, const struct xml_element *el, const char *bare)
{
	if (is_entity(w, xml_attr(el, "from"), bare))
		return true;
	for (el = el->first; el != NULL; el = el->next)
		if (is_said_by(w, el, bare))
			return true;
	return false;
}

static bool next_stanza(void *ctx, struct xml_stanza *out)
{
	struct world *w = ctx;
	size_t *open;

	do
		if (xml_parser_next(w->in, out) != XML_STANZA)
			return false;
	while (!w->owner_speaks &&
		(is_said_by(w, out->root, OWNER) || is_said_by(w, out->root, ACCOUNT)));
	w->admin_spoke = w->admin_spoke || is_said_by(w, out->root, ADMIN);
	w->messages +=
		xml_is(out->root, NS_COMPONENT, "message") && !is_type(out->root, "error", "error");
	if (!xml_is(out->root, NS_COMPONENT, "iq") || is_type(out->root, "result", "error"))
		return true; /* an unknown type is a bad request */
	w->requests++;
	if (!is_plain(out->root))
		return true;
	open = map_find(w->open, key_of(w, out->root, "from"));
	if (open == NULL) {
		open = memory_alloc(sizeof *open);
		map_put(w->open, key_of(w, out->root, "from"), open);
	}
	++*open;
	return true;
}

static void feed(struct world *w, const char *bytes, size_t len)
{
	const struct router_source source = {.ctx = w, .next = next_stanza};

	memcpy(xml_parser_space(w->in, len), bytes, len);
	xml_parser_filled(w->in, len);
	router_turn(w->router, 0, &source);
	xml_parser_release(w->in);
}

static void append_heard(struct world *w, size_t i, struct buf *out)
{
	if (i == QUESTION && w->question_at < w->question_n)
		w->heard[i] = w->questions[w->question_at++];
	if (w->heard[i] != NULL)
		xml_escape_attr(out, w->heard[i]);
}

/* A name is replaced by what it stands for; returns how many bytes of the input were taken. */
static size_t append_next(struct world *w, const char *bytes, size_t len, struct buf *out)
{
	for (size_t i = 0; i < ARRAY_COUNT(heard); i++) {
		size_t name_len = strlen(heard[i].name);

		if (len >= name_len && memcmp(bytes, heard[i].name, name_len) == 0) {
			append_heard(w, i, out);
			return name_len;
		}
	}
	buf_append(out, bytes, 1);
	return 1;
}

static void feed_lines(struct world *w, const char *bytes, size_t len)
{
	const char *end = bytes + len;
	struct buf line = {0};

	while (bytes < end) {
		bytes += append_next(w, bytes, (size_t)(end - bytes), &line);
		if (bytes < end && bytes[-1] != '\n')
			continue;
		feed(w, line.data, line.len);
		buf_truncate(&line, 0);
		router_work(w->router);
	}
	buf_finish(&line);
}

/* ---- what goes out ---- */

static void count_answer(struct world *w, const struct xml_element *iq)
{
	size_t *open = map_find(w->open, key_of(w, iq, "to"));

	w->answers++;
	if (open != NULL) {
		assert(*open > 0); /* one answer, not two */
		--*open;
	}
}

static void refuse_question(struct world *w, const struct xml_element *iq)
{
	struct xml_writer writer = xml_writer(&w->replies);

	if (w->question_n < QUESTIONS_MAX)
		w->questions[w->question_n++] = arena_strdup(w->arena, xml_attr(iq, "id"));
	xml_start(&writer, "iq");
	xml_put_attr(&writer, "type", "error");
	xml_put_attr(&writer, "id", xml_attr(iq, "id"));
	xml_put_attr(&writer, "from", xml_attr(iq, "to"));
	xml_put_attr(&writer, "to", COMPONENT);
	xml_end(&writer);
}

static bool holds(const struct xml_stanza *stanza, const char *text)
{
	size_t len = strlen(text);

	for (size_t at = 0; at + len <= stanza->len; at++)
		if (memcmp(stanza->bytes + at, text, len) == 0)
			return true;
	return false;
}

/* Whom a stanza reaches: what a server is asked to hand on is addressed inside. */
static const char *addressee(const struct xml_element *stanza)
{
	const struct xml_element *wrapper = stanza->first;
	const struct xml_element *forwarded =
		wrapper != NULL ? xml_child(wrapper, NS_FORWARD, "forwarded") : NULL;

	if (forwarded != NULL && forwarded->first != NULL)
		stanza = forwarded->first;
	return xml_attr(stanza, "to");
}

static void check_access(struct world *w, const struct xml_stanza *stanza)
{
	const char *to = addressee(stanza->root);

	assert(to != NULL);
	if (w->admin_spoke)
		return;
	assert(!holds(stanza, w->closed) || is_entity(w, to, OWNER));
	assert(!holds(stanza, w->open_to_all) || !is_entity(w, to, OUTCAST));
	assert(!holds(stanza, w->own) || is_entity(w, to, ACCOUNT));
	assert(!holds(stanza, w->contacts) || is_entity(w, to, ACCOUNT));
}

static void hear(struct world *w, const struct xml_element *el)
{
	const char *value;

	for (size_t i = 0; i < QUESTION; i++) {
		if (strcmp(el->name, heard[i].element) != 0)
			continue;
		value = heard[i].attr != NULL ? xml_attr(el, heard[i].attr) : el->text;
		if (value != NULL)
			w->heard[i] = arena_strdup(w->arena, value);
	}
	for (el = el->first; el != NULL; el = el->next)
		hear(w, el);
}

static void on_send(void *ctx, size_t component, const char *bytes, size_t len, bool keep)
{
	struct world *w = ctx;
	struct xml_stanza stanza;
	enum xml_event event;

	(void)component;
	(void)keep;
	w->sent += len;
	memcpy(xml_parser_space(w->out, len), bytes, len);
	xml_parser_filled(w->out, len);
	while ((event = xml_parser_next(w->out, &stanza)) == XML_STANZA) {
		assert(stanza.len <= OUTGOING_MAX);
		check_access(w, &stanza);
		if (!w->owner_speaks)
			hear(w, stanza.root);
		w->refusals += xml_is(stanza.root, NS_COMPONENT, "message") &&
			       is_type(stanza.root, "error", "error");
		if (!xml_is(stanza.root, NS_COMPONENT, "iq"))
			continue;
		if (is_type(stanza.root, "result", "error"))
			count_answer(w, stanza.root);
		else
			refuse_question(w, stanza.root);
	}
	assert(event == XML_MORE); /* whole stanzas, well-formed */
	xml_parser_release(w->out);
}

static uint64_t bytes_sent(void *ctx, size_t component)
{
	(void)component;
	return ((struct world *)ctx)->sent;
}

static void on_fatal(void *ctx)
{
	(void)ctx;
	abort();
}

/* ---- a world ---- */

static void open_router(struct world *w, struct router_component *component)
{
	static const char *const domains[] = {"shakespeare.lit", ACCOUNTS}, *const admin = ADMIN;
	struct router_options opt = {
		.components = component,
		.component_count = 1,
		.max_outgoing_bytes = OUTGOING_MAX,
		.max_items = 10,
		.max_payload_bytes = 10000,
		.fanout_max = 2,
		.node_defaults = pubsub_node_config_default,
		.pep_defaults = pep_config_default(),
		.ctx = w,
		.send = on_send,
		.sent = bytes_sent,
		.taken = bytes_sent,
		.fatal = on_fatal,
	};

	*component = (struct router_component){
		.jid = COMPONENT,
		.domains = {domains, 2},
		.admins = {&admin, 1},
		.root_collection = true,
	};
	w->router = router_create(w->store, &opt);
	assert(w->router != NULL);
	router_link_up(w->router, 0);
}

static void open_world(struct world *w, struct router_component *component)
{
	log_level_set(LOG_LEVEL_ERROR);
	if (store_open_mem(&w->store) != PUBSUB_OK)
		abort();
	w->arena = arena_create();
	w->open = map_create(0, free);
	w->in = xml_parser_create(&limits, HEADER, strlen(HEADER));
	w->out = xml_parser_create(&(struct xml_limits){0}, HEADER, strlen(HEADER));
	open_router(w, component);
}

static void close_world(struct world *w)
{
	router_destroy(w->router);
	store_close(w->store);
	xml_parser_destroy(w->in);
	xml_parser_destroy(w->out);
	map_destroy(w->open);
	arena_destroy(w->arena);
	buf_finish(&w->replies);
}

static void fresh_parser(struct world *w)
{
	xml_parser_destroy(w->in);
	w->in = xml_parser_create(&limits, HEADER, strlen(HEADER));
}

/* Until nobody asks any more. The input may have broken the stream: replies need a fresh one. */
static void settle(struct world *w)
{
	struct buf replies = {0};
	int rounds = 0;

	while (w->replies.len > 0 && rounds++ < ROUNDS_MAX) {
		fresh_parser(w);
		replies.len = 0;
		buf_append(&replies, w->replies.data, w->replies.len);
		w->replies.len = 0;
		w->owner_speaks = true; /* or his server for him: it has no answer */
		feed(w, replies.data, replies.len);
		w->owner_speaks = false;
	}
	buf_finish(&replies);
	assert(rounds < ROUNDS_MAX);
	while (router_work(w->router) == ROUTER_BUSY)
		;
}

/* ---- the nodes that the laws are about ---- */

/* Names of the law's own, which the input may use: it is to try. */
#define IQ(id) "<iq type='set' id='" id "' from='" OWNER "/x' to='" COMPONENT "'>"
#define CREATE(node, field, value)                                                                 \
	IQ("law")                                                                                  \
	"<pubsub xmlns='" NS_PUBSUB "'><create node='" node "'/><configure>"                       \
	"<x xmlns='" NS_DATA "' type='submit'><field var='FORM_TYPE'>"                             \
	"<value>" NS_PUBSUB "#node_config</value></field><field var='pubsub#" field                \
	"'><value>" value "</value></field></x></configure></pubsub></iq>"

#define ASSOCIATE(node)                                                                            \
	IQ("law")                                                                                  \
	"<pubsub xmlns='" NS_PUBSUB_OWNER "'><collection node='collection'><associate node='" node \
	"'/></collection></pubsub></iq>"

static void owner_says(struct world *w, const char *text)
{
	w->owner_speaks = true;
	fresh_parser(w); /* the input may have broken the stream */
	feed(w, text, strlen(text));
	w->owner_speaks = false;
}

static void publish(struct world *w, const char *node, const char *secret, int n)
{
	owner_says(w, arena_printf(w->arena,
			      IQ("law") "<pubsub xmlns='" NS_PUBSUB
					"'><publish node='%s'><item id='%s%d'>"
					"<law xmlns='law'>%s</law></item></publish></pubsub></iq>",
			      node, secret, n, secret));
}

/* Said to the account by its owner, handed on by his server. */
static void account_publishes(
	struct world *w, const char *node, const char *access, const char *secret, int n)
{
	owner_says(
		w, arena_printf(w->arena,
			   "<iq type='set' id='law' from='" ACCOUNTS "' to='" COMPONENT "'>"
			   "<delegation xmlns='urn:xmpp:delegation:2'><forwarded xmlns='" NS_FORWARD
			   "'><iq xmlns='" NS_CLIENT "' type='set' id='law' from='" ACCOUNT
			   "/x'><pubsub xmlns='" NS_PUBSUB "'><publish node='%s'><item id='%s%d'>"
			   "<law xmlns='law'>%s</law></item></publish><publish-options>"
			   "<x xmlns='" NS_DATA "' type='submit'><field var='FORM_TYPE'>"
			   "<value>" NS_PUBSUB "#publish-options</value></field>"
			   "<field var='pubsub#access_model'><value>%s</value></field></x>"
			   "</publish-options></pubsub></iq></forwarded></delegation></iq>",
			   node, secret, n, secret, access));
}

/* What the server announces at each start. */
static void grant(struct world *w)
{
	owner_says(w, "<message from='" ACCOUNTS "' to='" COMPONENT "'>"
		      "<delegation xmlns='urn:xmpp:delegation:2'><delegated namespace='" NS_PUBSUB
		      "'/></delegation></message><message from='" ACCOUNTS "' to='" COMPONENT "'>"
		      "<privilege xmlns='urn:xmpp:privilege:2'><perm access='roster' type='get'/>"
		      "<perm access='message' type='outgoing'/></privilege></message>");
}

static void use_account(struct world *w, int n)
{
	grant(w);
	account_publishes(w, "own", "whitelist", w->own, n);
	settle(w); /* it waits for the contacts who may want to hear of it */
	account_publishes(w, "contacts", "presence", w->contacts, n);
	settle(w);
}

static void make_nodes(struct world *w)
{
	id_random(w->closed);
	id_random(w->open_to_all);
	id_random(w->own);
	id_random(w->contacts);
	owner_says(w, CREATE("closed", "access_model", "whitelist"));
	owner_says(w, CREATE("open", "access_model", "open"));
	owner_says(w, IQ("law") "<pubsub xmlns='" NS_PUBSUB_OWNER "'><affiliations node='open'>"
				"<affiliation jid='" OUTCAST "' affiliation='outcast'/>"
				"</affiliations></pubsub></iq>");
	owner_says(w, CREATE("collection", "node_type", "collection"));
	owner_says(w, ASSOCIATE("closed"));
	owner_says(w, ASSOCIATE("open"));
	publish(w, "closed", w->closed, 1);
	publish(w, "open", w->open_to_all, 1);
	use_account(w, 1);
	w->question_at = w->question_n; /* they are answered */
	fresh_parser(w);
}

/* Whoever has got a subscription by the input would hear of this. */
static void use_nodes(struct world *w, int n)
{
	publish(w, "closed", w->closed, n);
	publish(w, "open", w->open_to_all, n);
	use_account(w, n);
	router_tick(w->router);
	settle(w);
}

static void on_problem(void *ctx, const char *text)
{
	(void)ctx;
	log_error("fuzz", "%s", text);
}

static void check_store(struct world *w)
{
	const struct store_check report = {.problem = on_problem};
	struct store_checked checked;
	struct store_txn *txn;

	if (store_begin(w->store, STORE_READ, &txn) != PUBSUB_OK ||
		store_check(txn, &report, &checked) != PUBSUB_OK)
		abort();
	assert(checked.problems == 0);
	store_abort(txn);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct router_component component;
	struct world w = {0};
	void *cursor = NULL, *open;
	const char *key;

	open_world(&w, &component);
	make_nodes(&w);
	feed_lines(&w, (const char *)data, size);
	settle(&w);
	use_nodes(&w, 2);
	check_store(&w);
	while (map_next(w.open, &cursor, &key, &open))
		assert(*(size_t *)open == 0);
	assert(w.answers <= w.requests);
	assert(w.refusals <= w.messages);
	router_destroy(w.router);
	open_router(&w, &component);
	use_nodes(&w, 3);
	check_store(&w);
	close_world(&w);
	return 0;
}
