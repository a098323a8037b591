/* affiliation.c - the affiliations of a node, row by row: XEP-0060 5.7, 8.9. */
#include "service/affiliation.h"

#include <stdlib.h>
#include <string.h>

#include "service/access.h"
#include "service/node.h"
#include "service/texts.h"

#define PAGE 256  /* rows at a time */
#define STAFF 100 /* owners and publishers in meta-data */

typedef void (*affiliate_fn)(void *ctx, const struct pubsub_affiliate *affiliate);

static enum pubsub_error for_each(
	struct service *service, const struct pubsub_node *node, affiliate_fn fn, void *ctx)
{
	struct store_range range = {.limit = PAGE};
	struct pubsub_affiliate *v = NULL;
	size_t n = 0;

	if (!node_is_stored(node))
		return PUBSUB_OK;
	do {
		enum pubsub_error err =
			store_affiliations_page(service->txn, node, &range, service->arena, &v, &n);

		if (err != PUBSUB_OK)
			return err;
		for (size_t i = 0; i < n; i++)
			fn(ctx, &v[i]);
		if (n > 0)
			range.after = v[n - 1].jid;
	} while (n == PAGE);
	return PUBSUB_OK;
}

static void collect_owner(void *ctx, const struct pubsub_affiliate *affiliate)
{
	if (access_may(affiliate->affiliation, ACCESS_CONFIGURE))
		texts_add(ctx, affiliate->jid);
}

enum pubsub_error affiliation_owners(
	struct service *service, const struct pubsub_node *node, struct pubsub_texts *out)
{
	struct texts owners = {.arena = service->arena};
	enum pubsub_error err = PUBSUB_OK;

	if (service->profile->account)
		texts_add(&owners, node->service);
	err = for_each(service, node, collect_owner, &owners);
	*out = texts_list(&owners);
	return err;
}

/* ---- as owners and entities see them ---- */

enum pubsub_error affiliation_stored(struct service *service, const struct pubsub_node *node,
	const char *bare, enum pubsub_affiliation *out, bool *fixed_out)
{
	*fixed_out = access_is_account(service, node->service, bare);
	*out = PUBSUB_AFFILIATION_OWNER;
	return *fixed_out ? PUBSUB_OK : store_affiliation_get(service->txn, node, bare, out);
}

static struct pubsub_affiliate account_row(const struct pubsub_node *node)
{
	return (struct pubsub_affiliate){
		.node_id = node->node_id,
		.jid = node->service,
		.affiliation = PUBSUB_AFFILIATION_OWNER,
		.no = node->no,
	};
}

/* The account has no row: it stands at the head of the list. */
static enum pubsub_error list_of_account(struct service *service, const struct pubsub_node *node,
	struct store_range range, struct pubsub_affiliate **out, size_t *n_out)
{
	struct pubsub_affiliate *rows = NULL;
	bool heads = range.after == NULL;
	size_t n = 0;
	enum pubsub_error err = PUBSUB_OK;

	if (range.after != NULL && access_is_account(service, node->service, range.after))
		range.after = NULL;
	if (range.before != NULL && access_is_account(service, node->service, range.before))
		return PUBSUB_OK;
	err = store_affiliations_page(service->txn, node, &range, service->arena, &rows, &n);
	heads = heads && (!range.backward || n < range.limit);
	if (n == range.limit && heads)
		n--;
	*out = arena_alloc(service->arena, (n + heads) * sizeof **out);
	*n_out = n + heads;
	if (heads)
		(*out)[0] = account_row(node);
	if (n > 0)
		memcpy(*out + heads, rows, n * sizeof *rows);
	return err;
}

enum pubsub_error affiliation_list(struct service *service, const struct pubsub_node *node,
	const struct store_range *range, struct pubsub_affiliate **out, size_t *n_out)
{
	if (service->profile->account)
		return list_of_account(service, node, *range, out, n_out);
	return store_affiliations_page(service->txn, node, range, service->arena, out, n_out);
}

struct staff {
	struct pubsub_affiliate *v;
	size_t n;
};

static void collect_staff(void *ctx, const struct pubsub_affiliate *affiliate)
{
	struct staff *staff = ctx;

	if (staff->n < STAFF && access_may(affiliate->affiliation, ACCESS_PUBLISH) &&
		access_may(affiliate->affiliation, ACCESS_RETRIEVE))
		staff->v[staff->n++] = *affiliate;
}

enum pubsub_error affiliation_staff(struct service *service, const struct pubsub_node *node,
	struct pubsub_affiliate **out, size_t *n_out)
{
	struct staff staff = {.v = arena_alloc(service->arena, STAFF * sizeof *staff.v)};
	enum pubsub_error err = PUBSUB_OK;

