#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "peppy/hash.h"
#include "peppy/log.h"
#include "rig.h"

/* ---- the floors above the link ---- */

static void on_up(void *ctx, struct wire_link *link)
{
	struct rig *rig = ctx;

	rig->ups++;
	assert_true(wire_link_is_up(link));
	if (rig->say_at_up != NULL)
		wire_link_send(link, rig->say_at_up, strlen(rig->say_at_up), false);
}

static void on_down(void *ctx, struct wire_link *link)
{
	struct rig *rig = ctx;

	rig->downs++;
	assert_false(wire_link_is_up(link));
	wire_link_send(link, "<lost/>", 7, false); /* is dropped */
}

static void answer(struct rig *rig)
{
	struct buf bytes = {0};

	buf_append_text(&bytes, "<a>");
	memset(buf_reserve(&bytes, rig->answer_bytes), 'x', rig->answer_bytes);
	bytes.len += rig->answer_bytes;
	buf_append_text(&bytes, "</a>");
	wire_link_send(rig->link, bytes.data, bytes.len, false);
	buf_finish(&bytes);
}

static void on_turn(void *ctx, struct wire_link *link)
{
	struct rig *rig = ctx;
	struct xml_stanza stanza;
	unsigned taken = 0;

	rig->turns++;
	if (wire_link_queued(link) > rig->opt.high_water_bytes)
		rig->turns_while_high++;
	while ((rig->take_most == 0 || taken < rig->take_most) && wire_link_next(link, &stanza)) {
		taken++;
		buf_append_byte(&rig->stanzas, '[');
		buf_append(&rig->stanzas, stanza.bytes, stanza.len);
		buf_append_byte(&rig->stanzas, ']');
		if (rig->on_stanza != NULL)
			rig->on_stanza(rig, &stanza);
		if (rig->answer_bytes > 0)
			answer(rig);
	}
	if (taken > 0)
		buf_append_byte(&rig->turn_lengths, (char)('0' + (taken > 9 ? 9 : taken)));
}

static void on_drained(void *ctx, struct wire_link *link)
{
	struct rig *rig = ctx;

	assert_true(wire_link_queued(link) <= rig->opt.high_water_bytes);
	rig->drained++;
}

/* ---- set up, tear down ---- */

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	(void)ctx;
}

static void bind_listener(struct rig *rig)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof address;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	rig->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(rig->listener, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(getsockname(rig->listener, (struct sockaddr *)&address, &len), 0);
	rig->opt.port = ntohs(address.sin_port);
}

void rig_listen(struct rig *rig)
{
	assert_int_equal(listen(rig->listener, 16), 0);
}

int rig_set_up(void **state)
{
	const struct timeval millisecond = {0, 1000};
	struct rig *rig = calloc(1, sizeof *rig);

	alarm(300); /* a test that hangs is killed */
	rig->kept_stderr = dup(STDERR_FILENO);
	rig->log = memfd_create("log", MFD_CLOEXEC);
	dup2(rig->log, STDERR_FILENO);
	log_level_set(LOG_LEVEL_INFO);

	rig->base = event_base_new();
	rig->tick = event_new(rig->base, -1, EV_PERSIST, on_tick, NULL);
	event_add(rig->tick, &millisecond);
	rig->peer = -1;
	buf_reserve(&rig->received, 1);
	buf_reserve(&rig->stanzas, 1);
	rig->opt = (struct wire_options){.component = RIG_COMPONENT,
		.server = "127.0.0.1",
		.secret = RIG_SECRET,
		.limits = {.stanza_bytes = 1024 * 1024, .depth = 100, .elements = 1000},
		.high_water_bytes = 16 * 1024 * 1024,
		.retry_ms = 4};
	bind_listener(rig);
	*state = rig;
	return 0;
}

int rig_tear_down(void **state)
{
	struct rig *rig = *state;

	wire_link_destroy(rig->link);
	event_base_loop(rig->base, EVLOOP_NONBLOCK); /* what was cancelled frees itself */
	event_free(rig->tick);
	event_base_free(rig->base);
	server_hang_up(rig);
	SSL_CTX_free(rig->tls);
	close(rig->listener);
	dup2(rig->kept_stderr, STDERR_FILENO);
	close(rig->kept_stderr);
	close(rig->log);
	buf_finish(&rig->stanzas);
	buf_finish(&rig->turn_lengths);
	buf_finish(&rig->received);
	free(rig);
	return 0;
}

const char *rig_stanzas(struct rig *rig)
{
	buf_append_byte(&rig->stanzas, '\0');
	buf_truncate(&rig->stanzas, rig->stanzas.len - 1);
	return rig->stanzas.data;
}

