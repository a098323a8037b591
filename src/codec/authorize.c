/* authorize.c - what owners say to pending subscriptions: XEP-0060 8.6. */
#include <string.h>

#include "codec/form.h"
#include "codec/request.h"

/* The one value of a field; NULL if there is none, or not one. */
static const char *one_value(const struct xml_element *x, const char *var, struct arena *arena)
{
	struct pubsub_texts values = form_values(x, var, arena);

	return values.n == 1 && *values.v[0] != '\0' ? values.v[0] : NULL;
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
	if (xml_attr_is(el, "type", "cancel"))
		return PUBSUB_OK; /* it stays pending */
	out->node_id = one_value(el, "pubsub#node", arena);
	v->sub_id = one_value(el, "pubsub#subid", arena);
	if (!xml_attr_is(el, "type", "submit") || allow == NULL || !request_bool(allow, &allowed))
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
