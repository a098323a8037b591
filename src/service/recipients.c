/* recipients.c - who is to hear of an event (XEP-0060 7.1.2, 9; XEP-0163 4.3). */
#include "service/recipients.h"

#include <stdlib.h>
#include <string.h>

#include "peppy/buf.h"
#include "service/access.h"
#include "service/affiliation.h"
#include "service/node.h"
#include "service/subscription.h"
#include "service/texts.h"

#define FEW 8 /* are looked up one by one */

/* A client that announced interest, and what an explicit subscription of the same entity adds. */
struct interest {
	struct jid jid;
	bool subscribed; /* explicitly: judged already */
	bool digested;   /* likewise, and the subscription collects */
	bool wants_body;
	struct texts sub_ids;
};

struct fanout {
	struct service *service;
	const struct pubsub_node *node;
	enum pubsub_event_kind kind;
	uint64_t published_seq; /* of a deferred item: who wants it since later has got it as last item */
	struct affiliation_roll roll;
	struct interest *interests; /* sorted by bare JID, then resource */
	size_t interest_count;
	struct buf found; /* of struct pubsub_recipient */
	struct texts last_sub_ids;
	struct buf digests; /* of struct pubsub_subscription */
};

/* What has SubIDs (XEP-0060 12.16): the rest is the same for all subscriptions of a JID. */
static bool has_sub_ids(const struct fanout *f)
{
	return f->service->profile->multi_subscribe &&
	       (f->kind == PUBSUB_EVENT_PUBLISH || f->kind == PUBSUB_EVENT_RETRACT);
}

/* ---- who announced interest ---- */

static int compare_interests(const void *a, const void *b)
{
	const struct interest *x = a, *y = b;
	int by_bare = strcmp(x->jid.bare, y->jid.bare);

	return by_bare != 0 ? by_bare : strcmp(x->jid.full, y->jid.full);
}

/* Without the roster contacts are missing; only models by which contacts are admitted as such are
 * worth waiting for it. */
static bool needs_roster(const struct pubsub_node *node)
{
	return node->config.access_model == PUBSUB_ACCESS_OPEN ||
	       node->config.access_model == PUBSUB_ACCESS_PRESENCE ||
	       node->config.access_model == PUBSUB_ACCESS_ROSTER;
}

static enum pubsub_error load_interests(struct fanout *f)
{
	const struct contacts *contacts = f->service->contacts;
	enum contacts_answer answer = CONTACTS_NO;
	struct contacts_interest *clients = NULL;
	size_t n = 0;

	/* without payloads there is nothing that a client could use unasked */
	if (!f->service->profile->implicit || !f->node->config.deliver_payloads)
		return PUBSUB_OK;
	answer = contacts->interested(
		contacts->ctx, f->node->service, f->node->node_id, f->service->arena, &clients, &n);
	if (answer == CONTACTS_UNKNOWN && needs_roster(f->node) && !f->service->expired)
		return PUBSUB_ERR_NEED_ROSTER;
	if (answer == CONTACTS_NO || n == 0)
		return PUBSUB_OK;
	f->interests = arena_alloc(f->service->arena, n * sizeof *f->interests);
	for (size_t i = 0; i < n; i++) {
		struct interest *interest = &f->interests[f->interest_count];

		if (f->published_seq != 0 && clients[i].since_us > f->published_seq)
			continue;
		interest->jid = clients[i].jid;
		interest->sub_ids.arena = f->service->arena;
		f->interest_count++;
	}
	qsort(f->interests, f->interest_count, sizeof *f->interests, compare_interests);
	return PUBSUB_OK;
}

