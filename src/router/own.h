/* own.h - the rules called in the name of an account: for what its clients keep in two forms. */
#ifndef ROUTER_OWN_H
#define ROUTER_OWN_H

#include "stanza.h"

struct own {
	struct turn *turn;
	struct service service;
	struct jid account; /* bare */
};

/* For the account that is asked; false: the store failed. */
bool own_open(
	struct turn *turn, const struct inquiry *inquiry, enum store_mode mode, struct own *out);

/* The item of this id, or the newest one (NULL), as this entity may see it, parsed from a copy that
 * stays good. root NULL: there is none for it. */
MUST_CHECK enum pubsub_error own_item(struct own *own, struct jid from, const char *node_id,
	const char *item_id, struct xml_stanza *out, const char **id_out);

/* All items of a node: ids and payloads, good until something is written.
 * PUBSUB_ERR_MAX_ITEMS_EXCEEDED: there are more than limit, or they are more than OWN_BYTES. */
#define OWN_BYTES ((size_t)1024 * 1024)
MUST_CHECK enum pubsub_error own_items(struct own *own, const char *node_id, size_t limit,
	struct pubsub_item **out, size_t *n_out);

/* payload is emptied. What has been written once cannot be taken back, so from then on rosters are
 * not waited for. */
MUST_CHECK enum pubsub_error own_publish(
	struct own *own, const char *node_id, const char *item_id, struct buf *payload);
MUST_CHECK enum pubsub_error own_retract(struct own *own, const char *node_id, const char *item_id);

/* Is there no such node, or one that nobody but the account reads or writes? */
MUST_CHECK enum pubsub_error own_is_private(struct own *own, const char *node_id, bool *out);

/* Does the account ask about itself? */
bool own_is_self(const struct inquiry *inquiry);

/* Runs set, which changes something of the account, for the account alone; answers, and sends the
 * events. *detail_out is that of an error. */
typedef enum pubsub_error (*own_set_fn)(
	struct own *own, const struct inquiry *inquiry, const char **detail_out);
void own_set_run(struct turn *turn, const struct inquiry *inquiry, own_set_fn set);

/* Sends what the rules appended; they may be called again. */
void own_notify(struct own *own);

/* A document from bytes that stay good; root NULL: it is none. */
struct xml_stanza own_parse(struct own *own, const char *bytes, size_t len);

#endif
