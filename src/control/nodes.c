/* Nodes: listed from the store, changed by the rules. */
#include "commands.h"

#include <fnmatch.h>

#include "fields.h"

#define SCAN_MAX 2000 /* nodes looked at for one page of those that match a pattern */

static json_t *row_json(const struct pubsub_node *node)
{
	return json_pack("{s:s, s:s?, s:s, s:I, s:I, s:I, s:o}", "node", node->node_id, "title",
		node->config.title, "access",
		pubsub_access_model_words.v[node->config.access_model], "items",
		(json_int_t)node->items, "subscribers", (json_int_t)node->subscribers, "pending",
		(json_int_t)node->pending, "created", stamp_to_json(node->created_us));
}

/* A page may end before it is full: "next" is there as long as there may be more. */
COMMAND(nodes_list)
{
	const char *pattern = call_text(call, "pattern");
	const size_t limit = call_limit(call);
	struct store_range range = {
		.after = call_text(call, "after"), .limit = pattern == NULL ? limit : SCAN_MAX};
	json_t *list = json_array();
	struct pubsub_node *nodes;
	size_t n, i;
	enum pubsub_error err =
		store_nodes_page(service->txn, call->service, &range, service->arena, &nodes, &n);

	for (i = 0; err == PUBSUB_OK && i < n && json_array_size(list) < limit; i++)
		if (pattern == NULL || fnmatch(pattern, nodes[i].node_id, 0) == 0)
			json_array_append_new(list, row_json(&nodes[i]));
	call_answer(
		call, json_pack("{s:o, s:s*}", "nodes", list, "next",
			      i < n || (i > 0 && n == range.limit) ? nodes[i - 1].node_id : NULL));
	return err;
}

COMMAND(nodes_show)
{
	const struct pubsub_request request = call_request(call);
	struct pubsub_answer answer = {0};
	const struct pubsub_node *node;
	enum pubsub_error err =
		call_rules(call, service, service_node_configuration, &request, &answer);

	if (err != PUBSUB_OK)
		return err;
	node = answer.node;
	call_answer(call,
		json_pack("{s:s, s:s, s:s?, s:o, s:I, s:I, s:I, s:s?, s:o}", "service",
			call->service, "node", node->node_id, "creator", node->creator, "created",
			stamp_to_json(node->created_us), "items", (json_int_t)node->items,
			"subscribers", (json_int_t)node->subscribers, "pending",
			(json_int_t)node->pending, "payload_ns", node->payload_ns, "config",
			fields_to_json(&pubsub_node_config_type, &answer.config, service->arena)));
	return PUBSUB_OK;
}

static enum pubsub_error write_node(struct call *call, struct service *service, service_fn fn)
{
	struct pubsub_request request = call_request(call);
	struct pubsub_answer answer = {0};
	enum pubsub_error err;

	request.config_state = PUBSUB_FORM_SUBMIT;
	if (!call_fields(call, "config", &request.config, &request.config_set))
		return PUBSUB_ERR_BAD_REQUEST;
	request.redirect = call_text(call, "redirect");
	err = call_rules(call, service, fn, &request, &answer);
	call_answer(call, json_pack("{s:s}", "node", request.node_id));
	return err;
}

COMMAND(nodes_create)
{
	return write_node(call, service, service_node_create);
}

COMMAND(nodes_configure)
{
	return write_node(call, service, service_node_configure);
}

COMMAND(nodes_delete)
{
	return write_node(call, service, service_node_delete);
}

COMMAND(nodes_purge)
{
	return write_node(call, service, service_node_purge);
}
