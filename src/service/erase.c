/* erase.c - ending what somebody has at a service, so much at a time that others get their turn. */
#include <string.h>

#include "peppy/store_contacts.h"
#include "service/access.h"
#include "service/affiliation.h"
#include "service/subscription.h"

#define NODES_AT_ONCE 20      /* subscribers are notified of each */
#define RELATIONS_AT_ONCE 200 /* of each kind, and contacts */

struct erasing {
	struct service *service;
	const struct service_erasure *what;
	struct service_erased *done;
	size_t nodes_at_once, relations_at_once;
};

/* ---- nodes ---- */

static enum pubsub_error delete_node(struct erasing *e, const char *node_id)
{
	struct pubsub_request request = {.service = e->what->service, .node_id = node_id};
	struct pubsub_answer answer = {0};

	jid_take(e->what->bare, e->service->arena, &request.from);
	e->done->nodes++;
	return service_node_delete(e->service, &request, &answer);
}

static enum pubsub_error erase_account(struct erasing *e)
{
	const struct store_range range = {.limit = e->nodes_at_once};
	struct service *service = e->service;
	struct pubsub_node *nodes = NULL;
	size_t n = 0;
	enum pubsub_error err = store_nodes_page(
		service->txn, e->what->service, &range, service->arena, &nodes, &n);

	for (size_t i = 0; err == PUBSUB_OK && i < n; i++)
		err = delete_node(e, nodes[i].node_id);
	e->done->more = n == range.limit;
	if (err != PUBSUB_OK || e->done->more)
		return err;
	return store_roster_erase(
		service->txn, e->what->service, e->relations_at_once, &e->done->more);
}

/* ---- affiliations ---- */

/* Does something with one of them or nothing; done->more ends it. */
typedef enum pubsub_error (*relation_fn)(struct erasing *e, const struct pubsub_affiliate *row);

static enum pubsub_error each_affiliation(struct erasing *e, relation_fn fn)
{
	struct store_entity_place place = {0};
	struct store_entity_range range = {.service = e->what->service,
		.bare = e->what->bare,
		.after = &place,
		.limit = e->relations_at_once};
	struct pubsub_affiliate *rows = NULL;
	enum pubsub_error err;
	size_t n = 0;

	do {
		err = store_entity_affiliations_page(
			e->service->txn, &range, e->service->arena, &rows, &n);
		for (size_t i = 0; err == PUBSUB_OK && !e->done->more && i < n; i++) {
			place.no = rows[i].no;
			err = fn(e, &rows[i]);
		}
	} while (err == PUBSUB_OK && !e->done->more && n == range.limit);
	return err;
}

static enum pubsub_error owns_alone(
	struct erasing *e, const struct pubsub_affiliate *row, bool *out)
{
	struct pubsub_texts owners = {0};
	struct pubsub_node *node = NULL;
	enum pubsub_error err;

	*out = false;
	if (!access_may(row->affiliation, ACCESS_CONFIGURE))
		return PUBSUB_OK;
	err = store_node_get(
		e->service->txn, e->what->service, row->node_id, e->service->arena, &node);
	if (err == PUBSUB_OK)
		err = affiliation_owners(e->service, node, &owners);
	*out = owners.n == 1;
	return err;
}

static enum pubsub_error end_node(struct erasing *e, const struct pubsub_affiliate *row)
{
	bool alone;
	enum pubsub_error err = owns_alone(e, row, &alone);

	if (err == PUBSUB_OK && alone)
		err = delete_node(e, row->node_id);
	e->done->more = e->done->nodes == e->nodes_at_once;
	return err;
}

/* Nobody is pardoned so. */
static bool is_outcast(const struct pubsub_affiliate *row)
{
	return !access_may(row->affiliation, ACCESS_SUBSCRIBE) &&
	       !access_may(row->affiliation, ACCESS_PUBLISH);
}

static enum pubsub_error end_affiliation(struct erasing *e, const struct pubsub_affiliate *row)
{
	struct pubsub_node *node = NULL;
	enum pubsub_error err;

	if (is_outcast(row))
		return PUBSUB_OK;
	e->done->more = e->done->affiliations == e->relations_at_once;
	if (e->done->more)
		return PUBSUB_OK;
	err = store_node_get(
		e->service->txn, e->what->service, row->node_id, e->service->arena, &node);
	if (err != PUBSUB_OK)
		return err;
	e->done->affiliations++;
	return store_affiliation_put(e->service->txn, node, e->what->bare, PUBSUB_AFFILIATION_NONE);
}

/* ---- subscriptions ---- */

static enum pubsub_error end_subscription(struct erasing *e, struct pubsub_subscription *row)
{
	struct pubsub_node *node = NULL;
	enum pubsub_error err = store_node_get(
		e->service->txn, e->what->service, row->node_id, e->service->arena, &node);

	e->done->subscriptions++;
	return err == PUBSUB_OK ? subscription_end(e->service, node, row, true) : err;
}

static enum pubsub_error end_subscriptions(struct erasing *e)
{
	const struct store_entity_range range = {.service = e->what->service,
		.bare = e->what->bare,
		.limit = e->relations_at_once + 1};
	struct store_entity_subscription *rows = NULL;
	size_t n = 0;
	enum pubsub_error err = store_entity_subscriptions_page(
		e->service->txn, &range, e->service->arena, &rows, &n);

	for (size_t i = 0; err == PUBSUB_OK && i < n && i < e->relations_at_once; i++)
		err = end_subscription(e, &rows[i].subscription);
	e->done->more = n > e->relations_at_once;
	return err;
}

/* ---- all of it ---- */

static size_t or_default(size_t at_once, size_t otherwise)
{
	return at_once > 0 ? at_once : otherwise;
}

enum pubsub_error service_erase(
	struct service *service, const struct service_erasure *what, struct service_erased *out)
{
	struct erasing e = {service, what, out, or_default(what->at_once, NODES_AT_ONCE),
		or_default(what->at_once, RELATIONS_AT_ONCE)};
	enum pubsub_error err = PUBSUB_OK;

	*out = (struct service_erased){0};
	if (strcmp(what->service, what->bare) == 0)
		return erase_account(&e);
	if (what->nodes)
		err = each_affiliation(&e, end_node);
	if (err == PUBSUB_OK && !out->more)
		err = end_subscriptions(&e);
	if (err == PUBSUB_OK && !out->more)
		err = each_affiliation(&e, end_affiliation);
	return err;
}
