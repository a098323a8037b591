/* Records as lines of JSON. */
#include "exchange.h"

#include <string.h>

#include "peppy/clock.h"
#include "peppy/xml.h"

#include "fields.h"

#define FORMAT "peppy-export"
#define VERSION 1
#define TAIL "end"

static const struct xml_limits payload_limits = {.depth = 512};

static const char *const roster_words[] = {
	[STORE_ROSTER_NONE] = "none",
	[STORE_ROSTER_TO] = "to",
	[STORE_ROSTER_FROM] = "from",
	[STORE_ROSTER_BOTH] = "both",
};

json_t *lines_head(void)
{
	return json_pack("{s:s, s:i}", "type", FORMAT, "version", VERSION);
}

json_t *lines_tail(uint64_t records)
{
	return json_pack("{s:s, s:I}", "type", TAIL, "records", (json_int_t)records);
}

/* ---- out ---- */

static json_t *render_node(const struct exchange_record *record, struct arena *arena)
{
	const struct pubsub_node *node = &record->node;
	json_t *config = fields_to_json(&pubsub_node_config_type, &node->config, arena);

	json_object_del(config, "collection"); /* children come for themselves */
	json_object_del(config, "children");
	return json_pack("{s:s*, s:o, s:o}", "creator", node->creator, "created",
		stamp_to_json(node->created_us), "config", config);
}

static json_t *render_affiliation(const struct exchange_record *record, struct arena *arena)
{
	(void)arena;
	return json_pack("{s:s, s:s}", "jid", record->affiliate.jid, "affiliation",
		pubsub_affiliation_words.v[record->affiliate.affiliation]);
}

static json_t *render_subscription(const struct exchange_record *record, struct arena *arena)
{
	const struct pubsub_subscription *row = &record->subscription.row;
	const struct pubsub_texts waiting = record->subscription.waiting;
	json_t *list = waiting.n > 0 ? json_array() : NULL;

	for (size_t i = 0; i < waiting.n; i++)
		json_array_append_new(list, json_string(waiting.v[i]));
	return json_pack("{s:s, s:s*, s:s, s:o, s:o*}", "jid", row->subscriber.full, "subid",
		row->sub_id, "state", pubsub_subscription_state_words.v[row->state], "options",
		fields_to_json(&pubsub_subscribe_options_type, &row->options, arena), "waiting",
		list);
}

static json_t *render_child(const struct exchange_record *record, struct arena *arena)
{
	(void)arena;
	return json_pack("{s:s}", "collection", record->collection);
}

static json_t *render_item(const struct exchange_record *record, struct arena *arena)
{
	const struct pubsub_item *item = &record->item;
	json_t *object = json_pack("{s:s, s:s*, s:o, s:o}", "item", item->id, "publisher",
		item->publisher, "published", stamp_to_json(item->published_us), "created",
		stamp_to_json(item->created_us));

	(void)arena;
	if (item->expires_us != 0)
		json_object_set_new(object, "expires", stamp_to_json(item->expires_us));
	if (item->payload != NULL)
		json_object_set_new(
			object, "payload", json_stringn(item->payload, item->payload_len));
	return object;
}

static json_t *render_contact(const struct exchange_record *record, struct arena *arena)
{
	(void)arena;
	return json_pack("{s:s, s:s, s:s}", "account", record->service, "jid", record->contact.jid,
		"subscription", roster_words[record->contact.subscription]);
}

/* ---- in ---- */

/* NULL: it is not there, or is no text that XML can carry. */
static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL && xml_text_is_valid(text) ? text : NULL;
}

static bool jid_of(const json_t *object, struct arena *arena, struct jid *out)
{
	const char *text = text_of(object, "jid");

	return text != NULL && jid_parse(text, arena, out);
}

/* Absent, it is 0. */
static bool stamp_of(const json_t *object, const char *name, uint64_t *out)
{
	const char *text = json_string_value(json_object_get(object, name));

	*out = 0;
	return json_object_get(object, name) == NULL ||
	       (text != NULL && clock_stamp_parse(text, out));
}

static bool fields_of(const json_t *object, const char *name, const struct pubsub_form_type *type,
	struct arena *arena, void *record)
{
	const json_t *fields = json_object_get(object, name);
	uint64_t set;

	return fields == NULL || (json_is_object(fields) && fields_from_json(type, fields, arena,
								    record, &set) == NULL);
}

static int word_of(const json_t *object, const char *name, const struct pubsub_words *words)
{
	const char *text = text_of(object, name);

	return text == NULL ? -1 : pubsub_word_find(words, text);
}

static const char *parse_node(
	const json_t *object, struct arena *arena, struct exchange_record *out)
{
	out->node = (struct pubsub_node){
		.creator = text_of(object, "creator"), .config = pubsub_node_config_default};
	if (!stamp_of(object, "created", &out->node.created_us))
		return "a node needs service, node and created";
	if (!fields_of(object, "config", &pubsub_node_config_type, arena, &out->node.config))
		return "the configuration is wrong";
	return NULL;
}

static const char *parse_affiliation(
	const json_t *object, struct arena *arena, struct exchange_record *out)
{
	const int affiliation = word_of(object, "affiliation", &pubsub_affiliation_words);
	struct jid jid;

	if (affiliation < 0 || !jid_of(object, arena, &jid))
		return "an affiliation needs jid and affiliation";
	out->affiliate = (struct pubsub_affiliate){
		.jid = jid.bare, .affiliation = (enum pubsub_affiliation)affiliation};
	return NULL;
}

