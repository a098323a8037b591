/* Elements of XEP-0227 to records. */
#include "pie_elements.h"

#include <stdlib.h>
#include <string.h>

#include "peppy/clock.h"
#include "peppy/codec.h"
#include "peppy/memory.h"
#include "peppy/pep.h"

static void replace_text(char **text, const char *by)
{
	free(*text);
	*text = memory_strdup(by);
}

static bool refuse(struct pie_state *state, const char *why)
{
	state->why = why;
	return false;
}

static bool take(struct pie_state *state, struct exchange_record *record)
{
	record->service = state->service;
	if (record->node_id == NULL)
		record->node_id = state->node;
	return state->take(state->ctx, record);
}

void pie_pass_over(struct pie_state *state, const char *what)
{
	size_t *n = map_find(state->passed_over, what);

	if (n == NULL) {
		n = memory_alloc(sizeof *n);
		map_put(state->passed_over, what, n);
	}
	++*n;
}

/* ---- what elements hold ---- */

static bool stamp_of(const struct xml_element *el, const char *name, uint64_t *out)
{
	const char *text = el != NULL ? xml_attr(el, name) : NULL;

	*out = 0;
	return text == NULL || clock_stamp_parse(text, out);
}

/* Of the children that are called so. */
static struct pubsub_texts texts_of(
	struct pie_state *state, const struct xml_element *parent, const char *ns, const char *name)
{
	const struct xml_element *el = xml_child(parent, ns, name);
	const char **v;
	size_t n = 0;

	for (; el != NULL; el = xml_next(el, ns, name))
		n++;
	v = arena_alloc(state->arena, n * sizeof *v);
	el = xml_child(parent, ns, name);
	for (n = 0; el != NULL; el = xml_next(el, ns, name))
		v[n++] = el->text;
	return (struct pubsub_texts){v, n};
}

/* Servers write fields without a value for what they do not know. */
static bool set_field(struct pie_state *state, const struct pubsub_form_type *type,
	const struct xml_element *el, void *record)
{
	const char *var = xml_attr(el, "var");
	const struct pubsub_texts values = texts_of(state, el, NS_DATA, "value");
	const struct pubsub_field *field = var != NULL ? pubsub_field_find(type, var) : NULL;

	if (var == NULL || strcmp(var, "FORM_TYPE") == 0)
		return true;
	if (field == NULL) {
		pie_pass_over(state, arena_printf(state->arena, "field %s", var));
		return true;
	}
	if (pubsub_field_set(field, values, state->arena, record) || values.n == 0)
		return true;
	return refuse(state, arena_printf(state->arena, "%s cannot be '%s'", var, values.v[0]));
}

static bool read_form(struct pie_state *state, const struct xml_element *parent,
	const struct pubsub_form_type *type, void *record)
{
	const struct xml_element *x = parent != NULL ? xml_child(parent, NS_DATA, "x") : NULL;
	const struct xml_element *field = x != NULL ? xml_child(x, NS_DATA, "field") : NULL;

	for (; field != NULL; field = xml_next(field, NS_DATA, "field"))
		if (!set_field(state, type, field, record))
			return false;
	return true;
}

/* What an account's node is without more being said: not open to everybody. */
static void set_defaults(struct pie_state *state, struct pubsub_node_config *config)
{
	const struct pubsub_node_config account = pep_config_default();

	*config = pubsub_node_config_default;
	if (strchr(state->service, '@') != NULL)
		pep_node_defaults(&account, state->node, config);
}

bool pie_take_configure(struct pie_state *state, const struct xml_stanza *stanza)
{
	const struct xml_element *el = stanza->root, *made = xml_child(el, PIE_NS_OWN, "made");
	struct exchange_record record = {.kind = EXCHANGE_NODE};
	const char *node_id = xml_attr(el, "node");

	if (node_id == NULL)
		return refuse(state, "a node needs a name");
	replace_text(&state->node, node_id);
	set_defaults(state, &record.node.config);
	if (!read_form(state, el, &pubsub_node_config_type, &record.node.config))
		return false;
	if (!stamp_of(made, "at", &record.node.created_us))
		return refuse(state, "the node was made at no time");
	record.node.creator = made != NULL ? xml_attr(made, "by") : NULL;
	state->foreign = made == NULL;
	if (state->foreign && strchr(state->service, '@') != NULL)
		record.node.creator = state->service;
	return take(state, &record);
}

static bool jid_of(struct pie_state *state, const struct xml_element *el, struct jid *out)
{
	const char *text = xml_attr(el, "jid");

	return text != NULL && jid_parse(text, state->arena, out);
}

static int word_of(const struct xml_element *el, const char *name, const struct pubsub_words *words)
{
	const char *word = xml_attr(el, name);

	return word != NULL ? pubsub_word_find(words, word) : -1;
}

