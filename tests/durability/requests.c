#include "requests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peppy/array.h"
#include "peppy/codec.h"
#include "peppyd.h"

void request(struct buf *out, const char *from, const char *type, const char *id, const char *ns,
	const char *body)
{
	buf_printf(out,
		"<iq type='%s' from='%s@example.org/d' to='" PEPPYD_COMPONENT
		"' id='%s'><pubsub xmlns='%s'>%s</pubsub></iq>",
		type, from, id, ns, body);
}

void request_create(struct buf *out, const char *node)
{
	char body[900];

	snprintf(body, sizeof body,
		"<create node='%s'/><configure><x xmlns='jabber:x:data' type='submit'>"
		"<field var='FORM_TYPE'><value>" NS_PUBSUB "#node_config</value></field>"
		"<field var='pubsub#max_items'><value>max</value></field>"
		"<field var='pubsub#persist_items'><value>1</value></field>"
		"<field var='pubsub#send_last_published_item'><value>never</value></field>"
		"</x></configure>",
		node);
	request(out, "owner", "set", "create", NS_PUBSUB, body);
}

void request_subscribe(struct buf *out, unsigned user, const char *node)
{
	char from[32], body[200];

	snprintf(from, sizeof from, "u%u", user);
	snprintf(body, sizeof body, "<subscribe node='%s' jid='%s@example.org'/>", node, from);
	request(out, from, "set", "subscribe", NS_PUBSUB, body);
}

void request_publish(
	struct buf *out, const char *node, const char *kind, unsigned n, unsigned bytes)
{
	struct buf body = {0};
	char id[32];

	snprintf(id, sizeof id, "%s%u", kind, n);
	buf_printf(&body,
		"<publish node='%s'><item id='%s'><x xmlns='urn:x'>%0*u</x></item></publish>", node,
		id, (int)bytes, n);
	buf_append_byte(&body, '\0');
	request(out, "owner", "set", id, NS_PUBSUB, body.data);
	buf_finish(&body);
}

void request_retract(struct buf *out, const char *node, const char *kind, unsigned n)
{
	char body[200];

	snprintf(
		body, sizeof body, "<retract node='%s'><item id='%s%u'/></retract>", node, kind, n);
	request(out, "owner", "set", "retract", NS_PUBSUB, body);
}

void request_item(struct buf *out, const char *node, const char *kind, unsigned n)
{
	char body[200], id[32];

	snprintf(id, sizeof id, "find-%s%u", kind, n);
	snprintf(body, sizeof body, "<items node='%s'><item id='%s%u'/></items>", node, kind, n);
	request(out, "owner", "get", id, NS_PUBSUB, body);
}

void request_churn(struct buf *out)
{
	static const char *const bodies[][2] = {
		{NS_PUBSUB, "<subscribe node='busy' jid='a@example.org'/>"},
		{NS_PUBSUB,
			"<publish node='busy'><item id='1'><x xmlns='urn:x'/></item></publish>"},
		{NS_PUBSUB, "<publish node='busy'><item><x xmlns='urn:x'/></item></publish>"},
		{NS_PUBSUB, "<retract node='busy'><item id='1'/></retract>"},
		{NS_PUBSUB, "<unsubscribe node='busy' jid='a@example.org'/>"},
		{NS_PUBSUB_OWNER, "<purge node='busy'/>"},
		{NS_PUBSUB_OWNER, "<delete node='busy'/>"},
		{NS_PUBSUB, "<create node='busy'/>"},
	};
	unsigned which = (unsigned)rand() % ARRAY_COUNT(bodies);

	request(out, "a", "set", "churn", bodies[which][0], bodies[which][1]);
}

bool number_of(const char *text, const char *prefix, unsigned *out)
{
	size_t len = strlen(prefix);

	if (text == NULL || strncmp(text, prefix, len) != 0)
		return false;
	*out = (unsigned)strtoul(text + len, NULL, 10);
	return true;
}

bool is_result(const struct xml_element *iq)
{
	return strcmp(xml_attr(iq, "type"), "result") == 0;
}

bool has_item(const struct xml_element *iq)
{
	const struct xml_element *el = xml_child(iq, NS_PUBSUB, "pubsub");

	el = el == NULL ? NULL : xml_child(el, NS_PUBSUB, "items");
	return is_result(iq) && el != NULL && xml_child(el, NS_PUBSUB, "item") != NULL;
}

const struct xml_element *notified_items(const struct xml_element *message, const char *node)
{
	const struct xml_element *el = xml_child(message, NS_PUBSUB_EVENT, "event");

	el = el == NULL ? NULL : xml_child(el, NS_PUBSUB_EVENT, "items");
	return el != NULL && strcmp(xml_attr(el, "node"), node) == 0 ? el : NULL;
}
