/* check_nodes.c - the check of tree N: services and what their nodes hold. */
#include "store/check.h"

#include <stdio.h>

#include "store/entity.h"
#include "store/rows.h"

/* ---- services ---- */

static void check_service(struct check *check, struct bytes rest)
{
	uint32_t sid = check->service.sid;
	struct record record;
	const char *jid;
	struct key key;

	check->found.services++;
	if (rest.len > 0 || !service_read(check->row.value, &check->service.record, &jid)) {
		check_fault(check, "no service");
		return;
	}
	if (sid > check->last_sid)
		check_fault(check, "a service with a number above the last one");
	service_name_key(&key, jid);
	record = record_read_start(check_find(check, TREE_ENTITIES, &key));
	if (record_read_varint(&record) != sid)
		check_fault(check, "its name does not lead to it");
}

static bool leads_to_part(struct check *check, uint32_t no, struct bytes part)
{
	struct pubsub_node node = {0};
	struct key key;

	key_init_node(&key, check->service.sid, no, NODE_CONFIG);
	return node_config_read(check_find(check, TREE_NODES, &key), check->arena, &node) &&
	       check_is_part(part, node.node_id);
}

static void check_name(struct check *check, struct bytes rest)
{
	struct bytes part = rest;
	struct key_part text;
	struct name_row name;

	if (!key_take_part(&rest, &text) || rest.len > 0 ||
		!node_name_read(check->row.value, &name)) {
		check_fault(check, "no name of a node");
		return;
	}
	if (name.redirects)
		return;
	check->service.names += text.text.data == NULL || text.text.len > 0; /* the root is none */
	if (name.no == 0 || name.no > check->service.record.last_no)
		check_fault(check, "a node with a number above the last one");
	if (!leads_to_part(check, name.no, part))
		check_fault(check, "leads to no node of that name");
}

static void check_contact(struct check *check, struct bytes rest)
{
	struct store_contact contact;
	struct bytes back;
	struct key key;

	if (!contact_read(&check->row, check->arena, &contact) ||
		!check_is_part(rest, contact.jid)) {
		check_fault(check, "no contact");
		return;
	}
	contact_back_key(&key, check->service.sid, rest);
	back = check_find(check, TREE_ENTITIES, &key);
	if (store_contact_may_see(&contact) != (back.data != NULL))
		check_fault(check, "the way back to the account is wrong");
}

static void check_roster(struct check *check, struct bytes rest)
{
	struct record record = record_read_start(check->row.value);

	record_read_varint(&record);
	if (record.bad || rest.len > 0)
		check_fault(check, "no time of a roster");
}

static void end_service(struct check *check)
{
	const struct check_service *service = &check->service;
	struct key key;

	if (service->sid == 0 || service->names == service->record.nodes)
		return;
	key_init_node(&key, service->sid, 0, SERVICE_RECORD);
	check_fault_at(check, TREE_NODES, key_bytes(&key),
		"the service counts another number of nodes than it has");
}

static void begin_service(struct check *check, uint32_t sid)
{
	struct key key;

	end_service(check);
	check->service = (struct check_service){.sid = sid};
	key_init_node(&key, sid, 0, SERVICE_RECORD);
	if (sid == 0 || !check_has(check, TREE_NODES, &key))
		check_fault(check, "of a service that does not exist");
}

/* ---- nodes ---- */

static void check_stat(struct check *check, struct bytes rest)
{
	const struct check_node *node = &check->node;
	struct key key;

	check->found.nodes++;
	if (rest.len > 0)
		check_unknown(check);
	else if (!node->lives)
		check_fault(check, "no stat");
	else if (node->stat.floor > node->stat.last_seq)
		check_fault(check, "the floor is above the last item");
	node_due_key(&key, &node->node, node->stat.due_us);
	if (node->lives && node->stat.due_us != 0 && !check_has(check, TREE_TIMES, &key))
		check_fault(check, "nothing will expire");
}

