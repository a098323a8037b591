/* register.c - peppy register: makes the account where the server lets anyone (XEP-0077). The
 * stream is opened by hand, since there is nobody yet to log in. */
#include <stdio.h>
#include <string.h>

#include "client.h"

enum step {
	STEP_NONE,
	STEP_PLAIN_FEATURES, /* <features/> that offer <starttls/> */
	STEP_FEATURES,       /* <features/> that do not */
	STEP_PROCEED,
	STEP_OTHER
};

static void on_stanza(xmpp_stanza_t *stanza, void *arg)
{
	enum step *step = arg;
	bool is_features = stanza_is(stanza, "features") || stanza_is(stanza, "stream:features");

	if (is_features)
		*step = stanza_child(stanza, "starttls", XMPP_NS_TLS) != NULL ? STEP_PLAIN_FEATURES
									      : STEP_FEATURES;
	else
		*step = stanza_is(stanza, "proceed") ? STEP_PROCEED : STEP_OTHER;
}

/* Waits for it, and takes it away. */
static enum step next_step(struct session *session, enum step *step)
{
	enum step taken;
	unsigned turns;

	for (turns = 0; turns < 300 && *step == STEP_NONE; turns++)
		if (!session_turn(session, 100))
			break;
	taken = *step;
	*step = STEP_NONE;
	return taken;
}

static bool encrypt(struct session *session, enum step *step)
{
	struct buf out = {0};
	struct xml_writer w = xml_writer(&out);

	xml_start_ns(&w, "starttls", XMPP_NS_TLS);
	xml_end(&w);
	session_send(session, &out);
	buf_finish(&out);
	return next_step(session, step) == STEP_PROCEED && session_start_tls(session) &&
	       next_step(session, step) == STEP_FEATURES;
}

static bool prepare(struct session *session, const struct options *opt, enum step *step)
{
	enum step first = next_step(session, step);
	bool is_ready;

	if (opt->tls == TLS_NONE)
		is_ready = first == STEP_FEATURES || first == STEP_PLAIN_FEATURES;
	else
		is_ready = first == STEP_PLAIN_FEATURES && encrypt(session, step);
	if (!is_ready)
		fputs("peppy: the server offers no stream to register on\n", stderr);
	return is_ready;
}

static void write_query(struct buf *child, const struct options *opt)
{
	struct xml_writer w = xml_writer(child);
	struct buf local = {0};

	buf_append(&local, opt->jid, strcspn(opt->jid, "@"));
	buf_append_byte(&local, '\0');
	xml_start_ns(&w, "query", XMPP_NS_REGISTER);
	xml_leaf(&w, "username", local.data);
	xml_leaf(&w, "password", opt->password);
	xml_end(&w);
	buf_finish(&local);
}

enum exit_status register_run(const struct options *opt)
{
	enum step step = STEP_NONE;
	struct session *session;
	enum exit_status status = session_open_raw(opt, on_stanza, &step, &session);
	struct buf child = {0};
	xmpp_stanza_t *answer;

	if (status == EXIT_DONE && !prepare(session, opt, &step))
		status = EXIT_CONNECTION;
	if (status == EXIT_DONE) {
		write_query(&child, opt);
		status = session_ask(session, "set", NULL, &child, &answer);
	}
	session_close(session);
	buf_finish(&child);
	return status;
}
