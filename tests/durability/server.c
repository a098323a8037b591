#include "server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "peppy/clock.h"
#include "peppy/hash.h"
#include "peppyd.h"

#define STREAM_ID "durable-stream"
#define HEADER                                                                                     \
	"<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' "                     \
	"xmlns:stream='http://etherx.jabber.org/streams' from='" PEPPYD_COMPONENT                  \
	"' id='" STREAM_ID "'>"
#define READ_BYTES ((size_t)256 * 1024)
#define PATIENCE_US UINT64_C(120000000)

void server_open(struct server *server)
{
	struct sockaddr_in address = {.sin_family = AF_INET};

	server->peer = -1;
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (server->receive_buffer > 0)
		setsockopt(server->listener, SOL_SOCKET, SO_RCVBUF, &server->receive_buffer,
			sizeof server->receive_buffer);
	assert_int_equal(bind(server->listener, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(server->listener, 4), 0);
}

void server_hang_up(struct server *server)
{
	if (server->peer >= 0)
		close(server->peer);
	server->peer = -1;
	buf_truncate(&server->out, 0);
	xml_parser_destroy(server->parser);
	server->parser = NULL;
}

void server_close(struct server *server)
{
	server_hang_up(server);
	close(server->listener);
	buf_finish(&server->out);
}

uint16_t server_port(const struct server *server)
{
	struct sockaddr_in address;
	socklen_t len = sizeof address;

	getsockname(server->listener, (struct sockaddr *)&address, &len);
	return ntohs(address.sin_port);
}

/* ---- login ---- */

static bool is_ready(int fd, short what, int ms)
{
	struct pollfd wanted = {.fd = fd, .events = what};

	return poll(&wanted, 1, ms) > 0;
}

/* Reads up to the end of what is awaited and no further. */
static void await(struct server *server, const char *end, char *text, size_t size)
{
	size_t len = 0;

	do {
		assert_true(len + 1 < size);
		assert_true(is_ready(server->peer, POLLIN, (int)(PATIENCE_US / 1000)));
		assert_int_equal(recv(server->peer, text + len++, 1, 0), 1);
		text[len] = '\0';
	} while (strstr(text, end) == NULL);
}

static void say(struct server *server, const char *text)
{
	assert_int_equal(
		send(server->peer, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* Without a word: it found no descriptor for what comes next, say. */
static bool has_gone(int fd)
{
	char byte;

	assert_true(is_ready(fd, POLLIN, (int)(PATIENCE_US / 1000)));
	return recv(fd, &byte, 1, MSG_PEEK) <= 0;
}

void server_login(struct server *server)
{
	static const char secret[] = STREAM_ID PEPPYD_SECRET;
	static const struct xml_limits unlimited = {0};
	unsigned char digest[HASH_MAX_SIZE];
	char hex[2 * HASH_MAX_SIZE + 1], text[1000];

	do {
		server_hang_up(server);
		assert_true(is_ready(server->listener, POLLIN, (int)(PATIENCE_US / 1000)));
		server->peer = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
	} while (has_gone(server->peer));
	setsockopt(server->peer, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
	await(server, "<stream:stream", text, sizeof text);
	await(server, ">", text, sizeof text);
	say(server, HEADER);
	await(server, "</handshake>", text, sizeof text);
	hash_hex(digest, hash_digest("sha-1", secret, sizeof secret - 1, digest), hex);
	assert_non_null(strstr(text, hex));
	say(server, "<handshake/>");
	server->closed = false;
	server->parser = xml_parser_create(&unlimited, HEADER, sizeof HEADER - 1);
}

/* ---- traffic ---- */

static void hand_on(struct server *server)
{
	struct xml_stanza stanza;
	enum xml_event event;

	if (server->closed)
		return;
	while ((event = xml_parser_next(server->parser, &stanza)) == XML_STANZA)
		server->on_stanza(server->ctx, &stanza);
	if (event == XML_BROKEN)
		fail_msg("peppyd sends broken XML: %s", xml_parser_reason(server->parser));
	server->closed = event == XML_CLOSED;
	xml_parser_release(server->parser);
}

/* Bytes read; 0: none now; -1: the end. */
static ssize_t read_some(struct server *server)
{
	char *space = xml_parser_space(server->parser, READ_BYTES);
	ssize_t n = recv(server->peer, space, READ_BYTES, MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	xml_parser_filled(server->parser, (size_t)n);
	server->received += (uint64_t)n;
	hand_on(server);
	return n > 0 ? n : -1;
}

void server_write(struct server *server)
{
	ssize_t n =
		send(server->peer, server->out.data, server->out.len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n > 0) /* what does not go because peppyd is gone shows when reading */
		buf_drop(&server->out, (size_t)n);
}

bool server_step(struct server *server, int ms)
{
	struct pollfd peer = {.fd = server->peer, .events = POLLIN};

	if (server->out.len > 0)
		server_write(server);
	if (server->out.len > 0)
		peer.events |= POLLOUT;
	if (poll(&peer, 1, ms) <= 0 || (peer.revents & (POLLIN | POLLHUP | POLLERR)) == 0)
		return true;
	return read_some(server) >= 0;
}

void server_read_to_end(struct server *server)
{
	while (is_ready(server->peer, POLLIN, -1) && read_some(server) >= 0)
		;
	server_hang_up(server);
}

void server_part(struct server *server)
{
	SERVER_WAIT(server, server->closed);
	say(server, "</stream:stream>");
	server_hang_up(server);
}

void server_end(struct server *server, struct peppyd *peppyd)
{
	peppyd_terminate(peppyd);
	server_part(server);
	assert_int_equal(peppyd_await_end(peppyd), 0);
	peppyd_check_store(peppyd);
	peppyd_remove(peppyd);
	server_close(server);
}

uint64_t server_deadline(void)
{
	return clock_monotonic_us() + PATIENCE_US;
}

void server_wait(struct server *server, uint64_t until, const char *what)
{
	if (!server_step(server, 20))
		fail_msg("peppyd has hung up before: %s", what);
	if (clock_monotonic_us() > until)
		fail_msg("waited too long for: %s", what);
}
