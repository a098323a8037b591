/* Records to XEP-0227. */
#include "pie.h"

#include <stdlib.h>
#include <string.h>

#include "peppy/clock.h"
#include "peppy/codec.h"
#include "peppy/memory.h"
#include "peppy/xml.h"

enum section { SECTION_NONE, SECTION_OWNER, SECTION_ITEMS };

struct pie_writer {
	struct xml_writer xml;
	char *host;    /* NULL: none is open */
	char *service; /* likewise */
	unsigned service_depth;
	enum section section;
	const char *group; /* the element of several rows that is open; NULL: none */
	char *group_node;
};

/* ---- elements that hold others ---- */

static void close_to(struct pie_writer *writer, unsigned depth)
{
	while (writer->xml.depth > depth) {
		xml_put_raw(&writer->xml, "\n", 1);
		xml_end(&writer->xml);
	}
}

static void start_line(struct pie_writer *writer, const char *name, const char *ns)
{
	xml_put_raw(&writer->xml, "\n", 1);
	if (ns != NULL)
		xml_start_ns(&writer->xml, name, ns);
	else
		xml_start(&writer->xml, name);
}

static void replace_text(char **text, const char *by)
{
	free(*text);
	*text = by != NULL ? memory_strdup(by) : NULL;
}

static void close_group(struct pie_writer *writer)
{
	if (writer->group != NULL)
		close_to(writer, writer->service_depth + 1);
	writer->group = NULL;
}

static void open_host(struct pie_writer *writer, const char *host)
{
	if (writer->host != NULL && host != NULL && strcmp(writer->host, host) == 0) {
		close_to(writer, 2);
		return;
	}
	close_to(writer, 1);
	replace_text(&writer->host, host);
	if (host == NULL)
		return;
	start_line(writer, "host", NULL);
	xml_put_attr(&writer->xml, "jid", host);
}

static void open_user(struct pie_writer *writer, const char *name, size_t len)
{
	char *text = memory_strdup(name);

	text[len] = '\0';
	start_line(writer, "user", NULL);
	xml_put_attr(&writer->xml, "name", text);
	free(text);
}

static void open_service(struct pie_writer *writer, const char *service)
{
	const char *at = strchr(service, '@');

	if (writer->service != NULL && strcmp(writer->service, service) == 0)
		return;
	writer->group = NULL;
	writer->section = SECTION_NONE;
	open_host(writer, at != NULL ? at + 1 : NULL);
	replace_text(&writer->service, service);
	if (at != NULL) {
		open_user(writer, service, (size_t)(at - service));
	} else {
		start_line(writer, "service", PIE_NS_OWN);
		xml_put_attr(&writer->xml, "jid", service);
	}
	writer->service_depth = writer->xml.depth;
}

static void open_section(struct pie_writer *writer, enum section section)
{
	if (writer->section == section)
		return;
	close_group(writer);
	close_to(writer, writer->service_depth);
	start_line(writer, "pubsub", section == SECTION_OWNER ? NS_PUBSUB_OWNER : NS_PUBSUB);
	writer->section = section;
}

static void open_group(struct pie_writer *writer, const char *name, const char *node_id)
{
	if (writer->group != NULL && strcmp(writer->group, name) == 0 &&
		strcmp(writer->group_node, node_id) == 0)
		return;
	close_group(writer);
	start_line(writer, name, NULL);
	xml_put_attr(&writer->xml, "node", node_id);
	writer->group = name;
	replace_text(&writer->group_node, node_id);
}

/* ---- what belongs to one element ---- */

static void put_stamp(struct pie_writer *writer, const char *name, uint64_t wall_us)
{
	char stamp[CLOCK_STAMP_SIZE];

	if (wall_us == 0)
		return;
	clock_stamp_render(wall_us, stamp);
	xml_put_attr(&writer->xml, name, stamp);
}

static void put_field(struct pie_writer *writer, const char *var, struct pubsub_texts values)
{
	xml_start(&writer->xml, "field");
	xml_put_attr(&writer->xml, "var", var);
	for (size_t i = 0; i < values.n; i++)
		xml_leaf(&writer->xml, "value", values.v[i]);
	xml_end(&writer->xml);
}

/* Every field, so that no default of the reader's counts. */
static void put_form(struct pie_writer *writer, const struct pubsub_form_type *type,
	const void *record, struct arena *arena)
{
	xml_start_ns(&writer->xml, "x", NS_DATA);
	xml_put_attr(&writer->xml, "type", "submit");
	put_field(writer, "FORM_TYPE", (struct pubsub_texts){&type->form_type, 1});
	for (size_t i = 0; i < type->n; i++)
		put_field(writer, type->v[i].var, pubsub_field_values(&type->v[i], record, arena));
	xml_end(&writer->xml);
}

static void write_node(
	struct pie_writer *writer, const struct exchange_record *record, struct arena *arena)
{
	start_line(writer, "configure", NULL);
	xml_put_attr(&writer->xml, "node", record->node_id);
	put_form(writer, &pubsub_node_config_type, &record->node.config, arena);
	xml_start_ns(&writer->xml, "made", PIE_NS_OWN);
	xml_put_attr(&writer->xml, "by", record->node.creator);
	put_stamp(writer, "at", record->node.created_us);
	xml_end(&writer->xml);
	xml_end(&writer->xml);
}

