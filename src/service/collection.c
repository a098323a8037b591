/* collection.c - what is above a node, by the rows of the store: XEP-0248. */
#include "service/collection.h"

#include "peppy/array.h"
#include "service/access.h"
#include "service/node.h"
#include "service/texts.h"

#define ABOVE_MAX 128 /* collections that one event may reach */
#define TOLD_MAX 1000 /* children in a form */

bool collection_is(const struct pubsub_node *node)
{
	return node->config.node_type == PUBSUB_NODE_COLLECTION;
}

/* ---- the root ---- */

static bool is_root(const struct pubsub_node *node)
{
	return *node->node_id == '\0';
}

enum pubsub_error collection_root(
	struct service *service, const char *service_jid, struct pubsub_node **out)
{
	struct pubsub_node *root = NULL;
	enum pubsub_error err = store_node_get(service->txn, service_jid, "", service->arena, out);

	if (err != PUBSUB_ERR_NODE_NOT_FOUND)
		return err;
	root = arena_alloc(service->arena, sizeof *root);
	*root = (struct pubsub_node){
		.service = service_jid,
		.node_id = "",
		.creator = service_jid,
		.created_us = service->now_us,
		.config = pubsub_node_config_default,
	};
	root->config.node_type = PUBSUB_NODE_COLLECTION;
	root->config.persist_items = false;
	*out = root;
	return PUBSUB_OK;
}

/* ---- above ---- */

static bool is_above(const struct above *above, const struct pubsub_node *node)
{
	for (size_t i = 0; i < above->n; i++)
		if (above->v[i].node->no == node->no)
			return true;
	return false;
}

static void add(
	struct service *service, struct above *above, struct pubsub_node *node, uint32_t depth)
{
	if (above->v == NULL)
		above->v = arena_alloc(service->arena, ABOVE_MAX * sizeof *above->v);
	if (is_above(above, node))
		return;
	above->cut = above->cut || above->n == ABOVE_MAX;
	if (above->n < ABOVE_MAX)
		above->v[above->n++] = (struct above_node){node, depth};
}

/* Whatever is in no collection is in the root. */
static enum pubsub_error add_root(struct service *service, struct above *above,
	const struct pubsub_node *node, uint32_t depth)
{
	struct pubsub_node *root = NULL;
	enum pubsub_error err = PUBSUB_OK;

	if (!service->profile->root || is_root(node))
		return PUBSUB_OK;
	err = collection_root(service, node->service, &root);
	if (err == PUBSUB_OK && node_is_stored(root))
		add(service, above, root, depth);
	return err;
}

static enum pubsub_error add_parents(struct service *service, struct above *above,
	const struct pubsub_node *node, uint32_t depth)
{
	struct pubsub_node *parents = NULL;
	size_t n = 0;
	enum pubsub_error err = PUBSUB_OK;

	if (node->parents > 0)
		err = store_parents_get(service->txn, node, service->arena, &parents, &n);
	for (size_t i = 0; err == PUBSUB_OK && i < n; i++)
		add(service, above, &parents[i], depth);
	return err == PUBSUB_OK && n == 0 ? add_root(service, above, node, depth) : err;
}

static enum pubsub_error climb(struct service *service, struct above *above)
{
	enum pubsub_error err = PUBSUB_OK;

	for (size_t i = 0; err == PUBSUB_OK && i < above->n; i++)
		err = add_parents(service, above, above->v[i].node, above->v[i].depth + 1);
	return err;
}

enum pubsub_error collection_above(
	struct service *service, const struct pubsub_node *node, struct above *out)
{
	enum pubsub_error err = PUBSUB_OK;

	*out = (struct above){0};
	if (!service->profile->collections)
		return PUBSUB_OK;
	err = add_parents(service, out, node, 1);
	return err == PUBSUB_OK ? climb(service, out) : err;
}

enum pubsub_error collection_above_parents(struct service *service, const struct pubsub_node *node,
	struct pubsub_node *const *parents, size_t n, struct above *out)
{
	enum pubsub_error err = PUBSUB_OK;

	*out = (struct above){0};
	if (!service->profile->collections)
		return PUBSUB_OK;
	for (size_t i = 0; i < n; i++)
		add(service, out, parents[i], 1);
	if (n == 0)
		err = add_root(service, out, node, 1);
	return err == PUBSUB_OK ? climb(service, out) : err;
}

