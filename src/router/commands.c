/* The ad-hoc commands, one row each, and the forms that they ask for. Those that XEP-0133 or
 * XEP-0060 names have the nodes and fields of these; the others are our own. */
#include "command.h"

#include <stdlib.h>

#include "peppy/array.h"

#define ADMIN(name) COMMAND_NS_ADMIN "#" name
#define OWN(name) "peppy#" name

#define KIB(n) ((n)*1024)
#define AT(member) .offset = offsetof(struct command_args, member)

/* ---- fields ---- */

static const char *const page_values[] = {"25", "50", "75", "100", "150", "200"};
static const struct pubsub_words page_words = {page_values, page_values, ARRAY_COUNT(page_values)};

const struct command_args command_args_default = {.page = 3};

size_t command_rows(const struct command_args *args)
{
	return (size_t)atoi(page_values[args->page]);
}

/* clang-format off */
#define NODE(text, must) \
	{.var = "node", .label = (text), .type = PUBSUB_FIELD_TEXT, AT(node), .max = KIB(8), \
		.required = (must)}

static const struct pubsub_field pending_fields[] = {
	{.var = "pubsub#node", .label = "The node whose requests are to be sent",
		.type = PUBSUB_FIELD_TEXT, AT(node), .max = UINT32_MAX},
};
static const struct pubsub_field list_fields[] = {
	{.var = "pattern", .label = "Only nodes of this pattern, where * stands for anything",
		.type = PUBSUB_FIELD_TEXT, AT(pattern), .max = KIB(1)},
	{.var = "max_items", .label = "How many to show at a time", .type = PUBSUB_FIELD_LIST,
		AT(page), .words = &page_words},
};
static const struct pubsub_field node_fields[] = {NODE("NodeID", true)};
static const struct pubsub_field create_fields[] = {
	NODE("NodeID; without one the service chooses it", false),
};
static const struct pubsub_field delete_fields[] = {
	NODE("NodeID", true),
	{.var = "redirect", .label = "A URI of what replaces it",
		.type = PUBSUB_FIELD_TEXT, AT(redirect), .max = KIB(2)},
};
static const struct pubsub_field announce_fields[] = {
	{.var = "subject", .label = "Subject",
		.type = PUBSUB_FIELD_TEXT, AT(subject), .max = KIB(1)},
	{.var = "announcement", .label = "Announcement",
		.type = PUBSUB_FIELD_TEXTS, AT(announcement), .max = KIB(8), .required = true},
};
static const struct pubsub_field account_fields[] = {
	{.var = "accountjid", .label = "The JID of the account",
		.type = PUBSUB_FIELD_JID, AT(account), .required = true},
	{.var = "nodes", .label = "Also delete nodes here that nobody else owns",
		.type = PUBSUB_FIELD_BOOL, AT(nodes)},
};
static const struct pubsub_field confirm_fields[] = {
	{.var = "confirm", .label = "Yes, do it", .type = PUBSUB_FIELD_BOOL, AT(confirmed),
		.required = true},
};

/* ---- forms ---- */

#define FIELDS(name, ns) \
	static const struct pubsub_form_type name##_type = { \
		.form_type = (ns), .v = name##_fields, .n = ARRAY_COUNT(name##_fields), \
		.size = sizeof(struct command_args)}

FIELDS(pending, NS_PUBSUB "#subscribe_authorization");
FIELDS(list, NULL);
FIELDS(node, NULL);
FIELDS(create, NULL);
FIELDS(delete, NULL);
FIELDS(announce, COMMAND_NS_ADMIN);
FIELDS(account, NULL);
FIELDS(confirm, NULL);

#define FORM(type, name, text) {.fields = &(type), .title = (name), .instructions = (text)}

static const struct codec_form
	pending_form = FORM(pending_type, "Pending subscription requests",
		"The requests of the node that you choose are sent to you again."),
	list_form = FORM(list_type, "List nodes", "Which nodes do you want to see?"),
	show_form = FORM(node_type, "Show a node", "Which node do you want to see?"),
	create_form = FORM(create_type, "Create a node",
		"Complete it as it is, or go on to its configuration."),
	config_form = FORM(pubsub_node_config_type, "Create a node",
		"Change what you like; fields that you leave out stay as they are."),
	delete_form = FORM(delete_type, "Delete a node", "Which node is to be deleted?"),
	purge_form = FORM(node_type, "Purge a node", "Of which node are all items to be deleted?"),
	announce_form = FORM(announce_type, "Make an announcement",
		"It is sent to everybody who is online, now and once."),
	account_form = FORM(account_type, "Erase an account", "Whose is to be erased?"),
	confirm_form = FORM(confirm_type, "Are you sure?", NULL);

/* ---- commands ---- */

static const struct command commands[] = {
	{.node = NS_PUBSUB "#get-pending", .name = "Get pending subscription requests",
	 .adopts = true, .mode = STORE_READ, .run = command_pending,
	 .stages = {{.form = &pending_form, .ask = command_pending_ask}}},

	{.node = OWN("own-nodes"), .name = "Show my nodes",
	 .mode = STORE_READ, .run = command_own_nodes},
	{.node = OWN("own-subscriptions"), .name = "Show my subscriptions",
	 .mode = STORE_READ, .run = command_own_subscriptions},
	{.node = OWN("own-export"), .name = "Export what is mine",
	 .mode = STORE_READ, .run = command_own_export},
	{.node = OWN("own-erase"), .name = "Erase what is mine",
	 .mode = STORE_WRITE, .run = command_own_erase,
	 .stages = {{.form = &confirm_form, .ask = command_own_erase_ask}}},

	{.node = OWN("list-nodes"), .name = "List nodes", .for_admins = true,
	 .mode = STORE_READ, .run = command_nodes_list, .stages = {{.form = &list_form}}},
	{.node = OWN("show-node"), .name = "Show a node", .for_admins = true,
	 .mode = STORE_READ, .run = command_node_show, .stages = {{.form = &show_form}}},
	{.node = OWN("create-node"), .name = "Create a node", .for_admins = true, .skips = true,
	 .mode = STORE_WRITE, .run = command_node_create,
	 .stages = {{.form = &create_form},
		{.form = &config_form, .ask = command_node_create_ask, .configures = true}}},
	{.node = OWN("delete-node"), .name = "Delete a node", .for_admins = true,
	 .mode = STORE_WRITE, .run = command_node_delete,
	 .stages = {{.form = &delete_form},
		{.form = &confirm_form, .ask = command_node_delete_ask}}},
	{.node = OWN("purge-node"), .name = "Purge a node", .for_admins = true,
	 .mode = STORE_WRITE, .run = command_node_purge,
	 .stages = {{.form = &purge_form},
		{.form = &confirm_form, .ask = command_node_purge_ask}}},
	{.node = OWN("statistics"), .name = "Statistics", .for_admins = true,
	 .mode = STORE_READ, .run = command_statistics},
	{.node = ADMIN("get-online-users-num"), .name = "Get number of online users",
	 .for_admins = true, .mode = STORE_READ, .run = command_online},
	{.node = OWN("erase-account"), .name = "Erase an account", .for_admins = true,
	 .mode = STORE_WRITE, .run = command_account_erase,
	 .stages = {{.form = &account_form},
		{.form = &confirm_form, .ask = command_account_erase_ask}}},
	{.node = ADMIN("announce"), .name = "Make an announcement", .for_admins = true,
	 .mode = STORE_READ, .run = command_announce, .stages = {{.form = &announce_form}}},
};
/* clang-format on */

const struct command *command_nth(size_t i)
{
	return i < ARRAY_COUNT(commands) ? &commands[i] : NULL;
}