static void check_config(struct check *check, struct bytes rest)
{
	struct check_node *node = &check->node;
	struct pubsub_node read = {0};
	struct name_row name;
	struct key key;

	node->has_config = true;
	if (rest.len > 0 || !node_config_read(check->row.value, check->arena, &read)) {
		check_fault(check, "no configuration");
		return;
	}
	node->item_expire_s = read.config.item_expire_s;
	if (!node->lives)
		check_fault(check, "a configuration without stat");
	node_name_key(&key, node->node.sid, read.node_id);
	if (!node_name_read(check_find(check, TREE_NODES, &key), &name) || name.redirects ||
		name.no != node->node.no)
		check_fault(check, "its NodeID does not lead to it");
}

static void check_affiliation(struct check *check, struct bytes rest)
{
	struct pubsub_affiliate affiliate;
	struct key key;

	check->found.affiliations++;
	if (!affiliation_read(&check->row, check->arena, &affiliate) ||
		!check_is_part(rest, affiliate.jid)) {
		check_fault(check, "no affiliation");
		return;
	}
	entity_key(&key, ENTITY_AFFILIATION, rest, &check->node.node);
	if (!check_has(check, TREE_ENTITIES, &key))
		check_fault(check, "the entity does not have this affiliation");
}

/* Below the floor, and of a node that is gone, the id may be that of a newer item, or be gone. */
static void check_way_from_id(struct check *check, const struct pubsub_item *item, bool exists)
{
	struct record record;
	struct bytes value;
	uint64_t seq;
	struct key key;

	item_id_key(&key, &check->node.node, item->id);
	value = check_find(check, TREE_NODES, &key);
	record = record_read_start(value);
	seq = record_read_u64(&record);
	if (exists ? seq != item->seq : value.data != NULL && seq < item->seq)
		check_fault(check, "its ItemID does not lead to it");
}

static void check_item(struct check *check, struct bytes rest)
{
	struct check_node *node = &check->node;
	struct pubsub_item item;
	uint64_t seq = 0;
	bool exists;

	if (!key_take_u64(&rest, &seq) || rest.len > 0 ||
		!item_read(seq, check->row.value, &item)) {
		check_fault(check, "no item");
		return;
	}
	exists = node->lives && seq > node->stat.floor;
	if (exists) {
		check->found.items++;
		if (node->items++ == 0)
			node->published_us = item.published_us;
		node->bytes += check->row.value.len;
	} else if (!node->doomed) {
		check_fault(check, "an item that nothing will erase");
	}
	if (node->lives && seq > node->stat.last_seq)
		check_fault(check, "an item above the last one");
	check_way_from_id(check, &item, exists);
}

static void check_item_id(struct check *check, struct bytes rest)
{
	struct record record = record_read_start(check->row.value);
	uint64_t seq = record_read_u64(&record);
	struct pubsub_item item;
	struct key key;

	item_key(&key, &check->node.node, seq);
	if (record.bad)
		check_fault(check, "no ItemID");
	else if (!item_read(seq, check_find(check, TREE_NODES, &key), &item) ||
		 !check_is_part(rest, item.id))
		check_fault(check, "leads to no item of that id");
}

/* The key behind tag and node is the same in N 40 and N 48. */
static bool read_rest(
	struct check *check, struct bytes rest, struct bytes value, struct pubsub_subscription *out)
{
	struct key key;

	if (value.data == NULL || !subscription_read(rest, value, check->arena, out))
		return false;
	key_init(&key);
	key_add_jid(&key, out->subscriber);
	key_add_part(&key, out->sub_id);
	return bytes_equal(key_bytes(&key), rest);
}

static void check_subscription_mirror(struct check *check, struct bytes rest)
{
	struct key_part bare;
	struct key key;

	if (!key_take_part(&rest, &bare))
		return; /* it was read a moment ago */
	entity_key(&key, ENTITY_SUBSCRIPTION, bare.raw, &check->node.node);
	key_add_bytes(&key, rest);
	if (!check_has(check, TREE_ENTITIES, &key))
		check_fault(check, "the entity does not have this subscription");
}

