/* publish.c - peppy publish: an item, with its preconditions (XEP-0060, section 7.1). */
#include <stdio.h>
#include <string.h>

#include "client.h"

static void request_write(
	struct buf *child, const struct payload *payload, const struct options *opt)
{
	const char *node = opt->node != NULL ? opt->node : payload->node;
	const char *item_id = opt->id != NULL ? opt->id : payload->item_id;
	struct xml_writer w = xml_writer(child);

	xml_start_ns(&w, "pubsub", NS_PUBSUB);
	xml_start(&w, "publish");
	xml_put_attr(&w, "node", node);
	xml_start(&w, "item");
	xml_put_attr(&w, "id", item_id);
	xml_put_raw(&w, payload->xml.data, payload->xml.len);
	xml_end(&w);
	xml_end(&w);
	if (opt->field_count > 0) {
		xml_start(&w, "publish-options");
		form_write(&w, NS_PUBSUB "#publish-options", opt);
		xml_end(&w);
	}
	xml_end(&w);
}

static enum exit_status publish(struct session *session, const struct options *opt,
	const struct payload *payload, xmpp_stanza_t **answer)
{
	struct buf child = {0};
	enum exit_status status;

	request_write(&child, payload, opt);
	status = session_ask(session, "set", opt->service, &child, answer);
	buf_finish(&child);
	return status;
}

/* The id of the item, for scripts: it may be the service that has made it. */
static void show_id(xmpp_stanza_t *answer, const struct options *opt)
{
	xmpp_stanza_t *pubsub = stanza_child(answer, "pubsub", NS_PUBSUB);
	xmpp_stanza_t *publish = stanza_child(pubsub, "publish", NS_PUBSUB);
	xmpp_stanza_t *item = stanza_child(publish, "item", NS_PUBSUB);

	if (opt->xml)
		print_xml(answer);
	else if (item != NULL)
		puts(stanza_attr(item, "id"));
	else if (opt->id != NULL)
		puts(opt->id);
}

static enum exit_status publish_all(
	const struct options *opt, const struct payload *payloads, size_t count)
{
	struct session *session;
	enum exit_status status = session_open(opt, &session);
	xmpp_stanza_t *answer = NULL;
	size_t i;

	for (i = 0; i < count && status == EXIT_DONE; i++)
		if (payloads[i].xml.len > 0)
			status = publish(session, opt, &payloads[i], &answer);
	if (status == EXIT_DONE)
		show_id(answer, opt);
	session_close(session);
	return status;
}

static bool node_is_known(const struct options *opt, const struct payload *payload)
{
	return payload->node != NULL || option_is_given(opt->node, "node");
}

enum exit_status publish_run(const struct options *opt)
{
	struct arena *arena = arena_create();
	struct payload payloads[2] = {{0}, {0}}; /* an avatar's data come before its metadata */
	enum exit_status status;

	if (strcmp(opt->args[0], "avatar") == 0)
		status = avatar_build(opt->arg_count > 1 ? opt->args[1] : NULL, arena, &payloads[0],
			&payloads[1]);
	else
		status = payload_build(opt, arena, &payloads[1]);
	if (status == EXIT_DONE && !node_is_known(opt, &payloads[1]))
		status = EXIT_MISUSE;
	if (status == EXIT_DONE)
		status = publish_all(opt, payloads, 2);
	buf_finish(&payloads[0].xml);
	buf_finish(&payloads[1].xml);
	arena_destroy(arena);
	return status;
}
