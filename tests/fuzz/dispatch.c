/* The law of the whole service: whatever stanzas come, what goes out is well-formed, every request
 * has one answer and nothing else has one. Our own questions are answered with errors. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "peppy/codec.h"
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
#define ROUNDS_MAX 100

struct world {
	struct store *store;
	struct router *router;
	struct xml_parser *in, *out;
	struct arena *arena; /* of asked */
	struct map *open;    /* "id\nfrom" of plain requests -> how many wait for their answer */
	size_t requests, answers;
	struct buf replies; /* of the world to our questions */
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

static bool next_stanza(void *ctx, struct xml_stanza *out)
{
	struct world *w = ctx;
	size_t *open;

	if (xml_parser_next(w->in, out) != XML_STANZA)
		return false;
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
		assert(xml_attr(stanza.root, "to") != NULL);
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
		.max_outgoing_bytes = 64 * 1024,
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

/* Until nobody asks any more. The input may have broken the stream: replies need a fresh one. */
static void settle(struct world *w)
{
	struct buf replies = {0};
	int rounds = 0;

	while (w->replies.len > 0 && rounds++ < ROUNDS_MAX) {
		xml_parser_destroy(w->in);
		w->in = xml_parser_create(&limits, HEADER, strlen(HEADER));
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct router_component component;
	struct world w = {0};
	void *cursor = NULL, *open;
	const char *key;

	open_world(&w, &component);
	feed(&w, (const char *)data, size);
	settle(&w);
	router_tick(w.router);
	settle(&w);
	while (map_next(w.open, &cursor, &key, &open))
		assert(*(size_t *)open == 0);
	assert(w.answers <= w.requests);
	close_world(&w);
	return 0;
}
