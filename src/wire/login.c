/* login.c - from a name to an authenticated stream. */
#include <errno.h>
#include <string.h>

#include "wire/link.h"
#include "wire/tls.h"

/* ---- addresses ---- */

static void on_resolved(void *ctx, struct evutil_addrinfo *addresses, const char *why)
{
	struct wire_link *link = ctx;

	link->resolver = NULL;
	link->addresses = addresses;
	link->next_address = addresses;
	if (addresses != NULL)
		link_fire(link, EVENT_RESOLVED);
	else
		link_fire(link, link_failed(link, "cannot resolve %s: %s", link->opt.server, why));
}

enum link_event login_resolve(struct wire_link *link)
{
	const struct resolver_query query = {
		.host = link->opt.server,
		.port = link->opt.port,
		.resolv_conf = link->opt.resolv_conf,
	};

	link_timer(link, link->opt.login_timeout_ms);
	link->resolver = resolver_start(link->base, &query, on_resolved, link);
	return EVENT_NONE;
}

enum link_event login_resolve_expired(struct wire_link *link)
{
	resolver_cancel(link->resolver);
	link->resolver = NULL;
	return link_failed(link, "cannot resolve %s: no answer in time", link->opt.server);
}

/* ---- connecting ---- */

static enum link_event cannot_connect(struct wire_link *link, const char *why)
{
	return link_failed(
		link, "cannot connect to %s port %u: %s", link->address, link->opt.port, why);
}

/* The watchdog starts anew for each address. */
enum link_event login_connect_next(struct wire_link *link)
{
	const struct evutil_addrinfo *next = link->next_address;
	const char *why;

	link_drop(link);
	if (next == NULL)
		return EVENT_EXHAUSTED;
	link->next_address = next->ai_next;
	if (getnameinfo(next->ai_addr, (socklen_t)next->ai_addrlen, link->address,
		    sizeof link->address, NULL, 0, NI_NUMERICHOST) != 0)
		return EVENT_FAILED;
	link->session = session_open(
		link->opt.component, link->opt.secret, link->address, link->opt.port, &why);
	if (link->session == NULL)
		return cannot_connect(link, why);
	link_watch(link, session_descriptor(link->session));
	event_add(link->writable, NULL);
	link_timer(link, link->opt.login_timeout_ms);
	return EVENT_NONE;
}

/* From here on libstrophe has a socket pair and the link has the server. */
enum link_event login_connected(struct wire_link *link)
{
	const struct tls_identity identity = {
		.name = link->opt.tls_name,
		.ca_file = link->opt.tls_ca_file,
		.certificate_file = link->opt.tls_certificate_file,
		.key_file = link->opt.tls_key_file,
	};
	struct buf first = {0};
	char why[256];

	link_unwatch(link);
	link->channel.fd = session_take(link->session, &first);
	if (link->channel.fd < 0)
		return cannot_connect(link, strerror(errno));
	output_append(&link->output, first.data, first.len, false);
	buf_finish(&first);
	link_watch(link, link->channel.fd);
	event_add(link->readable, NULL);
	if (link->opt.tls == WIRE_TLS_OFF)
		return EVENT_SECURED;
	link->channel.tls = tls_create(link->channel.fd, &identity, why, sizeof why);
	if (link->channel.tls == NULL)
		return link_failed(link, "no TLS: %s", why);
	return login_secure(link);
}

enum link_event login_secure(struct wire_link *link)
{
	switch (tls_handshake(link->channel.tls)) {
	case TLS_DONE:
		return EVENT_SECURED;
	case TLS_UNDER_WAY:
		if (tls_wants_write(link->channel.tls))
			event_add(link->writable, NULL);
		return EVENT_NONE;
	default:
		return link_failed(link, "no TLS with %s port %u: %s", link->address,
			link->opt.port, tls_reason(link->channel.tls));
	}
}

enum link_event login_expired(struct wire_link *link)
{
	if (link->state == LINK_CONNECTING)
		return cannot_connect(link, "no answer in time");
	return link_failed(link, "login timed out at %s port %u", link->address, link->opt.port);
}