static const struct wire_handlers handlers = {
	.on_up = on_up, .on_down = on_down, .on_turn = on_turn, .on_drained = on_drained};

void rig_start(struct rig *rig)
{
	struct wire_handlers mine = handlers;

	if (!rig->refuses)
		rig_listen(rig);

	mine.ctx = rig;
	rig->link = wire_link_create(rig->base, &rig->opt, &mine);
}

/* ---- the server ---- */

static ssize_t receive(struct rig *rig, char *out, size_t n)
{
	int got;

	if (rig->ssl == NULL)
		return recv(rig->peer, out, n, 0);
	got = SSL_read(rig->ssl, out, (int)n);
	if (got > 0)
		return got;
	errno = EAGAIN;
	return SSL_get_error(rig->ssl, got) == SSL_ERROR_WANT_READ ? -1 : 0;
}

static void read_all(struct rig *rig)
{
	ssize_t n = 1;

	while (n > 0 && rig->peer >= 0 && !rig->deaf && !rig->hung_up) {
		char *space = buf_reserve(&rig->received, 64 * 1024);

		n = receive(rig, space, 64 * 1024);
		if (n > 0) {
			rig->received.len += (size_t)n;
			rig->received_bytes += (size_t)n;
		}
	}
	if (n == 0 || (n < 0 && errno != EAGAIN))
		rig->hung_up = true;
}

void rig_step(struct rig *rig)
{
	event_base_loop(rig->base, EVLOOP_ONCE);
	read_all(rig);
}

void rig_settle(struct rig *rig)
{
	for (unsigned i = 0; i < 30; i++)
		rig_step(rig);
}

void server_accept(struct rig *rig)
{
	rig->hung_up = false;
	buf_truncate(&rig->received, 0);
	while ((rig->peer = accept4(rig->listener, NULL, NULL, SOCK_NONBLOCK)) < 0)
		rig_step(rig);
	if (rig->tls == NULL)
		return;
	rig->ssl = SSL_new(rig->tls);
	SSL_set_fd(rig->ssl, rig->peer);
	SSL_set_accept_state(rig->ssl);
}

void server_send(struct rig *rig, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = rig->ssl != NULL ? SSL_write(rig->ssl, bytes, (int)len)
					     : send(rig->peer, bytes, len, MSG_NOSIGNAL);

		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		} else {
			assert_true(rig->ssl != NULL || errno == EAGAIN);
			rig_step(rig);
		}
	}
}

void server_say(struct rig *rig, const char *text)
{
	server_send(rig, text, strlen(text));
}

void server_await(struct rig *rig, const char *text)
{
	char *found;

	while ((found = memmem(rig->received.data, rig->received.len, text, strlen(text))) == NULL)
		rig_step(rig);
	buf_drop(&rig->received, (size_t)(found - rig->received.data) + strlen(text));
}

void server_hang_up(struct rig *rig)
{
	SSL_free(rig->ssl);
	rig->ssl = NULL;
	if (rig->peer >= 0)
		close(rig->peer);
	rig->peer = -1;
}

void server_expect_handshake(struct rig *rig)
{
	unsigned char digest[HASH_MAX_SIZE];
	char expected[sizeof "<handshake xmlns='jabber:component:accept'></handshake>" + 40];
	char hex[41];

	hash_digest("sha-1", RIG_STREAM_ID RIG_SECRET, strlen(RIG_STREAM_ID RIG_SECRET), digest);
	hash_hex(digest, 20, hex);
	snprintf(expected, sizeof expected,
		"<handshake xmlns='jabber:component:accept'>%s</handshake>", hex);
	server_accept(rig);
	server_await(rig, "<stream:stream");
	server_await(rig, "to=\"" RIG_COMPONENT "\"");
	server_await(rig, ">");
	server_say(rig, RIG_HEADER);
	server_await(rig, expected);
	assert_int_equal(rig->received.len, 0);
	rig->login_bytes = rig->received_bytes;
}

void server_login(struct rig *rig)
{
	server_expect_handshake(rig);
	server_say(rig, "<handshake/>");
	RIG_WAIT(rig, wire_link_is_up(rig->link));
}

/* ---- the log ---- */

unsigned rig_log_count(struct rig *rig, const char *text)
{
	char log[64 * 1024];
	ssize_t n = pread(rig->log, log, sizeof log - 1, 0);
	unsigned count = 0;

	log[n > 0 ? n : 0] = '\0';
	for (const char *at = log; (at = strstr(at, text)) != NULL; at += strlen(text))
		count++;
	return count;
}

bool rig_logged(struct rig *rig, const char *text)
{
	return rig_log_count(rig, text) > 0;
}
