/* world.c - the service that the tests of src/service run. */
#include "world.h"

#include <stdlib.h>

#include "peppy/buf.h"

#define NOW_US UINT64_C(1700000000000000)

/* ---- contacts ---- */

static const struct world_contact *contact_find(const struct world *w, const char *jid)
{
	for (size_t i = 0; i < w->roster_n; i++) {
		if (strcmp(w->roster[i].jid, jid) == 0)
			return &w->roster[i];
	}
	return NULL;
}

static enum contacts_answer yes(bool is)
{
	return is ? CONTACTS_YES : CONTACTS_NO;
}

static enum contacts_answer subscribed(void *ctx, const char *account, const char *contact)
{
	const struct world *w = ctx;
	const struct world_contact *found = contact_find(w, contact);

	if (strcmp(account, contact) == 0)
		return CONTACTS_YES;
	if (w->roster_unknown)
		return CONTACTS_UNKNOWN;
	return yes(found != NULL && found->subscribed);
}

static bool has_list(void *ctx, const char *account)
{
	(void)account;
	return !((const struct world *)ctx)->no_lists;
}

static enum contacts_answer in_groups(
	void *ctx, const char *account, const char *contact, struct pubsub_texts groups)
{
	const struct world *w = ctx;
	const struct world_contact *found = contact_find(w, contact);

	(void)account;
	if (w->roster_unknown)
		return CONTACTS_UNKNOWN;
	for (size_t i = 0; found != NULL && found->group != NULL && i < groups.n; i++) {
		if (strcmp(groups.v[i], found->group) == 0)
			return CONTACTS_YES;
	}
	return CONTACTS_NO;
}

static enum contacts_answer interested(void *ctx, const char *service, const char *node_id,
	struct arena *arena, struct contacts_interest **out, size_t *n_out)
{
	struct world *w = ctx;

	(void)node_id;
	*out = arena_alloc(arena, w->interested_n * sizeof **out);
	*n_out = 0;
	for (size_t i = 0; i < w->interested_n; i++) {
		struct jid jid = world_jid(w, w->interested[i]);

		if (!w->roster_unknown || strcmp(jid.bare, service) == 0)
			(*out)[(*n_out)++] = (struct contacts_interest){jid, w->interested_us};
	}
	return w->roster_unknown ? CONTACTS_UNKNOWN : CONTACTS_YES;
}

static bool available(void *ctx, struct jid jid)
{
	const struct world *w = ctx;

	for (size_t i = 0; i < w->available_n; i++) {
		if (strcmp(w->available[i], jid.full) == 0)
			return true;
	}
	return false;
}

static bool shows(void *ctx, struct jid jid, struct pubsub_texts states)
{
	const struct world *w = ctx;

	for (size_t i = 0; i < states.n; i++) {
		if (strcmp(states.v[i], w->show) == 0)
			return available(ctx, jid);
	}
	return false;
}

/* ---- the world ---- */

static void defaults(const void *ctx, const char *node_id, struct pubsub_node_config *out)
{
	(void)node_id;
	*out = ((const struct world *)ctx)->defaults;
}

static void init(struct world *w, bool account)
{
	static const char *const domains[] = {"denmark.lit"};
	static const char *const admins[] = {ADMIN};

	w->jid = account ? HAMLET : HOST;
	w->arena = arena_create();
	w->defaults = pubsub_node_config_default;
	w->show = "online";
	w->contacts =
		(struct contacts){w, has_list, subscribed, in_groups, interested, available, shows};
	w->profile = (struct service_profile){
		.defaults = defaults,
		.ctx = w,
		.create_nodes = SERVICE_CREATE_LOCAL,
		.domains = {domains, 1},
		.admins = {admins, 1},
		.account = account,
		.auto_create = true,
		.implicit = account,
		.max_items = 100,
		.max_payload_bytes = 10000,
		.answer_bytes = 20000,
		.fanout_max = 1000,
		.fanout_bytes = 1024 * 1024,
	};
	w->service = (struct service){
		.profile = &w->profile,
		.contacts = &w->contacts,
		.arena = w->arena,
		.now_us = NOW_US,
	};
}

static int setup(void **state, bool account)
{
	struct world *w = calloc(1, sizeof *w);

	*state = w;
	if (w == NULL)
		return -1;
	init(w, account);
	if (store_open_mem(&w->store) != PUBSUB_OK)
		return -1;
	return store_begin(w->store, STORE_WRITE, &w->service.txn) == PUBSUB_OK ? 0 : -1;
}

int world_setup(void **state)
{
	return setup(state, false);
}

int world_setup_account(void **state)
{
	return setup(state, true);
}

int world_teardown(void **state)
{
	struct world *w = *state;

	store_abort(w->service.txn);
	store_close(w->store);
	arena_destroy(w->arena);
	free(w);
	return 0;
}

