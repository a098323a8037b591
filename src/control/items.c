/* Items of a node. */
#include "commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peppy/xml.h"

#include "fields.h"

#define PAGE_BYTES (1024 * 1024) /* ids and payloads looked at for one page */

static const struct xml_limits payload_limits = {.depth = 512};

static json_t *row_json(const struct pubsub_item *item)
{
	return json_pack("{s:s, s:s?, s:o, s:o, s:I}", "item", item->id, "publisher",
		item->publisher, "published", stamp_to_json(item->published_us), "expires",
		stamp_to_json(item->expires_us), "bytes", (json_int_t)item->payload_len);
}

/* The newest first. */
COMMAND(items_list)
{
	const char *after = call_text(call, "after");
	const struct store_item_range range = {
		.before_seq = after == NULL ? 0 : strtoull(after, NULL, 10),
		.backward = true,
		.limit = call_limit(call),
		.bytes = PAGE_BYTES,
	};
	struct pubsub_item *items = NULL;
	json_t *list = json_array();
	struct pubsub_node *node;
	char next[24] = "";
	size_t n = 0;
	enum pubsub_error err = call_node(call, service, &node);

	if (err == PUBSUB_OK)
		err = store_items_page(service->txn, node, &range, service->arena, &items, &n);
	for (size_t i = n; i > 0; i--)
		json_array_append_new(list, row_json(&items[i - 1]));
	if (n > 0 && (after != NULL || n < node->items))
		snprintf(next, sizeof next, "%llu", (unsigned long long)items[0].seq);
	call_answer(
		call, json_pack("{s:o, s:s*}", "items", list, "next", *next == '\0' ? NULL : next));
	return err;
}

COMMAND(items_show)
{
	struct pubsub_node *node;
	struct pubsub_item item;
	json_t *answer;
	enum pubsub_error err = call_node(call, service, &node);

	if (err == PUBSUB_OK)
		err = store_item_get(service->txn, node, call_text(call, "item"), &item);
	if (err != PUBSUB_OK)
		return err;
	answer = row_json(&item);
	json_object_set_new(answer, "created", stamp_to_json(item.created_us));
	json_object_set_new(answer, "payload",
		item.payload == NULL ? json_null() : json_stringn(item.payload, item.payload_len));
	call_answer(call, answer);
	return PUBSUB_OK;
}

/* NULL as payload: none was given. */
static bool read_payload(struct call *call, struct pubsub_item *out)
{
	const char *text = call_text(call, "payload");
	struct xml_stanza document;

	if (text == NULL)
		return true;
	if (!xml_document_parse(&payload_limits, text, strlen(text), call->arena, &document)) {
		call_refuse(call, PUBSUB_ERR_BAD_REQUEST, "the payload is not one XML element");
		return false;
	}
	out->payload = xml_standalone(&document, document.root, &out->payload_len);
	out->payload_ns = document.root->ns;
	out->payload_name = document.root->name;
	return true;
}

COMMAND(items_publish)
{
	struct pubsub_request request = call_request(call);
	struct pubsub_item item = {.id = call_text(call, "item")};
	struct pubsub_answer answer = {0};
	enum pubsub_error err;

	if (!read_payload(call, &item) || !call_fields(call, "options", &request.publish_options,
						  &request.publish_options_set))
		return PUBSUB_ERR_BAD_REQUEST;
	request.has_publish_options = request.publish_options_set != 0;
	request.items = &item;
	request.item_count = item.id != NULL || item.payload != NULL;
	err = call_rules(call, service, service_item_publish, &request, &answer);
	call_answer(call,
		json_pack("{s:s*}", "item", answer.item_count > 0 ? answer.items[0].id : NULL));
	return err;
}

COMMAND(items_retract)
{
	struct pubsub_request request = call_request(call);
	const struct pubsub_item item = {.id = call_text(call, "item")};
	struct pubsub_answer answer = {0};

	request.items = &item;
	request.item_count = 1;
	request.notify = call_bool(call, "notify", true);
	return call_rules(call, service, service_item_retract, &request, &answer);
}