bool pie_take_affiliation(struct pie_state *state, const struct xml_stanza *stanza)
{
	const int word = word_of(stanza->root, "affiliation", &pubsub_affiliation_words);
	struct exchange_record record = {.kind = EXCHANGE_AFFILIATION};
	struct jid jid;

	if (word < 0 || !jid_of(state, stanza->root, &jid))
		return refuse(state, "an affiliation needs jid and affiliation");
	record.affiliate.jid = jid.bare;
	record.affiliate.affiliation = (enum pubsub_affiliation)word;
	if (state->foreign && word == PUBSUB_AFFILIATION_OWNER &&
		strcmp(jid.bare, state->service) == 0)
		return true; /* an account always owns its nodes */
	return take(state, &record);
}

/* Prosody 0.12 writes subscribed='subscribed'. */
bool pie_take_subscription(struct pie_state *state, const struct xml_stanza *stanza)
{
	const struct xml_element *el = stanza->root;
	struct exchange_record record = {.kind = EXCHANGE_SUBSCRIPTION};
	struct pubsub_subscription *row = &record.subscription.row;
	int word = word_of(el, "subscription", &pubsub_subscription_state_words);

	if (word < 0)
		word = word_of(el, "subscribed", &pubsub_subscription_state_words);
	if (word < 0 || !jid_of(state, el, &row->subscriber))
		return refuse(state, "a subscription needs jid and subscription");
	row->state = (enum pubsub_subscription_state)word;
	row->sub_id = xml_attr(el, "subid");
	row->options = pubsub_subscribe_options_default;
	record.subscription.waiting = texts_of(state, el, PIE_NS_OWN, "waiting");
	return read_form(state, xml_child(el, NS_PUBSUB_OWNER, "options"),
		       &pubsub_subscribe_options_type, &row->options) &&
	       take(state, &record);
}

bool pie_take_child(struct pie_state *state, const struct xml_stanza *stanza)
{
	struct exchange_record record = {
		.kind = EXCHANGE_CHILD,
		.node_id = xml_attr(stanza->root, "node"),
		.collection = xml_attr(stanza->root, "collection"),
	};

	if (record.node_id == NULL || record.collection == NULL)
		return refuse(state, "a child needs node and collection");
	return take(state, &record);
}

bool pie_take_times(struct pie_state *state, const struct xml_stanza *stanza)
{
	return (stamp_of(stanza->root, "published", &state->published_us) &&
		       stamp_of(stanza->root, "created", &state->created_us)) ||
	       refuse(state, "the item was published at no time");
}

bool pie_take_item(struct pie_state *state, const struct xml_stanza *stanza)
{
	const struct xml_element *el = stanza->root, *payload = el->first;
	struct exchange_record record = {.kind = EXCHANGE_ITEM};
	struct pubsub_item *item = &record.item;
	const char *publisher = xml_attr(el, "publisher");
	struct jid jid;

	item->id = xml_attr(el, "id");
	item->published_us = state->published_us;
	item->created_us = state->created_us;
	state->published_us = state->created_us = 0;
	if (publisher != NULL && !jid_parse(publisher, state->arena, &jid))
		return refuse(state, "the publisher is not a JID");
	item->publisher = publisher != NULL ? jid.bare : NULL;
	if (payload != NULL) {
		item->payload = xml_standalone(stanza, payload, &item->payload_len);
		item->payload_ns = payload->ns;
		item->payload_name = payload->name;
	}
	if (payload != NULL && payload->next != NULL)
		return refuse(state, "an item holds one element");
	return take(state, &record);
}

/* ---- elements that are entered ---- */

bool pie_enter_host(struct pie_state *state, const struct xml_element *el)
{
	const char *jid = xml_attr(el, "jid");

	replace_text(&state->host, jid);
	return jid != NULL || refuse(state, "a host needs a JID");
}

static bool set_service(struct pie_state *state, const char *text)
{
	struct jid jid;

	if (text == NULL || !jid_parse(text, state->arena, &jid) || jid.resource != NULL)
		return refuse(state, "this makes no JID");
	replace_text(&state->service, jid.bare);
	return true;
}

bool pie_enter_user(struct pie_state *state, const struct xml_element *el)
{
	const char *name = xml_attr(el, "name");

	if (name == NULL || state->host == NULL)
		return refuse(state, "a user needs a name");
	return set_service(state, arena_printf(state->arena, "%s@%s", name, state->host));
}

bool pie_enter_service(struct pie_state *state, const struct xml_element *el)
{
	return set_service(state, xml_attr(el, "jid"));
}

bool pie_enter_group(struct pie_state *state, const struct xml_element *el)
{
	const char *node_id = xml_attr(el, "node");

	replace_text(&state->node, node_id);
	return node_id != NULL || refuse(state, "which node?");
}
