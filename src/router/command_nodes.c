/* Commands of admins about nodes: read from the store, changed by the rules. */
#include "command.h"

#include <fnmatch.h>
#include <inttypes.h>

#include "peppy/array.h"

#define SCAN_MAX 2000 /* nodes looked at for one page of those that match a pattern */

/* ---- list ---- */

static const struct codec_column columns[] = {
	{"node", "text-single", "NodeID"},
	{"title", "text-single", "Title"},
	{"access_model", "text-single", "Access model"},
	{"num_items", "text-single", "Items"},
	{"num_subscribers", "text-single", "Subscribers"},
	{"num_pending", "text-single", "Pending"},
	{"creator", "jid-single", "Creator"}, /* from here on: not in the list of one's own */
	{"creation_date", "text-single", "Created"},
};
static const struct command_table list_table = {"Nodes", columns, ARRAY_COUNT(columns)};
const struct command_table command_own_nodes_table = {
	"My nodes", columns, ARRAY_COUNT(columns) - 2};

bool command_node_row(struct command_call *call, const struct command_table *table,
	const struct pubsub_node *node)
{
	const char *const values[ARRAY_COUNT(columns)] = {
		node->node_id,
		node->config.title,
		pubsub_access_model_words.v[node->config.access_model],
		command_digits(call, node->items),
		command_digits(call, node->subscribers),
		command_digits(call, node->pending),
		node->creator,
		command_stamp(call, node->created_us),
	};

	return command_row(call, table, values);
}

/* A page may end before it is full: there is a next one as long as there may be more. */
COMMAND_RUN(nodes_list)
{
	const char *pattern = call->session.args.pattern;
	const size_t limit = command_rows(&call->session.args);
	const struct store_range range = {
		.after = call->session.place.after,
		.limit = pattern == NULL ? limit + 1 : SCAN_MAX,
	};
	struct pubsub_node *nodes = NULL;
	size_t n = 0, i;
	enum pubsub_error err = store_nodes_page(
		call->service.txn, call->session.service, &range, call->service.arena, &nodes, &n);

	if (err != PUBSUB_OK)
		return err;
	command_table_open(call, &list_table);
	for (i = 0; i < n && call->rows < limit; i++)
		if ((pattern == NULL || fnmatch(pattern, nodes[i].node_id, 0) == 0) &&
			!command_node_row(call, &list_table, &nodes[i]))
			break;
	call->more = i < n || (n > 0 && n == range.limit);
	if (call->more)
		call->session.place.after = nodes[i - 1].node_id;
	return PUBSUB_OK;
}

/* ---- show ---- */

static void put_affiliates(struct command_call *call, const struct pubsub_answer *answer,
	enum pubsub_affiliation affiliation, const char *var, const char *label)
{
	const struct codec_column column = {var, "jid-multi", label};
	const char **v = arena_alloc(call->turn->arena, answer->affiliate_count * sizeof *v);
	size_t n = 0;

	for (size_t i = 0; i < answer->affiliate_count; i++)
		if (answer->affiliates[i].affiliation == affiliation)
			v[n++] = answer->affiliates[i].jid;
	if (n > 0)
		codec_result_fact(&call->w, &column, (struct pubsub_texts){v, n});
}

COMMAND_RUN(node_show)
{
	const struct pubsub_request request = command_request(call);
	struct pubsub_answer answer = {0};
	const struct pubsub_node *node;
	enum pubsub_error err = command_rules(call, service_disco_info, &request, &answer);

	if (err != PUBSUB_OK)
		return err;
	node = answer.node;
	codec_result_open(&call->w, NULL, "A node");
	command_fact(call, "node", "NodeID", node->node_id);
	command_fact(call, "creator", "Creator", node->creator);
	command_fact(call, "creation_date", "Created", command_stamp(call, node->created_us));
	command_number(call, "num_items", "Items", node->items);
	command_number(call, "num_subscribers", "Subscribers", node->subscribers);
	command_number(call, "num_pending", "Pending subscriptions", node->pending);
	put_affiliates(call, &answer, PUBSUB_AFFILIATION_OWNER, "owners", "Owners");
	put_affiliates(call, &answer, PUBSUB_AFFILIATION_PUBLISHER, "publishers", "Publishers");
	codec_result_facts(&call->w, &pubsub_node_config_type, &node->config);
	return PUBSUB_OK;
}

/* ---- create ---- */

COMMAND_ASK(node_create_ask)
{
	const struct pubsub_request request = command_request(call);
	struct pubsub_answer answer = {0};
	enum pubsub_error err = command_rules(call, service_node_default, &request, &answer);

	form->withheld = answer.withheld;
	call->session.args.config = answer.config;
	return err;
}

COMMAND_RUN(node_create)
{
	struct pubsub_request request = command_request(call);
	struct pubsub_answer answer = {0};
	enum pubsub_error err;

	request.config_state = PUBSUB_FORM_SUBMIT;
	request.config = call->session.args.config;
	request.config_set = call->session.args.config_set;
	err = command_rules(call, service_node_create, &request, &answer);
	if (err != PUBSUB_OK)
		return err;
	codec_result_open(&call->w, NULL, "The node has been created.");
	command_fact(call, "node", "NodeID", answer.node_id);
	return PUBSUB_OK;
}

/* ---- delete, purge ---- */

/* What will be gone. */
static enum pubsub_error ask_about(
	struct command_call *call, const char *what, struct codec_form *form)
{
	const struct pubsub_request request = command_request(call);
	struct pubsub_answer answer = {0};
	enum pubsub_error err = command_rules(call, service_node_configuration, &request, &answer);

	if (err == PUBSUB_OK)
		form->instructions = arena_printf(call->turn->arena,
			"%s: %s, which has %" PRIu64 " item(s) and %" PRIu64 " subscription(s).",
			what, answer.node->node_id, answer.node->items, answer.node->subscribers);
	return err;
}

static enum pubsub_error change(struct command_call *call, service_fn fn, const char *note)
{
	struct pubsub_request request = command_request(call);
	struct pubsub_answer answer = {0};
	enum pubsub_error err = command_confirmed(call);

	request.redirect = call->session.args.redirect;
	if (err == PUBSUB_OK)
		err = command_rules(call, fn, &request, &answer);
	if (err == PUBSUB_OK)
		call->note = note;
	return err;
}

COMMAND_ASK(node_delete_ask)
{
	return ask_about(call, "A node will be deleted for good", form);
}

COMMAND_RUN(node_delete)
{
	return change(call, service_node_delete, "The node has been deleted.");
}

COMMAND_ASK(node_purge_ask)
{
	return ask_about(call, "All items of a node will be deleted for good", form);
}

COMMAND_RUN(node_purge)
{
	return change(call, service_node_purge, "All items of the node have been deleted.");
}
