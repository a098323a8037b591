/* node.c - creating, configuring, deleting and purging nodes: XEP-0060 8.1 to 8.5. */
#include <string.h>

#include "codec/form.h"
#include "codec/request.h"
#include "peppy/array.h"

static enum pubsub_error parse_config(const struct xml_stanza *stanza,
	const struct xml_element *parent, struct pubsub_request *out, const char **detail_out)
{
	struct form_filled form;
	enum pubsub_error err = form_parse(
		&form_node_config, parent, stanza->arena, &out->config, &form, detail_out);

	out->config_state = form.state;
	out->config_set = form.set;
	if (err == PUBSUB_ERR_CONFIG_INVALID && strcmp(*detail_out, "pubsub#access_model") == 0)
		return PUBSUB_ERR_ACCESS_UNSUPPORTED; /* 8.1.2 */
	return err;
}

/* ---- 8.1 ---- */

CODEC_PARSE(create)
{
	const struct xml_element *configure;
	enum pubsub_error err = request_follower(el, "configure", &configure);

	out->node_id = request_attr(el, "node"); /* none: an instant node */
	return err == PUBSUB_OK ? parse_config(stanza, configure, out, detail_out) : err;
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

/* ---- 8.2, 8.3 ---- */

CODEC_PARSE(configure_get)
{
	(void)stanza, (void)detail_out;
	return request_node(el, out);
}

static void put_configuration(struct xml_writer *w, const char *element, const char *node_id,
	const struct pubsub_answer *answer)
{
	struct form form = form_node_config;

	form.withheld = answer->withheld;
	form.hidden = answer->config_hidden;
	xml_start_ns(w, "pubsub", NS_PUBSUB_OWNER);
	xml_start(w, element);
	xml_put_attr(w, "node", node_id);
	form_render(w, &form, &answer->config);
	xml_end(w);
	xml_end(w);
}

CODEC_RENDER(configure_get)
{
	put_configuration(w, "configure", request->node_id, answer);
}

CODEC_PARSE(configure_set)
{
	enum pubsub_error err = request_node(el, out);

	if (err == PUBSUB_OK)
		err = parse_config(stanza, el, out, detail_out);
	if (err == PUBSUB_OK && out->config_state == PUBSUB_FORM_NONE)
		err = PUBSUB_ERR_FORM_INVALID;
	return err;
}

/* 8.3.2: 'type' asks for the defaults of leaf nodes or of collections. */
CODEC_PARSE(configure_default)
{
	const struct pubsub_form_type *fields = &pubsub_node_config_type;
	const struct pubsub_field *field = pubsub_field_find(fields, "pubsub#node_type");
	const char *type = xml_attr(el, "type");

	(void)detail_out;
	if (type == NULL)
		return PUBSUB_OK;
	if (!pubsub_field_set(field, (struct pubsub_texts){&type, 1}, stanza->arena, &out->config))
		return PUBSUB_ERR_BAD_REQUEST;
	out->config_set = pubsub_field_bit(fields, field);
	return PUBSUB_OK;
}

CODEC_RENDER(configure_default)
{
	(void)request;
	put_configuration(w, "default", NULL, answer);
}

/* ---- 8.4, 8.5 ---- */

CODEC_PARSE(delete)
{
	const struct xml_element *redirect = xml_child(el, NS_PUBSUB_OWNER, "redirect");

	(void)stanza, (void)detail_out;
	out->node_id = request_attr(el, "node"); /* none: the root */
	if (redirect != NULL) {
		out->redirect = request_attr(redirect, "uri");
		if (out->redirect == NULL)
			return PUBSUB_ERR_BAD_REQUEST;
	}
	return PUBSUB_OK;
}

CODEC_PARSE(purge)
{
	(void)stanza, (void)detail_out;
	return request_node(el, out);
}

/* ---- XEP-0248 7.5, 7.6 ---- */

/* "disassociate" is what the schema of XEP-0060 calls it. */
CODEC_PARSE(associate)
{
	static const char *const words[] = {"associate", "dissociate", "disassociate"};
	const struct xml_element *found = NULL;
	size_t n = 0;

	(void)stanza, (void)detail_out;
	for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
		const struct xml_element *verb = xml_child(el, NS_PUBSUB_OWNER, words[i]);

		n += request_count(el, words[i]);
		out->dissociate = verb != NULL ? i > 0 : out->dissociate;
		found = verb != NULL ? verb : found;
	}
	if (n != 1)
		return PUBSUB_ERR_BAD_REQUEST;
	out->child = request_attr(found, "node");
	return out->child != NULL ? request_node(el, out) : PUBSUB_ERR_NODEID_REQUIRED;
}

CODEC_RENDER(nothing)
{
	(void)w, (void)request, (void)answer;
}