/* The first interest of a bare JID or one behind it. */
static size_t find_interest(const struct fanout *f, const char *bare)
{
	size_t low = 0, high = f->interest_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(f->interests[mid].jid.bare, bare) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Of a node that is deleted no digest will be sent. */
static bool is_collected(const struct fanout *f, const struct pubsub_subscription *row)
{
	return row->options.digest && f->kind != PUBSUB_EVENT_DELETE;
}

/* An explicit subscription of interested clients: they are told at their full JIDs, and once
 * (XEP-0163 4.3.2). false: none of them is interested. */
static bool merge_with_interest(struct fanout *f, const struct pubsub_subscription *row)
{
	bool merged = false;

	for (size_t i = find_interest(f, row->subscriber.bare); i < f->interest_count; i++) {
		struct interest *interest = &f->interests[i];

		if (!jid_equal_bare(interest->jid, row->subscriber))
			break;
		if (row->subscriber.resource != NULL && !jid_equal(interest->jid, row->subscriber))
			continue;
		merged = true;
		if (is_collected(f, row)) {
			interest->digested = true;
			continue;
		}
		interest->subscribed = true;
		interest->wants_body |= row->options.include_body;
		if (has_sub_ids(f) && row->sub_id != NULL)
			texts_add(&interest->sub_ids, arena_strdup(f->service->arena, row->sub_id));
	}
	return merged;
}

static void append(struct fanout *f, struct pubsub_recipient recipient)
{
	buf_append(&f->found, &recipient, sizeof recipient);
}

static void append_client(struct fanout *f, const struct interest *interest)
{
	append(f, (struct pubsub_recipient){
			  .jid = interest->jid.full,
			  .sub_ids = texts_list(&interest->sub_ids),
			  .wants_body = interest->wants_body,
			  .may_see_publisher = true, /* interested() yields nobody else */
		  });
}

static enum pubsub_error append_interest(struct fanout *f, const struct interest *interest)
{
	enum access_admission admission = ACCESS_ADMITTED;
	enum pubsub_affiliation affiliation = PUBSUB_AFFILIATION_NONE;
	enum pubsub_error err = PUBSUB_OK;

	if (interest->digested && !interest->subscribed)
		return PUBSUB_OK;
	if (!interest->subscribed) {
		err = affiliation_roll_find(
			f->service, f->node, &f->roll, interest->jid.bare, &affiliation);
		if (err == PUBSUB_OK)
			err = access_settle(
				f->service, access_admission_of_contact(f->service, f->node,
						    affiliation, interest->jid.bare, &admission));
	}
	if (err != PUBSUB_OK || admission != ACCESS_ADMITTED)
		return err;
	append_client(f, interest);
	return PUBSUB_OK;
}

/* ---- explicit subscribers ---- */

static bool counts(const struct fanout *f, const struct pubsub_subscription *row)
{
	if (!subscription_is_live(f->service, row))
		return false;
	if (row->state == PUBSUB_SUBSCRIPTION_PENDING)
		return f->kind == PUBSUB_EVENT_DELETE; /* 8.4.2 */
	return row->options.deliver && subscription_is_present(f->service, f->node, row);
}

static bool sees_presence(const struct fanout *f, const char *bare)
{
	const struct contacts *contacts = f->service->contacts;

	return f->service->profile->account && f->kind == PUBSUB_EVENT_PUBLISH &&
	       contacts->subscribed(contacts->ctx, f->node->service, bare) == CONTACTS_YES;
}

static struct pubsub_recipient *last_found(struct fanout *f)
{
	if (f->found.len == 0)
		return NULL;
	return (struct pubsub_recipient *)(void *)(f->found.data + f->found.len) - 1;
}

/* Rows of one JID come one after the other: they make one recipient. */
static void append_subscriber(struct fanout *f, const struct pubsub_subscription *row)
{
	struct pubsub_recipient *last = last_found(f);

	if (last == NULL || strcmp(last->jid, row->subscriber.full) != 0) {
		append(f, (struct pubsub_recipient){
				  .jid = arena_strdup(f->service->arena, row->subscriber.full),
				  .may_see_publisher = sees_presence(f, row->subscriber.bare),
			  });
		last = last_found(f);
		f->last_sub_ids = (struct texts){.arena = f->service->arena};
	}
	last->wants_body |= row->options.include_body;
	if (has_sub_ids(f) && row->sub_id != NULL) {
		texts_add(&f->last_sub_ids, arena_strdup(f->service->arena, row->sub_id));
		last->sub_ids = texts_list(&f->last_sub_ids);
	}
}

static void add_entitled(struct fanout *f, const struct pubsub_subscription *row)
{
	bool merged = merge_with_interest(f, row);

	if (is_collected(f, row))
		buf_append(&f->digests, subscription_copy(f->service, row), sizeof *row);
	else if (!merged)
		append_subscriber(f, row);
}

static enum pubsub_error add_subscriber(struct fanout *f, const struct pubsub_subscription *row)
{
	enum pubsub_affiliation affiliation = PUBSUB_AFFILIATION_NONE;
	enum pubsub_error err = PUBSUB_OK;
	bool delivers = false;

	if (!counts(f, row))
		return PUBSUB_OK;
	err = affiliation_roll_find(
		f->service, f->node, &f->roll, row->subscriber.bare, &affiliation);
	if (err == PUBSUB_OK)
		err = access_settle(f->service, access_delivers(f->service, f->node, affiliation,
							row->subscriber.bare, &delivers));
	if (err == PUBSUB_OK && delivers)
		add_entitled(f, row);
	return err;
}

static enum pubsub_error add_subscribers(struct fanout *f)
{
	struct subscription_walk walk = subscription_walk_start(f->service, f->node);
	const struct pubsub_subscription *row = NULL;
	enum pubsub_error err = PUBSUB_OK;

	while (err == PUBSUB_OK && (row = subscription_walk_next(&walk)) != NULL)
		err = add_subscriber(f, row);
	return subscription_walk_finish(&walk, err);
}

/* ---- all of them ---- */

static enum pubsub_error find_all(struct fanout *f)
{
	const uint64_t rows = f->node->subscribers + f->node->pending;
	enum pubsub_error err = load_interests(f);

	if (err == PUBSUB_OK && rows + f->interest_count > FEW)
		err = affiliation_roll_load(f->service, f->node, f->service->arena, &f->roll);
	if (err == PUBSUB_OK && rows > 0)
		err = add_subscribers(f);
	for (size_t i = 0; err == PUBSUB_OK && i < f->interest_count; i++)
		err = append_interest(f, &f->interests[i]);
	return err;
}

/* What has been gathered, in the arena. */
static void *take(const struct fanout *f, struct buf *found)
{
	void *v = arena_alloc(f->service->arena, found->len);

	if (found->len > 0)
		memcpy(v, found->data, found->len);
	buf_finish(found);
	return v;
}

static struct recipients take_found(struct fanout *f)
{
	struct recipients out = {
		.n = f->found.len / sizeof *out.v,
		.digest_n = f->digests.len / sizeof *out.digests,
	};

	out.v = take(f, &f->found);
	out.digests = take(f, &f->digests);
	return out;
}

static bool is_deferred(const struct service *service, const struct pubsub_node *node)
{
	return node->config.deliver_notifications && node_is_stored(node) &&
	       (node->subscribers + node->pending > service->profile->fanout_max ||
		       (service->busy != NULL &&
			       service->busy(service->busy_ctx, node->service, node->node_id)));
}

enum pubsub_error recipients_find(struct service *service, const struct pubsub_node *node,
	enum pubsub_event_kind kind, struct recipients *out)
{
	struct fanout f = {.service = service, .node = node, .kind = kind};
	enum pubsub_error err = PUBSUB_OK;

	*out = (struct recipients){.deferred = is_deferred(service, node)};
	if (!node->config.deliver_notifications || out->deferred)
		return PUBSUB_OK;
	err = find_all(&f);
	*out = take_found(&f);
	return err;
}

enum pubsub_error recipients_gained(struct service *service, const struct pubsub_node *before,
	const struct pubsub_node *after, struct recipients *out)
{
	struct fanout f = {.service = service, .node = after, .kind = PUBSUB_EVENT_PUBLISH};
	enum pubsub_error err = load_interests(&f);

	*out = (struct recipients){0};
	for (size_t i = 0; err == PUBSUB_OK && i < f.interest_count; i++) {
		bool could = false, can = false;

		err = access_settle(
			service, access_readable(service, before, f.interests[i].jid, &could));
		if (err == PUBSUB_OK)
			err = access_settle(service,
				access_readable(service, after, f.interests[i].jid, &can));
		if (err == PUBSUB_OK && can && !could)
			append_client(&f, &f.interests[i]);
	}
	*out = take_found(&f);
	return err;
}

struct recipients recipients_of(struct service *service, struct pubsub_texts jids)
{
	struct pubsub_recipient *v = arena_alloc(service->arena, jids.n * sizeof *v);

	for (size_t i = 0; i < jids.n; i++)
		v[i].jid = jids.v[i];
	return (struct recipients){.v = v, .n = jids.n};
}

struct recipients recipients_one(struct service *service, const char *jid)
{
	return recipients_of(service, (struct pubsub_texts){&jid, 1});
}

struct recipients recipients_of_row(struct service *service, const struct pubsub_node *node,
	const struct pubsub_subscription *row, const char *jid)
{
	const struct pubsub_subscription *shown = subscription_shown(service, node, row);
	struct pubsub_recipient *recipient = arena_alloc(service->arena, sizeof *recipient);

	recipient->jid = arena_strdup(service->arena, jid);
	recipient->wants_body = row->options.include_body;
	if (shown->sub_id != NULL)
		recipient->sub_ids = (struct pubsub_texts){&shown->sub_id, 1};
	return (struct recipients){.v = recipient, .n = 1};
}

/* ---- deferred events, page by page ---- */

/* Of a deleted node the rows are left, but no configuration: who was subscribed is told. */
static enum pubsub_error find_node(
	struct service *service, const struct pubsub_event *event, struct pubsub_node **out)
{
	enum pubsub_error err = PUBSUB_OK;

	if (event->kind != PUBSUB_EVENT_DELETE) {
		err = store_node_get(
			service->txn, event->service, event->node_id, service->arena, out);
		if (err == PUBSUB_OK && (*out)->sid == event->sid && (*out)->no == event->no)
			return PUBSUB_OK;
		*out = NULL; /* it has gone meanwhile */
		return err == PUBSUB_ERR_NODE_NOT_FOUND || err == PUBSUB_ERR_NODE_GONE ? PUBSUB_OK
										       : err;
	}
	*out = arena_alloc(service->arena, sizeof **out);
	**out = (struct pubsub_node){
		.service = event->service,
		.node_id = event->node_id,
		.config = pubsub_node_config_default,
		.sid = event->sid,
		.no = event->no,
	};
	return PUBSUB_OK;
}

/* Interested clients that no row will bring. */
static enum pubsub_error add_interests(struct fanout *f)
{
	enum pubsub_error err = PUBSUB_OK;

	for (size_t i = 0; err == PUBSUB_OK && i < f->interest_count; i++) {
		bool held = false;

		err = subscription_is_held(f->service, f->node, f->interests[i].jid, &held);
		if (err == PUBSUB_OK && !held)
			err = append_interest(f, &f->interests[i]);
	}
	return err;
}

/* A place between two rows, as text: the subscriber and the SubID of the one before it. */
static const char *place_of(struct service *service, const struct pubsub_subscription *row)
{
	return arena_printf(service->arena, "%s\n%s", row->subscriber.full,
		row->sub_id != NULL ? row->sub_id : "");
}

static struct pubsub_subscription row_at(struct service *service, const char *place)
{
	const char *end = strchr(place, '\n');
	struct pubsub_subscription row = {.sub_id = end != NULL ? end + 1 : ""};
	size_t len = end != NULL ? (size_t)(end - place) : strlen(place);

	jid_take(arena_memdup(service->arena, place, len), service->arena, &row.subscriber);
	return row;
}

/* Rows of one JID stay together, so that it is told once. */
static enum pubsub_error add_page(
	struct fanout *f, const struct service_fanout *fanout, const char **after_out)
{
	struct subscription_walk walk = subscription_walk_start(f->service, f->node);
	struct pubsub_subscription start = row_at(f->service, fanout->after);
	const struct pubsub_subscription *last = NULL, *row = NULL;
	enum pubsub_error err = PUBSUB_OK;
	size_t seen = 0;

	walk.range.limit = fanout->limit + 1; /* the last one shows that there are more */

	if (fanout->after[0] != '\0')
		walk.range.after = &start;
	while (err == PUBSUB_OK && (row = subscription_walk_next(&walk)) != NULL) {
		if (seen++ >= fanout->limit && !jid_equal(row->subscriber, last->subscriber)) {
			*after_out = place_of(f->service, last);
			break;
		}
		last = row;
		if (row->since_seq <= fanout->event->seq)
			err = add_subscriber(f, row);
	}
	return subscription_walk_finish(&walk, err);
}

enum pubsub_error service_fanout_page(struct service *service, const struct service_fanout *fanout,
	struct pubsub_event *event, const char **after_out)
{
	struct fanout f = {.service = service, .kind = fanout->event->kind};
	struct recipients found = {0};
	struct pubsub_node *node = NULL;
	enum pubsub_error err = find_node(service, fanout->event, &node);

	*after_out = NULL;
	event->recipient_count = event->digest_count = 0;
	if (err != PUBSUB_OK || node == NULL)
		return err;
	f.node = node;
	if (fanout->event->kind == PUBSUB_EVENT_PUBLISH)
		f.published_seq = fanout->event->seq;
	if (fanout->event->kind != PUBSUB_EVENT_DELETE)
		err = load_interests(&f);
	if (err == PUBSUB_OK)
		err = affiliation_roll_load(service, node, service->arena, &f.roll);
	if (err == PUBSUB_OK && fanout->after[0] == '\0')
		err = add_interests(&f);
	if (err == PUBSUB_OK)
		err = add_page(&f, fanout, after_out);
	found = take_found(&f);
	event->recipients = found.v;
	event->recipient_count = found.n;
	event->digests = found.digests;
	event->digest_count = found.digest_n;
	return err;
}
