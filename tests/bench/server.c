#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "daemon.h"
#include "fault.h"
#include "peppy/hash.h"
#include "peppy/memory.h"
#include "peppy/xml.h"

#define STREAM_ID "bench-stream"
#define HEADER                                                                                     \
	"<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' "                     \
	"xmlns:stream='http://etherx.jabber.org/streams' from='" DAEMON_COMPONENT                  \
	"' id='" STREAM_ID "'>"
#define READ_BYTES ((size_t)1024 * 1024)
#define LOGIN_MS 20000

struct server {
	int listener, peer; /* -1: closed */
	server_stanza_fn on_stanza;
	void *ctx;
	struct buf in, out;
	size_t written; /* of out */
	struct scanner scanner;
	uint64_t now_ns, received;
	bool strict;
	struct xml_parser *parser; /* NULL unless strict */
};

struct server *server_create(server_stanza_fn on_stanza, void *ctx, bool strict)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	struct server *server = memory_alloc(sizeof *server);

	server->on_stanza = on_stanza;
	server->ctx = ctx;
	server->strict = strict;
	server->peer = -1;
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(server->listener, (struct sockaddr *)&address, sizeof address) != 0 ||
		listen(server->listener, 4) != 0)
		fault("cannot listen on loopback: %s", strerror(errno));
	return server;
}

static void hang_up(struct server *server)
{
	if (server->peer >= 0)
		close(server->peer);
	server->peer = -1;
	buf_truncate(&server->in, 0);
	buf_truncate(&server->out, 0);
	server->written = 0;
	server->scanner = (struct scanner){0};
	xml_parser_destroy(server->parser);
	server->parser = NULL;
}

void server_destroy(struct server *server)
{
	if (server == NULL)
		return;
	hang_up(server);
	close(server->listener);
	buf_finish(&server->in);
	buf_finish(&server->out);
	free(server);
}

uint16_t server_port(const struct server *server)
{
	struct sockaddr_in address;
	socklen_t len = sizeof address;

	getsockname(server->listener, (struct sockaddr *)&address, &len);
	return ntohs(address.sin_port);
}

struct buf *server_output(struct server *server)
{
	return &server->out;
}

uint64_t server_now_ns(const struct server *server)
{
	return server->now_ns;
}

uint64_t server_received(const struct server *server)
{
	return server->received;
}

/* ---- login ---- */

static bool wait_for(int fd, short what, int timeout_ms)
{
	struct pollfd wanted = {.fd = fd, .events = what};

	return poll(&wanted, 1, timeout_ms) > 0;
}

/* Reads up to the end of what is awaited and forgets all up to there; what is between start and end
 * is copied to text. How many bytes came before. */
static size_t await(struct server *server, const char *start, const char *end, char text[256])
{
	const char *at = NULL, *to = NULL;
	size_t before;

	for (;;) {
		char *space = buf_reserve(&server->in, 4096);
		ssize_t n;

		at = memmem(server->in.data, server->in.len, start, strlen(start));
		to = at == NULL ? NULL
				: memmem(at, (size_t)(server->in.data + server->in.len - at), end,
					  strlen(end));
		if (to != NULL)
			break;
		n = wait_for(server->peer, POLLIN, LOGIN_MS) ? read(server->peer, space, 4096) : 0;
		if (n <= 0)
			fault("peppyd does not send %s", start);
		server->in.len += (size_t)n;
	}
	before = (size_t)(at - server->in.data);
	at += strlen(start);
	snprintf(text, 256, "%.*s", (int)(to - at), at);
	buf_drop(&server->in, (size_t)(to + strlen(end) - server->in.data));
	return before;
}

static void say(struct server *server, const char *text)
{
	if (send(server->peer, text, strlen(text), MSG_NOSIGNAL) != (ssize_t)strlen(text))
		fault("peppyd hangs up");
}

