/* Somebody: the nodes of the account, and what it has to do with the components' nodes. */
#include "commands.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "peppy/store_contacts.h"

#include "fields.h"
#include "state.h"

static const char *bare_of(const struct call *call)
{
	return call_jid(call, "jid").bare;
}

static void add_number(struct call *call, const char *name, json_int_t n)
{
	json_int_t before = json_integer_value(json_object_get(call->result, name));

	json_object_set_new(call->result, name, json_integer(before + n));
}

/* The nth component's JID; NULL: there are not so many. */
static const char *component_at(struct call *call, size_t nth)
{
	struct control_port *port = &call->control->port;
	struct control_link link;

	return port->link(port->ctx, nth, &link) ? arena_strdup(call->arena, link.component) : NULL;
}

/* ---- list ---- */

#define SCAN_MAX 2000 /* nodes and contacts looked at for one page */
#define DAY_US UINT64_C(86400000000)
#define ROSTER_OLD_US DAY_US /* then it is asked for before anybody is said to have gone */

/* One page under way. */
struct listing {
	struct call *call;
	struct service *service;
	uint64_t silent_us; /* only those who have been so long, and have no contacts; 0: all */
	size_t seen;        /* rows */
	json_t *accounts;
	json_t *doubtful; /* rows of those whose lists are too old to say */
};

struct account {
	const char *jid;
	uint64_t nodes, published_us, fetched_us;
	size_t contacts;
};

/* When something was published last, or a node made. */
static enum pubsub_error find_published(struct listing *l, struct account *account)
{
	struct store_range range = {.limit = 100};
	struct service *service = l->service;
	struct pubsub_node *nodes;
	enum pubsub_error err;
	size_t n;

	do {
		err = store_nodes_page(
			service->txn, account->jid, &range, service->arena, &nodes, &n);
		for (size_t i = 0; err == PUBSUB_OK && i < n; i++) {
			uint64_t us = nodes[i].last_seq > nodes[i].created_us ? nodes[i].last_seq
									      : nodes[i].created_us;

			if (us > account->published_us)
				account->published_us = us;
			range.after = nodes[i].node_id;
		}
		l->seen += n;
	} while (err == PUBSUB_OK && n == range.limit);
	return err;
}

static enum pubsub_error describe(struct listing *l, struct account *account)
{
	struct service *service = l->service;
	struct store_contact *contacts;
	enum pubsub_error err = store_nodes_count(service->txn, account->jid, &account->nodes);

	if (err == PUBSUB_OK)
		err = find_published(l, account);
	if (err == PUBSUB_OK)
		err = store_roster_fetched(service->txn, account->jid, &account->fetched_us);
	if (err == PUBSUB_OK)
		err = store_contacts_get(
			service->txn, account->jid, service->arena, &contacts, &account->contacts);
	l->seen += 1 + account->contacts;
	return err;
}

static bool is_online(const struct listing *l, const struct account *account)
{
	const struct control_port *port = &l->call->control->port;

	return pep_resources(port->pep(port->ctx), account->jid, l->service->arena).n > 0;
}

static bool is_silent(const struct listing *l, const struct account *account)
{
	return account->published_us + l->silent_us <= l->service->now_us && !is_online(l, account);
}

static json_t *account_json(const struct account *account, const char *contacts)
{
	return json_pack("{s:s, s:I, s:o, s:s}", "jid", account->jid, "nodes",
		(json_int_t)account->nodes, "published", stamp_to_json(account->published_us),
		"contacts", contacts);
}

static void list_account(struct listing *l, const struct account *account)
{
	const bool gone = l->silent_us > 0;
	const bool old = account->fetched_us == 0 ||
			 account->fetched_us + ROSTER_OLD_US < l->service->now_us;

	if (gone && !is_silent(l, account))
		return;
	if (gone && old)
		json_array_append_new(l->doubtful, account_json(account, "unknown"));
	else if (!gone || account->contacts == 0)
		json_array_append_new(
			l->accounts, account_json(account, account->fetched_us == 0 ? "unknown"
							   : account->contacts > 0  ? "some"
										    : "none"));
}

static enum pubsub_error list_page(struct call *call, struct service *service)
{
	const char *after = call_text(call, "after"), *jid = "";
	struct listing l = {.call = call, .service = service};
	uint32_t sid = after == NULL ? 0 : (uint32_t)strtoul(after, NULL, 10);
	enum pubsub_error err = PUBSUB_OK;

