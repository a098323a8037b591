/* event.c - what notifications hold: XEP-0060 6.1.7, 7, 8, 12.14, 12.16; XEP-0033, 0131, 0203,
 * 0248. */
#include <string.h>

#include "codec/form.h"
#include "codec/list.h"
#include "peppy/clock.h"

typedef void (*event_fn)(struct xml_writer *w, const struct pubsub_event *event);

static void start_node(struct xml_writer *w, const char *element, const struct pubsub_event *event)
{
	xml_start(w, element);
	xml_put_attr(w, "node", event->node_id);
}

static void put_publish(struct xml_writer *w, const struct pubsub_event *event)
{
	start_node(w, "items", event);
	for (size_t i = 0; i < event->item_count; i++)
		list_put_item(w, &event->items[i]);
	xml_end(w);
}

static void put_retract(struct xml_writer *w, const struct pubsub_event *event)
{
	start_node(w, "items", event);
	for (size_t i = 0; i < event->item_count; i++) {
		xml_start(w, "retract");
		xml_put_attr(w, "id", event->items[i].id);
		xml_end(w);
	}
	xml_end(w);
}

static void put_purge(struct xml_writer *w, const struct pubsub_event *event)
{
	start_node(w, "purge", event);
	xml_end(w);
}

static void put_delete(struct xml_writer *w, const struct pubsub_event *event)
{
	start_node(w, "delete", event);
	if (event->redirect != NULL) {
		xml_start(w, "redirect");
		xml_put_attr(w, "uri", event->redirect);
		xml_end(w);
	}
	xml_end(w);
}

static void put_configure(struct xml_writer *w, const struct pubsub_event *event)
{
	start_node(w, "configuration", event);
	if (event->config != NULL)
		form_render_result(w, &form_node_config, event->config);
	xml_end(w);
}

static void put_create(struct xml_writer *w, const struct pubsub_event *event)
{
	start_node(w, "create", event);
	xml_end(w);
}

static void put_relation(
	struct xml_writer *w, const struct pubsub_event *event, const char *element)
{
	start_node(w, "collection", event);
	xml_start(w, element);
	xml_put_attr(w, "node", event->child);
	xml_end(w);
	xml_end(w);
}

static void put_associate(struct xml_writer *w, const struct pubsub_event *event)
{
	put_relation(w, event, "associate");
}

/* As the schema of XEP-0060 calls it, and clients know it; XEP-0248 writes <dissociate/>. */
static void put_dissociate(struct xml_writer *w, const struct pubsub_event *event)
{
	put_relation(w, event, "disassociate");
}

/* 12.19: of a subscription that is a lease, and goes on. */
static void put_expiry(struct xml_writer *w, const struct pubsub_subscription *subscription)
{
	uint64_t end_us = subscription->options.expire_us;
	char stamp[CLOCK_STAMP_SIZE];

	if (subscription->state == PUBSUB_SUBSCRIPTION_NONE || end_us == 0 ||
		end_us == PUBSUB_EXPIRE_PRESENCE)
		return;
	clock_stamp_render(end_us, stamp);
	xml_put_attr(w, "expiry", stamp);
}

static void put_subscription(struct xml_writer *w, const struct pubsub_event *event)
{
	struct pubsub_subscription subscription = *event->subscription;

	subscription.node_id = event->node_id;
	list_start_subscription(w, &subscription);
	put_expiry(w, &subscription);
	xml_end(w);
}

/* 8.9.4: not in an <event/>. */
static void put_affiliation(struct xml_writer *w, const struct pubsub_event *event)
{
	struct pubsub_affiliate affiliate = *event->affiliate;

	affiliate.node_id = NULL;
	xml_start_ns(w, "pubsub", NS_PUBSUB);
	start_node(w, "affiliations", event);
	list_put_affiliation(w, &affiliate);
	xml_end(w);
	xml_end(w);
}

static void put_field(struct xml_writer *w, const char *var, const char *type, const char *label,
	const char *value)
{
	form_field(w, var, type, label, (struct pubsub_texts){&value, value != NULL ? 1 : 0});
}