/* ---- in configurations ---- */

static const struct pubsub_field *field_of(const char *var)
{
	return pubsub_field_find(&pubsub_node_config_type, var);
}

enum pubsub_error collection_children(struct service *service, const struct pubsub_node *node,
	struct pubsub_answer *answer, struct pubsub_node **out, size_t *n_out)
{
	const struct store_number_range all = {.limit = TOLD_MAX};

	*out = NULL;
	*n_out = 0;
	if (node->children == 0)
		return PUBSUB_OK;
	if (node->children > TOLD_MAX) {
		answer->detail = "pubsub#children";
		return PUBSUB_ERR_CONFIG_INVALID;
	}
	return store_children_page(service->txn, node, &all, service->arena, out, n_out);
}

/* Who is told. */
enum audience { OWNERS, EVERYBODY };

static struct pubsub_texts names_of(
	struct service *service, const struct pubsub_node *nodes, size_t n, enum audience audience)
{
	struct texts names = {.arena = service->arena};

	for (size_t i = 0; i < n; i++)
		if (audience == OWNERS || access_is_open(&nodes[i]))
			texts_add(&names, nodes[i].node_id);
	return texts_list(&names);
}

/* That a node is in the root shows by an empty name. */
static enum pubsub_error tell_parents(struct service *service, const struct pubsub_node *node,
	struct pubsub_node_config *config, enum audience audience)
{
	static const char *const root = "";
	struct pubsub_node *parents = NULL;
	size_t n = 0;
	enum pubsub_error err = PUBSUB_OK;

	if (node->parents > 0)
		err = store_parents_get(service->txn, node, service->arena, &parents, &n);
	config->collection = names_of(service, parents, n, audience);
	if (n == 0 && service->profile->root)
		config->collection = (struct pubsub_texts){&root, 1};
	return err;
}

static enum pubsub_error tell(struct service *service, const struct pubsub_node *node,
	struct pubsub_node_config *config, enum audience audience)
{
	struct pubsub_answer ignored = {0};
	struct pubsub_node *children = NULL;
	size_t n = 0;
	enum pubsub_error err = PUBSUB_OK;

	if (!service->profile->collections)
		return PUBSUB_OK;
	err = tell_parents(service, node, config, audience);
	if (err == PUBSUB_OK)
		err = collection_children(service, node, &ignored, &children, &n);
	config->children = names_of(service, children, n, audience);
	return err == PUBSUB_ERR_CONFIG_INVALID ? PUBSUB_OK : err;
}

enum pubsub_error collection_tell(
	struct service *service, const struct pubsub_node *node, struct pubsub_node_config *config)
{
	return tell(service, node, config, OWNERS);
}

enum pubsub_error collection_tell_all(
	struct service *service, const struct pubsub_node *node, struct pubsub_node_config *config)
{
	return tell(service, node, config, EVERYBODY);
}

/* What is about items; about children, beside the list of them, which is for leaves to be empty. */
static const char *const of_leaves[] = {"pubsub#publish_model", "pubsub#persist_items",
	"pubsub#max_items", "pubsub#publish_node_full", "pubsub#item_expire",
	"pubsub#max_payload_size", "pubsub#purge_offline", "pubsub#send_last_published_item",
	"pubsub#presence_based_delivery", "pubsub#notify_retract", "pubsub#itemreply",
	"pubsub#body_xslt", "pubsub#dataform_xslt"};
static const char *const of_collections[] = {"pubsub#children_max",
	"pubsub#children_association_policy", "pubsub#children_association_whitelist"};
static const char *const of_children[] = {"pubsub#children"};
static const char *const of_relations[] = {"pubsub#collection", "pubsub#children"};

static uint64_t bits(const char *const *vars, size_t n)
{
	uint64_t set = 0;

	for (size_t i = 0; i < n; i++)
		set |= pubsub_field_bit(&pubsub_node_config_type, field_of(vars[i]));
	return set;
}
#define BITS(vars) bits(vars, ARRAY_COUNT(vars))

uint64_t collection_hidden(const struct service *service, const struct pubsub_node *node)
{
	if (!service->profile->collections)
		return BITS(of_collections) | BITS(of_relations);
	if (!collection_is(node))
		return BITS(of_collections);
	return node->children > TOLD_MAX ? BITS(of_leaves) | BITS(of_children) : BITS(of_leaves);
}
