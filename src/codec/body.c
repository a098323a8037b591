/* body.c - message bodies made of Atom entries (XEP-0060 12.8): their summary, else their title. */
#include <string.h>

#include "peppy/codec.h"

#define NS_ATOM "http://www.w3.org/2005/Atom"
#define BODY_MAX 1024 /* bytes: it only tells what it is about */

static const struct xml_limits limits = {.depth = 512};

/* Text constructs may be HTML, which nobody wants to read. */
static const char *plain_text(const struct xml_element *entry, const char *name)
{
	const struct xml_element *el = xml_child(entry, NS_ATOM, name);
	const char *type = el != NULL ? xml_attr(el, "type") : NULL;

	if (el == NULL || (type != NULL && strcmp(type, "text") != 0))
		return NULL;
	return el->text;
}

/* Without blanks around it, and cut where a character begins. NULL: nothing is left. */
static const char *trimmed(const char *text, struct arena *arena)
{
	static const char blanks[] = " \t\r\n";
	size_t len;

	if (text == NULL)
		return NULL;
	text += strspn(text, blanks);
	len = strlen(text);
	if (len > BODY_MAX) {
		len = BODY_MAX;
		while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;
	}
	while (len > 0 && strchr(blanks, text[len - 1]) != NULL)
		len--;
	return len > 0 ? arena_memdup(arena, text, len) : NULL;
}

const char *codec_event_body(const struct pubsub_event *event, struct arena *arena)
{
	const struct pubsub_item *item = event->item_count == 1 ? event->items : NULL;
	struct xml_stanza entry;
	const char *text;

	if (event->kind != PUBSUB_EVENT_PUBLISH || item == NULL || item->payload == NULL ||
		item->payload_ns == NULL || strcmp(item->payload_ns, NS_ATOM) != 0)
		return NULL;
	if (!xml_document_parse(&limits, item->payload, item->payload_len, arena, &entry))
		return NULL;
	text = trimmed(plain_text(entry.root, "summary"), arena);
	return text != NULL ? text : trimmed(plain_text(entry.root, "title"), arena);
}
