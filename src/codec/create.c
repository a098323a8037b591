/* create.c - creating and deleting nodes: XEP-0060 8.1, 8.4, 8.5. */
#include "codec/form.h"
#include "codec/request.h"

CODEC_PARSE(create)
{
	const struct xml_element *configure = xml_child(el->parent, NS_PUBSUB, "configure");
	struct form_filled form;
	enum pubsub_error err;

	out->node_id = request_attr(el, "node"); /* none: an instant node */
	if (configure != NULL && xml_attr(configure, "node") != NULL)
		return PUBSUB_ERR_BAD_REQUEST; /* 8.1.3 */
	err = form_parse(
		&form_node_config, configure, stanza->arena, &out->config, &form, detail_out);
	out->config_state = form.state;
	out->config_set = form.set;
	return err;
}

CODEC_RENDER(create)
{
	(void)request;
	xml_start_ns(w, "pubsub", NS_PUBSUB);
	xml_start(w, "create");
	xml_put_attr(w, "node", answer->node_id);
	xml_end(w);
	xml_end(w);
}

CODEC_PARSE(delete)
{
	const struct xml_element *redirect = xml_child(el, NS_PUBSUB_OWNER, "redirect");

	(void)stanza, (void)detail_out;
	if (redirect != NULL) {
		out->redirect = request_attr(redirect, "uri");
		if (out->redirect == NULL)
			return PUBSUB_ERR_BAD_REQUEST;
	}
	return request_node(el, out);
}

CODEC_PARSE(purge)
{
	(void)stanza, (void)detail_out;
	return request_node(el, out);
}

CODEC_RENDER(nothing)
{
	(void)w, (void)request, (void)answer;
}