static void write_affiliation(
	struct pie_writer *writer, const struct exchange_record *record, struct arena *arena)
{
	(void)arena;
	open_group(writer, "affiliations", record->node_id);
	start_line(writer, "affiliation", NULL);
	xml_put_attr(&writer->xml, "jid", record->affiliate.jid);
	xml_put_attr(&writer->xml, "affiliation",
		pubsub_affiliation_words.v[record->affiliate.affiliation]);
	xml_end(&writer->xml);
}

static void write_subscription(
	struct pie_writer *writer, const struct exchange_record *record, struct arena *arena)
{
	const struct pubsub_subscription *row = &record->subscription.row;
	const struct pubsub_texts waiting = record->subscription.waiting;

	open_group(writer, "subscriptions", record->node_id);
	start_line(writer, "subscription", NULL);
	xml_put_attr(&writer->xml, "jid", row->subscriber.full);
	xml_put_attr(&writer->xml, "subscription", pubsub_subscription_state_words.v[row->state]);
	xml_put_attr(&writer->xml, "subid", row->sub_id);
	xml_start(&writer->xml, "options");
	put_form(writer, &pubsub_subscribe_options_type, &row->options, arena);
	xml_end(&writer->xml);
	for (size_t i = 0; i < waiting.n; i++) {
		xml_start_ns(&writer->xml, "waiting", PIE_NS_OWN);
		xml_put_text(&writer->xml, waiting.v[i]);
		xml_end(&writer->xml);
	}
	xml_end(&writer->xml);
}

static void write_child(
	struct pie_writer *writer, const struct exchange_record *record, struct arena *arena)
{
	(void)arena;
	start_line(writer, "child", PIE_NS_OWN);
	xml_put_attr(&writer->xml, "node", record->node_id);
	xml_put_attr(&writer->xml, "collection", record->collection);
	xml_end(&writer->xml);
}

static void write_items(
	struct pie_writer *writer, const struct exchange_record *record, struct arena *arena)
{
	(void)arena;
	open_group(writer, "items", record->node_id);
}

/* The times stand before the item, not in it: servers take what is in it for its payload. */
static void write_item(
	struct pie_writer *writer, const struct exchange_record *record, struct arena *arena)
{
	const struct pubsub_item *item = &record->item;

	(void)arena;
	open_group(writer, "items", record->node_id);
	start_line(writer, "times", PIE_NS_OWN);
	put_stamp(writer, "published", item->published_us);
	put_stamp(writer, "created", item->created_us);
	xml_end(&writer->xml);
	xml_start(&writer->xml, "item");
	xml_put_attr(&writer->xml, "id", item->id);
	xml_put_attr(&writer->xml, "publisher", item->publisher);
	if (item->payload != NULL)
		xml_put_raw(&writer->xml, item->payload, item->payload_len);
	xml_end(&writer->xml);
}

/* ---- the document ---- */

static const struct {
	enum section section;
	bool in_group; /* else one that is open ends */
	void (*write)(struct pie_writer *writer, const struct exchange_record *record,
		struct arena *arena); /* NULL: there is no place for it */
} rows[EXCHANGE_COUNT] = {
	/* clang-format off */
	[EXCHANGE_NODE]         = {SECTION_OWNER, false, write_node},
	[EXCHANGE_AFFILIATION]  = {SECTION_OWNER, true, write_affiliation},
	[EXCHANGE_SUBSCRIPTION] = {SECTION_OWNER, true, write_subscription},
	[EXCHANGE_CHILD]        = {SECTION_OWNER, false, write_child},
	[EXCHANGE_ITEMS]        = {SECTION_ITEMS, true, write_items},
	[EXCHANGE_ITEM]         = {SECTION_ITEMS, true, write_item},
	[EXCHANGE_CONTACT]      = {SECTION_NONE, false, NULL},
	/* clang-format on */
};

void pie_write(struct pie_writer *writer, const struct exchange_record *record, struct arena *arena)
{
	if (rows[record->kind].write == NULL)
		return;
	open_service(writer, record->service);
	open_section(writer, rows[record->kind].section);
	if (!rows[record->kind].in_group)
		close_group(writer);
	rows[record->kind].write(writer, record, arena);
}

struct pie_writer *pie_writer_create(struct buf *out)
{
	struct pie_writer *writer = memory_alloc(sizeof *writer);

	writer->xml = xml_writer(out);
	buf_append_text(out, "<?xml version='1.0' encoding='UTF-8'?>\n");
	xml_start_ns(&writer->xml, "server-data", PIE_NS);
	return writer;
}

void pie_writer_end(struct pie_writer *writer)
{
	close_to(writer, 0);
	buf_append_text(writer->xml.buf, "\n");
}

void pie_writer_destroy(struct pie_writer *writer)
{
	if (writer == NULL)
		return;
	free(writer->host);
	free(writer->service);
	free(writer->group_node);
	free(writer);
}
