/* Commands of everybody about what is his. */
#include "command.h"

#include "peppy/array.h"

/* ---- get-pending (XEP-0060 8.7) ---- */

/* The field with the nodes to choose from. */
static struct pubsub_form_type *offer(const struct command_call *call,
	const struct pubsub_form_type *type, const struct pubsub_answer *answer)
{
	struct arena *arena = call->turn->arena;
	struct pubsub_form_type *offered = arena_alloc(arena, sizeof *offered);
	struct pubsub_field *field = arena_alloc(arena, sizeof *field);
	struct pubsub_words *words = arena_alloc(arena, sizeof *words);
	const char **values = arena_alloc(arena, answer->node_count * sizeof *values);
	const char **labels = arena_alloc(arena, answer->node_count * sizeof *labels);

	for (size_t i = 0; i < answer->node_count; i++) {
		values[i] = answer->nodes[i].node_id;
		labels[i] = answer->nodes[i].config.title;
	}
	*words = (struct pubsub_words){values, labels, answer->node_count};
	*field = type->v[0];
	field->words = words;
	*offered = *type;
	offered->v = field;
	return offered;
}

COMMAND_ASK(pending_ask)
{
	const struct pubsub_request request = command_request(call);
	struct pubsub_answer answer = {0};
	enum pubsub_error err = command_rules(call, service_pending, &request, &answer);

	if (err == PUBSUB_OK)
		form->fields = offer(call, form->fields, &answer);
	return err;
}

COMMAND_RUN(pending)
{
	struct pubsub_request request = command_request(call);
	struct pubsub_answer answer = {0};

	request.options_state = PUBSUB_FORM_SUBMIT;
	return command_rules(call, service_pending, &request, &answer);
}

/* ---- lists of one's own ---- */

static bool put_nodes(struct command_call *call, const struct pubsub_answer *answer)
{
	for (size_t i = 0; i < answer->node_count; i++)
		if (!command_node_row(call, &command_own_nodes_table, &answer->nodes[i]))
			return false;
	return true;
}

COMMAND_RUN(own_nodes)
{
	command_table_open(call, &command_own_nodes_table);
	return command_page(call, service_own_nodes, put_nodes, &call->more);
}

static const struct codec_column subscription_columns[] = {
	{"node", "text-single", "NodeID"},
	{"jid", "jid-single", "Subscriber"},
	{"subscription", "text-single", "State"},
	{"subid", "text-single", "SubID"},
	{"expire", "text-single", "Ends"},
};
static const struct command_table subscription_table = {
	"My subscriptions", subscription_columns, ARRAY_COUNT(subscription_columns)};

static const char *end_of(
	const struct command_call *call, const struct pubsub_subscription *subscription)
{
	const uint64_t expire_us = subscription->options.expire_us;

	if (expire_us == PUBSUB_EXPIRE_PRESENCE)
		return "presence";
	return expire_us != 0 ? command_stamp(call, expire_us) : NULL;
}

static bool put_subscription(
	struct command_call *call, const struct pubsub_subscription *subscription)
{
	const char *const values[ARRAY_COUNT(subscription_columns)] = {
		subscription->node_id,
		subscription->subscriber.full,
		pubsub_subscription_state_words.v[subscription->state],
		subscription->sub_id,
		end_of(call, subscription),
	};

	return command_row(call, &subscription_table, values);
}

static bool put_subscriptions(struct command_call *call, const struct pubsub_answer *answer)
{
	for (size_t i = 0; i < answer->subscription_count; i++)
		if (!put_subscription(call, &answer->subscriptions[i]))
			return false;
	return true;
}

COMMAND_RUN(own_subscriptions)
{
	command_table_open(call, &subscription_table);
	return command_page(call, service_subscriptions, put_subscriptions, &call->more);
}
