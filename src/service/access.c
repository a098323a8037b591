/* access.c - the judge. What is compared here is compared nowhere else. */
#include "service/access.h"

#include <stdlib.h>
#include <string.h>

#include "service/node.h"
#include "service/subscription.h"

#define MAY(right) (1u << ACCESS_##right)

/* clang-format off */
static const unsigned rights[PUBSUB_AFFILIATION_COUNT] = { /* XEP-0060 4.1, table 1 */
	[PUBSUB_AFFILIATION_NONE]         = MAY(SUBSCRIBE), /* as the access model says */
	[PUBSUB_AFFILIATION_OUTCAST]      = 0,
	[PUBSUB_AFFILIATION_MEMBER]       = MAY(SUBSCRIBE) | MAY(RETRIEVE),
	[PUBSUB_AFFILIATION_PUBLISH_ONLY] = MAY(PUBLISH) | MAY(RETRACT),
	[PUBSUB_AFFILIATION_PUBLISHER]    = MAY(SUBSCRIBE) | MAY(RETRIEVE) | MAY(PUBLISH) | MAY(RETRACT),
	[PUBSUB_AFFILIATION_OWNER]        = MAY(SUBSCRIBE) | MAY(RETRIEVE) | MAY(PUBLISH) | MAY(RETRACT) |
		MAY(RETRACT_ANY) | MAY(PURGE) | MAY(CONFIGURE) | MAY(DELETE),
};

static const enum pubsub_error subscribe_errors[ACCESS_ADMISSION_COUNT] = { /* 6.1.3 */
	[ACCESS_ADMITTED]     = PUBSUB_OK,
	[ACCESS_BLOCKED]      = PUBSUB_ERR_SUBSCRIBE_OUTCAST,
	[ACCESS_NO_PRESENCE]  = PUBSUB_ERR_SUBSCRIBE_PRESENCE,
	[ACCESS_NOT_IN_GROUP] = PUBSUB_ERR_SUBSCRIBE_ROSTER,
	[ACCESS_UNAPPROVED]   = PUBSUB_OK, /* it will be pending */
	[ACCESS_UNLISTED]     = PUBSUB_ERR_SUBSCRIBE_WHITELIST,
};

static const enum pubsub_error retrieve_errors[ACCESS_ADMISSION_COUNT] = { /* 6.5.9 */
	[ACCESS_ADMITTED]     = PUBSUB_OK,
	[ACCESS_BLOCKED]      = PUBSUB_ERR_RETRIEVE_OUTCAST,
	[ACCESS_NO_PRESENCE]  = PUBSUB_ERR_RETRIEVE_PRESENCE,
	[ACCESS_NOT_IN_GROUP] = PUBSUB_ERR_RETRIEVE_ROSTER,
	[ACCESS_UNAPPROVED]   = PUBSUB_ERR_RETRIEVE_NOT_SUBSCRIBED,
	[ACCESS_UNLISTED]     = PUBSUB_ERR_RETRIEVE_WHITELIST,
};
/* clang-format on */

