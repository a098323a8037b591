/* session.c - one stream, driven from the outside: nothing happens but in session_turn. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client.h"

#define LOGIN_MS 30000
#define ANSWER_MS 60000

struct session {
	const struct options *opt;
	xmpp_ctx_t *ctx;
	xmpp_conn_t *conn;
	xmpp_log_t log;
	session_stanza_fn on_stanza;
	void *on_stanza_arg;
	xmpp_stanza_t *answer;
	char wanted[16];   /* id of the iq that is waited for; "" for none */
	char trouble[256]; /* the last thing libstrophe complained about */
	unsigned ids;
	bool online;
	bool gone;
};

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000L + ts.tv_nsec / 1000000L;
}

static void on_log(void *arg, xmpp_log_level_t level, const char *area, const char *text)
{
	struct session *session = arg;
	int error;

	if (session->opt->debug)
		fprintf(stderr, "%s: %s\n", area, text);
	if (sscanf(text, "connection failed, error %d", &error) == 1) /* 0.12 tells nobody else */
		snprintf(session->trouble, sizeof(session->trouble), "%s", strerror(error));
	else if (level >= XMPP_LEVEL_WARN)
		snprintf(session->trouble, sizeof(session->trouble), "%s", text);
}

static int on_stanza(xmpp_conn_t *conn, xmpp_stanza_t *stanza, void *arg)
{
	struct session *session = arg;
	const char *type = stanza_attr(stanza, "type");
	bool is_request = strcmp(type, "get") == 0 || strcmp(type, "set") == 0;

	(void)conn;
	if (stanza_is(stanza, "iq") && is_request) {
		entity_answer(session, session->opt, stanza);
	} else if (stanza_is(stanza, "iq")) {
		if (session->wanted[0] == '\0' ||
			strcmp(stanza_attr(stanza, "id"), session->wanted) != 0)
			return 1;
		session->wanted[0] = '\0';
		session->answer = xmpp_stanza_clone(stanza);
	} else if (session->on_stanza != NULL) {
		session->on_stanza(stanza, session->on_stanza_arg);
	}
	return 1;
}

static void on_connection(xmpp_conn_t *conn, xmpp_conn_event_t event, int error,
	xmpp_stream_error_t *stream_error, void *arg)
{
	struct session *session = arg;

	if (event == XMPP_CONN_RAW_CONNECT) {
		xmpp_conn_open_stream_default(conn);
		return;
	}
	if (event == XMPP_CONN_CONNECT) {
		xmpp_handler_delete(conn, on_stanza); /* the stream may be opened a second time */
		xmpp_handler_add(conn, on_stanza, NULL, NULL, NULL, session);
		session->online = true;
		return;
	}
	session->gone = true;
	if (stream_error != NULL && stream_error->stanza != NULL)
		snprintf(session->trouble, sizeof(session->trouble), "stream error: %s",
			stream_error->text != NULL ? stream_error->text : "see --debug");
	else if (error == ECONNABORTED) /* by libstrophe itself */
		snprintf(session->trouble, sizeof(session->trouble),
			"no encryption that can be trusted could be agreed on; --debug says more");
	else if (error > 0)
		snprintf(session->trouble, sizeof(session->trouble), "%s", strerror(error));
}

/* libstrophe asks whether the certificate is good all the same. */
static int on_bad_certificate(const xmpp_tlscert_t *cert, const char *const why)
{
	(void)cert;
	fprintf(stderr,
		"peppy: the server's certificate is refused: %s; --ca-file FILE names who is "
		"trusted\n",
		why);
	return 0;
}

static struct session *session_create(const struct options *opt)
{
	struct session *session = calloc(1, sizeof *session);

	if (session == NULL)
		abort();
	session->opt = opt;
	session->log = (xmpp_log_t){on_log, session};
	xmpp_initialize();
	session->ctx = xmpp_ctx_new(NULL, &session->log);
	session->conn = xmpp_conn_new(session->ctx);
	if (session->conn == NULL)
		abort();
	return session;
}

static long flags(const struct options *opt)
{
	switch (opt->tls) {
	case TLS_NONE:
		return XMPP_CONN_FLAG_DISABLE_SM | XMPP_CONN_FLAG_DISABLE_TLS;
	case TLS_INSECURE:
		return XMPP_CONN_FLAG_DISABLE_SM | XMPP_CONN_FLAG_MANDATORY_TLS |
		       XMPP_CONN_FLAG_TRUST_TLS;
	default:
		return XMPP_CONN_FLAG_DISABLE_SM | XMPP_CONN_FLAG_MANDATORY_TLS;
	}
}

static enum exit_status fail(struct session *session, const char *what)
{
	fprintf(stderr, "peppy: %s%s%s\n", what, session->trouble[0] != '\0' ? ": " : "",
		session->trouble);
	return EXIT_CONNECTION;
}

