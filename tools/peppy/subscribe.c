/* subscribe.c - peppy subscribe and unsubscribe (XEP-0060, sections 6.1 and 6.2). Subscribed is the
 * account, not this session: it outlives us. */
#include <stdio.h>
#include <string.h>

#include "client.h"

static void put_own_jid(struct xml_writer *w, const struct options *opt)
{
	struct buf bare = {0};

	buf_append(&bare, opt->jid, strcspn(opt->jid, "/"));
	buf_append_byte(&bare, '\0');
	xml_put_attr(w, "jid", bare.data);
	buf_finish(&bare);
}

static void show(xmpp_stanza_t *answer, const struct options *opt)
{
	xmpp_stanza_t *pubsub = stanza_child(answer, "pubsub", NS_PUBSUB);
	xmpp_stanza_t *subscription = stanza_child(pubsub, "subscription", NS_PUBSUB);

	(void)opt;
	if (subscription == NULL)
		return;
	print_text(stanza_attr(subscription, "subscription"));
	print_word(" ", stanza_attr(subscription, "subid"));
	putchar('\n');
}

enum exit_status subscribe_run(const struct options *opt)
{
	struct buf child = {0};
	struct xml_writer w;

	if (!option_is_given(opt->node, "node"))
		return EXIT_MISUSE;
	w = request_start(&child, NS_PUBSUB, "subscribe", opt);
	put_own_jid(&w, opt);
	xml_end(&w);
	if (opt->field_count > 0) {
		xml_start(&w, "options");
		form_write(&w, NS_PUBSUB "#subscribe_options", opt);
		xml_end(&w);
	}
	xml_end(&w);
	return request_run(opt, "set", &child, show);
}

enum exit_status unsubscribe_run(const struct options *opt)
{
	struct buf child = {0};
	struct xml_writer w;

	if (!option_is_given(opt->node, "node"))
		return EXIT_MISUSE;
	w = request_start(&child, NS_PUBSUB, "unsubscribe", opt);
	put_own_jid(&w, opt);
	xml_put_attr(&w, "subid", opt->id);
	xml_end(&w);
	xml_end(&w);
	return request_run(opt, "set", &child, NULL);
}
