/* event.c - what a pubsub#event message says: one line an event, the payload indented below.
 *
 *   item      SERVICE NODE ID [by PUBLISHER] [since STAMP]
 *   retract   SERVICE NODE ID
 *   purge | delete | configuration | create   SERVICE NODE
 *   subscription SERVICE NODE JID STATE
 */
#include <stdio.h>

#include "client.h"

static xmpp_stanza_t *payload_of(xmpp_stanza_t *item)
{
	xmpp_stanza_t *child = xmpp_stanza_get_children(item);

	while (child != NULL && xmpp_stanza_is_text(child))
		child = xmpp_stanza_get_next(child);
	return child;
}

static void print_head(xmpp_stanza_t *what, const char *service, const char *node)
{
	print_text(xmpp_stanza_get_name(what));
	print_word(" ", service);
	print_word(" ", node);
}

static void print_item(
	xmpp_stanza_t *item, const char *service, const char *node, const char *stamp)
{
	xmpp_stanza_t *payload = payload_of(item);

	print_head(item, service, node);
	print_word(" ", stanza_attr(item, "id"));
	print_word(" by ", stanza_attr(item, "publisher"));
	print_word(" since ", stamp);
	putchar('\n');
	if (payload != NULL)
		print_tree(payload, 2);
}

unsigned event_print_items(xmpp_stanza_t *items, const char *service, const char *stamp)
{
	const char *node = stanza_attr(items, "node");
	xmpp_stanza_t *item;
	unsigned count = 0;

	for (item = xmpp_stanza_get_children(items); item != NULL;
		item = xmpp_stanza_get_next(item)) {
		if (!stanza_is(item, "item") && !stanza_is(item, "retract"))
			continue;
		print_item(item, service, node, stamp);
		count++;
	}
	return count;
}

static unsigned print_other(xmpp_stanza_t *event, const char *service)
{
	print_head(event, service, stanza_attr(event, "node"));
	print_word(" ", stanza_attr(event, "jid"));
	print_word(" ", stanza_attr(event, "subscription"));
	putchar('\n');
	return 1;
}

unsigned event_print(xmpp_stanza_t *message, const struct options *opt)
{
	xmpp_stanza_t *event = stanza_child(message, "event", NS_PUBSUB_EVENT);
	xmpp_stanza_t *delay = stanza_child(message, "delay", NS_DELAY);
	const char *service = stanza_attr(message, "from");
	const char *stamp = delay != NULL ? stanza_attr(delay, "stamp") : "";
	xmpp_stanza_t *child;
	unsigned count = 0, items;

	if (event == NULL)
		return 0;
	if (opt->xml) {
		print_xml(message);
		return 1;
	}
	for (child = xmpp_stanza_get_children(event); child != NULL;
		child = xmpp_stanza_get_next(child)) {
		if (xmpp_stanza_is_text(child))
			continue;
		items = stanza_is(child, "items") ? event_print_items(child, service, stamp) : 0;
		count += items > 0 ? items : print_other(child, service);
	}
	return count;
}