bool access_may(enum pubsub_affiliation affiliation, enum access_right right)
{
	return (rights[affiliation] & (1u << right)) != 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool has_sorted(struct pubsub_texts texts, const char *text)
{
	return bsearch(&text, texts.v, texts.n, sizeof *texts.v, compare) != NULL;
}

bool service_is_admin(const struct service_profile *profile, const char *bare)
{
	return pubsub_texts_have(profile->admins, bare);
}

bool access_is_admin(const struct service *service, const char *bare)
{
	return service_is_admin(service->profile, bare);
}

/* By its own name, by that of its domain, or of one above it. */
static bool is_listed(struct pubsub_texts sorted, const char *bare)
{
	if (has_sorted(sorted, bare))
		return true;
	for (const char *domain = jid_domain(bare); domain != NULL; domain = strchr(domain, '.')) {
		domain += *domain == '.';
		if (has_sorted(sorted, domain))
			return true;
	}
	return false;
}

bool service_is_blocked(const struct service_profile *profile, const char *bare)
{
	return profile->blocked.n > 0 && !pubsub_texts_have(profile->admins, bare) &&
	       is_listed(profile->blocked, bare);
}

static bool is_local(const struct service *service, struct jid jid)
{
	return pubsub_texts_have(service->profile->domains, jid.domain);
}

bool access_is_account(const struct service *service, const char *jid, const char *bare)
{
	return service->profile->account && strcmp(jid, bare) == 0;
}

bool access_owns_all(
	const struct service *service, const struct pubsub_node *node, const char *bare)
{
	return access_is_admin(service, bare) || access_is_account(service, node->service, bare);
}

enum pubsub_error access_affiliation(struct service *service, const struct pubsub_node *node,
	const char *bare, enum pubsub_affiliation *out)
{
	if (access_owns_all(service, node, bare)) {
		*out = PUBSUB_AFFILIATION_OWNER;
		return PUBSUB_OK;
	}
	if (service_is_blocked(service->profile, bare)) {
		*out = PUBSUB_AFFILIATION_OUTCAST;
		return PUBSUB_OK;
	}
	if (!node_is_stored(node)) {
		*out = PUBSUB_AFFILIATION_NONE;
		return PUBSUB_OK;
	}
	return store_affiliation_get(service->txn, node, bare, out);
}

/* ---- access models ---- */

/* Whose contact list the presence and roster models go by: NULL if nobody's. On a component it is
 * the creator's, as long as he is an owner. */
static enum pubsub_error contact_list(
	struct service *service, const struct pubsub_node *node, const char **account_out)
{
	enum pubsub_affiliation affiliation = PUBSUB_AFFILIATION_NONE;
	enum pubsub_error err = PUBSUB_OK;

	*account_out = NULL;
	if (service->profile->account) {
		*account_out = node->service;
		return PUBSUB_OK;
	}
	if (node->creator == NULL)
		return PUBSUB_OK;
	err = access_affiliation(service, node, node->creator, &affiliation);
	if (err == PUBSUB_OK && access_may(affiliation, ACCESS_CONFIGURE))
		*account_out = node->creator;
	return err;
}

bool access_is_kept(const struct service *service, const struct pubsub_node *node)
{
	const struct contacts *contacts = service->contacts;

	switch (node->config.access_model) {
	case PUBSUB_ACCESS_PRESENCE:
	case PUBSUB_ACCESS_ROSTER:
		return service->profile->account ||
		       (node->creator != NULL && contacts->has_list(contacts->ctx, node->creator));
	default:
		return true;
	}
}

struct pubsub_withheld access_withheld(
	const struct service *service, const struct pubsub_node *node)
{
	struct pubsub_withheld out = {.var = "pubsub#access_model"};
	struct pubsub_node other = *node;

	for (int model = 0; model < PUBSUB_ACCESS_COUNT; model++) {
		other.config.access_model = (enum pubsub_access_model)model;
		if (other.config.access_model != node->config.access_model &&
			!access_is_kept(service, &other))
			out.words |= 1u << model;
	}
	return out;
}

static enum contacts_answer ask_contacts(const struct service *service,
	const struct pubsub_node *node, const char *account, const char *bare)
{
	const struct contacts *contacts = service->contacts;

	if (account == NULL)
		return CONTACTS_NO;
	if (node->config.access_model == PUBSUB_ACCESS_PRESENCE)
		return contacts->subscribed(contacts->ctx, account, bare);
	return contacts->in_groups(
		contacts->ctx, account, bare, node->config.roster_groups_allowed);
}

static enum pubsub_error admission_by_contacts(struct service *service,
	const struct pubsub_node *node, const char *bare, enum access_admission *out)
{
	const char *account = NULL;
	enum pubsub_error err = contact_list(service, node, &account);

	if (err != PUBSUB_OK)
		return err;
	*out = node->config.access_model == PUBSUB_ACCESS_PRESENCE ? ACCESS_NO_PRESENCE
								   : ACCESS_NOT_IN_GROUP;
	switch (ask_contacts(service, node, account, bare)) {
	case CONTACTS_YES:
		*out = ACCESS_ADMITTED;
		break;
	case CONTACTS_NO:
		break;
	case CONTACTS_UNKNOWN:
		return PUBSUB_ERR_NEED_ROSTER;
	}
	return PUBSUB_OK;
}

/* false: whatever the access model, he is shut out. */
static bool may_hear(
	const struct service *service, enum pubsub_affiliation affiliation, const char *bare)
{
	return access_may(affiliation, ACCESS_SUBSCRIBE) &&
	       !service_is_blocked(service->profile, bare);
}

enum pubsub_error access_admission(struct service *service, const struct pubsub_node *node,
	enum pubsub_affiliation affiliation, const char *bare, enum access_admission *out)
{
	*out = ACCESS_BLOCKED;
	if (!may_hear(service, affiliation, bare))
		return PUBSUB_OK;
	*out = ACCESS_ADMITTED;
	if (access_may(affiliation, ACCESS_RETRIEVE))
		return PUBSUB_OK;
	switch (node->config.access_model) {
	case PUBSUB_ACCESS_PRESENCE:
	case PUBSUB_ACCESS_ROSTER:
		return admission_by_contacts(service, node, bare, out);
	case PUBSUB_ACCESS_AUTHORIZE:
		*out = ACCESS_UNAPPROVED;
		break;
	case PUBSUB_ACCESS_WHITELIST:
		*out = ACCESS_UNLISTED;
		break;
	case PUBSUB_ACCESS_OPEN:
	case PUBSUB_ACCESS_COUNT:
		break;
	}
	return PUBSUB_OK;
}

enum pubsub_error access_admission_of_contact(struct service *service,
	const struct pubsub_node *node, enum pubsub_affiliation affiliation, const char *bare,
	enum access_admission *out)
{
	if (node->config.access_model != PUBSUB_ACCESS_PRESENCE)
		return access_admission(service, node, affiliation, bare, out);
	*out = may_hear(service, affiliation, bare) ? ACCESS_ADMITTED : ACCESS_BLOCKED;
	return PUBSUB_OK;
}

/* The admission of somebody who has not been looked up yet. */
static enum pubsub_error admit(struct service *service, const struct pubsub_node *node,
	const char *bare, enum access_admission *out)
{
	enum pubsub_affiliation affiliation = PUBSUB_AFFILIATION_NONE;
	enum pubsub_error err = access_affiliation(service, node, bare, &affiliation);

	if (err != PUBSUB_OK)
		return err;
	return access_admission(service, node, affiliation, bare, out);
}

enum pubsub_error access_admission_as(struct service *service, const struct pubsub_node *node,
	const char *bare, enum pubsub_affiliation affiliation, enum access_admission *out)
{
	if (access_owns_all(service, node, bare))
		affiliation = PUBSUB_AFFILIATION_OWNER;
	return access_admission(service, node, affiliation, bare, out);
}

enum pubsub_error access_delivers(struct service *service, const struct pubsub_node *node,
	enum pubsub_affiliation affiliation, const char *bare, bool *out)
{
	enum access_admission admission = ACCESS_BLOCKED;
	enum pubsub_error err = access_admission(service, node, affiliation, bare, &admission);

	*out = admission == ACCESS_ADMITTED || admission == ACCESS_UNAPPROVED;
	return err;
}

enum pubsub_error access_entitles(
	struct service *service, const struct pubsub_node *node, const char *bare, bool *out)
{
	enum pubsub_affiliation affiliation = PUBSUB_AFFILIATION_NONE;
	enum pubsub_error err = access_affiliation(service, node, bare, &affiliation);

	return err != PUBSUB_OK ? err : access_delivers(service, node, affiliation, bare, out);
}

enum pubsub_error access_settle(const struct service *service, enum pubsub_error err)
{
	return err == PUBSUB_ERR_NEED_ROSTER && service->expired ? PUBSUB_OK : err;
}

/* ---- verbs ---- */

enum pubsub_error access_create(const struct service *service, const struct pubsub_request *request)
{
	const struct service_profile *profile = service->profile;
	struct jid from = request->from;

	if (access_is_admin(service, from.bare))
		return PUBSUB_OK;
	if (profile->account)
		return strcmp(from.bare, request->service) == 0 ? PUBSUB_OK
								: PUBSUB_ERR_NODE_CREATE_FORBIDDEN;
	switch (profile->create_nodes) {
	case SERVICE_CREATE_ANYONE:
		return PUBSUB_OK;
	case SERVICE_CREATE_LOCAL:
		return is_local(service, from) ? PUBSUB_OK : PUBSUB_ERR_NODE_CREATE_FORBIDDEN;
	case SERVICE_CREATE_ADMINS:
		break;
	}
	return PUBSUB_ERR_NODE_CREATE_FORBIDDEN;
}

bool access_subscribes(const struct service *service, struct jid jid)
{
	return service->profile->subscribe_anyone || is_local(service, jid);
}

enum pubsub_error access_own(struct service *service, const struct pubsub_node *node,
	struct jid from, enum access_right right)
{
	enum pubsub_affiliation affiliation = PUBSUB_AFFILIATION_NONE;
	enum pubsub_error err = access_affiliation(service, node, from.bare, &affiliation);

	if (err != PUBSUB_OK)
		return err;
	return access_may(affiliation, right) ? PUBSUB_OK : PUBSUB_ERR_OWNER_FORBIDDEN;
}

enum pubsub_error access_associate(
	struct service *service, const struct pubsub_node *collection, struct jid from)
{
	const struct pubsub_node_config *config = &collection->config;
	enum pubsub_affiliation affiliation = PUBSUB_AFFILIATION_NONE;
	enum pubsub_error err = access_affiliation(service, collection, from.bare, &affiliation);

	if (err != PUBSUB_OK || access_may(affiliation, ACCESS_CONFIGURE))
		return err;
	if (rights[affiliation] == 0) /* outcast, whatever the policy */
		return PUBSUB_ERR_ASSOCIATE_FORBIDDEN;
	switch (config->children_association_policy) {
	case PUBSUB_ASSOCIATION_ALL:
		return PUBSUB_OK;
	case PUBSUB_ASSOCIATION_WHITELIST:
		if (pubsub_texts_have(config->children_association_whitelist, from.bare))
			return PUBSUB_OK;
		break;
	case PUBSUB_ASSOCIATION_OWNERS:
	case PUBSUB_ASSOCIATION_COUNT:
		break;
	}
	return PUBSUB_ERR_ASSOCIATE_FORBIDDEN;
}

enum pubsub_error access_subscribe(struct service *service, const struct pubsub_node *node,
	const char *bare, bool *pending_out)
{
	enum access_admission admission = ACCESS_BLOCKED;
	enum pubsub_error err = admit(service, node, bare, &admission);

	*pending_out = admission == ACCESS_UNAPPROVED;
	return err != PUBSUB_OK ? err : subscribe_errors[admission];
}

/* Where owners approve, an active subscription is the approval. */
static enum pubsub_error admit_reader(struct service *service, const struct pubsub_node *node,
	struct jid from, enum access_admission *out)
{
	enum pubsub_error err = admit(service, node, from.bare, out);
	bool subscribed = false;

	if (err != PUBSUB_OK || *out != ACCESS_UNAPPROVED)
		return err;
	err = subscription_is_held(service, node, from, &subscribed);
	if (subscribed)
		*out = ACCESS_ADMITTED;
	return err;
}

enum pubsub_error access_retrieve(
	struct service *service, const struct pubsub_node *node, struct jid from)
{
	enum access_admission admission = ACCESS_BLOCKED;
	enum pubsub_error err = admit_reader(service, node, from, &admission);

	return err != PUBSUB_OK ? err : retrieve_errors[admission];
}

enum pubsub_error access_readable(
	struct service *service, const struct pubsub_node *node, struct jid from, bool *out)
{
	enum access_admission admission = ACCESS_BLOCKED;
	enum pubsub_error err = admit_reader(service, node, from, &admission);

	*out = admission == ACCESS_ADMITTED;
	return err;
}

enum pubsub_error access_publish(
	struct service *service, const struct pubsub_node *node, struct jid from)
{
	enum pubsub_affiliation affiliation = PUBSUB_AFFILIATION_NONE;
	enum pubsub_error err = access_affiliation(service, node, from.bare, &affiliation);
	bool subscribed = false;

	if (err != PUBSUB_OK || access_may(affiliation, ACCESS_PUBLISH))
		return err;
	if (!access_may(affiliation, ACCESS_SUBSCRIBE))
		return PUBSUB_ERR_PUBLISH_FORBIDDEN; /* outcast, whatever the publish model */
	switch (node->config.publish_model) {
	case PUBSUB_PUBLISH_OPEN:
		return PUBSUB_OK;
	case PUBSUB_PUBLISH_SUBSCRIBERS:
		err = subscription_is_held(service, node, from, &subscribed);
		if (err != PUBSUB_OK || subscribed)
			return err;
		break;
	case PUBSUB_PUBLISH_PUBLISHERS:
	case PUBSUB_PUBLISH_COUNT:
		break;
	}
	return PUBSUB_ERR_PUBLISH_FORBIDDEN;
}

/* Whoever may publish may take back what he has published: also where that is the publish model's
 * doing. */
enum pubsub_error access_retract(
	struct service *service, const struct pubsub_node *node, struct jid from, bool *any_out)
{
	enum pubsub_affiliation affiliation = PUBSUB_AFFILIATION_NONE;
	enum pubsub_error err = access_affiliation(service, node, from.bare, &affiliation);

	if (err != PUBSUB_OK)
		return err;
	*any_out = access_may(affiliation, ACCESS_RETRACT_ANY);
	if (access_may(affiliation, ACCESS_RETRACT))
		return PUBSUB_OK;
	err = access_publish(service, node, from);
	return err == PUBSUB_ERR_PUBLISH_FORBIDDEN ? PUBSUB_ERR_RETRACT_FORBIDDEN : err;
}

enum pubsub_error access_visible(
	struct service *service, const struct pubsub_node *node, struct jid from, bool *out)
{
	enum access_admission admission = ACCESS_BLOCKED;
	enum pubsub_error err = admit_reader(service, node, from, &admission);

	*out = admission == ACCESS_ADMITTED ||
	       (admission == ACCESS_UNAPPROVED && node->config.subscribe);
	return err;
}

bool access_is_open(const struct pubsub_node *node)
{
	return node->config.access_model == PUBSUB_ACCESS_OPEN;
}

bool access_sees_all(const struct service *service, const struct pubsub_request *request)
{
	return access_is_admin(service, request->from.bare) ||
	       access_is_account(service, request->service, request->from.bare);
}

int access_owner_change(enum pubsub_affiliation from, enum pubsub_affiliation to)
{
	return (to == PUBSUB_AFFILIATION_OWNER) - (from == PUBSUB_AFFILIATION_OWNER);
}
