/* affiliation.h - the affiliations of a node, row by row; what they allow is access.c's to say. */
#ifndef SERVICE_AFFILIATION_H
#define SERVICE_AFFILIATION_H

#include "peppy/service.h"

/* Bare JIDs of the owners that are to be told something; admins are not among them. */
MUST_CHECK enum pubsub_error affiliation_owners(
	struct service *service, const struct pubsub_node *node, struct pubsub_texts *out);

/* Owners and publishers, for meta-data: not more than a form can hold. In the arena. */
MUST_CHECK enum pubsub_error affiliation_staff(struct service *service,
	const struct pubsub_node *node, struct pubsub_affiliate **out, size_t *n_out);

/* The affiliations of a node, as owners see them: the account is among them. In the arena. */
MUST_CHECK enum pubsub_error affiliation_list(struct service *service,
	const struct pubsub_node *node, const struct store_range *range,
	struct pubsub_affiliate **out, size_t *n_out);

/* The affiliations of an entity at a service, those of the account included. In the arena. */
MUST_CHECK enum pubsub_error affiliation_of_entity(struct service *service,
	const struct store_entity_range *range, struct pubsub_affiliate **out, size_t *n_out);

/* The affiliation that owners may change; fixed: they may not, it is the account's own. */
MUST_CHECK enum pubsub_error affiliation_stored(struct service *service,
	const struct pubsub_node *node, const char *bare, enum pubsub_affiliation *out,
	bool *fixed_out);

/* Whether others than owners publish here, so that one wants to know who did. */
MUST_CHECK enum pubsub_error affiliation_has_publishers(
	struct service *service, const struct pubsub_node *node, bool *out);

/* The affiliations of a node at hand, for many questions. A long list is asked singly; so is a roll
 * that is all zero. */
struct affiliation_roll {
	struct pubsub_affiliate *v; /* sorted by JID */
	size_t n;
	bool whole;
};
MUST_CHECK enum pubsub_error affiliation_roll_load(struct service *service,
	const struct pubsub_node *node, struct arena *arena, struct affiliation_roll *out);
MUST_CHECK enum pubsub_error affiliation_roll_find(struct service *service,
	const struct pubsub_node *node, const struct affiliation_roll *roll, const char *bare,
	enum pubsub_affiliation *out);

#endif
