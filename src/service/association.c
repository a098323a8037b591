/* association.c - who becomes whose child, and who is it no more: by the configuration of either
 * node, or by a request of its own. Whoever associates has to own the child, and be let in by the
 * policy of the collection; to end it one of the two is enough. */
#include "service/association.h"

#include "service/access.h"
#include "service/event.h"
#include "service/node.h"

struct association {
	struct association *next;
	struct pubsub_node *collection, *child;
	bool ends;
	struct recipients told;
};

/* Some nodes of a service. */
struct nodes {
	struct pubsub_node **v;
	size_t n;
};

static bool has(const struct nodes *nodes, const struct pubsub_node *node)
{
	for (size_t i = 0; i < nodes->n; i++)
		if (nodes->v[i]->no == node->no)
			return true;
	return false;
}

static struct nodes list_of(struct service *service, struct pubsub_node *nodes, size_t n)
{
	struct nodes list = {arena_alloc(service->arena, n * sizeof(struct pubsub_node *)), n};

	for (size_t i = 0; i < n; i++)
		list.v[i] = &nodes[i];
	return list;
}

static enum pubsub_error find_named(
	const struct associations *as, struct pubsub_texts names, struct nodes *out)
{
	struct service *service = as->service;
	enum pubsub_error err = PUBSUB_OK;

	*out = (struct nodes){arena_alloc(service->arena, names.n * sizeof *out->v), 0};
	for (size_t i = 0; err == PUBSUB_OK && i < names.n; i++) {
		struct pubsub_node *node = NULL;

		err = store_node_get(
			service->txn, as->node->service, names.v[i], service->arena, &node);
		if (err == PUBSUB_OK && !has(out, node))
			out->v[out->n++] = node;
	}
	return err == PUBSUB_ERR_NODE_GONE ? PUBSUB_ERR_NODE_NOT_FOUND : err;
}

static bool is_given(const struct associations *as, const char *var)
{
	const struct pubsub_form_type *type = &pubsub_node_config_type;

	return (as->set & pubsub_field_bit(type, pubsub_field_find(type, var))) != 0;
}

/* ---- may it be? ---- */

/* The node need not be the one that the request names. */
static enum pubsub_error refuse(const struct associations *as, const struct pubsub_node *node)
{
	return conceal_node(as->service, as->request, node, PUBSUB_ERR_ASSOCIATE_FORBIDDEN);
}

static enum pubsub_error check_child(const struct associations *as, const struct pubsub_node *child)
{
	enum pubsub_error err = access_own(as->service, child, as->request->from, ACCESS_CONFIGURE);

	return err == PUBSUB_ERR_OWNER_FORBIDDEN ? refuse(as, child) : err;
}

static enum pubsub_error check_policy(
	const struct associations *as, const struct pubsub_node *collection)
{
	enum pubsub_error err = access_associate(as->service, collection, as->request->from);

	return err == PUBSUB_ERR_ASSOCIATE_FORBIDDEN ? refuse(as, collection) : err;
}

static enum pubsub_error full(const struct associations *as, uint32_t max)
{
	as->answer->detail = arena_printf(as->service->arena, "at most %lu", (unsigned long)max);
	return PUBSUB_ERR_COLLECTION_FULL;
}

static enum pubsub_error check_collection(
	const struct associations *as, const struct pubsub_node *collection)
{
	enum pubsub_error err = check_policy(as, collection);

	if (err != PUBSUB_OK)
		return err;
	if (!collection_is(collection))
		return PUBSUB_ERR_COLLECTION_INVALID;
	return collection->children < collection->config.children_max
		       ? PUBSUB_OK
		       : full(as, collection->config.children_max);
}

/* ---- what changes ---- */

static struct association *add(struct associations *as, struct pubsub_node *collection,
	struct pubsub_node *child, bool ends)
{
	struct association *association = arena_alloc(as->service->arena, sizeof *association);

	*association = (struct association){as->first, collection, child, ends, {0}};
	as->first = association;
	return association;
}

static enum pubsub_error find_parents(
	struct associations *as, struct nodes *had, struct nodes *will)
{
	struct service *service = as->service;
	struct pubsub_node *parents = NULL;
	size_t n = 0;
	enum pubsub_error err = PUBSUB_OK;

	if (as->before != NULL && as->before->parents > 0)
		err = store_parents_get(service->txn, as->before, service->arena, &parents, &n);
	*had = *will = list_of(service, parents, n);
	if (err == PUBSUB_OK && is_given(as, "pubsub#collection"))
		err = find_named(as, as->node->config.collection, will);
	return err;
}

static enum pubsub_error change_parents(struct associations *as, struct nodes *will)
{
	struct nodes had = {0};
	enum pubsub_error err = find_parents(as, &had, will);

	for (size_t i = 0; err == PUBSUB_OK && i < will->n; i++) {
		if (has(&had, will->v[i]))
			continue;
		err = check_collection(as, will->v[i]);
		add(as, will->v[i], as->node, false);
	}
	for (size_t i = 0; err == PUBSUB_OK && i < had.n; i++)
		if (!has(will, had.v[i]))
			add(as, had.v[i], as->node, true);
	return err;
}

