/* request.c - what is read from elements again and again. */
#include "codec/request.h"

#include <string.h>

const char *request_attr(const struct xml_element *el, const char *name)
{
	const char *value = xml_attr(el, name);

	return value != NULL && *value != '\0' ? value : NULL;
}

const char *request_text(const struct xml_element *el, const char *ns, const char *name)
{
	const struct xml_element *child = xml_child(el, ns, name);

	return child != NULL && *child->text != '\0' ? child->text : NULL;
}

enum pubsub_error request_node(const struct xml_element *el, struct pubsub_request *out)
{
	out->node_id = request_attr(el, "node");
	return out->node_id != NULL ? PUBSUB_OK : PUBSUB_ERR_NODEID_REQUIRED;
}

enum pubsub_error request_jid(const struct xml_element *el, struct arena *arena, struct jid *out)
{
	const char *text = request_attr(el, "jid");

	if (text == NULL)
		return PUBSUB_ERR_JID_REQUIRED;
	return jid_parse(text, arena, out) ? PUBSUB_OK : PUBSUB_ERR_JID_MALFORMED;
}

enum pubsub_error request_node_jid_subid(
	const struct xml_stanza *stanza, const struct xml_element *el, struct pubsub_request *out)
{
	out->node_id = request_attr(el, "node");
	out->sub_id = request_attr(el, "subid");
	out->has_jid = true;
	return request_jid(el, stanza->arena, &out->jid);
}

enum pubsub_error request_follower(
	const struct xml_element *el, const char *name, const struct xml_element **out)
{
	const struct xml_element *found = xml_child(el->parent, el->ns, name);

	*out = found;
	if (found != NULL &&
		(found != xml_next(el, el->ns, name) || xml_attr(found, "node") != NULL ||
			xml_attr(found, "jid") != NULL))
		return PUBSUB_ERR_BAD_REQUEST;
	return PUBSUB_OK;
}

bool request_bool(const char *text, bool *out)
{
	*out = strcmp(text, "1") == 0 || strcmp(text, "true") == 0;
	return *out || strcmp(text, "0") == 0 || strcmp(text, "false") == 0;
}

size_t request_count(const struct xml_element *el, const char *name)
{
	const struct xml_element *child = xml_child(el, el->ns, name);
	size_t n = 0;

	for (; child != NULL; child = xml_next(child, el->ns, name))
		n++;
	return n;
}

size_t request_copies_max(const struct xml_stanza *stanza)
{
	return 2 * stanza->len + 64 * 1024;
}

void request_copy(struct buf *out, const struct xml_stanza *stanza, const struct xml_element *el)
{
	const char *bytes;
	size_t len;

	if (out->len > request_copies_max(stanza))
		return;
	bytes = xml_standalone(stanza, el, &len);
	buf_append(out, bytes, len);
}