struct jid world_jid(struct world *w, const char *text)
{
	struct jid jid = {0};

	assert_true(jid_parse(text, w->arena, &jid));
	return jid;
}

/* ---- requests ---- */

struct pubsub_request world_request(struct world *w, const char *from, const char *node_id)
{
	const char *full =
		strchr(from, '/') != NULL ? from : arena_printf(w->arena, "%s/elsinore", from);

	return (struct pubsub_request){
		.service = w->jid, .from = world_jid(w, full), .node_id = node_id};
}

struct pubsub_request world_request_jid(
	struct world *w, const char *from, const char *node_id, const char *jid)
{
	struct pubsub_request r = world_request(w, from, node_id);

	r.has_jid = true;
	r.jid = world_jid(w, jid);
	return r;
}

static void set_field(struct world *w, const struct pubsub_form_type *type, const char *var,
	const char *value, void *record, uint64_t *set)
{
	const struct pubsub_field *field = pubsub_field_find(type, var);
	const char **v = arena_alloc(w->arena, sizeof *v);

	assert_non_null(field);
	*v = value;
	assert_true(pubsub_field_set(field, (struct pubsub_texts){v, 1}, w->arena, record));
	*set |= pubsub_field_bit(type, field);
}

void world_config(struct world *w, struct pubsub_request *r, const char *var, const char *value)
{
	r->config_state = PUBSUB_FORM_SUBMIT;
	set_field(w, &pubsub_node_config_type, var, value, &r->config, &r->config_set);
}

void world_precondition(
	struct world *w, struct pubsub_request *r, const char *var, const char *value)
{
	r->has_publish_options = true;
	set_field(w, &pubsub_node_config_type, var, value, &r->publish_options,
		&r->publish_options_set);
}

void world_option(struct world *w, struct pubsub_request *r, const char *var, const char *value)
{
	r->options_state = PUBSUB_FORM_SUBMIT;
	set_field(w, &pubsub_subscribe_options_type, var, value, &r->options, &r->options_set);
}

enum pubsub_error world_run(struct world *w, service_fn fn, const struct pubsub_request *r)
{
	w->answer = (struct pubsub_answer){0};
	w->service.events = NULL;
	w->service.events_end = &w->service.events;
	w->service.told_bytes = 0;
	return fn(&w->service, r, &w->answer);
}

void world_create(struct world *w, const char *node_id, const char *var, const char *value)
{
	struct pubsub_request r = world_request(w, HAMLET, node_id);

	if (var != NULL)
		world_config(w, &r, var, value);
	assert_int_equal(world_run(w, service_node_create, &r), PUBSUB_OK);
}

void world_configure(struct world *w, const char *node_id, const char *var, const char *value)
{
	struct pubsub_request r = world_request(w, HAMLET, node_id);

	world_config(w, &r, var, value);
	assert_int_equal(world_run(w, service_node_configure, &r), PUBSUB_OK);
}

void world_subscribe(struct world *w, const char *node_id, const char *jid)
{
	struct pubsub_request r = world_request_jid(w, jid, node_id, jid);

	assert_int_equal(world_run(w, service_subscribe, &r), PUBSUB_OK);
}

void world_affiliate(
	struct world *w, const char *node_id, const char *jid, enum pubsub_affiliation affiliation)
{
	struct pubsub_request r = world_request(w, HAMLET, node_id);
	const struct pubsub_affiliate affiliate = {.jid = jid, .affiliation = affiliation};

	r.affiliates = &affiliate;
	r.affiliate_count = 1;
	assert_int_equal(world_run(w, service_owner_affiliations_set, &r), PUBSUB_OK);
}

struct pubsub_request world_items(struct world *w, const char *from, const char *node_id,
	const char *ids, const char *payload)
{
	struct pubsub_request r = world_request(w, from, node_id);
	struct pubsub_item *items = arena_alloc(w->arena, (strlen(ids) + 1) * sizeof *items);
	char *rest = arena_strdup(w->arena, ids);

	for (char *id = strtok_r(rest, " ", &rest); id != NULL; id = strtok_r(NULL, " ", &rest))
		items[r.item_count++] = (struct pubsub_item){
			.id = strcmp(id, "-") != 0 ? id : NULL,
			.payload = payload,
			.payload_len = payload != NULL ? strlen(payload) : 0,
			.payload_ns = payload != NULL ? "urn:test" : NULL,
			.payload_name = payload != NULL ? "entry" : NULL,
		};
	r.items = items;
	return r;
}

void world_publish(struct world *w, const char *node_id, const char *ids)
{
	struct pubsub_request r = world_items(w, HAMLET, node_id, ids, "<entry/>");

	assert_int_equal(world_run(w, service_item_publish, &r), PUBSUB_OK);
}

