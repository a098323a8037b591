/* Erasing what somebody has: by an admin, or his own. What is more than a turn's worth goes on with
 * the next step. */
#include "command.h"

#include <inttypes.h>

#include "service_call.h"

/* ---- what there is ---- */

struct belongings {
	uint64_t account_nodes;
	size_t subscriptions, affiliations;
};

static enum pubsub_error count(struct command_call *call, const char *bare, struct belongings *out)
{
	struct service *service = &call->service;
	struct store_entity_subscription *subscriptions = NULL;
	struct pubsub_affiliate *affiliates = NULL;
	enum pubsub_error err = store_nodes_count(service->txn, bare, &out->account_nodes);

	if (err == PUBSUB_OK)
		err = store_entity_subscriptions(service->txn, call->session.service, bare,
			service->arena, &subscriptions, &out->subscriptions);
	if (err == PUBSUB_OK)
		err = store_entity_affiliations(service->txn, call->session.service, bare,
			service->arena, &affiliates, &out->affiliations);
	return err;
}

/* ---- erasing ---- */

static void tell(struct command_call *call, const struct service_erased *erased)
{
	call->more = erased->more;
	call->note = arena_printf(call->turn->arena,
		"Erased: %" PRIu64 " node(s), %" PRIu64 " subscription(s), %" PRIu64
		" affiliation(s).%s",
		erased->nodes, erased->subscriptions, erased->affiliations,
		erased->more ? " There is more." : "");
}

static enum pubsub_error erase_here(
	struct command_call *call, const char *bare, bool nodes, struct service_erased *out)
{
	const struct service_erasure what = {call->session.service, bare, nodes, 0};

	call->service.expired = true; /* nobody waits for a roster in the midst of it */
	return service_erase(&call->service, &what, out);
}

/* ---- by an admin ---- */

static struct jid account_of(const struct command_call *call)
{
	struct jid account = {0};

	jid_take(call->session.args.account, call->turn->arena, &account);
	return jid_bare(account);
}

COMMAND_ASK(account_erase_ask)
{
	const char *bare = account_of(call).bare;
	struct belongings has = {0};
	enum pubsub_error err = count(call, bare, &has);

	form->instructions = arena_printf(call->turn->arena,
		"%s has %" PRIu64 " node(s) on the account, and %zu subscription(s) and %zu "
		"affiliation(s) here. What is erased is gone for good.",
		bare, has.account_nodes, has.subscriptions, has.affiliations);
	return err;
}

/* The nodes of the account itself. They are another service: its events are sent at once. */
static enum pubsub_error erase_account(
	struct command_call *call, const char *bare, struct service_erased *out)
{
	const struct service_erasure what = {bare, bare, true, 0};
	struct service service;
	enum pubsub_error err;

	if (!service_call_open(
		    call->turn, call->inquiry->task->component, true, true, STORE_WRITE, &service))
		return call->turn->err;
	err = service_erase(&service, &what, out);
	if (err == PUBSUB_OK)
		service_call_notify(call->turn, &service);
	return err;
}

COMMAND_RUN(account_erase)
{
	const struct jid account = account_of(call);
	struct service_erased of_account = {0}, here = {0};
	enum pubsub_error err = command_confirmed(call);

	if (err == PUBSUB_OK && pubsub_texts_have(call->service.profile->domains, account.domain))
		err = erase_account(call, account.bare, &of_account);
	if (err == PUBSUB_OK && !of_account.more)
		err = erase_here(call, account.bare, call->session.args.nodes, &here);
	here.nodes += of_account.nodes;
	here.more = here.more || of_account.more;
	tell(call, &here);
	return err;
}

/* ---- one's own ---- */

COMMAND_ASK(own_erase_ask)
{
	struct pubsub_request request = command_request(call);
	struct pubsub_answer answer = {0};
	struct belongings has = {0};
	enum pubsub_error err = count(call, request.from.bare, &has);

	request.rsm = (struct pubsub_rsm){.present = true, .has_max = true};
	if (err == PUBSUB_OK)
		err = command_rules(call, service_own_nodes, &request, &answer);
	form->instructions = arena_printf(call->turn->arena,
		"You own %" PRIu64 " node(s), and have %zu subscription(s) and %zu affiliation(s). "
		"Nodes that nobody else owns are deleted with all that they hold. What you have "
		"published at nodes of others stays there.",
		answer.page.count, has.subscriptions, has.affiliations);
	return err;
}

COMMAND_RUN(own_erase)
{
	struct service_erased erased = {0};
	enum pubsub_error err = command_confirmed(call);

	if (err == PUBSUB_OK)
		err = erase_here(call, call->inquiry->from.bare, true, &erased);
	tell(call, &erased);
	return err;
}