static void check_subscription(struct check *check, struct bytes rest)
{
	struct check_node *node = &check->node;
	struct pubsub_subscription subscription;
	struct key key;
	bool pending;

	check->found.subscriptions++;
	if (!read_rest(check, rest, check->row.value, &subscription)) {
		check_fault(check, "no subscription");
		return;
	}
	pending = subscription.state == PUBSUB_SUBSCRIPTION_PENDING;
	node->pending += pending;
	node->subscribers += subscription.state == PUBSUB_SUBSCRIPTION_SUBSCRIBED ||
			     subscription.state == PUBSUB_SUBSCRIPTION_UNCONFIGURED;
	if (node->lives && subscription.since_seq > node->stat.last_seq)
		check_fault(check, "a subscription above the last item");
	check_subscription_mirror(check, rest);
	subscription_due_key(&key, subscription.due_us, &node->node, rest);
	if (subscription.due_us != 0 && !check_has(check, TREE_TIMES, &key))
		check_fault(check, "it will not be looked at");
	key_init_node(&key, node->node.sid, node->node.no, NODE_PENDING);
	key_add_bytes(&key, rest);
	if (pending && !check_has(check, TREE_NODES, &key))
		check_fault(check, "pending, and not listed so");
}

/* Of a node that is gone the subscriptions are erased first. */
static void check_pending(struct check *check, struct bytes rest)
{
	const struct pubsub_node *node = &check->node.node;
	struct pubsub_subscription subscription;
	struct key key;

	if (!check->node.lives)
		return;
	key_init_node(&key, node->sid, node->no, NODE_SUBSCRIPTION);
	key_add_bytes(&key, rest);
	if (!read_rest(check, rest, check_find(check, TREE_NODES, &key), &subscription) ||
		subscription.state != PUBSUB_SUBSCRIPTION_PENDING)
		check_fault(check, "leads to no pending subscription");
}

/* An event that waits; of a node that is gone the subscription is erased first. */
static void check_digest(struct check *check, struct bytes rest)
{
	const struct pubsub_node *node = &check->node.node;
	struct pubsub_subscription subscription;
	struct key key;

	if (rest.len < sizeof(uint64_t) || record_read_start(check->row.value).bad) {
		check_fault(check, "no event that waits");
		return;
	}
	if (!check->node.lives)
		return;
	rest.len -= sizeof(uint64_t); /* its place */
	key_init_node(&key, node->sid, node->no, NODE_SUBSCRIPTION);
	key_add_bytes(&key, rest);
	if (!read_rest(check, rest, check_find(check, TREE_NODES, &key), &subscription) ||
		subscription.digest.due_us == 0)
		check_fault(check, "leads to no subscription with a digest");
}

/* A row of a collection or of its child, and the one that it leads to, until both are erased. */
static void check_relation(struct check *check, struct bytes rest, enum node_tag back)
{
	const struct pubsub_node *node = &check->node.node;
	struct pubsub_node other = {.sid = node->sid};
	struct key key;

	if (!key_take_u32(&rest, &other.no) || rest.len > 0) {
		check_fault(check, "names no node");
		return;
	}
	relation_key(&key, &other, back, node->no);
	if (!check_has(check, TREE_NODES, &key))
		check_fault(check, "leads to no %s of this one",
			back == NODE_PARENT ? "child" : "collection");
	key_init_node(&key, other.sid, other.no, NODE_STAT);
	if (back == NODE_PARENT && !check_has(check, TREE_NODES, &key))
		check_fault(check, "leads to no node");
}

static void check_child(struct check *check, struct bytes rest)
{
	check->node.children++;
	check_relation(check, rest, NODE_PARENT);
}

static void check_parent(struct check *check, struct bytes rest)
{
	check->node.parents++;
	if (!check->node.lives)
		check_fault(check, "a parent of a node that is gone");
	check_relation(check, rest, NODE_CHILD);
}

static void compare(struct check *check, const struct key *stat, const char *what, uint64_t counted,
	uint64_t kept)
{
	char text[128];

	if (counted == kept)
		return;
	snprintf(text, sizeof text, "%llu %s are counted, there are %llu", (unsigned long long)kept,
		what, (unsigned long long)counted);
	check_fault_at(check, TREE_NODES, key_bytes(stat), text);
}