static enum pubsub_error find_children(
	struct associations *as, struct nodes *had, struct nodes *will)
{
	struct pubsub_node *children = NULL;
	size_t n = 0;
	enum pubsub_error err = PUBSUB_OK;

	if (as->before != NULL)
		err = collection_children(as->service, as->before, as->answer, &children, &n);
	*had = list_of(as->service, children, n);
	return err == PUBSUB_OK ? find_named(as, as->node->config.children, will) : err;
}

static enum pubsub_error change_children(struct associations *as)
{
	struct nodes had = {0}, will = {0};
	enum pubsub_error err = find_children(as, &had, &will);

	for (size_t i = 0; err == PUBSUB_OK && i < will.n; i++) {
		if (has(&had, will.v[i]))
			continue;
		err = check_child(as, will.v[i]);
		add(as, as->node, will.v[i], false);
	}
	for (size_t i = 0; err == PUBSUB_OK && i < had.n; i++)
		if (!has(&will, had.v[i]))
			add(as, as->node, had.v[i], true);
	return err;
}

static enum pubsub_error check_count(const struct associations *as)
{
	uint32_t max = as->node->config.children_max;
	uint64_t begin = 0, end = 0, n = as->before != NULL ? as->before->children : 0;

	if (!is_given(as, "pubsub#children_max") && !is_given(as, "pubsub#children"))
		return PUBSUB_OK;
	for (const struct association *a = as->first; a != NULL; a = a->next) {
		begin += a->collection == as->node && !a->ends;
		end += a->collection == as->node && a->ends;
	}
	return n + begin > max + end ? full(as, max) : PUBSUB_OK;
}

/* Neither the node itself nor one that becomes its child may be above it. */
static enum pubsub_error check_circle(struct associations *as)
{
	if (as->above.cut)
		return full(as, (uint32_t)as->above.n);
	for (size_t i = 0; i < as->above.n; i++) {
		const uint32_t no = as->above.v[i].node->no;

		if (no == as->node->no)
			return PUBSUB_ERR_COLLECTION_INVALID;
		for (const struct association *a = as->first; a != NULL; a = a->next)
			if (!a->ends && a->collection == as->node && a->child->no == no)
				return PUBSUB_ERR_COLLECTION_INVALID;
	}
	for (const struct association *a = as->first; a != NULL; a = a->next)
		if (!a->ends && node_is_stored(as->node) && a->collection->no == a->child->no)
			return PUBSUB_ERR_COLLECTION_INVALID;
	return PUBSUB_OK;
}

/* ---- who is notified ---- */

/* As seen from a child of the node: the node itself, then what is above it. */
static struct above above_children(struct associations *as)
{
	struct above_node *v = arena_alloc(as->service->arena, (as->above.n + 1) * sizeof *v);
	size_t n = 0;

	if (node_is_stored(as->node))
		v[n++] = (struct above_node){as->node, 1};
	for (size_t i = 0; i < as->above.n; i++)
		v[n++] = (struct above_node){as->above.v[i].node, as->above.v[i].depth + 1};
	return (struct above){.v = v, .n = n};
}

static enum pubsub_error find_told(struct associations *as, struct association *a)
{
	struct recipients_reach reach = {
		.node = a->child,
		.kind = a->ends ? PUBSUB_EVENT_DISSOCIATE : PUBSUB_EVENT_ASSOCIATE,
		.node_id = a->collection->node_id,
	};
	enum pubsub_error err = PUBSUB_OK;

	if (!a->collection->config.deliver_notifications)
		return PUBSUB_OK;
	if (a->collection == as->node)
		reach.above = above_children(as);
	else
		err = collection_above_parents(
			as->service, a->child, &a->collection, 1, &reach.above);
	return err == PUBSUB_OK ? recipients_through(as->service, &reach, &a->told) : err;
}

/* Of a node that is created its collections hear that, and not that it is their child as well. */
static enum pubsub_error find_all_told(struct associations *as)
{
	struct recipients_reach reach = {
		.node = as->node,
		.kind = PUBSUB_EVENT_CREATE,
		.node_id = as->node->node_id,
		.above = as->above,
	};
	enum pubsub_error err = PUBSUB_OK;

	for (struct association *a = as->first; err == PUBSUB_OK && a != NULL; a = a->next)
		if (as->before != NULL || a->child != as->node)
			err = find_told(as, a);
	if (err == PUBSUB_OK && as->before == NULL)
		err = recipients_through(as->service, &reach, &as->created);
	return err;
}

/* ---- a configuration ---- */

static bool names_any(const struct associations *as)
{
	const struct pubsub_node_config *config = &as->node->config;

	return config->node_type == PUBSUB_NODE_COLLECTION || config->collection.n > 0 ||
	       config->children.n > 0;
}

static enum pubsub_error check_types(const struct associations *as)
{
	const bool leaf = !collection_is(as->node);

	if (as->before != NULL && collection_is(as->before) && leaf)
		return PUBSUB_ERR_COLLECTION_INVALID;
	return leaf && as->node->config.children.n > 0 ? PUBSUB_ERR_COLLECTION_INVALID : PUBSUB_OK;
}

