/* The laws of the whole service, whatever stanzas come. What goes out is well-formed and no larger
 * than it may be; every request has one answer and nothing else has one. Of a node that is closed to
 * everybody but its owner nobody else gets an item or the id of one, and of an open node an outcast
 * gets none, however they ask and whatever they have arranged. In the end the store is sound.
 *
 * The owner never speaks in the input. Our own questions are answered with errors. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "peppy/codec.h"
#include "peppy/id.h"
#include "peppy/jid.h"
#include "peppy/log.h"
#include "peppy/map.h"
#include "peppy/memory.h"
#include "peppy/pep.h"
#include "peppy/router.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define COMPONENT "pubsub.shakespeare.lit"
#define HEADER                                                                                     \
	"<stream:stream xmlns='" NS_COMPONENT "' "                                                 \
	"xmlns:stream='http://etherx.jabber.org/streams' id='fuzz'>"
#define OUTGOING_MAX 65536
#define ROUNDS_MAX 100
#define OWNER "owner@law.lit"
#define OUTCAST "outcast@law.lit"

struct world {
	struct store *store;
	struct router *router;
	struct xml_parser *in, *out;
	struct arena *arena; /* of asked */
	struct map *open;    /* "id\nfrom" of plain requests -> how many wait for their answer */
	size_t requests, answers;
	struct buf replies; /* of the world to our questions */
	bool owner_speaks;
	char closed[ID_RANDOM_SIZE], open_to_all[ID_RANDOM_SIZE]; /* in ids and payloads of items */
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

static bool next_stanza(void *ctx, struct xml_stanza *out)
{
	struct world *w = ctx;
	size_t *open;

	do
		if (xml_parser_next(w->in, out) != XML_STANZA)
			return false;
	while (!w->owner_speaks && is_entity(w, xml_attr(out->root, "from"), OWNER));
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

static void check_access(struct world *w, const struct xml_stanza *stanza)
{
	const char *to = xml_attr(stanza->root, "to");

	assert(to != NULL);
	assert(!holds(stanza, w->closed) || is_entity(w, to, OWNER));
	assert(!holds(stanza, w->open_to_all) || !is_entity(w, to, OUTCAST));
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

static void open_world(struct world *w, struct router_component *component)
{
	static const char *const domains[] = {"shakespeare.lit", "capulet.lit"};
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

	log_level_set(LOG_LEVEL_ERROR);
	*component = (struct router_component){.jid = COMPONENT, .domains = {domains, 2}};
	if (store_open_mem(&w->store) != PUBSUB_OK)
		abort();
	w->arena = arena_create();
	w->open = map_create(0, free);
	w->in = xml_parser_create(&limits, HEADER, strlen(HEADER));
	w->out = xml_parser_create(&(struct xml_limits){0}, HEADER, strlen(HEADER));
	w->router = router_create(w->store, &opt);
	router_link_up(w->router, 0);
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
		feed(w, replies.data, replies.len);
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

static void make_nodes(struct world *w)
{
	id_random(w->closed);
	id_random(w->open_to_all);
	owner_says(w, CREATE("closed", "access_model", "whitelist"));
	owner_says(w, CREATE("open", "access_model", "open"));
	owner_says(w, IQ("law") "<pubsub xmlns='" NS_PUBSUB_OWNER "'><affiliations node='open'>"
				"<affiliation jid='" OUTCAST "' affiliation='outcast'/>"
				"</affiliations></pubsub></iq>");
	publish(w, "closed", w->closed, 1);
	publish(w, "open", w->open_to_all, 1);
	fresh_parser(w);
}

/* Whoever has got a subscription by the input would hear of this. */
static void use_nodes(struct world *w)
{
	publish(w, "closed", w->closed, 2);
	publish(w, "open", w->open_to_all, 2);
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
	feed(&w, (const char *)data, size);
	settle(&w);
	use_nodes(&w);
	router_tick(w.router);
	settle(&w);
	check_store(&w);
	while (map_next(w.open, &cursor, &key, &open))
		assert(*(size_t *)open == 0);
	assert(w.answers <= w.requests);
	close_world(&w);
	return 0;
}
