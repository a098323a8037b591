/* node.c - peppy node create, configure, purge, delete (XEP-0060, section 8). */
#include <stdio.h>

#include "client.h"

static void show_created(xmpp_stanza_t *answer, const struct options *opt)
{
	xmpp_stanza_t *pubsub = stanza_child(answer, "pubsub", NS_PUBSUB);
	xmpp_stanza_t *create = stanza_child(pubsub, "create", NS_PUBSUB);

	if (create != NULL)
		puts(stanza_attr(create, "node")); /* an instant node: the service has named it */
	else if (opt->node != NULL)
		puts(opt->node);
}

enum exit_status node_create_run(const struct options *opt)
{
	struct buf child = {0};
	struct xml_writer w = request_start(&child, NS_PUBSUB, "create", opt);

	xml_end(&w);
	if (opt->field_count > 0) {
		xml_start(&w, "configure");
		form_write(&w, NS_PUBSUB "#node_config", opt);
		xml_end(&w);
	}
	xml_end(&w);
	return request_run(opt, "set", &child, show_created);
}

static void show_form(xmpp_stanza_t *answer, const struct options *opt)
{
	xmpp_stanza_t *pubsub = stanza_child(answer, "pubsub", NS_PUBSUB_OWNER);
	xmpp_stanza_t *configure = stanza_child(pubsub, "configure", NS_PUBSUB_OWNER);
	xmpp_stanza_t *form = stanza_child(configure, "x", NS_DATA_FORM);

	(void)opt;
	if (form != NULL)
		form_print(form);
}

/* <pubsub#owner><WHAT node=.../>: all that owners do looks like this. */
static enum exit_status owner_run(
	const struct options *opt, const char *type, const char *what, request_show_fn show_answer)
{
	struct buf child = {0};
	struct xml_writer w;

	if (!option_is_given(opt->node, "node"))
		return EXIT_MISUSE;
	w = request_start(&child, NS_PUBSUB_OWNER, what, opt);
	if (opt->field_count > 0)
		form_write(&w, NS_PUBSUB "#node_config", opt);
	xml_end(&w);
	xml_end(&w);
	return request_run(opt, type, &child, show_answer);
}

enum exit_status node_configure_run(const struct options *opt)
{
	if (opt->field_count > 0)
		return owner_run(opt, "set", "configure", NULL);
	return owner_run(opt, "get", "configure", show_form);
}

enum exit_status node_purge_run(const struct options *opt)
{
	return owner_run(opt, "set", "purge", NULL);
}

enum exit_status node_delete_run(const struct options *opt)
{
	return owner_run(opt, "set", "delete", NULL);
}
