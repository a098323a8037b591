/* limit.c - limits of nodes and requests, and names that are not everybody's to take. */
#include "service/limit.h"

#include <string.h>

#include "service/access.h"

#define JID_PLACE "{jid}"

static enum pubsub_error exceeds(struct service *service, struct pubsub_answer *answer,
	uint64_t limit, enum pubsub_error err)
{
	answer->detail = arena_printf(service->arena, "at most %llu", (unsigned long long)limit);
	return err;
}

static bool is_above(uint64_t n, uint64_t limit)
{
	return limit > 0 && n > limit;
}

/* ---- names ---- */

static bool starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* '*' is any text, {jid} the requester's bare JID; without one any text as well. */
static bool matches(const char *pattern, const char *name, const char *bare)
{
	const char *behind_star = NULL, *retry = NULL;

	for (;;) {
		bool jid = starts_with(pattern, JID_PLACE);

		if (*pattern == '*' || (jid && bare == NULL)) {
			pattern += jid ? strlen(JID_PLACE) : 1;
			behind_star = pattern;
			retry = name;
		} else if (jid && starts_with(name, bare)) {
			pattern += strlen(JID_PLACE);
			name += strlen(bare);
		} else if (!jid && *pattern == *name) {
			if (*name == '\0')
				return true;
			pattern++;
			name++;
		} else if (behind_star != NULL && *retry != '\0') {
			pattern = behind_star;
			name = ++retry;
		} else {
			return false;
		}
	}
}

static bool is_reserved(const struct service *service, const struct pubsub_request *request)
{
	struct pubsub_texts reserved = service->profile->reserved;

	for (size_t i = 0; i < reserved.n; i++)
		if (matches(reserved.v[i], request->node_id, NULL))
			return strstr(reserved.v[i], JID_PLACE) == NULL ||
			       !matches(reserved.v[i], request->node_id, request->from.bare);
	return false;
}

enum pubsub_error limit_node_id(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	uint32_t max = service->profile->limits.node_id_bytes;

	if (access_is_admin(service, request->from.bare))
		return PUBSUB_OK;
	if (is_above(strlen(request->node_id), max))
		return exceeds(service, answer, max, PUBSUB_ERR_ID_LIMIT);
	return is_reserved(service, request) ? PUBSUB_ERR_NODE_RESERVED : PUBSUB_OK;
}

/* ---- requests ---- */

enum pubsub_error limit_items(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	const struct service_limits *limits = &service->profile->limits;

	if (access_is_admin(service, request->from.bare))
		return PUBSUB_OK;
	if (is_above(request->item_count, limits->publish_items))
		return exceeds(
			service, answer, limits->publish_items, PUBSUB_ERR_MAX_ITEMS_EXCEEDED);
	for (size_t i = 0; i < request->item_count; i++) {
		const char *id = request->items[i].id;

		if (id != NULL && is_above(strlen(id), limits->item_id_bytes))
			return exceeds(service, answer, limits->item_id_bytes, PUBSUB_ERR_ID_LIMIT);
	}
	return PUBSUB_OK;
}

uint64_t limit_node_bytes(const struct service *service, const struct pubsub_request *request)
{
	return access_is_admin(service, request->from.bare) ? 0
							    : service->profile->limits.node_bytes;
}

enum pubsub_error limit_invitations(struct service *service, const struct pubsub_request *request,
	size_t n, struct pubsub_answer *answer)
{
	if (n == 0 || service->invite == NULL || access_is_admin(service, request->from.bare))
		return PUBSUB_OK;
	return service->invite(service->invite_ctx, request->from, n, &answer->detail)
		       ? PUBSUB_OK
		       : PUBSUB_ERR_RATE_LIMIT;
}

enum pubsub_error limit_application(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	if (service->apply == NULL || access_is_admin(service, request->from.bare))
		return PUBSUB_OK;
	return service->apply(service->invite_ctx, request->from, &answer->detail)
		       ? PUBSUB_OK
		       : PUBSUB_ERR_RATE_LIMIT;
}

/* ---- nodes ---- */

enum pubsub_error limit_affiliations(struct service *service, const struct pubsub_node *node,
	const struct pubsub_request *request, size_t more, struct pubsub_answer *answer)
{
	uint32_t max = service->profile->limits.affiliations;
	enum pubsub_error err = PUBSUB_OK;
	uint64_t n = 0;

	if (more == 0 || max == 0 || access_is_admin(service, request->from.bare))
		return PUBSUB_OK;
	err = store_affiliations_count(service->txn, node, max, &n);
	if (err != PUBSUB_OK || n + more <= max)
		return err;
	return exceeds(service, answer, max, PUBSUB_ERR_AFFILIATION_LIMIT);
}

/* ---- subscriptions ---- */

enum pubsub_error limit_subscriptions(struct service *service, const struct pubsub_node *node,
	const struct pubsub_request *request, size_t more, struct pubsub_answer *answer)
{
	uint32_t max = service->profile->limits.subscriptions;

	if (more == 0 || access_is_admin(service, request->from.bare) ||
		!is_above(node->subscribers + node->pending + more, max))
		return PUBSUB_OK;
	return exceeds(service, answer, max, PUBSUB_ERR_SUBSCRIBE_LIMIT);
}

enum pubsub_error limit_subscriber(struct service *service, const struct pubsub_node *node,
	const struct pubsub_request *request, struct pubsub_answer *answer)
{
	uint32_t max = service->profile->limits.jid_subscriptions;
	const struct store_entity_range range = {
		.service = request->service, .bare = request->jid.bare, .limit = max};
	uint64_t n = 0;
	enum pubsub_error err = limit_subscriptions(service, node, request, 1, answer);

	if (err != PUBSUB_OK || max == 0 || access_is_admin(service, request->from.bare))
		return err;
	err = store_entity_count(service->txn, &range, STORE_ENTITY_SUBSCRIPTIONS, &n);
	if (err != PUBSUB_OK || !is_above(n + 1, max))
		return err;
	return exceeds(service, answer, max, PUBSUB_ERR_SUBSCRIBE_LIMIT);
}

/* ---- owners ---- */

/* Affiliations of other kinds are looked at only if there are too many of all kinds together: what
 * others give is not to keep anybody from creating nodes. */
static enum pubsub_error count_owned(struct service *service, const struct pubsub_request *request,
	uint64_t limit, uint64_t *out)
{
	const char *bare = request->from.bare;
	const struct store_entity_range range = {
		.service = request->service, .bare = bare, .limit = limit};
	struct pubsub_affiliate *rows = NULL;
	size_t n = 0;
	enum pubsub_error err = PUBSUB_OK;

	if (service->profile->account)
		return store_nodes_count(service->txn, request->service, out);
	err = store_entity_count(service->txn, &range, STORE_ENTITY_AFFILIATIONS, out);
	if (err != PUBSUB_OK || *out < limit)
		return err;
	err = store_entity_affiliations(
		service->txn, request->service, bare, service->arena, &rows, &n);
	*out = 0;
	for (size_t i = 0; i < n; i++)
		*out += access_may(rows[i].affiliation, ACCESS_CONFIGURE);
	return err;
}

enum pubsub_error limit_nodes(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	uint32_t max = service->profile->limits.owner_nodes;
	uint64_t n = 0;
	enum pubsub_error err = PUBSUB_OK;

	if (max == 0 || access_is_admin(service, request->from.bare))
		return PUBSUB_OK;
	err = count_owned(service, request, max, &n);
	if (err != PUBSUB_OK || !is_above(n + 1, max))
		return err;
	return exceeds(service, answer, max, PUBSUB_ERR_NODE_LIMIT);
}