static bool waiting_of(const json_t *object, struct arena *arena, struct pubsub_texts *out)
{
	const json_t *list = json_object_get(object, "waiting");
	const size_t n = json_array_size(list);
	const char **v = arena_alloc(arena, n * sizeof *v);

	for (size_t i = 0; i < n; i++) {
		v[i] = json_string_value(json_array_get(list, i));
		if (v[i] == NULL || !xml_text_is_valid(v[i]))
			return false;
	}
	*out = (struct pubsub_texts){v, n};
	return list == NULL || json_is_array(list);
}

static const char *parse_subscription(
	const json_t *object, struct arena *arena, struct exchange_record *out)
{
	const int state = word_of(object, "state", &pubsub_subscription_state_words);
	struct pubsub_subscription *row = &out->subscription.row;

	*row = (struct pubsub_subscription){
		.sub_id = text_of(object, "subid"), .options = pubsub_subscribe_options_default};
	if (!jid_of(object, arena, &row->subscriber) || state < 0)
		return "a subscription needs jid and state";
	row->state = (enum pubsub_subscription_state)state;
	if (!fields_of(object, "options", &pubsub_subscribe_options_type, arena, &row->options))
		return "the options are wrong";
	return waiting_of(object, arena, &out->subscription.waiting)
		       ? NULL
		       : "what waits has to be a list of texts";
}

static const char *parse_child(
	const json_t *object, struct arena *arena, struct exchange_record *out)
{
	(void)arena;
	out->collection = text_of(object, "collection");
	return out->collection != NULL ? NULL : "a child needs a collection";
}

static const char *parse_item(
	const json_t *object, struct arena *arena, struct exchange_record *out)
{
	const char *payload = json_string_value(json_object_get(object, "payload"));
	struct pubsub_item *item = &out->item;
	struct xml_stanza document;

	*item = (struct pubsub_item){
		.id = text_of(object, "item"), .publisher = text_of(object, "publisher")};
	if (item->id == NULL || !stamp_of(object, "published", &item->published_us) ||
		!stamp_of(object, "created", &item->created_us) || item->published_us == 0)
		return "an item needs item and published";
	if (payload == NULL)
		return NULL;
	if (!xml_document_parse(&payload_limits, payload, strlen(payload), arena, &document))
		return "the payload is not one XML element";
	item->payload = xml_standalone(&document, document.root, &item->payload_len);
	item->payload_ns = document.root->ns;
	item->payload_name = document.root->name;
	return NULL;
}

static const char *parse_contact(
	const json_t *object, struct arena *arena, struct exchange_record *out)
{
	(void)object, (void)arena, (void)out;
	return NULL;
}

/* ---- kinds ---- */

static const struct line {
	const char *type;
	json_t *(*render)(const struct exchange_record *record, struct arena *arena);
	const char *(*parse)(
		const json_t *object, struct arena *arena, struct exchange_record *out);
} rows[EXCHANGE_COUNT] = {
	/* clang-format off */
	[EXCHANGE_NODE]         = {"node", render_node, parse_node},
	[EXCHANGE_AFFILIATION]  = {"affiliation", render_affiliation, parse_affiliation},
	[EXCHANGE_SUBSCRIPTION] = {"subscription", render_subscription, parse_subscription},
	[EXCHANGE_CHILD]        = {"child", render_child, parse_child},
	[EXCHANGE_ITEMS]        = {NULL, NULL, NULL},
	[EXCHANGE_ITEM]         = {"item", render_item, parse_item},
	[EXCHANGE_CONTACT]      = {"contact", render_contact, parse_contact},
	/* clang-format on */
};

json_t *lines_render(const struct exchange_record *record, struct arena *arena)
{
	const struct line *row = &rows[record->kind];
	json_t *object;

	if (row->render == NULL)
		return NULL;
	object = json_pack("{s:s}", "type", row->type);
	if (record->node_id != NULL)
		json_object_update_new(object, json_pack("{s:s, s:s}", "service", record->service,
						       "node", record->node_id));
	json_object_update_new(object, row->render(record, arena));
	return object;
}

bool lines_is_head(const json_t *object)
{
	const char *type = json_string_value(json_object_get(object, "type"));

	return type != NULL && strcmp(type, FORMAT) == 0 &&
	       json_integer_value(json_object_get(object, "version")) == VERSION;
}

bool lines_is_tail(const json_t *object)
{
	const char *type = json_string_value(json_object_get(object, "type"));

	return type != NULL && strcmp(type, TAIL) == 0;
}

static const struct line *find_row(const json_t *object)
{
	const char *type = json_string_value(json_object_get(object, "type"));

	for (size_t i = 0; type != NULL && i < EXCHANGE_COUNT; i++)
		if (rows[i].type != NULL && strcmp(type, rows[i].type) == 0)
			return &rows[i];
	return NULL;
}

const char *lines_parse(const json_t *object, struct arena *arena, struct exchange_record *out)
{
	const struct line *row = find_row(object);

	if (row == NULL)
		return "this is not an object of an export";
	*out = (struct exchange_record){
		.kind = (enum exchange_kind)(row - rows),
		.service = text_of(object, "service"),
		.node_id = text_of(object, "node"),
	};
	if (out->kind == EXCHANGE_NODE && (out->service == NULL || out->node_id == NULL))
		return "a node needs service, node and created";
	return row->parse(object, arena, out);
}
