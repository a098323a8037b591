/* subscription.c - subscribing, unsubscribing, subscription options: XEP-0060 6.1 to 6.4. */
#include "codec/form.h"
#include "codec/list.h"
#include "codec/request.h"

static enum pubsub_error parse_options(const struct xml_stanza *stanza,
	const struct xml_element *parent, struct pubsub_request *out, const char **detail_out)
{
	struct form_filled form;
	enum pubsub_error err;

	err = form_parse(
		&form_subscribe_options, parent, stanza->arena, &out->options, &form, detail_out);
	out->options_state = form.state;
	out->options_set = form.set;
	if (err == PUBSUB_OK && form.unknown != NULL) { /* refused, never ignored */
		*detail_out = form.unknown;
		return PUBSUB_ERR_OPTIONS_INVALID;
	}
	return err;
}

CODEC_PARSE(subscribe)
{
	const struct xml_element *options;
	enum pubsub_error err = request_node_jid_subid(stanza, el, out);

	if (err == PUBSUB_OK)
		err = request_follower(el, "options", &options);
	return err == PUBSUB_OK ? parse_options(stanza, options, out, detail_out) : err;
}

CODEC_RENDER(subscribe)
{
	const struct pubsub_subscription *subscription = &answer->subscriptions[0];

	xml_start_ns(w, "pubsub", NS_PUBSUB);
	list_start_subscription(w, subscription);
	xml_end(w);
	if (request->options_state == PUBSUB_FORM_SUBMIT) { /* 6.3.7 */
		xml_start(w, "options");
		form_render_result(w, &form_subscribe_options, &subscription->options);
		xml_end(w);
	}
	xml_end(w);
}

CODEC_PARSE(unsubscribe)
{
	(void)detail_out;
	return request_node_jid_subid(stanza, el, out);
}

/* 6.2.2: the subscription as it is now; the service may leave it to the request to name it. */
CODEC_RENDER(unsubscribe)
{
	struct pubsub_subscription gone = {
		.node_id = request->node_id,
		.subscriber = request->jid,
		.sub_id = request->sub_id,
		.state = PUBSUB_SUBSCRIPTION_NONE,
	};

	xml_start_ns(w, "pubsub", NS_PUBSUB);
	list_start_subscription(
		w, answer->subscription_count > 0 ? &answer->subscriptions[0] : &gone);
	xml_end(w);
	xml_end(w);
}

static void put_options(struct xml_writer *w, const struct pubsub_answer *answer)
{
	struct form form = form_subscribe_options;

	form.hidden = answer->options_hidden;
	form_render(w, &form, &answer->options);
}

CODEC_PARSE(options_get)
{
	(void)detail_out;
	return request_node_jid_subid(stanza, el, out);
}

CODEC_RENDER(options_get)
{
	xml_start_ns(w, "pubsub", NS_PUBSUB);
	xml_start(w, "options");
	xml_put_attr(w, "node", request->node_id);
	xml_put_attr(w, "jid", request->jid.full);
	xml_put_attr(w, "subid", request->sub_id);
	put_options(w, answer);
	xml_end(w);
	xml_end(w);
}

CODEC_PARSE(options_set)
{
	enum pubsub_error err = request_node_jid_subid(stanza, el, out);

	if (err != PUBSUB_OK)
		return err;
	err = parse_options(stanza, el, out, detail_out);
	if (err == PUBSUB_OK && out->options_state == PUBSUB_FORM_NONE)
		return PUBSUB_ERR_FORM_INVALID;
	return err;
}

CODEC_PARSE(options_default)
{
	(void)stanza, (void)detail_out;
	out->node_id = request_attr(el, "node"); /* none: those of the service */
	return PUBSUB_OK;
}

CODEC_RENDER(options_default)
{
	xml_start_ns(w, "pubsub", NS_PUBSUB);
	xml_start(w, "default");
	xml_put_attr(w, "node", request->node_id);
	put_options(w, answer);
	xml_end(w);
	xml_end(w);
}
