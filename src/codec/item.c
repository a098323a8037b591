/* item.c - items published, retracted, retrieved: XEP-0060 6.5, 7.1, 7.2. */
#include <string.h>

#include "codec/form.h"
#include "codec/list.h"
#include "codec/request.h"
#include "codec/rsm.h"
#include "peppy/number.h"

/* ---- publish ---- */

static bool is_blank(const char *text)
{
	return text[strspn(text, " \t\r\n")] == '\0';
}

/* Who published is for the service to say: a 'publisher' attribute of the client's is dropped. */
static enum pubsub_error parse_published(
	const struct xml_stanza *stanza, const struct xml_element *el, struct pubsub_item *out)
{
	const struct xml_element *payload = el->first;

	out->id = request_attr(el, "id");
	if (!is_blank(el->text))
		return PUBSUB_ERR_PAYLOAD_INVALID;
	if (payload == NULL)
		return PUBSUB_OK;
	if (payload->next != NULL)
		return PUBSUB_ERR_PAYLOAD_INVALID; /* 7.1.3.5 */
	out->payload = xml_standalone(stanza, payload, &out->payload_len);
	out->payload_ns = payload->ns;
	out->payload_name = payload->name;
	return PUBSUB_OK;
}

static enum pubsub_error parse_publish_options(const struct xml_stanza *stanza,
	const struct xml_element *el, struct pubsub_request *out, const char **detail_out)
{
	const struct xml_element *options = xml_child(el->parent, NS_PUBSUB, "publish-options");
	struct form_filled form;
	enum pubsub_error err;

	err = form_parse(&form_publish_options, options, stanza->arena, &out->publish_options,
		&form, detail_out);
	out->has_publish_options = form.state == PUBSUB_FORM_SUBMIT;
	out->publish_options_set = form.set;
	out->publish_options_unknown = form.unknown;
	return err;
}

CODEC_PARSE(publish)
{
	const struct xml_element *item = xml_child(el, NS_PUBSUB, "item");
	enum pubsub_error err = request_node(el, out);
	struct pubsub_item *items;
	size_t bytes = 0;

	if (err != PUBSUB_OK)
		return err;
	items = arena_alloc(stanza->arena, request_count(el, "item") * sizeof *items);
	out->items = items;
	for (; item != NULL; item = xml_next(item, NS_PUBSUB, "item")) {
		err = parse_published(stanza, item, &items[out->item_count]);
		bytes += items[out->item_count++].payload_len;
		if (err == PUBSUB_OK && bytes > request_copies_max(stanza))
			err = PUBSUB_ERR_PAYLOAD_TOO_BIG;
		if (err != PUBSUB_OK)
			return err;
	}
	return parse_publish_options(stanza, el, out, detail_out);
}

CODEC_RENDER(publish)
{
	xml_start_ns(w, "pubsub", NS_PUBSUB);
	xml_start(w, "publish");
	xml_put_attr(w, "node", request->node_id);
	for (size_t i = 0; i < answer->item_count; i++) {
		xml_start(w, "item");
		xml_put_attr(w, "id", answer->items[i].id);
		xml_end(w);
	}
	xml_end(w);
	xml_end(w);
}

/* ---- retract, retrieve ---- */

static enum pubsub_error parse_ids(
	const struct xml_stanza *stanza, const struct xml_element *el, struct pubsub_request *out)
{
	const struct xml_element *item = xml_child(el, NS_PUBSUB, "item");
	struct pubsub_item *items;

	items = arena_alloc(stanza->arena, request_count(el, "item") * sizeof *items);
	out->items = items;
	for (; item != NULL; item = xml_next(item, NS_PUBSUB, "item")) {
		const char *id = request_attr(item, "id");

		if (id == NULL)
			return PUBSUB_ERR_ITEMID_REQUIRED;
		items[out->item_count++].id = id;
	}
	return PUBSUB_OK;
}

CODEC_PARSE(retract)
{
	const char *notify = xml_attr(el, "notify");
	enum pubsub_error err = request_node(el, out);

	(void)detail_out;
	if (err == PUBSUB_OK && notify != NULL && !request_bool(notify, &out->notify))
		err = PUBSUB_ERR_BAD_REQUEST;
	if (err == PUBSUB_OK)
		err = parse_ids(stanza, el, out);
	if (err == PUBSUB_OK && out->item_count == 0)
		err = PUBSUB_ERR_ITEMID_REQUIRED;
	return err;
}

/* XEP-0413. Further ones would decide where two dates are the same, to the microsecond. */
static enum pubsub_error parse_order(const struct xml_element *pubsub, struct pubsub_request *out)
{
	static const char *const fields[PUBSUB_ORDER_COUNT] = {
		[PUBSUB_ORDER_CREATION] = "creation",
		[PUBSUB_ORDER_MODIFICATION] = "modification",
	};
	const struct xml_element *order = xml_child(pubsub, NS_ORDER, "order");
	const char *by = order != NULL ? xml_attr(order, "by") : NULL;
	const char *desc = order != NULL ? xml_attr(order, "desc") : NULL;

	if (order == NULL)
		return PUBSUB_OK;
	if (by == NULL || (desc != NULL && !request_bool(desc, &out->descending)))
		return PUBSUB_ERR_BAD_REQUEST;
	for (int i = 0; i < PUBSUB_ORDER_COUNT; i++)
		if (fields[i] != NULL && strcmp(by, fields[i]) == 0)
			out->order = (enum pubsub_order)i;
	return out->order != PUBSUB_ORDER_NONE ? PUBSUB_OK : PUBSUB_ERR_ORDER;
}

CODEC_PARSE(items)
{
	const char *max_items = xml_attr(el, "max_items");
	enum pubsub_error err = request_node(el, out);

	(void)detail_out;
	if (err != PUBSUB_OK)
		return err;
	out->sub_id = request_attr(el, "subid");
	if (max_items != NULL &&
		(!number_parse(max_items, UINT32_MAX, &out->max_items) || out->max_items == 0))
		return PUBSUB_ERR_BAD_REQUEST;
	err = parse_ids(stanza, el, out);
	if (err == PUBSUB_OK)
		err = parse_order(el->parent, out);
	return err != PUBSUB_OK ? err : rsm_parse(el->parent, &out->rsm);
}

CODEC_RENDER(items)
{
	xml_start_ns(w, "pubsub", NS_PUBSUB);
	xml_start(w, "items");
	xml_put_attr(w, "node", request->node_id);
	for (size_t i = 0; i < answer->item_count; i++)
		list_put_item(w, &answer->items[i]);
	xml_end(w);
	rsm_render(w, &answer->page);
	xml_end(w);
}