	if (service->profile->account)
		staff.v[staff.n++] = account_row(node);
	err = for_each(service, node, collect_staff, &staff);
	*out = staff.v;
	*n_out = staff.n;
	return err;
}

static struct store_number_range numbers_of(const struct store_entity_range *range)
{
	struct store_number_range numbers = {
		.after = range->after != NULL ? range->after->no : 0,
		.before = range->before != NULL ? range->before->no : 0,
		.backward = range->backward,
		.limit = range->limit < SIZE_MAX - range->skip ? range->limit + range->skip
							       : SIZE_MAX,
	};

	if (range->no != 0 && numbers.after < range->no)
		numbers.after = range->no - 1;
	if (range->no != 0 && (numbers.before == 0 || numbers.before > range->no))
		numbers.before = range->no + 1;
	return numbers;
}

/* In the order of other entities' lists. */
static enum pubsub_error nodes_of_account(struct service *service,
	const struct store_entity_range *range, struct pubsub_affiliate **out, size_t *n_out)
{
	const struct store_number_range numbers = numbers_of(range);
	struct pubsub_node *nodes = NULL;
	size_t n = 0;
	enum pubsub_error err = store_nodes_by_number(
		service->txn, range->service, &numbers, service->arena, &nodes, &n);

	if (err != PUBSUB_OK)
		return err;
	*n_out = n > range->skip ? n - range->skip : 0;
	*out = arena_alloc(service->arena, *n_out * sizeof **out);
	for (size_t i = 0; i < *n_out; i++)
		(*out)[i] = account_row(&nodes[range->skip + i]);
	return PUBSUB_OK;
}

enum pubsub_error affiliation_of_entity(struct service *service,
	const struct store_entity_range *range, struct pubsub_affiliate **out, size_t *n_out)
{
	if (access_is_account(service, range->service, range->bare))
		return nodes_of_account(service, range, out, n_out);
	return store_entity_affiliations_page(service->txn, range, service->arena, out, n_out);
}

/* A list of more than a page is not searched at every publication: then it does no harm to tell. */
enum pubsub_error affiliation_has_publishers(
	struct service *service, const struct pubsub_node *node, bool *out)
{
	const struct store_range range = {.limit = PAGE};
	struct pubsub_affiliate *v = NULL;
	size_t n = 0;
	enum pubsub_error err = PUBSUB_OK;

	*out = node->config.publish_model != PUBSUB_PUBLISH_PUBLISHERS;
	if (*out || !node_is_stored(node))
		return PUBSUB_OK;
	err = store_affiliations_page(service->txn, node, &range, service->arena, &v, &n);
	*out = n == PAGE;
	for (size_t i = 0; i < n && !*out; i++)
		*out = access_may(v[i].affiliation, ACCESS_PUBLISH) &&
		       !access_may(v[i].affiliation, ACCESS_CONFIGURE);
	return err;
}

static int compare_affiliates(const void *a, const void *b)
{
	return strcmp(((const struct pubsub_affiliate *)a)->jid,
		((const struct pubsub_affiliate *)b)->jid);
}

enum pubsub_error affiliation_roll_load(struct service *service, const struct pubsub_node *node,
	struct arena *arena, struct affiliation_roll *out)
{
	const struct store_range range = {.limit = PAGE};
	enum pubsub_error err = PUBSUB_OK;

	*out = (struct affiliation_roll){.whole = true};
	if (!node_is_stored(node))
		return PUBSUB_OK;
	err = store_affiliations_page(service->txn, node, &range, arena, &out->v, &out->n);
	if (err != PUBSUB_OK)
		return err;
	out->whole = out->n < PAGE;
	if (out->n > 1)
		qsort(out->v, out->n, sizeof *out->v, compare_affiliates);
	return PUBSUB_OK;
}

enum pubsub_error affiliation_roll_find(struct service *service, const struct pubsub_node *node,
	const struct affiliation_roll *roll, const char *bare, enum pubsub_affiliation *out)
{
	const struct pubsub_affiliate key = {.jid = bare};
	const struct pubsub_affiliate *found = NULL;

	if (!roll->whole || access_owns_all(service, node, bare))
		return access_affiliation(service, node, bare, out);
	if (roll->n > 0)
		found = bsearch(&key, roll->v, roll->n, sizeof key, compare_affiliates);
	*out = found != NULL ? found->affiliation : PUBSUB_AFFILIATION_NONE;
	return PUBSUB_OK;
}
