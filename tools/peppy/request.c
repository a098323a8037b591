/* request.c - commands that are one question and one answer. */
#include <stdio.h>

#include "client.h"

bool option_is_given(const char *value, const char *name)
{
	if (value == NULL)
		fprintf(stderr, "peppy: --%s is missing\n", name);
	return value != NULL;
}

struct xml_writer request_start(
	struct buf *child, const char *ns, const char *what, const struct options *opt)
{
	struct xml_writer w = xml_writer(child);

	xml_start_ns(&w, "pubsub", ns);
	xml_start(&w, what);
	xml_put_attr(&w, "node", opt->node);
	return w;
}

enum exit_status request_run(
	const struct options *opt, const char *type, struct buf *child, request_show_fn show)
{
	struct session *session;
	enum exit_status status = session_open(opt, &session);
	xmpp_stanza_t *answer;

	if (status == EXIT_DONE)
		status = session_ask(session, type, opt->service, child, &answer);
	if (status == EXIT_DONE && opt->xml)
		print_xml(answer);
	else if (status == EXIT_DONE && show != NULL)
		show(answer, opt);
	session_close(session);
	buf_finish(child);
	return status;
}