/* ---- answers and events as text ---- */

static const char *const kinds[PUBSUB_EVENT_COUNT] = {
	[PUBSUB_EVENT_PUBLISH] = "publish",
	[PUBSUB_EVENT_RETRACT] = "retract",
	[PUBSUB_EVENT_PURGE] = "purge",
	[PUBSUB_EVENT_DELETE] = "delete",
	[PUBSUB_EVENT_CONFIGURE] = "configure",
	[PUBSUB_EVENT_SUBSCRIPTION] = "subscription",
	[PUBSUB_EVENT_AFFILIATION] = "affiliation",
	[PUBSUB_EVENT_AUTHORIZE] = "authorize",
	[PUBSUB_EVENT_DIGEST] = "digest",
	[PUBSUB_EVENT_CREATE] = "create",
	[PUBSUB_EVENT_ASSOCIATE] = "associate",
	[PUBSUB_EVENT_DISSOCIATE] = "dissociate",
};

static void put_item(struct buf *out, const struct pubsub_item *item)
{
	buf_printf(out, " %s", item->id);
	if (item->payload != NULL)
		buf_printf(out, "=%.*s", (int)item->payload_len, item->payload);
	if (item->publisher != NULL)
		buf_printf(out, "@%s", item->publisher);
}

static void put_details(struct buf *out, const struct pubsub_event *event)
{
	if (event->last)
		buf_append_text(out, " last");
	if (event->subscription != NULL)
		buf_printf(out, " %s:%s", event->subscription->subscriber.full,
			pubsub_subscription_state_words.v[event->subscription->state]);
	if (event->affiliate != NULL)
		buf_printf(out, " %s:%s", event->affiliate->jid,
			pubsub_affiliation_words.v[event->affiliate->affiliation]);
	if (event->replyto != NULL)
		buf_printf(out, " replyto %s", event->replyto);
	if (event->redirect != NULL)
		buf_printf(out, " redirect %s", event->redirect);
	if (event->config != NULL)
		buf_append_text(out, " config");
	for (size_t i = 0; i < event->bodies.n; i++)
		buf_printf(out, " %s", event->bodies.v[i]);
	if (event->digest_count > 0)
		buf_printf(out, " (%zu collect it)", event->digest_count);
}

static void put_recipients(struct buf *out, const struct pubsub_event *event)
{
	buf_append_text(out, " >");
	for (size_t i = 0; i < event->recipient_count; i++) {
		const struct pubsub_recipient *recipient = &event->recipients[i];

		buf_printf(out, " %s%s", recipient->jid, recipient->may_see_publisher ? "*" : "");
		for (size_t k = 0; k < recipient->sub_ids.n; k++)
			buf_append_byte(out, '#');
	}
	buf_append_byte(out, '\n');
}

static const char *take(struct world *w, struct buf *text)
{
	char *copy = arena_memdup(w->arena, text->data, text->len);

	buf_finish(text);
	return copy;
}

const char *world_events(struct world *w)
{
	struct buf out = {0};

	for (const struct pubsub_event *event = w->service.events; event != NULL;
		event = event->next) {
		assert_string_equal(event->service, w->jid);
		buf_printf(&out, "%s %s", kinds[event->kind], event->node_id);
		for (size_t i = 0; i < event->item_count; i++)
			put_item(&out, &event->items[i]);
		put_details(&out, event);
		put_recipients(&out, event);
	}
	return take(w, &out);
}

const char *world_ids(struct world *w)
{
	struct buf out = {0};

	for (size_t i = 0; i < w->answer.item_count; i++)
		buf_printf(&out, "%s%s", i > 0 ? " " : "", w->answer.items[i].id);
	return take(w, &out);
}

const char *world_subscriptions(struct world *w)
{
	struct buf out = {0};

	for (size_t i = 0; i < w->answer.subscription_count; i++) {
		const struct pubsub_subscription *row = &w->answer.subscriptions[i];

		buf_printf(&out, "%s%s:%s", i > 0 ? " " : "", row->subscriber.full,
			pubsub_subscription_state_words.v[row->state]);
	}
	return take(w, &out);
}

const char *world_affiliations(struct world *w)
{
	struct buf out = {0};

	for (size_t i = 0; i < w->answer.affiliate_count; i++) {
		const struct pubsub_affiliate *row = &w->answer.affiliates[i];

		buf_printf(&out, "%s%s:%s", i > 0 ? " " : "", row->jid,
			pubsub_affiliation_words.v[row->affiliation]);
	}
	return take(w, &out);
}

struct pubsub_node *world_node(struct world *w, const char *node_id)
{
	struct pubsub_node *node = NULL;

	assert_int_equal(
		store_node_get(w->service.txn, w->jid, node_id, w->arena, &node), PUBSUB_OK);
	return node;
}
