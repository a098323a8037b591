#include "streams.h"

#include <string.h>

#include "peppy/codec.h"

#define HEADER                                                                                     \
	"<stream:stream xmlns='" NS_COMPONENT "' "                                                 \
	"xmlns:stream='http://etherx.jabber.org/streams' id='streams'>"

static void on_send(void *ctx, size_t component, const char *bytes, size_t len, bool keep)
{
	struct streams *streams = ctx;
	struct xml_stanza stanza;

	(void)component, (void)keep;
	memcpy(xml_parser_space(streams->out, len), bytes, len);
	xml_parser_filled(streams->out, len);
	while (xml_parser_next(streams->out, &stanza) == XML_STANZA)
		streams->take(streams->ctx, &stanza);
	xml_parser_release(streams->out);
}

static uint64_t no_bytes(void *ctx, size_t component)
{
	(void)ctx, (void)component;
	return 0;
}

struct router_options streams_options(const struct router_component *component)
{
	return (struct router_options){
		.components = component,
		.component_count = 1,
		.max_outgoing_bytes = 480 * 1024,
		.max_items = 1000,
		.max_payload_bytes = 1024 * 1024,
		.node_defaults = pubsub_node_config_default,
		.pep_defaults = pubsub_node_config_default,
	};
}

void streams_open(
	struct streams *streams, const struct router_options *opt, streams_take_fn take, void *ctx)
{
	static const struct xml_limits limits = {0};
	struct router_options wired = *opt;
	struct store *inner = NULL;

	wired.ctx = streams;
	wired.send = on_send;
	wired.sent = wired.taken = no_bytes;
	*streams = (struct streams){.take = take, .ctx = ctx};
	assert_int_equal(store_open_mem(&inner), PUBSUB_OK);
	streams->store = store_open_fail(inner);
	streams->in = xml_parser_create(&limits, HEADER, strlen(HEADER));
	streams->out = xml_parser_create(&limits, HEADER, strlen(HEADER));
	streams->router = router_create(streams->store, &wired);
	assert_non_null(streams->router);
	router_link_up(streams->router, 0);
}

void streams_close(struct streams *streams)
{
	router_destroy(streams->router);
	store_close(streams->store);
	xml_parser_destroy(streams->in);
	xml_parser_destroy(streams->out);
}

static bool next_stanza(void *ctx, struct xml_stanza *out)
{
	struct streams *streams = ctx;

	streams->more = xml_parser_next(streams->in, out) == XML_STANZA;
	return streams->more;
}

void streams_feed(struct streams *streams, const char *xml, size_t len)
{
	const struct router_source source = {.ctx = streams, .next = next_stanza};

	memcpy(xml_parser_space(streams->in, len), xml, len);
	xml_parser_filled(streams->in, len);
	router_turn(streams->router, 0, &source);
	xml_parser_release(streams->in);
}
