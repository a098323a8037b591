/* disco.c - service discovery (XEP-0030) of services and nodes, with their meta-data: XEP-0060
 * 5.1 to 5.5. */
#include <inttypes.h>
#include <string.h>

#include "codec/form.h"
#include "codec/request.h"
#include "codec/rsm.h"
#include "peppy/clock.h"

#define FORM_META_DATA "http://jabber.org/protocol/pubsub#meta-data"

/* XEP-0462: only nodes of these types, or all but them. */
static enum pubsub_error parse_filter(const struct xml_stanza *stanza,
	const struct xml_element *query, struct pubsub_request *out)
{
	const struct xml_element *filter = xml_child(query, NS_FILTER, "filter");
	const struct xml_element *x = filter != NULL ? xml_child(filter, NS_DATA, "x") : NULL;
	struct pubsub_texts form_type, included, excluded;

	if (filter == NULL)
		return PUBSUB_OK;
	if (x == NULL)
		return PUBSUB_ERR_BAD_REQUEST;
	form_type = form_values(x, "FORM_TYPE", stanza->arena);
	included = form_values(x, "included-types", stanza->arena);
	excluded = form_values(x, "excluded-types", stanza->arena);
	if (form_type.n != 1 || strcmp(form_type.v[0], NS_FILTER) != 0 ||
		(included.n > 0 && excluded.n > 0))
		return PUBSUB_ERR_BAD_REQUEST;
	if (included.n > 0)
		out->type_filter = PUBSUB_TYPES_INCLUDED;
	else if (excluded.n > 0)
		out->type_filter = PUBSUB_TYPES_EXCLUDED;
	out->types = included.n > 0 ? included : excluded;
	return PUBSUB_OK;
}

CODEC_PARSE(disco)
{
	enum pubsub_error err = parse_filter(stanza, el, out);

	(void)detail_out;
	out->node_id = request_attr(el, "node");
	return err != PUBSUB_OK ? err : rsm_parse(el, &out->rsm);
}

/* ---- meta-data (5.4) ---- */

/* A field that configuration has too keeps its value and type; the others are made here. */
struct metadata {
	struct xml_writer *w;
	struct arena *arena;
	const struct pubsub_node *node;
	const struct pubsub_answer *answer;
};

static void put_values(const struct metadata *meta, const char *var, const char *type,
	const char *label, struct pubsub_texts values)
{
	if (values.n > 0)
		form_field(meta->w, var, type, label, values);
}

static void put_text(const struct metadata *meta, const char *var, const char *type,
	const char *label, const char *text)
{
	if (text != NULL)
		put_values(meta, var, type, label, (struct pubsub_texts){&text, 1});
}

static void put_number(
	const struct metadata *meta, const char *var, const char *label, uint64_t number)
{
	put_text(meta, var, "text-single", label, arena_printf(meta->arena, "%" PRIu64, number));
}

static void put_config(
	const struct metadata *meta, const char *var, const char *type, const char *label)
{
	const struct pubsub_field *field = pubsub_field_find(&pubsub_node_config_type, var);

	put_values(meta, var, type, label,
		pubsub_field_values(field, &meta->node->config, meta->arena));
}

static void put_affiliates(const struct metadata *meta, const char *var, const char *label,
	enum pubsub_affiliation affiliation)
{
	const struct pubsub_answer *answer = meta->answer;
	const char **v = arena_alloc(meta->arena, answer->affiliate_count * sizeof *v);
	size_t n = 0;

	for (size_t i = 0; i < answer->affiliate_count; i++)
		if (answer->affiliates[i].affiliation == affiliation)
			v[n++] = answer->affiliates[i].jid;
	put_values(meta, var, "jid-multi", label, (struct pubsub_texts){v, n});
}

static void put_metadata(struct xml_writer *w, const struct pubsub_answer *answer)
{
	const struct pubsub_node *node = answer->node;
	struct metadata meta = {w, arena_create(), node, answer};
	const char *type = pubsub_node_type_of(node);
	char created[CLOCK_STAMP_SIZE];

	clock_stamp_render(node->created_us, created);
	form_open(w, "result", FORM_META_DATA);
	put_text(&meta, "pubsub#type", "text-single", "Payload semantic type information", type);
	put_config(&meta, "pubsub#title", "text-single", "A short name for the node");
	put_config(&meta, "pubsub#description", "text-single", "A description of the node");
	put_config(&meta, "pubsub#language", "list-single", "Default language");
	put_config(&meta, "pubsub#contact", "jid-multi", "People to contact with questions");
	put_config(&meta, "pubsub#access_model", "list-single", "Access model");
	put_config(&meta, "pubsub#publish_model", "list-single", "Publish model");
	if (node->config.node_type == PUBSUB_NODE_LEAF)
		put_config(&meta, "pubsub#max_items", "text-single", "Max # of items to persist");
	put_text(&meta, "pubsub#creator", "jid-single", "Node creator", node->creator);
	put_text(&meta, "pubsub#creation_date", "text-single", "Creation date", created);
	put_affiliates(&meta, "pubsub#owner", "Node owners", PUBSUB_AFFILIATION_OWNER);
	put_affiliates(
		&meta, "pubsub#publisher", "Publishers to this node", PUBSUB_AFFILIATION_PUBLISHER);
	put_number(&meta, "pubsub#num_subscribers", "Number of subscribers to this node",
		node->subscribers);
	if (node->config.node_type == PUBSUB_NODE_LEAF)
		put_number(&meta, "pubsub#num_items", "Number of items of this node", node->items);
	xml_end(w);
	arena_destroy(meta.arena);
}

/* ---- answers ---- */

void codec_disco_info_render(
	struct xml_writer *w, const struct codec_disco *disco, const struct pubsub_answer *answer)
{
	xml_start_ns(w, "query", NS_DISCO_INFO);
	xml_put_attr(w, "node", disco->node);
	for (size_t i = 0; i < disco->identity_count; i++) {
		xml_start(w, "identity");
		xml_put_attr(w, "category", disco->identities[i].category);
		xml_put_attr(w, "type", disco->identities[i].type);
		xml_put_attr(w, "name", disco->identities[i].name);
		xml_end(w);
	}
	for (size_t i = 0; i < disco->feature_count; i++) {
		xml_start(w, "feature");
		xml_put_attr(w, "var", disco->features[i]);
		xml_end(w);
	}
	if (answer != NULL && answer->node != NULL)
		put_metadata(w, answer);
	xml_end(w);
}

static void put_item(struct xml_writer *w, const char *jid, const char *node_id, const char *name)
{
	xml_start(w, "item");
	xml_put_attr(w, "jid", jid);
	xml_put_attr(w, "node", node_id);
	xml_put_attr(w, "name", name);
	xml_end(w);
}

/* 5.2: nodes have a node, and their title as name. 5.5: items have their id as name, no node. */
CODEC_RENDER(disco_items)
{
	xml_start_ns(w, "query", NS_DISCO_ITEMS);
	xml_put_attr(w, "node", request->node_id);
	for (size_t i = 0; i < answer->node_count; i++)
		put_item(w, request->service, answer->nodes[i].node_id,
			answer->nodes[i].config.title);
	for (size_t i = 0; i < answer->item_count; i++)
		put_item(w, request->service, NULL, answer->items[i].id);
	rsm_render(w, &answer->page);
	xml_end(w);
}