static void check_handshake(const char *given)
{
	static const char secret[] = STREAM_ID DAEMON_SECRET;
	unsigned char digest[HASH_MAX_SIZE];
	char hex[2 * HASH_MAX_SIZE + 1];

	given = strchr(given, '>') != NULL ? strchr(given, '>') + 1 : given; /* past an xmlns */
	hash_hex(digest, hash_digest("sha-1", secret, sizeof secret - 1, digest), hex);
	if (strcmp(given, hex) != 0)
		fault("peppyd's handshake is %s, not %s", given, hex);
}

bool server_is_called(const struct server *server, int timeout_ms)
{
	return wait_for(server->listener, POLLIN, timeout_ms);
}

void server_accept(struct server *server)
{
	static const struct xml_limits limits = {0};
	char text[256];

	hang_up(server);
	server->peer = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
	setsockopt(server->peer, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
	await(server, "<stream:stream", ">", text);
	if (strstr(text, DAEMON_COMPONENT) == NULL)
		fault("peppyd's stream header is for another component: %s", text);
	say(server, HEADER);
	await(server, "<handshake", "</handshake>", text);
	check_handshake(text);
	say(server, "<handshake/>");
	if (server->strict)
		server->parser = xml_parser_create(&limits, HEADER, strlen(HEADER));
}

void server_part(struct server *server)
{
	char text[256];

	if (await(server, "</stream:stream", ">", text) > 0)
		fault("peppyd has sent something that was not due");
	say(server, "</stream:stream>");
	hang_up(server);
}

/* ---- traffic ---- */

static void expect_same_from_parser(struct server *server, const struct stanza *stanza)
{
	struct xml_stanza parsed;
	enum xml_event event;

	memcpy(xml_parser_space(server->parser, stanza->bytes.len), stanza->bytes.at,
		stanza->bytes.len);
	xml_parser_filled(server->parser, stanza->bytes.len);
	event = xml_parser_next(server->parser, &parsed);
	if (event != XML_STANZA || parsed.len != stanza->bytes.len)
		fault("what peppyd has sent is not one stanza: %.*s", (int)stanza->bytes.len,
			stanza->bytes.at);
	xml_parser_release(server->parser);
}

static void hand_on(struct server *server)
{
	struct stanza stanza;

	while (scan_next(&server->scanner, server->in.data, server->in.len, &stanza)) {
		if (server->parser != NULL)
			expect_same_from_parser(server, &stanza);
		server->on_stanza(server->ctx, &stanza);
	}
	if (server->scanner.depth == 0)
		server->scanner.start = server->scanner.next;
	buf_drop(&server->in, server->scanner.start);
	server->scanner.next -= server->scanner.start;
	server->scanner.start = 0;
}

static void read_some(struct server *server)
{
	char *space = buf_reserve(&server->in, READ_BYTES);
	ssize_t n = recv(server->peer, space, READ_BYTES, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		fault("peppyd has closed the stream");
	server->now_ns = clock_ns();
	server->received += (uint64_t)n;
	server->in.len += (size_t)n;
	hand_on(server);
}

static void write_some(struct server *server)
{
	ssize_t n = send(server->peer, server->out.data + server->written,
		server->out.len - server->written, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && errno != EAGAIN && errno != EINTR)
		fault("peppyd has closed the stream: %s", strerror(errno));
	server->written += n > 0 ? (size_t)n : 0;
	if (server->written == server->out.len) {
		buf_truncate(&server->out, 0);
		server->written = 0;
	}
}

void server_step(struct server *server, int timeout_ms)
{
	struct pollfd peer = {.fd = server->peer, .events = POLLIN};

	if (server->out.len > server->written)
		write_some(server);
	if (server->out.len > server->written)
		peer.events |= POLLOUT;
	if (poll(&peer, 1, timeout_ms) > 0 && (peer.revents & (POLLIN | POLLHUP | POLLERR)) != 0)
		read_some(server);
}
