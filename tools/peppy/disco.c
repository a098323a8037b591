/* disco.c - peppy disco and peppy ping: what is there (XEP-0030, XEP-0199). */
#include <stdio.h>

#include "client.h"

static void print_row(xmpp_stanza_t *child, const char *const *attributes)
{
	size_t i;

	fputs(xmpp_stanza_get_name(child), stdout);
	for (i = 0; attributes[i] != NULL; i++)
		print_word(" ", stanza_attr(child, attributes[i]));
	putchar('\n');
}

static void show(xmpp_stanza_t *answer, const struct options *opt)
{
	static const char *const attributes[] = {
		"category", "type", "var", "jid", "node", "name", NULL};
	xmpp_stanza_t *query = xmpp_stanza_get_child_by_name(answer, "query");
	xmpp_stanza_t *child = query != NULL ? xmpp_stanza_get_children(query) : NULL;

	(void)opt;
	for (; child != NULL; child = xmpp_stanza_get_next(child)) {
		if (xmpp_stanza_is_text(child) || stanza_is(child, "set"))
			continue;
		if (stanza_is(child, "x"))
			form_print(child);
		else
			print_row(child, attributes);
	}
}

static enum exit_status query_run(const struct options *opt, const char *ns)
{
	struct buf child = {0};
	struct xml_writer w = xml_writer(&child);

	xml_start_ns(&w, "query", ns);
	xml_put_attr(&w, "node", opt->node);
	xml_end(&w);
	return request_run(opt, "get", &child, show);
}

enum exit_status disco_info_run(const struct options *opt)
{
	return query_run(opt, XMPP_NS_DISCO_INFO);
}

enum exit_status disco_items_run(const struct options *opt)
{
	return query_run(opt, XMPP_NS_DISCO_ITEMS);
}

enum exit_status ping_run(const struct options *opt)
{
	struct buf child = {0};
	struct xml_writer w = xml_writer(&child);
	enum exit_status status;

	xml_start_ns(&w, "ping", NS_PING);
	xml_end(&w);
	status = request_run(opt, "get", &child, NULL);
	if (status == EXIT_DONE)
		printf("%s answers\n", opt->service != NULL ? opt->service : opt->jid);
	return status;
}
