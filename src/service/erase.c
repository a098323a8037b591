/* erase.c - ending what somebody has at a service, so much at a time that others get their turn. */
#include "service/access.h"
#include "service/affiliation.h"
#include "service/subscription.h"

#define NODES_AT_ONCE 20      /* each is told to its subscribers */
#define RELATIONS_AT_ONCE 200 /* of each kind */

struct erasing {
	struct service *service;
	const struct service_erasure *what;
	struct service_erased *done;
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
	const struct store_range range = {.limit = NODES_AT_ONCE};
	struct service *service = e->service;
	struct pubsub_node *nodes = NULL;
	size_t n = 0;
	enum pubsub_error err = store_nodes_page(
		service->txn, e->what->service, &range, service->arena, &nodes, &n);

	for (size_t i = 0; err == PUBSUB_OK && i < n; i++)
		err = delete_node(e, nodes[i].node_id);
	e->done->more = n == NODES_AT_ONCE;
	if (err != PUBSUB_OK || e->done->more)
		return err;
	return store_roster_del(service->txn, e->what->service);
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

static enum pubsub_error erase_nodes(
	struct erasing *e, const struct pubsub_affiliate *rows, size_t n)
{
	enum pubsub_error err = PUBSUB_OK;
	bool alone = false;

	for (size_t i = 0; err == PUBSUB_OK && i < n && e->done->nodes < NODES_AT_ONCE; i++) {
		err = owns_alone(e, &rows[i], &alone);
		if (err == PUBSUB_OK && alone)
			err = delete_node(e, rows[i].node_id);
	}
	e->done->more = e->done->nodes == NODES_AT_ONCE;
	return err;
}

/* ---- relations ---- */

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
	struct store_entity_subscription *rows = NULL;
	size_t n = 0;
	enum pubsub_error err = store_entity_subscriptions(
		e->service->txn, e->what->service, e->what->bare, e->service->arena, &rows, &n);

	for (size_t i = 0; err == PUBSUB_OK && i < n && i < RELATIONS_AT_ONCE; i++)
		err = end_subscription(e, &rows[i].subscription);
	e->done->more = n > RELATIONS_AT_ONCE;
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
	enum pubsub_error err = store_node_get(
		e->service->txn, e->what->service, row->node_id, e->service->arena, &node);

	if (err == PUBSUB_ERR_NODE_NOT_FOUND || err == PUBSUB_ERR_NODE_GONE)
		return PUBSUB_OK; /* deleted just now */
	if (err != PUBSUB_OK)
		return err;
	e->done->affiliations++;
	return store_affiliation_put(e->service->txn, node, e->what->bare, PUBSUB_AFFILIATION_NONE);
}

static enum pubsub_error end_affiliations(
	struct erasing *e, const struct pubsub_affiliate *rows, size_t n)
{
	enum pubsub_error err = PUBSUB_OK;

	for (size_t i = 0; err == PUBSUB_OK && i < n && !e->done->more; i++) {
		e->done->more = e->done->affiliations == RELATIONS_AT_ONCE;
		if (!e->done->more && !is_outcast(&rows[i]))
			err = end_affiliation(e, &rows[i]);
	}
	return err;
}

/* ---- all of it ---- */

enum pubsub_error service_erase(
	struct service *service, const struct service_erasure *what, struct service_erased *out)
{
	struct erasing e = {service, what, out};
	struct pubsub_affiliate *rows = NULL;
	size_t n = 0;
	enum pubsub_error err;

	*out = (struct service_erased){0};
	if (service->profile->account)
		return erase_account(&e);
	err = store_entity_affiliations(
		service->txn, what->service, what->bare, service->arena, &rows, &n);
	if (err == PUBSUB_OK && what->nodes)
		err = erase_nodes(&e, rows, n);
	if (err == PUBSUB_OK && !out->more)
		err = end_subscriptions(&e);
	if (err == PUBSUB_OK && !out->more)
		err = end_affiliations(&e, rows, n);
	return err;
}