static enum pubsub_error check_changes(struct associations *as)
{
	struct nodes parents = {0};
	enum pubsub_error err = change_parents(as, &parents);

	if (err == PUBSUB_OK && is_given(as, "pubsub#children"))
		err = change_children(as);
	if (err == PUBSUB_OK)
		err = check_count(as);
	if (err == PUBSUB_OK && (as->first != NULL || as->before == NULL))
		err = collection_above_parents(
			as->service, as->node, parents.v, parents.n, &as->above);
	if (err == PUBSUB_OK && as->first != NULL)
		err = check_circle(as);
	return err;
}

enum pubsub_error associations_check(struct associations *as)
{
	enum pubsub_error err = PUBSUB_OK;

	if (!as->service->profile->collections) {
		as->answer->detail = names_any(as) ? "collections" : NULL;
		return names_any(as) ? PUBSUB_ERR_UNSUPPORTED : PUBSUB_OK;
	}
	err = check_types(as);
	if (err == PUBSUB_OK)
		err = check_changes(as);
	return err == PUBSUB_OK ? find_all_told(as) : err;
}

static enum pubsub_error write_one(struct associations *as, const struct association *a)
{
	struct store_txn *txn = as->service->txn;
	enum pubsub_error err = a->ends ? store_child_del(txn, a->collection, a->child)
					: store_child_put(txn, a->collection, a->child);

	if (err == PUBSUB_OK)
		event_of_relation(as->service, a->collection, a->child,
			a->ends ? PUBSUB_EVENT_DISSOCIATE : PUBSUB_EVENT_ASSOCIATE, &a->told);
	return err;
}

enum pubsub_error associations_write(struct associations *as)
{
	enum pubsub_error err = PUBSUB_OK;

	for (const struct association *a = as->first; err == PUBSUB_OK && a != NULL; a = a->next)
		err = write_one(as, a);
	if (err == PUBSUB_OK && as->before == NULL)
		event_of_node(as->service, as->node, PUBSUB_EVENT_CREATE, &as->created);
	return err;
}

/* ---- a request of its own: 7.5, 7.6 ---- */

static enum pubsub_error find_both(struct associations *as, struct pubsub_node **collection_out)
{
	struct service *service = as->service;
	enum pubsub_error err = PUBSUB_OK;

	if (!service->profile->collections) {
		as->answer->detail = "collections";
		return PUBSUB_ERR_UNSUPPORTED;
	}
	err = node_find(service, as->request, as->answer, collection_out);
	if (err != PUBSUB_OK)
		return err;
	err = store_node_get(
		service->txn, as->request->service, as->request->child, service->arena, &as->node);
	as->before = as->node;
	return err == PUBSUB_ERR_NODE_GONE ? PUBSUB_ERR_NODE_NOT_FOUND : err;
}

static enum pubsub_error check_associate(
	struct associations *as, struct pubsub_node *collection, const struct nodes *parents)
{
	struct nodes will = {arena_alloc(as->service->arena, (parents->n + 1) * sizeof *will.v), 0};
	enum pubsub_error err = check_child(as, as->node);

	if (err == PUBSUB_OK)
		err = check_policy(as, collection);
	if (err != PUBSUB_OK || has(parents, collection))
		return err;
	err = check_collection(as, collection);
	for (size_t i = 0; i < parents->n; i++)
		will.v[will.n++] = parents->v[i];
	will.v[will.n++] = collection;
	add(as, collection, as->node, false);
	if (err == PUBSUB_OK)
		err = collection_above_parents(as->service, as->node, will.v, will.n, &as->above);
	return err == PUBSUB_OK ? check_circle(as) : err;
}

static enum pubsub_error check_dissociate(
	struct associations *as, struct pubsub_node *collection, const struct nodes *parents)
{
	const struct jid from = as->request->from;
	enum pubsub_error err = access_own(as->service, collection, from, ACCESS_CONFIGURE);

	if (err == PUBSUB_ERR_OWNER_FORBIDDEN)
		err = check_child(as, as->node);
	if (err != PUBSUB_OK)
		return err;
	if (!has(parents, collection))
		return conceal_node(as->service, as->request, as->node, PUBSUB_ERR_NOT_ASSOCIATED);
	add(as, collection, as->node, true);
	return PUBSUB_OK;
}

enum pubsub_error service_associate(
	struct service *service, const struct pubsub_request *request, struct pubsub_answer *answer)
{
	struct associations as = {.service = service, .request = request, .answer = answer};
	struct pubsub_node *collection = NULL;
	struct nodes parents = {0}, same = {0};
	enum pubsub_error err = find_both(&as, &collection);

	if (err == PUBSUB_OK)
		err = find_parents(&as, &parents, &same);
	if (err == PUBSUB_OK)
		err = (request->dissociate ? check_dissociate : check_associate)(
			&as, collection, &parents);
	if (err == PUBSUB_OK)
		err = find_all_told(&as);
	return err == PUBSUB_OK ? associations_write(&as) : err;
}