/* 8.6: the form that asks an owner. */
static void put_authorize(struct xml_writer *w, const struct pubsub_event *event)
{
	const struct pubsub_subscription *subscription = event->subscription;

	form_open(w, "form", NULL);
	xml_leaf(w, "title", "PubSub subscriber request");
	xml_leaf(w, "instructions", "Choose whether to allow this subscription, then submit.");
	put_field(w, "FORM_TYPE", "hidden", NULL, FORM_AUTHORIZE);
	put_field(w, "pubsub#subid", "hidden", NULL, subscription->sub_id);
	put_field(w, "pubsub#node", "text-single", "NodeID", event->node_id);
	put_field(w, "pubsub#subscriber_jid", "jid-single", "Subscriber address",
		subscription->subscriber.full);
	put_field(w, "pubsub#allow", "boolean", "Allow this JID to subscribe to this node?", "0");
	xml_end(w);
}

static void put_digest(struct xml_writer *w, const struct pubsub_event *event)
{
	for (size_t i = 0; i < event->bodies.n; i++)
		xml_put_raw(w, event->bodies.v[i], strlen(event->bodies.v[i]));
}

static const struct event_xml {
	event_fn put;
	bool bare;    /* stands in the message without <event/> around it */
	bool sub_ids; /* 12.16: told by which subscriptions it comes */
} rows[PUBSUB_EVENT_COUNT] = {
	[PUBSUB_EVENT_PUBLISH] = {put_publish, false, true},
	[PUBSUB_EVENT_RETRACT] = {put_retract, false, true},
	[PUBSUB_EVENT_PURGE] = {put_purge, false, false},
	[PUBSUB_EVENT_DELETE] = {put_delete, false, false},
	[PUBSUB_EVENT_CONFIGURE] = {put_configure, false, false},
	[PUBSUB_EVENT_SUBSCRIPTION] = {put_subscription, false, false},
	[PUBSUB_EVENT_AFFILIATION] = {put_affiliation, true, false},
	[PUBSUB_EVENT_AUTHORIZE] = {put_authorize, true, false},
	[PUBSUB_EVENT_DIGEST] = {put_digest, true, true},
	[PUBSUB_EVENT_CREATE] = {put_create, false, false},
	[PUBSUB_EVENT_ASSOCIATE] = {put_associate, false, false},
	[PUBSUB_EVENT_DISSOCIATE] = {put_dissociate, false, false},
};

static void put_delay(struct xml_writer *w, const struct pubsub_event *event)
{
	char stamp[CLOCK_STAMP_SIZE];

	clock_stamp_render(event->items[0].published_us, stamp);
	xml_start_ns(w, "delay", NS_DELAY);
	xml_put_attr(w, "from", event->service);
	xml_put_attr(w, "stamp", stamp);
	xml_end(w);
}

void codec_event_render(struct xml_writer *w, const struct pubsub_event *event)
{
	const struct event_xml *row = &rows[event->kind];

	if (row->bare) {
		row->put(w, event);
		return;
	}
	xml_start_ns(w, "event", NS_PUBSUB_EVENT);
	row->put(w, event);
	xml_end(w);
	if (event->last && event->item_count > 0)
		put_delay(w, event);
}

static void put_replyto(struct xml_writer *w, const char *jid)
{
	xml_start_ns(w, "addresses", NS_ADDRESS);
	xml_start(w, "address");
	xml_put_attr(w, "type", "replyto");
	xml_put_attr(w, "jid", jid);
	xml_end(w);
	xml_end(w);
}

static void put_headers(struct xml_writer *w, const char *name, struct pubsub_texts values)
{
	for (size_t i = 0; i < values.n; i++) {
		xml_start(w, "header");
		xml_put_attr(w, "name", name);
		xml_put_text(w, values.v[i]);
		xml_end(w);
	}
}

/* The headers come last (7.1.2.4). */
void codec_recipient_render(struct xml_writer *w, const struct pubsub_event *event,
	const struct pubsub_recipient *recipient)
{
	const bool sub_ids = rows[event->kind].sub_ids && recipient->sub_ids.n > 0;

	if (event->body != NULL && recipient->wants_body)
		xml_leaf(w, "body", event->body);
	if (event->replyto != NULL && recipient->may_see_publisher)
		put_replyto(w, event->replyto);
	if (!sub_ids && recipient->collections.n == 0)
		return;
	xml_start_ns(w, "headers", NS_SHIM);
	put_headers(w, "Collection", recipient->collections);
	if (sub_ids)
		put_headers(w, "SubID", recipient->sub_ids);
	xml_end(w);
}