typedef int (*connect_fn)(xmpp_conn_t *conn, const char *host, unsigned short port,
	xmpp_conn_handler callback, void *userdata);

static enum exit_status connect_by(struct session *session, connect_fn connect)
{
	const struct options *opt = session->opt;
	long deadline = now_ms() + LOGIN_MS;

	if (xmpp_conn_set_flags(session->conn, flags(opt)) != XMPP_EOK)
		return fail(session, "cannot set up the connection");
	xmpp_conn_set_certfail_handler(session->conn, on_bad_certificate);
	if (opt->ca_file != NULL)
		xmpp_conn_set_cafile(session->conn, opt->ca_file);
	if (connect(session->conn, opt->host, (unsigned short)opt->port, on_connection, session) !=
		XMPP_EOK)
		return fail(session, "cannot connect");
	while (!session->online && now_ms() < deadline)
		if (!session_turn(session, 1000))
			return fail(session, "cannot log in");
	if (!session->online)
		return fail(session, "cannot log in: no answer");
	return EXIT_DONE;
}

enum exit_status session_open(const struct options *opt, struct session **out)
{
	struct session *session = session_create(opt);
	enum exit_status status;

	xmpp_conn_set_jid(session->conn, opt->jid);
	xmpp_conn_set_pass(session->conn, opt->password);
	status = connect_by(session, xmpp_connect_client);
	if (status != EXIT_DONE) {
		session_close(session);
		session = NULL;
	}
	*out = session;
	return status;
}

enum exit_status session_open_raw(
	const struct options *opt, session_stanza_fn fn, void *arg, struct session **out)
{
	struct session *session = session_create(opt);
	char *domain = xmpp_jid_domain(session->ctx, opt->jid);
	enum exit_status status;

	xmpp_conn_set_jid(session->conn, domain);
	xmpp_free(session->ctx, domain);
	session_on_stanza(session, fn, arg);
	status = connect_by(session, xmpp_connect_raw);
	if (status != EXIT_DONE) {
		session_close(session);
		session = NULL;
	}
	*out = session;
	return status;
}

bool session_start_tls(struct session *session)
{
	session->online = false;
	if (xmpp_conn_tls_start(session->conn) != XMPP_EOK)
		return false;
	return xmpp_conn_open_stream_default(session->conn) == XMPP_EOK;
}

void session_close(struct session *session)
{
	if (session == NULL)
		return;
	if (session->answer != NULL)
		xmpp_stanza_release(session->answer);
	if (!session->gone && xmpp_conn_is_connected(session->conn)) {
		xmpp_disconnect(session->conn);
		while (!session->gone)
			xmpp_run_once(session->ctx, 100); /* libstrophe gives up after 2 s */
	}
	xmpp_conn_release(session->conn);
	xmpp_ctx_free(session->ctx);
	xmpp_shutdown();
	free(session);
}

const char *session_jid(const struct session *session)
{
	return xmpp_conn_get_bound_jid(session->conn);
}

void session_on_stanza(struct session *session, session_stanza_fn fn, void *arg)
{
	session->on_stanza = fn;
	session->on_stanza_arg = arg;
}

void session_send(struct session *session, struct buf *bytes)
{
	buf_append_byte(bytes, '\0'); /* libstrophe measures what it is given with strlen */
	xmpp_send_raw(session->conn, bytes->data, bytes->len - 1);
}

bool session_turn(struct session *session, unsigned wait_ms)
{
	if (!session->gone)
		xmpp_run_once(session->ctx, wait_ms);
	return !session->gone;
}

static void iq_send(
	struct session *session, const char *type, const char *to, const struct buf *child)
{
	struct buf iq = {0};
	struct xml_writer w = xml_writer(&iq);

	snprintf(session->wanted, sizeof(session->wanted), "p%u", ++session->ids);
	xml_start(&w, "iq");
	xml_put_attr(&w, "type", type);
	xml_put_attr(&w, "id", session->wanted);
	xml_put_attr(&w, "to", to);
	xml_put_raw(&w, child->data, child->len);
	xml_end(&w);
	session_send(session, &iq);
	buf_finish(&iq);
}

enum exit_status session_ask(struct session *session, const char *type, const char *to,
	const struct buf *child, xmpp_stanza_t **answer)
{
	long deadline = now_ms() + ANSWER_MS;

	if (session->answer != NULL)
		xmpp_stanza_release(session->answer);
	session->answer = NULL;
	iq_send(session, type, to, child);
	while (session->answer == NULL && now_ms() < deadline)
		if (!session_turn(session, 1000) && session->answer == NULL)
			return fail(session, "the connection was lost");
	*answer = session->answer;
	if (session->answer == NULL)
		return fail(session, "no answer came");
	if (strcmp(stanza_attr(session->answer, "type"), "error") == 0) {
		print_error(session->answer);
		return EXIT_REFUSED;
	}
	return EXIT_DONE;
}
