/* conceal.c - refusals that would tell of a node which is none of the requester's business.
 *
 * XEP-0060 has an error for each way in which somebody may be refused, and each of them says that
 * there is such a node; on an account also, that there is such an account. So strangers get the
 * answer of a node that is missing, item-not-found, instead of presence-subscription-required. The
 * other way round, with that error for what is missing as well, every lookup of a contact for
 * something that is not there would have to wait for a contact list, and those of strangers would
 * have the server asked for the lists of accounts that they make up. */
#include "service/access.h"
#include "service/subscription.h"

/* Whether the same would have been said of a node that is not there, or is said to him alone who
 * knows it. */
static bool tells_nothing(enum pubsub_error err)
{
	switch (err) {
	case PUBSUB_OK:
	case PUBSUB_ERR_BAD_REQUEST:
	case PUBSUB_ERR_NODEID_REQUIRED:
	case PUBSUB_ERR_NODE_NOT_FOUND:
	case PUBSUB_ERR_NODE_GONE:   /* its owner wants everybody to know */
	case PUBSUB_ERR_NODE_EXISTS: /* whoever may create nodes finds out */
	case PUBSUB_ERR_NODE_CREATE_FORBIDDEN:
	case PUBSUB_ERR_ENTRIES_FAILED:
	case PUBSUB_ERR_LAST_OWNER:
	case PUBSUB_ERR_STORE_FULL:
	case PUBSUB_ERR_STORE_IO:
	case PUBSUB_ERR_STORE_FAILED:
	case PUBSUB_ERR_NEED_ROSTER:
		return true;
	default:
		return false;
	}
}

static enum pubsub_error has_subscription(
	struct service *service, const struct pubsub_node *node, struct jid from, bool *out)
{
	struct subscriptions bare = {0}, full = {0};
	enum pubsub_error err = subscription_list(service, node, jid_bare(from), &bare);

	if (err == PUBSUB_OK)
		err = subscription_list(service, node, from, &full);
	*out = bare.n + full.n > 0;
	return err;
}

/* Somebody who may read, subscribe to or publish to the node, or is subscribed to it, knows it. A
 * contact list that is not at hand is not waited for: it was not needed for the refusal. */
static enum pubsub_error is_known(
	struct service *service, const struct pubsub_node *node, struct jid from, bool *out)
{
	enum pubsub_error err = access_visible(service, node, from, out);

	if (err == PUBSUB_ERR_NEED_ROSTER)
		err = PUBSUB_OK;
	if (err != PUBSUB_OK || *out)
		return err;
	err = access_publish(service, node, from);
	*out = err == PUBSUB_OK;
	if (err != PUBSUB_ERR_PUBLISH_FORBIDDEN)
		return err;
	return has_subscription(service, node, from, out);
}

static bool is_told_nothing(const struct service *service, const struct pubsub_request *request)
{
	const struct contacts *contacts = service->contacts;

	switch (service->profile->conceal) {
	case SERVICE_CONCEAL_OFF:
		break;
	case SERVICE_CONCEAL_STRANGERS:
		return contacts->subscribed(contacts->ctx, request->service, request->from.bare) !=
		       CONTACTS_YES;
	case SERVICE_CONCEAL_ALL:
		return true;
	}
	return false;
}

/* Is refused with other words than he would be if the node were missing: it would be created. */
static bool would_create(
	const struct service *service, const struct pubsub_request *request, enum pubsub_error err)
{
	return err == PUBSUB_ERR_PUBLISH_FORBIDDEN && service->profile->auto_create &&
	       access_create(service, request) == PUBSUB_OK;
}

enum pubsub_error conceal_node(struct service *service, const struct pubsub_request *request,
	const struct pubsub_node *node, enum pubsub_error err)
{
	bool known = false;
	enum pubsub_error failed = PUBSUB_OK;

	if (!is_told_nothing(service, request))
		return err;
	failed = is_known(service, node, request->from, &known);
	if (failed != PUBSUB_OK)
		return failed;
	return known ? err : PUBSUB_ERR_NODE_NOT_FOUND;
}

enum pubsub_error service_conceal(
	struct service *service, const struct pubsub_request *request, enum pubsub_error err)
{
	struct pubsub_node *node = NULL;
	enum pubsub_error failed = PUBSUB_OK;

	if (tells_nothing(err) || would_create(service, request, err) || request->node_id == NULL ||
		!is_told_nothing(service, request))
		return err;
	failed = store_node_get(
		service->txn, request->service, request->node_id, service->arena, &node);
	if (failed == PUBSUB_ERR_NODE_NOT_FOUND || failed == PUBSUB_ERR_NODE_GONE)
		return err;
	return failed == PUBSUB_OK ? conceal_node(service, request, node, err) : failed;
}
