#include "stanzas.h"

#include <assert.h>

#include "daemon.h"

#define NS_DATA "jabber:x:data"
#define NS_RSM "http://jabber.org/protocol/rsm"
#define NS_DISCO_ITEMS "http://jabber.org/protocol/disco#items"
#define NS_CAPS "http://jabber.org/protocol/caps"

static void open_iq(struct buf *out, const char *type, const char *id, char who, unsigned number)
{
	buf_printf(out,
		"<iq type='%s' from='%c%u@" DAEMON_DOMAIN "/d' to='" DAEMON_COMPONENT "' id='%s'>",
		type, who, number, id);
}

static void append_filler(struct buf *out, uint64_t item, size_t bytes)
{
	static const char words[] =
		"To be, or not to be, that is the question: whether 'tis nobler "
		"in the mind to suffer the slings and arrows of fortune. ";
	size_t at = (size_t)(item % (sizeof words - 1));

	while (bytes > 0) {
		size_t n = sizeof words - 1 - at;

		n = n < bytes ? n : bytes;
		buf_append(out, words + at, n);
		bytes -= n;
		at = 0;
	}
}

void stanza_payload(struct buf *out, uint64_t item, size_t bytes)
{
	static const char end[] = "</summary></entry>";
	size_t start = out->len;

	buf_printf(out,
		"<entry xmlns='http://www.w3.org/2005/Atom'><title>Item %llu</title><summary>",
		(unsigned long long)item);
	assert(bytes >= out->len - start + sizeof end - 1);
	append_filler(out, item, bytes - (out->len - start) - (sizeof end - 1));
	buf_append_text(out, end);
}

static void append_publish(struct buf *out, const struct publish *publish)
{
	buf_printf(out, "<pubsub xmlns='" NS_PUBSUB "'><publish node='n%u'><item id='i%llu'>",
		publish->node, (unsigned long long)publish->item);
	stanza_payload(out, publish->item, publish->payload_bytes);
	buf_append_text(out, "</item></publish></pubsub></iq>");
}

void stanza_publish(struct buf *out, const char *id, const struct publish *publish)
{
	open_iq(out, "set", id, 'p', publish->publisher);
	append_publish(out, publish);
}

void stanza_publish_delegated(
	struct buf *out, const char *id, const struct publish *publish, unsigned version)
{
	buf_printf(out,
		"<iq type='set' from='" DAEMON_DOMAIN "' to='" DAEMON_COMPONENT "' id='%s'>"
		"<delegation xmlns='urn:xmpp:delegation:%u'><forwarded xmlns='urn:xmpp:forward:0'>"
		"<iq xmlns='jabber:client' type='set' from='p%u@" DAEMON_DOMAIN "/d' id='%s'",
		id, version, publish->publisher, id);
	if (version == 1) /* Prosody leaves it out */
		buf_printf(out, " to='p%u@" DAEMON_DOMAIN "'", publish->publisher);
	buf_append_text(out, ">");
	append_publish(out, publish);
	buf_append_text(out, "</forwarded></delegation></iq>");
}

void stanza_create(
	struct buf *out, const char *id, unsigned node, unsigned max_items, const char *send_last)
{
	open_iq(out, "set", id, 'p', node);
	buf_printf(out,
		"<pubsub xmlns='" NS_PUBSUB "'><create node='n%u'/><configure>"
		"<x xmlns='" NS_DATA "' type='submit'><field var='FORM_TYPE' type='hidden'>"
		"<value>" NS_PUBSUB "#node_config</value></field>"
		"<field var='pubsub#access_model'><value>open</value></field>"
		"<field var='pubsub#persist_items'><value>1</value></field>"
		"<field var='pubsub#max_items'><value>%u</value></field>"
		"<field var='pubsub#publish_node_full'><value>discard-oldest</value></field>"
		"<field var='pubsub#notify_delete'><value>0</value></field>"
		"<field var='pubsub#send_last_published_item'><value>%s</value></field>"
		"</x></configure></pubsub></iq>",
		node, max_items, send_last);
}

static void append_subscription(
	struct buf *out, const char *id, const char *element, unsigned user, unsigned node)
{
	open_iq(out, "set", id, 'u', user);
	buf_printf(out,
		"<pubsub xmlns='" NS_PUBSUB "'><%s node='n%u' jid='u%u@" DAEMON_DOMAIN
		"'/></pubsub></iq>",
		element, node, user);
}

void stanza_subscribe(struct buf *out, const char *id, unsigned user, unsigned node)
{
	append_subscription(out, id, "subscribe", user, node);
}

void stanza_unsubscribe(struct buf *out, const char *id, unsigned user, unsigned node)
{
	append_subscription(out, id, "unsubscribe", user, node);
}

void stanza_items(struct buf *out, const char *id, unsigned node, unsigned max_items)
{
	open_iq(out, "get", id, 'u', node);
	buf_printf(out,
		"<pubsub xmlns='" NS_PUBSUB "'><items node='n%u' max_items='%u'/></pubsub></iq>",
		node, max_items);
}

static void append_set(struct buf *out, unsigned max, const char *after)
{
	buf_printf(out, "<set xmlns='" NS_RSM "'><max>%u</max>", max);
	if (after != NULL)
		buf_printf(out, "<after>%s</after>", after);
	buf_append_text(out, "</set>");
}

void stanza_page(struct buf *out, const char *id, unsigned node, unsigned max, const char *after)
{
	open_iq(out, "get", id, 'u', node);
	buf_printf(out, "<pubsub xmlns='" NS_PUBSUB "'><items node='n%u'/>", node);
	append_set(out, max, after);
	buf_append_text(out, "</pubsub></iq>");
}

void stanza_nodes_page(struct buf *out, const char *id, unsigned max, const char *after)
{
	open_iq(out, "get", id, 'u', 0);
	buf_append_text(out, "<query xmlns='" NS_DISCO_ITEMS "'>");
	append_set(out, max, after);
	buf_append_text(out, "</query></iq>");
}

void stanza_subscriptions_page(struct buf *out, const char *id, unsigned max)
{
	open_iq(out, "get", id, 'u', 0);
	buf_append_text(out, "<pubsub xmlns='" NS_PUBSUB "'><subscriptions/>");
	append_set(out, max, NULL);
	buf_append_text(out, "</pubsub></iq>");
}

void stanza_delete(struct buf *out, const char *id, unsigned node)
{
	open_iq(out, "set", id, 'p', node);
	buf_printf(out, "<pubsub xmlns='" NS_PUBSUB "#owner'><delete node='n%u'/></pubsub></iq>",
		node);
}

void stanza_presence(struct buf *out, unsigned user, bool available, const char *ver)
{
	buf_printf(out, "<presence from='u%u@" DAEMON_DOMAIN "/d' to='" DAEMON_COMPONENT "'%s>",
		user, available ? "" : " type='unavailable'");
	if (ver != NULL)
		buf_printf(out, "<c xmlns='" NS_CAPS "' hash='sha-1' node='urn:bench' ver='%s'/>",
			ver);
	buf_append_text(out, "</presence>");
}
