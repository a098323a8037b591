/* access.h - who may do what: the one judge. Affiliations (XEP-0060 4.1), access models (4.5),
 * publish models, and the error that refuses each verb. No other file compares affiliations. */
#ifndef SERVICE_ACCESS_H
#define SERVICE_ACCESS_H

#include "peppy/service.h"

/* The columns of table 1. */
enum access_right {
	ACCESS_SUBSCRIBE,
	ACCESS_RETRIEVE,
	ACCESS_PUBLISH,
	ACCESS_RETRACT,     /* items of one's own */
	ACCESS_RETRACT_ANY, /* those of others too */
	ACCESS_PURGE,
	ACCESS_CONFIGURE, /* and all the other use cases of owners */
	ACCESS_DELETE,
	ACCESS_RIGHT_COUNT
};

bool access_may(enum pubsub_affiliation affiliation, enum access_right right);

bool access_is_admin(const struct service *service, const char *bare);

/* Is somebody the account whose service that JID is? It owns every node there, and has no rows. */
bool access_is_account(const struct service *service, const char *jid, const char *bare);

/* May the requester add children to the collection (XEP-0248)? PUBSUB_ERR_ASSOCIATE_FORBIDDEN. */
MUST_CHECK enum pubsub_error access_associate(
	struct service *service, const struct pubsub_node *collection, struct jid from);

/* May owners subscribe this entity, who never asked (8.8.2)? Local ones only, so that nobody is
 * flooded by proxy, unless the operator allows others. */
bool access_subscribes(const struct service *service, struct jid jid);

/* Owners by nature, of whom no row tells: admins, and the account. */
bool access_owns_all(
	const struct service *service, const struct pubsub_node *node, const char *bare);

/* The affiliation that counts: an admin, and the account on its own nodes, are owners. */
MUST_CHECK enum pubsub_error access_affiliation(struct service *service,
	const struct pubsub_node *node, const char *bare, enum pubsub_affiliation *out);

/* What the access model says to somebody, whatever he is subscribed to. */
enum access_admission {
	ACCESS_ADMITTED,
	ACCESS_BLOCKED, /* the affiliation excludes it: outcast, publish-only */
	ACCESS_NO_PRESENCE,
	ACCESS_NOT_IN_GROUP,
	ACCESS_UNAPPROVED, /* only whom an owner has approved */
	ACCESS_UNLISTED,
	ACCESS_ADMISSION_COUNT
};

/* PUBSUB_ERR_NEED_ROSTER: cannot be said yet. node need not be in the store. */
MUST_CHECK enum pubsub_error access_admission(struct service *service,
	const struct pubsub_node *node, enum pubsub_affiliation affiliation, const char *bare,
	enum access_admission *out);

/* Likewise, of somebody whom contacts->interested has told: nothing more is asked about what it has
 * looked up already, that he is a contact and sees the account's presence. */
MUST_CHECK enum pubsub_error access_admission_of_contact(struct service *service,
	const struct pubsub_node *node, enum pubsub_affiliation affiliation, const char *bare,
	enum access_admission *out);

/* The admission of somebody who had this affiliation. */
MUST_CHECK enum pubsub_error access_admission_as(struct service *service,
	const struct pubsub_node *node, const char *bare, enum pubsub_affiliation affiliation,
	enum access_admission *out);

/* Whether the node can keep its access model: one that goes by a contact list which nobody shows
 * would let nobody in. An account gets its list sooner or later. */
bool access_is_kept(const struct service *service, const struct pubsub_node *node);

/* The access models, beside its present one, that the node could not keep. */
struct pubsub_withheld access_withheld(
	const struct service *service, const struct pubsub_node *node);

/* Whether a subscription in state subscribed entitles to events now. */
MUST_CHECK enum pubsub_error access_delivers(struct service *service,
	const struct pubsub_node *node, enum pubsub_affiliation affiliation, const char *bare,
	bool *out);

/* The same of somebody who has not been looked up yet. */
MUST_CHECK enum pubsub_error access_entitles(
	struct service *service, const struct pubsub_node *node, const char *bare, bool *out);

/* For who is to hear of an event: when rosters are waited for no longer, one that is missing is no
 * error, but lets nobody in. */
MUST_CHECK enum pubsub_error access_settle(const struct service *service, enum pubsub_error err);

/* The verbs: PUBSUB_OK, or the error that refuses it. */
MUST_CHECK enum pubsub_error access_create(
	const struct service *service, const struct pubsub_request *request);
MUST_CHECK enum pubsub_error access_own(struct service *service, const struct pubsub_node *node,
	struct jid from, enum access_right right);
MUST_CHECK enum pubsub_error access_subscribe(struct service *service,
	const struct pubsub_node *node, const char *bare, bool *pending_out);
MUST_CHECK enum pubsub_error access_retrieve(
	struct service *service, const struct pubsub_node *node, struct jid from);
MUST_CHECK enum pubsub_error access_readable(
	struct service *service, const struct pubsub_node *node, struct jid from, bool *out);
MUST_CHECK enum pubsub_error access_publish(
	struct service *service, const struct pubsub_node *node, struct jid from);
MUST_CHECK enum pubsub_error access_retract(
	struct service *service, const struct pubsub_node *node, struct jid from, bool *any_out);

/* Nodes that one may neither subscribe to nor read are not to be seen (5.2, 5.3). */
MUST_CHECK enum pubsub_error access_visible(
	struct service *service, const struct pubsub_node *node, struct jid from, bool *out);

/* Whether a node is everybody's to see, but for its outcasts. */
bool access_is_open(const struct pubsub_node *node);

/* Whether no node of the service is hidden from the requester. */
bool access_sees_all(const struct service *service, const struct pubsub_request *request);

/* 1: it makes an owner, -1: it takes one away. */
int access_owner_change(enum pubsub_affiliation from, enum pubsub_affiliation to);

/* conceal.c: the refusal of a request because of some node, which it names or not; item-not-found
 * where err would tell of a node that is hidden from the requester. */
MUST_CHECK enum pubsub_error conceal_node(struct service *service,
	const struct pubsub_request *request, const struct pubsub_node *node,
	enum pubsub_error err);

#endif