/* The oldest item is due when the node is, or later. */
static void check_due(struct check *check, const struct key *stat)
{
	const struct check_node *node = &check->node;
	const struct pubsub_node as = {.config.item_expire_s = node->item_expire_s};
	const struct pubsub_item oldest = {.published_us = node->published_us};
	uint64_t due_us = item_expiry(&as, &oldest);

	if (node->items > 0 && due_us != 0 &&
		(node->stat.due_us == 0 || node->stat.due_us > due_us))
		check_fault_at(check, TREE_NODES, key_bytes(stat), "its items expire too late");
}

static void end_node(struct check *check)
{
	const struct check_node *node = &check->node;
	struct key key;

	if (node->node.no == 0 || !node->lives)
		return;
	key_init_node(&key, node->node.sid, node->node.no, NODE_STAT);
	if (!node->has_config)
		check_fault_at(check, TREE_NODES, key_bytes(&key), "a node without configuration");
	compare(check, &key, "items", node->items, node->stat.items);
	compare(check, &key, "bytes of items", node->bytes, node->stat.bytes);
	compare(check, &key, "subscribers", node->subscribers, node->stat.subscribers);
	compare(check, &key, "pending subscriptions", node->pending, node->stat.pending);
	compare(check, &key, "collections", node->parents, node->stat.parents);
	compare(check, &key, "children", node->children, node->stat.children);
	check_due(check, &key);
}

static void begin_node(struct check *check, uint32_t no)
{
	struct check_node *node = &check->node;
	struct key key;

	end_node(check);
	*node = (struct check_node){.node = {.sid = check->service.sid, .no = no}};
	if (no == 0)
		return;
	key_init_node(&key, check->service.sid, no, NODE_STAT);
	node->lives = node_stat_read(check_find(check, TREE_NODES, &key), &node->stat);
	key_init(&key);
	key_add_u8(&key, META_ERASE);
	key_add_u32(&key, check->service.sid);
	key_add_u32(&key, no);
	node->doomed = check_find(check, TREE_META, &key).data != NULL;
	if (!node->lives && !node->doomed)
		check_fault(check, "of a node that does not exist");
	if (no > check->service.record.last_no)
		check_fault(check, "of a node with a number above the last one");
}

/* ---- rows ---- */

static void (*const service_rows[UINT8_MAX + 1])(struct check *, struct bytes) = {
	[SERVICE_RECORD] = check_service,
	[SERVICE_NODE] = check_name,
	[SERVICE_CONTACT] = check_contact,
	[SERVICE_ROSTER] = check_roster,
};

static void (*const node_rows[UINT8_MAX + 1])(struct check *, struct bytes) = {
	[NODE_STAT] = check_stat,
	[NODE_CONFIG] = check_config,
	[NODE_AFFILIATION] = check_affiliation,
	[NODE_ITEM] = check_item,
	[NODE_ITEM_ID] = check_item_id,
	[NODE_SUBSCRIPTION] = check_subscription,
	[NODE_PENDING] = check_pending,
	[NODE_CHILD] = check_child,
	[NODE_PARENT] = check_parent,
	[NODE_DIGEST] = check_digest,
};

void check_node_row(struct check *check)
{
	struct bytes rest = check->row.key;
	uint32_t sid, no;
	unsigned tag;

	if (!key_take_u32(&rest, &sid) || !key_take_u32(&rest, &no) || !key_take_u8(&rest, &tag)) {
		check_unknown(check);
		return;
	}
	if (sid != check->service.sid || sid == 0) {
		begin_node(check, 0);
		begin_service(check, sid);
	}
	if (no != check->node.node.no)
		begin_node(check, no);
	if ((no == 0 ? service_rows : node_rows)[tag] != NULL)
		(no == 0 ? service_rows : node_rows)[tag](check, rest);
	else
		check_unknown(check);
}

void check_nodes_end(struct check *check)
{
	end_node(check);
	end_service(check);
}
