/* Commands that prepare what a flow is about, by requests like anybody's. Their answers have to be
 * results; what else goes out because of them is not looked at. */
#include "run.h"

#include <string.h>

#include "peppy/buf.h"
#include "peppy/codec.h"

/* Words are parted by blanks and line ends; $names in them are replaced afterwards, so that a value
 * may hold blanks. */
static char *next_word(struct flow *flow, char *text, char **save)
{
	char *word = strtok_r(text, " \n", save);

	return word == NULL ? NULL : flow_expand(word, flow->captures, flow->arena);
}

/* The words KEY=VALUE; NULL: this is none. */
static char *value_of(char *word)
{
	char *value = strchr(word, '=');

	if (value != NULL)
		*value++ = '\0';
	return value;
}

/* ---- requests ---- */

struct setup {
	struct flow *flow;
	struct buf xml;
	struct xml_writer w;
};

static void open_request(struct setup *setup, const char *from, const char *ns)
{
	setup->w = xml_writer(&setup->xml);
	xml_start(&setup->w, "iq");
	xml_put_attr(&setup->w, "type", "set");
	xml_put_attr(&setup->w, "id", "setup");
	xml_put_attr(&setup->w, "from", arena_printf(setup->flow->arena, "%s/setup", from));
	xml_put_attr(&setup->w, "to", setup->flow->components[setup->flow->link].jid);
	xml_start_ns(&setup->w, "pubsub", ns);
}

static bool send_request(struct setup *setup)
{
	struct flow *flow = setup->flow;
	struct out_stanza **answers = flow->sent_end;
	const char *why = "no answer", *xml;
	bool done = false;

	while (setup->w.depth > 0)
		xml_end(&setup->w);
	xml = arena_memdup(flow->arena, setup->xml.data, setup->xml.len);
	buf_finish(&setup->xml);
	run_feed(flow, xml);
	for (struct out_stanza *sent = *answers; sent != NULL; sent = sent->next) {
		sent->expected = true;
		done = done || flow_match("<iq type='result' id='setup'><etc/></iq>", sent->xml,
				       flow->captures, flow->arena, &why);
	}
	return done || run_fail(flow, arena_printf(flow->arena, "%s: %s", xml, why));
}

/* ---- node NODEID owner=JID [FIELD=VALUE …] ---- */

static void open_form(struct xml_writer *w)
{
	xml_start(w, "configure");
	xml_start_ns(w, "x", NS_DATA);
	xml_put_attr(w, "type", "submit");
	xml_start(w, "field");
	xml_put_attr(w, "var", "FORM_TYPE");
	xml_leaf(w, "value", NS_PUBSUB "#node_config");
	xml_end(w);
}

bool setup_node(struct flow *flow, char *text)
{
	struct setup setup = {.flow = flow};
	char *save, *node_id = next_word(flow, text, &save), *owner = next_word(flow, NULL, &save);

	if (owner == NULL || strncmp(owner, "owner=", strlen("owner=")) != 0)
		return run_fail(flow, "node NODEID owner=JID [FIELD=VALUE …]");
	open_request(&setup, value_of(owner), NS_PUBSUB);
	xml_start(&setup.w, "create");
	xml_put_attr(&setup.w, "node", node_id);
	xml_end(&setup.w);
	open_form(&setup.w);
	for (char *word; (word = next_word(flow, NULL, &save)) != NULL;) {
		char *value = value_of(word);

		xml_start(&setup.w, "field");
		xml_put_attr(&setup.w, "var", arena_printf(flow->arena, "pubsub#%s", word));
		xml_leaf(&setup.w, "value", value);
		xml_end(&setup.w);
	}
	return send_request(&setup);
}

/* ---- publish NODEID from=JID ID … ---- */

static bool publish_one(
	struct flow *flow, const char *from, const char *node_id, const char *item_id)
{
	struct setup setup = {.flow = flow};

	open_request(&setup, from, NS_PUBSUB);
	xml_start(&setup.w, "publish");
	xml_put_attr(&setup.w, "node", node_id);
	xml_start(&setup.w, "item");
	xml_put_attr(&setup.w, "id", item_id);
	xml_start_ns(&setup.w, "entry", "http://www.w3.org/2005/Atom");
	xml_leaf(&setup.w, "title", item_id);
	return send_request(&setup);
}

bool setup_publish(struct flow *flow, char *text)
{
	char *save, *node_id = next_word(flow, text, &save), *from = next_word(flow, NULL, &save);
	bool done = true;

	if (from == NULL || strncmp(from, "from=", strlen("from=")) != 0)
		return run_fail(flow, "publish NODEID from=JID ID …");
	from = value_of(from);
	for (char *id; done && (id = next_word(flow, NULL, &save)) != NULL;)
		done = publish_one(flow, from, node_id, id);
	return done;
}

/* ---- subscribe NODEID JID … ---- */

static bool subscribe_one(struct flow *flow, const char *node_id, const char *jid)
{
	struct setup setup = {.flow = flow};

	open_request(&setup, arena_memdup(flow->arena, jid, strcspn(jid, "/")), NS_PUBSUB);
	xml_start(&setup.w, "subscribe");
	xml_put_attr(&setup.w, "node", node_id);
	xml_put_attr(&setup.w, "jid", jid);
	return send_request(&setup);
}

bool setup_subscribe(struct flow *flow, char *text)
{
	char *save, *node_id = next_word(flow, text, &save);
	bool done = true;

	for (char *jid; done && (jid = next_word(flow, NULL, &save)) != NULL;)
		done = subscribe_one(flow, node_id, jid);
	return done;
}

/* ---- affiliations NODEID owner=JID JID=AFFILIATION … ---- */

bool setup_affiliations(struct flow *flow, char *text)
{
	struct setup setup = {.flow = flow};
	char *save, *node_id = next_word(flow, text, &save), *owner = next_word(flow, NULL, &save);

	if (owner == NULL || strncmp(owner, "owner=", strlen("owner=")) != 0)
		return run_fail(flow, "affiliations NODEID owner=JID JID=AFFILIATION …");
	open_request(&setup, value_of(owner), NS_PUBSUB_OWNER);
	xml_start(&setup.w, "affiliations");
	xml_put_attr(&setup.w, "node", node_id);
	for (char *jid; (jid = next_word(flow, NULL, &save)) != NULL;) {
		char *affiliation = value_of(jid);

		xml_start(&setup.w, "affiliation");
		xml_put_attr(&setup.w, "jid", jid);
		xml_put_attr(&setup.w, "affiliation", affiliation);
		xml_end(&setup.w);
	}
	return send_request(&setup);
}
