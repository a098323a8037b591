/* session.c - the only file of the service that knows libstrophe. */
#include "wire/session.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strophe.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <threads.h>
#include <unistd.h>

#include "peppy/log.h"
#include "peppy/memory.h"

/* A dead peer is noticed after IDLE + COUNT * INTERVAL seconds of silence, or after
 * UNACKNOWLEDGED_MS if data are under way. */
#define KEEPALIVE_IDLE_S 60
#define KEEPALIVE_INTERVAL_S 20
#define KEEPALIVE_COUNT 3
#define UNACKNOWLEDGED_MS 120000

struct session {
	xmpp_log_t log;
	xmpp_ctx_t *ctx;
	xmpp_conn_t *conn;
	int descriptor; /* libstrophe's: the TCP socket, once it is taken an end of the pair */
	int pair;       /* our end; -1 before the socket is taken */
	enum session_verdict verdict;
};

static once_flag initialized = ONCE_FLAG_INIT;

/* libstrophe hands its socket callback nothing of ours: the descriptor is noted here during the one
 * call of xmpp_connect_component. */
static _Thread_local int noted_descriptor;

/* Its errors repeat what the link says in clearer words, and its debug lines hold digests. */
static void on_log(void *ctx, xmpp_log_level_t level, const char *area, const char *text)
{
	(void)ctx;
	if (level == XMPP_LEVEL_ERROR)
		log_debug("wire", "libstrophe: %s: %s", area, text);
}

static void on_event(xmpp_conn_t *conn, xmpp_conn_event_t event, int error,
	xmpp_stream_error_t *stream_error, void *ctx)
{
	struct session *session = ctx;

	(void)conn;
	(void)error;
	(void)stream_error;
	if (session->verdict == SESSION_PENDING)
		session->verdict =
			event == XMPP_CONN_CONNECT ? SESSION_AUTHENTICATED : SESSION_REFUSED;
}

static void set_option(int descriptor, int level, int option, int value)
{
	if (setsockopt(descriptor, level, option, &value, sizeof value) != 0)
		log_debug("wire", "socket option %d of level %d was refused", option, level);
}

/* Returns 0 if libstrophe may use the socket. It watches it by select(), which aborts above
 * FD_SETSIZE. */
static int on_socket(xmpp_conn_t *conn, void *sock)
{
	int descriptor = *(int *)sock;

	(void)conn;
	noted_descriptor = descriptor;
	if (descriptor >= FD_SETSIZE)
		return -1;
	fcntl(descriptor, F_SETFD, FD_CLOEXEC);
	set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
	set_option(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_option(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_S);
	set_option(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S);
	set_option(descriptor, IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_COUNT);
	set_option(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS);
	return 0;
}

static const char *why_not_connected(int error)
{
	if (noted_descriptor >= FD_SETSIZE)
		return "too many open files: libstrophe cannot use a descriptor above 1023";
	if (noted_descriptor < 0)
		return "this machine has no network of the address's family, or no descriptor left";
	return strerror(error);
}

/* xmpp_connect_component leaves the state of stream management unallocated, and libstrophe crashes
 * at the first stanza, at a wrong secret, at a refused connection. xmpp_connect_client allocates
 * it before it finds that the object is in use and refuses. */
static bool start_connecting(struct session *session, const char *address, uint16_t port)
{
	if (xmpp_connect_component(session->conn, address, port, on_event, session) != XMPP_EOK)
		return false;
	if (xmpp_connect_client(session->conn, address, port, on_event, session) != XMPP_EINVOP)
		abort(); /* a libstrophe that we do not know: nothing it does now can be trusted */
	return true;
}

struct session *session_open(const char *component, const char *secret, const char *address,
	uint16_t port, const char **why_out)
{
	struct session *session = memory_alloc(sizeof *session);

	call_once(&initialized, xmpp_initialize);
	session->pair = -1;
	session->log = (xmpp_log_t){.handler = on_log};
	session->ctx = xmpp_ctx_new(NULL, &session->log);
	session->conn = xmpp_conn_new(session->ctx);
	if (session->conn == NULL)
		abort();
	xmpp_conn_set_jid(session->conn, component);
	xmpp_conn_set_pass(session->conn, secret);
	xmpp_conn_set_sockopt_callback(session->conn, on_socket);

	noted_descriptor = -1;
	errno = 0;
	if (!start_connecting(session, address, port)) {
		*why_out = why_not_connected(errno);
		session_destroy(session);
		return NULL;
	}
	session->descriptor = noted_descriptor;
	return session;
}

void session_destroy(struct session *session)
{
	if (session == NULL)
		return;
	xmpp_conn_release(session->conn); /* closes its descriptor */
	xmpp_ctx_free(session->ctx);
	if (session->pair >= 0)
		close(session->pair);
	free(session);
}

int session_descriptor(const struct session *session)
{
	return session->descriptor;
}

enum session_verdict session_verdict(const struct session *session)
{
	return session->verdict;
}

static bool has_unread(const struct session *session)
{
	int unread = 0;

	return session->verdict == SESSION_PENDING &&
	       ioctl(session->descriptor, FIONREAD, &unread) == 0 && unread > 0;
}

/* One xmpp_run_once sends what is queued, then reads once and may queue an answer: when nothing is
 * left to read it takes two more to have everything said. */
static void pump(struct session *session, struct buf *to_server)
{
	ssize_t n;

	for (unsigned idle = 0; idle < 2; idle = has_unread(session) ? 0 : idle + 1)
		xmpp_run_once(session->ctx, 0);
	while ((n = read(session->pair, buf_reserve(to_server, 1024), 1024)) > 0)
		to_server->len += (size_t)n;
}

int session_take(struct session *session, struct buf *to_server)
{
	int error = 0;
	socklen_t len = sizeof error;
	int pair[2];
	int tcp;

	if (getsockopt(session->descriptor, SOL_SOCKET, SO_ERROR, &error, &len) != 0 ||
		error != 0) {
		errno = error != 0 ? error : errno;
		return -1;
	}
	tcp = fcntl(session->descriptor, F_DUPFD_CLOEXEC, 3);
	if (tcp < 0)
		return -1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) != 0) {
		close(tcp);
		return -1;
	}
	session->pair = pair[0];
	dup3(pair[1], session->descriptor, O_CLOEXEC);
	close(pair[1]);
	pump(session, to_server);
	if (session->verdict == SESSION_PENDING)
		return tcp;
	close(tcp); /* libstrophe waits 5 s for a connection, and has given this one up */
	errno = ETIMEDOUT;
	return -1;
}

void session_feed(struct session *session, const char *token, size_t len, struct buf *to_server)
{
	while (len > 0 && session->verdict == SESSION_PENDING) {
		ssize_t n = send(session->pair, token, len, MSG_NOSIGNAL);

		if (n > 0) {
			token += n;
			len -= (size_t)n;
		} else if (errno != EINTR && errno != EAGAIN) {
			break;
		}
		pump(session, to_server);
	}
}