	l.silent_us = call_number(call, "gone", 0) * DAY_US;
	l.accounts = json_array();
	l.doubtful = json_array();
	while (err == PUBSUB_OK && jid != NULL && l.seen < SCAN_MAX &&
		json_array_size(l.accounts) < call_limit(call)) {
		err = store_service_next(service->txn, &sid, service->arena, &jid);
		l.seen++;
		if (err == PUBSUB_OK && jid != NULL && strchr(jid, '@') != NULL) {
			struct account account = {.jid = jid};

			err = describe(&l, &account);
			if (err == PUBSUB_OK)
				list_account(&l, &account);
		}
	}
	call_answer(call,
		json_pack("{s:o, s:o, s:s*}", "accounts", l.accounts, "doubtful", l.doubtful,
			"next", jid == NULL ? NULL : arena_printf(call->arena, "%" PRIu32, sid)));
	return err;
}

/* Of those whose contact lists are too old it is asked, and "asked" says of how many: ask again.
 * Who cannot be asked about is listed as he is. */
static void ask_about_doubtful(struct call *call)
{
	const struct control_port *port = &call->control->port;
	json_t *doubtful = json_object_get(call->result, "doubtful"), *row;
	json_int_t asked = 0;
	size_t i;

	json_array_foreach(doubtful, i, row)
	{
		if (port->renew_contacts(port->ctx, json_string_value(json_object_get(row, "jid"))))
			asked++;
		else
			json_array_append(json_object_get(call->result, "accounts"), row);
	}
	json_object_set_new(call->result, "asked", json_integer(asked));
	json_object_del(call->result, "doubtful");
}

COMMAND(account_list)
{
	enum pubsub_error err = call_turn(call, component_at(call, 0), STORE_READ, list_page);

	(void)service;
	if (err == PUBSUB_OK)
		ask_about_doubtful(call);
	return err;
}

/* ---- show ---- */

static enum pubsub_error count_kept(struct call *call, struct service *service)
{
	struct store_entity_subscription *subscriptions;
	const char *bare = bare_of(call);
	struct store_contact *contacts;
	uint64_t nodes, fetched_us;
	size_t contact_n, subscription_n;
	enum pubsub_error err = store_nodes_count(service->txn, bare, &nodes);

	if (err == PUBSUB_OK)
		err = store_roster_fetched(service->txn, bare, &fetched_us);
	if (err == PUBSUB_OK)
		err = store_contacts_get(service->txn, bare, service->arena, &contacts, &contact_n);
	if (err == PUBSUB_OK)
		err = store_entity_subscriptions(
			service->txn, NULL, bare, service->arena, &subscriptions, &subscription_n);
	if (err != PUBSUB_OK)
		return err;
	call_answer(call,
		json_pack("{s:s, s:I, s:I, s:o, s:I}", "jid", bare, "nodes", (json_int_t)nodes,
			"contacts", (json_int_t)contact_n, "roster_fetched",
			stamp_to_json(fetched_us == STORE_ROSTER_DOUBTED ? 0 : fetched_us),
			"subscriptions", (json_int_t)subscription_n));
	return PUBSUB_OK;
}

static enum pubsub_error count_affiliations(struct call *call, struct service *service)
{
	struct pubsub_affiliate *rows;
	size_t n;
	enum pubsub_error err = store_entity_affiliations(
		service->txn, call->service, bare_of(call), service->arena, &rows, &n);

	if (err == PUBSUB_OK)
		add_number(call, "affiliations", (json_int_t)n);
	return err;
}

COMMAND(account_show)
{
	const char *component = component_at(call, 0);
	enum pubsub_error err = call_turn(call, component, STORE_READ, count_kept);

	(void)service;
	for (size_t i = 0; err == PUBSUB_OK && component != NULL; i++) {
		err = call_turn(call, component, STORE_READ, count_affiliations);
		component = component_at(call, i + 1);
	}
	return err;
}

/* ---- erase ---- */

/* It is done to the end, whatever becomes of the one who asks; "begun" asks how far it has got. */
COMMAND(account_erase)
{
	const struct control_port *port = &call->control->port;
	struct service_erased erased;
	enum pubsub_error err = PUBSUB_OK;

	(void)service;
	if (!call_bool(call, "begun", false))
		err = port->erase(port->ctx, bare_of(call));
	if (err != PUBSUB_OK)
		return err;
	erased = port->erased(port->ctx, bare_of(call));
	call_answer(call, json_pack("{s:I, s:I, s:I, s:b}", "nodes", (json_int_t)erased.nodes,
				  "subscriptions", (json_int_t)erased.subscriptions, "affiliations",
				  (json_int_t)erased.affiliations, "more", erased.more));
	return PUBSUB_OK;
}
