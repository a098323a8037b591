/* authorize.c - what owners say to pending subscriptions: XEP-0060 8.6, and 8.7, which is an ad-hoc
 * command (XEP-0050). Nothing is kept between its two steps: the session id means nothing. */
#include <string.h>

#include "codec/form.h"
#include "codec/request.h"

/* The one value of a field; NULL if there is none, or not one. */
static const char *one_value(const struct xml_element *x, const char *var, struct arena *arena)
{
	struct pubsub_texts values = form_values(x, var, arena);

	return values.n == 1 && *values.v[0] != '\0' ? values.v[0] : NULL;
}

static bool has_type(const struct xml_element *x, const char *type)
{
	const char *found = xml_attr(x, "type");

	return found != NULL && strcmp(found, type) == 0;
}

CODEC_PARSE(authorize)
{
	struct arena *arena = stanza->arena;
	struct pubsub_subscription *v = arena_alloc(arena, sizeof *v);
	const char *form_type = one_value(el, "FORM_TYPE", arena);
	const char *jid = one_value(el, "pubsub#subscriber_jid", arena);
	const char *allow = one_value(el, "pubsub#allow", arena);
	bool allowed;

	(void)detail_out;
	if (form_type == NULL || strcmp(form_type, FORM_AUTHORIZE) != 0)
		return PUBSUB_ERR_FORM_INVALID;
	if (has_type(el, "cancel"))
		return PUBSUB_OK; /* it stays pending */
	out->node_id = one_value(el, "pubsub#node", arena);
	v->sub_id = one_value(el, "pubsub#subid", arena);
	if (!has_type(el, "submit") || allow == NULL || !request_bool(allow, &allowed))
		return PUBSUB_ERR_FORM_INVALID;
	if (out->node_id == NULL)
		return PUBSUB_ERR_NODEID_REQUIRED;
	if (jid == NULL)
		return PUBSUB_ERR_JID_REQUIRED;
	if (!jid_parse(jid, arena, &v->subscriber))
		return PUBSUB_ERR_JID_MALFORMED;
	v->state = allowed ? PUBSUB_SUBSCRIPTION_SUBSCRIBED : PUBSUB_SUBSCRIPTION_NONE;
	out->subscriptions = v;
	out->subscription_count = 1;
	return PUBSUB_OK;
}

CODEC_PARSE(pending)
{
	const struct xml_element *x = xml_child(el, NS_DATA, "x");
	const char *node = xml_attr(el, "node");
	const char *action = xml_attr(el, "action");

	(void)detail_out;
	if (node == NULL || strcmp(node, CODEC_COMMAND_PENDING) != 0)
		return PUBSUB_ERR_ITEM_NOT_FOUND;
	out->session_id = request_attr(el, "sessionid");
	out->options_state = PUBSUB_FORM_NONE;
	if ((action != NULL && strcmp(action, "cancel") == 0) ||
		(x != NULL && has_type(x, "cancel"))) {
		out->options_state = PUBSUB_FORM_CANCEL;
		return PUBSUB_OK;
	}
	if (x == NULL)
		return PUBSUB_OK;
	out->options_state = PUBSUB_FORM_SUBMIT;
	out->node_id = one_value(x, "pubsub#node", stanza->arena);
	return out->node_id != NULL ? PUBSUB_OK : PUBSUB_ERR_NODEID_REQUIRED;
}

static void put_node_choice(struct xml_writer *w, const struct pubsub_answer *answer)
{
	xml_start(w, "actions");
	xml_put_attr(w, "execute", "complete");
	xml_leaf(w, "complete", NULL);
	xml_end(w);
	form_open(w, "form", FORM_AUTHORIZE);
	xml_start(w, "field");
	xml_put_attr(w, "var", "pubsub#node");
	xml_put_attr(w, "type", "list-single");
	xml_put_attr(w, "label", "The node whose requests are to be sent");
	for (size_t i = 0; i < answer->node_count; i++) {
		xml_start(w, "option");
		xml_put_attr(w, "label", answer->nodes[i].config.title);
		xml_leaf(w, "value", answer->nodes[i].node_id);
		xml_end(w);
	}
	xml_end(w);
	xml_end(w);
}

/* 'status' says how far it is, not 'action', whatever the example in 8.7.4 has. */
CODEC_RENDER(pending)
{
	static const char *const status[] = {
		[PUBSUB_FORM_NONE] = "executing",
		[PUBSUB_FORM_SUBMIT] = "completed",
		[PUBSUB_FORM_CANCEL] = "canceled",
	};

	xml_start_ns(w, "command", NS_COMMANDS);
	xml_put_attr(w, "node", CODEC_COMMAND_PENDING);
	xml_put_attr(
		w, "sessionid", request->session_id != NULL ? request->session_id : "get-pending");
	xml_put_attr(w, "status", status[request->options_state]);
	if (request->options_state == PUBSUB_FORM_NONE)
		put_node_choice(w, answer);
	xml_end(w);
}
