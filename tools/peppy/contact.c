/* contact.c - peppy contact: events of an account go to those who have its presence, so this asks
 * for it and grants ours. Once on either side, then once more on the first, and both have both. */
#include <stdio.h>
#include <string.h>

#include "client.h"

static void presence_send(struct session *session, const char *type, const char *to)
{
	struct buf out = {0};
	struct xml_writer w = xml_writer(&out);

	xml_start(&w, "presence");
	xml_put_attr(&w, "type", type);
	xml_put_attr(&w, "to", to);
	xml_end(&w);
	session_send(session, &out);
	buf_finish(&out);
}

/* JID subscription: none, to (they show us), from (we show them), both. */
static void show(xmpp_stanza_t *answer, const char *jid)
{
	xmpp_stanza_t *query = stanza_child(answer, "query", XMPP_NS_ROSTER);
	xmpp_stanza_t *item = query != NULL ? xmpp_stanza_get_children(query) : NULL;

	for (; item != NULL; item = xmpp_stanza_get_next(item))
		if (stanza_is(item, "item") && strcmp(stanza_attr(item, "jid"), jid) == 0)
			printf("%s %s\n", jid, stanza_attr(item, "subscription"));
}

enum exit_status contact_run(const struct options *opt)
{
	struct session *session;
	enum exit_status status = session_open(opt, &session);
	struct buf child = {0};
	struct xml_writer w = xml_writer(&child);
	xmpp_stanza_t *answer;

	xml_start_ns(&w, "query", XMPP_NS_ROSTER);
	xml_end(&w);
	if (status == EXIT_DONE) {
		presence_send(session, "subscribed", opt->args[0]);
		presence_send(session, "subscribe", opt->args[0]);
		status = session_ask(session, "get", NULL, &child, &answer);
	}
	if (status == EXIT_DONE)
		show(answer, opt->args[0]);
	session_close(session);
	buf_finish(&child);
	return status;
}