/* ---- the stream's header and its first child ---- */

/* Length of the stream header at the front, an XML declaration before it included; 0 if it has not
 * come whole. */
static size_t header_len(const char *bytes, size_t len)
{
	char quote = '\0';
	size_t tag = 0;

	for (size_t i = 0; i < len; i++) {
		if (quote != '\0') {
			if (bytes[i] == quote)
				quote = '\0';
		} else if (bytes[i] == '<') {
			tag = i;
		} else if (bytes[i] == '"' || bytes[i] == '\'') {
			quote = bytes[i];
		} else if (bytes[i] == '>' && bytes[tag + 1] != '?') {
			return i + 1;
		}
	}
	return 0;
}

static enum link_event show_session(struct wire_link *link, const char *token, size_t len)
{
	struct buf answer = {0};

	session_feed(link->session, token, len, &answer);
	output_append(&link->output, answer.data, answer.len, false);
	buf_finish(&answer);
	return link_flush(link);
}

static enum link_event judge(struct wire_link *link, const struct xml_stanza *child)
{
	enum link_event event = EVENT_NONE;

	if (!child->oversized && child->len <= SESSION_CHILD_MAX)
		event = show_session(link, child->bytes, child->len);
	if (session_verdict(link->session) == SESSION_AUTHENTICATED)
		return event != EVENT_NONE ? event : EVENT_AUTHENTICATED;
	if (xml_is(child->root, WIRE_NS_STREAM, "error"))
		return link_stream_error(link, child->root);
	return link_failed(link, "the server answered the login with <%s/>", child->root->name);
}

static enum link_event take_child(struct wire_link *link)
{
	struct xml_stanza child;

	switch (xml_parser_next(link->parser, &child)) {
	case XML_STANZA:
		return judge(link, &child);
	case XML_CLOSED:
		return link_failed(link, "the server closed the stream during the login");
	case XML_BROKEN:
		return link_failed(
			link, "the server's XML is broken: %s", xml_parser_reason(link->parser));
	default:
		return EVENT_NONE;
	}
}

static void feed_parser(struct wire_link *link, const char *bytes, size_t len)
{
	memcpy(xml_parser_space(link->parser, len), bytes, len);
	xml_parser_filled(link->parser, len);
}

static enum link_event take_header(struct wire_link *link)
{
	const struct buf *header = &link->header;
	size_t len = header_len(header->data, header->len);
	enum link_event event;

	if (len == 0 && header->len < SESSION_HEADER_MAX && header->data[0] == '<')
		return EVENT_NONE;
	if (len > 0 && len <= SESSION_HEADER_MAX)
		link->parser = xml_parser_create(&link->opt.limits, header->data, len);
	if (link->parser == NULL)
		return link_failed(link, "%s port %u does not speak XMPP for components",
			link->address, link->opt.port);
	event = show_session(link, header->data, len);
	if (event != EVENT_NONE)
		return event;
	feed_parser(link, header->data + len, header->len - len);
	return take_child(link);
}

/* What stands behind the first child is the stream's, even in the same segment. */
enum link_event login_read(struct wire_link *link)
{
	enum link_event event = EVENT_NONE;
	char chunk[SESSION_HEADER_MAX];
	ssize_t n;

	while (event == EVENT_NONE) {
		n = channel_read(&link->channel, chunk, sizeof chunk);
		if (n == CHANNEL_AGAIN)
			return EVENT_NONE;
		if (n < 0)
			return link_failed(link, "connection lost during the login: %s",
				n == CHANNEL_END ? "closed by the server"
						 : channel_reason(&link->channel));
		if (link->parser != NULL) {
			feed_parser(link, chunk, (size_t)n);
			event = take_child(link);
		} else {
			buf_append(&link->header, chunk, (size_t)n);
			event = take_header(link);
		}
	}
	return event;
}

/* Under TLS the header may be there already. */
enum link_event login_begin(struct wire_link *link)
{
	enum link_event event = link_flush(link);

	return event != EVENT_NONE ? event : login_read(link);
}
